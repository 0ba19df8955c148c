#include <config.h>

#include "runtime/base/map.h"

#include <limits.h>

#include "runtime/base/block.h"
#include "runtime/base/err.h"

void map_release(struct map *m)
{
	block_free(m->slots, m->cap * sizeof *m->slots);
	*m = (struct map){0};
}

static bool is_key(const struct map_slot *s, struct str key, unsigned hash)
{
	return s->hash == hash && s->nkey == key.n &&
	       (s->key == key.p || !memcmp(s->key, key.p, key.n));
}

/* Where key is, or would be. */
static struct map_slot *find(const struct map *m, struct str key, unsigned hash)
{
	size_t i = hash & (m->cap - 1);

	while (m->slots[i].key && !is_key(&m->slots[i], key, hash))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, struct str key)
{
	return m->n ? find(m, key, str_hash(key))->value : NULL;
}

static void resize(struct map *m, size_t cap)
{
	struct map old = *m;

	m->cap = cap;
	m->slots = block_new(cap * sizeof *m->slots);
	for (size_t k = 0; k < old.cap; k++) {
		size_t i = old.slots[k].hash & (cap - 1);

		if (!old.slots[k].key)
			continue;
		while (m->slots[i].key)	/* no key is there twice */
			i = (i + 1) & (cap - 1);
		m->slots[i] = old.slots[k];
	}
	block_free(old.slots, old.cap * sizeof *old.slots);
}

static bool is_too_full(size_t n, size_t cap)
{
	return n * 4 >= cap * 3;
}

void map_reserve(struct map *m, size_t n)
{
	size_t cap = m->cap ? m->cap : 16;

	while (is_too_full(m->n + n, cap))
		cap *= 2;
	if (cap != m->cap)
		resize(m, cap);
}

void *map_set(struct map *m, struct str key, void *value)
{
	unsigned hash = str_hash(key);
	struct map_slot *slot;
	void *was;

	if (key.n > UINT_MAX)
		BUG("a key of %zu bytes", key.n);
	if (is_too_full(m->n, m->cap))
		resize(m, m->cap ? m->cap * 2 : 16);
	slot = find(m, key, hash);
	was = slot->value;
	if (!slot->key)
		m->n++;
	*slot = (struct map_slot){key.p, value, (unsigned)key.n, hash};
	return was;
}

/* What follows in the same chain moves up, so that no search ends too early. */
void map_remove(struct map *m, struct str key)
{
	size_t mask = m->cap - 1, hole, at, home;
	struct map_slot *slot = m->n ? find(m, key, str_hash(key)) : NULL;

	if (!slot || !slot->key)
		return;
	hole = at = (size_t)(slot - m->slots);
	for (;;) {
		at = (at + 1) & mask;
		if (!m->slots[at].key)
			break;
		home = m->slots[at].hash & mask;
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;	/* its place is behind the hole */
		m->slots[hole] = m->slots[at];
		hole = at;
	}
	m->slots[hole] = (struct map_slot){0};
	m->n--;
}
