/* From a name to where it is declared, where else it stands, and to another name. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/value/json.h"

/* The name that the request is about, and the text it is in. */
static bool named(struct request *q, struct analysis **a, struct word *w)
{
	struct value position = rpc_at(q->params, "position");

	*a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	return *a && word_at(&(*a)->c, place_offset(q->s, (*a)->c.root->src, position), w);
}

void lsp_definition(struct request *q)
{
	struct analysis *a;
	struct word w;
	struct src_file *f;

	if (!named(q, &a, &w))
		return;
	if (w.symbol && w.symbol->kind == SYMBOL_MODULE && w.symbol->module) {
		f = w.symbol->module->src;
		if (f && !w.symbol->module->in_library)
			place_add_location(q, f, (struct span){f->base, f->base});
		return;
	}
	f = src_file_at(&a->c.src, w.target.lo);
	/* A file of the library that the program carries is on no disk. */
	if (f && !str_has_prefix(f->path, STR("std/")))
		place_add_location(q, f, w.target);
}

void lsp_type_definition(struct request *q)
{
	struct analysis *a;
	struct word w;
	const struct type *t;
	struct symbol *sym;

	if (!named(q, &a, &w) || !w.type)
		return;
	t = type_strip(w.type);
	while (t->kind == TYPE_LIST || t->kind == TYPE_DICT)
		t = t->elem;
	sym = word_type_symbol(&a->c, t);
	if (sym && sym->file && !sym->file->in_library)
		place_add_location(q, sym->file->src, sym->span);
}

/* A place in a file, to be compared over compilations. */
struct place {
	struct str path;
	uint32_t at;
};

static struct place place_at(struct arena *a, const struct src *src, struct span span)
{
	const struct src_file *f = src_file_at(src, span.lo);
	char *real = f ? realpath(f->path.p, NULL) : NULL;
	struct place p = {{"", 0}, 0};

	if (f)
		p = (struct place){arena_str(a, real ? str_of(real) : f->path),
				   span.lo - f->base};
	free(real);
	return p;
}

/* All places where a name stands, in the files of the workspace. */
struct gathering {
	struct request *q;
	struct place target;
	struct str name;
	bool with_declaration;
	const struct analysis *a;	/* that is gone through */
	const struct sema_file *f;
	void (*add)(struct gathering *g, struct span span);
	struct map done;		/* paths of files that were gone through */
	struct buf *out;
	bool is_open;			/* out has an open list of edits */
	unsigned n;
};

static void gather_word(void *ctx, const struct word *w)
{
	struct gathering *g = ctx;
	struct place p;

	if (!str_eq(src_text(&g->a->c.src, w->span), g->name) ||
	    (w->is_declaration && !g->with_declaration))
		return;
	p = place_at(&g->q->arena, &g->a->c.src, w->target);
	if (p.at == g->target.at && str_eq(p.path, g->target.path))
		g->add(g, w->span);
}

static void gather_file(struct gathering *g, const struct analysis *a,
			const struct sema_file *f)
{
	struct place p;

	if (!f->src || f->in_library)
		return;
	p = place_at(&g->q->arena, &a->c.src,
		     (struct span){f->src->base, f->src->base});
	if (!p.path.n || map_get(&g->done, p.path))
		return;
	map_set(&g->done, p.path, g);
	g->a = a;
	g->f = f;
	word_each(&a->c, f, gather_word, g);
	if (g->is_open)
		buf_addc(g->out, ']');
	g->is_open = false;
}

static void gather_analysis(struct gathering *g, const struct analysis *a)
{
	for (size_t i = 0; a && i < a->c.sema.files.n; i++)
		gather_file(g, a, a->c.sema.files.at[i]);
}

/* Only a text that has the name in it can have it stand for something. */
static void gather_path(void *ctx, struct str path)
{
	struct gathering *g = ctx;
	struct buf text = {0};
	struct analysis *a;
	struct err err;

	if (!map_get(&g->done, path) &&
	    !io_read_file(path.p, LIMIT_FILE_BYTES, &text, &err) &&
	    str_find(buf_str(&text), g->name, 0) < text.n) {
		a = analysis_new(g->q->s, path, buf_str(&text), false);
		if (a->is_read)
			gather_file(g, a, a->c.root);
		analysis_free(a);
	}
	buf_release(&text);
}

static void gather(struct gathering *g, struct analysis *a, const struct word *w,
		   bool everywhere)
{
	g->target = place_at(&g->q->arena, &a->c.src, w->target);
	g->name = arena_str(&g->q->arena, src_text(&a->c.src, w->span));
	g->out = &g->q->out;
	if (!everywhere) {
		gather_file(g, a, a->c.root);
	} else {
		gather_analysis(g, a);
		for (struct document *d = g->q->s->documents; d; d = d->next)
			gather_analysis(g, document_analysis(g->q->s, d));
		document_each_file(g->q->s, gather_path, g);
	}
	map_release(&g->done);
}

static void comma(struct gathering *g)
{
	buf_addz(g->out, g->n++ ? "," : "");
}

static void add_reference(struct gathering *g, struct span span)
{
	comma(g);
	place_add_location(g->q, g->f->src, span);
}

void lsp_references(struct request *q)
{
	struct value declaration = rpc_at(q->params, "context.includeDeclaration");
	struct gathering g = {.q = q, .add = add_reference,
			      .with_declaration = declaration.kind != VALUE_BOOL ||
						  declaration.b};
	struct analysis *a;
	struct word w;

	if (!named(q, &a, &w))
		return;
	buf_addc(&q->out, '[');
	gather(&g, a, &w, true);
	buf_addc(&q->out, ']');
}

static void add_highlight(struct gathering *g, struct span span)
{
	comma(g);
	buf_addc(g->out, '{');
	place_add_range(g->q->s, g->f->src, span, g->out);
	buf_addc(g->out, '}');
}

void lsp_highlight(struct request *q)
{
	struct gathering g = {.q = q, .add = add_highlight, .with_declaration = true};
	struct analysis *a;
	struct word w;

	if (!named(q, &a, &w))
		return;
	buf_addc(&q->out, '[');
	gather(&g, a, &w, false);
	buf_addc(&q->out, ']');
}

/* Does some component's code read it by its name? */
static bool is_in_code(const struct analysis *a, const struct word *w)
{
	const struct node *top;

	if (!w->decl || (w->decl->kind != AST_PARAM && w->decl->kind != AST_OUTPUT))
		return false;
	for (size_t i = 0; i < a->c.sema.files.n; i++) {
		const struct sema_file *f = a->c.sema.files.at[i];

		if (!f->tree)
			continue;
		list_each(item, &f->tree->file.items) {
			top = item;
			if (top->kind == AST_COMPONENT && top->span.lo <= w->target.lo &&
			    w->target.hi <= top->span.hi)
				return true;
		}
	}
	return false;
}

/* Why it cannot have another name; NULL: it can. */
static const char *keeps_name(const struct analysis *a, const struct word *w)
{
	const struct src_file *f = src_file_at(&a->c.src, w->target.lo);

	if (!f || (w->symbol && w->symbol->file && w->symbol->file->in_library) ||
	    str_has_prefix(f->path, STR("std/")))
		return "it is declared in the standard library";
	if (w->symbol && w->symbol->kind == SYMBOL_MODULE)
		return "a module is named by its file";
	if (is_in_code(a, w))
		return "the code of its component reads it by this name";
	return NULL;
}

static void refuse(struct request *q, const char *why)
{
	q->code = LSP_REQUEST_FAILED;
	q->fault = why;
}

void lsp_prepare_rename(struct request *q)
{
	struct analysis *a;
	struct word w;
	const char *why;

	if (!named(q, &a, &w))
		return;
	why = keeps_name(a, &w);
	if (why) {
		refuse(q, why);
		return;
	}
	buf_addc(&q->out, '{');
	place_add_range(q->s, a->c.root->src, w.span, &q->out);
	json_put_str(&q->out, "placeholder", src_text(&a->c.src, w.span));
	buf_addc(&q->out, '}');
}

static bool is_name(struct str s)
{
	if (!s.n || (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!word_is_letter(s.p[i]))
			return false;
	return true;
}

static void add_rename(struct gathering *g, struct span span)
{
	struct str put = rpc_str(g->q->params, "newName");

	if (g->is_open) {
		buf_addc(g->out, ',');
	} else {
		struct place p = place_at(&g->q->arena, &g->a->c.src, span);

		comma(g);
		buf_add_json(g->out, place_uri_of(&g->q->arena, p.path));
		buf_addz(g->out, ":[");
		g->is_open = true;
	}
	edit_add(g->q->s, g->f->src, span, put, g->out);
}

void lsp_rename(struct request *q)
{
	struct gathering g = {.q = q, .add = add_rename, .with_declaration = true};
	struct analysis *a;
	struct word w;
	const char *why;

	if (!named(q, &a, &w))
		return;
	why = keeps_name(a, &w);
	if (!why && !is_name(rpc_str(q->params, "newName")))
		why = "a name is letters, digits and '_', and does not begin with a digit";
	if (why) {
		refuse(q, why);
		return;
	}
	buf_addz(&q->out, "{\"changes\":{");
	gather(&g, a, &w, true);
	buf_addz(&q->out, "}}");
}
