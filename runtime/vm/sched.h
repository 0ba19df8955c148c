/* The scheduler: which task runs when, and what becomes of those that cannot.
 *
 * A state machine that is driven by steps and knows neither clock nor processes: both
 * are behind sched_ops, so that a run (run.c) and tests with a fake clock drive the
 * same code.
 *
 *	sched_init(&s, &plan, root_params, &ops, ctx);
 *	s.jobs = 4;
 *	while (!sched_is_done(&s)) {
 *		sched_step(&s);			  starts what can start: ops->start
 *		... wait for an end or until sched_wake_ms(&s), then sched_ended(...)
 *	}
 *
 * An instance is decided when nothing blocks it any more.  The first thing that it
 * waits for and that went wrong skips it at once, with a reason; everything else goes
 * on.  What a state changes to is told in one place (ops->changed), which journals it.
 *
 * Loops.  An iteration begins when there is a job for what it may run; so as many
 * iterations are under way as keep all jobs busy.  The innermost loop comes first, and
 * of its iterations those that have begun, so that few are open at a time.
 *
 * Stopping.  When the run is cancelled, its time is up, or it fails with stop_on_failure,
 * nothing new begins except for finally blocks of what had begun: they have
 * SCHED_GRACE_MS if the run was cancelled or its time is up, and are ended then; with
 * force at once.
 *
 * Values live in s->arena for as long as s, those of an iteration in its frame's arena
 * until it is at its end; what a running task needs lives in its own arena, which is
 * gone when the task has ended. */
#ifndef KFPC_VM_SCHED_H
#define KFPC_VM_SCHED_H

#include "runtime/vm/machine.h"
#include "runtime/vm/plan.h"

struct sched;

enum { SCHED_GRACE_MS = 60 * 1000 };	/* for finally blocks of a run that is cancelled */

struct sched_task {		/* one attempt of a task, while it runs */
	struct sched *s;
	uint32_t inst;
	int attempt;			/* how it is counted: see ops->number */
	int tries;			/* attempts of this instance, from 1 */
	struct arena arena;
	struct str path;
	const struct module_node *node;
	const struct module_component *component;
	struct value *args;		/* one for each parameter of the component */
	struct value settings[SETTING_N];	/* None: not given */
	int64_t retries, backoff_ms, timeout_ms;	/* 0: none */
	struct value display_name;	/* a STR, or None */
	struct value env;		/* `with env=`: a DICT of STRs, or None */
	struct need need;		/* what it took of the machine */
	uint32_t *gpus, ngpus;		/* numbers of its devices */
	struct str gpu_names;		/* "0,2"; "" if it has none */
	int64_t started_ms;
	bool is_cancelled;
	bool is_overdue;		/* cancelled, because the time of a call is up: */
	uint32_t overdue;		/* its scope */
	struct sched_task *prev, *next;	/* in s->running */
	struct str key;			/* what its result is known by; the executor's .. */
	void *user;			/* .. and this too */
};

struct sched_end {		/* how an attempt ended */
	enum { SCHED_OK, SCHED_FAILED, SCHED_CANCELLED } how;
	bool is_recalled;	/* OK: it did not start, its values were known */
	bool is_final;		/* FAILED: trying again is of no use */
	const struct value *values;	/* OK: one for each output; copied */
	struct str error, place;
	int exit_code, signal;
	int64_t ms;
	struct str members;	/* for the journal: what else is known, JSON */
};

struct sched_change {
	enum {
		SCHED_STARTED,		/* task */
		SCHED_RETRY,		/* task, end, wait_ms */
		SCHED_ENDED,		/* task, end; STARTED came before unless its arguments failed
					 * or it was recalled */
		SCHED_SKIPPED,		/* reason, because */
		SCHED_BRANCH,		/* taken */
		SCHED_VALUE,		/* value; or end with its error */
		SCHED_LOOP,		/* a loop begins: niterations */
	} kind;
	uint32_t inst;
	enum inst_state state;
	bool is_covered;		/* FAILED: there is an except for it */
	uint32_t niterations;
	struct sched_task *task;
	const struct sched_end *end;
	int64_t wait_ms;
	bool taken;
	struct value value;
};

struct sched_ops {
	int64_t (*now_ms)(void *ctx);	/* of a clock that never goes back */
	/* Can this task be started now?  If not, sched_ready says later that it can. */
	bool (*prepare)(void *ctx, uint32_t inst);
	/* Starts an attempt.  sched_ended follows, from inside too. */
	void (*start)(void *ctx, struct sched_task *t);
	void (*cancel)(void *ctx, struct sched_task *t, bool force);
	void (*changed)(void *ctx, const struct sched_change *c);

	/* Both may be NULL. */
	/* May set t->attempt: what a new attempt is counted as. */
	void (*number)(void *ctx, struct sched_task *t);
	/* Are the values of t, which has its arguments, known?  Then it does not start, and
	 * ends as `end` says, which is filled (OK, is_recalled). */
	bool (*recall)(void *ctx, struct sched_task *t, struct sched_end *end);
};

struct sched_queue {
	struct loop *first, *last;
};

struct sched_retry {
	int64_t due_ms;
	uint32_t inst;
};

struct sched_waiting {		/* a ready task that has to wait for resources */
	uint32_t inst;
	struct need need;
};

struct sched_group {		/* a call of a pipeline that runs; see sched_call.h */
	uint32_t max, nrunning;	/* tasks; max 0: no limit */
	int64_t timeout_s;	/* 0: none */
	bool stops;		/* on_failure = stop */
	bool is_stopped;	/* nothing more is started in it */
	struct str error;	/* what the next task is to fail with; "": nothing */
	uint32_t because;	/* the task that failed first; MODULE_NONE: none yet */
};

struct sched {
	struct plan *plan;
	const struct value *params;	/* of the root pipeline */
	const struct run_config *config;	/* of everything else; NULL: defaults */
	struct map config_by_address;	/* of what differs from the default */
	bool has_config_settings;	/* some of it are settings */
	const struct sched_ops *ops;
	void *ctx;
	struct arena own, *arena;	/* arena: where values live; own, unless it is set */
	unsigned jobs;			/* at the same time at most; set before the first step */
	int64_t deadline_ms;		/* 0: none */
	bool stop_on_failure;
	struct value run_values[3];	/* of enum run_field */

	bool is_begun;
	bool is_stopping;		/* nothing new is started, but for finally blocks */
	bool is_killing;		/* nor those */
	bool is_halted, is_killed;	/* what that means has been done */
	bool has_more;			/* the last step left something that can be done now */
	enum { SCHED_NOT_CANCELLED, SCHED_BY_USER, SCHED_BY_TIMEOUT } cancelled;
	int64_t grace_ms;		/* when finally blocks are ended; 0: no such time */
	unsigned nrunning;
	uint32_t nopen;			/* instances that are not at an end */
	bool has_failed;		/* something that no except covers; the first such: */
	enum inst_kind first_kind;
	struct str first_path, first_error, first_place;
	struct sched_task *running;
	VEC(uint32_t) ready;		/* tasks, first in first out */
	size_t ready_at;
	/* Admission (admit.h). */
	const struct machine *machine;	/* NULL: everything fits */
	int64_t free[RESOURCE_N];
	bool *gpu_taken;
	VEC(struct sched_waiting) waiting;	/* first in first out, before `ready` */
	VEC(struct sched_group) groups;		/* by scope */
	VEC(struct sched_retry) deadlines;	/* of calls; inst: the scope */
	VEC(uint32_t) settled;		/* whose edges are still to be followed */
	VEC(uint32_t) ended;		/* frames whose instances are all at an end */
	VEC(struct sched_queue) queues;	/* loops that can begin an iteration, by depth */
	bool is_settling;
	VEC(struct sched_retry) retries;	/* a heap, the earliest first */
	VEC(struct value) inputs;	/* scratch */
};

/* plan and params are borrowed; config too, if not NULL. */
void sched_init(struct sched *s, struct plan *plan, const struct value *params,
		const struct run_config *config, const struct sched_ops *ops, void *ctx);
void sched_release(struct sched *s);

/* Starts what can be started, ends what its time is up for. */
void sched_step(struct sched *s);
/* When sched_step has something to do at the latest, on ops' clock; -1: not by itself. */
int64_t sched_wake_ms(const struct sched *s);
bool sched_is_done(const struct sched *s);

/* A task for which ops->prepare was false can be started now. */
void sched_ready(struct sched *s, uint32_t inst);
/* The attempt t has ended.  t is freed. */
void sched_ended(struct sched *s, struct sched_task *t, const struct sched_end *end);

/* Nothing new is started but finally blocks; what runs outside of them is asked to end.
 * With force everything is killed.  The run ends as cancelled. */
void sched_cancel(struct sched *s, bool force);

/* "succeeded", "failed" or "cancelled"; once it is done. */
const char *sched_state(const struct sched *s);

#endif
