/* What an exporter writes is read back: whatever is damaged in it is found, by the text
 * or by the graph. */
#include <config.h>

#include "tests/unit/tap.h"

#include <stdlib.h>

#include "compiler/export/export.h"
#include "compiler/export/readback/readback.h"
#include "compiler/export/yaml/yaml.h"
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
	"pipeline main(k: int = 2, flag: bool = True, ks: list[int] = [1, 2], js: list[int] = [3])"
	" -> (best: float, all: list[float]):\n"
	"    first = make(n=k)\n"
	"    second = make(n=first.m + k)\n"
	"    x = use(data=first.data, a=first.m, b=second.m)\n"
	"    told = note() with after=[x]\n"
	"    if flag and x.score > 0.1:\n"
	"        y = use(data=second.data, a=1)\n"
	"    else:\n"
	"        y = use(data=first.data, a=2)\n"
	"    for i in ks:\n"
	"        z = use(data=first.data, a=i)\n"
	"    for j in js:\n"
	"        w = use(data=first.data, a=j)\n"
	"    s = inner(data=second.data, k=first.m)\n"
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
	    kfp_readback_graph(&docs, &a, &g, &err) ||
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

static void test_graph(void)
{
	struct buf got = {0};

	compare(buf_str(&good), &got);
	is_str(buf_cstr(&got), "", "what was written says what the program says");
	buf_release(&got);
	damage("a dependency that orders is dropped", "      told:",
	       "        dependentTasks:\n        - x\n", "",
	       "'told' does not wait for 'x'");
	damage("a dependency that brings a value is dropped", "      x:\n",
	       "        - second\n", "", "it does not wait for 'second'");
	damage("a dependency is added", "      told:", "        - x\n",
	       "        - for-loop-5\n        - x\n",
	       "'told' waits for 'for-loop-5' for no reason");
	damage("a dependency on nothing", "      told:", "        - x\n", "        - xx\n",
	       "there is no task 'xx'");
	damage("an input comes from another task", "      x:\n",
	       "outputParameterKey: m\n                producerTask: second",
	       "outputParameterKey: m\n                producerTask: first",
	       "parameter 'b' of 'x' comes from first.m, and should from second.m");
	damage("an artifact comes from another task", "      x:\n",
	       "outputArtifactKey: data\n                producerTask: first",
	       "outputArtifactKey: data\n                producerTask: second",
	       "parameter 'data' of 'x' comes from second.data");
	damage("an input is dropped", "comp-s:",
	       "              b:\n                componentInputParameter: "
	       "pipelinechannel--s_u_b\n",
	       "", "parameter 'b' of 's/u' comes from nothing, and should from parameter s.u.b");
	damage("an input has another name", "      x:\n", "            b:\n", "            c:\n",
	       "parameter 'b' of 'x' comes from nothing");
	damage("an argument of an expression", "      second:\n",
	       "componentInputParameter: k\n", "componentInputParameter: flag\n",
	       "parameter 'n' of 'second' comes from");
	damage("a channel of a branch is swapped", "comp-condition-branches-1:",
	       "componentInputArtifact: pipelinechannel--second-data",
	       "componentInputArtifact: pipelinechannel--first-data",
	       "of 'condition-branches-1/condition-2/y' comes from first.data");
	damage("a channel is not there", "comp-condition-2:",
	       "componentInputArtifact: pipelinechannel--second-data",
	       "componentInputArtifact: pipelinechannel--third-data",
	       "there is no input 'pipelinechannel--third-data'");
	damage("a condition reads something else", "triggerPolicy",
	       "['pipelinechannel--flag']", "['pipelinechannel--y_b']",
	       "what decides on it of 'condition-branches-1/condition-2/y'");
	damage("a condition is dropped", "condition-2\n          triggerPolicy",
	       "(inputs.parameter_values['pipelinechannel--flag'] == true)\n              && "
	       "(inputs.parameter_values['pipelinechannel--x-score'] > 0.1)", "'true'",
	       "what decides on it of");
	damage("one side of a merge is the other", "valueFromOneof",
	       "pipelinechannel--y-2-score\n                producerSubtask: condition-3",
	       "pipelinechannel--y-score\n                producerSubtask: condition-2",
	       "output 'best' of 'main' comes from y.score, s.");
	damage("a loop goes through another list", "        parameterIterator:",
	       "inputParameter: pipelinechannel--ks", "inputParameter: pipelinechannel--z_b",
	       "parameter 'a' of 'for-loop-4/z'");
	damage("a task in the wrong loop's element", "comp-for-loop-4:",
	       "componentInputParameter: pipelinechannel--ks-loop-item",
	       "componentInputParameter: pipelinechannel--z_b",
	       "parameter 'a' of 'for-loop-4/z' comes from parameter z.b");
	damage("a loop is none", "      for-loop-4:",
	       "        parameterIterator:\n          itemInput: pipelinechannel--ks-loop-item"
	       "\n          items:\n            inputParameter: pipelinechannel--ks\n",
	       "", "of 'for-loop-4/z' comes from nothing");
	damage("an output has another name", "root:", "        best:\n", "        worst:\n",
	       "there is no output 'best'");
	damage("an output comes from another task", "        all:\n",
	       "outputParameterKey: pipelinechannel--z-score\n            producerSubtask: "
	       "for-loop-4",
	       "outputParameterKey: score\n            producerSubtask: x",
	       "output 'all' of 'main' comes from x.score");
	damage("an output that no task has", "        all:\n", "pipelinechannel--z-score",
	       "pipelinechannel--w-score", "there is no output 'pipelinechannel--w-score'");
	damage("an argument of a call", "      s:\n",
	       "outputParameterKey: m\n                producerTask: first",
	       "outputParameterKey: m\n                producerTask: second",
	       "parameter 'a' of 's/u' comes from second.m");
	damage("an assertion of something else", "root:",
	       "outputParameterKey: output\n                producerTask: s\n            kfpc_job",
	       "outputParameterKey: score\n                producerTask: x\n            kfpc_job",
	       "does not wait for 'x'");
	damage("a task with another name", "root:", "      x:\n", "      xx:\n", "");
	damage("a component that is not there", "      x:\n", "name: comp-x", "name: comp-q",
	       "no component of 'x'");
}

static bool is_of_program(const struct readback_use *u, struct str path)
{
	for (uint32_t i = 0; i < u->p->nnodes; i++) {
		if (u->p->nodes[i].kind == NODE_TASK && str_eq(u->paths[i], path))
			return true;
		if (u->calls[i] && is_of_program(u->calls[i], path))
			return true;
	}
	return false;
}

/* Each task of the file is one of the program or is explained, and only one of both. */
static void test_extras(void)
{
	struct readback_graph g = {0};
	struct yaml_docs docs;
	struct err err;
	size_t nextras = 0;

	if (yaml_read(x.a, buf_str(&good), &docs, &err) ||
	    kfp_readback_graph(&docs, x.a, &g, &err)) {
		ok(false, "%s", err.text);
		return;
	}
	for (size_t i = 0; i < g.tasks.n; i++) {
		const struct readback_task *t = &g.tasks.at[i];
		size_t n = 0;

		if (t->is_group)
			continue;
		for (size_t k = 0; k < x.extras.n; k++)
			n += str_eq(x.extras.at[k].task, t->path);
		nextras += n;
		ok(n + is_of_program(x.claims->root, t->path) == 1, "'%.*s' is known",
		   STR_ARG(t->path));
	}
	is_int((long long)nextras, (long long)x.extras.n, "what is explained is there");
	ok(nextras >= 3, "there are some");
	readback_release(&g);
}

/* Does the reading of text agree with the tree? */
static void scalar(struct yaml *tree, const char *text, bool same)
{
	struct yaml_docs docs;
	struct arena a;
	struct err err;
	struct buf written = {0};
	bool got;

	arena_init(&a);
	buf_addz(&written, text);
	got = !yaml_read(&a, buf_str(&written), &docs, &err) && docs.n == 1 &&
	      !yaml_check(tree, docs.at[0], &err);
	ok(got == same, "'%s' is %s", text, same ? "the same" : "something else");
	buf_release(&written);
	arena_release(&a);
}

static void test_scalars(void)
{
	static const char *const texts[] = {"yes", "0123", "1e3", "null", "~", "", "1:30",
		"2024-01-01", "<<", "=", "a: b", "- x", "#", "{{x}}", "a\nb", "tab\t",
		"\xed\x95\x9c", "'", "\"", "\\", "\r\n", " x ", "\x7f", "\xc2\x85", NULL};
	struct arena *a = x.a;

	for (int i = 0; texts[i]; i++) {
		struct yaml *map = yaml_map(a), *list = yaml_seq(a);
		struct buf out = {0};

		yaml_put_str(map, str_of(texts[i]), str_of(texts[i]));
		yaml_add(list, yaml_str(a, str_of(texts[i])));
		yaml_put(map, STR("list"), list);
		yaml_write(map, &out);
		scalar(map, buf_cstr(&out), true);
		buf_release(&out);
	}
	scalar(yaml_str(a, STR("yes")), "yes", false);
	scalar(yaml_str(a, STR("yes")), "'yes'", true);
	scalar(yaml_str(a, STR("0123")), "0123", false);
	scalar(yaml_str(a, STR("a b")), "a  b", false);
	scalar(yaml_bool(a, true), "true", true);
	scalar(yaml_bool(a, true), "yes", false);
	scalar(yaml_bool(a, true), "'true'", false);
	scalar(yaml_int(a, 12), "12", true);
	scalar(yaml_int(a, 12), "12.0", false);
	scalar(yaml_int(a, 12), "014", false);
	scalar(yaml_float(a, 1000), "1000.0", true);
	scalar(yaml_float(a, 1000), "1e3", false);
	scalar(yaml_float(a, 1000), "1.0e+3", true);
	scalar(yaml_float(a, 1000), "1000", false);
	scalar(yaml_float(a, -0.0), "0.0", false);
	scalar(yaml_float(a, 0.1), "0.1", true);
	scalar(yaml_value(a, VALUE_NONE_V), "null", true);
	scalar(yaml_value(a, VALUE_NONE_V), "none", false);
	scalar(yaml_seq(a), "[]", true);
	scalar(yaml_seq(a), "{}", false);
}

int main(void)
{
	struct compile_opts opts = {0};
	struct compilation c;
	struct arena a;
	struct err err = {0};

	arena_init(&a);
	compilation_init(&c);
	if (io_write_file("main.kfp", str_of(program), 0644, false, &err) ||
	    compile(&c, "main.kfp", &opts, &err) || !c.module)
		return ok(false, "the program compiles: %s", err.text), 1;
	x = (struct export){.m = c.module, .a = &a, .config = MODULE_NONE, .helper = STR("x"),
			    .pipeline = module_find_pipeline(c.module, STR("main"))};
	ok(!export_kfp(&x, &good) && !x.broken.n, "it is exported");
	if (good.n) {
		test_graph();
		test_extras();
		test_scalars();
	}
	vec_release(&x.faults);
	vec_release(&x.extras);
	buf_release(&good);
	compilation_release(&c);
	arena_release(&a);
	return done_testing();
}
