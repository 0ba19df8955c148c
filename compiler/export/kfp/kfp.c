/* The two documents of Kubeflow's. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include "compiler/export/bake.h"

/* A DAG of Kubeflow's has at least one task. */
static void fill_empty(struct kfp *k)
{
	struct source nothing = {.kind = SOURCE_CONST, .type = k->m->types.boolean};

	nothing.value = value_bool(true);
	for (size_t j = 0; j < k->dags.n; j++)
		if (!k->dags.at[j]->tasks->n)
			kfp_pass(k, k->dags.at[j], nothing, STR("nothing"),
				 k->m->types.boolean);
}

static struct str pipeline_name(struct kfp *k, struct str name)
{
	char *p = ARENA_ARRAY(k->a, name.n + 1, char);

	for (size_t j = 0; j < name.n; j++)
		p[j] = name.p[j] == '_'                       ? '-'
		       : name.p[j] >= 'A' && name.p[j] <= 'Z' ? (char)(name.p[j] + 32)
							      : name.p[j];
	return (struct str){p, name.n};
}

static bool is_pipeline_name(struct str s)
{
	if (!s.n || s.n > 128 || s.p[0] == '-')
		return false;
	for (size_t j = 0; j < s.n; j++)
		if (!((s.p[j] >= 'a' && s.p[j] <= 'z') ||
		      (s.p[j] >= '0' && s.p[j] <= '9') || s.p[j] == '-'))
			return false;
	return true;
}

enum { UPLOAD_MAX = 32 << 20 }; /* bytes that Kubeflow takes */

/* Every executor has the launcher in it, so that this is known before anything is
 * written. */
static void check_size(struct kfp *k, const struct module_pipeline *p)
{
	size_t n = k->launcher_bytes + k->launcher_bytes / 4;

	if (n > UPLOAD_MAX)
		export_fault(
			k->x, E1004, p->loc,
			"the file would have %zu MiB, and Kubeflow takes at most %d: "
			"there are %zu different tasks in it",
			n >> 20, UPLOAD_MAX >> 20, k->executors->n);
}

static void check_name(struct kfp *k, const struct module_pipeline *p)
{
	struct str name = pipeline_name(k, p->name);

	if (!is_pipeline_name(name))
		export_fault(k->x, E1004, p->loc,
			     "'%.*s' is no name for a pipeline of Kubeflow's: at most "
			     "128 of a-z, 0-9 "
			     "and '-'",
			     STR_ARG(name));
}

/* Writes them and reads them back. */
static int write_documents(struct kfp *k, const struct inst *root, struct buf *out)
{
	const struct module_pipeline *p = root->p;
	struct yaml *top = yaml_map(k->a), *second = yaml_map(k->a);
	struct yaml *trees = yaml_seq(k->a);
	size_t before = out->n;
	struct err err;
	struct str name = pipeline_name(k, p->name);

	if (k->components->n)
		yaml_put(top, STR("components"), k->components);
	yaml_put(yaml_sub(top, STR("deploymentSpec")), STR("executors"), k->executors);
	yaml_put_str(k->settings, STR("name"), name);
	if (p->doc.n)
		yaml_put_str(k->settings, STR("description"), p->doc);
	yaml_put(top, STR("pipelineInfo"), k->settings);
	yaml_put(top, STR("root"), k->root->comp);
	yaml_put_str(top, STR("schemaVersion"), STR("2.1.0"));
	yaml_put_str(top, STR("sdkVersion"), STR("kfp-" KFP_SDK));
	kfp_header(k, p, name, out);
	yaml_write(top, out);
	yaml_add(trees, top);
	if (k->platform->n) {
		yaml_put(yaml_sub(second, STR("platforms")), STR("kubernetes"),
			 k->platform);
		buf_addz(out, "---\n");
		yaml_write(second, out);
		yaml_add(trees, second);
	}
	if (!kfp_readback(k, root, str_sub(buf_str(out), before, out->n), trees, &err))
		return 0;
	k->x->broken = arena_str(k->a, str_of(err.text));
	out->n = before;
	return -1;
}

/* The SDK takes the component itself for the whole: it has the defaults, too. */
static void describe_component(struct kfp *k, const struct module_pipeline *p)
{
	struct str key = arena_printf(k->a, "comp-%.*s",
				      STR_ARG(pipeline_name(k, p->name)));
	struct yaml *comp = yaml_get(k->components, key);
	struct yaml *defs = yaml_get(k->root->comp, STR("inputDefinitions"));

	if (comp && defs)
		yaml_put(comp, STR("inputDefinitions"), defs);
}

/* The SDK takes the task that is called as the pipeline for the whole, which does no harm if
 * it has the same inputs.  Elsewhere no task gets that name. */
static bool is_wrapper(const struct module *m, const struct module_pipeline *p)
{
	const struct module_component *c;

	if (p->nnodes != 1 || p->nodes[0].kind != NODE_TASK)
		return false;
	c = &m->components[p->nodes[0].target];
	if (c->nparams != p->nparams)
		return false;
	for (uint32_t j = 0; j < c->nparams; j++)
		if (!str_eq(c->params[j].name, p->params[j].name))
			return false;
	return true;
}

static void release(struct kfp *k)
{
	kfp_fates_release(k);
	for (size_t j = 0; j < k->dags.n; j++)
		map_release(&k->dags.at[j]->inputs);
	vec_release(&k->dags);
	map_release(&k->names);
	map_release(&k->inputs);
	map_release(&k->baked);
	map_release(&k->slots.by_address);
}

/* The launcher is some 50 KiB: a file with one for each of these is as long as Kubeflow
 * takes, or no pleasure. */
enum { LARGE_TASKS = 30 };

static bool is_large(const struct module *m)
{
	uint32_t n = 0;

	for (uint32_t j = 0; j < m->npipelines; j++)
		for (uint32_t i = 0; i < m->pipelines[j].nnodes; i++)
			n += m->pipelines[j].nodes[i].kind == NODE_TASK;
	return n > LARGE_TASKS;
}

static void add_params(struct kfp *k, struct inst *root)
{
	const struct module_pipeline *p = root->p;
	struct source *params = ARENA_ARRAY(k->a, p->nparams + 1, struct source);

	for (uint32_t j = 0; j < p->nparams; j++) {
		const struct module_param *param = &p->params[j];

		if (!type_holds_artifacts(param->type)) {
			params[j] = kfp_config(k, param->name, param);
			continue;
		}
		params[j] = kfp_param(k->root, param->name, param->type);
		kfp_define(k, yaml_sub(k->root->comp, STR("inputDefinitions")),
			   param->name, param->type, param->type->kind == TYPE_OPT);
	}
	root->params = params;
}

int export_kfp(struct export *x, struct buf *out)
{
	const struct module_pipeline *p = &x->m->pipelines[x->pipeline];
	struct kfp k = {.x = x, .m = x->m, .a = x->a};
	struct inst root = {.p = p, .prefix = {"", 0}};
	struct source *outs = ARENA_ARRAY(x->a, p->noutputs + 1, struct source);
	struct err err;
	int rc = -1;

	k.components = yaml_map(k.a);
	k.executors = yaml_map(k.a);
	k.platform = yaml_map(k.a);
	k.settings = yaml_map(k.a);
	k.made = ARENA_ARRAY(k.a, x->m->ncomponents + 1, bool);
	k.made_jobs = ARENA_ARRAY(k.a, x->m->ncomponents + 1, struct str);
	k.is_large = is_large(x->m);
	k.made_names = ARENA_ARRAY(k.a, x->m->ncomponents + 1, struct str);
	if (config_slots(x->m, x->pipeline, true, k.a, &k.slots, &err)) {
		export_fault(x, E1004, p->loc, "%s", err.text);
		return -1;
	}
	config_bake(x, x->config, &k.slots, &k.baked);
	if (!x->is_component && !is_wrapper(x->m, p))
		kfp_unique(&k, p->name);
	k.root = kfp_dag(&k, NULL, (struct str){"", 0});
	add_params(&k, &root);
	kfp_instance(&k, &root, k.root, outs);
	kfp_pipeline_settings(&k, &root, NULL);
	kfp_describe(k.root->comp, p->params, p->nparams, p->outputs, p->noutputs);
	fill_empty(&k);
	kfp_fates(&k);
	check_name(&k, p);
	check_size(&k, p);
	if (x->is_component)
		describe_component(&k, p);
	if (!x->nerrors)
		rc = write_documents(&k, &root, out);
	release(&k);
	return rc;
}
