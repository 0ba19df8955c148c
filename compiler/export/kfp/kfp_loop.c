/* Loops.  Kubeflow goes through one list of parameters at a time.  Lists in step become a
 * list of structs; of a list of artifacts, and of constants that cannot travel, it is the
 * numbers of the elements that are gone through, and who reads an element picks it. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include "runtime/value/json.h"

static struct expr *new_input(struct kfp *k, uint32_t input, const struct type *t)
{
	struct expr *e = ARENA_NEW(k->a, struct expr);

	e->kind = EXPR_INPUT;
	e->input = input;
	e->type = t;
	return e;
}

struct source kfp_element(struct kfp *k, struct source list, struct source index,
			  const struct type *elem)
{
	struct expr *e = ARENA_NEW(k->a, struct expr);
	struct source *of = ARENA_ARRAY(k->a, 2, struct source);

	of[0] = list;
	of[1] = index;
	e->kind = EXPR_INDEX;
	e->type = elem;
	e->nargs = 2;
	e->args = ARENA_ARRAY(k->a, 2, struct expr *);
	e->args[0] = new_input(k, 0, list.type);
	e->args[1] = new_input(k, 1, index.type);
	return (struct source){
		.kind = SOURCE_TREE, .type = e->type, .tree = e, .of = of, .nof = 2};
}

/* The value of a constant list; NULL: it is none. */
static const struct value_list *constant(const struct source *s)
{
	if ((s->kind != SOURCE_CONST && s->kind != SOURCE_TREE) ||
	    s->tree->kind != EXPR_CONST || s->tree->value.kind != VALUE_LIST)
		return NULL;
	return s->tree->value.list;
}

static bool is_by_number(const struct source *list, const struct type *elem)
{
	const struct value_list *v = constant(list);

	for (size_t j = 0; v && j < v->n; j++)
		if (!kfp_holds(v->at[j]) || !kfp_is_sorted(v->at[j], elem))
			return true;
	return type_holds_artifacts(elem);
}

enum { UNKNOWN = -1 };

/* How many elements a list has, where that is known before it runs. */
static long length(const struct source *list)
{
	const struct value_list *v = constant(list);

	if (v)
		return (long)v->n;
	if (list->kind == SOURCE_TREE && list->tree->kind == EXPR_LIST)
		return (long)list->tree->nargs;
	return UNKNOWN;
}

/* How many times a loop over them goes round, if that and all it reads is known. */
static long turns(const struct kfp_column *c, uint32_t n)
{
	long least = UNKNOWN;

	for (uint32_t j = 0; j < n; j++) {
		long has = length(&c[j].list);

		if (has == UNKNOWN || (!c[j].by_number && !constant(&c[j].list)))
			return UNKNOWN;
		if (least == UNKNOWN || has < least)
			least = has;
	}
	return least;
}

static void add_cell(const struct kfp_column *c, long turn, struct buf *b)
{
	struct buf text = {0};

	if (c->by_number) {
		buf_addf(b, "%ld", turn);
		return;
	}
	json_write(constant(&c->list)->at[turn], &text);
	if (kfp_is_text_output(c->elem))
		buf_add_json(b, buf_str(&text));
	else
		buf_add(b, buf_str(&text));
	buf_release(&text);
}

static struct str raw_items(struct kfp *k, const struct kfp_column *c, uint32_t n,
			    long nturns)
{
	struct buf b = {0};
	struct str out;

	buf_addc(&b, '[');
	for (long turn = 0; turn < nturns; turn++) {
		buf_addz(&b, turn ? ", " : "");
		for (uint32_t j = 0; j < n; j++) {
			if (n > 1)
				buf_addf(&b, "%s\"c%u\": ", j ? ", " : "{", j);
			add_cell(&c[j], turn, &b);
		}
		buf_addz(&b, n > 1 ? "}" : "");
	}
	buf_addc(&b, ']');
	out = arena_str(k->a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Can the list be gone through as it is? */
static bool is_direct(const struct kfp_column *c, uint32_t n)
{
	const struct source *s = &c->list;

	return n == 1 && !c->by_number && s->text != 1 && !s->field.n && !s->tree &&
	       s->type->kind == TYPE_LIST &&
	       (s->kind == SOURCE_PARAM || s->kind == SOURCE_OUTPUT);
}

/* What the body reads of list j of n; text: how an element of a list of its own travels. */
static struct source item(struct kfp *k, struct dag *d, struct str name,
			  const struct kfp_column *c, uint32_t j, uint32_t n,
			  unsigned text, const struct fate *fate)
{
	const struct type *t = c->by_number ? k->m->types.integer : c->elem;
	struct source s = kfp_param(d, name, t);

	if (n > 1)
		s.field = arena_printf(k->a, "c%u", j);
	s.text = c->by_number ? 0 : text;
	s.fate = fate;
	return c->by_number ? kfp_element(k, c->list, s, c->elem) : s;
}

static void define_item(struct kfp *k, struct dag *d, struct str name, struct source s,
			uint32_t n)
{
	struct yaml *defs = yaml_sub(d->comp, STR("inputDefinitions")), *def;

	if (s.kind == SOURCE_TREE)
		s = s.of[1];
	kfp_define_text(k, defs, name, s.type, s.text, false);
	def = yaml_get(yaml_get(defs, STR("parameters")), name);
	if (n > 1)
		yaml_put_str(def, STR("parameterType"), STR("STRUCT"));
}

/* Makes d a loop over these n lists, in the DAG around it. */
static void iterate(struct kfp *k, struct dag *d, const struct kfp_column *c, uint32_t n,
		    struct str task, bool nested, struct source *items)
{
	struct yaml *it = yaml_sub(d->self, STR("parameterIterator"));
	struct yaml *of = yaml_sub(it, STR("items"));
	struct str name =
		arena_printf(k->a, "pipelinechannel--loop-item-param-%u", k->ngroups);
	long nturns = turns(c, n);
	struct source list = c->list;
	const struct fate *fate = NULL;

	if (nturns != UNKNOWN) {
		yaml_put_str(of, STR("raw"), raw_items(k, c, n, nturns));
		list.text = 0;
	} else {
		struct str channel;

		if (!is_direct(c, n))
			list = kfp_rows(k, d->parent, c, n, task);
		fate = list.fate;
		channel = kfp_channel(k, d, list);
		yaml_put_str(of, STR("inputParameter"), channel);
		/* The SDK gives every loop in a loop the element of the inner one for
		 * inputs that end like this. */
		if (!nested)
			name = arena_printf(k->a, "%.*s-loop-item", STR_ARG(channel));
	}
	yaml_put_str(it, STR("itemInput"), name);
	for (uint32_t j = 0; j < n; j++)
		items[j] = item(k, d, name, &c[j], j, n,
				is_direct(c, n) && nturns == UNKNOWN && list.text
					? list.text - 1
					: kfp_is_text_output(c[j].elem),
				fate);
	define_item(k, d, name, items[0], n);
}

/* Is there a loop in the body of loop `at`? */
static bool is_nested(const struct module_pipeline *p, uint32_t at)
{
	for (uint32_t j = at + 1; j < p->nnodes; j++) {
		uint32_t b = p->nodes[j].block;

		if (p->nodes[j].kind != NODE_LOOP)
			continue;
		while (b && b != p->nodes[at].then_block)
			b = p->nodes[p->blocks[b].owner].block;
		if (b)
			return true;
	}
	return false;
}

void kfp_loop(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct kfp_column *c = ARENA_ARRAY(k->a, n->nargs + 1, struct kfp_column);
	struct dag *home = i->dags[n->block], *d;
	bool whole = true;

	for (uint32_t j = 0; j < n->nargs; j++) {
		c[j].list = kfp_site(k, i, home, n->args[j], n->path);
		c[j].elem = type_strip(n->args[j]->type)->elem;
		c[j].by_number = is_by_number(&c[j].list, c[j].elem);
		whole &= c[j].list.kind != SOURCE_NONE;
	}
	d = kfp_dag(k, home, kfp_group(k, "for-loop"));
	d->is_loop = true;
	i->homes[at] = home;
	i->tasks[at] = d->task;
	i->dags[n->then_block] = d;
	if (whole)
		iterate(k, d, c, n->nargs, n->path, is_nested(i->p, at),
			&i->outs[at][n->nouts]);
	kfp_loop_settings(k, n, d->self);
}

void kfp_loop_outputs(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct dag *d = i->dags[n->then_block];

	for (uint32_t j = 0; j < n->nouts; j++) {
		const struct module_merge *o = &n->outs[j];
		struct source s = kfp_site(k, i, d, o->then_value, n->path);

		s = kfp_within(k, d, s, n->path, o->type->elem);
		if (!s.kind)
			continue;
		s.fate = NULL;
		i->outs[at][j] = kfp_collect(k, s, o->type);
		i->outs[at][j].fate = kfp_fate_of_loop(k, d);
	}
}

struct source kfp_artifacts(struct kfp *k, struct dag *d, struct source s,
			    struct str name, const struct type *type)
{
	struct kfp_column c = {.list = s, .elem = type->elem, .by_number = true};
	struct dag *loop = kfp_dag(k, d, kfp_group(k, "for-loop"));
	struct source element;

	loop->is_loop = true;
	iterate(k, loop, &c, 1, name, false, &element);
	element = kfp_pass(k, loop, element, name, type->elem);
	element.fate = NULL;
	element = kfp_collect(k, element, type);
	element.fate = kfp_fate_of_loop(k, loop);
	return element;
}
