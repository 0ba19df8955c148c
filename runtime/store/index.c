#include <config.h>

#include "runtime/store/index.h"

#include <sqlite3.h>
#include <unistd.h>

#include "runtime/store/index_priv.h"
#include "runtime/store/priv.h"
#include "runtime/store/schema.sql.h"

enum {
	INDEX_VERSION = 1,	/* as schema.sql says */
	BUSY_MS = 2000,
};

static struct str index_path(const struct store *s, struct arena *a)
{
	return arena_printf(a, "%s/index.db", s->path);
}

static int user_version(sqlite3 *db)
{
	sqlite3_stmt *q = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		version = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return version;
}

/* Not WAL: Debian's SQLite has a fault there when several processes write. */
static bool make_schema(sqlite3 *db)
{
	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return false;
	if (user_version(db) == 0 &&
	    sqlite3_exec(db, (const char *)schema_sql, NULL, NULL, NULL) != SQLITE_OK) {
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
		return false;
	}
	return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
}

/* Did the last call fail because of what is in the file? One that is busy, or a full
 * disk, says nothing about the file. */
static bool is_worthless(sqlite3 *db)
{
	int code = sqlite3_errcode(db);

	return code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR;
}

/* NULL if it cannot be used; *worthless then says that a new one should take its
 * place. */
static sqlite3 *open_once(const char *path, bool writable, bool *worthless)
{
	sqlite3 *db = NULL;
	int flags = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
			     : SQLITE_OPEN_READONLY;
	int version;

	*worthless = false;
	if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK)
		goto failed;
	sqlite3_busy_timeout(db, BUSY_MS);
	version = user_version(db);
	if (version == 0 && writable && make_schema(db))
		version = INDEX_VERSION;
	if (version == INDEX_VERSION)
		return db;
	*worthless = version > 0 || is_worthless(db);
failed:
	sqlite3_close(db);
	return NULL;
}

static void remove_index(const char *path)
{
	struct arena a = {0};

	unlink(path);
	unlink(arena_printf(&a, "%s-journal", path).p);
	arena_release(&a);
}

static sqlite3 *open_index(const struct store *s, bool writable)
{
	struct arena a = {0};
	struct str path = index_path(s, &a);
	bool worthless;
	sqlite3 *db = open_once(path.p, writable, &worthless);

	if (!db && writable && worthless) {
		remove_index(path.p);
		db = open_once(path.p, writable, &worthless);
	}
	if (db && s->forgoes_sync)
		sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	arena_release(&a);
	return db;
}

static void bind_str(sqlite3_stmt *q, int at, struct str s)
{
	sqlite3_bind_text64(q, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
}

static bool put_one(sqlite3_stmt *q, const struct run_brief *b)
{
	const int64_t numbers[] = {b->created_ms, b->ended_ms, b->ntasks, b->nsucceeded,
				   b->ncached, b->nfailed, b->nskipped, b->ncancelled,
				   b->journal_bytes};

	sqlite3_reset(q);
	bind_str(q, 1, str_of(b->id));
	bind_str(q, 2, b->pipeline);
	bind_str(q, 3, b->name);
	bind_str(q, 4, b->state);
	for (int i = 0; i < (int)(sizeof numbers / sizeof *numbers); i++)
		sqlite3_bind_int64(q, 5 + i, numbers[i]);
	return sqlite3_step(q) == SQLITE_DONE;
}

static bool put_all(sqlite3 *db, const struct run_brief *at, size_t n, bool *worthless)
{
	sqlite3_stmt *q = NULL;
	bool fine = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
		    sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO run VALUES "
				       "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", -1, &q,
				       NULL) == SQLITE_OK;

	for (size_t i = 0; i < n && fine; i++)
		fine = put_one(q, &at[i]);
	*worthless = !fine && is_worthless(db);
	sqlite3_finalize(q);
	if (sqlite3_exec(db, fine ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
		fine = false;
	return fine;
}

static bool put_once(const struct store *s, const struct run_brief *at, size_t n,
		     bool *worthless)
{
	sqlite3 *db = open_index(s, true);
	bool fine = db && put_all(db, at, n, worthless);

	sqlite3_close(db);
	return fine;
}

/* A file whose tables turn out to be damaged is made anew, once. */
bool index_put(const struct store *s, const struct run_brief *at, size_t n)
{
	struct arena a = {0};
	bool worthless = false, fine;

	if (!n || faccessat(s->fd, ".", W_OK, 0))
		return !n;
	fine = put_once(s, at, n, &worthless);
	if (!fine && worthless) {
		remove_index(index_path(s, &a).p);
		fine = put_once(s, at, n, &worthless);
	}
	arena_release(&a);
	return fine;
}

static struct str column_str(sqlite3_stmt *q, int i, struct arena *a)
{
	const void *p = sqlite3_column_blob(q, i);
	int n = sqlite3_column_bytes(q, i);

	return arena_str(a, (struct str){p ? p : "", p ? (size_t)n : 0});
}

static bool read_row(sqlite3_stmt *q, struct arena *a, struct run_brief *b)
{
	struct str id = column_str(q, 0, a);
	int64_t *const numbers[] = {&b->created_ms, &b->ended_ms, &b->ntasks,
				    &b->nsucceeded, &b->ncached, &b->nfailed,
				    &b->nskipped, &b->ncancelled, &b->journal_bytes};

	if (id.n != RUN_ID_CHARS)
		return false;
	memcpy(b->id, id.p, id.n);
	b->pipeline = column_str(q, 1, a);
	b->name = column_str(q, 2, a);
	b->state = column_str(q, 3, a);
	for (int i = 0; i < (int)(sizeof numbers / sizeof *numbers); i++)
		*numbers[i] = sqlite3_column_int64(q, 4 + i);
	return true;
}

void index_read(const struct store *s, const char *oldest, struct arena *a,
		struct map *out)
{
	sqlite3 *db = open_index(s, false);
	sqlite3_stmt *q = NULL;

	if (!db)
		return;
	if (sqlite3_prepare_v2(db, "SELECT * FROM run WHERE id >= ?", -1, &q, NULL) ==
	    SQLITE_OK) {
		bind_str(q, 1, str_of(oldest));
		while (sqlite3_step(q) == SQLITE_ROW) {
			struct run_brief *b = ARENA_NEW(a, struct run_brief);

			if (read_row(q, a, b))
				map_set(out, str_of(b->id), b);
		}
	}
	sqlite3_finalize(q);
	sqlite3_close(db);
}
