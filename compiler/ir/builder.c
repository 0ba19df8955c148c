#include <config.h>

#include "compiler/ir/builder.h"

#include "compiler/ir/emit.h"
#include "compiler/ir/fold.h"
#include "runtime/base/limits.h"
#include "runtime/base/utf8.h"
#include "runtime/bc/explain.h"
#include "runtime/bc/tree.h"

enum {
	TEXT_MAX = 120,
	FOLD_STEPS = 2 * LIMIT_EVAL_STEPS,	/* of all expressions of a module */
};

void builder_init(struct builder *b, struct module *m, const struct src *src)
{
	*b = (struct builder){.m = m, .src = src, .steps = FOLD_STEPS};
}

void builder_release(struct builder *b)
{
	vec_release(&b->inputs);
	vec_release(&b->pool);
	vec_release(&b->files);
	map_release(&b->pooled);
	buf_release(&b->scratch);
	vec_release(&b->kept);
	map_release(&b->kept_at);
	buf_release(&b->ops);
	vec_release(&b->locs);
}

void builder_finish(struct builder *b)
{
	b->m->consts = arena_dup(&b->m->arena, b->pool.at,
				 b->pool.n * sizeof *b->pool.at);
	b->m->nconsts = (uint32_t)b->pool.n;
}

void builder_map_file(struct builder *b, uint32_t file, uint32_t module_file)
{
	while (b->files.n <= file)
		vec_push(&b->files, 0);
	b->files.at[file] = module_file + 1;
}

struct loc builder_loc(struct builder *b, struct span span)
{
	struct src_pos pos = {0};
	uint32_t file;

	if (b->src && span.lo)
		pos = src_pos_next(b->src, &b->cursor, span.lo);
	if (!pos.file)
		return (struct loc){0};
	file = pos.file->index;
	if (file < b->files.n && b->files.at[file])
		file = b->files.at[file] - 1;
	return (struct loc){file, pos.line, pos.col};
}

static struct expr *new_expr(struct builder *b, enum expr_kind kind,
			     const struct type *type,
			     struct span span)
{
	struct expr *e = ARENA_NEW(&b->m->arena, struct expr);

	e->kind = kind;
	e->type = type;
	e->span = span;
	e->loc = builder_loc(b, span);
	e->depth = 1;
	return e;
}

/* Gives e its arguments.  A tree that grows too deep becomes None here, so that
 * nothing has to count levels later. */
static struct expr *with_args(struct builder *b, struct expr *e, struct expr *const *x,
			      uint32_t n)
{
	struct err err;

	e->args = arena_dup(&b->m->arena, x, n * sizeof *x);
	e->nargs = n;
	for (uint32_t i = 0; i < n; i++)
		if (x[i]->depth >= e->depth)
			e->depth = x[i]->depth + 1;
	if (e->depth <= EXPR_DEPTH_MAX)
		return e;
	err_setk(&err, ERR_INPUT, "the expression is nested deeper than %d levels",
		 EXPR_DEPTH_MAX);
	if (b->report)
		b->report(b->ctx, e, &err, true);
	return new_expr(b, EXPR_CONST, e->type, e->span);
}

/* Would a value of type from need another form to be one of type to? */
static bool changes_form(const struct type *from, const struct type *to)
{
	from = type_strip(from);
	to = type_strip(to);
	if (to->kind == TYPE_FLOAT)
		return from->kind == TYPE_INT;
	return to->elem && from->kind == to->kind && changes_form(from->elem, to->elem);
}

struct expr *builder_const(struct builder *b, struct value v, const struct type *type,
			   struct span span)
{
	struct expr *e = new_expr(b, EXPR_CONST, type, span);

	e->value = value_copy(&b->m->arena, v);
	return e;
}

struct expr *builder_input(struct builder *b, struct input in, const struct type *type,
			   struct span span)
{
	struct expr *e = new_expr(b, EXPR_INPUT, type, span);

	e->input = INPUT_FREE;
	e->source = (uint32_t)b->inputs.n;
	vec_push(&b->inputs, in);
	return e;
}

struct expr *builder_unary(struct builder *b, enum op op, struct expr *x,
			   const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_UNARY, type, span);

	e->op = (uint8_t)op;
	return with_args(b, e, &x, 1);
}

struct expr *builder_binary(struct builder *b, enum op op, struct expr *x, struct expr *y,
			    const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_BINARY, type, span);

	e->op = (uint8_t)op;
	if (op == OP_ADD && type->kind == TYPE_LIST) {
		x = builder_convert(b, x, type);
		y = builder_convert(b, y, type);
	}
	return with_args(b, e, (struct expr *[]){x, y}, 2);
}

struct expr *builder_chain(struct builder *b, const uint8_t *ops, struct expr *const *x,
			   uint32_t n, struct span span)
{
	struct expr *e;

	if (n == 2)
		return builder_binary(b, (enum op)ops[0], x[0], x[1], b->m->types.boolean,
				      span);
	e = new_expr(b, EXPR_CHAIN, b->m->types.boolean, span);
	e->ops = arena_dup(&b->m->arena, ops, n - 1);
	return with_args(b, e, x, n);
}

struct expr *builder_and(struct builder *b, struct expr *x, struct expr *y,
			 struct span span)
{
	struct expr *e = new_expr(b, EXPR_AND, b->m->types.boolean, span);

	return with_args(b, e, (struct expr *[]){x, y}, 2);
}

struct expr *builder_or(struct builder *b, struct expr *x, struct expr *y,
			struct span span)
{
	struct expr *e = new_expr(b, EXPR_OR, b->m->types.boolean, span);

	return with_args(b, e, (struct expr *[]){x, y}, 2);
}

struct expr *builder_cond(struct builder *b, struct expr *cond, struct expr *then,
			  struct expr *orelse, const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_COND, type, span);

	then = builder_convert(b, then, type);
	orelse = builder_convert(b, orelse, type);
	return with_args(b, e, (struct expr *[]){cond, then, orelse}, 3);
}

struct expr *builder_index(struct builder *b, struct expr *x, struct expr *i,
			   const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_INDEX, type, span);

	return with_args(b, e, (struct expr *[]){x, i}, 2);
}

static struct expr *named(struct builder *b, struct expr *e, struct expr *x,
			  struct str name)
{
	e->name = arena_str(&b->m->arena, name);
	return with_args(b, e, &x, 1);
}

struct expr *builder_field(struct builder *b, struct expr *x, struct str name,
			   const struct type *type, struct span span)
{
	return named(b, new_expr(b, EXPR_FIELD, type, span), x, name);
}

struct expr *builder_list(struct builder *b, struct expr *const *x, uint32_t n,
			  const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_LIST, type, span);
	struct expr **items = arena_dup(&b->m->arena, x, n * sizeof *x);

	for (uint32_t i = 0; i < n && type_strip(type)->kind == TYPE_LIST; i++)
		items[i] = builder_convert(b, x[i], type_strip(type)->elem);
	return with_args(b, e, items, n);
}

/* The type of what stands under pair i of a dict or struct of type t; NULL: any. */
static const struct type *pair_type(const struct type *t, uint32_t i)
{
	t = type_strip(t);
	if (t->kind == TYPE_DICT)
		return t->elem;
	return t->kind == TYPE_STRUCT && i < t->nmembers ? t->fields[i].type : NULL;
}

struct expr *builder_dict(struct builder *b, struct expr *const *x, uint32_t n,
			  const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_DICT, type, span);
	struct expr **items = arena_dup(&b->m->arena, x, 2 * (size_t)n * sizeof *x);

	for (uint32_t i = 0; i < n; i++)
		if (pair_type(type, i))
			items[2 * i + 1] = builder_convert(b, x[2 * i + 1],
							   pair_type(type, i));
	return with_args(b, e, items, 2 * n);
}

struct expr *builder_fstring(struct builder *b, struct expr *const *parts, uint32_t n,
			     struct span span)
{
	return with_args(b, new_expr(b, EXPR_FSTRING, b->m->types.string, span), parts,
			 n);
}

struct expr *builder_format(struct builder *b, struct expr *x, struct str spec,
			    struct span span)
{
	return named(b, new_expr(b, EXPR_FORMAT, b->m->types.string, span), x, spec);
}

/* The type that a built-in gives where the program sees one of type: what it takes from
 * its arguments is as it is there, and the sum of nothing is the int 0. */
static const struct type *given_type(struct builder *b, enum builtin f,
				     struct expr *const *x, const struct type *type)
{
	if (f == BUILTIN_SUM && type->kind == TYPE_FLOAT)
		return b->m->types.integer;
	if (f == BUILTIN_GET && changes_form(x[0]->type->elem, type))
		return x[0]->type->elem;
	return type;
}

struct expr *builder_builtin(struct builder *b, enum builtin f, struct expr *const *x,
			     uint32_t n, const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_BUILTIN, given_type(b, f, x, type), span);
	struct expr **args = arena_dup(&b->m->arena, x, n * sizeof *x);
	bool joins = (f == BUILTIN_MIN || f == BUILTIN_MAX) && n > 1;

	e->op = (uint8_t)f;
	for (uint32_t i = 0; i < n; i++)
		if (joins || (f == BUILTIN_GET && i == 2))
			args[i] = builder_convert(b, args[i], type);
	return builder_convert(b, with_args(b, e, args, n), type);
}

uint32_t builder_new_local(struct builder *b)
{
	return b->nlocals++;
}

struct expr *builder_local(struct builder *b, uint32_t local, struct str name,
			   const struct type *type, struct span span)
{
	struct expr *e = new_expr(b, EXPR_LOCAL, type, span);

	e->slot = local;
	e->name = arena_str(&b->m->arena, name);
	return e;
}

struct expr *builder_let(struct builder *b, uint32_t local, struct str name,
			 struct expr *value, struct expr *body)
{
	struct expr *e = new_expr(b, EXPR_LET, body->type, value->span);

	e->slot = local;
	e->name = arena_str(&b->m->arena, name);
	return with_args(b, e, (struct expr *[]){value, body}, 2);
}

struct expr *builder_comp(struct builder *b, struct expr *element, struct expr *filter,
			  const struct comp_targets *t, const struct type *type,
			  struct span span)
{
	struct expr *e = new_expr(b, EXPR_COMP, type, span);
	struct expr **x = ARENA_ARRAY(&b->m->arena, t->n + 2, struct expr *);
	struct str *names = ARENA_ARRAY(&b->m->arena, t->n, struct str);

	x[0] = element;
	if (type_strip(type)->kind == TYPE_LIST)
		x[0] = builder_convert(b, element, type_strip(type)->elem);
	x[1] = filter ? filter
		      : builder_const(b, value_bool(true), b->m->types.boolean, span);
	for (uint32_t i = 0; i < t->n; i++) {
		x[2 + i] = t->lists[i];
		names[i] = arena_str(&b->m->arena, t->names[i]);
	}
	e->slot = t->first;
	e->names = names;
	return with_args(b, e, x, t->n + 2);
}

struct expr *builder_call(struct builder *b, uint32_t def, struct expr *const *x,
			  struct span span)
{
	const struct module_def *d = &b->m->defs[def];
	struct expr *e = new_expr(b, EXPR_CALL, d->result, span);
	struct expr **args = ARENA_ARRAY(&b->m->arena, d->nparams, struct expr *);

	e->def = def;
	for (uint32_t i = 0; i < d->nparams; i++)
		args[i] = builder_convert(b, x[i], d->params[i].type);
	return with_args(b, e, args, d->nparams);
}

struct expr *builder_assert(struct builder *b, struct expr *cond, struct expr *message,
			    struct expr *value, struct str param)
{
	struct expr *e = new_expr(b, EXPR_ASSERT, value->type, cond->span);

	if (!message)
		message = builder_const(b, VALUE_NONE_V, b->m->types.none, cond->span);
	e->name = arena_str(&b->m->arena, param);
	return with_args(b, e, (struct expr *[]){cond, message, value}, 3);
}

struct expr *builder_convert(struct builder *b, struct expr *x, const struct type *want)
{
	struct expr *e;

	if (want->kind == TYPE_JSON && x->type->kind != TYPE_JSON)
		return builder_builtin(b, BUILTIN_JSON, &x, 1, want, x->span);
	if (!changes_form(x->type, want))
		return x;
	if (x->type->kind == TYPE_OPT && want->kind != TYPE_OPT)
		BUG("an optional value where a plain one is wanted");
	e = new_expr(b, EXPR_TO_FLOAT, want, x->span);
	return with_args(b, e, &x, 1);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str builder_text(struct builder *b, struct span span)
{
	struct str s = b->src && span.lo ? src_text(b->src, span) : STR("");
	struct buf *out = &b->scratch;
	size_t n = TEXT_MAX - 3;

	buf_clear(out);
	for (size_t i = 0; i < s.n && out->n <= TEXT_MAX; i++) {
		if (!is_space(s.p[i]))
			buf_addc(out, s.p[i]);
		else if (out->n && out->p[out->n - 1] != ' ')
			buf_addc(out, ' ');
	}
	if (out->n > TEXT_MAX) {
		while (n && ((unsigned char)out->p[n] & 0xc0) == 0x80)
			n--;
		out->n = n;
		buf_addz(out, "...");
	}
	return arena_str(&b->m->arena, buf_str(out));
}

/* The site over the inputs that are kept already, and those that the tree needs. */
static struct site *make_site(struct builder *b, struct expr *tree,
			      const struct type *type)
{
	struct fold f = {.b = b};
	struct site *s = ARENA_NEW(&b->m->arena, struct site);

	s->type = type;
	s->tree = fold_tree(&f, builder_convert(b, tree, s->type));
	s->loc = tree->loc;
	s->inputs = arena_dup(&b->m->arena, b->kept.at, b->kept.n * sizeof *b->kept.at);
	s->ninputs = (uint32_t)b->kept.n;
	fold_release(&f);
	vec_clear(&b->kept);
	map_release(&b->kept_at);
	return s;
}

const struct site *builder_site(struct builder *b, struct expr *tree,
				const struct type *want)
{
	struct site *s = make_site(b, tree, want ? want : tree->type);

	if (b->only_trees)
		return s;
	s->text = builder_text(b, tree->span);
	s->code = emit_code(b, s->tree);
	return s;
}

const struct site *builder_body(struct builder *b, struct expr *tree,
				const struct type *result, uint32_t nparams)
{
	struct site *s;

	for (uint32_t i = 0; i < nparams; i++)
		fold_keep(b, (struct input){INPUT_PARAM, i, 0});
	s = make_site(b, tree, result);
	s->text = builder_text(b, tree->span);
	s->code = emit_code(b, s->tree);
	return s;
}

const struct site *builder_site_const(struct builder *b, struct value v,
				      const struct type *type, struct span span)
{
	return builder_site(b, builder_const(b, v, type, span), type);
}

bool builder_value(struct builder *b, struct expr *tree, struct value *out)
{
	struct err err;

	return !fold_eval(b, tree, out, &err);
}

bool site_value(const struct site *s, struct value *out)
{
	if (s->tree->kind != EXPR_CONST)
		return false;
	*out = s->tree->value;
	return true;
}

int site_eval(const struct module *m, const struct site *s, const struct value *inputs,
	      struct arena *a, struct value *out, struct err *err)
{
	static const struct value none[1];
	uint64_t steps = LIMIT_EVAL_STEPS;
	struct tree_eval ev = {
		.m = m, .inputs = inputs ? inputs : none, .a = a, .steps = &steps,
		.explain = explain_assertion,
	};

	return tree_eval(&ev, s->tree, out, err);
}
