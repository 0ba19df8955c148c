#include <config.h>

#include "runtime/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/base/block.h"
#include "runtime/base/err.h"

struct arena_chunk {
	struct arena_chunk *next;
	size_t bytes;
};

enum {
	ALIGN = 16,
	HEADER = (sizeof(struct arena_chunk) + ALIGN - 1) / ALIGN * ALIGN,
	CHUNK_MIN = 4 << 10,
	CHUNK_MAX = 1 << 20,
	/* Of an arena that is so large that a chunk, used up or not, matters little. */
	CHUNK_LARGE = BLOCK_LARGE - HEADER,
	LARGE_FROM = 2 * BLOCK_LARGE,
};

void arena_init(struct arena *a)
{
	*a = (struct arena){0};
}

void arena_release(struct arena *a)
{
	struct arena_chunk *next;

	for (struct arena_chunk *c = a->head; c; c = next) {
		next = c->next;
		block_free(c, HEADER + c->bytes);
	}
	arena_init(a);
}

void arena_clear(struct arena *a)
{
	struct arena_chunk *c = a->head;
	struct arena rest = {0};

	if (!c || c->bytes > CHUNK_MIN) {
		arena_release(a);
		return;
	}
	rest.head = c->next;
	arena_release(&rest);
	c->next = NULL;
	memset((char *)c + HEADER, 0, (size_t)(a->at - (char *)c) - HEADER);
	a->at = (char *)c + HEADER;
	a->total_bytes = c->bytes;
}

/* Fresh pages are not touched here, so large chunks cost only what is used. */
static struct arena_chunk *new_chunk(struct arena *a, size_t bytes)
{
	struct arena_chunk *c = block_new(HEADER + bytes);

	c->bytes = bytes;
	a->total_bytes += bytes;
	return c;
}

static void *alloc_slow(struct arena *a, size_t bytes)
{
	size_t want = a->total_bytes < CHUNK_MIN ? CHUNK_MIN : a->total_bytes;
	struct arena_chunk *c;

	if (want > CHUNK_MAX)
		want = a->total_bytes < LARGE_FROM ? CHUNK_MAX : CHUNK_LARGE;
	if (bytes > want / 4 && a->head) { /* alone, behind the head that is in use */
		c = new_chunk(a, bytes);
		c->next = a->head->next;
		a->head->next = c;
		return (char *)c + HEADER;
	}
	c = new_chunk(a, bytes > want ? bytes : want);
	c->next = a->head;
	a->head = c;
	a->at = (char *)c + HEADER + bytes;
	a->end = (char *)c + HEADER + c->bytes;
	return (char *)c + HEADER;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	char *p = a->at;

	if (bytes > SIZE_MAX / 2)
		err_nomem();
	bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if ((size_t)(a->end - p) < bytes || !p)
		return alloc_slow(a, bytes);
	a->at = p + bytes;
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t bytes)
{
	size_t total;

	if (__builtin_mul_overflow(n, bytes, &total))
		err_nomem();
	return arena_alloc(a, total);
}

void *arena_dup(struct arena *a, const void *p, size_t bytes)
{
	void *copy = arena_alloc(a, bytes);

	if (bytes)
		memcpy(copy, p, bytes);
	return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){p, s.n};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char small[256], *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("bad format: %s", fmt);
	if ((size_t)n < sizeof small)
		return arena_str(a, (struct str){small, (size_t)n});
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){p, (size_t)n};
}
