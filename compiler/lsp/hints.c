/* Types beside names that do not say them, and what can be run. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include "runtime/value/json.h"

struct hints {
	struct request *q;
	const struct analysis *a;
	uint32_t lo, hi;	/* of what the editor shows */
	unsigned n;
};

static void hint(void *ctx, const struct word *w)
{
	struct hints *h = ctx;
	struct buf *out = &h->q->out, label = {0};
	uint32_t line, character;
	bool is_plain;

	if (!w->is_declaration || !w->symbol || !w->type || w->span.lo < h->lo ||
	    w->span.lo > h->hi || w->type->kind == TYPE_ERROR)
		return;
	is_plain = w->symbol->kind == SYMBOL_VALUE && w->decl &&
		   w->decl->kind == AST_BIND && !w->decl->bind.type;
	if (!is_plain && w->symbol->kind != SYMBOL_ITEM &&
	    !(w->symbol->kind == SYMBOL_CONST && w->decl && !w->decl->const_.type))
		return;
	place_of(h->q->s, h->a->c.root->src, w->span.hi, &line, &character);
	buf_addz(&label, ": ");
	type_print(w->type, &label);
	buf_addz(out, h->n++ ? ",{" : "{");
	buf_addf(out, "\"position\":{\"line\":%u,\"character\":%u}", line, character);
	json_put_str(out, "label", buf_str(&label));
	json_put_int(out, "kind", 1);
	buf_addc(out, '}');
	buf_release(&label);
}

void lsp_hints(struct request *q)
{
	struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	struct hints h = {.q = q, .a = a};

	if (!a)
		return;
	h.lo = place_offset(q->s, a->c.root->src, rpc_at(q->params, "range.start"));
	h.hi = place_offset(q->s, a->c.root->src, rpc_at(q->params, "range.end"));
	buf_addc(&q->out, '[');
	word_each(&a->c, a->c.root, hint, &h);
	buf_addc(&q->out, ']');
}

static void lens(struct request *q, const struct src_file *f, struct span at,
		 const char *title, const char *command, struct str name)
{
	buf_addz(&q->out, q->out.n > 1 ? ",{" : "{");
	place_add_range(q->s, f, at, &q->out);
	json_put_key(&q->out, "command");
	buf_addc(&q->out, '{');
	json_put_str(&q->out, "title", str_of(title));
	json_put_str(&q->out, "command", str_of(command));
	json_put_key(&q->out, "arguments");
	buf_addc(&q->out, '[');
	buf_add_json(&q->out, q->doc->uri);
	buf_addc(&q->out, ',');
	buf_add_json(&q->out, name);
	buf_addz(&q->out, "]}}");
}

void lsp_lenses(struct request *q)
{
	struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;

	if (!a || !a->c.root->tree)
		return;
	buf_addc(&q->out, '[');
	list_each(n, &a->c.root->tree->file.items) {
		const struct node *name = word_name_node(n);
		struct str text;

		if (!name)
			continue;
		text = name->kind == AST_NAME     ? sym_str(name->name.name)
		       : name->kind == AST_STRING ? name->string.value
						  : (struct str){"", 0};
		if (n->kind == AST_TEST)
			lens(q, a->c.root->src, name->span, "run test", "kfpc.test", text);
		if (n->kind != AST_PIPELINE)
			continue;
		lens(q, a->c.root->src, name->span, "run", "kfpc.run", text);
		lens(q, a->c.root->src, name->span, "plan", "kfpc.plan", text);
	}
	buf_addc(&q->out, ']');
}
