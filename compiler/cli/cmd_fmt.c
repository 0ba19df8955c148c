#include <config.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/source.h"
#include "compiler/tool/diff.h"
#include "compiler/tool/fmt.h"
#include "runtime/base/io.h"
#include "runtime/base/limits.h"

enum fmt_flags { FMT_CHECK = 1, FMT_DIFF = 2 };

static int write_back(const char *path, struct str text)
{
	struct err err = {0};
	struct stat st;
	mode_t mode = stat(path, &st) ? 0644 : st.st_mode & 07777;

	return io_write_file(path, text, mode, false, &err) ? cli_fail(&err) : EXIT_DONE;
}

/* What is done with a text and its canonical form. */
static int deliver(const char *path, struct str text, struct str formed, unsigned flags)
{
	bool same = str_eq(text, formed), is_stdin = !strcmp(path, "-");
	const char *shown = is_stdin ? "<stdin>" : path;
	struct buf out = {0};
	int rc;

	if (flags & FMT_DIFF)
		diff_unified(str_of(shown), text, formed, &out);
	else if (flags & FMT_CHECK && !same)
		buf_addf(&out, "%s\n", shown);
	else if (!(flags & FMT_CHECK) && is_stdin)
		buf_add(&out, formed);
	else if (!(flags & FMT_CHECK) && !same)
		return write_back(path, formed);
	rc = cli_print(&out);
	buf_release(&out);
	return !rc && flags & FMT_CHECK && !same ? EXIT_WRONG : rc;
}

static int fmt_one(const char *path, unsigned flags)
{
	struct buf text = {0}, formed = {0};
	struct str shown = strcmp(path, "-") ? str_of(path) : STR("<stdin>");
	struct err err = {0};
	struct compilation c;
	int rc, wrong = EXIT_DONE;

	compilation_init(&c);
	if (io_read_file(path, LIMIT_FILE_BYTES, &text, &err)) {
		rc = cli_fail(&err);
	} else if (fmt_text(&c, shown, buf_str(&text), &formed, &err)) {
		source_report_syntax(&c);
		rc = cli_fail(&err);
	} else {
		wrong = source_report_syntax(&c);
		rc = deliver(path, buf_str(&text), buf_str(&formed), flags);
	}
	buf_release(&text);
	buf_release(&formed);
	compilation_release(&c);
	return rc > wrong ? rc : wrong;
}

int cmd_fmt(struct cli *c)
{
	unsigned flags = 0;
	int rc = EXIT_DONE, one;

	if (!c->nargs)
		return cli_usage(c, "a file is wanted");
	if (cli_has(c, OPT_fmt_check))
		flags |= FMT_CHECK;
	if (cli_has(c, OPT_fmt_diff))
		flags |= FMT_DIFF;
	for (int i = 0; i < c->nargs; i++) {
		one = fmt_one(c->args[i], flags);
		rc = one > rc ? one : rc;
	}
	return rc;
}
