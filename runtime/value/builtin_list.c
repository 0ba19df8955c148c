/* Methods of list and dict. */
#include <config.h>

#include "runtime/value/builtin_int.h"

#include "runtime/value/arith.h"

/* index and count: what equals argument 1. */
static int do_search(struct call *c, struct value *out)
{
	const struct value_list *l;
	int64_t n = 0;

	if (!builtin_is(c, 0, VALUE_LIST) || value_check_weight(c->args[0], c->err) < 0 ||
	    value_check_weight(c->args[1], c->err) < 0)
		return -1;
	l = c->args[0].list;
	for (size_t i = 0; i < l->n; i++) {
		if (!value_eq(l->at[i], c->args[1]))
			continue;
		if (c->f == BUILTIN_LIST_INDEX) {
			*out = value_int((int64_t)i);
			return 0;
		}
		n++;
	}
	*out = value_int(n);
	if (c->f == BUILTIN_LIST_COUNT)
		return 0;
	return err_setk(c->err, ERR_EVAL, "index() of what is not in the list");
}

static int do_get(struct call *c, struct value *out)
{
	const struct value *found;

	if (!builtin_is(c, 0, VALUE_DICT) || !builtin_is(c, 1, VALUE_STR))
		return -1;
	found = value_get(c->args[0], *c->args[1].s);
	*out = found ? *found : c->n == 3 ? c->args[2] : VALUE_NONE_V;
	return 0;
}

static int do_columns(struct call *c, struct value *out)
{
	const struct value_dict *d;
	struct value *at;

	if (!builtin_is(c, 0, VALUE_DICT))
		return -1;
	d = c->args[0].dict;
	*out = value_list(c->a, d->n, &at);
	for (size_t i = 0; i < d->n; i++)
		at[i] = c->f == BUILTIN_KEYS ? value_str(c->a, d->at[i].key)
					     : d->at[i].value;
	return 0;
}

int builtin_list(struct call *c, struct value *out)
{
	switch (c->f) {
	case BUILTIN_LIST_INDEX:
	case BUILTIN_LIST_COUNT:
		return do_search(c, out);
	case BUILTIN_GET:
		return do_get(c, out);
	case BUILTIN_KEYS:
	case BUILTIN_VALUES:
		return do_columns(c, out);
	default:
		BUG("%s is no method of list or dict", builtin_name(c->f));
	}
}
