#include <config.h>

#include <string.h>

#include "compiler/ir/lower_int.h"

static struct str place_of(struct lower *l, const struct node *value)
{
	return arena_str(&l->m->arena,
			 sema_place(l->s, l->file, value->string.value,
				    value->span.lo).path);
}

static const struct type *read_as(struct lower *l, const struct type *t)
{
	return type_strip(t)->kind == TYPE_SERIES
		       ? type_list(l->s->types, l->s->types->floating)
		       : type_read(l->s->types, t);
}

static void lower_stub_values(struct lower *l, const struct node *stub,
			      const struct symbol *component, struct test_stub *out)
{
	struct arena *a = &l->m->arena;
	/* A notebook has one more in the module; a stub gives None for it. */
	struct value *values = ARENA_ARRAY(a, component->nouts + 1, struct value);
	struct str *files = ARENA_ARRAY(a, component->nouts + 1, struct str);

	for (uint32_t i = 0; i < component->nouts; i++)
		files[i] = STR("");
	list_each(arg, &stub->stub.values) {
		struct node *value = arg->arg.value;
		uint32_t i =
			arg->arg.name ? symbol_find_out(component, arg->arg.name) : 0;
		const struct type *t = component->outs[i].type;

		if (type_holds_artifacts(t) && value->kind == AST_STRING)
			files[i] = place_of(l, value);
		else if (!type_holds_artifacts(t))
			lower_constant(l, value, read_as(l, t), &values[i]);
	}
	out->values = values;
	out->files = files;
}

static void lower_stub_args(struct lower *l, const struct node *call,
			    const struct symbol *component, struct test_stub *out)
{
	struct test_arg *args = ARENA_ARRAY(&l->m->arena, call->call.args.n,
					    struct test_arg);

	list_each(arg, &call->call.args) {
		uint32_t i = 0;

		while (component->params[i]->name != arg->arg.name)
			i++;
		args[out->nargs].param = i;
		lower_constant(l, arg->arg.value, component->params[i]->type,
			       &args[out->nargs++].value);
	}
	out->args = args;
}

/* fail("message"): the checker saw to its form. */
static struct node *failure(const struct node *stub)
{
	struct node *value = stub->stub.values.n == 1 ? stub->stub.values.first->arg.value
						      : NULL;

	if (stub->stub.fields || !value || value->kind != AST_CALL || value->ref ||
	    value->call.callee->kind != AST_NAME ||
	    strcmp(value->call.callee->name.name->s, "fail") != 0)
		return NULL;
	return value->call.args.first->arg.value;
}

static void lower_stub(struct lower *l, const struct node *stub, struct test_stub *out)
{
	const struct symbol *component = stub->ref;
	struct node *error = failure(stub);
	struct value v;

	*out = (struct test_stub){.component = component->index, .error = STR("")};
	if (stub->stub.call->kind == AST_CALL)
		lower_stub_args(l, stub->stub.call, component, out);
	if (error && lower_constant(l, error, l->s->types->string, &v))
		out->error = v.s->n ? *v.s : STR("it failed");
	else if (!error && component->nouts)
		lower_stub_values(l, stub, component, out);
}

static void lower_run(struct lower *l, const struct node *item, struct test_step *out)
{
	const struct node *call = item->bind.value;
	const struct symbol *pipeline = call->ref;
	struct test_value *values = ARENA_ARRAY(&l->m->arena, call->call.args.n,
						struct test_value);

	out->pipeline = pipeline->index;
	out->config = MODULE_NONE;
	list_each(arg, &item->bind.with)
		out->config = arg->arg.value->ref->index;
	list_each(arg, &call->call.args) {
		uint32_t i = 0;

		while (pipeline->params[i]->name != arg->arg.name)
			i++;
		values[out->nvalues].name =
			arena_str(&l->m->arena, sym_str(arg->arg.name));
		lower_constant(l, arg->arg.value, pipeline->params[i]->type,
			       &values[out->nvalues++].value);
	}
	out->values = values;
	out->name = arena_str(&l->m->arena, sym_str(item->bind.target->name.name));
	out->type = item->bind.target->ref->type;
}

static bool lower_step(struct lower *l, const struct node *item, struct test_step *out)
{
	*out = (struct test_step){.loc = builder_loc(&l->b, item->span)};
	if (item->kind == AST_ASSERT) {
		out->loc = builder_loc(&l->b, item->assert_.cond->span);
		out->cond = lower_site(l, item->assert_.cond, l->s->types->boolean);
		out->message = lower_site(l, item->assert_.message, l->s->types->string);
		return true;
	}
	if (item->kind != AST_BIND || !item->bind.value->ref)
		return false;
	lower_run(l, item, out);
	return true;
}

/* A stub of what no pipeline calls is never played. */
static bool is_played(const struct node *item)
{
	return item->kind == AST_STUB && item->ref->reached;
}

static void lower_test(struct lower *l, const struct node *decl, struct test_case *out)
{
	uint32_t n = decl->test.items.n;
	struct test_stub *stubs = ARENA_ARRAY(&l->m->arena, n, struct test_stub);
	struct test_step *steps = ARENA_ARRAY(&l->m->arena, n, struct test_step);

	*out = (struct test_case){
		.name = arena_str(&l->m->arena, decl->test.name->string.value),
		.loc = builder_loc(&l->b, decl->test.name->span),
		.stubs = stubs, .steps = steps,
	};
	list_each(item, &decl->test.items) {
		if (is_played(item))
			lower_stub(l, item, &stubs[out->nstubs++]);
		else if (item->kind == AST_BIND && !item->bind.value->ref)
			out->executes = item->bind.value->bool_.value;
		else if (lower_step(l, item, &steps[out->nsteps]))
			out->nruns += !steps[out->nsteps++].cond;
	}
}

void lower_tests(struct lower *l, struct test_case **out, uint32_t *n)
{
	const struct sema_file *root = l->s->files.at[0];

	l->file = l->s->files.at[0];
	*out = ARENA_ARRAY(&l->m->arena, root->tree->file.items.n, struct test_case);
	*n = 0;
	list_each(item, &root->tree->file.items)
		if (item->kind == AST_TEST)
			lower_test(l, item, &(*out)[(*n)++]);
}

void reach_tests(const struct sema_file *root, void (*reach)(struct symbol *))
{
	list_each(item, &root->tree->file.items)
		if (item->kind == AST_TEST)
			list_each(step, &item->test.items)
				if (step->kind == AST_BIND && step->bind.value->ref)
					reach(step->bind.value->ref);
}
