/* The event loop: timers in order, many of them, removal while it runs, descriptors. */
#include <config.h>

#include "runtime/exec/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "tests/unit/tap.h"

enum { TIMERS = 10000 };

static struct loop *l;
static int fired, out_of_order, again;
static int64_t latest_lo_ms;
static struct loop_source *victim;

struct due {	/* of a timer: between these, for the clock went on while it was made */
	int64_t lo_ms, hi_ms;
};

static void on_timer(void *arg)
{
	const struct due *due = arg;

	fired++;
	out_of_order += due->hi_ms < latest_lo_ms;
	if (due->lo_ms > latest_lo_ms)
		latest_lo_ms = due->lo_ms;
}

static void on_again(void *arg)
{
	if (++again < 5)
		loop_add_timer(l, 0, on_again, arg);
}

static void on_killer(void *arg)
{
	(void)arg;
	fired++;
	loop_remove(l, victim);
	victim = NULL;
}

static void on_readable(void *arg)
{
	char c;

	fired += (int)read(*(const int *)arg, &c, 1);
}

static void many_timers(void)
{
	static struct due due[TIMERS];
	static struct loop_source *s[TIMERS];
	struct err err = {0};

	srand(1);
	for (int i = 0; i < TIMERS; i++) {
		int ms = rand() % 50;

		due[i].lo_ms = io_monotonic_ms() + ms;
		s[i] = loop_add_timer(l, ms, on_timer, &due[i]);
		due[i].hi_ms = io_monotonic_ms() + ms;
	}
	for (int i = 0; i < TIMERS; i += 2)
		loop_remove(l, s[i]);
	while (fired < TIMERS / 2)
		loop_step(l, 1000, &err);
	is_int(fired, TIMERS / 2,
	       "half of 10,000 timers fire, the other half was removed");
	is_int(out_of_order, 0, "timers fire in the order of their time");
}

static void removal_and_starvation(void)
{
	struct err err = {0};
	int64_t from = io_monotonic_ms();

	fired = 0;
	loop_add_timer(l, 0, on_killer, NULL);
	victim = loop_add_timer(l, 0, on_timer, &(int64_t){0});
	loop_step(l, 0, &err);
	is_int(fired, 1, "a timer removed by another that is due with it does not fire");
	loop_add_timer(l, 0, on_again, NULL);
	loop_step(l, 0, &err);
	is_int(again, 1, "a timer that adds itself again waits for the next step");
	loop_step(l, 0, &err);
	is_int(again, 2, "and comes then");
	loop_step(l, 20, &err);
	loop_step(l, 0, &err);
	loop_step(l, 0, &err);
	loop_step(l, 30, &err);
	ok(io_monotonic_ms() - from >= 30, "an empty step takes its timeout");
}

static void descriptors(void)
{
	struct loop_source *source;
	struct err err = {0};
	int p[2], file;

	fired = 0;
	ok(!pipe(p), "a pipe");
	source = loop_add_fd(l, p[0], on_readable, &p[0]);
	loop_step(l, 0, &err);
	is_int(fired, 0, "nothing to read");
	ok(write(p[1], "ab", 2) == 2, "two bytes written");
	loop_step(l, 1000, &err);
	loop_step(l, 1000, &err);
	is_int(fired, 2, "level-triggered: called while there is something");
	loop_remove(l, source);
	ok(write(p[1], "c", 1) == 1, "one more");
	loop_step(l, 0, &err);
	is_int(fired, 2, "not called after removal");
	close(p[0]);
	close(p[1]);
	file = fileno(tmpfile());
	ok(!loop_add_fd(l, file, on_readable, &file),
	   "a plain file cannot be waited for");
}

int main(void)
{
	struct err err = {0};

	l = loop_new(&err);
	many_timers();
	removal_and_starvation();
	descriptors();
	loop_add_timer(l, 100000, on_timer, NULL);
	loop_free(l);
	return done_testing();
}
