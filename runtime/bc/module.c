#include <config.h>

#include "runtime/bc/module.h"

#include <stdlib.h>

struct module *module_new(void)
{
	struct module *m = calloc(1, sizeof *m);

	if (!m)
		err_nomem();
	types_init(&m->types);
	m->name = m->doc = STR("");
	return m;
}

void module_free(struct module *m)
{
	if (!m)
		return;
	types_release(&m->types);
	arena_release(&m->arena);
	free(m);
}

const char *expr_kind_name(enum expr_kind k)
{
	static const char *const names[] = {
#define EXPR(ID, name, doc) name,
#include "runtime/bc/expr.def"
#undef EXPR
	};

	return names[k];
}

const char *node_kind_name(enum node_kind k)
{
	static const char *const names[] = {
#define NODE(ID, name, doc) name,
#include "runtime/bc/node.def"
#undef NODE
	};

	return names[k];
}

const char *block_kind_name(enum block_kind k)
{
	static const char *const names[] = {
		[BLOCK_BODY] = "body",
		[BLOCK_THEN] = "then",
		[BLOCK_ELSE] = "else",
		[BLOCK_LOOP] = "loop",
		[BLOCK_TRY] = "try",
		[BLOCK_EXCEPT] = "except",
		[BLOCK_FINALLY] = "finally",
	};

	return names[k];
}

uint32_t node_block(const struct module_node *n, enum block_kind k)
{
	switch (k) {
	case BLOCK_THEN:
		return n->kind == NODE_BRANCH ? n->then_block : MODULE_NONE;
	case BLOCK_ELSE:
		return n->kind == NODE_BRANCH ? n->else_block : MODULE_NONE;
	case BLOCK_LOOP:
		return n->kind == NODE_LOOP ? n->then_block : MODULE_NONE;
	case BLOCK_TRY:
		return n->kind == NODE_TRY ? n->then_block : MODULE_NONE;
	case BLOCK_EXCEPT:
		return n->kind == NODE_TRY ? n->else_block : MODULE_NONE;
	case BLOCK_FINALLY:
		return n->kind == NODE_TRY ? n->final_block : MODULE_NONE;
	case BLOCK_BODY:
	case BLOCK_NKINDS:
		break;
	}
	return MODULE_NONE;
}

static const struct {
	const char *name, *type, *places;
	size_t length;		/* of the name: most lookups end at it */
} settings[] = {
#define SETTING(ID, name, type, places, doc) {name, type, places, sizeof(name) - 1},
#include "runtime/bc/setting.def"
#undef SETTING
};

const char *setting_name(enum setting s)
{
	return settings[s].name;
}

const char *concurrency_name(enum concurrency c)
{
	static const char *const names[] = {"allow", "forbid", "replace"};

	return names[c];
}

enum setting setting_find(struct str name)
{
	for (unsigned i = 0; i < SETTING_N; i++)
		if (name.n == settings[i].length &&
		    !memcmp(name.p, settings[i].name, name.n))
			return (enum setting)i;
	return SETTING_N;
}

bool setting_allowed(enum setting s, char place)
{
	return strchr(settings[s].places, place) != NULL;
}

static bool is_variable_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c != '_' && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(i && c >= '0' && c <= '9'))
			return false;
	}
	return s.n > 0;
}

static const char *env_breaks(struct value v)
{
	for (size_t i = 0; v.kind == VALUE_DICT && i < v.dict->n; i++) {
		if (!is_variable_name(v.dict->at[i].key))
			return "has a name that no environment variable can have: "
			       "letters, "
			       "digits and '_', no digit first";
		if (v.dict->at[i].value.kind == VALUE_STR &&
		    memchr(v.dict->at[i].value.s->p, 0, v.dict->at[i].value.s->n))
			return "has a value with a zero byte";
	}
	return NULL;
}

static const char *labels_break(struct value v)
{
	for (size_t i = 0; v.kind == VALUE_DICT && i < v.dict->n; i++)
		if (!v.dict->at[i].key.n)
			return "has a label without a name";
	return NULL;
}

const char *const *setting_words(enum setting s)
{
	static const char *const on_failure[] = {"stop", "keep_going", NULL};

	return s == SETTING_ON_FAILURE ? on_failure : NULL;
}

static const char *word_breaks(struct value v)
{
	bool fits = v.kind != VALUE_STR || str_is(*v.s, "stop") ||
		    str_is(*v.s, "keep_going");

	return fits ? NULL : "is 'stop' or 'keep_going'";
}

const char *setting_breaks(enum setting s, struct value v)
{
	double n = v.kind == VALUE_INT ? (double)v.i : v.kind == VALUE_FLOAT ? v.f : 1;

	switch (s) {
	case SETTING_RETRIES:
	case SETTING_BACKOFF:
	case SETTING_GPU:
	case SETTING_TTL:
		return n >= 0 ? NULL : "cannot be negative";
	case SETTING_PARALLELISM:
		return n >= 1 ? NULL : "must be at least 1";
	case SETTING_TIMEOUT:
	case SETTING_CPU:
	case SETTING_CPU_LIMIT:
	case SETTING_MEMORY:
	case SETTING_MEMORY_LIMIT:
		return n > 0 ? NULL : "must be more than zero";
	case SETTING_ENV:
		return env_breaks(v);
	case SETTING_LABELS:
		return labels_break(v);
	case SETTING_ON_FAILURE:
		return word_breaks(v);
	default:
		return NULL;
	}
}

const struct type *setting_type(enum setting s, struct types *t)
{
	struct str name = str_of(settings[s].type);

	if (str_is(name, "list_str"))
		return type_list(t, t->string);
	if (str_is(name, "dict_str"))
		return type_dict(t, t->string);
	return type_builtin(t, name);	/* NULL for "tasks" */
}

bool setting_accepts(enum setting s, const struct module *m, const struct type *t)
{
	struct str name = str_of(settings[s].type);
	const struct type *plain = type_builtin(&m->types, name);

	if (plain)
		return type_assignable(t, plain);
	return t->kind == (str_is(name, "list_str") ? TYPE_LIST : TYPE_DICT) &&
	       type_assignable(t->elem, m->types.string) && !str_is(name, "tasks");
}

uint32_t node_noutputs(const struct module *m, const struct module_node *n)
{
	switch (n->kind) {
	case NODE_TASK:
		return m->components[n->target].noutputs;
	case NODE_CALL:
		return m->pipelines[n->target].noutputs;
	case NODE_EXPR:
		return 1;
	case NODE_MERGE:
	case NODE_LOOP:
		return n->nouts;
	case NODE_BRANCH:
	case NODE_TRY:
	case NODE_ASSERT:
	case NODE_NKINDS:
		break;
	}
	return 0;
}

static const struct module_output *declared_output(const struct module *m,
						   const struct module_node *n,
						   uint32_t output)
{
	if (n->kind == NODE_TASK)
		return &m->components[n->target].outputs[output];
	return n->kind == NODE_CALL ? &m->pipelines[n->target].outputs[output] : NULL;
}

static bool has_outs(const struct module_node *n)
{
	return n->kind == NODE_MERGE || n->kind == NODE_LOOP;
}

struct str node_output_name(const struct module *m, const struct module_node *n,
			    uint32_t output)
{
	const struct module_output *o = declared_output(m, n, output);

	if (o)
		return o->name;
	return has_outs(n) ? n->outs[output].name : STR("");
}

const struct type *node_output_type(const struct module *m, const struct module_node *n,
				    uint32_t output)
{
	const struct module_output *o = declared_output(m, n, output);

	if (o)
		return o->type;
	return has_outs(n) ? n->outs[output].type : n->type;
}

uint32_t module_find_pipeline(const struct module *m, struct str name)
{
	uint32_t found = MODULE_NONE;

	for (uint32_t i = 0; i < m->npipelines; i++) {
		if (!str_eq(m->pipelines[i].name, name))
			continue;
		if (m->pipelines[i].in_root)
			return i;
		if (found == MODULE_NONE)
			found = i;
	}
	return found;
}

uint32_t module_find_config(const struct module *m, struct str name, uint32_t pipeline)
{
	for (uint32_t i = 0; i < m->nconfigs; i++)
		if (m->configs[i].pipeline == pipeline &&
		    str_eq(m->configs[i].name, name))
			return i;
	return MODULE_NONE;
}

struct str module_loc(const struct module *m, struct loc loc, struct arena *a)
{
	if (!loc.line || loc.file >= m->nfiles)
		return STR("");
	return arena_printf(a, "%.*s:%u:%u", STR_ARG(m->files[loc.file].path), loc.line,
			    loc.col);
}

bool component_is_trusted(const struct module_component *c)
{
	for (uint32_t i = 0; i < c->nsettings; i++)
		if (c->settings[i].id == SETTING_TRUSTED)
			return c->code_kind == CODE_NATIVE &&
			       c->settings[i].value->tree->value.b;
	return false;
}
