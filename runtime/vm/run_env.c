#include <config.h>

#include "runtime/value/json.h"
#include "runtime/vm/recall.h"
#include "runtime/vm/runner.h"

void run_env_init(struct runner *r)
{
	r->env = ARENA_ARRAY(r->a, r->m->nenvs + 1, struct run_env);
	for (uint32_t i = 0; i <= r->m->nenvs; i++) {
		r->env[i].r = r;
		r->env[i].env = i < r->m->nenvs ? &r->m->envs[i] : NULL;
	}
}

void run_env_release(struct runner *r)
{
	for (uint32_t i = 0; r->env && i <= r->m->nenvs; i++) {
		envs_forget(r->envs, &r->env[i]);
		vec_release(&r->env[i].waiting);
	}
	r->env = NULL;
}

static bool needs_building(const struct module_env *e)
{
	return e->npackages || e->python.n || e->requirements != MODULE_NONE;
}

struct run_env *run_env_of(const struct runner *r, const struct module_component *c)
{
	/* No interpreter, no packages: a container has its image. */
	if (c->code_kind == CODE_NATIVE || c->code_kind == CODE_LOAD ||
	    c->code_kind == CODE_CONTAINER || run_stub_has(r, c))
		return NULL;
	if (c->env != MODULE_NONE &&
	    (c->code_kind != CODE_SHELL || needs_building(&r->m->envs[c->env])))
		return &r->env[c->env];
	return c->code_kind == CODE_SHELL ? NULL : &r->env[r->m->nenvs];
}

static void on_progress(void *arg, struct str line)
{
	struct run_env *e = arg;

	run_tell_now(e->r, &(struct run_event){
		.kind = RUN_EVENT_ENV,
		.task = e->env ? e->env->name : STR("python"),
		.text = line,
	});
}

static void keep_info(struct run_env *e, const struct env_info *info)
{
	struct arena *a = e->r->a;

	e->info = *info;
	e->info.python = arena_str(a, info->python);
	e->info.version = arena_str(a, info->version);
	e->info.platform = arena_str(a, info->platform);
	e->info.lock = arena_str(a, info->lock);
	e->state = ENV_THERE;
}

static void record(struct run_env *e)
{
	struct buf b = {0};

	json_put_str(&b, "name", e->env ? e->env->name : STR("python"));
	if (e->state == ENV_BROKEN) {
		json_put_str(&b, "error", e->error);
	} else {
		json_put_str(&b, "digest", digest_str(&e->info.digest));
		json_put_str(&b, "lock", digest_str(&e->info.lock_digest));
		json_put_str(&b, "python", e->info.python);
		json_put_str(&b, "version", e->info.version);
		json_put_bool(&b, "cached", e->info.cached);
		json_put_int(&b, "ms", e->info.ms);
	}
	run_record(e->r, EVENT_ENV_READY, buf_str(&b));
	run_tell(e->r, 0, &(struct run_event){
		.kind = RUN_EVENT_ENV,
		.journal_event = EVENT_ENV_READY,
		.record = buf_str(&b),
		.task = e->env ? e->env->name : STR("python"),
		.text = e->error,
		.ms = e->info.ms,
		.attempt = e->info.cached,
	});
	buf_release(&b);
}

static void on_ready(void *arg, const struct env_info *info, struct str error)
{
	struct run_env *e = arg;

	if (info) {
		keep_info(e, info);
	} else {
		e->state = ENV_BROKEN;
		e->error = arena_str(e->r->a, error);
	}
	if (recall_is_new_env(e))
		record(e);
	for (size_t i = 0; i < e->waiting.n; i++)
		sched_ready(&e->r->sched, e->waiting.at[i]);
	vec_release(&e->waiting);
}

void run_env_want(struct run_env *e)
{
	struct env_spec spec = {.name = STR("python"), .python = STR(""),
				.requirements = STR("")};
	struct env_handler h = {on_progress, on_ready, e};

	if (e->state != ENV_UNKNOWN)
		return;
	e->state = ENV_ASKED;
	e->error = STR("");
	if (e->env) {
		spec.name = e->env->name;
		spec.python = e->env->python;
		spec.packages = e->env->packages;
		spec.npackages = e->env->npackages;
		spec.index_urls = e->env->index_urls;
		spec.nindex_urls = e->env->nindex_urls;
		if (e->env->requirements != MODULE_NONE)
			spec.requirements = e->r->m->files[e->env->requirements].text;
	}
	envs_request(e->r->envs, &spec, &h);
}

bool run_is_certain(const struct plan *p, const struct inst *i)
{
	const struct module_node *n = plan_node(p, i);
	const struct scope *s = plan_scope(p, i);

	for (;;) {
		if (n->block)
			return false;
		if (s->parent == MODULE_NONE)
			return true;
		n = &p->m->pipelines[p->scopes.at[s->parent].pipeline].nodes[s->call];
		s = &p->scopes.at[s->parent];
	}
}

void run_env_prefetch(struct runner *r)
{
	for (uint32_t i = 0; i < r->plan.insts.n; i++) {
		const struct inst *inst = plan_inst(&r->plan, i);
		struct run_env *e;

		if (inst->kind != INST_TASK)
			continue;
		e = run_env_of(r, plan_component(&r->plan, inst));
		if (e && e->state == ENV_UNKNOWN && run_is_certain(&r->plan, inst))
			run_env_want(e);
	}
}
