#include <config.h>

#include "runtime/exec/native_task.h"

#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/utf8.h"
#include "runtime/value/json.h"

enum { MESSAGE_BYTES = 900 };	/* of the function's own; fits in struct err with more */

struct native_ctx {
	struct kfp_ctx kfp;	/* first: what the function sees */
	const struct native_task *task;
	struct err err;		/* the first that went wrong */
};

void native_task_stage(const struct native_task *t, enum native_stage s)
{
	char byte = (char)s;

	/* Only the wording of a failure depends on it. */
	if (t->stage_fd >= 0 && pwrite(t->stage_fd, &byte, 1, 0) != 1)
		return;
}

static int point_write(const char *path, int64_t step, double value, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW), rc = 0;
	struct buf line = {0};

	if (fd < 0)
		return err_sys(err, "kfp_log: %s", path);
	buf_addf(&line, "{\"step\":%lld,\"value\":", (long long)step);
	json_write(value_float(value), &line);
	buf_addf(&line, ",\"time\":%lld}\n", (long long)io_now_ms());
	if (io_write_all(fd, buf_str(&line)))
		rc = err_sys(err, "kfp_log: %s", path);
	buf_release(&line);
	close(fd);
	return rc;
}

static int on_log(struct kfp_ctx *kfp, const char *series, int64_t step, double value)
{
	struct native_ctx *c = (struct native_ctx *)kfp;
	const struct native_task *t = c->task;
	struct err err = {0};

	for (uint32_t i = 0; series && i < t->nseries; i++) {
		if (!str_is(t->series[i].name, series))
			continue;
		if (!point_write(t->series[i].path, step, value, &err))
			return 0;
		if (!c->err.text[0])
			c->err = err;
		return -1;
	}
	if (!c->err.text[0])
		err_set(&c->err, "kfp_log: there is no Series output '%.100s'",
			series ? series : "(null)");
	return -1;
}

/* What the function says is for people and for JSON. */
static void mend_message(char *text)
{
	struct str s = str_of(text);

	for (size_t at = utf8_invalid_at(s); at < s.n; at = utf8_invalid_at(s))
		text[at] = '?';
	while (s.n && (text[s.n - 1] == '\n' || text[s.n - 1] == ' '))
		text[--s.n] = '\0';
}

static int take_results(struct native_task *t, struct arena *a, struct value *results,
			struct err *err)
{
	int rc = 0;

	for (uint32_t i = 0; i < t->sig.n; i++) {
		const struct native_arg *arg = &t->sig.args[i];

		if (!arg->is_output)
			continue;
		if (rc)
			native_drop(arg, &t->values[i]);
		else if (native_result(arg, &t->values[i], a, &results[i], err))
			rc = err_wrap(err, "output '%.*s'", STR_ARG(arg->name));
	}
	return rc;
}

int native_task_call(struct native_task *t, struct native_fn *f, struct arena *a,
		     struct value *results, int *code, struct err *err)
{
	struct native_ctx ctx = {
		.kfp = {KFP_ABI_VERSION, sizeof ctx.kfp, on_log}, .task = t,
	};
	char text[MESSAGE_BYTES];

	native_task_stage(t, NATIVE_CALLING);
	*code = native_call(f, t->values, &ctx.kfp, text, sizeof text);
	native_task_stage(t, NATIVE_READING);
	if (*code) {
		for (uint32_t i = 0; i < t->sig.n; i++)
			native_drop(&t->sig.args[i], &t->values[i]);
		mend_message(text);
		return text[0] ? err_set(err, "%s", text)
			       : err_set(err, "%s returned %d", t->symbol, *code);
	}
	if (take_results(t, a, results, err))
		return -1;
	if (ctx.err.text[0]) {
		*err = ctx.err;
		return -1;
	}
	return 0;
}
