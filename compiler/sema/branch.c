#include <config.h>

#include "compiler/sema/check.h"

static const struct type *read_type(struct scope *c, const struct type *t)
{
	return t->kind == TYPE_METRIC ? c->s->types->floating : t;
}

/* The outputs that both tasks have, with types that fit both. */
static uint32_t common_outs(struct scope *c, struct result a, struct result b,
			    struct symbol_out *outs)
{
	uint32_t n = 0, j = 0;

	for (uint32_t i = 0; i < a.nouts; i++) {
		uint32_t k = 0;

		while (k < b.nouts && b.outs[(j + k) % b.nouts].name != a.outs[i].name)
			k++;
		if (k == b.nouts)
			continue;
		j = (j + k) % b.nouts;
		outs[n] = a.outs[i];
		outs[n].type = type_join(c->s->types, read_type(c, a.outs[i].type),
					 read_type(c, b.outs[j].type));
		n += outs[n].type != NULL;
	}
	return n;
}

/* What a result is worth as a value; NULL if it is none. */
static const struct type *worth(struct scope *c, struct result r)
{
	if (r.kind == RESULT_VALUE)
		return r.type;
	if (r.kind == RESULT_TASK && r.nouts == 1)
		return read_type(c, r.outs[0].type);
	return NULL;
}

bool merge_results(struct scope *c, struct result a, struct result b, struct symbol *out)
{
	const struct type *ta = worth(c, a), *tb = worth(c, b), *both;
	struct symbol_out *outs;

	if (a.kind == RESULT_TASK && b.kind == RESULT_TASK) {
		outs = ARENA_ARRAY(c->s->parse.arena, a.nouts, struct symbol_out);
		out->nouts = common_outs(c, a, b, outs);
		out->outs = outs;
		out->kind = SYMBOL_TASK;
		if (out->nouts || !(ta && tb))
			return out->nouts > 0;
	}
	out->kind = SYMBOL_VALUE;
	both = ta && tb ? type_join(c->s->types, ta, tb) : NULL;
	out->type = both ? both : c->s->types->error;
	return both != NULL;
}

static struct result symbol_result(const struct symbol *sym)
{
	if (sym->kind == SYMBOL_TASK)
		return (struct result){
			.kind = RESULT_TASK, .outs = sym->outs, .nouts = sym->nouts};
	return result_of_type(sym->type);
}

/* The branch in which a name is not bound, as far down the elifs as it lacks. */
static void lose(struct scope *c, struct node *node, struct symbol *bound, bool on_then)
{
	struct lost *lost = ARENA_NEW(c->s->parse.arena, struct lost);
	struct lost *inner = map_get(&c->lost, sym_str(bound->name));
	const struct list *lacking = on_then ? &node->if_.orelse : &node->if_.then;

	lost->bound = bound;
	lost->lacking_else = on_then && !node->if_.has_else;
	if (lost->lacking_else || !lacking->n)
		lost->lacking = node->if_.cond->span;
	else
		lost->lacking = lacking->first->span;
	if (inner && inner->lacking.lo >= lost->lacking.lo &&
	    inner->lacking.lo < node->span.hi) {
		inner->bound = bound;
		return;
	}
	map_set(&c->lost, sym_str(bound->name), lost);
}

static void lose_types(struct scope *c, struct symbol *a, struct symbol *b)
{
	struct lost *lost = ARENA_NEW(c->s->parse.arena, struct lost);
	const struct type *ta = worth(c, symbol_result(a));
	const struct type *tb = worth(c, symbol_result(b));

	lost->bound = a;
	lost->lacking = b->span;
	lost->then_text = ta ? type_text(c, ta) : "a task";
	lost->else_text = tb ? type_text(c, tb) : "a task";
	map_set(&c->lost, sym_str(a->name), lost);
}

static void merge_one(struct scope *c, struct node *node, struct symbol *a,
		      struct symbol *b)
{
	struct symbol *sym = symbol_new(c->s, SYMBOL_VALUE, a->name, a->span);

	sym->decl = node;
	sym->file = c->file;
	sym->state = SYMBOL_DONE;
	sym->is_computed = true;
	if (a->kind == SYMBOL_ERROR || b->kind == SYMBOL_ERROR) {
		sym->kind = SYMBOL_ERROR;
	} else if (merge_results(c, symbol_result(a), symbol_result(b), sym)) {
		sym->on_then = a;
		sym->on_else = b;
	} else {
		lose_types(c, a, b);
		return;
	}
	scope_rebind(c, sym);
}

void check_merge(struct scope *c, struct node *node, struct symbol *const *then,
		 size_t nthen,
		 struct symbol *const *orelse, size_t nelse)
{
	struct map other = {0};

	for (size_t i = 0; i < nelse; i++)
		map_set(&other, sym_str(orelse[i]->name), orelse[i]);
	for (size_t i = 0; i < nthen; i++) {
		struct symbol *b = map_get(&other, sym_str(then[i]->name));

		if (b) {
			map_set(&other, sym_str(b->name), NULL);
			merge_one(c, node, then[i], b);
		} else {
			lose(c, node, then[i], true);
		}
	}
	for (size_t i = 0; i < nelse; i++) {
		if (map_get(&other, sym_str(orelse[i]->name)))
			lose(c, node, orelse[i], false);
	}
	map_release(&other);
}
