/* What failed, for those who ask (run.error).
 *
 * Argo keeps no outputs of a DAG that failed.  So the body of such a try, and all DAGs in
 * it, never fail: they tell what failed by an output, "kfpc_error", the JSON of a
 * RunError or nothing.  Whoever waits for such a DAG also waits for a task behind it
 * that fails if it told something; whatever was told is looked at by the try. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

struct question {
	uint32_t try;
	bool asked;
};

static void look(const struct site *s, void *ctx)
{
	struct question *q = ctx;

	for (uint32_t j = 0; j < s->ninputs; j++)
		q->asked |= s->inputs[j].kind == INPUT_TRY &&
			    s->inputs[j].index == q->try &&
			    s->inputs[j].output == TRY_ERROR;
}

bool argo_asks(const struct module_pipeline *p, uint32_t try)
{
	struct question q = {try, false};

	for (uint32_t at = try; at < p->nnodes && !q.asked; at++)
		argo_each_site(&p->nodes[at], look, &q);
	return q.asked;
}

/* The beginning of a RunError, a str in an expression. */
static void add_start(struct argo *g, struct str address, const char *rest, struct buf *b)
{
	struct str text = argo_literal(g, address);

	buf_addf(b, "'{\"task\":%.*s%s'", (int)text.n - 1, text.p, rest);
}

static void add_unknown(struct argo *g, const struct task *t, struct buf *b)
{
	add_start(g, t->address,
		  "\",\"message\":\"it was ended from outside: killed, out of memory or "
		  "out of time\",\"code\":-1}",
		  b);
}

/* Argo evaluates expressions several times, and keeps those that fail for the next time:
 * the status is there only when it is time. */
struct str argo_error_expr(struct argo *g, const struct task *t)
{
	struct buf b = {0};
	struct str out;

	buf_addf(&b,
		 "(tasks['%.*s'].status == 'Succeeded' ? get(get(get(tasks['%.*s'], "
		 "'outputs'), 'parameters'), 'kfpc_error') : tasks['%.*s'].status in "
		 "['Failed', 'Error'] ? ",
		 STR_ARG(t->name), STR_ARG(t->name), STR_ARG(t->name));
	add_unknown(g, t, &b);
	buf_addz(&b, " : '')");
	out = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Of the iterations, each told with "`=" before it. */
static void add_told_each(struct argo *g, const struct task *t, struct str told,
			  struct buf *b)
{
	buf_addf(b, "any(fromJSON(%.*s ?? '[]'), # != '" ARGO_MARK "=') ? ",
		 STR_ARG(told));
	add_start(g, t->address, "[", b);
	buf_addf(b,
		 " + string(findIndex(fromJSON(%.*s), # != '" ARGO_MARK
		 "=')) + ']/' + find(fromJSON(%.*s), # != '" ARGO_MARK "=')[11:] : ",
		 STR_ARG(told), STR_ARG(told));
}

/* What a task tells, if it does. */
static void add_told(struct argo *g, const struct task *t, struct buf *b)
{
	struct str told = arena_printf(g->a, "tasks['%.*s'].outputs?.parameters?.kfpc_error",
				       STR_ARG(t->name));

	buf_addf(b, "tasks['%.*s'].status in ['Failed', 'Error'] ? ", STR_ARG(t->name));
	if (!t->inner) {
		buf_addf(b, "((%.*s ?? '') == '' ? ", STR_ARG(told));
		add_unknown(g, t, b);
		buf_addz(b, " : ");
		add_start(g, t->address, "\",", b);
		buf_addf(b, " + %.*s[1:]) : ", STR_ARG(told));
		return;
	}
	add_unknown(g, t, b);
	buf_addz(b, " : ");
	if (t->items.kind) {
		add_told_each(g, t, told, b);
		return;
	}
	buf_addf(b, "(%.*s ?? '') != '' ? ", STR_ARG(told));
	if (t->inner->prefix.n) {
		add_start(g, t->inner->prefix, "", b);
		buf_addf(b, " + %.*s[9:] : ", STR_ARG(told));
	} else {
		buf_addf(b, "%.*s : ", STR_ARG(told));
	}
}

struct str argo_told(struct argo *g, const struct dag *d)
{
	struct buf b = {0};
	struct str out;

	for (size_t j = 0; j < d->tasks.n; j++)
		if (!d->tasks.at[j]->forgiven && !d->tasks.at[j]->tells_of)
			add_told(g, d->tasks.at[j], &b);
	buf_addz(&b, "''");
	out = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

struct source argo_error(struct argo *g, struct task *t, const struct type *type)
{
	struct source s = {.kind = SOURCE_OUTPUT, .dag = t->dag, .task = t,
			   .key = STR("kfpc_error"), .type = type};

	s.may_be_empty = type != g->m->types.run_error;
	return s;
}

static bool is_needed(const struct dag *d, const struct task *t)
{
	if (!d->tells)
		return !t->forgiven;
	for (size_t j = 0; j < d->tasks.n; j++)
		for (size_t k = 0; k < d->tasks.at[j]->needs.n; k++)
			if (d->tasks.at[j]->needs.at[k].task == t &&
			    !d->tasks.at[j]->needs.at[k].ends && !d->tasks.at[j]->if_told)
				return true;
	return false;
}

/* Fails if t told something, before what waits for t. */
static void add_failing(struct argo *g, struct task *t)
{
	struct dag *d = t->dag;
	struct task *f = argo_fail(
		g, d, arena_printf(g->a, "%.*s-failed", STR_ARG(t->name)),
		argo_error(g, t, g->m->types.opt_run_error));

	f->tells_of = t;
	f->if_told = t;
	argo_need(f, t, END_RAN, 0);
	for (size_t j = 0; j < d->tasks.n; j++) {
		struct task *o = d->tasks.at[j];

		for (size_t k = 0; k < o->needs.n && o != f && !o->if_told; k++)
			if (o->needs.at[k].task == t && !o->needs.at[k].ends) {
				argo_need(o, f, 0, 0);
				break;
			}
	}
}

/* The end of a DAG that tells: something that ends well whatever was before it. */
static void add_end(struct argo *g, struct dag *d)
{
	size_t n = d->tasks.n;
	struct task *end = argo_task(g, d, STR("told"));

	argo_nothing(g, end, "tells what failed in a block, without a pod");
	end->tells_of = end;
	for (size_t j = 0; j < n; j++)
		argo_need(end, d->tasks.at[j], END_RAN | END_SKIPPED | END_FAILED | END_OMITTED,
			  0);
	argo_output(g, d, STR("kfpc_error"), g->m->types.string);
	vec_last(&d->outputs).tells = true;
	vec_last(&d->outputs).marked = d->parent->is_loop;
	d->end = end;
}

void argo_tell(struct argo *g)
{
	for (size_t j = 0; j < g->dags.n; j++) {
		struct dag *d = g->dags.at[j];
		size_t n = d->is_folded ? 0 : d->tasks.n;

		for (size_t t = 0; t < n; t++)
			if (d->tasks.at[t]->inner && d->tasks.at[t]->inner->tells &&
			    is_needed(d, d->tasks.at[t]))
				add_failing(g, d->tasks.at[t]);
		if (d->tells && !d->is_folded)
			add_end(g, d);
	}
}
