#include <config.h>

#include "compiler/cli/run_summary.h"

#include <unistd.h>

enum {
	SHOWN_METRICS = 20,
	SHOWN_ARTIFACTS = 20,
	LONGEST_VALUE = 200,
	SHOWN_DIGEST = 12,
};

static void add_indented(struct buf *out, const char *margin, struct str text)
{
	for (size_t at = 0, end; at < text.n; at = end + 1) {
		end = str_find(text, STR("\n"), at);
		buf_addz(out, margin);
		buf_add_printable(out, str_sub(text, at, end), false);
		buf_addc(out, '\n');
	}
}

static void add_failure(const struct progress *p, const struct run_result *r,
			const struct run_task_result *t, enum summary_where where,
			struct buf *out)
{
	struct str tail = progress_tail(p, t->path);
	const char *verb = tail.n ? "logs" : "show";

	buf_addf(out, "%stask '%.*s' failed",
		 where == SUMMARY_SHELL ? "\n" : "", STR_ARG(t->path));
	if (t->place.n)
		buf_addf(out, " at %.*s", STR_ARG(t->place));
	if (t->attempts > 1)
		buf_addf(out, " (%d attempts)", t->attempts);
	buf_addz(out, ":\n");
	add_indented(out, "  ", t->error);
	add_indented(out, "    | ", tail);
	if (where == SUMMARY_REPL) {
		buf_addf(out, "  more: :%s %.*s\n", verb, STR_ARG(t->path));
		return;
	}
	buf_addf(out, "  more: kfpc %s ", verb);
	cli_add_address(out, run_short_id(r->id), t->path);
	buf_addc(out, '\n');
}

void run_summary_failures(const struct progress *p, const struct run_result *r,
			  enum summary_where where, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ntasks; i++) {
		if (r->tasks[i].state != TASK_FAILED || r->tasks[i].is_covered)
			continue;
		if (n++ < PROGRESS_TAILS)
			add_failure(p, r, &r->tasks[i], where, out);
	}
	if (n > PROGRESS_TAILS)
		buf_addf(out, "\n... and %zu more task%s failed\n", n - PROGRESS_TAILS,
			 n - PROGRESS_TAILS == 1 ? "" : "s");
	if (n || !r->error.n || str_is(r->state, "cancelled"))
		return;
	buf_addf(out, "\nthe run %.*s", STR_ARG(r->state));
	if (r->place.n)
		buf_addf(out, " at %.*s", STR_ARG(r->place));
	buf_addf(out, ": ");
	buf_add_printable(out, r->error, true);
	buf_addc(out, '\n');
}

void run_summary_head(const struct run_result *r, struct buf *out)
{
	size_t counts[TASK_NSTATES] = {0}, parts = 0;

	for (size_t i = 0; i < r->ntasks; i++)
		counts[r->tasks[i].state]++;
	buf_addf(out, "run %.*s %.*s in ", STR_ARG(run_short_id(r->id)),
		 STR_ARG(r->state));
	human_duration(out, r->ms);
	buf_addf(out, ": %zu task%s", r->ntasks, r->ntasks == 1 ? "" : "s");
	for (int s = 0; s < TASK_NSTATES; s++)
		if (counts[s])
			buf_addf(out, "%s%zu %s", parts++ ? ", " : " (", counts[s],
				 task_state_name((enum task_state)s));
	buf_addz(out, parts ? ")\n" : "\n");
}

static struct str output_name(struct cli *c, const struct run_task_result *t, uint32_t k)
{
	return arena_printf(&c->arena, "  %.*s.%.*s", STR_ARG(t->path),
			    STR_ARG(t->outputs[k].name));
}

static void add_metric(struct cli *c, struct table *t, struct str name, struct value v)
{
	struct buf text = {0};

	if (v.kind == VALUE_SERIES) {
		v.series->npoints ? value_print_short(v.series->last, &text)
				  : buf_addc(&text, '-');
		buf_addf(&text, "  (%lld point%s)", (long long)v.series->npoints,
			 v.series->npoints == 1 ? "" : "s");
	} else {
		value_print_short(v.f, &text);
	}
	table_cell(t, name);
	table_cell(t, arena_str(&c->arena, buf_str(&text)));
	buf_release(&text);
}

static void add_metrics(struct cli *c, const struct run_result *r, struct buf *out)
{
	struct table *table = table_new(&c->arena, 2);
	size_t n = 0;

	for (size_t i = 0; i < r->ntasks; i++) {
		const struct run_task_result *t = &r->tasks[i];

		for (uint32_t k = 0; t->values && k < t->noutputs; k++) {
			enum type_kind kind = type_strip(t->outputs[k].type)->kind;

			if (kind != TYPE_METRIC && kind != TYPE_SERIES)
				continue;
			if (n++ < SHOWN_METRICS)
				add_metric(c, table, output_name(c, t, k), t->values[k]);
		}
	}
	if (!n)
		return;
	buf_addz(out, "metrics\n");
	table_print(table, 0, out);
	if (n > SHOWN_METRICS)
		buf_addf(out, "  ... and %zu more: kfpc metrics %.*s\n",
			 n - SHOWN_METRICS, STR_ARG(run_short_id(r->id)));
}

static void add_artifact(struct cli *c, struct table *t, struct str name,
			 const struct artifact *f)
{
	struct buf size = {0};

	human_size(&size, f->size_bytes);
	table_cell(t, name);
	table_cell(t, type_name(f->type, &c->arena));
	table_cell(t, arena_str(&c->arena, buf_str(&size)));
	table_cell(t, str_sub(f->digest, 0, SHOWN_DIGEST));
	buf_release(&size);
}

static bool is_returned(const struct run_result *r, const struct artifact *a)
{
	for (uint32_t i = 0; r->outputs && i < r->pipeline->noutputs; i++) {
		const struct artifact *x = r->outputs[i].artifact;

		if (r->outputs[i].kind == VALUE_ARTIFACT && str_eq(x->name, a->name) &&
		    str_eq(x->digest, a->digest))
			return true;
	}
	return false;
}

/* What the hint is about: a model rather than another artifact, and of these one that the
 * pipeline returns. */
static bool is_better(const struct run_result *r, const struct artifact *a,
		      const struct artifact *than)
{
	bool is_model = a->manifest.n > 0, was_model = than && than->manifest.n > 0;

	if (!than || is_model != was_model)
		return !than || is_model;
	return is_returned(r, a) && !is_returned(r, than);
}

static void add_artifacts(struct cli *c, const struct run_result *r, struct buf *out)
{
	struct table *table = table_new(&c->arena, 4);
	const struct artifact *best = NULL;
	struct str id = run_short_id(r->id), hint = STR("");
	size_t n = 0;

	for (size_t i = 0; i < r->ntasks; i++) {
		const struct run_task_result *t = &r->tasks[i];

		for (uint32_t k = 0; t->values && k < t->noutputs; k++) {
			const struct artifact *f = t->values[k].artifact;

			if (t->values[k].kind != VALUE_ARTIFACT)
				continue;
			if (n++ < SHOWN_ARTIFACTS)
				add_artifact(c, table, output_name(c, t, k), f);
			if (!is_better(r, f, best))
				continue;
			best = f;
			hint = arena_printf(&c->arena, "%.*s.%.*s", STR_ARG(t->path),
					    STR_ARG(f->name));
		}
	}
	if (!best)
		return;
	buf_addz(out, "artifacts\n");
	table_print(table, 0, out);
	if (n > SHOWN_ARTIFACTS)
		buf_addf(out, "  ... and %zu more: kfpc artifacts %.*s\n",
			 n - SHOWN_ARTIFACTS, STR_ARG(id));
	buf_addz(out, "  to have one: kfpc get ");
	cli_add_address(out, id, hint);
	buf_addf(out, " -o %.*s%s%.*s\n", STR_ARG(best->name),
		 best->type->tag.n ? "." : "", STR_ARG(best->type->tag));
}

/* "Model[json]  1.2 KiB  0123456789ab" */
static void add_artifact_words(struct cli *c, const struct artifact *f, struct buf *out)
{
	buf_add(out, type_name(f->type, &c->arena));
	buf_addz(out, "  ");
	human_size(out, f->size_bytes);
	buf_addf(out, "  %.*s", STR_ARG(str_sub(f->digest, 0, SHOWN_DIGEST)));
}

static void add_value(struct cli *c, struct table *t, struct str name, struct value v)
{
	struct buf text = {0}, shown = {0};

	if (v.kind == VALUE_ARTIFACT)
		add_artifact_words(c, v.artifact, &text);
	else if (v.kind == VALUE_LIST && v.list->n && v.list->at[0].kind == VALUE_ARTIFACT)
		buf_addf(&text, "%zu artifact%s", v.list->n, v.list->n == 1 ? "" : "s");
	else
		value_print(v, &text);
	buf_add_printable(&shown, str_sub(buf_str(&text), 0, LONGEST_VALUE), false);
	if (text.n > LONGEST_VALUE)
		buf_addz(&shown, "...");
	table_cell(t, arena_printf(&c->arena, "  %.*s", STR_ARG(name)));
	table_cell(t, arena_str(&c->arena, buf_str(&shown)));
	buf_release(&text);
	buf_release(&shown);
}

static void add_outputs(struct cli *c, const struct run_result *r, struct buf *out)
{
	struct table *table = table_new(&c->arena, 2);

	for (uint32_t i = 0; r->outputs && i < r->pipeline->noutputs; i++)
		add_value(c, table, r->pipeline->outputs[i].name, r->outputs[i]);
	if (!r->outputs || !r->pipeline->noutputs)
		return;
	buf_addz(out, "outputs\n");
	table_print(table, 0, out);
}

void run_summary_more(const struct run_result *r, struct buf *out)
{
	if (isatty(STDOUT_FILENO))
		buf_addf(out, "more: kfpc show %.*s\n", STR_ARG(run_short_id(r->id)));
}

void run_summary(struct cli *c, const struct run_result *r, struct buf *out)
{
	run_summary_head(r, out);
	add_outputs(c, r, out);
	add_metrics(c, r, out);
	add_artifacts(c, r, out);
	run_summary_more(r, out);
}
