/* What can be typed at a place.  The text there is seldom right, so the place is read
 * from the letters before it, and what names mean from what the checker made of the
 * rest. */
#include <config.h>

#include "compiler/lsp/complete.h"

#include <ctype.h>

/* Does it begin with what was typed, whatever the case? */
static bool goes_on(struct str name, struct str word)
{
	if (name.n < word.n)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (tolower((unsigned char)name.p[i]) !=
		    tolower((unsigned char)word.p[i]))
			return false;
	return true;
}

static void offer(struct completion *c, struct str name, enum item_kind kind,
		  struct str detail, struct str doc, const char *behind)
{
	struct complete_item item = {.kind = kind, .detail = detail, .doc = doc};

	if (!name.n || name.p[0] == '_' || !goes_on(name, c->word))
		return;
	c->is_cut = c->n == COMPLETE_MAX;
	if (c->is_cut || map_set(&c->seen, arena_str(c->p.arena, name), c))
		return;
	c->n++;
	item.text = arena_printf(c->p.arena, "%.*s%s", STR_ARG(name), behind);
	c->offer(c->ctx, &item);
}

static struct str type_text(struct completion *c, const struct type *t)
{
	return t ? type_name(t, c->p.arena) : (struct str){"", 0};
}

/* text[..at] without the name that is being typed. */
static size_t before_name(struct str text, size_t at)
{
	while (at && word_is_letter(text.p[at - 1]))
		at--;
	return at;
}

static size_t before_blanks(struct str text, size_t at)
{
	while (at && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
		at--;
	return at;
}

/* Over the brackets that end at `at`: where they begin; at itself if they do not match. */
static size_t before_brackets(struct str text, size_t at)
{
	int depth = 0;

	for (size_t i = at; i; i--) {
		char ch = text.p[i - 1];

		if (ch == ')' || ch == ']')
			depth++;
		else if ((ch == '(' || ch == '[') && !--depth)
			return i - 1;
		if (ch == '\n' || !depth)
			break;
	}
	return at;
}

/* Names that a pipeline or a def binds, with what they are bound to. */
struct local {
	struct str name;
	struct symbol *sym;
	const struct type *type;
};

struct locals {
	struct completion *c;
	void (*visit)(struct completion *c, const struct local *l, void *ctx);
	void *ctx;
};

static void tell_local(void *ctx, const struct word *w)
{
	struct locals *l = ctx;

	if (!w->is_declaration || !w->symbol || w->decl == l->c->p.top)
		return;
	l->visit(l->c,
		 &(struct local){sym_str(w->symbol->name), w->symbol, w->symbol->type},
		 l->ctx);
}

static void each_local(struct completion *c,
		       void (*visit)(struct completion *c, const struct local *l,
				     void *ctx),
		       void *ctx)
{
	struct locals l = {c, visit, ctx};

	if (c->p.top)
		word_each_in(c->p.c, c->p.c->root, c->p.top, tell_local, &l);
}

struct sought {
	struct str name;
	struct local found;
};

static void seek(struct completion *c, const struct local *l, void *ctx)
{
	struct sought *s = ctx;

	(void)c;
	if (str_eq(l->name, s->name))
		s->found = *l;
}

static struct local find_local(struct completion *c, struct str name)
{
	struct sought s = {.name = name};

	each_local(c, seek, &s);
	if (!s.found.sym) {
		s.found.sym = word_lookup(c->p.c->root, name);
		s.found.sym = s.found.sym ? symbol_target(s.found.sym) : NULL;
		s.found.type = s.found.sym ? s.found.sym->type : NULL;
	}
	return s.found;
}

static void offer_part(void *ctx, const struct word_part *p)
{
	struct completion *c = ctx;

	offer(c, p->name, p->kind, type_text(c, p->type), p->doc, "");
}

static enum item_kind kind_of(const struct symbol *sym)
{
	switch (sym->kind) {
	case SYMBOL_COMPONENT:
		return ITEM_CLASS;
	case SYMBOL_PIPELINE:
	case SYMBOL_DEF:
		return ITEM_FUNCTION;
	case SYMBOL_TYPE:
		return sym->decl && sym->decl->kind == AST_ENUM ? ITEM_ENUM : ITEM_STRUCT;
	case SYMBOL_CONST:
		return ITEM_CONSTANT;
	case SYMBOL_MODULE:
		return ITEM_MODULE;
	default:
		return ITEM_VARIABLE;
	}
}

static void offer_symbol(struct completion *c, struct str name, struct symbol *sym)
{
	struct reference_entry e = {.signature = {"", 0}};

	sym = symbol_target(sym);
	if (sym->kind == SYMBOL_ERROR ||
	    (sym->kind == SYMBOL_PIPELINE && sym->decl && sym->decl == c->p.top))
		return;		/* none calls itself */
	if (sym->decl && word_name_node(sym->decl))
		word_describe(c->p.c, c->p.arena, sym->decl, &e);
	offer(c, name, kind_of(sym), e.signature.n ? e.signature : type_text(c, sym->type),
	      e.doc, "");
}

static void offer_module(struct completion *c, const struct symbol *module)
{
	struct symbol *sym;

	for (size_t i = 0; module->names && i < module->names->cap; i++)
		if (module->names->slots[i].key) {
			sym = module->names->slots[i].value;
			offer_symbol(c, sym_str(sym->name), sym);
		}
	for (size_t i = 0; module->module && i < module->module->symbols.n; i++) {
		sym = module->module->symbols.at[i];
		if (sym->name && sym->kind != SYMBOL_CONFIG)
			offer_symbol(c, sym_str(sym->name), sym);
	}
}

/* Methods are named by the type of what they are called on: "str.upper". */
static void offer_methods(struct completion *c, const struct type *t)
{
	static const struct { const char *name, *doc; } all[] = {
#define BUILTIN(ID, name, least, most, doc) {name, doc},
#include "runtime/value/builtin.def"
#undef BUILTIN
	};
	struct str prefix;

	if (!t)
		return;
	prefix = t->kind == TYPE_STR    ? STR("str.")
		 : t->kind == TYPE_LIST ? STR("list.")
		 : t->kind == TYPE_DICT ? STR("dict.")
					: (struct str){"-", 1};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (str_has_prefix(str_of(all[i].name), prefix))
			offer(c, str_of(all[i].name + prefix.n), ITEM_METHOD,
			      str_of(all[i].doc), (struct str){"", 0}, "");
}

/* Behind a dot: parts of what stands before it. */
static void complete_parts(struct completion *c, size_t dot)
{
	static const char *const run[] = {"id", "name", "started", "state", "error", NULL};
	struct str text = c->p.text, name;
	size_t hi = before_brackets(text, dot), lo = before_name(text, hi);
	struct local l;
	const struct type *t;

	name = str_sub(text, lo, hi);
	l = find_local(c, name);
	if (!l.sym) {
		for (int i = 0; str_is(name, "run") && run[i]; i++)
			offer(c, str_of(run[i]), ITEM_PROPERTY, STR("str"),
			      (struct str){"", 0}, "");
		return;
	}
	t = l.type;
	if (hi != dot && t && (t->kind == TYPE_LIST || t->kind == TYPE_DICT))
		t = t->elem;
	if (l.sym->kind == SYMBOL_MODULE) {
		offer_module(c, l.sym);
		return;
	}
	word_parts(c->p.c, l.sym, t, offer_part, c);
	offer_methods(c, t ? type_strip(t) : NULL);
}

/* The bracket that is open at the place; false: none in this declaration. */
static bool open_bracket(struct completion *c, size_t *at)
{
	struct str text = c->p.text;
	int depth = 0;

	for (size_t i = c->p.at; i > c->p.from; i--) {
		char ch = text.p[i - 1];

		if (ch == ')' || ch == ']' || ch == '}') {
			depth++;
		} else if ((ch == '(' || ch == '[' || ch == '{') && depth-- == 0) {
			*at = i - 1;
			return ch == '(';
		}
	}
	return false;
}

/* What is called where this bracket opens; NULL: nothing known. */
static struct symbol *callee_at(struct completion *c, size_t bracket)
{
	struct str text = c->p.text;
	size_t hi = before_blanks(text, bracket), lo = before_name(text, hi);
	struct str name = str_sub(text, lo, hi);
	struct symbol *sym = NULL, *module;
	size_t from;

	if (lo && text.p[lo - 1] == '.') {
		from = before_name(text, lo - 1);
		module = find_local(c, str_sub(text, from, lo - 1)).sym;
		if (module && module->module)
			sym = map_get(&module->module->names, name);
	} else {
		sym = word_lookup(c->p.c->root, name);
	}
	sym = sym ? symbol_target(sym) : NULL;
	return sym && sym->params ? sym : NULL;
}

struct str complete_argument(const struct completion *c)
{
	struct str text = c->p.text;
	size_t at = before_blanks(text, before_name(text, c->p.at)), lo;

	if (!at || text.p[at - 1] != '=' || (at > 1 && strchr("=!<>", text.p[at - 2])))
		return (struct str){"", 0};
	at = before_blanks(text, at - 1);
	lo = before_name(text, at);
	return str_sub(text, lo, at);
}

static void offer_enum(struct completion *c, const struct type *t)
{
	const struct symbol *sym;

	t = t ? type_strip(t) : NULL;
	if (!t || t->kind != TYPE_ENUM)
		return;
	sym = word_type_symbol(c->p.c, t);
	for (uint32_t i = 0; sym && i < t->nmembers; i++)
		offer(c,
		      arena_printf(c->p.arena, "%.*s.%.*s", STR_ARG(t->name),
				   STR_ARG(t->members[i].name)),
		      ITEM_ENUM, (struct str){"", 0}, (struct str){"", 0}, "");
}

static void complete_args(struct completion *c, const struct symbol *callee,
			  size_t bracket)
{
	struct str given = str_sub(c->p.text, bracket, c->p.at);
	struct str value = complete_argument(c);

	for (uint32_t i = 0; i < callee->nparams; i++) {
		const struct symbol *p = callee->params[i];
		struct str name = sym_str(p->name);
		struct str assigned = arena_printf(c->p.arena, "%.*s=", STR_ARG(name));

		if (value.n) {
			if (str_eq(value, name))
				offer_enum(c, p->type);
		} else if (str_find(given, assigned, 0) == given.n) {
			offer(c, name, ITEM_PROPERTY, type_text(c, p->type),
			      p->decl ? p->decl->param.doc : (struct str){"", 0}, "=");
		}
	}
}

static void offer_local(struct completion *c, const struct local *l, void *ctx)
{
	(void)ctx;
	offer(c, l->name, ITEM_VARIABLE, type_text(c, l->type), (struct str){"", 0}, "");
}

static void offer_words(struct completion *c, const char *words)
{
	struct str all = str_of(words);

	for (size_t lo = 0, hi; lo < all.n; lo = hi + 1) {
		hi = str_find(all, STR(" "), lo);
		offer(c, str_sub(all, lo, hi), ITEM_KEYWORD, (struct str){"", 0},
		      (struct str){"", 0}, "");
	}
}

/* Settings that may stand at a place: a letter of setting.def. */
static void offer_settings(struct completion *c, char place, const char *behind)
{
	static const struct { const char *name, *type, *places, *doc; } all[] = {
#define SETTING(ID, name, type, places, doc) {name, type, places, doc},
#include "runtime/bc/setting.def"
#undef SETTING
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strchr(all[i].places, place))
			offer(c, str_of(all[i].name), ITEM_PROPERTY, str_of(all[i].type),
			      str_of(all[i].doc), behind);
}

static void offer_types(struct completion *c)
{
	static const struct { const char *name, *doc; } all[] = {
#define TYPE(ID, name, doc) {name, doc},
#include "runtime/value/type.def"
#undef TYPE
	};
	static const char artifacts[] = "Artifact Dataset Model Metrics "
					"ClassificationMetrics SlicedClassificationMetrics "
					"HTML Markdown list dict";

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].name[0] != '?')
			offer(c, str_of(all[i].name), ITEM_STRUCT, str_of(all[i].doc),
			      (struct str){"", 0}, "");
	offer_words(c, artifacts);
	for (size_t i = 0; i < c->p.c->root->symbols.n; i++) {
		struct symbol *sym = c->p.c->root->symbols.at[i];

		if (symbol_target(sym)->kind == SYMBOL_TYPE || sym->kind == SYMBOL_MODULE)
			offer_symbol(c, sym_str(sym->name), sym);
	}
}

static void offer_values(struct completion *c)
{
	static const char *const functions[] = {
#define BUILTIN(ID, name, least, most, doc) name,
#include "runtime/value/builtin.def"
#undef BUILTIN
	};

	each_local(c, offer_local, NULL);
	for (size_t i = 0; i < c->p.c->root->symbols.n; i++) {
		struct symbol *sym = c->p.c->root->symbols.at[i];

		if (sym->name && sym->kind != SYMBOL_CONFIG && sym->kind != SYMBOL_SCHEDULE)
			offer_symbol(c, sym_str(sym->name), sym);
	}
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (!strchr(functions[i], '.'))
			offer(c, str_of(functions[i]), ITEM_FUNCTION, (struct str){"", 0},
			      (struct str){"", 0}, "");
}

/* Is a type wanted here: behind "->", behind the ':' of a signature, a field or a const? */
static bool wants_type(struct completion *c)
{
	struct str text = c->p.text;
	size_t at = before_blanks(text, before_name(text, c->p.at)), bracket;

	if (at > 1 && text.p[at - 1] == '>' && text.p[at - 2] == '-')
		return true;
	if (!at || text.p[at - 1] != ':')
		return false;
	return open_bracket(c, &bracket) || c->p.kind == AST_STRUCT ||
	       str_has_prefix(c->line, STR("const "));
}

static void offer_row(struct completion *c, const struct node *n)
{
	bool is_param = n->kind == AST_PARAM;
	const struct node *type;
	struct str name;

	if (!is_param && n->kind != AST_OUTPUT)
		return;
	name = sym_str(is_param ? n->param.name : n->output.name);
	type = is_param ? n->param.type : n->output.type;
	offer(c, name, ITEM_VARIABLE, type_text(c, type ? type->type : NULL),
	      is_param ? n->param.doc : n->output.doc, "");
	if (type && type->type && type_holds_artifacts(type->type))
		offer(c, arena_printf(c->p.arena, "%.*s_path", STR_ARG(name)),
		      ITEM_VARIABLE, STR("where it lies"), (struct str){"", 0}, "");
}

/* In the code of a component: what goes in and what comes out. */
static void complete_code(struct completion *c)
{
	list_each(p, &c->p.top->component.params)
		offer_row(c, p);
	list_each(o, &c->p.top->component.outputs)
		offer_row(c, o);
}

static void complete_block(struct completion *c)
{
	if (c->p.kind == AST_COMPONENT) {
		offer_words(c, "environment python shell container notebook native resources "
			       "settings");
		offer_settings(c, 'C', "");
	} else if (c->p.kind == AST_ENVIRONMENT) {
		offer_words(c, "packages image python requirements env pip_index_urls");
	} else {
		offer_words(c, "if elif else for try except finally assert return pass and or "
			       "not in is None True False with load");
		offer_values(c);
	}
}

struct symbol *complete_callee(struct completion *c, size_t *bracket)
{
	return open_bracket(c, bracket) ? callee_at(c, *bracket) : NULL;
}

static void complete_beginning(struct completion *c)
{
	offer_words(c, "component pipeline environment enum struct type artifact const def "
		       "config schedule test import from");
	if (c->p.has_statements)
		complete_block(c);
}

void complete_begin(struct completion *c)
{
	size_t lo = c->p.at;

	while (lo && c->p.text.p[lo - 1] != '\n')
		lo--;
	c->line = str_sub(c->p.text, lo, c->p.at);
	c->word = str_sub(c->p.text, before_name(c->p.text, c->p.at), c->p.at);
}

void complete_at(struct completion *c)
{
	struct str text = c->p.text, begun;
	size_t name = before_name(text, c->p.at), bracket;
	const struct symbol *callee;
	bool alone;		/* the first word of its line */

	complete_begin(c);
	begun = str_trim(c->line);
	alone = begun.n == c->p.at - name;
	if (c->p.in_code) {
		complete_code(c);
	} else if (name && text.p[name - 1] == '.') {
		complete_parts(c, name - 1);
	} else if (alone && c->line.n == begun.n && !open_bracket(c, &bracket)) {
		complete_beginning(c);
	} else if (wants_type(c)) {
		offer_types(c);
	} else if ((callee = complete_callee(c, &bracket))) {
		complete_args(c, callee, bracket);
		if (complete_argument(c).n || c->p.has_statements)
			offer_values(c);
	} else if (str_find(c->line, STR(" with "), 0) < c->line.n &&
		   !complete_argument(c).n) {
		offer_settings(c, str_has_prefix(begun, STR("for ")) ? 'F' : 'W', "=");
	} else {
		complete_block(c);
	}
	map_release(&c->seen);
}
