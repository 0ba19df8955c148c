/* What a file declares, as a tree, and what can be folded in it. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <ctype.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/value/json.h"

enum symbol_kind_lsp {	/* numbers of the protocol */
	KIND_MODULE = 2, KIND_CLASS = 5, KIND_METHOD = 6, KIND_PROPERTY = 7, KIND_FIELD = 8,
	KIND_ENUM = 10, KIND_FUNCTION = 12, KIND_VARIABLE = 13, KIND_CONSTANT = 14,
	KIND_STRUCT = 23, KIND_EVENT = 24, KIND_OBJECT = 19, KIND_MEMBER = 22,
};

static int kind_of(const struct node *n)
{
	switch (n->kind) {
	case AST_COMPONENT:
		return KIND_CLASS;
	case AST_PIPELINE:
	case AST_DEF:
		return KIND_FUNCTION;
	case AST_ENUM:
		return KIND_ENUM;
	case AST_STRUCT:
	case AST_TYPEDEF:
	case AST_ARTIFACT:
		return KIND_STRUCT;
	case AST_CONST:
		return KIND_CONSTANT;
	case AST_SCHEDULE:
		return KIND_EVENT;
	case AST_TEST:
		return KIND_METHOD;
	default:
		return KIND_OBJECT;
	}
}

struct outline {
	struct request *q;
	const struct analysis *a;
	unsigned n;
};

static void open_symbol(struct outline *o, struct str name, int kind, struct span whole,
			struct span at)
{
	const struct src_file *f = o->a->c.root->src;
	struct buf *out = &o->q->out;
	uint32_t line, character;

	buf_addz(out, o->n++ ? ",{" : "{");
	json_put_str(out, "name", name.n ? name : STR("?"));
	json_put_int(out, "kind", kind);
	place_add_range(o->q->s, f, whole, out);
	json_put_key(out, "selectionRange");
	place_of(o->q->s, f, at.lo, &line, &character);
	buf_addf(out, "{\"start\":{\"line\":%u,\"character\":%u}", line, character);
	place_of(o->q->s, f, at.hi, &line, &character);
	buf_addf(out, ",\"end\":{\"line\":%u,\"character\":%u}}", line, character);
	json_put_key(out, "children");
	buf_addc(out, '[');
}

static void leaf(struct outline *o, struct str name, int kind, struct span whole,
		 struct span at)
{
	open_symbol(o, name, kind, whole, at);
	buf_addz(&o->q->out, "]}");
}

static void rows(struct outline *o, const struct list *l)
{
	list_each(n, l) {
		if (n->kind == AST_PARAM)
			leaf(o, sym_str(n->param.name), KIND_PROPERTY, n->span,
			     n->param.name_at);
		else if (n->kind == AST_OUTPUT && !n->output.unnamed)
			leaf(o, sym_str(n->output.name), KIND_FIELD, n->span,
			     n->output.name_at);
		else if (n->kind == AST_MEMBER)
			leaf(o, sym_str(n->member.name), KIND_MEMBER, n->span, n->span);
		else if (n->kind == AST_BIND && n->bind.target &&
			 n->bind.target->kind == AST_NAME)
			leaf(o, sym_str(n->bind.target->name.name), KIND_VARIABLE,
			     n->span, n->bind.target->span);
	}
}

static void children(struct outline *o, const struct node *n)
{
	switch (n->kind) {
	case AST_COMPONENT:
		rows(o, &n->component.params);
		rows(o, &n->component.outputs);
		break;
	case AST_PIPELINE:
		rows(o, &n->pipeline.params);
		rows(o, &n->pipeline.outputs);
		rows(o, &n->pipeline.items);
		break;
	case AST_STRUCT:
		rows(o, &n->struct_.fields);
		break;
	case AST_ENUM:
		rows(o, &n->enum_.members);
		break;
	default:
		break;
	}
}

void lsp_outline(struct request *q)
{
	struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	struct outline o = {q, a, 0};

	if (!a || !a->c.root->tree)
		return;
	buf_addc(&q->out, '[');
	list_each(n, &a->c.root->tree->file.items) {
		const struct node *name = word_name_node(n);

		if (!name)
			continue;
		open_symbol(&o, src_text(&a->c.src, name->span), kind_of(n), n->span,
			    name->span);
		o.n = 0;
		children(&o, n);
		buf_addz(&q->out, "]}");
		o.n = 1;
	}
	buf_addc(&q->out, ']');
}

/* Does the name hold these letters, in this order, whatever their case? */
static bool is_like(struct str name, struct str query)
{
	size_t k = 0;

	for (size_t i = 0; i < name.n && k < query.n; i++)
		k += tolower((unsigned char)name.p[i]) ==
		     tolower((unsigned char)query.p[k]);
	return k == query.n;
}

static void add_symbols(struct request *q, const struct src_file *f,
			const struct node *tree)
{
	struct str query = rpc_str(q->params, "query");

	list_each(n, &tree->file.items) {
		const struct node *name = word_name_node(n);
		struct str text;

		if (!name || name->kind != AST_NAME)
			continue;
		text = sym_str(name->name.name);
		if (!is_like(text, query))
			continue;
		buf_addz(&q->out, q->out.n > 1 ? ",{" : "{");
		json_put_str(&q->out, "name", text);
		json_put_int(&q->out, "kind", kind_of(n));
		json_put_key(&q->out, "location");
		place_add_location(q, f, name->span);
		buf_addc(&q->out, '}');
	}
}

static void add_file_symbols(void *ctx, struct str path)
{
	struct request *q = ctx;
	struct compilation c;
	struct node *tree;
	struct err err;

	compilation_init(&c);
	tree = compile_parse(&c, path.p, &err);
	if (tree)
		add_symbols(q, c.src.files.at[0], tree);
	compilation_release(&c);
}

void lsp_workspace_symbol(struct request *q)
{
	buf_addc(&q->out, '[');
	for (struct document *d = q->s->documents; d; d = d->next) {
		struct analysis *a = document_analysis(q->s, d);

		if (a && a->c.root->tree)
			add_symbols(q, a->c.root->src, a->c.root->tree);
	}
	document_each_file(q->s, add_file_symbols, q);
	buf_addc(&q->out, ']');
}

struct folds {
	struct request *q;
	const struct analysis *a;
	unsigned n;
};

static void add_fold(struct folds *f, struct span span, const char *kind)
{
	const struct src_file *file = f->a->c.root->src;
	struct buf *out = &f->q->out;
	uint32_t first, last, character;
	struct str text = src_text(&f->a->c.src, span);

	while (text.n && isspace((unsigned char)text.p[text.n - 1]))
		text.n--;
	place_of(f->q->s, file, span.lo, &first, &character);
	place_of(f->q->s, file, span.lo + (uint32_t)text.n, &last, &character);
	if (last <= first)
		return;
	buf_addz(out, f->n++ ? ",{" : "{");
	json_put_int(out, "startLine", first);
	json_put_int(out, "endLine", last);
	if (kind)
		json_put_str(out, "kind", str_of(kind));
	buf_addc(out, '}');
}

static bool fold_node(void *ctx, const struct node *n)
{
	switch (n->kind) {
	case AST_CODE:
	case AST_GROUP:
	case AST_IF:
	case AST_FOR:
	case AST_TRY:
	case AST_LIST:
	case AST_DICT:
	case AST_CALL:
		add_fold(ctx, n->span, NULL);
		break;
	default:
		if (word_name_node(n))
			add_fold(ctx, n->span, NULL);
	}
	return true;
}

/* Comments of several lines, and the imports on top. */
static void fold_lines(struct folds *f)
{
	const struct src_file *file = f->a->c.root->src;
	uint32_t from = 0;
	bool was = false;

	for (uint32_t line = 1; line <= file->nlines + 1; line++) {
		bool is = line <= file->nlines &&
			  str_has_prefix(str_trim(src_line(file, line)), STR("#"));

		if (is && !was)
			from = line;
		if (!is && was && line - from > 1)
			add_fold(f,
				 (struct span){file->base + file->lines[from - 1],
					       file->base + (line <= file->nlines
								     ? file->lines[line - 1]
								     : (uint32_t)file->text.n)},
				 "comment");
		was = is;
	}
}

void lsp_folding(struct request *q)
{
	struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	struct folds f = {q, a, 0};

	if (!a || !a->c.root->tree)
		return;
	buf_addc(&q->out, '[');
	ast_each(a->c.root->tree, fold_node, &f);
	fold_lines(&f);
	buf_addc(&q->out, ']');
}
