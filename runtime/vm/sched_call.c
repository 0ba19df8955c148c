#include <config.h>

#include "runtime/vm/sched_call.h"

#include "runtime/vm/sched_settings.h"

enum { MAX_WAIT_S = 366 * 24 * 3600 };

/* The call around a scope, itself included; MODULE_NONE: there is none. */
static uint32_t call_of(const struct sched *s, uint32_t scope)
{
	while (s->plan->scopes.at[scope].is_iteration)
		scope = s->plan->scopes.at[scope].parent;
	return s->plan->scopes.at[scope].parent == MODULE_NONE ? MODULE_NONE : scope;
}

static uint32_t call_around(const struct sched *s, uint32_t call)
{
	return call_of(s, s->plan->scopes.at[call].parent);
}

static uint32_t call_of_inst(const struct sched *s, uint32_t inst)
{
	return call_of(s, plan_inst(s->plan, inst)->scope);
}

static struct sched_group *group_of(struct sched *s, uint32_t call)
{
	while (s->groups.n <= call)
		vec_push(&s->groups, (struct sched_group){
			.error = STR(""), .because = MODULE_NONE,
		});
	return &s->groups.at[call];
}

static int64_t find_number(struct sched *s, uint32_t scope, enum setting id,
			   struct sched_group *g)
{
	struct arena a = {0};
	struct value v;
	struct err err;
	int64_t n = 0;

	if (sched_scope_setting(s, scope, id, &a, &v, &err)) {
		g->is_stopped = true;
		g->error = arena_str(s->arena, str_of(err.text));
	} else if (v.kind == VALUE_INT) {
		n = v.i;
	} else if (v.kind == VALUE_STR) {
		n = str_is(*v.s, "stop");
	}
	arena_release(&a);
	return n;
}

void call_begins(struct sched *s, uint32_t scope)
{
	struct sched_group *g = group_of(s, scope);
	int64_t max, timeout;

	*g = (struct sched_group){.error = STR(""), .because = MODULE_NONE};
	max = find_number(s, scope, SETTING_PARALLELISM, g);
	timeout = find_number(s, scope, SETTING_TIMEOUT, g);
	g->max = max < UINT32_MAX ? (uint32_t)max : UINT32_MAX;
	g->stops = find_number(s, scope, SETTING_ON_FAILURE, g) != 0;
	if (timeout <= 0)
		return;
	g->timeout_s = timeout < MAX_WAIT_S ? timeout : MAX_WAIT_S;
	vec_push(&s->deadlines, (struct sched_retry){
		s->ops->now_ms(s->ctx) + g->timeout_s * 1000, scope,
	});
}

void call_ends(struct sched *s, uint32_t scope)
{
	for (size_t i = 0; i < s->deadlines.n; i++)
		if (s->deadlines.at[i].inst == scope)
			s->deadlines.at[i--] = vec_pop(&s->deadlines);
}

void call_failed(struct sched *s, uint32_t i, uint32_t cover)
{
	uint32_t c = call_of_inst(s, i);

	for (; c != MODULE_NONE && c != cover; c = call_around(s, c)) {
		struct sched_group *g = group_of(s, c);

		g->is_stopped |= g->stops;
		if (g->because == MODULE_NONE)
			g->because = plan_seen_from(s->plan, c, i);
	}
}

bool call_admits(struct sched *s, uint32_t inst)
{
	uint32_t c = call_of_inst(s, inst);

	for (; c != MODULE_NONE; c = call_around(s, c)) {
		const struct sched_group *g = group_of(s, c);

		if (g->max && g->nrunning >= g->max)
			return false;
	}
	return true;
}

void call_count(struct sched *s, uint32_t inst, bool starts)
{
	uint32_t c = call_of_inst(s, inst);

	for (; c != MODULE_NONE; c = call_around(s, c)) {
		if (starts)
			group_of(s, c)->nrunning++;
		else
			group_of(s, c)->nrunning--;
	}
}

bool call_refuses(struct sched *s, uint32_t inst, struct str *error, uint32_t *because)
{
	uint32_t c = call_of_inst(s, inst);

	if (plan_inst(s->plan, inst)->is_final)
		return false;
	for (; c != MODULE_NONE; c = call_around(s, c)) {
		struct sched_group *g = group_of(s, c);

		if (!g->is_stopped)
			continue;
		*error = g->error;
		*because = g->because;
		if (g->error.n)
			g->because = plan_seen_from(s->plan, c, inst);
		g->error = STR("");	/* one failure is enough */
		return true;
	}
	return false;
}

static bool is_within(const struct sched *s, uint32_t inst, uint32_t call)
{
	uint32_t c = call_of_inst(s, inst);

	while (c != MODULE_NONE && c != call)
		c = call_around(s, c);
	return c == call;
}

static void end_call(struct sched *s, uint32_t call)
{
	struct sched_group *g = group_of(s, call);
	struct str path = plan_path(s->plan, s->plan->scopes.at[call].begin, s->arena);
	struct buf limit = {0};

	value_print_literal(value_int(g->timeout_s),
			    type_builtin(&s->plan->m->types, STR("duration")), &limit);
	g->is_stopped = true;
	g->error = arena_printf(s->arena, "'%.*s' ran longer than its timeout of %.*s",
				STR_ARG(path), STR_ARG(buf_str(&limit)));
	buf_release(&limit);
	for (struct sched_task *t = s->running, *next; t; t = next) {
		next = t->next;
		if (t->is_cancelled || plan_inst(s->plan, t->inst)->is_final ||
		    !is_within(s, t->inst, call))
			continue;
		t->is_cancelled = true;
		t->overdue = call;
		t->is_overdue = true;
		s->ops->cancel(s->ctx, t, false);
	}
}

void call_check_time(struct sched *s, int64_t now)
{
	for (size_t i = 0; i < s->deadlines.n; i++) {
		struct sched_retry d = s->deadlines.at[i];

		if (d.due_ms > now)
			continue;
		s->deadlines.at[i--] = vec_pop(&s->deadlines);
		end_call(s, d.inst);
	}
}

int64_t call_wake_ms(const struct sched *s)
{
	int64_t wake = 0;

	for (size_t i = 0; i < s->deadlines.n; i++)
		if (!wake || s->deadlines.at[i].due_ms < wake)
			wake = s->deadlines.at[i].due_ms;
	return wake;
}

struct str call_overdue(struct sched *s, const struct sched_task *t)
{
	struct sched_group *g;
	struct str error;

	if (!t->is_overdue || s->cancelled)
		return STR("");
	g = group_of(s, t->overdue);
	error = g->error.n ? g->error : STR("the call that it is in ran too long");
	g->error = STR("");
	if (g->because == MODULE_NONE)
		g->because = plan_seen_from(s->plan, t->overdue, t->inst);
	return error;
}

void call_release(struct sched *s)
{
	vec_release(&s->groups);
	vec_release(&s->deadlines);
}
