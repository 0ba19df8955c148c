/* What the settings of a task, and its environment, ask of a cluster. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"
#include "compiler/export/block.h"

#include "compiler/export/tree_json.h"

enum { ENV_VALUE_MAX = 128 << 10 };	/* bytes; the kernel takes no more */

static const struct said *said(struct argo *g, const struct argo_job *job, enum setting id)
{
	struct setting_of of = {.m = g->m,
				.a = g->a,
				.baked = &g->baked,
				.node = job->node,
				.in = job->inst,
				.prefix = job->inst->prefix,
				.around = job->inst->around};

	return setting_said(&of, id);
}

/* Of what counts most. */
struct loc argo_setting_loc(struct argo *g, const struct argo_job *job, enum setting id)
{
	const struct said *s = said(g, job, id);

	return s ? setting_place(s) : job->node->loc;
}

bool argo_setting_const(struct argo *g, const struct argo_job *job, enum setting id,
			struct value *out)
{
	return setting_const(g->a, said(g, job, id), id, out);
}

/* Is it computed while the pipeline runs? */
static bool is_computed(struct argo *g, const struct argo_job *job, enum setting id)
{
	return setting_is_computed(said(g, job, id), id);
}

static struct str input_name(struct argo *g, enum setting id)
{
	return arena_printf(g->a, "setting-%s", setting_name(id));
}

/* "inputs.parameters['setting-cpu']" */
static struct str input_expr(struct argo *g, enum setting id)
{
	return arena_printf(g->a, "inputs.parameters['setting-%s']", setting_name(id));
}

static struct str input_tag(struct argo *g, enum setting id)
{
	return arena_printf(g->a, "{{inputs.parameters.setting-%s}}", setting_name(id));
}

static void add_read(struct argo *g, struct argo_job *job, const struct said *s,
		     struct str name)
{
	struct argo_read r = {.form = READ_VALUE};
	struct spec_read read = {.name = name, .type = s->site->type};

	r.source = argo_site(g, s->in, job->inst->dags[job->node->block], s->site, name);
	vec_push(&job->reads, r);
	spec_read(&job->spec, read);
}

/* All that is said of the environment, what counts most first: the launcher puts it
 * together. */
static void read_env(struct argo *g, struct argo_job *job, const struct said *s)
{
	for (unsigned n = 1; s; s = s->next, n++)
		add_read(g, job, s,
			 n == 1 ? input_name(g, SETTING_ENV)
				: arena_printf(g->a, "setting-env-%u", n));
}

void argo_setting_reads(struct argo *g, struct argo_job *job)
{
	for (int j = 0; j < SETTING_N; j++) {
		enum setting id = (enum setting)j;
		const struct said *s = said(g, job, id);

		if (id == SETTING_AFTER || id == SETTING_DISPLAY_NAME ||
		    !setting_is_computed(s, id))
			continue;
		if (id == SETTING_LABELS)
			export_fault(g->x, E1003, argo_setting_loc(g, job, id),
				     "'labels' are computed while the pipeline runs, and "
				     "Argo wants them before: write them out");
		else if (id == SETTING_ENV)
			read_env(g, job, s);
		else
			add_read(g, job, s, input_name(g, id));
	}
}

/* Resources.  Fields of Kubernetes' own types cannot hold a tag of Argo's; what is known
 * late is patched into the pod. */

struct wanted {
	struct argo *g;
	const struct argo_job *job;
	struct yaml *container;
	struct buf requests, limits;	/* of the patch: members of JSON objects */
};

static void add_late(struct buf *members, struct str quoted_name, struct str text)
{
	buf_addf(members, "%s%.*s: \"%.*s\"", members->n ? ", " : "",
		 STR_ARG(quoted_name), STR_ARG(text));
}

static void put_quantity(struct wanted *w, const char *list, struct str name,
			 struct str quantity)
{
	yaml_put_str(yaml_sub(yaml_sub(w->container, STR("resources")), str_of(list)),
		     name, quantity);
}

static void cpu_or_memory(struct wanted *w, enum setting id, bool limit)
{
	bool cpu = id == SETTING_CPU || id == SETTING_CPU_LIMIT;
	struct value v;

	if (is_computed(w->g, w->job, id))
		add_late(limit ? &w->limits : &w->requests,
			 cpu ? STR("\"cpu\"") : STR("\"memory\""),
			 input_tag(w->g, id));
	else if (argo_setting_const(w->g, w->job, id, &v))
		put_quantity(w, limit ? "limits" : "requests",
			     cpu ? STR("cpu") : STR("memory"),
			     cpu ? export_cpus(w->g->a, v) : export_bytes(w->g->a, v.i));
}

static struct str gpu_name(struct wanted *w)
{
	struct value v;

	if (!argo_setting_const(w->g, w->job, SETTING_GPU_TYPE, &v))
		return STR("nvidia.com/gpu");
	if (!argo_is_qualified(*v.s))
		export_fault(w->g->x, E1003, argo_setting_loc(w->g, w->job, SETTING_GPU_TYPE),
			     "Kubernetes has no accelerator '%.*s': say what the cluster "
			     "calls it, such as \"nvidia.com/gpu\"",
			     STR_ARG(str_sub(*v.s, 0, 80)));
	return *v.s;
}

static void gpus(struct wanted *w)
{
	struct value v = VALUE_NONE_V;
	bool late = is_computed(w->g, w->job, SETTING_GPU);
	struct str count, name;

	if (!late && (!argo_setting_const(w->g, w->job, SETTING_GPU, &v) || !v.i))
		return;
	count = late ? input_tag(w->g, SETTING_GPU)
		     : arena_printf(w->g->a, "%lld", (long long)v.i);
	if (is_computed(w->g, w->job, SETTING_GPU_TYPE)) {
		add_late(&w->limits,
			 arena_printf(w->g->a, "{{= toJson(%.*s) }}",
				      STR_ARG(input_expr(w->g, SETTING_GPU_TYPE))),
			 count);
		return;
	}
	name = gpu_name(w);
	if (late)
		add_late(&w->limits, arena_printf(w->g->a, "\"%.*s\"", STR_ARG(name)),
			 count);
	else
		put_quantity(w, "limits", name, count);
}

#define PATCH_START "{\"containers\": [{\"name\": \"main\""

void argo_patch_main(struct yaml *template, struct str members)
{
	const struct yaml *old = yaml_get(template, STR("podSpecPatch"));
	struct str more = STR("}]}");

	if (old)
		more = str_sub(old->text, sizeof PATCH_START - 1, old->text.n);
	yaml_put_str(template, STR("podSpecPatch"),
		     arena_printf(template->a, PATCH_START ", %.*s%.*s", STR_ARG(members),
				  STR_ARG(more)));
}

static void patch_pod(struct wanted *w, struct yaml *template)
{
	struct buf b = {0};

	if (!w->requests.n && !w->limits.n)
		return;
	buf_addz(&b, "\"resources\": {");
	if (w->requests.n)
		buf_addf(&b, "\"requests\": {%.*s}", STR_ARG(buf_str(&w->requests)));
	if (w->limits.n)
		buf_addf(&b, "%s\"limits\": {%.*s}", w->requests.n ? ", " : "",
			 STR_ARG(buf_str(&w->limits)));
	buf_addc(&b, '}');
	argo_patch_main(template, buf_str(&b));
	buf_release(&b);
}

static void resources(struct argo *g, const struct argo_job *job, struct yaml *template,
		      struct yaml *container)
{
	struct wanted w = {.g = g, .job = job, .container = container};

	cpu_or_memory(&w, SETTING_CPU, false);
	cpu_or_memory(&w, SETTING_CPU_LIMIT, true);
	cpu_or_memory(&w, SETTING_MEMORY, false);
	cpu_or_memory(&w, SETTING_MEMORY_LIMIT, true);
	gpus(&w);
	patch_pod(&w, template);
	buf_release(&w.requests);
	buf_release(&w.limits);
}

/* Time */

/* A number, or the tag of the input that brings it; empty if it is not said. */
static struct str count_text(struct argo *g, const struct argo_job *job, enum setting id)
{
	struct value v;

	if (is_computed(g, job, id))
		return input_tag(g, id);
	if (!argo_setting_const(g, job, id, &v) || !v.i)
		return (struct str){"", 0};
	return arena_printf(g->a, "%lld", (long long)v.i);
}

/* Whatever made an attempt fail, the next one is made, as here. */
static void retries(struct argo *g, const struct argo_job *job, struct yaml *template)
{
	struct str limit = count_text(g, job, SETTING_RETRIES);
	struct str wait = count_text(g, job, SETTING_BACKOFF);
	struct yaml *retry, *backoff;

	if (!limit.n)
		return;
	retry = yaml_sub(template, STR("retryStrategy"));
	yaml_put_str(retry, STR("limit"), limit);
	yaml_put_str(retry, STR("retryPolicy"), STR("Always"));
	if (!wait.n)
		return;
	backoff = yaml_sub(retry, STR("backoff"));
	yaml_put_str(backoff, STR("duration"),
		     is_computed(g, job, SETTING_BACKOFF)
			     ? wait /* a number is one of seconds */
			     : arena_printf(g->a, "%.*ss", STR_ARG(wait)));
	yaml_put_str(backoff, STR("factor"), STR("2"));
}

/* Of each attempt: `timeout` of Argo's is that of all together. */
static void deadline(struct argo *g, const struct argo_job *job, struct yaml *template)
{
	struct str seconds = count_text(g, job, SETTING_TIMEOUT);

	if (seconds.n)
		yaml_put_str(template, STR("activeDeadlineSeconds"), seconds);
}

/* What people see */

/* Argo's names of nodes have letters, digits, '-' and '.', and 2 to 63 of them; whatever
 * else is in one becomes a '-'.  Empty: nothing is left. */
static struct str node_name(struct argo *g, struct str name)
{
	char *p = ARENA_ARRAY(g->a, name.n + 1, char);
	size_t n = 0;

	for (size_t j = 0; j < name.n && n < 63; j++) {
		struct str c = str_sub(name, j, j + 1);

		if (argo_is_label(c))
			p[n++] = c.p[0];
		else if (n && p[n - 1] != '-' && p[n - 1] != '.')
			p[n++] = c.p[0] == '.' ? '.' : '-';
	}
	while (n && (p[n - 1] == '-' || p[n - 1] == '.'))
		n--;
	return (struct str){p, n > 1 ? n : 0};
}

struct str argo_display_name(struct argo *g, struct str wanted, struct loc loc)
{
	struct str name = node_name(g, wanted);

	if (!name.n)
		export_fault(g->x, W1001, loc,
			     "Argo's names of tasks have letters from A to Z and digits: the "
			     "task there is the same, but without this one");
	return name;
}

void argo_computed_name(struct argo *g, struct loc loc)
{
	export_fault(g->x, W1001, loc,
		     "Argo's names of tasks are known before the run: the task there is the "
		     "same, but without this one");
}

void argo_put_display_name(struct yaml *template, struct str name)
{
	if (name.n)
		yaml_put_str(yaml_sub(template, STR("annotations")),
			     STR("workflows.argoproj.io/display-name"), name);
}

static void display_name(struct argo *g, const struct argo_job *job,
			 struct yaml *template)
{
	struct value v;

	if (is_computed(g, job, SETTING_DISPLAY_NAME)) {
		argo_computed_name(g, argo_setting_loc(g, job, SETTING_DISPLAY_NAME));
		return;
	}
	if (argo_setting_const(g, job, SETTING_DISPLAY_NAME, &v))
		argo_put_display_name(
			template,
			argo_display_name(g, *v.s,
					  argo_setting_loc(g, job, SETTING_DISPLAY_NAME)));
}

void argo_labels(struct argo *g, struct value labels, struct loc loc, struct yaml *to)
{
	for (size_t j = 0; j < labels.dict->n; j++) {
		struct str key = labels.dict->at[j].key;
		struct str text = *labels.dict->at[j].value.s;

		if (!argo_is_qualified(key) || !argo_is_label(text))
			export_fault(g->x, E1003, loc,
				     "the label '%.*s: %.*s' is none for Kubernetes: a "
				     "value has at most 63 letters, digits, '-', '_' and "
				     "'.', a letter or digit at both ends, and so has a name",
				     STR_ARG(str_sub(key, 0, 60)),
				     STR_ARG(str_sub(text, 0, 60)));
		yaml_put_str(to, key, text);
	}
}

static void labels(struct argo *g, const struct argo_job *job, struct yaml *template)
{
	struct value v;

	if (argo_setting_const(g, job, SETTING_LABELS, &v) && v.dict->n)
		argo_labels(g, v, argo_setting_loc(g, job, SETTING_LABELS),
			    yaml_sub(yaml_sub(template, STR("metadata")), STR("labels")));
}

/* Environment variables */

/* What Argo would take for a tag is patched into the pod, when tags are of no account any
 * more. */
static void add_late_variable(struct buf *late, struct str name, struct str value)
{
	buf_addz(late, late->n ? ", {\"name\": " : "{\"name\": ");
	tree_text(name, late);
	buf_addz(late, ", \"value\": ");
	tree_text(value, late);
	buf_addc(late, '}');
}

static void add_variable(struct argo *g, struct yaml *container, struct buf *late,
			 struct str name, struct str value, struct loc loc)
{
	struct yaml *item;

	if (value.n + name.n + 2 > ENV_VALUE_MAX)
		export_fault(g->x, E1004, loc,
			     "the variable '%.*s' has %zu KiB, and a program takes at most "
			     "%d: make it an input that is an artifact",
			     STR_ARG(name), (value.n + 1023) >> 10, ENV_VALUE_MAX >> 10);
	value = argo_unexpanded(g, value);
	if (str_find(value, STR("{{"), 0) < value.n) {
		add_late_variable(late, name, value);
		return;
	}
	item = argo_add_named(container, STR("env"), name);
	yaml_put_str(item, STR("value"), value);
}

static void add_secret(struct argo *g, struct yaml *container, const struct module_var *v,
		       struct loc loc)
{
	struct yaml *item = argo_add_named(container, STR("env"), v->name);
	struct yaml *ref = yaml_sub(yaml_sub(item, STR("valueFrom")), STR("secretKeyRef"));

	if (!argo_is_dns_name(v->secret) || !argo_is_key(v->key))
		export_fault(g->x, E1003, loc,
			     "Kubernetes has no secret '%.*s' with '%.*s': a name has small "
			     "letters, digits, '-' and '.', and a key letters, digits, '-', "
			     "'_' and '.'",
			     STR_ARG(v->secret), STR_ARG(v->key));
	yaml_put_str(ref, STR("name"), v->secret);
	yaml_put_str(ref, STR("key"), v->key);
}

/* The one that the call says stands for that of the environment. */
static bool is_replaced(struct value more, struct str name)
{
	return more.kind == VALUE_DICT && value_get(more, name);
}

static void environment(struct argo *g, const struct argo_job *job,
			const struct module_component *c, struct yaml *template,
			struct yaml *container)
{
	const struct module_env *e = c->env == MODULE_NONE ? NULL : &g->m->envs[c->env];
	struct buf late = {0};
	struct value more;

	argo_setting_const(g, job, SETTING_ENV, &more);
	for (uint32_t j = 0; e && j < e->nvars; j++) {
		const struct module_var *v = &e->vars[j];

		if (is_replaced(more, v->name))
			continue;
		if (v->secret.n)
			add_secret(g, container, v, e->loc);
		else
			add_variable(g, container, &late, v->name, v->value, e->loc);
	}
	for (size_t j = 0; more.kind == VALUE_DICT && j < more.dict->n; j++)
		add_variable(g, container, &late, more.dict->at[j].key,
			     *more.dict->at[j].value.s,
			     argo_setting_loc(g, job, SETTING_ENV));
	if (late.n)
		argo_patch_main(template, arena_printf(g->a, "\"env\": [%.*s]",
						       STR_ARG(buf_str(&late))));
	buf_release(&late);
}

void argo_settings(struct argo *g, struct argo_job *job, struct yaml *template,
		   struct yaml *container)
{
	const struct module_component *c = &g->m->components[job->node->target];

	display_name(g, job, template);
	labels(g, job, template);
	retries(g, job, template);
	deadline(g, job, template);
	environment(g, job, c, template, container);
	resources(g, job, template, container);
	argo_kubernetes(g, c, template, container);
}
