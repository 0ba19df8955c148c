/* The module: what the compiler makes of a .kfp file and everything else works from.
 *
 * A flat description of types, files, environments, components, pipelines and configs.
 * All of it lives in the module's arena and is immutable once built; indices instead of
 * pointers link its parts, MODULE_NONE stands for "none".  The compiler builds one
 * (compiler/ir), save and load keep it in a .kfpb file (save.h), verify checks one that
 * came from outside, and only a verified module may be run.
 *
 * Expressions.  Each place where an expression is computed is a `struct site`: the
 * typed tree (for exporters) and the bytecode made from it (for the VM), over a list of
 * inputs.  Whoever evaluates a site first finds the values of its inputs; the inputs of
 * a pipeline's sites are also the edges of its graph.
 *
 * Pipelines.  A pipeline's graph is a list of nodes in an order in which each comes
 * after all that it depends on.  A node belongs to a block: block 0 is the pipeline's
 * body, every other block belongs to a BRANCH, LOOP or TRY node before it.  `elif` is a
 * branch in the else block.  A name that is used after a branch or a try is a MERGE
 * node.  A node is skipped when its block is not active or when something that it
 * depends on was skipped or failed; MERGE looks only at the active side.
 *
 * A node may read nodes of its own block and of those around it.  What is in the body of
 * a LOOP is seen from outside only through the LOOP's outs; what is in a TRY body
 * without an except block also directly.  What a LOOP or TRY gives at its end is read
 * only by nodes that come after all nodes in it.
 *
 * What each node kind uses of struct module_node:
 *	TASK	target = component; args[i] for each of its parameters, NULL: from the config
 *	CALL	target = pipeline; args the same
 *	EXPR	cond = the expression; one output
 *	BRANCH	cond = a bool; then_block, else_block (MODULE_NONE if empty)
 *	MERGE	target = the BRANCH or TRY node; outs[]; of a TRY then_value is read in the
 *		body, else_value in the except block (NULL if it has none)
 *	LOOP	args = the lists, gone through in step, as often as the shortest has
 *		elements; then_block = the body; outs[]: then_value is read in the body, and
 *		output k is the list of what it was in each iteration
 *	TRY	then_block = the body; else_block = except, final_block = finally, or
 *		MODULE_NONE
 *	ASSERT	cond = a bool; args[0], if there is one and not NULL, the message, a str
 *
 * `after` and settings are for every kind, though only TASK, CALL and LOOP have a use
 * for settings. */
#ifndef KFPC_BC_MODULE_H
#define KFPC_BC_MODULE_H

#include "runtime/base/sha256.h"
#include "runtime/base/src.h"
#include "runtime/value/ops.h"
#include "runtime/value/type.h"
#include "runtime/value/value.h"

#define MODULE_NONE UINT32_MAX

enum expr_kind {
#define EXPR(ID, name, doc) EXPR_##ID,
#include "runtime/bc/expr.def"
#undef EXPR
	EXPR_NKINDS
};

enum node_kind {
#define NODE(ID, name, doc) NODE_##ID,
#include "runtime/bc/node.def"
#undef NODE
	NODE_NKINDS
};

enum setting {
#define SETTING(ID, name, type, places, doc) SETTING_##ID,
#include "runtime/bc/setting.def"
#undef SETTING
	SETTING_N
};

/* A place in a source file, as people count (from 1).  line 0: none. */
struct loc {
	uint32_t file;		/* index in module.files */
	uint32_t line, col;
};

static inline bool loc_eq(struct loc a, struct loc b)
{
	return a.file == b.file && a.line == b.line && a.col == b.col;
}

enum { EXPR_DEPTH_MAX = 1000 };	/* levels of one tree; deeper ones are refused */

struct expr {
	enum expr_kind kind;
	uint8_t op;		/* UNARY, BINARY: enum op; BUILTIN: enum builtin */
	uint32_t nargs;
	union {
		uint32_t input;	/* INPUT */
		uint32_t slot;	/* LOCAL; LET, COMP: the first that it binds */
		uint32_t def;	/* CALL */
	};
	const struct type *type;
	struct loc loc;
	struct span span;	/* only while compiling; not saved */
	uint32_t depth;		/* only while compiling: levels from here down */
	bool is_large;		/* only while compiling: constant, too large to write out */
	union {
		struct value value;	/* CONST */
		struct str name;	/* FIELD, FORMAT, LOCAL, LET, ASSERT */
		const struct str *names;	/* COMP: of its nargs - 2 targets */
		const uint8_t *ops;	/* CHAIN: nargs - 1 of them */
		uint32_t source;	/* INPUT, only while compiling: see builder.h */
	};
	struct expr **args;
};

enum input_kind {
	/* index: parameter of the pipeline, of the def, or of the component whose where it is */
	INPUT_PARAM,
	INPUT_OUTPUT,		/* index: output of the component whose where it is */
	INPUT_NODE,		/* index: node of the same pipeline; output: which of its outputs */
	INPUT_RUN,		/* index: enum run_field */
	INPUT_TASK_ID,		/* the address of the task that is about to run */
	INPUT_ITEM,		/* index: LOOP around; output: which of its lists: the element */
	INPUT_TRY,		/* index: TRY whose except or finally it is; output: enum try_field */
	/* Where a parameter or an output of the component lies while it runs; output: enum
	 * file_part.  A str, None for an artifact that is not there.  Only in `container:`. */
	INPUT_PARAM_FILE,
	INPUT_OUTPUT_FILE,
};

enum run_field { RUN_ID, RUN_NAME, RUN_STARTED };

/* run.state and run.error of a try: "succeeded", "failed" or "cancelled"; and what
 * failed first, a RunError (in `finally` a RunError?). */
enum try_field { TRY_STATE, TRY_ERROR };

enum file_part { FILE_PATH, FILE_URI };

struct input {
	enum input_kind kind;
	uint32_t index, output;
};

/* Bytecode of one site; see ops.def.  Constants are in the module's pool. */
struct code {
	const uint8_t *ops;
	uint32_t n;
	uint32_t max_stack;	/* values on the stack at most */
	uint32_t nlocals;	/* slots of what let and comprehensions bind */
	uint32_t frame;		/* values that it needs room for, with all that it calls */
	uint32_t levels;	/* of calls of defs: 1 without any */
	const struct code_loc {	/* ascending by pc: the place of the operation at pc */
		uint32_t pc;
		struct loc loc;
	} *locs;
	uint32_t nlocs;
};

struct site {
	const struct type *type;
	struct loc loc;
	const struct input *inputs;
	uint32_t ninputs;
	struct expr *tree;
	struct code code;
	struct str text;	/* the source text, shortened to one line of at most 120 bytes */
};

struct module_param {
	struct str name, doc;
	const struct type *type;
	const struct site *fallback;	/* the default: no inputs; NULL: none */
	const struct site *where;	/* over parameters up to this one; NULL: none */
	struct loc loc;
};

struct module_output {
	struct str name, doc;
	const struct type *type;
	const struct site *where;	/* over all parameters and outputs up to this one */
	const struct site *value;	/* of a pipeline: what it is.  NULL for a component's */
	struct loc loc;
};

struct module_setting {
	enum setting id;
	const struct site *value;
};

struct module_file {		/* a source file, or a file that travels in the module */
	struct str path;	/* relative to the root file's folder where it lies below it */
	struct digest digest;	/* of text */
	struct str text;	/* empty for .kfp sources: they do not travel */
	bool travels;
};

struct module_var {		/* an environment variable of an environment */
	struct str name;
	struct str value;		/* unless it is a secret */
	struct str secret, key;		/* secret("name", "key"); empty if it is not */
};

struct module_env {
	struct str name;		/* declared, or "component.environment" of an inline one */
	struct str image, python;	/* "" where not given; python: "3.11" */
	const struct str *packages;	/* PEP 508 requirements, in the order given */
	const struct str *index_urls;
	const struct module_var *vars;
	uint32_t npackages, nindex_urls, nvars;
	uint32_t requirements;		/* file in module.files, or MODULE_NONE */
	struct loc loc;
};

/* A pure function.  It calls only defs before it, so that none calls itself.  The body's
 * inputs are its parameters, all of them, in order; a constraint on one is checked by an
 * ASSERT in the body.  A struct is declared by its constructor. */
struct module_def {
	struct str name, doc;
	const struct module_param *params;
	uint32_t nparams;
	const struct type *result;
	const struct site *body;
	bool is_struct;		/* result is the struct; its fields are the parameters */
	struct loc loc;
};

enum { DEF_PARAMS_MAX = 255 };

enum code_kind {
	CODE_PYTHON, CODE_PYTHON_FILE, CODE_SHELL, CODE_NATIVE, CODE_LOAD, CODE_CONTAINER,
	CODE_NOTEBOOK,		/* its last output, `notebook`, is what was executed */
};

struct module_component {
	struct str name, doc;
	const struct module_param *params;
	const struct module_output *outputs;
	const struct module_setting *settings;
	uint32_t nparams, noutputs, nsettings;
	uint32_t env;			/* in module.envs, or MODULE_NONE */
	enum code_kind code_kind;
	/* PYTHON, SHELL: the block, common indentation removed.  NATIVE: the library */
	struct str code;
	struct loc code_loc;		/* of its first character; else of the setting */
	uint32_t code_file;		/* PYTHON_FILE, NOTEBOOK: in module.files */
	struct str kubernetes;		/* its `kubernetes:` block, a JSON object; "" if none */
	struct str entry;		/* PYTHON_FILE, NATIVE: name of the function */
	const struct site *command, *args;	/* CONTAINER: list[str?]; NULL: the image's own */
	struct str source;		/* the declaration, as written */
	struct loc loc;
};

struct module_merge {
	struct str name;		/* of a merged task's output; "" for a plain value */
	const struct type *type;
	const struct site *then_value, *else_value;
};

struct module_node {
	enum node_kind kind;
	struct str name;	/* binding, or the callee's name: its part of a config address */
	struct str path;	/* the same, made unique in its pipeline: "deploy#2" */
	uint32_t block;
	uint32_t target;
	const struct site *const *args;
	uint32_t nargs;
	const struct module_setting *settings;
	uint32_t nsettings;
	const uint32_t *after;	/* nodes that must have ended well */
	uint32_t nafter;
	const struct site *cond;
	uint32_t then_block, else_block, final_block;
	const struct module_merge *outs;
	uint32_t nouts;
	const struct type *type;	/* EXPR: of its value */
	struct loc loc;
};

enum block_kind {
	BLOCK_BODY,		/* of the pipeline: block 0, and only that */
	BLOCK_THEN, BLOCK_ELSE,	/* of a BRANCH */
	BLOCK_LOOP,		/* body of a LOOP */
	BLOCK_TRY, BLOCK_EXCEPT, BLOCK_FINALLY,	/* of a TRY */
	BLOCK_NKINDS
};

struct module_block {
	enum block_kind kind;
	uint32_t owner;		/* the node that it belongs to; MODULE_NONE for block 0 */
};

struct module_pipeline {
	struct str name, doc;
	const struct module_param *params;
	const struct module_output *outputs;
	const struct module_setting *settings;
	const struct module_block *blocks;
	const struct module_node *nodes;
	uint32_t nparams, noutputs, nsettings, nblocks, nnodes;
	bool in_root;		/* declared in the root file, not imported */
	struct loc loc;
};

struct module_config_entry {
	struct str address;	/* "kernel", "fit.c", "sub.fit.settings.retries" */
	struct value value;
	const struct type *type;
	struct loc loc;
};

struct module_config {
	struct str name, doc;
	uint32_t pipeline;
	uint32_t base;		/* config it inherits from, or MODULE_NONE; always an earlier one */
	const struct module_config_entry *entries;
	uint32_t nentries;
	struct loc loc;
};

enum concurrency { CONCURRENCY_ALLOW, CONCURRENCY_FORBID, CONCURRENCY_REPLACE, CONCURRENCY_N };

struct module_schedule {	/* when a pipeline is to be run, for those who run it */
	struct str name, doc;
	uint32_t pipeline;
	uint32_t config;	/* of that pipeline; MODULE_NONE: its defaults */
	struct str cron;	/* as cron.h reads it */
	struct str timezone;	/* of the IANA database; "" where none is said: UTC */
	enum concurrency concurrency;	/* a run is due and one goes on: both, wait, or end it */
	struct loc loc;
};

struct module {
	struct arena arena;
	struct types types;
	struct str name, doc;	/* name: the root file's, without its ending */
	struct module_file *files;	/* [0] is the root */
	struct value *consts;	/* pool of the bytecode */
	struct module_def *defs;
	struct module_env *envs;
	struct module_component *components;
	struct module_pipeline *pipelines;
	struct module_config *configs;
	struct module_schedule *schedules;	/* of the root file */
	uint32_t nfiles, nconsts, ndefs, nenvs, ncomponents, npipelines, nconfigs;
	uint32_t nschedules;
	struct digest digest;	/* of the saved form; set by module_save and module_load */
};

struct module *module_new(void);
void module_free(struct module *m);

const char *expr_kind_name(enum expr_kind k);
const char *node_kind_name(enum node_kind k);
const char *block_kind_name(enum block_kind k);
/* The block of this kind that node n has; MODULE_NONE if it has none. */
uint32_t node_block(const struct module_node *n, enum block_kind k);
/* "allow", "forbid", "replace" */
const char *concurrency_name(enum concurrency c);
const char *setting_name(enum setting s);
/* The setting of this name; SETTING_N if there is none. */
enum setting setting_find(struct str name);
/* Is it allowed at this place (one of the letters of setting.def)? */
bool setting_allowed(enum setting s, char place);
/* What keeps it from having this value, to be said after its name ("cannot be
 * negative"); NULL if nothing does. */
const char *setting_breaks(enum setting s, struct value v);
/* The words that it may be, ended by NULL; NULL if it is not one of a few words. */
const char *const *setting_words(enum setting s);
/* The type of its value, in t; NULL for `after`. */
const struct type *setting_type(enum setting s, struct types *t);

/* May a value of type t be given to it? */
bool setting_accepts(enum setting s, const struct module *m, const struct type *t);

/* How many outputs node n of p has, and the name ("" for a plain value) and type of
 * one. */
uint32_t node_noutputs(const struct module *m, const struct module_node *n);
struct str node_output_name(const struct module *m, const struct module_node *n, uint32_t output);
const struct type *node_output_type(const struct module *m, const struct module_node *n,
				    uint32_t output);

/* Index of the pipeline or config of this name; MODULE_NONE if there is none.
 * Of several pipelines with one name, the root file's. */
uint32_t module_find_pipeline(const struct module *m, struct str name);
uint32_t module_find_config(const struct module *m, struct str name, uint32_t pipeline);

/* NATIVE, and called within the runtime: `trusted = on`. */
bool component_is_trusted(const struct module_component *c);

/* The constructor of a struct; NULL if there is none. */
const struct module_def *module_struct(const struct module *m, const struct type *t);

/* "iris.kfp:12:5" in a; "" if loc is none. */
struct str module_loc(const struct module *m, struct loc loc, struct arena *a);

#endif
