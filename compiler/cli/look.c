#include <config.h>

#include "compiler/cli/look.h"

#include <inttypes.h>

#include "runtime/base/diag.h"
#include "runtime/base/utf8.h"
#include "runtime/value/json.h"

int look_store(struct cli *c, enum cli_option store, struct store **out)
{
	struct str path = store_locate(cli_get(c, store), &c->arena);
	struct err err;

	*out = store_open(path.p, STORE_READ, &err);
	return *out ? EXIT_DONE : cli_fail(&err);
}

static int no_such_task(const struct look *l, struct str path)
{
	struct suggestion near = {.wanted = path};
	struct err err;

	for (size_t i = 0; i < l->view.tasks.n; i++)
		suggest(&near, l->view.tasks.at[i]->path);
	if (near.best.n)
		err_setk(&err, ERR_USAGE,
			 "run %.*s has no task '%.*s'; did you mean '%.*s'?",
			 STR_ARG(run_short_id(l->view.id)), STR_ARG(path),
			 STR_ARG(near.best));
	else
		err_setk(&err, ERR_USAGE,
			 "run %.*s has no task '%.*s'; 'kfpc show %.*s' lists "
			 "them", STR_ARG(run_short_id(l->view.id)), STR_ARG(path),
			 STR_ARG(run_short_id(l->view.id)));
	return cli_fail(&err);
}

int look_at(struct cli *c, enum cli_option store, struct str spec, bool with_metrics,
	    struct look *l)
{
	size_t slash = str_find(spec, STR("/"), 0);
	struct str task = str_sub(spec, slash + 1, spec.n);
	char id[RUN_ID_CHARS + 1];
	struct err err;
	int rc = look_store(c, store, &l->store);

	if (rc)
		return rc;
	if (run_resolve(l->store, str_sub(spec, 0, slash), id, &err) ||
	    run_view_load(l->store, id, with_metrics, &l->view, &err))
		return cli_fail(&err);
	l->is_loaded = true;
	if (slash == spec.n)
		return EXIT_DONE;
	l->task = run_view_task(&l->view, task);
	return l->task ? EXIT_DONE : no_such_task(l, task);
}

int look_open(struct cli *c, enum cli_option store, bool with_metrics, struct look *l)
{
	*l = (struct look){0};
	if (c->nargs != 1)
		return cli_usage(c, "which run? (one RUN, or @last)");
	return look_at(c, store, str_of(c->args[0]), with_metrics, l);
}

void look_release(struct look *l)
{
	if (l->is_loaded)
		run_view_release(&l->view);
	store_close(l->store);
}

static struct str keep(struct cli *c, struct buf *b)
{
	struct str s = arena_str(&c->arena, buf_str(b));

	buf_release(b);
	return s;
}

struct str look_text(struct cli *c, struct str s)
{
	struct buf b = {0};

	buf_add_printable(&b, s, false);
	return keep(c, &b);
}

/* "3 points, last 0.25" */
static bool is_series(struct value v, struct buf *out)
{
	const struct value *series = value_get(v, STR("$series"));
	const struct value *n = series ? value_get(*series, STR("n")) : NULL;
	const struct value *last = series ? value_get(*series, STR("last")) : NULL;

	if (!n || n->kind != VALUE_INT)
		return false;
	buf_addf(out, "%" PRId64 " point%s", n->i, n->i == 1 ? "" : "s");
	if (n->i && last) {
		buf_addz(out, ", last ");
		json_write(*last, out);
	}
	return true;
}

/* Shortens what is long: `get` and --json have all of it. */
static void add_shortened(struct buf *b, struct str text)
{
	struct str shown = utf8_cut(text, LOOK_LONGEST);

	buf_add_printable(b, shown, false);
	if (shown.n < text.n)
		buf_addz(b, "...");
}

struct str look_value(struct cli *c, struct value v)
{
	struct buf b = {0}, text = {0};
	struct view_artifact a;

	if (v.kind == VALUE_LIST && v.list->n && view_artifact(v.list->at[0], &a)) {
		buf_addf(&b, "%zu artifact%s", v.list->n, v.list->n == 1 ? "" : "s");
		return keep(c, &b);
	}
	if (view_artifact(v, &a)) {
		buf_add(&b, a.type);
		if (a.format.n)
			buf_addf(&b, "[%.*s]", STR_ARG(a.format));
		buf_addz(&b, "  ");
		human_size(&b, a.blob.size_bytes);
		buf_addf(&b, "  %.*s", LOOK_DIGEST, a.blob.digest.hex);
		return keep(c, &b);
	}
	if (is_series(v, &text))
		buf_add(&b, buf_str(&text));
	else {
		v.kind == VALUE_NONE || v.kind == VALUE_BOOL ? value_print(v, &text)
							     : json_write(v, &text);
		add_shortened(&b, buf_str(&text));
	}
	buf_release(&text);
	return keep(c, &b);
}

struct str look_duration(struct cli *c, int64_t from_ms, int64_t to_ms)
{
	struct buf b = {0};

	if (from_ms && to_ms)
		human_duration(&b, to_ms - from_ms);
	return keep(c, &b);
}

struct str look_number(struct cli *c, double v)
{
	struct buf b = {0};

	value_print_float(v, &b);
	return keep(c, &b);
}
