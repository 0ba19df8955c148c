#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"

/* One component while its block is checked. */
struct body {
	struct scope c;
	struct symbol *sym;
	struct settings_seen seen;
	struct span env_at, code_at;	/* where they are given */
	struct span native_at;		/* of a native code */
	const struct node *trusted;	/* what `trusted` is; NULL: not given */
	const struct list *env;		/* items of `environment:`; NULL: no such block */
	bool not_cached;		/* cache = off */
	const struct node *shell;
	bool is_broken;			/* part of the block could not be read */
};

static void say_twice(struct body *b, struct span at, struct span first,
		      enum diag_code code,
		      const char *text)
{
	struct diag *d = diag(b->c.s->parse.diags, at, code, "%s", text);

	diag_note(d, first, "the first one is here");
}

static void note_code(struct body *b, struct span at)
{
	if (b->code_at.lo)
		say_twice(b, at, b->code_at, E0413, "a component has exactly one code");
	else
		b->code_at = at;
}

static bool note_env(struct body *b, struct span at)
{
	if (b->env_at.lo) {
		say_twice(b, at, b->env_at, E0407, "the environment is given twice");
		return false;
	}
	b->env_at = at;
	return true;
}

static void check_env_name(struct body *b, struct node *item)
{
	struct node *value = item->bind.value;
	struct result r;
	struct diag *d;

	if (!note_env(b, item->span))
		return;
	if (value->kind != AST_NAME && value->kind != AST_FIELD) {
		if (value->kind != AST_ERROR)
			diag(b->c.s->parse.diags, value->span, E0408,
			     "'environment' names an environment, or is a block");
		return;
	}
	if (value->kind == AST_NAME && !scope_find(&b->c, value->name.name)) {
		scope_unknown(&b->c, value, "environment");
		return;
	}
	r = check_operand(&b->c, value, NULL, false);
	if (r.kind == RESULT_SYMBOL && r.sym->kind == SYMBOL_ENVIRONMENT) {
		b->sym->target = r.sym;
		return;
	}
	if (r.kind == RESULT_VALUE && r.type->kind == TYPE_ERROR)
		return;
	d = diag(b->c.s->parse.diags, value->span, E0303, "this is not an environment");
	if (r.kind == RESULT_SYMBOL)
		diag_note(d, r.sym->span, "'%s' is %s", r.sym->name->s,
			  symbol_kind_name(r.sym));
}

static bool is_identifier(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char k = s.p[i];

		if (!(k == '_' || (k >= 'A' && k <= 'Z') || (k >= 'a' && k <= 'z') ||
		      (i && k >= '0' && k <= '9')))
			return false;
	}
	return s.n > 0;
}

static void check_python_file(struct body *b, struct node *value)
{
	struct str text = value->kind == AST_STRING ? value->string.value : STR("");
	size_t colon = text.n;

	if (value->kind == AST_ERROR)
		return;
	value->type = b->c.s->types->string;
	while (colon && text.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || !is_identifier(str_sub(text, colon, text.n)))
		diag(b->c.s->parse.diags, value->span, E0408,
		     "'python' names a function of a file: \"train.py:train\"");
}

/* Notebooks */

/* The executed notebook becomes the output `notebook`: nothing else may have the name. */
static void check_notebook_name(struct body *b, struct span at)
{
	const char *text = "'notebook' is the output that the executed notebook becomes";
	struct diag *d;

	for (uint32_t i = 0; i < b->sym->nparams; i++)
		if (!strcmp(b->sym->params[i]->name->s, "notebook")) {
			d = diag(b->c.s->parse.diags, b->sym->params[i]->span, E0302,
				 "%s", text);
			diag_note(d, at, "the notebook is given here");
		}
	for (uint32_t i = 0; i < b->sym->nouts; i++) {
		const struct symbol_out *o = &b->sym->outs[i];
		const struct type *t = type_strip(o->type);

		if (strcmp(o->name->s, "notebook") != 0 || t->kind == TYPE_ERROR ||
		    (t->kind == TYPE_ARTIFACT && str_is(t->name, "Artifact") &&
		     (!t->tag.n || str_is(t->tag, "ipynb"))))
			continue;
		d = diag(b->c.s->parse.diags, o->decl->span, E0302, "%s", text);
		diag_label(d, "declare it as Artifact[ipynb], or call it otherwise");
	}
}

static void check_notebook(struct body *b, struct node *value, struct span at)
{
	struct str text = value->kind == AST_STRING ? value->string.value : STR("");

	if (value->kind == AST_ERROR)
		return;
	value->type = b->c.s->types->string;
	if (!str_has_suffix(text, STR(".ipynb")))
		diag(b->c.s->parse.diags, value->span, E0408,
		     "'notebook' names a notebook: \"eda.ipynb\"");
	check_notebook_name(b, at);
}

/* C functions */

static bool is_library_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_identifier(str_sub(s, i, i + 1)) &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !(i && (s.p[i] == '-' || s.p[i] == '+' || s.p[i] == '.')))
			return false;
	return s.n > 0;
}

/* "libmylib.so:f" and "./mylib:f" say what is meant, but not as it is written. */
static void suggest_library(struct body *b, struct diag *d, const struct node *value)
{
	struct str text = value->string.value, put;
	size_t colon = str_find(text, STR(":"), 0), lo = 0, hi = colon;

	for (size_t i = 0; i < colon; i++)
		if (text.p[i] == '/')
			lo = i + 1;
	if (str_has_suffix(str_sub(text, lo, hi), STR(".so")))
		hi -= 3;
	if (!is_library_name(str_sub(text, lo, hi)) || (!lo && hi == colon) ||
	    !is_identifier(str_sub(text, colon + 1, text.n)))
		return;
	put = arena_printf(b->c.s->parse.arena, "\"%.*s:%.*s\"",
			   STR_ARG(str_sub(text, lo, hi)),
			   STR_ARG(str_sub(text, colon + 1, text.n)));
	diag_fix(d, value->span, put, "write %s", put.p);
}

static void check_native(struct body *b, struct node *value)
{
	struct str text = value->kind == AST_STRING ? value->string.value : STR("");
	size_t colon = str_find(text, STR(":"), 0);
	struct str name = str_sub(text, 0, colon);
	struct diag *d;

	b->native_at = b->code_at;
	if (value->kind == AST_ERROR)
		return;
	value->type = b->c.s->types->string;
	if (is_library_name(name) && !str_has_suffix(name, STR(".so")) &&
	    is_identifier(str_sub(text, colon + 1, text.n)))
		return;
	d = diag(b->c.s->parse.diags, value->span, E0408,
		 "'native' names a function of a library: \"mylib:function\"");
	if (value->kind == AST_STRING)
		suggest_library(b, d, value);
}

static bool is_off(const struct node *value)
{
	return value->kind == AST_NAME ? !strcmp(value->name.name->s, "off")
				       : value->kind == AST_BOOL && !value->bool_.value;
}

static const char NO_VARIABLES[] =
	"code that runs within kfpc has no environment variables of its own";

/* What stands at `other`, if it does, cannot be had of code that runs within kfpc. */
static void say_untrusted(struct sema *s, struct span other, struct span trusted,
			  const char *what)
{
	struct diag *d;

	if (!other.lo)
		return;
	d = diag(s->parse.diags, other, E0508, "%s", !strcmp(what, "timeout")
		 ? "a timeout cannot end code that runs within kfpc"
		 : NO_VARIABLES);
	diag_note(d, trusted, "it is trusted to do so here");
}

/* Where an environment has variables; nowhere if it has none. */
static struct span find_env(const struct list *items)
{
	list_each(item, items) {
		struct span at;
		const struct sym *name = item_name(item, &at);

		if (name && !strcmp(name->s, "env"))
			return at;
	}
	return SPAN_NONE;
}

/* Of an environment that others may use with good reason. */
static void say_untrusted_env(struct body *b, struct span variables)
{
	struct diag *d;

	if (!variables.lo)
		return;
	d = diag(b->c.s->parse.diags, b->env_at, E0508, "%s", NO_VARIABLES);
	diag_note(d, variables, "the environment has variables");
	diag_note(d, b->seen.at[SETTING_TRUSTED], "it is trusted to do so here");
}

static void check_trusted(struct body *b)
{
	struct span at = b->seen.at[SETTING_TRUSTED];
	struct diag *d;

	if (!at.lo || is_off(b->trusted))
		return;
	if (!b->native_at.lo && !b->is_broken && b->code_at.lo) {
		d = diag(b->c.s->parse.diags, at, E0508,
			 "only native code can be 'trusted'");
		diag_note(d, b->code_at, "the code of this component is here");
	}
	if (!b->native_at.lo)
		return;
	say_untrusted(b->c.s, b->seen.at[SETTING_TIMEOUT], at, "timeout");
	if (b->env)
		say_untrusted(b->c.s, find_env(b->env), at, "env");
	else if (b->sym->target && b->env_at.lo)
		say_untrusted_env(b, find_env(&b->sym->target->decl->environment.items));
}

/* Where it is said of a component; nowhere if it is not. */
static struct span trusted_at(const struct symbol *component)
{
	list_each(item, &component->decl->component.items) {
		struct span at;
		const struct sym *name = item->kind == AST_BIND ? item_name(item, &at)
								: NULL;

		if (name && !strcmp(name->s, "trusted"))
			return is_off(item->bind.value) ? SPAN_NONE : at;
	}
	return SPAN_NONE;
}

void check_trusted_call(struct sema *s, const struct symbol *component,
			const struct settings_seen *seen)
{
	struct span at = trusted_at(component);

	if (!at.lo)
		return;
	say_untrusted(s, seen->at[SETTING_TIMEOUT], at, "timeout");
	say_untrusted(s, seen->at[SETTING_ENV], at, "env");
}

static void check_bind(struct body *b, struct node *item)
{
	struct span at;
	const struct sym *name = item_name(item, &at);

	if (!name) {
		diag(b->c.s->parse.diags, item->bind.target->span, E0412,
		     "a component holds settings and its code");
	} else if (!strcmp(name->s, "environment")) {
		check_env_name(b, item);
	} else if (!strcmp(name->s, "python")) {
		note_code(b, at);
		check_python_file(b, item->bind.value);
	} else if (!strcmp(name->s, "native")) {
		note_code(b, at);
		check_native(b, item->bind.value);
	} else if (!strcmp(name->s, "container")) {
		note_code(b, at);
		diag(b->c.s->parse.diags, item->span, E0408,
		     "'container' is a block with 'command = [...]' and 'args = [...]'");
	} else if (!strcmp(name->s, "notebook")) {
		note_code(b, at);
		check_notebook(b, item->bind.value, at);
	} else {
		if (!b->trusted && !strcmp(name->s, "trusted"))
			b->trusted = item->bind.value;
		b->not_cached |= !strcmp(name->s, "cache") && is_off(item->bind.value);
		check_setting(&b->c, item, 'C', &b->seen);
	}
}

static void check_group(struct body *b, struct node *item)
{
	struct span at;
	const struct sym *name = item_name(item, &at);

	if (!name) {
		diag(b->c.s->parse.diags, item->span, E0412,
		     "a component holds settings and its code");
	} else if (!strcmp(name->s, "environment")) {
		if (!note_env(b, at))
			return;
		b->env = &item->group.items;
		check_environment(b->c.s, b->sym->file, &item->group.items);
	} else if (!strcmp(name->s, "container")) {
		note_code(b, at);
		check_container(b->c.s, b->sym, &item->group.items);
	} else if (!strcmp(name->s, "resources")) {
		check_settings(&b->c, &item->group.items, 'R', &b->seen);
	} else if (!strcmp(name->s, "kubernetes")) {
		check_kubernetes(&b->c, &item->group.items);
		diag(b->c.s->parse.diags, at, W0404,
		     "'kubernetes' is for clusters and not applied on this machine");
	} else {
		static const char *const NAMES[] = {
			"environment", "resources", "kubernetes", "labels", "container",
			NULL,
		};

		say_no_setting(&b->c, name, at, "a component", NAMES);
	}
}

static void check_code(struct body *b, const struct node *item)
{
	note_code(b, (struct span){item->span.lo, item->span.lo + 5});
	if (!strcmp(item->code.language->s, "shell"))
		b->shell = item;
}

static void check_item(struct body *b, struct node *item)
{
	switch (item->kind) {
	case AST_BIND:
		check_bind(b, item);
		return;
	case AST_GROUP:
		check_group(b, item);
		return;
	case AST_CODE:
		check_code(b, item);
		return;
	case AST_PASS:
		return;
	case AST_ERROR:
		b->is_broken = true;
		return;
	default:
		diag(b->c.s->parse.diags, item->span, E0412,
		     "a component holds settings and its code, not statements");
	}
}

/* Names that the shell itself lives by. */
static void check_shell_names(struct body *b)
{
	static const char *const TAKEN[] = {"PATH", "HOME", "IFS", "PWD", "SHELL", "ENV"};

	for (uint32_t i = 0; i < b->sym->nparams; i++) {
		const struct symbol *p = b->sym->params[i];
		bool taken = !strncmp(p->name->s, "LD_", 3);

		for (size_t k = 0; k < sizeof TAKEN / sizeof *TAKEN; k++)
			taken = taken || !strcmp(p->name->s, TAKEN[k]);
		if (taken)
			diag(b->c.s->parse.diags, p->span, E0416,
			     "the shell needs '%s' for itself: choose another name",
			     p->name->s);
	}
}

void check_component(struct sema *s, struct symbol *sym)
{
	struct body b = {.sym = sym};

	scope_init(&b.c, s, sym->file, PLACE_CONST);
	groups_to_dicts(s, &sym->decl->component.items);
	list_each(item, &sym->decl->component.items)
		check_item(&b, item);
	if (!b.code_at.lo && !b.is_broken && !sym->is_broken) {
		struct diag *d = diag(s->parse.diags, sym->span, E0413,
				      "the component '%s' has no code", sym->name->s);

		diag_label(d, "it needs 'python:', 'shell:', 'container:', 'python = "
			   "\"x.py:f\"', 'notebook = \"x.ipynb\"' or "
			   "'native = \"lib:f\"'");
	}
	if (b.shell) {
		check_shell_names(&b);
		if (sym->file == s->files.at[0])
			check_shell(&b.c, b.shell, sym, !b.not_cached);
	}
	check_trusted(&b);
	scope_release(&b.c);
}
