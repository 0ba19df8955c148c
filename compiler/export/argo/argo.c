/* A pipeline for Argo Workflows. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

#include "compiler/export/bake.h"

static bool is_none(const struct config_slot *slot)
{
	return slot->fallback && slot->fallback->tree->kind == EXPR_CONST &&
	       slot->fallback->tree->value.kind == VALUE_NONE;
}

/* The value that a slot has unless somebody says another. */
static bool slot_value(struct argo *g, const struct config_slot *slot, struct value *out)
{
	const struct baked *baked = map_get(&g->baked, slot->address);

	if (!baked)
		return config_default(g->x, slot, out);
	*out = baked->value;
	return true;
}

/* Argo itself checks the words of what is submitted. */
static void add_words(struct argo *g, struct yaml *item, const struct type *t)
{
	struct yaml *words = yaml_seq(g->a);

	if (t->kind == TYPE_BOOL) {
		yaml_add(words, yaml_str(g->a, STR("true")));
		yaml_add(words, yaml_str(g->a, STR("false")));
	}
	for (uint32_t j = 0; t->kind == TYPE_ENUM && j < t->nmembers; j++)
		yaml_add(words, yaml_str(g->a, t->members[j].wire));
	if (words->n)
		yaml_put(item, STR("enum"), words);
}

/* An argument of the workflow for what the config may set. */
static struct source *config_input(struct argo *g, const struct config_slot *slot)
{
	struct source *s = ARENA_NEW(g->a, struct source);
	struct yaml *item = yaml_map(g->a);
	char *name = ARENA_ARRAY(g->a, slot->address.n + 1, char);
	struct str key = {name, slot->address.n};
	struct value v;
	struct source fixed;

	for (size_t j = 0; j < key.n; j++)
		name[j] = slot->address.p[j] == '.' ? '-' : slot->address.p[j];
	*s = (struct source){.kind = SOURCE_PARAM, .dag = g->root, .key = key,
			     .type = slot->type};
	vec_push(&g->root->inputs, ((struct port){key, slot->type, NULL}));
	yaml_put_str(item, STR("name"), key);
	if (slot_value(g, slot, &v)) {
		fixed = argo_constant(v, slot->type);
		yaml_put_str(item, STR("value"), argo_text(g, &fixed));
	}
	add_words(g, item, slot->type);
	if (slot->doc.n)
		yaml_put_str(item, STR("description"), slot->doc);
	yaml_add(g->arguments, item);
	return s;
}

struct source argo_config(struct argo *g, struct str address,
			  const struct module_param *p)
{
	struct source *s = map_get(&g->inputs, address);
	const struct config_slot *slot = map_get(&g->slots.by_address, address);

	/* What may be left out and is, is no argument. */
	if (!s && slot && slot->component && !map_get(&g->baked, address) &&
	    is_none(slot))
		return argo_constant(VALUE_NONE_V, p->type);
	if (!s && slot && slot->param) {
		s = config_input(g, slot);
		map_set(&g->inputs, slot->address, s);
	}
	if (s)
		return *s;
	if (p->fallback && p->fallback->tree->kind == EXPR_CONST)
		return argo_constant(p->fallback->tree->value, p->type);
	export_fault(g->x, E1004, p->loc, "'%.*s' has no value and no name in the config",
		     STR_ARG(p->name));
	return (struct source){.type = p->type};
}

static void add_params(struct argo *g, struct inst *root)
{
	const struct module_pipeline *p = root->p;
	struct source *params = ARENA_ARRAY(g->a, p->nparams + 1, struct source);

	for (uint32_t j = 0; j < p->nparams; j++) {
		const struct module_param *param = &p->params[j];

		if (!type_holds_artifacts(param->type)) {
			params[j] = argo_config(g, param->name, param);
			continue;
		}
		params[j] = (struct source){.kind = SOURCE_PARAM, .dag = g->root,
					    .key = param->name, .type = param->type};
		vec_push(&g->root->inputs,
			 ((struct port){param->name, param->type, NULL}));
	}
	root->params = params;
}

/* A DAG of Argo's has at least one task. */
static void fill_empty(struct argo *g)
{
	for (size_t j = 0; j < g->dags.n; j++)
		if (!g->dags.at[j]->tasks.n)
			argo_nothing(g, argo_task(g, g->dags.at[j], STR("nothing")),
				     "stands where there is nothing to do, without a pod");
}

static void release(struct argo *g)
{
	for (size_t j = 0; j < g->dags.n; j++) {
		struct dag *d = g->dags.at[j];

		for (size_t t = 0; t < d->tasks.n; t++) {
			vec_release(&d->tasks.at[t]->args);
			vec_release(&d->tasks.at[t]->needs);
		}
		for (size_t o = 0; o < d->outputs.n; o++)
			vec_release(&d->outputs.at[o].choices);
		vec_release(&d->tasks);
		vec_release(&d->outputs);
		vec_release(&d->inputs);
		map_release(&d->names);
	}
	vec_release(&g->dags);
	vec_release(&g->pods);
	argo_release_pods(g);
	map_release(&g->names);
	map_release(&g->inputs);
	map_release(&g->baked);
	map_release(&g->slots.by_address);
}

int export_argo(struct export *x, struct buf *out)
{
	const struct module_pipeline *p = &x->m->pipelines[x->pipeline];
	struct argo g = {.x = x, .m = x->m, .a = x->a};
	struct inst root = {.p = p, .prefix = {"", 0}};
	struct err err;

	if (config_slots(x->m, x->pipeline, true, g.a, &g.slots, &err)) {
		export_fault(x, E1004, p->loc, "%s", err.text);
		return -1;
	}
	g.arguments = yaml_seq(g.a);
	config_bake(x, x->config, &g.slots, &g.baked);
	g.at = p->loc;
	g.root = argo_dag(&g, NULL, (struct str){"", 0}, p->name);
	add_params(&g, &root);
	argo_pipeline_settings(&g, &root, g.root);
	argo_instance(&g, &root, g.root);
	fill_empty(&g);
	argo_tidy(&g);
	argo_tell(&g);
	argo_explain(&g);
	if (!x->nerrors)
		argo_documents(&g, &root, argo_templates(&g), out);
	release(&g);
	if (!x->nerrors && !x->broken.n)
		return 0;
	buf_clear(out);		/* a document may be wrong behind others that are not */
	return -1;
}
