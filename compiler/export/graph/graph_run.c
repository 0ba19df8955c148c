#include <config.h>

#include "compiler/export/graph/graph_run.h"

static const char *const STATE_NAMES[GRAPH_NSTATES] = {
	[GRAPH_PENDING] = "pending",	 [GRAPH_RUNNING] = "running",
	[GRAPH_SUCCEEDED] = "succeeded", [GRAPH_CACHED] = "cached",
	[GRAPH_FAILED] = "failed",	 [GRAPH_SKIPPED] = "skipped",
	[GRAPH_CANCELLED] = "cancelled",
};

const char *graph_state_name(enum graph_state s)
{
	return STATE_NAMES[s];
}

static enum graph_state find_state(struct str name)
{
	for (int i = 0; i < GRAPH_NSTATES; i++)
		if (str_is(name, STATE_NAMES[i]))
			return (enum graph_state)i;
	return GRAPH_PENDING;
}

struct str graph_address(struct str path, struct arena *a)
{
	struct buf b = {0};
	struct str s;

	for (size_t i = 0; i < path.n; i++) {
		buf_addc(&b, path.p[i]);
		if (path.p[i] != '[')
			continue;
		buf_addc(&b, '*');
		while (i + 1 < path.n && path.p[i + 1] != ']')
			i++;
	}
	s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}

static struct graph_tally *tally_of(struct graph_run *r, struct str address,
				    struct arena *a)
{
	struct graph_tally *t = map_get(&r->tallies, address);

	if (t)
		return t;
	t = ARENA_NEW(a, struct graph_tally);
	t->address = address;
	map_set(&r->tallies, address, t);
	vec_push(&r->all, t);
	return t;
}

static void count(struct graph_tally *t, const struct export_task *task)
{
	t->n++;
	t->counts[find_state(task->state)]++;
	if (task->started_ms && (!t->started_ms || task->started_ms < t->started_ms))
		t->started_ms = task->started_ms;
	if (task->ended_ms > t->ended_ms)
		t->ended_ms = task->ended_ms;
}

/* In its own tally and in those of the calls and loop bodies that it is within. */
static void add_task(struct graph_run *r, const struct export_task *task,
		     struct arena *a)
{
	struct str address = graph_address(task->path, a);
	struct graph_tally *t;

	count(tally_of(r, address, a), task);
	for (size_t i = 0; i < address.n; i++) {
		if (address.p[i] != '/')
			continue;
		t = tally_of(r, str_sub(address, 0, i), a);
		t->is_group = true;
		count(t, task);
	}
}

void graph_run_init(struct graph_run *r, const struct export_run *run, struct arena *a)
{
	*r = (struct graph_run){.run = run};
	for (size_t i = 0; i < run->ntasks; i++)
		add_task(r, &run->tasks[i], a);
	for (size_t i = 0; i < run->nloops; i++) {
		const struct export_loop *l = &run->loops[i];
		struct graph_tally *t = tally_of(r, graph_address(l->path, a), a);

		t->is_group = true;
		if (l->is_skipped)
			continue;
		t->nloops++;
		t->niterations += (uint64_t)l->niterations;
	}
}

void graph_run_release(struct graph_run *r)
{
	map_release(&r->tallies);
	vec_release(&r->all);
}

const struct graph_tally *graph_run_find(const struct graph_run *r, struct str address)
{
	return map_get(&r->tallies, address);
}

void graph_add_time(int64_t started_ms, int64_t ended_ms, struct buf *out)
{
	int64_t ms = ended_ms - started_ms, s = ms / 1000;

	if (!started_ms || ms < 0)
		return;
	buf_addz(out, ", ");
	if (ms < 1000)
		buf_addf(out, "%lld ms", (long long)ms);
	else if (ms < 60000)
		buf_addf(out, "%lld.%lld s", (long long)s, (long long)(ms % 1000 / 100));
	else if (s < 3600)
		buf_addf(out, "%lld min %02lld s", (long long)(s / 60),
			 (long long)(s % 60));
	else
		buf_addf(out, "%lld h %02lld min", (long long)(s / 3600),
			 (long long)(s / 60 % 60));
}

void graph_tally_words(const struct graph_tally *t, struct buf *out)
{
	size_t start = out->n;

	if (!t)
		return;
	for (int s = 0; s < GRAPH_NSTATES; s++) {
		if (!t->counts[s])
			continue;
		if (out->n > start)
			buf_addz(out, ", ");
		if (t->n > 1)
			buf_addf(out, "%llu ", (unsigned long long)t->counts[s]);
		buf_addz(out, STATE_NAMES[s]);
	}
	graph_add_time(t->started_ms, t->ended_ms, out);
}

void graph_loop_words(const struct graph_tally *t, struct buf *out)
{
	if (!t || !t->nloops)
		return;
	buf_addf(out, "%llu iteration%s", (unsigned long long)t->niterations,
		 t->niterations == 1 ? "" : "s");
	if (t->nloops > 1)
		buf_addf(out, " in %llu times", (unsigned long long)t->nloops);
}
