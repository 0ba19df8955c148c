/* Pipelines made at random of everything that there is, run with failures, cancellations
 * and timeouts at random: each is verified, comes to its end, and leaves nothing open. */
#include <config.h>

#include "runtime/bc/save.h"
#include "tests/unit/tap.h"
#include "tests/unit/vm_fake.h"

enum { PIPELINES = 4, ROUNDS = 400, RUNS = 6, MAX_STEPS = 20000 };

static uint64_t state;

static unsigned dice(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

struct gen {			/* the pipeline that is being made */
	struct mk *k;
	VEC(struct module_node) nodes;
	VEC(struct module_block) blocks;
	VEC(struct input) seen;	/* ints that can be read where we are */
	uint32_t block;
	uint32_t last_assert;	/* of the block; MODULE_NONE: none */
};

static struct input pick(const struct gen *g)
{
	return g->seen.at[dice((unsigned)g->seen.n)];
}

static struct expr *read_int(struct gen *g, struct input in)
{
	return builder_input(&g->k->b, in, g->k->m->types.integer, SPAN_NONE);
}

static const struct site *any_int(struct gen *g)
{
	return mk_site(g->k, read_int(g, pick(g)));
}

static const struct site *any_bool(struct gen *g)
{
	return mk_site(g->k, mk_op(g->k, OP_GT, read_int(g, pick(g)),
				   mk_int(g->k, dice(8)), g->k->m->types.boolean));
}

static uint32_t add(struct gen *g, struct module_node n)
{
	uint32_t i = (uint32_t)g->nodes.n;

	n.name = arena_printf(&g->k->m->arena, "n%u", i);
	n.path = n.name;
	n.block = g->block;
	n.loc = (struct loc){0, 10, 1};
	if (g->last_assert != MODULE_NONE) {
		n.after = arena_dup(&g->k->m->arena, &g->last_assert, sizeof(uint32_t));
		n.nafter = 1;
	}
	vec_push(&g->nodes, n);
	return i;
}

static void see(struct gen *g, uint32_t node)
{
	vec_push(&g->seen, (struct input){INPUT_NODE, node, 0});
}

static struct module_node blank(enum node_kind kind)
{
	return (struct module_node){
		.kind = kind, .target = MODULE_NONE, .then_block = MODULE_NONE,
		.else_block = MODULE_NONE, .final_block = MODULE_NONE,
	};
}

static void fill(struct gen *g, unsigned depth);

/* A block of node owner with things in it; its number, and an int in it to be read. */
static uint32_t make_block(struct gen *g, enum block_kind kind, uint32_t owner,
			   unsigned depth, struct input *out)
{
	uint32_t block = g->block, last = g->last_assert, made = (uint32_t)g->blocks.n;
	size_t seen = g->seen.n;

	vec_push(&g->blocks, (struct module_block){kind, owner});
	g->block = made;
	g->last_assert = MODULE_NONE;
	if (kind == BLOCK_LOOP)
		vec_push(&g->seen, (struct input){INPUT_ITEM, owner, 0});
	fill(g, depth);
	*out = vec_last(&g->seen);
	g->seen.n = seen;
	g->block = block;
	g->last_assert = last;
	return made;
}

static void add_merge(struct gen *g, uint32_t of, struct input then, struct input orelse)
{
	struct module_merge *o = ARENA_NEW(&g->k->m->arena, struct module_merge);
	struct module_node n = blank(NODE_MERGE);
	bool two = g->nodes.at[of].kind == NODE_BRANCH ||
		   g->nodes.at[of].else_block != MODULE_NONE;

	*o = (struct module_merge){STR(""), g->k->m->types.integer,
				   mk_site(g->k, read_int(g, then)),
				   two ? mk_site(g->k, read_int(g, orelse)) : NULL};
	n.target = of;
	n.outs = o;
	n.nouts = 1;
	see(g, add(g, n));
}

static void add_branch(struct gen *g, unsigned depth)
{
	struct module_node n = blank(NODE_BRANCH);
	struct input then, orelse;
	uint32_t i, b;

	n.cond = any_bool(g);
	i = add(g, n);
	b = make_block(g, BLOCK_THEN, i, depth, &then);
	g->nodes.at[i].then_block = b;
	b = make_block(g, BLOCK_ELSE, i, depth, &orelse);
	g->nodes.at[i].else_block = b;
	add_merge(g, i, then, orelse);
}

static void add_try(struct gen *g, unsigned depth)
{
	struct input body, except = {0}, final;
	uint32_t i = add(g, blank(NODE_TRY)), b;

	b = make_block(g, BLOCK_TRY, i, depth, &body);
	g->nodes.at[i].then_block = b;
	if (dice(3)) {
		b = make_block(g, BLOCK_EXCEPT, i, depth, &except);
		g->nodes.at[i].else_block = b;
	}
	if (dice(2)) {
		b = make_block(g, BLOCK_FINALLY, i, depth, &final);
		g->nodes.at[i].final_block = b;
	}
	add_merge(g, i, body, except);
}

static void add_loop(struct gen *g, unsigned depth)
{
	const struct type *l = type_list(&g->k->m->types, g->k->m->types.integer);
	struct expr *bound = mk_op(g->k, OP_MOD, read_int(g, pick(g)), mk_int(g->k, 4),
				   g->k->m->types.integer), *list, *len;
	struct module_merge *o = ARENA_NEW(&g->k->m->arena, struct module_merge);
	struct module_node n = blank(NODE_LOOP), e = blank(NODE_EXPR);
	struct input each;
	uint32_t i, b;

	list = builder_builtin(&g->k->b, BUILTIN_RANGE, &bound, 1, l, SPAN_NONE);
	n.args = mk_args(g->k, mk_site(g->k, list), NULL);
	n.nargs = 1;
	i = add(g, n);
	b = make_block(g, BLOCK_LOOP, i, depth, &each);
	*o = (struct module_merge){STR(""), l, mk_site(g->k, read_int(g, each)), NULL};
	g->nodes.at[i].then_block = b;
	g->nodes.at[i].outs = o;
	g->nodes.at[i].nouts = 1;
	list = builder_input(&g->k->b, (struct input){INPUT_NODE, i, 0}, l, SPAN_NONE);
	len = builder_builtin(&g->k->b, BUILTIN_LEN, &list, 1, g->k->m->types.integer,
			      SPAN_NONE);
	e.type = g->k->m->types.integer;
	e.cond = mk_site(g->k, len);
	see(g, add(g, e));
}

static void add_leaf(struct gen *g, unsigned what)
{
	uint32_t npipelines = g->k->m->npipelines;
	struct module_node n = blank(NODE_TASK);

	if (what == 0) {
		n.kind = NODE_EXPR;
		n.type = g->k->m->types.integer;
		n.cond = any_int(g);
	} else if (what == 1) {
		n.kind = NODE_ASSERT;
		n.cond = any_bool(g);
		g->last_assert = add(g, n);
		return;
	} else if (what == 2 && npipelines) {
		n.kind = NODE_CALL;
		n.target = dice(npipelines);
		n.nargs = 1;
		n.args = mk_args(g->k, any_int(g), NULL);
	} else {
		n.target = 0;
		n.nargs = 2;
		n.args = mk_args(g->k, any_int(g), dice(2) ? any_int(g) : NULL);
	}
	see(g, add(g, n));
}

static void fill(struct gen *g, unsigned depth)
{
	for (unsigned i = 1 + dice(4); i; i--) {
		unsigned what = dice(depth ? 9 : 6);

		if (what == 8)
			add_loop(g, depth - 1);
		else if (what == 7)
			add_try(g, depth - 1);
		else if (what == 6)
			add_branch(g, depth - 1);
		else
			add_leaf(g, what);
	}
}

static void make_pipeline(struct mk *k, struct module_param *param)
{
	struct gen g = {.k = k, .last_assert = MODULE_NONE};
	struct module_output o = {.name = STR("output"), .doc = STR(""),
				  .type = k->m->types.integer};

	vec_push(&g.blocks, (struct module_block){BLOCK_BODY, MODULE_NONE});
	vec_push(&g.seen, (struct input){INPUT_PARAM, 0, 0});
	fill(&g, 3);
	o.value = any_int(&g);
	mk_pipeline(k, &(struct module_pipeline){
		.name = arena_printf(&k->m->arena, "p%u", k->m->npipelines),
		.nodes = g.nodes.at, .nnodes = (uint32_t)g.nodes.n, .params = param,
		.nparams = 1, .outputs = &o, .noutputs = 1, .blocks = g.blocks.at,
		.nblocks = (uint32_t)g.blocks.n});
	vec_release(&g.nodes);
	vec_release(&g.blocks);
	vec_release(&g.seen);
}

static bool fails_sometimes(struct fake *f)
{
	return f->seed && dice((unsigned)f->seed) == 0;
}

/* One run; what is wrong, or NULL. */
static const char *run(struct fake *f)
{
	unsigned stop = dice(2) ? dice(30) : UINT32_MAX, kill = dice(2) ? dice(60) : 0;

	f->quiet = true;
	f->decide = fails_sometimes;
	f->seed = dice(3) ? 1 + dice(12) : 0;
	f->s.jobs = 1 + dice(5);
	f->s.stop_on_failure = dice(4) == 0;
	for (unsigned i = 0; !sched_is_done(&f->s); i++) {
		if (i == MAX_STEPS)
			return "it does not come to its end";
		if (i == stop)
			sched_cancel(&f->s, false);
		if (i == stop && kill)
			f->s.deadline_ms = 1;
		if (kill && i == stop + kill)
			sched_cancel(&f->s, true);
		sched_step(&f->s);
		f->newest_first = dice(2);
		if (f->nrunning)
			fake_end(f);
		else if (sched_wake_ms(&f->s) > f->now)
			f->now = sched_wake_ms(&f->s);
	}
	for (size_t i = 0; i < f->plan.insts.n; i++)
		if (f->plan.insts.at[i].state < INST_OK)
			return "an instance is left open";
	if (f->s.nrunning || f->s.retries.n || f->s.ended.n || f->s.settled.n)
		return "something is left to do";
	return NULL;
}

/* What the root gives when nothing is disturbed; INT64_MIN if it does not. */
static int64_t output_of(struct mk *k, int64_t n, unsigned jobs, bool newest_first)
{
	struct value v = value_int(n);
	const struct inst *o;
	struct fake f;
	int64_t out;

	fake_init(&f, k, PIPELINES - 1, &v);
	f.quiet = true;
	f.s.jobs = jobs;
	f.newest_first = newest_first;
	fake_run(&f);
	o = plan_inst(&f.plan, f.plan.scopes.at[0].outputs);
	out = o->state == INST_OK ? o->values[0].i : INT64_MIN;
	fake_release(&f);
	return out;
}

static const char *try_module(uint64_t seed, struct err *err)
{
	struct mk k;
	struct module_param param;
	const char *wrong = NULL;

	state = seed;
	setup(&k, PIPELINES);
	param = mk_param(&k, "n", k.m->types.integer, 3, NULL);
	for (int i = 0; i < PIPELINES; i++)
		make_pipeline(&k, &param);
	builder_finish(&k.b);
	if (module_verify(k.m, err))
		wrong = err->text;
	for (int i = 0; i < RUNS && !wrong; i++) {
		struct value n = value_int(dice(9));
		struct fake f;

		fake_init(&f, &k, PIPELINES - 1, &n);
		wrong = run(&f);
		fake_release(&f);
	}
	if (!wrong && output_of(&k, 5, 1, false) != output_of(&k, 5, 4, true))
		wrong = "the order of ends makes a difference";
	mk_release(&k);
	return wrong;
}

int main(void)
{
	unsigned nwrong = 0;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct err err = {0};
		const char *wrong = try_module(seed, &err);

		if (wrong && nwrong++ < 3)
			printf("# seed %u: %s\n", (unsigned)seed, wrong);
	}
	is_int(nwrong, 0, "all come to their ends");
	return done_testing();
}
