#include <config.h>

#include "runtime/store/fsck.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/map.h"
#include "runtime/store/index.h"
#include "runtime/store/priv.h"
#include "runtime/store/tree.h"
#include "runtime/store/view.h"
#include "runtime/value/json.h"

enum { MANIFEST_MAX_BYTES = 16 << 20 };

struct checker {
	const struct store *s;
	struct fsck *out;
	struct map good, bad;		/* digests of blobs that are there */
	struct map seen_trees;		/* whose entries were looked at */
};

__attribute__((format(printf, 4, 5)))
static void found(struct checker *c, bool is_problem, struct str what,
		  const char *fmt, ...)
{
	struct fsck *f = c->out;
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	vec_push(&f->findings, (struct fsck_finding){
		is_problem, arena_str(&f->arena, what),
		arena_str(&f->arena, buf_str(&b))});
	f->nproblems += is_problem;
	buf_release(&b);
}

static void check_blob(struct checker *c, const char *shard, const char *name)
{
	struct arena *a = &c->out->arena;
	struct str what = arena_printf(a, "cas/sha256/%s/%s", shard, name);
	struct digest d;
	struct stat st;
	struct err err;
	int fd;

	if (!digest_parse(str_of(name), &d) || memcmp(name, shard, 2)) {
		found(c, true, what, "is not a blob: nothing of kfpc's has such a name");
		return;
	}
	if (cas_verify(c->s, &d, false, &err)) {
		map_set(&c->bad, arena_str(a, digest_str(&d)), c);
		found(c, true, what, "%s", err.text);
		return;
	}
	map_set(&c->good, arena_str(a, digest_str(&d)), c);
	fd = cas_open(c->s, &d, &err);
	if (fd >= 0 && !fstat(fd, &st)) {
		c->out->size_bytes += st.st_size;
		if (st.st_mode & 0222)
			found(c, false, what, "can be written to; blobs are read-only");
	}
	if (fd >= 0)
		close(fd);
	c->out->nblobs++;
}

static void check_shard(struct checker *c, const char *shard)
{
	int fd = openat(c->s->cas_fd, shard,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (!d || strlen(shard) != 2) {
		found(c, true, arena_printf(&c->out->arena, "cas/sha256/%s", shard),
		      "is not a folder of blobs");
		if (d)
			closedir(d);
		return;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			check_blob(c, shard, e->d_name);
	closedir(d);
}

static int check_blobs(struct checker *c, struct err *err)
{
	DIR *d = fdopendir(openat(c->s->cas_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *e;

	if (!d)
		return err_sys(err, "%s/cas/sha256", c->s->path);
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			check_shard(c, e->d_name);
	closedir(d);
	return 0;
}

/* Something speaks of the blob: `what` is the run, `where` the output within it.  Blobs
 * that came since they were counted are looked for again. */
static bool check_reference(struct checker *c, struct str what, struct str where,
			    const struct digest *d)
{
	if (map_get(&c->good, digest_str(d)))
		return true;
	if (map_get(&c->bad, digest_str(d)))
		found(c, true, what, "%.*s is damaged: blob %.12s", STR_ARG(where),
		      d->hex);
	else if (cas_has(c->s, d))
		return true;
	else
		found(c, true, what, "%.*s is lost: blob %.12s is not in the store",
		      STR_ARG(where), d->hex);
	return false;
}

static void check_tree(struct checker *c, struct str what, struct str where,
		       const struct digest *d, int depth)
{
	struct arena *a = &c->out->arena;
	struct tree tree = {0};
	struct err err;

	if (!check_reference(c, what, where, d) || map_get(&c->seen_trees, digest_str(d)))
		return;
	map_set(&c->seen_trees, arena_str(a, digest_str(d)), c);
	if (depth > TREE_MAX_DEPTH) {
		found(c, true, what, "%.*s: folders are nested too deeply",
		      STR_ARG(where));
		return;
	}
	if (tree_load(c->s, d, a, &tree, &err))
		found(c, true, what, "%.*s: %s", STR_ARG(where), err.text);
	for (size_t i = 0; i < tree.entries.n; i++) {
		const struct tree_entry *e = &tree.entries.at[i];
		struct str at = arena_printf(a, "%.*s/%.*s", STR_ARG(where),
					     STR_ARG(e->name));

		if (e->kind == TREE_DIR)
			check_tree(c, what, at, &e->digest, depth + 1);
		else
			check_reference(c, what, at, &e->digest);
	}
	vec_release(&tree.entries);
}

/* A part of a bundle: {"digest": ..., "tree": ...}; `key` is the member with the
 * digest. */
static void check_part(struct checker *c, struct str what, struct str where,
		       struct value part, struct str key)
{
	const struct value *tree = value_get(part, STR("tree"));
	const struct value *digest = value_get(part, key);
	struct digest d;

	if (!digest || digest->kind != VALUE_STR || !digest_parse(*digest->s, &d))
		return;
	if (tree && tree->kind == VALUE_BOOL && tree->b)
		check_tree(c, what, where, &d, 0);
	else
		check_reference(c, what, where, &d);
}

static void check_manifest(struct checker *c, struct str what, struct str where,
			   const struct digest *d)
{
	static const struct { struct str part, key; } parts[] = {
		{STR("code"), STR("digest")},
		{STR("weights"), STR("digest")},
		{STR("structure"), STR("digest")},
		{STR("environment"), STR("lock")},
	};
	struct arena *a = &c->out->arena;
	struct buf text = {0};
	struct value m;
	struct err err;

	where = arena_printf(a, "the manifest of %.*s", STR_ARG(where));
	if (!check_reference(c, what, where, d))
		return;
	if (cas_read(c->s, d, MANIFEST_MAX_BYTES, &text, &err) ||
	    json_parse(a, buf_str(&text), &m, &err)) {
		found(c, true, what, "%.*s: %s", STR_ARG(where), err.text);
		buf_release(&text);
		return;
	}
	buf_release(&text);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const struct value *part = value_get(m, parts[i].part);

		if (part)
			check_part(c, what, arena_printf(a, "the %.*s in %.*s",
							 STR_ARG(parts[i].part),
							 STR_ARG(where)),
				   *part, parts[i].key);
		else
			found(c, true, what, "%.*s has no %.*s", STR_ARG(where),
			      STR_ARG(parts[i].part));
	}
}

/* A value as journalled, with all artifacts in it. */
static void check_value(struct checker *c, struct str what, struct str where,
			struct value v)
{
	struct view_artifact art;
	struct digest d;

	if (view_artifact(v, &art)) {
		if (art.blob.is_tree)
			check_tree(c, what, where, &art.blob.digest, 0);
		else
			check_reference(c, what, where, &art.blob.digest);
		if (digest_parse(art.manifest, &d))
			check_manifest(c, what, where, &d);
		return;
	}
	for (size_t i = 0; v.kind == VALUE_LIST && i < v.list->n; i++)
		check_value(c, what, where, v.list->at[i]);
	for (size_t i = 0; v.kind == VALUE_DICT && i < v.dict->n; i++)
		check_value(c, what, where, v.dict->at[i].value);
}

static void check_state(struct checker *c, struct str what, const struct run_view *v)
{
	if (v->damage.n)
		found(c, true, what, "is damaged: %.*s", STR_ARG(v->damage));
	else if (str_is(v->state, "lost"))
		found(c, false, what,
		      "is lost: its kfpc ended before the run did; all that "
		      "was committed is there");
	else if (v->is_live)
		found(c, false, what, "is going on");
}

static void check_steps(struct checker *c, struct str what, const struct run_view *v)
{
	struct arena *a = &c->out->arena;
	struct digest d;

	for (size_t i = 0; i < v->steps.n; i++)
		if (digest_parse(v->steps.at[i].module, &d))
			check_reference(c, what, arena_printf(a, "the module of step %zu",
							      i + 1), &d);
}

static void check_run(struct checker *c, const char *id)
{
	struct arena *a = &c->out->arena;
	struct str what = arena_printf(a, "run %s", id);
	struct run_view v;
	struct err err;

	if (run_view_load(c->s, id, true, &v, &err)) {
		found(c, true, what, "%s", err.text);
		return;
	}
	c->out->nruns++;
	check_state(c, what, &v);
	for (size_t i = 0; i < v.tasks.n; i++) {
		const struct view_task *t = v.tasks.at[i];

		check_value(c, what, arena_printf(a, "an input of %.*s",
						  STR_ARG(t->path)),
			    t->inputs);
		for (size_t k = 0; k < t->outputs.n; k++)
			check_value(c, what, arena_printf(a, "%.*s.%.*s",
							  STR_ARG(t->path),
							  STR_ARG(t->outputs.at[k].name)),
				    t->outputs.at[k].value);
	}
	check_value(c, what, STR("an output of the pipeline"), v.outputs);
	check_steps(c, what, &v);
	run_view_release(&v);
}

static int check_runs(struct checker *c, struct err *err)
{
	struct run_list l = {0};

	if (run_ids(c->s, &l, err))
		return -1;
	for (size_t i = l.at.n; i-- > 0;)
		check_run(c, l.at.at[i].id);
	run_list_release(&l);
	return 0;
}

int store_fsck(const struct store *s, struct fsck *out, struct err *err)
{
	struct checker c = {.s = s, .out = out};
	int rc;

	*out = (struct fsck){0};
	rc = check_blobs(&c, err) || check_runs(&c, err) ? -1 : 0;
	map_release(&c.good);
	map_release(&c.bad);
	map_release(&c.seen_trees);
	return rc;
}

void fsck_release(struct fsck *f)
{
	vec_release(&f->findings);
	arena_release(&f->arena);
}
