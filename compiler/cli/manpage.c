/* Writes the manual pages while kfpc is built:
 *
 *	manpage kfpc doc/commands.md >kfpc.1	the command table, then the document
 *	manpage kfp doc/language.md >kfp.5
 *
 * Of Markdown it knows what the two documents use.  A row of a table becomes a paragraph
 * with its first cell in the margin. */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/io.h"
#include "runtime/base/limits.h"

static const struct {
	const char *name, *args, *summary, *help;
} COMMANDS[] = {
#define CMD(name, args, summary, help) {#name, args, summary, help},
#define OPT(cmd, name, letter, arg, summary)
#include "compiler/cli/cmd.def"
#undef CMD
#undef OPT
};

static const struct {
	const char *command, *name;
	char letter;
	const char *arg, *summary;
} OPTIONS[] = {
#define CMD(name, args, summary, help)
#define OPT(cmd, name, letter, arg, summary) {#cmd, #name, letter, arg, summary},
#include "compiler/cli/cmd.def"
#undef CMD
#undef OPT
};

/* One character of text, so that roff prints it as it is. */
static void add_char(struct buf *out, char c)
{
	if (c == '\\')
		buf_addz(out, "\\e");
	else if (c == '-')
		buf_addz(out, "\\-");
	else if (c == '\'')
		buf_addz(out, "\\(aq");
	else if (c == '^')
		buf_addz(out, "\\(ha");
	else if (c == '~')
		buf_addz(out, "\\(ti");
	else
		buf_addc(out, c);
}

static void add_plain(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		add_char(out, s.p[i]);
}

/* The end of a [text](address) that begins at i, and the end of its text; false: none. */
static bool is_link(struct str s, size_t i, size_t *text, size_t *end)
{
	*text = str_find(s, STR("]("), i);
	*end = str_find(s, STR(")"), *text);
	return *end < s.n && memchr(s.p + i + 1, '[', *text - i - 1) == NULL;
}

/* A paragraph's text: `code` and **strong** in bold, links as their text. */
static void add_text(struct buf *out, struct str s)
{
	bool bold = false, code = false;
	size_t text, end;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '`') {
			code = !code;
			buf_addz(out, code ? "\\fB" : "\\fR");
		} else if (!code && i + 1 < s.n && s.p[i] == '*' && s.p[i + 1] == '*') {
			bold = !bold;
			buf_addz(out, bold ? "\\fB" : "\\fR");
			i++;
		} else if (!code && s.p[i] == '\\' && i + 1 < s.n && ispunct(s.p[i + 1])) {
			add_char(out, s.p[++i]);
		} else if (!code && s.p[i] == '[' && is_link(s, i, &text, &end)) {
			add_text(out, str_sub(s, i + 1, text));
			i = end;
		} else {
			add_char(out, s.p[i]);
		}
	}
}

/* A line of text must not begin as a request does. */
static void add_line(struct buf *out, struct str s, bool code)
{
	if (s.n && (s.p[0] == '.' || s.p[0] == '\''))
		buf_addz(out, "\\&");
	if (code)
		add_plain(out, s);
	else
		add_text(out, s);
	buf_addc(out, '\n');
}

static void add_section(struct buf *out, const char *macro, struct str title)
{
	buf_addf(out, ".%s ", macro);
	for (size_t i = 0; i < title.n; i++) {
		char c = title.p[i];

		if (c != '`')
			add_char(out, macro[1] == 'H' ? (char)toupper((unsigned char)c) : c);
	}
	buf_addc(out, '\n');
}

/* The cells of "| a | b |"; a cell may hold "\|". */
static size_t cells(struct str row, struct str *at, size_t max)
{
	size_t n = 0, from = 1;

	for (size_t i = 1; i < row.n && n < max; i++)
		if (row.p[i] == '|' && row.p[i - 1] != '\\') {
			at[n++] = str_trim(str_sub(row, from, i));
			from = i + 1;
		}
	return n;
}

static void add_row(struct buf *out, struct str row)
{
	enum { COLUMNS = 8 };
	struct str at[COLUMNS];
	size_t n = cells(row, at, COLUMNS);

	buf_addz(out, ".TP\n");
	add_line(out, n && at[0].n ? at[0] : STR("\\&"), false);
	for (size_t i = 1; i < n; i++)
		if (at[i].n)
			add_line(out, at[i], false);
}

struct page {
	struct buf *out;
	bool in_code;
	bool is_apart;	/* what comes next begins a paragraph */
	bool is_headed;	/* nothing stands below the heading yet */
};

static bool is_rule(struct str line)
{
	return str_has_prefix(line, STR("| -"));
}

static void begin_paragraph(struct page *p)
{
	if (p->is_apart)
		buf_addz(p->out, ".PP\n");
	p->is_apart = false;
}

static void add_heading(struct page *p, struct str line)
{
	size_t level = 0;

	while (level < line.n && line.p[level] == '#')
		level++;
	add_section(p->out, level < 3 ? "SH" : "SS", str_trim(str_sub(line, level, line.n)));
	p->is_apart = false;
}

static void add_fence(struct page *p)
{
	p->in_code = !p->in_code;
	if (p->in_code)
		begin_paragraph(p);
	buf_addz(p->out, p->in_code ? ".in +4n\n.EX\n" : ".EE\n.in\n");
}

/* `next` is the line behind: the head of a table is the row above its rule. */
static void add_markdown(struct page *p, struct str line, struct str next)
{
	if (str_has_prefix(str_trim(line), STR("```"))) {
		add_fence(p);
	} else if (p->in_code) {
		add_line(p->out, line, true);
	} else if (str_has_prefix(line, STR("|"))) {
		if (!is_rule(line) && !is_rule(next))
			add_row(p->out, line);
		p->is_apart = true;
	} else if (str_has_prefix(line, STR("#"))) {
		add_heading(p, line);
	} else if (str_has_prefix(line, STR("- "))) {
		buf_addz(p->out, ".IP \\(bu 2\n");
		add_line(p->out, str_sub(line, 2, line.n), false);
		p->is_apart = false;
	} else if (line.n) {
		begin_paragraph(p);
		add_line(p->out, str_trim(line), false);
	} else {
		p->is_apart = !p->is_headed;
	}
	if (line.n)
		p->is_headed = !p->in_code && str_has_prefix(line, STR("#"));
}

/* From the first heading behind the document's title and contents on. */
static void add_document(struct buf *out, struct str text)
{
	struct page p = {.out = out};
	size_t lo = str_find(text, STR("\n## "), 0) + 1;

	for (size_t hi; lo < text.n; lo = hi + 1) {
		size_t after;

		hi = str_find(text, STR("\n"), lo);
		after = hi < text.n ? str_find(text, STR("\n"), hi + 1) : text.n;
		add_markdown(&p, str_sub(text, lo, hi),
			     hi < text.n ? str_sub(text, hi + 1, after) : (struct str){"", 0});
	}
}

static void add_option(struct buf *out, size_t i)
{
	buf_addz(out, ".TP\n\\fB");
	if (OPTIONS[i].letter)
		buf_addf(out, "\\-%c\\fR, \\fB", OPTIONS[i].letter);
	buf_addz(out, "\\-\\-");
	for (const char *c = OPTIONS[i].name; *c; c++)
		add_char(out, *c == '_' ? '-' : *c);
	buf_addf(out, "\\fR%s\\fI%s\\fR\n", OPTIONS[i].arg ? " " : "",
		 OPTIONS[i].arg ? OPTIONS[i].arg : "");
	add_line(out, str_of(OPTIONS[i].summary), true);
}

static void add_commands(struct buf *out)
{
	add_section(out, "SH", STR("COMMANDS"));
	for (size_t c = 0; c < sizeof COMMANDS / sizeof *COMMANDS; c++) {
		buf_addf(out, ".SS kfpc %s", COMMANDS[c].name);
		if (COMMANDS[c].args[0])
			buf_addf(out, " %s", COMMANDS[c].args);
		buf_addf(out, "\n%c", toupper((unsigned char)COMMANDS[c].summary[0]));
		add_plain(out, str_of(COMMANDS[c].summary + 1));
		buf_addz(out, ".\n");
		if (COMMANDS[c].help[0])
			add_line(out, str_of(COMMANDS[c].help), true);
		for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++)
			if (!strcmp(OPTIONS[i].command, COMMANDS[c].name))
				add_option(out, i);
	}
}

static void add_head(struct buf *out, bool command)
{
	buf_addf(out, ".TH %s \"\" \"kfpc " PACKAGE_VERSION "\" \"kfpc manual\"\n.SH NAME\n",
		 command ? "KFPC 1" : "KFP 5");
	if (command)
		buf_addz(out, "kfpc \\- a language and runtime for machine-learning pipelines\n"
			      ".SH SYNOPSIS\n\\fBkfpc\\fR \\fICOMMAND\\fR "
			      "[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n");
	else
		buf_addz(out, "kfp \\- the language of machine-learning pipelines\n");
}

int main(int argc, char **argv)
{
	bool command = argc == 3 && !strcmp(argv[1], "kfpc");
	struct buf text = {0}, out = {0};
	struct err err;
	int rc;

	if (argc != 3 || io_read_file(argv[2], LIMIT_FILE_BYTES, &text, &err)) {
		fprintf(stderr, "manpage: %s\n", argc == 3 ? err.text : "wrong usage");
		return 1;
	}
	add_head(&out, command);
	if (command)
		add_commands(&out);
	add_document(&out, buf_str(&text));
	buf_addf(&out, ".SH SEE ALSO\n.BR %s\n", command ? "kfp (5)" : "kfpc (1)");
	rc = io_write_all(STDOUT_FILENO, buf_str(&out));
	buf_release(&text);
	buf_release(&out);
	return rc ? 1 : 0;
}
