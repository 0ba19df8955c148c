/* The documents: ConfigMaps with what pods read, rights, and the objects of Argo's. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"

#include "runtime/base/sha256.h"

enum {
	MAP_BYTES = 1000000,	/* of a ConfigMap, of 1 MiB that Kubernetes takes */
	HASH_SHOWN = 10,
	NAME_MAX_WORKFLOW = 63, NAME_MAX_CRON = 52,
};

struct docs {
	struct argo *g;
	const struct module_pipeline *p;
	struct inst *root;
	const struct argo_options *o;
	struct str name;		/* of the pipeline, for Kubernetes */
	struct str account;		/* service account; empty: the namespace's own */
	struct yaml *spec;		/* of the workflow */
	struct yaml *written;		/* all documents */
	struct buf *out;
};

static struct str kubernetes_name(struct docs *d, struct str name, size_t max,
				  struct loc loc)
{
	char *p = ARENA_ARRAY(d->g->a, name.n + 1, char);
	struct str s = {p, name.n};

	for (size_t j = 0; j < name.n; j++)
		p[j] = name.p[j] == '_'                       ? '-'
		       : name.p[j] >= 'A' && name.p[j] <= 'Z' ? (char)(name.p[j] + 32)
							      : name.p[j];
	if (s.n > max || !argo_is_dns_label(s))
		export_fault(d->g->x, E1004, loc,
			     "'%.*s' is no name for an object of Kubernetes': at most %zu "
			     "of a-z, 0-9 and '-' (for which '_' stands), the first and "
			     "the last no '-'",
			     STR_ARG(str_sub(name, 0, 80)), max);
	return s;
}

static struct yaml *object(struct docs *d, const char *version, const char *kind,
			   struct str name)
{
	struct yaml *top = yaml_map(d->g->a), *meta;

	yaml_put_str(top, STR("apiVersion"), str_of(version));
	yaml_put_str(top, STR("kind"), str_of(kind));
	meta = yaml_sub(top, STR("metadata"));
	if (name.n)
		yaml_put_str(meta, STR("name"), name);
	if (d->o->name_space.n)
		yaml_put_str(meta, STR("namespace"), d->o->name_space);
	return top;
}

#define ARGO_VERSION "argoproj.io/v1alpha1"

static void write(struct docs *d, struct yaml *top)
{
	if (d->out->n)
		buf_addz(d->out, "---\n");
	yaml_write_by_hand(top, d->out);
	yaml_add(d->written, top);
}

/* Does the text say what was put in, and the program? */
static void read_back(struct docs *d, size_t before)
{
	struct str text = str_sub(buf_str(d->out), before, d->out->n);
	struct err err;

	if (!argo_readback(d->g, d->root, text, d->written, &err))
		return;
	d->g->x->broken = arena_str(d->g->a, str_of(err.text));
	d->out->n = before;
}

/* ConfigMaps.  Their name has a hash of what is in them: a run that goes on keeps what it
 * began with when the pipeline is exported anew. */

static struct str files_hash(struct docs *d)
{
	const struct yaml *files = argo_pods(d->g)->files;
	struct sha256 *h = sha256_new();
	struct digest digest;

	for (size_t j = 0; j < files->n; j++) {
		sha256_add(h, files->items[j].key);
		sha256_add(h, (struct str){"\0", 1});
		sha256_add(h, files->items[j].value->text);
		sha256_add(h, (struct str){"\0", 1});
	}
	digest = sha256_end(h);
	sha256_free(h);
	return arena_printf(d->g->a, "%.*s", HASH_SHOWN, digest.hex);
}

static void begin_map(struct docs *d, struct yaml *maps, struct str hash)
{
	struct str name = arena_printf(d->g->a, "%.*s-%.*s", STR_ARG(d->name),
				       STR_ARG(hash));
	struct yaml *top;

	if (maps->n)
		name = arena_printf(d->g->a, "%.*s-%zu", STR_ARG(name), maps->n + 1);
	top = object(d, "v1", "ConfigMap", name);
	yaml_put(top, STR("immutable"), yaml_bool(d->g->a, true));
	yaml_put(top, STR("data"), yaml_map(d->g->a));
	yaml_add(maps, top);
}

static struct yaml *make_maps(struct docs *d)
{
	const struct yaml *files = argo_pods(d->g)->files;
	struct yaml *maps = yaml_seq(d->g->a);
	struct str hash = files_hash(d);
	size_t bytes = 0;

	for (size_t j = 0; j < files->n; j++) {
		struct str key = files->items[j].key, text = files->items[j].value->text;
		size_t n = key.n + text.n;

		if (n > MAP_BYTES)
			export_fault(d->g->x, E1004, d->p->loc,
				     "'%.*s', which a pod reads, has %zu KiB, and Kubernetes "
				     "takes at most 1 MiB in a ConfigMap: keep data in an "
				     "artifact, code in an image",
				     STR_ARG(key), n >> 10);
		if (!maps->n || bytes + n > MAP_BYTES) {
			begin_map(d, maps, hash);
			bytes = 0;
		}
		bytes += n;
		yaml_put_str(yaml_get(maps->items[maps->n - 1].value, STR("data")), key,
			     text);
	}
	return maps;
}

static struct str name_of(const struct yaml *object)
{
	return yaml_get(yaml_get(object, STR("metadata")), STR("name"))->text;
}

static void add_volume(struct docs *d, const struct yaml *maps)
{
	struct yaml *volume, *sources;

	if (!maps->n)
		return;
	volume = argo_add_named(d->spec, STR("volumes"), STR("kfpc"));
	if (maps->n == 1) {
		yaml_put_str(yaml_sub(volume, STR("configMap")), STR("name"),
			     name_of(maps->items[0].value));
		return;
	}
	sources = yaml_seq(d->g->a);
	for (size_t j = 0; j < maps->n; j++) {
		struct yaml *source = yaml_map(d->g->a);

		yaml_put_str(yaml_sub(source, STR("configMap")), STR("name"),
			     name_of(maps->items[j].value));
		yaml_add(sources, source);
	}
	yaml_put(yaml_sub(volume, STR("projected")), STR("sources"), sources);
}

/* What the pods of a run may do: say what came of them, and nothing else. */

static struct yaml *words(struct docs *d, const char *const *list)
{
	struct yaml *all = yaml_seq(d->g->a);

	for (; *list; list++)
		yaml_add(all, yaml_str(d->g->a, str_of(*list)));
	return all;
}

static void write_role(struct docs *d)
{
	static const char *const groups[] = {"argoproj.io", NULL};
	static const char *const resources[] = {"workflowtaskresults", NULL};
	static const char *const verbs[] = {"create", "patch", NULL};
	struct yaml *role = object(d, "rbac.authorization.k8s.io/v1", "Role", d->account);
	struct yaml *rules = yaml_seq(d->g->a), *rule = yaml_map(d->g->a);

	yaml_put(rule, STR("apiGroups"), words(d, groups));
	yaml_put(rule, STR("resources"), words(d, resources));
	yaml_put(rule, STR("verbs"), words(d, verbs));
	yaml_add(rules, rule);
	yaml_put(role, STR("rules"), rules);
	write(d, role);
}

static void write_rights(struct docs *d)
{
	struct yaml *binding, *ref, *subjects = yaml_seq(d->g->a);
	struct yaml *subject = yaml_map(d->g->a);

	write(d, object(d, "v1", "ServiceAccount", d->account));
	write_role(d);
	binding = object(d, "rbac.authorization.k8s.io/v1", "RoleBinding", d->account);
	ref = yaml_sub(binding, STR("roleRef"));
	yaml_put_str(ref, STR("apiGroup"), STR("rbac.authorization.k8s.io"));
	yaml_put_str(ref, STR("kind"), STR("Role"));
	yaml_put_str(ref, STR("name"), d->account);
	yaml_put_str(subject, STR("kind"), STR("ServiceAccount"));
	yaml_put_str(subject, STR("name"), d->account);
	if (d->o->name_space.n)
		yaml_put_str(subject, STR("namespace"), d->o->name_space);
	yaml_add(subjects, subject);
	yaml_put(binding, STR("subjects"), subjects);
	write(d, binding);
}

/* The settings of the pipeline */

static const struct value *setting(const struct docs *d, enum setting id, struct loc *loc)
{
	struct value v;

	if (!argo_pipeline_setting(d->g, d->root, id, &v, loc))
		return NULL;
	return arena_dup(d->g->a, &v, sizeof v);
}

static struct yaml *seconds(struct docs *d, int64_t n, struct loc loc)
{
	if (n > INT32_MAX)
		export_fault(d->g->x, E1003, loc, "Argo takes at most %d seconds here",
			     INT32_MAX);
	return yaml_int(d->g->a, n);
}

static void add_limits(struct docs *d)
{
	const struct value *v;
	struct loc loc;

	v = setting(d, SETTING_PARALLELISM, &loc);
	if (v)
		yaml_put(d->spec, STR("parallelism"), yaml_int(d->g->a, v->i));
	v = setting(d, SETTING_TIMEOUT, &loc);
	if (v)
		yaml_put(d->spec, STR("activeDeadlineSeconds"), seconds(d, v->i, loc));
	v = setting(d, SETTING_TTL, &loc);
	if (v)
		yaml_put(yaml_sub(d->spec, STR("ttlStrategy")),
			 STR("secondsAfterCompletion"), seconds(d, v->i, loc));
}

/* Labels and texts for people, of an object. */
static void add_notes(struct docs *d, struct yaml *top)
{
	struct yaml *meta = yaml_get(top, STR("metadata")), *notes = yaml_map(d->g->a);
	struct loc loc;
	const struct value *v = setting(d, SETTING_LABELS, &loc);

	if (v && v->dict->n)
		argo_labels(d->g, *v, loc, yaml_sub(meta, STR("labels")));
	v = setting(d, SETTING_DISPLAY_NAME, &loc);
	if (v)
		yaml_put_str(notes, STR("workflows.argoproj.io/title"), *v->s);
	if (d->p->doc.n)
		yaml_put_str(notes, STR("workflows.argoproj.io/description"), d->p->doc);
	argo_put_some(meta, STR("annotations"), notes);
}

/* The spec of the workflow */

static void add_repository(struct docs *d)
{
	struct str ref = d->o->repository;
	size_t slash;
	struct yaml *to;

	if (!ref.n)
		return;
	slash = str_find(ref, STR("/"), 0);
	to = yaml_sub(d->spec, STR("artifactRepositoryRef"));
	yaml_put_str(to, STR("configMap"), str_sub(ref, 0, slash));
	if (slash < ref.n)
		yaml_put_str(to, STR("key"), str_sub(ref, slash + 1, ref.n));
}

static void add_pull_secrets(struct docs *d)
{
	const struct yaml *names = argo_pods(d->g)->secrets;

	for (size_t j = 0; j < names->n; j++)
		argo_add_named(d->spec, STR("imagePullSecrets"),
			       names->items[j].value->text);
}

static void make_spec(struct docs *d, struct yaml *templates, const struct yaml *maps)
{
	struct loc loc;
	const struct value *labels = setting(d, SETTING_LABELS, &loc);

	d->spec = yaml_map(d->g->a);
	yaml_put_str(d->spec, STR("entrypoint"), d->g->root->name);
	if (d->account.n)
		yaml_put_str(d->spec, STR("serviceAccountName"), d->account);
	if (d->g->arguments->n)
		yaml_put(yaml_sub(d->spec, STR("arguments")), STR("parameters"),
			 d->g->arguments);
	add_limits(d);
	if (labels && labels->dict->n && d->o->kind != ARGO_WORKFLOW)
		argo_labels(d->g, *labels, loc,
			    yaml_sub(yaml_sub(d->spec, STR("workflowMetadata")),
				     STR("labels")));
	add_repository(d);
	add_pull_secrets(d);
	add_volume(d, maps);
	yaml_put(d->spec, STR("templates"), templates);
}

static struct str run_name(struct docs *d)
{
	return arena_printf(d->g->a, "%.*s-", STR_ARG(d->name));
}

static void write_workflow(struct docs *d, struct yaml *spec)
{
	struct yaml *top = object(d, ARGO_VERSION, "Workflow", (struct str){"", 0});
	struct yaml *meta = yaml_get(top, STR("metadata"));

	yaml_put_str(meta, STR("generateName"), run_name(d));
	if (spec == d->spec)
		add_notes(d, top);
	yaml_put(top, STR("spec"), spec);
	write(d, top);
}

static void write_template(struct docs *d)
{
	struct yaml *top = object(d, ARGO_VERSION, "WorkflowTemplate", d->name);

	add_notes(d, top);
	yaml_put(top, STR("spec"), d->spec);
	write(d, top);
}

/* {"workflowTemplateRef": ...}: what starts the template. */
static struct yaml *starter(struct docs *d)
{
	struct yaml *spec = yaml_map(d->g->a);

	yaml_put_str(yaml_sub(spec, STR("workflowTemplateRef")), STR("name"), d->name);
	return spec;
}

/* An argument without a value must be given by whoever starts it. */
static bool can_start(struct docs *d)
{
	const struct yaml *all = d->g->arguments;
	struct buf missing = {0};
	bool can;

	for (size_t j = 0; j < all->n; j++)
		if (!yaml_get(all->items[j].value, STR("value")))
			buf_addf(&missing, " -p %.*s=VALUE",
				 STR_ARG(yaml_get(all->items[j].value, STR("name"))->text));
	can = !missing.n;
	if (!can)
		export_fault(d->g->x, W1002, d->p->loc,
			     "no Workflow is written, since '%.*s' has no value for all it "
			     "needs: start it with `argo submit --from "
			     "workflowtemplate/%.*s%.*s`, or name a config with --config",
			     STR_ARG(d->p->name), STR_ARG(d->name),
			     STR_ARG(buf_str(&missing)));
	buf_release(&missing);
	return can;
}

/* Schedules */

static void add_config(struct docs *d, uint32_t config, struct yaml *to)
{
	const struct module_config *c;

	if (config == MODULE_NONE)
		return;
	c = &d->g->m->configs[config];
	add_config(d, c->base, to);
	for (uint32_t j = 0; j < c->nentries; j++) {
		const struct module_config_entry *e = &c->entries[j];
		struct source value = argo_constant(e->value, e->type);

		const struct source *to_set = map_get(&d->g->inputs, e->address);

		if (!to_set) {
			export_fault(d->g->x, E1003, e->loc,
				     "a schedule's config sets '%.*s', which is no argument "
				     "of the workflow: export the pipeline with --config, "
				     "and schedule that",
				     STR_ARG(e->address));
			continue;
		}
		yaml_put_str(to, to_set->key, argo_text(d->g, &value));
	}
}

static void add_arguments(struct docs *d, const struct module_schedule *s,
			  struct yaml *spec)
{
	struct yaml *values = yaml_map(d->g->a), *item, *arguments;

	add_config(d, s->config, values);
	if (!values->n)
		return;
	arguments = yaml_sub(spec, STR("arguments"));
	for (size_t j = 0; j < values->n; j++) {
		item = argo_add_named(arguments, STR("parameters"), values->items[j].key);
		yaml_put(item, STR("value"), values->items[j].value);
	}
}

/* The same spec with other arguments. */
static struct yaml *own_spec(struct docs *d, const struct module_schedule *s)
{
	struct yaml *values = yaml_map(d->g->a), *copy = yaml_map(d->g->a), *all;

	add_config(d, s->config, values);
	for (size_t j = 0; j < d->spec->n; j++)
		yaml_put(copy, d->spec->items[j].key, d->spec->items[j].value);
	if (!values->n)
		return copy;
	all = yaml_seq(d->g->a);
	for (size_t j = 0; j < d->g->arguments->n; j++) {
		struct yaml *from = d->g->arguments->items[j].value;
		struct yaml *to = yaml_map(d->g->a), *value;

		for (size_t k = 0; k < from->n; k++)
			yaml_put(to, from->items[k].key, from->items[k].value);
		value = yaml_get(values, yaml_get(from, STR("name"))->text);
		if (value)
			yaml_put(to, STR("value"), value);
		yaml_add(all, to);
	}
	yaml_put(copy, STR("arguments"), yaml_map(d->g->a));
	yaml_put(yaml_get(copy, STR("arguments")), STR("parameters"), all);
	return copy;
}

static void write_schedule(struct docs *d, const struct module_schedule *s)
{
	static const char *const policies[] = {"Allow", "Forbid", "Replace"};
	struct str name = kubernetes_name(
		d, arena_printf(d->g->a, "%.*s-%.*s", STR_ARG(d->name), STR_ARG(s->name)),
		NAME_MAX_CRON, s->loc);
	struct yaml *top = object(d, ARGO_VERSION, "CronWorkflow", name), *spec, *run;
	struct yaml *times = yaml_seq(d->g->a);

	if (s->doc.n)
		yaml_put_str(yaml_sub(yaml_get(top, STR("metadata")), STR("annotations")),
			     STR("workflows.argoproj.io/description"), s->doc);
	spec = yaml_sub(top, STR("spec"));
	yaml_add(times, yaml_str(d->g->a, s->cron));
	yaml_put(spec, STR("schedules"), times);
	yaml_put_str(spec, STR("timezone"), s->timezone.n ? s->timezone : STR("UTC"));
	yaml_put_str(spec, STR("concurrencyPolicy"), str_of(policies[s->concurrency]));
	if (d->o->kind == ARGO_CRON_WORKFLOW) {
		run = own_spec(d, s);
	} else {
		run = starter(d);
		add_arguments(d, s, run);
	}
	yaml_put(spec, STR("workflowSpec"), run);
	write(d, top);
}

static void write_schedules(struct docs *d)
{
	uint32_t n = 0;

	for (uint32_t j = 0; j < d->g->m->nschedules; j++) {
		if (d->g->m->schedules[j].pipeline != d->g->x->pipeline)
			continue;
		write_schedule(d, &d->g->m->schedules[j]);
		n++;
	}
	if (!n && d->o->kind == ARGO_CRON_WORKFLOW)
		export_fault(d->g->x, E1001, d->p->loc,
			     "'%.*s' has no schedule, which a CronWorkflow is made of: "
			     "declare one, or leave --kind out",
			     STR_ARG(d->p->name));
}

static void warn_of_store(struct docs *d)
{
	if (argo_pods(d->g)->collects && !d->o->store.n)
		export_fault(d->g->x, W1002, d->p->loc,
			     "artifacts of a loop are collected, for which Argo must know "
			     "the kind of the store: s3 is taken; say another with "
			     "--artifact-store");
}

void argo_documents(struct argo *g, struct inst *root, struct yaml *templates,
		    struct buf *out)
{
	struct docs d = {.g = g, .p = &g->m->pipelines[g->x->pipeline], .root = root,
			 .o = &g->x->argo, .out = out};
	struct yaml *maps;
	size_t before = out->n;

	d.written = yaml_seq(g->a);
	d.name = kubernetes_name(&d, d.p->name, NAME_MAX_WORKFLOW, d.p->loc);
	d.account = d.o->service_account;
	if (!d.account.n && d.o->rbac)
		d.account = d.name;
	argo_add_launcher(g);
	maps = make_maps(&d);
	make_spec(&d, templates, maps);
	argo_check_limits(g, d.spec);
	warn_of_store(&d);
	for (size_t j = 0; j < maps->n; j++)
		write(&d, maps->items[j].value);
	if (d.o->rbac)
		write_rights(&d);
	if (d.o->kind == ARGO_BOTH || d.o->kind == ARGO_WORKFLOW_TEMPLATE)
		write_template(&d);
	if (d.o->kind == ARGO_BOTH || d.o->kind == ARGO_CRON_WORKFLOW)
		write_schedules(&d);
	if (d.o->kind == ARGO_WORKFLOW)
		write_workflow(&d, d.spec);
	if (d.o->kind == ARGO_BOTH && can_start(&d))
		write_workflow(&d, starter(&d));
	if (!g->x->nerrors)
		read_back(&d, before);
}
