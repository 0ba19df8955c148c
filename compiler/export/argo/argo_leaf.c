/* Jobs for pods: of components, and those that Argo needs where the language has an
 * expression. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

static bool never_text(const struct type *t)
{
	(void)t;
	return false;
}

static struct argo_job new_job(struct argo *g, const char *kind, struct str name,
			       struct loc loc)
{
	/* Of Argo's values all are text, and how is said by their types. */
	struct argo_job j = {.spec = {.m = g->m, .a = g->a, .is_text = never_text}};

	j.name = name;
	j.loc = loc;
	if (kind)
		spec_begin(&j.spec, kind);
	return j;
}

static uint32_t add_read(struct argo_job *j, struct str name, struct source s,
			 const struct type *t)
{
	struct argo_read r = {s, READ_VALUE};

	if (s.kind == SOURCE_FILES)
		r.form = READ_FILES;
	else if (type_holds_artifacts(t))
		r.form = type_strip(t)->kind == TYPE_LIST ? READ_FOLDER : READ_FILE;
	vec_push(&j->reads, r);
	return spec_read(&j->spec, (struct spec_read){.name = name, .type = t});
}

/* Reads for all inputs of a site; at[i] is which. */
static uint32_t *site_reads(struct argo *g, struct inst *i, const struct site *site,
			    struct argo_job *job, const char *prefix)
{
	uint32_t *at = ARENA_ARRAY(g->a, site->ninputs + 1, uint32_t);

	for (uint32_t j = 0; j < site->ninputs; j++) {
		struct source from = argo_input(g, i, site->inputs[j], site);
		struct str name =
			arena_printf(g->a, "%s%zu", prefix, job->spec.reads.n + 1);

		at[j] = add_read(job, name, from, from.type);
	}
	return at;
}

static void add_output(struct argo_job *j, struct str name, const struct type *t,
		       struct loc loc)
{
	vec_push(&j->outputs, ((struct argo_output){name, t, loc}));
}

static void bind_file(struct argo *g, struct task *t, struct str name,
		      const struct source *s)
{
	struct str meta = arena_printf(g->a, "%.*s-metadata", STR_ARG(name));

	argo_bind(g, t, name, *s);
	if (argo_has_port(t->pod, "inputs", meta))
		argo_bind(g, t, meta, s->meta ? *s->meta : argo_no_metadata(g));
}

bool argo_is_own_name(const struct source *s)
{
	return s->kind == SOURCE_WORD && str_is(s->key, "pod.name");
}

static void bind_read(struct argo *g, struct task *t, struct str name,
		      const struct argo_read *r)
{
	if (argo_is_own_name(&r->source))
		return;
	if (r->form == READ_VALUE)
		argo_bind(g, t, name, r->source);
	else if (r->form != READ_FILES)
		bind_file(g, t, name, &r->source);
	for (uint32_t j = 0; r->form == READ_FILES && j < r->source.index; j++)
		bind_file(g, t, arena_printf(g->a, "%.*s-%u", STR_ARG(name), j + 1),
			  &r->source.parts[j]);
}

/* Makes the template of the job, and binds t, which uses it. */
static void finish(struct argo *g, struct task *t, struct argo_job *j)
{
	struct str *names = ARENA_ARRAY(g->a, j->reads.n + 1, struct str);

	for (size_t n = 0; n < j->reads.n; n++)
		names[n] = j->spec.reads.at[n].name;
	t->pod = argo_pod(g, j);
	for (size_t n = 0; t->pod && n < j->reads.n; n++)
		bind_read(g, t, names[n], &j->reads.at[n]);
	vec_release(&j->reads);
	vec_release(&j->outputs);
}

static struct source output_of(struct argo *g, struct task *t, struct str name,
			       const struct type *type)
{
	struct source s = {.kind = SOURCE_OUTPUT, .dag = t->dag, .task = t, .key = name,
			   .type = type};
	struct str meta = arena_printf(g->a, "%.*s-metadata", STR_ARG(name));
	struct source *m;

	if (!type_holds_artifacts(type) || !t->pod ||
	    !argo_has_port(t->pod, "outputs", meta))
		return s;
	m = arena_dup(g->a, &s, sizeof(s));
	m->key = meta;
	m->type = g->m->types.string;
	s.meta = m;
	return s;
}

/* "for-1-body/fit" */
static struct str place_of(struct argo *g, const struct dag *d, struct str task)
{
	return d->parent ? arena_printf(g->a, "%.*s/%.*s", STR_ARG(d->name), STR_ARG(task))
			 : task;
}

/* What stands around the program of a container. */
static void explain_container(struct argo *g, const struct dag *d, const struct task *t)
{
	const struct yaml *dag = t->pod ? yaml_get(t->pod, STR("dag")) : NULL;
	const struct yaml *tasks = dag ? yaml_get(dag, STR("tasks")) : NULL;

	for (size_t j = 0; tasks && j < tasks->n; j++) {
		struct str name = yaml_get(tasks->items[j].value, STR("name"))->text;

		if (!str_is(name, "run"))
			export_extra(g->x,
				     place_of(g, d,
					      arena_printf(g->a, "%.*s/%.*s",
							   STR_ARG(t->name),
							   STR_ARG(name))),
				     str_is(name, "argv") ? "makes the words of a command"
							  : "reads what a program left",
				     t->extra.text, t->extra.loc);
	}
}

void argo_explain(struct argo *g)
{
	for (size_t j = 0; j < g->dags.n; j++) {
		const struct dag *d = g->dags.at[j];

		for (size_t k = 0; k < d->tasks.n && !d->is_folded; k++) {
			const struct task *t = d->tasks.at[k];

			if (t->extra.why)
				export_extra(g->x, place_of(g, d, t->name), t->extra.why,
					     t->extra.text, t->extra.loc);
			else if (!t->inner)
				explain_container(g, d, t);
		}
	}
}

struct source argo_compute(struct argo *g, struct inst *i, struct dag *d,
			   const struct site *site, const struct site *message,
			   struct str name, bool is_assert)
{
	struct argo_job j = new_job(g, is_assert ? "assert" : "expr", name, site->loc);
	struct spec *spec = &j.spec;
	struct task *t = argo_task(g, d, name);

	j.tells = d->tells;
	spec_text(spec, "place", module_loc(g->m, site->loc, g->a));
	spec_text(spec, "text", site->text);
	spec_tree(spec, "tree", site, site_reads(g, i, site, &j, "in"));
	if (is_assert)
		spec_names(spec, i->p, site);
	if (message)
		spec_tree(spec, "message", message, site_reads(g, i, message, &j, "in"));
	if (!is_assert) {
		spec_type(spec, site->type);
		add_output(&j, STR("Output"), site->type, site->loc);
	}
	finish(g, t, &j);
	t->extra = (struct extra){is_assert ? "checks that this holds"
					    : "computes an expression",
				  site->text, site->loc};
	if (is_assert)
		return (struct source){.dag = d, .task = t};
	return output_of(g, t, STR("Output"), site->type);
}

struct task *argo_fail(struct argo *g, struct dag *d, struct str name,
		       struct source error)
{
	struct argo_job j = new_job(g, "fail", STR("fail"), g->at);
	struct task *t = argo_task(g, d, name);

	add_read(&j, STR("error"), error, error.type);
	finish(g, t, &j);
	t->extra = (struct extra){.why = "fails if what a block did failed", .loc = d->at};
	return t;
}

/* A DAG whose only task is skipped. */
void argo_nothing(struct argo *g, struct task *t, const char *why)
{
	struct yaml *y = yaml_map(g->a), *tasks = yaml_seq(g->a), *task = yaml_map(g->a);
	struct str name;

	if (!g->nothing) {
		name = argo_name(g, &g->names, STR("nothing"));
		yaml_put_str(task, STR("name"), STR("nothing"));
		yaml_put_str(task, STR("template"), name);
		yaml_put_str(task, STR("when"), STR("false"));
		yaml_add(tasks, task);
		yaml_put_str(y, STR("name"), name);
		yaml_put(yaml_sub(y, STR("dag")), STR("tasks"), tasks);
		vec_push(&g->pods, y);
		g->nothing = y;
	}
	t->pod = g->nothing;
	t->extra = (struct extra){.why = why, .loc = t->dag->at};
}

struct source argo_pass(struct argo *g, struct dag *d, struct source from,
			struct str name, struct str collect)
{
	struct argo_job j = new_job(g, "pass", name, g->at);
	struct task *t = argo_task(g, d, name);

	j.tells = d->tells;
	j.collect = collect;
	add_read(&j, STR("value"), from, from.type);
	spec_type(&j.spec, from.type);
	add_output(&j, STR("Output"), from.type, g->at);
	finish(g, t, &j);
	t->extra.why = from.kind == SOURCE_CONST ? "gives a constant as an output"
						 : "hands a value on, as an output";
	t->extra.loc = g->at;
	return output_of(g, t, STR("Output"), from.type);
}

struct source argo_no_metadata(struct argo *g)
{
	return argo_constant(value_str(g->a, STR("{}")), g->m->types.string);
}

struct source argo_whole(struct argo *g, struct dag *d, struct source s, struct str name)
{
	if (s.kind != SOURCE_FILES && s.kind != SOURCE_FOLDER)
		return s;
	return argo_pass(g, d, s, name, (struct str){"", 0});
}

struct source argo_constant(struct value v, const struct type *t)
{
	return (struct source){.kind = SOURCE_CONST, .type = t, .value = v};
}

static struct source files(struct argo *g, struct inst *i, const struct site *site)
{
	const struct expr *e = site->tree;
	struct source *parts = ARENA_ARRAY(g->a, e->nargs + 1, struct source);
	struct source s = {.kind = SOURCE_FILES, .type = site->type, .parts = parts,
			   .index = e->nargs};

	for (uint32_t j = 0; j < e->nargs; j++) {
		if (e->args[j]->kind != EXPR_INPUT)
			return (struct source){.type = site->type};
		parts[j] = argo_input(g, i, site->inputs[e->args[j]->input], site);
	}
	return s;
}

struct source argo_plain(struct argo *g, struct inst *i, const struct site *site)
{
	const struct expr *e = site->tree;
	struct source s = {.kind = SOURCE_NONE, .type = site->type};

	if (e->kind == EXPR_CONST)
		return argo_constant(e->value, site->type);
	if (e->kind == EXPR_LIST && type_holds_artifacts(site->type))
		return files(g, i, site);
	if (e->kind == EXPR_TO_FLOAT)
		e = e->args[0];
	if (e->kind != EXPR_INPUT)
		return s;
	s = argo_input(g, i, site->inputs[e->input], site);
	if (!s.kind || argo_same_wire(s.type, site->type))
		return s;
	/* What is a str here may be wanted as a str?. */
	s.quoted = site->type->kind == TYPE_OPT && s.type->kind != TYPE_OPT &&
		   argo_same_wire(s.type, site->type->elem);
	if (!s.quoted)
		s.kind = SOURCE_NONE;
	return s;
}

struct source argo_site(struct argo *g, struct inst *i, struct dag *d,
			const struct site *s, struct str name)
{
	struct source from = argo_plain(g, i, s);

	return from.kind ? from : argo_compute(g, i, d, s, NULL, name, false);
}

static void add_params(struct argo *g, struct inst *i, const struct module_node *n,
		       const struct source *args, struct argo_job *job)
{
	const struct module_component *c = &g->m->components[n->target];

	spec_params(&job->spec);
	for (uint32_t j = 0; j < c->nparams; j++) {
		const struct module_param *p = &c->params[j];

		if (args[j].kind || !n->args[j]) {
			spec_param(&job->spec, c, j,
				   add_read(job, p->name, args[j], p->type), NULL, NULL);
		} else {
			struct str prefix = arena_printf(g->a, "%.*s-", STR_ARG(p->name));

			spec_param(&job->spec, c, j, 0, n->args[j],
				   site_reads(g, i, n->args[j], job, prefix.p));
		}
	}
	spec_params_end(&job->spec);
}

struct task *argo_component(struct argo *g, struct inst *i, uint32_t node,
			    const struct source *args)
{
	const struct module_node *n = &i->p->nodes[node];
	const struct module_component *c = &g->m->components[n->target];
	struct task *t = argo_task(g, argo_home(g, i, node), n->path);
	struct argo_job j = new_job(g, NULL, c->name, n->loc);

	j.tells = t->dag->tells;
	j.inst = i;
	j.node = n;
	argo_code(g, &j);
	add_params(g, i, n, args, &j);
	for (uint32_t o = 0; o < c->noutputs; o++)
		add_output(&j, c->outputs[o].name, c->outputs[o].type,
			   c->outputs[o].loc);
	finish(g, t, &j);
	t->extra = (struct extra){.text = c->name, .loc = n->loc};
	for (uint32_t o = 0; o < c->noutputs; o++)
		i->outs[node][o] =
			output_of(g, t, c->outputs[o].name, c->outputs[o].type);
	return t;
}

struct operand {
	struct str name;
	struct source source;
};

/* A task that computes a tree whose inputs are these two. */
static struct source over_two(struct argo *g, struct dag *d, struct expr *tree,
			      const struct operand *two, struct str name, const char *why)
{
	struct argo_job j = new_job(g, "expr", name, g->at);
	struct site site = {.tree = tree};
	struct task *t = argo_task(g, d, name);
	uint32_t at[2];

	j.tells = d->tells;
	for (int k = 0; k < 2; k++)
		at[k] = add_read(&j, two[k].name, two[k].source, two[k].source.type);
	spec_text(&j.spec, "place", module_loc(g->m, g->at, g->a));
	spec_text(&j.spec, "text", name);
	spec_tree(&j.spec, "tree", &site, at);
	spec_type(&j.spec, tree->type);
	add_output(&j, STR("Output"), tree->type, g->at);
	finish(g, t, &j);
	t->extra = (struct extra){.why = why, .loc = g->at};
	return output_of(g, t, STR("Output"), tree->type);
}

struct source argo_either(struct argo *g, struct dag *d, const struct source *two,
			  struct str name, const struct type *type)
{
	struct expr in[2] = {{.kind = EXPR_INPUT, .input = 0},
			     {.kind = EXPR_INPUT, .input = 1}};
	struct expr none = {.kind = EXPR_CONST, .value = VALUE_NONE_V};
	struct expr *same[] = {&in[0], &none};
	struct expr is_none = {.kind = EXPR_BINARY, .op = OP_EQ, .nargs = 2, .args = same};
	struct expr *args[] = {&is_none, &in[1], &in[0]};
	struct expr tree = {.kind = EXPR_COND, .nargs = 3, .args = args, .type = type};
	struct operand sides[2] = {{STR("side-1"), two[0]}, {STR("side-2"), two[1]}};

	return over_two(g, d, &tree, sides, name, "takes the artifact that is there");
}

struct source argo_pick(struct argo *g, struct dag *d, struct source list,
			struct source index, struct str name)
{
	struct expr in[2] = {{.kind = EXPR_INPUT, .input = 0},
			     {.kind = EXPR_INPUT, .input = 1}};
	struct expr *args[] = {&in[0], &in[1]};
	struct expr tree = {.kind = EXPR_INDEX, .nargs = 2, .args = args,
			    .type = list.type->elem};
	struct operand two[2] = {{STR("list"), list}, {STR("index"), index}};

	return over_two(g, d, &tree, two, name, "picks one of a list of artifacts");
}

/* Rows: a JSON list of strings, each the wire of an element, or of several lists the
 * JSON of a list of wires. */
struct source argo_rows(struct argo *g, struct dag *d, const struct source *lists,
			uint32_t n)
{
	const struct type *words = type_list(&g->m->types, g->m->types.string);
	struct argo_job j = new_job(g, "items", STR("items"), g->at);
	struct task *t = argo_task(g, d, STR("items"));

	j.tells = d->tells;
	for (uint32_t k = 0; k < n; k++)
		add_read(&j, arena_printf(g->a, "in%u", k + 1), lists[k], lists[k].type);
	add_output(&j, STR("Output"), words, g->at);
	finish(g, t, &j);
	t->extra = (struct extra){.why = "makes the list of a loop", .loc = g->at};
	return output_of(g, t, STR("Output"), words);
}
