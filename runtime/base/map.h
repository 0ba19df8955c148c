/* A hash map from strings to pointers, open addressing.  It borrows its keys: they live
 * as long as the map.  Order of insertion is kept by whoever needs it. */
#ifndef KFPC_BASE_MAP_H
#define KFPC_BASE_MAP_H

#include "runtime/base/str.h"

struct map_slot {
	const char *key;	/* NULL: free */
	void *value;
	unsigned nkey, hash;
};

struct map {
	struct map_slot *slots;
	size_t n, cap;		/* cap is 0 or a power of two */
};

void map_release(struct map *m);
/* Makes room for n keys more, so that the table need not grow by and by. */
void map_reserve(struct map *m, size_t n);
/* The value, or NULL. */
void *map_get(const struct map *m, struct str key);
/* Sets it; returns the value it had, or NULL.  key.p must not be NULL, and the
 * key is shorter than 4 GiB. */
void *map_set(struct map *m, struct str key, void *value);
/* Forgets a key, if it is there: it need not live any longer. */
void map_remove(struct map *m, struct str key);

#endif
