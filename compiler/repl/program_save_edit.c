/* What changes within the text of an entry: paths to files, and arguments that the config
 * of the session has set. */
#include <config.h>

#include "compiler/repl/program_save.h"

#include <stdlib.h>

#include "runtime/base/io.h"

static void add_edit(struct saving *v, struct span at, struct str put)
{
	vec_push(&v->edits, (struct save_edit){at.lo - v->base, at.hi - v->base, put});
}

/* "t.py:train": the path, and what stands behind it. */
static void edit_path(struct saving *v, const struct node *value, bool has_name)
{
	struct arena *a = &v->in->arena;
	struct str text = value->string.value, rest = STR(""), path;
	size_t colon = text.n;
	struct buf b = {0};

	while (has_name && colon && text.p[colon - 1] != ':')
		colon--;
	if (has_name && colon) {
		rest = str_sub(text, colon - 1, text.n);
		text = str_sub(text, 0, colon - 1);
	}
	path = save_path(v, v->item->of->dir, text);
	if (!path.n)
		return;
	buf_add_json(&b, arena_printf(a, "%.*s%.*s", STR_ARG(path), STR_ARG(rest)));
	add_edit(v, value->span, arena_str(a, buf_str(&b)));
	buf_release(&b);
}

static bool find_paths(void *ctx, const struct node *n)
{
	struct saving *v = ctx;
	const struct node *target = n->kind == AST_BIND ? n->bind.target : NULL;
	const struct node *value = target ? n->bind.value : NULL;
	struct str name;

	if (!value || target->kind != AST_NAME || value->kind != AST_STRING)
		return true;
	name = sym_str(target->name.name);
	if (str_is(name, "requirements") || str_is(name, "notebook"))
		edit_path(v, value, false);
	else if (str_is(name, "python") &&
		 str_find(value->string.value, STR(".py"), 0) < value->string.value.n)
		edit_path(v, value, true);
	else if (str_is(name, "native") && memchr(value->string.value.p, '/',
						  value->string.value.n))
		edit_path(v, value, true);
	return false;
}

static struct str last_name(const struct node *callee)
{
	if (callee && callee->kind == AST_FIELD)
		return sym_str(callee->field.name);
	return callee && callee->kind == AST_NAME ? sym_str(callee->name.name) : STR("");
}

static struct str literal_of(struct saving *v, struct str address)
{
	struct buf b = {0};
	struct str out = STR("");

	for (size_t i = 0; i < v->config.n; i++)
		if (str_eq(v->config.at[i].address, address)) {
			value_print_literal(v->config.at[i].value, v->config.at[i].type,
					    &b);
			out = arena_str(&v->in->arena, buf_str(&b));
		}
	buf_release(&b);
	return out;
}

/* Is `address` = "NAME.PARAMETER", a parameter of the callee? */
static bool is_argument(const struct node *call, struct str address, struct str name)
{
	struct symbol *callee = call->ref ? symbol_target(call->ref) : NULL;
	size_t dot = str_find(address, STR("."), 0);
	struct str param = str_sub(address, dot + 1, address.n);

	if (!callee || !str_eq(str_sub(address, 0, dot), name))
		return false;
	for (uint32_t i = 0; i < callee->nparams; i++)
		if (str_eq(sym_str(callee->params[i]->name), param))
			return true;
	return false;
}

/* The values that are set for a call, put behind its last argument. */
static void edit_call(struct saving *v, const struct node *call, struct str name)
{
	const struct session *s = v->in->next;
	struct buf b = {0};
	/* A comma that is behind the last argument already stays behind the new one. */
	uint32_t end = call->call.args.n ? call->call.args.last->span.hi
					 : call->span.hi - 1;

	if (call->kind != AST_CALL || !call->ref)
		return;
	for (size_t i = 0; i < s->config.n; i++) {
		struct str set = s->config.at[i];
		struct str address = str_sub(set, 0, str_find(set, STR("="), 0));
		size_t dot = str_find(address, STR("."), 0);
		struct str value;

		if (!is_argument(call, address, name))
			continue;
		value = literal_of(v, address);
		if (!value.n)
			continue;
		buf_addf(&b, "%s%.*s=%.*s", b.n || call->call.args.n ? ", " : "",
			 STR_ARG(str_sub(address, dot + 1, address.n)), STR_ARG(value));
		map_set(&v->used, arena_printf(&v->in->arena, "config %.*s",
					       STR_ARG(address)),
			v);
	}
	if (b.n)
		add_edit(v, (struct span){end, end},
			 arena_str(&v->in->arena, buf_str(&b)));
	buf_release(&b);
}

static void edit_value(struct saving *v, const struct node *value, struct str name)
{
	if (!value)
		return;
	if (value->kind == AST_COMPREHENSION) {
		edit_value(v, value->comprehension.element, name);
	} else if (value->kind == AST_COND) {
		edit_value(v, value->cond.then, name);
		edit_value(v, value->cond.orelse, name);
	} else if (value->kind == AST_CALL) {
		edit_call(v, value, name.n ? name : last_name(value->call.callee));
	}
}

static bool find_calls(void *ctx, const struct node *n)
{
	struct saving *v = ctx;

	if (n->kind == AST_BIND && n->bind.target && n->bind.target->kind == AST_NAME) {
		edit_value(v, n->bind.value, sym_str(n->bind.target->name.name));
		return false;
	}
	if (n->kind == AST_DO) {
		edit_value(v, n->do_.value, STR(""));
		return false;
	}
	return true;
}

static int by_place(const void *pa, const void *pb)
{
	const struct save_edit *a = pa, *b = pb;

	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

/* The config as the module has it: values of their types. */
static void read_config(struct saving *v)
{
	struct buf errors = {0};
	struct err err;

	if (!v->in->next->config.n || v->config.at)
		return;
	if (program_config(v->in, &v->in->arena, &v->config, &errors, &err))
		v->config = (struct run_config){0};
	buf_release(&errors);
}

void save_edits(struct saving *v, uint32_t entry)
{
	const struct program_entry *e = &v->in->next->e.at[entry];
	const struct node *n = v->in->made->nodes[entry];

	vec_clear(&v->edits);
	v->item = e->item;
	v->base = n->span.lo - e->item->lo;
	read_config(v);
	if (e->kind == PROGRAM_DECLARATION &&
	    (n->kind == AST_COMPONENT || n->kind == AST_ENVIRONMENT))
		ast_each(n, find_paths, v);
	else if (e->kind == PROGRAM_STATEMENT && v->config.n)
		ast_each(n, find_calls, v);
	if (v->edits.n)
		qsort(v->edits.at, v->edits.n, sizeof *v->edits.at, by_place);
}

void save_config(struct saving *v)
{
	const struct session *s = v->in->next;

	for (size_t i = 0; i < s->config.n; i++) {
		struct str set = s->config.at[i];
		struct str address = str_sub(set, 0, str_find(set, STR("="), 0));
		struct str value = literal_of(v, address);

		if (value.n && !map_get(&v->used, arena_printf(&v->in->arena,
							       "config %.*s",
							       STR_ARG(address))))
			buf_addf(&v->block, "    %.*s = %.*s\n", STR_ARG(address),
				 STR_ARG(value));
	}
	if (!v->block.n)
		return;
	v->in->config = STR("saved");
	buf_addf(&v->text, "\nconfig saved for %.*s:\n%.*s", STR_ARG(v->in->saved),
		 STR_ARG(buf_str(&v->block)));
}
