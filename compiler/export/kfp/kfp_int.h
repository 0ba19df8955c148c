/* Shared by the parts of the Kubeflow exporter.
 *
 * Every block of a pipeline becomes a DAG of its own, a component of Kubeflow's; so does
 * every call of a pipeline.  A `source` says where a value or an artifact comes from.
 * Whoever reads one in another DAG has it handed down from DAG to DAG by inputs named
 * "pipelinechannel--...", or up by outputs of such names (kfp_dag.c). */
#ifndef KFPC_EXPORT_KFP_INT_H
#define KFPC_EXPORT_KFP_INT_H

#include "compiler/export/export.h"
#include "compiler/export/setting.h"
#include "compiler/export/spec.h"
#include "compiler/export/yaml/yaml.h"

#define KFP_SDK "2.15.2"	/* whose files ours are like */

enum source_kind {
	SOURCE_NONE,	/* of what could not be exported; there was a fault */
	SOURCE_CONST,	/* value */
	SOURCE_WORD,	/* value: a placeholder, which stands for a str */
	SOURCE_PARAM,	/* input `key` of the DAG */
	SOURCE_OUTPUT,	/* output `key` of task `task` of the DAG */
	SOURCE_STATUS,	/* how task `task` of the DAG ended */
	SOURCE_TREE,	/* tree, over `of`: whoever reads it computes it */
};

struct source {
	enum source_kind kind;
	struct dag *dag;
	struct str task, key;
	const struct type *type;	/* how it travels, see kfp_wire */
	struct value value;
	const struct fate *fate;	/* what became of who made it; NULL: all is well */
	const char *form;		/* of a fate: how it is read, see spec_read */
	unsigned text;		/* 1: it travels as JSON in a STRING; 2: as a list of such... */
	struct str field;	/* PARAM: only this field of what the input brings; "": all */
	const struct expr *tree;	/* of a CONST, what it is before it travels; of a
					 * PARAM, its default, if that cannot travel */
	const struct source *of;	/* by input of the tree */
	uint32_t nof;
};

struct dag {
	struct dag *parent;		/* NULL: the root */
	struct str task;		/* its name in the parent */
	struct yaml *comp, *tasks;	/* its component; dag.tasks of that */
	struct yaml *self;		/* its task in the parent */
	struct str path;		/* of its task, once it was asked for */
	struct loc at;			/* of the block or call that it is */
	struct map inputs;		/* name of a channel -> struct source * */
	struct dag *region;		/* see kfp_fate.c; NULL: what fails in it fails */
	struct str rethrow;		/* of a region: who fails for it; empty: nobody */
	VEC(struct source) fates;	/* of what is directly in it */
	VEC(struct source) gates;	/* fates without which nothing in it is to run */
	bool is_loop;
	bool is_choice;			/* only one of the DAGs in it runs */
	bool is_covered;		/* a region with an `except` */
};

struct fate {
	struct source at;		/* a str; of a loop a list of them */
	struct dag *region;		/* where it is a value */
};

/* A condition of a chain of branches. */
struct arm {
	const struct site *cond;
	struct source computed;		/* of kind SOURCE_NONE: CEL says the condition */
};

struct branch {
	struct dag *wrap;		/* the DAG around its sides; NULL: not there yet */
	struct dag *then, *other;	/* NULL: it has no such side */
	struct arm *arms;		/* the conditions that led here, and its own */
	size_t narms;
	uint32_t elif;			/* the BRANCH that stands for `other`; MODULE_NONE */
};

/* What is directly in a block. */
struct contents {
	uint32_t branch;		/* the only BRANCH; MODULE_NONE */
	bool has_more;			/* than that and its merges */
};

struct look {
	bool at_body;			/* at something in body or except */
	bool at_more;			/* than inputs of the pipeline and the status */
};

/* One use of a pipeline. */
struct inst {
	const struct module_pipeline *p;
	struct str prefix;		/* of config addresses: "sub." */
	const struct around *around;	/* the call that it is */
	struct str address;		/* of tasks, as far as it is known here: "sub/" */
	struct dag **dags;		/* of its blocks */
	const struct source *params;
	struct source **outs;	/* of each node, its outputs; a LOOP's element */
	uint32_t node;			/* the one that is made; MODULE_NONE: none */
	struct str *tasks;		/* of each node, its task; empty: it has none */
	struct dag **homes;		/* the DAG that this task is in */
	struct inst **calls;		/* of a CALL: the use of its pipeline */
	struct branch *branches;	/* of each node */
	struct contents *contents;	/* of each block */
	struct look *looks;		/* of each TRY: what its finally looks at */
	bool *is_merged;		/* of each BRANCH or TRY: does a MERGE look at it? */
	bool *is_single;		/* of each BRANCH: all that its merges take from the
					 * else block are merges in it */
};

struct kfp {
	struct export *x;
	struct module *m;
	struct arena *a;
	struct yaml *components, *executors, *platform, *settings;
	struct map names;		/* of tasks: how often each was asked for */
	struct map inputs;		/* config address -> struct source */
	struct map baked;		/* config address -> struct baked */
	struct config_slots slots;
	struct dag *root;
	VEC(struct dag *) dags;
	unsigned ngroups;		/* condition-N, for-loop-N: one count for all */
	unsigned noneofs;		/* merged outputs */
	struct loc at;			/* of the node that is being made, for faults */
	bool *made;			/* by component: is its shared form there? */
	struct str *made_names;
	struct str *made_jobs;		/* what their tasks are given as kfpc_job; or "" */
	bool is_large;			/* so many tasks that executors are shared */
	/* the Python that runs a task, by whether that fails, and by parts */
	struct str launchers[2][SPEC_ALL];
	size_t launcher_bytes;		/* of all tasks together */
	VEC(struct leaf *) leaves;	/* in regions */
	struct map leaf_of, dag_of;	/* by the name of the task */
};

/* kfp_readback.c */
/* "for-loop-1/train": task `task` of d, in the whole. */
struct str kfp_path(struct kfp *k, struct dag *d, struct str task);
/* Does the text say what the trees do, and what the module does?  -1 with err if not. */
int kfp_readback(struct kfp *k, const struct inst *root, struct str text,
		 const struct yaml *trees, struct err *err);

/* kfp_type.c */
const char *kfp_parameter_type(const struct type *t);
/* Does it travel as JSON text in a STRING? */
bool kfp_is_text(const struct type *t);
/* How an output of this type travels: what may be None goes as JSON. */
const struct type *kfp_wire(struct kfp *k, const struct type *t);
bool kfp_is_text_output(const struct type *t);
/* Do both travel in the same way? */
bool kfp_same_wire(const struct type *from, const struct type *to);
/* Does the source travel as an input of this type does? */
bool kfp_is_usual(struct source s, const struct type *t);
struct str kfp_schema_title(const struct type *t);
/* Puts the definition of an input or output called name in defs. */
void kfp_define(struct kfp *k, struct yaml *defs, struct str name, const struct type *t,
		bool optional);
/* The output of a component. */
void kfp_define_output(struct kfp *k, struct yaml *comp, struct str name,
		       const struct type *t);
/* The same, where they do not travel as their type says; text: see struct source. */
void kfp_define_text(struct kfp *k, struct yaml *defs, struct str name,
		     const struct type *t, unsigned text, bool optional);
void kfp_define_output_text(struct kfp *k, struct yaml *comp, struct str name,
			    const struct type *t, unsigned text);

/* kfp_value.c */
/* Can Kubeflow keep this constant as it is? */
bool kfp_holds(struct value v);
/* Are the keys of all dicts in it, if it does not travel as text, in the only order that
 * Kubeflow has? */
bool kfp_is_sorted(struct value v, const struct type *t);
/* The value as the launcher sends it (kfp_launch.py): with text for numbers that cannot
 * be kept, and with the order of dicts. */
struct value kfp_packed(struct kfp *k, struct value v, const struct type *t);

/* kfp_dag.c */
/* A name that no task or component has yet: "deploy", "deploy-2". */
struct str kfp_unique(struct kfp *k, struct str wanted);
struct dag *kfp_dag(struct kfp *k, struct dag *parent, struct str task);
/* Adds a task that uses component comp; empty comp: comp-TASK. */
struct yaml *kfp_task(struct kfp *k, struct dag *d, struct str task, struct str comp);
/* Output `key` of a task of d. */
struct source kfp_output(struct kfp *k, struct dag *d, struct str task, struct str key,
			 const struct type *t);
/* Input `key` of d. */
struct source kfp_param(struct dag *d, struct str key, const struct type *t);
/* The input of d that brings the source. */
struct str kfp_channel(struct kfp *k, struct dag *d, struct source s);
/* Binds an input of task (of d) to a source. */
void kfp_bind(struct kfp *k, struct dag *d, struct yaml *task, struct str input,
	      struct source s);
/* The source as output of the DAG it is in, seen from that DAG's parent. */
struct source kfp_lift(struct kfp *k, struct source s, const struct type *type);
/* The same of a loop: the list of all; its type is `type`. */
struct source kfp_collect(struct kfp *k, struct source s, const struct type *type);
/* The task of d that is, or holds, task `task` of DAG from; makes it wait. */
void kfp_wait(struct dag *d, struct str task, struct dag *from,
	      struct str awaited);
/* The source as an output of a task in d itself. */
struct source kfp_within(struct kfp *k, struct dag *d, struct source s, struct str name,
			 const struct type *type);
/* The output `name` of d: the first of these that there is. */
void kfp_put_output(struct kfp *k, struct dag *d, struct str name, const struct type *t,
		    const struct source *from, size_t n);
/* "for-loop-3" */
struct str kfp_group(struct kfp *k, const char *kind);
bool kfp_is_same(const struct source *a, const struct source *b);
bool dag_is_within(const struct dag *d, const struct dag *around);

/* kfp_component.c */
struct source kfp_constant(struct kfp *k, struct value v, const struct type *t);
/* Is it more than a constant or one input? */
bool kfp_is_computed(const struct site *s);
/* A list of artifacts? */
bool type_is_artifacts(const struct type *t);
/* The site as what its reader computes, if it has to be computed. */
struct source kfp_tree(struct kfp *k, struct inst *i, const struct site *site);
/* The value of a site, read in DAG d.  Where it has to be computed a task is generated;
 * of a list of artifacts, and of a constant that Kubeflow cannot hold, it is a tree. */
struct source kfp_site(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		       struct str name);
/* A task that hands a source on, so that it is an output. */
struct source kfp_pass(struct kfp *k, struct dag *d, struct source s, struct str name,
		       const struct type *type);
/* The same, but as text. */
struct source kfp_pass_text(struct kfp *k, struct dag *d, struct source s,
			    struct str name, const struct type *type);
/* A task that makes the list that a loop goes through: the elements of a list, or of
 * several in step as {"c0": ..., "c1": ...}. */
struct kfp_column {
	struct source list;
	const struct type *elem;
	bool by_number;		/* its number stands for an element */
};
struct source kfp_rows(struct kfp *k, struct dag *d, const struct kfp_column *columns,
		       uint32_t n, struct str name);
/* A task that computes a site, or one that fails unless it holds. */
struct source kfp_compute(struct kfp *k, struct inst *i, struct dag *d,
			  const struct site *s, const struct site *message,
			  struct str name, bool is_assert);
/* A task that is about fates only; kind: "end", "rethrow". */
void kfp_fate_task(struct kfp *k, struct dag *d, struct str name, const char *kind,
		   struct yaml **task, struct yaml **comp);
void kfp_component_task(struct kfp *k, struct inst *i, uint32_t node,
			const struct source *args);
/* Its outputs in the definition of component comp. */
void kfp_define_outputs(struct kfp *k, const struct module_component *c,
			struct yaml *comp, bool only_values);

/* kfp_runtime.c: the same of a Python component, in the form of the SDK. */
void kfp_runtime_task(struct kfp *k, struct inst *i, uint32_t node,
		      const struct source *args);

/* kfp_setting.c */
/* All that is said of a setting of a task; NULL: nothing. */
const struct said *kfp_said(struct kfp *k, struct inst *i, const struct module_node *n,
			    enum setting id);
/* What is said of a setting of a task that is computed while the pipeline runs; NULL if
 * it is none. */
const struct said *kfp_computed_setting(struct kfp *k, struct inst *i,
					const struct module_node *n, enum setting id);
/* Does nothing in it want an executor that no other component has? */
bool kfp_shares_executor(const struct module_component *c);
bool kfp_own_executor(struct kfp *k, const struct inst *i,
		      const struct module_node *n);
void kfp_task_settings(struct kfp *k, struct inst *i, const struct module_node *n,
		       struct yaml *task);
/* Members of a job that tries again, and ends in time, by itself. */
void kfp_attempts(struct kfp *k, struct inst *i, const struct module_node *n,
		  struct buf *b);
void kfp_executor_settings(struct kfp *k, struct inst *i, const struct module_node *n,
			   struct str executor, struct yaml *container);
void kfp_environment(struct kfp *k, const struct module_component *c, struct str executor,
		     struct yaml *container);
/* Of the exported pipeline, or of a call of one by task, which is i; NULL: the former. */
void kfp_pipeline_settings(struct kfp *k, struct inst *i, struct yaml *task);
void kfp_loop_settings(struct kfp *k, const struct module_node *n, struct yaml *task);

/* The name of the component that a task uses, *made says that it is there already: it is
 * made once for all tasks that only differ in what goes in; own: not for this one. */
struct str kfp_component_name(struct kfp *k, const struct module_node *n, struct str task,
			      bool own, bool *made);
/* What stands around a program of an image: a task that sees to the constraints of c and
 * computes words, and one that reads what task `run` wrote.  The names of these tasks. */
struct kfp_word {
	struct str name;	/* of the output */
	const struct expr *tree;
	const uint32_t *at;	/* which parameter each of its inputs is */
};
struct str kfp_words(struct kfp *k, struct dag *d, struct str run,
		     const struct module_component *c, const struct source *args,
		     const struct kfp_word *words, size_t n);
struct str kfp_texts(struct kfp *k, struct dag *d, struct str run,
		     const struct module_component *c, const struct source *args);

/* kfp_container.c: its outputs are in i->outs then. */
/* Does a parameter, a bool, decide how many words there are? */
bool kfp_container_counts(const struct module_component *c, uint32_t param);
void kfp_container_task(struct kfp *k, struct inst *i, uint32_t node,
			struct source *args);

/* kfp_load.c: a load of what Kubeflow itself fetches, as an importer, whose output is called
 * "artifact".  False, and nothing was made, if it has to be a task that fetches. */
/* What a parameter of a task is, if the export settles it: a constant, or of the config
 * what it says now.  NULL: it is known only in the run. */
const struct value *kfp_known(struct kfp *k, struct inst *i, const struct module_node *n,
			      uint32_t param);
bool kfp_importer(struct kfp *k, struct inst *i, uint32_t node);

/* kfp_kubernetes.c: what a component says of its pod, added to pod. */
void kfp_kubernetes(struct kfp *k, const struct module_component *c, struct yaml *pod);

/* kfp_cel.c */
/* Does CEL say the same? */
bool kfp_cel_fits(struct kfp *k, struct inst *i, const struct site *s);
/* Sets the condition of d: the last of these, or (is_else) none, and none before it. */
void kfp_condition(struct kfp *k, struct inst *i, struct dag *d, const struct arm *arms,
		   size_t n, bool is_else);
void kfp_set_condition(struct kfp *k, struct dag *d, struct str text);

/* The input of d that brings a source to its condition. */
struct str kfp_condition_channel(struct kfp *k, struct dag *d, struct source s);

/* kfp_fate.c */
/* Of a task of d; NULL outside of regions. */
const struct fate *kfp_fate(struct kfp *k, struct dag *d, struct str task);
const struct fate *kfp_fate_of_loop(struct kfp *k, struct dag *d);
/* The fate of the one of these that there is. */
const struct fate *kfp_fate_choice(struct kfp *k, struct dag *wrap,
				   const struct source *from, size_t n);
const struct fate *kfp_lift_fate(struct kfp *k, const struct fate *f);
/* Of all in d, seen from its parent. */
struct source kfp_dag_fate(struct kfp *k, struct dag *d);
/* A task of d that runs the launcher. */
void kfp_leaf(struct kfp *k, struct dag *d, struct str name, struct yaml *task,
	      struct yaml *comp);
/* All others in d wait for it. */
void kfp_leaf_is_check(struct kfp *k, struct dag *d, struct str task);
/* The task reads s. */
void kfp_heed(struct kfp *k, struct dag *d, struct str task, const struct source *s);
/* kfp_wait for a task that must have ended well. */
void kfp_wait_well(struct kfp *k, struct dag *d, struct str task, struct dag *from,
		   struct str awaited);
/* A task of d that fails if something in one of these did. */
void kfp_rethrow(struct kfp *k, struct dag *d, struct str task, struct dag *const *of,
		 size_t n);
void kfp_fates(struct kfp *k);
void kfp_fates_release(struct kfp *k);

/* kfp_try.c */
bool kfp_is_in_block(const struct inst *i, uint32_t node, uint32_t block);
/* For each TRY, what its finally looks at. */
void kfp_look_at_finallies(struct kfp *k, struct inst *i);
void kfp_try_node(struct kfp *k, struct inst *i, uint32_t at);
struct source kfp_try_output(struct kfp *k, struct inst *i, uint32_t at,
			     const struct module_merge *o);
/* run.state and run.error */
struct source kfp_try_input(struct kfp *k, struct inst *i, struct input in);

/* kfp_branch.c */
/* What is bound in d, as an output of that; s is NULL where it is not bound. */
struct source kfp_side(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		       struct str name, const struct type *t);
/* The output of wrap that is the one of these that there is. */
struct source kfp_choice(struct kfp *k, struct dag *wrap, const struct type *t,
			 const struct source *from, size_t n);
void kfp_branch_node(struct kfp *k, struct inst *i, uint32_t at);
void kfp_merge_output(struct kfp *k, struct inst *i, uint32_t at, uint32_t j);
/* What branches have to know of nodes and blocks. */
void kfp_look_ahead(struct kfp *k, struct inst *i);

/* May the results of earlier runs be used again?  As the SDK writes it. */
void kfp_caching(struct yaml *task, bool on);

/* kfp_header.c: comments, as the SDK has them. */
/* What is said in the program of inputs and outputs that are there. */
void kfp_describe(struct yaml *comp, const struct module_param *params, uint32_t nparams,
		  const struct module_output *outputs, uint32_t noutputs);
void kfp_header(struct kfp *k, const struct module_pipeline *p, struct str name,
		struct buf *out);

/* kfp_loop.c */
/* An element of a list, as a tree. */
struct source kfp_element(struct kfp *k, struct source list, struct source index,
			  const struct type *elem);
/* The list of artifacts as an output of a loop in d. */
struct source kfp_artifacts(struct kfp *k, struct dag *d, struct source s,
			    struct str name, const struct type *type);
void kfp_loop(struct kfp *k, struct inst *i, uint32_t node);
/* What a loop gives at its end, once its body is there. */
void kfp_loop_outputs(struct kfp *k, struct inst *i, uint32_t node);

/* kfp_node.c */
/* Of a task, as `kfpc run` says it; the numbers of iterations are left out: "x[]/fit". */
struct str kfp_address(struct kfp *k, const struct inst *i, const struct module_node *n);
struct source kfp_input(struct kfp *k, struct inst *i, struct input in);
/* What the config says at an address: an input of the root, or a constant. */
struct source kfp_config(struct kfp *k, struct str address,
			 const struct module_param *p);
/* A parameter of what DAG d stands for, which gets arg. */
struct source kfp_call_param(struct kfp *k, struct dag *d, const struct module_param *p,
			     struct source arg);
/* Makes the tasks of a pipeline in DAG d; its outputs in outs. */
void kfp_instance(struct kfp *k, struct inst *i, struct dag *d, struct source *outs);

#endif
