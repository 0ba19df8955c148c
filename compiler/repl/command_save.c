/* :save: the session as a file. */
#include <config.h>

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/repl/repl_int.h"
#include "runtime/base/io.h"

struct saving {
	const char *path;
	bool force;
};

static int read_words(const struct repl *r, const struct command_line *l,
		      struct saving *s)
{
	for (size_t i = 0; i < l->nwords; i++) {
		if (!strcmp(l->words[i], "--force"))
			s->force = true;
		else if (s->path || l->words[i][0] == '-')
			return command_usage(r, COMMAND_save, "'%s' is not wanted",
					     l->words[i]);
		else
			s->path = l->words[i];
	}
	return s->path ? REPL_DONE : command_usage(r, COMMAND_save, "to which file?");
}

static void add_file_word(struct buf *out, struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < 0x80 &&
		    !isalnum((unsigned char)path.p[i]) && !strchr("/._-", path.p[i])) {
			buf_add_shell(out, path);
			return;
		}
	buf_add(out, path);
}

/* What is needed to have the same results from it. */
static void tell(const struct repl *r, const struct saving *s,
		 const struct program_input *in)
{
	struct buf command = {0};

	for (size_t i = 0; i < in->left_out.n; i++)
		repl_say(r, "left out, since it has no value: %.*s",
			 STR_ARG(in->left_out.at[i].title));
	if (!in->saved.n) {
		repl_say(r, "saved: declarations alone, since nothing was called");
		return;
	}
	add_file_word(&command, str_of(s->path));
	if (in->config.n)
		buf_addf(&command, " --config %.*s", STR_ARG(in->config));
	repl_say(r, "saved; to run it: kfpc run %.*s", STR_ARG(buf_str(&command)));
	buf_release(&command);
}

static int save(struct repl *r, const struct saving *s, struct program_input *in)
{
	struct buf text = {0};
	int rc = REPL_DONE;
	struct err err;

	switch (program_save(r->program, s->path, in, &text)) {
	case PROGRAM_OK:
		if (!io_write_file(s->path, buf_str(&text), 0644, false, &err)) {
			tell(r, s, in);
			break;
		}
		repl_say(r, "error: %s", err.text);
		rc = REPL_UNUSABLE;
		break;
	case PROGRAM_EMPTY:
		repl_say(r, "there is nothing to save yet");
		rc = REPL_USAGE;
		break;
	case PROGRAM_INCOMPLETE:
	case PROGRAM_WRONG:
		io_write_all(STDERR_FILENO, buf_str(&in->said));
		rc = REPL_WRONG;
		break;
	}
	buf_release(&text);
	return rc;
}

int command_save(struct repl *r, const struct command_line *l)
{
	struct saving s = {0};
	struct program_input in;
	struct stat st;
	int rc = read_words(r, l, &s);

	if (rc)
		return rc;
	if (!s.force && !lstat(s.path, &st)) {
		repl_say(r, "'%s' is there already; --force replaces it", s.path);
		return REPL_WRONG;
	}
	rc = save(r, &s, &in);
	program_input_release(&in);
	return rc;
}
