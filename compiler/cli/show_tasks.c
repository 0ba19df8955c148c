#include <config.h>

#include "compiler/cli/show_tasks.h"

#include "compiler/cli/look.h"
#include "compiler/export/graph/graph_run.h"
#include "runtime/base/io.h"
#include "runtime/vm/run.h"

enum {
	MANY = 10,		/* tasks of one name in loops; so many are shown one by one */
	SHOWN_FAILURES = 3,	/* of those that are not */
	SHOWN_LOOPS = 20,
};

struct group {			/* tasks whose addresses differ in numbers of iterations */
	struct str name;	/* "x[*]/fit" */
	size_t n, counts[TASK_NSTATES], nshown;
	int64_t started_ms, ended_ms;
	bool is_told;
};

static enum task_state state_of(struct str name)
{
	int s = 0;

	while (s < TASK_NSTATES && !str_is(name, task_state_name((enum task_state)s)))
		s++;
	return s < TASK_NSTATES ? (enum task_state)s : TASK_PENDING;
}

static struct group *count(struct cli *c, struct map *groups, const struct view_task *t)
{
	struct str name = graph_address(t->path, &c->arena);
	struct group *g = map_get(groups, name);

	if (!g) {
		g = ARENA_NEW(&c->arena, struct group);
		g->name = name;
		map_set(groups, name, g);
	}
	g->n++;
	g->counts[state_of(t->state)]++;
	if (t->started_ms && (!g->started_ms || t->started_ms < g->started_ms))
		g->started_ms = t->started_ms;
	if (t->ended_ms > g->ended_ms)
		g->ended_ms = t->ended_ms;
	return g;
}

static struct str indented(struct cli *c, struct str s)
{
	return arena_printf(&c->arena, "  %.*s", STR_ARG(look_text(c, s)));
}

static struct str task_note(struct cli *c, const struct view_task *t)
{
	struct str reason = str_sub(t->reason, 0, str_find(t->reason, STR("\n"), 0));
	struct buf b = {0};
	struct str s;

	if (t->attempts.n > 1)
		buf_addf(&b, "%zu attempts", t->attempts.n);
	if (b.n && reason.n)
		buf_addz(&b, "; ");
	if (str_is(t->state, "skipped"))
		cli_add_skip_reason(&b, t->reason, t->because);
	else
		buf_add(&b, reason);
	if (t->place.n)
		buf_addf(&b, " (%.*s)", STR_ARG(t->place));
	if (t->is_covered)
		buf_addz(&b, "; covered by an except");
	s = look_text(c, buf_str(&b));
	buf_release(&b);
	return s;
}

static void add_task(struct cli *c, const struct run_view *v,
		     const struct view_task *task, struct table *t)
{
	bool runs = v->is_live && !task->ended_ms;
	int64_t end = runs ? io_now_ms() : task->ended_ms;
	struct str name = task->path;

	if (task->display_name.n)
		name = arena_printf(&c->arena, "%.*s (%.*s)", STR_ARG(name),
				    STR_ARG(task->display_name));
	table_cell(t, indented(c, name));
	table_cell(t, task->state);
	table_cell(t, look_duration(c, task->started_ms, end));
	table_cell(t, task_note(c, task));
}

/* What a group is called by: what is worst in it, or goes on. */
static enum task_state group_state(const struct group *g)
{
	static const enum task_state order[] = {
		TASK_FAILED, TASK_RUNNING, TASK_PENDING, TASK_CANCELLED, TASK_SUCCEEDED,
		TASK_CACHED,
	};

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (g->counts[order[i]])
			return order[i];
	return TASK_SKIPPED;
}

static void add_group(struct cli *c, const struct group *g, struct table *t)
{
	struct buf note = {0};

	for (int s = 0; s < TASK_NSTATES; s++)
		if (g->counts[s])
			buf_addf(&note, "%s%zu %s", note.n ? ", " : "", g->counts[s],
				 task_state_name((enum task_state)s));
	table_cell(t, indented(c, g->name));
	table_cell(t, str_of(task_state_name(group_state(g))));
	table_cell(t, look_duration(c, g->started_ms, g->ended_ms));
	table_cell(t, look_text(c, buf_str(&note)));
	buf_release(&note);
}

void show_tasks(struct cli *c, const struct run_view *v, struct buf *out)
{
	struct table *t = table_new(&c->arena, 4);
	struct map groups = {0};
	struct group **of = ARENA_ARRAY(&c->arena, v->tasks.n, struct group *);
	bool folds = false;

	for (size_t i = 0; i < v->tasks.n; i++)
		of[i] = count(c, &groups, v->tasks.at[i]);
	for (size_t i = 0; i < v->tasks.n; i++) {
		struct group *g = of[i];

		if (g->n > MANY && !g->is_told)
			add_group(c, g, t);
		g->is_told = true;
		if (g->n <= MANY || (str_is(v->tasks.at[i]->state, "failed") &&
				     g->nshown++ < SHOWN_FAILURES))
			add_task(c, v, v->tasks.at[i], t);
		folds |= g->n > MANY;
	}
	map_release(&groups);
	if (!v->tasks.n)
		return;
	buf_addz(out, "\ntasks\n");
	table_print(t, 0, out);
	if (folds)
		buf_addf(out, "  each of them: kfpc show %.*s --json\n",
			 STR_ARG(run_short_id(v->id)));
}

void show_loops(struct cli *c, const struct run_view *v, struct buf *out)
{
	struct table *t = table_new(&c->arena, 2);
	struct buf words = {0};

	for (size_t i = 0; i < v->loops.n && i < SHOWN_LOOPS; i++) {
		const struct view_loop *l = &v->loops.at[i];

		table_cell(t, indented(c, l->path));
		buf_clear(&words);
		if (l->reason.n) {
			buf_addz(&words, "skipped: ");
			cli_add_skip_reason(&words, l->reason, l->because);
		} else {
			buf_addf(&words, "%lld iteration%s", (long long)l->niterations,
				 l->niterations == 1 ? "" : "s");
		}
		table_cell(t, look_text(c, buf_str(&words)));
	}
	buf_release(&words);
	if (!v->loops.n)
		return;
	buf_addz(out, "\nloops\n");
	table_print(t, 0, out);
	if (v->loops.n > SHOWN_LOOPS)
		buf_addf(out, "  ... and %zu more: kfpc show %.*s --json\n",
			 v->loops.n - SHOWN_LOOPS, STR_ARG(run_short_id(v->id)));
}
