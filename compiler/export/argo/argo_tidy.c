/* Once all DAGs are there: takes out what nobody reads, puts a task in the place of a
 * DAG that has only this one, and finds what each task waits for. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

typedef void visit_fn(struct source *s, void *ctx);

static void visit_source(struct source *s, visit_fn *fn, void *ctx)
{
	fn(s, ctx);
	for (uint32_t j = 0; s->parts && j < s->index; j++)
		fn(&s->parts[j], ctx);
}

static void visit_task(struct task *t, visit_fn *fn, void *ctx)
{
	for (size_t j = 0; j < t->args.n; j++)
		visit_source(&t->args.at[j].source, fn, ctx);
	visit_source(&t->items, fn, ctx);
}

/* All that is read in d, each of it seen there. */
static void visit_dag(struct dag *d, visit_fn *fn, void *ctx)
{
	for (size_t j = 0; j < d->tasks.n; j++)
		visit_task(d->tasks.at[j], fn, ctx);
	for (size_t j = 0; j < d->outputs.n; j++)
		for (size_t c = 0; c < d->outputs.at[j].choices.n; c++)
			visit_source(&d->outputs.at[j].choices.at[c].source, fn, ctx);
}

struct wanted {
	enum source_kind kind;		/* PARAM, OUTPUT */
	const struct task *task;
	struct str key;
	bool is_there;
};

static void look(struct source *s, void *ctx)
{
	struct wanted *w = ctx;

	if (w->kind == SOURCE_OUTPUT)
		w->is_there |= s->kind == SOURCE_OUTPUT && s->task == w->task &&
			       str_eq(s->key, w->key);
	else
		w->is_there |= (s->kind == SOURCE_PARAM || s->kind == SOURCE_ROW) &&
			       str_eq(s->key, w->key);
}

static bool is_read(struct dag *d, enum source_kind kind, const struct task *task,
		    struct str key)
{
	struct wanted w = {kind, task, key, false};

	visit_dag(d, look, &w);
	return w.is_there;
}

static void drop_outputs(struct dag *d)
{
	size_t n = 0;

	for (size_t j = 0; j < d->outputs.n; j++) {
		struct dag_output *o = &d->outputs.at[j];

		if (is_read(d->parent, SOURCE_OUTPUT, d->self, o->name))
			d->outputs.at[n++] = *o;
		else
			vec_release(&o->choices);
	}
	d->outputs.n = n;
}

static void drop_arg(struct task *t, struct str name)
{
	size_t n = 0;

	for (size_t j = 0; j < t->args.n; j++)
		if (!str_eq(t->args.at[j].name, name))
			t->args.at[n++] = t->args.at[j];
	t->args.n = n;
}

static void drop_inputs(struct dag *d)
{
	size_t n = 0;

	for (size_t j = 0; j < d->inputs.n; j++) {
		struct port *p = &d->inputs.at[j];

		if (str_is(p->name, "branch") ||
		    is_read(d, SOURCE_PARAM, NULL, p->name))
			d->inputs.at[n++] = *p;
		else
			drop_arg(d->self, p->name);
	}
	d->inputs.n = n;
}

/* May the one task of d stand where d does? */
static bool is_foldable(const struct dag *d)
{
	const struct task *t = d->tasks.n == 1 ? d->tasks.at[0] : NULL;

	if (!t || !d->is_side || d->tells || t->needs.n || t->guard.n || t->items.kind ||
	    d->parallelism)
		return false;
	for (size_t j = 0; j < t->args.n; j++) {
		enum source_kind k = t->args.at[j].source.kind;

		if (k != SOURCE_PARAM && k != SOURCE_CONST && k != SOURCE_WORD)
			return false;
	}
	for (size_t j = 0; j < d->outputs.n; j++) {
		const struct dag_output *o = &d->outputs.at[j];

		if (o->choices.n != 1 || o->marked ||
		    o->choices.at[0].source.kind != SOURCE_OUTPUT ||
		    o->choices.at[0].source.quoted)
			return false;
	}
	return true;
}

static void rename_key(struct source *s, void *ctx)
{
	const struct dag *d = ctx;

	if (s->kind != SOURCE_OUTPUT || s->task != d->self)
		return;
	for (size_t j = 0; j < d->outputs.n; j++)
		if (str_eq(d->outputs.at[j].name, s->key)) {
			s->key = d->outputs.at[j].choices.at[0].source.key;
			return;
		}
}

static const struct source *arg_of(const struct task *t, struct str name)
{
	for (size_t j = 0; j < t->args.n; j++)
		if (str_eq(t->args.at[j].name, name))
			return &t->args.at[j].source;
	return NULL;
}

static void fold(struct argo *g, struct dag *d)
{
	struct task *in = d->tasks.at[0], *t = d->self;
	struct task before = *t;

	visit_dag(d->parent, rename_key, d);
	memset(&t->args, 0, sizeof(t->args));
	for (size_t j = 0; j < in->args.n; j++) {
		struct source s = in->args.at[j].source;
		const struct source *outer =
			s.kind == SOURCE_PARAM ? arg_of(&before, s.key) : NULL;

		if (outer) {
			bool quoted = s.quoted;

			s = *outer;
			s.quoted |= quoted;
		}
		vec_push(&t->args, ((struct bound){in->args.at[j].name, s}));
	}
	vec_release(&before.args);
	t->name = argo_name(g, &t->dag->names, in->name);
	t->pod = in->pod;
	t->inner = in->inner;
	t->extra = in->extra;
	if (t->inner) {
		t->inner->parent = t->dag;
		t->inner->self = t;
	}
	d->is_folded = true;
}

static void find_needs(struct source *s, void *ctx)
{
	struct task *t = ctx;

	if (s->kind == SOURCE_OUTPUT && !str_is(s->key, "kfpc_error"))
		argo_need(t, s->task, 0, 0);
}

static bool waits_plainly(const struct task *t)
{
	for (size_t j = 0; j < t->needs.n; j++)
		if (!t->needs.at[j].ends)
			return true;
	return false;
}

/* Who waits for something that waits for the checks need not say so. */
static void add_needs(struct dag *d)
{
	for (size_t j = 0; j < d->tasks.n; j++) {
		struct task *t = d->tasks.at[j];

		visit_task(t, find_needs, t);
		if (j < d->nchecks || waits_plainly(t))
			continue;
		for (size_t c = 0; c < d->nchecks; c++)
			argo_need(t, d->tasks.at[c], 0, 0);
	}
}

void argo_tidy(struct argo *g)
{
	for (size_t j = 1; j < g->dags.n; j++)
		drop_outputs(g->dags.at[j]);
	for (size_t j = g->dags.n; j-- > 1;)
		drop_inputs(g->dags.at[j]);
	for (size_t j = g->dags.n; j-- > 1;)
		if (is_foldable(g->dags.at[j]))
			fold(g, g->dags.at[j]);
	for (size_t j = 0; j < g->dags.n; j++)
		if (!g->dags.at[j]->is_folded) {
			add_needs(g->dags.at[j]);
			argo_check_parallelism(g, g->dags.at[j]);
		}
}
