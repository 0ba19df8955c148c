#include <config.h>
#include "compiler/export/argo_int.h"
void argo_code(struct argo *g, struct argo_job *job)
{
	(void)g;
	spec_begin(&job->spec, "python");
}
bool argo_has_port(const struct yaml *pod, const char *side, struct str name)
{
	const struct yaml *ports = yaml_get(pod, str_of(side));
	ports = ports ? yaml_get(ports, STR("parameters")) : NULL;
	for (size_t j = 0; ports && j < ports->n; j++)
		if (str_eq(yaml_get(ports->items[j].value, STR("name"))->text, name))
			return true;
	return false;
}
static void add(struct argo *g, struct yaml *y, struct str side, struct str kind, struct str name)
{
	struct yaml *m = yaml_map(g->a), *l;
	yaml_put_str(m, STR("name"), name);
	if (!yaml_get(yaml_sub(y, side), kind))
		yaml_put(yaml_sub(y, side), kind, yaml_seq(g->a));
	l = yaml_get(yaml_sub(y, side), kind);
	yaml_add(l, m);
}
struct yaml *argo_pod(struct argo *g, struct argo_job *job)
{
	struct yaml *y = yaml_map(g->a);
	yaml_put_str(y, STR("name"), argo_name(g, &g->names, job->name));
	for (size_t j = 0; j < job->spec.reads.n; j++) {
		struct str name = job->spec.reads.at[j].name;
		bool f = job->reads.at[j].form != READ_VALUE;
		add(g, y, STR("inputs"), f ? STR("artifacts") : STR("parameters"), name);
		if (f) add(g, y, STR("inputs"), STR("parameters"), arena_printf(g->a, "%.*s-metadata", STR_ARG(name)));
	}
	for (size_t j = 0; j < job->outputs.n; j++) {
		struct str name = job->outputs.at[j].name;
		bool f = type_holds_artifacts(job->outputs.at[j].type);
		add(g, y, STR("outputs"), f ? STR("artifacts") : STR("parameters"), name);
		if (f) add(g, y, STR("outputs"), STR("parameters"), arena_printf(g->a, "%.*s-metadata", STR_ARG(name)));
	}
	spec_end(&job->spec);
	vec_push(&g->pods, y);
	return y;
}
void argo_documents(struct argo *g, struct yaml *templates, struct buf *out)
{
	struct yaml *top = yaml_map(g->a);
	if (g->arguments->n)
	yaml_put(top, STR("arguments"), g->arguments);
	yaml_put(top, STR("templates"), templates);
	yaml_write(top, out);
}
