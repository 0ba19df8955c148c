/* Settings of pipelines, of calls of them, and of loops. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

static void say_computed(struct argo *g, enum setting id, struct loc loc)
{
	if (id == SETTING_DISPLAY_NAME)
		argo_computed_name(g, loc);
	else
		export_fault(g->x, E1003, loc,
			     "the setting '%s' is computed while the pipeline runs, and Argo "
			     "wants it before: write it out",
			     setting_name(id));
}

/* A loop has no other setting. */
void argo_loop_settings(struct argo *g, const struct module_node *n, struct dag *d)
{
	for (uint32_t j = 0; j < n->nsettings; j++) {
		const struct site *s = n->settings[j].value;

		if (n->settings[j].id != SETTING_PARALLELISM)
			continue;
		if (s->tree->kind != EXPR_CONST)
			say_computed(g, SETTING_PARALLELISM, s->loc);
		else if (s->tree->value.kind == VALUE_INT)
			d->parallelism = s->tree->value.i;
	}
}

static const struct said *said(struct argo *g, struct inst *i, enum setting id)
{
	struct setting_of of = {.m = g->m, .a = g->a, .baked = &g->baked};

	if (i->around) {
		of.node = i->around->call;
		of.in = i->around->in;
		of.prefix = of.in->prefix;
	}
	return setting_of_pipeline(&of, i->p, i, id);
}

bool argo_pipeline_setting(struct argo *g, struct inst *i, enum setting id,
			   struct value *out, struct loc *loc)
{
	const struct said *s = said(g, i, id);

	if (!setting_const(g->a, s, id, out))
		return false;
	*loc = setting_place(s);
	return true;
}

static void call_setting(struct argo *g, enum setting id, struct value v, struct loc loc,
			 struct dag *d)
{
	if (id == SETTING_PARALLELISM) {
		d->parallelism = v.i;
		d->limited = loc;
	} else if (id == SETTING_DISPLAY_NAME)
		d->shown = argo_display_name(g, *v.s, loc);
	else if (id == SETTING_TIMEOUT)
		export_fault(g->x, E1003, loc,
			     "Argo has no time limit for a pipeline within another: "
			     "give one to its tasks, or to the whole");
	else if (id != SETTING_ON_FAILURE)
		setting_counts_nowhere(g->x, id, loc);
}

/* Argo counts what is directly in a DAG. */
void argo_check_parallelism(struct argo *g, const struct dag *d)
{
	for (size_t j = 0; j < d->tasks.n && d->parallelism && d->limited.line; j++)
		if (d->tasks.at[j]->inner) {
			export_fault(g->x, W1001, d->limited,
				     "of 'parallelism', Argo counts a branch, loop, `try` or "
				     "called pipeline in this one as one task, whatever runs "
				     "in it");
			return;
		}
}

void argo_pipeline_settings(struct argo *g, struct inst *i, struct dag *d)
{
	struct value v;
	struct loc loc;

	for (int j = 0; j < SETTING_N; j++) {
		enum setting id = (enum setting)j;
		const struct said *s = said(g, i, id);

		if (!setting_allowed(id, 'P'))
			continue;
		if (setting_is_computed(s, id))
			say_computed(g, id, setting_place(s));
		if (!argo_pipeline_setting(g, i, id, &v, &loc))
			continue;
		if (id == SETTING_ON_FAILURE)
			d->fail_fast |= str_is(*v.s, "stop");
		if (d->parent)
			call_setting(g, id, v, loc, d);
	}
}
