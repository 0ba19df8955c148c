#include <config.h>

#include "compiler/export/block.h"

bool block_text(struct value from, const char *name, struct str *out)
{
	const struct value *v = value_get(from, str_of(name));

	*out = v && v->kind == VALUE_STR ? *v->s : (struct str){"", 0};
	return v && v->kind == VALUE_STR;
}

bool block_has(struct value from, const char *name)
{
	const struct value *v = value_get(from, str_of(name));

	return v && v->kind != VALUE_NONE;
}

void block_put_text(struct yaml *to, const char *key, struct value from, const char *name)
{
	struct str s;

	if (block_text(from, name, &s))
		yaml_put_str(to, str_of(key), s);
}

void block_put_int(struct yaml *to, const char *key, struct value from, const char *name)
{
	const struct value *v = value_get(from, str_of(name));

	if (v && v->kind == VALUE_INT)
		yaml_put(to, str_of(key), yaml_int(to->a, v->i));
}

void block_put_bool(struct yaml *to, const char *key, struct value from, const char *name)
{
	const struct value *v = value_get(from, str_of(name));

	if (v && v->kind == VALUE_BOOL)
		yaml_put(to, str_of(key), yaml_bool(to->a, v->b));
}

void block_put_size(struct yaml *to, const char *key, struct value from, const char *name)
{
	const struct value *v = value_get(from, str_of(name));

	if (v && v->kind == VALUE_INT)
		yaml_put_str(to, str_of(key), export_bytes(to->a, v->i));
}

void block_put_texts(struct yaml *to, const char *key, struct value from,
		     const char *name)
{
	const struct value *v = value_get(from, str_of(name));
	struct yaml *all = v && v->kind == VALUE_LIST ? yaml_seq(to->a) : yaml_map(to->a);

	for (size_t i = 0; v && v->kind == VALUE_LIST && i < v->list->n; i++)
		if (v->list->at[i].kind == VALUE_STR)
			yaml_add(all, yaml_str(to->a, *v->list->at[i].s));
	for (size_t i = 0; v && v->kind == VALUE_DICT && i < v->dict->n; i++)
		if (v->dict->at[i].value.kind == VALUE_STR)
			yaml_put_str(all, v->dict->at[i].key, *v->dict->at[i].value.s);
	if (all->n)
		yaml_put(to, str_of(key), all);
}

struct yaml *block_add(struct yaml *map, const char *key)
{
	struct yaml *item = yaml_map(map->a);

	yaml_add(yaml_list(map, str_of(key)), item);
	return item;
}

struct str export_bytes(struct arena *a, int64_t n)
{
	static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti"};
	int unit = 0;

	while (unit < 4 && n && n % 1024 == 0) {
		n /= 1024;
		unit++;
	}
	return arena_printf(a, "%lld%s", (long long)n, units[unit]);
}
