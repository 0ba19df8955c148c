/* DAG templates as Argo reads them. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

static struct yaml *named(struct argo *g, struct yaml *list, struct str name)
{
	struct yaml *item = yaml_map(g->a);

	yaml_put_str(item, STR("name"), name);
	yaml_add(list, item);
	return item;
}

static struct str kind_of(const struct type *t)
{
	return type_holds_artifacts(t) ? STR("artifacts") : STR("parameters");
}

/* How a need reads: a name alone is "it ended well, or there was nothing to do". */
static void add_need(const struct need *n, bool grouped, struct buf *b)
{
	static const struct {
		unsigned end;
		const char *word;
	} words[] = {{END_RAN, "Succeeded"}, {END_SKIPPED, "Skipped"},
		     {END_FAILED, "Failed"}, {END_FAILED, "Errored"},
		     {END_OMITTED, "Omitted"}};
	bool first = true;

	if (!n->ends) {
		buf_add(b, n->task->name);
		return;
	}
	grouped |= n->ends == END_RAN;
	buf_addz(b, grouped ? "" : "(");
	for (size_t j = 0; j < sizeof(words) / sizeof(*words); j++) {
		if (!(n->ends & words[j].end))
			continue;
		buf_addf(b, "%s%.*s.%s", first ? "" : " || ", STR_ARG(n->task->name),
			 words[j].word);
		first = false;
	}
	buf_addz(b, grouped ? "" : ")");
}

static struct str depends(struct argo *g, const struct task *t)
{
	struct buf b = {0};
	struct str out;

	for (size_t j = 0; j < t->needs.n; j++) {
		const struct need *n = &t->needs.at[j];
		bool first = true;

		for (size_t k = 0; k < j && n->group; k++)
			first &= t->needs.at[k].group != n->group;
		if (!first)
			continue;
		buf_addz(&b, b.n ? " && " : "");
		if (!n->group) {
			add_need(n, t->needs.n == 1, &b);
			continue;
		}
		buf_addz(&b, "(");
		for (size_t k = j; k < t->needs.n; k++) {
			if (t->needs.at[k].group != n->group)
				continue;
			buf_addz(&b, k > j ? " || " : "");
			add_need(&t->needs.at[k], true, &b);
		}
		buf_addz(&b, ")");
	}
	out = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool may_be_missing(const struct type *t)
{
	return t->kind == TYPE_OPT && type_holds_artifacts(t);
}

static void add_arg(struct argo *g, struct yaml *task, const struct bound *arg)
{
	const struct source *s = &arg->source;
	struct yaml *item;

	/* An artifact that is not there is no argument. */
	if (type_holds_artifacts(s->type) && s->kind == SOURCE_CONST)
		return;
	item = named(g, yaml_list(yaml_sub(task, STR("arguments")), kind_of(s->type)),
		     arg->name);
	if (!type_holds_artifacts(s->type)) {
		yaml_put_str(item, STR("value"), argo_text(g, s));
		return;
	}
	if (s->kind == SOURCE_FOLDER)
		argo_put_key(g, item, s->key);
	else
		yaml_put_str(item, STR("from"), argo_text(g, s));
	if (may_be_missing(s->type) || s->kind == SOURCE_FOLDER)
		yaml_put(item, STR("optional"), yaml_bool(g->a, true));
}

static struct str when_told(struct argo *g, const struct task *t)
{
	struct str error = argo_error_expr(g, t);

	return arena_printf(g->a, "{{= %.*s == '' ? 'b0' : 'b1' }} == b1",
			    STR_ARG(error));
}

static void add_task(struct argo *g, struct yaml *tasks, const struct task *t)
{
	struct yaml *y = named(g, tasks, t->name), *name;

	if (!t->inner && !t->pod)
		return;
	name = t->inner ? yaml_str(g->a, t->inner->name)
			: yaml_str(g->a, yaml_get(t->pod, STR("name"))->text);
	if (t->needs.n)
		yaml_put_str(y, STR("depends"), depends(g, t));
	yaml_put(y, STR("template"), name);
	if (t->guard.n)
		yaml_put_str(y, STR("when"),
			     arena_printf(g->a, "{{inputs.parameters.branch}} == %.*s",
					  STR_ARG(t->guard)));
	if (t->if_told)
		yaml_put_str(y, STR("when"), when_told(g, t->if_told));
	if (t->items.kind)
		yaml_put_str(y, STR("withParam"), argo_text(g, &t->items));
	for (size_t j = 0; j < t->args.n; j++)
		add_arg(g, y, &t->args.at[j]);
}

static struct str body_went_well(struct argo *g, const struct task *t)
{
	struct str error;

	if (!t->inner || !t->inner->tells)
		return arena_printf(g->a, "tasks['%.*s'].status == 'Succeeded'",
				    STR_ARG(t->name));
	error = argo_error_expr(g, t);
	return arena_printf(g->a, "%.*s == ''", STR_ARG(error));
}

/* An expression for an output: what the one side says or the other. */
static struct str choose(struct argo *g, const struct dag *d, const struct dag_output *o)
{
	struct str a, b, test;

	if (o->tells)
		a = argo_told(g, d);
	else
		a = argo_expr(g, &o->choices.at[0].source);

	if (o->choices.n < 2)
		return o->marked ? arena_printf(g->a, "'" ARGO_MARK "=' + (%.*s)",
						STR_ARG(a))
				 : a;
	b = argo_expr(g, &o->choices.at[1].source);
	test = o->by_status
		       ? body_went_well(g, d->tasks.at[0])
		       : arena_printf(g->a, "inputs.parameters['branch'] == '%.*s'",
				      STR_ARG(o->choices.at[0].guard));
	return arena_printf(g->a, "%.*s ? %.*s : %.*s", STR_ARG(test), STR_ARG(a),
			    STR_ARG(b));
}

/* The only task whose output it may be, if nothing is to be computed. */
static const struct source *only(const struct dag_output *o)
{
	const struct source *s;

	if (o->tells)
		return NULL;
	s = &o->choices.at[0].source;
	if (o->marked || s->may_be_empty || s->quoted || s->indexes || s->kind != SOURCE_OUTPUT)
		return NULL;
	if (o->choices.n == 1)
		return s;
	/* Of what is not there nothing comes. */
	return type_holds_artifacts(o->type) &&
			       o->choices.at[1].source.kind == SOURCE_CONST
		       ? s
		       : NULL;
}

static void add_artifact(struct argo *g, const struct dag *d, struct yaml *item,
			 const struct dag_output *o)
{
	const struct source *s = only(o);

	if (s)
		yaml_put_str(item, STR("from"), argo_text(g, s));
	else
		yaml_put_str(item, STR("fromExpression"), choose(g, d, o));
	if (may_be_missing(o->type) || d->tells)
		yaml_put(item, STR("optional"), yaml_bool(g->a, true));
}

/* Is it a side of a branch or try, so that there may be nothing to read? */
static bool may_not_end(const struct dag *d, const struct task *t)
{
	bool is_handler = false;

	for (size_t j = 0; j < d->tasks.n; j++)
		is_handler |= d->tasks.at[j]->handler == t;
	return is_handler || t->guard.n || t->forgiven;
}

static void add_output(struct argo *g, const struct dag *d, struct yaml *outputs,
		       const struct dag_output *o)
{
	struct yaml *item = named(g, yaml_list(outputs, kind_of(o->type)), o->name), *from;
	const struct source *s = only(o);

	if (type_holds_artifacts(o->type)) {
		add_artifact(g, d, item, o);
		return;
	}
	from = yaml_sub(item, STR("valueFrom"));
	if (s)
		yaml_put_str(from, STR("parameter"), argo_text(g, s));
	else
		yaml_put_str(from, STR("expression"), choose(g, d, o));
	if (o->collected)
		yaml_put_str(from, STR("default"), STR("[]"));
	else if (s ? d->tells || may_not_end(d, s->task) : d->tells && !o->tells)
		yaml_put_str(from, STR("default"), (struct str){"", 0});
}

static bool is_awaited(const struct dag *d, const struct task *t)
{
	for (size_t j = 0; j < d->tasks.n; j++)
		for (size_t k = 0; k < d->tasks.at[j]->needs.n; k++)
			if (d->tasks.at[j]->needs.at[k].task == t)
				return true;
	return false;
}

/* The tasks that decide how the DAG ends, where Argo would not find that by itself. */
static struct str target(struct argo *g, const struct dag *d)
{
	struct buf b = {0};
	struct str out;
	bool plain = true;

	if (d->end)
		return d->end->name;
	for (size_t j = 0; j < d->tasks.n; j++) {
		const struct task *t = d->tasks.at[j];
		bool leaf = !is_awaited(d, t);

		plain &= leaf || !t->counts;
		if (leaf || t->counts)
			buf_addf(&b, "%s%.*s", b.n ? " " : "", STR_ARG(t->name));
	}
	out = plain ? (struct str){"", 0} : arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void add_inputs(struct argo *g, const struct dag *d, struct yaml *y)
{
	for (size_t j = 0; j < d->inputs.n; j++) {
		const struct port *p = &d->inputs.at[j];
		struct yaml *item = named(
			g, yaml_list(yaml_sub(y, STR("inputs")), kind_of(p->type)),
			p->name);

		if (may_be_missing(p->type))
			yaml_put(item, STR("optional"), yaml_bool(g->a, true));
	}
}

static struct yaml *dag_template(struct argo *g, const struct dag *d)
{
	struct yaml *y = yaml_map(g->a), *dag, *tasks = yaml_seq(g->a);
	struct str goal = target(g, d);

	yaml_put_str(y, STR("name"), d->name);
	argo_put_display_name(y, d->shown);
	add_inputs(g, d, y);
	if (d->parallelism)
		yaml_put(y, STR("parallelism"), yaml_int(g->a, d->parallelism));
	dag = yaml_sub(y, STR("dag"));
	if (!d->fail_fast || d->tells)
		yaml_put(dag, STR("failFast"), yaml_bool(g->a, false));
	if (goal.n)
		yaml_put_str(dag, STR("target"), goal);
	for (size_t j = 0; j < d->tasks.n; j++)
		add_task(g, tasks, d->tasks.at[j]);
	yaml_put(dag, STR("tasks"), tasks);
	for (size_t j = 0; j < d->outputs.n; j++)
		add_output(g, d, yaml_sub(y, STR("outputs")), &d->outputs.at[j]);
	return y;
}

/* How deep the templates are in each other, itself one. */
static unsigned depth_of(const struct dag *d)
{
	unsigned depth = 2;

	for (; d->parent; d = d->parent)
		depth++;
	return depth;
}

static void check_depth(struct argo *g)
{
	unsigned deepest = 0;

	for (size_t j = 0; j < g->dags.n; j++)
		if (!g->dags.at[j]->is_folded && depth_of(g->dags.at[j]) > deepest)
			deepest = depth_of(g->dags.at[j]);
	if (deepest > ARGO_DEPTH_MAX)
		export_fault(g->x, E1004, g->m->pipelines[g->x->pipeline].loc,
			     "branches, loops and called pipelines are %u levels deep in "
			     "each other, and Argo takes at most %d: what is deep down has "
			     "to come up",
			     deepest, ARGO_DEPTH_MAX);
}

struct yaml *argo_templates(struct argo *g)
{
	struct yaml *all = yaml_seq(g->a);

	check_depth(g);
	for (size_t j = 0; j < g->dags.n; j++)
		if (!g->dags.at[j]->is_folded)
			yaml_add(all, dag_template(g, g->dags.at[j]));
	for (size_t j = 0; j < g->pods.n; j++)
		yaml_add(all, g->pods.at[j]);
	return all;
}
