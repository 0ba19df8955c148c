#include <config.h>

#include "compiler/cli/fix.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"

/* What is to be changed in one file, in no order. */
struct edits {
	const struct src_file *file;
	VEC(struct diag_at) all;
	unsigned applied;
};

int fixes_init(struct fixes *x, const char *const *paths, int n, struct err *err)
{
	char real[PATH_MAX];

	*x = (struct fixes){0};
	x->files = ARENA_ARRAY(&x->arena, (size_t)n + 1, struct fixed_file);
	for (int i = 0; i < n; i++) {
		if (!realpath(paths[i], real))
			return err_set(err, "%s: %s", paths[i], strerror(errno));
		x->files[x->nfiles++] = (struct fixed_file){
			paths[i], arena_str(&x->arena, str_of(real)).p, 0};
	}
	return 0;
}

void fixes_release(struct fixes *x)
{
	arena_release(&x->arena);
	*x = (struct fixes){0};
}

/* The file as it was named; NULL if it was not. */
static struct fixed_file *find_file(struct fixes *x, const struct src_file *f)
{
	char real[PATH_MAX];

	if (!realpath(f->path.p, real))
		return NULL;
	for (int i = 0; i < x->nfiles; i++)
		if (!strcmp(x->files[i].real, real))
			return &x->files[i];
	return NULL;
}

static bool is_within(const struct src_file *f, struct span s)
{
	return s.lo >= f->base && s.hi <= f->base + f->text.n;
}

static bool overlap(struct span a, struct span b)
{
	return a.lo == b.lo || (a.lo < b.hi && b.lo < a.hi);
}

/* Can all fixes of d be applied to the file, beside those that are there? */
static bool is_applicable(const struct edits *e, const struct diag *d)
{
	for (size_t i = 0; i < d->fixes.n; i++) {
		const struct diag_at *fix = &d->fixes.at[i];

		if (!fix->sure || !is_within(e->file, fix->span))
			return false;
		for (size_t k = 0; k < e->all.n; k++)
			if (overlap(fix->span, e->all.at[k].span))
				return false;
	}
	return d->fixes.n > 0;
}

static int by_place(const void *pa, const void *pb)
{
	const struct diag_at *a = pa, *b = pb;

	return a->span.lo < b->span.lo ? -1 : a->span.lo > b->span.lo;
}

static void collect(struct edits *e, const struct diags *ds)
{
	for (size_t i = 0; i < ds->all.n; i++) {
		const struct diag *d = ds->all.at[i];

		if (!is_applicable(e, d))
			continue;
		for (size_t k = 0; k < d->fixes.n; k++)
			vec_push(&e->all, d->fixes.at[k]);
		e->applied++;
	}
	if (e->all.n)
		qsort(e->all.at, e->all.n, sizeof *e->all.at, by_place);
}

/* The place in disk, bytes of the file, that is n bytes after `at` in the text made of
 * it, where CRLF is one byte. */
static size_t walk(struct str disk, size_t at, size_t n)
{
	for (; n && at < disk.n; n--, at++)
		if (disk.p[at] == '\r' && at + 1 < disk.n && disk.p[at + 1] == '\n')
			at++;
	return at;
}

/* disk with the edits applied. */
static void rewrite(const struct edits *e, struct str disk, struct buf *out)
{
	size_t at = str_has_prefix(disk, STR("\xef\xbb\xbf")) ? 3 : 0, to;
	uint32_t done = e->file->base;

	buf_add(out, str_sub(disk, 0, at));
	for (size_t i = 0; i < e->all.n; i++) {
		const struct diag_at *fix = &e->all.at[i];

		to = walk(disk, at, fix->span.lo - done);
		buf_add(out, str_sub(disk, at, to));
		buf_add(out, fix->put);
		at = walk(disk, to, fix->span.hi - fix->span.lo);
		done = fix->span.hi;
	}
	buf_add(out, str_sub(disk, at, disk.n));
}

/* Is text still what disk holds? */
static bool is_same(struct str text, struct str disk)
{
	struct src s;
	const struct src_file *f;
	bool same;

	src_init(&s);
	f = src_add(&s, STR(""), disk);
	same = f && str_eq(f->text, text);
	src_release(&s);
	return same;
}

static int write_fixed(const struct edits *e, const char *real, struct err *err)
{
	struct buf disk = {0}, out = {0};
	struct stat st;
	int rc = io_read_file(real, LIMIT_FILE_BYTES, &disk, err);

	if (!rc && (stat(real, &st) || !is_same(e->file->text, buf_str(&disk))))
		rc = err_set(err, "%s was changed while it was checked", real);
	if (!rc) {
		rewrite(e, buf_str(&disk), &out);
		rc = io_write_file(real, buf_str(&out), st.st_mode & 07777, false, err);
	}
	buf_release(&disk);
	buf_release(&out);
	return rc;
}

int fixes_apply(struct fixes *x, const struct diags *ds, struct err *err)
{
	unsigned n = 0;
	int rc = 0;

	for (size_t i = 0; i < ds->src->files.n && !rc; i++) {
		struct edits e = {.file = ds->src->files.at[i]};
		struct fixed_file *to = find_file(x, e.file);

		if (to)
			collect(&e, ds);
		if (e.all.n)
			rc = write_fixed(&e, to->real, err);
		if (e.all.n && !rc) {
			to->applied += e.applied;
			n += e.applied;
		}
		vec_release(&e.all);
	}
	return rc ? rc : (int)n;
}
