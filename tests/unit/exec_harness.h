/* For tests of the executors: makes a work folder, runs one task in it to its end, and
 * keeps what was reported. */
#ifndef KFPC_TESTS_UNIT_EXEC_HARNESS_H
#define KFPC_TESTS_UNIT_EXEC_HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/env.h"
#include "runtime/exec/exec.h"
#include "tests/unit/tap.h"

enum { HARNESS_KEEP = 1 << 20, HARNESS_MAX = 16 };

struct harness {
	struct arena arena;
	struct types types;
	struct loop *loop;
	struct exec_input inputs[HARNESS_MAX];
	struct exec_output outputs[HARNESS_MAX];
	struct exec_var vars[HARNESS_MAX];
	struct exec_spec spec;
	struct exec *exec;
	struct exec_result result;
	struct buf out, err, points;
	size_t out_bytes, biggest_chunk;
	int64_t first_point_ms;
	bool ended;
	char root[256];
	unsigned count;
};

static inline void harness_output(void *arg, bool is_stderr, struct str bytes)
{
	struct harness *h = arg;
	struct buf *b = is_stderr ? &h->err : &h->out;

	h->out_bytes += is_stderr ? 0 : bytes.n;
	h->biggest_chunk = bytes.n > h->biggest_chunk ? bytes.n : h->biggest_chunk;
	if (b->n < HARNESS_KEEP)
		buf_add(b, bytes);
}

static inline void harness_point(void *arg, struct str series, int64_t step, double value,
				 int64_t time_ms)
{
	struct harness *h = arg;

	if (!h->points.n)
		h->first_point_ms = io_now_ms();
	buf_addf(&h->points, "%.*s:%lld=%g%s ", STR_ARG(series), (long long)step, value,
		 time_ms > 1600000000000 ? "" : "?");
}

static inline void harness_ended(void *arg, const struct exec_result *r)
{
	struct harness *h = arg;

	h->result = *r;
	h->ended = true;
}

static inline void harness_init(struct harness *h, const char *name)
{
	struct err err = {0};
	struct str python;

	memset(h, 0, sizeof *h);
	arena_init(&h->arena);
	types_init(&h->types);
	h->loop = loop_new(&err);
	snprintf(h->root, sizeof h->root, "/tmp/kfpc test %s %d", name, (int)getpid());
	mkdir(h->root, 0777);
	setenv("XDG_CACHE_HOME", arena_printf(&h->arena, "%s/cache", h->root).p, 1);
	setenv("XDG_CONFIG_HOME", arena_printf(&h->arena, "%s/config", h->root).p, 1);
	if (env_find_python(STR(""), &h->arena, &python, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	h->spec.python = python;
}

/* Begins the next task: no inputs, no outputs. */
static inline struct exec_spec *harness_task(struct harness *h, enum executor x,
					     const char *code)
{
	struct str folder = arena_printf(&h->arena, "%s/%u", h->root, ++h->count);

	mkdir(folder.p, 0777);
	mkdir(arena_printf(&h->arena, "%s/in", folder.p).p, 0777);
	mkdir(arena_printf(&h->arena, "%s/out", folder.p).p, 0777);
	h->spec = (struct exec_spec){
		.executor = x,
		.code = str_of(code),
		.code_name = STR("test.kfp"),
		.code_line = 10,
		.entry = STR(""),
		.task = STR("pipe/fit"),
		.run_id = STR("run-1"),
		.run_name = STR("r"),
		.attempt = 1,
		.folder = folder,
		.python = h->spec.python,
		.inputs = h->inputs,
		.outputs = h->outputs,
		.vars = h->vars,
	};
	buf_clear(&h->out);
	buf_clear(&h->err);
	buf_clear(&h->points);
	h->out_bytes = h->biggest_chunk = 0;
	h->ended = false;
	return &h->spec;
}

static inline void harness_in(struct harness *h, const char *name, const struct type *t,
			      struct value v)
{
	h->inputs[h->spec.ninputs++] = (struct exec_input){str_of(name), t, v, STR("")};
}

static inline void harness_artifact(struct harness *h, const char *name,
				    const struct type *t, const char *path,
				    const char *metadata)
{
	struct artifact *a = ARENA_NEW(&h->arena, struct artifact);

	*a = (struct artifact){.type = t,
			       .name = str_of(name),
			       .uri = STR("file:///store/x"),
			       .metadata = str_of(metadata)};
	h->inputs[h->spec.ninputs++] = (struct exec_input){
		str_of(name), t, {VALUE_ARTIFACT, {.artifact = a}}, str_of(path)};
}

static inline void harness_out(struct harness *h, const char *name, const struct type *t)
{
	h->outputs[h->spec.noutputs++] = (struct exec_output){str_of(name), t};
}

static inline void harness_start(struct harness *h)
{
	struct exec_handler handler = {harness_output, harness_point, harness_ended, h};

	h->exec = exec_start(h->loop, &h->spec, &handler, &h->arena);
}

static inline void harness_wait(struct harness *h)
{
	struct err err = {0};

	while (!h->ended && !loop_step(h->loop, 30000, &err))
		;
}

static inline enum exec_state harness_run(struct harness *h)
{
	harness_start(h);
	harness_wait(h);
	return h->result.state;
}

/* The value of output i as JSON; "-" if there is no result. */
static inline const char *harness_value(struct harness *h, unsigned i)
{
	struct buf b = {0};
	struct str s;

	if (!h->result.outputs)
		return "-";
	value_print(h->result.outputs[i].value, &b);
	s = arena_str(&h->arena, buf_str(&b));
	buf_release(&b);
	return s.p;
}

static inline const char *harness_error(struct harness *h)
{
	return arena_str(&h->arena, h->result.error).p;
}

static inline bool buf_has(const struct buf *b, const char *text)
{
	return str_find(buf_str(b), str_of(text), 0) < b->n;
}

static inline void harness_release(struct harness *h)
{
	struct err err = {0};

	loop_free(h->loop);
	io_remove_tree(h->root, &err);
	types_release(&h->types);
	buf_release(&h->out);
	buf_release(&h->err);
	buf_release(&h->points);
	arena_release(&h->arena);
}

#endif
