/* Which constants Kubeflow keeps: every number is a double there, dicts have no order, and
 * what looks like a placeholder is taken for one. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include <math.h>

#include "runtime/value/json.h"

/* A task is told its inputs as one argument of a program, which may have 128 KiB. */
enum { HELD_MAX = 16 << 10 };

static bool takes(size_t n, size_t *left)
{
	if (n > *left)
		return false;
	*left -= n;
	return true;
}

static bool holds_text(struct str s, size_t *left)
{
	return takes(s.n, left) && str_find(s, STR("{{"), 0) == s.n;
}

/* Can it be kept, if *left bytes more may be used? */
static bool holds(struct value v, size_t *left)
{
	if (!takes(8, left))
		return false;
	switch (v.kind) {
	case VALUE_INT:	/* 2**53 is also what 2**53 + 1 becomes */
		return v.i > -(1LL << 53) && v.i < 1LL << 53;
	case VALUE_FLOAT:
		return isfinite(v.f);
	case VALUE_STR:
		return holds_text(*v.s, left);
	case VALUE_LIST:
		for (size_t i = 0; i < v.list->n; i++)
			if (!holds(v.list->at[i], left))
				return false;
		return true;
	case VALUE_DICT:
		for (size_t i = 0; i < v.dict->n; i++)
			if (!holds_text(v.dict->at[i].key, left) ||
			    !holds(v.dict->at[i].value, left))
				return false;
		return true;
	case VALUE_NONE:
	case VALUE_BOOL:
	case VALUE_ARTIFACT:
	case VALUE_SERIES:
		break;
	}
	return true;
}

bool kfp_holds(struct value v)
{
	size_t left = HELD_MAX;

	return holds(v, &left);
}

static bool is_sorted(struct value v, const struct type *t)
{
	t = type_strip(t);
	for (size_t i = 0; v.kind == VALUE_LIST && t->elem && i < v.list->n; i++)
		if (!is_sorted(v.list->at[i], t->elem))
			return false;
	for (size_t i = 0; v.kind == VALUE_DICT && i < v.dict->n; i++) {
		const struct type *of = t->elem;

		if (t->kind == TYPE_STRUCT)
			of = i < t->nmembers ? t->fields[i].type : NULL;
		else if (i && str_cmp(v.dict->at[i - 1].key, v.dict->at[i].key) > 0)
			return false;
		if (of && !is_sorted(v.dict->at[i].value, of))
			return false;
	}
	return true;
}

bool kfp_is_sorted(struct value v, const struct type *t)
{
	return kfp_is_text(t) || is_sorted(v, t);
}

static struct value as_text(struct kfp *k, struct value v)
{
	struct buf b = {0};
	struct str s;

	if (v.kind == VALUE_FLOAT) {	/* what Python's float() and the launcher read */
		s = isnan(v.f) ? STR("NaN") : v.f > 0 ? STR("Infinity") : STR("-Infinity");
		return value_str(k->a, s);
	}
	json_write(v, &b);
	v = value_str(k->a, buf_str(&b));
	buf_release(&b);
	return v;
}

static struct value packed_list(struct kfp *k, struct value v, const struct type *t)
{
	struct value *at, out = value_list(k->a, v.list->n, &at);

	for (size_t i = 0; i < v.list->n; i++)
		at[i] = kfp_packed(k, v.list->at[i], t->elem);
	return out;
}

static struct value order_of(struct kfp *k, struct value v)
{
	struct value *at, out = value_list(k->a, v.dict->n, &at);

	for (size_t i = 0; i < v.dict->n; i++)
		at[i] = value_str(k->a, v.dict->at[i].key);
	return out;
}

static struct value packed_dict(struct kfp *k, struct value v, const struct type *t)
{
	size_t n = v.dict->n;
	bool is_struct = t->kind == TYPE_STRUCT, ordered = false;
	struct value_pair *at;
	struct value out;

	for (size_t i = 1; i < n && !is_struct; i++)
		ordered |= str_cmp(v.dict->at[i - 1].key, v.dict->at[i].key) > 0;
	out = value_dict(k->a, n + ordered, &at);
	for (size_t i = 0; i < n; i++) {
		at[i].key = v.dict->at[i].key;
		at[i].value = kfp_packed(k, v.dict->at[i].value,
					 is_struct ? t->fields[i].type : t->elem);
	}
	if (ordered)
		at[n] = (struct value_pair){STR("kfpc:order"), order_of(k, v)};
	return out;
}

struct value kfp_packed(struct kfp *k, struct value v, const struct type *t)
{
	t = type_strip(t);
	if (v.kind == VALUE_LIST)
		return packed_list(k, v, t);
	if (v.kind == VALUE_DICT)
		return packed_dict(k, v, t);
	if ((v.kind == VALUE_INT || v.kind == VALUE_FLOAT) && !kfp_holds(v))
		return as_text(k, v);
	return v;
}
