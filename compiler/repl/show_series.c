/* The course of dynamic metrics. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "compiler/repl/show.h"
#include "compiler/tool/spark.h"

enum { LEAST_BARS = 8, MOST_BARS = 24 };

void courses_release(struct courses *c)
{
	for (size_t i = 0; i < c->all.n; i++)
		free(c->all.at[i]);
	vec_release(&c->all);
	map_release(&c->by_name);
	arena_release(&c->arena);
}

static void clear(struct course *x)
{
	*x = (struct course){.every = 1};
}

void courses_forget(struct courses *c, struct str task)
{
	for (size_t i = 0; i < c->by_name.cap; i++) {
		const struct map_slot *slot = &c->by_name.slots[i];

		if (slot->key && slot->nkey > task.n && slot->key[task.n] == '.' &&
		    !memcmp(slot->key, task.p, task.n))
			clear(slot->value);
	}
}

static struct course *new_course(struct courses *c, struct str task,
				 struct str output)
{
	struct str name = arena_printf(&c->arena, "%.*s.%.*s", STR_ARG(task),
				       STR_ARG(output));
	struct course *x = malloc(sizeof *x);

	if (!x)
		err_nomem();
	clear(x);
	vec_push(&c->all, x);
	map_set(&c->by_name, name, x);
	return x;
}

void courses_add(struct courses *c, struct str task, struct str output, double value)
{
	struct buf name = {0};
	struct course *x;

	buf_addf(&name, "%.*s.%.*s", STR_ARG(task), STR_ARG(output));
	x = map_get(&c->by_name, buf_str(&name));
	buf_release(&name);
	if (!x && c->all.n == COURSES_MAX)
		return;
	if (!x)
		x = new_course(c, task, output);
	if (!x->n)
		x->first = value;
	if (x->n++ % x->every)
		return;
	if (x->nkept == COURSE_POINTS) {	/* every second one will do */
		for (size_t i = 0; i < COURSE_POINTS / 2; i++)
			x->at[i] = x->at[2 * i];
		x->nkept = COURSE_POINTS / 2;
		x->every *= 2;
	}
	x->at[x->nkept++] = value;
}

static const struct course *courses_get(const struct courses *c, struct str name)
{
	const struct course *x = map_get(&c->by_name, name);

	return x && x->n ? x : NULL;
}

static unsigned bars(const struct show *s)
{
	unsigned n = s->columns / 3;

	return n < LEAST_BARS ? LEAST_BARS : n > MOST_BARS ? MOST_BARS : n;
}

static void add_number(struct buf *out, const char *what, double x)
{
	if (isnan(x))
		return;
	buf_addf(out, ", %s ", what);
	value_print_short(x, out);
}

void show_series(const struct show *s, struct str name, const struct series *x,
		 struct buf *out)
{
	const struct course *course = s->courses ? courses_get(s->courses, name) : NULL;

	show_name(s, name, out);
	buf_addz(out, name.n ? ": " : "");
	if (!x->npoints) {
		buf_addz(out, "no points\n");
		return;
	}
	if (course && course->n > 1) {
		spark_add(course->at, course->nkept, bars(s), out);
		buf_addz(out, "  ");
		value_print_short(course->first, out);
		buf_addz(out, " to ");
	}
	value_print_short(x->last, out);
	add_number(out, "min", x->min);
	add_number(out, "max", x->max);
	buf_addf(out, ", %lld point%s\n", (long long)x->npoints,
		 x->npoints == 1 ? "" : "s");
}
