#include <config.h>

#include "compiler/sema/sema.h"

#include <errno.h>
#include <stdlib.h>

#include "compiler/sema/search.h"
#include "runtime/base/io.h"
#include "runtime/base/limits.h"

void sema_init(struct sema *s, const struct parse_ctx *parse, struct types *types,
	       struct sema_loader loader)
{
	*s = (struct sema){.parse = *parse, .types = types, .loader = loader};
	s->error = symbol_new(s, SYMBOL_ERROR, NULL, SPAN_NONE);
	s->error->type = types->error;
	s->error->state = SYMBOL_DONE;
}

void sema_release(struct sema *s)
{
	for (size_t i = 0; i < s->files.n; i++) {
		struct sema_file *f = s->files.at[i];

		for (size_t j = 0; j < f->symbols.n; j++)
			vec_release(&f->symbols.at[j]->calls);
		vec_release(&f->symbols);
		map_release(&f->names);
		map_release(&f->configs);
	}
	for (size_t i = 0; i < s->namespaces.n; i++)
		map_release(s->namespaces.at[i]);
	allows_release(&s->allows);
	vec_release(&s->namespaces);
	vec_release(&s->values);
	for (size_t i = 0; i < s->loads.n; i++)
		vec_release(&s->loads.at[i]->calls);
	vec_release(&s->loads);
	vec_release(&s->files);
	map_release(&s->by_path);
}

/* "a/./b/../c" without what can be left out; links are not looked at. */
static struct str path_tidy(struct arena *a, struct str path)
{
	struct buf b = {0};
	struct str out;

	for (size_t lo = 0, hi; lo <= path.n; lo = hi + 1) {
		hi = str_find(path, STR("/"), lo);
		struct str part = str_sub(path, lo, hi);

		if ((!part.n && lo) || str_is(part, "."))
			continue;
		if (b.n && b.p[b.n - 1] != '/')
			buf_addc(&b, '/');
		buf_add(&b, part);
		if (!part.n)
			buf_addc(&b, '/');
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static struct str dir_at(const struct sema *s, const struct sema_file *file, uint32_t at)
{
	const struct src_file *f = file->nparts ? src_file_at(s->parse.src, at) : NULL;

	if (!f || f->index - file->parts[0].src->index >= file->nparts)
		return file->dir;
	return file->parts[f->index - file->parts[0].src->index].dir;
}

struct place_of_file sema_place(struct sema *s, const struct sema_file *file,
				struct str path, uint32_t at)
{
	struct arena *a = s->parse.arena;
	struct str dir = dir_at(s, file, at);
	struct place_of_file p = {path, {0}, file->in_library};

	if (!str_is(dir, "."))
		p.path = io_join(a, dir, path);
	p.path = path_tidy(a, p.path);
	if (file->name.n && str_is(io_dirname(file->name), "."))
		p.name = path_tidy(a, path);
	else if (file->name.n)
		p.name = path_tidy(a, io_join(a, io_dirname(file->name), path));
	return p;
}

static int read_file(struct sema *s, const char *path, struct buf *out, struct err *err)
{
	return s->loader.read ? s->loader.read(s->loader.ctx, path, out, err)
			      : io_read_file(path, LIMIT_FILE_BYTES, out, err);
}

int sema_read(struct sema *s, const struct place_of_file *p, struct buf *out,
	      struct err *err)
{
	struct str z = arena_str(s->parse.arena, p->path);

	if (memchr(z.p, 0, z.n))
		return err_set(err, "a path with a NUL byte in it");
	if (p->in_library)
		return search_read_library(s, z, out, err);
	return read_file(s, z.p, out, err);
}

struct str sema_key(struct sema *s, const struct place_of_file *p)
{
	struct arena *a = s->parse.arena;
	char *real = s->loader.read || p->in_library
			     ? NULL : realpath(arena_str(a, p->path).p, NULL);
	struct str key = arena_printf(a, "%s:%.*s", p->in_library ? "std" : "",
				      STR_ARG(real ? str_of(real) : p->path));

	free(real);
	return key;
}

static struct sema_file *file_new(struct sema *s, const struct place_of_file *p)
{
	struct sema_file *f = ARENA_NEW(s->parse.arena, struct sema_file);

	f->path = arena_str(s->parse.arena, p->path);
	f->dir = arena_str(s->parse.arena, io_dirname(p->path));
	f->name = p->name;
	f->in_library = p->in_library;
	vec_push(&s->files, f);
	map_set(&s->by_path, sema_key(s, p), f);
	return f;
}

static struct node *text_parse(struct sema *s, struct sema_file *f)
{
	struct parse_result r = parse_file(&s->parse, f->src);

	if (f == s->files.at[0])
		allows_read(&s->allows, f->src, &r, s->parse.diags);
	vec_release(&r.comments);
	return r.file;
}

static int file_parse(struct sema *s, struct sema_file *f, struct str text,
		      struct err *err)
{
	f->src = src_add(s->parse.src, f->path, text);
	if (!f->src)
		return err_set(err, "%s: the files together are larger than 4 GiB",
			       f->path.p);
	f->src->is_quiet = f->in_library && !s->loader.library;
	unsigned nerrors = s->parse.diags->nerrors;

	if (f == s->files.at[0] && s->loader.tree)
		f->tree = s->loader.tree(s->loader.ctx, s, f);
	else
		f->tree = text_parse(s, f);
	f->is_broken = s->parse.diags->nerrors > nerrors;
	f->loading = true;
	declare_file(s, f);
	f->loading = false;
	return 0;
}

struct sema_file *sema_load(struct sema *s, const char *path, struct str text,
			    struct err *err)
{
	struct place_of_file p = {strcmp(path, "-") ? str_of(path) : STR("<stdin>"),
				  {0}, false};
	struct buf b = {0};
	struct sema_file *f = NULL;

	if (!text.p && read_file(s, path, &b, err))
		goto out;
	f = file_new(s, &p);
	if (file_parse(s, f, text.p ? text : buf_str(&b), err))
		f = NULL;
out:
	buf_release(&b);
	return f;
}

static void say_cycle(struct sema *s, struct sema_file *file, struct span at,
		      const struct sema_file *target)
{
	struct diag *d = diag(s->parse.diags, at, E0602, "'%s' imports itself%s",
			      target->path.p,
			      file == target ? "" : " through other files");

	for (const struct sema_file *f = file; f != target; f = f->importer)
		diag_note(d, f->import_span, "'%s' is imported here", f->path.p);
}

/* May the file, which is loaded or being loaded, be imported? */
static struct sema_file *import_known(struct sema *s, struct sema_file *file,
				      struct span at, struct sema_file *known)
{
	if (known->loading) {
		say_cycle(s, file, at, known);
		return NULL;
	}
	return known->tree ? known : NULL;
}

static struct sema_file *import_text(struct sema *s, struct sema_file *file,
				     struct span at, const struct place_of_file *p,
				     struct str text)
{
	struct sema_file *f = file_new(s, p);
	struct err err;

	f->importer = file;
	f->import_span = at;
	f->depth = file->depth + 1;
	if (file_parse(s, f, text, &err))
		diag(s->parse.diags, at, E0601, "cannot import: %s", err.text);
	return f->tree ? f : NULL;
}

/* The file at p, loaded now if it was not; NULL if it cannot be used, which is said, or
 * told by *is_missing where there is none. */
static struct sema_file *import_file(struct sema *s, struct sema_file *file,
				     struct span at, const struct place_of_file *p,
				     bool *is_missing)
{
	struct sema_file *known = map_get(&s->by_path, sema_key(s, p)), *f = NULL;
	struct buf text = {0};
	struct err err = {0};

	*is_missing = false;
	if (known)
		return import_known(s, file, at, known);
	if (file->depth + 1 >= LIMIT_IMPORT_DEPTH)
		diag(s->parse.diags, at, E0605,
		     "imports are nested more than %d files deep", LIMIT_IMPORT_DEPTH);
	else if (!sema_read(s, p, &text, &err))
		f = import_text(s, file, at, p, buf_str(&text));
	else if (err.sys == ENOENT || err.sys == ENOTDIR)
		*is_missing = true;
	else
		diag(s->parse.diags, at, E0601, "cannot import: %s", err.text);
	buf_release(&text);
	return f;
}

static struct sema_file *import_path(struct sema *s, struct sema_file *file,
				     struct span at, struct str path)
{
	struct place_of_file p = sema_place(s, file, path, at.lo);
	bool is_missing;
	struct sema_file *f = import_file(s, file, at, &p, &is_missing);

	if (is_missing)
		diag(s->parse.diags, at, E0601, "cannot import: there is no file %.*s",
		     STR_ARG(p.path));
	return f;
}

static struct sema_file *import_dotted(struct sema *s, struct sema_file *file,
				       struct span at, const struct list *names)
{
	struct place_of_file p;
	bool is_missing = true;
	struct sema_file *f = NULL;

	for (size_t i = 0; is_missing && search_place(s, file, names, i, &p); i++)
		f = import_file(s, file, at, &p, &is_missing);
	if (is_missing)
		search_say_missing(s, file, names, at);
	return f;
}

static struct span path_span(const struct list *path, const struct node *file)
{
	return file ? file->span : span_join(path->first->span, path->last->span);
}

/* What an import names: the file, or NULL after saying why not. */
static struct sema_file *import_named(struct sema *s, struct sema_file *file,
				      const struct list *path, const struct node *text)
{
	struct span at;

	if (!path->n && (!text || text->kind != AST_STRING))
		return NULL;
	at = path_span(path, text);
	if (text) {
		struct str p = text->string.value;

		if (!p.n) {
			diag(s->parse.diags, at, E0606, "an import without a path");
			return NULL;
		}
		if (str_has_suffix(p, STR(".yaml")) || str_has_suffix(p, STR(".yml"))) {
			diag(s->parse.diags, at, E0903,
			     "importing YAML is not supported in this version yet");
			return NULL;
		}
		return import_path(s, file, at, p);
	}
	return import_dotted(s, file, at, path);
}

static struct symbol *module_symbol(struct sema *s, const struct node *name,
				    struct sema_file *module)
{
	struct symbol *sym = symbol_new(s, module ? SYMBOL_MODULE : SYMBOL_ERROR,
					name->name.name,
					name->span);

	sym->module = module;
	sym->state = SYMBOL_DONE;
	return sym;
}

/* import a.b: `a` becomes a name whose part `b` is the file; a second `import a.c` adds
 * to it. */
static void declare_dotted(struct sema *s, struct sema_file *file, struct node *item,
			   struct sema_file *module)
{
	struct map *names = &file->names;

	list_each(part, &item->import_.path) {
		struct symbol *sym = map_get(names, sym_str(part->name.name));
		bool is_module = sym && sym->kind == SYMBOL_MODULE;

		if (!part->next && is_module && (!sym->module || sym->module == module)) {
			sym->module = module;
			return;
		}
		if (!is_module || !part->next) {
			sym = module_symbol(s, part, part->next ? NULL : module);
			if (part->next)
				sym->kind = SYMBOL_MODULE;
			if (names == &file->names)
				file_declare(s, file, sym);
			else
				map_set(names, sym_str(sym->name), sym);
		}
		if (part->next && !sym->names) {
			sym->names = ARENA_NEW(s->parse.arena, struct map);
			vec_push(&s->namespaces, sym->names);
		}
		names = sym->names;
	}
}

static void import_module(struct sema *s, struct sema_file *file, struct node *item)
{
	struct sema_file *module = import_named(s, file, &item->import_.path,
						item->import_.file);
	struct node *alias = item->import_.alias;

	if (alias && alias->kind == AST_NAME)
		file_declare(s, file, module_symbol(s, alias, module));
	else if (!item->import_.file)	/* a path without a name is the parser's to say */
		declare_dotted(s, file, item, module);
}

/* Aliases are tied to what they stand for once all files have declared their names: the
 * files that this one imports have by now. */
static void import_names(struct sema *s, struct sema_file *file, struct node *item)
{
	struct sema_file *module = import_named(s, file, &item->from.path,
						item->from.file);
	struct scope c;

	scope_init(&c, s, file, PLACE_CONST);
	list_each(n, &item->from.names) {
		if (n->kind != AST_IMPORT_NAME)
			continue;
		struct symbol source = {.kind = SYMBOL_MODULE, .module = module};
		struct node *as = n->import_name.alias;
		bool named = as && as->kind == AST_NAME;
		struct symbol *sym = symbol_new(
			s, SYMBOL_ALIAS, named ? as->name.name : n->import_name.name,
			named ? as->span : n->span);

		sym->state = SYMBOL_DONE;
		if (module)
			sym->target = module_member(&c, &source, n->import_name.name,
						    n->span);
		if (!sym->target)
			sym->kind = SYMBOL_ERROR;
		file_declare(s, file, sym);
	}
	scope_release(&c);
}

void load_import(struct sema *s, struct sema_file *file, struct node *item)
{
	if (item->kind == AST_IMPORT)
		import_module(s, file, item);
	else
		import_names(s, file, item);
}
