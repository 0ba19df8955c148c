/* A process of its own for each native task: this very program, started again, so that
 * nothing is shared with the scheduler and a big parent costs nothing (a fork of 512 MiB
 * takes 26 ms). */
#include <config.h>

#include "runtime/exec/native_host.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/exec/native_task.h"
#include "runtime/value/json.h"

enum { UNUSABLE = 126 };	/* exit status: the task could not even be read */

struct host {
	struct arena arena;
	struct types types;
	struct native_task task;
	struct str result;	/* path of what we leave */
};

static const char *word(struct host *h, struct str s)
{
	return arena_str(&h->arena, s).p;
}

static const struct value_list *list_of(struct value v)
{
	static const struct value_list empty;

	return v.kind == VALUE_LIST ? v.list : &empty;
}

static void set_paths(struct host *h, struct value v, struct native_value *out)
{
	const struct value_list *l = list_of(v);
	const char **paths = ARENA_ARRAY(&h->arena, l->n + 1, const char *);

	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].kind == VALUE_STR)
			paths[i] = word(h, *l->at[i].s);
	out->paths = paths;
	out->npaths = (int64_t)l->n;
}

static void set_value(struct host *h, enum native_kind kind, struct value v,
		      struct native_value *out)
{
	struct value number;

	out->is_none = v.kind == VALUE_NONE;
	if (out->is_none)
		return;
	if (kind == NATIVE_INT && v.kind == VALUE_INT)
		out->i = v.i;
	else if (kind == NATIVE_BOOL && v.kind == VALUE_BOOL)
		out->b = v.b;
	else if (kind == NATIVE_TEXT && v.kind == VALUE_STR)
		out->text = word(h, *v.s);
	else if (kind == NATIVE_PATHS)
		set_paths(h, v, out);
	else if (kind == NATIVE_FLOAT &&
		 !json_to_type(&h->arena, v, h->types.floating, &number, NULL))
		out->f = number.f;
}

/* [name, kind, is_output, is_optional, value] */
static void read_args(struct host *h, const struct value_list *l)
{
	struct native_arg *args = ARENA_ARRAY(&h->arena, l->n, struct native_arg);

	h->task.values = ARENA_ARRAY(&h->arena, l->n, struct native_value);
	h->task.sig.args = args;
	h->task.sig.n = (uint32_t)l->n;
	for (size_t i = 0; i < l->n; i++) {
		const struct value *at = list_of(l->at[i])->at;

		if (list_of(l->at[i])->n != 5 || at[0].kind != VALUE_STR ||
		    at[1].i < 0 || at[1].i >= NATIVE_NKINDS)
			BUG("a native task of another form");
		args[i] = (struct native_arg){*at[0].s, (enum native_kind)at[1].i,
					      at[2].b, at[3].b};
		if (!args[i].is_output)
			set_value(h, args[i].kind, at[4], &h->task.values[i]);
	}
}

/* [name, path] */
static void read_series(struct host *h, const struct value_list *l)
{
	h->task.series = ARENA_ARRAY(&h->arena, l->n, struct native_series);
	for (size_t i = 0; i < l->n; i++) {
		const struct value_list *pair = list_of(l->at[i]);

		if (pair->n == 2 && pair->at[0].kind == VALUE_STR &&
		    pair->at[1].kind == VALUE_STR)
			h->task.series[h->task.nseries++] = (struct native_series){
				*pair->at[0].s, word(h, *pair->at[1].s)};
	}
	h->task.sig.has_ctx = h->task.nseries > 0;
}

static int read_task(struct host *h, const char *folder, struct err *err)
{
	struct str path = arena_printf(&h->arena, "%s/task", folder);
	struct buf text = {0};
	struct value v;
	int rc = io_read_file(path.p, LIMIT_FILE_BYTES, &text, err);

	if (!rc)
		rc = json_parse(&h->arena, buf_str(&text), &v, err);
	buf_release(&text);
	if (rc)
		return -1;
	if (v.kind != VALUE_DICT || !value_get(v, STR("args")) ||
	    !value_get(v, STR("series")))
		return err_set(err, "%s: not a native task", path.p);
	h->task.library = word(h, value_get_str(v, "library"));
	h->task.symbol = word(h, value_get_str(v, "symbol"));
	read_args(h, list_of(*value_get(v, STR("args"))));
	read_series(h, list_of(*value_get(v, STR("series"))));
	return 0;
}

static int write_result(struct host *h, int code, const struct value *results,
			const struct err *failed, struct err *err)
{
	struct buf b = {0};
	const char *comma = "";
	int rc;

	buf_addc(&b, '{');
	json_put_int(&b, "code", code);
	if (failed) {
		json_put_str(&b, "error", str_of(failed->text));
	} else {
		json_put_key(&b, "values");
		buf_addc(&b, '{');
		for (uint32_t i = 0; i < h->task.sig.n; i++) {
			if (!h->task.sig.args[i].is_output)
				continue;
			buf_addz(&b, comma);
			buf_add_json(&b, h->task.sig.args[i].name);
			buf_addz(&b, ": ");
			json_write(results[i], &b);
			comma = ", ";
		}
		buf_addc(&b, '}');
	}
	buf_addz(&b, "}\n");
	rc = io_write_file(h->result.p, buf_str(&b), 0644, false, err);
	buf_release(&b);
	return rc;
}

static int run(struct host *h, struct err *err)
{
	struct value *results = ARENA_ARRAY(&h->arena, h->task.sig.n, struct value);
	struct err failed = {0};
	struct native_fn *f;
	int code = 0, rc;

	native_task_stage(&h->task, NATIVE_LOADING);
	f = native_open(h->task.library, h->task.symbol, &h->task.sig, &failed);
	rc = f ? native_task_call(&h->task, f, &h->arena, results, &code, &failed) : -1;
	native_close(f);
	return write_result(h, code, results, rc ? &failed : NULL, err);
}

int native_host(const char *folder)
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct host h = {0};
	struct err err = {0};
	int rc;

	/* A sanitizer's handlers would make an exit status of what is a signal. */
	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		signal(fatal[i], SIG_DFL);
	arena_init(&h.arena);
	types_init(&h.types);
	h.result = arena_printf(&h.arena, "%s/result", folder);
	h.task.stage_fd = open(h.result.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			       0644);
	rc = read_task(&h, folder, &err) || run(&h, &err) ? UNUSABLE : 0;
	if (rc)
		fprintf(stderr, "kfpc: %s\n", err.text);
	if (h.task.stage_fd >= 0)
		close(h.task.stage_fd);
	types_release(&h.types);
	arena_release(&h.arena);
	return rc;
}
