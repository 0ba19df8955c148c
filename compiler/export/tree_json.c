/* Expressions as JSON for the launcher, which computes them by the rules of the language:
 * [kind, ...].  Strings are spelled so that neither "{{" nor "python3", which Kubeflow
 * and its SDK replace wherever they meet them, occurs. */
#include <config.h>

#include "compiler/export/tree_json.h"

#include <math.h>

#include "runtime/value/json.h"

void tree_escape(struct str t, struct buf *b)
{
	for (size_t i = 0; i < t.n; i++) {
		struct str rest = str_sub(t, i, t.n);

		if (str_has_prefix(rest, STR("{{")))
			buf_addz(b, "\\u007b");
		else if (str_has_prefix(rest, STR("python3")) &&
			 (!i || t.p[i - 1] != '\\'))
			buf_addz(b, "\\u0070");
		else
			buf_addc(b, t.p[i]);
	}
}

void tree_text(struct str s, struct buf *b)
{
	struct buf plain = {0};

	buf_add_json(&plain, s);
	tree_escape(buf_str(&plain), b);
	buf_release(&plain);
}

void tree_value(struct value v, struct buf *b)
{
	if (v.kind == VALUE_STR) {
		buf_addz(b, "[\"const\", ");
		tree_text(*v.s, b);
		buf_addc(b, ']');
	} else if (v.kind == VALUE_FLOAT && !isfinite(v.f)) {
		buf_addf(b, "[\"float\", \"%s\"]",
			 isnan(v.f) ? "nan"
			 : v.f > 0  ? "inf"
				    : "-inf");
	} else if (v.kind == VALUE_LIST) {
		buf_addz(b, "[\"list\"");
		for (size_t i = 0; i < v.list->n; i++) {
			buf_addz(b, ", ");
			tree_value(v.list->at[i], b);
		}
		buf_addc(b, ']');
	} else if (v.kind == VALUE_DICT) {
		buf_addz(b, "[\"dict\"");
		for (size_t i = 0; i < v.dict->n; i++) {
			buf_addz(b, ", [\"const\", ");
			tree_text(v.dict->at[i].key, b);
			buf_addz(b, "], ");
			tree_value(v.dict->at[i].value, b);
		}
		buf_addc(b, ']');
	} else {
		buf_addz(b, "[\"const\", ");
		json_write(v, b);
		buf_addc(b, ']');
	}
}

/* What stands between the kind and the arguments. */
static void head_json(const struct module *m, const struct expr *e, const uint32_t *at,
		      struct buf *b)
{
	switch (e->kind) {
	case EXPR_INPUT:
		buf_addf(b, ", %u", at ? at[e->input] : e->input);
		break;
	case EXPR_UNARY:
	case EXPR_BINARY:
		buf_addf(b, ", \"%s\"", op_spelling(e->op));
		break;
	case EXPR_CHAIN:
		buf_addz(b, ", [");
		for (uint32_t i = 0; i + 1 < e->nargs; i++)
			buf_addf(b, "%s\"%s\"", i ? ", " : "", op_spelling(e->ops[i]));
		buf_addc(b, ']');
		break;
	case EXPR_BUILTIN:
		buf_addf(b, ", \"%s\"", builtin_name(e->op));
		break;
	case EXPR_FIELD:
	case EXPR_FORMAT:
	case EXPR_ASSERT:
		buf_addz(b, ", ");
		tree_text(e->name, b);
		break;
	case EXPR_LOCAL:
	case EXPR_LET:
	case EXPR_COMP:
		buf_addf(b, ", %u", e->slot);
		break;
	case EXPR_CALL:
		buf_addz(b, ", ");
		tree_text(m->defs[e->def].name, b);
		buf_addf(b, ", %u", e->def);
		break;
	case EXPR_CONST:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_COND:
	case EXPR_INDEX:
	case EXPR_LIST:
	case EXPR_DICT:
	case EXPR_FSTRING:
	case EXPR_TO_FLOAT:
	case EXPR_NKINDS:
		break;
	}
}

void tree_json(const struct module *m, const struct expr *e, const uint32_t *at,
		   struct buf *b)
{
	if (e->kind == EXPR_CONST) {
		tree_value(e->value, b);
		return;
	}
	buf_addf(b, "[\"%s\"", expr_kind_name(e->kind));
	head_json(m, e, at, b);
	for (uint32_t i = 0; i < e->nargs; i++) {
		buf_addz(b, ", ");
		if (e->args[i])
			tree_json(m, e->args[i], at, b);
		else
			buf_addz(b, "null");
	}
	buf_addc(b, ']');
}

void tree_defs(const struct module *m, struct buf *b)
{
	buf_addc(b, '[');
	for (uint32_t i = 0; i < m->ndefs; i++) {
		buf_addz(b, i ? ",\n" : "");
		tree_json(m, m->defs[i].body->tree, NULL, b);
	}
	buf_addc(b, ']');
}

void tree_type(const struct type *t, struct buf *b)
{
	struct buf plain = {0};

	json_write_type(t, &plain);
	tree_escape(buf_str(&plain), b);
	buf_release(&plain);
}
