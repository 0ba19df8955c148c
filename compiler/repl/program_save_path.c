/* Paths and imports in a file that lies elsewhere. */
#include <config.h>

#include "compiler/repl/program_save.h"

#include <stdlib.h>

#include "runtime/base/io.h"

/* The folder as the system knows it; as it is where that cannot be told. */
static struct str real_of(struct arena *a, struct str path)
{
	char *real = realpath(arena_str(a, path).p, NULL);
	struct str out = real ? arena_str(a, str_of(real)) : path;

	free(real);
	return out;
}

/* "../lib/a.kfp": from folder `from` to a file, both absolute. */
static struct str relative(struct arena *a, struct str from, struct str to)
{
	struct buf b = {0};
	size_t same = 0, i = 0;
	struct str out;

	for (; i < from.n && i < to.n && from.p[i] == to.p[i]; i++)
		if (from.p[i] == '/')
			same = i + 1;
	if (i == from.n && i < to.n && to.p[i] == '/')
		same = i + 1;
	else if (same <= from.n)
		for (size_t k = same; k <= from.n; k = str_find(from, STR("/"), k) + 1)
			if (k < from.n)
				buf_addz(&b, "../");
	buf_add(&b, str_sub(to, same, to.n));
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static struct str from_here(struct saving *v, struct str file)
{
	struct arena *a = &v->in->arena;
	struct str folder = real_of(a, io_dirname(file)), here = real_of(a, v->dir);

	if (str_has_prefix(file, STR("/")))
		return file;
	if (!str_has_prefix(folder, STR("/")) || !str_has_prefix(here, STR("/")))
		return file;
	return relative(a, here, io_join(a, folder, io_basename(file)));
}

struct str save_path(struct saving *v, struct str dir, struct str path)
{
	struct arena *a = &v->in->arena;
	struct str file;

	if (!path.n || path.p[0] == '/' ||
	    str_eq(real_of(a, dir), real_of(a, v->dir)))
		return STR("");
	file = str_is(dir, ".") ? path : io_join(a, dir, path);
	file = from_here(v, file);
	return str_eq(file, path) ? STR("") : file;
}

/* The file that an import leads to; NULL: it is found wherever the new file lies. */
static const struct sema_file *target_of(const struct saving *v,
					 const struct program_item *i)
{
	struct symbol *sym = NULL;
	const struct sema_file *f;
	struct str name;
	size_t at;

	for (uint32_t k = 0; k < i->nnames && !sym; k++) {
		name = i->names[k];
		sym = map_get(&v->in->c.root->names,
			      str_sub(name, 0, str_find(name, STR("."), 0)));
		at = str_find(name, STR("."), 0);
		while (sym && sym->names && at < name.n) {
			size_t end = str_find(name, STR("."), at + 1);

			sym = map_get(sym->names, str_sub(name, at + 1, end));
			at = end;
		}
	}
	if (!sym)
		return NULL;
	f = sym->kind == SYMBOL_MODULE ? sym->module : symbol_target(sym)->file;
	return f && !f->in_library && !f->name.n ? f : NULL;
}

static bool is_hidden(const struct saving *v, const struct program_item *i, uint32_t k)
{
	return (i->hidden && i->hidden[k]) || !map_get(&v->used, i->names[k]);
}

static struct str source_of(const struct program_item *i, const struct node *n,
			    uint32_t base)
{
	return str_sub(i->of->text, n->span.lo - base, n->span.hi - base);
}

/* `from "x.kfp" import a as b, c`: of the names, those that are in use. */
static void add_names(struct saving *v, const struct program_item *i,
		      const struct node *n, uint32_t base)
{
	bool any = false;
	uint32_t k = 0;

	list_each(one, &n->from.names) {
		struct str text = source_of(i, one, base), name;
		const struct node *as;

		if (one->kind != AST_IMPORT_NAME)
			continue;
		as = one->import_name.alias;
		name = as && as->kind == AST_NAME ? sym_str(as->name.name)
						  : sym_str(one->import_name.name);
		while (k < i->nkeys && !str_eq(i->names[k], name))
			k++;
		if (k == i->nkeys || is_hidden(v, i, k))
			continue;
		buf_addf(&v->text, "%s%.*s", any ? ", " : " ", STR_ARG(text));
		any = true;
	}
	buf_addc(&v->text, '\n');
}

static void add_path(struct saving *v, const struct program_item *i,
		     const struct node *file, const struct list *path, uint32_t base)
{
	const struct sema_file *f = target_of(v, i);
	struct str here = f ? from_here(v, f->path) : STR("");
	bool moves = f && !str_eq(real_of(&v->in->arena, i->of->dir),
				  real_of(&v->in->arena, v->dir));

	if (moves) {
		buf_add_json(&v->text, here);
	} else if (file) {
		buf_add(&v->text, source_of(i, file, base));
	} else {
		bool any = false;

		list_each(part, path) {
			buf_addf(&v->text, "%s%.*s", any ? "." : "",
				 STR_ARG(source_of(i, part, base)));
			any = true;
		}
	}
}

/* Comments that stand before the import. */
static void add_comments(struct saving *v, const struct program_item *i)
{
	struct str before = str_trim(str_sub(i->of->text, i->from, i->lo));

	if (before.n)
		buf_addf(&v->text, "\n%.*s\n", STR_ARG(before));
}

void save_import(struct saving *v, uint32_t entry)
{
	const struct program_item *i = v->in->next->e.at[entry].item;
	const struct node *n = v->in->made->nodes[entry], *alias;
	uint32_t base = n->span.lo - i->lo;

	add_comments(v, i);
	if (n->kind == AST_FROM) {
		buf_addz(&v->text, "from ");
		add_path(v, i, n->from.file, &n->from.path, base);
		buf_addz(&v->text, " import");
		add_names(v, i, n, base);
		return;
	}
	alias = n->import_.alias;
	buf_addz(&v->text, "import ");
	add_path(v, i, n->import_.file, &n->import_.path, base);
	if (alias && alias->kind == AST_NAME)
		buf_addf(&v->text, " as %s", alias->name.name->s);
	buf_addc(&v->text, '\n');
}
