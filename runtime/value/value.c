#include <config.h>

#include "runtime/value/value.h"

struct value value_str(struct arena *a, struct str s)
{
	struct str *copy = ARENA_NEW(a, struct str);

	*copy = arena_str(a, s);
	return (struct value){VALUE_STR, {.s = copy}};
}

struct value value_list(struct arena *a, size_t n, struct value **at)
{
	struct value_list *l;
	size_t bytes;

	if (__builtin_mul_overflow(n, sizeof l->at[0], &bytes) ||
	    __builtin_add_overflow(bytes, sizeof *l, &bytes))
		err_nomem();
	l = arena_alloc(a, bytes);
	l->n = n;
	*at = l->at;
	return (struct value){VALUE_LIST, {.list = l}};
}

struct value value_dict(struct arena *a, size_t n, struct value_pair **at)
{
	struct value_dict *d;
	size_t bytes;

	if (__builtin_mul_overflow(n, sizeof d->at[0], &bytes) ||
	    __builtin_add_overflow(bytes, sizeof *d, &bytes))
		err_nomem();
	d = arena_alloc(a, bytes);
	d->n = n;
	*at = d->at;
	return (struct value){VALUE_DICT, {.dict = d}};
}

static struct value copy_artifact(struct arena *a, const struct artifact *from)
{
	struct artifact *to = arena_dup(a, from, sizeof *from);

	to->name = arena_str(a, from->name);
	to->digest = arena_str(a, from->digest);
	to->uri = arena_str(a, from->uri);
	to->metadata = arena_str(a, from->metadata);
	to->manifest = arena_str(a, from->manifest);
	return (struct value){VALUE_ARTIFACT, {.artifact = to}};
}

struct value value_copy(struct arena *a, struct value v)
{
	struct value made;
	struct value *at;
	struct value_pair *pair;

	switch (v.kind) {
	case VALUE_STR:
		return value_str(a, *v.s);
	case VALUE_LIST:
		made = value_list(a, v.list->n, &at);
		for (size_t i = 0; i < v.list->n; i++)
			at[i] = value_copy(a, v.list->at[i]);
		return made;
	case VALUE_DICT:
		made = value_dict(a, v.dict->n, &pair);
		for (size_t i = 0; i < v.dict->n; i++) {
			pair[i].key = arena_str(a, v.dict->at[i].key);
			pair[i].value = value_copy(a, v.dict->at[i].value);
		}
		return made;
	case VALUE_ARTIFACT:
		return copy_artifact(a, v.artifact);
	case VALUE_SERIES:
		v.series = arena_dup(a, v.series, sizeof *v.series);
		return v;
	case VALUE_NONE:
	case VALUE_BOOL:
	case VALUE_INT:
	case VALUE_FLOAT:
		break;
	}
	return v;
}

struct value value_to_float(struct arena *a, struct value v)
{
	struct value made;
	struct value *at;
	struct value_pair *pair;

	switch (v.kind) {
	case VALUE_INT:
		return value_float((double)v.i);
	case VALUE_LIST:
		made = value_list(a, v.list->n, &at);
		for (size_t i = 0; i < v.list->n; i++)
			at[i] = value_to_float(a, v.list->at[i]);
		return made;
	case VALUE_DICT:
		made = value_dict(a, v.dict->n, &pair);
		for (size_t i = 0; i < v.dict->n; i++) {
			pair[i].key = v.dict->at[i].key;
			pair[i].value = value_to_float(a, v.dict->at[i].value);
		}
		return made;
	default:
		return v;
	}
}

/* Exact, where a conversion to double would round. */
static bool int_eq_float(int64_t i, double f)
{
	return f >= -0x1p63 && f < 0x1p63 && (double)(int64_t)f == f && (int64_t)f == i;
}

static bool number_eq(struct value a, struct value b)
{
	if (a.kind == VALUE_BOOL)
		a = value_int(a.b);
	if (b.kind == VALUE_BOOL)
		b = value_int(b.b);
	if (a.kind == VALUE_INT)
		return b.kind == VALUE_INT ? a.i == b.i : int_eq_float(a.i, b.f);
	return b.kind == VALUE_INT ? int_eq_float(b.i, a.f) : a.f == b.f;
}

static bool is_number(struct value v)
{
	return v.kind == VALUE_BOOL || v.kind == VALUE_INT || v.kind == VALUE_FLOAT;
}

static bool list_eq(const struct value_list *a, const struct value_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!value_eq(a->at[i], b->at[i]))
			return false;
	return true;
}

static bool dict_eq(struct value a, struct value b)
{
	if (a.dict->n != b.dict->n)
		return false;
	for (size_t i = 0; i < a.dict->n; i++) {
		const struct value_pair *pa = &a.dict->at[i], *pb = &b.dict->at[i];
		const struct value *other =
			str_eq(pa->key, pb->key) ? &pb->value : value_get(b, pa->key);

		if (!other || !value_eq(pa->value, *other))
			return false;
	}
	return true;
}

static bool artifact_eq(const struct artifact *a, const struct artifact *b)
{
	return str_eq(a->digest, b->digest) && a->is_tree == b->is_tree;
}

bool value_eq(struct value a, struct value b)
{
	if (is_number(a) && is_number(b))
		return number_eq(a, b);
	if (a.kind != b.kind)
		return false;
	switch (a.kind) {
	case VALUE_STR:
		return str_eq(*a.s, *b.s);
	case VALUE_LIST:
		return list_eq(a.list, b.list);
	case VALUE_DICT:
		return dict_eq(a, b);
	case VALUE_ARTIFACT:
		return artifact_eq(a.artifact, b.artifact);
	case VALUE_SERIES:
		return a.series == b.series;
	case VALUE_NONE:
	case VALUE_BOOL:
	case VALUE_INT:
	case VALUE_FLOAT:
		break;
	}
	return true;	/* None; numbers were met above */
}

const struct value *value_get(struct value dict, struct str key)
{
	if (dict.kind != VALUE_DICT)
		return NULL;
	for (size_t i = 0; i < dict.dict->n; i++)
		if (str_eq(dict.dict->at[i].key, key))
			return &dict.dict->at[i].value;
	return NULL;
}

struct str value_get_str(struct value dict, const char *key)
{
	const struct value *v = value_get(dict, str_of(key));

	return v && v->kind == VALUE_STR ? *v->s : STR("");
}

int64_t value_get_int(struct value dict, const char *key)
{
	const struct value *v = value_get(dict, str_of(key));

	return v && v->kind == VALUE_INT ? v->i : 0;
}

static size_t weight_add(size_t sum, size_t more, size_t limit)
{
	return more > limit - sum ? limit : sum + more;
}

size_t value_weight(struct value v, size_t limit)
{
	size_t sum = limit ? 1 : 0;

	if (v.kind == VALUE_STR)
		return weight_add(sum, v.s->n, limit);
	if (v.kind == VALUE_LIST)
		for (size_t i = 0; i < v.list->n && sum < limit; i++)
			sum += value_weight(v.list->at[i], limit - sum);
	if (v.kind == VALUE_DICT)
		for (size_t i = 0; i < v.dict->n && sum < limit; i++) {
			sum = weight_add(sum, v.dict->at[i].key.n, limit);
			sum += value_weight(v.dict->at[i].value, limit - sum);
		}
	return sum;
}

static bool all_have_type(struct value v, const struct type *elem)
{
	if (v.kind == VALUE_LIST) {
		for (size_t i = 0; i < v.list->n; i++)
			if (!value_has_type(v.list->at[i], elem))
				return false;
		return true;
	}
	for (size_t i = 0; i < v.dict->n; i++)
		if (!value_has_type(v.dict->at[i].value, elem))
			return false;
	return true;
}

static bool is_struct(struct value v, const struct type *t)
{
	if (v.kind != VALUE_DICT || v.dict->n != t->nmembers)
		return false;
	for (uint32_t i = 0; i < t->nmembers; i++)
		if (!str_eq(v.dict->at[i].key, t->fields[i].name) ||
		    !value_has_type(v.dict->at[i].value, t->fields[i].type))
			return false;
	return true;
}

static bool is_json(struct value v)
{
	static const struct type json = {.kind = TYPE_JSON};

	if (v.kind == VALUE_LIST || v.kind == VALUE_DICT)
		return all_have_type(v, &json);
	return v.kind != VALUE_ARTIFACT && v.kind != VALUE_SERIES;
}

static bool is_member(struct value v, const struct type *t)
{
	if (v.kind != VALUE_STR)
		return false;
	for (uint32_t i = 0; i < t->nmembers; i++)
		if (str_eq(t->members[i].wire, *v.s))
			return true;
	return false;
}

bool value_has_type(struct value v, const struct type *t)
{
	switch (t->kind) {
	case TYPE_NONE:
		return v.kind == VALUE_NONE;
	case TYPE_BOOL:
		return v.kind == VALUE_BOOL;
	case TYPE_INT:
	case TYPE_DURATION:
	case TYPE_SIZE:
		return v.kind == VALUE_INT;
	case TYPE_FLOAT:
	case TYPE_METRIC:
		return v.kind == VALUE_FLOAT;
	case TYPE_STR:
		return v.kind == VALUE_STR;
	case TYPE_JSON:
		return is_json(v);
	case TYPE_LIST:
		return v.kind == VALUE_LIST && all_have_type(v, t->elem);
	case TYPE_DICT:
		return v.kind == VALUE_DICT && all_have_type(v, t->elem);
	case TYPE_OPT:
		return v.kind == VALUE_NONE || value_has_type(v, t->elem);
	case TYPE_ENUM:
		return is_member(v, t);
	case TYPE_STRUCT:
		return is_struct(v, t);
	case TYPE_ARTIFACT:
		return v.kind == VALUE_ARTIFACT;
	case TYPE_SERIES:
		return v.kind == VALUE_SERIES;
	case TYPE_ERROR:
	case TYPE_NKINDS:
		break;
	}
	return false;
}
