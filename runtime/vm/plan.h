/* The plan: a pipeline with the pipelines that it calls put in their places, as one
 * flat graph of instances.
 *
 * An instance is one thing that is decided once in a run.  Each node gives instances: a
 * task, a value or a branch one; a merge one for each side and one for itself; a call
 * one for its beginning, one for each parameter, those of the called pipeline, one for
 * its end and one for each output.  So only real data dependencies order the tasks of
 * nested pipelines.
 *
 * Edges lead from an instance to those that wait for it.  An edge with an arm comes
 * from a branch and opens the gate of a block: its target is skipped when the other arm
 * is taken. Instances stand in an order in which each comes after all that it waits
 * for.
 *
 * The plan is built once and lives until plan_release; the scheduler (sched.h) keeps
 * the state of each instance in it.  An instance takes 48 bytes and an edge 8. */
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

enum arm { ARM_ANY, ARM_THEN, ARM_ELSE };

struct inst {
	uint32_t scope, node;
	uint32_t blocked;		/* edges to it that are still closed */
	uint32_t first, last;		/* edges from it; MODULE_NONE: none */
	uint32_t because;
	uint32_t attempts, ms;
	uint8_t kind, state, reason;
	uint8_t arm;			/* BRANCH: taken.  ARM: its side */
	struct value *values;		/* NULL until it is OK */
};

struct edge {
	uint32_t to : 30, arm : 2;
	uint32_t next;
};

struct scope {			/* one expansion of a pipeline */
	uint32_t pipeline;
	uint32_t parent, call;	/* the scope and its CALL node; MODULE_NONE for the root */
	uint32_t begin;		/* its BEGIN; the PARAMs follow.  MODULE_NONE for the root */
	uint32_t outputs;	/* the first OUTPUT; an END is before it except for the root */
	uint32_t *inst_of;	/* for each node: its TASK, EXPR, BRANCH, MERGE; END of a call */
	struct str path;	/* "sub/", in front of the addresses of its tasks; "" for the root */
	struct str address;	/* "sub.", in front of those of its config values */
};

struct plan {
	const struct module *m;
	struct arena arena;
	VEC(struct inst) insts;
	VEC(struct edge) edges;
	VEC(struct scope) scopes;	/* [0] is the root */
	uint32_t ntasks;
};

/* Expands the pipeline; -1 with err (ERR_INPUT) beyond LIMIT_TASKS or LIMIT_CALL_DEPTH.
 * plan_release is needed in both cases. */
int plan_make(struct plan *p, const struct module *m, uint32_t pipeline, struct err *err);
void plan_release(struct plan *p);

static inline struct inst *plan_inst(const struct plan *p, uint32_t i)
{
	return &p->insts.at[i];
}
static inline const struct scope *plan_scope(const struct plan *p, const struct inst *i)
{
	return &p->scopes.at[i->scope];
}
const struct module_pipeline *plan_pipeline(const struct plan *p, const struct inst *i);
/* The node it is made from: of BEGIN, PARAM, END and a call's OUTPUT the CALL; NULL for
 * an OUTPUT of the root. */
const struct module_node *plan_node(const struct plan *p, const struct inst *i);
/* The component of a TASK. */
const struct module_component *plan_component(const struct plan *p, const struct inst *i);

/* Address of an instance for journal and people: "sub/fit#2", "sub/lr"; in a or the
 * module. */
struct str plan_path(const struct plan *p, uint32_t inst, struct arena *a);

/* The instance that holds an input of a site in scope, and which of its values;
 * MODULE_NONE for what no instance holds (parameters of the root, run fields, task
 * IDs). */
uint32_t plan_input(const struct plan *p, uint32_t scope, const struct input *in,
		    uint32_t *value);

const char *skip_reason_name(enum skip_reason r);

#endif
