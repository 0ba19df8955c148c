#include <config.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/cli/look.h"
#include "runtime/base/map.h"

enum {
	FOLLOW_MS = 200,
	READ_CHUNK = 256 << 10,
};

/* What was written by one attempt to one stream and is not a whole line yet. */
struct stream {
	struct buf line;
	struct str prefix;
	size_t nprinted;	/* parts of the attempt that are out; in stdout's */
};

struct shown_part {
	struct view_log_part part;
	struct stream *stream;
};

struct logs {
	struct cli *cli;
	struct look look;
	int fd;
	int attempt;		/* 0: all */
	bool with_prefix, for_terminal;
	bool is_in_line;	/* what was printed last does not end one */
	struct str task;	/* "" for all */
	struct map streams;	/* by "task\0attempt\0stream" */
	struct buf key, out;
};

static struct stream *stream_of(struct logs *l, const struct view_task *t,
				const struct view_attempt *a, bool is_stderr)
{
	struct stream *s;

	buf_clear(&l->key);
	buf_add(&l->key, t->path);
	buf_addf(&l->key, "%c%d%c%d", 0, a->number, 0, is_stderr);
	s = map_get(&l->streams, buf_str(&l->key));
	if (s)
		return s;
	s = ARENA_NEW(&l->cli->arena, struct stream);
	if (l->with_prefix)
		s->prefix = a->number > 1 ? arena_printf(&l->cli->arena, "%.*s (%d) | ",
							 STR_ARG(t->path), a->number)
					  : arena_printf(&l->cli->arena, "%.*s | ",
							 STR_ARG(t->path));
	map_set(&l->streams, arena_str(&l->cli->arena, buf_str(&l->key)), s);
	return s;
}

static void add_text(struct logs *l, struct str s)
{
	if (l->for_terminal)
		buf_add_printable(&l->out, s, true);
	else
		buf_add(&l->out, s);
}

static void end_line(struct logs *l, struct stream *s)
{
	buf_add(&l->out, s->prefix);
	add_text(l, buf_str(&s->line));
	buf_addc(&l->out, '\n');
	buf_clear(&s->line);
}

/* With prefixes only whole lines are printed, so that those of two tasks do not mix. */
static void add_bytes(struct logs *l, struct stream *s, struct str bytes)
{
	if (!l->with_prefix) {
		add_text(l, bytes);
		return;
	}
	while (bytes.n) {
		size_t end = str_find(bytes, STR("\n"), 0);

		buf_add(&s->line, str_sub(bytes, 0, end));
		if (end < bytes.n)
			end_line(l, s);
		bytes = str_sub(bytes, end + 1, bytes.n);
	}
}

static int flush_out(struct logs *l)
{
	int rc = cli_print(&l->out);

	if (l->out.n)
		l->is_in_line = l->out.p[l->out.n - 1] != '\n';
	buf_clear(&l->out);
	return rc;
}

/* A file that is shorter than the journal says gives what there is. */
static int print_part(struct logs *l, const struct shown_part *p)
{
	int64_t at = p->part.offset, end = at + p->part.length;
	char *chunk = malloc(READ_CHUNK);
	int rc = EXIT_DONE;

	if (!chunk)
		err_nomem();
	while (at < end && rc == EXIT_DONE) {
		size_t want = end - at < READ_CHUNK ? (size_t)(end - at) : READ_CHUNK;
		ssize_t n = pread(l->fd, chunk, want, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		add_bytes(l, p->stream, (struct str){chunk, (size_t)n});
		at += n;
		if (l->out.n >= READ_CHUNK)
			rc = flush_out(l);
	}
	free(chunk);
	return rc;
}

static int by_offset(const void *a, const void *b)
{
	const struct shown_part *x = a, *y = b;

	return (x->part.offset > y->part.offset) - (x->part.offset < y->part.offset);
}

/* All that is new since the last call, in the order of writing: that of the file. */
static int print_new(struct logs *l)
{
	VEC(struct shown_part) parts = {0};
	int rc = EXIT_DONE;

	for (size_t i = 0; i < l->look.view.tasks.n; i++) {
		const struct view_task *t = l->look.view.tasks.at[i];

		if (l->task.n && !str_eq(t->path, l->task))
			continue;
		for (size_t k = 0; k < t->attempts.n; k++) {
			const struct view_attempt *a = &t->attempts.at[k];
			struct stream *first = stream_of(l, t, a, false);

			if (l->attempt && a->number != l->attempt)
				continue;
			for (; first->nprinted < a->log.n; first->nprinted++) {
				struct view_log_part p = a->log.at[first->nprinted];

				vec_push(&parts, (struct shown_part){
					p, stream_of(l, t, a, p.is_stderr)});
			}
		}
	}
	if (parts.n)
		qsort(parts.at, parts.n, sizeof *parts.at, by_offset);
	if (parts.n && l->fd < 0)
		l->fd = run_view_open_logs(l->look.store, l->look.view.id);
	for (size_t i = 0; i < parts.n && l->fd >= 0 && rc == EXIT_DONE; i++)
		rc = print_part(l, &parts.at[i]);
	vec_release(&parts);
	return rc == EXIT_DONE ? flush_out(l) : rc;
}

static int print_rest(struct logs *l)
{
	for (size_t i = 0; i < l->streams.cap; i++) {
		const struct map_slot *slot = &l->streams.slots[i];
		struct stream *s = slot->key ? slot->value : NULL;

		if (s && s->line.n)
			end_line(l, s);
	}
	return flush_out(l);
}

static void streams_release(struct logs *l)
{
	for (size_t i = 0; i < l->streams.cap; i++)
		if (l->streams.slots[i].key)
			buf_release(&((struct stream *)l->streams.slots[i].value)->line);
	map_release(&l->streams);
}

static int reload(struct logs *l)
{
	char id[RUN_ID_CHARS + 1];
	struct err err;

	memcpy(id, l->look.view.id, sizeof id);
	run_view_release(&l->look.view);
	l->look.is_loaded = !run_view_load(l->look.store, id, false, &l->look.view, &err);
	return l->look.is_loaded ? EXIT_DONE : cli_fail(&err);
}

static int print_logs(struct logs *l, bool follow)
{
	int rc = print_new(l);

	while (rc == EXIT_DONE && follow && l->look.view.is_live) {
		poll(NULL, 0, FOLLOW_MS);
		rc = reload(l);
		if (rc == EXIT_DONE)
			rc = print_new(l);
	}
	return rc == EXIT_DONE ? print_rest(l) : rc;
}

static bool has_attempt(const struct look *l, int attempt)
{
	for (size_t i = 0; i < l->view.tasks.n; i++) {
		const struct view_task *t = l->view.tasks.at[i];

		for (size_t k = 0; k < t->attempts.n; k++)
			if ((!l->task || l->task == t) &&
			    t->attempts.at[k].number == attempt)
				return true;
	}
	return false;
}

int cmd_logs(struct cli *c)
{
	const char *attempt = cli_get(c, OPT_logs_attempt);
	struct logs l = {.cli = c, .fd = -1, .for_terminal = isatty(STDOUT_FILENO)};
	int rc = EXIT_DONE;

	if (attempt) {
		l.attempt = atoi(attempt);
		if (l.attempt < 1)
			return cli_usage(c, "--attempt wants a number from 1, not '%s'",
					 attempt);
	}
	rc = look_open(c, OPT_logs_store, false, &l.look);
	if (rc == EXIT_DONE && l.attempt && !has_attempt(&l.look, l.attempt))
		rc = cli_usage(c, "there is no attempt %d", l.attempt);
	if (rc == EXIT_DONE) {
		l.with_prefix = !l.look.task;
		if (l.look.task)
			l.task = arena_str(&c->arena, l.look.task->path);
		rc = print_logs(&l, cli_has(c, OPT_logs_follow));
	}
	if (rc == EXIT_DONE && l.for_terminal && l.is_in_line) {
		buf_addc(&l.out, '\n');	/* a prompt begins its line */
		rc = flush_out(&l);
	}
	if (l.fd >= 0)
		close(l.fd);
	streams_release(&l);
	buf_release(&l.key);
	buf_release(&l.out);
	look_release(&l.look);
	return rc;
}
