/* Settings and environments. */
#include <config.h>

#include "compiler/export/block.h"
#include "compiler/export/kfp/kfp_int.h"

const struct said *kfp_said(struct kfp *k, struct inst *i, const struct module_node *n,
			    enum setting id)
{
	struct setting_of of = {.m = k->m,
				.a = k->a,
				.baked = &k->baked,
				.node = n,
				.in = i,
				.prefix = i->prefix,
				.around = i->around};

	return setting_said(&of, id);
}

const struct said *kfp_computed_setting(struct kfp *k, struct inst *i,
					const struct module_node *n, enum setting id)
{
	const struct said *s = kfp_said(k, i, n, id);

	if (!setting_is_computed(s, id) || (s->site && s->site->type->kind == TYPE_OPT))
		return NULL;
	return s;
}

/* What stands for a computed setting in the container. */
static struct str placeholder(struct kfp *k, enum setting id)
{
	return arena_printf(k->a, "{{$.inputs.parameters['kfpc-setting-%s']}}",
			    setting_name(id));
}

static void say_computed(struct kfp *k, enum setting id, struct loc loc)
{
	if (id == SETTING_DISPLAY_NAME)
		export_fault(k->x, W1001, loc,
			     "Kubeflow's names of tasks are known before the run: the task "
			     "there is the same, but without this one");
	else
		export_fault(k->x, E1003, loc,
			     "the setting '%s' is computed while the pipeline runs, and "
			     "Kubeflow wants it before: write it out",
			     setting_name(id));
}

/* The value of a setting of a task. */
static bool value_of(struct kfp *k, struct inst *i, const struct module_node *n,
		     enum setting id, struct value *out)
{
	const struct said *s = kfp_said(k, i, n, id);

	if (!setting_is_computed(s, id))
		return setting_const(k->a, s, id, out);
	while (s->baked || s->site->tree->kind == EXPR_CONST)
		s = s->next;
	say_computed(k, id, s->site->loc);
	return false;
}

static double number(struct value v)
{
	return v.kind == VALUE_INT ? (double)v.i : v.f;
}

/* Do some of these say more than what stands in a task? */
static bool say_more(const struct module_setting *s, uint32_t n)
{
	for (uint32_t j = 0; j < n; j++)
		switch (s[j].id) {
		case SETTING_RETRIES:
		case SETTING_BACKOFF:
		case SETTING_CACHE:
		case SETTING_DISPLAY_NAME:
		case SETTING_AFTER:
			break;
		default:
			return true;
		}
	return false;
}

bool kfp_own_executor(struct kfp *k, const struct inst *i, const struct module_node *n)
{
	for (const struct around *u = i->around; u; u = u->up)
		if (say_more(u->call->settings, u->call->nsettings))
			return true;
	return say_more(n->settings, n->nsettings) || k->baked.n > 0;
}

bool kfp_shares_executor(const struct module_component *c)
{
	return !c->kubernetes.n && !say_more(c->settings, c->nsettings);
}

void kfp_task_settings(struct kfp *k, struct inst *i, const struct module_node *n,
		       struct yaml *task)
{
	struct value v, wait = value_int(0);
	struct yaml *retry;
	bool fails = !i->dags[n->block]->region;

	if (value_of(k, i, n, SETTING_DISPLAY_NAME, &v))
		yaml_put_str(yaml_sub(task, STR("taskInfo")), STR("name"), *v.s);
	if (value_of(k, i, n, SETTING_CACHE, &v) && !v.b)
		yaml_put(task, STR("cachingOptions"), yaml_map(k->a));
	value_of(k, i, n, SETTING_BACKOFF, &wait);
	if (!fails || !value_of(k, i, n, SETTING_RETRIES, &v) || !v.i)
		return;
	retry = yaml_sub(task, STR("retryPolicy"));
	yaml_put_str(retry, STR("backoffDuration"),
		     arena_printf(k->a, "%llds", (long long)wait.i));
	yaml_put(retry, STR("backoffFactor"), yaml_float(k->a, 2.0));
	yaml_put_str(retry, STR("backoffMaxDuration"), STR("3600s"));
	yaml_put(retry, STR("maxRetryCount"), yaml_int(k->a, v.i));
}

void kfp_attempts(struct kfp *k, struct inst *i, const struct module_node *n,
		  struct buf *b)
{
	static const enum setting ids[] = {SETTING_RETRIES, SETTING_BACKOFF,
					   SETTING_TIMEOUT};
	struct value v;

	for (size_t j = 0; j < sizeof(ids) / sizeof(*ids); j++)
		if (value_of(k, i, n, ids[j], &v))
			buf_addf(b, ",\n\"%s\": %lld", setting_name(ids[j]), (long long)v.i);
}

static void add_env(struct yaml *container, struct str name, struct str value)
{
	struct yaml *env = yaml_list(container, STR("env")), *var = yaml_map(container->a);

	for (size_t j = 0; j < env->n; j++)
		if (str_eq(yaml_get(env->items[j].value, STR("name"))->text, name)) {
			yaml_put_str(env->items[j].value, STR("value"), value);
			return;
		}
	yaml_put_str(var, STR("name"), name);
	yaml_put_str(var, STR("value"), value);
	yaml_add(env, var);
}

static struct yaml *platform(struct kfp *k, struct str executor)
{
	return yaml_sub(
		yaml_sub(yaml_sub(k->platform, STR("deploymentSpec")), STR("executors")),
		executor);
}

static void cpus(struct kfp *k, struct yaml *res, const char *kind, struct value v)
{
	yaml_put(res, arena_printf(k->a, "cpu%s", kind), yaml_float(k->a, number(v)));
	yaml_put_str(res, arena_printf(k->a, "resourceCpu%s", kind),
		     export_cpus(k->a, v));
}

/* As Kubernetes writes a number of bytes. */
static void memory(struct kfp *k, struct yaml *res, const char *kind, struct value v)
{
	yaml_put(res, arena_printf(k->a, "memory%s", kind),
		 yaml_float(k->a, (double)v.i / 1e9));
	yaml_put_str(res, arena_printf(k->a, "resourceMemory%s", kind),
		     export_bytes(k->a, v.i));
}

static void amount(struct kfp *k, struct inst *i, const struct module_node *n,
		   enum setting id, const char *key, struct yaml *container,
		   void (*put)(struct kfp *, struct yaml *, const char *, struct value))
{
	struct value v;

	if (kfp_computed_setting(k, i, n, id))
		yaml_put_str(yaml_sub(container, STR("resources")),
			     arena_printf(k->a, "resource%s%s",
					  put == cpus ? "Cpu" : "Memory", key),
			     placeholder(k, id));
	else if (value_of(k, i, n, id, &v))
		put(k, yaml_sub(container, STR("resources")), key, v);
}

static void accelerator(struct kfp *k, struct inst *i, const struct module_node *n,
			struct yaml *container)
{
	bool is_count = kfp_computed_setting(k, i, n, SETTING_GPU) != NULL;
	bool is_type = kfp_computed_setting(k, i, n, SETTING_GPU_TYPE) != NULL;
	struct value v = value_int(0), type = VALUE_NONE_V;
	struct str name = STR("nvidia.com/gpu"), count;
	struct yaml *acc;

	if (!is_count && (!value_of(k, i, n, SETTING_GPU, &v) || !v.i))
		return;
	if (is_type)
		name = placeholder(k, SETTING_GPU_TYPE);
	else if (value_of(k, i, n, SETTING_GPU_TYPE, &type))
		name = *type.s;
	count = is_count ? placeholder(k, SETTING_GPU)
			 : arena_printf(k->a, "%lld", (long long)v.i);
	acc = yaml_sub(yaml_sub(container, STR("resources")), STR("accelerator"));
	yaml_put_str(acc, STR("resourceCount"), count);
	yaml_put_str(acc, STR("resourceType"), name);
	if (is_count || is_type)
		return;
	yaml_put_str(acc, STR("count"), count);
	yaml_put_str(acc, STR("type"), name);
}

static void resources(struct kfp *k, struct inst *i, const struct module_node *n,
		      struct yaml *container)
{
	amount(k, i, n, SETTING_CPU, "Request", container, cpus);
	amount(k, i, n, SETTING_CPU_LIMIT, "Limit", container, cpus);
	amount(k, i, n, SETTING_MEMORY, "Request", container, memory);
	amount(k, i, n, SETTING_MEMORY_LIMIT, "Limit", container, memory);
	accelerator(k, i, n, container);
}

void kfp_executor_settings(struct kfp *k, struct inst *i, const struct module_node *n,
			   struct str executor, struct yaml *container)
{
	struct value v;

	resources(k, i, n, container);
	/* A computed one is set by the launcher. */
	if (!kfp_computed_setting(k, i, n, SETTING_ENV) &&
	    value_of(k, i, n, SETTING_ENV, &v))
		for (size_t j = 0; j < v.dict->n; j++)
			add_env(container, v.dict->at[j].key, *v.dict->at[j].value.s);
	if (!i->dags[n->block]->region && value_of(k, i, n, SETTING_TIMEOUT, &v))
		yaml_put_str(platform(k, executor), STR("activeDeadlineSeconds"),
			     arena_printf(k->a, "%lld", (long long)v.i));
	if (value_of(k, i, n, SETTING_LABELS, &v))
		for (size_t j = 0; j < v.dict->n; j++)
			yaml_put_str(yaml_sub(yaml_sub(platform(k, executor),
						       STR("podMetadata")),
					      STR("labels")),
				     v.dict->at[j].key, *v.dict->at[j].value.s);
}

static void add_secret(struct kfp *k, struct str executor, const struct module_var *v)
{
	struct yaml *item = yaml_map(k->a), *keys = yaml_seq(k->a), *key = yaml_map(k->a);

	yaml_put_str(key, STR("envVar"), v->name);
	yaml_put_str(key, STR("secretKey"), v->key);
	yaml_add(keys, key);
	yaml_put(item, STR("keyToEnv"), keys);
	yaml_put(item, STR("optional"), yaml_bool(k->a, false));
	yaml_put_str(item, STR("secretName"), v->secret);
	yaml_put_str(
		yaml_sub(yaml_sub(item, STR("secretNameParameter")), STR("runtimeValue")),
		STR("constant"), v->secret);
	yaml_add(yaml_list(platform(k, executor), STR("secretAsEnv")), item);
}

void kfp_environment(struct kfp *k, const struct module_component *c, struct str executor,
		     struct yaml *container)
{
	const struct module_env *e;

	if (c->kubernetes.n)
		kfp_kubernetes(k, c, platform(k, executor));
	if (c->env == MODULE_NONE)
		return;
	e = &k->m->envs[c->env];
	if (e->image.n)
		yaml_put_str(container, STR("image"), e->image);
	else if (e->python.n)
		yaml_put_str(container, STR("image"),
			     arena_printf(k->a, "python:%.*s-slim", STR_ARG(e->python)));
	for (uint32_t j = 0; j < e->nvars; j++)
		if (e->vars[j].secret.n)
			add_secret(k, executor, &e->vars[j]);
		else
			add_env(container, e->vars[j].name, e->vars[j].value);
}

/* Settings of the run, in the second document. */
static void run_setting(struct kfp *k, enum setting id, struct value v, struct loc loc)
{
	struct yaml *config = yaml_sub(k->platform, STR("pipelineConfig"));
	struct str key = id == SETTING_TTL ? STR("resourceTtlOnCompletion")
					   : STR("activeDeadlineSeconds");

	if (v.i > INT32_MAX)
		export_fault(k->x, E1003, loc, "Kubeflow takes at most %d seconds here",
			     INT32_MAX);
	yaml_put(config, key, yaml_int(k->a, v.i));
}

/* Of the pipeline that is exported. */
static void root_setting(struct kfp *k, enum setting id, struct value v, struct loc loc)
{
	if (id == SETTING_DISPLAY_NAME)
		yaml_put_str(k->settings, STR("displayName"), *v.s);
	else if (id == SETTING_TIMEOUT || id == SETTING_TTL)
		run_setting(k, id, v, loc);
	else
		export_fault(k->x, W1001, loc,
			     "Kubeflow has no '%s' for a pipeline: the run there is the same, "
			     "but without it",
			     setting_name(id));
}

/* Of one that it calls. */
static void call_setting(struct kfp *k, enum setting id, struct value v, struct loc loc,
			 struct yaml *task)
{
	if (id == SETTING_DISPLAY_NAME)
		yaml_put_str(yaml_sub(task, STR("taskInfo")), STR("name"), *v.s);
	else if (id == SETTING_TIMEOUT)
		export_fault(k->x, E1003, loc,
			     "Kubeflow has no time limit for a pipeline within another: give "
			     "one to its tasks, or to the whole");
	else if (id == SETTING_PARALLELISM)
		export_fault(k->x, W1001, loc,
			     "Kubeflow has no 'parallelism' for a pipeline within another: "
			     "the run there is the same, but without it");
	else
		setting_counts_nowhere(k->x, id, loc);
}

/* A failure ends what Kubeflow starts in the group that it is in, whether it is asked to
 * or not. */
static bool stops(struct kfp *k, struct value v, struct loc loc)
{
	if (str_is(*v.s, "stop"))
		export_fault(k->x, W1001, loc,
			     "after a failure Kubeflow starts nothing more in the branch, "
			     "iteration or called pipeline that it was in, and what is beside "
			     "that goes on: this is no more than that there");
	return true;
}

void kfp_pipeline_settings(struct kfp *k, struct inst *i, struct yaml *task)
{
	struct setting_of of = {.m = k->m, .a = k->a, .baked = &k->baked};
	const struct said *s;
	struct value v;

	if (i->around) {
		of.node = i->around->call;
		of.in = i->around->in;
		of.prefix = of.in->prefix;
	}
	for (int j = 0; j < SETTING_N; j++) {
		enum setting id = (enum setting)j;

		if (!setting_allowed(id, 'P'))
			continue;
		s = setting_of_pipeline(&of, i->p, i, id);
		if (setting_is_computed(s, id))
			say_computed(k, id, setting_place(s));
		if (!setting_const(k->a, s, id, &v) ||
		    (id == SETTING_ON_FAILURE && stops(k, v, setting_place(s))))
			continue;
		if (task)
			call_setting(k, id, v, setting_place(s), task);
		else
			root_setting(k, id, v, setting_place(s));
	}
}

/* A loop has no other setting. */
void kfp_loop_settings(struct kfp *k, const struct module_node *n, struct yaml *task)
{
	for (uint32_t j = 0; j < n->nsettings; j++) {
		const struct site *s = n->settings[j].value;

		if (n->settings[j].id != SETTING_PARALLELISM)
			continue;
		if (s->tree->kind != EXPR_CONST)
			say_computed(k, SETTING_PARALLELISM, s->loc);
		else if (s->tree->value.kind == VALUE_INT)
			yaml_put(yaml_sub(task, STR("iteratorPolicy")),
				 STR("parallelismLimit"),
				 yaml_int(k->a, s->tree->value.i));
	}
}
