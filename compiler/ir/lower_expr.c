#include <config.h>

#include <string.h>

#include "compiler/ir/lower_int.h"

static struct operand of_value(struct expr *e)
{
	return (struct operand){.value = e};
}

static struct expr *constant(struct lower *l, struct node *node, struct value v,
			     const struct type *t)
{
	return builder_const(&l->b, v, t, node->span);
}

static bool site_constant(struct lower *l, const struct node *node, const struct site *s,
			  struct value *out)
{
	/* A large one is not written out in the module, but is a constant all the same. */
	if (site_value(s, out) || (!s->ninputs && builder_value(&l->b, s->tree, out)))
		return true;
	*out = VALUE_NONE_V;
	if (!l->diags->nerrors)	/* else folding said why */
		diag(l->diags, node->span, E0802, "this is not a constant");
	return false;
}

/* A constant is computed once and copied to where it is named; one that is large is
 * computed wherever it is, and is not kept. */
static void compute_const(struct lower *l, struct symbol *sym)
{
	enum { LARGE = 32 << 10 };	/* elements and bytes of text */
	struct node *node = sym->decl->const_.value;
	struct sema_file *file = l->file;
	const struct site *s;

	if (sym->is_const)
		return;
	l->file = sym->file;
	s = lower_site(l, node, sym->type);
	sym->is_large = s->tree->is_large;
	if (!sym->is_large && site_constant(l, node, s, &sym->value))
		sym->is_large = value_weight(sym->value, LARGE) >= LARGE;
	sym->is_const = true;
	l->file = file;
}

static struct expr *lower_const(struct lower *l, struct node *node, struct symbol *sym)
{
	struct sema_file *file = l->file;
	struct expr *e;

	compute_const(l, sym);
	if (!sym->is_large) {
		e = constant(l, node, VALUE_NONE_V, sym->type);
		e->value = sym->value;
		return e;
	}
	l->file = sym->file;
	e = builder_convert(&l->b, lower_expr(l, sym->decl->const_.value), sym->type);
	l->file = file;
	return e;
}

void lower_consts(struct lower *l, const struct sema_file *file)
{
	for (size_t i = 0; i < file->symbols.n; i++) {
		struct symbol *sym = file->symbols.at[i];

		if (sym->kind == SYMBOL_CONST && sym->type->kind != TYPE_ERROR)
			compute_const(l, sym);
	}
}

static struct operand lower_symbol(struct lower *l, struct node *node, struct symbol *sym)
{
	struct input in = {INPUT_PARAM, sym->index, 0};
	struct operand task;

	switch (sym->kind) {
	case SYMBOL_CONST:
		return of_value(lower_const(l, node, sym));
	case SYMBOL_PARAM:
		return of_value(builder_input(&l->b, in, sym->type, node->span));
	case SYMBOL_OUTPUT:
		in.kind = INPUT_OUTPUT;
		return of_value(builder_input(&l->b, in, type_read(l->s->types, sym->type),
					      node->span));
	case SYMBOL_VALUE:
		if (sym->is_local)
			return of_value(builder_local(&l->b, sym->index,
						      sym_str(sym->name), sym->type,
						      node->span));
		if (!sym->decl)
			return of_value(l->subject);
		task = (struct operand){.node = sym->index};
		if (sym->on_then || sym->on_else)
			task = lower_merged(l, sym);
		in = (struct input){INPUT_NODE, task.node, 0};
		return of_value(builder_input(&l->b, in, sym->type, node->span));
	case SYMBOL_TASK:
		if (sym->on_then || sym->on_else)
			return lower_merged(l, sym);
		return (struct operand){.node = sym->index, .outs = sym->outs,
					.nouts = sym->nouts, .lists = sym->lists,
					.pick = sym->pick};
	case SYMBOL_ITEM:
		if (sym->is_local)
			return of_value(builder_local(&l->b, sym->index,
						      sym_str(sym->name), sym->type,
						      node->span));
		in = (struct input){INPUT_ITEM, sym->target->index, sym->index};
		return of_value(builder_input(&l->b, in, sym->type, node->span));
	default:
		BUG("%s in an expression", symbol_kind_name(sym));
	}
}

/* Is this in the finally of the try, not in its except? */
static bool is_finally(const struct lower *l, const struct symbol *handler)
{
	const struct graph *g = l->graph;
	uint32_t block = g->block;

	while (g->blocks.at[block].owner != handler->index)
		block = g->nodes.at[g->blocks.at[block].owner].block;
	return g->blocks.at[block].kind == BLOCK_FINALLY;
}

/* run.state and run.error of a try. */
static struct expr *lower_outcome(struct lower *l, struct node *node,
				  const struct symbol *handler)
{
	bool is_state = !strcmp(node->field.name->s, "state");
	struct input in = {INPUT_TRY, handler->index, is_state ? TRY_STATE : TRY_ERROR};
	const struct type *t = l->s->types->run_error;

	if (is_state)
		t = l->s->types->string;
	else if (is_finally(l, handler))
		t = l->s->types->opt_run_error;
	return builder_input(&l->b, in, t, node->span);
}

/* run.id and its like. */
static struct expr *lower_run(struct lower *l, struct node *node)
{
	const char *field = node->field.name->s;
	struct input in = {INPUT_RUN, RUN_ID, 0};

	if (str_is(sym_str(node->field.object->name.name), "task"))
		in.kind = INPUT_TASK_ID;
	else if (!strcmp(field, "name"))
		in.index = RUN_NAME;
	else if (!strcmp(field, "started"))
		in.index = RUN_STARTED;
	return builder_input(&l->b, in, l->s->types->string, node->span);
}

/* x.path and x.uri in `container:`. */
static struct expr *lower_file(struct lower *l, struct node *node, struct symbol *sym)
{
	bool is_param = sym->kind == SYMBOL_PARAM;
	struct input in = {is_param ? INPUT_PARAM_FILE : INPUT_OUTPUT_FILE, sym->index,
			   strcmp(node->field.name->s, "uri") ? FILE_PATH : FILE_URI};
	bool may_lack = is_param && sym->type->kind == TYPE_OPT;
	const struct type *t = l->s->types->string;

	return builder_input(&l->b, in, may_lack ? type_opt(l->s->types, t) : t,
			     node->span);
}

static struct operand lower_field(struct lower *l, struct node *node)
{
	struct node *object = node->field.object;
	struct symbol *sym = node->ref ? symbol_target(node->ref) : NULL;
	const struct type_member *member;
	struct operand o;
	uint32_t out;

	if (sym && sym->kind == SYMBOL_TYPE) {
		member = type_member(sym->type, sym_str(node->field.name));
		return of_value(constant(l, node, value_str(&l->m->arena, member->wire),
					 sym->type));
	}
	if (sym && sym->kind == SYMBOL_TRY)
		return of_value(lower_outcome(l, node, sym));
	if (sym && (sym->kind == SYMBOL_PARAM || sym->kind == SYMBOL_OUTPUT))
		return of_value(lower_file(l, node, sym));
	if (sym)
		return lower_symbol(l, node, sym);
	if (object->kind == AST_NAME && !object->ref)
		return of_value(lower_run(l, node));
	o = lower_operand(l, object);
	for (out = 0; !o.value && out < o.nouts; out++)
		if (o.outs[out].name == node->field.name)
			return of_value(lower_output(l, o, out, node->span));
	if (!o.value)
		o.value = lower_output(l, o, 0, object->span);
	return of_value(builder_field(&l->b, o.value, sym_str(node->field.name),
				      node->type,
				      node->span));
}

/* A built-in function, or a method: its receiver is the first argument. */
static struct expr *lower_builtin(struct lower *l, struct node *node)
{
	struct node *callee = node->call.callee;
	bool method = callee->kind == AST_FIELD;
	uint32_t n = node->call.args.n + method, i = 0;
	struct expr **x = ARENA_ARRAY(&l->m->arena, n, struct expr *);
	enum builtin f;

	if (method) {
		x[i++] = lower_expr(l, callee->field.object);
		f = builtin_find(arena_printf(&l->m->arena, "%s.%s",
					      x[0]->type->kind == TYPE_LIST ? "list"
					      : x[0]->type->kind == TYPE_DICT ? "dict"
									      : "str",
					      callee->field.name->s));
	} else {
		f = builtin_find(sym_str(callee->name.name));
	}
	if (f == BUILTIN_N)
		BUG("a call of no built-in");
	list_each(arg, &node->call.args)
		x[i++] = lower_expr(l, arg->arg.value);
	return builder_builtin(&l->b, f, x, n, node->type, node->span);
}

static struct expr *lower_compare(struct lower *l, struct node *node)
{
	uint32_t n = node->compare.rest.n + 1, i = 1;
	struct expr **x = ARENA_ARRAY(&l->m->arena, n, struct expr *);
	uint8_t *ops = ARENA_ARRAY(&l->m->arena, n, uint8_t);

	x[0] = lower_expr(l, node->compare.left);
	list_each(rest, &node->compare.rest) {
		ops[i - 1] = rest->comparison.op;
		x[i++] = lower_expr(l, rest->comparison.right);
	}
	return builder_chain(&l->b, ops, x, n, node->span);
}

static struct expr *lower_fstring(struct lower *l, struct node *node)
{
	struct expr **x = ARENA_ARRAY(&l->m->arena, node->fstring.parts.n, struct expr *);
	uint32_t i = 0;

	list_each(part, &node->fstring.parts) {
		if (part->kind == AST_FORMAT)
			x[i++] = builder_format(&l->b, lower_expr(l, part->format.value),
						part->format.spec, part->span);
		else
			x[i++] = lower_expr(l, part);
	}
	return builder_fstring(&l->b, x, i, node->span);
}

static struct expr *lower_list(struct lower *l, struct node *node)
{
	struct expr **x = ARENA_ARRAY(&l->m->arena, node->list.items.n, struct expr *);
	struct types *t = l->s->types;
	uint32_t i = 0;

	list_each(item, &node->list.items)
		x[i++] = lower_expr(l, item);
	if (node->type->kind == TYPE_JSON)
		return builder_convert(&l->b,
				       builder_list(&l->b, x, i, type_list(t, t->json),
						    node->span), t->json);
	return builder_list(&l->b, x, i, node->type, node->span);
}

static struct expr *lower_dict(struct lower *l, struct node *node)
{
	uint32_t n = node->dict.pairs.n, i = 0;
	struct expr **x = ARENA_ARRAY(&l->m->arena, 2 * (size_t)n, struct expr *);
	struct types *t = l->s->types;

	list_each(pair, &node->dict.pairs) {
		x[i++] = lower_expr(l, pair->pair.key);
		x[i++] = lower_expr(l, pair->pair.value);
	}
	if (node->type->kind == TYPE_JSON)
		return builder_convert(&l->b,
				       builder_dict(&l->b, x, n, type_dict(t, t->json),
						    node->span), t->json);
	return builder_dict(&l->b, x, n, node->type, node->span);
}

/* -9223372036854775808, whose digits alone are no int: see number_parse. */
static bool is_least_int(const struct node *n)
{
	return n->unary.op == OP_NEG && n->unary.operand->kind == AST_INT &&
	       n->unary.operand->int_.value == INT64_MIN;
}

static struct expr *lower_value(struct lower *l, struct node *node)
{
	struct builder *b = &l->b;
	struct arena *a = &l->m->arena;

	switch (node->kind) {
	case AST_INT:
		return constant(l, node, value_int(node->int_.value), node->type);
	case AST_FLOAT:
		return constant(l, node, value_float(node->float_.value), node->type);
	case AST_BOOL:
		return constant(l, node, value_bool(node->bool_.value), node->type);
	case AST_NONE:
		return constant(l, node, VALUE_NONE_V, node->type);
	case AST_STRING:
		return constant(l, node, value_str(a, node->string.value), node->type);
	case AST_DURATION:
		return constant(l, node, value_int(node->duration.seconds), node->type);
	case AST_SIZE:
		return constant(l, node, value_int(node->size.bytes), node->type);
	case AST_FSTRING:
		return lower_fstring(l, node);
	case AST_LIST:
		return lower_list(l, node);
	case AST_DICT:
		return lower_dict(l, node);
	case AST_UNARY:
		if (is_least_int(node))
			return constant(l, node, value_int(INT64_MIN), node->type);
		return builder_unary(b, (enum op)node->unary.op,
				     lower_expr(l, node->unary.operand), node->type,
				     node->span);
	case AST_BINARY:
		return builder_binary(b, (enum op)node->binary.op,
				      lower_expr(l, node->binary.left),
				      lower_expr(l, node->binary.right), node->type,
				      node->span);
	case AST_COMPARE:
		return lower_compare(l, node);
	case AST_AND:
		return builder_and(b, lower_expr(l, node->and_.left),
				   lower_expr(l, node->and_.right), node->span);
	case AST_OR:
		return builder_or(b, lower_expr(l, node->or_.left),
				  lower_expr(l, node->or_.right), node->span);
	default:
		BUG("%s in an expression", node_name(node->kind));
	}
}

static bool is_task_call(const struct node *node)
{
	const struct symbol *callee = node->ref ? symbol_target(node->ref) : NULL;

	return callee && (callee->kind == SYMBOL_COMPONENT ||
			  callee->kind == SYMBOL_PIPELINE);
}

struct expr *lower_narrowed(struct lower *l, const struct node *node, struct expr *e)
{
	if (e->type->kind != TYPE_OPT || node->type != e->type->elem)
		return e;
	e = arena_dup(&l->m->arena, e, sizeof *e);
	e->type = node->type;
	return e;
}

static struct operand lower_path(struct lower *l, struct node *node)
{
	struct operand o = node->kind == AST_FIELD
				   ? lower_field(l, node)
				   : lower_symbol(l, node, symbol_target(node->ref));

	if (o.value)
		o.value = lower_narrowed(l, node, o.value);
	return o;
}

static struct operand lower_index(struct lower *l, struct node *node)
{
	struct operand o = lower_operand(l, node->index.object);

	if (!o.value && o.lists)
		return lower_pick(l, o, node->index.index);
	if (!o.value)
		o.value = lower_output(l, o, 0, node->index.object->span);
	return of_value(builder_index(&l->b, o.value, lower_expr(l, node->index.index),
				      node->type, node->span));
}

struct operand lower_operand(struct lower *l, struct node *node)
{
	switch (node->kind) {
	case AST_NAME:
	case AST_FIELD:
		return lower_path(l, node);
	case AST_CALL:
		if (is_task_call(node))
			return lower_call(l, node, NULL, NULL);
		if (node->ref && symbol_is_struct(node->ref))
			return of_value(lower_construct(l, node, node->ref));
		if (node->ref && symbol_target(node->ref)->kind == SYMBOL_DEF)
			return of_value(
				lower_def_call(l, node, symbol_target(node->ref)));
		if (node->ref && node->ref->kind == SYMBOL_COLLECT)
			return of_value(lower_collected(l, node->ref, node->span));
		return of_value(lower_builtin(l, node));
	case AST_COND:
		if (node->ref)
			return lower_cond(l, node, NULL);
		return of_value(builder_cond(&l->b, lower_expr(l, node->cond.cond),
					     lower_expr(l, node->cond.then),
					     lower_expr(l, node->cond.orelse), node->type,
					     node->span));
	case AST_INDEX:
		return lower_index(l, node);
	case AST_COMPREHENSION:
		if (node->ref && node->ref->kind == SYMBOL_LOOP)
			return lower_task_list(l, node, NULL, NULL, true);
		return of_value(lower_comprehension(l, node));
	default:
		return of_value(lower_value(l, node));
	}
}

struct expr *lower_expr(struct lower *l, struct node *node)
{
	struct operand o = lower_operand(l, node);

	return o.value ? o.value
		       : lower_narrowed(l, node, lower_output(l, o, 0, node->span));
}

struct expr *lower_condition(struct lower *l, struct node *node)
{
	struct expr *e = lower_expr(l, node);
	struct value known;

	if (builder_value(&l->b, e, &known) && known.kind == VALUE_BOOL)
		diag(l->diags, node->span, W0403, "this is always %s",
		     known.b ? "True" : "False");
	return e;
}

const struct site *lower_site(struct lower *l, struct node *node, const struct type *want)
{
	return node ? builder_site(&l->b, lower_expr(l, node), want) : NULL;
}

bool lower_constant(struct lower *l, struct node *node, const struct type *want,
		    struct value *out)
{
	return site_constant(l, node, lower_site(l, node, want), out);
}
