/* Completion and signatures, as the protocol has them. */
#include <config.h>

#include "compiler/lsp/complete.h"
#include "compiler/lsp/lsp_int.h"
#include "runtime/value/json.h"

static void add_item(void *ctx, const struct complete_item *i)
{
	struct request *q = ctx;
	struct buf *out = &q->out;

	buf_addz(out, out->p[out->n - 1] == '[' ? "{" : ",{");
	json_put_str(out, "label", i->text);
	json_put_int(out, "kind", i->kind);
	if (i->detail.n)
		json_put_str(out, "detail", i->detail);
	if (i->doc.n) {
		json_put_key(out, "documentation");
		buf_addz(out, "{\"kind\":\"markdown\",\"value\":");
		buf_add_json(out, i->doc);
		buf_addc(out, '}');
	}
	buf_addc(out, '}');
}

/* Is the offset within the code of this declaration? */
static bool is_in_code(const struct node *top, uint32_t at)
{
	if (top && top->kind == AST_COMPONENT)
		list_each(item, &top->component.items)
			if (item->kind == AST_CODE && item->code.text_at.lo <= at &&
			    at <= item->code.text_at.hi + 1)
				return true;
	return false;
}

static bool begin(struct completion *c, struct request *q)
{
	const struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	const struct src_file *f = a ? a->c.root->src : NULL;
	const struct node *top;
	uint32_t at;

	if (!f)
		return false;
	at = place_offset(q->s, f, rpc_at(q->params, "position"));
	top = word_around(&a->c, at);
	*c = (struct completion){.offer = add_item, .ctx = q};
	c->p = (struct complete_place){
		.c = &a->c,
		.arena = &q->arena,
		.text = f->text,
		.at = at - f->base,
		.from = top ? top->span.lo - f->base : 0,
		.top = top,
		.kind = top ? top->kind : AST_ERROR,
		.in_code = is_in_code(top, at),
	};
	return true;
}

void lsp_completion(struct request *q)
{
	struct completion c;

	if (!begin(&c, q))
		return;
	buf_addz(&q->out, "{\"items\":[");
	complete_at(&c);
	buf_addf(&q->out, "],\"isIncomplete\":%s}", c.is_cut ? "true" : "false");
}

static void add_parameters(struct request *q, const struct reference_entry *e)
{
	const struct reference_group *g = &e->groups[0];

	json_put_key(&q->out, "parameters");
	buf_addc(&q->out, '[');
	for (uint32_t i = 0; i < g->nrows; i++) {
		struct buf label = {0};

		reference_add_row(&g->rows[i], &label);
		buf_addz(&q->out, i ? ",{" : "{");
		json_put_str(&q->out, "label", buf_str(&label));
		if (g->rows[i].doc.n)
			json_put_str(&q->out, "documentation", g->rows[i].doc);
		buf_addc(&q->out, '}');
		buf_release(&label);
	}
	buf_addc(&q->out, ']');
}

/* The parameter that is being typed: the one named last, else the one of its place. */
static uint32_t active(struct completion *c, const struct symbol *callee, size_t bracket)
{
	struct str given = str_sub(c->p.text, bracket, c->p.at);
	struct str value = complete_argument(c);
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

	if (!begin(&c, q))
		return;
	complete_begin(&c);
	callee = complete_callee(&c, &bracket);
	if (!callee || !word_describe(c.p.c, &q->arena, callee->decl, &e))
		return;
	buf_addz(&q->out, "{\"signatures\":[{");
	json_put_str(&q->out, "label", e.signature);
	if (e.doc.n)
		json_put_str(&q->out, "documentation", e.doc);
	add_parameters(q, &e);
	buf_addz(&q->out, "}]");
	json_put_int(&q->out, "activeSignature", 0);
	json_put_int(&q->out, "activeParameter", active(&c, callee, bracket));
	buf_addc(&q->out, '}');
}
