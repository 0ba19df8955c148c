/* The event loop: descriptors, timers, children and signals of one thread (epoll). */
#ifndef KFPC_EXEC_LOOP_H
#define KFPC_EXEC_LOOP_H

#include <stdint.h>

#include "runtime/base/err.h"

struct loop;
struct loop_source;	/* one thing waited for; freed by loop_remove */

typedef void loop_fn(void *arg);

struct loop *loop_new(struct err *err);
void loop_free(struct loop *l);

/* Calls fn whenever fd is readable (or hung up).  Remove it before fd is closed.  NULL
 * with errno set for what cannot be waited for (a plain file: EPERM). */
struct loop_source *loop_add_fd(struct loop *l, int fd, loop_fn *fn, void *arg);
/* Calls fn once, after_ms from now; the source is gone afterwards. */
struct loop_source *loop_add_timer(struct loop *l, int64_t after_ms, loop_fn *fn,
				   void *arg);
void loop_remove(struct loop *l, struct loop_source *s);

/* Waits for at least one event (or timeout_ms; -1: for ever) and calls what is due. */
int loop_step(struct loop *l, int64_t timeout_ms, struct err *err);

#endif
