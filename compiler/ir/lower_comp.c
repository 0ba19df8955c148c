/* Comprehensions that only compute. */
#include <config.h>

#include "compiler/ir/lower_int.h"

/* What the targets of a comprehension go over, while it is put together. */
struct sources {
	struct lower *l;
	struct node *list;
	struct expr *lists[UINT8_MAX];
	/* A list or dict that is read twice, as a local; NULL: none. */
	struct expr *shared;
	uint32_t local;
};

/* The object as a local, for it to be computed once. */
static struct expr *share(struct sources *s, struct node *object)
{
	struct builder *b = &s->l->b;

	s->shared = lower_expr(s->l, object);
	s->local = builder_new_local(b);
	return builder_local(b, s->local, STR("_all"), s->shared->type, object->span);
}

/* range(start, start + len(xs)) */
static struct expr *numbers(struct sources *s, struct expr *xs, struct node *start)
{
	struct builder *b = &s->l->b;
	struct types *t = s->l->s->types;
	struct expr *n = builder_builtin(b, BUILTIN_LEN, &xs, 1, t->integer, xs->span);
	struct expr *x[2];

	if (!start)
		return builder_builtin(b, BUILTIN_RANGE, &n, 1, type_list(t, t->integer),
				       xs->span);
	x[0] = lower_expr(s->l, start);
	x[1] = builder_binary(b, OP_ADD, x[0], n, t->integer, start->span);
	return builder_builtin(b, BUILTIN_RANGE, x, 2, type_list(t, t->integer),
			       xs->span);
}

static void over_enumerate(struct sources *s)
{
	struct node *xs = s->list->call.args.first;

	s->lists[1] = share(s, xs->arg.value);
	s->lists[0] = numbers(s, s->lists[1], xs->next ? xs->next->arg.value : NULL);
}

static void over_items(struct sources *s)
{
	struct builder *b = &s->l->b;
	struct types *t = s->l->s->types;
	struct node *object = s->list->call.callee->field.object;
	struct expr *dict = share(s, object);

	s->lists[0] = builder_builtin(b, BUILTIN_KEYS, &dict, 1, type_list(t, t->string),
				      s->list->span);
	s->lists[1] = builder_builtin(b, BUILTIN_VALUES, &dict, 1,
				      type_list(t, type_strip(dict->type)->elem),
				      s->list->span);
}

static void find_sources(struct sources *s, enum source source)
{
	uint32_t i = 0;

	switch (source) {
	case SOURCE_LIST:
		s->lists[0] = lower_expr(s->l, s->list);
		return;
	case SOURCE_ZIP:
		list_each(arg, &s->list->call.args)
			s->lists[i++] = lower_expr(s->l, arg->arg.value);
		return;
	case SOURCE_ENUMERATE:
		over_enumerate(s);
		return;
	case SOURCE_ITEMS:
		over_items(s);
		return;
	}
}

struct expr *lower_comprehension(struct lower *l, struct node *node)
{
	struct list *targets = &node->comprehension.targets;
	struct str *names = ARENA_ARRAY(&l->m->arena, targets->n, struct str);
	struct sources s = {.l = l, .list = node->comprehension.list};
	struct comp_targets t = {.n = targets->n, .names = names, .lists = s.lists};
	struct types *types = l->s->types;
	bool is_json = node->type->kind == TYPE_JSON;
	struct expr *filter = NULL, *e;
	uint32_t i = 0;

	find_sources(&s, targets->first->ref->target->source);
	list_each(target, targets) {
		target->ref->index = builder_new_local(&l->b);
		t.first = i ? t.first : target->ref->index;
		names[i++] = sym_str(target->name.name);
	}
	if (node->comprehension.filter)
		filter = lower_condition(l, node->comprehension.filter);
	e = lower_expr(l, node->comprehension.element);
	e = builder_comp(&l->b, e, filter, &t,
			 is_json ? type_list(types, types->json) : node->type,
			 node->span);
	e = is_json ? builder_convert(&l->b, e, types->json) : e;
	return s.shared ? builder_let(&l->b, s.local, STR("_all"), s.shared, e) : e;
}
