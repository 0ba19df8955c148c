/* One component as a pipeline of its own, which has the component's parameters and
 * outputs and calls it. */
#include <config.h>

#include "compiler/export/export.h"

static struct site *input_site(struct arena *a, struct input in, const struct type *t,
			       struct loc loc, struct str text)
{
	struct site *s = ARENA_NEW(a, struct site);
	struct expr *e = ARENA_NEW(a, struct expr);
	struct input *inputs = ARENA_NEW(a, struct input);

	*inputs = in;
	e->kind = EXPR_INPUT;
	e->type = t;
	e->loc = loc;
	*s = (struct site){.type = t, .loc = loc, .inputs = inputs, .ninputs = 1,
			   .tree = e, .text = text};
	return s;
}

static void add_params(struct arena *a, const struct module_component *c,
		       struct module_pipeline *p, struct module_node *call)
{
	struct module_param *params = ARENA_ARRAY(a, c->nparams + 1, struct module_param);
	const struct site **args = ARENA_ARRAY(a, c->nparams + 1, const struct site *);

	for (uint32_t j = 0; j < c->nparams; j++) {
		params[j] = c->params[j];
		params[j].where = NULL;	/* the component looks at it */
		args[j] = input_site(a, (struct input){INPUT_PARAM, j, 0},
				     params[j].type, params[j].loc, params[j].name);
	}
	p->params = params;
	p->nparams = c->nparams;
	call->args = args;
	call->nargs = c->nparams;
}

static void add_outputs(struct arena *a, const struct module_component *c,
			struct module_pipeline *p)
{
	struct module_output *outs =
		ARENA_ARRAY(a, c->noutputs + 1, struct module_output);

	for (uint32_t j = 0; j < c->noutputs; j++) {
		outs[j] = c->outputs[j];
		outs[j].where = NULL;
		outs[j].value = input_site(a, (struct input){INPUT_NODE, 0, j},
					   outs[j].type, outs[j].loc, outs[j].name);
	}
	p->outputs = outs;
	p->noutputs = c->noutputs;
}

static struct module_pipeline around(struct arena *a, const struct module_component *c,
				     uint32_t number)
{
	struct module_block *body = ARENA_NEW(a, struct module_block);
	struct module_node *call = ARENA_NEW(a, struct module_node);
	struct module_pipeline p = {.name = c->name, .doc = c->doc, .blocks = body,
				    .nodes = call, .nblocks = 1, .nnodes = 1,
				    .in_root = true, .loc = c->loc};

	*body = (struct module_block){BLOCK_BODY, MODULE_NONE};
	*call = (struct module_node){.kind = NODE_TASK, .name = c->name, .path = c->name,
				     .target = number, .then_block = MODULE_NONE,
				     .else_block = MODULE_NONE,
				     .final_block = MODULE_NONE, .loc = c->loc};
	add_params(a, c, &p, call);
	add_outputs(a, c, &p);
	return p;
}

int export_component(struct export *x, uint32_t component, struct buf *out)
{
	struct module *whole = x->m, alone = *whole;
	struct module_pipeline p = around(x->a, &whole->components[component], component);
	int rc;

	alone.pipelines = &p;
	alone.npipelines = 1;
	alone.configs = NULL;
	alone.nconfigs = 0;
	x->m = &alone;
	x->pipeline = 0;
	x->is_component = true;
	rc = export_kfp(x, out);
	x->m = whole;
	return rc;
}
