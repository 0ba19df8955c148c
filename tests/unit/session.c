/* Sessions: what is wanted, what is recalled, what the journal says of it. */
#include <config.h>

#include "tests/unit/session_util.h"

#define ADD                                        \
	"component add(x: int, y: int = 1) -> (sum: int):\n" \
	"    shell:\n"                                 \
	"        echo $((x + y)) > $sum_path\n"

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
	is_str(buf_cstr(&w.log), "a recalled;b running 1;b succeeded 1;",
	       "what it reads was there");
	is_str(talk_value(&w, "b", 0), "12", "what it gave");
	ok(talk_task(&w, "a")->is_recalled && !talk_task(&w, "b")->is_recalled,
	   "the result says which is new");
	is_int(talk_step(&w, two, NULL), 0, "all again");
	is_str(buf_cstr(&w.log), "a recalled;b recalled;", "nothing ran");
	talk_release(&w);
}

int main(void)
{
	test_steps();
	return done_testing();
}
