/* Times of a schedule, as cron writes them: minute, hour, day of the month, month, day of
 * the week.
 *
 * Each field is `*`, or a list of numbers, ranges and steps: "5", "1-5", "0-30/10", "8/2"
 * (from 8 to the end), "MON,FRI".  Months and days have their English names, of three
 * letters, in any case; Sunday is 0, or 7.  `@hourly @daily @midnight @weekly @monthly
 * @yearly @annually` stand for all five.  Where both days are restricted, one of them is
 * enough, as cron has it. */
#ifndef KFPC_BC_CRON_H
#define KFPC_BC_CRON_H

#include <stdint.h>

#include "runtime/base/str.h"

enum cron_field { CRON_MINUTE, CRON_HOUR, CRON_DAY, CRON_MONTH, CRON_WEEKDAY, CRON_N };

struct cron {
	uint64_t at[CRON_N];		/* bit n: at n */
	bool is_any[CRON_N];		/* written as `*` */
};

struct cron_fault {
	size_t lo, hi;			/* the part of the text that is wrong */
	char text[160];			/* why */
};

/* 0; -1 with the fault. */
int cron_parse(struct str text, struct cron *out, struct cron_fault *fault);
/* Does it name only days that no month has, such as February 30? */
bool cron_never(const struct cron *c);

#endif
