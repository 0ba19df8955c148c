/* Parts of the scheduler: sched.c drives and has the tasks, sched_decide.c the states of
 * instances, sched_loop.c iterations, sched_try.c parts of tries and the end of a run
 * that is stopped. */
#ifndef KFPC_VM_SCHED_INT_H
#define KFPC_VM_SCHED_INT_H

#include "runtime/vm/sched.h"

/* sched_decide.c */
/* The one place where an instance comes to an end. */
void sched_settle(struct sched *s, uint32_t i, enum inst_state state,
		  struct sched_change *change);
void sched_skip(struct sched *s, uint32_t i, enum skip_reason reason, uint32_t because);
/* i has failed by itself; what err says may begin with its place. */
void sched_fail(struct sched *s, uint32_t i, struct err *err);
/* Nothing blocks it: a task may start, everything else is decided at once. */
void sched_unblock(struct sched *s, uint32_t i);
/* Everything that follows from what was settled. */
void sched_follow_all(struct sched *s);
/* Where values of an instance live. */
struct arena *sched_arena(struct sched *s, const struct inst *i);

/* How many values an instance has when it is OK. */
uint32_t sched_count_values(const struct sched *s, const struct inst *i);

/* sched.c */
void sched_push_retry(struct sched *s, struct sched_retry r);

/* sched_loop.c */
/* The lists of a loop are there: it begins. */
void sched_loop_begin(struct sched *s, uint32_t i);
/* Begins iterations as long as there are jobs for them.  Is there something to start
 * now? */
bool sched_loop_pull(struct sched *s);
/* All instances of a frame are at an end. */
void sched_loop_ended(struct sched *s, struct frame *f);
/* No more iterations of it begin. */
void sched_loop_halt(struct sched *s, struct loop *l);

/* sched_try.c */
/* An end has another thing that it waits for behind it: what is worst is kept. */
void sched_note(struct inst *end, uint32_t from, const struct inst *f);
/* i has failed: the tries around it learn of it.  The scope of the pipeline whose except
 * is for it; MODULE_NONE: there is none. */
uint32_t sched_try_failed(struct sched *s, uint32_t i, const struct sched_change *c);
/* The values that a BODY and an EXCEPT give. */
void sched_try_values(struct sched *s, uint32_t i, struct value *out);
/* Nothing blocks a BODY, EXCEPT or TRY_END: how the try went up to there. */
void sched_try_decide(struct sched *s, uint32_t i);
/* Why what hangs on a BODY that took another way is skipped. */
void sched_skip_for_body(struct sched *s, uint32_t i, uint32_t body);
/* In which block of the try `node` of scope stands instance i, or the call that it is
 * in? */
enum block_kind sched_try_block(const struct sched *s, uint32_t scope, uint32_t i,
				uint32_t node);
/* Everything that has not begun will not, but for finally blocks. */
void sched_halt(struct sched *s);
/* The run is to end: what runs is told so, finally blocks only if all is killed. */
void sched_stop(struct sched *s, bool force);

#endif
