/* Sessions: which results are recalled, and which are not. */
#include <config.h>

#include "runtime/exec/load_host.h"
#include "tests/unit/session_util.h"

#define ADD                                        \
	"component add(x: int, y: int = 1) -> (sum: int):\n" \
	"    shell:\n"                                 \
	"        echo $((x + y)) > $sum_path\n"
#define SESSION "pipeline session():\n"

static int count(struct talk *w, const char *what)
{
	const char *at = buf_cstr(&w->log);
	int n = 0;

	while ((at = strstr(at, what))) {
		n++;
		at += strlen(what);
	}
	return n;
}

/* Everything that decides about a result makes it another one. */
static void test_keys(void)
{
	static const struct {
		const char *program, *log, *name;
	} steps[] = {
		{ADD SESSION "    a = add(x=1)\n", "begin;a running 1;a succeeded 1;", "new"},
		{ADD "# a comment\n" SESSION "    a = add(x=1)\n", "a recalled;", "the same"},
		{ADD SESSION "    a = add(x=1, y=1)\n", "a recalled;", "the default, said"},
		{ADD SESSION "    b = add(x=1)\n", "b recalled;", "another name"},
		{ADD SESSION "    a = add(x=2)\n", "a running 2;a succeeded 2;", "an argument"},
		{ADD SESSION "    a = add(x=1)\n", "a recalled;", "the old one again"},
		{"component add(x: int, y: int = 1) -> (sum: int):\n    shell:\n"
		 "        echo $((x + y + 0)) > $sum_path\n" SESSION "    a = add(x=1)\n",
		 "a running 3;a succeeded 3;", "other code"},
		{"component plus(x: int, y: int = 1) -> (sum: int):\n    shell:\n"
		 "        echo $((x + y)) > $sum_path\n" SESSION "    a = plus(x=1)\n",
		 "a running 4;a succeeded 4;", "another component"},
		{ADD SESSION "    a = add(x=1) with env={\"A\": \"1\"}\n",
		 "a running 5;a succeeded 5;", "a variable"},
		{ADD SESSION "    a = add(x=1) with retries=3, display_name=\"x\"\n",
		 "a recalled;", "what does not matter"},
		{"component add(x: int, y: int = 1) -> (sum: int where sum > 2):\n"
		 "    shell:\n        echo $((x + y)) > $sum_path\n" SESSION
		 "    a = add(x=1)\n", "a running 6;a failed 6;",
		 "a result that is none any more"},
		{"component add(x: int, y: int = 1) -> (sum: int where sum > 1):\n"
		 "    shell:\n        echo $((x + y)) > $sum_path\n" SESSION
		 "    a = add(x=1)\n", "a recalled;", "and one that still is"},
	};
	struct talk w;

	talk_init(&w);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		is_int(talk_step(&w, steps[i].program, NULL), 0, steps[i].name);
		is_str(buf_cstr(&w.log), steps[i].log, steps[i].name);
	}
	talk_release(&w);
}

/* Where a task stands does not matter. */
static void test_places(void)
{
	struct talk w;
	const char *p = ADD
		"pipeline sub(k: int) -> int:\n"
		"    s = add(x=k)\n"
		"    return s.sum\n"
		SESSION
		"    c = sub(k=3)\n"
		"    for i in [1, 2, 3, 3]:\n"
		"        l = add(x=i)\n"
		"        d = sub(k=i)\n"
		"    try:\n"
		"        t = add(x=2)\n"
		"    except:\n"
		"        t = add(x=9)\n"
		"    ls = collect(l.sum)\n";

	talk_init(&w);
	is_int(talk_step(&w, p, " ls "), 0, "a loop");
	is_int(talk_step(&w, p, NULL), 0, "all");
	is_int(count(&w, " running"), 0, "all was known");
	is_int(count(&w, " recalled"), 10, "from the loop");
	is_str(talk_value(&w, "ls", 0), "[2, 3, 4, 4]", "what they give");
	talk_release(&w);
}

static void test_retries(void)
{
	struct talk w;
	const char *flaky = "component flaky(file: str, n: int) -> (m: int):\n"
			    "    shell:\n"
			    "        echo x >> $file\n"
			    "        test $(wc -l < $file) -ge $n\n"
			    "        echo $n > $m_path\n";
	struct buf p = {0};

	talk_init(&w);
	buf_addf(&p, "%s" SESSION "    f = flaky(file=\"%s/count\", n=3) with retries=2\n",
		 flaky, w.dir);
	is_int(talk_step(&w, buf_cstr(&p), NULL), 0, "a task that is tried again");
	is_str(buf_cstr(&w.log),
	       "begin;f running 1;f pending 1;f running 2;f pending 2;f running 3;"
	       "f succeeded 3;", "until it succeeds");
	is_int(talk_step(&w, buf_cstr(&p), NULL), 0, "again");
	is_str(buf_cstr(&w.log), "f recalled;", "the success counts");
	is_int(talk_task(&w, "f")->attempts, 0, "no attempt was made");
	buf_clear(&p);
	buf_addf(&p, "%s" SESSION "    f = flaky(file=\"%s/count\", n=6) with retries=2\n",
		 flaky, w.dir);
	is_int(talk_step(&w, buf_cstr(&p), NULL), 0, "another one at the same address");
	is_str(buf_cstr(&w.log),
	       "f running 4;f pending 4;f running 5;f pending 5;f running 6;"
	       "f succeeded 6;", "has its own retries, and counts on");
	is_int(talk_task(&w, "f")->attempts, 3, "the result counts those of the step");
	buf_release(&p);
	talk_release(&w);
}

#define DICE                                      \
	"component dice(n: int) -> (m: int):\n"   \
	"    cache = off\n"                       \
	"    shell:\n"                            \
	"        date +%s%N > $m_path\n"

/* `cache = off`: for whoever asked before, and for nobody else. */
static void test_cache_off(void)
{
	struct talk w;
	const char *one = DICE SESSION "    a = dice(n=1)\n";
	const char *two = DICE SESSION "    b = dice(n=1)\n    a = dice(n=1)\n";
	const char *loop = DICE SESSION "    c = dice(n=1)\n"
					"    for i in range(3):\n"
					"        d = dice(n=1)\n"
					"        e = dice(n=1)\n"
					"    ds = collect(d.m)\n"
					"    es = collect(e.m)\n";
	struct str first, second;
	struct arena a = {0};

	talk_init(&w);
	w.asker = 1;
	is_int(talk_step(&w, one, " a "), 0, "one");
	first = arena_str(&a, str_of(talk_value(&w, "a", 0)));
	is_int(talk_step(&w, one, " a "), 0, "the same asks");
	is_str(talk_value(&w, "a", 0), first.p, "the same is the answer");
	w.asker = 2;
	is_int(talk_step(&w, two, " b "), 0, "another one asks");
	is_int(count(&w, "b running"), 1, "that is run");
	w.asker = 1;
	is_int(talk_step(&w, two, " a "), 0, "the first one again, moved");
	is_str(buf_cstr(&w.log), "a recalled;", "is known");
	w.asker = 3;
	is_int(talk_step(&w, loop, " for ds es "), 0, "in a loop");
	is_int(count(&w, " running"), 6, "each is run");
	first = arena_str(&a, str_of(talk_value(&w, "ds", 0)));
	second = arena_str(&a, str_of(talk_value(&w, "es", 0)));
	ok(!str_eq(first, second), "for itself");
	is_int(talk_step(&w, loop, " for ds es "), 0, "again");
	is_int(count(&w, " running"), 0, "is known");
	is_str(talk_value(&w, "ds", 0), first.p, "each has its own");
	is_str(talk_value(&w, "es", 0), second.p, "and so has the other");
	arena_release(&a);
	talk_release(&w);
}

static void test_load(void)
{
	struct talk w;
	struct err err;
	struct str path;
	struct arena a = {0};
	const char *p = "component size(data: Dataset) -> (n: int):\n"
			"    shell:\n"
			"        wc -c < $data_path > $n_path\n"
			SESSION
			"    d = load(Dataset, \"data.txt\")\n"
			"    s = size(data=d)\n";

	talk_init(&w);
	path = arena_printf(&a, "%s/data.txt", w.dir);
	io_write_file(path.p, STR("123"), 0644, false, &err);
	is_int(talk_step(&w, p, NULL), 0, "a file is loaded");
	is_str(talk_value(&w, "s", 0), "3", "and read");
	is_int(talk_step(&w, p, NULL), 0, "again");
	is_int(count(&w, " running"), 0, "both are known");
	io_write_file(path.p, STR("12345"), 0644, false, &err);
	is_int(talk_step(&w, p, NULL), 0, "the file changes");
	is_int(count(&w, " running"), 2, "both are run");
	is_str(talk_value(&w, "s", 0), "5", "with what is in it now");
	unlink(path.p);
	io_write_file(path.p, STR("12345"), 0644, false, &err);
	is_int(talk_step(&w, p, NULL), 0, "it is written anew, with the same in it");
	is_str(talk_value(&w, "s", 0), "5", "what reads it");
	ok(talk_task(&w, "s")->is_recalled, "is known: %s", buf_cstr(&w.log));
	unlink(path.p);
	is_int(talk_step(&w, p, NULL), 0, "it is gone");
	is_str(w.r.run.state.p, "failed", "then that is said");
	arena_release(&a);
	talk_release(&w);
}

/* Artifacts of old modules go into tasks of new ones. */
static void test_artifacts(void)
{
	struct talk w;
	const char *make = "component make(n: int) -> (data: Dataset[csv], extra: Dataset?):\n"
			   "    shell:\n"
			   "        echo a,b > $data_path\n";
	const char *use = "component use(data: Dataset[csv]) -> (n: int):\n"
			  "    shell:\n"
			  "        case $data_path in *.csv) wc -c < $data_path > $n_path;; esac\n";
	struct buf p = {0};

	talk_init(&w);
	buf_addf(&p, "%s" SESSION "    m = make(n=1)\n", make);
	is_int(talk_step(&w, buf_cstr(&p), NULL), 0, "an artifact is made");
	buf_clear(&p);
	buf_addf(&p, "%s%s" SESSION "    m = make(n=1)\n    u = use(data=m.data)\n", make, use);
	is_int(talk_step(&w, buf_cstr(&p), NULL), 0, "and used by a later step");
	is_str(talk_value(&w, "u", 0), "4", "in its format");
	ok(talk_task(&w, "m")->is_recalled, "it was not made again");
	is_int(talk_task(&w, "m")->values[0].artifact->type ==
		       w.m->components[0].outputs[0].type, 1,
	       "its type is this module's");
	is_int(talk_task(&w, "m")->values[1].kind, VALUE_NONE, "what is not there");
	buf_release(&p);
	talk_release(&w);
}

/* An environment is asked for in each step, and told of once; what nobody waits for any
 * more does no harm. */
static void test_python(void)
{
	struct talk w;
	const char *p = "component py(x: int) -> (y: int):\n"
			"    python:\n"
			"        y = x + 1\n"
			"component fail() -> (y: int):\n"
			"    shell:\n"
			"        exit 1\n"
			SESSION
			"    a = py(x=1)\n"
			"    f = fail()\n"
			"    b = py(x=f.y)\n";
	struct run_view v;

	talk_init(&w);
	is_int(talk_step(&w, p, " b "), 0, "an environment that is not used in the end");
	is_str(buf_cstr(&w.log), "begin;f running 1;f failed 1;b skipped;", "nothing ran");
	is_int(talk_step(&w, p, " a "), 0, "it is used");
	is_str(talk_value(&w, "a", 0), "2", "now");
	is_int(talk_step(&w, p, " a "), 0, "again");
	is_str(buf_cstr(&w.log), "a recalled;", "the result is known");
	run_view_load(w.s, run_session_id(w.ss), false, &v, &w.err);
	is_int(v.nrecords, 9, "nothing is written twice");
	run_view_release(&v);
	talk_release(&w);
}

/* `load` starts the program that runs again. */
int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], LOAD_HOST_OPTION))
		return load_host(argv[2]);
	if (argc != 1)
		BUG("started again with %s", argv[1]);
	test_keys();
	test_places();
	test_retries();
	test_cache_off();
	test_load();
	test_artifacts();
	test_python();
	return done_testing();
}
