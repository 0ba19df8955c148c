/* Records: lines of NDJSON that can be checked one by one.
 *
 *	{"t":1738310709123,"n":7,"event":"task_started","task":"fit","~":"9a3c01fe"}
 *
 * `t` is the time in ms since 1970, `n` counts from 1 without gaps, and `~` is always
 * last: the CRC-32C (Castagnoli, as in RFC 3720) of all bytes of the line before its
 * comma, as 8 hexadecimal digits.  The journal and `metrics` are made of such lines. */
#ifndef KFPC_STORE_RECORD_H
#define KFPC_STORE_RECORD_H

#include <stdint.h>

#include "runtime/base/buf.h"

/* Appends one line; members is the JSON inside, without braces, and may be empty. */
void record_write(struct buf *out, int64_t time_ms, int64_t number, const char *event,
		  struct str members);

/* The text of the member `key` of an object, or of its inside without braces: nested ones
 * are not looked at.  A string is given without its quotes, escapes as they are.  Empty
 * where there is none. */
struct str record_member(struct str object, struct str key);
/* The same as a whole number; `otherwise` where there is none. */
int64_t record_int(struct str object, struct str key, int64_t otherwise);

/* Goes over the sound records of a journal's text.
 *
 * What is not sound at the end is a torn tail: written, but never committed.  What is not
 * sound and has a sound record after it is damage, as is a gap in the numbers. */
struct record_reader {
	struct str text;
	size_t at;		/* the next line */
	size_t good_end;	/* behind the last sound record */
	int64_t nrecords;	/* sound ones */
	int64_t next_number;
	size_t bad_at, nbad;	/* unsound lines since the last sound one */
	char damage[160];	/* the first damage, "" if none */
};

void record_reader_init(struct record_reader *r, struct str text);
/* The next sound line without its newline; false at the end. */
bool record_read(struct record_reader *r, struct str *line);
/* Bytes after the last sound record; only right once record_read has returned false. */
size_t record_torn_bytes(const struct record_reader *r);

#endif
