/* Reading runs, also while they go on: the journal replayed into plain structs.  In a
 * session things happen to the same address more than once: what is told last counts.
 *
 * A run whose journal is damaged is still read as far as it is sound; `damage` says what
 * is wrong.  A run without DONE whose lock nobody holds is `lost`. */
#ifndef KFPC_STORE_VIEW_H
#define KFPC_STORE_VIEW_H

#include <stdint.h>

#include "runtime/base/vec.h"
#include "runtime/store/run.h"
#include "runtime/value/value.h"

struct view_output {
	struct str name;
	struct value value;	/* an artifact is a DICT as journalled (view_artifact) */
	bool is_artifact;
};

struct view_log_part {
	bool is_stderr;
	int64_t offset, length;
};

struct view_attempt {
	int number;
	struct str state, error;	/* error "" if none */
	int64_t started_ms, ended_ms;	/* 0: not yet */
	int exit_code, signal;
	bool is_borrowed;		/* of another task, whose result it has */
	VEC(struct view_log_part) log;
};

struct view_task {
	struct str path, component, state;	/* as language.md names states */
	struct str display_name;		/* "" if it has none */
	struct str reason;			/* of skipped; or the error of failed */
	struct str because;			/* of skipped: what it hangs on */
	struct str place;			/* "iris.kfp:31:5" of an error, or "" */
	bool is_covered;			/* of failed: an except is for it */
	int64_t started_ms, ended_ms;
	VEC(struct view_attempt) attempts;
	VEC(struct view_output) outputs;
	struct str of;				/* of cached: the task whose result it is .. */
	int of_attempt;				/* .. and its attempt */
	struct value inputs;			/* DICT */
	struct value settings;			/* DICT; None if it has none */
};

struct view_value {		/* a binding that is an expression */
	struct str address;
	struct value value;
	struct str error, place;	/* "" if it has a value */
	bool is_too_large;		/* to be kept */
};

struct view_loop {
	struct str path;
	int64_t niterations;
	struct str reason, because;	/* "" unless it was skipped */
};

struct view_step {		/* of a session: what was typed */
	struct str module;		/* digest of the module that ran from then on */
	struct str text;
	int64_t time_ms;
};

struct view_metric {
	struct str task, name;
	bool is_static;
	/* Of the attempt that counts: the newest that has any, or whose result the task
	 * has. */
	bool is_current;
	int attempt;
	int64_t npoints;
	double last, min, max;
	int64_t last_step;
	VEC(struct view_point { int64_t step; double value; int64_t time_ms; }) points;
};

struct run_view {
	struct arena arena;
	char id[RUN_ID_CHARS + 1];
	struct value header;		/* run.json, a DICT */
	struct str pipeline, name, state, error;
	int64_t created_ms, ended_ms;
	VEC(struct view_task *) tasks;	/* in the order of starting or being skipped */
	VEC(struct view_value) values;
	VEC(struct view_loop) loops;
	VEC(struct view_step) steps;	/* none unless it is a session */
	VEC(struct view_metric) metrics;	/* only with with_metrics */
	struct value outputs;		/* DICT, of a finished run */
	struct str damage;		/* "" if all is sound */
	int64_t journal_bytes;		/* how far it was read: for following */
	int64_t nrecords;
	int64_t torn_bytes;		/* behind that, written but never committed */
	bool is_session;		/* of a REPL: it goes on step by step */
	bool is_live;			/* its owner is at work */
	bool has_end;			/* RUN_FINISHED is there */
};

/* 0 also for a damaged run; -1 with err if there is no such run.  out is then empty. */
int run_view_load(const struct store *s, const char *id, bool with_metrics,
		  struct run_view *out, struct err *err);
void run_view_release(struct run_view *v);
/* NULL if there is none. */
struct view_task *run_view_task(const struct run_view *v, struct str path);

/* A dictionary as journalled for an artifact: its members. */
struct view_artifact {
	struct str type, format, name, manifest;
	struct blob blob;
	struct value metadata;
};
/* False if v is not an artifact. */
bool view_artifact(struct value v, struct view_artifact *out);

/* The module that it runs, as it was saved; -1 with err. */
int run_view_read_module(const struct store *s, const char *id, struct buf *out,
			 struct err *err);

/* One of the parts of a TASK_LOG; false if v is none. */
bool view_log_part(struct value v, struct view_log_part *out);
/* Opens the run's `logs` for reading, where view_log_part points into; -1 if there is
 * none. */
int run_view_open_logs(const struct store *s, const char *id);

/* The run that a person means: an ID, a unique end of one (at least 4 characters), @last,
 * @-2 (the one before the last), or a name.  id gets 37 bytes. */
int run_resolve(const struct store *s, struct str spec, char *id, struct err *err);

#endif
