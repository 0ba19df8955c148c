#include <config.h>

#include "compiler/sema/check.h"

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
		outs[n].type = type_join(c->s->types, type_read(c->s->types, a.outs[i].type),
					 type_read(c->s->types, b.outs[j].type));
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
		return type_read(c->s->types, r.outs[0].type);
	return NULL;
}

bool merge_results(struct scope *c, struct result a, struct result b, struct symbol *out)
{
	const struct type *ta = worth(c, a), *tb = worth(c, b), *both;
	struct symbol_out *outs;

	if (a.kind == RESULT_TASK && b.kind == RESULT_TASK) {
		outs = ARENA_ARRAY(c->s->parse.arena, a.nouts, struct symbol_out);
		out->nouts = common_outs(c, a, b, outs);
		out->lists = a.lists == b.lists ? a.lists : 0;
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
		return (struct result){.kind = RESULT_TASK,
				       .outs = sym->outs,
				       .nouts = sym->nouts,
				       .lists = sym->lists};
	return result_of_type(sym->type);
}

/* The first place of a block that does not bind a name. */
static struct span block_span(const struct list *block, struct span otherwise)
{
	return block->n ? block->first->span : otherwise;
}

/* Where a name is lacking that one side of node binds. */
static void find_lacking(struct lost *lost, const struct node *node, bool on_then)
{
	struct span head = {node->span.lo, node->span.lo + 3};

	if (node->kind == AST_TRY) {
		lost->what = on_then ? "this 'except' does not bind it"
				     : "what is tried does not bind it";
		lost->lacking = block_span(
			on_then ? &node->try_.except : &node->try_.items, head);
		return;
	}
	lost->lacking_else = on_then && !node->if_.has_else;
	lost->lacking = node->if_.cond->span;
	if (!lost->lacking_else)
		lost->lacking = block_span(on_then ? &node->if_.orelse : &node->if_.then,
					   lost->lacking);
}

/* The branch in which a name is not bound, as far down the elifs as it lacks. */
static void lose(struct scope *c, struct node *node, struct symbol *bound, bool on_then)
{
	struct lost *lost = ARENA_NEW(c->s->parse.arena, struct lost);
	struct lost *inner = map_get(&c->lost, sym_str(bound->name));

	lost->bound = bound;
	find_lacking(lost, node, on_then);
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

/* The symbol of an IF or TRY leads to what was merged over it. */
static void add_merged(struct scope *c, struct node *node, struct symbol *sym)
{
	if (!node->ref)
		node->ref = symbol_new(c->s, SYMBOL_TRY, NULL, node->span);
	sym->next = node->ref->merged;
	node->ref->merged = sym;
}

static struct symbol *merged_new(struct scope *c, struct node *node, struct symbol *a)
{
	struct symbol *sym = symbol_new(c->s, SYMBOL_VALUE, a->name, a->span);

	sym->decl = node;
	sym->file = c->file;
	sym->state = SYMBOL_DONE;
	sym->is_computed = true;
	sym->loop = c->loop;
	return sym;
}

static void merge_one(struct scope *c, struct node *node, struct symbol *a,
		      struct symbol *b)
{
	struct symbol *sym = merged_new(c, node, a);

	if (a->kind == SYMBOL_ERROR || b->kind == SYMBOL_ERROR) {
		sym->kind = SYMBOL_ERROR;
	} else if (merge_results(c, symbol_result(a), symbol_result(b), sym)) {
		sym->on_then = a;
		sym->on_else = b;
		add_merged(c, node, sym);
	} else {
		lose_types(c, a, b);
		return;
	}
	scope_rebind(c, sym);
}

/* The same name, None where it is not bound. */
static void make_optional(struct scope *c, struct symbol *sym)
{
	struct symbol_out *outs;

	if (sym->kind == SYMBOL_VALUE)
		sym->type = type_opt(c->s->types, sym->type);
	if (sym->kind != SYMBOL_TASK)
		return;
	outs = arena_dup(c->s->parse.arena, sym->outs, sym->nouts * sizeof *outs);
	for (uint32_t i = 0; i < sym->nouts; i++)
		outs[i].type = type_opt(c->s->types, type_read(c->s->types, outs[i].type));
	sym->outs = outs;
	sym->lists = 0;
}

/* A name of a loop that some path through an if or a try does not bind: a is what one
 * side binds, b what the other does, NULL where it binds nothing. */
static void keep_partial(struct scope *c, struct node *node, struct symbol *a,
			 struct symbol *b)
{
	struct symbol *some = a ? a : b, *sym;

	if (!c->loop)
		return;
	sym = merged_new(c, node, some);
	sym->kind = some->kind == SYMBOL_TASK ? SYMBOL_TASK : SYMBOL_VALUE;
	if ((a && a->kind == SYMBOL_ERROR) || (b && b->kind == SYMBOL_ERROR)) {
		sym->kind = SYMBOL_ERROR;
	} else if (a && b) {
		if (!merge_results(c, symbol_result(a), symbol_result(b), sym))
			return;
	} else {
		sym->type = some->type;
		sym->outs = some->outs;
		sym->nouts = some->nouts;
	}
	sym->on_then = a;
	sym->on_else = b;
	sym->is_partial = true;
	make_optional(c, sym);
	add_merged(c, node, sym);
	vec_push(&c->partial, sym);
}

/* What one side gives the name that the other binds; it is then taken from there. */
static struct symbol *take(struct map *side, const struct symbol *sym)
{
	return map_set(side, sym_str(sym->name), NULL);
}

/* What each name is on one side: bound on all of its paths, or else on some. */
static void fill_side(struct map *side, const struct bounds *b)
{
	for (size_t i = 0; i < b->npartial; i++)
		map_set(side, sym_str(b->partial[i]->name), b->partial[i]);
	for (size_t i = 0; i < b->n; i++)
		map_set(side, sym_str(b->at[i]->name), b->at[i]);
}

static void merge_side(struct scope *c, struct node *node, struct symbol *const *syms,
		       size_t n, struct map sides[2])
{
	for (size_t i = 0; i < n; i++) {
		struct symbol *a = take(&sides[0], syms[i]),
			      *b = take(&sides[1], syms[i]);
		bool a_whole = a && !a->is_partial, b_whole = b && !b->is_partial;

		if (a_whole && b_whole) {
			merge_one(c, node, a, b);
			continue;
		}
		if (a_whole || b_whole)
			lose(c, node, a_whole ? a : b, a_whole);
		if (a || b)
			keep_partial(c, node, a, b);
	}
}

void check_merge(struct scope *c, struct node *node, const struct bounds *then,
		 const struct bounds *orelse)
{
	struct map sides[2] = {{0}, {0}};

	fill_side(&sides[0], then);
	fill_side(&sides[1], orelse);
	merge_side(c, node, then->at, then->n, sides);
	merge_side(c, node, orelse->at, orelse->n, sides);
	merge_side(c, node, then->partial, then->npartial, sides);
	merge_side(c, node, orelse->partial, orelse->npartial, sides);
	map_release(&sides[0]);
	map_release(&sides[1]);
}
