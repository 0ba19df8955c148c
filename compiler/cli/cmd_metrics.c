#include <config.h>

#include <inttypes.h>

#include "compiler/cli/look.h"
#include "compiler/tool/spark.h"
#include "runtime/value/json.h"

enum { COURSE_WIDTH = 24 };

struct shown {
	VEC(const struct view_metric *) metrics;
};

static struct shown find_shown(const struct look *l)
{
	const struct run_view *v = &l->view;
	struct shown out = {0};

	for (size_t i = 0; i < v->metrics.n; i++) {
		const struct view_metric *m = &v->metrics.at[i];

		if (m->is_current && (!l->task || str_eq(l->task->path, m->task)))
			vec_push(&out.metrics, m);
	}
	return out;
}

static struct str course(struct cli *c, const struct view_metric *m)
{
	double *at = ARENA_ARRAY(&c->arena, m->points.n + 1, double);
	struct buf bars = {0};
	struct str s;

	for (size_t i = 0; i < m->points.n; i++)
		at[i] = m->points.at[i].value;
	spark_add(at, m->points.n, COURSE_WIDTH, &bars);
	s = arena_str(&c->arena, buf_str(&bars));
	buf_release(&bars);
	return s;
}

static void add_row(struct cli *c, struct table *t, const struct view_metric *m)
{
	table_cell(t, look_text(c, arena_printf(&c->arena, "%.*s.%.*s", STR_ARG(m->task),
						STR_ARG(m->name))));
	table_cell(t, look_number(c, m->last));
	table_cell(t, m->is_static ? STR("") : look_number(c, m->min));
	table_cell(t, m->is_static ? STR("") : look_number(c, m->max));
	table_cell(t, m->is_static ? STR("")
				   : arena_printf(&c->arena, "%" PRId64, m->npoints));
	if (cli_has(c, OPT_metrics_course))
		table_cell(t, m->is_static ? STR("") : course(c, m));
}

static void print_table(struct cli *c, const struct shown *l, struct buf *out)
{
	static const char *const titles[] = {"METRIC", "LAST", "MIN", "MAX", "POINTS",
					     "COURSE"};
	size_t n = sizeof titles / sizeof *titles - !cli_has(c, OPT_metrics_course);
	struct table *t = table_new(&c->arena, (unsigned)n);

	for (size_t i = 0; i < n; i++)
		table_cell(t, str_of(titles[i]));
	for (size_t i = 0; i < l->metrics.n; i++)
		add_row(c, t, l->metrics.at[i]);
	if (l->metrics.n)
		table_print(t, 0, out);
}

static void add_json(struct buf *out, const struct view_metric *m)
{
	buf_addc(out, '{');
	json_put_str(out, "task", m->task);
	json_put_str(out, "name", m->name);
	json_put_bool(out, "static", m->is_static);
	json_put_int(out, "attempt", m->attempt);
	json_put_value(out, "last", value_float(m->last));
	json_put_value(out, "min", value_float(m->min));
	json_put_value(out, "max", value_float(m->max));
	buf_addz(out, ",\"points\":[");
	for (size_t i = 0; i < m->points.n; i++) {
		const struct view_point *p = &m->points.at[i];

		buf_addf(out, "%s[%" PRId64 ",", i ? "," : "", p->step);
		json_write(value_float(p->value), out);
		buf_addf(out, ",%" PRId64 "]", p->time_ms);
	}
	buf_addz(out, "]}");
}

static void print_json(const char *run_id, const struct shown *l, struct buf *out)
{
	buf_addc(out, '{');
	json_put_str(out, "run_id", str_of(run_id));
	buf_addz(out, ",\"metrics\":[");
	for (size_t i = 0; i < l->metrics.n; i++) {
		if (i)
			buf_addc(out, ',');
		add_json(out, l->metrics.at[i]);
	}
	buf_addz(out, "]}\n");
}

/* RFC 4180: quotes only where they are needed, doubled within. */
static void add_field(struct buf *out, struct str s)
{
	bool plain = true;

	for (size_t i = 0; i < s.n; i++)
		plain &= !strchr(",\"\r\n", s.p[i]);
	if (plain) {
		buf_add(out, s);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

static void print_csv(const struct shown *l, struct buf *out)
{
	buf_addz(out, "task,name,attempt,step,value,time_ms\n");
	for (size_t i = 0; i < l->metrics.n; i++) {
		const struct view_metric *m = l->metrics.at[i];

		for (size_t k = 0; k < m->points.n; k++) {
			add_field(out, m->task);
			buf_addc(out, ',');
			add_field(out, m->name);
			buf_addf(out, ",%d,%" PRId64 ",", m->attempt,
				 m->points.at[k].step);
			value_print_float(m->points.at[k].value, out);
			buf_addf(out, ",%" PRId64 "\n", m->points.at[k].time_ms);
		}
	}
}

int cmd_metrics(struct cli *c)
{
	struct buf out = {0};
	struct shown shown;
	struct look l;
	int rc;

	if (cli_has(c, OPT_metrics_json) && cli_has(c, OPT_metrics_csv))
		return cli_usage(c, "--json and --csv at once");
	rc = look_open(c, OPT_metrics_store, true, &l);
	if (rc == EXIT_DONE) {
		shown = find_shown(&l);
		if (cli_has(c, OPT_metrics_json))
			print_json(l.view.id, &shown, &out);
		else if (cli_has(c, OPT_metrics_csv))
			print_csv(&shown, &out);
		else
			print_table(c, &shown, &out);
		vec_release(&shown.metrics);
		rc = cli_print(&out);
	}
	buf_release(&out);
	look_release(&l);
	return rc;
}
