#include <config.h>

#include "compiler/export/readback/readback_int.h"

enum { STEPS = 50000000 };

/* Of a source that only one side has: does that not matter? */
struct leeway {
	struct compare *c;
	struct sources found;	/* in the file */
};

/* Extra in the file. */
static bool may_be_extra(void *ctx, uint32_t source)
{
	const struct compare *c = ctx;
	struct sources ends = {.at = c->ends.at, .n = (uint32_t)c->ends.n};

	return source == ANY_END || sources_has(ends, source);
}

/* In its except a try is known to have failed. */
static bool is_known_end(const struct compare *c, uint32_t source)
{
	const struct module_pipeline *p = c->at ? c->at->u->p : NULL;

	for (uint32_t b = c->block; p && p->blocks[b].owner != MODULE_NONE;
	     b = p->nodes[p->blocks[b].owner].block)
		if (p->blocks[b].kind == BLOCK_EXCEPT &&
		    c->at->first[p->blocks[b].owner] == source)
			return true;
	return false;
}

/* Missing in the file: what the config gives and is no input, or how a try ended, which
 * may be told by the ends of what is in it. */
static bool may_be_missing(void *ctx, uint32_t source)
{
	struct leeway *l = ctx;
	const struct str *address = source_address(l->c, source);

	if (address)
		return !map_get(&l->c->in_file, *address);
	return (l->found.n && l->found.at[0] == ANY_END) || is_known_end(l->c, source);
}

static bool agree(struct compare *c, struct reads wanted, struct sources found)
{
	struct leeway l = {c, found};

	return sources_within(found, wanted.must, wanted.may, may_be_extra, c) &&
	       sources_within(wanted.must, found, found, may_be_missing, &l);
}

/* "train.loss", "parameter lr": a source, for people. */
static void say_source(struct compare *c, struct use *u, uint32_t source, struct buf *b)
{
	const struct module_pipeline *p = u->u->p;

	for (uint32_t i = 0; i < p->nnodes; i++) {
		uint32_t n = node_noutputs(c->m, &p->nodes[i]);

		if (source >= u->first[i] && source <= u->first[i] + n)
			buf_addf(b, "%.*s%.*s.%.*s", STR_ARG(u->address),
				 STR_ARG(p->nodes[i].path),
				 STR_ARG(source == u->first[i] + n
						 ? STR("state")
						 : node_output_name(c->m, &p->nodes[i],
								    source - u->first[i])));
		if (u->calls[i])
			say_source(c, u->calls[i], source, b);
	}
}

static void say_sources(struct compare *c, struct sources s, struct buf *b)
{
	enum { SHOWN = 8 };

	if (!s.n)
		buf_addz(b, "nothing");
	for (uint32_t i = 0; i < s.n && i <= SHOWN; i++) {
		const struct str *address = source_address(c, s.at[i]);
		size_t before;

		buf_addz(b, i ? ", " : "");
		before = b->n;
		if (i == SHOWN) {
			buf_addz(b, "...");
			break;
		}
		say_source(c, c->root, s.at[i], b);
		if (address)
			buf_addf(b, "parameter %.*s", STR_ARG(*address));
		else if (b->n == before)
			buf_addz(b, "the end of a task");
	}
}

static int differs(struct compare *c, struct str path, struct str what,
		   struct reads wanted, struct sources found)
{
	struct buf is = {0}, should = {0};

	say_sources(c, found, &is);
	say_sources(c, wanted.must, &should);
	err_set(c->err, "%.*s of '%.*s' comes from %s, and should from %s",
		STR_ARG(what), STR_ARG(path), buf_cstr(&is), buf_cstr(&should));
	buf_release(&is);
	buf_release(&should);
	return -1;
}

static int all_sources(struct compare *c, const uint32_t *points, uint32_t n,
		       struct sources *out)
{
	struct sources s;

	*out = (struct sources){0};
	for (uint32_t i = 0; i < n; i++) {
		if (point_sources(c, points[i], &s))
			return -1;
		*out = sources_join(c, *out, s);
	}
	return 0;
}

/* Is this input of a task for the parameter: "lr", or where it is computed "lr-1-2"? */
static bool is_for(struct str input, struct str param)
{
	if (!str_has_prefix(input, param))
		return false;
	return input.n == param.n || input.p[param.n] == '-';	/* no name has one */
}

static bool is_named(const struct readback_task *t, struct str name)
{
	for (uint32_t i = 0; i < t->ninputs; i++)
		if (str_eq(t->inputs[i].name, name))
			return true;
	return false;
}

static int compare_param(struct compare *c, const struct readback_task *t, struct str name,
			 struct reads wanted, bool *seen)
{
	bool whole = is_named(t, name);
	struct sources found = {0}, s;

	for (uint32_t i = 0; i < t->ninputs; i++) {
		if (whole ? !str_eq(t->inputs[i].name, name)
			  : seen[i] || !is_for(t->inputs[i].name, name))
			continue;
		if (point_sources(c, t->inputs[i].point, &s))
			return -1;
		found = sources_join(c, found, s);
		seen[i] = true;
	}
	if (agree(c, wanted, found))
		return 0;
	return differs(c, t->path, arena_printf(&c->a, "parameter '%.*s'", STR_ARG(name)),
		       wanted, found);
}

static struct sources add_settings(struct compare *c, struct use *u, struct sources may,
				   const struct module_setting *settings, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct reads s = site_reads(c, u, settings[i].value);

		may = sources_join(c, may, sources_join(c, s.must, s.may));
	}
	return may;
}

/* What is computed for a task beside its parameters: its settings, and those that the
 * calls around it have for it. */
static struct reads settings_reads(struct compare *c, struct use *u,
				   const struct module_node *n)
{
	const struct module_component *comp = &c->m->components[n->target];
	struct reads r = {0};

	r.may = add_settings(c, u, r.may, n->settings, n->nsettings);
	r.may = add_settings(c, u, r.may, comp->settings, comp->nsettings);
	for (; u->up; u = u->up) {
		n = &u->up->u->p->nodes[u->call];
		r.may = add_settings(c, u->up, r.may, n->settings, n->nsettings);
	}
	return r;
}

static int compare_rest(struct compare *c, struct use *u, const struct module_node *n,
			const struct readback_task *t, const bool *seen)
{
	struct reads settings = settings_reads(c, u, n);
	struct sources s;

	for (uint32_t i = 0; i < t->ninputs; i++) {
		if (seen[i])
			continue;
		if (point_sources(c, t->inputs[i].point, &s))
			return -1;
		if (!agree(c, settings, s))
			return differs(c, t->path,
				       arena_printf(&c->a, "input '%.*s'",
						    STR_ARG(t->inputs[i].name)),
				       settings, s);
	}
	return 0;
}

static int compare_params(struct compare *c, struct use *u, const struct module_node *n,
			  const struct readback_task *t)
{
	const struct module_component *comp = &c->m->components[n->target];
	bool *seen = ARENA_ARRAY(&c->a, t->ninputs + 1, bool);

	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < comp->nparams; i++) {
			struct str name = comp->params[i].name;

			if (is_named(t, name) == !pass &&
			    compare_param(c, t, name, param_reads(c, u, n, i), seen))
				return -1;
		}
	return compare_rest(c, u, n, t, seen);
}

static int compare_assert(struct compare *c, struct use *u, const struct module_node *n,
			  const struct readback_task *t)
{
	struct reads wanted = site_reads(c, u, n->cond), message = {0};
	struct sources found = {0}, s;

	if (n->nargs)
		message = site_reads(c, u, n->args[0]);
	wanted.must = sources_join(c, wanted.must, message.must);
	wanted.may = sources_join(c, wanted.may, message.may);
	for (uint32_t i = 0; i < t->ninputs; i++) {
		if (point_sources(c, t->inputs[i].point, &s))
			return -1;
		found = sources_join(c, found, s);
	}
	return agree(c, wanted, found)
		       ? 0
		       : differs(c, t->path, STR("the condition"), wanted, found);
}

static int compare_guards(struct compare *c, struct use *u, uint32_t block, uint32_t task)
{
	const struct readback_task *tasks = c->g->tasks.at;
	struct reads wanted = block_guards(c, u, block);
	struct sources found = {0}, s;

	for (uint32_t t = task; t != READBACK_NONE; t = tasks[t].up) {
		if (all_sources(c, tasks[t].conditions, tasks[t].nconditions, &s))
			return -1;
		found = sources_join(c, found, s);
	}
	return agree(c, wanted, found)
		       ? 0
		       : differs(c, tasks[task].path, STR("what decides on it"), wanted,
				 found);
}

static enum readback_side side_of(const struct compare *c, enum block_kind kind)
{
	switch (kind) {
	case BLOCK_THEN:
		return READBACK_THEN;
	case BLOCK_ELSE:
		return READBACK_ELSE;
	case BLOCK_EXCEPT:
		return c->g->knows_ends ? READBACK_EXCEPT : READBACK_NO_SIDE;
	case BLOCK_FINALLY:
		return c->g->knows_ends ? READBACK_FINALLY : READBACK_NO_SIDE;
	default:
		return READBACK_NO_SIDE;
	}
}

/* The next side around *u's block, from within. */
static enum readback_side next_side(const struct compare *c, struct use **u,
				    uint32_t *block)
{
	enum readback_side side = READBACK_NO_SIDE;

	while (!side) {
		const struct module_block *b = &(*u)->u->p->blocks[*block];

		side = side_of(c, b->kind);
		if (b->owner != MODULE_NONE) {
			*block = (*u)->u->p->nodes[b->owner].block;
		} else if ((*u)->up) {
			*block = (*u)->up->u->p->nodes[(*u)->call].block;
			*u = (*u)->up;
		} else {
			break;
		}
	}
	return side;
}

static int compare_sides(struct compare *c, struct use *u, uint32_t block, uint32_t task)
{
	static const char *const words[] = {
		[READBACK_NO_SIDE] = "nothing", [READBACK_SOME_SIDE] = "a side",
		[READBACK_THEN] = "then", [READBACK_ELSE] = "else",
		[READBACK_EXCEPT] = "except", [READBACK_FINALLY] = "finally"};
	const struct readback_task *tasks = c->g->tasks.at;
	enum readback_side wanted, found;
	uint32_t t = task;

	do {
		wanted = next_side(c, &u, &block);
		found = READBACK_NO_SIDE;
		for (; t != READBACK_NONE && !found; t = tasks[t].up)
			found = tasks[t].side;
		if (found == READBACK_SOME_SIDE)
			return 0;
		if (found != wanted)
			return err_set(c->err, "'%.*s' is in %s, and should be in %s",
				       STR_ARG(tasks[task].path), words[found],
				       words[wanted]);
	} while (wanted);
	return 0;
}

static uint32_t next_iterator(const struct compare *c, uint32_t task)
{
	while (task != READBACK_NONE && c->g->tasks.at[task].iterator == READBACK_NONE)
		task = c->g->tasks.at[task].up;
	return task;
}

static bool goes_over_artifacts(const struct module_node *loop)
{
	for (uint32_t i = 0; i < loop->nargs; i++)
		if (type_holds_artifacts(loop->args[i]->type))
			return true;
	return false;
}

static int compare_loops(struct compare *c, struct use *u, uint32_t block, uint32_t task)
{
	struct str path = c->g->tasks.at[task].path;
	uint32_t t = next_iterator(c, task), loop;
	struct sources found;

	while (loop_around(&u, &block, &loop)) {
		const struct module_node *n = &u->u->p->nodes[loop];
		struct reads wanted = {0}, s;

		if (t == READBACK_NONE)
			return err_set(c->err, "'%.*s' is not in the loop '%.*s'",
				       STR_ARG(path), STR_ARG(n->path));
		for (uint32_t i = 0; i < n->nargs; i++) {
			s = site_reads(c, u, n->args[i]);
			wanted.must = sources_join(c, wanted.must, s.must);
			wanted.may = sources_join(c, wanted.may, s.may);
		}
		if (point_sources(c, c->g->tasks.at[t].iterator, &found))
			return -1;
		/* Of artifacts whose number is known, it goes through the numbers: then
		 * those who read an element read the list. */
		if (!found.n && !found.is_many && goes_over_artifacts(n)) {
			t = next_iterator(c, c->g->tasks.at[t].up);
			continue;
		}
		if (!agree(c, wanted, found))
			return differs(c, path, STR("the list of the loop"), wanted, found);
		t = next_iterator(c, c->g->tasks.at[t].up);
	}
	if (t != READBACK_NONE)
		return err_set(c->err, "'%.*s' is in a loop that is not in the program",
			       STR_ARG(path));
	return 0;
}

static uint32_t depth_of(const struct compare *c, uint32_t task)
{
	uint32_t depth = 0;

	while ((task = c->g->tasks.at[task].up) != READBACK_NONE)
		depth++;
	return depth;
}

/* Goes up from both to tasks of one group; false: one of them is in the other. */
static bool meet(const struct compare *c, uint32_t *x, uint32_t *y)
{
	const struct readback_task *t = c->g->tasks.at;
	uint32_t dx = depth_of(c, *x), dy = depth_of(c, *y);

	for (; dx > dy; dx--)
		*x = t[*x].up;
	for (; dy > dx; dy--)
		*y = t[*y].up;
	while (*x != *y && t[*x].up != t[*y].up) {
		*x = t[*x].up;
		*y = t[*y].up;
	}
	return *x != *y;
}

/* Does x wait for y, perhaps by others between them? */
static bool waits(struct compare *c, uint32_t x, uint32_t y)
{
	const struct readback_task *first = &c->g->tasks.at[x];
	VEC(uint32_t) todo = {0};
	struct map seen = {0};
	bool found = false;

	for (uint32_t k = 0; k < first->nwaits; k++)
		if (first->waits[k] == y)
			return true;
	vec_push(&todo, x);
	for (size_t i = 0; i < todo.n && !found; i++) {
		const struct readback_task *t = &c->g->tasks.at[todo.at[i]];

		for (uint32_t k = 0; k < t->nwaits && !found; k++) {
			uint32_t w = t->waits[k];

			found = w == y;
			if (!map_set(&seen, c->g->tasks.at[w].path, c))
				vec_push(&todo, w);
		}
	}
	vec_release(&todo);
	map_release(&seen);
	return found;
}

static const uint32_t *task_of(const struct compare *c, const struct use *u, uint32_t node)
{
	return u->u->paths[node].n ? map_get(&c->by_path, u->u->paths[node]) : NULL;
}

static int compare_after(struct compare *c, struct use *u, uint32_t node)
{
	const struct module_node *n = &u->u->p->nodes[node];
	const uint32_t *mine = task_of(c, u, node), *other;

	for (uint32_t i = 0; mine && i < n->nafter; i++) {
		uint32_t x = *mine, y;

		other = task_of(c, u, n->after[i]);
		if (!other)
			continue;
		y = *other;
		if (!meet(c, &x, &y))
			continue;
		map_set(&c->orders, arena_printf(&c->a, "%u %u", x, y), c);
		if (!waits(c, x, y))
			return err_set(c->err, "'%.*s' does not wait for '%.*s'",
				       STR_ARG(c->g->tasks.at[*mine].path),
				       STR_ARG(c->g->tasks.at[*other].path));
	}
	return 0;
}

static int compare_node(struct compare *c, struct use *u, uint32_t node)
{
	const struct module_node *n = &u->u->p->nodes[node];
	const uint32_t *task = task_of(c, u, node);
	const struct readback_task *t;

	c->at = u;
	c->block = n->block;
	if (u->u->paths[node].n && !task)
		return err_set(c->err, "'%.*s' is not there", STR_ARG(u->u->paths[node]));
	if (compare_after(c, u, node))
		return -1;
	if (n->kind != NODE_TASK && n->kind != NODE_ASSERT)
		return 0;
	if (!task)
		return err_set(c->err, "nothing stands for '%.*s%.*s'", STR_ARG(u->address),
			       STR_ARG(n->path));
	t = &c->g->tasks.at[*task];
	if (n->kind == NODE_TASK ? compare_params(c, u, n, t)
				 : compare_assert(c, u, n, t))
		return -1;
	return compare_guards(c, u, n->block, *task) ||
	       compare_sides(c, u, n->block, *task) ||
	       compare_loops(c, u, n->block, *task);
}

/* Is it a point of y, or are several of which one is? */
static bool is_from(const struct compare *c, uint32_t point, uint32_t y)
{
	const struct readback_point *p = &c->g->points.at[point];

	if (p->kind == READBACK_PARAM)
		return false;
	if (p->kind != READBACK_JOIN || p->task != READBACK_NONE)
		return p->task == y;
	for (uint32_t i = 0; i < p->nfrom; i++)
		if (is_from(c, p->from[i], y))
			return true;
	return false;
}

static bool reads_from(const struct compare *c, uint32_t x, uint32_t y)
{
	const struct readback_task *t = &c->g->tasks.at[x];

	for (uint32_t i = 0; i < t->ninputs; i++)
		if (is_from(c, t->inputs[i].point, y))
			return true;
	return t->iterator != READBACK_NONE && is_from(c, t->iterator, y);
}

/* Waits without a reason: generated tasks have theirs, and a `finally` its body. */
static int compare_waits(struct compare *c, uint32_t x)
{
	const struct readback_task *tasks = c->g->tasks.at;

	for (uint32_t i = 0; i < tasks[x].nwaits; i++) {
		uint32_t y = tasks[x].waits[i];
		const struct claim *claim = &c->claimed[y];

		if (tasks[x].side >= READBACK_EXCEPT ||
		    (!tasks[x].is_group && !c->claimed[x].use) ||
		    (!tasks[y].is_group && !claim->use) ||
		    (claim->use && claim->use->u->p->nodes[claim->node].kind == NODE_TRY) ||
		    reads_from(c, x, y) ||
		    map_get(&c->orders, arena_printf(&c->a, "%u %u", x, y)))
			continue;
		return err_set(c->err, "'%.*s' waits for '%.*s' for no reason",
			       STR_ARG(tasks[x].path), STR_ARG(tasks[y].path));
	}
	return 0;
}

static int compare_all_waits(struct compare *c)
{
	for (uint32_t i = 0; i < c->g->tasks.n; i++)
		if (compare_waits(c, i))
			return -1;
	return 0;
}

static int compare_outputs(struct compare *c)
{
	const struct module_pipeline *p = c->root->u->p;
	struct sources found;

	c->at = NULL;
	for (uint32_t i = 0; i < p->noutputs; i++) {
		const struct module_output *o = &p->outputs[i];
		struct reads wanted = site_reads(c, c->root, o->value);
		uint32_t k = 0;

		while (k < c->g->noutputs && !str_eq(c->g->outputs[k].name, o->name))
			k++;
		if (k == c->g->noutputs && !o->value)
			continue;
		if (k == c->g->noutputs)
			return err_set(c->err, "there is no output '%.*s'",
				       STR_ARG(o->name));
		if (point_sources(c, c->g->outputs[k].point, &found))
			return -1;
		if (!agree(c, wanted, found))
			return differs(c, p->name,
				       arena_printf(&c->a, "output '%.*s'",
						    STR_ARG(o->name)),
				       wanted, found);
	}
	return 0;
}

/* Who stands for whom; of called pipelines, too. */
static int claim_all(struct compare *c, struct use *u)
{
	const struct module_pipeline *p = u->u->p;

	for (uint32_t i = 0; i < p->nnodes; i++) {
		const struct module_node *n = &p->nodes[i];
		const uint32_t *task = task_of(c, u, i);

		if (n->kind == NODE_CALL) {
			if (!u->u->calls[i])
				return err_set(c->err, "nothing stands for '%.*s%.*s'",
					       STR_ARG(u->address), STR_ARG(n->path));
			u->calls[i] = use_new(c, u->u->calls[i], u, i);
			if (claim_all(c, u->calls[i]))
				return -1;
		}
		if (!task || (n->kind != NODE_TASK && n->kind != NODE_ASSERT &&
			      n->kind != NODE_TRY))
			continue;
		if (c->claimed[*task].use)
			return err_set(c->err, "'%.*s' stands for two tasks",
				       STR_ARG(u->u->paths[i]));
		c->claimed[*task] = (struct claim){u, i};
	}
	return 0;
}

static int compare_use(struct compare *c, struct use *u)
{
	for (uint32_t i = 0; i < u->u->p->nnodes; i++)
		if (compare_node(c, u, i) ||
		    (u->calls[i] && compare_use(c, u->calls[i])))
			return -1;
	return 0;
}

static int index_tasks(struct compare *c)
{
	size_t n = c->g->tasks.n;
	uint32_t *numbers = ARENA_ARRAY(&c->a, n + 1, uint32_t);

	map_reserve(&c->by_path, n);
	for (size_t i = 0; i < n; i++) {
		numbers[i] = (uint32_t)i;
		if (map_set(&c->by_path, c->g->tasks.at[i].path, &numbers[i]))
			return err_set(c->err, "'%.*s' is there twice",
				       STR_ARG(c->g->tasks.at[i].path));
	}
	return 0;
}

static void index_inputs(struct compare *c)
{
	for (uint32_t i = 0; i < c->claims->ninputs; i++) {
		struct readback_setting *s = &c->claims->inputs[i];

		map_set(&c->inputs, s->name, &s->address);
		map_set(&c->in_file, s->address, c);
	}
}

int readback_compare(const struct readback_graph *g, const struct readback_claims *claims,
		     struct err *err)
{
	struct compare c = {.m = claims->m, .g = g, .claims = claims, .err = err,
			    .nsources = 1, .steps = STEPS};
	int rc;

	c.claimed = ARENA_ARRAY(&c.a, g->tasks.n + 1, struct claim);
	c.points = ARENA_ARRAY(&c.a, g->points.n + 1, struct sources);
	c.state = ARENA_ARRAY(&c.a, g->points.n + 1, uint8_t);
	index_inputs(&c);
	c.root = use_new(&c, claims->root, NULL, 0);
	rc = index_tasks(&c) || claim_all(&c, c.root) || compare_use(&c, c.root) ||
	     compare_outputs(&c) || compare_all_waits(&c);
	vec_release(&c.gather);
	map_release(&c.by_path);
	map_release(&c.addresses);
	map_release(&c.inputs);
	map_release(&c.in_file);
	map_release(&c.orders);
	vec_release(&c.known);
	vec_release(&c.ends);
	arena_release(&c.a);
	return rc ? -1 : 0;
}

void readback_release(struct readback_graph *g)
{
	vec_release(&g->tasks);
	vec_release(&g->points);
}
