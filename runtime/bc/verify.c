#include <config.h>

#include "runtime/bc/verify.h"

#include <stdlib.h>

#include "runtime/base/limits.h"
#include "runtime/bc/cron.h"
#include "runtime/bc/save.h"
#include "runtime/value/json.h"

/* Adds name to those seen; -1 if it is no name or was there before. */
static int check_name(struct map *seen, struct str name, struct err *err)
{
	static char taken;

	if (!verify_is_name(name))
		return verify_fail(err, "its name is none");
	if (map_set(seen, name, &taken))
		return verify_fail(err, "another one before it has the same name");
	return 0;
}

/* What goes to libc and command lines ends at the first NUL: none may be in it. */
static bool has_nul(struct str s)
{
	return s.n && memchr(s.p, 0, s.n);
}

static int check_members(const struct type *t, struct err *err)
{
	struct map names = {0}, wires = {0};
	static char taken;
	int failed = 0;

	for (uint32_t i = 0; i < t->nmembers && !failed; i++) {
		failed = check_name(&names, t->members[i].name, err);
		if (!failed && map_set(&wires, t->members[i].wire, &taken))
			failed = verify_fail(err, "two members are the same on the wire");
	}
	map_release(&names);
	map_release(&wires);
	return failed;
}

static int check_fields(const struct type *t, struct err *err)
{
	struct map names = {0};
	int failed = 0;

	for (uint32_t i = 0; i < t->nmembers && !failed; i++) {
		failed = check_name(&names, t->fields[i].name, err);
		if (!failed && t->fields[i].type->id >= t->id)
			failed =
				verify_fail(err, "a field is of a type that comes later");
	}
	map_release(&names);
	return failed;
}

static int check_type(const struct type *t, struct err *err)
{
	if (t->elem)
		return 0;
	if (!verify_is_name(t->name))
		return verify_fail(err, "its name is none");
	if (!verify_is_made_of(t->tag, "_"))
		return verify_fail(err, "its format is no word");
	return t->kind == TYPE_ENUM ? check_members(t, err) : check_fields(t, err);
}

/* Values of a type are walked by functions that call themselves once for each level. */
static int check_types(const struct module *m, struct err *err)
{
	for (size_t i = m->types.nbuiltin; i < m->types.all.n; i++) {
		const struct type *t = m->types.all.at[i];

		if (check_type(t, err) < 0)
			return err_wrap(err, "type %zu", i);
		if (t->depth > LIMIT_NESTING)
			return err_setk(err, ERR_INPUT,
					"type %zu has more than %d levels", i,
					LIMIT_NESTING);
	}
	return 0;
}

/* A path that stays below the folder it is taken from. */
static bool path_stays(struct str path)
{
	size_t from = 0, end;

	if (!path.n || has_nul(path))
		return false;
	do {
		end = str_find(path, STR("/"), from);
		if (end == from || str_is(str_sub(path, from, end), "..") ||
		    str_is(str_sub(path, from, end), "."))
			return false;
		from = end + 1;
	} while (end < path.n);
	return true;
}

static int check_file(const struct module_file *f, struct err *err)
{
	struct digest d;

	if (has_nul(f->path) || !f->path.n)
		return verify_fail(err, "its path is none");
	if (!f->travels)
		return f->text.n ? verify_fail(err,
					       "it does not travel and has a text") : 0;
	if (!path_stays(f->path))
		return verify_fail(err, "its path leads out of its folder");
	d = sha256_of(f->text);
	if (strcmp(d.hex, f->digest.hex))
		return verify_fail(err, "its text does not fit its digest");
	return 0;
}

static int check_files(const struct module *m, struct err *err)
{
	if (!m->nfiles)
		return verify_fail(err, "there is no source file");
	for (uint32_t i = 0; i < m->nfiles; i++)
		if (check_file(&m->files[i], err) < 0)
			return verify_wrap(err, "file", m->files[i].path);
	return 0;
}

static int check_travelling(const struct module *m, uint32_t file, struct err *err)
{
	if (file >= m->nfiles || !m->files[file].travels)
		return verify_fail(err, "it names a file that does not travel with it");
	return 0;
}

static int check_var(const struct module_var *v, struct err *err)
{
	if (!v->name.n || has_nul(v->name) || memchr(v->name.p, '=', v->name.n) ||
	    has_nul(v->value) || has_nul(v->secret) || has_nul(v->key))
		return verify_fail(err, "a variable cannot be set");
	return 0;
}

/* Words of a command line that must not be read as options. */
static int check_words(const struct str *s, uint32_t n, const char *what, struct err *err)
{
	for (uint32_t i = 0; i < n; i++)
		if (!s[i].n || has_nul(s[i]) || s[i].p[0] == '-' ||
		    memchr(s[i].p, '\n', s[i].n))
			return err_setk(err, ERR_INPUT, "%s %u is none", what, i);
	return 0;
}

static int check_env(const struct module *m, const struct module_env *e, struct err *err)
{
	if (!e->name.n || !verify_is_made_of(e->name, "_."))
		return verify_fail(err, "its name is none");
	if (has_nul(e->image) || has_nul(e->python))
		return verify_fail(err, "its image or python is none");
	if (check_words(e->packages, e->npackages, "package", err) < 0 ||
	    check_words(e->index_urls, e->nindex_urls, "index", err) < 0)
		return -1;
	for (uint32_t i = 0; i < e->nvars; i++)
		if (check_var(&e->vars[i], err) < 0)
			return -1;
	if (e->requirements != MODULE_NONE &&
	    check_travelling(m, e->requirements, err) < 0)
		return -1;
	return verify_loc(m, e->loc, err);
}

/* The type of what tasks are given and give, which is written out for them. */
static int check_declared(const struct type *t, struct err *err)
{
	if (!t || t->kind == TYPE_ERROR)
		return verify_fail(err, "it has no type");
	return t->parts > LIMIT_TYPE_PARTS ? verify_fail(err, "its type is too large")
					   : 0;
}

static int check_param(const struct verify_scope *all, uint32_t i, struct err *err)
{
	const struct module_param *p = &all->params[i];
	struct verify_scope none = {.m = all->m, .in_def = all->in_def,
				    .ndefs = all->ndefs};
	struct verify_scope sc = *all;

	sc.nparams = i + 1;
	if (check_declared(p->type, err) < 0)
		return -1;
	if (p->fallback && verify_site(&none, p->fallback, p->type, err) < 0)
		return err_wrap(err, "its default");
	if (p->where && verify_site(&sc, p->where, all->m->types.boolean, err) < 0)
		return err_wrap(err, "its constraint");
	return verify_loc(all->m, p->loc, err);
}

static int check_output(const struct verify_scope *all, uint32_t i, struct err *err)
{
	const struct module_output *o = &all->outputs[i];
	struct verify_scope sc = *all, value = *all;

	sc.noutputs = i + 1;
	sc.pipeline = NULL;
	value.noutputs = 0;
	value.run = true;
	if (check_declared(o->type, err) < 0)
		return -1;
	if (o->where && verify_site(&sc, o->where, all->m->types.boolean, err) < 0)
		return err_wrap(err, "its constraint");
	if (!all->pipeline)
		return o->value ? verify_fail(err, "an output of a component has a value")
				: verify_loc(all->m, o->loc, err);
	if (verify_site(&value, o->value, o->type, err) < 0)
		return err_wrap(err, "its value");
	return verify_loc(all->m, o->loc, err);
}

/* Parameters and outputs, whose names become variables and files side by side. */
static int check_signature(const struct verify_scope *all, struct err *err)
{
	struct map seen = {0}, *outputs = &seen, apart = {0};
	int failed = 0;

	/* A pipeline may return what it was given by the same name. */
	if (all->pipeline)
		outputs = &apart;
	for (uint32_t i = 0; i < all->nparams && !failed; i++) {
		failed = check_name(&seen, all->params[i].name, err);
		if (!failed)
			failed = check_param(all, i, err);
		if (failed)
			verify_wrap(err, "parameter", all->params[i].name);
	}
	for (uint32_t i = 0; i < all->noutputs && !failed; i++) {
		failed = check_name(outputs, all->outputs[i].name, err);
		if (!failed)
			failed = check_output(all, i, err);
		if (failed)
			verify_wrap(err, "output", all->outputs[i].name);
	}
	map_release(&seen);
	map_release(&apart);
	return failed;
}

static int check_native(const struct module_component *c, struct err *err)
{
	if (!c->code.n || memchr(c->code.p, '/', c->code.n))
		return verify_fail(err, "its library has no name");
	return 0;
}

/* What decides about the safety of the runtime is there to be read in the module. */
static int check_trusted(const struct module_component *c, struct err *err)
{
	for (uint32_t i = 0; i < c->nsettings; i++) {
		const struct module_setting *s = &c->settings[i];

		if (s->id != SETTING_TRUSTED)
			continue;
		if (s->value->tree->kind != EXPR_CONST)
			return verify_fail(err, "'trusted' is not a constant");
		if (s->value->tree->value.b && c->code_kind != CODE_NATIVE)
			return verify_fail(err, "only native code can be trusted");
	}
	return 0;
}

/* Is it all parameters, in order?  Calls leave the arguments where inputs are read. */
static bool body_reads_params(const struct module_def *d)
{
	if (d->body->ninputs != d->nparams)
		return false;
	for (uint32_t i = 0; i < d->nparams; i++)
		if (d->body->inputs[i].kind != INPUT_PARAM ||
		    d->body->inputs[i].index != i)
			return false;
	return true;
}

static bool fields_are_params(const struct module_def *d)
{
	if (d->result->kind != TYPE_STRUCT || d->result->nmembers != d->nparams)
		return false;
	for (uint32_t i = 0; i < d->nparams; i++)
		if (!str_eq(d->result->fields[i].name, d->params[i].name) ||
		    d->result->fields[i].type != d->params[i].type)
			return false;
	return true;
}

static int check_def(const struct module *m, uint32_t i, struct err *err)
{
	const struct module_def *d = &m->defs[i];
	struct verify_scope sc = {
		.m = m, .params = d->params, .nparams = d->nparams, .in_def = true,
		.ndefs = i,
	};

	if (!verify_is_name(d->name) || d->nparams > DEF_PARAMS_MAX)
		return verify_fail(err,
				   "its name is none, or it has too many parameters");
	if (check_signature(&sc, err) < 0 || verify_loc(m, d->loc, err) < 0)
		return -1;
	if (verify_site(&sc, d->body, d->result, err) < 0)
		return err_wrap(err, "its body");
	if (!body_reads_params(d))
		return verify_fail(err, "its body does not read its parameters in order");
	if (d->is_struct && !fields_are_params(d))
		return verify_fail(err,
				   "its parameters are not the fields of its struct");
	return 0;
}

/* load(): uri, metadata and digest give one artifact. */
static int check_load(const struct module *m, const struct module_component *c,
		      struct err *err)
{
	const struct module_param *p = c->params;

	if (c->nparams != 3 || !str_is(p[0].name, "uri") ||
	    p[0].type != m->types.string || !str_is(p[1].name, "metadata") ||
	    p[1].type != m->types.json || !str_is(p[2].name, "digest") ||
	    type_strip(p[2].type) != m->types.string)
		return verify_fail(err, "its parameters are not those of load()");
	if (c->noutputs != 1 || !type_is_artifact(c->outputs[0].type))
		return verify_fail(err, "load() gives one artifact");
	return 0;
}

/* The words of a container's command: list[str?], over all that the component has. */
static int check_words_of(const struct verify_scope *all, const struct site *s,
			  struct err *err)
{
	struct verify_scope sc = *all;

	if (!s)
		return 0;
	if (s->type->kind != TYPE_LIST || type_strip(s->type->elem)->kind != TYPE_STR)
		return verify_fail(err, "its command is no list of str");
	sc.files = true;
	return verify_site(&sc, s, NULL, err);
}

static int check_container(const struct verify_scope *sc,
			   const struct module_component *c, struct err *err)
{
	const struct str *image =
		c->env < sc->m->nenvs ? &sc->m->envs[c->env].image : NULL;

	if (!image || !image->n || image->p[0] == '-')
		return verify_fail(err, "its container has no image");
	return check_words_of(sc, c->command, err) < 0 ||
	       check_words_of(sc, c->args, err) < 0 ? -1 : 0;
}

static int check_notebook(const struct module *m, const struct module_component *c,
			  struct err *err)
{
	for (uint32_t i = 0; i < c->noutputs; i++)
		if (str_is(c->outputs[i].name, "notebook") &&
		    type_strip(c->outputs[i].type)->kind == TYPE_ARTIFACT)
			return check_travelling(m, c->code_file, err);
	return verify_fail(err, "it does not give the notebook that was executed");
}

static int check_code(const struct module *m, const struct module_component *c,
		      struct err *err)
{
	if (verify_loc(m, c->code_loc, err) < 0)
		return -1;
	if (has_nul(c->code))
		return verify_fail(err, "its code has a byte 0");
	if (c->code_kind == CODE_LOAD)
		return check_load(m, c, err);
	if (c->code_kind == CODE_NOTEBOOK)
		return check_notebook(m, c, err);
	if (c->code_kind != CODE_PYTHON_FILE && c->code_kind != CODE_NATIVE)
		return 0;
	if (!verify_is_name(c->entry))
		return verify_fail(err, "its function has no name");
	return c->code_kind == CODE_NATIVE ? check_native(c, err)
					   : check_travelling(m, c->code_file, err);
}

static int check_kubernetes(const struct module_component *c, struct err *err)
{
	struct arena a = {0};
	struct value v = VALUE_NONE_V;
	bool fits = !c->kubernetes.n ||
		    (!json_parse(&a, c->kubernetes, &v, NULL) && v.kind == VALUE_DICT);

	arena_release(&a);
	return fits ? 0
		    : verify_fail(err, "what it says to Kubernetes is no JSON object");
}

static int check_component(const struct module *m, const struct module_component *c,
			   struct err *err)
{
	struct verify_scope sc = {
		.m = m, .params = c->params, .nparams = c->nparams,
		.outputs = c->outputs, .noutputs = c->noutputs,
	};
	struct verify_scope none = {.m = m};

	if (!verify_is_name(c->name))
		return verify_fail(err, "its name is none");
	if (c->env != MODULE_NONE && c->env >= m->nenvs)
		return verify_fail(err, "its environment is not there");
	if (check_signature(&sc, err) < 0 || check_code(m, c, err) < 0 ||
	    verify_settings(&none, c->settings, c->nsettings, 'C', err) < 0 ||
	    check_trusted(c, err) < 0 || check_kubernetes(c, err) < 0 ||
	    (c->code_kind == CODE_CONTAINER && check_container(&sc, c, err) < 0))
		return -1;
	return verify_loc(m, c->loc, err);
}

static int check_pipeline(const struct module *m, const struct module_pipeline *p,
			  struct err *err)
{
	struct verify_scope sc = {
		.m = m, .params = p->params, .nparams = p->nparams, .outputs = p->outputs,
		.noutputs = p->noutputs, .pipeline = p, .nnodes = p->nnodes,
	};
	struct verify_scope config = {
		.m = m, .params = p->params, .nparams = p->nparams, .run = true,
	};

	if (!verify_is_name(p->name))
		return verify_fail(err, "its name is none");
	if (verify_graph(m, p, err) < 0 || check_signature(&sc, err) < 0 ||
	    verify_settings(&config, p->settings, p->nsettings, 'P', err) < 0)
		return -1;
	return verify_loc(m, p->loc, err);
}

/* heights[i]: levels of calls from pipeline i down, 0 while not known; BUSY while its
 * calls are being looked at. */
enum { BUSY = 255 };
_Static_assert((int)LIMIT_CALL_DEPTH < (int)BUSY, "heights are bytes");

static int check_calls(const struct module *m, uint32_t i, unsigned depth,
		       uint8_t *heights,
		       struct err *err)
{
	const struct module_pipeline *p = &m->pipelines[i];
	uint8_t height = 1;

	if (heights[i] == BUSY)
		return err_setk(err, ERR_INPUT, "pipeline '%.*s' calls itself",
				STR_ARG(p->name));
	if (heights[i])
		return 0;
	heights[i] = BUSY;
	for (uint32_t k = 0; k < p->nnodes; k++) {
		uint32_t callee = p->nodes[k].target;

		if (p->nodes[k].kind != NODE_CALL)
			continue;
		if (depth >= LIMIT_CALL_DEPTH ||
		    check_calls(m, callee, depth + 1, heights, err) < 0)
			return depth < LIMIT_CALL_DEPTH
				       ? -1
				       : verify_fail(err,
						     "pipelines call each other in more "
							  "levels than are allowed");
		if (heights[callee] >= height)
			height = (uint8_t)(heights[callee] + 1);
	}
	heights[i] = height;
	if (height <= LIMIT_CALL_DEPTH)
		return 0;
	return verify_fail(err,
			   "pipelines call each other in more levels than are allowed");
}

static int check_all_calls(const struct module *m, struct err *err)
{
	uint8_t *heights = calloc(m->npipelines ? m->npipelines : 1, 1);
	int failed = 0;

	if (!heights)
		err_nomem();
	for (uint32_t i = 0; i < m->npipelines && !failed; i++)
		failed = check_calls(m, i, 1, heights, err);
	free(heights);
	return failed;
}

static int check_entries(const struct module *m, const struct module_config *c,
			 struct map *seen, struct err *err)
{
	static char taken;

	for (uint32_t i = 0; i < c->nentries; i++) {
		const struct module_config_entry *e = &c->entries[i];

		if (!e->address.n || !verify_is_made_of(e->address, "_#.") ||
		    map_set(seen, e->address, &taken))
			return err_setk(err, ERR_INPUT,
					"address %u is none, or there twice", i);
		if (!value_has_type(e->value, e->type))
			return err_setk(err, ERR_INPUT,
					"'%.*s' has a value of another type",
					STR_ARG(e->address));
		if (verify_loc(m, e->loc, err) < 0)
			return -1;
	}
	return 0;
}

static int check_config(const struct module *m, uint32_t i, struct err *err)
{
	const struct module_config *c = &m->configs[i];
	struct map seen = {0};
	int failed;

	if (!verify_is_name(c->name))
		return verify_fail(err, "its name is none");
	if (c->pipeline >= m->npipelines)
		return verify_fail(err, "its pipeline is not there");
	if (c->base != MODULE_NONE &&
	    (c->base >= i || m->configs[c->base].pipeline != c->pipeline))
		return verify_fail(err,
				   "what it inherits from is no earlier config of its "
					"pipeline");
	failed = check_entries(m, c, &seen, err);
	map_release(&seen);
	return failed ? -1 : verify_loc(m, c->loc, err);
}

static int check_schedule(const struct module *m, const struct module_schedule *s,
			  struct err *err)
{
	struct cron_fault fault;
	struct cron cron;

	if (!verify_is_name(s->name))
		return verify_fail(err, "its name is none");
	if (s->pipeline >= m->npipelines)
		return verify_fail(err, "its pipeline is not there");
	if (s->config != MODULE_NONE &&
	    (s->config >= m->nconfigs || m->configs[s->config].pipeline != s->pipeline))
		return verify_fail(err, "its config is none of its pipeline");
	if (has_nul(s->cron) || cron_parse(s->cron, &cron, &fault))
		return verify_fail(err, "its times are not right");
	if (!verify_is_made_of(s->timezone, "_+-/"))
		return verify_fail(err, "its time zone is none");
	return verify_loc(m, s->loc, err);
}

static int check_module_name(const struct module *m, struct err *err)
{
	if (has_nul(m->name) || (m->name.n && memchr(m->name.p, '/', m->name.n)))
		return verify_fail(err, "the module's name is none");
	return 0;
}

int module_verify(const struct module *m, struct err *err)
{
	if (check_module_name(m, err) < 0 || check_types(m, err) < 0 ||
	    check_files(m, err) < 0)
		return -1;
	for (uint32_t i = 0; i < m->ndefs; i++)
		if (check_def(m, i, err) < 0)
			return verify_wrap(err, "function", m->defs[i].name);
	for (uint32_t i = 0; i < m->nenvs; i++)
		if (check_env(m, &m->envs[i], err) < 0)
			return verify_wrap(err, "environment", m->envs[i].name);
	for (uint32_t i = 0; i < m->ncomponents; i++)
		if (check_component(m, &m->components[i], err) < 0)
			return verify_wrap(err, "component", m->components[i].name);
	for (uint32_t i = 0; i < m->npipelines; i++)
		if (check_pipeline(m, &m->pipelines[i], err) < 0)
			return verify_wrap(err, "pipeline", m->pipelines[i].name);
	if (check_all_calls(m, err) < 0)
		return -1;
	for (uint32_t i = 0; i < m->nconfigs; i++)
		if (check_config(m, i, err) < 0)
			return verify_wrap(err, "config", m->configs[i].name);
	for (uint32_t i = 0; i < m->nschedules; i++)
		if (check_schedule(m, &m->schedules[i], err) < 0)
			return verify_wrap(err, "schedule", m->schedules[i].name);
	return 0;
}
