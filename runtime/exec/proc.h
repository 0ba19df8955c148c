/* Child processes: started without a shell and without copying our memory (vfork),
 * each leading a session of its own, with nothing inherited but what is named here;
 * ended as a whole, with all that they started.
 *
 * A child gets /dev/null as standard input, pipes as standard output and standard
 * error, no other descriptor, no terminal, default signals, and dies with us.  It is
 * awaited through a pidfd, so that children of other parts of the program are left
 * alone.
 *
 * When `ended` is called, nothing of it runs any more: its process group is dead, and
 * so are processes that left the group or the session.  Those are found because this
 * process adopts orphans (PR_SET_CHILD_SUBREAPER) and because of a mark in their
 * environment.
 *
 * One thread starts and awaits all processes. */
#ifndef KFPC_EXEC_PROC_H
#define KFPC_EXEC_PROC_H

#include <sys/types.h>

#include "runtime/base/str.h"
#include "runtime/exec/loop.h"

enum {
	KILL_GRACE_MS = 5000,		/* between SIGTERM and SIGKILL */
	PROC_CHUNK_BYTES = 64 << 10,	/* most bytes in one call of output */
};

struct proc_spec {
	char *const *argv;	/* argv[0] is a path; NULL at the end */
	char *const *envp;	/* the whole environment; NULL at the end */
	const char *folder;	/* to run in; NULL: ours */
};

struct proc_end {
	int exit_code, signal;	/* exit_code -1 if a signal ended it, else signal 0 */
	int64_t ms;
	int64_t max_rss_kib;	/* of it and of what it waited for */
};

struct proc_handler {
	void (*output)(void *arg, bool is_stderr, struct str bytes);
	void (*ended)(void *arg, const struct proc_end *end);
	void *arg;
};

struct proc;

/* Starts it.  NULL with err set (err->sys says why) if there is no such program or
 * folder, or no more processes, memory or descriptors.  Borrows nothing.  It is freed
 * right after `ended` was called. */
struct proc *proc_start(struct loop *l, const struct proc_spec *spec,
			const struct proc_handler *h, struct err *err);

/* Also its session and its group. */
pid_t proc_pid(const struct proc *p);

/* Ends it: SIGTERM to the group, SIGKILL after KILL_GRACE_MS; at once with force. */
void proc_kill(struct proc *p, bool force);

/* Kills it, waits for its death and forgets it, without calling `ended`. */
void proc_free(struct proc *p);

/* Runs a program to its end on a loop of its own, for at most timeout_ms, with at most
 * limit bytes of its standard output appended to out and of its standard error to errs.
 * -1 with err set if it cannot be started. */
struct buf;
int proc_run(const struct proc_spec *spec, int64_t timeout_ms, size_t limit,
	     struct buf *out, struct buf *errs, struct proc_end *end, struct err *err);

#endif
