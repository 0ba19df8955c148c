/* The scheduler with a fake clock and fake executors: what runs when, what is skipped
 * and why. */
#include <config.h>

#include "tests/unit/tap.h"
#include "tests/unit/vm_fake.h"

static void test_chain(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	struct module_node nodes[] = {
		MK_NODE(TASK, "a", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_int(&k, 5)), NULL)),
		MK_NODE(EXPR, "e",
			.cond = mk_site(&k, mk_op(&k, OP_MUL, mk_in(&k, INPUT_NODE, 0),
						  mk_int(&k, 2), k.m->types.integer)),
			.type = k.m->types.integer),
		MK_NODE(TASK, "b", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 1)),
					mk_site(&k, mk_in(&k, INPUT_PARAM, 0)))),
		MK_NODE(TASK, "free"),
	};
	struct module_param p = mk_param(&k, "n", k.m->types.integer, 3, NULL);
	struct module_output o = {.name = STR("output"), .type = k.m->types.integer,
				  .value = mk_site(&k, mk_in(&k, INPUT_NODE, 2))};
	struct value n = value_int(100);

	finish(&k, &(struct module_pipeline){.name = STR("p"),
					     .nodes = nodes,
					     .nnodes = 4,
					     .params = &p,
					     .nparams = 1,
					     .outputs = &o,
					     .noutputs = 1});
	fake_init(&f, &k, 0, &n);
	is_str(fake_run(&f),
	       "a start 5 0\na ok\nfree start 0 0\nfree ok\nb start 12 100\nb ok\n",
	       "values flow along edges, one job");
	is_str(sched_state(&f.s), "succeeded", "a run that went well");
	is_int(plan_inst(&f.plan, f.plan.scopes.at[0].outputs)->values[0].i, 113,
	       "output of the pipeline");
	fake_release(&f);
	fake_init(&f, &k, 0, &n);
	f.s.jobs = 2;
	is_str(fake_run(&f),
	       "a start 5 0\nfree start 0 0\na ok\nb start 12 100\nfree ok\nb ok\n",
	       "two jobs run at the same time");
	fake_release(&f);
	fake_init(&f, &k, 0, &n);
	f.fails = "a", f.nfails = 1;
	is_str(fake_run(&f),
	       "a start 5 0\na failed: boom\nb skipped upstream_failed a\n"
	       "free start 0 0\nfree ok\n",
	       "what depends on a failed task is skipped, the rest goes on");
	is_str(sched_state(&f.s), "failed", "a run with a failed task");
	is_int((long long)str_is(f.s.first_error, "boom"), 1, "the first error is kept");
	fake_release(&f);
	fake_init(&f, &k, 0, &n);
	f.s.stop_on_failure = true;
	f.fails = "a", f.nfails = 1;
	is_str(fake_run(&f), "a start 5 0\na failed: boom\nb skipped upstream_failed a\n"
	       "free skipped cancelled\n", "on_failure = stop");
	fake_release(&f);
	mk_release(&k);
}

/* if n > 5: t = a() ; t2 = b(t) else: u = c(); m = merge(t2, u); d(m) ; only(t) in
 * then. */
static void test_branches(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	const struct type *i = k.m->types.integer;
	struct module_merge outs = {STR(""), i, mk_site(&k, mk_in(&k, INPUT_NODE, 2)),
				    mk_site(&k, mk_in(&k, INPUT_NODE, 3))};
	struct module_block blocks[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_THEN, 0}, {BLOCK_ELSE, 0}};
	struct module_node nodes[] = {
		MK_NODE(BRANCH, "if",
			.cond = mk_site(&k, mk_op(&k, OP_GT, mk_in(&k, INPUT_PARAM, 0),
						  mk_int(&k, 5), k.m->types.boolean)),
			.then_block = 1, .else_block = 2),
		MK_NODE(TASK, "t", .block = 1),
		MK_NODE(TASK, "t2", .block = 1, .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 1)), NULL)),
		MK_NODE(TASK, "u", .block = 2),
		MK_NODE(MERGE, "m", .target = 0, .outs = &outs, .nouts = 1),
		MK_NODE(TASK, "d", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 4)), NULL)),
	};
	struct module_param p = mk_param(&k, "n", i, 3, NULL);
	struct value n = value_int(3);

	finish(&k, &(struct module_pipeline){.name = STR("p"),
					     .nodes = nodes,
					     .nnodes = 6,
					     .params = &p,
					     .nparams = 1,
					     .blocks = blocks,
					     .nblocks = 3});
	fake_init(&f, &k, 0, &n);
	is_str(fake_run(&f),
	       "if else\nt skipped branch if\nt2 skipped branch if\nu start 0 0\nu ok\n"
	       "d start 1 0\nd ok\n",
	       "else: the merge takes the active side");
	is_str(sched_state(&f.s), "succeeded", "skipped branches are no failure");
	fake_release(&f);
	n = value_int(6);
	fake_init(&f, &k, 0, &n);
	is_str(fake_run(&f),
	       "if then\nu skipped branch if\nt start 0 0\nt ok\nt2 start 1 0\nt2 ok\n"
	       "d start 2 0\nd ok\n",
	       "then");
	fake_release(&f);
	fake_init(&f, &k, 0, &n);
	f.fails = "t", f.nfails = 9;
	is_str(fake_run(&f), "if then\nu skipped branch if\nt start 0 0\nt failed: boom\n"
	       "t2 skipped upstream_failed t\nd skipped upstream_failed t\n",
	       "a failure goes through a merge");
	fake_release(&f);
	mk_release(&k);
}

/* A branch on a task's output that divides by zero. */
static void test_errors(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	const struct type *i = k.m->types.integer;
	struct expr *zero = mk_op(&k, OP_SUB, mk_in(&k, INPUT_NODE, 0), mk_int(&k, 1), i);
	struct expr *div = mk_op(&k, OP_FLOORDIV, mk_int(&k, 1), zero, i);
	struct module_block blocks[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_THEN, 1}};
	struct module_node nodes[] = {
		MK_NODE(TASK, "a"),
		MK_NODE(BRANCH, "if",
			.cond = mk_site(&k, mk_op(&k, OP_GT, div, mk_int(&k, 5),
						  k.m->types.boolean)),
			.then_block = 1),
		MK_NODE(TASK, "b", .block = 1),
		MK_NODE(TASK, "arg", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, div), NULL)),
		MK_NODE(TASK, "after", .after = (uint32_t[]){3}, .nafter = 1),
	};

	finish(&k, &(struct module_pipeline){.name = STR("p"),
					     .nodes = nodes,
					     .nnodes = 5,
					     .blocks = blocks,
					     .nblocks = 2});
	fake_init(&f, &k, 0, NULL);
	fake_run(&f);
	ok(strstr(buf_cstr(&f.log), "if error: ") && strstr(buf_cstr(&f.log), "zero") &&
		   strstr(buf_cstr(&f.log), "b skipped upstream_failed if\n"),
	   "a condition that fails");
	ok(strstr(buf_cstr(&f.log), "arg failed: ") &&
		   strstr(buf_cstr(&f.log), "after skipped upstream_failed arg\n"),
	   "an argument that fails");
	is_str(sched_state(&f.s), "failed", "state");
	fake_release(&f);
	mk_release(&k);
}

static const struct module_setting *seconds(struct mk *k, enum setting a, int64_t x,
					    enum setting b, int64_t y)
{
	struct module_setting *s = ARENA_ARRAY(&k->m->arena, 2, struct module_setting);

	s[0] = (struct module_setting){a, builder_site_const(&k->b, value_int(x),
			k->m->types.integer, SPAN_NONE)};
	s[1] = (struct module_setting){b, builder_site_const(&k->b, value_int(y),
			k->m->types.duration, SPAN_NONE)};
	return s;
}

static void test_retries(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	struct module_node nodes[] = {
		MK_NODE(TASK, "a",
			.settings = seconds(&k, SETTING_RETRIES, 3, SETTING_BACKOFF, 2),
			.nsettings = 2),
		MK_NODE(TASK, "b", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 0)), NULL)),
	};
	finish(&k,
	       &(struct module_pipeline){.name = STR("p"), .nodes = nodes, .nnodes = 2});
	fake_init(&f, &k, 0, NULL);
	f.fails = "a", f.nfails = 2;
	is_str(fake_run(&f),
	       "a start 0 0\na retry 2000: boom\na start 0 0\na retry 4000: boom\n"
	       "a start 0 0\na ok\nb start 1 0\nb ok\n",
	       "backoff doubles");
	is_int(f.now, 7000, "and is waited for");
	is_str(sched_state(&f.s), "succeeded", "state");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.fails = "a", f.nfails = 9;
	fake_run(&f);
	is_int(plan_inst(&f.plan, 0)->attempts, 4, "retries + 1 attempts");
	is_str(sched_state(&f.s), "failed", "then it has failed");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.fails = "a", f.nfails = 9;
	sched_step(&f.s);
	fake_end(&f);
	sched_cancel(&f.s, false);
	is_str(fake_run(&f), "a start 0 0\na retry 2000: boom\na skipped cancelled\n"
	       "b skipped cancelled\n", "cancelled while it waits for its retry");
	is_str(sched_state(&f.s), "cancelled", "state");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	sched_step(&f.s);
	sched_cancel(&f.s, false);
	sched_cancel(&f.s, true);
	is_str(fake_run(&f),
	       "a start 0 0\ncancel a\nkill a\nb skipped cancelled\na cancelled\n",
	       "cancelled while it runs");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.s.deadline_ms = 5000;
	sched_step(&f.s);
	is_int(sched_wake_ms(&f.s), 5000, "wakes at the deadline");
	f.now = 5000;
	sched_step(&f.s);
	is_str(fake_run(&f), "a start 0 0\ncancel a\nb skipped cancelled\na cancelled\n",
	       "timeout");
	is_str(sched_state(&f.s), "failed", "a run that took too long has failed");
	fake_release(&f);
	mk_release(&k);
}

/* sub(n): s = c(x=n); returns s.  p: a = c(); s1 = sub(n=a); s2 = sub() ; z after s1. */
static void test_nested(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 2);
	const struct type *i = k.m->types.integer;
	struct expr *small = mk_op(&k, OP_LT, mk_in(&k, INPUT_PARAM, 0), mk_int(&k, 50),
				   k.m->types.boolean);
	struct module_param n = mk_param(&k, "n", i, 7, mk_site(&k, small));
	struct module_output o = {.name = STR("output"), .type = i,
				  .value = mk_site(&k, mk_in(&k, INPUT_NODE, 0))};
	struct module_node inner[] = {
		MK_NODE(TASK, "s", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_PARAM, 0)),
					NULL)),
		MK_NODE(TASK, "own", .nargs = 0),
	};
	mk_pipeline(&k, &(struct module_pipeline){.name = STR("sub"),
						  .nodes = inner,
						  .nnodes = 2,
						  .params = &n,
						  .nparams = 1,
						  .outputs = &o,
						  .noutputs = 1});
	struct module_node outer[] = {
		MK_NODE(TASK, "a", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_PARAM, 0)),
					NULL)),
		MK_NODE(CALL, "s1", .nargs = 1,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 0)), NULL)),
		MK_NODE(CALL, "s2", .after = (uint32_t[]){1}, .nafter = 1),
		MK_NODE(TASK, "z", .nargs = 2,
			.args = mk_args(&k, mk_site(&k, mk_in(&k, INPUT_NODE, 1)),
					mk_site(&k, mk_in(&k, INPUT_NODE, 2)))),
	};
	struct module_param x = mk_param(&k, "x", i, 0, NULL);
	struct value v = value_int(10);

	finish(&k, &(struct module_pipeline){.name = STR("p"),
					     .nodes = outer,
					     .nnodes = 4,
					     .params = &x,
					     .nparams = 1});
	fake_init(&f, &k, 1, &v);
	is_str(fake_run(&f),
	       "a start 10 0\na ok\ns1/own start 0 0\ns1/own ok\ns1/s start 11 0\n"
	       "s1/s ok\ns2/own start 0 0\ns2/own ok\ns2/s start 7 0\ns2/s ok\nz start "
	       "12 8\nz ok\n",
	       "nested pipelines run in their places");
	fake_release(&f);
	fake_init(&f, &k, 1, &v);
	f.fails = "s1/own", f.nfails = 1;
	fake_run(&f);
	ok(strstr(buf_cstr(&f.log), "s2/s skipped upstream_failed s1/own\n") &&
	   strstr(buf_cstr(&f.log), "s1/s ok\n"), "after= a call waits for all of it");
	fake_release(&f);
	v = value_int(60);
	fake_init(&f, &k, 1, &v);
	fake_run(&f);
	ok(strstr(buf_cstr(&f.log), "s1/n error: 'n' is 61, which breaks") != NULL,
	   "where of a nested pipeline's parameter");
	ok(strstr(buf_cstr(&f.log), "s1/s skipped upstream_failed s1/n\n") != NULL,
	   "what needs it is skipped");
	fake_release(&f);
	mk_release(&k);
}

/* layers x width tasks, each waiting for two of the layer before. */
static void test_many(uint32_t layers, uint32_t width)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	struct module_node *nodes =
		ARENA_ARRAY(&k.m->arena, layers * width, struct module_node);
	uint32_t n = 0;

	for (uint32_t l = 0; l < layers; l++)
		for (uint32_t w = 0; w < width; w++, n++) {
			nodes[n] = MK_NODE(TASK, "t");
			if (!l)
				continue;
			nodes[n].nargs = 2;
			nodes[n].args = mk_args(
				&k, mk_site(&k, mk_in(&k, INPUT_NODE, n - width)), NULL);
			nodes[n].after =
				arena_dup(&k.m->arena, &(uint32_t){(l - 1) * width}, 4);
			nodes[n].nafter = 1;
		}
	finish(&k,
	       &(struct module_pipeline){.name = STR("p"), .nodes = nodes, .nnodes = n});
	fake_init(&f, &k, 0, NULL);
	f.quiet = true;
	f.s.jobs = 2;
	fake_run(&f);
	is_str(sched_state(&f.s), "succeeded", "many tasks");
	is_int(plan_inst(&f.plan, n - 1)->values[0].i, layers, "all layers ran");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	f.quiet = true;
	f.fails = "t", f.nfails = INT32_MAX;
	fake_run(&f);
	is_str(sched_state(&f.s), "failed", "all of the first layer fail");
	is_int(plan_inst(&f.plan, n - 1)->reason,
	       layers > 1 ? SKIP_UPSTREAM_FAILED : SKIP_NONE,
	       "the last layer is skipped");
	fake_release(&f);
	mk_release(&k);
}

int main(void)
{
	test_chain();
	test_branches();
	test_errors();
	test_retries();
	test_nested();
	test_many(100, 100);
	test_many(50000, 1);
	return done_testing();
}
