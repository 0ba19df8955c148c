#include <config.h>

#include "runtime/bc/config_field.h"

/* What the field has so far; NULL: no value. */
static const struct value *so_far(const struct type *t, uint32_t i, struct value old)
{
	const struct type_field *f = &t->fields[i];
	static const struct value none;

	if (old.kind == VALUE_DICT)
		return value_get(old, f->name);
	if (type_default(t, i))
		return type_default(t, i);
	return f->type->kind == TYPE_OPT ? &none : NULL;
}

struct value config_put_field(struct arena *a, const struct type *t, struct value old,
			      struct str fields, struct value v)
{
	size_t dot = str_find(fields, STR("."), 0), n = 0;
	struct str name = str_sub(fields, 0, dot), rest = STR("");
	struct value_pair *at = NULL, *made;
	struct value out, inner;

	if (dot < fields.n)
		rest = str_sub(fields, dot + 1, fields.n);
	t = type_strip(t);
	at = ARENA_ARRAY(a, t->nmembers, struct value_pair);
	for (uint32_t i = 0; i < t->nmembers; i++) {
		const struct type_field *f = &t->fields[i];
		const struct value *own = so_far(t, i, old);

		inner = own ? *own : VALUE_NONE_V;
		if (str_eq(f->name, name))
			inner = rest.n ? config_put_field(a, f->type, inner, rest, v)
				       : v;
		else if (!own)
			continue;
		at[n++] = (struct value_pair){f->name, inner};
	}
	out = value_dict(a, n, &made);
	memcpy(made, at, n * sizeof *made);
	return out;
}

void config_say_lacking(struct buf *errors, struct str address, const struct type *t,
			struct value v)
{
	struct buf below = {0};

	t = type_strip(t);
	for (uint32_t i = 0; t->kind == TYPE_STRUCT && v.kind == VALUE_DICT &&
			     i < t->nmembers; i++) {
		const struct type_field *f = &t->fields[i];
		const struct value *own = value_get(v, f->name);

		buf_clear(&below);
		buf_addf(&below, "%.*s.%.*s", STR_ARG(address), STR_ARG(f->name));
		if (own) {
			config_say_lacking(errors, buf_str(&below), f->type, *own);
			continue;
		}
		buf_addf(errors, "'%.*s' has no value: give one with -p %.*s=... (",
			 STR_ARG(buf_str(&below)), STR_ARG(buf_str(&below)));
		type_print(f->type, errors);
		buf_addz(errors, ")\n");
	}
	buf_release(&below);
}
