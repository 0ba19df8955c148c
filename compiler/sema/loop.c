#include <config.h>

#include "compiler/sema/flow.h"

/* The body: its names, and those of loops in it, are kept for collect(). */
static void check_body(struct flow *f, struct node *item, struct symbol *loop,
		       struct symbol **items)
{
	struct scope *c = &f->c;
	struct bounds_mark mark = scope_mark(c);
	const char *within = f->within, *instead = f->instead;
	struct bounds body;

	c->loop = loop;
	f->within = "for";
	f->instead = "bind what is wanted in the loop, and return collect(...) after it";
	bind_items(c, items, item->for_.targets.n);
	flow_block(f, &item->for_.items, false);
	f->within = within;
	f->instead = instead;
	mark.looped = c->looped.n;
	body = scope_take(c, mark);
	c->loop = loop->loop;
	loop_release_names(c, &body);
}

void flow_for(struct flow *f, struct node *item)
{
	struct settings_seen seen = {0};
	struct symbol *loop = check_loop(&f->c, item), **items;

	items = check_iteration(&f->c, &item->for_.targets, item->for_.list, loop);
	check_settings(&f->c, &item->for_.with, 'F', &seen);
	check_body(f, item, loop, items);
}
