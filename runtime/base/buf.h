/* A growing byte buffer: where text and binary output is put together.  Embedded, zeroed
 * is empty, released by its owner. */
#ifndef KFPC_BASE_BUF_H
#define KFPC_BASE_BUF_H

#include <stdarg.h>

#include "runtime/base/str.h"

struct buf {
	char *p;	/* NULL while empty; not NUL-terminated unless buf_cstr was called */
	size_t n, cap;
};

void buf_release(struct buf *b);
/* Makes it empty and keeps the memory. */
static inline void buf_clear(struct buf *b)
{
	b->n = 0;
}

/* Room for n more bytes; returns where they go.  The caller adds to b->n what it wrote.
 */
char *buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *z);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* n times the byte c. */
void buf_fill(struct buf *b, char c, size_t n);

static inline void buf_addc(struct buf *b, char c)
{
	if (b->n == b->cap)
		buf_reserve(b, 1);
	b->p[b->n++] = c;
}

/* What it holds; valid until the next change. */
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){b->n ? b->p : "", b->n};
}

/* The contents with a NUL after them that is not counted; valid until the next change. */
const char *buf_cstr(struct buf *b);

/* s with \xNN in place of control bytes (newline and tab kept where keep_layout), so that
 * what a program printed cannot steer the terminal. */
void buf_add_printable(struct buf *b, struct str s, bool keep_layout);

/* s as one word of a shell, in single quotes. */
void buf_add_shell(struct buf *b, struct str s);
/* s as a JSON string with its quotes.  Bytes that are not UTF-8 become U+FFFD. */
void buf_add_json(struct buf *b, struct str s);

#endif
