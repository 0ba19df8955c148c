#include <config.h>

#include "runtime/vm/run_args.h"

#include <stdlib.h>

#include "runtime/base/diag.h"
#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/value/json.h"
#include "runtime/value/number.h"
#include "runtime/value/yaml_read.h"
#include "runtime/vm/runner.h"

enum { MAX_JOBS = 4096 };

static void mark_called(const struct module *m, bool *called)
{
	for (uint32_t i = 0; i < m->npipelines; i++)
		for (uint32_t k = 0; k < m->pipelines[i].nnodes; k++)
			if (m->pipelines[i].nodes[k].kind == NODE_CALL)
				called[m->pipelines[i].nodes[k].target] = true;
}

/* called is NULL where all are candidates. */
static int no_pipeline(const struct module *m, const char *name, const bool *called,
		       struct err *err)
{
	struct suggestion s = {.wanted = str_of(name ? name : "")};
	struct buf b = {0};

	for (uint32_t i = 0; i < m->npipelines; i++) {
		if (!m->pipelines[i].in_root || (called && called[i]))
			continue;
		if (name)
			suggest(&s, m->pipelines[i].name);
		buf_addf(&b, "\n  %.*s", STR_ARG(m->pipelines[i].name));
	}
	if (!b.n)
		err_setk(err, name ? ERR_USAGE : ERR_INPUT,
			 "the program has no pipeline");
	else if (name && s.best.n)
		err_setk(err, ERR_USAGE,
			 "there is no pipeline '%s'; did you mean '%.*s'?", name,
			 STR_ARG(s.best));
	else if (name)
		err_setk(err, ERR_USAGE, "there is no pipeline '%s'; there are:%s", name,
			 buf_cstr(&b));
	else
		err_setk(err, ERR_USAGE,
			 "which pipeline? There are several that no other one "
			 "calls; name one of:%s",
			 buf_cstr(&b));
	buf_release(&b);
	return -1;
}

int run_pick_pipeline(const struct module *m, const char *name, uint32_t *out,
		      struct err *err)
{
	bool *called;
	uint32_t found = MODULE_NONE, n = 0;
	int rc;

	if (name) {
		*out = module_find_pipeline(m, str_of(name));
		return *out == MODULE_NONE ? no_pipeline(m, name, NULL, err) : 0;
	}
	called = calloc(m->npipelines + 1, sizeof *called);
	if (!called)
		err_nomem();
	mark_called(m, called);
	for (uint32_t i = 0; i < m->npipelines; i++) {
		if (!m->pipelines[i].in_root || called[i])
			continue;
		found = i;
		n++;
	}
	*out = found;
	rc = n == 1 ? 0 : no_pipeline(m, NULL, called, err);
	free(called);
	return rc;
}

int run_pick_config(const struct module *m, uint32_t pipeline, const char *name,
		    uint32_t *out, struct err *err)
{
	struct suggestion s = {.wanted = str_of(name)};
	struct buf b = {0};

	*out = module_find_config(m, str_of(name), pipeline);
	if (*out != MODULE_NONE)
		return 0;
	for (uint32_t i = 0; i < m->nconfigs; i++) {
		if (m->configs[i].pipeline != pipeline)
			continue;
		suggest(&s, m->configs[i].name);
		buf_addf(&b, "\n  %.*s", STR_ARG(m->configs[i].name));
	}
	if (s.best.n)
		err_setk(err, ERR_USAGE,
			 "pipeline '%.*s' has no config '%s'; did you mean '%.*s'?",
			 STR_ARG(m->pipelines[pipeline].name), name, STR_ARG(s.best));
	else
		err_setk(err, ERR_USAGE, "pipeline '%.*s' has no config '%s'%s%s",
			 STR_ARG(m->pipelines[pipeline].name), name,
			 b.n ? "; there are:" : "", buf_cstr(&b));
	buf_release(&b);
	return -1;
}

static int read_json(const char *path, struct arena *a, const struct value **out,
		     struct err *err)
{
	struct value *v = ARENA_NEW(a, struct value);
	struct buf text = {0};
	int rc = io_read_file(path, LIMIT_FILE_BYTES, &text, err);

	if (!rc && json_parse(a, buf_str(&text), v, err))
		rc = err_wrap(err, "%s", path);
	buf_release(&text);
	*out = v;
	return rc;
}

static int read_yaml(const char *path, struct arena *a, struct config_source *out,
		     struct err *err)
{
	struct value *v = ARENA_NEW(a, struct value);
	struct buf text = {0};
	int rc = io_read_file(path, LIMIT_FILE_BYTES, &text, err);

	if (!rc && yaml_parse(a, buf_str(&text), v, &out->yaml, err))
		rc = err_wrap(err, "%s", path);
	buf_release(&text);
	out->json = v;
	return rc;
}

static bool is_yaml(const char *path)
{
	return str_has_suffix(str_of(path), STR(".yaml")) ||
	       str_has_suffix(str_of(path), STR(".yml"));
}

int run_source_param(const char *arg, struct arena *a, struct config_source *out,
		     struct err *err)
{
	struct str s = str_of(arg);
	size_t at = str_find(s, STR("="), 0);

	if (at == s.n || !at)
		return err_setk(err, ERR_USAGE, "-p wants NAME=VALUE, not '%s'", arg);
	*out = (struct config_source){
		.address = str_sub(s, 0, at),
		.text = str_sub(s, at + 1, s.n),
		.origin = STR("-p"),
	};
	if (!str_has_prefix(out->text, STR("@")))
		return 0;
	return is_yaml(out->text.p + 1) ? read_yaml(out->text.p + 1, a, out, err)
					: read_json(out->text.p + 1, a, &out->json, err);
}

int run_source_file(const char *path, struct arena *a, struct config_source *out,
		    struct err *err)
{
	*out = (struct config_source){
		.address = STR(""),
		.text = STR(""),
		.origin = arena_printf(a, "--config-file %s", path),
	};
	return is_yaml(path) ? read_yaml(path, a, out, err)
			     : read_json(path, a, &out->json, err);
}

int run_parse_jobs(const char *arg, unsigned *out, struct err *err)
{
	int64_t n;

	if (!number_int(str_of(arg), &n) || n < 1 || n > MAX_JOBS)
		return err_setk(err, ERR_USAGE,
				"-j wants a number from 1 to %d, not '%s'", MAX_JOBS,
				arg);
	*out = (unsigned)n;
	return 0;
}

static void add_outputs(const struct module_output *outputs, uint32_t n,
			const struct value *values, struct buf *out)
{
	buf_addc(out, '{');
	for (uint32_t i = 0; values && i < n; i++) {
		if (i)
			buf_addc(out, ',');
		buf_add_json(out, outputs[i].name);
		buf_addc(out, ':');
		run_json_value(values[i], out);
	}
	buf_addc(out, '}');
}

/* A metric as one number: of a series, the last point. */
static bool metric_value(const struct module_output *o, struct value v, struct value *out)
{
	*out = v;
	if (v.kind == VALUE_SERIES) {
		*out = value_float(v.series->last);
		return v.series->npoints > 0;
	}
	return type_strip(o->type)->kind == TYPE_METRIC && v.kind == VALUE_FLOAT;
}

static void add_metrics(const struct run_result *r, struct buf *out)
{
	struct buf name = {0};
	struct value v;

	buf_addc(out, '{');
	for (size_t i = 0; i < r->ntasks; i++) {
		const struct run_task_result *t = &r->tasks[i];

		for (uint32_t k = 0; t->values && k < t->noutputs; k++) {
			if (!metric_value(&t->outputs[k], t->values[k], &v))
				continue;
			buf_clear(&name);
			buf_addf(&name, "%.*s.%.*s", STR_ARG(t->path),
				 STR_ARG(t->outputs[k].name));
			if (out->p[out->n - 1] != '{')
				buf_addc(out, ',');
			buf_add_json(out, buf_str(&name));
			buf_addc(out, ':');
			json_write(v, out);
		}
	}
	buf_addc(out, '}');
	buf_release(&name);
}

static void add_task(const struct run_task_result *t, struct buf *out)
{
	buf_add_json(out, t->path);
	buf_addz(out, ":{");
	json_put_str(out, "state", str_of(task_state_name(t->state)));
	json_put_str(out, "component", t->component);
	if (t->is_covered)
		json_put_bool(out, "covered", true);
	json_put_int(out, "attempts", t->attempts);
	json_put_int(out, "ms", t->ms);
	if (t->error.n)
		json_put_str(out, "error", t->error);
	if (t->place.n)
		json_put_str(out, "place", t->place);
	if (t->reason.n)
		json_put_str(out, "reason", t->reason);
	if (t->because.n)
		json_put_str(out, "because", t->because);
	json_put_key(out, "outputs");
	add_outputs(t->outputs, t->noutputs, t->values, out);
	buf_addc(out, '}');
}

void run_report_json(const struct run_result *r, struct str error, struct buf *out)
{
	if (!r) {
		buf_addz(out, "{\"run_id\":null,\"state\":\"failed\",\"outputs\":{},"
			 "\"metrics\":{},\"tasks\":{}");
		json_put_str(out, "error", error);
		buf_addz(out, "}\n");
		return;
	}
	buf_addc(out, '{');
	json_put_str(out, "run_id", str_of(r->id));
	json_put_str(out, "state", r->state);
	json_put_key(out, "outputs");
	add_outputs(r->pipeline->outputs, r->pipeline->noutputs, r->outputs, out);
	json_put_key(out, "metrics");
	add_metrics(r, out);
	json_put_key(out, "tasks");
	buf_addc(out, '{');
	for (size_t i = 0; i < r->ntasks; i++) {
		if (i)
			buf_addc(out, ',');
		add_task(&r->tasks[i], out);
	}
	buf_addc(out, '}');
	json_put_key(out, "error");
	if (r->error.n)
		buf_add_json(out, r->error);
	else
		buf_addz(out, "null");
	json_put_int(out, "ms", r->ms);
	buf_addz(out, "}\n");
}
