/* What proc.c and proc_stray.c share. */
#ifndef KFPC_EXEC_PROC_INT_H
#define KFPC_EXEC_PROC_INT_H

#include <sys/types.h>

#include "runtime/exec/proc.h"

struct proc_pipe {
	int fd;			/* -1: closed */
	struct loop_source *source;
};

struct proc {
	struct loop *loop;
	struct proc_handler handler;
	pid_t pid;		/* also its session and its group */
	int pidfd;
	struct proc_pipe pipes[2];	/* standard output, standard error */
	struct loop_source *exit_source, *timer;
	char mark[48];		/* "KFPC_PROC=...", the first string of its environment */
	int64_t started_ms, kill_at_ms, settle_until_ms;
	int64_t pause_ms;	/* between looks at what still dies */
	bool terminating, reaped;
	struct proc_end end;
	struct proc *next;	/* all that run */
};

extern struct proc *proc_all;

/* Kills and reaps what p started and what got away from its group; returns how many of
 * them still exist. p itself must be reaped. */
unsigned proc_end_strays(const struct proc *p);

#endif
