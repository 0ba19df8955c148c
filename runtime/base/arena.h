/* Memory that is dropped all at once.
 *
 * One arena per compilation, one per run, one per task: whoever owns the arena owns all
 * that lives in it, and nothing in it is freed alone.  Memory comes zeroed and aligned to
 * 16 bytes.  Running out of memory aborts (err_nomem), so nothing here returns NULL.
 *
 *	struct arena a;
 *	arena_init(&a);
 *	struct node *n = ARENA_NEW(&a, struct node);
 *	arena_release(&a);
 */
#ifndef KFPC_BASE_ARENA_H
#define KFPC_BASE_ARENA_H

#include "runtime/base/str.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *head;
	char *at, *end;		/* what is left of the head chunk */
	size_t total_bytes;	/* of all chunks */
};

void arena_init(struct arena *a);
/* Frees everything; the arena is then as after arena_init.  Safe on a zeroed arena. */
void arena_release(struct arena *a);

/* Forgets everything and keeps a little memory for what comes next. */
void arena_clear(struct arena *a);

void *arena_alloc(struct arena *a, size_t bytes);
/* n objects of size bytes each; aborts on overflow. */
void *arena_array(struct arena *a, size_t n, size_t bytes);
#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define ARENA_ARRAY(a, n, T) ((T *)arena_array((a), (n), sizeof(T)))

/* A copy of s in a, with a NUL after it that is not counted. */
struct str arena_str(struct arena *a, struct str s);
/* A copy of the bytes. */
void *arena_dup(struct arena *a, const void *p, size_t bytes);
/* What printf would print, as a str in a with a NUL after it. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
