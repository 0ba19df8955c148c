/* One pipeline while its statements are checked; private to pipeline.c, loop.c and
 * try.c. */
#ifndef KFPC_SEMA_FLOW_H
#define KFPC_SEMA_FLOW_H

#include "compiler/sema/check.h"

/* How a block of statements ends. */
enum ending {
	ENDS_OPEN,	/* at least one way through it goes on */
	ENDS_RETURNED,	/* every way through it returns */
};

struct flow {
	struct scope c;
	struct symbol *sym;
	unsigned depth;			/* 1 in the pipeline's own block */
	struct settings_seen settings;	/* of the pipeline */
	bool has_return;
	/* what a return may not stand in, and how to do without; NULL: nothing */
	const char *within, *instead;
};

/* pipeline.c */
enum ending flow_block(struct flow *f, const struct list *items, bool is_final);

/* loop.c */
void flow_for(struct flow *f, struct node *item);

/* try.c */
void flow_try(struct flow *f, struct node *item);
void flow_assert(struct flow *f, struct node *item);

#endif
