/* How numbers, strings and values are written in a .kfpb file.
 *
 * Numbers are LEB128: seven bits a byte, lowest first, the high bit on all but the
 * last; the shortest form only.  Signed ones are zigzag-coded first.  A string is its
 * length and its bytes.  A value is the byte of its kind and what belongs to it. */
#ifndef KFPC_BC_WIRE_H
#define KFPC_BC_WIRE_H

#include "runtime/value/value.h"

void wire_put_byte(struct buf *b, uint8_t c);
void wire_put_uint(struct buf *b, uint64_t n);
void wire_put_int(struct buf *b, int64_t n);
void wire_put_str(struct buf *b, struct str s);
/* None, bool, int, float, str, list and dict; nothing else is ever constant. */
void wire_put_value(struct buf *b, struct value v);

/* Bytes being read.  The first fault is kept in words, and from then on everything
 * reads as zero, so that a caller may check once at the end of a loop. */
struct wire {
	const uint8_t *p, *end;
	struct arena *a;	/* where strings and values go */
	const char *fault;	/* NULL while all is well */
};

void wire_fail(struct wire *w, const char *fault);
uint8_t wire_byte(struct wire *w);
/* At most max. */
uint64_t wire_uint(struct wire *w, uint64_t max);
uint32_t wire_u32(struct wire *w);
int64_t wire_int(struct wire *w);
/* Any bytes; a NUL follows the copy. */
struct str wire_bytes(struct wire *w);
/* Text: checked to be UTF-8. */
struct str wire_str(struct wire *w);
/* How many things follow, each of which takes at least least bytes: never more than the
 * bytes that are left can hold, so memory may be taken for them. */
uint32_t wire_count(struct wire *w, size_t least);
struct value wire_value(struct wire *w);

#endif
