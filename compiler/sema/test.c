/* Tests: `stub`s that stand in for components, runs of pipelines, and what must hold.
 *
 * The name that a run is bound to is a parameter of the test (its index counts the
 * runs); its type is a struct made for the pipeline, which says what can be asked:
 *
 *	r.state  r.error  r.outputs.NAME  r.tasks.fit.state  .error  .attempts  .outputs.NAME
 *
 * A task in a loop is a list, an element for each iteration; a called pipeline has the
 * fields of its tasks. */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "compiler/sema/check.h"
#include "runtime/base/limits.h"

struct testing {
	struct scope c;
	struct sema *s;
	struct node *decl;
	VEC(const struct symbol *) stubbed;
	VEC(const struct symbol *) searched;	/* pipelines, for what has no stub */
	uint32_t nruns;
	bool executes;		/* components without a stub are run */
};

struct fields {
	struct sema *s;
	VEC(struct type_field) at;
};

static const char *const STATES[] = {"pending", "running", "succeeded", "cached",
				     "failed",  "skipped", "cancelled", NULL};

/* The struct types of results. */

static void add_field(struct fields *f, struct str name, const struct type *t)
{
	vec_push(&f->at, (struct type_field){name, t});
}

static const struct type *end_fields(struct fields *f, const char *name)
{
	struct type *t = type_struct(f->s->types, str_of(name));

	type_struct_fields(f->s->types, t, f->at.at, (uint32_t)f->at.n);
	vec_release(&f->at);
	return t;
}

static const struct type *outputs_type(struct sema *s, const struct symbol *callee)
{
	struct fields f = {.s = s};

	for (uint32_t i = 0; i < callee->nouts; i++)
		add_field(&f, sym_str(callee->outs[i].name),
			  type_read(s->types, callee->outs[i].type));
	return end_fields(&f, "Outputs");
}

static const struct type *tasks_type(struct sema *s, struct symbol *pipeline,
				     unsigned depth);

static const struct type *task_type(struct sema *s, struct symbol *callee,
				    unsigned depth)
{
	struct fields f = {.s = s};

	if (callee->kind == SYMBOL_PIPELINE)
		return tasks_type(s, callee, depth + 1);
	add_field(&f, STR("state"), s->types->string);
	add_field(&f, STR("error"), s->types->string);
	add_field(&f, STR("attempts"), s->types->integer);
	add_field(&f, STR("outputs"), outputs_type(s, callee));
	return end_fields(&f, "Task");
}

/* A name that several branches bind is one field. */
static void add_call(struct fields *f, const struct sym *name, const struct node *call,
		     unsigned loops, unsigned depth)
{
	struct symbol *callee = call->ref ? symbol_target(call->ref) : NULL;
	const struct type *t;

	if (!callee ||
	    (callee->kind != SYMBOL_COMPONENT && callee->kind != SYMBOL_PIPELINE))
		return;
	name = name ? name : callee->name;
	for (size_t i = 0; i < f->at.n; i++)
		if (str_eq(f->at.at[i].name, sym_str(name)))
			return;
	t = task_type(f->s, callee, depth);
	while (loops--)
		t = type_list(f->s->types, t);
	add_field(f, sym_str(name), t);
}

/* The calls in an expression that stands where calls may.  Only one that is all of what
 * is bound has that name, the others have their component's. */
static void add_calls(struct fields *f, const struct sym *name, const struct node *n,
		      unsigned loops, unsigned depth)
{
	switch (n->kind) {
	case AST_CALL:
		list_each(arg, &n->call.args)
			add_calls(f, NULL, arg, loops, depth);
		add_call(f, name, n, loops, depth);
		return;
	case AST_ARG:
		add_calls(f, name, n->arg.value, loops, depth);
		return;
	case AST_FIELD:
		add_calls(f, NULL, n->field.object, loops, depth);
		return;
	case AST_COND:
		add_calls(f, name, n->cond.then, loops, depth);
		add_calls(f, name, n->cond.orelse, loops, depth);
		return;
	case AST_COMPREHENSION:
		add_calls(f, name, n->comprehension.element, loops + 1, depth);
		return;
	case AST_LIST:
		list_each(item, &n->list.items)
			add_calls(f, NULL, item, loops, depth);
		return;
	default:
		return;
	}
}

static void add_tasks(struct fields *f, const struct list *items, unsigned loops,
		      unsigned depth)
{
	list_each(n, items) {
		if (n->kind == AST_BIND && n->bind.target->kind == AST_NAME) {
			add_calls(f, n->bind.target->name.name, n->bind.value, loops,
				  depth);
		} else if (n->kind == AST_DO) {
			add_calls(f, NULL, n->do_.value, loops, depth);
		} else if (n->kind == AST_RETURN) {
			list_each(arg, &n->return_.values)
				add_calls(f, NULL, arg, loops, depth);
		} else if (n->kind == AST_IF) {
			add_tasks(f, &n->if_.then, loops, depth);
			add_tasks(f, &n->if_.orelse, loops, depth);
		} else if (n->kind == AST_FOR) {
			add_tasks(f, &n->for_.items, loops + 1, depth);
		} else if (n->kind == AST_TRY) {
			add_tasks(f, &n->try_.items, loops, depth);
			add_tasks(f, &n->try_.except, loops, depth);
			add_tasks(f, &n->try_.final, loops, depth);
		}
	}
}

/* Made once: many ways may lead to a pipeline.  One that calls itself is an error. */
static const struct type *tasks_type(struct sema *s, struct symbol *pipeline,
				     unsigned depth)
{
	struct fields f = {.s = s};

	if (depth >= LIMIT_CALL_DEPTH)
		return s->types->error;
	if (pipeline->tasks)
		return pipeline->tasks;
	pipeline->tasks = s->types->error;
	if (pipeline->decl)
		add_tasks(&f, &pipeline->decl->pipeline.items, 0, depth);
	pipeline->tasks = end_fields(&f, "Tasks");
	return pipeline->tasks;
}

static const struct type *run_type(struct sema *s, struct symbol *pipeline)
{
	struct fields f = {.s = s};

	add_field(&f, STR("state"), s->types->string);
	add_field(&f, STR("error"), s->types->string);
	add_field(&f, STR("outputs"), outputs_type(s, pipeline));
	add_field(&f, STR("tasks"), tasks_type(s, pipeline, 0));
	return end_fields(&f, "Run");
}

/* Stubs. */

static struct symbol *stubbed_component(struct testing *t, struct node *callee)
{
	struct result r;
	struct diag *d;

	if (callee->kind == AST_NAME && !scope_find(&t->c, callee->name.name)) {
		scope_unknown(&t->c, callee, "component");
		return NULL;
	}
	r = check_operand(&t->c, callee, NULL, false);
	if (r.kind == RESULT_SYMBOL && r.sym->kind == SYMBOL_COMPONENT)
		return r.sym;
	if (r.kind == RESULT_VALUE && r.type->kind == TYPE_ERROR)
		return NULL;
	d = diag(t->s->parse.diags, callee->span, E0303,
		 "a stub stands in for a component");
	if (r.kind == RESULT_SYMBOL)
		diag_label(d, "'%s' is %s", r.sym->name->s, symbol_kind_name(r.sym));
	return NULL;
}

static const struct symbol *find_param(struct testing *t, const struct symbol *component,
				       const struct node *arg)
{
	if (!arg->arg.name) {
		diag(t->s->parse.diags, arg->span, E0404,
		     "arguments of '%s' are given by name", component->name->s);
		return NULL;
	}
	for (uint32_t i = 0; i < component->nparams; i++)
		if (component->params[i]->name == arg->arg.name)
			return component->params[i];
	if (!component->is_broken)
		say_unknown_arg(&t->c, arg, component);
	return NULL;
}

/* The values that a stub is for. */
static void check_stub_args(struct testing *t, const struct node *call,
			    const struct symbol *component)
{
	list_each(arg, &call->call.args) {
		const struct symbol *p;

		if (arg->kind != AST_ARG)
			continue;
		p = find_param(t, component, arg);
		if (!p)
			continue;
		if (type_holds_artifacts(p->type))
			diag(t->s->parse.diags, arg->span, E0308,
			     "a stub is chosen by values; '%s' is an artifact",
			     p->name->s);
		else
			check_wanted(&t->c, arg->arg.value, p->type,
				     arena_printf(t->s->parse.arena, "'%s' of '%s'",
						  p->name->s, component->name->s).p,
				     p->span);
	}
}

/* An artifact of a stub is a file or folder beside the program. */
static void check_fixture(struct testing *t, struct node *value, const char *what)
{
	struct place_of_file p;

	check_wanted(&t->c, value, t->s->types->string, what, SPAN_NONE);
	if (value->kind != AST_STRING)
		return;
	p = sema_place(t->s, t->c.file, value->string.value, value->span.lo);
	if (!access(p.path.p, F_OK))
		return;
	diag_label(
		diag(t->s->parse.diags, value->span, E0601, "there is no file '%.*s'",
		     STR_ARG(value->string.value)),
		"the artifact of a stub is a file or folder, named from the .kfp file");
}

static void check_stub_value(struct testing *t, struct node *arg,
			     const struct symbol_out *out, const struct symbol *component)
{
	const char *what = arena_printf(t->s->parse.arena, "the output '%s' of '%s'",
					out->name->s, component->name->s).p;
	const struct type *bare = type_strip(out->type);

	if (arg->arg.value->kind == AST_NONE && out->type->kind == TYPE_OPT)
		arg->arg.value->type = t->s->types->none;
	else if (bare->kind == TYPE_ARTIFACT)
		check_fixture(t, arg->arg.value, what);
	else if (bare->kind == TYPE_SERIES)
		check_wanted(&t->c, arg->arg.value,
			     type_list(t->s->types, t->s->types->floating), what,
			     out->decl->span);
	else
		check_wanted(&t->c, arg->arg.value, type_read(t->s->types, out->type), what,
			     out->decl->span);
}

/* fail("message"): the stub fails. */
static struct node *stub_failure(const struct testing *t, const struct node *stub)
{
	const struct node *first = stub->stub.values.first;
	const struct node *call =
		first && first->kind == AST_ARG ? first->arg.value : NULL;

	if (stub->stub.fields || !call || !calls_builtin(&t->c, call, "fail") ||
	    call->call.args.n != 1 || call->call.args.first->kind != AST_ARG)
		return NULL;
	return call->call.args.first->arg.value;
}

static uint32_t find_out(struct testing *t, const struct node *arg,
			 const struct symbol *component)
{
	struct suggestion best = {0};
	struct diag *d;
	uint32_t i;

	if (!arg->arg.name) {
		if (component->nouts == 1)
			return 0;
		diag(t->s->parse.diags, arg->span, E0404,
		     "'%s' has %u outputs: name them, (a=..., b=...)", component->name->s,
		     component->nouts);
		return MODULE_NONE;
	}
	i = symbol_find_out(component, arg->arg.name);
	if (i != MODULE_NONE)
		return i;
	d = diag(t->s->parse.diags, arg->arg.name_at, E0304, "'%s' has no output '%s'",
		 component->name->s, arg->arg.name->s);
	best.wanted = sym_str(arg->arg.name);
	for (i = 0; i < component->nouts; i++)
		suggest(&best, sym_str(component->outs[i].name));
	diag_suggest(d, arg->arg.name_at, &best);
	return MODULE_NONE;
}

/* `stub say`, or `stub say -> None`: it has no outputs. */
static void check_no_value(struct testing *t, const struct node *stub,
			   const struct symbol *component)
{
	const struct node *first = stub->stub.values.first;

	if (!first || first->kind != AST_ARG || first->arg.value->kind == AST_ERROR ||
	    (stub->stub.values.n == 1 && !first->arg.name &&
	     first->arg.value->kind == AST_NONE))
		return;
	diag_label(diag(t->s->parse.diags, first->span, E0304, "'%s' has no outputs",
			component->name->s),
		   "write 'stub %s', with nothing behind it", component->name->s);
}

static void check_stub_values(struct testing *t, struct node *stub,
			      const struct symbol *component)
{
	bool *given = ARENA_ARRAY(t->s->parse.arena, component->nouts, bool);
	struct node *failure = stub_failure(t, stub);
	bool complete = true;

	if (failure) {
		check_wanted(&t->c, failure, t->s->types->string, "a failure", SPAN_NONE);
		return;
	}
	if (!component->nouts) {
		check_no_value(t, stub, component);
		return;
	}
	list_each(arg, &stub->stub.values) {
		uint32_t i = arg->kind == AST_ARG ? find_out(t, arg, component)
						  : MODULE_NONE;

		complete &= i != MODULE_NONE;
		if (i == MODULE_NONE)
			continue;
		if (given[i])
			diag(t->s->parse.diags, arg->span, E0403, "'%s' is given twice",
			     component->outs[i].name->s);
		given[i] = true;
		check_stub_value(t, arg, &component->outs[i], component);
	}
	for (uint32_t i = 0; complete && i < component->nouts; i++)
		if (!given[i] && component->outs[i].type->kind != TYPE_OPT)
			diag_note(diag(t->s->parse.diags, stub->span, E0402,
				       "the stub of '%s' gives no '%s'",
				       component->name->s, component->outs[i].name->s),
				  component->outs[i].decl->span, "it is declared here");
}

static void check_stub(struct testing *t, struct node *stub)
{
	struct node *call = stub->stub.call;
	struct node *callee = call->kind == AST_CALL ? call->call.callee : call;
	struct symbol *component = stubbed_component(t, callee);

	if (!component)
		return;
	symbol_resolve(t->s, component);
	stub->ref = component;
	vec_push(&t->stubbed, component);
	if (call->kind == AST_CALL)
		check_stub_args(t, call, component);
	check_stub_values(t, stub, component);
}

/* Runs. */

static bool holds(const struct symbol *const *at, size_t n, const struct symbol *sym)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] == sym)
			return true;
	return false;
}

static bool is_stubbed(const struct testing *t, const struct symbol *component)
{
	return holds(t->stubbed.at, t->stubbed.n, component);
}

/* The first component below that nothing stands in for. */
static const struct symbol *find_unstubbed(struct testing *t, struct symbol *pipeline,
					   unsigned depth)
{
	if (depth >= LIMIT_CALL_DEPTH ||
	    holds(t->searched.at, t->searched.n, pipeline))
		return NULL;
	vec_push(&t->searched, pipeline);
	for (size_t i = 0; i < pipeline->calls.n; i++) {
		struct symbol *called = symbol_target(pipeline->calls.at[i]);
		const struct symbol *bare = called;

		if (called->kind == SYMBOL_PIPELINE)
			bare = find_unstubbed(t, called, depth + 1);
		else if (called->kind != SYMBOL_COMPONENT || is_stubbed(t, called))
			bare = NULL;
		if (bare)
			return bare;
	}
	return NULL;
}

static void check_unstubbed(struct testing *t, const struct node *call,
			    struct symbol *pipeline)
{
	const struct symbol *bare;
	struct diag *d;

	vec_clear(&t->searched);
	bare = t->executes ? NULL : find_unstubbed(t, pipeline, 0);
	if (!bare)
		return;
	d = diag(t->s->parse.diags, call->span, E0421, "nothing stands in for '%s'",
		 bare->name->s);
	diag_label(d, "write 'stub %s%s', or 'execute = True' to run it", bare->name->s,
		   bare->nouts ? "(...) -> ..." : "");
	diag_note(d, bare->span, "'%s' is declared here", bare->name->s);
}

static void check_run_config(struct testing *t, struct node *arg, struct symbol *pipeline)
{
	if (arg->kind != AST_ARG || !arg->arg.name ||
	    strcmp(arg->arg.name->s, "config") != 0 || arg->arg.value->kind != AST_NAME)
		diag(t->s->parse.diags, arg->span, E0406,
		     "a run in a test has one setting: config=NAME");
	else
		check_config_name(&t->c, arg->arg.value, pipeline, E0703);
}

static struct symbol *run_pipeline_of(struct testing *t, struct node *call)
{
	struct node *callee = call->kind == AST_CALL ? call->call.callee : NULL;
	struct result r;
	struct diag *d;

	if (callee && callee->kind == AST_NAME && !scope_find(&t->c, callee->name.name)) {
		scope_unknown(&t->c, callee, "pipeline");
		return NULL;
	}
	r = check_operand(&t->c, callee ? callee : call, NULL, false);
	if (callee && r.kind == RESULT_SYMBOL && r.sym->kind == SYMBOL_PIPELINE)
		return r.sym;
	if (r.kind == RESULT_VALUE && r.type->kind == TYPE_ERROR)
		return NULL;
	d = diag(t->s->parse.diags, call->span, E0412, "a test runs pipelines");
	if (r.kind == RESULT_SYMBOL)
		diag_label(d, "'%s' is %s", r.sym->name->s, symbol_kind_name(r.sym));
	else
		diag_label(d, "a name is bound to a run: r = pipeline(...)");
	return NULL;
}

static void check_run_args(struct testing *t, struct node *call, struct symbol *pipeline)
{
	list_each(arg, &call->call.args) {
		const struct symbol *p;

		if (arg->kind != AST_ARG)
			continue;
		p = find_param(t, pipeline, arg);
		if (p)
			check_wanted(&t->c, arg->arg.value, p->type,
				     arena_printf(t->s->parse.arena, "'%s' of '%s'",
						  p->name->s, pipeline->name->s).p,
				     p->span);
	}
	for (uint32_t i = 0; i < pipeline->nparams; i++)
		if (type_holds_artifacts(pipeline->params[i]->type))
			diag(t->s->parse.diags, call->span, E0402,
			     "'%s' needs the artifact '%s', which a test cannot give",
			     pipeline->name->s, pipeline->params[i]->name->s);
}

static void check_run(struct testing *t, struct node *item)
{
	struct node *call = item->bind.value, *target = item->bind.target;
	struct symbol *pipeline = run_pipeline_of(t, call), *sym;

	if (target->kind != AST_NAME) {
		diag(t->s->parse.diags, target->span, E0412, "a run is bound to a name");
		return;
	}
	sym = symbol_new(t->s, pipeline ? SYMBOL_PARAM : SYMBOL_ERROR, target->name.name,
			 target->span);
	sym->decl = item;
	sym->file = t->c.file;
	sym->state = SYMBOL_DONE;
	sym->index = t->nruns++;
	target->ref = sym;
	if (pipeline) {
		symbol_resolve(t->s, pipeline);
		call->ref = pipeline;
		check_run_args(t, call, pipeline);
		list_each(arg, &item->bind.with)
			check_run_config(t, arg, pipeline);
		check_unstubbed(t, call, pipeline);
		sym->type = run_type(t->s, pipeline);
	}
	scope_bind(&t->c, sym);
}

/* What must hold. */

/* `.state == "succeded"` would be false for ever. */
static bool check_state(void *ctx, const struct node *n)
{
	struct testing *t = ctx;
	const struct node *rest = n->kind == AST_COMPARE && n->compare.rest.n == 1
					  ? n->compare.rest.first : NULL;
	const struct node *right = rest && rest->kind == AST_COMPARISON
					   ? rest->comparison.right : NULL;
	struct suggestion best = {0};

	if (!right || right->kind != AST_STRING || n->compare.left->kind != AST_FIELD ||
	    strcmp(n->compare.left->field.name->s, "state") != 0)
		return true;
	best.wanted = right->string.value;
	for (int i = 0; STATES[i]; i++) {
		if (str_is(right->string.value, STATES[i]))
			return true;
		suggest(&best, str_of(STATES[i]));
	}
	diag_suggest(diag(t->s->parse.diags, right->span, E0308,
			  "there is no state '%.*s'", STR_ARG(right->string.value)),
		     (struct span){right->span.lo + 1, right->span.hi - 1}, &best);
	return true;
}

static void check_assert(struct testing *t, struct node *item)
{
	check_condition(&t->c, item->assert_.cond, "what a test asserts");
	if (item->assert_.message)
		check_wanted(&t->c, item->assert_.message, t->s->types->string,
			     "the message", SPAN_NONE);
	ast_each(item->assert_.cond, check_state, t);
	scope_narrow(&t->c, item->assert_.cond, true);
}

static bool is_execute(const struct node *item)
{
	return item->kind == AST_BIND && item->bind.target->kind == AST_NAME &&
	       !strcmp(item->bind.target->name.name->s, "execute");
}

static void check_execute(struct testing *t, struct node *item)
{
	if (item->bind.value->kind == AST_BOOL)
		t->executes = item->bind.value->bool_.value;
	else
		diag(t->s->parse.diags, item->bind.value->span, E0408,
		     "'execute' is True or False");
}

static void check_item(struct testing *t, struct node *item)
{
	struct diag *d;

	t->c.place = item->kind == AST_ASSERT ? PLACE_WHERE : PLACE_CONST;
	if (is_execute(item))
		check_execute(t, item);
	else if (item->kind == AST_BIND)
		check_run(t, item);
	else if (item->kind == AST_ASSERT)
		check_assert(t, item);
	else if (item->kind != AST_STUB && item->kind != AST_PASS &&
		 item->kind != AST_ERROR) {
		d = diag(t->s->parse.diags, item->span, E0412,
			 "a test holds stubs, runs and asserts");
		if (item->kind == AST_DO)
			diag_label(d, "bind the run to a name: r = pipeline(...)");
	}
}

void check_test(struct sema *s, struct sema_file *file, struct node *decl)
{
	struct testing t = {.s = s, .decl = decl};

	scope_init(&t.c, s, file, PLACE_CONST);
	list_each(item, &decl->test.items)
		if (item->kind == AST_STUB)
			check_stub(&t, item);
	list_each(item, &decl->test.items)
		if (is_execute(item))
			t.executes |= item->bind.value->kind == AST_BOOL &&
				      item->bind.value->bool_.value;
	list_each(item, &decl->test.items)
		check_item(&t, item);
	if (!t.nruns && !s->parse.diags->nerrors)
		diag(s->parse.diags, decl->test.name->span, W0421,
		     "this test runs no pipeline");
	vec_release(&t.stubbed);
	vec_release(&t.searched);
	scope_release(&t.c);
}
