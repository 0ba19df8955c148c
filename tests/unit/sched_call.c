/* Calls of pipelines that run too long, or are to stop at a failure. */
#include <config.h>

#include "tests/unit/tap.h"
#include "tests/unit/vm_fake.h"

static const struct module_setting *setting(struct mk *k, enum setting id, struct value v)
{
	struct module_setting *s = ARENA_NEW(&k->m->arena, struct module_setting);

	*s = (struct module_setting){
		id, builder_site_const(&k->b, v, setting_type(id, &k->m->types), SPAN_NONE),
	};
	return s;
}

static const uint32_t *after(struct mk *k, uint32_t node)
{
	return arena_dup(&k->m->arena, &node, sizeof node);
}

/* sub: a; b after a; c after b; d.  p: s = sub(); z */
static void build(struct mk *k, const struct module_setting *of_sub,
		  const struct module_setting *of_call, bool is_chain)
{
	struct module_node inner[] = {
		MK_NODE(TASK, "a"),
		MK_NODE(TASK, "b", .after = after(k, 0), .nafter = is_chain),
		MK_NODE(TASK, "c", .after = after(k, 1), .nafter = is_chain),
	};
	struct module_node outer[] = {
		MK_NODE(CALL, "s", .target = 0, .settings = of_call,
			.nsettings = of_call != NULL),
		MK_NODE(TASK, "z"),
		MK_NODE(TASK, "y", .after = after(k, 0), .nafter = 1),
	};

	mk_pipeline(k, &(struct module_pipeline){.name = STR("sub"), .nodes = inner,
						 .nnodes = 3, .settings = of_sub,
						 .nsettings = of_sub != NULL});
	finish(k, &(struct module_pipeline){.name = STR("p"), .nodes = outer, .nnodes = 3});
}

/* Runs it, the clock going on so much with each task that ends. */
static void try(struct mk *k, int64_t step_ms, unsigned jobs, const char *fails,
		const char *want, const char *what)
{
	struct fake f;

	fake_init(&f, k, 1, NULL);
	f.s.jobs = jobs;
	f.fails = fails;
	f.nfails = fails != NULL;
	while (!sched_is_done(&f.s)) {
		sched_step(&f.s);
		f.now += step_ms;
		sched_step(&f.s);
		if (f.nrunning)
			fake_end(&f);
	}
	is_str(buf_cstr(&f.log), want, what);
	fake_release(&f);
	mk_release(k);
}

static void test_timeout(void)
{
	struct mk k;

	setup(&k, 2);
	build(&k, NULL, setting(&k, SETTING_TIMEOUT, value_int(10)), true);
	try(&k, 6000, 1, NULL,
	    "z start 0 0\nz ok\ns/a start 0 0\ncancel s/a\n"
	    "s/a failed: 's' ran longer than its timeout of 10s\n"
	    "s/b skipped upstream_failed s/a\ns/c skipped upstream_failed s/a\n"
	    "y skipped upstream_failed s/a\n", "the time of a call is up while a task runs");

	setup(&k, 2);
	build(&k, setting(&k, SETTING_TIMEOUT, value_int(10)), NULL, false);
	try(&k, 6000, 1, NULL,
	    "z start 0 0\nz ok\ns/a start 0 0\ncancel s/a\n"
	    "s/a failed: 's' ran longer than its timeout of 10s\n"
	    "s/b skipped upstream_failed s/a\ns/c skipped upstream_failed s/a\ny skipped upstream_failed s/a\n",
	    "`settings:` of the called pipeline; what has not begun is skipped");

	setup(&k, 2);
	build(&k, setting(&k, SETTING_TIMEOUT, value_int(1)),
	      setting(&k, SETTING_TIMEOUT, value_int(100)), true);
	try(&k, 2000, 1, NULL,
	    "z start 0 0\nz ok\ns/a start 0 0\ns/a ok\ns/b start 0 0\ns/b ok\n"
	    "s/c start 0 0\ns/c ok\ny start 0 0\ny ok\n",
	    "`with` wins; nothing happens where there is time enough");
}

static void test_stop(void)
{
	struct mk k;

	setup(&k, 2);
	build(&k, setting(&k, SETTING_ON_FAILURE, value_str(&k.m->arena, STR("stop"))), NULL,
	      false);
	try(&k, 0, 2, "s/a",
	    "z start 0 0\ns/a start 0 0\nz ok\ns/b start 0 0\ns/a failed: boom\n"
	    "s/c skipped upstream_failed s/a\ns/b ok\ny skipped upstream_failed s/a\n",
	    "nothing more is started in the call; the rest goes on");

	setup(&k, 2);
	build(&k, NULL, NULL, false);
	try(&k, 0, 1, "s/a",
	    "z start 0 0\nz ok\ns/a start 0 0\ns/a failed: boom\ns/b start 0 0\ns/b ok\n"
	    "s/c start 0 0\ns/c ok\ny skipped upstream_failed s/a\n", "without it all go on");
}

int main(void)
{
	test_timeout();
	test_stop();
	return done_testing();
}
