#include <config.h>

#include "compiler/sema/pycheck_job.h"

#include "runtime/base/io.h"
#include "runtime/value/json.h"

static void add_text(struct buf *out, const char *key, struct str text)
{
	buf_addf(out, "\"%s\": ", key);
	buf_add_json(out, text);
	buf_addz(out, ", ");
}

static const char *port_kind(const struct type *t)
{
	if (type_holds_artifacts(t))
		return "artifact";
	return type_strip(t)->kind == TYPE_SERIES ? "series" : "value";
}

/* What may only be None says nothing about a hint. */
static const char *hint_kind(const struct type *t)
{
	return t->kind == TYPE_NONE ? "json" : type_python_kind(t);
}

/* [kind, name, of]: as deep as types may nest, LIMIT_NESTING. */
static void add_type(struct buf *out, const struct type *t)
{
	struct buf name = {0};

	type_print(t, &name);
	buf_addf(out, "[\"%s\", ", hint_kind(t));
	buf_add_json(out, buf_str(&name));
	buf_release(&name);
	if (t->elem) {
		buf_addz(out, ", ");
		add_type(out, t->elem);
	}
	for (uint32_t i = 0; t->kind == TYPE_ENUM && i < t->nmembers; i++) {
		buf_addz(out, i ? ", " : ", [");
		buf_add_json(out, t->members[i].wire);
	}
	buf_addz(out, t->kind == TYPE_ENUM && t->nmembers ? "]]" : "]");
}

static void add_port(struct buf *out, struct str name, const struct type *t)
{
	buf_addc(out, '{');
	add_text(out, "name", name);
	add_text(out, "kind", str_of(port_kind(t)));
	buf_addf(out,
		 "\"optional\": %s, \"type\": ", t->kind == TYPE_OPT ? "true" : "false");
	add_type(out, t);
	buf_addc(out, '}');
}

static void add_ports(struct buf *out, const struct module_component *c)
{
	buf_addz(out, "\"inputs\": [");
	for (uint32_t i = 0; i < c->nparams; i++) {
		buf_addz(out, i ? ", " : "");
		add_port(out, c->params[i].name, c->params[i].type);
	}
	buf_addz(out, "], \"outputs\": [");
	for (uint32_t i = 0; i < c->noutputs; i++) {
		buf_addz(out, i ? ", " : "");
		add_port(out, c->outputs[i].name, c->outputs[i].type);
	}
	buf_addz(out, "], ");
}

/* Adds the names of the parameters that a site reads, but for number `own`. */
static void add_used(struct buf *out, const struct module_component *c,
		     const struct site *s, uint32_t own)
{
	for (uint32_t i = 0; s && i < s->ninputs; i++) {
		struct input in = s->inputs[i];

		if (in.kind != INPUT_PARAM || in.index == own || in.index >= c->nparams)
			continue;
		buf_addz(out, out->p[out->n - 1] == '[' ? "" : ", ");
		buf_add_json(out, c->params[in.index].name);
	}
}

static void add_all_used(struct buf *out, const struct module_component *c)
{
	buf_addz(out, "\"used\": [");
	for (uint32_t i = 0; i < c->nparams; i++)
		add_used(out, c, c->params[i].where, i);
	for (uint32_t i = 0; i < c->noutputs; i++)
		add_used(out, c, c->outputs[i].where, MODULE_NONE);
	for (uint32_t i = 0; i < c->nsettings; i++)
		add_used(out, c, c->settings[i].value, MODULE_NONE);
	buf_addz(out, "], ");
}

static void add_env(struct buf *out, const struct module *m, const struct module_env *env)
{
	add_text(out, "environment", env ? env->name : STR(""));
	add_text(out, "python", env ? env->python : STR(""));
	add_text(out, "requirements", env && env->requirements < m->nfiles
					      ? m->files[env->requirements].text
					      : STR(""));
	buf_addz(out, "\"packages\": [");
	for (uint32_t i = 0; env && i < env->npackages; i++) {
		buf_addz(out, i ? ", " : "");
		buf_add_json(out, env->packages[i]);
	}
	buf_addc(out, ']');
}

/* Is its result kept for later, and is it of the root file, which warnings are about? */
static bool is_cached(const struct module_component *c)
{
	if (c->loc.file)
		return false;
	for (uint32_t i = 0; i < c->nsettings; i++)
		if (c->settings[i].id == SETTING_CACHE && c->settings[i].value->tree &&
		    c->settings[i].value->tree->kind == EXPR_CONST)
			return c->settings[i].value->tree->value.b;
	return true;
}

void pycheck_request(const struct pycheck_job *j, struct buf *out)
{
	const struct module_component *c = j->component;
	bool is_file = !j->code;
	const struct module_file *file = is_file ? &j->m->files[c->code_file] : NULL;

	buf_addc(out, '{');
	add_text(out, "code", is_file ? file->text : c->code);
	add_text(out, "function", is_file ? c->entry : STR(""));
	add_text(out, "shown", is_file ? io_basename(file->path) : STR("contents"));
	add_ports(out, c);
	add_all_used(out, c);
	buf_addf(out, "\"cached\": %s, ", is_cached(c) ? "true" : "false");
	add_env(out, j->m, c->env < j->m->nenvs ? &j->m->envs[c->env] : NULL);
	buf_addc(out, '}');
}
