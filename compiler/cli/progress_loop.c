#include <config.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"

enum {
	MANY = 50,		/* iterations; of so many each has lines of its own */
	OWN_FAILURES = 5,	/* failures in a loop that have lines of their own */
	SAY_MS = 5000,		/* between two lines about a loop that goes on */
};

/* The outermost loop around a path, if it goes through the path more than MANY times. */
static struct progress_loop *folding_loop(const struct progress *p, struct str path)
{
	struct progress_loop *outer = NULL, *l;
	int64_t times = 1;

	for (size_t at = str_find(path, STR("["), 0); at < path.n;
	     at = str_find(path, STR("["), at + 1)) {
		l = map_get(&p->loops, str_sub(path, 0, at));
		if (!l)
			return NULL;
		if (!outer)
			outer = l;
		times *= l->n;
		if (times > MANY)
			return outer;
	}
	return NULL;
}

struct progress_loop *progress_loop_of(const struct progress *p,
				       const struct run_event *e)
{
	struct progress_loop *l;

	switch (e->kind) {
	case RUN_EVENT_LOOP:
		l = map_get(&p->loops, e->task);
		if (l && l->n > MANY)
			return l;
		return folding_loop(p, e->task);
	case RUN_EVENT_TASK:
	case RUN_EVENT_BRANCH:
	case RUN_EVENT_VALUE:
	case RUN_EVENT_POINT:
		return folding_loop(p, e->task);
	default:
		return NULL;
	}
}

static void begin(struct progress *p, const struct run_event *e)
{
	struct progress_loop *l = ARENA_NEW(&p->arena, struct progress_loop);

	l->path = arena_str(&p->arena, e->task);
	l->n = e->step;
	l->started_ms = l->said_ms = l->last_ms = p->at_ms;
	map_set(&p->loops, l->path, l);
	*(p->last_loop ? &p->last_loop->next : &p->first_loop) = l;
	p->last_loop = l;
}

void progress_loop_note(struct progress *p, struct progress_loop *l,
			const struct run_event *e)
{
	bool is_own = l && str_eq(l->path, e->task);

	if (l)
		l->last_ms = p->at_ms;
	if (e->kind == RUN_EVENT_LOOP && e->state == TASK_RUNNING && !l)
		begin(p, e);
	else if (e->kind == RUN_EVENT_LOOP && is_own)
		l->is_over = true;
	else if (e->kind == RUN_EVENT_TASK && l && e->state != TASK_RUNNING &&
		 e->state != TASK_PENDING)
		l->counts[e->state]++;
}

bool progress_loop_due(const struct progress *p, struct progress_loop *l,
		       const struct run_event *e, bool *own)
{
	*own = e->kind == RUN_EVENT_TASK && e->state == TASK_FAILED &&
	       l->counts[TASK_FAILED] <= OWN_FAILURES;
	if (*own || (e->kind == RUN_EVENT_LOOP && str_eq(l->path, e->task)))
		return true;
	if (p->at_ms - l->said_ms < SAY_MS)
		return false;
	l->said_ms = p->at_ms;
	return true;
}

struct progress_loop *progress_loop_left(struct progress *p)
{
	struct progress_loop *l = p->first_loop;

	while (l && (l->is_over || l->n <= MANY || folding_loop(p, l->path)))
		l = l->next;
	if (l)
		l->is_over = true;
	return l;
}

void progress_loop_line(const struct progress_loop *l, struct buf *out)
{
	size_t parts = 0;

	buf_addf(out, "for %.*s: ", STR_ARG(l->path));
	for (int s = 0; s < TASK_NSTATES; s++)
		if (l->counts[s])
			buf_addf(out, "%s%zu %s", parts++ ? ", " : "", l->counts[s],
				 task_state_name((enum task_state)s));
	buf_addf(out, "%s%lld iterations%s", parts ? "; " : "", (long long)l->n,
		 l->is_over ? " in " : "");
	if (l->is_over)
		human_duration(out, l->last_ms - l->started_ms);
}
