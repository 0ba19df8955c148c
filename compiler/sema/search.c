#include <config.h>

#include "compiler/sema/search.h"

#include <dirent.h>
#include <errno.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "stdlib/library.h"

enum { ENTRIES_MAX = 1000 };	/* of a folder, that are looked at for a suggestion */

static struct str kept(struct sema *s, struct buf *b)
{
	struct str out = arena_str(s->parse.arena, buf_str(b));

	buf_release(b);
	return out;
}

/* The names with `between` between them and `end` after them. */
static struct str joined(struct sema *s, const struct list *names, const char *between,
			 const char *end)
{
	struct buf b = {0};

	list_each(n, names) {
		buf_addz(&b, b.n ? between : "");
		buf_add(&b, sym_str(n->name.name));
	}
	buf_addz(&b, end);
	return kept(s, &b);
}

int search_read_library(struct sema *s, struct str path, struct buf *out,
			struct err *err)
{
	const char *folder = s->loader.library;
	struct str text;

	if (folder)
		return io_read_file(io_join(s->parse.arena, str_of(folder), path).p,
				    LIMIT_FILE_BYTES, out, err);
	if (!library_find(path, &text)) {
		err_set(err, "%.*s: not in the standard library", STR_ARG(path));
		err->sys = ENOENT;
		return -1;
	}
	buf_add(out, text);
	return 0;
}

/* "std.data" of the library's i-th file; empty for what is no module, NULL after all. */
static struct str library_module(struct sema *s, size_t i)
{
	struct str path = str_of(library_path(i));
	struct buf b = {0};

	if (!path.p)
		return path;
	if (!str_has_suffix(path, STR(".kfp")))
		return STR("");
	for (size_t k = 0; k + 4 < path.n; k++)
		buf_addc(&b, path.p[k] == '/' ? '.' : path.p[k]);
	return kept(s, &b);
}

static void list_library(struct sema *s, struct diag *d)
{
	struct buf b = {0};
	struct str module;

	for (size_t i = 0; (module = library_module(s, i)).p; i++)
		if (module.n)
			buf_addf(&b, "%s%.*s", b.n ? ", " : "", STR_ARG(module));
	diag_note(d, SPAN_NONE, "it has %.*s", STR_ARG(buf_str(&b)));
	buf_release(&b);
}

static void suggest_library(struct sema *s, struct suggestion *best)
{
	struct str module;

	for (size_t i = 0; (module = library_module(s, i)).p; i++)
		if (module.n)
			suggest(best, module);
}

/* A name of the library without its `std`, such as `csv`: what Python would have. */
static bool propose_library(struct sema *s, const struct list *names, struct span at,
			    struct diag *d)
{
	struct str wanted = joined(s, names, ".", ""), text;
	struct str path = arena_printf(s->parse.arena, "std/%.*s.kfp", STR_ARG(wanted));

	if (names->n != 1 || !library_find(path, &text))
		return false;
	diag_propose(d, at, arena_printf(s->parse.arena, "std.%.*s", STR_ARG(wanted)),
		     "the standard library has 'std.%.*s'", STR_ARG(wanted));
	return true;
}

/* The modules that lie where this one was looked for in one folder of the path. */
static void suggest_folder(struct sema *s, struct str folder, const struct list *names,
			   struct suggestion *best)
{
	struct str rest = joined(s, names, "/", "");
	size_t stem = rest.n - sym_str(names->last->name.name).n;
	struct str dir = stem ? io_join(s->parse.arena, folder, str_sub(rest, 0, stem))
			      : folder;
	DIR *open_dir = opendir(arena_str(s->parse.arena, dir).p);
	struct dirent *e;

	for (int i = 0; open_dir && i < ENTRIES_MAX && (e = readdir(open_dir)); i++) {
		struct str name = str_of(e->d_name);
		struct buf b = {0};

		if (!str_has_suffix(name, STR(".kfp")))
			continue;
		buf_add(&b, str_sub(rest, 0, stem));
		buf_add(&b, str_sub(name, 0, name.n - 4));
		for (size_t k = 0; k < stem; k++)
			b.p[k] = b.p[k] == '/' ? '.' : b.p[k];
		suggest(best, kept(s, &b));
	}
	if (open_dir)
		closedir(open_dir);
}

static void say_not_in_library(struct sema *s, const struct list *names, struct span at)
{
	struct str wanted = joined(s, names, ".", "");
	struct suggestion best = {.wanted = wanted};
	struct diag *d;

	if (names->n == 1)
		d = diag(s->parse.diags, at, E0606,
			 "'std' is the standard library: an import names one of its "
			 "modules, "
			 "as in 'import std.data as data'");
	else
		d = diag(s->parse.diags, at, E0601, "the standard library has no '%.*s'",
			 STR_ARG(wanted));
	if (s->loader.library) {
		diag_note(d, SPAN_NONE, "it was looked for in %s (KFPC_STDLIB)",
			  s->loader.library);
		suggest_folder(s, str_of(s->loader.library), names, &best);
	} else {
		list_library(s, d);
		suggest_library(s, &best);
	}
	diag_suggest(d, at, &best);
}

static void say_not_found(struct sema *s, const struct sema_file *file,
			  const struct list *names, struct span at)
{
	const struct sema_loader *loader = &s->loader;
	struct str wanted = joined(s, names, ".", "");
	struct suggestion best = {.wanted = wanted};
	struct diag *d = diag(s->parse.diags, at, E0601, "there is no module '%.*s'",
			      STR_ARG(wanted));

	diag_note(d, SPAN_NONE, "looked for %.*s in %.*s (the folder of this file)",
		  STR_ARG(joined(s, names, "/", ".kfp")), STR_ARG(file->dir));
	for (size_t i = 0; i < loader->nfolders; i++)
		diag_note(d, SPAN_NONE, "and in %s (%s)", loader->folders[i].path,
			  loader->folders[i].origin);
	if (!loader->nfolders)
		diag_note(d, SPAN_NONE, "-I and KFPC_PATH name more folders to look in");
	if (propose_library(s, names, at, d))
		return;
	if (!loader->read) {
		suggest_folder(s, file->dir, names, &best);
		for (size_t i = 0; i < loader->nfolders; i++)
			suggest_folder(s, str_of(loader->folders[i].path), names, &best);
	}
	suggest_library(s, &best);
	diag_suggest(d, at, &best);
}

static bool is_library(const struct list *names)
{
	return str_is(sym_str(names->first->name.name), "std");
}

bool search_place(struct sema *s, const struct sema_file *file, const struct list *names,
		  size_t i, struct place_of_file *out)
{
	struct str path = joined(s, names, "/", ".kfp");

	if (is_library(names)) {
		*out = (struct place_of_file){path, path, true};
		return !i && names->n > 1;
	}
	if (!i) {
		*out = sema_place(s, file, path, names->first->span.lo);
		return true;
	}
	if (i > s->loader.nfolders)
		return false;
	out->path = io_join(s->parse.arena, str_of(s->loader.folders[i - 1].path), path);
	out->name = path;
	out->in_library = false;
	return true;
}

void search_say_missing(struct sema *s, const struct sema_file *file,
			const struct list *names, struct span at)
{
	if (is_library(names))
		say_not_in_library(s, names, at);
	else
		say_not_found(s, file, names, at);
}
