/* shell: blocks with real shells: values in and out, lines of errors, limits, secrets. */
#include <config.h>

#include "runtime/base/limits.h"
#include "tests/unit/exec_harness.h"

static struct harness h;

static const char *run_value(const char *code, const struct type *t)
{
	harness_task(&h, EXECUTOR_SHELL, code);
	harness_out(&h, "x", t);
	if (harness_run(&h) != EXEC_OK)
		return harness_error(&h);
	return harness_value(&h, 0);
}

static void values_in(void)
{
	struct value *at;
	struct value list = value_list(&h.arena, 2, &at);

	at[0] = value_int(1);
	at[1] = value_int(2);
	harness_task(&h, EXECUTOR_SHELL,
		     "printf '%s|%s|%s|%s|%s|%s|%s' \"$s\" \"$i\" \"$f\" \"$b\" \"$l\" "
		     "\"${none-unset}\" \"$a_path\"");
	harness_in(&h, "s", h.types.string, value_str(&h.arena,
						      STR("it's \"한글\"\nand $HOME `x`")));
	harness_in(&h, "i", h.types.integer, value_int(-5));
	harness_in(&h, "f", h.types.floating, value_float(1));
	harness_in(&h, "b", h.types.boolean, value_bool(true));
	harness_in(&h, "l", type_list(&h.types, h.types.integer), list);
	harness_in(&h, "none", type_opt(&h.types, h.types.string), VALUE_NONE_V);
	harness_artifact(&h, "a", h.types.dataset, "/some where/x", "");
	is_int(harness_run(&h), EXEC_OK, "it runs");
	is_str(buf_cstr(&h.out), "it's \"한글\"\nand $HOME `x`|-5|1.0|true|[1, "
				 "2]|unset|/some where/x",
	       "values arrive as they are");
}

static void values_out(void)
{
	struct type_member m[] = {{STR("rbf"), STR("rbf")}, {STR("relu6"),
							     STR("relu-6")}};
	const struct type *e = type_enum(&h.types, STR("Kernel"), m, 2);

	is_str(run_value("printf 'a\\n\\n' > $x_path", h.types.string), "a\n",
	       "a str loses one newline");
	is_str(run_value("printf '  42\\n ' > \"$x_path\"", h.types.integer), "42",
	       "int");
	is_str(run_value("echo 1 > $x_path", h.types.floating), "1.0", "int for float");
	is_str(run_value("echo nan > $x_path", h.types.metric), "nan",
	       "nan for a metric");
	is_str(run_value("echo true > $x_path", h.types.boolean), "True", "bool");
	is_str(run_value("echo '[1, 2]' > $x_path", type_list(&h.types, h.types.integer)),
	       "[1, 2]",
	       "a list");
	is_str(run_value("echo relu-6 > $x_path", e), "relu-6", "an enum, bare");
	is_str(run_value(":", type_opt(&h.types, h.types.integer)), "None",
	       "nothing for T?");
	is_str(run_value(":", h.types.integer), "output 'x': nothing was written to "
						"$x_path",
	       "nothing for T");
	ok(strstr(run_value("echo yes > $x_path", h.types.boolean), "output 'x': "),
	   "not JSON");
	ok(strstr(run_value("echo 1.5 > $x_path", h.types.integer), "int"),
	   "a wrong type");
	ok(strstr(run_value("printf '\\377' > $x_path", h.types.string), "UTF-8"),
	   "not UTF-8");
	ok(strstr(run_value("ln -s /etc/passwd \"$x_path\"", h.types.string),
		  "is not a plain file"),
	   "a link is not followed");
	ok(strstr(run_value("mkfifo \"$x_path\"", h.types.string), "not a plain file"),
	   "a FIFO");
	ok(strstr(run_value("head -c 17000000 /dev/zero > $x_path", h.types.string),
		  "limit"),
	   "more than 16 MiB");
}

static void failures(void)
{
	harness_task(&h, EXECUTOR_SHELL, "echo one\n\nnosuch --flag\necho two\n");
	is_int(harness_run(&h), EXEC_FAILED, "an unknown command fails it");
	is_int(h.result.exit_code, 127, "with its status");
	is_int(h.result.line, 12, "and its line in the .kfp file");
	ok(buf_has(&h.err, "test.kfp: 12: nosuch"), "which the shell's message has too");
	is_str(buf_cstr(&h.out), "one\n", "nothing after it ran (set -e)");
	is_str(harness_error(&h), "exit status 127", "in words");
	harness_task(&h, EXECUTOR_SHELL, "echo $undefined\n");
	is_int(harness_run(&h), EXEC_FAILED, "an unset variable fails it (set -u)");
	is_int(h.result.line, 10, "on its line");
	harness_task(&h, EXECUTOR_SHELL, "if true; then\n");
	is_int(harness_run(&h), EXEC_FAILED, "a syntax error");
	ok(h.result.line >= 10, "on line %u", h.result.line);
	harness_task(&h, EXECUTOR_SHELL, "kill -KILL $$");
	is_int(harness_run(&h), EXEC_FAILED, "a signal");
	is_str(harness_error(&h), "ended by signal 9 (Killed)", "in words");
}

static void limits(void)
{
	static char big[LIMIT_ENV_BYTES + 100];
	struct buf code = {0};

	memset(big, 'x', sizeof big - 1);
	harness_task(&h, EXECUTOR_SHELL, "echo ${#s}");
	harness_in(&h, "s", h.types.string, value_str(&h.arena, str_of(big)));
	is_int(harness_run(&h), EXEC_NOT_STARTED, "a value over 100 KiB");
	ok(strstr(harness_error(&h), "artifact"), "%s", harness_error(&h));
	harness_task(&h, EXECUTOR_SHELL, "echo ${#s}");
	harness_in(&h, "s", h.types.string, value_str(&h.arena, (struct str){"a\0b", 3}));
	is_int(harness_run(&h), EXEC_NOT_STARTED, "a NUL byte");
	buf_addz(&code, "echo start\n: '");
	buf_fill(&code, 'y', 300 << 10);
	buf_addz(&code, "'\necho end\nnosuch\n");
	harness_task(&h, EXECUTOR_SHELL, buf_cstr(&code));
	is_int(harness_run(&h), EXEC_FAILED, "a script of 300 KiB runs");
	is_str(buf_cstr(&h.out), "start\nend\n", "to its last line");
	buf_release(&code);
}

static void surroundings(void)
{
	setenv("KFPC_TEST_LEAK", "x", 1);
	setenv("http_proxy", "http://proxy:1", 1);
	harness_task(&h, EXECUTOR_SHELL, "env | sed 's/=.*//' | sort | tr '\\n' ' '; "
					 "pwd; "
		     "echo $KFPC_RUN_ID $KFPC_TASK $KFPC_ATTEMPT $http_proxy $MINE");
	h.vars[h.spec.nvars++] = (struct exec_var){STR("MINE"), STR("m y"), false};
	harness_run(&h);
	ok(!buf_has(&h.out, "KFPC_TEST_LEAK"), "nothing leaks in");
	ok(buf_has(&h.out, "run-1 pipe/fit 1 http://proxy:1 m y"),
	   "the task knows who it is");
	ok(buf_has(&h.out, "/work\n"), "and runs in work/");
	unsetenv("http_proxy");
}

static void secrets(void)
{
	harness_task(&h, EXECUTOR_SHELL,
		     "printf 'a s3cr'; sleep 0.1; printf 'et b s3cre'; sleep 0.1; echo "
		     "'x $TOKEN'; "
		     "printf %s \"$TOKEN\" >&2; printf s3c");
	h.vars[h.spec.nvars++] = (struct exec_var){STR("TOKEN"), STR("s3cret"), true};
	harness_run(&h);
	is_str(buf_cstr(&h.out), "a *** b s3crex $TOKEN\ns3c",
	       "a secret across chunks is hidden");
	is_str(buf_cstr(&h.err), "***", "and on standard error");
}

static void series(void)
{
	harness_task(&h, EXECUTOR_SHELL,
		     "echo '{\"step\": 0, \"value\": 2.5}' >> $loss_path; sleep 0.4; "
		     "echo '{\"value\": 1}' >> $loss_path; "
		     "printf '{\"step\": 7, \"value\": \"NaN\"}' >> $loss_path");
	harness_out(&h, "loss", h.types.series);
	harness_start(&h);
	while (!h.points.n)
		loop_step(h.loop, 1000, NULL);
	ok(!h.ended, "a point is seen while the task runs");
	harness_wait(&h);
	is_str(buf_cstr(&h.points), "loss:0=2.5 loss:1=1 loss:7=nan ", "points in order");
	is_int(h.result.outputs[0].value.series->npoints, 3, "three of them");
	ok(h.result.outputs[0].value.series->min == 1 &&
	   h.result.outputs[0].value.series->max == 2.5,
	   "least and greatest");
	harness_task(&h, EXECUTOR_SHELL, "echo 0.5 >> $loss_path");
	harness_out(&h, "loss", h.types.series);
	is_int(harness_run(&h), EXEC_FAILED, "what is no point fails");
	ok(strstr(harness_error(&h), "line 1"), "%s", harness_error(&h));
}

static void artifacts(void)
{
	harness_task(&h, EXECUTOR_SHELL,
		     "printf 'a,\"b,\"\"c\"\n1,2\n\"x\ny\",4' > $d_path; mkdir "
		     "\"$m_path\"; "
		     "echo w > \"$m_path/w.bin\"");
	harness_out(&h, "d", type_tagged(&h.types, h.types.dataset, STR("csv")));
	harness_out(&h, "m", h.types.model);
	is_int(harness_run(&h), EXEC_OK, "artifacts written");
	is_str(h.result.outputs[0].metadata.p,
	       "{\"format\": \"csv\", \"rows\": 2, \"columns\": [\"a\", \"b,\\\"c\"]}",
	       "rows and columns of a CSV file");
	is_str(h.result.outputs[1].structure.p,
	       "{\"source\": \"files\", \"files\": [{\"path\": \"w.bin\", \"size\": 2}], "
	       "\"count\": 1}",
	       "files of a model");
	is_str(exec_output_path(&h.outputs[0], &h.arena).p, "out/d.csv",
	       "the tag ends the path");
}

static void times(void)
{
	struct err err = {0};

	harness_task(&h, EXECUTOR_SHELL, "sleep 100");
	h.spec.timeout_ms = 200;
	is_int(harness_run(&h), EXEC_TIMED_OUT, "a timeout");
	is_str(harness_error(&h), "it ran longer than its timeout of 0.2 s", "in words");
	harness_task(&h, EXECUTOR_SHELL, "echo on; sleep 100");
	harness_start(&h);
	while (!h.out.n)
		loop_step(h.loop, 1000, &err);
	exec_cancel(h.exec, false);
	harness_wait(&h);
	is_int(h.result.state, EXEC_CANCELLED, "cancelled");
	harness_task(&h, EXECUTOR_SHELL, "head -c 200000000 /dev/zero");
	is_int(harness_run(&h), EXEC_OK, "200 MB of output");
	is_int((long long)h.out_bytes, 200000000, "all of it is seen");
}

int main(void)
{
	harness_init(&h, "shell");
	values_in();
	values_out();
	failures();
	limits();
	surroundings();
	secrets();
	series();
	artifacts();
	times();
	harness_release(&h);
	return done_testing();
}
