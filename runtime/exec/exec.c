#include <config.h>

#include "runtime/exec/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/artifact.h"
#include "runtime/exec/exec_int.h"
#include "runtime/value/json.h"

enum { POLL_MS = 100 };		/* how soon points of a Series are seen */

static const struct {
	const char *name;
	int (*command)(struct exec *e, struct command *c, struct err *err);
	void (*collect)(struct exec *e, struct exec_result *r);
} executors[EXECUTOR_N] = {
#define EXECUTOR(ID, name, command, collect, doc) {name, command, collect},
#include "runtime/exec/executor.def"
#undef EXECUTOR
};

char *exec_word(struct exec *e, struct str s)
{
	char *p = arena_alloc(&e->scratch, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

struct str exec_path(struct exec *e, const char *name)
{
	return arena_printf(&e->scratch, "%.*s/%s", STR_ARG(e->spec->folder), name);
}

struct str exec_value_path(struct exec *e, const struct exec_output *o)
{
	return arena_printf(&e->scratch, "%.*s/val/%.*s", STR_ARG(e->spec->folder),
			    STR_ARG(o->name));
}

int exec_open_left(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 && errno != ELOOP)	/* a link */
		return errno == ENOENT ? -1 : err_sys(err, "its file cannot be read");
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return err_set(err, "what lies at its path is not a plain file");
}

int exec_put_task(struct exec *e, struct str text, struct err *err)
{
	struct str result = exec_path(e, "result");

	if (io_write_file(exec_path(e, "task").p, text, 0644, false, err))
		return -1;
	return unlink(result.p) && errno != ENOENT ? err_sys(err, "%s", result.p) : 0;
}

void exec_run_self(struct exec *e, struct command *c, const char *option)
{
	vec_push(&c->argv, exec_word(e, STR("/proc/self/exe")));
	vec_push(&c->argv, exec_word(e, str_of(option)));
	vec_push(&c->argv, exec_word(e, e->spec->folder));
}

bool exec_read_result(struct exec *e, size_t limit, struct value *out, char *first)
{
	struct buf text = {0};
	struct err err = {0};
	int fd = exec_open_left(exec_path(e, "result").p, &err);
	bool ok = fd >= 0 && !io_read_fd(fd, "result", limit, &text, &err);

	if (first)
		*first = text.n ? text.p[0] : ' ';
	ok = ok && !json_parse(e->arena, buf_str(&text), out, &err) &&
	     out->kind == VALUE_DICT;
	if (fd >= 0)
		close(fd);
	buf_release(&text);
	return ok;
}

struct str exec_path_name(struct exec *e, const struct exec_output *o)
{
	switch (e->spec->executor) {
	case EXECUTOR_SHELL:
		return arena_printf(&e->scratch, "$%.*s_path", STR_ARG(o->name));
	case EXECUTOR_CONTAINER:
		return arena_printf(&e->scratch, "%.*s.path", STR_ARG(o->name));
	default:
		return arena_printf(&e->scratch, "%.*s_path", STR_ARG(o->name));
	}
}

bool exec_is_value(const struct exec_output *o)
{
	return !type_holds_artifacts(o->type) && type_strip(o->type)->kind != TYPE_SERIES;
}

struct str exec_output_path(const struct exec_output *o, struct arena *a)
{
	const struct type *t = type_strip(o->type);
	struct str tag = t->kind == TYPE_ARTIFACT ? t->tag : (struct str){"", 0};

	return arena_printf(a, "out/%.*s%s%.*s", STR_ARG(o->name), tag.n ? "." : "",
			    STR_ARG(tag));
}

void exec_fail(struct exec *e, struct exec_result *r, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	r->state = EXEC_FAILED;
	r->error = arena_str(e->arena, buf_str(&b));
	buf_release(&b);
}

/* Output and points on their way to the caller */

static void tail_add(struct exec *e, struct str s)
{
	size_t keep;

	s = str_sub(s, s.n > sizeof e->tail ? s.n - sizeof e->tail : 0, s.n);
	keep = sizeof e->tail - s.n < e->ntail ? sizeof e->tail - s.n : e->ntail;
	memmove(e->tail, e->tail + e->ntail - keep, keep);
	memcpy(e->tail + keep, s.p, s.n);
	e->ntail = keep + s.n;
}

static void output_give(struct exec *e, bool is_stderr, struct str bytes)
{
	if (is_stderr)
		tail_add(e, bytes);
	while (bytes.n) {
		e->handler.output(e->handler.arg, is_stderr,
				  str_sub(bytes, 0, PROC_CHUNK_BYTES));
		bytes = str_sub(bytes, PROC_CHUNK_BYTES, bytes.n);
	}
}

static void on_output(void *arg, bool is_stderr, struct str bytes)
{
	struct exec *e = arg;
	struct buf safe = {0};

	if (!e->secrets.n) {
		output_give(e, is_stderr, bytes);
		return;
	}
	redact_add(&e->redact[is_stderr], bytes, &safe);
	output_give(e, is_stderr, buf_str(&safe));
	buf_release(&safe);
}

static void output_end(struct exec *e)
{
	for (int i = 0; i < 2; i++) {
		struct buf safe = {0};

		redact_end(&e->redact[i], &safe);
		output_give(e, i, buf_str(&safe));
		buf_release(&safe);
	}
}

static void on_point(void *arg, struct str name, int64_t step, double value,
		     int64_t time_ms)
{
	struct exec *e = arg;

	e->handler.point(e->handler.arg, name, step, value, time_ms);
}

static void on_poll(void *arg)
{
	struct exec *e = arg;

	for (uint32_t i = 0; i < e->nseries; i++)
		series_read(&e->series[i], on_point, e);
	e->poll = loop_add_timer(e->loop, POLL_MS, on_poll, e);
}

/* The end */

static struct str redacted(struct exec *e, struct str s)
{
	struct redact r = {.secrets = e->secrets.at, .n = e->secrets.n};
	struct buf safe = {0};
	struct str out;

	if (!e->secrets.n)
		return s;
	redact_add(&r, s, &safe);
	redact_end(&r, &safe);
	out = arena_str(e->arena, buf_str(&safe));
	buf_release(&safe);
	redact_release(&r);
	return out;
}

static void exec_release(struct exec *e)
{
	loop_remove(e->loop, e->timeout);
	loop_remove(e->loop, e->poll);
	loop_remove(e->loop, e->start_failed);
	loop_remove(e->loop, e->in_process);
	for (uint32_t i = 0; i < e->nseries; i++)
		series_release(&e->series[i]);
	redact_release(&e->redact[0]);
	redact_release(&e->redact[1]);
	vec_release(&e->secrets);
	arena_release(&e->scratch);
	free(e);
}

static void exec_report(struct exec *e, struct exec_result *r)
{
	if (r->state != EXEC_OK)
		r->outputs = NULL;
	r->error = redacted(e, r->error);
	e->handler.ended(e->handler.arg, r);
	exec_release(e);
}

static void read_last_points(struct exec *e)
{
	for (uint32_t i = 0; i < e->nseries; i++)
		series_end(&e->series[i], on_point, e);
}

static void collect_series(struct exec *e, struct exec_result *r)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < e->spec->noutputs; i++) {
		struct series_reader *s = &e->series[k];
		struct series *sum;

		if (type_strip(e->spec->outputs[i].type)->kind != TYPE_SERIES)
			continue;
		k++;
		sum = arena_dup(e->arena, &s->sum, sizeof s->sum);
		r->outputs[i].value = (struct value){VALUE_SERIES, {.series = sum}};
		if (s->bad_line && r->state == EXEC_OK)
			exec_fail(e, r,
				  "output '%.*s': line %llu of its file is not a point "
				  "{\"step\": n, \"value\": x}",
				  STR_ARG(s->name), (unsigned long long)s->bad_line);
	}
}

static void collect(struct exec *e, struct exec_result *r)
{
	r->outputs = ARENA_ARRAY(e->arena, e->spec->noutputs, struct exec_output_result);
	executors[e->spec->executor].collect(e, r);
	read_last_points(e);
	collect_series(e, r);
	if (r->state != EXEC_OK)
		return;
	for (uint32_t i = 0; i < e->spec->noutputs; i++)
		if (type_is_artifact(type_strip(e->spec->outputs[i].type)))
			artifact_describe(&e->spec->outputs[i], e->spec->folder, e->arena,
					  &r->outputs[i]);
}

static void finish(struct exec *e)
{
	struct exec_result r = {
		.state = e->ended_as, .exit_code = e->end.exit_code,
		.signal = e->end.signal, .error = {"", 0}, .ms = e->end.ms,
		.max_rss_kib = e->end.max_rss_kib,
	};

	if (r.state != EXEC_OK)
		read_last_points(e);
	if (r.state == EXEC_OK)
		collect(e, &r);
	else if (r.state == EXEC_TIMED_OUT)
		r.error = arena_printf(e->arena, "it ran longer than its timeout of %g s",
				       (double)e->spec->timeout_ms / 1000);
	else
		r.error = arena_str(e->arena, STR("cancelled"));
	exec_report(e, &r);
}

static void on_ended(void *arg, const struct proc_end *end)
{
	struct exec *e = arg;

	e->end = *end;
	e->proc = NULL;
	output_end(e);
	if (!exec_container_sweep(e, finish))
		finish(e);
}

/* Collecting the outputs is all there is to do. */
static void on_in_process(void *arg)
{
	struct exec *e = arg;

	e->in_process = NULL;
	finish(e);
}

static void on_start_failed(void *arg)
{
	struct exec *e = arg;
	struct exec_result r = {
		.state =
			e->ended_as == EXEC_CANCELLED ? EXEC_CANCELLED : EXEC_NOT_STARTED,
		.exit_code = -1,
		.error = arena_str(e->arena, str_of(e->err.text)),
	};

	e->start_failed = NULL;
	exec_report(e, &r);
}

static void on_timeout(void *arg)
{
	struct exec *e = arg;

	e->timeout = NULL;
	if (e->ended_as == EXEC_OK)
		e->ended_as = EXEC_TIMED_OUT;
	proc_kill(e->proc, false);
}

pid_t exec_pid(const struct exec *e)
{
	return e->proc ? proc_pid(e->proc) : 0;
}

void exec_cancel(struct exec *e, bool force)
{
	if (e->ended_as == EXEC_OK)
		e->ended_as = EXEC_CANCELLED;
	if (e->proc)
		proc_kill(e->proc, force);
}

/* The start */

static int folder_make(struct exec *e, const char *name, struct err *err)
{
	struct str path = exec_path(e, name);

	if (mkdir(path.p, 0777) && errno != EEXIST)
		return err_sys(err, "%s", path.p);
	return 0;
}

static int folders_make(struct exec *e, struct err *err)
{
	bool has_files = false;

	for (uint32_t i = 0; i < e->spec->noutputs; i++) {
		const struct exec_output *o = &e->spec->outputs[i];

		has_files |= type_strip(o->type)->kind == TYPE_SERIES;
		has_files |= exec_is_value(o) && (e->spec->executor == EXECUTOR_SHELL ||
					   e->spec->executor == EXECUTOR_CONTAINER);
	}
	if (has_files && folder_make(e, "val", err))
		return -1;
	return executors[e->spec->executor].command ? folder_make(e, "work", err) : 0;
}

static int series_start(struct exec *e, struct err *err)
{
	const struct exec_spec *s = e->spec;

	e->series = ARENA_ARRAY(&e->scratch, s->noutputs, struct series_reader);
	for (uint32_t i = 0; i < s->noutputs; i++) {
		const struct exec_output *o = &s->outputs[i];

		if (type_strip(o->type)->kind != TYPE_SERIES)
			continue;
		if (series_open(&e->series[e->nseries], o->name, exec_value_path(e, o).p,
				err))
			return -1;
		e->nseries++;
	}
	return 0;
}

static void secrets_note(struct exec *e)
{
	for (uint32_t i = 0; i < e->spec->nvars; i++)
		if (e->spec->vars[i].is_secret && e->spec->vars[i].value.n)
			vec_push(&e->secrets, e->spec->vars[i].value);
	for (int i = 0; i < 2; i++)
		e->redact[i] =
			(struct redact){.secrets = e->secrets.at, .n = e->secrets.n};
}

static int process_start(struct exec *e, struct command *c, struct err *err)
{
	struct proc_handler h = {on_output, on_ended, e};
	struct str work = exec_path(e, "work");

	if (folders_make(e, err) || series_start(e, err))
		return -1;
	if (!executors[e->spec->executor].command) {
		e->in_process = loop_add_timer(e->loop, 0, on_in_process, e);
		return 0;
	}
	if (exec_base_env(e, c, err) || executors[e->spec->executor].command(e, c, err))
		return -1;
	vec_push(&c->argv, NULL);
	vec_push(&c->env, NULL);
	e->proc = proc_start(e->loop, &(struct proc_spec){c->argv.at, c->env.at, work.p},
			     &h, err);
	return e->proc ? 0 : -1;
}

struct exec *exec_start(struct loop *l, const struct exec_spec *spec,
			const struct exec_handler *h, struct arena *a)
{
	struct exec *e = calloc(1, sizeof *e);
	struct command c = {0};

	if (!e)
		err_nomem();
	*e = (struct exec){.loop = l, .spec = spec, .handler = *h, .arena = a};
	arena_init(&e->scratch);
	secrets_note(e);
	if (process_start(e, &c, &e->err)) {
		e->start_failed = loop_add_timer(l, 0, on_start_failed, e);
	} else {
		if (spec->timeout_ms && e->proc)
			e->timeout = loop_add_timer(l, spec->timeout_ms, on_timeout, e);
		if (e->nseries && e->proc)
			e->poll = loop_add_timer(l, POLL_MS, on_poll, e);
	}
	vec_release(&c.argv);
	vec_release(&c.env);
	return e;
}
