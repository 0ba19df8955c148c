#include <config.h>

#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/value/json.h"
#include "runtime/vm/runner.h"

static void add_artifact(const struct artifact *f, struct buf *out)
{
	buf_addc(out, '{');
	json_put_str(out, "$artifact", f->type->name);
	json_put_str(out, "format", f->type->tag);
	json_put_str(out, "name", f->name);
	json_put_str(out, "digest", f->digest);
	json_put_bool(out, "tree", f->is_tree);
	json_put_int(out, "size", f->size_bytes);
	json_put_key(out, "metadata");
	buf_add(out, f->metadata);
	if (f->manifest.n)
		json_put_str(out, "manifest", f->manifest);
	buf_addc(out, '}');
}

static void add_series(const struct series *s, struct buf *out)
{
	buf_addf(out, "{\"$series\":{\"n\":%lld", (long long)s->npoints);
	json_put_value(out, "last", value_float(s->last));
	json_put_value(out, "min", value_float(s->min));
	json_put_value(out, "max", value_float(s->max));
	buf_addz(out, "}}");
}

static void add_list(const struct value_list *l, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(out, ',');
		run_json_value(l->at[i], out);
	}
	buf_addc(out, ']');
}

void run_json_value(struct value v, struct buf *out)
{
	if (v.kind == VALUE_ARTIFACT)
		add_artifact(v.artifact, out);
	else if (v.kind == VALUE_SERIES)
		add_series(v.series, out);
	else if (v.kind == VALUE_LIST)
		add_list(v.list, out);
	else
		json_write(v, out);
}

static void add_config(const struct run_config *c, struct buf *out)
{
	json_put_key(out, "config");
	buf_addc(out, '{');
	for (size_t i = 0; i < c->n; i++) {
		if (!c->at[i].is_set)
			continue;
		if (out->p[out->n - 1] != '{')
			buf_addc(out, ',');
		buf_add_json(out, c->at[i].address);
		buf_addz(out, ":{\"value\":");
		json_write(c->at[i].value, out);
		json_put_str(out, "origin", c->at[i].origin);
		buf_addc(out, '}');
	}
	buf_addc(out, '}');
}

/* A small text file without its final newline; false if it cannot be read. */
static bool read_line(const char *path, struct buf *out)
{
	buf_clear(out);
	if (io_read_file(path, 1 << 20, out, NULL))
		return false;
	out->n = str_trim(buf_str(out)).n;
	return true;
}

/* refs/heads/main of a repository: its own file, or a line of packed-refs. */
static bool resolve_ref(struct arena *a, struct str git, struct str ref, struct buf *out)
{
	struct str text;
	size_t at;

	if (read_line(io_join(a, git, ref).p, out))
		return out->n > 0;
	if (!read_line(io_join(a, git, STR("packed-refs")).p, out))
		return false;
	text = buf_str(out);
	at = str_find(text, arena_printf(a, " %.*s\n", STR_ARG(ref)), 0);
	if (at >= text.n || at < 40)
		return false;
	memmove(out->p, out->p + at - 40, 40);
	out->n = 40;
	return true;
}

/* The commit that is checked out around the current folder, read without git. */
static void add_git(struct arena *a, struct str dir, struct buf *out)
{
	struct buf text = {0};
	struct str git, head;

	for (;; dir = io_dirname(dir)) {
		git = io_join(a, arena_str(a, dir), STR(".git"));
		if (read_line(io_join(a, git, STR("HEAD")).p, &text))
			break;
		if (dir.n <= 1)
			goto out;
	}
	head = arena_str(a, buf_str(&text));
	if (str_has_prefix(head, STR("ref: ")) &&
	    !resolve_ref(a, git, str_sub(head, 5, head.n), &text))
		goto out;
	json_put_str(out, "git_commit", buf_str(&text));
out:
	buf_release(&text);
}

static void add_place(struct arena *a, struct buf *out)
{
	struct utsname u;
	const char *user = getenv("USER");
	char *cwd = getcwd(NULL, 0);

	if (!uname(&u))
		json_put_str(out, "host", str_of(u.nodename));
	json_put_str(out, "user",
		     user && *user ? str_of(user)
				   : arena_printf(a, "%u", (unsigned)geteuid()));
	if (cwd) {
		json_put_str(out, "cwd", str_of(cwd));
		add_git(a, str_of(cwd), out);
	}
	free(cwd);
}

void run_json_header(const struct runner *r, struct str settings, struct buf *out)
{
	struct arena a;

	arena_init(&a);
	json_put_str(out, "pipeline", r->m->pipelines[r->program->pipeline].name);
	json_put_str(out, "name", r->name);
	json_put_str(out, "module", digest_str(&r->m->digest));
	json_put_str(out, "file", r->m->nfiles ? r->m->files[0].path : r->m->name);
	json_put_str(out, "kfpc", STR(PACKAGE_VERSION));
	json_put_key(out, "argv");
	buf_add(out, r->opts->argv_json.n ? r->opts->argv_json : STR("[]"));
	add_place(&a, out);
	add_config(r->program->config, out);
	if (r->recall)
		json_put_bool(out, "session", true);
	if (settings.n) {
		buf_addc(out, ',');
		buf_add(out, settings);
	}
	arena_release(&a);
}
