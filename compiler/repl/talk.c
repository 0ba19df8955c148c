/* The loop of a session with a person at a terminal. */
#include <config.h>

#include <signal.h>
#include <unistd.h>

#include "compiler/repl/edit.h"
#include "compiler/repl/repl_int.h"

static bool is_open(void *ctx, struct str text)
{
	(void)ctx;
	if (str_has_prefix(str_trim(text), STR(":")))
		return false;
	return program_look(text) == PROGRAM_INCOMPLETE;
}

static void greet(const struct repl *r)
{
	repl_say(r, "kfpc %s.  :help lists the commands, Tab completes, Ctrl-D ends.",
		 PACKAGE_VERSION);
}

int repl_talk(struct repl *r)
{
	struct edit *e = edit_open(&(struct edit_opts){
		.in = STDIN_FILENO, .out = STDOUT_FILENO, .prompt = STR("kfp> "),
		.more = STR("...  "), .colour = r->opts->colour,
		.history = edit_history_path(&r->names), .is_open = is_open,
		.complete = repl_complete, .ctx = r,
	});
	enum edit_end end = EDIT_TEXT;
	struct str text;
	int sig;

	greet(r);
	while (!r->is_over && end != EDIT_END) {
		end = edit_read(e, &text);
		if (end == EDIT_TEXT)
			repl_eat(r, text);
	}
	sig = r->signal ? r->signal : edit_signal(e);
	edit_close(e);
	return sig ? 128 + sig : REPL_DONE;
}
