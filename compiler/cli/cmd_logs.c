#include <config.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/cli/look.h"
#include "runtime/base/map.h"
#include "runtime/store/follow.h"
#include "runtime/value/json.h"

enum {
	FOLLOW_MS = 200,
	READ_CHUNK = 256 << 10,
};

/* What was written by one attempt to one stream and is not a whole line yet. */
struct stream {
	struct buf line;
	struct str prefix;
};

struct shown_part {
	struct view_log_part part;
	struct stream *stream;
};

struct shown_parts {
	struct shown_part *at;
	size_t n, cap;
};

struct logs {
	struct cli *cli;
	struct look look;
	struct arena records;	/* what was read since the last look */
	int fd;
	int attempt;		/* 0: all */
	bool with_prefix, for_terminal;
	bool is_in_line;	/* what was printed last does not end one */
	struct str task;	/* "" for all */
	struct map streams;	/* by "task\0attempt\0stream" */
	struct buf key, out;
};

static struct stream *stream_of(struct logs *l, struct str task, int attempt,
				bool is_stderr)
{
	struct stream *s;

	buf_clear(&l->key);
	buf_add(&l->key, task);
	buf_addf(&l->key, "%c%d%c%d", 0, attempt, 0, is_stderr);
	s = map_get(&l->streams, buf_str(&l->key));
	if (s)
		return s;
	s = ARENA_NEW(&l->cli->arena, struct stream);
	if (l->with_prefix)
		s->prefix = attempt > 1 ? arena_printf(&l->cli->arena, "%.*s (%d) | ",
						       STR_ARG(task), attempt)
					: arena_printf(&l->cli->arena, "%.*s | ",
						       STR_ARG(task));
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

static void add_part(struct logs *l, struct str task, int attempt,
		     struct view_log_part part, struct shown_parts *out)
{
	vec_push(out, (struct shown_part){
		part, stream_of(l, task, attempt, part.is_stderr)});
}

/* The parts that a record of a task's output names, if they are asked for. */
static void add_record(struct logs *l, struct str line, struct shown_parts *out)
{
	struct view_log_part part;
	const struct value *task, *attempt, *parts;
	struct value rec;

	if (json_parse(&l->records, line, &rec, NULL))
		return;
	task = value_get(rec, STR("task"));
	attempt = value_get(rec, STR("attempt"));
	parts = value_get(rec, STR("parts"));
	if (!task || task->kind != VALUE_STR || !attempt || attempt->kind != VALUE_INT ||
	    !parts || parts->kind != VALUE_LIST ||
	    (l->task.n && !str_eq(*task->s, l->task)) ||
	    (l->attempt && attempt->i != l->attempt))
		return;
	for (size_t i = 0; i < parts->list->n; i++)
		if (view_log_part(parts->list->at[i], &part))
			add_part(l, *task->s, (int)attempt->i, part, out);
}

/* In the order of writing: that of the file. */
static int print_parts(struct logs *l, struct shown_parts *parts)
{
	int rc = EXIT_DONE;

	if (parts->n)
		qsort(parts->at, parts->n, sizeof *parts->at, by_offset);
	if (parts->n && l->fd < 0)
		l->fd = run_view_open_logs(l->look.store, l->look.view.id);
	for (size_t i = 0; i < parts->n && l->fd >= 0 && rc == EXIT_DONE; i++)
		rc = print_part(l, &parts->at[i]);
	vec_release(parts);
	return rc == EXIT_DONE ? flush_out(l) : rc;
}

/* What there is. */
static int print_view(struct logs *l)
{
	struct shown_parts parts = {0};

	for (size_t i = 0; i < l->look.view.tasks.n; i++) {
		const struct view_task *t = l->look.view.tasks.at[i];

		if (l->task.n && !str_eq(t->path, l->task))
			continue;
		for (size_t k = 0; k < t->attempts.n; k++) {
			const struct view_attempt *a = &t->attempts.at[k];

			if ((l->attempt && a->number != l->attempt) ||
			    (a->is_borrowed && !l->task.n))
				continue;
			for (size_t n = 0; n < a->log.n; n++)
				add_part(l, t->path, a->number, a->log.at[n], &parts);
		}
	}
	return print_parts(l, &parts);
}

/* What came since. */
static int print_new(struct logs *l, struct run_follow *f)
{
	struct shown_parts parts = {0};
	struct follow_record r;

	while (run_follow_next(f, &r))
		if (r.event == EVENT_TASK_LOG)
			add_record(l, r.line, &parts);
	arena_clear(&l->records);
	return print_parts(l, &parts);
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

static int follow(struct logs *l)
{
	struct err err;
	struct run_follow *f = run_follow_open(l->look.store, l->look.view.id, &err);
	bool goes_on = true;
	int rc = EXIT_DONE;

	if (!f)
		return cli_fail(&err);
	run_follow_skip(f, l->look.view.journal_bytes, l->look.view.nrecords);
	while (rc == EXIT_DONE && goes_on) {
		goes_on = run_follow_read(f);
		rc = print_new(l, f);
		if (goes_on)
			poll(NULL, 0, FOLLOW_MS);
	}
	run_follow_close(f);
	return rc;
}

static int print_logs(struct logs *l, bool follows)
{
	int rc = print_view(l);

	if (rc == EXIT_DONE && follows && l->look.view.is_live)
		rc = follow(l);
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
	arena_release(&l.records);
	streams_release(&l);
	buf_release(&l.key);
	buf_release(&l.out);
	look_release(&l.look);
	return rc;
}
