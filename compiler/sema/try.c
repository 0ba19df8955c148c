#include <config.h>

#include "compiler/sema/flow.h"

/* What stands in except: and finally: sees how it went. */
static struct bounds check_handler(struct flow *f, struct symbol *sym,
				   const struct list *items, bool is_finally)
{
	struct scope *c = &f->c;
	struct bounds_mark mark = scope_mark(c);
	struct symbol *handler = c->handler;
	bool in_finally = c->in_finally;

	c->handler = sym;
	c->in_finally = is_finally;
	flow_block(f, items, false);
	c->handler = handler;
	c->in_finally = in_finally;
	return scope_take(c, mark);
}

static void keep_names(struct scope *c, const struct bounds *body)
{
	for (size_t i = 0; i < body->n; i++)
		scope_rebind(c, body->at[i]);
	for (size_t i = 0; i < body->npartial; i++)
		vec_push(&c->partial, body->partial[i]);
}

/* Names of a finally stay there. */
static void lose_final(struct scope *c, const struct node *item,
		       const struct bounds *final)
{
	for (size_t i = 0; i < final->n; i++) {
		struct str name = sym_str(final->at[i]->name);
		struct lost *lost;

		if (map_get(&c->locals, name))
			continue;
		lost = ARENA_NEW(c->s->parse.arena, struct lost);
		lost->bound = final->at[i];
		lost->what = "names of a 'finally' are not seen after it";
		lost->lacking = item->try_.final.first->span;
		map_set(&c->lost, name, lost);
	}
}

void flow_try(struct flow *f, struct node *item)
{
	const char *within = f->within, *instead = f->instead;
	struct scope *c = &f->c;
	struct bounds_mark mark = scope_mark(c);
	struct bounds body, except = {0}, final;
	struct symbol *sym = symbol_new(c->s, SYMBOL_TRY, NULL, item->span);

	item->ref = sym;
	sym->decl = item;
	f->within = "try";
	f->instead =
		"bind the value in the 'try' and in the 'except', and return it after "
		"them";
	flow_block(f, &item->try_.items, false);
	body = scope_take(c, mark);
	if (item->try_.has_except)
		except = check_handler(f, sym, &item->try_.except, false);
	final = check_handler(f, sym, &item->try_.final, true);
	f->within = within;
	f->instead = instead;
	if (item->try_.has_except)
		check_merge(c, item, &body, &except);
	else
		keep_names(c, &body);
	lose_final(c, item, &final);
}

void flow_assert(struct flow *f, struct node *item)
{
	check_condition(&f->c, item->assert_.cond, "the condition of an 'assert'");
	if (item->assert_.message)
		check_wanted(&f->c, item->assert_.message, f->c.s->types->string,
			     "the message of an 'assert'", SPAN_NONE);
	scope_narrow(&f->c, item->assert_.cond, true);
}
