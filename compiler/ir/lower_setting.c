#include <config.h>

#include <string.h>

#include "compiler/ir/lower_int.h"

struct node *setting_value(const struct node *item)
{
	return item->kind == AST_ARG ? item->arg.value : item->bind.value;
}

const struct sym *setting_key(const struct node *item)
{
	if (item->kind == AST_ARG)
		return item->arg.name;
	if (item->kind == AST_BIND && item->bind.target->kind == AST_NAME)
		return item->bind.target->name.name;
	if (item->kind == AST_GROUP && item->group.target->kind == AST_NAME)
		return item->group.target->name.name;
	return NULL;
}

/* `cache = off`: a bare word that is a member of the setting's own type. */
static bool bare_word(struct lower *l, const struct node *value, const struct type *t,
		      struct value *out)
{
	const char *word;

	if (value->kind != AST_NAME || value->ref)
		return false;
	word = value->name.name->s;
	if (t->kind == TYPE_BOOL)
		*out = value_bool(!strcmp(word, "on"));
	else
		*out = value_str(&l->m->arena, str_of(word));
	return true;
}

const struct site *lower_setting(struct lower *l, struct node *value, enum setting id)
{
	const struct type *t = setting_type(id, l->s->types);
	const struct site *s;
	struct value word;

	if (bare_word(l, value, t, &word))
		return builder_site_const(&l->b, word, t, value->span);
	s = lower_site(l, value, t);
	known_check_setting(l, id, s);
	return s;
}

static void collect(struct lower *l, const struct list *items, char place,
		    struct module_setting *out, uint32_t *n)
{
	list_each(item, items) {
		const struct sym *key = setting_key(item);
		enum setting id = key ? setting_find(sym_str(key)) : SETTING_N;

		if (item->kind == AST_GROUP && key && !strcmp(key->s, "resources"))
			collect(l, &item->group.items, 'R', out, n);
		else if (item->kind == AST_GROUP && key && !strcmp(key->s, "settings"))
			collect(l, &item->group.items, place, out, n);
		else if (item->kind != AST_GROUP && id != SETTING_N &&
			 id != SETTING_AFTER &&
			 setting_allowed(id, place))
			out[(*n)++] = (struct module_setting){
				.id = id,
				.value = lower_setting(l, setting_value(item), id),
			};
	}
}

/* Statements of a pipeline may bind any name: only its groups hold settings. */
static void pipeline_settings(struct lower *l, const struct list *items,
			      struct module_setting *out, uint32_t *n)
{
	list_each(item, items) {
		if (item->kind == AST_GROUP)
			collect(l, &item->group.items, 'P', out, n);
	}
}

const struct module_setting *lower_settings(struct lower *l, const struct list *items,
					    char place,
					    uint32_t *n)
{
	struct module_setting out[SETTING_N];

	*n = 0;
	if (items && place == 'P')
		pipeline_settings(l, items, out, n);
	else if (items)
		collect(l, items, place, out, n);
	return arena_dup(&l->m->arena, out, *n * sizeof *out);
}

/* Strings of a constant list. */
static const struct str *strings(struct lower *l, struct node *value, uint32_t *n)
{
	const struct type *t = type_list(l->s->types, l->s->types->string);
	struct value v;
	struct str *out;

	*n = 0;
	if (!lower_constant(l, value, t, &v))
		return NULL;
	out = ARENA_ARRAY(&l->m->arena, v.list->n, struct str);
	for (size_t i = 0; i < v.list->n; i++)
		out[i] = *v.list->at[i].s;
	*n = (uint32_t)v.list->n;
	return out;
}

static struct str string(struct lower *l, struct node *value)
{
	struct value v;

	return lower_constant(l, value, l->s->types->string, &v) ? *v.s : STR("");
}

static struct module_var variable(struct lower *l, struct str name, struct node *value)
{
	struct module_var v = {.name = arena_str(&l->m->arena, name)};
	struct node *arg;

	if (value->kind != AST_CALL) {
		v.value = string(l, value);
		return v;
	}
	arg = value->call.args.first;	/* secret("name", "key") */
	v.secret = string(l, arg->arg.value);
	v.key = string(l, arg->next->arg.value);
	return v;
}

static void variables(struct lower *l, const struct node *item, struct module_env *e)
{
	const struct node *dict = item->kind == AST_GROUP ? NULL : setting_value(item);
	const struct list *list = dict ? &dict->dict.pairs : &item->group.items;
	struct module_var *vars = ARENA_ARRAY(&l->m->arena, list->n, struct module_var);

	list_each(it, list)
		vars[e->nvars++] =
			dict ? variable(l, string(l, it->pair.key), it->pair.value)
			     : variable(l, sym_str(setting_key(it)),
					it->bind.value);
	e->vars = vars;
}

static void env_item(struct lower *l, struct node *item, struct module_env *e)
{
	const struct sym *key = setting_key(item);
	struct node *value = item->kind == AST_BIND ? item->bind.value : NULL;

	if (!key)
		return;
	if (!strcmp(key->s, "env"))
		variables(l, item, e);
	else if (!strcmp(key->s, "image"))
		e->image = string(l, value);
	else if (!strcmp(key->s, "python"))
		e->python = string(l, value);
	else if (!strcmp(key->s, "packages"))
		e->packages = strings(l, value, &e->npackages);
	else if (!strcmp(key->s, "pip_index_urls"))
		e->index_urls = strings(l, value, &e->nindex_urls);
	else if (!strcmp(key->s, "requirements"))
		e->requirements = lower_travelling(l, value, string(l, value));
}

static uint32_t add_env(struct lower *l, struct str name, const struct list *items,
			struct span at)
{
	struct module_env e = {
		.name = arena_str(&l->m->arena, name),
		.requirements = MODULE_NONE,
		.loc = builder_loc(&l->b, at),
	};

	list_each(item, items)
		env_item(l, item, &e);
	vec_push(&l->envs, e);
	return (uint32_t)l->envs.n - 1;
}

/* A declared environment is lowered where the first component uses it. */
static uint32_t declared_env(struct lower *l, struct symbol *env)
{
	struct sema_file *file = l->file;

	if (env->index == MODULE_NONE) {
		l->file = env->file;
		env->index = add_env(l, sym_str(env->name), &env->decl->environment.items,
				     env->span);
		l->file = file;
	}
	return env->index;
}

uint32_t lower_environment(struct lower *l, const struct symbol *component)
{
	if (component->target)
		return declared_env(l, symbol_target(component->target));
	list_each(item, &component->decl->component.items) {
		const struct sym *key = setting_key(item);

		if (item->kind == AST_GROUP && key && !strcmp(key->s, "environment"))
			return add_env(l,
				       arena_printf(&l->m->arena, "%s.environment",
						    component->name->s),
				       &item->group.items, item->span);
	}
	return MODULE_NONE;
}
