/* DAGs, and how what one of them makes comes into another. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

/* Lower case letters, digits and single dashes; a letter first, as tasks need it. */
static struct str sanitized(struct argo *g, struct str s)
{
	char *p = arena_alloc(g->a, s.n + 3);
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < ARGO_NAME_MAX; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
		bool digit = c >= '0' && c <= '9';

		if (digit && !n) {
			p[n++] = 'x';
			p[n++] = '-';
		}
		if (digit || (c >= 'a' && c <= 'z'))
			p[n++] = c;
		else if (n && p[n - 1] != '-')
			p[n++] = '-';
	}
	while (n && p[n - 1] == '-')
		n--;
	return n ? (struct str){p, n} : STR("task");
}

/* `depends` is an expression in which names stand bare.  All that it takes for an
 * operator, a constant or a function is one word of small letters. */
static bool is_word_of_expr(struct str s)
{
	static const char *const words[] = {
		"abs",	   "all",      "and",	    "any",	"ceil",	      "concat",
		"contains", "count",	"date",	    "duration", "else",	      "false",
		"filter",  "find",     "first",	    "flatten",	"float",      "floor",
		"get",	   "groupby",  "if",	    "in",	"int",	      "join",
		"keys",	   "last",     "len",	    "let",	"lower",      "map",
		"matches", "max",      "mean",	    "median",	"min",	      "nil",
		"none",	   "not",      "now",	    "one",	"or",	      "reduce",
		"repeat",  "replace",  "reverse",   "round",	"sort",	      "split",
		"string",  "sum",      "take",	    "timezone", "trim",	      "true",
		"type",	   "uniq",     "upper",	    "values",	"bitand",     "bitor",
		"env",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

struct str argo_name(struct argo *g, struct map *names, struct str wanted)
{
	struct str base = sanitized(g, wanted), name;
	size_t *count;

	name = base;
	count = map_get(names, base);
	if (!count) {
		count = ARENA_NEW(g->a, size_t);
		map_set(names, base, count);
	}
	for (++*count; *count > 1; ++*count) {
		name = arena_printf(g->a, "%.*s-%zu", STR_ARG(base), *count);
		if (map_get(names, name))
			continue;
		map_set(names, name, ARENA_NEW(g->a, size_t));
		++*(size_t *)map_get(names, name);
		break;
	}
	return name;
}

struct dag *argo_dag(struct argo *g, struct dag *parent, struct str task,
		     struct str template)
{
	struct dag *d = ARENA_NEW(g->a, struct dag);

	d->parent = parent;
	d->at = g->at;
	d->name = argo_name(g, &g->names, template);
	vec_push(&g->dags, d);
	if (!parent)
		return d;
	d->self = argo_task(g, parent, task);
	d->self->inner = d;
	d->tells = parent->tells;
	d->fail_fast = parent->fail_fast;
	return d;
}

struct dag *argo_side(struct argo *g, struct dag *parent, const char *task,
		      const char *side)
{
	struct dag *d =
		argo_dag(g, parent, str_of(task),
			 arena_printf(g->a, "%.*s-%s", STR_ARG(parent->name), side));

	d->is_side = true;
	return d;
}

struct task *argo_task(struct argo *g, struct dag *d, struct str wanted)
{
	struct task *t = ARENA_NEW(g->a, struct task);

	t->dag = d;
	t->address = wanted;
	wanted = sanitized(g, wanted);
	if (is_word_of_expr(wanted))
		wanted = arena_printf(g->a, "%.*s-task", STR_ARG(wanted));
	t->name = argo_name(g, &d->names, wanted);
	vec_push(&d->tasks, t);
	return t;
}

bool argo_is_within(const struct dag *d, const struct dag *around)
{
	for (; d; d = d->parent)
		if (d == around)
			return true;
	return false;
}

static bool is_same(const struct source *a, const struct source *b)
{
	if (a->kind != b->kind || a->dag != b->dag || a->task != b->task ||
	    !str_eq(a->key, b->key) || a->index != b->index || a->quoted != b->quoted ||
	    a->indexes != b->indexes ||
	    a->may_be_empty != b->may_be_empty ||
	    a->type != b->type)
		return false;
	return a->kind != SOURCE_CONST || value_eq(a->value, b->value);
}

static struct str channel_name(struct argo *g, const struct source *s)
{
	switch (s->kind) {
	case SOURCE_OUTPUT:
		if (str_is(s->key, "Output"))
			return s->task->name;
		if (s->task->inner)
			return s->key;
		return arena_printf(g->a, "%.*s-%.*s", STR_ARG(s->task->name),
				    STR_ARG(s->key));
	case SOURCE_PARAM:
		return s->key;
	case SOURCE_ROW:
		return arena_printf(g->a, "%.*s-%u", STR_ARG(s->key), s->index + 1);
	case SOURCE_STATUS:
		return STR("run-state");
	case SOURCE_WORD:
		return STR("run-word");
	case SOURCE_ITEM:
		return STR("item");
	case SOURCE_CONST:
	case SOURCE_NONE:
	case SOURCE_FILES:
	case SOURCE_FOLDER:
	case SOURCE_SELECT:
		break;
	}
	return STR("constant");
}

/* Inputs and outputs are told apart by the letters of their names alone. */
static bool has_input(const struct dag *d, struct str name)
{
	for (size_t i = 0; i < d->inputs.n; i++)
		if (str_eq(d->inputs.at[i].name, name))
			return true;
	return false;
}

/* The input of d that brings a source which is seen in its parent. */
static struct str channel(struct argo *g, struct dag *d, struct source s)
{
	struct str base = channel_name(g, &s), name = base;

	for (size_t i = 0; i < d->inputs.n; i++)
		if (d->inputs.at[i].source && is_same(d->inputs.at[i].source, &s))
			return d->inputs.at[i].name;
	for (int n = 2; has_input(d, name); n++)
		name = arena_printf(g->a, "%.*s-%d", STR_ARG(base), n);
	vec_push(&d->inputs,
		 ((struct port){name, s.type, arena_dup(g->a, &s, sizeof(s))}));
	argo_bind(g, d->self, name, s);
	return name;
}

/* May it be named everywhere? */
static bool is_free(const struct source *s)
{
	return s->kind == SOURCE_NONE || s->kind == SOURCE_CONST ||
	       s->kind == SOURCE_WORD || s->kind == SOURCE_FOLDER;
}

static struct source files_seen(struct argo *g, struct dag *d, struct source s)
{
	struct source *parts = ARENA_ARRAY(g->a, s.index + 1, struct source);

	for (uint32_t j = 0; j < s.index; j++)
		parts[j] = argo_seen(g, d, s.parts[j]);
	s.parts = parts;
	return s;
}

struct source argo_seen(struct argo *g, struct dag *d, struct source s)
{
	struct source out;

	if (s.kind == SOURCE_FILES)
		return files_seen(g, d, s);
	if (is_free(&s))
		return s;
	while (s.dag != d && !argo_is_within(d, s.dag))
		s = argo_lift(g, s.dag, s);
	if (s.dag == d)
		return s;
	s = argo_seen(g, d->parent, s);
	out = (struct source){.kind = SOURCE_PARAM, .dag = d, .type = s.type,
			      .meta = s.meta};
	out.key = channel(g, d, s);
	return out;
}

void argo_bind(struct argo *g, struct task *t, struct str input, struct source s)
{
	if (s.kind == SOURCE_NONE)
		return;
	s = argo_seen(g, t->dag, s);
	vec_push(&t->args, ((struct bound){input, s}));
}

static bool has_output(const struct dag *d, struct str name)
{
	for (size_t j = 0; j < d->outputs.n; j++)
		if (str_eq(d->outputs.at[j].name, name))
			return true;
	return false;
}

struct str argo_output(struct argo *g, struct dag *d, struct str wanted,
		       const struct type *t)
{
	struct str name = wanted;

	for (int n = 2; has_output(d, name); n++)
		name = arena_printf(g->a, "%.*s-%d", STR_ARG(wanted), n);
	vec_push(&d->outputs, ((struct dag_output){.name = name, .type = t}));
	return name;
}

struct source argo_lift(struct argo *g, struct dag *d, struct source s)
{
	struct source out = {.kind = SOURCE_OUTPUT, .dag = d->parent, .task = d->self,
			     .type = s.type, .meta = s.meta};
	struct dag_output *o;

	for (size_t j = 0; j < d->outputs.n; j++) {
		o = &d->outputs.at[j];
		if (o->choices.n != 1 || o->collected || o->marked || o->by_status ||
		    !is_same(&o->choices.at[0].source, &s))
			continue;
		out.key = o->name;
		return out;
	}
	out.key = argo_output(g, d, channel_name(g, &s), s.type);
	o = &vec_last(&d->outputs);
	vec_push(&o->choices, ((struct choice){{"", 0}, s}));
	return out;
}

void argo_need(struct task *t, struct task *awaited, unsigned ends, unsigned group)
{
	if (t == awaited)
		return;
	for (size_t j = 0; j < t->needs.n; j++)
		if (t->needs.at[j].task == awaited && t->needs.at[j].group == group &&
		    t->needs.at[j].ends == ends)
			return;
	vec_push(&t->needs, ((struct need){awaited, ends, group}));
}

void argo_wait(struct task *t, struct task *awaited)
{
	struct dag *d;

	/* What is deeper than t has ended when the DAG that it is in has. */
	while (!argo_is_within(t->dag, awaited->dag))
		awaited = awaited->dag->self;
	for (d = t->dag; d != awaited->dag; d = d->parent)
		t = d->self;
	argo_need(t, awaited, 0, 0);
}
