#include <config.h>

#include <string.h>

#include "compiler/ir/lower_int.h"
#include "runtime/base/io.h"

static struct str keep(struct lower *l, struct str s)
{
	return arena_str(&l->m->arena, s);
}

/* `x == None or cond`, where x may be None. */
static struct expr *unless_none(struct lower *l, struct expr *x, struct expr *cond,
				struct span at)
{
	struct expr *none;

	if (x->type->kind != TYPE_OPT)
		return cond;
	none = builder_const(&l->b, VALUE_NONE_V, l->s->types->none, at);
	none = builder_binary(&l->b, OP_EQ, x, none, l->s->types->boolean, at);
	return builder_or(&l->b, none, cond, at);
}

/* all([cond for value in subject]), of a list or of the values of a dict. */
static struct expr *lower_elements(struct lower *l, const struct symbol *type,
				   struct expr *subject)
{
	const struct type *held = type_strip(subject->type)->elem;
	struct types *t = l->s->types;
	struct builder *b = &l->b;
	uint32_t local = builder_new_local(b);
	struct str name = STR("value");
	struct expr *x = builder_local(b, local, name, held, type->span);
	struct expr *cond = lower_constraint(l, type->elements, x), *all;
	struct comp_targets over = {
		.first = local, .n = 1, .names = &name, .lists = &all};

	if (!cond)
		return NULL;
	all = arena_dup(&l->m->arena, subject, sizeof *subject);
	all->type = type_strip(subject->type);
	if (all->type->kind == TYPE_DICT)
		all = builder_builtin(b, BUILTIN_VALUES, &all, 1, type_list(t, held),
				      cond->span);
	all = builder_comp(b, unless_none(l, x, cond, cond->span), NULL, &over,
			   type_list(t, t->boolean), cond->span);
	return builder_builtin(b, BUILTIN_ALL, &all, 1, t->boolean, cond->span);
}

/* The `where` of a named type, over what stands in place of its `value`; NULL: none. */
struct expr *lower_constraint(struct lower *l, const struct symbol *type,
			      struct expr *subject)
{
	struct expr *all = NULL, *was = l->subject, *one;

	for (; type; type = type->constraint) {
		struct node *where = type->elements ? NULL : type->decl->typedef_.where;

		if (type->elements) {
			one = lower_elements(l, type, subject);
		} else if (where) {
			l->subject = subject;
			one = lower_expr(l, where);
		} else {
			continue;
		}
		if (one)
			all = all ? builder_and(&l->b, one, all, one->span) : one;
	}
	l->subject = was;
	return all;
}

/* Own and inherited constraints of input `in`; None satisfies every one. */
struct expr *lower_where_expr(struct lower *l, const struct symbol *sym,
			      const struct symbol *constraint, struct node *where,
			      struct input in)
{
	struct span at = where ? where->span : sym ? sym->span : SPAN_NONE;
	const struct type *t = type_read(l->s->types, sym->type);
	struct expr *subject = builder_input(&l->b, in, t, at), *all, *own;

	all = lower_constraint(l, constraint, subject);
	own = where ? lower_condition(l, where) : NULL;
	if (all && own)
		all = builder_and(&l->b, all, own, at);
	else
		all = all ? all : own;
	return all ? unless_none(l, subject, all, at) : NULL;
}

static const struct site *lower_where(struct lower *l, const struct symbol *sym,
				      const struct symbol *constraint, struct node *where,
				      struct input in)
{
	struct expr *all = lower_where_expr(l, sym, constraint, where, in);

	return all ? builder_site(&l->b, all, l->s->types->boolean) : NULL;
}

struct module_param *lower_params(struct lower *l, const struct symbol *owner)
{
	struct module_param *params = ARENA_ARRAY(&l->m->arena, owner->nparams,
						  struct module_param);

	for (uint32_t i = 0; i < owner->nparams; i++) {
		struct symbol *sym = owner->params[i];
		struct node *decl = sym->decl;

		params[i] = (struct module_param){
			.name = keep(l, sym_str(sym->name)),
			.doc = keep(l, decl->param.doc),
			.type = sym->type,
			.fallback = lower_site(l, decl->param.value, sym->type),
			.loc = builder_loc(&l->b, sym->span),
		};
		params[i].where = lower_where(l, sym, sym->constraint, decl->param.where,
					      (struct input){INPUT_PARAM, i, 0});
	}
	return params;
}

struct module_output *lower_outputs(struct lower *l, const struct symbol *owner)
{
	/* Room for one more, of a notebook. */
	struct module_output *outs = ARENA_ARRAY(&l->m->arena, owner->nouts + 1,
						 struct module_output);

	for (uint32_t i = 0; i < owner->nouts; i++) {
		const struct symbol_out *o = &owner->outs[i];
		const struct symbol sym = {.type = o->type, .span = o->decl->span};

		outs[i] = (struct module_output){
			.name = keep(l, sym_str(o->name)),
			.doc = keep(l, o->decl->output.doc),
			.type = o->type,
			.loc = builder_loc(&l->b, o->decl->span),
			.where = lower_where(l, &sym, o->constraint,
					     o->decl->output.where,
					     (struct input){INPUT_OUTPUT, i, 0}),
		};
	}
	return outs;
}

/* Where a file lies in the module: as written, or by its name alone where that leads
 * out of the program's folder. */
static struct str travelling_name(struct str path)
{
	bool leaves = path.n && path.p[0] == '/';
	size_t lo = 0;

	for (size_t i = 0; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/')
			continue;
		leaves = leaves || str_is(str_sub(path, lo, i), "..") ||
			 str_is(str_sub(path, lo, i), ".") || i == lo;
		lo = i + 1;
	}
	return leaves ? io_basename(path) : path;
}

uint32_t lower_travelling(struct lower *l, struct node *where, struct str path)
{
	struct place_of_file p = sema_place(l->s, l->file, path, where->span.lo);
	struct str key = sema_key(l->s, &p);
	uintptr_t known = (uintptr_t)map_get(&l->files_by_path, key);
	struct str name = travelling_name(p.name.n ? p.name : path);
	struct module_file f = {.path = keep(l, name), .travels = true};
	struct buf text = {0};
	struct err err = {0};

	if (known)
		return (uint32_t)known - 1;
	if (sema_read(l->s, &p, &text, &err))
		diag(l->diags, where->span, E0601, "%s", err.text);
	else
		f.text = keep(l, buf_str(&text));
	f.digest = sha256_of(f.text);
	buf_release(&text);
	vec_push(&l->files, f);
	map_set(&l->files_by_path, key, (void *)(uintptr_t)l->files.n);
	return (uint32_t)l->files.n - 1;
}

/* The place of the first character of the contents. */
static void lower_block(struct lower *l, const struct node *code,
			struct module_component *out)
{
	bool is_shell = !strcmp(code->code.language->s, "shell");

	out->code_kind = is_shell ? CODE_SHELL : CODE_PYTHON;
	out->code = keep(l, code->code.text);
	out->code_loc = builder_loc(&l->b, code->code.text_at);
}

static void lower_python_file(struct lower *l, struct node *value,
			      struct module_component *out)
{
	struct str text = value->string.value;
	size_t colon = text.n;

	while (colon && text.p[colon - 1] != ':')
		colon--;
	if (!colon)
		return;		/* said by the checker */
	out->code_kind = CODE_PYTHON_FILE;
	out->entry = keep(l, str_sub(text, colon, text.n));
	out->code_file = lower_travelling(l, value, str_sub(text, 0, colon - 1));
	out->code_loc = builder_loc(&l->b, value->span);
}

static void lower_native(struct lower *l, struct node *value,
			 struct module_component *out)
{
	struct str text = value->string.value;
	size_t colon = str_find(text, STR(":"), 0);

	out->code_kind = CODE_NATIVE;
	out->code = keep(l, str_sub(text, 0, colon));
	out->entry = keep(l, str_sub(text, colon + 1, text.n));
	out->code_loc = builder_loc(&l->b, value->span);
}

static void lower_code(struct lower *l, const struct symbol *sym,
		       struct module_component *out)
{
	list_each(item, &sym->decl->component.items) {
		const struct sym *key = setting_key(item);

		if (item->kind == AST_CODE)
			lower_block(l, item, out);
		else if (item->kind == AST_BIND && key && !strcmp(key->s, "python"))
			lower_python_file(l, item->bind.value, out);
		else if (item->kind == AST_BIND && key && !strcmp(key->s, "native"))
			lower_native(l, item->bind.value, out);
		else if (item->kind == AST_BIND && key && !strcmp(key->s, "notebook"))
			lower_notebook(l, sym, item->bind.value, out);
		else if (item->kind == AST_GROUP && key && !strcmp(key->s, "container"))
			lower_container(l, sym, item, out);
	}
}

void lower_component(struct lower *l, struct symbol *sym, struct module_component *out)
{
	struct node *decl = sym->decl;

	l->file = sym->file;
	*out = (struct module_component){
		.name = keep(l, sym_str(sym->name)),
		.doc = keep(l, decl->component.doc),
		.nparams = sym->nparams,
		.noutputs = sym->nouts,
		.code_file = MODULE_NONE,
		.source = keep(l, src_text(l->s->parse.src, decl->span)),
		.loc = builder_loc(&l->b, sym->span),
	};
	out->params = lower_params(l, sym);
	out->outputs = lower_outputs(l, sym);
	if (sym->is_load) {
		out->code_kind = CODE_LOAD;
		out->code = STR("");
		out->code_loc = out->loc;
	}
	out->settings = lower_settings(l, &decl->component.items, 'C', &out->nsettings);
	out->kubernetes = lower_kubernetes(l, &decl->component.items);
	out->env = lower_environment(l, sym);
	lower_code(l, sym, out);
}
