/* The one place that makes processes: vfork and execve, with what proc.h promises. */
#ifndef KFPC_EXEC_PROC_SPAWN_H
#define KFPC_EXEC_PROC_SPAWN_H

#include <sys/types.h>

enum spawn_step {
	SPAWN_PROCESS,	/* there could be no process */
	SPAWN_FOLDER,	/* its folder cannot be entered */
	SPAWN_EXEC,	/* the program cannot be started */
};

struct spawn_failure {
	enum spawn_step what;
	int sys;	/* errno; 0: nothing failed */
};

struct spawn {
	char *const *argv, *const *envp;
	const char *folder;	/* may be NULL */
	int fds[3];		/* what its descriptors 0, 1 and 2 are; each above 2 */
	struct spawn_failure *failure;
};

/* The pid, or -1.  The child may exist and be dead already: see failure->sys. */
pid_t spawn(const struct spawn *s);

#endif
