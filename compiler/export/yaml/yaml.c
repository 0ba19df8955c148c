/* Documents as trees.  yaml_scalar.c writes the scalars. */
#include <config.h>

#include "compiler/export/yaml/yaml.h"

#include "compiler/export/yaml/yaml_int.h"

static struct yaml *node(struct arena *a, enum yaml_kind kind)
{
	struct yaml *y = ARENA_NEW(a, struct yaml);

	y->kind = kind;
	y->a = a;
	return y;
}

struct yaml *yaml_map(struct arena *a)
{
	return node(a, YAML_MAP);
}

struct yaml *yaml_seq(struct arena *a)
{
	return node(a, YAML_SEQ);
}

struct yaml *yaml_str(struct arena *a, struct str s)
{
	struct yaml *y = node(a, YAML_STR);

	y->text = s;
	return y;
}

struct yaml *yaml_int(struct arena *a, int64_t i)
{
	struct yaml *y = node(a, YAML_INT);

	y->i = i;
	return y;
}

struct yaml *yaml_float(struct arena *a, double f)
{
	struct yaml *y = node(a, YAML_FLOAT);

	y->f = f;
	return y;
}

struct yaml *yaml_bool(struct arena *a, bool b)
{
	struct yaml *y = node(a, YAML_BOOL);

	y->b = b;
	return y;
}

struct yaml *yaml_value(struct arena *a, struct value v)
{
	struct yaml *y;

	switch (v.kind) {
	case VALUE_BOOL:
		return yaml_bool(a, v.b);
	case VALUE_INT:
		return yaml_float(a, (double)v.i);
	case VALUE_FLOAT:
		return yaml_float(a, v.f);
	case VALUE_STR:
		return yaml_str(a, *v.s);
	case VALUE_LIST:
		y = yaml_seq(a);
		for (size_t i = 0; i < v.list->n; i++)
			yaml_add(y, yaml_value(a, v.list->at[i]));
		return y;
	case VALUE_DICT:
		y = yaml_map(a);
		for (size_t i = 0; i < v.dict->n; i++)
			yaml_put(y, v.dict->at[i].key,
				 yaml_value(a, v.dict->at[i].value));
		return y;
	case VALUE_NONE:
	case VALUE_ARTIFACT:
	case VALUE_SERIES:
		break;
	}
	return node(a, YAML_NULL);
}

enum { FEW = 16 };	/* items that are compared one by one */

static size_t slot_of(const struct yaml *map, struct str key)
{
	size_t at = str_hash(key) & (map->nslots - 1);

	while (map->slots[at] && !str_eq(map->items[map->slots[at] - 1].key, key))
		at = (at + 1) & (map->nslots - 1);
	return at;
}

static void hash_item(struct yaml *map, size_t i)
{
	map->slots[slot_of(map, map->items[i].key)] = (uint32_t)i + 1;
}

static void hash_items(struct yaml *map)
{
	map->nslots = 8 * FEW;
	while (map->nslots < 4 * map->n)
		map->nslots *= 2;
	map->slots = ARENA_ARRAY(map->a, map->nslots, uint32_t);
	for (size_t i = 0; i < map->n; i++)
		hash_item(map, i);
}

static void add_item(struct yaml *y, struct str key, struct yaml *value)
{
	if (y->n == y->cap) {
		size_t cap = y->cap ? 2 * y->cap : 4;
		struct yaml_item *more = ARENA_ARRAY(y->a, cap, struct yaml_item);

		if (y->n)
			memcpy(more, y->items, y->n * sizeof *more);
		y->items = more;
		y->cap = cap;
	}
	y->items[y->n++] = (struct yaml_item){key, value};
	if (y->kind != YAML_MAP || y->n <= FEW)
		return;
	if (!y->slots || 2 * y->n > y->nslots)
		hash_items(y);
	else
		hash_item(y, y->n - 1);
}

static struct yaml_item *find(const struct yaml *map, struct str key)
{
	uint32_t slot;

	if (map->slots) {
		slot = map->slots[slot_of(map, key)];
		return slot ? &map->items[slot - 1] : NULL;
	}
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->items[i].key, key))
			return &map->items[i];
	return NULL;
}

void yaml_drop(struct yaml *map, struct str key)
{
	struct yaml_item *item = find(map, key);

	if (!item)
		return;
	*item = map->items[--map->n];
	map->slots = NULL;
}

struct yaml *yaml_get(const struct yaml *map, struct str key)
{
	struct yaml_item *item = find(map, key);

	return item ? item->value : NULL;
}

void yaml_put(struct yaml *map, struct str key, struct yaml *value)
{
	struct yaml_item *item = find(map, key);

	if (item)
		item->value = value;
	else
		add_item(map, key, value);
}

struct yaml *yaml_sub(struct yaml *map, struct str key)
{
	struct yaml *sub = yaml_get(map, key);

	if (!sub) {
		sub = yaml_map(map->a);
		add_item(map, key, sub);
	}
	return sub;
}

struct yaml *yaml_list(struct yaml *map, struct str key)
{
	struct yaml *list = yaml_get(map, key);

	if (!list) {
		list = yaml_seq(map->a);
		add_item(map, key, list);
	}
	return list;
}

void yaml_add(struct yaml *seq, struct yaml *value)
{
	add_item(seq, (struct str){"", 0}, value);
}

void yaml_add_sorted(struct yaml *seq, struct str s)
{
	struct yaml *y;
	size_t lo = 0, hi = seq->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (str_cmp(seq->items[mid].value->text, s) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < seq->n && str_eq(seq->items[lo].value->text, s))
		return;
	y = yaml_str(seq->a, s);
	yaml_add(seq, y);
	memmove(seq->items + lo + 1, seq->items + lo,
		(seq->n - 1 - lo) * sizeof *seq->items);
	seq->items[lo].value = y;
}

static int compare_keys(const void *x, const void *y)
{
	const struct yaml_item *a = x, *b = y;

	return str_cmp(a->key, b->key);
}

static void write_items(struct yaml_out *o, struct yaml *y, unsigned indent);

/* A value after "key:" or "-"; is_item: after a "-", where a collection goes on in the
 * same line. */
static void write_node(struct yaml_out *o, struct yaml *y, unsigned indent, bool is_item)
{
	bool is_seq = y->kind == YAML_SEQ;

	if ((is_seq || y->kind == YAML_MAP) && !y->n) {
		yaml_out_add(o, is_seq ? STR(" []") : STR(" {}"));
		return;
	}
	if (!is_seq && y->kind != YAML_MAP) {
		yaml_out_add(o, STR(" "));
		yaml_write_scalar(o, y, indent, false);
		return;
	}
	if (is_item) {
		yaml_out_add(o, STR(" "));
		write_items(o, y, indent);
		return;
	}
	if (is_seq)
		indent -= 2;
	yaml_out_line(o, indent);
	write_items(o, y, indent);
}

static void write_items(struct yaml_out *o, struct yaml *y, unsigned indent)
{
	struct yaml key = {.kind = YAML_STR};

	if (y->kind == YAML_MAP && !o->by_hand) {
		qsort(y->items, y->n, sizeof *y->items, compare_keys);
		y->slots = NULL;
	}
	for (size_t i = 0; i < y->n; i++) {
		if (i)
			yaml_out_line(o, indent);
		if (y->kind == YAML_SEQ) {
			yaml_out_add(o, STR("-"));
			write_node(o, y->items[i].value, indent + 2, true);
			continue;
		}
		key.text = y->items[i].key;
		if (key.text.n >= YAML_KEY_MAX && !o->by_hand) {
			yaml_out_add(o, STR("? "));
			yaml_write_scalar(o, &key, indent + 2, true);
			yaml_out_line(o, indent);
		} else {
			yaml_write_scalar(o, &key, indent + 2, true);
		}
		yaml_out_add(o, STR(":"));
		write_node(o, y->items[i].value, indent + 2, false);
	}
}

static void write_document(struct yaml_out *o, struct yaml *top)
{
	if (top->n)
		write_items(o, top, 0);
	else
		yaml_out_add(o, top->kind == YAML_SEQ ? STR("[]") : STR("{}"));
	buf_addc(o->b, '\n');
}

void yaml_write(struct yaml *top, struct buf *out)
{
	write_document(&(struct yaml_out){.b = out}, top);
}

void yaml_write_by_hand(struct yaml *top, struct buf *out)
{
	write_document(&(struct yaml_out){.b = out, .by_hand = true}, top);
}
