#include <config.h>

#include "compiler/repl/repl_int.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/repl/script.h"
#include "runtime/base/io.h"

void repl_say(const struct repl *r, const char *fmt, ...)
{
	struct buf text = {0}, out = {0};
	va_list ap;

	(void)r;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	buf_add_printable(&out, buf_str(&text), true);
	buf_addc(&out, '\n');
	io_write_all(STDERR_FILENO, buf_str(&out));
	buf_release(&text);
	buf_release(&out);
}

void repl_print(struct repl *r, const struct buf *out)
{
	/* Nobody reads any more: there is nothing to go on for. */
	if (io_write_all(STDOUT_FILENO, buf_str(out)))
		r->is_over = true;
}

struct show repl_show(struct repl *r)
{
	return (struct show){
		.store = r->store, .courses = &r->courses, .a = &r->arena,
		.columns = io_columns(STDOUT_FILENO), .colour = r->opts->colour,
		.is_json = r->opts->is_json,
	};
}

/* For :edit. */
static void keep_block(struct repl *r, struct str text)
{
	free(r->last_block);
	r->last_block = strndup(text.n ? text.p : "", text.n);
}

/* A script that ends in the middle of a block: what the compiler has to say of it. */
static void say_unfinished(const struct repl *r, struct str text)
{
	struct buf said = {0};
	struct compilation c;

	compilation_init(&c);
	compile_parse_text(&c, STR("<input>"), text);
	diag_finish(&c.diags);
	diag_print_text(&c.diags, r->opts->colour, &said);
	if (!said.n)
		buf_addz(&said, "error: the input ends in the middle of a block\n");
	io_write_all(STDERR_FILENO, buf_str(&said));
	buf_release(&said);
	compilation_release(&c);
}

int repl_eat(struct repl *r, struct str text)
{
	struct str line = str_trim(text);
	struct program_input in;
	enum program_verdict verdict;
	struct buf block = {0};
	int rc;

	arena_clear(&r->arena);
	if (str_has_prefix(line, STR(":")))
		return repl_command(r, line);
	keep_block(r, text);
	buf_add(&block, text);
	buf_addz(&block, "\n\n");	/* that is all of it */
	verdict = program_read(r->program, buf_str(&block), &in);
	if (verdict == PROGRAM_INCOMPLETE)
		say_unfinished(r, buf_str(&block));
	rc = repl_take(r, verdict, &in);
	program_input_release(&in);
	buf_release(&block);
	return rc;
}

/* All blocks of a script, up to the first that fails. */
static int eat_script(struct repl *r, struct script *s)
{
	struct str block;
	struct err err;
	int rc = REPL_DONE;

	while (!rc && !r->is_over) {
		if (script_next(s, &block, &err)) {
			repl_say(r, "error: %s", err.text);
			return err.kind == ERR_INPUT ? REPL_WRONG : REPL_UNUSABLE;
		}
		if (!block.n)
			break;
		rc = repl_eat(r, block);
	}
	return rc;
}

static int eat_expressions(struct repl *r)
{
	int rc = REPL_DONE;

	for (size_t i = 0; !rc && i < r->opts->nexpressions; i++) {
		struct script s;

		script_init_text(&s, str_of(r->opts->expressions[i]));
		rc = eat_script(r, &s);
		script_release(&s);
	}
	return rc;
}

static int eat_input(struct repl *r)
{
	struct script s;
	int rc;

	script_init(&s, STDIN_FILENO);
	rc = eat_script(r, &s);
	script_release(&s);
	return rc;
}

static int load(struct repl *r)
{
	struct program_input in;
	int rc;

	if (!r->opts->file)
		return REPL_DONE;
	rc = repl_take(r, program_load(r->program, r->opts->file, &in), &in);
	program_input_release(&in);
	return rc;
}

/* Ends the run, if there is one. */
static int finish(struct repl *r)
{
	char id[RUN_ID_CHARS + 1] = "";
	struct err err;
	int rc = REPL_DONE;

	if (r->session) {
		memcpy(id, run_session_id(r->session),
		       strlen(run_session_id(r->session)) + 1);
		if (run_session_close(r->session, &err)) {
			repl_say(r, "error: %s", err.text);
			rc = REPL_UNUSABLE;
		}
	}
	if (id[0] && r->is_terminal && !rc)
		repl_say(r, "run %.*s: kfpc show %.*s", STR_ARG(run_short_id(id)),
			 STR_ARG(run_short_id(id)));
	if (r->store)
		store_close(r->store);
	return rc;
}

static void release(struct repl *r)
{
	program_free(r->program);
	courses_release(&r->courses);
	map_release(&r->tasks);
	map_release(&r->envs);
	vec_release(&r->task_list);
	arena_release(&r->names);
	arena_release(&r->arena);
	free(r->last_block);
}

int repl(const struct repl_host *host, const struct repl_opts *opts)
{
	struct repl r = {.host = host, .opts = opts, .step_ms = -1};
	int rc, ended;

	r.is_terminal = !opts->nexpressions && isatty(STDIN_FILENO) &&
			isatty(STDOUT_FILENO);
	r.program = program_new(host, opts->colour);
	rc = load(&r);
	if (!rc && opts->nexpressions)
		rc = eat_expressions(&r);
	else if (r.is_terminal)
		rc = repl_talk(&r);	/* a file that is wrong can be mended from here */
	else if (!rc)
		rc = eat_input(&r);
	ended = finish(&r);
	release(&r);
	return rc ? rc : ended;
}
