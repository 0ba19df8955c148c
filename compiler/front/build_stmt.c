#include <config.h>

#include "compiler/front/build.h"

struct node *build_do(struct parser *p, struct span at, struct node *value,
		      struct list with)
{
	struct node *n = build_node(p, AST_DO, at);

	n->do_.value = value;
	n->do_.with = with;
	return build_seal(p, n);
}

struct node *build_bind(struct parser *p, struct span at, struct node *target,
			struct node *type, struct node *value, struct list with)
{
	struct node *n = build_node(p, AST_BIND, at);

	n->bind.doc = docs_take(p, at.lo);
	n->bind.target = target;
	n->bind.type = type;
	n->bind.value = value;
	n->bind.with = with;
	return build_seal(p, n);
}

struct node *build_assert(struct parser *p, struct span at, struct node *cond,
			  struct node *message)
{
	struct node *n = build_node(p, AST_ASSERT, at);

	n->assert_.cond = cond;
	n->assert_.message = message;
	return build_seal(p, n);
}

struct node *build_return(struct parser *p, struct span at, struct list values)
{
	struct node *n = build_node(p, AST_RETURN, at);

	n->return_.values = values;
	return build_seal(p, n);
}

struct node *build_pass(struct parser *p, struct span at)
{
	return build_node(p, AST_PASS, at);
}

struct node *build_group(struct parser *p, struct span at, struct node *target,
			 struct list items)
{
	struct node *n = build_node(p, AST_GROUP, at);

	n->group.doc = docs_take(p, at.lo);
	n->group.target = target;
	n->group.items = items;
	return build_seal(p, n);
}

/* From the last elif to the first, each with what follows it as its else. */
struct node *build_if(struct parser *p, struct span at, struct node *cond,
		      struct list then, struct list elifs, struct list orelse)
{
	struct node *n = build_node(p, AST_IF, at), *next;

	for (struct node *e = elifs.first; e; e = next) {
		next = e->next;
		if (e->kind == AST_IF) {
			e->if_.orelse = orelse;
			e->if_.has_else = orelse.n;
			if (orelse.n)
				e->span.hi = orelse.last->span.hi;
			e = build_seal(p, e);
		}
		orelse = build_list((struct list){0}, e);
	}
	n->if_.cond = cond;
	n->if_.then = then;
	n->if_.orelse = orelse;
	n->if_.has_else = orelse.n;
	return build_seal(p, n);
}

void build_say_elif(struct parser *p, struct span at)
{
	struct diag *d = diag(p->ctx->diags, at, E0113, "'else if' is written 'elif'");

	diag_fix(d, at, STR("elif"), "write 'elif'");
}

struct node *build_for(struct parser *p, struct span at, struct list targets,
		       struct node *list, struct list with, struct list items)
{
	struct node *n = build_node(p, AST_FOR, at);

	n->for_.targets = targets;
	n->for_.list = list ? list : build_error(p, targets.first->span);
	n->for_.with = with;
	n->for_.items = items;
	return build_seal(p, n);
}

struct node *build_try(struct parser *p, struct span at, struct span word,
		       struct try_parts parts)
{
	struct node *n = build_node(p, AST_TRY, at);

	n->try_.items = parts.items;
	n->try_.except = parts.except;
	n->try_.final = parts.final;
	n->try_.has_except = parts.except.n;
	n->try_.has_finally = parts.final.n;
	if (!parts.except.n && !parts.final.n) {
		p->result->incomplete |= p->layout.last.at_end;
		diag(p->ctx->diags, word, E0207, "'try' without 'except' or 'finally'");
	}
	return build_seal(p, n);
}

struct node *build_stub(struct parser *p, struct span at, struct node *call,
			struct list values, bool fields)
{
	struct node *n = build_node(p, AST_STUB, at);

	n->stub.call = call;
	n->stub.values = values;
	n->stub.fields = fields;
	return build_seal(p, n);
}
