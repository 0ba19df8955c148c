#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "runtime/base/diag.h"
#include "runtime/base/map.h"
#include "runtime/store/index.h"
#include "runtime/store/index_priv.h"
#include "runtime/store/priv.h"
#include "runtime/store/uuid.h"
#include "runtime/store/view.h"

enum {
	ID_END_MIN = 4,		/* characters of an ID that are enough to mean it */
	SHOWN_MAX = 5,		/* runs listed in a message */
};

static int newest_first(const void *a, const void *b)
{
	return strcmp(((const struct run_brief *)b)->id,
		      ((const struct run_brief *)a)->id);
}

int run_ids(const struct store *s, struct run_list *out, struct err *err)
{
	DIR *d = fdopendir(openat(s->runs_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *e;

	if (!d)
		return err_sys(err, "%s/runs", s->path);
	while ((e = readdir(d)))
		if (uuid_is_valid(e->d_name)) {
			struct run_brief b = {.created_ms = uuid_time_ms(e->d_name)};

			memcpy(b.id, e->d_name, sizeof b.id);
			vec_push(&out->at, b);
		}
	closedir(d);
	if (out->at.n)
		qsort(out->at.at, out->at.n, sizeof *out->at.at, newest_first);
	return 0;
}

void run_list_release(struct run_list *l)
{
	vec_release(&l->at);
	arena_release(&l->arena);
}

void run_brief_count(struct run_brief *b, struct str state)
{
	b->ntasks++;
	b->nsucceeded += str_is(state, "succeeded");
	b->ncached += str_is(state, "cached");
	b->nfailed += str_is(state, "failed");
	b->nskipped += str_is(state, "skipped");
	b->ncancelled += str_is(state, "cancelled");
}

/* Fills b from the run itself; is it one for the index: ended, whole, and not going
 * on? */
static bool brief_of_run(const struct store *s, struct run_brief *b, struct arena *a)
{
	struct run_view v;
	bool is_end;

	if (run_view_load(s, b->id, false, &v, NULL)) {
		b->state = STR("lost");
		b->is_damaged = true;
		return false;
	}
	b->pipeline = arena_str(a, v.pipeline);
	b->name = arena_str(a, v.name);
	b->state = arena_str(a, v.state);
	b->created_ms = v.created_ms;
	b->ended_ms = v.ended_ms;
	b->journal_bytes = v.journal_bytes;
	b->is_damaged = v.damage.n;
	for (size_t i = 0; i < v.tasks.n; i++)
		run_brief_count(b, v.tasks.at[i]->state);
	is_end = v.has_end && !b->is_damaged && !v.is_live && !v.torn_bytes;
	run_view_release(&v);
	return is_end;
}

static int64_t journal_size(const struct store *s, const char *id)
{
	char name[RUN_ID_CHARS + 16];
	struct stat st;

	snprintf(name, sizeof name, "%s/journal", id);
	return fstatat(s->runs_fd, name, &st, AT_SYMLINK_NOFOLLOW) ? -1 : st.st_size;
}

int run_list_load(const struct store *s, size_t limit, struct run_list *out,
		  struct err *err)
{
	VEC(struct run_brief) fresh = {0};
	struct map known = {0};

	*out = (struct run_list){0};
	if (run_ids(s, out, err))
		return -1;
	if (limit && out->at.n > limit)
		out->at.n = limit;
	if (out->at.n)
		index_read(s, vec_last(&out->at).id, &out->arena, &known);
	for (size_t i = 0; i < out->at.n; i++) {
		struct run_brief *b = &out->at.at[i];
		const struct run_brief *row = map_get(&known, str_of(b->id));

		if (row && row->journal_bytes == journal_size(s, b->id))
			*b = *row;
		else if (brief_of_run(s, b, &out->arena))
			vec_push(&fresh, *b);
	}
	index_put(s, fresh.at, fresh.n);
	vec_release(&fresh);
	map_release(&known);
	return 0;
}

static void add_run(struct buf *out, const struct run_brief *b)
{
	buf_addf(out, "\n  %.*s  %.*s", STR_ARG(run_short_id(b->id)),
		 STR_ARG(b->pipeline));
	if (b->name.n && !str_eq(b->name, b->pipeline))
		buf_addf(out, "  %.*s", STR_ARG(b->name));
	buf_addf(out, "  %.*s", STR_ARG(b->state));
}

static int fail_ambiguous(struct str spec, const struct run_list *l, const bool *fits,
			  struct err *err)
{
	struct buf b = {0};
	size_t shown = 0;

	for (size_t i = 0; i < l->at.n && shown < SHOWN_MAX; i++)
		if (fits[i]) {
			add_run(&b, &l->at.at[i]);
			shown++;
		}
	err_setk(err, ERR_USAGE, "'%.*s' could be several runs; write more of its end:%s",
		 STR_ARG(spec), buf_cstr(&b));
	buf_release(&b);
	return -1;
}

static int fail_unknown(struct str spec, const struct run_list *l, struct err *err)
{
	struct suggestion near = {.wanted = spec};
	struct buf b = {0};

	for (size_t i = 0; i < l->at.n; i++) {
		suggest(&near, l->at.at[i].name);
		suggest(&near, run_short_id(l->at.at[i].id));
	}
	if (near.best.n)
		buf_addf(&b, "; did you mean '%.*s'?", STR_ARG(near.best));
	else if (!l->at.n)
		buf_addz(&b, ": nothing has been run here yet");
	else
		buf_addz(&b, "; the last ones are:");
	for (size_t i = 0; i < l->at.n && i < SHOWN_MAX && !near.best.n; i++)
		add_run(&b, &l->at.at[i]);
	err_setk(err, ERR_USAGE, "there is no run '%.*s'%s", STR_ARG(spec), buf_cstr(&b));
	buf_release(&b);
	return -1;
}

/* @last, @-1, @-2 ...: the place in the list, newest first; -1 if it is not such a
 * form. */
static int64_t place_of(struct str spec)
{
	int64_t n = 0;

	if (str_is(spec, "@last"))
		return 0;
	if (!str_has_prefix(spec, STR("@-")) || spec.n < 3 || spec.n > 11)
		return -1;
	for (size_t i = 2; i < spec.n; i++) {
		if (spec.p[i] < '0' || spec.p[i] > '9')
			return -1;
		n = n * 10 + spec.p[i] - '0';
	}
	return n - 1;
}

static int resolve_place(const struct run_list *l, struct str spec, char *id,
			 struct err *err)
{
	int64_t at = place_of(spec);

	if (at < 0)
		return err_setk(err, ERR_USAGE,
				"'%.*s' means no run: write @last, or @-2 for "
				"the one before the last", STR_ARG(spec));
	if ((uint64_t)at >= l->at.n)
		return err_setk(err, ERR_USAGE,
				"there is no run '%.*s': there %s %zu here",
				STR_ARG(spec), l->at.n == 1 ? "is" : "are", l->at.n);
	memcpy(id, l->at.at[at].id, RUN_ID_CHARS + 1);
	return 0;
}

/* The newest run of that name, and every run whose ID ends so. */
static int resolve_word(const struct run_list *l, struct str spec, char *id,
			struct err *err)
{
	struct arena a = {0};
	bool *fits = arena_alloc(&a, l->at.n + 1), named = false;
	size_t nfits = 0, found = 0;
	int rc = 0;

	for (size_t i = 0; i < l->at.n; i++) {
		const struct run_brief *b = &l->at.at[i];
		bool by_name = !named && b->name.n && str_eq(b->name, spec);

		fits[i] = by_name ||
			  (spec.n >= ID_END_MIN && str_has_suffix(str_of(b->id), spec));
		named |= by_name;
		if (fits[i] && !nfits++)
			found = i;
	}
	if (nfits == 1)
		memcpy(id, l->at.at[found].id, RUN_ID_CHARS + 1);
	else
		rc = nfits ? fail_ambiguous(spec, l, fits, err)
			   : fail_unknown(spec, l, err);
	arena_release(&a);
	return rc;
}

int run_resolve(const struct store *s, struct str spec, char *id, struct err *err)
{
	struct run_list l = {0};
	int rc;

	if (spec.n && spec.p[0] == '@') {
		rc = run_ids(s, &l, err) ? -1 : resolve_place(&l, spec, id, err);
		run_list_release(&l);
		return rc;
	}
	if (run_list_load(s, 0, &l, err))
		return -1;
	rc = resolve_word(&l, spec, id, err);
	run_list_release(&l);
	return rc;
}
