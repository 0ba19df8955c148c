/* Shared by the parts of the Kubeflow exporter.
 *
 * Every block of a pipeline becomes a DAG of its own, a component of Kubeflow's; so does
 * every call of a pipeline.  A `source` says where a value or an artifact comes from.
 * Whoever reads one in another DAG has it handed down from DAG to DAG by inputs named
 * "pipelinechannel--...", or up by outputs of such names (kfp_dag.c). */
#ifndef KFPC_EXPORT_KFP_INT_H
#define KFPC_EXPORT_KFP_INT_H

#include "compiler/export/export.h"
#include "compiler/export/spec.h"
#include "compiler/export/yaml.h"

enum source_kind {
	SOURCE_NONE,	/* of what could not be exported; there was a fault */
	SOURCE_CONST,	/* value */
	SOURCE_WORD,	/* value: a placeholder, which stands for a str */
	SOURCE_PARAM,	/* input `key` of the DAG */
	SOURCE_OUTPUT,	/* output `key` of task `task` of the DAG */
	SOURCE_STATUS,	/* how task `task` of the DAG ended */
};

struct source {
	enum source_kind kind;
	struct dag *dag;
	struct str task, key;
	const struct type *type;
	struct value value;
};

struct dag {
	struct dag *parent;		/* NULL: the root */
	struct str task;		/* its name in the parent */
	struct yaml *comp, *tasks;	/* its component; dag.tasks of that */
	struct yaml *self;		/* its task in the parent */
	struct str path;		/* of its task, once it was asked for */
	struct map inputs;		/* name of a channel -> struct source * */
};

/* One use of a pipeline. */
struct inst {
	const struct module_pipeline *p;
	struct str prefix;		/* of config addresses: "sub." */
	struct dag **dags;		/* of its blocks */
	const struct source *params;
	struct source **outs;	/* of each node, its outputs; a LOOP's element */
	struct str *tasks;		/* of each node, its task; empty: it has none */
	struct dag **homes;		/* the DAG that this task is in */
	struct dag **wraps;		/* of a BRANCH: the DAG around its two */
	struct inst **calls;		/* of a CALL: the use of its pipeline */
};

struct kfp {
	struct export *x;
	struct module *m;
	struct arena *a;
	struct yaml *components, *executors, *platform, *settings;
	struct map names;		/* of tasks: how often each was asked for */
	struct map inputs;		/* config address -> struct source */
	struct map baked;		/* config address -> struct value */
	struct config_slots slots;
	struct dag *root;
	VEC(struct dag *) dags;
	unsigned ngroups;		/* condition-N, for-loop-N: one count for all */
	unsigned noneofs;		/* merged outputs */
	struct loc at;			/* of the node that is being made, for faults */
	bool *made;			/* by component: is its shared form there? */
	struct str *made_names;
	struct str launchers[SPEC_CODE << 1]; /* the Python that runs a task, by parts */
	size_t launcher_bytes;		/* of all tasks together */
};

/* kfp_readback.c */
/* Does the text say what the trees do, and what the module does?  -1 with err if not. */
int kfp_readback(struct kfp *k, const struct inst *root, struct str text,
		 const struct yaml *const *trees, size_t ntrees, struct err *err);

/* kfp_type.c */
const char *kfp_parameter_type(const struct type *t);
/* Does it travel as JSON text in a STRING? */
bool kfp_is_text(const struct type *t);
/* Do both travel in the same way? */
bool kfp_same_wire(const struct type *from, const struct type *to);
struct str kfp_schema_title(const struct type *t);
/* Can Kubeflow keep this constant as it is? */
bool kfp_holds(struct value v);
/* Puts the definition of an input or output called name in defs. */
void kfp_define(struct kfp *k, struct yaml *defs, struct str name, const struct type *t,
		bool optional);
/* The output of a component; loc: for the fault that it may be None. */
void kfp_define_output(struct kfp *k, struct yaml *comp, struct str name,
		       const struct type *t, struct loc loc);

/* kfp_dag.c */
/* A name that no task or component has yet: "deploy", "deploy-2". */
struct str kfp_unique(struct kfp *k, struct str wanted);
struct dag *kfp_dag(struct kfp *k, struct dag *parent, struct str task);
/* Adds a task that uses component comp; empty comp: comp-TASK. */
struct yaml *kfp_task(struct kfp *k, struct dag *d, struct str task, struct str comp);
/* The input of d that brings the source. */
struct str kfp_channel(struct kfp *k, struct dag *d, struct source s);
/* Binds an input of task (of d) to a source. */
void kfp_bind(struct kfp *k, struct dag *d, struct yaml *task, struct str input,
	      struct source s);
/* The source as output of the DAG it is in, seen from that DAG's parent. */
struct source kfp_lift(struct kfp *k, struct source s, const struct type *type);
/* The task of d that is, or holds, task `task` of DAG from; makes it wait. */
void kfp_wait(struct kfp *k, struct dag *d, struct str task, struct dag *from,
	      struct str awaited);
bool dag_is_within(const struct dag *d, const struct dag *around);

/* kfp_component.c */
struct source kfp_constant(struct kfp *k, struct value v, const struct type *t);
/* What a site is without computing anything; SOURCE_NONE: it has to be computed. */
struct source kfp_plain(struct kfp *k, struct inst *i, const struct site *site);
/* The value of a site, read in DAG d; a task is generated where it has to be computed. */
struct source kfp_site(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		       struct str name);
/* A task that hands a source on, so that it is an output. */
struct source kfp_pass(struct kfp *k, struct dag *d, struct source s, struct str name,
		       const struct type *type);
/* A task that computes a site, or one that fails unless it holds. */
struct source kfp_compute(struct kfp *k, struct inst *i, struct dag *d,
			  const struct site *s, const struct site *message,
			  struct str name, bool is_assert);
void kfp_component_task(struct kfp *k, struct inst *i, uint32_t node,
			const struct source *args, const struct site *const *sites);

/* kfp_setting.c */
const struct module_setting *kfp_setting(struct kfp *k, struct inst *i,
					 const struct module_node *n, enum setting s);
bool kfp_own_executor(struct kfp *k, const struct module_node *n);
void kfp_task_settings(struct kfp *k, struct inst *i, const struct module_node *n,
		       struct yaml *task);
void kfp_executor_settings(struct kfp *k, struct inst *i, const struct module_node *n,
			   struct str executor, struct yaml *container);
void kfp_environment(struct kfp *k, const struct module_component *c, struct str executor,
		     struct yaml *container);
/* Of the exported pipeline, and of one that it calls by task; NULL: the former. */
void kfp_pipeline_settings(struct kfp *k, const struct module_pipeline *p,
			   struct yaml *task);
/* Of a CALL or LOOP. */
void kfp_group_settings(struct kfp *k, const struct module_node *n, struct yaml *task);

/* As Kubernetes writes a number of bytes: "1Gi". */
struct str kfp_quantity(struct arena *a, int64_t bytes);

/* kfp_kubernetes.c: what a component says of its pod, added to pod. */
void kfp_kubernetes(struct kfp *k, const struct module_component *c, struct yaml *pod);

/* kfp_cel.c: sets the condition of d; what CEL cannot say is computed in d's parent. */
void kfp_condition(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		   bool is_else);

/* kfp_node.c */
struct source kfp_input(struct kfp *k, struct inst *i, struct input in,
			const struct site *s);
/* What the config says at an address: an input of the root, or a constant. */
struct source kfp_config(struct kfp *k, struct str address,
			 const struct module_param *p);
/* Makes the tasks of a pipeline in DAG d; its outputs in outs. */
void kfp_instance(struct kfp *k, struct inst *i, struct dag *d, struct source *outs);

#endif
