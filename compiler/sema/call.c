#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"

static struct result error(struct scope *c)
{
	return result_of_type(c->s->types->error);
}

void check_loose(struct scope *c, const struct node *call)
{
	list_each(arg, &call->call.args) {
		if (arg->kind == AST_ARG)
			check_operand(c, arg->arg.value, c->s->types->error, true);
	}
}

void say_unknown_arg(struct scope *c, const struct node *arg, const struct symbol *callee)
{
	struct suggestion best = {.wanted = sym_str(arg->arg.name)};
	struct diag *d = diag(c->s->parse.diags, arg->arg.name_at, E0304,
			      "'%s' has no parameter '%s'", callee->name->s,
			      arg->arg.name->s);

	for (uint32_t i = 0; i < callee->nparams; i++)
		suggest(&best, sym_str(callee->params[i]->name));
	diag_suggest(d, arg->arg.name_at, &best);
	diag_note(d, callee->span, "'%s' is declared here", callee->name->s);
}

static void say_positional(struct scope *c, const struct node *arg,
			   const struct symbol *callee,
			   uint32_t i)
{
	struct diag *d = diag(c->s->parse.diags, arg->span, E0404,
			      "arguments of '%s' are given by name", callee->name->s);
	const char *name = i < callee->nparams ? callee->params[i]->name->s : NULL;

	if (name)
		diag_fix(d, (struct span){arg->span.lo, arg->span.lo},
			 arena_printf(c->s->parse.arena, "%s=", name), "write %s=...",
			 name);
}

/* The number of the parameter; the search goes both ways from behind the last one found,
 * since arguments mostly come in the order of the parameters or against it. */
static uint32_t find_param(const struct symbol *callee, const struct sym *name,
			   uint32_t from)
{
	uint32_t n = callee->nparams;

	for (uint32_t k = 0; k < n; k++) {
		if (k < n - from && callee->params[from + k]->name == name)
			return from + k;
		if (k < from && callee->params[from - 1 - k]->name == name)
			return from - 1 - k;
	}
	return MODULE_NONE;
}

static void check_arg(struct scope *c, struct node *arg, struct symbol *callee,
		      uint32_t i,
		      const struct node **given)
{
	struct symbol *param = callee->params[i];
	const struct type *t = check_argument(c, arg->arg.value, param->type);
	struct diag *d;

	if (given[i]) {
		d = diag(c->s->parse.diags, arg->span, E0403, "'%s' is given twice",
			 param->name->s);
		diag_note(d, given[i]->span, "it is given here already");
		return;
	}
	given[i] = arg;
	arg->ref = param;
	if (type_assignable(t, param->type))
		return;
	check_fits(c, arg->arg.value, t, param->type,
		   arena_printf(c->s->parse.arena, "'%s' of '%s'", param->name->s,
				callee->name->s).p,
		   param->span);
}

/* Values that are not given become part of the config; artifacts cannot. */
static void check_missing(struct scope *c, const struct node *call,
			  const struct symbol *callee,
			  const struct node *const *given)
{
	for (uint32_t i = 0; i < callee->nparams; i++) {
		const struct symbol *param = callee->params[i];
		struct diag *d;

		if (given[i] || !type_holds_artifacts(param->type) ||
		    param->decl->param.value)
			continue;
		d = diag(c->s->parse.diags, call->span, E0402,
			 "'%s' needs its artifact '%s'",
			 callee->name->s, param->name->s);
		diag_note(d, param->span, "'%s' is declared here", param->name->s);
	}
}

static void check_args(struct scope *c, struct node *call, struct symbol *callee)
{
	enum { FEW = 32 };
	const struct node *few[FEW] = {NULL}, **given = few;
	bool complete = true;
	uint32_t at = 0, n = 0;

	if (callee->nparams > FEW)
		given = ARENA_ARRAY(c->s->parse.arena, callee->nparams,
				    const struct node *);
	list_each(arg, &call->call.args) {
		uint32_t i;

		if (arg->kind != AST_ARG) {
			complete = false;
			continue;
		}
		if (!arg->arg.name) {
			say_positional(c, arg, callee, n++);
			check_operand(c, arg->arg.value, c->s->types->error, true);
			complete = false;
			continue;
		}
		i = find_param(callee, arg->arg.name, at);
		if (i == MODULE_NONE) {
			if (!callee->is_broken)
				say_unknown_arg(c, arg, callee);
			check_operand(c, arg->arg.value, c->s->types->error, true);
			complete = false;
			continue;
		}
		check_arg(c, arg, callee, i, given);
		at = i + 1;
		n++;
	}
	if (complete && !callee->is_broken)
		check_missing(c, call, callee, given);
}

/* A call of a component or a pipeline. */
static struct result start_task(struct scope *c, struct node *call, struct symbol *callee,
				bool calls)
{
	call->ref = callee;
	symbol_resolve(c->s, callee);
	if (!calls) {
		struct diag *d = diag(c->s->parse.diags, call->span, E0405,
				      "'%s' is %s and cannot be called in an expression",
				      callee->name->s, symbol_kind_name(callee));

		if (c->place == PLACE_PIPELINE)
			diag_label(d, "bind it to a name first: x = %s(...)",
				   callee->name->s);
		check_loose(c, call);
		return error(c);
	}
	if (c->owner)
		vec_push(&c->owner->calls, callee);
	check_args(c, call, callee);
	c->saw_task = true;
	return (struct result){.kind = RESULT_TASK, .outs = callee->outs,
			       .nouts = callee->nouts,
			       .sym = callee};
}

static struct result say_not_callable(struct scope *c, const struct node *call,
				      const struct symbol *sym)
{
	struct diag *d = diag(c->s->parse.diags, call->call.callee->span, E0401,
			      "'%s' is %s and cannot be called", sym->name->s,
			      symbol_kind_name(sym));

	diag_note(d, sym->span, "'%s' is %s here", sym->name->s,
		  sym->decl && sym->decl->kind == AST_BIND ? "bound" : "declared");
	if (builtin_find(sym_str(sym->name)) != BUILTIN_N)
		diag_note(d, SPAN_NONE, "this hides the built-in function '%s'",
			  sym->name->s);
	else if (map_get(&c->file->names, sym_str(sym->name)) &&
		 map_get(&c->locals, sym_str(sym->name)) == sym)
		diag_note(d, SPAN_NONE, "this hides what the file declares as '%s'",
			  sym->name->s);
	return error(c);
}

static struct result construct(struct scope *c, struct node *call, struct symbol *sym)
{
	if (c->owner)
		vec_push(&c->owner->calls, sym);
	return result_of_type(check_construct(c, call, sym));
}

static struct result call_symbol(struct scope *c, struct node *call, struct symbol *sym,
				 bool calls)
{
	if (sym->kind == SYMBOL_COMPONENT || sym->kind == SYMBOL_PIPELINE)
		return start_task(c, call, sym, calls);
	if (symbol_is_struct(sym))
		return construct(c, call, sym);
	if (sym->kind == SYMBOL_DEF)
		return result_of_type(check_def_call(c, call, sym));
	check_loose(c, call);
	if (sym->kind == SYMBOL_ERROR)
		return error(c);
	return say_not_callable(c, call, sym);
}

/* What Python has and the language has another way for; false: nothing of that kind. */
static bool say_other_way(struct scope *c, const struct node *call)
{
	static const struct { const char *name, *instead; } WAYS[] = {
		{"zip", "it stands in 'for a, b in zip(xs, ys)' only"},
		{"enumerate", "it stands in 'for i, x in enumerate(xs)' only"},
		{"list", "write [x for x in xs]; what is a list already needs nothing"},
		{"dict", "write {\"key\": value}"},
		{"map", "write [f(x) for x in xs]"},
		{"filter", "write [x for x in xs if ...]"},
		{"reversed", "write [xs[-1 - i] for i in range(len(xs))]"},
		{"print", "a component can print; an expression only computes"},
		{"repr", "write str(x)"},
		{"set", "a list and 'in' do what a set is for"},
		{"tuple", "there is no tuple: write a list, or declare a struct"},
		{"isinstance", "types are known before anything runs"},
		{"pow", "write x ** y"},
		{"divmod", "write x // y and x % y"},
	};
	const struct node *callee = call->call.callee;
	struct diag *d;

	for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++) {
		if (strcmp(WAYS[i].name, callee->name.name->s) != 0)
			continue;
		d = diag(c->s->parse.diags, callee->span, i < 2 ? E0405 : E0301,
			 i < 2 ? "'%s' gives no list"
			       : "there is no component or function '%s'",
			 callee->name.name->s);
		diag_label(d, "%s", WAYS[i].instead);
		return true;
	}
	return false;
}

static struct result call_load(struct scope *c, struct node *call, bool calls)
{
	struct symbol *callee = load_component(c, call);

	if (callee)
		return start_task(c, call, callee, calls);
	check_loose(c, call);
	return error(c);
}

static struct result call_name(struct scope *c, struct node *call, bool calls)
{
	struct node *callee = call->call.callee;
	struct symbol *sym = scope_find(c, callee->name.name);
	struct str name = sym_str(callee->name.name);
	enum builtin f;

	if (sym)
		return call_symbol(c, call, sym, calls);
	if (calls_builtin(c, call, "load"))
		return call_load(c, call, calls);
	if (str_is(name, "collect"))
		return check_collect(c, call);
	f = builtin_find(name);
	if (f != BUILTIN_N && !memchr(name.p, '.', name.n))
		return result_of_type(check_builtin(c, call, f, NULL));
	check_loose(c, call);
	if (say_other_way(c, call))
		return error(c);
	if (str_is(name, "secret"))
		diag(c->s->parse.diags, call->span, E0317,
		     "a secret can only stand in the 'env' of an environment");
	else if (type_builtin(c->s->types, name))
		diag(c->s->parse.diags, callee->span, E0401,
		     "'%s' is a type and cannot be called", callee->name.name->s);
	else
		scope_unknown(c, callee, "component or function");
	return error(c);
}

/* What a method would change, and what to write instead. */
static const struct { const char *name, *instead;
} CHANGING[] = {
	{"append", "write xs + [x]"},
	{"extend", "write xs + ys"},
	{"insert", "put lists together with +"},
	{"remove", "write [x for x in xs if x != what]"},
	{"pop", "write [x for x in xs if ...], and xs[-1] for the last"},
	{"clear", "write []"},
	{"sort", "write sorted(xs)"},
	{"reverse",
	 "write sorted(xs, reverse=True), or [xs[-1 - i] for i in range(len(xs))]"},
	{"update", "write a new dict {...}"},
	{"setdefault", "write d.get(key, default)"},
	{"copy", "what does not change needs no copy"},
};

static const char *type_word(const struct type *t)
{
	switch (t->kind) {
	case TYPE_STR:
		return "str";
	case TYPE_LIST:
		return "list";
	case TYPE_DICT:
		return "dict";
	default:
		return NULL;
	}
}

static bool say_changing(struct scope *c, const struct node *callee, const struct type *t)
{
	struct diag *d;

	if (t->kind != TYPE_LIST && t->kind != TYPE_DICT)
		return false;
	for (size_t i = 0; i < sizeof CHANGING / sizeof *CHANGING; i++) {
		if (strcmp(CHANGING[i].name, callee->field.name->s) != 0)
			continue;
		d = diag(c->s->parse.diags, callee->field.name_at, E0304,
			 "values never change, so a %s has no '%s'", type_word(t),
			 callee->field.name->s);
		diag_label(d, "%s", CHANGING[i].instead);
		return true;
	}
	return false;
}

static void say_no_method(struct scope *c, const struct node *callee,
			  const struct type *t)
{
	const char *name = callee->field.name->s, *word = type_word(t);
	struct suggestion best = {.wanted = sym_str(callee->field.name)};
	size_t n = word ? strlen(word) : 0;
	struct diag *d = diag(c->s->parse.diags, callee->field.name_at, E0304,
			      "%s has no method '%s'", type_text(c, t), name);

	if (t->kind == TYPE_DICT && !strcmp(name, "items")) {
		diag_label(d, "it stands in 'for key, value in d.items()' only");
		return;
	}
	if (t->kind == TYPE_STR && !strcmp(name, "format")) {
		diag_label(d, "write f\"...{x}...\"");
		return;
	}
	for (enum builtin b = 0; word && b < BUILTIN_N; b++) {
		const char *other = builtin_name(b);

		if (!strncmp(other, word, n) && other[n] == '.')
			suggest(&best, str_of(other + n + 1));
	}
	diag_suggest(d, callee->field.name_at, &best);
}

/* A method of a value; the type of receiver is known. */
static struct result call_method(struct scope *c, struct node *call, const struct type *t)
{
	struct node *callee = call->call.callee;
	const char *name = callee->field.name->s;
	enum builtin f = BUILTIN_N;

	if (type_word(t))
		f = builtin_find(arena_printf(c->s->parse.arena, "%s.%s", type_word(t),
					      name));
	if (f != BUILTIN_N)
		return result_of_type(check_builtin(c, call, f, callee->field.object));
	check_loose(c, call);
	if (t->kind == TYPE_ERROR)
		return error(c);
	if (t->kind == TYPE_OPT)
		say_optional(c, callee->field.object, true,
			     "this may be None, which has no methods");
	else if (!say_changing(c, callee, t))
		say_no_method(c, callee, t);
	return error(c);
}

static struct result call_field(struct scope *c, struct node *call, bool calls)
{
	struct node *callee = call->call.callee, *object = callee->field.object;
	struct result r = check_operand(c, object, NULL, false);
	struct symbol *sym;

	if (r.kind == RESULT_SYMBOL && r.sym->kind == SYMBOL_MODULE) {
		sym = module_member(c, r.sym, callee->field.name, callee->field.name_at);
		callee->ref = sym;
		if (sym)
			return call_symbol(c, call, sym, calls);
		check_loose(c, call);
		return error(c);
	}
	object->type = result_value(c, object, r);
	return call_method(c, call, object->type);
}

struct result check_call(struct scope *c, struct node *call, bool calls)
{
	struct node *callee = call->call.callee;

	if (callee->kind == AST_NAME)
		return call_name(c, call, calls);
	if (callee->kind == AST_FIELD)
		return call_field(c, call, calls);
	check_loose(c, call);
	if (callee->kind != AST_ERROR)
		diag(c->s->parse.diags, callee->span, E0401, "this cannot be called");
	return error(c);
}
