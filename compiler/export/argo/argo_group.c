/* Settings of pipelines, and of loops and calls of them. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

static const struct module_setting *find(const struct module_setting *s, uint32_t n,
					 enum setting id)
{
	for (uint32_t j = 0; j < n; j++)
		if (s[j].id == id)
			return &s[j];
	return NULL;
}

static void set_parallelism(struct argo *g, const struct module_setting *s, struct dag *d)
{
	if (!s)
		return;
	if (s->value->tree->kind != EXPR_CONST)
		export_fault(g->x, E1003, s->value->loc,
			     "'parallelism' is computed while the pipeline runs, and "
			     "Argo wants it before");
	else if (s->value->tree->value.kind == VALUE_INT)
		d->parallelism = s->value->tree->value.i;
}

void argo_group_settings(struct argo *g, const struct module_node *n, struct dag *d)
{
	set_parallelism(g, find(n->settings, n->nsettings, SETTING_PARALLELISM), d);
}

void argo_pipeline_settings(struct argo *g, const struct module_pipeline *p,
			    struct dag *d)
{
	const struct module_setting *s;

	s = find(p->settings, p->nsettings, SETTING_PARALLELISM);
	if (d->parent)
		set_parallelism(g, s, d);
	s = find(p->settings, p->nsettings, SETTING_TIMEOUT);
	if (s && d->parent)
		export_fault(g->x, E1003, s->value->loc,
			     "Argo has no time limit for a pipeline within another: "
			     "give one to its tasks, or to the whole");
	s = find(p->settings, p->nsettings, SETTING_ON_FAILURE);
	d->fail_fast = s && s->value->tree->kind == EXPR_CONST &&
		       str_is(*s->value->tree->value.s, "stop");
}
