/* Artifacts: a line about each, and what is in it. */
#include <config.h>

#include <unistd.h>

#include "compiler/repl/show.h"
#include "runtime/base/human.h"
#include "runtime/base/table.h"
#include "runtime/base/uri.h"
#include "runtime/store/model.h"
#include "runtime/store/tree.h"
#include "runtime/value/json.h"

enum {
	SHOWN_DIGEST = 12,
	SHOWN_FILES = 10,
	SHOWN_METADATA = 10,
	TEXT_BYTES = 1 << 20,	/* a larger file is not looked into */
};

static bool extends(const struct type *t, const char *name)
{
	for (; t; t = t->base)
		if (str_is(t->name, name))
			return true;
	return false;
}

static struct value metadata(const struct show *s, const struct artifact *f)
{
	struct value v = VALUE_NONE_V;

	if (json_parse(s->a, f->metadata, &v, NULL))
		return VALUE_NONE_V;
	return v;
}

/* ", 150 rows x 4 columns" */
static void add_shape(struct value meta, struct buf *out)
{
	const struct value *rows = value_get(meta, STR("rows"));
	const struct value *columns = value_get(meta, STR("columns"));
	bool has_rows = rows && rows->kind == VALUE_INT;

	if (has_rows)
		buf_addf(out, ", %lld row%s", (long long)rows->i,
			 rows->i == 1 ? "" : "s");
	if (columns && columns->kind == VALUE_LIST)
		buf_addf(out, "%s%zu column%s", has_rows ? " x " : ", ", columns->list->n,
			 columns->list->n == 1 ? "" : "s");
}

static void add_head(const struct show *s, struct str name, const struct artifact *f,
		     struct value meta, struct buf *out)
{
	show_name(s, name, out);
	buf_addf(out, "%s%.*s", name.n ? ": " : "", STR_ARG(type_name(f->type, s->a)));
	if (f->is_tree)
		buf_addz(out, ", a folder");
	if (meta.kind == VALUE_DICT)
		add_shape(meta, out);
	buf_addz(out, ", ");
	human_size(out, f->size_bytes);
	buf_addc(out, '\n');
}

/* The path of its file; shorter where that is below the current folder. */
static const char *file_of(const struct show *s, const struct artifact *f)
{
	struct digest d;

	if (!s->store || !digest_parse(f->digest, &d))
		return NULL;
	return cas_path(s->store, &d, s->a).p;
}

static void add_path(const struct show *s, const char *path, struct buf *out)
{
	char here[4096];
	struct str shown = str_of(path), dir;

	if (getcwd(here, sizeof here)) {
		dir = str_of(here);
		if (str_has_prefix(shown, dir) && shown.n > dir.n &&
		    shown.p[dir.n] == '/')
			shown = str_sub(shown, dir.n + 1, shown.n);
	}
	buf_addz(out, "  ");
	show_dim(s, shown, out);
	buf_addc(out, '\n');
}

/* What the code said of it, and no table or bundle tells. */
static void add_metadata(const struct show *s, struct value meta, bool is_dataset,
			 struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; meta.kind == VALUE_DICT && i < meta.dict->n; i++) {
		const struct value_pair *p = &meta.dict->at[i];
		struct buf text = {0};

		if (is_dataset && (str_is(p->key, "rows") || str_is(p->key, "columns") ||
				   str_is(p->key, "format")))
			continue;
		if (n++ == SHOWN_METADATA) {
			buf_addz(out, "  ...\n");
			break;
		}
		buf_addf(&text, "%.*s: ", STR_ARG(p->key));
		value_print_literal(p->value, NULL, &text);
		show_line(s, "  ", buf_str(&text), out);
		buf_release(&text);
	}
}

static struct str part_size(const struct show *s, const struct model_part_info *p)
{
	struct buf b = {0};
	struct str text;

	if (p->blob.digest.hex[0] && p->blob.size_bytes)
		human_size(&b, p->blob.size_bytes);
	text = arena_str(s->a, buf_str(&b));
	buf_release(&b);
	return text;
}

static void add_model(const struct show *s, const struct artifact *f, struct buf *out)
{
	const struct view_artifact of = {.manifest = f->manifest};
	struct table *t = table_new(s->a, 5);
	struct model m;

	if (!s->store || model_load(s->store, &of, s->a, &m, NULL))
		return;
	for (int p = 0; p < MODEL_NPARTS; p++) {
		const struct model_part_info *part = &m.parts[p];
		struct buf note = {0};

		buf_add_printable(&note, part->note, false);
		table_cell(t, STR(""));
		table_cell(t, str_of(model_part_names[p]));
		table_cell(t, part_size(s, part));
		table_cell(t, str_sub(part->digest, 0, SHOWN_DIGEST));
		table_cell(t, arena_str(s->a, buf_str(&note)));
		buf_release(&note);
	}
	table_print(t, s->columns, out);
}

static void add_folder(const struct show *s, const struct artifact *f, struct buf *out)
{
	struct table *t = table_new(s->a, 3);
	struct tree tree = {0};
	struct digest d;

	if (!s->store || !digest_parse(f->digest, &d) ||
	    tree_load(s->store, &d, s->a, &tree, NULL))
		return;
	table_right(t, 2);
	for (size_t i = 0; i < tree.entries.n && i < SHOWN_FILES; i++) {
		const struct tree_entry *e = &tree.entries.at[i];
		struct buf name = {0}, size = {0};

		buf_add_printable(&name, e->name, false);
		buf_addz(&name, e->kind == TREE_DIR ? "/" : "");
		human_size(&size, e->size_bytes);
		table_cell(t, STR(""));
		table_cell(t, arena_str(s->a, buf_str(&name)));
		table_cell(t, arena_str(s->a, buf_str(&size)));
		buf_release(&name);
		buf_release(&size);
	}
	table_print(t, 0, out);
	if (tree.entries.n > SHOWN_FILES)
		buf_addf(out, "  ... %zu more\n", tree.entries.n - SHOWN_FILES);
	vec_release(&tree.entries);
}

static bool is_text(const struct type *t)
{
	static const char *const tags[] = {"json", "jsonl", "txt", "md", "yaml", "tsv",
					   "xml", "toml", "log"};

	if (extends(t, "Markdown"))
		return true;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (str_is(t->tag, tags[i]))
			return true;
	return false;
}

void show_artifact(const struct show *s, struct str name, const struct artifact *f,
		   struct buf *out)
{
	struct value meta = metadata(s, f);
	bool is_dataset = extends(f->type, "Dataset");
	const char *path = file_of(s, f);

	add_head(s, name, f, meta, out);
	add_metadata(s, meta, is_dataset, out);
	if (f->manifest.n)
		add_model(s, f, out);
	else if (f->is_tree)
		add_folder(s, f, out);
	else if (path && str_is(f->type->tag, "csv") && show_csv(s, path, out))
		return;
	else if (path && f->size_bytes <= TEXT_BYTES && is_text(f->type))
		show_head(s, path, out);
	if (path && !f->is_tree && !f->manifest.n)
		add_path(s, path, out);
}
