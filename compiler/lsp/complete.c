/* What can be typed at a place.  The text there is seldom right, so the place is read
 * from the letters before it, and what names mean from what the checker made of the
 * rest. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <ctype.h>

#include "runtime/value/json.h"

enum { ITEMS_MAX = 500 };

struct completion {
	struct request *q;
	const struct analysis *a;
	const struct src_file *f;
	size_t at;			/* offset in the text */
	struct str line;		/* from its beginning to the place */
	struct str word;		/* the name as far as it is typed */
	const struct node *top;		/* the declaration around; NULL: none */
	struct map seen;
	unsigned n;
};

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
	struct buf *out = &c->q->out;
	struct str key;

	if (!name.n || name.p[0] == '_' || c->n > ITEMS_MAX || !goes_on(name, c->word))
		return;
	key = arena_str(&c->q->arena, name);
	if (map_set(&c->seen, key, c))
		return;
	buf_addz(out, c->n++ ? ",{" : "{");
	json_put_str(out, "label", arena_printf(&c->q->arena, "%.*s%s", STR_ARG(name), behind));
	json_put_int(out, "kind", kind);
	if (detail.n)
		json_put_str(out, "detail", detail);
	if (doc.n) {
		json_put_key(out, "documentation");
		buf_addz(out, "{\"kind\":\"markdown\",\"value\":");
		buf_add_json(out, doc);
		buf_addc(out, '}');
	}
	buf_addc(out, '}');
}

static struct str type_text(struct completion *c, const struct type *t)
{
	return t ? type_name(t, &c->q->arena) : (struct str){"", 0};
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
	const struct node *top = l->c->top;

	if (!w->is_declaration || !w->symbol || !top || w->span.lo < top->span.lo ||
	    w->span.hi > top->span.hi || w->decl == top)
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

	word_each(c->a, c->a->c.root, tell_local, &l);
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
		s.found.sym = word_lookup(c->a->c.root, name);
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
	if (sym->kind == SYMBOL_ERROR)
		return;
	if (sym->decl && word_name_node(sym->decl))
		describe_entry(c->q, c->a, sym->decl, &e);
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
	struct str text = c->f->text, name;
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
	word_parts(c->a, l.sym, t, offer_part, c);
	offer_methods(c, t ? type_strip(t) : NULL);
}

/* The bracket that is open at the place; false: none in this declaration. */
static bool open_bracket(struct completion *c, size_t *at)
{
	struct str text = c->f->text;
	size_t from = c->top ? c->top->span.lo - c->f->base : 0;
	int depth = 0;

	for (size_t i = c->at; i > from; i--) {
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
	struct str text = c->f->text;
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
		sym = word_lookup(c->a->c.root, name);
	}
	sym = sym ? symbol_target(sym) : NULL;
	return sym && sym->params ? sym : NULL;
}

/* The name of the argument whose value is being typed; empty: none. */
static struct str arg_name(struct completion *c)
{
	struct str text = c->f->text;
	size_t at = before_blanks(text, before_name(text, c->at)), lo;

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
	sym = word_type_symbol(c->a, t);
	for (uint32_t i = 0; sym && i < t->nmembers; i++)
		offer(c,
		      arena_printf(&c->q->arena, "%.*s.%.*s", STR_ARG(t->name),
				   STR_ARG(t->members[i].name)),
		      ITEM_ENUM, (struct str){"", 0}, (struct str){"", 0}, "");
}

static void complete_args(struct completion *c, const struct symbol *callee,
			  size_t bracket)
{
	struct str given = str_sub(c->f->text, bracket, c->at), value = arg_name(c);

	for (uint32_t i = 0; i < callee->nparams; i++) {
		const struct symbol *p = callee->params[i];
		struct str name = sym_str(p->name);
		struct str assigned = arena_printf(&c->q->arena, "%.*s=", STR_ARG(name));

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
	for (size_t i = 0; i < c->a->c.root->symbols.n; i++) {
		struct symbol *sym = c->a->c.root->symbols.at[i];

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
	for (size_t i = 0; i < c->a->c.root->symbols.n; i++) {
		struct symbol *sym = c->a->c.root->symbols.at[i];

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
	struct str text = c->f->text;
	size_t at = before_blanks(text, before_name(text, c->at)), bracket;

	if (at > 1 && text.p[at - 1] == '>' && text.p[at - 2] == '-')
		return true;
	if (!at || text.p[at - 1] != ':')
		return false;
	return open_bracket(c, &bracket) || (c->top && c->top->kind == AST_STRUCT) ||
	       str_has_prefix(c->line, STR("const "));
}

/* Is the place within the code of a component? */
static bool is_in_code(struct completion *c)
{
	uint32_t at = c->f->base + (uint32_t)c->at;

	if (!c->top || c->top->kind != AST_COMPONENT)
		return false;
	list_each(item, &c->top->component.items)
		if (item->kind == AST_CODE && item->code.text_at.lo <= at &&
		    at <= item->code.text_at.hi + 1)
			return true;
	return false;
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
		offer(c, arena_printf(&c->q->arena, "%.*s_path", STR_ARG(name)),
		      ITEM_VARIABLE, STR("where it lies"), (struct str){"", 0}, "");
}

/* In the code of a component: what goes in and what comes out. */
static void complete_code(struct completion *c)
{
	list_each(p, &c->top->component.params)
		offer_row(c, p);
	list_each(o, &c->top->component.outputs)
		offer_row(c, o);
}

static void complete_block(struct completion *c)
{
	enum node_tag kind = c->top ? c->top->kind : AST_ERROR;

	if (kind == AST_COMPONENT) {
		offer_words(c, "environment python shell container notebook native resources "
			       "settings");
		offer_settings(c, 'C', "");
	} else if (kind == AST_ENVIRONMENT) {
		offer_words(c, "packages image python requirements env pip_index_urls");
	} else {
		offer_words(c, "if elif else for try except finally assert return pass and or "
			       "not in is None True False with load");
		offer_values(c);
	}
}

static void complete(struct completion *c)
{
	struct str text = c->f->text, begun = str_trim(c->line);
	size_t name = before_name(text, c->at), bracket;
	bool alone = begun.n == c->at - name;	/* the first word of its line */
	const struct symbol *callee;

	if (is_in_code(c)) {
		complete_code(c);
	} else if (name && text.p[name - 1] == '.') {
		complete_parts(c, name - 1);
	} else if (alone && c->line.n == begun.n) {
		offer_words(c, "component pipeline environment enum struct type artifact const "
			       "def config schedule test import from");
	} else if (wants_type(c)) {
		offer_types(c);
	} else if (open_bracket(c, &bracket) && (callee = callee_at(c, bracket))) {
		complete_args(c, callee, bracket);
		if (arg_name(c).n)
			offer_values(c);
	} else if (str_find(c->line, STR(" with "), 0) < c->line.n && !arg_name(c).n) {
		offer_settings(c, str_has_prefix(begun, STR("for ")) ? 'F' : 'W', "=");
	} else {
		complete_block(c);
	}
}

static bool begin(struct completion *c, struct request *q)
{
	uint32_t at;
	size_t lo;

	*c = (struct completion){.q = q};
	c->a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	if (!c->a || !c->a->c.root->src)
		return false;
	c->f = c->a->c.root->src;
	at = place_offset(q->s, c->f, rpc_at(q->params, "position"));
	c->at = at - c->f->base;
	for (lo = c->at; lo && c->f->text.p[lo - 1] != '\n'; lo--)
		;
	c->line = str_sub(c->f->text, lo, c->at);
	c->word = str_sub(c->f->text, before_name(c->f->text, c->at), c->at);
	c->top = word_around(c->a, at);
	return true;
}

void lsp_completion(struct request *q)
{
	struct completion c;

	if (!begin(&c, q))
		return;
	buf_addz(&q->out, "{\"items\":[");
	complete(&c);
	buf_addf(&q->out, "],\"isIncomplete\":%s}", c.n > ITEMS_MAX ? "true" : "false");
	map_release(&c.seen);
}

static void add_parameters(struct completion *c, const struct reference_entry *e)
{
	const struct reference_group *g = &e->groups[0];

	json_put_key(&c->q->out, "parameters");
	buf_addc(&c->q->out, '[');
	for (uint32_t i = 0; i < g->nrows; i++) {
		struct buf label = {0};

		reference_add_row(&g->rows[i], &label);
		buf_addz(&c->q->out, i ? ",{" : "{");
		json_put_str(&c->q->out, "label", buf_str(&label));
		if (g->rows[i].doc.n)
			json_put_str(&c->q->out, "documentation", g->rows[i].doc);
		buf_addc(&c->q->out, '}');
		buf_release(&label);
	}
	buf_addc(&c->q->out, ']');
}

/* The parameter that is being typed: the one named last, else the one of its place. */
static uint32_t active(struct completion *c, const struct symbol *callee, size_t bracket)
{
	struct str given = str_sub(c->f->text, bracket, c->at), value = arg_name(c);
	uint32_t n = 0;

	for (uint32_t i = 0; i < callee->nparams; i++)
		if (str_eq(value, sym_str(callee->params[i]->name)))
			return i;
	for (size_t i = 0; i < given.n; i++)
		n += given.p[i] == ',';
	return n;
}

void lsp_signature(struct request *q)
{
	struct completion c;
	struct reference_entry e;
	const struct symbol *callee;
	size_t bracket;

	if (!begin(&c, q) || !open_bracket(&c, &bracket))
		return;
	callee = callee_at(&c, bracket);
	if (!callee || !describe_entry(q, c.a, callee->decl, &e))
		return;
	buf_addz(&q->out, "{\"signatures\":[{");
	json_put_str(&q->out, "label", e.signature);
	if (e.doc.n)
		json_put_str(&q->out, "documentation", e.doc);
	add_parameters(&c, &e);
	buf_addz(&q->out, "}]");
	json_put_int(&q->out, "activeSignature", 0);
	json_put_int(&q->out, "activeParameter", active(&c, callee, bracket));
	buf_addc(&q->out, '}');
}
