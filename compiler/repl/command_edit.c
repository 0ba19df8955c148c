/* :edit: a block in the editor of the user's choice. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/repl/repl_int.h"
#include "runtime/base/io.h"

static const char *editor(void)
{
	const char *name = getenv("VISUAL");

	if (!name || !*name)
		name = getenv("EDITOR");
	return name && *name ? name : "vi";
}

/* An editor may have options: the shell splits them off, as for git and crontab. */
static _Noreturn void become_editor(const char *path, bool is_terminal)
{
	struct buf command = {0};
	int null;

	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (!is_terminal) {	/* our input is a script, and not for it */
		null = open("/dev/null", O_RDWR);
		if (null >= 0)
			dup2(null, STDIN_FILENO);
		dup2(STDERR_FILENO, STDOUT_FILENO);
	}
	buf_addf(&command, "exec %s \"$1\"", editor());
	execl("/bin/sh", "sh", "-c", buf_cstr(&command), "sh", path, (char *)NULL);
	_exit(127);
}

static int run_editor(const struct repl *r, const char *path, struct err *err)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, was_int, was_quit;
	int status = -1;
	pid_t pid;

	sigemptyset(&ignore.sa_mask);
	sigaction(SIGINT, &ignore, &was_int);
	sigaction(SIGQUIT, &ignore, &was_quit);
	pid = fork();
	if (!pid)
		become_editor(path, r->is_terminal);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &was_int, NULL);
	sigaction(SIGQUIT, &was_quit, NULL);
	if (pid < 0)
		return err_sys(err, "cannot start '%s'", editor());
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(err, "'%s' is not there: set EDITOR", editor());
	return err_set(err, "'%s' failed; nothing is run", editor());
}

/* text is what the editor begins with, and becomes what it left. */
static int edit(const struct repl *r, struct buf *text, struct err *err)
{
	struct buf path = {0};
	int fd, rc = -1;

	buf_addf(&path, "%s/kfpc-XXXXXX.kfp", io_temp_folder());
	buf_cstr(&path);
	fd = mkostemps(path.p, 4, O_CLOEXEC);
	if (fd < 0) {
		err_sys(err, "%s", path.p);
		goto out;
	}
	if (io_write_all(fd, buf_str(text)))
		err_sys(err, "%s", path.p);
	else
		rc = run_editor(r, path.p, err);
	close(fd);
	buf_clear(text);
	if (!rc)
		rc = io_read_file(path.p, PROGRAM_TEXT_MAX, text, err);
	unlink(path.p);
out:
	buf_release(&path);
	return rc;
}

static int begin_with(struct repl *r, const struct command_line *l, struct buf *text)
{
	const struct program_entry *e;

	if (!l->nwords) {
		buf_addz(text, r->last_block ? r->last_block : "");
		return REPL_DONE;
	}
	e = program_find(r->program, str_of(l->words[0]));
	if (!e) {
		repl_say(r, "there is no '%s' in the session; :list has what there is",
			 l->words[0]);
		return REPL_USAGE;
	}
	buf_add(text, e->text);
	return REPL_DONE;
}

int command_edit(struct repl *r, const struct command_line *l)
{
	struct buf before = {0}, text = {0};
	struct err err;
	int rc = begin_with(r, l, &before);

	if (rc == REPL_DONE) {
		if (before.n && before.p[before.n - 1] != '\n')
			buf_addc(&before, '\n');
		buf_add(&text, buf_str(&before));
		if (edit(r, &text, &err)) {
			repl_say(r, "error: %s", err.text);
			rc = REPL_UNUSABLE;
		} else if (!str_trim(buf_str(&text)).n ||
			   str_eq(buf_str(&before), buf_str(&text))) {
			repl_say(r, "nothing has changed");
		} else {
			rc = repl_eat(r, buf_str(&text));
		}
	}
	buf_release(&before);
	buf_release(&text);
	return rc;
}
