/* Sessions: what is wanted, what it comes to. */
#include <config.h>

#include "tests/unit/session_util.h"

#define ADD                                        \
	"component add(x: int, y: int = 1) -> (sum: int):\n" \
	"    shell:\n"                                 \
	"        echo $((x + y)) > $sum_path\n"

static const struct run_step_node *node(const struct talk *w, const char *name)
{
	for (uint32_t i = 0; i < w->r.nnodes; i++)
		if (str_is(w->r.nodes[i].node->name, name))
			return &w->r.nodes[i];
	return NULL;
}

static void test_steps(void)
{
	struct talk w;
	const char *two = ADD "pipeline session():\n"
			      "    a = add(x=1)\n"
			      "    b = add(x=a.sum, y=10)\n";

	talk_init(&w);
	is_str(run_session_id(w.ss), "", "no run before the first task");
	is_int(talk_step(&w, ADD "pipeline session():\n    n = 1 + 2\n", NULL), 0,
	       "an expression");
	is_str(talk_value(&w, "n", 0), "3", "its value");
	is_str(run_session_id(w.ss), "", "it makes no run");
	is_int(talk_step(&w, two, " a "), 0, "one task of two");
	ok(w.r.made_run, "now there is a run");
	is_str(buf_cstr(&w.log), "begin;a running 1;a succeeded 1;", "only that ran");
	is_str(talk_value(&w, "a", 0), "2", "what it gave");
	is_int((long long)w.r.nnodes, 1, "nothing of the other");
	is_int(talk_step(&w, two, " b "), 0, "the other one");
	ok(!w.r.made_run, "in the same run");
	is_str(w.r.run.id, run_session_id(w.ss), "which the result names");
	is_str(buf_cstr(&w.log), "a recalled;b running 1;b succeeded 1;",
	       "what it reads was there");
	is_str(talk_value(&w, "b", 0), "12", "what it gave");
	ok(talk_task(&w, "a")->is_recalled && !talk_task(&w, "b")->is_recalled,
	   "the result says which is new");
	is_int(talk_step(&w, two, NULL), 0, "all again");
	is_str(buf_cstr(&w.log), "a recalled;b recalled;", "nothing ran");
	is_int(talk_step(&w, two, " "), 0, "nothing is wanted");
	is_int((long long)w.r.nnodes, 0, "and nothing comes");
	talk_release(&w);
}

static const char kinds[] =
	ADD
	"pipeline sub(k: int) -> (twice: int, same: int):\n"
	"    s = add(x=k, y=k)\n"
	"    return twice=s.sum, same=k\n"
	"pipeline session():\n"
	"    one = add(x=0)\n"
	"    n = one.sum + 1\n"
	"    if n > 1:\n"
	"        m = add(x=n)\n"
	"    else:\n"
	"        m = add(x=100)\n"
	"    for i in range(n):\n"
	"        l = add(x=i, y=20)\n"
	"    c = sub(k=7)\n"
	"    try:\n"
	"        t = add(x=5)\n"
	"    except:\n"
	"        t = add(x=6)\n"
	"    e = m.sum + c.twice + t.sum\n"
	"    ls = collect(l.sum)\n"
	"    other = add(x=1000)\n";

/* Each kind of node, wanted alone, comes with what it reads and with nothing else. */
static void test_kinds(void)
{
	struct talk w;

	talk_init(&w);
	is_int(talk_step(&w, kinds, " n "), 0, "a value");
	is_str(talk_value(&w, "n", 0), "2", "that is computed from a task");
	is_int((long long)w.r.run.ntasks, 1, "which ran");
	is_int(talk_step(&w, kinds, " c "), 0, "a call");
	is_str(buf_cstr(&w.log), "c/s running 1;c/s succeeded 1;", "runs what is in it");
	is_str(talk_value(&w, "c", 0), "14", "its outputs");
	is_str(talk_value(&w, "c", 1), "7", "in order");
	is_int(talk_task(&w, "c/s")->root, (long long)(node(&w, "c")->node -
						       w.r.run.pipeline->nodes),
	       "a task knows the node that it is in");
	is_int(talk_step(&w, kinds, " ls "), 0, "a loop");
	is_str(talk_value(&w, "ls", 0), "[20, 21]", "its list");
	ok(!talk_task(&w, "other") && !talk_task(&w, "c/s"), "nothing else was there");
	is_int(talk_step(&w, kinds, " e "), 0, "merges of a branch and a try");
	is_str(talk_value(&w, "e", 0), "23", "their values");
	is_int(talk_task(&w, "m")->state, TASK_SUCCEEDED, "the side that was taken");
	is_int(talk_task(&w, "m#2")->state, TASK_SKIPPED, "and the other one");
	ok(talk_task(&w, "c/s")->is_recalled, "the call is recalled");
	is_int(talk_step(&w, kinds, NULL), 0, "all of it");
	is_str(w.r.run.state.p, "succeeded", "does well");
	is_int((long long)strlen(buf_cstr(&w.log)) > 0 &&
		       strstr(buf_cstr(&w.log), "other running 1;") != NULL,
	       1, "what was never wanted runs");
	ok(!strstr(buf_cstr(&w.log), "one running"), "and nothing else");
	talk_release(&w);
}

static const char wrong[] =
	"component fail(n: int) -> (m: int):\n"
	"    shell:\n"
	"        echo oops >&2\n"
	"        exit 3\n" ADD
	"pipeline sub() -> (m: int):\n"
	"    f = fail(n=1)\n"
	"    return m=f.m\n"
	"pipeline session():\n"
	"    f = fail(n=0)\n"
	"    c = sub()\n"
	"    x = add(x=f.m)\n"
	"    a = add(x=1)\n"
	"    z = 10 // (a.sum - 2)\n"
	"    big = add(x=2) with cpu=100000\n"
	"    try:\n"
	"        u = fail(n=2)\n"
	"    except:\n"
	"        v = add(x=3)\n";

static void test_failures(void)
{
	struct talk w;

	talk_init(&w);
	is_int(talk_step(&w, wrong, " f "), 0, "a task that fails");
	is_str(w.r.run.state.p, "failed", "the step failed");
	is_int(node(&w, "f")->state, TASK_FAILED, "and its node");
	is_str(talk_task(&w, "f")->error.p, "exit status 3", "the task says why");
	is_int(talk_step(&w, wrong, " f "), 0, "again");
	is_str(buf_cstr(&w.log), "f running 2;f failed 2;", "it is not remembered");
	is_int(talk_step(&w, wrong, " c "), 0, "a call of what fails");
	is_int(node(&w, "c")->state, TASK_FAILED, "has failed");
	is_int(talk_step(&w, wrong, " x "), 0, "what reads it");
	is_int(node(&w, "x")->state, TASK_SKIPPED, "is skipped");
	is_str(talk_task(&w, "x")->because.p, "f", "because of it");
	is_int(talk_step(&w, wrong, " z "), 0, "an expression that fails");
	is_int(node(&w, "z")->state, TASK_FAILED, "has failed");
	ok(strstr(node(&w, "z")->error.p, "zero") != NULL, "it says why: %s",
	   node(&w, "z")->error.p);
	ok(str_has_prefix(node(&w, "z")->place, STR("t.kfp:")), "and where");
	is_int(talk_step(&w, wrong, " try u "), 0, "a failure that is covered");
	is_str(w.r.run.state.p, "succeeded", "is none of the step");
	ok(talk_task(&w, "u")->is_covered, "the task says so");
	is_int(talk_step(&w, wrong, " big "), -1, "what can never run here");
	ok(strstr(w.err.text, "'big' cannot run here") != NULL, "is said: %s", w.err.text);
	is_int(talk_step(&w, wrong, " a "), 0, "the session goes on");
	is_str(buf_cstr(&w.log), "a recalled;", "with what it knows");
	is_int(run_session_close(w.ss, &w.err), 0, "it ends");
	w.ss = NULL;
	talk_release(&w);
}

/* What asks for the run needs one, though it wants no task. */
static void test_run_values(void)
{
	struct talk w;
	const char *p = "pipeline sub() -> (id: str):\n"
			"    return id=run.id\n"
			"pipeline session():\n"
			"    i = run.id\n"
			"    n = run.name\n"
			"    s = sub()\n"
			"    k = 1\n";
	char before[RUN_ID_CHARS + 1];

	talk_init(&w);
	is_int(talk_step(&w, p, " k "), 0, "nothing of the run");
	is_str(run_session_id(w.ss), "", "makes none");
	is_int(talk_step(&w, p, " s "), 0, "its ID, in a call");
	is_str(talk_value(&w, "s", 0), run_session_id(w.ss), "is that of the session");
	strcpy(before, run_session_id(w.ss));
	is_int((long long)strlen(before), RUN_ID_CHARS, "which has one now");
	is_int(talk_step(&w, p, " i n "), 0, "later");
	is_str(talk_value(&w, "i", 0), before, "it is the same");
	is_str(talk_value(&w, "n", 0), "session", "and so is its name");
	talk_release(&w);
}

/* Step by step it comes to what it comes to at once. */
static void test_like_a_run(void)
{
	const char *p = ADD "pipeline session() -> int:\n"
			    "    a = add(x=1)\n"
			    "    b = a.sum * 2\n"
			    "    c = add(x=b, y=a.sum)\n"
			    "    d = c.sum + b\n"
			    "    return d\n";
	static const char *const steps[] = {" b ", " a ", " c ", " d "};
	struct run_opts o = {.jobs = 2, .name = STR(""), .argv_json = STR("[]")};
	struct buf bytes = {0};
	struct run_result whole;
	struct talk w;

	talk_init(&w);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		is_int(talk_step(&w, p, steps[i]), 0, steps[i]);
	is_str(talk_value(&w, "d", 0), "10", "the last value");
	is_int((long long)w.r.run.ntasks, 2, "from all tasks");
	ok(!w.r.run.outputs, "a step has no outputs");
	talk_compile(&w, p, &bytes);
	is_int(run_pipeline(w.m, buf_str(&bytes), 0, &(struct run_config){0}, w.s, &o, &w.a,
			    &whole, &w.err), 0, "a run beside it");
	is_int(whole.outputs[0].i, 10, "comes to the same");
	ok(strcmp(whole.id, run_session_id(w.ss)) != 0, "and is another run");
	buf_release(&bytes);
	talk_release(&w);
}

int main(void)
{
	test_steps();
	test_kinds();
	test_failures();
	test_run_values();
	test_like_a_run();
	return done_testing();
}
