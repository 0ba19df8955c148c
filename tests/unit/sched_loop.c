/* Loops in the scheduler: iterations, what they give, and that there are never many. */
#include <config.h>

#include <sys/resource.h>

#include "runtime/base/limits.h"
#include "tests/unit/tap.h"
#include "tests/unit/vm_fake.h"

static struct expr *ints(struct mk *k, uint32_t n)
{
	const struct type *i = k->m->types.integer;
	struct expr **x = ARENA_ARRAY(&k->m->arena, n, struct expr *);

	for (uint32_t j = 0; j < n; j++)
		x[j] = mk_int(k, 10 * (j + 1));
	return builder_list(&k->b, x, n, type_list(&k->m->types, i), SPAN_NONE);
}

/* range(n), n being an input */
static struct expr *range(struct mk *k, struct expr *n)
{
	return builder_builtin(&k->b, BUILTIN_RANGE, &n, 1,
			       type_list(&k->m->types, k->m->types.integer), SPAN_NONE);
}

static const struct site *const *list_arg(struct mk *k, struct expr *list)
{
	return mk_args(k, mk_site(k, list), NULL);
}

static const struct site *item(struct mk *k, uint32_t loop)
{
	return mk_site(k, mk_in(k, INPUT_ITEM, loop));
}

static const struct module_merge *gathers(struct mk *k, uint32_t node)
{
	struct module_merge *o = ARENA_NEW(&k->m->arena, struct module_merge);

	*o = (struct module_merge){
		.name = STR(""),
		.type = type_list(&k->m->types, k->m->types.integer),
		.then_value = mk_site(k, mk_in(k, INPUT_NODE, node)),
	};
	return o;
}

static const struct module_setting *parallelism(struct mk *k, int64_t n)
{
	struct module_setting *s = ARENA_NEW(&k->m->arena, struct module_setting);

	*s = (struct module_setting){SETTING_PARALLELISM, mk_site(k, mk_int(k, n))};
	return s;
}

/* What the loop at the top, the first instance of its kind, has gathered. */
static const char *gathered(struct fake *f)
{
	static struct buf b;
	const struct inst *i = f->plan.insts.at;

	while (i->kind != INST_LOOP)
		i++;
	buf_clear(&b);
	if (i->values)
		value_print(i->values[0], &b);
	return buf_cstr(&b);
}

static const struct module_block BLOCKS[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_LOOP, 0}};

/* for x in [..n]: t = c(x=x) ; d = c(x=len(gathered)) */
static void flat(struct mk *k, struct expr *list, const struct module_setting *settings)
{
	const struct type *i = k->m->types.integer;
	struct expr *all, *len;

	all = builder_input(&k->b, (struct input){INPUT_NODE, 0, 0},
			    type_list(&k->m->types, i), SPAN_NONE);
	len = builder_builtin(&k->b, BUILTIN_LEN, &all, 1, i, SPAN_NONE);
	struct module_node nodes[] = {
		MK_NODE(LOOP, "x", .then_block = 1, .nargs = 1, .args = list_arg(k, list),
			.outs = gathers(k, 1), .nouts = 1, .settings = settings,
			.nsettings = settings != NULL),
		MK_NODE(TASK, "t", .block = 1, .nargs = 2,
			.args = mk_args(k, item(k, 0), NULL)),
		MK_NODE(TASK, "d", .nargs = 2,
			.args = mk_args(k, mk_site(k, len), NULL)),
	};

	finish(k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
					    .nnodes = 3, .blocks = BLOCKS, .nblocks = 2});
}

static void test_flat(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	flat(&k, ints(&k, 3), NULL);
	fake_init(&f, &k, 0, NULL);
	is_str(fake_run(&f),
	       "x 3 times\nx[0]/t start 10 0\nx[0]/t ok\nx[1]/t start 20 0\nx[1]/t ok\n"
	       "x[2]/t start 30 0\nx[2]/t ok\nd start 3 0\nd ok\n", "one job");
	is_str(gathered(&f), "[11, 21, 31]", "what they gave");
	is_int((long long)f.plan.frames.n, 2, "one iteration at a time, one frame");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.s.jobs = 3;
	f.newest_first = true;
	is_str(fake_run(&f),
	       "x 3 times\nx[0]/t start 10 0\nx[1]/t start 20 0\nx[2]/t start 30 0\n"
	       "x[2]/t ok\nx[1]/t ok\nx[0]/t ok\nd start 3 0\nd ok\n",
	       "three jobs, ending the other way round");
	is_str(gathered(&f), "[11, 21, 31]", "the order is that of the elements");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.fails = "x[1]/t", f.nfails = 1;
	is_str(fake_run(&f),
	       "x 3 times\nx[0]/t start 10 0\nx[0]/t ok\nx[1]/t start 20 0\n"
	       "x[1]/t failed: boom\nx[2]/t start 30 0\nx[2]/t ok\n"
	       "d skipped upstream_failed x\n", "all run though one fails");
	is_str(sched_state(&f.s), "failed", "state");
	ok(str_is(f.s.first_path, "x[1]/t") && str_is(f.s.first_error, "boom"),
	   "what failed first");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.fails = "x[1]/t", f.nfails = 1;
	f.s.stop_on_failure = true;
	is_str(fake_run(&f),
	       "x 3 times\nx[0]/t start 10 0\nx[0]/t ok\nx[1]/t start 20 0\n"
	       "x[1]/t failed: boom\nd skipped cancelled\n", "on_failure = stop");
	fake_release(&f);
	mk_release(&k);
}

static void test_settings(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	flat(&k, ints(&k, 6), parallelism(&k, 2));
	fake_init(&f, &k, 0, NULL);
	f.s.jobs = 5;
	fake_run(&f);
	is_int(f.most, 2, "parallelism = 2");
	is_str(gathered(&f), "[11, 21, 31, 41, 51, 61]", "all ran");
	fake_release(&f);
	mk_release(&k);
	setup(&k, 1);
	flat(&k, ints(&k, 2), parallelism(&k, 0));
	fake_init(&f, &k, 0, NULL);
	is_str(fake_run(&f),
	       "x error: the setting 'parallelism' must be at least 1\n"
	       "d skipped upstream_failed x\n", "parallelism = 0");
	fake_release(&f);
	mk_release(&k);
	setup(&k, 1);
	flat(&k, ints(&k, 0), NULL);
	fake_init(&f, &k, 0, NULL);
	is_str(fake_run(&f), "x 0 times\nd start 0 0\nd ok\n", "no elements");
	is_str(gathered(&f), "[]", "an empty list gives an empty list");
	is_str(sched_state(&f.s), "succeeded", "and that is well");
	fake_release(&f);
	mk_release(&k);
}

static void test_cancel(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	flat(&k, ints(&k, 5), NULL);
	fake_init(&f, &k, 0, NULL);
	f.s.jobs = 2;
	sched_step(&f.s);
	sched_cancel(&f.s, false);
	is_str(fake_run(&f),
	       "x 5 times\nx[0]/t start 10 0\nx[1]/t start 20 0\ncancel x[1]/t\n"
	       "cancel x[0]/t\nd skipped cancelled\nx[0]/t cancelled\nx[1]/t cancelled\n",
	       "cancelled in the middle");
	is_str(sched_state(&f.s), "cancelled", "state");
	fake_release(&f);
	mk_release(&k);
}

/* for x in [..2]: for y in range(x): t = c(x=x, y=y); the sums of the inner ones. */
static void test_nested(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	const struct type *i = k.m->types.integer, *l = type_list(&k.m->types, i);
	struct expr *inner = builder_input(&k.b, (struct input){INPUT_NODE, 1, 0}, l,
					   SPAN_NONE);
	struct expr *tenth = mk_op(&k, OP_FLOORDIV, mk_in(&k, INPUT_ITEM, 0),
				   mk_int(&k, 10), i);
	struct module_merge lists = {
		.name = STR(""), .type = type_list(&k.m->types, l),
		.then_value = mk_site(&k, inner),
	};
	struct module_block blocks[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_LOOP, 0},
					{BLOCK_LOOP, 1}};
	struct module_node nodes[] = {
		MK_NODE(LOOP, "x", .then_block = 1, .nargs = 1,
			.args = list_arg(&k, ints(&k, 3)), .outs = &lists, .nouts = 1),
		MK_NODE(LOOP, "y", .then_block = 2, .nargs = 1, .block = 1,
			.args = list_arg(&k, range(&k, tenth)), .outs = gathers(&k, 2),
			.nouts = 1),
		MK_NODE(TASK, "t", .block = 2, .nargs = 2,
			.args = mk_args(&k, item(&k, 0), item(&k, 1))),
	};

	finish(&k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
					     .nnodes = 3, .blocks = blocks, .nblocks = 3});
	fake_init(&f, &k, 0, NULL);
	is_str(fake_run(&f),
	       "x 3 times\nx[0]/y 1 times\nx[0]/y[0]/t start 10 0\nx[0]/y[0]/t ok\n"
	       "x[1]/y 2 times\nx[1]/y[0]/t start 20 0\nx[1]/y[0]/t ok\n"
	       "x[1]/y[1]/t start 20 1\nx[1]/y[1]/t ok\nx[2]/y 3 times\n"
	       "x[2]/y[0]/t start 30 0\nx[2]/y[0]/t ok\nx[2]/y[1]/t start 30 1\n"
	       "x[2]/y[1]/t ok\nx[2]/y[2]/t start 30 2\nx[2]/y[2]/t ok\n", "nested");
	is_str(gathered(&f), "[[11], [21, 22], [31, 32, 33]]", "lists of lists");
	is_int((long long)f.plan.frames.n, 3, "one frame of each");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.s.jobs = 4;
	f.newest_first = true;
	fake_run(&f);
	is_str(gathered(&f), "[[11], [21, 22], [31, 32, 33]]", "in any order of ends");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.fails = "x[1]/y[0]/t", f.nfails = 1;
	fake_run(&f);
	ok(strstr(buf_cstr(&f.log), "x[1]/y[1]/t ok") && strstr(buf_cstr(&f.log),
	   "x[2]/y[2]/t ok"), "an inner failure stops nothing");
	is_str(sched_state(&f.s), "failed", "but the run has failed");
	fake_release(&f);
	mk_release(&k);
}

/* p: a = c(); for x in [10, 20]: s = sub(n=x): if n > 15: u = c(x=n, y=a) else: w = 5;
 * the loop is in a pipeline that is called. */
static void test_calls(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 3);
	const struct type *i = k.m->types.integer;
	struct module_param n[] = {mk_param(&k, "n", i, INT64_MIN, NULL),
				   mk_param(&k, "a", i, INT64_MIN, NULL)};
	struct module_merge outs = {STR(""), i, mk_site(&k, mk_in(&k, INPUT_NODE, 1)),
				    mk_site(&k, mk_in(&k, INPUT_NODE, 2))};
	struct module_output o = {.name = STR("output"), .type = i,
				  .value = mk_site(&k, mk_in(&k, INPUT_NODE, 3))};
	struct module_block arms[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_THEN, 0},
				      {BLOCK_ELSE, 0}};
	struct module_node sub[] = {
		MK_NODE(BRANCH, "if",
			.cond = mk_site(&k, mk_op(&k, OP_GT, mk_in(&k, INPUT_PARAM, 0),
						  mk_int(&k, 15), k.m->types.boolean)),
			.then_block = 1, .else_block = 2),
		MK_NODE(TASK, "u", .block = 1, .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_PARAM, 0)),
					mk_site(&k, mk_in(&k, INPUT_PARAM, 1)))),
		MK_NODE(EXPR, "w", .block = 2, .type = i,
			.cond = mk_site(&k, mk_int(&k, 5))),
		MK_NODE(MERGE, "m", .target = 0, .outs = &outs, .nouts = 1),
	};
	mk_pipeline(&k, &(struct module_pipeline){
		.name = STR("sub"), .nodes = sub, .nnodes = 4, .params = n, .nparams = 2,
		.outputs = &o, .noutputs = 1, .blocks = arms, .nblocks = 3});
	struct module_node mid[] = {
		MK_NODE(LOOP, "x", .then_block = 1, .nargs = 1,
			.args = list_arg(&k, ints(&k, 2)), .outs = gathers(&k, 1),
			.nouts = 1),
		MK_NODE(CALL, "s", .target = 0, .block = 1, .nargs = 2,
			.args = mk_args(&k, item(&k, 0),
					mk_site(&k, mk_in(&k, INPUT_PARAM, 0)))),
		MK_NODE(TASK, "v", .block = 1, .after = (uint32_t[]){1}, .nafter = 1),
	};
	mk_pipeline(&k, &(struct module_pipeline){
		.name = STR("mid"), .nodes = mid, .nnodes = 3, .params = n + 1,
		.nparams = 1, .blocks = BLOCKS, .nblocks = 2});
	struct module_node top[] = {
		MK_NODE(TASK, "a"),
		MK_NODE(CALL, "q", .target = 1, .nargs = 1,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 0)), NULL)),
	};
	finish(&k, &(struct module_pipeline){.name = STR("p"), .nodes = top, .nnodes = 2});
	fake_init(&f, &k, 2, NULL);
	is_str(fake_run(&f),
	       "a start 0 0\na ok\nq/x 2 times\nq/x[0]/s/if else\n"
	       "q/x[0]/s/u skipped branch q/x[0]/s/if\nq/x[0]/v start 0 0\nq/x[0]/v ok\n"
	       "q/x[1]/s/if then\nq/x[1]/s/u start 20 1\nq/x[1]/s/u ok\n"
	       "q/x[1]/v start 0 0\nq/x[1]/v ok\n", "calls and branches in a loop in a call");
	is_str(gathered(&f), "[5, 22]", "outputs of calls are gathered");
	fake_release(&f);
	fake_init(&f, &k, 2, NULL);
	f.fails = "a", f.nfails = 1;
	is_str(fake_run(&f), "a start 0 0\na failed: boom\n",
	       "what a loop reads from outside failed: none of it begins");
	fake_release(&f);
	fake_init(&f, &k, 2, NULL);
	f.fails = "q/x[1]/s/u", f.nfails = 1;
	fake_run(&f);
	ok(strstr(buf_cstr(&f.log), "q/x[1]/v skipped upstream_failed q/x[1]/s/u\n") != NULL,
	   "a failure within a frame");
	fake_release(&f);
	mk_release(&k);
}

/* A task that is tried again gives way to other iterations. */
static void test_retries(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	struct module_setting s[] = {
		{SETTING_RETRIES, mk_site(&k, mk_int(&k, 1))},
		{SETTING_BACKOFF, builder_site_const(&k.b, value_int(5),
						     k.m->types.duration, SPAN_NONE)},
	};
	struct module_node nodes[] = {
		MK_NODE(LOOP, "x", .then_block = 1, .nargs = 1,
			.args = list_arg(&k, ints(&k, 3)), .outs = gathers(&k, 1),
			.nouts = 1),
		MK_NODE(TASK, "t", .block = 1, .nargs = 2, .settings = s, .nsettings = 2,
			.args = mk_args(&k, item(&k, 0), NULL)),
	};
	finish(&k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
					     .nnodes = 2, .blocks = BLOCKS, .nblocks = 2});
	fake_init(&f, &k, 0, NULL);
	f.fails = "x[0]/t", f.nfails = 1;
	is_str(fake_run(&f),
	       "x 3 times\nx[0]/t start 10 0\nx[0]/t retry 5000: boom\n"
	       "x[1]/t start 20 0\nx[1]/t ok\nx[2]/t start 30 0\nx[2]/t ok\n"
	       "x[0]/t start 10 0\nx[0]/t ok\n", "others go on meanwhile");
	is_str(gathered(&f), "[11, 21, 31]", "and all is there");
	fake_release(&f);
	mk_release(&k);
}

/* for x in range(n): y = x * 2; if y == n: t = c(x=y); gathers y. */
static void test_million(uint32_t n)
{
	struct mk k;
	struct fake f;
	struct rusage before, after;
	const struct inst *loop;

	setup(&k, 1);
	const struct type *i = k.m->types.integer;
	struct expr *equal = mk_op(&k, OP_EQ, mk_in(&k, INPUT_NODE, 1),
				   mk_in(&k, INPUT_PARAM, 0), k.m->types.boolean);
	struct module_param p = mk_param(&k, "n", i, INT64_MIN, NULL);
	struct module_block blocks[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_LOOP, 0},
					{BLOCK_THEN, 2}};
	struct module_node nodes[] = {
		MK_NODE(LOOP, "x", .then_block = 1, .nargs = 1,
			.args = list_arg(&k, range(&k, mk_in(&k, INPUT_PARAM, 0))),
			.outs = gathers(&k, 1), .nouts = 1),
		MK_NODE(EXPR, "y", .block = 1, .type = i,
			.cond = mk_site(&k, mk_op(&k, OP_MUL, mk_in(&k, INPUT_ITEM, 0),
						  mk_int(&k, 2), i))),
		MK_NODE(BRANCH, "if", .block = 1, .then_block = 2,
			.else_block = MODULE_NONE, .cond = mk_site(&k, equal)),
		MK_NODE(TASK, "t", .block = 2, .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 1)), NULL)),
	};
	struct value v = value_int(n);

	finish(&k, &(struct module_pipeline){
		.name = STR("p"), .nodes = nodes, .nnodes = 4, .blocks = blocks,
		.nblocks = 3, .params = &p, .nparams = 1});
	fake_init(&f, &k, 0, &v);
	f.quiet = true;
	getrusage(RUSAGE_SELF, &before);
	fake_run(&f);
	getrusage(RUSAGE_SELF, &after);
	loop = plan_inst(&f.plan, 0);
	is_str(sched_state(&f.s), "succeeded", "very many iterations");
	is_int(loop->values[0].list->at[n - 1].i, 2 * ((int64_t)n - 1), "all of them");
	ok(f.plan.insts.n < 20 && f.plan.frames.n <= 3, "in %zu instances",
	   f.plan.insts.n);
#if !HAS_ASAN	/* which keeps what was freed */
	ok(after.ru_maxrss - before.ru_maxrss < 100 << 10, "in %ld KiB",
	   after.ru_maxrss - before.ru_maxrss);
#endif
	fake_release(&f);
	mk_release(&k);
}

static void test_many_tasks(void)
{
	enum { N = 10000 };
	struct mk k;
	struct fake f;

	setup(&k, 1);
	flat(&k, range(&k, mk_int(&k, N)), NULL);
	fake_init(&f, &k, 0, NULL);
	f.quiet = true;
	f.s.jobs = 8;
	fake_run(&f);
	is_str(sched_state(&f.s), "succeeded", "many tasks");
	is_int(f.most, 8, "all jobs are busy");
	ok(f.plan.frames.n <= 8 + 1, "%zu frames", f.plan.frames.n);
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.quiet = true;
	f.fails = "x[77]/t", f.nfails = 1;
	fake_run(&f);
	is_str(sched_state(&f.s), "failed", "one of many fails");
	fake_release(&f);
	mk_release(&k);
}

static void test_limit(void)
{
	struct mk k;
	struct fake f;
	struct value_list *too_long = calloc(1, sizeof *too_long + (LIMIT_ITERATIONS + 1) *
						       sizeof(struct value));
	struct value v = {VALUE_LIST, {.list = too_long}};

	too_long->n = LIMIT_ITERATIONS + 1;

	setup(&k, 1);
	const struct type *l = type_list(&k.m->types,
					 type_opt(&k.m->types, k.m->types.integer));
	struct module_param p = {.name = STR("xs"), .doc = STR(""), .type = l};
	struct expr *xs = builder_input(&k.b, (struct input){INPUT_PARAM, 0, 0}, l,
					SPAN_NONE);
	struct module_node nodes[] = {
		MK_NODE(LOOP, "x", .then_block = 1, .nargs = 1, .args = list_arg(&k, xs)),
		MK_NODE(TASK, "t", .block = 1),
	};
	finish(&k, &(struct module_pipeline){
		.name = STR("p"), .nodes = nodes, .nnodes = 2, .blocks = BLOCKS,
		.nblocks = 2, .params = &p, .nparams = 1});
	fake_init(&f, &k, 0, &v);
	is_str(fake_run(&f), "x error: the loop goes through more than 10000000 elements\n",
	       "too many iterations");
	fake_release(&f);
	free(too_long);
	mk_release(&k);
}

int main(void)
{
	test_flat();
	test_settings();
	test_cancel();
	test_nested();
	test_calls();
	test_retries();
	test_million(1000000);
	test_many_tasks();
	test_limit();
	return done_testing();
}
