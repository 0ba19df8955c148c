#include <config.h>

#include "runtime/base/buf.h"
#include "runtime/base/io.h"
#include "runtime/exec/proc.h"

struct capture {
	struct buf *out, *errs;
	size_t limit;
	struct proc *proc;	/* NULL once it ended */
	struct proc_end *end;
};

static void on_output(void *arg, bool is_stderr, struct str bytes)
{
	struct capture *c = arg;
	struct buf *b = is_stderr ? c->errs : c->out;

	if (b)
		buf_add(b, str_sub(bytes, 0, b->n < c->limit ? c->limit - b->n : 0));
}

static void on_ended(void *arg, const struct proc_end *end)
{
	struct capture *c = arg;

	*c->end = *end;
	c->proc = NULL;
}

int proc_run(const struct proc_spec *spec, int64_t timeout_ms, size_t limit,
	     struct buf *out, struct buf *errs, struct proc_end *end, struct err *err)
{
	struct capture c = {out, errs, limit, NULL, end};
	struct loop *l = loop_new(err);
	int64_t until = io_monotonic_ms() + timeout_ms;
	int rc = -1;

	if (!l)
		return -1;
	c.proc =
		proc_start(l, spec, &(struct proc_handler){on_output, on_ended, &c}, err);
	if (!c.proc)
		goto out;
	while (c.proc && io_monotonic_ms() < until)
		if (loop_step(l, until - io_monotonic_ms(), err))
			break;
	rc = c.proc ? err_set(err, "%s did not end within %lld s", spec->argv[0],
			      (long long)timeout_ms / 1000) : 0;
	proc_free(c.proc);
out:
	loop_free(l);
	return rc;
}
