#include <config.h>

#include <errno.h>

#include "runtime/base/io.h"
#include "runtime/exec/secret.h"
#include "runtime/vm/runner.h"
#include "runtime/vm/sched_values.h"

bool run_task_prepare(void *ctx, uint32_t inst)
{
	struct runner *r = ctx;
	struct run_env *e =
		run_env_of(r, plan_component(&r->plan, plan_inst(&r->plan, inst)));

	if (!e || e->state == ENV_THERE || e->state == ENV_BROKEN)
		return true;
	vec_push(&e->waiting, inst);
	run_env_want(e);
	return false;
}

/* A failed attempt keeps its work folder, unless it is what fills the disk. */
static bool keeps_folder(const struct attempt *at, const struct sched_end *e)
{
	if (at->has_failed && (at->err.sys == ENOSPC || at->err.sys == EDQUOT))
		return false;
	return e->how != SCHED_OK;
}

/* The end of an attempt, whatever it was.  at and its task are gone afterwards. */
static void end(struct attempt *at, struct sched_end *e)
{
	struct runner *r = at->r;
	bool is_spare = at->is_spare, keep = keeps_folder(at, e);
	int attempt = at->t->attempt;
	struct str path = STR(""), folder = STR("");
	struct arena a;
	struct err err;

	arena_init(&a);
	if (at->spec.folder.p) {
		folder = arena_str(&a, at->spec.folder);
		path = arena_str(&a, at->t->path);
	}
	e->exit_code = at->result.exit_code;
	e->signal = at->result.signal;
	e->ms = io_monotonic_ms() - at->t->started_ms;
	e->members = STR("");
	if (at->result.max_rss_kib)
		e->members = arena_printf(at->a, "\"max_rss_kib\":%lld",
					  (long long)at->result.max_rss_kib);
	if (at->log && run_log_end(at->log, &err))
		run_break(r, &err);
	vec_release(&at->files);
	run_limits_end(at);
	sched_ended(&r->sched, at->t, e);
	if (folder.n)
		run_folder_leave(r, path, attempt, folder, is_spare, keep);
	arena_release(&a);
}

static void end_cancelled(struct attempt *at)
{
	struct sched_end e = {.how = SCHED_CANCELLED, .error = STR(""), .place = STR("")};

	end(at, &e);
}

static void end_failed(struct attempt *at, struct str error, bool is_final)
{
	struct sched_end e = {.how = SCHED_FAILED, .is_final = is_final, .error = error};

	if (at->t->is_cancelled && at->result.state == EXEC_CANCELLED &&
	    !at->has_failed) {
		end_cancelled(at);
		return;
	}
	e.place = module_loc(at->r->m, at->t->node->loc, at->a);
	if (at->result.line)
		e.place = arena_printf(at->a, "%.*s:%u", STR_ARG(at->spec.code_name),
				       (unsigned)at->result.line);
	if (error.p == at->err.text) {
		sched_split_place(&at->err, at->a, &e.place);
		e.error = str_of(at->err.text);
	}
	end(at, &e);
}

/* Static metrics are in `metrics` before the record that commits the task. */
static void record_metrics(struct attempt *at)
{
	struct err err;

	for (uint32_t i = 0; i < at->spec.noutputs; i++)
		if (type_strip(at->outputs[i].type)->kind == TYPE_METRIC &&
		    at->values[i].kind == VALUE_FLOAT &&
		    run_metric(at->r->run, at->t->path, at->t->attempt,
			       at->outputs[i].name, true, 0, at->values[i].f, io_now_ms(),
			       &err)) {
			run_break(at->r, &err);
			return;
		}
}

static void end_ok(struct attempt *at)
{
	struct sched_end e = {.how = SCHED_OK, .values = at->values, .error = STR(""),
			      .place = STR("")};

	record_metrics(at);
	end(at, &e);
}

/* Outputs: checked, and taken into the store. */

static void take_job(struct work_job *j)
{
	struct attempt *at =
		(struct attempt *)((char *)j - offsetof(struct attempt, job));

	at->has_failed = run_inputs_check(at, &at->err) || run_outputs_take(at, &at->err);
}

static void take_done(struct work_job *j)
{
	struct attempt *at =
		(struct attempt *)((char *)j - offsetof(struct attempt, job));

	at->is_busy = false;
	if (at->has_failed)
		end_failed(at, str_of(at->err.text), false);
	else
		end_ok(at);
}

static void on_ended(void *arg, const struct exec_result *result)
{
	struct attempt *at = arg;

	at->exec = NULL;
	at->result = *result;
	if (at->has_failed) {
		end_failed(at, str_of(at->err.text), false);
		return;
	}
	for (uint32_t i = 0; result->state == EXEC_OK && i < at->spec.noutputs; i++)
		at->values[i] = result->outputs[i].value;
	if (result->state == EXEC_OK &&
	    run_outputs_check(at->r, at->t, at->values, &at->err))
		at->has_failed = true;
	if (result->state != EXEC_OK || at->has_failed) {
		struct str memory = run_limits_explain(at);

		end_failed(at, at->has_failed ? str_of(at->err.text)
			       : memory.n     ? memory : result->error, false);
		return;
	}
	at->job = (struct work_job){take_job, take_done, NULL};
	if (run_inputs_are_big(at) || run_outputs_are_big(at)) {
		at->is_busy = true;
		work_add(at->r->work, &at->job);
		return;
	}
	take_job(&at->job);
	take_done(&at->job);
}

/* While it runs. */

/* What a task prints cannot be kept: then it is not worth going on. */
static void fail_running(struct attempt *at)
{
	at->has_failed = true;
	if (at->exec)
		exec_cancel(at->exec, true);
}

static void on_output(void *arg, bool is_stderr, struct str bytes)
{
	struct attempt *at = arg;

	if (at->has_failed)
		return;
	if (!at->log)
		at->log = run_log_begin(at->r->run, at->t->path, at->t->attempt);
	if (run_log_write(at->log, is_stderr, bytes, &at->err)) {
		fail_running(at);
		return;
	}
	run_tell(at->r, 0, &(struct run_event){
		.kind = RUN_EVENT_OUTPUT, .task = at->t->path, .text = bytes,
		.attempt = at->t->attempt, .is_stderr = is_stderr,
	});
}

static void on_point(void *arg, struct str series, int64_t step, double value,
		     int64_t time_ms)
{
	struct attempt *at = arg;

	if (at->has_failed)
		return;
	if (run_metric(at->r->run, at->t->path, at->t->attempt, series, false, step,
		       value, time_ms, &at->err)) {
		fail_running(at);
		return;
	}
	run_tell(at->r, 0, &(struct run_event){
		.kind = RUN_EVENT_POINT, .task = at->t->path, .attempt = at->t->attempt,
		.metric = series, .step = step, .value = value,
	});
}

/* The start: what it runs on, its inputs, the process. */

static void start_process(struct attempt *at, const struct exec_handler *h)
{
	run_limits_enter(at);
	at->exec = exec_start(at->r->loop, &at->spec, h, at->a);
	run_limits_leave(at);
}

static void launch(struct attempt *at)
{
	struct exec_handler h = {on_output, on_point, on_ended, at};

	if (at->t->is_cancelled)
		end_cancelled(at);
	else if (run_stub_has(at->r, at->t->component))
		run_stub_play(at, &h);
	else
		start_process(at, &h);
}

static void prepare_job(struct work_job *j)
{
	struct attempt *at =
		(struct attempt *)((char *)j - offsetof(struct attempt, job));

	at->has_failed = run_inputs_write(at, &at->err) != 0;
}

static void prepare_done(struct work_job *j)
{
	struct attempt *at =
		(struct attempt *)((char *)j - offsetof(struct attempt, job));

	at->is_busy = false;
	if (at->has_failed)
		end_failed(at, str_of(at->err.text), false);
	else
		launch(at);
}

static void fill_code(struct attempt *at)
{
	static const enum executor executors[] = {
		[CODE_PYTHON] = EXECUTOR_PYTHON,
		[CODE_PYTHON_FILE] = EXECUTOR_PYTHON_FILE,
		[CODE_SHELL] = EXECUTOR_SHELL,
		[CODE_NATIVE] = EXECUTOR_NATIVE,
		[CODE_LOAD] = EXECUTOR_LOAD,
		[CODE_CONTAINER] = EXECUTOR_CONTAINER,
		[CODE_NOTEBOOK] = EXECUTOR_NOTEBOOK,
	};
	const struct module_component *c = at->t->component;
	const struct module *m = at->r->m;
	bool is_file = c->code_file != MODULE_NONE;

	at->spec.executor = executors[c->code_kind];
	at->spec.entry = c->entry;
	at->spec.code = is_file ? m->files[c->code_file].text : c->code;
	at->spec.code_name = m->files[is_file ? c->code_file : c->code_loc.file].path;
	at->spec.code_line = is_file ? 1 : c->code_loc.line;
	if (c->code_kind == CODE_LOAD)
		at->spec.code = run_code_folder(at->r, c, at->a);
	if (component_is_trusted(c))
		at->spec.executor = EXECUTOR_TRUSTED;
}

static int fill_library(struct attempt *at, struct err *err)
{
	const struct module_component *c = at->t->component;

	return c->code_kind == CODE_NATIVE
		       ? run_library(at->r, c, at->a, &at->spec.code, err) : 0;
}

static void fill_arguments(struct attempt *at)
{
	const struct module_component *c = at->t->component;

	at->spec.ninputs = c->nparams;
	at->spec.noutputs = c->noutputs;
	at->inputs = ARENA_ARRAY(at->a, c->nparams, struct exec_input);
	at->outputs = ARENA_ARRAY(at->a, c->noutputs, struct exec_output);
	at->values = ARENA_ARRAY(at->a, c->noutputs, struct value);
	for (uint32_t i = 0; i < c->nparams; i++)
		at->inputs[i] = (struct exec_input){
			c->params[i].name, c->params[i].type, at->t->args[i], STR(""),
		};
	for (uint32_t i = 0; i < c->noutputs; i++)
		at->outputs[i] =
			(struct exec_output){c->outputs[i].name, c->outputs[i].type};
	at->spec.inputs = at->inputs;
	at->spec.outputs = at->outputs;
}

/* The devices that it got, variables of the environment, then those of the call; the
 * later one counts. */
static int fill_vars(struct attempt *at, struct err *err)
{
	const struct module_component *c = at->t->component;
	const struct module_env *env =
		c->env == MODULE_NONE ? NULL : &at->r->m->envs[c->env];
	struct value with = at->t->env;
	uint32_t n = env ? env->nvars : 0;

	at->vars =
		ARENA_ARRAY(at->a, n + 1 + (with.kind == VALUE_DICT ? with.dict->n : 0),
			    struct exec_var);
	at->spec.vars = at->vars;
	if (at->t->ngpus && c->code_kind != CODE_CONTAINER)
		at->vars[at->spec.nvars++] = (struct exec_var){
			STR("CUDA_VISIBLE_DEVICES"), at->t->gpu_names, false,
		};
	for (uint32_t i = 0; i < n; i++) {
		const struct module_var *v = &env->vars[i];
		struct exec_var *to = &at->vars[at->spec.nvars++];

		*to = (struct exec_var){v->name, v->value, v->secret.n > 0};
		if (to->is_secret &&
		    secret_lookup(v->secret, v->key, at->a, &to->value, err))
			return -1;
	}
	for (size_t i = 0; with.kind == VALUE_DICT && i < with.dict->n; i++)
		if (with.dict->at[i].value.kind == VALUE_STR)
			at->vars[at->spec.nvars++] = (struct exec_var){
				with.dict->at[i].key, *with.dict->at[i].value.s, false,
			};
	return 0;
}

static bool has_files(const struct attempt *at, bool outputs)
{
	uint32_t n = outputs ? at->spec.noutputs : at->spec.ninputs;

	for (uint32_t i = 0; i < n; i++)
		if (type_holds_artifacts(outputs ? at->outputs[i].type
						 : at->inputs[i].type))
			return true;
	return false;
}

static int fill_spec(struct attempt *at, const struct run_env *env, struct err *err)
{
	struct sched_task *t = at->t;

	at->spec = (struct exec_spec){
		.task = t->path,
		.run_id = str_of(run_id(at->r->run)),
		.run_name = at->r->name,
		.attempt = t->attempt,
		.timeout_ms = t->timeout_ms,
		.python = env ? env->info.python : STR(""),
	};
	fill_code(at);
	fill_arguments(at);
	if (fill_library(at, err) || fill_vars(at, err) || run_container_fill(at, err))
		return -1;
	return run_folder_take(at, has_files(at, false), has_files(at, true), err);
}

void run_task_start(void *ctx, struct sched_task *t)
{
	struct runner *r = ctx;
	const struct run_env *env = run_env_of(r, t->component);
	struct attempt *at = ARENA_NEW(&t->arena, struct attempt);

	*at = (struct attempt){.r = r, .t = t, .a = &t->arena};
	t->user = at;
	if (env && env->state == ENV_BROKEN) {
		end_failed(at, env->error, true);
		return;
	}
	if (fill_spec(at, env, &at->err)) {
		end_failed(at, str_of(at->err.text), true);
		return;
	}
	run_inputs_list(at);
	at->job = (struct work_job){prepare_job, prepare_done, NULL};
	if (run_inputs_are_big(at)) {
		at->is_busy = true;
		work_add(r->work, &at->job);
		return;
	}
	prepare_job(&at->job);
	prepare_done(&at->job);
}

void run_task_cancel(void *ctx, struct sched_task *t, bool force)
{
	struct attempt *at = t->user;

	(void)ctx;
	if (at && at->exec)
		exec_cancel(at->exec, force);
}
