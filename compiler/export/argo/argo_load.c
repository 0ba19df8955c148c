/* `load`: a task of ours fetches what http: and https: name.  What is known now and cannot
 * be fetched is said now. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"
#include "compiler/export/bake.h"

#include "runtime/base/uri.h"

enum { LOAD_URI };

/* The URI, if it is known before the run. */
static const struct value *known_uri(struct argo *g, const struct argo_job *job)
{
	const struct module_node *n = job->node;
	const struct module_param *p = &g->m->components[n->target].params[LOAD_URI];
	const struct site *s = n->args[LOAD_URI];
	const struct baked *baked;

	if (!s) {
		baked = map_get(&g->baked,
				arena_printf(g->a, "%.*s%.*s.%.*s",
					     STR_ARG(job->inst->prefix), STR_ARG(n->name),
					     STR_ARG(p->name)));
		if (baked)
			return &baked->value;
		s = p->fallback;
	}
	return s && s->tree->kind == EXPR_CONST ? &s->tree->value : NULL;
}

bool argo_can_load(struct argo *g, const struct argo_job *job)
{
	const struct value *uri = known_uri(g, job);
	struct str scheme;

	if (!uri || uri->kind != VALUE_STR)
		return true;
	scheme = uri_scheme(*uri->s);
	if (uri_can_load(scheme) && scheme.n && !str_is(scheme, "file"))
		return true;
	if (!scheme.n || str_is(scheme, "file"))
		export_fault(g->x, E1001, job->node->loc,
			     "'%.*s' is a file of this machine, which no pod has: give an "
			     "http: URI, or make the artifact a parameter of the pipeline",
			     STR_ARG(str_sub(*uri->s, 0, 100)));
	else
		export_fault(g->x, E1001, job->node->loc,
			     "Argo is not told where '%.*s' is kept: make the artifact a "
			     "parameter of the pipeline, which whoever starts it names by "
			     "its key, or give an http: URI",
			     STR_ARG(str_sub(uri_shown(*uri->s, g->a), 0, 100)));
	return false;
}
