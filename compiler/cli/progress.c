#include <config.h>

#include "compiler/cli/progress.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "compiler/cli/cli.h"
#include "runtime/base/io.h"

enum {
	DRAW_MS = 100,		/* at most ten times a second */
	SAY_MS = 1000,		/* PLAIN: points and progress of environments */
	TAIL_BYTES = 4096,
	TAIL_LINES = 12,
	NOTE_BYTES = 300,
};

enum progress_kind progress_find(const char *name)
{
	static const char *const names[] = {"auto", "tty", "plain", "json", "quiet"};
	int k = 0;

	while (k < PROGRESS_NKINDS && strcmp(names[k], name))
		k++;
	return (enum progress_kind)k;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool can_draw(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && !is_set("CI") && term && *term &&
	       strcmp(term, "dumb");
}

void progress_init(struct progress *p, enum progress_kind kind)
{
	*p = (struct progress){.kind = kind, .started_ms = io_monotonic_ms()};
	if (kind == PROGRESS_AUTO)
		p->kind = can_draw() ? PROGRESS_TTY : PROGRESS_PLAIN;
	p->colour = cli_colour(STDERR_FILENO) && p->kind != PROGRESS_JSON;
}

int64_t progress_tick_ms(const struct progress *p)
{
	return p->kind == PROGRESS_TTY ? DRAW_MS : 0;
}

static void remove_task(struct progress *p, struct progress_task *t)
{
	*(t->prev ? &t->prev->next : &p->first) = t->next;
	*(t->next ? &t->next->prev : &p->last) = t->prev;
	map_set(&p->by_path, t->path, NULL);
	p->nrunning--;
	t->prev = t->next = NULL;
}

/* Its path stays: it is a key of the map. */
static void empty_task(struct progress_task *t)
{
	buf_release(&t->note);
	buf_release(&t->line);
	buf_release(&t->tail);
}

void progress_release(struct progress *p)
{
	while (p->first) {
		struct progress_task *t = p->first;

		remove_task(p, t);
		empty_task(t);
		free(t);
	}
	for (size_t i = 0; i < p->ntails; i++)
		buf_release(&p->tails[i].text);
	arena_release(&p->arena);
	map_release(&p->by_path);
	map_release(&p->loops);
	buf_release(&p->env);
	buf_release(&p->out);
	vec_release(&p->drawn);
}

static struct progress_task *add_task(struct progress *p, const struct run_event *e)
{
	struct progress_task *t = calloc(1, sizeof *t);

	if (!t)
		err_nomem();
	t->path = arena_str(&p->arena, e->task);
	t->title = t->path;
	if (e->title.n)
		t->title = arena_printf(&p->arena, "%.*s (%.*s)", STR_ARG(e->task),
					STR_ARG(e->title));
	t->attempt = e->attempt;
	t->started_ms = io_monotonic_ms();
	t->prev = p->last;
	*(p->last ? &p->last->next : &p->first) = t;
	p->last = t;
	map_set(&p->by_path, t->path, t);
	p->nrunning++;
	return t;
}

/* The end of what it said, from the beginning of a line. */
static void keep_tail(struct progress *p, struct progress_task *t)
{
	struct str s = str_trim(buf_str(&t->tail));
	size_t at = s.n;
	int lines = 0;

	if (p->ntails == PROGRESS_TAILS || !s.n)
		return;
	while (at && lines < TAIL_LINES)
		if (s.p[--at] == '\n')
			lines++;
	p->tails[p->ntails].path = t->path;
	buf_add(&p->tails[p->ntails].text,
		str_sub(s, lines == TAIL_LINES ? at + 1 : 0, s.n));
	p->ntails++;
}

struct str progress_tail(const struct progress *p, struct str path)
{
	for (size_t i = 0; i < p->ntails; i++)
		if (str_eq(p->tails[i].path, path))
			return buf_str(&p->tails[i].text);
	return STR("");
}

/* Keeps the last bytes only. */
static void add_tail(struct buf *tail, struct str s)
{
	s = str_sub(s, s.n > TAIL_BYTES ? s.n - TAIL_BYTES : 0, s.n);
	if (tail->n + s.n > 2 * TAIL_BYTES) {
		memmove(tail->p, tail->p + tail->n - TAIL_BYTES, TAIL_BYTES);
		tail->n = TAIL_BYTES;
	}
	buf_add(tail, s);
}

/* The last whole line of output is the note of the live line. */
static void add_note(struct progress_task *t, struct str s)
{
	size_t end = s.n, start;

	while (end && s.p[end - 1] != '\n')
		end--;
	if (!end) {
		if (t->line.n < NOTE_BYTES)
			buf_add(&t->line, str_sub(s, 0, NOTE_BYTES));
		return;
	}
	for (start = end - 1; start && s.p[start - 1] != '\n'; start--)
		;
	buf_clear(&t->note);
	if (!start)
		buf_add_printable(&t->note, buf_str(&t->line), false);
	buf_add_printable(
		&t->note,
		str_trim(str_sub(s, start,
				 end > start + NOTE_BYTES ? start + NOTE_BYTES : end)),
		false);
	buf_clear(&t->line);
	buf_add(&t->line, str_sub(s, end, end + NOTE_BYTES));
}

static void on_output(struct progress *p, const struct run_event *e)
{
	struct progress_task *t = map_get(&p->by_path, e->task);

	if (!t)
		return;
	if (e->is_stderr)
		add_tail(&t->tail, e->text);
	if (p->kind == PROGRESS_TTY)
		add_note(t, e->text);
}

static void count(struct progress *p, const struct run_event *e)
{
	p->nsucceeded += e->state == TASK_SUCCEEDED;
	p->nfailed += e->state == TASK_FAILED;
	p->nskipped += e->state == TASK_SKIPPED;
}

static void on_task(struct progress *p, const struct run_event *e)
{
	struct progress_task *t = map_get(&p->by_path, e->task);

	if (e->state == TASK_RUNNING) {
		if (!t)
			add_task(p, e);
		return;
	}
	count(p, e);
	if (!t)
		return;
	remove_task(p, t);
	if (e->state == TASK_FAILED)
		keep_tail(p, t);
	empty_task(t);
	free(t);
}

static void add_clock(struct buf *out)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[16];

	if (localtime_r(&now, &tm) && strftime(text, sizeof text, "%H:%M:%S ", &tm))
		buf_addz(out, text);
}

/* Points and the chatter of pip come in numbers: one line a second is enough. */
static bool is_too_often(struct progress *p, const struct run_event *e)
{
	int64_t now = io_monotonic_ms(), *said = NULL;
	struct progress_task *t;

	if (e->kind == RUN_EVENT_POINT) {
		t = map_get(&p->by_path, e->task);
		said = t ? &t->said_ms : NULL;
	} else if (e->kind == RUN_EVENT_ENV && e->journal_event != EVENT_ENV_READY) {
		said = &p->env_said_ms;
	}
	if (!said)
		return e->kind == RUN_EVENT_POINT;
	if (*said && now - *said < SAY_MS)
		return true;
	*said = now;
	return false;
}

static void say_plain(struct progress *p, const struct run_event *e)
{
	size_t before = p->out.n;

	if (is_too_often(p, e))
		return;
	add_clock(&p->out);
	if (!progress_line(p, e, &p->out)) {
		p->out.n = before;
		return;
	}
	buf_addc(&p->out, '\n');
	if (io_write_all(STDERR_FILENO, buf_str(&p->out)))
		p->kind = PROGRESS_QUIET;
	buf_clear(&p->out);
}

static void note_point(struct progress *p, const struct run_event *e)
{
	struct progress_task *t = map_get(&p->by_path, e->task);

	if (!t)
		return;
	buf_clear(&t->note);
	buf_addf(&t->note, "%.*s=", STR_ARG(e->metric));
	cli_add_number(&t->note, e->value);
	buf_addf(&t->note, " step %lld", (long long)e->step);
}

static void say_tty(struct progress *p, const struct run_event *e)
{
	size_t before = p->out.n;

	if (e->kind == RUN_EVENT_POINT) {
		note_point(p, e);
	} else if (e->kind == RUN_EVENT_ENV && e->journal_event != EVENT_ENV_READY) {
		buf_clear(&p->env);
		progress_line(p, e, &p->env);
	} else {
		if (e->kind == RUN_EVENT_ENV)
			buf_clear(&p->env);
		if (progress_line(p, e, &p->out))
			buf_addc(&p->out, '\n');
		else
			p->out.n = before;
	}
	if (io_monotonic_ms() - p->drawn_ms >= DRAW_MS)
		progress_draw(p, true);
}

static void say_json(struct progress *p, const struct run_event *e)
{
	if (!e->record.n)
		return;
	buf_addf(&p->out, "{\"event\":\"%s\",", event_name(e->journal_event));
	buf_add(&p->out, e->record);
	buf_addz(&p->out, "}\n");
	if (io_write_all(STDERR_FILENO, buf_str(&p->out)))
		p->kind = PROGRESS_QUIET;
	buf_clear(&p->out);
}

/* What happens in a loop with many iterations: a line about the loop now and then. */
static void say_loop(struct progress *p, struct progress_loop *l,
		     const struct run_event *e)
{
	bool own, is_live = p->kind == PROGRESS_TTY;
	size_t before = p->out.n;

	if (is_live && e->kind == RUN_EVENT_POINT)
		note_point(p, e);
	if (progress_loop_due(p, l, e, &own)) {
		if (!is_live)
			add_clock(&p->out);
		if (!own)
			progress_loop_line(l, &p->out);
		else if (!progress_line(p, e, &p->out))
			p->out.n = before;
		if (p->out.n > before)
			buf_addc(&p->out, '\n');
	}
	if (is_live) {
		if (io_monotonic_ms() - p->drawn_ms >= DRAW_MS)
			progress_draw(p, true);
		return;
	}
	if (p->out.n && io_write_all(STDERR_FILENO, buf_str(&p->out)))
		p->kind = PROGRESS_QUIET;
	buf_clear(&p->out);
}

static bool is_text(const struct progress *p)
{
	return p->kind == PROGRESS_PLAIN || p->kind == PROGRESS_TTY;
}

void progress_event(void *arg, const struct run_event *e)
{
	struct progress *p = arg;
	struct progress_loop *l = is_text(p) ? progress_loop_of(p, e) : NULL;

	if (e->kind == RUN_EVENT_STARTED)
		memcpy(p->run_id, e->text.p, RUN_ID_CHARS);
	if (e->kind == RUN_EVENT_TASK)
		on_task(p, e);
	if (e->kind == RUN_EVENT_OUTPUT)
		on_output(p, e);
	if (is_text(p))
		progress_loop_note(p, l, e);
	if (l)
		say_loop(p, l, e);
	else if (p->kind == PROGRESS_PLAIN)
		say_plain(p, e);
	else if (p->kind == PROGRESS_TTY)
		say_tty(p, e);
	else if (p->kind == PROGRESS_JSON)
		say_json(p, e);
}

void progress_finish(struct progress *p)
{
	if (p->kind == PROGRESS_TTY)
		progress_draw(p, false);
}
