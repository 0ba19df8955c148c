#include <config.h>

#include <stdio.h>

#include "compiler/cli/look.h"
#include "runtime/store/model.h"
#include "runtime/value/json.h"

struct listing {
	struct cli *cli;
	const struct look *look;
	struct table *table;
	struct buf *out;
	size_t n;
};

static struct str size_text(struct cli *c, int64_t bytes)
{
	struct buf b = {0};
	struct str s;

	human_size(&b, bytes);
	s = arena_str(&c->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

/* A part that is not there is worth seeing too. */
static void add_part(struct listing *l, enum model_part p,
		     const struct model_part_info *info)
{
	struct cli *c = l->cli;

	table_cell(l->table, arena_printf(&c->arena, "  %s", model_part_names[p]));
	table_cell(l->table, info->blob.is_tree ? STR("folder") : STR(""));
	table_cell(l->table, info->blob.size_bytes
				     ? size_text(c, info->blob.size_bytes) : STR(""));
	table_cell(l->table, info->digest.n
				     ? look_text(c, str_sub(info->digest, 0, LOOK_DIGEST))
				     : STR("missing"));
	table_cell(l->table, look_text(c, info->note));
}

static void add_model(struct listing *l, struct str name, const struct view_artifact *a)
{
	struct model m;
	struct err err;

	if (model_load(l->look->store, a, &l->cli->arena, &m, &err)) {
		fprintf(stderr, "kfpc: the manifest of %.*s: %s\n", STR_ARG(name),
			err.text);
		return;
	}
	for (int p = 0; p < MODEL_NPARTS; p++)
		add_part(l, (enum model_part)p, &m.parts[p]);
}

static void add_row(struct listing *l, struct str name, const struct view_artifact *a)
{
	struct cli *c = l->cli;

	table_cell(l->table, look_text(c, name));
	table_cell(l->table, look_text(c, a->type));
	table_cell(l->table, size_text(c, a->blob.size_bytes));
	table_cell(l->table, arena_printf(&c->arena, "%.*s", LOOK_DIGEST,
					  a->blob.digest.hex));
	table_cell(l->table, look_text(c, a->format));
	if (a->manifest.n)
		add_model(l, name, a);
}

static void add_json(struct listing *l, struct str task, struct str name, struct value v,
		     const struct view_artifact *a)
{
	struct model m;
	struct err err;

	buf_addc(l->out, '{');
	json_put_str(l->out, "task", task);
	json_put_str(l->out, "output", name);
	json_put_str(l->out, "type", a->type);
	json_put_str(l->out, "format", a->format);
	json_put_str(l->out, "digest", digest_str(&a->blob.digest));
	json_put_int(l->out, "size", a->blob.size_bytes);
	buf_addf(l->out, ",\"tree\":%s", a->blob.is_tree ? "true" : "false");
	if (value_get(v, STR("metadata")))
		json_put_value(l->out, "metadata", a->metadata);
	if (a->manifest.n && !model_load(l->look->store, a, &l->cli->arena, &m, &err)) {
		json_put_str(l->out, "manifest_digest", a->manifest);
		json_put_value(l->out, "manifest", m.manifest);
	}
	buf_addz(l->out, "}\n");
}

/* Lists of artifacts count as their elements: "parts[0]". */
static void add_value(struct listing *l, struct str task, struct str name, struct value v)
{
	struct arena *arena = &l->cli->arena;
	struct view_artifact a;

	if (v.kind == VALUE_LIST) {
		for (size_t i = 0; i < v.list->n; i++)
			add_value(l, task, arena_printf(arena, "%.*s[%zu]", STR_ARG(name),
							i),
				  v.list->at[i]);
		return;
	}
	if (!view_artifact(v, &a))
		return;
	l->n++;
	if (l->out)
		add_json(l, task, name, v, &a);
	else
		add_row(l, arena_printf(arena, "%.*s.%.*s", STR_ARG(task), STR_ARG(name)),
			&a);
}

static void add_task(struct listing *l, const struct view_task *t)
{
	for (size_t i = 0; i < t->outputs.n; i++)
		add_value(l, t->path, t->outputs.at[i].name, t->outputs.at[i].value);
}

static void add_all(struct listing *l)
{
	const struct look *look = l->look;

	if (look->task) {
		add_task(l, look->task);
		return;
	}
	for (size_t i = 0; i < look->view.tasks.n; i++)
		add_task(l, look->view.tasks.at[i]);
}

int cmd_artifacts(struct cli *c)
{
	static const char *const titles[] = {"ARTIFACT", "TYPE", "SIZE", "DIGEST",
					     "FORMAT"};
	struct buf out = {0};
	struct look look;
	struct listing l = {.cli = c, .look = &look};
	int rc = look_open(c, OPT_artifacts_store, false, &look);

	if (rc == EXIT_DONE) {
		l.table = table_new(&c->arena, sizeof titles / sizeof *titles);
		for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
			table_cell(l.table, str_of(titles[i]));
		l.out = cli_has(c, OPT_artifacts_json) ? &out : NULL;
		add_all(&l);
		if (!l.out && l.n)
			table_print(l.table, 0, &out);
		rc = cli_print(&out);
	}
	buf_release(&out);
	look_release(&look);
	return rc;
}
