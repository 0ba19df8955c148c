#include <config.h>

#include "compiler/cli/live.h"

#include <stdlib.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"

enum {
	ERROR_BYTES = 300,
	TIME_COLUMNS = 6,	/* below a minute: "12.3 s", "120 ms" */
};

static bool is_end(enum task_state s)
{
	return s != TASK_PENDING && s != TASK_RUNNING;
}

void live_init(struct live *l, bool colour, int64_t now_ms)
{
	*l = (struct live){.colour = colour, .started_ms = now_ms,
			   .time_columns = TIME_COLUMNS};
	l->root = (struct live_line){
		.kind = LIVE_CALL, .path = STR(""), .label = STR("")};
}

static void release_lines(struct live_line *parent)
{
	for (struct live_line *x = parent->first, *next; x; x = next) {
		next = x->next;
		release_lines(x);
		buf_release(&x->note);
		if (x->is_in_loop)
			free(x);
	}
}

void live_release(struct live *l)
{
	release_lines(&l->root);
	arena_release(&l->arena);
	map_release(&l->lines);
	map_release(&l->building);
	buf_release(&l->env);
	vec_release(&l->chosen);
}

static void link_line(struct live_line *parent, struct live_line *x)
{
	x->parent = parent;
	x->prev = parent->last;
	*(parent->last ? &parent->last->next : &parent->first) = x;
	parent->last = x;
}

static void unlink_line(struct live_line *x)
{
	*(x->prev ? &x->prev->next : &x->parent->first) = x->next;
	*(x->next ? &x->next->prev : &x->parent->last) = x->prev;
}

/* "x" of "sub/x"; below a loop the part behind its path: "[2]/fit". */
static struct str label_of(const struct live_line *parent, struct str path)
{
	size_t at = parent->path.n;

	if (at && at < path.n && path.p[at] == '/')
		at++;
	return str_sub(path, at, path.n);
}

struct live_line *live_add(struct live *l, struct live_line *parent, enum live_kind kind,
			   struct str path)
{
	struct live_line *x = ARENA_NEW(&l->arena, struct live_line);

	*x = (struct live_line){.kind = kind, .path = path, .ntasks = -1};
	x->label = label_of(parent, path);
	link_line(parent, x);
	map_set(&l->lines, path, x);
	l->nlines++;
	if (kind != LIVE_CALL)
		for (; parent; parent = parent->parent)
			parent->counts[TASK_PENDING]++;
	return x;
}

/* The line that everything around a path is below; made where there is none. */
static struct live_line *container_of(struct live *l, struct str path)
{
	struct live_line *at = &l->root, *next;
	size_t loop = str_find(path, STR("["), 0);

	for (size_t end = str_find(path, STR("/"), 0); end < loop && end < path.n;
	     end = str_find(path, STR("/"), end + 1)) {
		struct str part = str_sub(path, 0, end);

		next = map_get(&l->lines, part);
		at = next ? next : live_add(l, at, LIVE_CALL, arena_str(&l->arena, part));
	}
	if (loop == path.n)
		return at;
	next = map_get(&l->lines, str_sub(path, 0, loop));
	return next ? next : live_add(l, at, LIVE_LOOP,
				      arena_str(&l->arena, str_sub(path, 0, loop)));
}

/* A task in a loop: allocated alone, because it does not stay. */
static struct live_line *add_in_loop(struct live *l, struct live_line *loop,
				     struct str path)
{
	struct live_line *x = calloc(1, sizeof *x + path.n + 1);
	char *text = (char *)(x + 1);

	if (!x)
		err_nomem();
	memcpy(text, path.p, path.n);
	*x = (struct live_line){.kind = LIVE_TASK, .path = {text, path.n},
				.is_in_loop = true};
	x->label = label_of(loop, x->path);
	link_line(loop, x);
	map_set(&l->lines, x->path, x);
	return x;
}

static void remove_in_loop(struct live *l, struct live_line *x)
{
	if (x->parent->spoke == x)
		x->parent->spoke = NULL;
	map_remove(&l->lines, x->path);
	unlink_line(x);
	buf_release(&x->note);
	free(x);
}

/* What a called pipeline is called by: what goes on in it, or the worst. */
static enum task_state call_state(const struct live_line *x)
{
	static const enum task_state order[] = {
		TASK_FAILED, TASK_CANCELLED, TASK_SUCCEEDED, TASK_CACHED, TASK_SKIPPED,
	};
	size_t n = sizeof order / sizeof *order;

	if (x->counts[TASK_RUNNING] || (x->counts[TASK_PENDING] && x->started_ms))
		return TASK_RUNNING;
	for (size_t i = 0; i < n && !x->counts[TASK_PENDING]; i++)
		if (x->counts[order[i]])
			return order[i];
	return TASK_PENDING;
}

static void set_state(struct live *l, struct live_line *x, enum task_state s, int64_t now)
{
	enum task_state was = x->state;

	x->state = s;
	if (s == TASK_RUNNING && !x->started_ms)
		x->started_ms = now;
	if (is_end(s) && !is_end(was)) {
		x->ended_ms = now;
		x->serial = s == TASK_FAILED && !x->is_covered ? ++l->nfailed
							       : ++l->nended;
	}
	for (struct live_line *up = x->parent; up; up = up->parent) {
		up->counts[was]--;
		up->counts[s]++;
		if (s == TASK_RUNNING && !up->started_ms)
			up->started_ms = now;
		up->state = call_state(up);
		up->ended_ms = is_end(up->state) ? now : 0;
		up->serial = x->serial;
	}
}

/* A loop's end, by its event or because all of its tasks are at an end. */
static void end_loop(struct live *l, struct live_line *loop, bool by_force, int64_t now)
{
	enum task_state s = by_force ? TASK_CANCELLED : TASK_SUCCEEDED;

	if (is_end(loop->state))
		return;
	if (loop->counts[TASK_FAILED])
		s = TASK_FAILED;
	else if (loop->counts[TASK_CANCELLED])
		s = TASK_CANCELLED;
	set_state(l, loop, s, now);
}

static size_t nended_in(const struct live_line *loop)
{
	size_t n = 0;

	for (int s = 0; s < TASK_NSTATES; s++)
		n += is_end((enum task_state)s) ? loop->counts[s] : 0;
	return n;
}

static void set_note(struct live_line *x, struct str note)
{
	buf_clear(&x->note);
	buf_add(&x->note, note);
	if (x->is_in_loop)
		x->parent->spoke = x;
}

void live_note(struct live *l, struct str path, struct str note)
{
	struct live_line *x = map_get(&l->lines, path);

	if (x)
		set_note(x, note);
}

/* The first line of an error, without what could steer the terminal. */
static void note_error(struct live_line *x, struct str error)
{
	struct str line = str_sub(error, 0, str_find(error, STR("\n"), 0));

	buf_clear(&x->note);
	buf_add_printable(&x->note, str_sub(line, 0, ERROR_BYTES), false);
}

static void on_loop_task(struct live *l, struct live_line *loop, struct live_line *x,
			 const struct run_event *e, int64_t now)
{
	bool counts = x && x->state == TASK_RUNNING;

	loop->counts[TASK_RUNNING] -= counts;
	l->counts[TASK_RUNNING] -= counts;
	loop->counts[e->state]++;
	l->counts[e->state]++;
	if (x)
		remove_in_loop(l, x);
	if (loop->ntasks >= 0 &&
	    nended_in(loop) == (size_t)(loop->ntasks * loop->niterations))
		end_loop(l, loop, false, now);
}

/* A task starts: also for another attempt, or, in a session, anew.  Of a loop whose end
 * nobody told it says that it is over. */
static void on_start(struct live *l, struct live_line *x, const struct run_event *e,
		     int64_t now)
{
	struct live_line *loop;

	buf_clear(&x->note);
	x->attempt = e->attempt;
	x->retry_ms = 0;
	if (is_end(x->state))
		x->started_ms = x->ended_ms = 0;
	if (e->title.n && x->attempt <= 1) {
		struct buf label = {0};

		buf_add(&label, x->label);
		buf_addz(&label, " (");
		buf_add_printable(&label, e->title, false);
		buf_addc(&label, ')');
		x->label = arena_str(&l->arena, buf_str(&label));
		buf_release(&label);
	}
	if (!x->is_in_loop) {
		while ((loop = live_loop_before(x)))
			end_loop(l, loop, false, now);
		l->counts[x->state]--;
		set_state(l, x, TASK_RUNNING, now);
		l->counts[TASK_RUNNING]++;
		return;
	}
	if (!x->started_ms)
		x->started_ms = now;
	x->state = TASK_RUNNING;
	x->parent->counts[TASK_RUNNING]++;
	l->counts[TASK_RUNNING]++;
	if (x->parent->state == TASK_PENDING)
		set_state(l, x->parent, TASK_RUNNING, now);
}

static void on_retry(struct live *l, struct live_line *x, const struct run_event *e,
		     int64_t now)
{
	x->attempt = e->attempt;
	x->retry_ms = now + e->ms;
	note_error(x, e->text);
	l->counts[TASK_RUNNING]--;
	if (x->is_in_loop) {
		x->state = TASK_PENDING;
		x->parent->counts[TASK_RUNNING]--;
		return;
	}
	set_state(l, x, TASK_PENDING, now);
	l->counts[TASK_PENDING]++;
}

static void on_end(struct live *l, struct live_line *x, const struct run_event *e,
		   int64_t now)
{
	struct buf words = {0};

	x->is_covered = e->is_covered;
	x->retry_ms = 0;
	if (e->state == TASK_SKIPPED) {
		cli_add_skip_reason(&words, e->text, e->because);
		set_note(x, buf_str(&words));
	} else if (e->text.n) {
		note_error(x, e->text);
	} else {
		progress_add_outputs(&words, e->record);
		set_note(x, str_trim(buf_str(&words)));
	}
	buf_release(&words);
	l->counts[x->state]--;
	set_state(l, x, e->state, now);
	l->counts[e->state]++;
}

static struct live_line *task_line(struct live *l, struct live_line *parent,
				   struct str path)
{
	l->counts[TASK_PENDING]++;
	return live_add(l, parent, LIVE_TASK, arena_str(&l->arena, path));
}

static void on_task(struct live *l, const struct run_event *e, int64_t now)
{
	struct live_line *x = map_get(&l->lines, e->task),
			 *parent = x ? x->parent : container_of(l, e->task);
	bool in_loop = parent->kind == LIVE_LOOP;

	if (x && x->kind != LIVE_TASK)
		return;
	if (in_loop && is_end(e->state)) {
		on_loop_task(l, parent, x, e, now);
		return;
	}
	if (!x)
		x = in_loop ? add_in_loop(l, parent, e->task)
			    : task_line(l, parent, e->task);
	if (e->state == TASK_RUNNING && x->state != TASK_RUNNING)
		on_start(l, x, e, now);
	else if (e->state == TASK_PENDING && x->state == TASK_RUNNING)
		on_retry(l, x, e, now);
	else if (is_end(e->state))
		on_end(l, x, e, now);
}

/* Loops within loops have no lines. */
static void on_loop(struct live *l, const struct run_event *e, int64_t now)
{
	struct live_line *x = map_get(&l->lines, e->task), *parent;

	if (!x) {
		parent = container_of(l, e->task);
		if (parent->kind == LIVE_LOOP)
			return;
		x = live_add(l, parent, LIVE_LOOP, arena_str(&l->arena, e->task));
	}
	if (x->kind != LIVE_LOOP)
		return;
	if (e->state == TASK_SKIPPED && x->state == TASK_PENDING) {
		buf_clear(&x->note);
		cli_add_skip_reason(&x->note, e->text, e->because);
		set_state(l, x, TASK_SKIPPED, now);
	} else if (e->state == TASK_RUNNING) {
		x->niterations = e->step;
		set_state(l, x, TASK_RUNNING, now);
		if (!e->step)
			end_loop(l, x, false, now);
	} else {
		end_loop(l, x, e->state == TASK_SKIPPED, now);
	}
}

static void on_env(struct live *l, const struct run_event *e)
{
	if (e->journal_event == EVENT_ENV_READY) {
		map_remove(&l->building, e->task);
		buf_clear(&l->env);
		return;
	}
	if (!map_get(&l->building, e->task)) {
		char *name = arena_dup(&l->arena, e->task.p, e->task.n);

		map_set(&l->building, (struct str){name, e->task.n}, name);
	}
	buf_clear(&l->env);
	buf_addf(&l->env, "environment %.*s ", STR_ARG(e->task));
	buf_add_printable(&l->env, e->text, false);
}

void live_event(struct live *l, const struct run_event *e, int64_t now_ms)
{
	switch (e->kind) {
	case RUN_EVENT_STARTED:
		l->started_ms = now_ms;
		break;
	case RUN_EVENT_ENV:
		on_env(l, e);
		break;
	case RUN_EVENT_TASK:
		on_task(l, e, now_ms);
		break;
	case RUN_EVENT_LOOP:
		on_loop(l, e, now_ms);
		break;
	case RUN_EVENT_FINISHED:
		live_end(l, now_ms);
		break;
	case RUN_EVENT_POINT:
	case RUN_EVENT_OUTPUT:
	case RUN_EVENT_BRANCH:
	case RUN_EVENT_VALUE:
	case RUN_EVENT_STOPPING:
	case RUN_EVENT_TICK:
		break;
	}
}

static void end_lines(struct live *l, struct live_line *parent, int64_t now)
{
	for (struct live_line *x = parent->first; x; x = x->next) {
		if (x->kind == LIVE_CALL) {
			end_lines(l, x, now);
		} else if (x->kind == LIVE_LOOP && x->state == TASK_RUNNING) {
			end_loop(l, x, false, now);
		} else if (!is_end(x->state)) {
			if (!x->started_ms)
				set_note(x, STR("did not begin"));
			x->retry_ms = 0;
			set_state(l, x, TASK_CANCELLED, now);
		}
	}
}

void live_end(struct live *l, int64_t now_ms)
{
	buf_clear(&l->env);
	end_lines(l, &l->root, now_ms);
}
