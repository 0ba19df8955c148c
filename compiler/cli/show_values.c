#include <config.h>

#include "compiler/cli/show_values.h"

#include "compiler/cli/look.h"

enum { SHOWN_METRICS = 50 };

void show_title(struct buf *out, const char *title)
{
	buf_addf(out, "\n%s\n", title);
}

struct str show_indented(struct cli *c, struct str s)
{
	return arena_printf(&c->arena, "  %.*s", STR_ARG(look_text(c, s)));
}

void show_values(struct cli *c, const char *title, struct value dict, struct buf *out)
{
	struct table *t = table_new(&c->arena, 2);

	if (dict.kind != VALUE_DICT || !dict.dict->n)
		return;
	for (size_t i = 0; i < dict.dict->n; i++) {
		table_cell(t, show_indented(c, dict.dict->at[i].key));
		table_cell(t, look_value(c, dict.dict->at[i].value));
	}
	show_title(out, title);
	table_print(t, 0, out);
}

static void add_metrics(struct cli *c, const struct run_view *v, struct buf *out)
{
	struct table *t = table_new(&c->arena, 3);
	size_t n = 0;

	for (size_t i = 0; i < v->metrics.n; i++) {
		const struct view_metric *m = &v->metrics.at[i];
		struct str name;

		if (!m->is_current || n++ >= SHOWN_METRICS)
			continue;
		name = arena_printf(&c->arena, "%.*s.%.*s", STR_ARG(m->task),
					       STR_ARG(m->name));

		table_cell(t, show_indented(c, name));
		table_cell(t, look_number(c, m->last));
		table_cell(t, m->is_static ? STR("")
					   : arena_printf(&c->arena, "%lld point%s",
							  (long long)m->npoints,
							  m->npoints == 1 ? "" : "s"));
	}
	if (!n)
		return;
	show_title(out, "metrics");
	table_print(t, 0, out);
	if (n > SHOWN_METRICS)
		buf_addf(out, "  ... and %zu more: kfpc metrics %.*s\n",
			 n - SHOWN_METRICS, STR_ARG(run_short_id(v->id)));
}

void show_results(struct cli *c, const struct run_view *v, struct buf *out)
{
	show_values(c, "outputs", v->outputs, out);
	add_metrics(c, v, out);
}
