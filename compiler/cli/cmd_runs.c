#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/cli/look.h"
#include "runtime/base/io.h"
#include "runtime/store/index.h"
#include "runtime/value/json.h"

enum { DEFAULT_NUMBER = 20 };

static struct str tasks_text(struct cli *c, const struct run_brief *b)
{
	struct buf out = {0};
	const struct { int64_t n; const char *name; } counts[] = {
		{b->nsucceeded, "ok"}, {b->ncached, "cached"}, {b->nfailed, "failed"},
		{b->nskipped, "skipped"}, {b->ncancelled, "cancelled"},
	};
	struct str s;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (counts[i].n)
			buf_addf(&out, "%s%lld %s", out.n ? ", " : "",
				 (long long)counts[i].n, counts[i].name);
	if (b->is_damaged)
		buf_addf(&out, "%sdamaged", out.n ? "; " : "");
	s = arena_str(&c->arena, buf_str(&out));
	buf_release(&out);
	return s;
}

static void add_row(struct cli *c, struct table *t, const struct run_brief *b)
{
	struct buf text = {0};
	struct str pipeline = b->pipeline;

	if (b->name.n && !str_eq(b->name, b->pipeline))
		pipeline = arena_printf(&c->arena, "%.*s (%.*s)", STR_ARG(b->pipeline),
					STR_ARG(b->name));
	human_time(&text, b->created_ms);
	table_cell(t, run_short_id(b->id));
	table_cell(t, look_text(c, pipeline));
	table_cell(t, b->state);
	table_cell(t, arena_str(&c->arena, buf_str(&text)));
	table_cell(t, look_duration(c, b->created_ms,
				    str_is(b->state, "running") ? io_now_ms()
								: b->ended_ms));
	table_cell(t, tasks_text(c, b));
	buf_release(&text);
}

static void add_json(struct buf *out, const struct run_brief *b)
{
	buf_addc(out, '{');
	json_put_str(out, "run_id", str_of(b->id));
	json_put_str(out, "pipeline", b->pipeline);
	json_put_str(out, "name", b->name);
	json_put_str(out, "state", b->state);
	json_put_int(out, "created_ms", b->created_ms);
	if (b->ended_ms)
		json_put_int(out, "ended_ms", b->ended_ms);
	buf_addz(out, ",\"tasks\":{");
	json_put_int(out, "succeeded", b->nsucceeded);
	json_put_int(out, "cached", b->ncached);
	json_put_int(out, "failed", b->nfailed);
	json_put_int(out, "skipped", b->nskipped);
	json_put_int(out, "cancelled", b->ncancelled);
	buf_addf(out, "},\"damaged\":%s}\n", b->is_damaged ? "true" : "false");
}

static void print_table(struct cli *c, const struct run_list *l, struct buf *out)
{
	static const char *const titles[] = {"RUN", "PIPELINE", "STATE", "STARTED",
					     "TIME", "TASKS"};
	struct table *t = table_new(&c->arena, sizeof titles / sizeof *titles);

	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		table_cell(t, str_of(titles[i]));
	for (size_t i = 0; i < l->at.n; i++)
		add_row(c, t, &l->at.at[i]);
	table_print(t, isatty(STDOUT_FILENO) ? io_columns(STDOUT_FILENO) : 0, out);
}

static int print_runs(struct cli *c, struct store *s, size_t limit)
{
	struct run_list l;
	struct buf out = {0};
	struct err err;
	int rc;

	if (run_list_load(s, limit, &l, &err))
		return cli_fail(&err);
	if (cli_has(c, OPT_runs_json))
		for (size_t i = 0; i < l.at.n; i++)
			add_json(&out, &l.at.at[i]);
	else if (l.at.n)
		print_table(c, &l, &out);
	rc = cli_print(&out);
	buf_release(&out);
	run_list_release(&l);
	return rc;
}

int cmd_runs(struct cli *c)
{
	const char *number = cli_get(c, OPT_runs_number);
	unsigned long limit = DEFAULT_NUMBER;
	struct store *s;
	char *end;
	int rc;

	if (c->nargs)
		return cli_usage(c, "no arguments are wanted");
	if (number) {
		errno = 0;
		limit = strtoul(number, &end, 10);
		if (number[0] < '0' || number[0] > '9' || *end || errno)
			return cli_usage(c, "-n wants a number, not '%s'", number);
	}
	rc = look_store(c, OPT_runs_store, &s);
	if (rc)
		return rc;
	rc = print_runs(c, s, limit);
	store_close(s);
	return rc;
}
