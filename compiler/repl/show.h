/* What came out of a step, for a person: values as the language writes them, metrics with
 * their course, tables by their first rows, models by their four parts, folders by what
 * is in them, and everything else by its path.
 *
 * What tasks wrote never reaches the terminal as it is: control bytes are made
 * visible. */
#ifndef KFPC_REPL_SHOW_H
#define KFPC_REPL_SHOW_H

#include "runtime/base/map.h"
#include "runtime/base/vec.h"
#include "runtime/store/store.h"
#include "runtime/value/value.h"

enum {
	COURSE_POINTS = 256,
	COURSES_MAX = 4096,	/* of so many series the course is kept */
};

struct course {			/* of a Series: no more points than can be told apart */
	int64_t n;		/* that there were */
	double first;
	int64_t every;		/* of so many points, one is kept */
	double at[COURSE_POINTS];
	size_t nkept;
};

struct courses {		/* of all series of the session, by "task.output" */
	struct arena arena;
	struct map by_name;	/* -> struct course */
	VEC(struct course *) all;
};

void courses_release(struct courses *c);
/* Another attempt begins: what task said before does not count. */
void courses_forget(struct courses *c, struct str task);
void courses_add(struct courses *c, struct str task, struct str output, double value);

struct show {
	const struct store *store;	/* where artifacts are; NULL: none yet */
	const struct courses *courses;
	struct arena *a;
	unsigned columns;
	bool colour;
	bool is_json;			/* one object a line in place of all that */
};

/* Something that has a value: a line, or several.  name is "" of an expression. */
void show_value(const struct show *s, struct str name, const struct type *t,
		struct value v, struct buf *out);
/* The same in full, however long it is. */
void show_whole(struct value v, const struct type *t, struct buf *out);

/* What the parts share.  Each appends whole lines; the first begins with the name. */
void show_artifact(const struct show *s, struct str name, const struct artifact *f,
		   struct buf *out);
void show_series(const struct show *s, struct str name, const struct series *x,
		 struct buf *out);
/* The first rows of a CSV file; false if it cannot be read as one. */
bool show_csv(const struct show *s, const char *path, struct buf *out);
/* Of a text file. */
void show_head(const struct show *s, const char *path, struct buf *out);

void show_name(const struct show *s, struct str name, struct buf *out);
/* text, less visible than the rest. */
void show_dim(const struct show *s, struct str text, struct buf *out);
/* A line behind margin, cut at the window's width. */
void show_line(const struct show *s, const char *margin, struct str text,
	       struct buf *out);

#endif
