#include <config.h>

#include "runtime/exec/proc_spawn.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* those that anybody ignores or catches; not real-time ones */
enum { CHILD_SIGNALS = 32 };

/* Runs in the child, on our stack and in our memory, while we stand still: only system
 * calls, no allocation, and what it writes is for us to read. */
_Noreturn static void child_run(const struct spawn *s, pid_t parent)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	if (s->folder && chdir(s->folder)) {
		s->failure->what = SPAWN_FOLDER;
		goto fail;
	}
	if (dup2(s->fds[0], 0) < 0 || dup2(s->fds[1], 1) < 0 || dup2(s->fds[2], 2) < 0)
		goto fail;
	syscall(SYS_close_range, 3u, ~0u, 0u);
	/* Before signals are let in: a handler of ours must not run in the child. */
	for (int i = 1; i < CHILD_SIGNALS; i++)
		sigaction(i, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(s->argv[0], s->argv, s->envp);
	s->failure->what = SPAWN_EXEC;
fail:
	s->failure->sys = errno;
	_exit(127);
}

pid_t spawn(const struct spawn *s)
{
	pid_t parent = getpid(), pid;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pid = vfork();
	if (pid == 0)
		child_run(s, parent);
	if (pid < 0)
		*s->failure = (struct spawn_failure){SPAWN_PROCESS, errno};
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}
