/* try, except, finally and assert in the scheduler, and what is left of a run that is
 * stopped. */
#include <config.h>

#include "tests/unit/tap.h"
#include "tests/unit/vm_fake.h"

static const struct site *try_field(struct mk *k, uint32_t try, enum try_field field)
{
	const struct types *t = &k->m->types;
	struct input in = {INPUT_TRY, try, field};

	return mk_site(k, builder_input(&k->b, in, field == TRY_STATE ? t->string
					: t->opt_run_error, SPAN_NONE));
}

/* "task: message (code)" */
static const struct site *try_error(struct mk *k, uint32_t try)
{
	const struct types *t = &k->m->types;
	struct input in = {INPUT_TRY, try, TRY_ERROR};
	struct expr *e = builder_input(&k->b, in, t->run_error, SPAN_NONE);
	struct expr *parts[] = {
		builder_field(&k->b, e, STR("task"), t->string, SPAN_NONE),
		builder_const(&k->b, value_str(&k->m->arena, STR(": ")), t->string,
			      SPAN_NONE),
		builder_field(&k->b, e, STR("message"), t->string, SPAN_NONE),
	};

	return mk_site(k, builder_fstring(&k->b, parts, 3, SPAN_NONE));
}

static const struct site *node(struct mk *k, uint32_t i)
{
	return mk_site(k, mk_in(k, INPUT_NODE, i));
}

/* o = c()
 * try: a = c(x=o); b = c(x=a)
 * except: why = "{run.error...}"; h = c()
 * finally: end = run.state; z = c()
 * m = merge(b, h); d = c(x=m) */
static void whole(struct mk *k)
{
	const struct types *t = &k->m->types;
	struct module_merge outs = {STR(""), t->integer, node(k, 3), node(k, 5)};
	struct module_block blocks[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_TRY, 1},
					{BLOCK_EXCEPT, 1}, {BLOCK_FINALLY, 1}};
	struct module_node nodes[] = {
		MK_NODE(TASK, "o"),
		MK_NODE(TRY, "try", .then_block = 1, .else_block = 2, .final_block = 3),
		MK_NODE(TASK, "a", .block = 1, .nargs = 2,
			.args = mk_args(k, node(k, 0), NULL)),
		MK_NODE(TASK, "b", .block = 1, .nargs = 2,
			.args = mk_args(k, node(k, 2), NULL)),
		MK_NODE(EXPR, "why", .block = 2, .type = t->string, .cond = try_error(k, 1)),
		MK_NODE(TASK, "h", .block = 2),
		MK_NODE(EXPR, "end", .block = 3, .type = t->string,
			.cond = try_field(k, 1, TRY_STATE)),
		MK_NODE(TASK, "z", .block = 3),
		MK_NODE(MERGE, "m", .target = 1, .outs = &outs, .nouts = 1),
		MK_NODE(TASK, "d", .nargs = 2, .args = mk_args(k, node(k, 8), NULL)),
	};

	finish(k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
					    .nnodes = 10, .blocks = blocks, .nblocks = 4});
}

static void runs(struct mk *k, const char *fails, const char *state, const char *log,
		 const char *name)
{
	struct fake f;

	fake_init(&f, k, k->m->npipelines - 1, NULL);
	f.fails = fails, f.nfails = 9;
	is_str(fake_run(&f), log, name);
	is_str(sched_state(&f.s), state, "state");
	fake_release(&f);
}

static void test_whole(void)
{
	struct mk k;

	setup(&k, 1);
	whole(&k);
	runs(&k, "", "succeeded",
	     "o start 0 0\no ok\na start 1 0\na ok\nb start 2 0\nb ok\n"
	     "h skipped branch try\nend = succeeded\nz start 0 0\nz ok\nd start 3 0\n"
	     "d ok\n", "nothing fails");
	runs(&k, "a", "succeeded",
	     "o start 0 0\no ok\na start 1 0\na failed: boom\n"
	     "b skipped upstream_failed a\nwhy = a: boom\nh start 0 0\nh ok\n"
	     "end = succeeded\nz start 0 0\nz ok\nd start 1 0\nd ok\n",
	     "except covers what fails");
	runs(&k, "h", "succeeded",
	     "o start 0 0\no ok\na start 1 0\na ok\nb start 2 0\nb ok\n"
	     "h skipped branch try\nend = succeeded\nz start 0 0\nz ok\nd start 3 0\n"
	     "d ok\n", "an except that is not wanted cannot fail");
	runs(&k, "z", "failed",
	     "o start 0 0\no ok\na start 1 0\na ok\nb start 2 0\nb ok\n"
	     "h skipped branch try\nend = succeeded\nz start 0 0\nz failed: boom\n"
	     "d start 3 0\nd ok\n", "a finally that fails");
	runs(&k, "o", "failed",
	     "o start 0 0\no failed: boom\na skipped upstream_failed o\n"
	     "b skipped upstream_failed o\nh skipped upstream_failed o\n"
	     "z skipped upstream_failed o\nd skipped upstream_failed o\n",
	     "what comes before it fails: nothing of it runs");
	mk_release(&k);
}

/* Two tasks fail: one in the body, one in the except. */
static void test_except_fails(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	whole(&k);
	fake_init(&f, &k, 0, NULL);
	f.fails = "a", f.nfails = 1;
	while (!sched_is_done(&f.s)) {
		sched_step(&f.s);
		if (f.nrunning && str_is(f.running[0]->path, "h"))
			f.fails = "h", f.nfails = 1;
		if (f.nrunning)
			fake_end(&f);
	}
	is_str(buf_cstr(&f.log),
	       "o start 0 0\no ok\na start 1 0\na failed: boom\n"
	       "b skipped upstream_failed a\nwhy = a: boom\nh start 0 0\n"
	       "h failed: boom\nend = failed\nd skipped upstream_failed h\n"
	       "z start 0 0\nz ok\n", "the except fails as well");
	is_str(sched_state(&f.s), "failed", "state");
	ok(str_is(f.s.first_path, "h"), "for what no except covers");
	fake_release(&f);
	mk_release(&k);
}

/* try: a = c() finally: z = c(); d = c(x=a) */
static void open_try(struct mk *k)
{
	const struct types *t = &k->m->types;
	struct module_block blocks[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_TRY, 0},
					{BLOCK_FINALLY, 0}};
	struct module_node nodes[] = {
		MK_NODE(TRY, "try", .then_block = 1, .else_block = MODULE_NONE,
			.final_block = 2),
		MK_NODE(TASK, "a", .block = 1),
		MK_NODE(EXPR, "end", .block = 2, .type = t->string,
			.cond = try_field(k, 0, TRY_STATE)),
		MK_NODE(TASK, "z", .block = 2),
		MK_NODE(TASK, "z2", .block = 2, .nargs = 2,
			.args = mk_args(k, node(k, 3), NULL)),
		MK_NODE(TASK, "d", .nargs = 2, .args = mk_args(k, node(k, 1), NULL)),
	};

	finish(k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
					    .nnodes = 6, .blocks = blocks, .nblocks = 3});
}

static void test_finally(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	open_try(&k);
	runs(&k, "", "succeeded",
	     "a start 0 0\na ok\nend = succeeded\nd start 1 0\nd ok\nz start 0 0\nz ok\n"
	     "z2 start 1 0\nz2 ok\n", "finally after a body that did well");
	runs(&k, "a", "failed",
	     "a start 0 0\na failed: boom\nd skipped upstream_failed a\nend = failed\n"
	     "z start 0 0\nz ok\nz2 start 1 0\nz2 ok\n", "finally after one that failed");
	fake_init(&f, &k, 0, NULL);
	f.s.stop_on_failure = true;
	f.fails = "a", f.nfails = 1;
	is_str(fake_run(&f),
	       "a start 0 0\na failed: boom\nd skipped upstream_failed a\nend = failed\n"
	       "z start 0 0\nz ok\nz2 start 1 0\nz2 ok\n", "on_failure = stop");
	fake_release(&f);
	mk_release(&k);
}

/* Starts what can be started, and cancels. */
static void cancel(struct fake *f)
{
	sched_step(&f->s);
	sched_cancel(&f->s, false);
}

static void test_cancel(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 1);
	open_try(&k);
	fake_init(&f, &k, 0, NULL);
	cancel(&f);
	is_str(fake_run(&f),
	       "a start 0 0\ncancel a\nd skipped cancelled\na cancelled\n"
	       "end = cancelled\nz start 0 0\nz ok\nz2 start 1 0\nz2 ok\n",
	       "finally runs in a run that is cancelled");
	is_str(sched_state(&f.s), "cancelled", "state");
	fake_release(&f);

	fake_init(&f, &k, 0, NULL);
	cancel(&f);
	fake_end(&f);
	sched_step(&f.s);
	is_int(sched_wake_ms(&f.s), 1000 + SCHED_GRACE_MS, "it has a time limit");
	f.now += SCHED_GRACE_MS;
	sched_step(&f.s);
	is_str(fake_run(&f),
	       "a start 0 0\ncancel a\na cancelled\nd skipped cancelled a\n"
	       "end = cancelled\nz start 0 0\ncancel z\nz2 skipped cancelled\n"
	       "z cancelled\n", "and is ended then");
	fake_release(&f);

	fake_init(&f, &k, 0, NULL);
	cancel(&f);
	sched_cancel(&f.s, true);
	is_str(fake_run(&f),
	       "a start 0 0\ncancel a\nkill a\nz skipped cancelled\n"
	       "z2 skipped cancelled\nd skipped cancelled\na cancelled\n",
	       "with force nothing of it runs");
	fake_release(&f);

	fake_init(&f, &k, 0, NULL);
	cancel(&f);
	fake_end(&f);
	sched_step(&f.s);
	sched_cancel(&f.s, false);
	is_str(fake_run(&f),
	       "a start 0 0\ncancel a\na cancelled\nd skipped cancelled a\n"
	       "end = cancelled\nz start 0 0\nz ok\nz2 start 1 0\nz2 ok\n",
	       "what runs in it is not asked to end");
	fake_release(&f);

	fake_init(&f, &k, 0, NULL);
	f.s.deadline_ms = 5000;
	sched_step(&f.s);
	f.now = 5000;
	is_str(fake_run(&f),
	       "a start 0 0\ncancel a\nd skipped cancelled\na cancelled\n"
	       "end = cancelled\nz start 0 0\nz ok\nz2 start 1 0\nz2 ok\n",
	       "nor does the run's timeout");
	is_str(sched_state(&f.s), "failed", "state");
	fake_release(&f);
	mk_release(&k);

	setup(&k, 1);
	whole(&k);
	fake_init(&f, &k, 0, NULL);
	cancel(&f);
	is_str(fake_run(&f),
	       "o start 0 0\ncancel o\na skipped cancelled\nb skipped cancelled\n"
	       "h skipped cancelled\nd skipped cancelled\nz skipped cancelled\n"
	       "o cancelled\n", "not that of a try that had not begun");
	fake_release(&f);
	fake_init(&f, &k, 0, NULL);
	sched_step(&f.s);
	fake_end(&f);
	cancel(&f);
	is_str(fake_run(&f),
	       "o start 0 0\no ok\na start 1 0\ncancel a\nb skipped cancelled\n"
	       "h skipped cancelled\nd skipped cancelled\na cancelled\n"
	       "end = cancelled\nz start 0 0\nz ok\n", "except does not");
	fake_release(&f);
	mk_release(&k);
}

/* for x in [1, 2, 3]: try: s = sub(n=x) except: h = c(); sub: t = c(); the loop in a try.
 * What fails in the call is covered by the inner try, what fails in h by the outer. */
static void nest(struct mk *k)
{
	const struct type *i = k->m->types.integer;
	struct module_param n = mk_param(k, "n", i, INT64_MIN, NULL);
	struct expr *list[] = {mk_int(k, 1), mk_int(k, 2), mk_int(k, 3)};
	const struct type *l = type_list(&k->m->types, i);
	struct module_output o = {.name = STR("output"), .type = i, .value = node(k, 0)};
	struct module_node sub[] = {
		MK_NODE(TASK, "t", .nargs = 2,
			.args = mk_args(k, mk_site(k, mk_in(k, INPUT_PARAM, 0)), NULL)),
	};
	struct module_merge m = {STR(""), i, node(k, 3), node(k, 4)};
	struct module_merge all = {STR(""), l, node(k, 5), NULL};
	struct module_block blocks[] = {
		{BLOCK_BODY, MODULE_NONE}, {BLOCK_TRY, 0}, {BLOCK_EXCEPT, 0},
		{BLOCK_LOOP, 1}, {BLOCK_TRY, 2}, {BLOCK_EXCEPT, 2},
	};
	struct module_node nodes[] = {
		MK_NODE(TRY, "outer", .then_block = 1, .else_block = 2,
			.final_block = MODULE_NONE),
		MK_NODE(LOOP, "x", .block = 1, .then_block = 3, .nargs = 1, .outs = &all,
			.nouts = 1,
			.args = mk_args(k, mk_site(k, builder_list(&k->b, list, 3, l,
								   SPAN_NONE)), NULL)),
		MK_NODE(TRY, "inner", .block = 3, .then_block = 4, .else_block = 5,
			.final_block = MODULE_NONE),
		MK_NODE(CALL, "s", .block = 4, .target = 0, .nargs = 1,
			.args = mk_args(k, mk_site(k, mk_in(k, INPUT_ITEM, 1)), NULL)),
		MK_NODE(TASK, "h", .block = 5),
		MK_NODE(MERGE, "m", .block = 3, .target = 2, .outs = &m, .nouts = 1),
		MK_NODE(EXPR, "why", .block = 2, .type = k->m->types.string,
			.cond = try_error(k, 0)),
	};

	mk_pipeline(k, &(struct module_pipeline){
		.name = STR("sub"), .nodes = sub, .nnodes = 1, .params = &n, .nparams = 1,
		.outputs = &o, .noutputs = 1});
	finish(k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
					    .nnodes = 7, .blocks = blocks, .nblocks = 6});
}

static void test_nested(void)
{
	struct mk k;
	struct fake f;

	setup(&k, 2);
	nest(&k);
	fake_init(&f, &k, 1, NULL);
	f.fails = "x[1]/s/t", f.nfails = 1;
	is_str(fake_run(&f),
	       "x 3 times\nx[0]/s/t start 1 0\nx[0]/s/t ok\n"
	       "x[0]/h skipped branch x[0]/inner\nx[1]/s/t start 2 0\n"
	       "x[1]/s/t failed: boom\nx[1]/h start 0 0\nx[1]/h ok\nx[2]/s/t start 3 0\n"
	       "x[2]/s/t ok\nx[2]/h skipped branch x[2]/inner\n", "a try in a loop");
	is_str(sched_state(&f.s), "succeeded", "its iterations did well");
	ok(plan_inst(&f.plan, 4)->values[0].list->at[1].i == 1, "by what except gave");
	fake_release(&f);
	fake_init(&f, &k, 1, NULL);
	f.fails = "x[1]/s/t", f.nfails = 1;
	f.s.stop_on_failure = true;
	while (!sched_is_done(&f.s)) {
		sched_step(&f.s);
		if (f.nrunning && str_is(f.running[0]->path, "x[1]/h"))
			f.fails = "x[1]/h", f.nfails = 1;
		if (f.nrunning)
			fake_end(&f);
	}
	ok(strstr(buf_cstr(&f.log), "x[2]/s/t ok\n") &&
	   strstr(buf_cstr(&f.log), "why = x[1]/h: boom\n"),
	   "what fails in the inner except is for the outer one");
	is_str(sched_state(&f.s), "succeeded", "which covers it, and stops nothing");
	fake_release(&f);
	mk_release(&k);
}

/* a = c(); assert a > LIMIT, MESSAGE; b = c() after it */
static void asserts(struct mk *k, int64_t limit, const char *message)
{
	const struct types *t = &k->m->types;
	struct expr *e = mk_op(k, OP_GT, mk_in(k, INPUT_NODE, 0), mk_int(k, limit),
			       t->boolean);
	struct site *cond = arena_dup(&k->m->arena, mk_site(k, e), sizeof *cond);
	const struct site *text = message ? builder_site_const(
		&k->b, value_str(&k->m->arena, str_of(message)), t->string, SPAN_NONE)
					  : NULL;
	struct module_node nodes[] = {
		MK_NODE(TASK, "a"),
		MK_NODE(ASSERT, "assert", .cond = cond, .nargs = 1,
			.args = mk_args(k, text, NULL)),
		MK_NODE(TASK, "b", .after = (uint32_t[]){1}, .nafter = 1),
		MK_NODE(TASK, "free"),
	};

	cond->text = STR("a > limit");
	finish(k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes, .nnodes = 4});
}

static void test_assert(void)
{
	struct mk k;

	setup(&k, 1);
	asserts(&k, 0, "too small");
	runs(&k, "", "succeeded",
	     "a start 0 0\na ok\nfree start 0 0\nfree ok\nb start 0 0\nb ok\n", "it holds");
	mk_release(&k);
	setup(&k, 1);
	asserts(&k, 1, "too small");
	runs(&k, "", "failed",
	     "a start 0 0\na ok\n"
	     "assert error: too small (assertion failed: a > limit; a is 1)\n"
	     "b skipped upstream_failed assert\nfree start 0 0\nfree ok\n",
	     "it does not: what follows is skipped");
	mk_release(&k);
	setup(&k, 1);
	asserts(&k, 1, NULL);
	runs(&k, "", "failed",
	     "a start 0 0\na ok\nassert error: assertion failed: a > limit; a is 1\n"
	     "b skipped upstream_failed assert\nfree start 0 0\nfree ok\n",
	     "without a message");
	mk_release(&k);
}

int main(void)
{
	test_whole();
	test_except_fails();
	test_finally();
	test_cancel();
	test_nested();
	test_assert();
	return done_testing();
}
