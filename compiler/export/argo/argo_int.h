/* Shared by the parts of the Argo exporter.
 *
 * Every block of a pipeline becomes a DAG template of its own, and so does every called
 * pipeline.  Everything is kept as typed structures until the very end: what a task
 * reads is a `source`, what it waits for a `need`, and only argo_write.c and argo_text.c
 * make text of them.  Whoever reads a source in another DAG has it handed down from DAG
 * to DAG by inputs, or up by outputs (argo_dag.c).
 *
 * How values travel: every parameter of Argo's is a string, the "wire" of a value.
 *
 *	str, enum	the text as it is; but if it has "{{" in it, or a character that
 *			Argo spoils (argo_text.c), or begins with "`", then "`" and the text as
 *			JSON
 *	others		JSON.  Of T?: null for None, a str in quotes
 *
 * In JSON every "{" within a string is written as \u007b, so no wire has "{{" in it, and
 * equal values of one type have equal wires.  A str within a list is the JSON of its
 * wire, so that an item of a loop is the wire of the element.  What Argo collects over a
 * loop is a list of strings: where a list has a string for an element that is no str,
 * it is the element's wire; "`=" before a wire (of any type, within a list) is there only
 * to keep Argo from reading it as JSON.  What people pass at submit time is taken as it
 * is, unless it begins with "`=" or "`" and a quote.
 *
 * An artifact NAME may have its metadata beside it: the parameter NAME-metadata, JSON. */
#ifndef KFPC_EXPORT_ARGO_INT_H
#define KFPC_EXPORT_ARGO_INT_H

#include "compiler/export/export.h"
#include "compiler/export/setting.h"
#include "compiler/export/spec.h"
#include "compiler/export/yaml/yaml.h"

#define ARGO_MARK "`"

enum {
	ARGO_TASKS_MAX = 200,	/* in one DAG */
	ARGO_DEPTH_MAX = 99,	/* templates in each other */
	ARGO_NAME_MAX = 100,	/* letters of what people wrote; Argo takes 128 in all */
};

enum source_kind {
	SOURCE_NONE,	/* of what could not be exported, or has to be computed */
	SOURCE_CONST,	/* value */
	SOURCE_WORD,	/* key: "workflow.uid", a str */
	SOURCE_PARAM,	/* input `key` of the DAG */
	SOURCE_OUTPUT,	/* output `key` of `task` of the DAG */
	SOURCE_STATUS,	/* how `task` of the DAG ended, a str: "succeeded" or "failed" */
	SOURCE_ITEM,	/* the element, in the task that is repeated */
	SOURCE_ROW,	/* element `index` of input `key`, a JSON list of wires */
	SOURCE_FILES,	/* parts: the artifacts of a list that is written out */
	SOURCE_FOLDER,	/* what a loop collected under `key` of the artifact store */
	SOURCE_SELECT,	/* "b0" if `cond` holds, else "b1"; parts: the inputs of that */
};

struct source {
	enum source_kind kind;
	struct dag *dag;
	struct task *task;
	struct str key;
	uint32_t index;			/* ROW; FILES, SELECT: how many parts */
	struct source *parts;
	const struct source *meta;	/* of an artifact: its metadata; NULL: it has none */
	const struct type *type;
	struct value value;
	const struct site *cond;	/* SELECT */
	bool quoted;		/* a str, wanted as a str? */
	bool may_be_empty;	/* text that is None where there is none */
	bool indexes;		/* of a list as long as this one: 0, 1, 2 ... */
	bool may_be_marked;	/* ITEM: of a list that a loop gave, with "`=" before it */
};

/* How a task may have ended for another to begin; 0: well, or there was nothing to do. */
enum task_end { END_RAN = 1, END_SKIPPED = 2, END_FAILED = 4, END_OMITTED = 8 };

struct need {
	struct task *task;
	unsigned ends;
	unsigned group;		/* 0: it must be so; else one of those of this number */
};

struct bound {			/* an input of a task or DAG */
	struct str name;
	struct source source;
};

struct task {
	struct str name;		/* unique in its DAG */
	struct str address;		/* what run.error calls it */
	struct dag *dag;
	struct dag *inner;		/* the DAG that it is; NULL: a pod */
	struct yaml *pod;		/* the template of a pod */
	struct str template;
	VEC(struct bound) args;
	VEC(struct need) needs;
	struct str guard;		/* "b0": only if input `branch` is that */
	struct source items;		/* the list that it is repeated over; or NONE */
	struct task *handler;		/* of the body of a try: its except */
	struct task *if_told;		/* only if this one told an error (argo_tell.c) */
	struct task *tells_of;		/* it is there for this one */
	struct extra {			/* for --explain */
		const char *why;	/* it is generated; NULL: one of the program's */
		struct str text;	/* what it computes, or the component that it is */
		struct loc loc;
	} extra;
	bool forgiven;			/* its failure is not its DAG's */
	bool counts;			/* it is, though others wait for it */
};

struct choice {
	struct str guard;		/* of the branch; empty: otherwise */
	struct source source;
};

/* An output of a DAG: the first choice whose branch it is, or the only one. */
struct dag_output {
	struct str name;
	const struct type *type;
	VEC(struct choice) choices;
	bool collected;			/* over the loop */
	bool by_status;			/* choice 0 if the first task ended well */
	bool tells;			/* what failed */
	bool marked;			/* each with "`=" before it */
};

struct port {
	struct str name;
	const struct type *type;
	const struct source *source;	/* outside; NULL: not one alone */
};

struct dag {
	struct dag *parent;
	struct task *self;		/* in the parent; NULL: the root */
	struct str name;		/* of the template */
	struct loc at;			/* of what it was made for */
	VEC(struct port) inputs;
	VEC(struct dag_output) outputs;
	VEC(struct task *) tasks;
	struct map names;		/* of tasks */
	int64_t parallelism;		/* 0: as much as there is */
	struct loc limited;		/* where a pipeline or its call says that; or empty */
	struct str shown;		/* the name that people see; empty: Argo's own */
	size_t nchecks;			/* of tasks, the first: all others wait for them */
	bool fail_fast;			/* after a failure nothing more is started in it */
	bool is_side;			/* of a branch, loop or try */
	bool is_loop;			/* around a task that is repeated */
	bool tells;			/* never fails, but tells of it */
	struct task *end;		/* the last task of one that tells */
	struct str prefix;		/* of a called pipeline: of the addresses in it */
	bool is_folded;			/* its one task stands in its place */
	struct str path;		/* of self, once it is known (readback.h) */
};

/* One use of a pipeline. */
struct inst {
	const struct module_pipeline *p;
	struct str prefix;		/* of config addresses: "sub." */
	const struct around *around;	/* the call that it is */
	struct dag **dags;		/* of its blocks */
	const struct source *params;
	struct source **outs;		/* of each node, its outputs; a LOOP's elements */
	struct task **tasks;		/* of each node; NULL: it has none */
	struct dag **wraps;		/* of a BRANCH or TRY: the DAG around its sides */
	struct dag **homes;		/* of each node; argo_home finds it */
	uint32_t block;			/* of the node that is being made */
	struct source *results;		/* its outputs, for whoever calls it */
	struct inst **calls;		/* of each CALL */
};

/* How an input reaches a pod. */
enum read_form {
	READ_VALUE,	/* the parameter NAME: a wire */
	READ_FILES,	/* a list of artifacts, source.index of them: artifacts NAME-1,
			 * NAME-2 ..., and their metadata, NAME-1-metadata ... */
	READ_FILE,	/* the artifact NAME, and the parameter NAME-metadata */
	READ_FOLDER,	/* a list of artifacts: the artifact NAME is a folder, the parameter
			 * NAME-metadata a list of JSON objects in the order of the list, each
			 * with the file's name in the folder, "kfpc_key", unless that is its
			 * place in the list */
};

struct argo_read {		/* of spec.reads, the same number */
	struct source source;
	enum read_form form;
};

struct argo_output {
	struct str name;
	const struct type *type;
	struct loc loc;
};

/* What a pod does.  The launcher finds in the spec
 *	kind "python", "shell" (components), "expr" (of a type that may be an artifact's:
 *	"Output" is then a copy), "assert", "pass", "items" (argo_leaf.c)
 * and writes each output as a wire, with a newline behind it (Argo takes one away). */
struct argo_job {
	struct spec spec;		/* not ended yet */
	VEC(struct argo_read) reads;
	VEC(struct argo_output) outputs;
	struct str name;		/* wanted for the template */
	struct inst *inst;		/* of a component; else NULL */
	const struct module_node *node;
	struct str collect;		/* "expr", "pass" of an artifact for a loop: the part
					 * of the key above its name; else empty */
	bool tells;			/* the output kfpc_error says why it failed */
	struct loc loc;
};

struct argo {
	struct export *x;
	struct module *m;
	struct arena *a;
	struct map names;		/* of templates */
	struct map inputs;		/* config address -> struct source */
	struct map baked;		/* config address -> struct baked */
	struct config_slots slots;
	struct dag *root;
	struct yaml *arguments;		/* spec.arguments.parameters */
	VEC(struct dag *) dags;
	VEC(struct yaml *) pods;	/* templates */
	struct yaml *nothing;		/* the template of argo_nothing, once it is used */
	unsigned nifs, nfors, ntrys;
	unsigned ngroups;		/* of needs */
	struct loc at;			/* of the node that is being made, for faults */
	struct pods *p;			/* argo_pod.c's own */
};

/* argo_pod.c (leaf templates, ConfigMap, limits) */

/* Begins the spec of a component (job->node): its kind, code, outputs, packages.  The
 * parameters are added behind it. */
void argo_code(struct argo *g, struct argo_job *job);
/* The template that does a job, made once for jobs that say the same and have no node
 * with settings of its own; NULL after a fault.  It has the name (yaml_get(t, "name")),
 * the inputs and the outputs that the job says.  Ends the spec.
 *	inputs.parameters	NAME; NAME-metadata
 *	inputs.artifacts	NAME, optional where the type is
 *	outputs.parameters	NAME; NAME-metadata of an artifact
 *	outputs.artifacts	NAME, optional where the type is
 * A component that no launcher runs may leave out any NAME-metadata. */
struct yaml *argo_pod(struct argo *g, struct argo_job *job);
/* Where an artifact is in the store, under a key. */
void argo_put_key(struct argo *g, struct yaml *artifact, struct str key);
void argo_release_pods(struct argo *g);
/* The documents around the templates: ConfigMaps, WorkflowTemplate, Workflow, ... */
void argo_documents(struct argo *g, struct inst *root, struct yaml *templates,
		    struct buf *out);
/* Is its metadata an output (or an input) of the template? */
bool argo_has_port(const struct yaml *pod, const char *side, struct str name);

/* argo_text.c */
void argo_wire(struct value v, const struct type *t, struct buf *out);
/* May a value of type `from` be handed on as one of type `to` as it is? */
bool argo_same_wire(const struct type *from, const struct type *to);
/* The source as the value of an argument, and within an expression. */
struct str argo_text(struct argo *g, const struct source *s);
struct str argo_expr(struct argo *g, const struct source *s);
struct str argo_literal(struct argo *g, struct str s);

/* argo_dag.c */
struct str argo_name(struct argo *g, struct map *names, struct str wanted);
struct dag *argo_dag(struct argo *g, struct dag *parent, struct str task,
		     struct str template);
/* One for a side of a branch, loop or try, whose template is named after the parent's. */
struct dag *argo_side(struct argo *g, struct dag *parent, const char *task,
		      const char *side);
struct task *argo_task(struct argo *g, struct dag *d, struct str wanted);
/* Binds an input of a task to a source, wherever that is. */
void argo_bind(struct argo *g, struct task *t, struct str input, struct source s);
/* The source as seen in d, by inputs and outputs of the DAGs between. */
struct source argo_seen(struct argo *g, struct dag *d, struct source s);
/* Adds an output to d; returns its name there.  The caller adds the choices. */
struct str argo_output(struct argo *g, struct dag *d, struct str wanted,
		       const struct type *t);
/* A source in d as output of d, seen from its parent. */
struct source argo_lift(struct argo *g, struct dag *d, struct source s);
/* Makes t, or the DAG around it that is beside `awaited`, wait. */
void argo_wait(struct task *t, struct task *awaited);
void argo_need(struct task *t, struct task *awaited, unsigned ends, unsigned group);
bool argo_is_within(const struct dag *d, const struct dag *around);

/* argo_part.c */
/* The DAG that a node's tasks are in. */
struct dag *argo_home(struct argo *g, struct inst *i, uint32_t at);
typedef void argo_site_fn(const struct site *s, void *ctx);
void argo_each_site(const struct module_node *n, argo_site_fn *fn, void *ctx);

/* argo_leaf.c */
struct source argo_constant(struct value v, const struct type *t);
struct source argo_no_metadata(struct argo *g);
/* Is it what only the pod itself knows of all sources (task.id)? */
bool argo_is_own_name(const struct source *s);
/* What a site is without computing anything; SOURCE_NONE: it has to be computed. */
struct source argo_plain(struct argo *g, struct inst *i, const struct site *site);
/* The value of a site, read in DAG d; a task is generated where it has to be computed. */
struct source argo_site(struct argo *g, struct inst *i, struct dag *d,
			const struct site *s, struct str name);
struct source argo_compute(struct argo *g, struct inst *i, struct dag *d,
			   const struct site *s, const struct site *message,
			   struct str name, bool is_assert);
/* A task that hands a source on, so that it is an output of its own. */
struct source argo_pass(struct argo *g, struct dag *d, struct source s, struct str name,
			struct str collect);
/* A task that fails with the message of a RunError. */
struct task *argo_fail(struct argo *g, struct dag *d, struct str name,
		       struct source error);
/* Makes t a task without a pod, which ends well at once. */
void argo_nothing(struct argo *g, struct task *t, const char *why);
/* Takes note of all tasks that are generated, once they are in their places. */
void argo_explain(struct argo *g);
struct task *argo_component(struct argo *g, struct inst *i, uint32_t node,
			    const struct source *args);

/* Rows for a loop over lists that are no items of Argo's as they are. */
struct source argo_rows(struct argo *g, struct dag *d, const struct source *lists,
			uint32_t n);
/* An element of a list of artifacts. */
struct source argo_pick(struct argo *g, struct dag *d, struct source list,
			struct source index, struct str name);
/* Of two optional artifacts the one that is there. */
struct source argo_either(struct argo *g, struct dag *d, const struct source *two,
			  struct str name, const struct type *type);
/* A list of artifacts as one artifact, a folder, in d. */
struct source argo_whole(struct argo *g, struct dag *d, struct source s, struct str name);

/* argo_cond.c: binds the input `branch` of t, which is "b0" if the condition of a BRANCH
 * holds, else "b1". */
void argo_select(struct argo *g, struct inst *i, struct task *t,
		 const struct module_node *n);
struct str argo_cond_text(struct argo *g, const struct source *s);

/* argo_setting.c: what Argo takes of a name that people see; "" after a warning. */
struct str argo_display_name(struct argo *g, struct str name, struct loc loc);
/* Says that it is left out. */
void argo_computed_name(struct argo *g, struct loc loc);
void argo_put_display_name(struct yaml *template, struct str name);

/* argo_group.c */
void argo_loop_settings(struct argo *g, const struct module_node *n, struct dag *d);
/* Of the pipeline that is exported, or of a call of one, which is i; d is its DAG. */
void argo_pipeline_settings(struct argo *g, struct inst *i, struct dag *d);
/* Says where Argo's `parallelism` of a called pipeline is less than what is meant. */
void argo_check_parallelism(struct argo *g, const struct dag *d);
/* What is said of it by the config, the call or itself; false: nothing. */
bool argo_pipeline_setting(struct argo *g, struct inst *i, enum setting id,
			   struct value *out, struct loc *loc);

/* argo_node.c */
struct source argo_input(struct argo *g, struct inst *i, struct input in,
			 const struct site *s);
struct source argo_config(struct argo *g, struct str address,
			  const struct module_param *p);
/* Makes the tasks of a pipeline in DAG d; its outputs in i->results. */
void argo_instance(struct argo *g, struct inst *i, struct dag *d);
void argo_merge(struct argo *g, struct inst *i, uint32_t at, uint32_t output);

/* argo_loop.c */
void argo_loop(struct argo *g, struct inst *i, uint32_t at);
/* Once its body is there: computes what it gives that is to be computed. */
void argo_loop_end(struct argo *g, struct inst *i, uint32_t at);
/* Makes an output of it, the list of what it was in each iteration. */
void argo_gather(struct argo *g, struct inst *i, uint32_t at, uint32_t output);

/* argo_tell.c */
/* Does something ask for run.error of this try? */
bool argo_asks(const struct module_pipeline *p, uint32_t try);
/* What a task told, a RunError or RunError?. */
struct source argo_error(struct argo *g, struct task *t, const struct type *type);
/* That, or "", in an expression. */
struct str argo_error_expr(struct argo *g, const struct task *t);
/* An expression for what a DAG tells. */
struct str argo_told(struct argo *g, const struct dag *d);
void argo_tell(struct argo *g);

/* argo_tidy.c */
void argo_tidy(struct argo *g);

/* argo_readback.c: does the text say what was put in (trees), and that what the program
 * says (readback.h)?  Sets claims of the export.  -1 with err where it does not. */
int argo_readback(struct argo *g, const struct inst *root, struct str text,
		  const struct yaml *trees, struct err *err);

/* argo_write.c: the templates, the root first. */
struct yaml *argo_templates(struct argo *g);

#endif
