#include <config.h>

#include "runtime/value/json.h"
#include "runtime/vm/runner.h"

static const char SEMANTICS[] = "1";	/* of what a task sees; part of every key */

static void make_code(struct runner *r, const struct module_component *c,
		      struct run_code *out)
{
	struct sha256 *h = sha256_new();
	struct buf b = {0};

	sha256_add(h, (struct str){(const char *)&c->code_kind, sizeof c->code_kind});
	sha256_add(h, c->code_file != MODULE_NONE ? r->m->files[c->code_file].text
						       : c->code);
	sha256_add(h, STR("\n"));
	sha256_add(h, c->entry);
	if (c->code_kind == CODE_NATIVE)
		run_library_hash(r, c, h);
	out->code = sha256_end(h);
	sha256_free(h);
	for (uint32_t i = 0; i < c->noutputs; i++) {
		buf_add(&b, c->outputs[i].name);
		buf_addc(&b, ':');
		type_print(c->outputs[i].type, &b);
		buf_addc(&b, '\n');
	}
	out->outputs = sha256_of(buf_str(&b));
	buf_release(&b);
}

static const struct run_code *find_code(struct runner *r,
					const struct module_component *c)
{
	struct run_code *code = &r->codes[c - r->m->components];

	if (!code->code.hex[0])
		make_code(r, c, code);
	return code;
}

static void add_digest(struct buf *out, const char *kind, struct str name,
		       struct str text)
{
	struct digest d = sha256_of(text);
	struct buf key = {0};

	buf_addf(&key, "%s.%.*s", kind, STR_ARG(name));
	if (out->p[out->n - 1] != '{')
		buf_addc(out, ',');
	buf_add_json(out, buf_str(&key));
	buf_addf(out, ":\"%s\"", d.hex);
	buf_release(&key);
}

static void add_params(const struct sched_task *t, struct buf *out)
{
	struct buf text = {0};

	for (uint32_t i = 0; i < t->component->nparams; i++) {
		const struct module_param *p = &t->component->params[i];

		buf_clear(&text);
		if (t->args[i].kind == VALUE_ARTIFACT)
			buf_add(&text, t->args[i].artifact->digest);
		else
			run_json_value(t->args[i], &text);
		add_digest(out, type_holds_artifacts(p->type) ? "input" : "param",
			   p->name, buf_str(&text));
	}
	buf_release(&text);
}

static void add_vars(struct runner *r, const struct sched_task *t, struct buf *out)
{
	uint32_t env = t->component->env;

	for (uint32_t i = 0; env != MODULE_NONE && i < r->m->envs[env].nvars; i++) {
		const struct module_var *v = &r->m->envs[env].vars[i];

		if (!v->secret.n &&
		    !(t->env.kind == VALUE_DICT && value_get(t->env, v->name)))
			add_digest(out, "var", v->name, v->value);
	}
	for (size_t i = 0; t->env.kind == VALUE_DICT && i < t->env.dict->n; i++)
		if (t->env.dict->at[i].value.kind == VALUE_STR)
			add_digest(out, "var", t->env.dict->at[i].key,
				   *t->env.dict->at[i].value.s);
}

/* What a container runs depends on the values that the task has. */
static struct digest code_digest(struct runner *r, const struct sched_task *t,
				 const struct run_code *code)
{
	struct digest d = code->code;
	struct arena a;
	struct str text;

	if (t->component->code_kind != CODE_CONTAINER)
		return d;
	arena_init(&a);
	if (!run_container_code(r, t, &a, &text, NULL))	/* else the task fails with it */
		d = sha256_of(text);
	arena_release(&a);
	return d;
}

void run_key_write(struct runner *r, const struct sched_task *t, struct buf *out)
{
	const struct run_code *code = find_code(r, t->component);
	const struct run_env *env = run_env_of(r, t->component);
	struct digest digest = code_digest(r, t, code);

	json_put_key(out, "key");
	buf_addc(out, '{');
	json_put_str(out, "code", digest_str(&digest));
	if (env && env->state == ENV_THERE) {
		json_put_str(out, "env", digest_str(&env->info.lock_digest));
		json_put_str(out, "python", env->info.version);
	}
	add_params(t, out);
	add_vars(r, t, out);
	json_put_str(out, "outputs", digest_str(&code->outputs));
	json_put_str(out, "platform", r->platform);
	json_put_str(out, "semantics", str_of(SEMANTICS));
	buf_addc(out, '}');
}
