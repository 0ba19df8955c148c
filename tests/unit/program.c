/* compiler/repl/program.h: blocks that are typed, what they replace, what becomes stale
 * or broken by that, and what is told where. */
#include <config.h>

#include "tests/unit/program_util.h"

#define TRAIN "component train(lr: float = 0.1) -> (acc: float, n: int):\n" \
	      "    shell:\n        echo 1 > $acc_path\n        echo 2 > $n_path\n\n"

static void look(const char *text, enum program_verdict want, const char *name)
{
	is_int(program_look(str_of(text)), want, name);
}

static void test_look(void)
{
	look("", PROGRAM_EMPTY, "nothing");
	look("  \n\n", PROGRAM_EMPTY, "blank lines");
	look("# a comment\n", PROGRAM_EMPTY, "a comment");
	look("## Trains.\n", PROGRAM_INCOMPLETE,
	     "a doc comment waits for what it is about");
	look("## Trains.\n\n", PROGRAM_EMPTY, "but not behind an empty line");
	look("x = 1\n", PROGRAM_OK, "a binding");
	look("f(\n", PROGRAM_INCOMPLETE, "an open bracket");
	look("f(a=1,\n  b=[2,\n", PROGRAM_INCOMPLETE, "two open brackets");
	look("f(]\n", PROGRAM_OK, "a wrong bracket is wrong at once");
	look("x = = (\n", PROGRAM_OK, "so is another fault before an open bracket");
	look("if a:\n", PROGRAM_INCOMPLETE, "the header of a block");
	look("if a:\n    x = 1\n", PROGRAM_INCOMPLETE, "a block may go on");
	look("if a:\n    x = 1\n\n", PROGRAM_OK, "until an empty line");
	look("if a:\n    x = 1\nelse:\n", PROGRAM_INCOMPLETE, "else");
	look("component c():\n    python:\n        x = 1\n", PROGRAM_INCOMPLETE,
	     "a code block");
	look("component c():\n    python:\n        x = 1\n\n", PROGRAM_OK,
	     "a code block, and an empty line");
	look("s = \"\"\"a\n", PROGRAM_INCOMPLETE, "an open string of several lines");
	look("s = \"a\n", PROGRAM_OK, "a string that must end on its line is wrong");
	look("x = 1 +\n", PROGRAM_OK,
	     "a line that stops is wrong: the next cannot mend it");
	look("enum K: a, b\n", PROGRAM_OK, "an enum on its line");
	look("enum K:\n    a, b\n", PROGRAM_INCOMPLETE, "an enum of several lines");
	look("x = [\n  1,\n]\n", PROGRAM_OK, "a list that is closed");
	look("\xff\n", PROGRAM_OK, "bytes that are no text");
}

static void test_kinds(void)
{
	struct talk t;

	talk_open(&t);
	IS_SAID(&t, TRAIN, PROGRAM_OK, "a declaration");
	ok(t.in.added.n == 1 && t.in.added.at[0].kind == PROGRAM_DECLARATION &&
	   !t.in.runs,
	   "nothing runs for it");
	IS_SAID(&t, "fit = train()", PROGRAM_OK, "a binding of a call");
	ok(t.in.added.at[0].kind == PROGRAM_STATEMENT && t.in.runs, "it runs");
	is_str(wanted(&t), "fit", "that and nothing else");
	is_str(t.in.type.p, "(task) train -> (acc: float, n: int)", "what a task gives");
	IS_SAID(&t, "fit.n + 1", PROGRAM_OK, "an expression");
	ok(t.in.is_expression && t.in.node != MODULE_NONE, "it has a node");
	is_str(t.in.type.p, "int", "its type");
	is_str(wanted(&t), "fit _", "it wants what it reads");
	IS_SAID(&t, "train(lr=0.5)", PROGRAM_OK, "a bare call");
	ok(t.in.added.at[0].kind == PROGRAM_STATEMENT, "is kept");
	IS_SAID(&t, "train(lr=0.5)", PROGRAM_OK, "the same call again");
	is_int((int)t.in.redefined.n, 1, "takes the place of the first");
	IS_SAID(&t, "len([1, 2])", PROGRAM_OK, "a call of a built-in");
	ok(t.in.is_expression, "is an expression");
	IS_SAID(&t, "def sq(n: int) -> int:\n    return n * n\n\nsq(n=3)", PROGRAM_OK,
		"a function and its call at once");
	ok(t.in.is_expression && t.in.added.n == 2, "that is an expression, too");
	IS_SAID(&t, "    a = 1\n    b = a\n", PROGRAM_OK, "lines that are all indented");
	IS_SAID(&t, "settings:\n    parallelism = 2\n", PROGRAM_OK, "settings");
	ok(!t.in.runs, "settings run nothing");
	is_str(all_titles(&t),
	       "component train(lr: float = 0.1) -> (acc: float, n: int); fit = train(); "
	       "train(lr=0.5); def sq(n: int) -> int; a = 1; b = a; settings",
	       "what is kept");
	IS_SAID(&t, "return fit.n", PROGRAM_WRONG, "a return");
	ok(has_said(&t, "a session returns nothing"), "is told so");
	IS_SAID(&t, "# nothing", PROGRAM_EMPTY, "a comment is nothing");
	IS_SAID(&t, "pass", PROGRAM_EMPTY, "nor is pass");
	talk_close(&t);
}

static void test_places(void)
{
	struct talk t;

	talk_open(&t);
	IS_SAID(&t, "x = 1\ny = x + nope\n", PROGRAM_WRONG, "all or nothing");
	ok(has_said(&t, " --> <input 1>:2:9\n2 | y = x + nope\n  |         ^^^^"),
	   "a place in what was typed");
	is_int((int)program_entries(t.p)->n, 0, "nothing is kept");
	IS_SAID(&t, "x = 1", PROGRAM_OK, "the next one");
	is_str(t.in.added.at[0].place.p, "<input 1>:1",
	       "has the number of the wrong one");
	IS_SAID(&t, "x = [\n  1,\n  \"\xec\x95\x88\xeb\x85\x95\" + 2\n]", PROGRAM_WRONG,
		"wide characters");
	ok(has_said(&t, "<input 2>:3:8"), "columns are characters");
	IS_SAID(&t, "z = unused\\", PROGRAM_WRONG, "a backslash");
	IS_SAID(&t, "nope nope", PROGRAM_WRONG, "two names");
	program_input_release(&t.in);
	is_int(program_read(t.p, (struct str){"x\0y\n", 4}, &t.in), PROGRAM_WRONG,
	       "a NUL byte");
	ok(has_said(&t, "E0101"), "is told");
	IS_SAID(&t, "\x7f" "ELF\x02\x01\xff\xfe", PROGRAM_WRONG, "a binary");
	IS_SAID(&t, "u = 5\n", PROGRAM_OK, "what is not used");
	is_int((int)t.in.said.n, 0, "is no warning here");
	talk_close(&t);
}

static void test_redefine(void)
{
	struct talk t;

	talk_open(&t);
	say(&t, "x = 1");
	say(&t, "y = x + 1");
	say(&t, "z = y + 1");
	say(&t, "w = 7");
	IS_SAID(&t, "x = 5", PROGRAM_OK, "a name is bound anew");
	is_str(titles(&t, &t.in.redefined), "x = 1", "what it replaces");
	is_str(titles(&t, &t.in.stale), "y = x + 1; z = y + 1",
	       "what is stale, through others");
	is_str(all_titles(&t), "x = 5; y = x + 1 (stale); z = y + 1 (stale); w = 7",
	       "it stands where the first stood");
	IS_SAID(&t, "y", PROGRAM_OK, "something stale is read");
	is_str(titles(&t, &t.in.updates), "y = x + 1", "it is brought up to date");
	is_str(wanted(&t), "x y _", "and nothing else");
	is_str(all_titles(&t), "x = 5; y = x + 1; z = y + 1 (stale); w = 7",
	       "one is left");
	program_input_release(&t.in);
	is_int(talk_take(&t, program_rerun(t.p, NULL, 0, &t.in)), PROGRAM_OK, "rerun");
	is_str(wanted(&t), "x y z", "wants what is stale, and what that reads");
	IS_SAID(&t, "x = w", PROGRAM_OK, "a name that reads what comes later");
	is_str(all_titles(&t), "w = 7; x = w; y = x + 1 (stale); z = y + 1 (stale)",
	       "moves behind it, and so does what reads it");
	IS_SAID(&t, "w = z", PROGRAM_WRONG, "a circle");
	ok(has_said(&t, "E0314") && has_said(&t, "'w' reads 'z'") &&
	   has_said(&t, "'z' reads 'y'") && has_said(&t, "'x' reads 'w'"),
		   "is told, all of it");
	IS_SAID(&t, "w = w + 1", PROGRAM_WRONG, "a name made from itself");
	ok(has_said(&t, "bind the new value to another name"), "and what to do");
	IS_SAID(&t, "w = 7", PROGRAM_OK, "the same text again");
	is_int((int)t.in.stale.n, 0, "makes nothing stale");
	talk_close(&t);
}

static void test_branches(void)
{
	struct talk t;

	talk_open(&t);
	say(&t, "c = 3");
	IS_SAID(&t, "if c > 2:\n    a = 1\n    b = 2\nelse:\n    a = 3\n    b = 4\n",
		PROGRAM_OK, "an if with two names");
	IS_SAID(&t, "a + b", PROGRAM_OK, "both can be read");
	IS_SAID(&t, "d = b", PROGRAM_OK, "one is");
	IS_SAID(&t, "a = 7", PROGRAM_WRONG, "the other cannot be bound alone");
	ok(has_said(&t, "also binds 'b'") && has_said(&t, "'b' is read by <input 4>:1"),
	   "since the one would be lost");
	IS_SAID(&t, "a = 7\nb = 8\n", PROGRAM_OK, "both can");
	is_str(all_titles(&t), "c = 3; a = 7; b = 8; d = b (stale)",
	       "and stand where it stood");
	IS_SAID(&t, "if c > 2:\n    only = 1\n", PROGRAM_OK, "a name of one branch");
	IS_SAID(&t, "only", PROGRAM_WRONG, "cannot be read");
	IS_SAID(&t, "o = \"x\" if c > 5 else None", PROGRAM_OK, "a value or None");
	is_str(t.in.type.p, "str?", "its type");
	IS_SAID(&t, "assert o != None", PROGRAM_OK, "an assert");
	IS_SAID(&t, "n = o + \"y\"", PROGRAM_OK, "what follows knows it");
	talk_close(&t);
}

static void test_broken(void)
{
	struct talk t;

	talk_open(&t);
	say(&t, TRAIN);
	say(&t, "fit = train(lr=0.5)");
	say(&t, "more = fit.n + 1");
	IS_SAID(&t, "component train(rate: float = 1.0) -> (acc: float, n: int):\n"
		"    shell:\n        echo 1 > $acc_path\n        echo 2 > $n_path\n",
		PROGRAM_OK, "a signature that does not fit any more");
	is_str(titles(&t, &t.in.broken), "fit = train(lr=0.5); more = fit.n + 1",
	       "what breaks, through others");
	ok(str_find(t.in.broken.at[0].error, STR("E0304"), 0) < t.in.broken.at[0].error.n,
	   "its error is kept");
	ok(str_find(t.in.broken.at[1].error, STR("it reads 'fit' (<input 2>:1)"), 0) <
	   t.in.broken.at[1].error.n, "or what it depends on");
	IS_SAID(&t, "more", PROGRAM_WRONG, "what is broken cannot be read");
	ok(has_said(&t, "it does not compile any more"), "which is told");
	IS_SAID(&t, "ok = 1", PROGRAM_OK, "what has nothing to do with it goes on");
	is_int((int)t.in.broken.n, 0, "it breaks once");
	IS_SAID(&t, "fit = train(rate=0.5)", PROGRAM_OK, "one of them is typed anew");
	is_str(titles(&t, &t.in.mended), "more = fit.n + 1", "which mends the other");
	is_str(all_titles(&t),
	       "component train(rate: float = 1.0) -> (acc: float, n: int); "
			       "fit = train(rate=0.5); more = fit.n + 1 (stale); ok = 1",
	       "that is stale then");
	talk_close(&t);
}

/* What is new reads what it breaks itself. */
static void test_broken_at_once(void)
{
	struct talk t;

	talk_open(&t);
	say(&t, "def one(n: int) -> int:\n    return n\n");
	say(&t, "def two(n: int) -> int:\n    return one(n=n)\n");
	IS_SAID(&t, "def one(m: int) -> int:\n    return m\n\nx = two(n=1)\n",
		PROGRAM_WRONG, "a block that breaks what it uses");
	ok(has_said(&t, "'two' cannot be used: it does not compile with this"),
	   "is wrong");
	ok(has_said(&t, "E0304") && has_said(&t, "<input 2>:2:16"), "and it is told why");
	is_str(all_titles(&t), "def one(n: int) -> int; def two(n: int) -> int",
	       "nothing has changed");
	talk_close(&t);
}

static void test_lists(void)
{
	struct talk t;

	talk_open(&t);
	say(&t, TRAIN);
	IS_SAID(&t, "fits = [train(lr=x) for x in [0.1, 0.2]]", PROGRAM_OK,
		"a list of tasks");
	IS_SAID(&t, "fits.acc", PROGRAM_OK, "an output of all");
	is_str(t.in.type.p, "list[float]", "is a list");
	IS_SAID(&t, "fits[1]", PROGRAM_OK, "one of them");
	ok(t.in.node != MODULE_NONE && t.in.noutputs == 2 && str_is(t.in.outputs[1], "n"),
	   "has a node for each of its outputs");
	IS_SAID(&t, "for i in [1, 2]:\n    r = train(lr=0.1)\n", PROGRAM_OK, "a loop");
	IS_SAID(&t, "collect(r.acc)", PROGRAM_OK, "what it made");
	IS_SAID(&t, "for j in [1]:\n    r = train(lr=0.2)\n", PROGRAM_OK,
		"a loop of that name");
	is_str(titles(&t, &t.in.redefined), "for i in [1, 2]", "replaces the first");
	talk_close(&t);
}

static void test_failed(void)
{
	struct talk t;
	struct str name = STR("x");

	talk_open(&t);
	say(&t, "x = 1");
	say(&t, "y = x");
	program_set_state(t.p, program_find(t.p, name)->id, PROGRAM_FAILED);
	IS_SAID(&t, "x + 1", PROGRAM_WRONG, "what failed is read");
	ok(has_said(&t, "<input 3>:1:1") && has_said(&t, "':rerun x' runs it again"),
	   "told");
	IS_SAID(&t, "z = 1", PROGRAM_OK, "something else");
	program_input_release(&t.in);
	is_int(talk_take(&t, program_rerun(t.p, &name, 1, &t.in)), PROGRAM_OK,
	       "it is run again");
	is_str(wanted(&t), "x", "alone");
	program_input_release(&t.in);
	name = STR("nope");
	is_int(program_rerun(t.p, &name, 1, &t.in), PROGRAM_WRONG, "a name that is none");
	say(&t, "assert x > 5, \"low\"");
	program_set_state(t.p, t.in.added.at[0].id, PROGRAM_FAILED);
	program_entries(t.p);
	IS_SAID(&t, "q = 1", PROGRAM_OK, "behind an assert that failed");
	is_str(wanted(&t), "q", "it waits for nothing");
	talk_close(&t);
}

static void test_values(void)
{
	struct talk t;

	talk_open(&t);
	say(&t, "component need(n: int, k: float = 1.0) -> int:\n    shell:\n"
		"        echo $n > $output_path\n\n");
	IS_SAID(&t, "a = need()", PROGRAM_WRONG, "a parameter without a value");
	ok(has_said(&t,
		    "'a.n' has no value: pass it in the call, or set it with ':config "
			"a.n=...'"), "is asked for");
	program_input_release(&t.in);
	is_int(talk_take(&t, program_configure(t.p, STR("a.n=3"), &t.in)), PROGRAM_OK,
	       "it is set first");
	ok(has_said(&t, "the value waits for it"), "and waits");
	IS_SAID(&t, "a = need()", PROGRAM_OK, "then the call is right");
	program_input_release(&t.in);
	is_int(talk_take(&t, program_configure(t.p, STR("a.k=2"), &t.in)), PROGRAM_OK,
	       "another value");
	is_str(titles(&t, &t.in.stale), "a = need()", "makes its call stale");
	program_input_release(&t.in);
	is_int(program_configure(t.p, STR("a.k=x"), &t.in), PROGRAM_WRONG,
	       "a wrong value");
	program_input_release(&t.in);
	is_int(program_configure(t.p, STR("a.nope=1"), &t.in), PROGRAM_WRONG,
	       "a wrong name");
	program_input_release(&t.in);
	is_int(program_configure(t.p, STR("a.k"), &t.in), PROGRAM_WRONG,
	       "no value at all");
	program_input_release(&t.in);
	is_int(program_configure(t.p, STR("a.n="), &t.in), PROGRAM_OK,
	       "one is taken back");
	is_str(titles(&t, &t.in.broken), "a = need()", "which breaks what needs it");
	talk_close(&t);
}

static void test_undo(void)
{
	struct talk t;
	struct str what;

	talk_open(&t);
	say(&t, "x = 1");
	say(&t, "y = x");
	say(&t, "x = 2");
	say(&t, "x");
	program_input_release(&t.in);
	is_int(program_undo(t.p, &t.in, &what), PROGRAM_OK, "undo");
	is_str(what.p, "x = 2", "of the last change, not of an expression");
	is_str(all_titles(&t), "x = 1; y = x", "all is as it was");
	program_input_release(&t.in);
	program_undo(t.p, &t.in, &what);
	program_input_release(&t.in);
	program_undo(t.p, &t.in, &what);
	is_str(all_titles(&t), "", "back to the beginning");
	program_input_release(&t.in);
	is_int(program_undo(t.p, &t.in, &what), PROGRAM_EMPTY, "and no further");
	for (int i = 0; i < PROGRAM_UNDO_MAX + 5; i++)
		say(&t, i % 2 ? "x = 1" : "x = 2");
	for (int i = 0; i < PROGRAM_UNDO_MAX; i++) {
		program_input_release(&t.in);
		if (program_undo(t.p, &t.in, &what) != PROGRAM_OK)
			break;
	}
	is_str(all_titles(&t), "x = 2", "as many as are kept");
	program_input_release(&t.in);
	is_int(program_undo(t.p, &t.in, &what), PROGRAM_EMPTY, "not more");
	talk_close(&t);
}

static void test_limits(void)
{
	struct talk t;
	struct buf b = {0};

	talk_open(&t);
	buf_addz(&b, "x = \"");
	buf_fill(&b, 'a', 10 << 20);
	buf_addz(&b, "\"\n");
	IS_SAID(&t, buf_cstr(&b), PROGRAM_WRONG, "10 MB on one line");
	ok(has_said(&t, "more than 1024 KiB is a file, for ':load'"), "is told");
	is_int(program_look(buf_str(&b)), PROGRAM_OK, "and asks for no more");
	buf_clear(&b);
	for (int i = 0; i < PROGRAM_ENTRIES_MAX; i++)
		buf_addf(&b, "x%d = %d\n", i, i);
	IS_SAID(&t, buf_cstr(&b), PROGRAM_OK, "as many entries as there can be");
	IS_SAID(&t, "y = 1", PROGRAM_WRONG, "one more");
	ok(has_said(&t, "a session holds 10000 entries at most"), "is told");
	IS_SAID(&t, "x9999 + x0", PROGRAM_WRONG, "an expression, too");
	buf_release(&b);
	talk_close(&t);
}

int main(void)
{
	test_look();
	test_kinds();
	test_places();
	test_redefine();
	test_branches();
	test_broken();
	test_broken_at_once();
	test_lists();
	test_failed();
	test_values();
	test_undo();
	test_limits();
	return done_testing();
}
