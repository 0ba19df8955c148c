/* A hash map from strings to pointers, open addressing.  It borrows its keys: they live
 * as long as the map.  Order of insertion is kept by whoever needs it. */
#ifndef KFPC_BASE_MAP_H
#define KFPC_BASE_MAP_H

#include "runtime/base/str.h"

struct map_slot {
	struct str key;		/* key.p NULL: free */
	void *value;
	unsigned hash;
};

struct map {
	struct map_slot *slots;
	size_t n, cap;		/* cap is 0 or a power of two */
};

void map_release(struct map *m);
/* The value, or NULL. */
void *map_get(const struct map *m, struct str key);
/* Sets it; returns the value it had, or NULL.  key.p must not be NULL. */
void *map_set(struct map *m, struct str key, void *value);

#endif
