/* Is what was read what was put in? */
#include <config.h>

#include "compiler/export/yaml/yaml.h"

#include "runtime/value/yaml_read.h"

static int differs(const struct yaml_node *n, const char *what, struct err *err)
{
	return err_set(err, "line %u, column %u: %s", n->line, n->col, what);
}

static bool is_same_text(const struct yaml_node *n, struct str text)
{
	return n->shape == YAML_IS_SCALAR && str_eq(n->text, text) &&
	       !(n->is_plain && yaml_is_ambiguous(n->text));
}

static bool is_same_scalar(const struct yaml *y, const struct yaml_node *n)
{
	struct value v;

	if (y->kind == YAML_STR)
		return is_same_text(n, y->text);
	if (n->shape != YAML_IS_SCALAR || !n->is_plain || !yaml_resolve(n->text, &v))
		return false;
	switch (y->kind) {
	case YAML_INT:
		return v.kind == VALUE_INT && v.i == y->i;
	case YAML_FLOAT:
		return v.kind == VALUE_FLOAT &&
		       (!memcmp(&v.f, &y->f, sizeof v.f) || (v.f != v.f && y->f != y->f));
	case YAML_BOOL:
		return v.kind == VALUE_BOOL && v.b == y->b;
	case YAML_NULL:
		return v.kind == VALUE_NONE;
	case YAML_STR:
	case YAML_SEQ:
	case YAML_MAP:
		break;
	}
	return false;
}

int yaml_check(const struct yaml *y, const struct yaml_node *n, struct err *err)
{
	if (y->kind != YAML_SEQ && y->kind != YAML_MAP)
		return is_same_scalar(y, n) ? 0 : differs(n, "another value", err);
	if (n->shape != (y->kind == YAML_SEQ ? YAML_IS_LIST : YAML_IS_MAP) || n->n != y->n)
		return differs(n, "another list or map", err);
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml_pair *p = &n->items[i];

		if (p->key && !is_same_text(p->key, y->items[i].key))
			return differs(p->key, "another key", err);
		if (yaml_check(y->items[i].value, p->value, err))
			return -1;
	}
	return 0;
}

int yaml_read_back(struct arena *a, struct str text, const struct yaml *tops,
		   struct yaml_docs *out, struct err *err)
{
	if (yaml_read(a, text, out, err))
		return -1;
	if (out->n != tops->n)
		return err_set(err, "%zu documents, not %zu", out->n, tops->n);
	for (size_t i = 0; i < tops->n; i++)
		if (yaml_check(tops->items[i].value, out->at[i], err))
			return -1;
	return 0;
}
