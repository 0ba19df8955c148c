/* The files that are open in the editor, and what they mean. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"

struct document *document_find(struct server *s, struct str uri)
{
	for (struct document *d = s->documents; d; d = d->next)
		if (str_eq(d->uri, uri))
			return d;
	return NULL;
}

struct str document_path(struct arena *a, struct str path)
{
	char *real = realpath(path.p, NULL), *folder;

	if (real)
		return str_of(real);
	folder = realpath(arena_str(a, io_dirname(path)).p, NULL);
	if (folder)
		path = io_join(a, str_of(folder), io_basename(path));
	free(folder);
	return str_of(strdup(path.p));
}

static struct document *find_path(struct server *s, const char *path)
{
	char *real = realpath(path, NULL);
	struct str wanted = real ? str_of(real) : str_of(path);
	struct document *d = s->documents;

	while (d && !str_eq(d->path, wanted) && !str_is(d->path, path))
		d = d->next;
	free(real);
	return d;
}

/* What the editor has of a file is what the file is. */
static int read_file(void *ctx, const char *path, struct buf *out, struct err *err)
{
	struct document *d = find_path(ctx, path);

	if (!d)
		return io_read_file(path, LIMIT_FILE_BYTES, out, err);
	buf_add(out, buf_str(&d->text));
	return 0;
}

struct analysis *analysis_new(struct server *s, struct str path, struct str text,
			      bool with_contents)
{
	struct analysis *a = calloc(1, sizeof *a);
	struct compile_opts opts = {.text = text, .loader = s->host->loader,
				    .flags = LOWER_ONLY_CHECK};
	struct err err;

	if (!a)
		abort();
	opts.loader.read = read_file;
	opts.loader.ctx = s;
	opts.text.p = text.p ? text.p : "";
	compilation_init(&a->c);
	a->is_read = !compile(&a->c, path.p, &opts, &err);
	if (with_contents && a->c.parts)
		s->host->check_contents(path.p, &a->c);
	allows_apply(&a->c.allows, &a->c.diags,
		     ALLOWS_CHECKED | (with_contents ? ALLOWS_PYTHON : 0));
	diag_finish(&a->c.diags);
	return a;
}

void analysis_free(struct analysis *a)
{
	if (!a)
		return;
	compilation_release(&a->c);
	free(a);
}

struct analysis *document_analysis(struct server *s, struct document *d)
{
	if (!d->analysis)
		d->analysis = analysis_new(s, d->path, buf_str(&d->text), false);
	return d->analysis->is_read ? d->analysis : NULL;
}

void document_changed(struct server *s)
{
	for (struct document *d = s->documents; d; d = d->next) {
		analysis_free(d->analysis);
		d->analysis = NULL;
		d->is_stale = d->is_unlooked = true;
	}
	contents_stop(s);
}

struct walk {
	struct server *s;
	void (*visit)(void *ctx, struct str path);
	void *ctx;
	struct arena arena;
	unsigned left;
};

static void visit_entry(struct walk *w, struct str path, unsigned depth);

static void visit_folder(struct walk *w, struct str path, unsigned depth)
{
	DIR *dir = opendir(path.p);
	struct dirent *e;

	while (dir && w->left && (e = readdir(dir)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "node_modules"))
			visit_entry(w, io_join(&w->arena, path, str_of(e->d_name)), depth);
	if (dir)
		closedir(dir);
}

static void visit_entry(struct walk *w, struct str path, unsigned depth)
{
	struct stat st;

	if (lstat(path.p, &st))
		return;
	if (S_ISDIR(st.st_mode) && depth) {
		visit_folder(w, path, depth - 1);
	} else if (S_ISREG(st.st_mode) && str_has_suffix(path, STR(".kfp")) &&
		   !find_path(w->s, path.p)) {
		w->left--;
		w->visit(w->ctx, path);
	}
}

void document_each_file(struct server *s, void (*visit)(void *ctx, struct str path),
			void *ctx)
{
	struct walk w = {.s = s, .visit = visit, .ctx = ctx, .left = LSP_FILES};

	if (s->root.n)
		visit_folder(&w, s->root, LSP_FOLDERS);
	arena_release(&w.arena);
}
