/* The commands about the session itself. */
#include <config.h>

#include <stdarg.h>
#include <unistd.h>

#include "compiler/repl/repl_int.h"
#include "runtime/base/human.h"
#include "runtime/base/io.h"
#include "runtime/base/table.h"

typedef int command_fn(struct repl *r, const struct command_line *l);

static command_fn *const RUN[COMMAND_N] = {
#define COMMAND(name, args, kinds, summary, help) command_##name,
#include "compiler/repl/command.def"
#undef COMMAND
};

int command_usage(const struct repl *r, enum command_id c, const char *fmt, ...)
{
	const struct command *cmd = &REPL_COMMANDS[c];
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	repl_say(r, ":%s: %.*s\nIt is used so: :%s%s%s", cmd->name,
		 STR_ARG(buf_str(&text)), cmd->name, cmd->args[0] ? " " : "", cmd->args);
	buf_release(&text);
	return REPL_USAGE;
}

int repl_command(struct repl *r, struct str line)
{
	struct command_line l;
	struct buf problem = {0};
	enum command_id id;
	bool closed;

	if (memchr(line.p, '\0', line.n)) {
		repl_say(r, "a command has no byte 0 in it");
		return REPL_USAGE;
	}
	closed = command_read(line, &r->arena, &l);
	id = command_find(l.name, &problem);
	if (problem.n)
		repl_say(r, "%.*s", STR_ARG(buf_str(&problem)));
	buf_release(&problem);
	if (id == COMMAND_N)
		return REPL_USAGE;
	if (!REPL_COMMANDS[id].args[0] && l.nwords)
		return command_usage(r, id, "it takes no arguments");
	if (!closed && !str_is(command_kind(id, 0), "expression"))
		return command_usage(r, id, "a quote is not closed");
	return RUN[id](r, &l);
}

static bool is_code(struct str word)
{
	return word.n > 1 && (word.p[0] == 'E' || word.p[0] == 'W') && word.p[1] >= '0' &&
	       word.p[1] <= '9';
}

int command_help(struct repl *r, const struct command_line *l)
{
	struct str word = str_of(l->nwords ? l->words[0] : "");
	struct buf out = {0}, problem = {0};
	enum command_id id;
	int rc = REPL_DONE;

	if (is_code(word)) {
		const char *const words[] = {"explain", l->words[0]};

		return r->host->verb(r->host->ctx, 2, words);
	}
	if (str_has_prefix(word, STR(":")))
		word = str_sub(word, 1, word.n);
	if (!word.n) {
		command_help_all(&r->arena, &out);
	} else {
		id = command_find(word, &problem);
		if (id != COMMAND_N)
			command_help_one(id, &out);
		else
			repl_say(r, "%.*s", STR_ARG(buf_str(&problem)));
		rc = id == COMMAND_N ? REPL_USAGE : REPL_DONE;
	}
	repl_print(r, &out);
	buf_release(&out);
	buf_release(&problem);
	return rc;
}

int command_quit(struct repl *r, const struct command_line *l)
{
	(void)l;
	r->is_over = true;
	return REPL_DONE;
}

int command_type(struct repl *r, const struct command_line *l)
{
	struct program_input in;
	struct buf out = {0};
	int rc = REPL_DONE;

	if (!l->rest.n)
		return command_usage(r, COMMAND_type, "of what?");
	if (program_type_of(r->program, l->rest, &in) == PROGRAM_OK) {
		buf_addf(&out, "%.*s\n", STR_ARG(in.type));
		repl_print(r, &out);
	} else {
		io_write_all(STDERR_FILENO, buf_str(&in.said));
		rc = REPL_WRONG;
	}
	program_input_release(&in);
	buf_release(&out);
	return rc;
}

int command_print(struct repl *r, const struct command_line *l)
{
	struct show show = repl_show(r);
	const struct type *type = NULL;
	struct program_input in;
	struct value value = {0};
	struct buf out = {0};
	int rc;

	if (!l->rest.n)
		return command_usage(r, COMMAND_print, "what?");
	rc = repl_evaluate(r, l->rest, &in, &type, &value);
	show.store = r->store;
	if (!rc && (value.kind == VALUE_ARTIFACT || value.kind == VALUE_SERIES ||
		    show.is_json))
		show_value(&show, l->rest, type, value, &out);
	else if (!rc)
		show_whole(value, type, &out);
	repl_print(r, &out);
	program_input_release(&in);
	buf_release(&out);
	return rc;
}

static void print_time(struct repl *r, int64_t ms)
{
	struct buf out = {0};

	human_duration(&out, ms);
	buf_addc(&out, '\n');
	repl_print(r, &out);
	buf_release(&out);
}

int command_time(struct repl *r, const struct command_line *l)
{
	struct show show = repl_show(r);
	const struct type *type = NULL;
	struct program_input in;
	struct value value = {0};
	struct buf out = {0};
	int64_t began = io_monotonic_ms();
	int rc;

	if (!l->rest.n && r->step_ms < 0) {
		repl_say(r, "nothing has run yet");
		return REPL_DONE;
	}
	if (!l->rest.n) {
		print_time(r, r->step_ms);
		return REPL_DONE;
	}
	rc = repl_evaluate(r, l->rest, &in, &type, &value);
	show.store = r->store;
	if (!rc) {
		show_value(&show, STR(""), type, value, &out);
		repl_print(r, &out);
		print_time(r, io_monotonic_ms() - began);
	}
	program_input_release(&in);
	buf_release(&out);
	return rc;
}

static const char *const STATES[PROGRAM_NSTATES] = {
	[PROGRAM_NEW] = "new", [PROGRAM_DONE] = "done", [PROGRAM_STALE] = "stale",
	[PROGRAM_FAILED] = "failed", [PROGRAM_BROKEN] = "broken",
};

static void add_row(struct table *t, struct str place, const char *state, struct str text)
{
	table_cell(t, place);
	table_cell(t, str_of(state));
	table_cell(t, text);
}

static struct str first_line(struct repl *r, struct str text)
{
	return arena_printf(&r->arena, "  %.*s",
			    STR_ARG(str_sub(text, 0, str_find(text, STR("\n"), 0))));
}

int command_list(struct repl *r, const struct command_line *l)
{
	const struct program_entries *all = program_entries(r->program);
	struct table *t = table_new(&r->arena, 3);
	struct show show = repl_show(r);
	struct buf out = {0};

	(void)l;
	for (size_t i = 0; i < all->n; i++) {
		const struct program_entry *e = &all->at[i];
		struct buf title = {0};
		bool is_plain = e->kind == PROGRAM_DECLARATION &&
				e->state == PROGRAM_DONE;

		buf_add_printable(&title, e->title, false);
		add_row(t, e->place, is_plain ? "" : STATES[e->state],
			arena_str(&r->arena, buf_str(&title)));
		if (e->state == PROGRAM_BROKEN)
			add_row(t, STR(""), "", first_line(r, e->error));
		buf_release(&title);
	}
	if (!all->n)
		repl_say(r, "nothing was typed yet");
	else
		table_print(t, show.columns, &out);
	repl_print(r, &out);
	buf_release(&out);
	return REPL_DONE;
}

int command_rerun(struct repl *r, const struct command_line *l)
{
	struct str *names = ARENA_ARRAY(&r->arena, l->nwords + 1, struct str);
	struct program_input in;
	enum program_verdict verdict;
	int rc;

	for (size_t i = 0; i < l->nwords; i++)
		names[i] = str_of(l->words[i]);
	verdict = program_rerun(r->program, names, l->nwords, &in);
	if (verdict == PROGRAM_EMPTY)
		repl_say(r, "nothing is stale or failed");
	rc = repl_take(r, verdict, &in);
	program_input_release(&in);
	return rc;
}

int command_undo(struct repl *r, const struct command_line *l)
{
	struct program_input in;
	struct str what;
	enum program_verdict verdict = program_undo(r->program, &in, &what);

	(void)l;
	if (verdict == PROGRAM_EMPTY) {
		repl_say(r, "there is nothing to undo");
	} else {
		repl_say(r, "undone: %.*s", STR_ARG(what));
		repl_tell_changes(r, &in);
	}
	program_input_release(&in);
	return REPL_DONE;
}

int command_load(struct repl *r, const struct command_line *l)
{
	struct program_input in;
	int rc;

	if (l->nwords != 1)
		return command_usage(r, COMMAND_load, "one file is wanted");
	rc = repl_take(r, program_load(r->program, l->words[0], &in), &in);
	program_input_release(&in);
	return rc;
}

int command_reload(struct repl *r, const struct command_line *l)
{
	struct program_input in;
	const char *const *files;
	enum program_verdict verdict;
	int rc;

	(void)l;
	if (!program_files(r->program, &files)) {
		repl_say(r, "no file was loaded: :load FILE does that");
		return REPL_USAGE;
	}
	verdict = program_reload(r->program, &in);
	if (verdict == PROGRAM_EMPTY)
		repl_say(r, "nothing has changed");
	rc = repl_take(r, verdict, &in);
	program_input_release(&in);
	return rc;
}
