#include <config.h>

#include "compiler/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/io.h"

const struct command_info COMMANDS[] = {
#define CMD(name, args, summary, help) {#name, args, summary, help, cmd_##name},
#define OPT(cmd, name, letter, arg, summary)
#include "compiler/cli/cmd.def"
#undef CMD
#undef OPT
};

const struct option_info OPTIONS[] = {
#define CMD(name, args, summary, help)
#define OPT(cmd, name, letter, arg, summary) {CMD_##cmd, #name, letter, arg, summary},
#include "compiler/cli/cmd.def"
#undef CMD
#undef OPT
};

const char *cli_option_name(enum cli_option o)
{
	static char names[OPT_N][32];
	char *to = names[o];

	for (size_t i = 0; i + 1 < sizeof names[o] && OPTIONS[o].name[i]; i++)
		to[i] = OPTIONS[o].name[i] == '_' ? '-' : OPTIONS[o].name[i];
	return to;
}

const char *cli_get(const struct cli *c, enum cli_option o)
{
	for (int i = c->ngiven; i > 0; i--)
		if (c->given[i - 1].option == o)
			return c->given[i - 1].value;
	return NULL;
}

int cli_fail(const struct err *err)
{
	struct buf out = {0};

	buf_addz(&out, "kfpc: ");
	buf_add_printable(&out, str_of(err->text), true);
	buf_addc(&out, '\n');
	io_write_all(STDERR_FILENO, buf_str(&out));
	buf_release(&out);
	return cli_status(err);
}

int cli_status(const struct err *err)
{
	switch (err->kind) {
	case ERR_INPUT:
		return EXIT_WRONG;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_EVAL:
		return EXIT_RUN_FAILED;
	case ERR_IO:
		break;
	}
	return EXIT_UNUSABLE;
}

int cli_print(const struct buf *out)
{
	if (fflush(stdout) || io_write_all(STDOUT_FILENO, buf_str(out))) {
		if (errno != EPIPE)	/* whoever read it has seen enough */
			perror("kfpc: cannot write the output");
		return EXIT_UNUSABLE;
	}
	return EXIT_DONE;
}

bool cli_colour(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no && *no) && term && *term && strcmp(term, "dumb");
}

void cli_add_address(struct buf *out, struct str run, struct str task)
{
	const char *quote = memchr(task.p, '[', task.n) ? "'" : "";

	buf_addf(out, "%s%.*s/%.*s%s", quote, STR_ARG(run), STR_ARG(task), quote);
}

void cli_add_skip_reason(struct buf *out, struct str reason, struct str because)
{
	if (str_is(reason, "branch"))
		buf_addz(out, "its branch was not taken");
	else if (str_is(reason, "upstream_failed"))
		buf_addf(out, "'%.*s' failed", STR_ARG(because));
	else if (str_is(reason, "upstream_skipped"))
		buf_addf(out, "'%.*s' was skipped", STR_ARG(because));
	else
		buf_addz(out, "the run was ended");
}

struct str cli_argv_json(struct cli *c)
{
	struct buf b = {0};
	struct str s;

	for (int i = 0; i < c->argc; i++) {
		buf_addc(&b, i ? ',' : '[');
		buf_add_json(&b, str_of(c->argv[i]));
	}
	buf_addc(&b, ']');
	s = arena_str(&c->arena, buf_str(&b));
	buf_release(&b);
	return s;
}
