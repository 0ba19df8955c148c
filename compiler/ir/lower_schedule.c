/* Schedules, and what components say to Kubernetes: kept for exporters. */
#include <config.h>

#include <string.h>

#include "compiler/ir/lower_int.h"
#include "runtime/value/json.h"

/* Is the parameter of this address given by the config, or by one that it inherits from? */
static bool is_given(const struct module *m, uint32_t config, struct str address)
{
	for (; config != MODULE_NONE; config = m->configs[config].base)
		for (uint32_t i = 0; i < m->configs[config].nentries; i++)
			if (str_eq(m->configs[config].entries[i].address, address))
				return true;
	return false;
}

static void say_missing(struct lower *l, const struct module_schedule *s, struct span at,
			struct str address, const char *why)
{
	struct diag *d =
		diag(l->diags, at, E0704, "schedule '%.*s' gives no value for '%.*s'%s",
		     STR_ARG(s->name), STR_ARG(address), why);

	if (s->config == MODULE_NONE)
		diag_label(d, "it needs a config that sets it: config = NAME");
	else
		diag_label(d, "config '%.*s' has to set it",
			   STR_ARG(l->m->configs[s->config].name));
}

/* Nobody is there to give values when it is due. */
static void check_complete(struct lower *l, const struct module_schedule *s,
			   struct span at)
{
	const struct module_pipeline *p = &l->m->pipelines[s->pipeline];
	struct config_slots slots = {0};
	struct arena scratch = {0};
	struct err err;

	for (uint32_t i = 0; i < p->nparams; i++)
		if (type_holds_artifacts(p->params[i].type) && !p->params[i].fallback)
			say_missing(l, s, at, p->params[i].name,
				    ", which is an artifact: no config can");
	if (!config_slots(l->m, s->pipeline, false, &scratch, &slots, &err))
		for (size_t i = 0; i < slots.n; i++)
			if (!slots.at[i].fallback &&
			    !is_given(l->m, s->config, slots.at[i].address))
				say_missing(l, s, at, slots.at[i].address, "");
	map_release(&slots.by_address);
	arena_release(&scratch);
}

static enum concurrency find_concurrency(const struct node *value)
{
	for (int k = 0; k < CONCURRENCY_N; k++)
		if (value->kind == AST_NAME &&
		    !strcmp(value->name.name->s, concurrency_name((enum concurrency)k)))
			return (enum concurrency)k;
	return CONCURRENCY_ALLOW;
}

void lower_schedule(struct lower *l, struct symbol *sym, struct module_schedule *out)
{
	struct arena *a = &l->m->arena;
	struct span at = sym->span;

	l->file = sym->file;
	*out = (struct module_schedule){
		.name = arena_str(a, sym_str(sym->name)),
		.doc = arena_str(a, sym->decl->schedule.doc),
		.pipeline = symbol_target(sym->target)->index,
		.config = sym->base ? sym->base->index : MODULE_NONE,
		.cron = STR(""),
		.timezone = STR(""),
		.loc = builder_loc(&l->b, sym->span),
	};
	list_each(item, &sym->decl->schedule.items) {
		const struct sym *key = setting_key(item);
		const struct node *value =
			item->kind == AST_BIND ? item->bind.value : NULL;

		if (!key || !value)
			continue;
		if (!strcmp(key->s, "cron"))
			out->cron = arena_str(a, str_trim(value->string.value));
		else if (!strcmp(key->s, "timezone"))
			out->timezone = arena_str(a, value->string.value);
		else if (!strcmp(key->s, "concurrency"))
			out->concurrency = find_concurrency(value);
		else if (!strcmp(key->s, "config"))
			at = value->span;
	}
	check_complete(l, out, at);
}

static void put_json(struct lower *l, struct node *n, struct buf *out)
{
	const char *open = n->kind == AST_DICT ? "{" : "[";
	bool is_first = true;
	struct value v;

	if (n->kind != AST_DICT && n->kind != AST_LIST) {
		if (lower_constant(l, n, n->type, &v))
			json_write(v, out);
		return;
	}
	buf_addz(out, open);
	list_each(item, n->kind == AST_DICT ? &n->dict.pairs : &n->list.items) {
		if (!is_first)
			buf_addc(out, ',');
		is_first = false;
		if (item->kind == AST_PAIR) {
			put_json(l, item->pair.key, out);
			buf_addc(out, ':');
		}
		put_json(l, item->kind == AST_PAIR ? item->pair.value : item, out);
	}
	buf_addc(out, n->kind == AST_DICT ? '}' : ']');
}

struct str lower_kubernetes(struct lower *l, const struct list *items)
{
	struct buf out = {0};
	struct str s = STR("");

	if (l->diags->nerrors)
		return s;
	list_each(item, items) {
		const struct sym *key = setting_key(item);

		if (item->kind != AST_GROUP || !key || strcmp(key->s, "kubernetes") != 0)
			continue;
		list_each(line, &item->group.items) {
			if (line->kind != AST_BIND || !setting_key(line))
				continue;
			buf_addc(&out, out.n ? ',' : '{');
			buf_add_json(&out, sym_str(setting_key(line)));
			buf_addc(&out, ':');
			put_json(l, line->bind.value, &out);
		}
	}
	if (out.n) {
		buf_addc(&out, '}');
		s = arena_str(&l->m->arena, buf_str(&out));
	}
	buf_release(&out);
	return s;
}
