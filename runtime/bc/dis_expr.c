/* Expression trees as text. */
#include <config.h>

#include <math.h>

#include "runtime/bc/dis.h"

/* How tightly an expression holds together; what is looser than its place needs
 * brackets. */
enum level {
	LEVEL_COND,
	LEVEL_OR,
	LEVEL_AND,
	LEVEL_NOT,
	LEVEL_COMPARE,
	LEVEL_SUM,
	LEVEL_PRODUCT,
	LEVEL_SIGN,
	LEVEL_POWER,
	LEVEL_ATOM,
};

static enum level binary_level(enum op op)
{
	switch (op) {
	case OP_ADD:
	case OP_SUB:
		return LEVEL_SUM;
	case OP_MUL:
	case OP_DIV:
	case OP_FLOORDIV:
	case OP_MOD:
		return LEVEL_PRODUCT;
	case OP_POW:
		return LEVEL_POWER;
	default:
		return LEVEL_COMPARE;
	}
}

static bool is_negative(struct value v)
{
	return (v.kind == VALUE_INT && v.i < 0) || (v.kind == VALUE_FLOAT &&
						    signbit(v.f));
}

static enum level level(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_COND:
		return LEVEL_COND;
	case EXPR_OR:
		return LEVEL_OR;
	case EXPR_AND:
		return LEVEL_AND;
	case EXPR_CHAIN:
		return LEVEL_COMPARE;
	case EXPR_UNARY:
		return e->op == OP_NOT ? LEVEL_NOT : LEVEL_SIGN;
	case EXPR_BINARY:
		return binary_level((enum op)e->op);
	case EXPR_CONST:
		return is_negative(e->value) ? LEVEL_SIGN : LEVEL_ATOM;
	default:
		return LEVEL_ATOM;
	}
}

void dis_input(struct dis *d, const struct input *in)
{
	static const char *const run[] = {"run.id", "run.name", "run.started"};
	const struct module_node *n;
	struct str output;

	switch (in->kind) {
	case INPUT_PARAM:
		buf_add(d->out, d->params[in->index].name);
		return;
	case INPUT_OUTPUT:
		buf_add(d->out, d->outputs[in->index].name);
		return;
	case INPUT_NODE:
		n = &d->pipeline->nodes[in->index];
		buf_add(d->out, n->path.n ? n->path : n->name);
		output = node_output_name(d->m, n, in->output);
		if (output.n && !(d->brief && node_noutputs(d->m, n) == 1))
			buf_addf(d->out, ".%.*s", STR_ARG(output));
		return;
	case INPUT_RUN:
		buf_addz(d->out, run[in->index]);
		return;
	case INPUT_TASK_ID:
		buf_addz(d->out, "task.id");
		return;
	case INPUT_ITEM:
		n = &d->pipeline->nodes[in->index];
		buf_addf(d->out, "%.*s[i]", STR_ARG(n->path));
		if (n->nargs > 1)
			buf_addf(d->out, ".%u", in->output);
		return;
	case INPUT_TRY:
		buf_addz(d->out,
			 in->output == TRY_STATE ? "run.state" : "run.error");
		return;
	case INPUT_PARAM_FILE:
	case INPUT_OUTPUT_FILE:
		output = in->kind == INPUT_PARAM_FILE ? d->params[in->index].name
						      : d->outputs[in->index].name;
		buf_addf(d->out, "%.*s.%s", STR_ARG(output),
			 in->output == FILE_PATH ? "path" : "uri");
		return;
	}
}

static void print(struct dis *d, const struct site *s, const struct expr *e,
		  enum level least)
{
	bool brackets = level(e) < least;

	buf_addz(d->out, brackets ? "(" : "");
	dis_expr(d, s, e);
	buf_addz(d->out, brackets ? ")" : "");
}

static void print_list(struct dis *d, const struct site *s, const struct expr *e,
		       uint32_t from)
{
	for (uint32_t i = from; i < e->nargs; i++) {
		buf_addz(d->out, i > from ? ", " : "");
		print(d, s, e->args[i], LEVEL_COND);
	}
}

static void print_binary(struct dis *d, const struct site *s, const struct expr *e)
{
	enum level own = level(e), left = own, right = own + 1;

	if (own == LEVEL_POWER) {
		left = LEVEL_ATOM;
		right = LEVEL_SIGN;
	} else if (own == LEVEL_COMPARE) {
		left = own + 1;
	}
	print(d, s, e->args[0], left);
	buf_addf(d->out, " %s ", op_spelling((enum op)e->op));
	print(d, s, e->args[1], right);
}

static void print_chain(struct dis *d, const struct site *s, const struct expr *e)
{
	for (uint32_t i = 0; i < e->nargs; i++) {
		if (i)
			buf_addf(d->out, " %s ", op_spelling((enum op)e->ops[i - 1]));
		print(d, s, e->args[i], LEVEL_SUM);
	}
}

static void print_dict(struct dis *d, const struct site *s, const struct expr *e)
{
	bool is_struct = e->type->kind == TYPE_STRUCT;

	if (is_struct)
		buf_add(d->out, e->type->name);
	buf_addz(d->out, is_struct ? "(" : "{");
	for (uint32_t i = 0; i + 1 < e->nargs; i += 2) {
		const struct expr *key = e->args[i];

		buf_addz(d->out, i ? ", " : "");
		if (is_struct && key->kind == EXPR_CONST && key->value.kind == VALUE_STR)
			buf_add(d->out, *key->value.s);
		else
			print(d, s, key, LEVEL_COND);
		buf_addz(d->out, is_struct ? "=" : ": ");
		print(d, s, e->args[i + 1], LEVEL_COND);
	}
	buf_addz(d->out, is_struct ? ")" : "}");
}

static void print_hole(struct dis *d, const struct site *s, const struct expr *e)
{
	buf_addc(d->out, '{');
	print(d, s, e->args[0], LEVEL_COND);
	if (e->name.n)
		buf_addf(d->out, ":%.*s", STR_ARG(e->name));
	buf_addc(d->out, '}');
}

/* The text between holes: escaped as JSON is, braces doubled. */
static void print_literal(struct dis *d, struct str text)
{
	struct buf b = {0};

	buf_add_json(&b, text);
	for (size_t i = 1; i + 1 < b.n; i++) {
		if (b.p[i] == '{' || b.p[i] == '}')
			buf_addc(d->out, b.p[i]);
		buf_addc(d->out, b.p[i]);
	}
	buf_release(&b);
}

static void print_fstring(struct dis *d, const struct site *s, const struct expr *e)
{
	buf_addz(d->out, "f\"");
	for (uint32_t i = 0; i < e->nargs; i++) {
		const struct expr *part = e->args[i];

		if (part->kind == EXPR_CONST && part->value.kind == VALUE_STR) {
			print_literal(d, *part->value.s);
		} else if (part->kind == EXPR_FORMAT) {
			print_hole(d, s, part);
		} else {
			buf_addc(d->out, '{');
			print(d, s, part, LEVEL_COND);
			buf_addc(d->out, '}');
		}
	}
	buf_addc(d->out, '"');
}

static void print_call(struct dis *d, const struct site *s, const struct expr *e)
{
	const char *name = builtin_name((enum builtin)e->op), *dot = strchr(name, '.');

	if (dot)
		print(d, s, e->args[0], LEVEL_ATOM);
	buf_addf(d->out, "%s(", dot ? dot : name);
	print_list(d, s, e, dot != NULL);
	buf_addc(d->out, ')');
}

static void print_cond(struct dis *d, const struct site *s, const struct expr *e)
{
	print(d, s, e->args[1], LEVEL_OR);
	buf_addz(d->out, " if ");
	print(d, s, e->args[0], LEVEL_OR);
	buf_addz(d->out, " else ");
	print(d, s, e->args[2], LEVEL_COND);
}

/* What the language has no expression for: (let x = value: body). */
static void print_let(struct dis *d, const struct site *s, const struct expr *e)
{
	buf_addf(d->out, "(let %.*s = ", STR_ARG(e->name));
	print(d, s, e->args[0], LEVEL_COND);
	buf_addz(d->out, ": ");
	print(d, s, e->args[1], LEVEL_COND);
	buf_addc(d->out, ')');
}

static void print_assert(struct dis *d, const struct site *s, const struct expr *e)
{
	buf_addz(d->out, "(assert ");
	print(d, s, e->args[0], LEVEL_COND);
	if (e->args[1]->kind != EXPR_CONST || e->args[1]->value.kind != VALUE_NONE) {
		buf_addz(d->out, ", ");
		print(d, s, e->args[1], LEVEL_COND);
	}
	buf_addz(d->out, ": ");
	print(d, s, e->args[2], LEVEL_COND);
	buf_addc(d->out, ')');
}

static void print_comp(struct dis *d, const struct site *s, const struct expr *e)
{
	const struct expr *filter = e->args[1];
	bool many = e->nargs > 3;

	buf_addc(d->out, '[');
	print(d, s, e->args[0], LEVEL_COND);
	buf_addz(d->out, " for ");
	for (uint32_t i = 0; i + 2 < e->nargs; i++)
		buf_addf(d->out, "%s%.*s", i ? ", " : "", STR_ARG(e->names[i]));
	buf_addz(d->out, many ? " in zip(" : " in ");
	print_list(d, s, e, 2);
	buf_addz(d->out, many ? ")" : "");
	if (filter->kind != EXPR_CONST || !filter->value.b) {
		buf_addz(d->out, " if ");
		print(d, s, filter, LEVEL_OR);
	}
	buf_addc(d->out, ']');
}

/* A value whose own text is broken over parts of the node. */
static void print_other(struct dis *d, const struct site *s, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_INDEX:
		print(d, s, e->args[0], LEVEL_ATOM);
		buf_addc(d->out, '[');
		print(d, s, e->args[1], LEVEL_COND);
		buf_addc(d->out, ']');
		return;
	case EXPR_FIELD:
		print(d, s, e->args[0], LEVEL_ATOM);
		buf_addf(d->out, ".%.*s", STR_ARG(e->name));
		return;
	case EXPR_FORMAT:
		buf_addz(d->out, "f\"");
		print_hole(d, s, e);
		buf_addc(d->out, '"');
		return;
	case EXPR_LOCAL:
		buf_add(d->out, e->name);
		return;
	case EXPR_LET:
		print_let(d, s, e);
		return;
	case EXPR_COMP:
		print_comp(d, s, e);
		return;
	case EXPR_CALL:
		buf_addf(d->out, "%.*s(", STR_ARG(d->m->defs[e->def].name));
		print_list(d, s, e, 0);
		buf_addc(d->out, ')');
		return;
	case EXPR_ASSERT:
		print_assert(d, s, e);
		return;
	case EXPR_TO_FLOAT:
		buf_addz(d->out, "float(");
		print(d, s, e->args[0], LEVEL_COND);
		buf_addc(d->out, ')');
		return;
	default:
		BUG("no text for %s", expr_kind_name(e->kind));
	}
}

void dis_expr(struct dis *d, const struct site *s, const struct expr *e)
{
	enum level own = level(e);

	switch (e->kind) {
	case EXPR_CONST:
		value_print_literal(e->value, e->type, d->out);
		return;
	case EXPR_INPUT:
		dis_input(d, &s->inputs[e->input]);
		return;
	case EXPR_UNARY:
		buf_addf(d->out, "%s%s", op_spelling((enum op)e->op),
			 e->op == OP_NOT ? " " : "");
		print(d, s, e->args[0], own);
		return;
	case EXPR_BINARY:
		print_binary(d, s, e);
		return;
	case EXPR_CHAIN:
		print_chain(d, s, e);
		return;
	case EXPR_AND:
	case EXPR_OR:
		print(d, s, e->args[0], own);
		buf_addf(d->out, " %s ", expr_kind_name(e->kind));
		print(d, s, e->args[1], own + 1);
		return;
	case EXPR_COND:
		print_cond(d, s, e);
		return;
	case EXPR_LIST:
		buf_addc(d->out, '[');
		print_list(d, s, e, 0);
		buf_addc(d->out, ']');
		return;
	case EXPR_DICT:
		print_dict(d, s, e);
		return;
	case EXPR_FSTRING:
		print_fstring(d, s, e);
		return;
	case EXPR_BUILTIN:
		print_call(d, s, e);
		return;
	default:
		print_other(d, s, e);
	}
}
