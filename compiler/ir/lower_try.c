#include <config.h>

#include "compiler/ir/lower_int.h"

static uint32_t lower_part(struct lower *l, enum block_kind kind, uint32_t owner,
			   const struct list *items)
{
	struct inside around = graph_enter(l, kind, owner);
	uint32_t block = l->graph->block;

	lower_statements(l, items);
	graph_leave(l, around);
	return block;
}

void lower_try(struct lower *l, struct node *item)
{
	struct span at = {item->span.lo, item->span.lo + 3};
	uint32_t node = graph_add(l, graph_node(l, NODE_TRY, NULL, at), "");
	uint32_t block;

	item->ref->index = node;
	block = lower_part(l, BLOCK_TRY, node, &item->try_.items);
	l->graph->nodes.at[node].then_block = block;
	if (item->try_.has_except) {
		block = lower_part(l, BLOCK_EXCEPT, node, &item->try_.except);
		l->graph->nodes.at[node].else_block = block;
	}
	if (item->try_.has_finally) {
		block = lower_part(l, BLOCK_FINALLY, node, &item->try_.final);
		l->graph->nodes.at[node].final_block = block;
	}
	lower_merges(l, item->ref);
}

/* An assert whose outcome is known already. */
static void check_known(struct lower *l, const struct node *item, struct value known,
			const struct site *message)
{
	struct value text;
	struct diag *d;

	if (known.b) {
		diag(l->diags, item->assert_.cond->span, W0403, "this is always True");
		return;
	}
	d = diag(l->diags, item->assert_.cond->span, E0803, "this is never True");
	if (message && site_value(message, &text))
		diag_label(d, "%.*s", STR_ARG(str_sub(*text.s, 0, 200)));
}

void lower_assert(struct lower *l, struct node *item)
{
	struct module_node n = graph_node(l, NODE_ASSERT, NULL, item->span);
	const struct site **message = ARENA_NEW(&l->m->arena, const struct site *);
	struct value known;

	n.cond = lower_site(l, item->assert_.cond, l->s->types->boolean);
	*message = lower_site(l, item->assert_.message, l->s->types->string);
	if (*message) {
		n.args = message;
		n.nargs = 1;
	}
	if (site_value(n.cond, &known))
		check_known(l, item, known, *message);
	l->graph->asserted = graph_add(l, n, "");
}
