/* Expressions of a module: trees, and the sites made from them.
 *
 * A tree is put together from the leaves up; builder_site then folds what is constant,
 * makes the list of inputs, generates the bytecode and returns the site.  Trees may be
 * shared between sites: making a site copies what it keeps.  All of it lives in the
 * module's arena.
 *
 *	struct builder b;
 *	builder_init(&b, m, src);
 *	b.report = report_fold_error, b.ctx = checker;
 *	struct input fit = {INPUT_NODE, 1, 0};
 *	struct expr *acc = builder_input(&b, fit, t->metric, span);
 *	struct expr *least = builder_const(&b, value_float(0.9), t->floating, span);
 *	struct expr *test = builder_binary(&b, OP_GE, acc, least, t->boolean, span);
 *	node->cond = builder_site(&b, test, t->boolean);
 *	builder_finish(&b);
 *	builder_release(&b);
 *
 * The types are the checker's work; the builder believes them.  Nothing here fails:
 * what cannot be computed (constant division by zero) is reported and stays in the
 * tree as it is, so that it fails when it is evaluated. */
#ifndef KFPC_IR_BUILDER_H
#define KFPC_IR_BUILDER_H

#include "runtime/bc/module.h"

struct builder {
	struct module *m;
	const struct src *src;	/* may be NULL: then no places and no text */
	/* Called for each part of a tree that fails when folded: at is the node that
	 * does (span, loc), err says why.  certain is false where at may never be
	 * evaluated (the arm of a conditional, the right side of `and` and `or`): a
	 * warning at most.  May be NULL. */
	void (*report)(void *ctx, const struct expr *at, const struct err *err,
		       bool certain);
	void *ctx;
	bool only_trees;	/* sites get neither bytecode nor text; bodies of defs do */
	/* Private. */
	VEC(struct input) inputs;	/* what EXPR_INPUT.source counts */
	VEC(struct value) pool;
	VEC(uint32_t) files;		/* of the source map -> of the module, plus one */
	struct src_cursor cursor;	/* the place asked for last */
	struct map pooled;		/* encoded -> number in the pool, plus one */
	uint32_t nlocals;		/* numbers of locals given out so far */
	uint64_t steps;			/* that folding may still take */
	struct buf scratch;
	/* Of the site that is being made. */
	VEC(struct input) kept;		/* the inputs of its tree as it is kept */
	struct map kept_at;		/* the same -> their number, plus one; if many */
	struct buf ops;			/* its bytecode */
	VEC(struct code_loc) locs;
};

/* m is new; its constant pool is filled by builder_finish. */
void builder_init(struct builder *b, struct module *m, const struct src *src);
void builder_release(struct builder *b);
/* Moves the constant pool into the module; once, after the last site. */
void builder_finish(struct builder *b);

/* File number `file` of the source map is module.files[module_file].  Without this
 * they are taken to have the same number. */
void builder_map_file(struct builder *b, uint32_t file, uint32_t module_file);
/* The place of the first byte of span; line 0 for SPAN_NONE. */
struct loc builder_loc(struct builder *b, struct span span);

/* Nodes of trees.  type is the type of the result.  Values, strings and arrays are
 * copied; argument nodes are kept. */
struct expr *builder_const(struct builder *b, struct value v, const struct type *type,
			   struct span span);
/* The same input twice in one site becomes one. */
struct expr *builder_input(struct builder *b, struct input in, const struct type *type,
			   struct span span);
struct expr *builder_unary(struct builder *b, enum op op, struct expr *x,
			   const struct type *type, struct span span);
struct expr *builder_binary(struct builder *b, enum op op, struct expr *x, struct expr *y,
			    const struct type *type, struct span span);
/* x[0] ops[0] x[1] ops[1] x[2] ...: n arguments, n - 1 comparisons; n >= 2.  With two
 * arguments it becomes a BINARY. */
struct expr *builder_chain(struct builder *b, const uint8_t *ops, struct expr *const *x,
			   uint32_t n, struct span span);
struct expr *builder_and(struct builder *b, struct expr *x, struct expr *y,
			 struct span span);
struct expr *builder_or(struct builder *b, struct expr *x, struct expr *y,
			struct span span);
struct expr *builder_cond(struct builder *b, struct expr *cond, struct expr *then,
			  struct expr *orelse, const struct type *type, struct span span);
struct expr *builder_index(struct builder *b, struct expr *x, struct expr *i,
			   const struct type *type, struct span span);
struct expr *builder_field(struct builder *b, struct expr *x, struct str name,
			   const struct type *type, struct span span);
struct expr *builder_list(struct builder *b, struct expr *const *x, uint32_t n,
			  const struct type *type, struct span span);
/* x: n pairs, key then value. */
struct expr *builder_dict(struct builder *b, struct expr *const *x, uint32_t n,
			  const struct type *type, struct span span);
/* Parts are strs (builder_format makes one of anything), joined. */
struct expr *builder_fstring(struct builder *b, struct expr *const *parts, uint32_t n,
			     struct span span);
/* spec is "" for {x}, ".2f" for {x:.2f}. */
struct expr *builder_format(struct builder *b, struct expr *x, struct str spec,
			    struct span span);
struct expr *builder_builtin(struct builder *b, enum builtin f, struct expr *const *x,
			     uint32_t n, const struct type *type, struct span span);
/* Locals have numbers that nothing else in the module has; sites number them anew. */
uint32_t builder_new_local(struct builder *b);
struct expr *builder_local(struct builder *b, uint32_t local, struct str name,
			   const struct type *type, struct span span);
/* body, in which the local is value. */
struct expr *builder_let(struct builder *b, uint32_t local, struct str name,
			 struct expr *value, struct expr *body);
/* [element for names... in lists... if filter]: the n lists are gone through in step, to
 * the end of the shortest; filter may be NULL.  The targets are locals of consecutive
 * numbers.  1 <= n <= 255. */
struct comp_targets {
	uint32_t first, n;
	const struct str *names;
	struct expr *const *lists;
};
struct expr *builder_comp(struct builder *b, struct expr *element, struct expr *filter,
			  const struct comp_targets *t, const struct type *type,
			  struct span span);
/* The call of module.defs[def], all of whose nparams parameters are given in x. */
struct expr *builder_call(struct builder *b, uint32_t def, struct expr *const *x,
			  struct span span);
/* value, once cond holds.  message is a str or NULL; param is the name of the parameter
 * whose constraint it is, "" for an assertion. */
struct expr *builder_assert(struct builder *b, struct expr *cond, struct expr *message,
			    struct expr *value, struct str param);

/* x as a value of type want, which its type is assignable to: x itself, or TO_FLOAT of it
 * where an int (within a list, a dict, an option too) becomes a float. */
struct expr *builder_convert(struct builder *b, struct expr *x, const struct type *want);

/* The site that computes tree as a value of type want (NULL: as it is); converts, folds,
 * collects inputs, emits.  Never NULL. */
const struct site *builder_site(struct builder *b, struct expr *tree,
				const struct type *want);
/* The same for the body of a def, whose inputs are all of its nparams parameters. */
const struct site *builder_body(struct builder *b, struct expr *tree,
				const struct type *result, uint32_t nparams);
/* The site of a constant. */
const struct site *builder_site_const(struct builder *b, struct value v,
				      const struct type *type, struct span span);

/* The source of span on one line: white space as single spaces, cut where it is long. */
struct str builder_text(struct builder *b, struct span span);

/* Is tree constant, or can it be folded into a constant?  Then the value, in the module's
 * arena.  Reports nothing. */
bool builder_value(struct builder *b, struct expr *tree, struct value *out);
/* The same for a site that is made. */
bool site_value(const struct site *s, struct value *out);

/* Computes the tree of a site for given inputs, as the VM would compute its code: to
 * check a `where` against values that are known.  -1 with err (without a place). */
int site_eval(const struct module *m, const struct site *s, const struct value *inputs,
	      struct arena *a, struct value *out, struct err *err);

#endif
