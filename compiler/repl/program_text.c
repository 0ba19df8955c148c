#include <config.h>

#include "compiler/repl/program_int.h"

#include <stdlib.h>

#include "compiler/lsp/word.h"
#include "runtime/base/utf8.h"

struct program_text *text_new(struct str path, struct str dir, struct str text,
			      bool is_file)
{
	struct program_text *t = calloc(1, sizeof *t);

	if (!t)
		err_nomem();
	t->refs = 1;
	t->path = arena_str(&t->arena, path);
	t->dir = arena_str(&t->arena, dir);
	t->text = arena_str(&t->arena, text);
	t->is_file = is_file;
	return t;
}

void text_release(struct program_text *t)
{
	if (!t || --t->refs)
		return;
	arena_release(&t->arena);
	free(t);
}

static bool is_blank(struct str line)
{
	return !str_trim(line).n;
}

/* Blanks that every line with something in it begins with; a tab ends them. */
static size_t common_indent(struct str text)
{
	size_t least = SIZE_MAX;

	for (size_t lo = 0, hi, n; lo < text.n && least; lo = hi + 1) {
		hi = str_find(text, STR("\n"), lo);
		if (is_blank(str_sub(text, lo, hi)))
			continue;
		for (n = 0; lo + n < hi && text.p[lo + n] == ' '; n++)
			;
		least = n < least ? n : least;
	}
	return least == SIZE_MAX ? 0 : least;
}

static void add_line(struct str line, size_t indent, struct buf *out)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	buf_add(out, str_sub(line, indent, line.n));
	buf_addc(out, '\n');
}

void text_normalize(struct str text, bool dedent, struct buf *out)
{
	size_t indent;

	if (str_has_prefix(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	indent = dedent ? common_indent(text) : 0;
	for (size_t lo = 0, hi; lo < text.n; lo = hi + 1) {
		hi = str_find(text, STR("\n"), lo);
		add_line(str_sub(text, lo, hi), indent, out);
	}
}

/* While an item is read off its tree. */
struct reading {
	struct arena *a;
	VEC(struct str) names, keys, reads;
	struct map seen;
	unsigned loops;			/* around */
};

static struct str keep(struct reading *r, struct str s)
{
	return arena_str(r->a, s);
}

/* A name, and what it is found by. */
static void make_name(struct reading *r, struct str name, const char *prefix)
{
	struct str key = arena_printf(r->a, "%s%.*s", prefix, STR_ARG(name));

	for (size_t i = 0; i < r->keys.n; i++)
		if (str_eq(r->keys.at[i], key))
			return;
	vec_push(&r->keys, key);
	vec_push(&r->names, keep(r, name));
}

/* Of what has a key and no name. */
static void make_key(struct reading *r, const char *prefix, struct str text)
{
	vec_push(&r->keys, arena_printf(r->a, "%s%.*s", prefix, STR_ARG(text)));
}

static void read_name(struct reading *r, struct str name)
{
	struct str key = keep(r, name);

	if (!map_set(&r->seen, key, r))
		vec_push(&r->reads, key);
}

static bool read_node(void *ctx, const struct node *n);

static void read_below(struct reading *r, const struct list *l)
{
	list_each(n, l)
		ast_each(n, read_node, r);
}

/* Names that stand in a statement, and those that it binds. */
static bool read_node(void *ctx, const struct node *n)
{
	struct reading *r = ctx;

	switch (n->kind) {
	case AST_NAME:
		read_name(r, sym_str(n->name.name));
		return false;
	case AST_CALL:		/* what is called is declared, never bound */
		if (n->call.callee && n->call.callee->kind != AST_NAME)
			ast_each(n->call.callee, read_node, r);
		read_below(r, &n->call.args);
		return false;
	case AST_BIND:
		if (n->bind.target && n->bind.target->kind == AST_NAME)
			make_name(r, sym_str(n->bind.target->name.name),
				  r->loops ? "for " : "");
		ast_each(n->bind.value, read_node, r);
		read_below(r, &n->bind.with);
		return false;
	case AST_FOR:
		ast_each(n->for_.list, read_node, r);
		read_below(r, &n->for_.with);
		r->loops++;
		read_below(r, &n->for_.items);
		r->loops--;
		return false;
	default:
		return true;
	}
}

static void read_import(struct reading *r, const struct node *n)
{
	const struct node *alias = n->import_.alias;
	struct buf dotted = {0};

	if (alias && alias->kind == AST_NAME) {
		make_name(r, sym_str(alias->name.name), "");
		return;
	}
	list_each(part, &n->import_.path)
		if (part->kind == AST_NAME)
			buf_addf(&dotted, "%s%s", dotted.n ? "." : "",
				 part->name.name->s);
	if (dotted.n)
		make_name(r, buf_str(&dotted), "");
	buf_release(&dotted);
}

static void read_from(struct reading *r, const struct node *n)
{
	list_each(one, &n->from.names) {
		const struct node *as;

		if (one->kind != AST_IMPORT_NAME)
			continue;
		as = one->import_name.alias;
		make_name(r, as && as->kind == AST_NAME ? sym_str(as->name.name)
							: sym_str(one->import_name.name),
								"");
	}
}

/* Configs of different pipelines may share a name. */
static void read_config(struct reading *r, const struct node *n, struct str text)
{
	const struct node *target = n->config.target;
	struct str of = target ? str_sub(text, target->span.lo,
					 target->span.hi) : STR("");

	if (!n->config.name || n->config.name->kind != AST_NAME)
		return;
	vec_push(&r->names, keep(r, sym_str(n->config.name->name.name)));
	make_key(r, "config ", arena_printf(r->a, "%.*s %s", STR_ARG(of),
					    n->config.name->name.name->s));
}

static bool is_declaration(enum node_tag kind)
{
	return kind >= AST_IMPORT && kind <= AST_TEST;
}

static void read_item(struct reading *r, const struct node *n, struct str whole)
{
	const struct node *name = n->kind == AST_TEST ? NULL : word_name_node(n);
	struct str text = str_trim(whole);

	if (name && name->kind == AST_NAME)
		make_name(r, sym_str(name->name.name), "");
	else if (n->kind == AST_IMPORT)
		read_import(r, n);
	else if (n->kind == AST_FROM)
		read_from(r, n);
	else if (n->kind == AST_GROUP)
		make_key(r, "group ", str_sub(text, 0, str_find(text, STR(":"), 0)));
	else if (n->kind == AST_TEST)
		make_key(r, "test ", str_sub(text, 0, str_find(text, STR("\n"), 0)));
	else if (!is_declaration(n->kind))
		ast_each(n, read_node, r);
	if (!r->keys.n && !is_declaration(n->kind))
		make_key(r, "= ", text);	/* the same call once more is that call */
}

/* "fit = train(...)": the first line, cut short. */
static struct str title_of(struct arena *a, struct str text)
{
	size_t end = str_find(text, STR("\n"), 0);
	struct str line = str_trim(str_sub(text, 0, end));
	bool is_cut = end < text.n && !str_has_suffix(line, STR(":"));

	if (line.n > 60) {
		line = utf8_cut(line, 57);
		is_cut = true;
	}
	if (str_has_suffix(line, STR(":")))
		line.n--;
	return arena_printf(a, "%.*s%s", STR_ARG(line), is_cut ? " ..." : "");
}

static void *kept(struct arena *a, const void *at, size_t n)
{
	return n ? arena_dup(a, at, n * sizeof(struct str)) : NULL;
}

static void fill_item(struct program_text *t, struct program_item *i,
		      const struct node *n, uint32_t base)
{
	struct reading r = {.a = &t->arena};
	struct str whole;

	i->of = t;
	i->tag = n->kind;
	i->lo = n->span.lo - base;
	i->hi = n->span.hi - base;
	i->kind = is_declaration(n->kind) ? PROGRAM_DECLARATION : PROGRAM_STATEMENT;
	whole = str_sub(t->text, i->lo, i->hi);
	if (n->kind == AST_CONFIG)
		read_config(&r, n, (struct str){t->text.p - base, t->text.n + base});
	else
		read_item(&r, n, whole);
	i->names = kept(&t->arena, r.names.at, r.names.n);
	i->keys = kept(&t->arena, r.keys.at, r.keys.n);
	i->reads = kept(&t->arena, r.reads.at, r.reads.n);
	i->nnames = (uint32_t)r.names.n;
	i->nkeys = (uint32_t)r.keys.n;
	i->nreads = (uint32_t)r.reads.n;
	i->title = title_of(&t->arena, whole);
	vec_release(&r.names);
	vec_release(&r.keys);
	vec_release(&r.reads);
	map_release(&r.seen);
}

/* What a file says about itself is not about its first item. */
static uint32_t doc_end(const struct program_text *t, const struct node *tree)
{
	size_t lo = 0, hi;

	if (!tree->file.doc.n)
		return 0;
	for (; lo < t->text.n; lo = hi + 1) {
		struct str line;

		hi = str_find(t->text, STR("\n"), lo);
		line = str_trim(str_sub(t->text, lo, hi));
		if (line.n && !str_has_prefix(line, STR("##")))
			break;
	}
	return (uint32_t)lo;
}

void text_read_items(struct program_text *t, const struct node *tree)
{
	uint32_t line = 1, at = 0, k = 0, base = tree->span.lo;

	t->items = ARENA_ARRAY(&t->arena, tree->file.items.n + 1, struct program_item);
	list_each(n, &tree->file.items) {
		struct program_item *i = &t->items[t->nitems];

		k++;
		if (n->kind == AST_ERROR || n->kind == AST_PASS)
			continue;
		fill_item(t, i, n, base);
		i->index = k - 1;
		i->number = (uint32_t)t->nitems;
		i->from = t->nitems ? t->items[t->nitems - 1].to : doc_end(t, tree);
		i->to = (uint32_t)str_find(t->text, STR("\n"), i->hi);
		for (; at < i->lo; at++)
			line += t->text.p[at] == '\n';
		i->line = line;
		t->nitems++;
	}
	if (t->nitems)
		t->items[t->nitems - 1].to = (uint32_t)t->text.n;
}

static bool has_key(const struct str *keys, uint32_t n, struct str key)
{
	for (uint32_t i = 0; i < n; i++)
		if (str_eq(keys[i], key))
			return true;
	return false;
}

const struct program_item *item_without(const struct program_item *i,
					const struct str *keys, uint32_t n)
{
	struct arena *a = &i->of->arena;
	struct program_item *less;
	uint32_t left = 0, hit = 0;
	bool *hidden;

	for (uint32_t k = 0; k < i->nkeys; k++) {
		bool is_hit = has_key(keys, n, i->keys[k]);

		hit += is_hit && !(i->hidden && i->hidden[k]);
		left += !is_hit && !(i->hidden && i->hidden[k]);
	}
	if (!hit)
		return i;
	if (!left)
		return NULL;
	less = ARENA_NEW(a, struct program_item);
	hidden = ARENA_ARRAY(a, i->nkeys, bool);
	*less = *i;
	for (uint32_t k = 0; k < i->nkeys; k++)
		hidden[k] = (i->hidden && i->hidden[k]) || has_key(keys, n, i->keys[k]);
	less->hidden = hidden;
	return less;
}
