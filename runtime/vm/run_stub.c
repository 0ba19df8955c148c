#include <config.h>

#include "runtime/vm/run_stub.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/vm/runner.h"

bool run_stub_has(const struct runner *r, const struct module_component *c)
{
	for (uint32_t i = 0; i < r->opts->nstubs; i++)
		if (&r->m->components[r->opts->stubs[i].component] == c)
			return true;
	return false;
}

static bool fits(const struct run_stub *s, const struct sched_task *t)
{
	for (uint32_t i = 0; s->is_given && i < t->component->nparams; i++)
		if (s->is_given[i] && !value_eq(s->args[i], t->args[i]))
			return false;
	return true;
}

static const struct run_stub *find(const struct attempt *at)
{
	for (uint32_t i = 0; i < at->r->opts->nstubs; i++) {
		const struct run_stub *s = &at->r->opts->stubs[i];

		if (&at->r->m->components[s->component] == at->t->component &&
		    fits(s, at->t))
			return s;
	}
	return NULL;
}

static int copy_file(const char *from, const char *to, struct err *err)
{
	struct buf text = {0};
	int rc = io_read_file(from, LIMIT_FILE_BYTES, &text, err);

	rc = rc ? rc : io_write_file(to, buf_str(&text), 0644, false, err);
	buf_release(&text);
	return rc;
}

static int copy(struct arena *a, struct str from, struct str to, unsigned depth,
		struct err *err);

static int copy_folder(struct arena *a, struct str from, struct str to, unsigned depth,
		       struct err *err)
{
	struct dirent *e;
	int rc = 0;
	DIR *d;

	if (mkdir(to.p, 0755))
		return err_sys(err, "%s", to.p);
	d = opendir(from.p);
	if (!d)
		return err_sys(err, "%s", from.p);
	while (!rc && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			rc = copy(a, io_join(a, from, str_of(e->d_name)),
				  io_join(a, to, str_of(e->d_name)), depth + 1, err);
	closedir(d);
	return rc;
}

static int copy(struct arena *a, struct str from, struct str to, unsigned depth,
		struct err *err)
{
	struct stat st;

	if (depth > LIMIT_NESTING)
		return err_setk(err, ERR_INPUT, "%s: folders are nested too deeply",
				from.p);
	if (stat(from.p, &st))
		return err_sys(err, "%s", from.p);
	if (S_ISDIR(st.st_mode))
		return copy_folder(a, from, to, depth, err);
	if (!S_ISREG(st.st_mode))
		return err_setk(err, ERR_INPUT, "%s: neither a file nor a folder",
				from.p);
	return copy_file(from.p, to.p, err);
}

static struct value make_series(struct attempt *at, struct value list)
{
	struct series *s = ARENA_NEW(at->a, struct series);

	*s = (struct series){(int64_t)list.list->n, (double)NAN, (double)NAN,
			     (double)NAN};
	for (size_t i = 0; i < list.list->n; i++) {
		double x = list.list->at[i].f;

		s->min = !i || x < s->min ? x : s->min;
		s->max = !i || x > s->max ? x : s->max;
		s->last = x;
	}
	return (struct value){VALUE_SERIES, {.series = s}};
}

/* Fills the outputs, as an executor would have. */
static int play(struct attempt *at, const struct run_stub *s,
		const struct exec_handler *h, struct exec_result *result, struct err *err)
{
	result->outputs =
		ARENA_ARRAY(at->a, at->spec.noutputs, struct exec_output_result);
	for (uint32_t i = 0; i < at->spec.noutputs; i++) {
		struct exec_output_result *out = &result->outputs[i];
		struct value v = s->values[i];

		*out = (struct exec_output_result){v, STR(""), STR("")};
		if (s->files[i].n &&
		    copy(at->a, s->files[i],
			 io_join(at->a, at->spec.folder,
				 exec_output_path(&at->outputs[i], at->a)), 0, err))
			return -1;
		if (type_strip(at->outputs[i].type)->kind != TYPE_SERIES ||
		    v.kind != VALUE_LIST)
			continue;
		for (size_t k = 0; k < v.list->n; k++)
			h->point(h->arg, at->outputs[i].name, (int64_t)k, v.list->at[k].f,
				 io_now_ms());
		out->value = make_series(at, v);
	}
	return 0;
}

void run_stub_play(struct attempt *at, const struct exec_handler *h)
{
	const struct run_stub *s = find(at);
	struct exec_result result = {.state = EXEC_FAILED, .exit_code = 1};
	struct err err;

	if (!s)
		result.error =
			arena_printf(at->a, "no stub of '%.*s' is for these arguments",
				     STR_ARG(at->t->component->name));
	else if (s->error.n)
		result.error = s->error;
	else if (play(at, s, h, &result, &err))
		result.error = arena_str(at->a, str_of(err.text));
	else
		result = (struct exec_result){.state = EXEC_OK, .error = STR(""),
					      .outputs = result.outputs};
	h->ended(h->arg, &result);
}
