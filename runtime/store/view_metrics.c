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
}
