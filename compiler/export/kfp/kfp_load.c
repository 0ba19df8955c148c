/* `load` as an importer: Kubeflow takes note of where the artifact is, and each task that
 * reads it fetches it.  That is the same only for what the object stores hold that it
 * knows; everything else is fetched by a task of ours. */
#include <config.h>

#include "compiler/export/bake.h"
#include "compiler/export/kfp/kfp_int.h"

#include "runtime/base/uri.h"

enum { LOAD_URI, LOAD_METADATA, LOAD_DIGEST, LOAD_NPARAMS };

static const struct value *constant(const struct site *s)
{
	return s && s->tree->kind == EXPR_CONST ? &s->tree->value : NULL;
}

static struct str address(struct kfp *k, struct inst *i, const struct module_node *n,
			  uint32_t param)
{
	const struct module_component *c = &k->m->components[n->target];

	return arena_printf(k->a, "%.*s%.*s.%.*s", STR_ARG(i->prefix), STR_ARG(n->name),
			    STR_ARG(c->params[param].name));
}

const struct value *kfp_known(struct kfp *k, struct inst *i, const struct module_node *n,
			      uint32_t param)
{
	const struct module_component *c = &k->m->components[n->target];
	const struct baked *baked;

	if (n->args[param])
		return constant(n->args[param]);
	baked = map_get(&k->baked, address(k, i, n, param));
	return baked ? &baked->value : constant(c->params[param].fallback);
}

/* What a parameter of the exported pipeline is unless something else is said; NULL if the
 * site is no such parameter. */
static const struct value *usual(struct kfp *k, struct inst *i, const struct site *s)
{
	const struct module_param *p;
	const struct baked *baked;

	if (!s || s->tree->kind != EXPR_INPUT || i->prefix.n ||
	    s->inputs[s->tree->input].kind != INPUT_PARAM)
		return NULL;
	p = &i->p->params[s->inputs[s->tree->input].index];
	baked = map_get(&k->baked, p->name);
	return baked ? &baked->value : constant(p->fallback);
}

static bool is_of_store(const struct value *uri)
{
	return uri && uri->kind == VALUE_STR && uri_is_of_store(uri_scheme(*uri->s));
}

static struct yaml *metadata_of(struct kfp *k, struct value given, struct str tag,
				const struct value *uri)
{
	struct yaml *all = yaml_value(k->a, given);

	if (tag.n)
		yaml_put_str(all, STR("kfpc_format"), tag);
	if (uri && !yaml_get(all, STR("loaded_from")))
		yaml_put_str(all, STR("loaded_from"), uri_shown(*uri->s, k->a));
	return all;
}

static struct yaml *executor(struct kfp *k, struct str name, const struct type *t,
			     struct value metadata, const struct value *uri)
{
	struct yaml *exec = yaml_sub(
		yaml_sub(k->executors, arena_printf(k->a, "exec-%.*s", STR_ARG(name))),
		STR("importer"));
	struct yaml *type = yaml_sub(exec, STR("typeSchema"));
	struct yaml *all = metadata_of(k, metadata, type_strip(t)->tag, uri);

	yaml_put_str(type, STR("schemaTitle"), kfp_schema_title(t));
	yaml_put_str(type, STR("schemaVersion"), STR("0.0.1"));
	if (all->n)
		yaml_put(exec, STR("metadata"), all);
	/* What is behind a URI may change: it is looked at again each time. */
	yaml_put(exec, STR("reimport"), yaml_bool(k->a, true));
	return yaml_sub(exec, STR("artifactUri"));
}

/* There is no pod of ours that it could be said of. */
static void say_left_out(struct kfp *k, struct inst *i, const struct module_node *n)
{
	for (int j = 0; j < SETTING_N; j++) {
		enum setting id = (enum setting)j;
		const struct said *s = kfp_said(k, i, n, id);

		if (!s || id == SETTING_RETRIES || id == SETTING_BACKOFF ||
		    id == SETTING_DISPLAY_NAME || id == SETTING_AFTER)
			continue;
		if (id == SETTING_TIMEOUT)
			export_fault(k->x, E1003, setting_place(s),
				     "Kubeflow fetches this artifact by itself, without a "
				     "time limit: leave 'timeout' out, or load it from an "
				     "http: URI");
		else if (id != SETTING_CACHE)
			export_fault(k->x, W1001, setting_place(s),
				     "Kubeflow fetches this artifact by itself: '%s' is "
				     "nothing to it, and is left out",
				     setting_name(id));
	}
}

static void make(struct kfp *k, struct inst *i, uint32_t at, struct value metadata,
		 const struct value *uri)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_component *c = &k->m->components[n->target];
	const struct type *t = c->outputs[0].type;
	struct dag *d = i->homes[at];
	struct str name = i->tasks[at];
	struct yaml *comp = yaml_sub(k->components,
				     arena_printf(k->a, "comp-%.*s", STR_ARG(name)));
	struct yaml *task = kfp_task(k, d, name, (struct str){"", 0}), *where;
	struct source from;

	yaml_put_str(comp, STR("executorLabel"),
		     arena_printf(k->a, "exec-%.*s", STR_ARG(name)));
	kfp_define(k, yaml_sub(comp, STR("inputDefinitions")), STR("uri"),
		   k->m->types.string, false);
	kfp_define(k, yaml_sub(comp, STR("outputDefinitions")), STR("artifact"), t,
		   false);
	where = executor(k, name, t, metadata, uri);
	from = uri ? kfp_constant(k, *uri, k->m->types.string)
		   : kfp_site(k, i, d, n->args[LOAD_URI], STR("uri"));
	if (uri)
		yaml_put_str(where, STR("constant"), *uri->s);
	else
		yaml_put_str(where, STR("runtimeParameter"), STR("uri"));
	kfp_bind(k, d, task, STR("uri"), from);
	yaml_sub(task, STR("cachingOptions"));
	kfp_task_settings(k, i, n, task);
	say_left_out(k, i, n);
}

/* Nobody there has the files of this machine. */
static bool refuse_file(struct kfp *k, const struct module_node *n,
			const struct value *uri)
{
	struct str scheme = uri && uri->kind == VALUE_STR ? uri_scheme(*uri->s) : STR("x");

	if (scheme.n && !str_is(scheme, "file"))
		return false;
	export_fault(k->x, E1001, n->loc,
		     "'%.*s' is a file of this machine, which no pod has: put it into the "
		     "store of the cluster and give its URI (\"s3://...\"), or an http: one",
		     STR_ARG(str_sub(*uri->s, 0, 100)));
	return true;
}

bool kfp_importer(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct value *uri, *metadata, *digest;

	if (k->m->components[n->target].code_kind != CODE_LOAD)
		return false;
	uri = kfp_known(k, i, n, LOAD_URI);
	metadata = kfp_known(k, i, n, LOAD_METADATA);
	digest = kfp_known(k, i, n, LOAD_DIGEST);
	if (refuse_file(k, n, uri))
		return true;
	if (!is_of_store(uri ? uri : usual(k, i, n->args[LOAD_URI])))
		return false;
	if (i->homes[at]->region)
		export_fault(k->x, E1001, n->loc,
			     "Kubeflow fetches this artifact by itself, and fails the run "
			     "where it cannot: it has to stand outside `try`");
	if (!metadata || metadata->kind != VALUE_DICT || !kfp_holds(*metadata) ||
	    (uri && !kfp_holds(*uri)) || !digest || digest->kind != VALUE_NONE) {
		export_fault(k->x, E1001, n->loc,
			     "Kubeflow fetches this artifact by itself: it compares no "
			     "digest, and its metadata is to be known before the run");
		return true;
	}
	make(k, i, at, *metadata, uri);
	return true;
}
