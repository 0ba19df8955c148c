/* Reads the points of a Series from the file that a task appends lines to, while it runs:
 * {"step": n, "value": x} (and "time" in ms since 1970; without it, the time of reading;
 * without a step, the one after the last). */
#ifndef KFPC_EXEC_SERIES_H
#define KFPC_EXEC_SERIES_H

#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/value/value.h"

typedef void series_fn(void *arg, struct str name, int64_t step, double value,
		       int64_t time_ms);

struct series_reader {
	struct str name;
	int fd;
	off_t at;
	struct buf line;	/* one that is not complete yet */
	int64_t next_step;
	uint64_t line_no;	/* lines read */
	uint64_t bad_line;	/* the first that is no point; 0: none */
	struct series sum;
};

/* Makes the file, empty. */
int series_open(struct series_reader *s, struct str name, const char *path,
		struct err *err);
/* Reads what has been appended and calls fn for each point. */
void series_read(struct series_reader *s, series_fn *fn, void *arg);
/* The task is over: a last line needs no newline. */
void series_end(struct series_reader *s, series_fn *fn, void *arg);
void series_release(struct series_reader *s);

#endif
