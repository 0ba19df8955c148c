/* What the commands that look at runs share: finding the run, text for tables. */
#ifndef KFPC_CLI_LOOK_H
#define KFPC_CLI_LOOK_H

#include "compiler/cli/cli.h"
#include "runtime/store/view.h"

/* A run that was named on the command line, with its store. */
struct look {
	struct store *store;
	struct run_view view;
	struct view_task *task;		/* RUN/TASK: the task; NULL for RUN */
	bool is_loaded;
};

/* Opens the store for reading; EXIT_DONE, or another exit status once it was said why. */
int look_store(struct cli *c, enum cli_option store, struct store **out);
/* Finds and loads the run and task that the one argument of the command names.  To be
 * released whatever it returns: EXIT_DONE, or another status once it was said why. */
int look_open(struct cli *c, enum cli_option store, bool with_metrics, struct look *l);
/* The same for "RUN" or "RUN/TASK" given as text. */
int look_at(struct cli *c, enum cli_option store, struct str spec, bool with_metrics,
	    struct look *l);
void look_release(struct look *l);

/* s as it can be shown in a table: control bytes made visible. */
struct str look_text(struct cli *c, struct str s);
/* A value in one line, shortened: an artifact as its type, size and digest. */
struct str look_value(struct cli *c, struct value v);
struct str look_duration(struct cli *c, int64_t from_ms, int64_t to_ms);
/* A number as the language prints it. */
struct str look_number(struct cli *c, double v);

enum {
	LOOK_DIGEST = 12,	/* digits of a digest that a table shows */
	LOOK_LONGEST = 200,	/* bytes of a value */
};

#endif
