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

static bool can_draw(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !is_set("CI") && term && *term && strcmp(term, "dumb");
}

void progress_init(struct progress *p, enum progress_kind kind, int fd)
{
	int64_t now = io_monotonic_ms();

	*p = (struct progress){.kind = kind, .fd = fd, .at_ms = now};
	if (kind == PROGRESS_AUTO)
		p->kind = can_draw(fd) ? PROGRESS_TTY : PROGRESS_PLAIN;
	p->colour = cli_colour(fd) && p->kind != PROGRESS_JSON;
	live_init(&p->live, p->colour, now);
	if (p->kind == PROGRESS_TTY)
		progress_tty_init();
}

void progress_plan(struct progress *p, const struct module *m, uint32_t pipeline)
{
	if (p->kind == PROGRESS_TTY)
		live_plan(&p->live, m, pipeline);
}

int64_t progress_tick_ms(const struct progress *p)
{
	return p->kind == PROGRESS_TTY ? DRAW_MS : 0;
}

static void remove_task(struct progress *p, struct progress_task *t)
{
	*(t->prev ? &t->prev->next : &p->first) = t->next;
	if (t->next)
		t->next->prev = t->prev;
	map_remove(&p->by_path, t->path);
	buf_release(&t->line);
	buf_release(&t->tail);
	free(t);
}

void progress_release(struct progress *p)
{
	while (p->first)
		remove_task(p, p->first);
	for (size_t i = 0; i < p->ntails; i++)
		buf_release(&p->tails[i].text);
	live_release(&p->live);
	arena_release(&p->arena);
	map_release(&p->by_path);
	map_release(&p->loops);
	buf_release(&p->out);
	vec_release(&p->drawn);
}

static void add_task(struct progress *p, struct str path)
{
	struct progress_task *t = calloc(1, sizeof *t + path.n + 1);
	char *text = (char *)(t + 1);

	if (!t)
		err_nomem();
	memcpy(text, path.p, path.n);
	t->path = (struct str){text, path.n};
	t->next = p->first;
	if (p->first)
		p->first->prev = t;
	p->first = t;
	map_set(&p->by_path, t->path, t);
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
	p->tails[p->ntails].path = arena_str(&p->arena, t->path);
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

/* The last whole line of output, put into note; false if there is none yet. */
static bool find_note(struct progress_task *t, struct str s, struct buf *note)
{
	size_t end = s.n, start;

	while (end && s.p[end - 1] != '\n')
		end--;
	if (!end) {
		if (t->line.n < NOTE_BYTES)
			buf_add(&t->line, str_sub(s, 0, NOTE_BYTES));
		return false;
	}
	for (start = end - 1; start && s.p[start - 1] != '\n'; start--)
		;
	if (!start)
		buf_add_printable(note, buf_str(&t->line), false);
	buf_add_printable(
		note,
		str_trim(str_sub(s, start,
				 end > start + NOTE_BYTES ? start + NOTE_BYTES : end)),
		false);
	buf_clear(&t->line);
	buf_add(&t->line, str_sub(s, end, end + NOTE_BYTES));
	return true;
}

static void on_output(struct progress *p, const struct run_event *e)
{
	struct progress_task *t = map_get(&p->by_path, e->task);
	struct buf note = {0};

	if (!t)
		return;
	if (e->is_stderr)
		add_tail(&t->tail, e->text);
	if (p->kind == PROGRESS_TTY && find_note(t, e->text, &note))
		live_note(&p->live, e->task, buf_str(&note));
	buf_release(&note);
}

static void on_task(struct progress *p, const struct run_event *e)
{
	struct progress_task *t = map_get(&p->by_path, e->task);

	if (e->state == TASK_RUNNING && !t)
		add_task(p, e->task);
	if (e->state == TASK_RUNNING || e->state == TASK_PENDING || !t)
		return;
	if (e->state == TASK_FAILED)
		keep_tail(p, t);
	remove_task(p, t);
}

static void add_clock(const struct progress *p, struct buf *out)
{
	int64_t ago_ms = io_monotonic_ms() - p->at_ms;
	time_t now = (time_t)((io_now_ms() - ago_ms) / 1000);
	struct tm tm;
	char text[16];

	if (localtime_r(&now, &tm) && strftime(text, sizeof text, "%H:%M:%S ", &tm))
		buf_addz(out, text);
}

/* Points and the chatter of pip come in numbers: one line a second is enough. */
static bool is_too_often(struct progress *p, const struct run_event *e)
{
	int64_t now = p->at_ms, *said = NULL;
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

static void write_out(struct progress *p)
{
	if (p->out.n && io_write_all(p->fd, buf_str(&p->out)))
		p->kind = PROGRESS_QUIET;
	buf_clear(&p->out);
}

/* Of the lines there are: those that a brief one has, too. */
static bool is_news(const struct run_event *e)
{
	switch (e->kind) {
	case RUN_EVENT_ENV:
	case RUN_EVENT_STOPPING:
		return true;
	case RUN_EVENT_BRANCH:
		return !e->is_recalled;
	case RUN_EVENT_TASK:
		return e->journal_event == EVENT_TASK_RETRY;
	default:
		return false;
	}
}

static void say_plain(struct progress *p, const struct run_event *e)
{
	size_t before = p->out.n;

	if (is_too_often(p, e) || (p->is_brief && !is_news(e)))
		return;
	if (!p->is_brief)
		add_clock(p, &p->out);
	if (!progress_line(p, e, &p->out)) {
		p->out.n = before;
		return;
	}
	buf_addc(&p->out, '\n');
	write_out(p);
}

static void note_point(struct progress *p, const struct run_event *e)
{
	struct buf note = {0};

	buf_addf(&note, "%.*s=", STR_ARG(e->metric));
	value_print_short(e->value, &note);
	buf_addf(&note, " step %lld", (long long)e->step);
	live_note(&p->live, e->task, buf_str(&note));
	buf_release(&note);
}

/* What the block does not say stands above it for good. */
static bool has_own_line(const struct run_event *e)
{
	switch (e->kind) {
	case RUN_EVENT_STARTED:
	case RUN_EVENT_STOPPING:
	case RUN_EVENT_VALUE:
		return true;
	case RUN_EVENT_ENV:
		return e->journal_event == EVENT_ENV_READY;
	case RUN_EVENT_BRANCH:
		return str_find(e->task, STR("["), 0) == e->task.n;
	default:
		return false;
	}
}

/* A block that is slow to make is made less often. */
static bool is_due(const struct progress *p)
{
	int64_t pause = 20 * p->cost_ms;

	/* What is over at once need not be seen. */
	if (p->is_brief && !p->drawn_ms)
		return io_monotonic_ms() - p->live.started_ms >= DRAW_MS;
	return io_monotonic_ms() - p->drawn_ms >= (pause > DRAW_MS ? pause : DRAW_MS);
}

static void say_tty(struct progress *p, const struct run_event *e)
{
	size_t before = p->out.n;

	live_event(&p->live, e, p->at_ms);
	if (e->kind == RUN_EVENT_POINT)
		note_point(p, e);
	if (has_own_line(e) && (!p->is_brief || is_news(e))) {
		if (progress_line(p, e, &p->out))
			buf_addc(&p->out, '\n');
		else
			p->out.n = before;
	}
	if (is_due(p))
		progress_draw(p, false);
}

static void say_json(struct progress *p, const struct run_event *e)
{
	if (!e->record.n)
		return;
	buf_addf(&p->out, "{\"event\":\"%s\",", event_name(e->journal_event));
	buf_add(&p->out, e->record);
	buf_addz(&p->out, "}\n");
	write_out(p);
}

/* What happens in a loop with many iterations: a line about the loop now and then. */
static void say_loop(struct progress *p, struct progress_loop *l,
		     const struct run_event *e)
{
	size_t before;
	bool own;

	if (!progress_loop_due(p, l, e, &own))
		return;
	add_clock(p, &p->out);
	before = p->out.n;
	if (!own)
		progress_loop_line(l, &p->out);
	else
		progress_line(p, e, &p->out);
	if (p->out.n > before)
		buf_addc(&p->out, '\n');
	else
		buf_clear(&p->out);
	write_out(p);
}

static void say_line(struct progress *p, const struct run_event *e)
{
	struct progress_loop *l = progress_loop_of(p, e);

	progress_loop_note(p, l, e);
	if (l && p->is_brief)
		return;
	if (l)
		say_loop(p, l, e);
	else
		say_plain(p, e);
	while (e->kind == RUN_EVENT_FINISHED && (l = progress_loop_left(p))) {
		add_clock(p, &p->out);
		progress_loop_line(l, &p->out);
		buf_addc(&p->out, '\n');
		write_out(p);
	}
}

void progress_event_at(struct progress *p, const struct run_event *e, int64_t at_ms)
{
	p->at_ms = at_ms;
	if (e->kind == RUN_EVENT_STARTED)
		memcpy(p->run_id, e->text.p, RUN_ID_CHARS);
	if (e->kind == RUN_EVENT_TASK)
		on_task(p, e);
	if (e->kind == RUN_EVENT_OUTPUT)
		on_output(p, e);
	if (p->kind == PROGRESS_PLAIN)
		say_line(p, e);
	else if (p->kind == PROGRESS_TTY)
		say_tty(p, e);
	else if (p->kind == PROGRESS_JSON)
		say_json(p, e);
}

void progress_event(void *arg, const struct run_event *e)
{
	progress_event_at(arg, e, io_monotonic_ms());
}

void progress_finish(struct progress *p)
{
	if (p->kind != PROGRESS_TTY)
		return;
	live_end(&p->live, p->at_ms);
	progress_draw(p, true);
}
