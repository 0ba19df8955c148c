/* The source map: all files of one compilation in one space of byte offsets.
 *
 * A span is two offsets in that space; file, line and column are computed only when they
 * are shown.  File texts are kept NUL-terminated (the NUL not counted) for as long as the
 * map lives.  Offset 0 belongs to no file, so a zeroed span means "no place". */
#ifndef KFPC_BASE_SRC_H
#define KFPC_BASE_SRC_H

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/vec.h"

struct span {
	uint32_t lo, hi;	/* half-open */
};

#define SPAN_NONE ((struct span){0, 0})

static inline struct span span_join(struct span a, struct span b)
{
	if (!a.lo || !b.lo)
		return a.lo ? a : b;
	return (struct span){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

struct src_file {
	struct str path;	/* as shown to people, NUL-terminated */
	struct str text;	/* LF line ends, no byte order mark */
	uint32_t base;		/* offset of its first byte in the common space */
	uint32_t index;		/* in the order of being added, from 0 */
	uint32_t *lines;	/* offsets (in text) where lines begin */
	uint32_t nlines;
	bool is_quiet;		/* its warnings are not kept: nobody here can mend them */
};

struct src {
	struct arena arena;
	VEC(struct src_file *) files;
	uint32_t end;		/* where the next file begins */
};

/* A place as people count: line and column from 1, the column in characters. */
struct src_pos {
	const struct src_file *file;	/* NULL for no place */
	uint32_t line, col;
};

void src_init(struct src *s);
void src_release(struct src *s);

/* Adds a copy of text, with CRLF read as LF and a leading byte order mark dropped.  NULL
 * when the space of 4 GiB is used up. */
struct src_file *src_add(struct src *s, struct str path, struct str text);

/* The file that offset belongs to; NULL for SPAN_NONE's. */
struct src_file *src_file_at(const struct src *s, uint32_t offset);
struct src_pos src_pos_at(const struct src *s, uint32_t offset);

/* The same for one who asks for many places, each mostly near the one before: a line is not
 * counted from its beginning each time.  A zeroed cursor is at no place. */
struct src_cursor {
	struct src_pos pos;
	uint32_t offset;
};
struct src_pos src_pos_next(const struct src *s, struct src_cursor *c, uint32_t offset);
/* Text of line (from 1) without its newline; empty if there is no such line. */
struct str src_line(const struct src_file *f, uint32_t line);
/* The bytes of a span; empty for SPAN_NONE. */
struct str src_text(const struct src *s, struct span span);

#endif
