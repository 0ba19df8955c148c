/* The command line: commands and options are declared in cmd.def; parsing, help and
 * dispatch work from that table.
 *
 * A command is `int cmd_NAME(struct cli *c)` in cmd_NAME.c and returns the exit status.
 */
#ifndef KFPC_CLI_CLI_H
#define KFPC_CLI_CLI_H

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/human.h"
#include "runtime/base/table.h"
#include "runtime/value/value.h"

struct cli;

enum exit_status {
	EXIT_DONE = 0,
	EXIT_WRONG = 1,		/* the program or its config is wrong, a check did not hold */
	EXIT_USAGE = 2,
	EXIT_RUN_FAILED = 3,
	EXIT_UNUSABLE = 4,	/* the store, a file or a tool is not usable */
	EXIT_INTERNAL = 70,	/* a fault of ours was found out before it did harm */
	EXIT_INTERRUPTED = 130,
};

enum command {
#define CMD(name, args, summary, help) CMD_##name,
#define OPT(cmd, name, letter, arg, summary)
#include "compiler/cli/cmd.def"
#undef CMD
#undef OPT
	CMD_N
};

enum cli_option {	/* OPT_run_jobs */
#define CMD(name, args, summary, help)
#define OPT(cmd, name, letter, arg, summary) OPT_##cmd##_##name,
#include "compiler/cli/cmd.def"
#undef CMD
#undef OPT
	OPT_N
};

/* The table of cmd.def, for help and completion. */
struct command_info {
	const char *name, *args, *summary, *help;
	int (*run)(struct cli *c);
};
struct option_info {
	enum command command;
	const char *name;	/* as in cmd.def; see cli_option_name */
	int letter;		/* 0: none */
	const char *arg;	/* NULL: it takes none */
	const char *summary;
};
extern const struct command_info COMMANDS[CMD_N];
extern const struct option_info OPTIONS[OPT_N];

struct cli {
	enum command command;
	const char **args;	/* what is not an option */
	int nargs;
	int argc;		/* the whole command line, for run.json */
	char **argv;
	struct arena arena;	/* lives as long as the command */
	struct cli_given { enum cli_option option; const char *value; } *given;
	int ngiven;
};

/* The last value given for an option ("" for a flag), or NULL. */
const char *cli_get(const struct cli *c, enum cli_option o);
static inline bool cli_has(const struct cli *c, enum cli_option o)
{
	return cli_get(c, o) != NULL;
}

/* As it is written behind "--": "config-file". */
const char *cli_option_name(enum cli_option o);

/* Says on stderr "kfpc VERB: MESSAGE" and how to get help; returns EXIT_USAGE. */
int cli_usage(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Says "kfpc: MESSAGE" on stderr and returns the exit status that fits err->kind. */
int cli_fail(const struct err *err);
int cli_status(const struct err *err);

/* Runs the verb words[0] as the shell would; its exit status. */
int cli_verb(int argc, const char *const *words);
/* The command line as JSON, for run.json. */
struct str cli_argv_json(struct cli *c);

/* Writes out to stdout, after what stdio holds; EXIT_DONE, or EXIT_UNUSABLE with the
 * reason on stderr. */
int cli_print(const struct buf *out);
/* May stdout (1) or stderr (2) be given colours: a terminal, no NO_COLOR, TERM not
 * dumb. */
bool cli_colour(int fd);

/* "5f6a90c1/x[0]/fit" as a word for a shell, in quotes where it needs some. */
void cli_add_address(struct buf *out, struct str run, struct str task);
/* Why a task was skipped, of a journal's reason and task: "'fit' failed". */
void cli_add_skip_reason(struct buf *out, struct str reason, struct str because);

#define CMD(name, args, summary, help) int cmd_##name(struct cli *c);
#define OPT(cmd, name, letter, arg, summary)
#include "compiler/cli/cmd.def"
#undef CMD
#undef OPT

#endif
