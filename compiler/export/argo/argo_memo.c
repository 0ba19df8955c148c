/* Earlier results.  Argo keeps them in a ConfigMap, by a key that must say all that the
 * result depends on: the template with its code and environment, which the hash before
 * the expression is of, and the inputs.  What an artifact holds is in its metadata
 * ("kfpc_digest", by argo_launch.py); one without it makes the key that of this run. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"

#include "runtime/base/sha256.h"

enum { HASH_SHOWN = 12 };

struct str argo_memo_inputs(struct argo *g, const struct argo_job *job,
			    const struct yaml *template)
{
	const struct yaml *inputs = yaml_get(template, STR("inputs"));
	const struct yaml *list = inputs ? yaml_get(inputs, STR("parameters")) : NULL;
	struct buf b = {0};
	struct str out;

	buf_addz(&b, "workflow.namespace");
	for (size_t j = 0; list && j < list->n; j++)
		buf_addf(&b, ", inputs.parameters['%.*s']",
			 STR_ARG(yaml_get(list->items[j].value, STR("name"))->text));
	for (size_t j = 0; j < job->spec.reads.n; j++) {
		const struct spec_read *r = &job->spec.reads.at[j];

		if (type_holds_artifacts(r->type))
			buf_addf(&b,
				 ", (inputs.parameters['%.*s-metadata'] contains "
				 "'\"kfpc_digest\"' ? '' : workflow.uid)",
				 STR_ARG(r->name));
	}
	out = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* A result that is kept must not have its artifacts taken away. */
static void keep_artifacts(struct yaml *template)
{
	struct yaml *outputs = yaml_get(template, STR("outputs"));
	struct yaml *list = outputs ? yaml_get(outputs, STR("artifacts")) : NULL;

	for (size_t j = 0; list && j < list->n; j++)
		yaml_put_str(yaml_sub(list->items[j].value, STR("artifactGC")),
			     STR("strategy"), STR("Never"));
}

bool argo_is_memoized(struct argo *g, const struct argo_job *job)
{
	struct value v;

	return job->node && argo_setting_const(g, job, SETTING_CACHE, &v) &&
	       v.kind == VALUE_BOOL && v.b;
}

void argo_memoize(struct argo *g, struct str name, struct str inputs, struct str what,
		  struct yaml *template)
{
	struct digest d = sha256_of(what);
	struct yaml *memo = yaml_sub(template, STR("memoize"));

	yaml_put_str(memo, STR("key"),
		     arena_printf(g->a, "%.*s-%.*s-{{= sprig.sha256sum(toJson([%.*s])) }}",
				  STR_ARG(name), HASH_SHOWN, digest_str(&d).p,
				  STR_ARG(inputs)));
	yaml_put_str(memo, STR("maxAge"), STR("87600h"));
	yaml_put_str(yaml_sub(yaml_sub(memo, STR("cache")), STR("configMap")),
		     STR("name"), arena_printf(g->a, "kfpc-%.*s", STR_ARG(name)));
	keep_artifacts(template);
}
