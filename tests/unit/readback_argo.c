/* What the exporter for Argo writes is read back: whatever is damaged in it is found. */
#include <config.h>

#include "tests/unit/tap.h"

#include "compiler/export/export.h"
#include "compiler/export/readback/readback.h"
#include "compiler/ir/compile.h"
#include "runtime/base/io.h"
#include "runtime/value/yaml_read.h"

static const char program[] =
	"component make(n: int = 1) -> (data: Dataset, m: int):\n"
	"    shell:\n"
	"        :\n"
	"component use(data: Dataset, a: int, b: int = 0) -> (score: float):\n"
	"    shell:\n"
	"        :\n"
	"component note():\n"
	"    shell:\n"
	"        :\n"
	"pipeline inner(data: Dataset, k: int) -> float:\n"
	"    u = use(data=data, a=k)\n"
	"    return u.score\n"
	"pipeline main(k: int = 2, flag: bool = True, ks: list[int] = [1, 2])"
	" -> (best: float, all: list[float]):\n"
	"    begin = make(n=k)\n"
	"    second = make(n=begin.m + k)\n"
	"    x = use(data=begin.data, a=begin.m, b=second.m)\n"
	"    told = note() with after=[x]\n"
	"    if flag and x.score > 0.1:\n"
	"        y = use(data=second.data, a=1)\n"
	"        p = note() with after=[y]\n"
	"    else:\n"
	"        y = use(data=begin.data, a=2)\n"
	"        q = note() with after=[y]\n"
	"    for i in ks:\n"
	"        z = use(data=begin.data, a=i)\n"
	"    s = inner(data=second.data, k=begin.m)\n"
	"    try:\n"
	"        t = make(n=7)\n"
	"    except:\n"
	"        t = make(n=8)\n"
	"    finally:\n"
	"        ended = make(n=9)\n"
	"    assert s > 0\n"
	"    return best=y.score + s, all=collect(z.score)\n";

static struct export x;
static struct buf good;

/* Compares a text with the module: "" or what differs. */
static void compare(struct str text, struct buf *out)
{
	struct readback_graph g = {0};
	struct yaml_docs docs;
	struct arena a;
	struct err err = {0};

	arena_init(&a);
	buf_clear(out);
	if (yaml_read(&a, text, &docs, &err) ||
	    argo_readback_graph(&docs, &a, &g, &err) ||
	    readback_compare(&g, x.claims, &err))
		buf_addz(out, err.text);
	readback_release(&g);
	arena_release(&a);
}

/* Puts `to` in place of the first `from` behind the first `after`; then the text says
 * something else, and the message has `says` in it. */
static void damage(const char *what, const char *after, const char *from, const char *to,
		   const char *says)
{
	struct str text = buf_str(&good);
	size_t at = str_find(text, str_of(from), str_find(text, str_of(after), 0));
	struct buf bad = {0}, got = {0};

	if (at == text.n) {
		ok(false, "%s: '%s' is not there", what, from);
		return;
	}
	buf_add(&bad, str_sub(text, 0, at));
	buf_addz(&bad, to);
	buf_add(&bad, str_sub(text, at + strlen(from), text.n));
	compare(buf_str(&bad), &got);
	if (!ok(got.n && strstr(buf_cstr(&got), says), "%s", what))
		printf("# got:  %s\n# want: %s\n", buf_cstr(&got), says);
	buf_release(&bad);
	buf_release(&got);
}

static void test_waits(void)
{
	damage("a dependency that orders is dropped", "- name: told\n",
	       "        depends: x\n", "", "'told' does not wait for 'x'");
	damage("a dependency that brings a value is dropped", "- name: x\n",
	       "begin && second", "begin", "it does not wait for 'second'");
	damage("a dependency is added", "- name: told\n", "depends: x", "depends: x && begin",
	       "'told' waits for 'begin' for no reason");
	damage("a dependency on nothing", "- name: told\n", "depends: x", "depends: xx",
	       "there is no task 'xx'");
	damage("a dependency on a failure", "- name: told\n", "depends: x",
	       "depends: x.Failed", "'told' is in except, and should be in nothing");
	damage("an except that does not wait for a failure", "- name: try-1\n",
	       ".Failed || ", ".Succeeded || ", "and should be in except");
}

static void test_values(void)
{
	damage("an input comes from another task", "- name: x\n",
	       "tasks.second.outputs.parameters.m", "tasks.begin.outputs.parameters.m",
	       "parameter 'b' of 'x' comes from begin.m, and should from second.m");
	damage("an artifact comes from another task", "- name: x\n",
	       "tasks.begin.outputs.artifacts.data", "tasks.second.outputs.artifacts.data",
	       "parameter 'data' of 'x' comes from begin.data, second.data");
	damage("its metadata comes from another task", "- name: x\n",
	       "tasks.begin.outputs.parameters.data-metadata",
	       "tasks.second.outputs.parameters.data-metadata",
	       "parameter 'data' of 'x' comes from begin.data, second.data");
	damage("an argument of an expression", "- name: second\n",
	       "inputs.parameters.k}}", "inputs.parameters.flag}}",
	       "parameter 'n' of 'second' comes from");
	damage("an argument has another name", "- name: x\n", "- name: b\n", "- name: c\n",
	       "there is no input 'c'");
	damage("an input is not there", "- name: second\n", "inputs.parameters.k}}",
	       "inputs.parameters.kk}}", "there is no input 'kk'");
	damage("an output is not there", "- name: x\n", "outputs.parameters.m}}",
	       "outputs.parameters.n}}", "there is no output 'n'");
	damage("an argument of a call", "- name: s\n", "tasks.begin.outputs.parameters.m",
	       "tasks.second.outputs.parameters.m", "parameter 'a' of 's/u' comes from");
	damage("an argument is dropped", "- name: begin\n",
	       "        arguments:\n          parameters:\n          - name: 'n'\n"
	       "            value: '{{inputs.parameters.k}}'\n",
	       "", "it is not given 'n'");
	damage("a tag that is none", "- name: begin\n", "{{inputs.parameters.k}}",
	       "{{input.parameters.k}}", "what is 'input.parameters.k'");
}

static void test_groups(void)
{
	damage("another template", "- name: told\n", "template: note", "template: use",
	       "it is not given 'data-metadata'");
	damage("a template that is not there", "- name: told\n", "template: note",
	       "template: notes", "no template of 'told'");
	damage("a DAG of two tasks", "- name: for-1\n", "template: for-1", "template: if-1",
	       "");
	damage("a when is dropped", "  - name: if-1\n",
	       "        when: '{{inputs.parameters.branch}} == b0'\n", "",
	       "what decides on it of 'if-1/b0/y' comes from nothing");
	damage("a when is the other", "  - name: if-1\n", "branch}} == b0'",
	       "branch}} == b1'", "it takes the side that is not chosen, 'b0'");
	damage("a choice is swapped", "value: '{{= ", "? ''b0'' : ''b1''",
	       "? ''b1'' : ''b0''", "no choice of a branch");
	damage("a condition reads something else", "value: '{{= ",
	       "inputs.parameters[''flag'']", "inputs.parameters[''k'']",
	       "what decides on it of 'if-1/b0/y'");
	damage("the sides of a merge are swapped", "expression: ", "''b0'' ? tasks[''b0'']",
	       "''b0'' ? tasks[''b1'']", "it takes the side that is not chosen");
	damage("a loop goes through something else", "  - name: for-1\n",
	       "withParam: '{{inputs.parameters.ks}}'", "withParam: '[1]'",
	       "parameter 'a' of 'for-1/z' comes from nothing");
	damage("a loop is none", "  templates:",
	       "        withParam: '{{inputs.parameters.ks}}'\n", "", "what is 'item'");
}

static void test_outputs(void)
{
	damage("an output has another name", "outputs:", "- name: all\n", "- name: none\n",
	       "there is no output 'all'");
	damage("an output comes from another task", "- name: all\n",
	       "tasks.for-1.outputs.parameters.", "tasks.x.outputs.parameters.",
	       "");
	damage("an output from nothing", "- name: all\n", "parameter: ", "parameters: ",
	       "an output from nothing");
	damage("an argument of the workflow is not there", "arguments:", "- name: flag\n",
	       "- name: flags\n", "no argument of the workflow is 'flag'");
	damage("another entry", "spec:", "entrypoint: main", "entrypoint: inner", "");
}

int main(void)
{
	struct compile_opts opts = {0};
	struct compilation c;
	struct arena a;
	struct err err = {0};
	struct buf got = {0};

	arena_init(&a);
	compilation_init(&c);
	if (io_write_file("main.kfp", str_of(program), 0644, false, &err) ||
	    compile(&c, "main.kfp", &opts, &err) || !c.module)
		return ok(false, "the program compiles: %s", err.text), 1;
	x = (struct export){.m = c.module, .a = &a, .config = MODULE_NONE, .helper = STR("x"),
			    .pipeline = module_find_pipeline(c.module, STR("main"))};
	ok(!export_argo(&x, &good) && !x.broken.n, "it is exported");
	if (x.broken.n)
		printf("# %.*s\n", STR_ARG(x.broken));
	if (good.n) {
		compare(buf_str(&good), &got);
		is_str(buf_cstr(&got), "", "what was written says what the program says");
		test_waits();
		test_values();
		test_groups();
		test_outputs();
	}
	buf_release(&got);
	vec_release(&x.faults);
	vec_release(&x.extras);
	buf_release(&good);
	compilation_release(&c);
	arena_release(&a);
	return done_testing();
}
