/* The plan: a pipeline with the pipelines that it calls put in their places, as one
 * flat graph of instances.
 *
 * An instance is one thing that is decided once in a run.  Each node gives instances: a
 * task, a value, a branch, an assertion or a loop one; a merge one for each side and one
 * for itself; a call one for its beginning, one for each parameter, those of the called
 * pipeline, one for its end and one for each output; a try four (see enum inst_kind).
 * So only real data dependencies order the tasks of nested pipelines.
 *
 * Edges lead from an instance to those that wait for it.  An edge with an arm comes
 * from a branch or try and opens the gate of a block: its target is skipped when another
 * arm is taken.  An edge for ARM_SETTLED is followed whatever became of its source: by
 * such ones the end of a call, an iteration or a part of a try waits for all in it.
 *
 * What is in a loop has no instances until an iteration begins.  Then plan_iterate
 * makes a frame: a scope and the instances of one iteration.  A frame is used again for
 * later iterations of the same loop, so there are no more of them than iterations run at
 * a time.  All that an iteration reads from outside of its loop was decided before the
 * loop began: edges never lead into a frame, nor out of it.
 *
 * The plan is built once and lives until plan_release; the scheduler (sched.h) keeps
 * the state of each instance in it.  An instance takes 56 bytes and an edge 8. */
#ifndef KFPC_VM_PLAN_H
#define KFPC_VM_PLAN_H

#include "runtime/bc/module.h"
#include "runtime/base/vec.h"
#include "runtime/vm/run.h"

enum inst_kind {
	INST_TASK,	/* node: a TASK */
	INST_EXPR,	/* node: an EXPR; one value */
	INST_BRANCH,	/* node: a BRANCH */
	INST_ARM,	/* node: a MERGE, arm: which side of it; a value for each of its outs */
	INST_MERGE,	/* node: a MERGE; the values of the arm that was taken */
	INST_BEGIN,	/* of a call.  scope: the called one */
	INST_PARAM,	/* of a call: parameter `node` of the called scope; one value */
	INST_END,	/* of a call: all tasks in it ended well or were not wanted */
	INST_OUTPUT,	/* output `node` of the scope's pipeline; one value */
	INST_ASSERT,	/* node: an ASSERT */
	INST_LOOP,	/* node: a LOOP; its outs as lists.  RUNNING while it iterates */
	INST_ITER,	/* node: a LOOP; the end of an iteration, a value for each out */
	/* Four in a row for a TRY, the node of all of them: */
	INST_TRY,	/* its body may begin; values: what failed first in body and except */
	INST_BODY,	/* it is at an end.  arm: THEN it did well, ELSE something failed */
	INST_EXCEPT,	/* the except block is at an end as well, or was not wanted */
	INST_TRY_END,	/* and so is the finally block */
};

enum inst_state {
	INST_WAITING,
	INST_READY,	/* a task that can start */
	INST_RUNNING,
	INST_OK,
	INST_FAILED,
	INST_SKIPPED,
	INST_CANCELLED,
};

enum skip_reason {
	SKIP_NONE,
	SKIP_BRANCH,		/* because: the branch that took the other way */
	SKIP_UPSTREAM_FAILED,	/* because: what failed */
	SKIP_UPSTREAM_SKIPPED,	/* because: the task that was skipped */
	SKIP_CANCELLED,
};

enum arm { ARM_ANY, ARM_THEN, ARM_ELSE, ARM_SETTLED };

struct inst {
	uint32_t scope, node;
	uint32_t blocked;		/* edges to it that are still closed */
	uint32_t first, last;		/* edges from it; MODULE_NONE: none */
	uint32_t because;
	uint32_t attempts, ms;
	uint32_t loop;			/* LOOP: its number in plan.loops plus one; 0: none yet */
	uint32_t nedges;		/* in a frame: what blocked is at the beginning */
	uint8_t kind, state;
	uint8_t reason;			/* enum skip_reason; of ends the worst one behind them */
	uint8_t arm;			/* BRANCH, BODY: taken.  ARM: its side */
	bool is_final;			/* in a finally block: goes on when the run is stopped */
	bool is_recalled;		/* TASK: it is OK without having been run again */
	struct value *values;		/* NULL until it is OK */
};

struct edge {
	uint32_t to : 30, arm : 2;
	uint32_t next;
};

struct scope {			/* one expansion of a pipeline, or of the body of a loop */
	uint32_t pipeline;
	uint32_t parent, call;	/* the scope and its CALL or LOOP; MODULE_NONE: the root */
	uint32_t frame;		/* in plan.frames: whose iteration it is in; 0: of none */
	bool is_iteration;	/* of the body of a loop: it is a part of its parent */
	bool is_final;		/* the call stands in a finally block */
	uint32_t begin;		/* its BEGIN; the PARAMs follow.  MODULE_NONE for the root */
	uint32_t outputs;	/* the first OUTPUT; an END is before it except for the root */
	uint32_t *inst_of;	/* for each node of it: see plan_inst_of */
	struct str address;	/* "sub.", in front of the addresses of its config values */
};

struct frame {			/* the instances of one iteration */
	uint32_t loop;		/* in plan.loops */
	uint32_t scope;
	uint32_t first, n;	/* instances; the last one is its ITER */
	uint32_t index;		/* of the iteration, from 0 */
	uint32_t nopen;		/* instances that are not at an end */
	uint32_t next;		/* of the frames of its loop that are free; 0: the last */
	struct arena arena;	/* values of the iteration */
};

struct loop {			/* a LOOP that has begun; kept as long as its instance */
	uint32_t inst;
	uint32_t free;		/* frames that can be used again; 0: none */
	uint32_t depth;		/* iterations around it */
	bool has_tasks;		/* tasks, or calls and loops that may have some */
	/* The scheduler's, of one round. */
	struct value *lists;	/* one for each of the node's lists */
	struct value *results;	/* one for each out, its list .. */
	struct value **outs;	/* .. and the elements of that, one for each iteration */
	uint32_t n, next, nlive;	/* iterations: all, the next to begin, those begun */
	uint32_t max;		/* live at the same time at most */
	uint32_t nfailed;
	uint64_t weight;	/* n times the iterations of the loops around it */
	bool is_cancelled;	/* an iteration was, or none is to begin any more */
	bool is_queued;		/* more iterations can begin */
	struct loop *prev_queued, *next_queued;
};

struct shape;			/* plan_shape.h */

struct plan {
	const struct module *m;
	const bool *wanted;		/* of each node of the root pipeline; NULL: all */
	struct arena arena;
	VEC(struct inst) insts;
	VEC(struct edge) edges;
	VEC(struct scope) scopes;	/* [0] is the root */
	VEC(struct frame *) frames;	/* [0] stands for what is in no loop */
	VEC(struct loop *) loops;
	const struct shape **shapes;	/* of each pipeline of the module, once it is known */
	uint32_t low;			/* while building: the first instance of the frame */
	uint32_t ntasks;		/* in no loop */
};

/* Expands the pipeline; -1 with err (ERR_INPUT) beyond LIMIT_TASKS or LIMIT_CALL_DEPTH.
 * plan_release is needed in both cases.
 *
 * wanted (borrowed), if not NULL: of each node of the pipeline, is it to be there?  Others
 * have no instances, and no more have the pipeline's outputs; nothing that is wanted may
 * depend on them. */
int plan_make(struct plan *p, const struct module *m, uint32_t pipeline, const bool *wanted,
	      struct err *err);
void plan_release(struct plan *p);
/* A new frame for the loop; its number, or 0 with err. */
uint32_t plan_iterate(struct plan *p, uint32_t loop, struct err *err);
/* The loop of a LOOP instance, made when it is first asked for. */
struct loop *plan_loop(struct plan *p, uint32_t inst);

static inline struct inst *plan_inst(const struct plan *p, uint32_t i)
{
	return &p->insts.at[i];
}
static inline const struct scope *plan_scope(const struct plan *p, const struct inst *i)
{
	return &p->scopes.at[i->scope];
}
static inline struct frame *plan_frame(const struct plan *p, const struct inst *i)
{
	return p->frames.at[plan_scope(p, i)->frame];
}
/* What stands for a node that is seen from the scope: its TASK, EXPR, BRANCH, MERGE,
 * LOOP or ASSERT; the END of a call; the TRY_END of a try. */
uint32_t plan_inst_of(const struct plan *p, uint32_t scope, uint32_t node);
/* The instance, or the loop around it that is in the frame of the scope or one around that:
 * what can be named there when the iteration is over. */
uint32_t plan_seen_from(const struct plan *p, uint32_t scope, uint32_t inst);
/* What decides which side a MERGE takes: a BRANCH, or the BODY of a try. */
uint32_t plan_merge_gate(const struct plan *p, uint32_t scope, const struct module_node *n);
/* The scope of the pipeline that the scope is a part of: itself unless it is an
 * iteration. */
uint32_t plan_whole(const struct plan *p, uint32_t scope);
const struct module_pipeline *plan_pipeline(const struct plan *p, const struct inst *i);
/* The node it is made from: of BEGIN, PARAM, END and a call's OUTPUT the CALL; NULL for
 * an OUTPUT of the root. */
const struct module_node *plan_node(const struct plan *p, const struct inst *i);
/* The component of a TASK. */
const struct module_component *plan_component(const struct plan *p, const struct inst *i);

/* Address of an instance for journal and people: "sub/fit#2", "sub/lr", "x[3]/fit"; in a
 * or the module. */
struct str plan_path(const struct plan *p, uint32_t inst, struct arena *a);

/* Is the node of the root pipeline in no loop? */
bool plan_is_top(const struct plan *p, uint32_t node);
/* The node of the root pipeline that it is made from, or is below of. */
uint32_t plan_root_node(const struct plan *p, const struct inst *i);

/* The instance that holds an input of a site in scope, and which of its values;
 * MODULE_NONE for what no instance holds (parameters of the root, run fields, task
 * IDs). */
uint32_t plan_input(const struct plan *p, uint32_t scope, const struct input *in,
		    uint32_t *value);

const char *skip_reason_name(enum skip_reason r);

#endif
