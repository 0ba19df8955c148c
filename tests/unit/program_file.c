/* compiler/repl/program.h: files that are loaded, read anew, and saved.  A saved session
 * is a program that is right by itself. */
#include <config.h>

#include <sys/stat.h>
#include <unistd.h>

#include "compiler/ir/compile.h"
#include "runtime/base/io.h"
#include "tests/unit/program_util.h"

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		ok(false, "%s can be written", path);
}

static enum program_verdict load(struct talk *t, const char *path)
{
	program_input_release(&t->in);
	return talk_take(t, program_load(t->p, path, &t->in));
}

static enum program_verdict reload(struct talk *t)
{
	program_input_release(&t->in);
	return talk_take(t, program_reload(t->p, &t->in));
}

static enum program_verdict configure(struct talk *t, const char *setting)
{
	program_input_release(&t->in);
	return talk_take(t, program_configure(t->p, str_of(setting), &t->in));
}

static void write_all(void)
{
	mkdir("sub", 0777);
	mkdir("out", 0777);
	write_file("sub/lib.kfp", "const BASE = 3\n\ndef twice(n: int) -> int:\n"
				  "    return n * 2\n\nenum Kernel: linear, rbf\n");
	write_file("sub/t.py", "def train(lr, kernel, n):\n    return lr * n\n");
	write_file("sub/main.kfp",
		   "## About the file.\n\nfrom \"lib.kfp\" import twice, BASE, Kernel\n\n"
		   "# about train\ncomponent train(lr: float = 0.1, kernel: Kernel = "
		   "Kernel.rbf, n: int) -> (acc: float):\n    python = \"t.py:train\"\n\n"
		   "component show(x: float) -> str:\n    shell:\n"
		   "        echo $x > $output_path\n\n"
		   "pipeline all(k: int = 2) -> float:\n    t = train(n=twice(n=k))\n"
		   "    show(x=t.acc)\n    return t.acc\n");
}

static void test_load(void)
{
	struct talk t;

	talk_open(&t);
	is_int(load(&t, "nope.kfp"), PROGRAM_WRONG, "a file that is not there");
	ok(has_said(&t, "nope.kfp"), "is named");
	is_int(load(&t, "sub/main.kfp"), PROGRAM_OK, "a file in another folder");
	is_int((int)program_entries(t.p)->n, 4, "its declarations, and imports");
	IS_SAID(&t, "a = train(n=BASE)", PROGRAM_OK, "what it imports can be used");
	IS_SAID(&t, "g = all(k=3)", PROGRAM_OK, "its pipelines can be called");
	IS_SAID(&t, "show(x=nope)", PROGRAM_WRONG, "a fault in what is typed");
	IS_SAID(&t, "def twice(n: int) -> int:\n    return n * 3\n", PROGRAM_OK,
		"an imported name is declared anew");
	is_str(titles(&t, &t.in.stale), "g = all(k=3)",
	       "the file's own pipeline reads that");
	IS_SAID(&t, "component show(x: float, y: int = 1) -> str:\n    shell:\n"
		    "        echo $x > $output_path\n", PROGRAM_OK, "a component, too");
	is_str(titles(&t, &t.in.redefined), "component show(x: float) -> str",
	       "of the file");
	is_str(t.in.redefined.at[0].place.p, "sub/main.kfp:9",
	       "which is at its place there");
	is_int(load(&t, "sub/main.kfp"), PROGRAM_OK, "the same file again");
	is_str(titles(&t, &t.in.stale), "", "nothing has changed");
	IS_SAID(&t, "show(x=1.0, y=2)", PROGRAM_OK, "what was typed instead stays");
	write_file("wrong.kfp", "component c() -> int:\n    x = = 1\n");
	is_int(load(&t, "wrong.kfp"), PROGRAM_WRONG, "a file with a fault");
	ok(has_said(&t, "wrong.kfp:2:9"), "is shown with its line");
	write_file("wrong.kfp", "x = 1\n");
	is_int(load(&t, "wrong.kfp"), PROGRAM_WRONG, "a statement at the top of a file");
	ok(has_said(&t, "E0412"), "belongs in a pipeline");
	write_file("wrong.kfp", "const A = 1\nconst A = 2\n");
	is_int(load(&t, "wrong.kfp"), PROGRAM_WRONG, "a name twice in a file");
	ok(has_said(&t, "E0302"), "is as wrong as ever");
	talk_close(&t);
}

static void test_reload(void)
{
	struct talk t;
	struct str what;

	talk_open(&t);
	load(&t, "sub/main.kfp");
	say(&t, "a = train(n=1)");
	say(&t, "g = all()");
	say(&t, "b = BASE + 1");
	is_int(reload(&t), PROGRAM_EMPTY, "no file has changed");
	write_file("sub/lib.kfp", "const BASE = 4\n\ndef twice(n: int) -> int:\n"
				  "    return n * 2\n\nenum Kernel: linear, rbf\n");
	IS_SAID(&t, "BASE", PROGRAM_OK, "a file that changes is not seen");
	is_int(reload(&t), PROGRAM_OK, "until it is asked for");
	ok(str_find(str_of(titles(&t, &t.in.stale)), STR("b = BASE + 1"), 0) < t.list.n,
	   "what reads it is stale");
	write_file("sub/t.py", "def train(lr, kernel, n):\n    return lr + n\n");
	is_int(reload(&t), PROGRAM_OK, "a Python file");
	ok(str_find(str_of(titles(&t, &t.in.updates)), STR("a = "), 0) == t.list.n,
	   "runs nothing");
	is_str(all_titles(&t) + strlen(all_titles(&t)) - 8, " (stale)",
	       "stale as before");
	write_file("sub/lib.kfp", "const BASE = = 4\n");
	is_int(reload(&t), PROGRAM_WRONG, "a file that is wrong now");
	ok(has_said(&t, "sub/lib.kfp:1:14"), "is shown");
	IS_SAID(&t, "BASE + 1", PROGRAM_OK, "and the session goes on with what it had");
	write_all();
	is_int(reload(&t), PROGRAM_OK, "it is right again");
	write_file("sub/main.kfp", "from \"lib.kfp\" import BASE\n");
	is_int(reload(&t), PROGRAM_OK, "declarations that are gone");
	is_str(titles(&t, &t.in.broken), "a = train(n=1); g = all()",
	       "break what reads them");
	program_input_release(&t.in);
	is_int(program_undo(t.p, &t.in, &what), PROGRAM_OK, "undo");
	is_str(what.p, ":reload", "of that");
	ok(str_find(str_of(all_titles(&t)), STR("broken"), 0) == t.list.n, "mends all");
	write_all();
	talk_close(&t);
}

/* Saves to path and compiles it. */
static enum program_verdict save(struct talk *t, const char *path, struct buf *out)
{
	struct compilation c;
	struct err err;
	enum program_verdict v;

	program_input_release(&t->in);
	buf_clear(out);
	v = program_save(t->p, path, &t->in, out);
	if (v != PROGRAM_OK)
		return v;
	write_file(path, buf_cstr(out));
	compilation_init(&c);
	ok(!compile(&c, path, &(struct compile_opts){0}, &err) && c.module,
	   "%s is right by itself", path);
	compilation_release(&c);
	return v;
}

static bool has(const struct buf *b, const char *text)
{
	return str_find(buf_str(b), str_of(text), 0) < b->n;
}

static void test_save(void)
{
	struct talk t;
	struct buf b = {0};

	talk_open(&t);
	is_int(save(&t, "out/none.kfp", &b), PROGRAM_EMPTY, "nothing to save");
	load(&t, "sub/main.kfp");
	is_int(save(&t, "out/none.kfp", &b), PROGRAM_EMPTY, "nor of a file alone");
	say(&t, "# the first\na = train(n=BASE)  # why");
	configure(&t, "a.lr=0.7");
	configure(&t, "a.kernel=linear");
	say(&t, "h = [train(lr=x, n=2,) for x in [0.1, 0.2]]");
	configure(&t, "h.kernel=linear");
	say(&t, "component note(text: str) -> str:\n    # say it\n    shell:\n"
		"        echo \"$text\" > $output_path\n\n");
	say(&t, "component unused(text: str) -> str:\n    shell:\n"
		"        echo \"$text\" > $output_path\n\n");
	say(&t, "msg = \"\"\"\none\n  two\n\"\"\"");
	say(&t, "note(text=msg)");
	say(&t, "bad = note(text=\"x\")");
	program_set_state(t.p, program_find(t.p, STR("bad"))->id, PROGRAM_FAILED);
	say(&t, "import std.text as text");
	is_int(save(&t, "out/new.kfp", &b), PROGRAM_OK, "a session in another folder");
	is_str(titles(&t, &t.in.left_out), "bad = note(text=\"x\")",
	       "what failed is left out");
	is_str(t.in.saved.p, "new", "the pipeline is called as the file");
	is_int((int)t.in.config.n, 0, "all values are arguments");
	ok(has(&b, "from \"../sub/lib.kfp\" import BASE, Kernel\n") ||
	   has(&b, "from \"../sub/lib.kfp\" import twice, BASE, Kernel\n"),
		   "imports lead there");
	ok(has(&b, "python = \"../sub/t.py:train\""), "so do files of code");
	ok(has(&b, "# about train\ncomponent"), "comments of declarations stay");
	ok(has(&b,
	       "    # the first\n    a = train(n=BASE, lr=0.7, kernel=Kernel.linear)  "
		"# why\n"),
	   "and of statements; values become arguments");
	ok(has(&b, "h = [train(lr=x, n=2, kernel=Kernel.linear) for x in [0.1, 0.2]]"),
	   "in a comprehension, too");
	ok(has(&b, "    msg = \"\"\"\n    one\n      two\n    \"\"\"\n"),
	   "a text is indented");
	ok(!has(&b, "unused") && !has(&b, "std.text"), "what is not in use is left out");
	ok(!has(&b, "About the file"), "so is what the file says of itself");
	is_int(save(&t, "sub/new.kfp", &b), PROGRAM_OK, "in the file's own folder");
	ok(has(&b, "from \"lib.kfp\"") && has(&b, "python = \"t.py:train\""),
	   "paths stay");
	say(&t, "g = all(k=3)");
	configure(&t, "g.t.lr=2");
	is_int(save(&t, "out/if.kfp", &b), PROGRAM_OK,
	       "a file with a name that is a word");
	is_str(t.in.saved.p, "session", "gives another name to the pipeline");
	is_str(t.in.config.p, "saved", "a value within a pipeline needs a config");
	ok(has(&b, "config saved for session:\n    g.t.lr = 2.0\n"), "that says so");
	buf_release(&b);
	talk_close(&t);
}

/* Declarations alone, and names that are in the way. */
static void test_save_names(void)
{
	struct talk t;
	struct buf b = {0};

	talk_open(&t);
	say(&t, "## Doc.\nstruct P:\n    n: int = 1\n");
	is_int(save(&t, "out/p.kfp", &b), PROGRAM_OK, "declarations alone");
	ok(has(&b, "## Doc.\nstruct P:") && !has(&b, "pipeline"), "make no pipeline");
	say(&t, "const q = 1");
	say(&t, "x = q + 1");
	is_int(save(&t, "out/q.kfp", &b), PROGRAM_OK, "the name of the file is declared");
	is_str(t.in.saved.p, "q_session", "the pipeline has another");
	say(&t, "x = 2\n\n\ny = x\n");
	is_int(save(&t, "out/r-1.kfp", &b), PROGRAM_OK, "a name with a dash");
	is_str(buf_cstr(&b), "pipeline r_1():\n    x = 2\n    y = x\n",
	       "the whole of it");
	buf_release(&b);
	talk_close(&t);
}

int main(void)
{
	write_all();
	test_load();
	test_reload();
	test_save();
	test_save_names();
	return done_testing();
}
