#include <config.h>

#include "compiler/front/build.h"

struct node *build_node(struct parser *p, enum node_tag kind, struct span at)
{
	return node_new(p->ctx->arena, kind, at);
}

struct node *build_error(struct parser *p, struct span at)
{
	return build_node(p, AST_ERROR, at);
}

struct list build_errors(struct parser *p, struct span at)
{
	return build_list((struct list){0}, build_error(p, at));
}

struct node *build_seal(struct parser *p, struct node *n)
{
	node_measure(n);
	if (n->height <= AST_HEIGHT_MAX)
		return n;
	if (!p->height_said)
		diag(p->ctx->diags, n->span, E0110,
		     "nested too deeply: more than %d levels", AST_HEIGHT_MAX);
	p->height_said = true;
	return build_error(p, n->span);
}

void build_top(struct parser *p, struct node *item)
{
	p->height_said = false;
	list_add(&p->result->file->file.items, item);
}

struct list build_list(struct list l, struct node *n)
{
	if (n)
		list_add(&l, n);
	return l;
}

struct list build_list_before(struct node *n, struct list l)
{
	n->next = l.first;
	l.first = n;
	if (!l.last)
		l.last = n;
	l.n++;
	return l;
}

struct list build_list_join(struct list l, struct list more)
{
	if (!l.n)
		return more;
	if (!more.n)
		return l;
	l.last->next = more.first;
	l.last = more.last;
	l.n += more.n;
	return l;
}
