/* python: blocks and functions of files, in real interpreters: what the code sees, what
 * it hands back, and how it fails. */
#include <config.h>

#include "tests/unit/exec_harness.h"

#include "runtime/base/limits.h"
#include "runtime/value/json.h"

static struct harness h;

/* Runs code with the one output x; its value as text, or the error. */
static const char *run_value(const char *code, const struct type *t)
{
	harness_task(&h, EXECUTOR_PYTHON, code);
	harness_out(&h, "x", t);
	if (harness_run(&h) != EXEC_OK)
		return harness_error(&h);
	return harness_value(&h, 0);
}

static const struct type *kernel(void)
{
	struct type_member m[] = {{STR("rbf"), STR("rbf")}, {STR("relu6"),
							     STR("relu-6")}};

	return type_enum(&h.types, STR("Kernel"), m, 2);
}

static const struct type *optim(void)
{
	struct type_field f[] = {{STR("lr"), h.types.floating},
				 {STR("name"), type_opt(&h.types, h.types.string)}};
	struct type *t = type_struct(&h.types, STR("Optim"));

	type_struct_fields(&h.types, t, f, 2);
	return t;
}

static struct value parsed(const char *json)
{
	struct value v = VALUE_NONE_V;

	json_parse(&h.arena, str_of(json), &v, NULL);
	return v;
}

static void values_in(void)
{
	harness_task(&h, EXECUTOR_PYTHON,
		     "assert s == 'it\\'s \"한글\"\\n\\\\ \\U0001f600\\x00', s\n"
		     "assert i == -2**63 and type(i) is int\n"
		     "assert f == 1.0 and type(f) is float\n"
		     "assert nan != nan\n"
		     "assert b is True and none is None\n"
		     "assert l == [1.0, 2.0] and type(l[0]) is float\n"
		     "assert j == {'a': [1, None, True, 'x']}\n"
		     "assert k == 'relu-6'\n"
		     "assert o.lr == 0.5 and o.name is None, o\n"
		     "assert o.to_dict() == {'lr': 0.5, 'name': None}\n"
		     "try:\n    o.lr = 1\nexcept AttributeError:\n    pass\nelse:\n    "
		     "assert 0\n"
		     "i = 5\n"
		     "print(repr(o), __name__)\n");
	harness_in(&h, "s", h.types.string,
		   value_str(&h.arena, (struct str){"it's \"한글\"\n\\ \xf0\x9f\x98\x80\0",
						    21}));
	harness_in(&h, "i", h.types.integer, value_int(INT64_MIN));
	harness_in(&h, "f", h.types.floating, value_float(1));
	harness_in(&h, "nan", h.types.floating, value_float(0.0 / 0.0));
	harness_in(&h, "b", h.types.boolean, value_bool(true));
	harness_in(&h, "none", type_opt(&h.types, h.types.integer), VALUE_NONE_V);
	harness_in(&h, "l", type_list(&h.types, h.types.floating), parsed("[1, 2.0]"));
	harness_in(&h, "j", h.types.json, parsed("{\"a\": [1, null, true, \"x\"]}"));
	harness_in(&h, "k", kernel(), value_str(&h.arena, STR("relu-6")));
	harness_in(&h, "o", optim(), parsed("{\"lr\": 0.5}"));
	is_int(harness_run(&h), EXEC_OK, "values are variables of their types");
	is_str(buf_cstr(&h.err), "", "nothing on standard error");
	is_str(buf_cstr(&h.out), "Optim(lr=0.5, name=None) __main__\n",
	       "a struct shows itself");
}

static void deep_json(void)
{
	struct buf deep = {0};

	buf_fill(&deep, '[', 200);
	buf_fill(&deep, ']', 200);
	harness_task(&h, EXECUTOR_PYTHON, "n = 0\nwhile j:\n    j, n = j[0], n + "
					  "1\nprint(n)\n");
	harness_in(&h, "j", h.types.json, parsed(buf_cstr(&deep)));
	is_int(harness_run(&h), EXEC_OK, "200 levels of JSON");
	is_str(buf_cstr(&h.out), "199\n", "arrive");
	buf_release(&deep);
}

static void artifacts(void)
{
	harness_task(&h, EXECUTOR_PYTHON,
		     "import os\n"
		     "assert a_path == '/in put/a.csv' and str(a) == a_path == "
		     "os.fspath(a) == a.path\n"
		     "assert a.uri == 'file:///store/x' and a.name == 'a' and "
		     "a.metadata['k'] == 1\n"
		     "assert none is None and none_path is None\n"
		     "with open(model, 'w') as f:\n    f.write('weights')\n"
		     "model.metadata['framework'] = 'none'\n"
		     "model.structure = {'layers': [1, 2]}\n"
		     "open(d_path, 'w').write('a,b\\n1,2\\n')\n"
		     "assert d_path.endswith('/out/d.csv')\n"
		     "d.metadata['rows'] = 7\n");
	harness_artifact(&h, "a", h.types.dataset, "/in put/a.csv", "{\"k\": 1}");
	harness_in(&h, "none", type_opt(&h.types, h.types.model), VALUE_NONE_V);
	harness_out(&h, "model", h.types.model);
	harness_out(&h, "d", type_tagged(&h.types, h.types.dataset, STR("csv")));
	is_int(harness_run(&h), EXEC_OK, "artifacts are paths");
	is_str(buf_cstr(&h.err), "", "without complaint");
	is_str(h.result.outputs[0].metadata.p, "{\"framework\": \"none\"}",
	       "metadata comes back");
	is_str(h.result.outputs[0].structure.p, "{\"source\": \"code\", \"layers\": [1, "
						"2]}",
	       "so does the structure");
	is_str(h.result.outputs[1].metadata.p,
	       "{\"format\": \"csv\", \"columns\": [\"a\", \"b\"], \"rows\": 7}",
	       "what the code said of a dataset stays, the rest is added");
}

static void artifact_lists(void)
{
	const struct type *models = type_list(&h.types, h.types.model);

	harness_task(&h, EXECUTOR_PYTHON,
		     "assert [m.path for m in ms] == ['/in/ms/0', '/in/ms/1'] and "
		     "ms_path == '/in/ms'\n");
	harness_artifact(&h, "ms", models, "/in/ms", "");
	h.inputs[0].value = parsed("[null, null]");
	is_int(harness_run(&h), EXEC_OK, "a list of artifacts is a list");
	is_str(buf_cstr(&h.err), "", "of paths");
}

static void values_out(void)
{
	const struct type *ints = type_list(&h.types, h.types.integer);

	is_str(run_value("x = 3", h.types.floating), "3.0", "int for float");
	is_str(run_value("x = float('nan')", h.types.metric), "nan", "nan");
	is_str(run_value("x = -float('inf')", h.types.floating), "-inf", "infinity");
	is_str(run_value("x = '한글 \\' \" \\n'", h.types.string), "한글 ' \" \n", "text");
	is_str(run_value("x = (1, 2)", ints), "[1, 2]", "a tuple for a list");
	is_str(run_value("x = {'a': None}", h.types.json), "{\"a\": null}", "json");
	is_str(run_value("x = 'rbf'", kernel()), "rbf", "an enum");
	is_str(run_value("x = {'lr': 1}", optim()), "{\"lr\": 1.0, \"name\": null}",
	       "a struct");
	is_str(run_value("pass", type_opt(&h.types, h.types.integer)), "None",
	       "unbound T? is None");
	is_str(run_value("pass", h.types.integer), "output 'x' was not assigned",
	       "unbound T");
	is_str(run_value("x = True", h.types.integer),
	       "output 'x' is declared int, and the code gave it True (bool)", "bool for "
									       "int");
	is_str(run_value("x = 1.0", h.types.integer),
	       "output 'x' is declared int, and the code gave it 1.0 (float)", "float "
									       "for int");
	is_str(run_value("x = None", h.types.string),
	       "output 'x' is declared str, and the code gave it None (NoneType)", "None "
										   "for "
										   "str");
	is_str(run_value("x = float('nan')", h.types.string),
	       "output 'x' is declared str, and the code gave it nan (float)", "nan is "
									       "no str");
	is_str(run_value("x = [1, 'a']", ints),
	       "output 'x[1]' is declared int, and the code gave it 'a' (str)", "within "
										"a list");
	is_str(run_value("x = 'rbff'", kernel()),
	       "output 'x' is 'rbff', which is no member of Kernel (rbf, relu-6)",
	       "no "
	       "member");
	is_str(run_value("x = 2**63", h.types.integer), "output 'x' does not fit 64 bits",
	       "too large");
	is_str(run_value("x = '\\ud800'", h.types.string),
	       "output 'x' holds what is not valid Unicode", "a lone surrogate");
	is_str(run_value("x = 'x' * (17 << 20)", h.types.string),
	       "output 'x' is 17 MiB; over 16 MiB it must be an artifact", "too much");
	is_str(run_value("class N:\n    dtype = 'f4'\n    shape = ()\n    def "
			 "item(self): return 2.5\n"
			 "x = N()", h.types.floating), "2.5", "a numpy scalar");
}

static void tracebacks(void)
{
	harness_task(&h, EXECUTOR_PYTHON,
		     "import os\n\ndef inner():\n    raise "
		     "ValueError('bad\\nmore')\n\ninner()\n");
	is_int(harness_run(&h), EXEC_FAILED, "an exception");
	is_int(h.result.line, 13, "the line where it was raised");
	is_int(h.result.exit_code, 1, "exit status");
	is_str(harness_error(&h), "ValueError: bad", "one sentence");
	ok(buf_has(&h.err, "  File \"test.kfp\", line 15, in <module>\n    inner()\n"),
	   "the traceback shows lines of the .kfp file");
	ok(buf_has(&h.err, "line 13, in inner\n    raise ValueError"), "all of them");
	ok(!buf_has(&h.err, "kfpc_task"), "and no frame of ours");
	harness_task(&h, EXECUTOR_PYTHON, "x = 1\nif x\n    y = 2\n");
	is_int(harness_run(&h), EXEC_FAILED, "a syntax error");
	is_int(h.result.line, 11, "on its line");
	ok(strstr(harness_error(&h), "SyntaxError: "), "in words");
	ok(buf_has(&h.err, "    if x\n"), "which is shown");
	harness_task(&h, EXECUTOR_PYTHON, "try:\n    1/0\nexcept Exception as e:\n    "
					  "raise KeyError('k')\n");
	harness_run(&h);
	is_int(h.result.line, 13, "the last of two errors");
	ok(buf_has(&h.err, "ZeroDivisionError") && buf_has(&h.err, "another exception"),
	   "both shown");
	harness_task(&h, EXECUTOR_PYTHON, "import json\njson.loads('{')\n");
	harness_run(&h);
	is_int(h.result.line, 11, "an error within a library is told at our line");
	harness_task(&h, EXECUTOR_PYTHON, "def f():\n    f()\nf()\n");
	is_int(harness_run(&h), EXEC_FAILED, "endless recursion");
	ok(strstr(harness_error(&h), "RecursionError"), "is told");
}

static void exits(void)
{
	is_str(run_value("import sys\nx = 1\nsys.exit(0)\nx = 2", h.types.integer), "1",
	       "sys.exit(0) is a normal end");
	is_str(run_value("import sys\nsys.exit(3)", h.types.integer), "exit status 3",
	       "sys.exit(3)");
	is_int(h.result.exit_code, 3, "with the status");
	is_int(h.result.line, 11, "and the line");
	is_str(run_value("exit('no data')", h.types.integer), "no data", "exit('text')");
	ok(buf_has(&h.err, "no data\n"), "printed too");
	is_str(run_value("import os\nx = 1\nos._exit(0)", h.types.integer),
	       "the interpreter was ended before the outputs could be "
	       "read", "os._exit(0)");
	is_str(run_value("import os, signal\nos.kill(os.getpid(), 11)", h.types.integer),
	       "ended by signal 11 (Segmentation fault)", "a crash");
	is_str(run_value("import os\nx = 1\nif os.fork() == 0:\n    x = 2\nelse:\n    "
			 "os.wait()",
			 h.types.integer), "1", "a forked child does not speak for its "
						"parent");
	is_str(run_value("import multiprocessing as m\ndef f(i): return i * i\n"
			 "x = sum(m.get_context('fork').Pool(2).map(f, "
			 "range(4)))", h.types.integer),
	       "14", "multiprocessing");
	is_str(run_value("import pickle\nclass C: pass\nx = "
			 "type(pickle.loads(pickle.dumps(C()))).__module__",
			 h.types.string), "__main__", "classes of the code can be "
						      "pickled");
}

static void output(void)
{
	harness_task(&h, EXECUTOR_PYTHON,
		     "import time\nprint('한글')\ntime.sleep(0.5)\nprint('b', end='')\n");
	harness_start(&h);
	while (!h.out.n)
		loop_step(h.loop, 5000, NULL);
	ok(!h.ended, "a printed line is seen at once");
	harness_wait(&h);
	is_str(buf_cstr(&h.out), "한글\nb", "and the rest at the end");
	harness_task(&h, EXECUTOR_PYTHON, "print(input())\n");
	is_int(harness_run(&h), EXEC_FAILED, "there is nothing to read");
	ok(strstr(harness_error(&h), "EOFError"), "and it is told");
}

static void series(void)
{
	harness_task(&h, EXECUTOR_PYTHON,
		     "import time\nloss.log(1)\nloss.log(0.5, "
		     "step=10)\nloss.log(value=float('nan'))\n"
		     "time.sleep(0.4)\nloss.log(0.25)\n");
	harness_out(&h, "loss", h.types.series);
	harness_start(&h);
	while (!h.points.n)
		loop_step(h.loop, 5000, NULL);
	ok(!h.ended, "a point is seen while the code runs");
	harness_wait(&h);
	is_str(buf_cstr(&h.points), "loss:0=1 loss:10=0.5 loss:11=nan loss:12=0.25 ",
	       "all points");
	ok(h.result.outputs[0].value.series->last == 0.25, "the last");
	harness_task(&h, EXECUTOR_PYTHON, "\nloss.log('x')\n");
	harness_out(&h, "loss", h.types.series);
	is_int(harness_run(&h), EXEC_FAILED, "a point that is no number");
	is_int(h.result.line, 11, "on its line");
	harness_task(&h, EXECUTOR_PYTHON, "loss = [1, 2]\n");
	harness_out(&h, "loss", h.types.series);
	harness_run(&h);
	is_str(harness_error(&h), "output 'loss' was rebound: use loss.log(value, "
				  "step=n)", "rebound");
}

static void functions(void)
{
	static const char code[] =
		"import sys\n"
		"def train(n, *, lr=0.5, model, model_path, other=3):\n"
		"    assert str(model) == model_path\n"
		"    model.structure = 'a line'\n"
		"    return n + 1, lr\n"
		"def named(n): return {'b': 1.5, 'a': n}\n"
		"def less(n): return 1\n"
		"def strange(nothing): pass\n"
		"def bad():\n    raise OSError('x')\n"
		"def everything(**all): return sorted(all)[0] == 'lr' and 1, 2\n"
		"if __name__ == '__main__': sys.exit('ran as a script')\n";
	static const char *const entries[] = {"train", "named", "everything", "less",
					      "strange",
					      "bad", "absent"};
	static const char *const want[] = {"8 2.5", "7 1.5", "1 2.0",
		"less() is to return a, b, as a tuple or a dict; it returned 1 (int)",
		("strange() wants 'nothing', which is no parameter or output of the "
		 "component"),
		"OSError: x", "train.py has no function 'absent'"};

	for (size_t i = 0; i < 7; i++) {
		harness_task(&h, EXECUTOR_PYTHON_FILE, code);
		h.spec.entry = str_of(entries[i]);
		h.spec.code_name = STR("train.py");
		h.spec.code_line = 1;
		harness_in(&h, "n", h.types.integer, value_int(7));
		harness_in(&h, "lr", h.types.floating, value_float(2.5));
		harness_out(&h, "a", h.types.integer);
		harness_out(&h, "model", h.types.model);
		harness_out(&h, "b", h.types.floating);
		if (harness_run(&h) != EXEC_OK) {
			is_str(harness_error(&h), want[i], entries[i]);
			continue;
		}
		is_str(arena_printf(&h.arena, "%s %s", harness_value(&h, 0),
				    harness_value(&h, 2)).p,
		       want[i], entries[i]);
	}
	is_int(h.result.exit_code, 1, "a missing function fails");
}

static void model_structures(void)
{
	harness_task(&h, EXECUTOR_PYTHON,
		     "class SVC:\n"
		     "    def get_params(self, deep=True): return {'C': 1.0, 'f': len}\n"
		     "    def set_params(self): pass\n"
		     "    def fit(self): self.n_iter_ = 4; self.classes_ = [0, 1]\n"
		     "    def predict(self): pass\n"
		     "clf = SVC()\nclf.fit()\nopen(model, 'w').close()\n");
	harness_out(&h, "model", h.types.model);
	is_int(harness_run(&h), EXEC_OK, "an estimator");
	is_str(h.result.outputs[0].structure.p,
	       "{\"source\": \"__main__\", \"class\": \"__main__.SVC\", \"params\": "
	       "{\"C\": 1.0, "
	       "\"f\": \"<built-in function len>\"}, \"fitted\": {\"classes_\": "
	       "{\"length\": 2}, "
	       "\"n_iter_\": 4}}", "its structure is captured");
	harness_task(&h, EXECUTOR_PYTHON,
		     "import sys\nnn = sys.modules['torch.nn'] = type(sys)('torch.nn')\n"
		     "class Module:\n    pass\nnn.Module = Module\n"
		     "class P:\n    dtype = 'f4'\n    shape = (2, 3)\n    def "
		     "numel(self): return 6\n"
		     "class Net(Module):\n    def state_dict(self): return {'w': P()}\n"
		     "    def parameters(self): return [P()]\n    def __str__(self): "
		     "return 'Net()'\n"
		     "net = Net()\nopen(model, 'w').close()\n");
	harness_out(&h, "model", h.types.model);
	harness_run(&h);
	is_str(h.result.outputs[0].structure.p,
	       "{\"source\": \"torch\", \"class\": \"__main__.Net\", \"text\": "
	       "\"Net()\", "
	       "\"parameters\": {\"w\": {\"dtype\": \"f4\", \"shape\": [2, 3]}}, "
	       "\"parameter_count\": 6}", "a network");
	harness_task(&h, EXECUTOR_PYTHON, "open(model, 'w').close()\n");
	harness_out(&h, "model", h.types.model);
	harness_run(&h);
	is_str(h.result.outputs[0].structure.p,
	       "{\"source\": \"files\", \"files\": [{\"path\": \"model\", \"size\": 0}], "
	       "\"count\": 1}",
	       "else the files are told");
}

static void interpreters(void)
{
	struct str real = h.spec.python;

	harness_task(&h, EXECUTOR_PYTHON, "pass");
	h.spec.python = STR("/nonexistent/python3");
	is_int(harness_run(&h), EXEC_NOT_STARTED, "no such interpreter");
	is_str(harness_error(&h), "cannot start /nonexistent/python3: No such file or "
				  "directory",
	       "in words");
	h.spec.python = real;
	harness_task(&h, EXECUTOR_PYTHON, "import os\nprint(os.getcwd() == "
					  "os.environ['TMPDIR'])\n"
		     "print(os.environ['TOKEN'])\nraise OSError(os.environ['TOKEN'])\n");
	h.vars[h.spec.nvars++] = (struct exec_var){STR("TOKEN"), STR("hush"), true};
	harness_run(&h);
	is_str(buf_cstr(&h.out), "True\n***\n", "a secret is not shown");
	is_str(harness_error(&h), "OSError: ***", "in the error neither");
	ok(!buf_has(&h.err, "hush"), "nor in the traceback");
	setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
	is_str(run_value("x = 1", h.types.integer), "1", "without a cache it works too");
	unsetenv("XDG_CACHE_HOME");
}

int main(void)
{
	harness_init(&h, "python");
	values_in();
	deep_json();
	artifacts();
	artifact_lists();
	values_out();
	tracebacks();
	exits();
	output();
	series();
	functions();
	model_structures();
	interpreters();
	harness_release(&h);
	return done_testing();
}
