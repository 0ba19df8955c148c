#include <config.h>

#include "compiler/export/block.h"

#include <math.h>

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

struct str export_cpus(struct arena *a, struct value v)
{
	double x = v.kind == VALUE_INT ? (double)v.i : v.f;

	if (x == floor(x))
		return arena_printf(a, "%.0f", x);
	return arena_printf(a, "%.0fm", fmax(1, ceil(x * 1000 - 1e-6)));
}

bool block_holds(struct value v, struct str text)
{
	bool holds = v.kind == VALUE_STR && str_find(*v.s, text, 0) < v.s->n;

	for (size_t i = 0; v.kind == VALUE_LIST && i < v.list->n; i++)
		holds |= block_holds(v.list->at[i], text);
	for (size_t i = 0; v.kind == VALUE_DICT && i < v.dict->n; i++)
		holds |= str_find(v.dict->at[i].key, text, 0) < v.dict->at[i].key.n ||
			 block_holds(v.dict->at[i].value, text);
	return holds;
}

struct line {
	struct str text;	/* without its indentation */
	uint32_t indent, number;
};

/* The line of s at *at, which goes on to the next one; false at the end. */
static bool next_line(struct str s, size_t *at, struct line *l)
{
	size_t end = str_find(s, STR("\n"), *at);

	if (*at >= s.n)
		return false;
	l->text = str_sub(s, *at, end);
	l->indent = 0;
	while (l->indent < l->text.n && l->text.p[l->indent] == ' ')
		l->indent++;
	l->text = str_sub(l->text, l->indent, l->text.n);
	l->number++;
	*at = end + 1;
	return true;
}

static bool begins_with_word(struct str line, struct str word)
{
	return str_has_prefix(line, word) &&
	       (line.n == word.n || line.p[word.n] == ' ' || line.p[word.n] == '=' ||
		line.p[word.n] == ':');
}

struct loc block_place(const struct module_component *c, struct str name)
{
	struct loc loc = c->loc;
	struct line l = {0};
	uint32_t members = UINT32_MAX;	/* the indentation of what a component says */
	bool within = false;
	size_t at = 0;

	next_line(c->source, &at, &l);
	while (next_line(c->source, &at, &l)) {
		if (!l.text.n || l.text.p[0] == '#')
			continue;
		if (begins_with_word(l.text, STR("kubernetes:")) && l.indent <= members) {
			members = l.indent;
			within = true;
		} else if (l.indent <= members) {
			within = false;
		} else if (within && begins_with_word(l.text, name)) {
			loc.line = c->loc.line + l.number - 1;
			loc.col = l.indent + 1;
			within = false;
		}
	}
	return loc;
}
