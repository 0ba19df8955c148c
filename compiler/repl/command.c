#include <config.h>

#include "compiler/repl/command.h"

#include <ctype.h>

#include "runtime/base/diag.h"
#include "runtime/base/table.h"

const struct command REPL_COMMANDS[] = {
#define COMMAND(name, args, kinds, summary, help) {#name, args, kinds, summary, help},
#include "compiler/repl/command.def"
#undef COMMAND
};

static void say_none(struct str word, struct buf *problem)
{
	struct suggestion near = {.wanted = word};

	for (int i = 0; i < COMMAND_N; i++)
		suggest(&near, str_of(REPL_COMMANDS[i].name));
	buf_addz(problem, "there is no command ':");
	buf_add_printable(problem, word, false);
	if (near.best.n)
		buf_addf(problem, "'; did you mean ':%.*s'?", STR_ARG(near.best));
	else
		buf_addz(problem, "'; ':help' lists them");
}

static void say_several(struct str word, struct buf *problem)
{
	size_t n = 0;

	buf_addf(problem, "':%.*s' may be", STR_ARG(word));
	for (int i = 0; i < COMMAND_N; i++)
		if (str_has_prefix(str_of(REPL_COMMANDS[i].name), word))
			buf_addf(problem, "%s :%s", n++ ? "," : "",
				 REPL_COMMANDS[i].name);
}

enum command_id command_find(struct str word, struct buf *problem)
{
	enum command_id found = COMMAND_N;
	size_t n = 0;

	for (int i = 0; i < COMMAND_N; i++) {
		struct str name = str_of(REPL_COMMANDS[i].name);

		if (str_eq(name, word))
			return (enum command_id)i;
		if (word.n && str_has_prefix(name, word)) {
			found = (enum command_id)i;
			n++;
		}
	}
	if (n == 1)
		return found;
	n ? say_several(word, problem) : say_none(word, problem);
	return COMMAND_N;
}

struct str command_kind(enum command_id c, size_t i)
{
	struct str kinds = str_of(REPL_COMMANDS[c].kinds), kind = STR("");

	for (size_t lo = 0, hi; lo < kinds.n; lo = hi + 1) {
		hi = str_find(kinds, STR(" "), lo);
		kind = str_sub(kinds, lo, hi);
		if (!i--)
			break;
	}
	return kind;
}

/* One word from s at *at on, quotes taken off; false where a quote is not closed. */
static bool next_word(struct str s, size_t *at, struct buf *word)
{
	char quote = '\0';

	for (; *at < s.n && (quote || !isspace((unsigned char)s.p[*at])); ++*at) {
		char c = s.p[*at];

		if (c == quote)
			quote = '\0';
		else if (!quote && (c == '\'' || c == '"'))
			quote = c;
		else
			buf_addc(word, c);
	}
	return !quote;
}

bool command_read(struct str line, struct arena *a, struct command_line *out)
{
	struct str s = str_trim(line);
	struct buf word = {0};
	bool ok = true;
	size_t at = 1;

	*out = (struct command_line){0};
	while (at < s.n && !isspace((unsigned char)s.p[at]))
		at++;
	out->name = arena_str(a, str_sub(s, 1, at));
	out->rest = arena_str(a, str_trim(str_sub(s, at, s.n)));
	out->words = ARENA_ARRAY(a, out->rest.n / 2 + 2, const char *);
	for (at = 0; ok && at < out->rest.n; at++) {
		if (isspace((unsigned char)out->rest.p[at]))
			continue;
		buf_clear(&word);
		ok = next_word(out->rest, &at, &word);
		out->words[out->nwords++] = arena_str(a, buf_str(&word)).p;
	}
	buf_release(&word);
	return ok;
}

void command_help_all(struct arena *a, struct buf *out)
{
	struct table *t = table_new(a, 2);

	for (int i = 0; i < COMMAND_N; i++) {
		const struct command *c = &REPL_COMMANDS[i];

		table_cell(t, arena_printf(a, "  :%s%s%s", c->name, c->args[0] ? " " : "",
					   c->args));
		table_cell(t, str_of(c->summary));
	}
	table_print(t, 0, out);
	buf_addz(out, "Names of commands may be cut short: `:ty` is `:type`.\n");
}

void command_help_one(enum command_id id, struct buf *out)
{
	const struct command *c = &REPL_COMMANDS[id];

	buf_addf(out, ":%s%s%s\n%c%s.\n", c->name, c->args[0] ? " " : "", c->args,
		 toupper((unsigned char)c->summary[0]), c->summary + 1);
	if (c->help[0])
		buf_addf(out, "%s\n", c->help);
}
