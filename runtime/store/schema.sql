-- index.db: what `kfpc runs` shows, derived from the runs' folders.  It may be deleted at any
-- time; a file of another user_version is deleted and made anew.
PRAGMA user_version = 1;

CREATE TABLE run(
	id             TEXT PRIMARY KEY,	-- UUIDv7: in the order of being made
	pipeline       TEXT NOT NULL,
	name           TEXT NOT NULL,
	state          TEXT NOT NULL,		-- of an end: succeeded, failed, cancelled
	created_ms     INTEGER NOT NULL,
	ended_ms       INTEGER NOT NULL,
	ntasks         INTEGER NOT NULL,
	nsucceeded     INTEGER NOT NULL,
	ncached        INTEGER NOT NULL,
	nfailed        INTEGER NOT NULL,
	nskipped       INTEGER NOT NULL,
	ncancelled     INTEGER NOT NULL,
	journal_bytes  INTEGER NOT NULL		-- a journal of another size: the row is stale
) STRICT, WITHOUT ROWID;
