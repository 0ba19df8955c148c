#include <config.h>

#include "runtime/base/map.h"

#include <stdlib.h>

#include "runtime/base/err.h"

void map_release(struct map *m)
{
	free(m->slots);
	*m = (struct map){0};
}

static struct map_slot *find(const struct map *m, struct str key, unsigned hash)
{
	size_t i = hash & (m->cap - 1);

	while (m->slots[i].key.p &&
	       !(m->slots[i].hash == hash && str_eq(m->slots[i].key, key)))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, struct str key)
{
	return m->n ? find(m, key, str_hash(key))->value : NULL;
}

static void grow(struct map *m)
{
	struct map old = *m;

	m->cap = old.cap ? old.cap * 2 : 16;
	m->slots = calloc(m->cap, sizeof *m->slots);
	if (!m->slots)
		err_nomem();
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key.p)
			*find(m, old.slots[i].key, old.slots[i].hash) = old.slots[i];
	free(old.slots);
}

void *map_set(struct map *m, struct str key, void *value)
{
	unsigned hash = str_hash(key);
	struct map_slot *slot;
	void *was;

	if (m->n * 4 >= m->cap * 3)
		grow(m);
	slot = find(m, key, hash);
	was = slot->value;
	if (!slot->key.p)
		m->n++;
	*slot = (struct map_slot){key, value, hash};
	return was;
}
