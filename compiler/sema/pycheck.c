#include <config.h>

#include "compiler/sema/pycheck.h"

#include "compiler/sema/pycheck.py.h"
#include "compiler/sema/pycheck_cache.py.h"
#include "compiler/sema/pycheck_hints.py.h"
#include "compiler/sema/pycheck_job.h"
#include "compiler/sema/pycheck_names.py.h"
#include "compiler/sema/pycheck_packages.py.h"
#include "runtime/base/io.h"

/* Linux takes no single argument that is longer (MAX_ARG_STRLEN). */
_Static_assert(sizeof pycheck_py + sizeof pycheck_names_py + sizeof pycheck_packages_py +
				       sizeof pycheck_hints_py + sizeof pycheck_cache_py <
		       128 << 10,
	       "the script is an argument of python3 -c");

void pycheck_script(struct buf *out)
{
	buf_add(out, (struct str){(const char *)pycheck_cache_py, pycheck_cache_py_len});
	buf_add(out,
		(struct str){(const char *)pycheck_packages_py, pycheck_packages_py_len});
	buf_add(out, (struct str){(const char *)pycheck_names_py, pycheck_names_py_len});
	buf_add(out, (struct str){(const char *)pycheck_hints_py, pycheck_hints_py_len});
	buf_add(out, (struct str){(const char *)pycheck_py, pycheck_py_len});
}

struct str pycheck_file_path(const struct pycheck_job *j, struct arena *a)
{
	const struct src_file *file = src_file_at(j->src, j->decl->span.lo);
	struct str dir = file ? io_dirname(file->path) : STR(".");
	struct str path = src_text(j->src, j->header);	/* "train.py:train", quoted */
	size_t end = path.n;

	while (end && path.p[end - 1] != ':')
		end--;
	path = end > 1 ? str_sub(path, 1, end - 1)
		       : j->m->files[j->component->code_file].path;
	return str_is(dir, ".") ? arena_str(a, path) : io_join(a, dir, path);
}

/* The first line of a code block: `python:`. */
static struct span block_header(const struct src *src, const struct node *code)
{
	struct str text = src_text(src, code->span);
	size_t n = str_find(text, STR("\n"), 0);

	return (struct span){code->span.lo, code->span.lo + (uint32_t)n};
}

/* Finds the contents among the items of the declaration; false if they are not Python. */
static bool job_find_code(struct pycheck_job *j)
{
	list_each(item, &j->decl->component.items) {
		if (item->kind == AST_CODE && j->component->code_kind == CODE_PYTHON) {
			j->code = item;
			j->header = block_header(j->src, item);
			return true;
		}
		if (item->kind != AST_BIND || j->component->code_kind != CODE_PYTHON_FILE)
			continue;
		struct node *key = item->bind.target;

		if (key->kind == AST_NAME && str_is(sym_str(key->name.name), "python")) {
			j->header = item->bind.value->span;
			return j->component->code_file < j->m->nfiles &&
			       j->m->files[j->component->code_file].text.p;
		}
	}
	return false;
}

static void say_all(const struct pycheck_job *jobs, const struct str *replies, size_t n,
		    struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		const struct pycheck_job *j = &jobs[i];

		if (!pycheck_reply(j, replies[i], a))
			diag(j->ds, j->header, W0503,
			     "the Python contents of '%.*s' were not checked: the "
			     "checker's "
			     "answer makes no sense",
			     STR_ARG(j->component->name));
	}
}

static void run_jobs(const struct pycheck_opts *opts, const struct pycheck_job *jobs,
		     size_t n, struct diags *ds)
{
	struct arena a;
	struct err err;

	arena_init(&a);
	struct str *requests = ARENA_ARRAY(&a, n, struct str);
	struct str *replies = ARENA_ARRAY(&a, n, struct str);
	struct buf b = {0};

	for (size_t i = 0; i < n; i++) {
		buf_clear(&b);
		pycheck_request(&jobs[i], &b);
		requests[i] = arena_str(&a, buf_str(&b));
	}
	if (opts->run(opts->arg, requests, replies, n, &a, &err))
		diag(ds, SPAN_NONE, W0503, "Python contents were not checked: %s",
		     err.text);
	else
		say_all(jobs, replies, n, &a);
	buf_release(&b);
	arena_release(&a);
}

void pycheck_run(const struct pycheck_opts *opts, const struct module *m,
		 struct node *const *decls, struct src *src, struct diags *ds)
{
	VEC(struct pycheck_job) jobs = {0};

	for (uint32_t i = 0; i < m->ncomponents; i++) {
		struct pycheck_job j = {.m = m, .component = &m->components[i],
					.decl = decls[i], .src = src, .ds = ds};

		if (j.decl && job_find_code(&j))
			vec_push(&jobs, j);
	}
	if (jobs.n)
		run_jobs(opts, jobs.at, jobs.n, ds);
	vec_release(&jobs);
}
