/* What a name is. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include "runtime/value/json.h"

static void add_line(struct buf *out, const char *what, struct str name,
		     const struct type *t)
{
	buf_addf(out, "```kfp\n%s%.*s", what, STR_ARG(name));
	if (t) {
		buf_addz(out, ": ");
		type_print(t, out);
	}
	buf_addz(out, "\n```\n");
}

static const char *kind_word(const struct word *w)
{
	if (!w->symbol)
		return w->decl && w->decl->kind == AST_OUTPUT ? "(output) " : "(member) ";
	switch (w->symbol->kind) {
	case SYMBOL_PARAM:
		return "(parameter) ";
	case SYMBOL_OUTPUT:
		return "(output) ";
	case SYMBOL_ITEM:
		return "(element) ";
	case SYMBOL_TASK:
		return "(task) ";
	default:
		return "";
	}
}

static struct str doc_of(const struct node *decl)
{
	if (!decl)
		return (struct str){"", 0};
	return decl->kind == AST_PARAM    ? decl->param.doc
	       : decl->kind == AST_OUTPUT ? decl->output.doc
	       : decl->kind == AST_MEMBER ? decl->member.doc
					  : (struct str){"", 0};
}

/* A task: what it gives. */
static void add_task(const struct word *w, struct buf *out)
{
	const struct symbol *sym = w->symbol;

	buf_addf(out, "```kfp\n(task) %s", sym->name->s);
	if (sym->target && sym->target->name)
		buf_addf(out, " = %s(...)", sym->target->name->s);
	for (uint32_t i = 0; i < sym->nouts; i++) {
		buf_addf(out, "\n    .%s: ", sym->outs[i].name ? sym->outs[i].name->s
							       : "output");
		type_print(sym->outs[i].type, out);
	}
	buf_addz(out, "\n```\n");
}

static void add_constraint(const struct word *w, const struct src *src, struct buf *out)
{
	const struct node *where = w->decl && w->decl->kind == AST_PARAM
					   ? w->decl->param.where
				   : w->decl && w->decl->kind == AST_OUTPUT
					   ? w->decl->output.where
					   : NULL;
	const struct node *value =
		w->decl && w->decl->kind == AST_PARAM ? w->decl->param.value : NULL;

	if (value)
		buf_addf(out, "\ndefault: `%.*s`\n", STR_ARG(src_text(src, value->span)));
	if (where)
		buf_addf(out, "\nwhere `%.*s`\n", STR_ARG(src_text(src, where->span)));
}

/* Those that have something said about them. */
static void add_rows(const struct reference_group *g, struct buf *out)
{
	for (uint32_t i = 0; i < g->nrows; i++)
		if (g->rows[i].doc.n)
			buf_addf(out, "\n- `%.*s`: %.*s", STR_ARG(g->rows[i].name),
				 STR_ARG(g->rows[i].doc));
}

/* What a name is, as Markdown. */
static void describe_add(struct request *q, const struct analysis *a, const struct word *w)
{
	struct buf *out = &q->out;
	struct reference_entry e;
	struct str name = w->symbol ? sym_str(w->symbol->name)
				    : src_text(&a->c.src, w->span);

	if (w->symbol && w->symbol->kind == SYMBOL_TASK) {
		add_task(w, out);
		return;
	}
	if (w->symbol && w->symbol->kind == SYMBOL_MODULE) {
		add_line(out, "module ", name, NULL);
		if (w->symbol->module && w->symbol->module->tree)
			buf_add(out, w->symbol->module->tree->file.doc);
		return;
	}
	if (w->decl && word_name_node(w->decl) && word_describe(&a->c, &q->arena, w->decl, &e)) {
		buf_addf(out, "```kfp\n%s %.*s\n```\n\n%.*s\n", reference_kind(&e),
			 STR_ARG(e.signature), STR_ARG(e.doc));
		for (int i = 0; i < REFERENCE_GROUPS; i++)
			add_rows(&e.groups[i], out);
		return;
	}
	add_line(out, kind_word(w), name, w->type);
	buf_add(out, doc_of(w->decl));
	buf_addc(out, '\n');
	add_constraint(w, &a->c.src, out);
}

struct term {
	const char *name, *doc;
};

static const char *find_term(const struct term *all, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (name.n && str_is(name, all[i].name))
			return all[i].doc;
	return NULL;
}

/* Names of the language itself; of a type and a function of one name, the function where
 * it is called. */
static const char *term_doc(struct str name, bool is_call)
{
	static const struct term functions[] = {
#define BUILTIN(ID, name, least, most, doc) {name, doc},
#include "runtime/value/builtin.def"
#undef BUILTIN
	}, others[] = {
#define TYPE(ID, name, doc) {name, doc},
#include "runtime/value/type.def"
#undef TYPE
#define SETTING(ID, name, type, places, doc) {name, doc},
#include "runtime/bc/setting.def"
#undef SETTING
	};
	const char *called = find_term(functions, sizeof functions / sizeof *functions, name);
	const char *other = find_term(others, sizeof others / sizeof *others, name);

	return called && (is_call || !other) ? called : other;
}

/* The letters around an offset of a file. */
static struct span letters_at(const struct src_file *f, uint32_t offset)
{
	size_t lo = offset - f->base, hi = lo;

	while (lo && word_is_letter(f->text.p[lo - 1]))
		lo--;
	while (hi < f->text.n && word_is_letter(f->text.p[hi]))
		hi++;
	return (struct span){f->base + (uint32_t)lo, f->base + (uint32_t)hi};
}

static void answer(struct request *q, const struct src_file *f, struct span span)
{
	struct buf text = q->out;

	q->out = (struct buf){0};
	buf_addz(&q->out, "{\"contents\":{\"kind\":\"markdown\",\"value\":");
	buf_add_json(&q->out, str_trim(buf_str(&text)));
	buf_addc(&q->out, '}');
	place_add_range(q->s, f, span, &q->out);
	buf_addc(&q->out, '}');
	buf_release(&text);
}

void lsp_hover(struct request *q)
{
	struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	const struct src_file *f = a ? a->c.root->src : NULL;
	struct span letters;
	struct word w;
	const char *doc;
	bool is_call;
	uint32_t at;

	if (!a)
		return;
	at = place_offset(q->s, f, rpc_at(q->params, "position"));
	letters = letters_at(f, at);
	is_call = letters.hi - f->base < f->text.n &&
		  f->text.p[letters.hi - f->base] == '(';
	if (word_at(&a->c, at, &w)) {
		describe_add(q, a, &w);
		answer(q, f, w.span);
	} else if ((doc = term_doc(src_text(&a->c.src, letters), is_call))) {
		add_line(&q->out, "", src_text(&a->c.src, letters), NULL);
		buf_addz(&q->out, doc);
		answer(q, f, letters);
	}
}
