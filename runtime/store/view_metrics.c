#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "runtime/base/map.h"
#include "runtime/store/record.h"
#include "runtime/store/view_priv.h"
#include "runtime/value/json.h"

#define METRICS_MAX_BYTES ((size_t)1 << 32)

/* Series by "attempt\0task\0name", and their places in the vector, plus 1. */
struct metric_index {
	struct run_view *v;
	struct map places;
	struct buf key;
};

/* A string member; only one with escapes is worth a parser. */
static struct str text_of(struct run_view *v, struct str line, struct str key)
{
	struct str raw = record_member(line, key);
	struct value s;

	if (memchr(raw.p, '\\', raw.n) &&
	    !json_parse(&v->arena, arena_printf(&v->arena, "[\"%.*s\"]", STR_ARG(raw)),
			&s, NULL) &&
	    s.kind == VALUE_LIST && s.list->n == 1 && s.list->at[0].kind == VALUE_STR)
		return *s.list->at[0].s;
	return raw;
}

static bool number_of(struct str line, double *out)
{
	struct str raw = record_member(line, STR("value"));
	char text[64], *end;

	if (!raw.n || raw.n >= sizeof text)
		return false;
	memcpy(text, raw.p, raw.n);
	text[raw.n] = '\0';
	*out = strtod(text, &end);
	return !*end;
}

static struct view_metric *metric_of(struct metric_index *x, struct str line,
				     bool is_static)
{
	struct run_view *v = x->v;
	struct str task = text_of(v, line, STR("task"));
	struct str name = text_of(v, line, STR("name"));
	int attempt = (int)record_int(line, STR("attempt"), 0);
	uintptr_t place;

	buf_clear(&x->key);
	buf_addf(&x->key, "%d%c", attempt, 0);
	buf_add(&x->key, task);
	buf_addc(&x->key, '\0');
	buf_add(&x->key, name);
	place = (uintptr_t)map_get(&x->places, buf_str(&x->key));
	if (!place) {
		vec_push(&v->metrics, (struct view_metric){
			.task = arena_str(&v->arena, task),
			.name = arena_str(&v->arena, name),
			.is_static = is_static, .attempt = attempt, .last = (double)NAN,
			.min = (double)NAN, .max = (double)NAN});
		place = v->metrics.n;
		map_set(&x->places, arena_str(&v->arena, buf_str(&x->key)),
			(void *)place);
	}
	return &v->metrics.at[place - 1];
}

static void add_point(struct view_metric *m, struct view_point p)
{
	vec_push(&m->points, p);
	m->npoints++;
	m->last = p.value;
	m->last_step = p.step;
	m->min = fmin(m->min, p.value);		/* a NaN loses to a number */
	m->max = fmax(m->max, p.value);
}

static void replay_metrics(struct run_view *v, struct str text)
{
	struct metric_index x = {.v = v};
	struct record_reader r;
	struct str line;

	record_reader_init(&r, text);
	while (record_read(&r, &line)) {
		struct view_point p = {.step = record_int(line, STR("step"), 0),
				       .time_ms = record_int(line, STR("t"), 0)};

		if (number_of(line, &p.value))
			add_point(metric_of(&x, line,
					    str_is(record_member(line, STR("event")),
							     "metric")), p);
	}
	if (r.damage[0])
		view_damage(v, "metrics: %s", r.damage);
	map_release(&x.places);
	buf_release(&x.key);
}

/* Who has the result of an attempt of another task. */
struct borrower {
	const struct view_task *task;
	struct borrower *next;
};

static struct str attempt_key(struct run_view *v, struct str task, int attempt)
{
	return arena_printf(&v->arena, "%d %.*s", attempt, STR_ARG(task));
}

static void lend(struct run_view *v, size_t metric, const struct borrower *to)
{
	for (; to; to = to->next) {
		const struct view_metric *from = &v->metrics.at[metric];
		struct view_metric m = *from;

		m.task = to->task->path;
		m.is_current = true;
		memset(&m.points, 0, sizeof m.points);
		for (size_t i = 0; i < from->points.n; i++)
			vec_push(&m.points, from->points.at[i]);
		vec_push(&v->metrics, m);
	}
}

static void find_borrowed(struct run_view *v)
{
	struct map borrowers = {0};
	size_t n = v->metrics.n;

	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct view_task *t = v->tasks.at[i];
		struct borrower *b;
		struct str key;

		if (!t->of.n || str_eq(t->of, t->path))
			continue;
		key = attempt_key(v, t->of, t->of_attempt);
		b = ARENA_NEW(&v->arena, struct borrower);
		*b = (struct borrower){t, map_get(&borrowers, key)};
		map_set(&borrowers, key, b);
	}
	for (size_t i = 0; i < n && borrowers.n; i++)
		lend(v, i, map_get(&borrowers, attempt_key(v, v->metrics.at[i].task,
							   v->metrics.at[i].attempt)));
	map_release(&borrowers);
}

/* The points of an attempt that was tried again are kept, but are not the task's. */
static void find_current(struct run_view *v)
{
	struct map newest = {0}, cached = {0};

	for (size_t i = 0; i < v->tasks.n; i++)
		if (v->tasks.at[i]->of.n)
			map_set(&cached, v->tasks.at[i]->path, v->tasks.at[i]);
	for (size_t i = 0; i < v->metrics.n; i++) {
		const struct view_metric *m = &v->metrics.at[i];
		uintptr_t n = (uintptr_t)map_get(&newest, m->task);

		if (!n || v->metrics.at[n - 1].attempt < m->attempt)
			map_set(&newest, m->task, (void *)(i + 1));
	}
	for (size_t i = 0; i < v->metrics.n; i++) {
		struct view_metric *m = &v->metrics.at[i];
		const struct view_task *t = map_get(&cached, m->task);
		size_t at = (uintptr_t)map_get(&newest, m->task) - 1;

		m->is_current = t ? str_eq(t->of, m->task) && t->of_attempt == m->attempt
				  : v->metrics.at[at].attempt == m->attempt;
	}
	map_release(&newest);
	map_release(&cached);
}

/* A run without metrics has no such file. */
void view_read_metrics(struct run_view *v, int dirfd)
{
	struct buf text = {0};
	struct err err;

	if (!view_read_file(dirfd, "metrics", METRICS_MAX_BYTES, &text, &err))
		replay_metrics(v, buf_str(&text));
	else if (err.sys != ENOENT)
		view_damage(v, "metrics: %s", err.text);
	buf_release(&text);
	find_current(v);
	find_borrowed(v);
}
