/* `kfpc explain`: the pages of explain.md, which the program carries. */
#include <config.h>

#include <ctype.h>
#include <unistd.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/explain.md.h"
#include "runtime/base/diag.h"

/* The section of a code, without its heading and the blank lines around it. */
static struct str section(enum diag_code code)
{
	struct str all = {(const char *)explain_md, explain_md_len};
	char heading[16] = "\n## ";
	size_t lo, hi;

	strcat(heading, diag_code_name(code));
	lo = str_find(all, str_of(heading), 0);
	lo += lo < all.n ? strlen(heading) : 0;
	hi = str_find(all, STR("\n## "), lo);
	return str_trim(str_sub(all, lo, hi));
}

/* A line of the file as a terminal shows it; true while in a program. */
static bool print_line(struct str line, bool in_program, struct buf *out)
{
	if (str_has_prefix(line, STR("```"))) {
		if (!in_program)
			buf_addz(out, str_is(line, "```kfp bad") ? "Wrong:\n\n"
								 : "Right:\n\n");
		return !in_program;
	}
	if (str_has_prefix(line, STR("<!--")))
		return false;
	if (in_program && line.n)
		buf_addz(out, "    ");
	buf_add(out, line);
	buf_addc(out, '\n');
	return in_program;
}

static void print_page(enum diag_code code, struct buf *out)
{
	bool bold = cli_colour(STDOUT_FILENO), in_program = false;
	struct str text = section(code);

	buf_addf(out, "%s%s: %s%s\n\n", bold ? "\033[1m" : "", diag_code_name(code),
		 diag_code_title(code), bold ? "\033[0m" : "");
	for (size_t lo = 0, hi; lo < text.n; lo = hi + 1) {
		hi = str_find(text, STR("\n"), lo);
		in_program = print_line(str_sub(text, lo, hi), in_program, out);
	}
}

static void print_json(enum diag_code code, bool text, struct buf *out)
{
	buf_addf(out, "{\"code\":\"%s\",\"severity\":\"%s\",\"title\":",
		 diag_code_name(code), diag_code_is_error(code) ? "error" : "warning");
	buf_add_json(out, str_of(diag_code_title(code)));
	if (text) {
		buf_addz(out, ",\"text\":");
		buf_add_json(out, section(code));
	}
	buf_addz(out, "}\n");
}

static void print_list(bool json, struct buf *out)
{
	for (enum diag_code code = 0; code < DIAG_NCODES; code++) {
		if (json)
			print_json(code, false, out);
		else
			buf_addf(out, "%s  %s\n", diag_code_name(code),
				 diag_code_title(code));
	}
}

/* A code may be typed in small letters. */
static enum diag_code find_code(struct cli *c, const char *name)
{
	struct str upper = arena_str(&c->arena, str_of(name));
	char *p = arena_alloc(&c->arena, upper.n + 1);

	for (size_t i = 0; i < upper.n; i++)
		p[i] = (char)toupper((unsigned char)upper.p[i]);
	return diag_code_find((struct str){p, upper.n});
}

int cmd_explain(struct cli *c)
{
	bool json = cli_has(c, OPT_explain_json);
	struct buf out = {0};
	int rc = EXIT_DONE;

	if (!c->nargs)
		print_list(json, &out);
	for (int i = 0; i < c->nargs && !rc; i++) {
		enum diag_code code = find_code(c, c->args[i]);

		if (code == DIAG_NCODES) {
			rc = cli_usage(c, "there is no code '%s'", c->args[i]);
		} else if (json) {
			print_json(code, true, &out);
		} else {
			buf_addz(&out, i ? "\n" : "");
			print_page(code, &out);
		}
	}
	rc = rc ? rc : cli_print(&out);
	buf_release(&out);
	return rc;
}
