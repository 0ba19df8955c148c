#include <config.h>

#include "compiler/cli/live.h"

/* Lines from the graph of a pipeline, and what they wait for. */

enum {
	MOST_LINES = 100000,	/* of a plan; what else runs gets its line when it does */
	DEEPEST = 50,		/* calls within calls that are looked into */
	MOST_STEPS = 300,	/* through the graph, to what a line waits for */
	SHOWN_NAMES = 3,
};

struct live_scope {		/* a pipeline in its place */
	const struct module *m;
	const struct module_pipeline *p;
	struct live_scope *parent;
	uint32_t call;		/* its node in parent */
	unsigned depth;
	struct live_line **lines;	/* by node; NULL where one has none */
};

/* The loop that a block is in, or that is around the loop of it; NULL: none. */
static struct live_line *loop_around(const struct live_scope *s, uint32_t block)
{
	for (uint32_t owner; (owner = s->p->blocks[block].owner) != MODULE_NONE;) {
		if (s->p->nodes[owner].kind == NODE_LOOP)
			return s->lines[owner];
		block = s->p->nodes[owner].block;
	}
	return NULL;
}

/* A node within a loop: a task is one more in each iteration, and how many there are in
 * what else may be in it is not known. */
static void count_in_loop(struct live_line *loop, const struct module_node *n)
{
	if (n->kind == NODE_LOOP || n->kind == NODE_CALL)
		loop->ntasks = -1;
	else if (n->kind == NODE_TASK && loop->ntasks >= 0)
		loop->ntasks++;
}

static void plan_scope(struct live *l, struct live_line *parent, struct live_scope *s);

static void plan_call(struct live *l, struct live_line *line, struct live_scope *s,
		      uint32_t node)
{
	struct live_scope *in = ARENA_NEW(&l->arena, struct live_scope);

	*in = (struct live_scope){
		.m = s->m, .p = &s->m->pipelines[s->p->nodes[node].target],
		.parent = s, .call = node, .depth = s->depth + 1,
	};
	if (in->depth <= DEEPEST)
		plan_scope(l, line, in);
}

static void plan_node(struct live *l, struct live_line *parent, struct live_scope *s,
		      uint32_t i)
{
	static const int kinds[NODE_NKINDS] = {
		[NODE_TASK] = LIVE_TASK + 1, [NODE_CALL] = LIVE_CALL + 1,
		[NODE_LOOP] = LIVE_LOOP + 1,
	};
	const struct module_node *n = &s->p->nodes[i];
	struct live_line *loop = loop_around(s, n->block), *x;

	if (loop) {
		s->lines[i] = n->kind == NODE_LOOP ? loop : NULL;
		count_in_loop(loop, n);
	} else if (kinds[n->kind] && l->nlines < MOST_LINES) {
		x = live_add(l, parent, (enum live_kind)(kinds[n->kind] - 1),
			     arena_printf(&l->arena, "%.*s%s%.*s", STR_ARG(parent->path),
					  parent->path.n ? "/" : "", STR_ARG(n->path)));
		x->scope = s;
		x->node = i;
		s->lines[i] = x;
		l->counts[TASK_PENDING] += n->kind == NODE_TASK;
		if (n->kind == NODE_LOOP)
			x->ntasks = 0;
		if (n->kind == NODE_CALL)
			plan_call(l, x, s, i);
	}
}

static void plan_scope(struct live *l, struct live_line *parent, struct live_scope *s)
{
	s->lines = ARENA_ARRAY(&l->arena, s->p->nnodes, struct live_line *);
	for (uint32_t i = 0; i < s->p->nnodes; i++)
		plan_node(l, parent, s, i);
}

void live_plan(struct live *l, const struct module *m, uint32_t pipeline)
{
	struct live_scope *s = ARENA_NEW(&l->arena, struct live_scope);

	*s = (struct live_scope){.m = m, .p = &m->pipelines[pipeline]};
	map_reserve(&l->lines, s->p->nnodes);
	plan_scope(l, &l->root, s);
}

/* What is waited for. */

struct waits {
	const struct live_line *of;
	struct live_line *names[SHOWN_NAMES];
	size_t n;		/* more than SHOWN_NAMES: there are others */
	uint32_t try_line;	/* for the end of the try there; 0: of none */
	unsigned steps;
};

static void wait_for_node(struct waits *w, const struct live_scope *s, uint32_t node);
static void wait_for_place(struct waits *w, const struct live_scope *s, uint32_t block);

static void wait_for_site(struct waits *w, const struct live_scope *s,
			  const struct site *site)
{
	for (uint32_t i = 0; site && i < site->ninputs && w->n <= SHOWN_NAMES; i++) {
		struct input in = site->inputs[i];
		const struct module_node *call;

		if (in.kind == INPUT_NODE) {
			wait_for_node(w, s, in.index);
		} else if (in.kind == INPUT_PARAM && s->parent) {
			call = &s->parent->p->nodes[s->call];
			if (in.index < call->nargs)
				wait_for_site(w, s->parent, call->args[in.index]);
		}
	}
}

/* All that a node reads, and what it comes after. */
static void wait_for_inputs(struct waits *w, const struct live_scope *s,
			    const struct module_node *n)
{
	for (uint32_t i = 0; i < n->nargs; i++)
		wait_for_site(w, s, n->args[i]);
	wait_for_site(w, s, n->cond);
	for (uint32_t i = 0; i < n->nsettings; i++)
		wait_for_site(w, s, n->settings[i].value);
	for (uint32_t i = 0; i < n->nafter; i++)
		wait_for_node(w, s, n->after[i]);
	if (n->kind != NODE_MERGE)
		return;
	wait_for_node(w, s, n->target);
	for (uint32_t i = 0; i < n->nouts; i++) {
		wait_for_site(w, s, n->outs[i].then_value);
		wait_for_site(w, s, n->outs[i].else_value);
	}
}

static void add_name(struct waits *w, struct live_line *line)
{
	for (size_t i = 0; i < w->n && i < SHOWN_NAMES; i++)
		if (w->names[i] == line)
			return;
	if (w->n < SHOWN_NAMES)
		w->names[w->n] = line;
	w->n++;
}

static void wait_for_node(struct waits *w, const struct live_scope *s, uint32_t node)
{
	struct live_line *line = s->lines ? s->lines[node] : NULL;
	const struct module_node *n = &s->p->nodes[node];

	if (w->steps++ > MOST_STEPS || w->n > SHOWN_NAMES)
		return;
	if (line && (line->state == TASK_PENDING || line->state == TASK_RUNNING)) {
		if (line != w->of)
			add_name(w, line);
	} else if (!line) {
		wait_for_inputs(w, s, n);
		wait_for_place(w, s, n->block);
	}
}

/* Before a block begins its owner has decided, and all around it has begun. */
static void wait_for_place(struct waits *w, const struct live_scope *s, uint32_t block)
{
	const struct module_block *b = &s->p->blocks[block];
	const struct module_node *owner;

	if (w->steps++ > MOST_STEPS)
		return;
	if (b->owner == MODULE_NONE) {
		if (!s->parent)
			return;
		owner = &s->parent->p->nodes[s->call];
		for (uint32_t i = 0; i < owner->nafter; i++)
			wait_for_node(w, s->parent, owner->after[i]);
		wait_for_place(w, s->parent, owner->block);
		return;
	}
	owner = &s->p->nodes[b->owner];
	if (b->kind == BLOCK_EXCEPT || b->kind == BLOCK_FINALLY)
		w->try_line = owner->loc.line;
	else if (owner->kind == NODE_BRANCH)
		wait_for_inputs(w, s, owner);
	wait_for_place(w, s, owner->block);
}

static void find_waits(struct waits *w, const struct live_line *line)
{
	const struct module_node *n;

	w->of = line;
	if (!line->scope)
		return;
	n = &line->scope->p->nodes[line->node];
	wait_for_inputs(w, line->scope, n);
	wait_for_place(w, line->scope, n->block);
}

struct live_line *live_loop_before(const struct live_line *line)
{
	struct waits w = {0};

	find_waits(&w, line);
	for (size_t i = 0; i < w.n && i < SHOWN_NAMES; i++)
		if (w.names[i]->kind == LIVE_LOOP && w.names[i]->state == TASK_RUNNING)
			return w.names[i];
	return NULL;
}

bool live_waits_for(const struct live_line *line, struct buf *out)
{
	struct waits w = {0};
	struct str name;

	find_waits(&w, line);
	for (size_t i = 0; i < w.n && i < SHOWN_NAMES; i++) {
		name = w.names[i]->path;
		if (w.names[i]->parent == line->parent && line->parent->path.n)
			name = str_sub(name, line->parent->path.n + 1, name.n);
		buf_addf(out, "%s%.*s", i ? ", " : "", STR_ARG(name));
	}
	if (w.n > SHOWN_NAMES)
		buf_addz(out, ", ...");
	if (!w.n && w.try_line)
		buf_addf(out, "the try in line %u", w.try_line);
	return w.n || w.try_line;
}

bool live_waits_for_env(const struct live *l, const struct live_line *line,
			struct str *name)
{
	const struct module_component *c;
	const struct live_scope *s = line->scope;

	if (!s || line->kind != LIVE_TASK || !l->building.n)
		return false;
	c = &s->m->components[s->p->nodes[line->node].target];
	*name = c->env == MODULE_NONE ? STR("python") : s->m->envs[c->env].name;
	return map_get(&l->building, *name) != NULL;
}
