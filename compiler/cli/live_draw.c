#include <config.h>

#include "compiler/cli/live.h"

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"
#include "runtime/base/utf8.h"

enum {
	STATE_COLUMNS = 9,
	DEEPEST = 8,
	NEW_FAILURES = 5,	/* that come before what waits */
};

/* What is shown first where not all fits: what runs, what failed just now, what will be
 * tried again, tasks in loops, then two that wait for each that has ended.  Of two in the
 * same rank the place decides: that of a line is before those below it. */
enum {
	FIRST_RUNNING, FIRST_FAILED, FIRST_RETRIED, FIRST_IN_LOOP, FIRST_OTHER, FIRST_DEEP
};
enum { RANK_BITS = 34, PLACE_BITS = 24 };
#define RANK(first, n) ((int64_t)(first) << RANK_BITS | (int64_t)(n))

struct drawing {
	struct live *l;
	int64_t now;
	size_t columns, nwaiting;
	bool is_last;
	size_t nlines;
	size_t all[TASK_NSTATES], shown[TASK_NSTATES];	/* lines */
	struct buf *out, line;
};

static bool is_end(enum task_state s)
{
	return s != TASK_PENDING && s != TASK_RUNNING;
}

static int64_t rank_of(struct drawing *d, const struct live_line *x, unsigned depth)
{
	const struct live *l = d->l;
	int first = depth ? FIRST_DEEP : FIRST_OTHER;

	if (x->is_in_loop)
		return RANK(FIRST_IN_LOOP, 0);
	if (x->state == TASK_RUNNING)
		return RANK(FIRST_RUNNING, 0);
	if (x->state == TASK_FAILED && !x->is_covered) {
		size_t since = l->nfailed - x->serial;

		return since < NEW_FAILURES || d->is_last ? RANK(FIRST_FAILED, since)
							  : RANK(first, 6 * since);
	}
	if (x->retry_ms)
		return RANK(FIRST_RETRIED, 0);
	if (x->state == TASK_PENDING || d->is_last)
		return RANK(first, 3 * d->nwaiting++);
	return RANK(first, 6 * (l->nended - x->serial) + 1);
}

/* A called pipeline is open while something in it goes on; of one that failed only the
 * failures are seen. */
static bool is_seen(const struct live_line *x)
{
	const struct live_line *up = x->parent;

	if (!up->parent || up->state == TASK_RUNNING)
		return true;
	return up->kind == LIVE_CALL && up->state == TASK_FAILED &&
	       x->state == TASK_FAILED;
}

static bool is_open(const struct live_line *x, unsigned depth)
{
	return x->first && depth < DEEPEST &&
	       (x->state == TASK_RUNNING || x->state == TASK_FAILED);
}

/* All that is seen, in the order of the program, into l->chosen; the rank of a line is
 * the least of those below it.  Returns that of all. */
static int64_t find_lines(struct drawing *d, struct live_line *parent, unsigned depth)
{
	int64_t least = INT64_MAX >> PLACE_BITS, rank, below;

	for (struct live_line *x = parent->first; x; x = x->next) {
		size_t place = d->l->chosen.n;

		x->is_shown = false;
		if (!is_seen(x))
			continue;
		vec_push(&d->l->chosen, x);
		d->all[x->state]++;
		rank = rank_of(d, x, depth);
		below = is_open(x, depth) ? find_lines(d, x, depth + 1) : rank;
		rank = below < rank ? below : rank;
		x->key = rank << PLACE_BITS | (int64_t)(place & ((1u << PLACE_BITS) - 1));
		least = rank < least ? rank : least;
	}
	return least;
}

/* Puts the `room` lines with the least keys first; their order does not matter. */
static void select_least(struct live_line **at, size_t n, size_t room)
{
	/* A heap with the greatest key on top, of the best `room` lines so far. */
	for (size_t i = 0; i < n; i++) {
		struct live_line *x = at[i];
		size_t hole, child;

		if (i < room) {
			for (hole = i; hole && at[(hole - 1) / 2]->key < x->key;
			     hole = (hole - 1) / 2)
				at[hole] = at[(hole - 1) / 2];
			at[hole] = x;
			continue;
		}
		if (!room || at[0]->key <= x->key)
			continue;
		at[i] = at[0];
		for (hole = 0; (child = 2 * hole + 1) < room; hole = child) {
			child += child + 1 < room && at[child + 1]->key > at[child]->key;
			if (at[child]->key <= x->key)
				break;
			at[hole] = at[child];
		}
		at[hole] = x;
	}
}

/* What is said in a line */

static const char *state_word(const struct live_line *x)
{
	return x->state == TASK_PENDING ? "waiting" : task_state_name(x->state);
}

static void add_wait(const struct drawing *d, const struct live_line *x, struct buf *out)
{
	struct str env;

	if (x->retry_ms) {
		buf_addf(out, "attempt %d in ", x->attempt + 1);
		human_duration(out, x->retry_ms - d->now);
		buf_addz(out, ": ");
		buf_add(out, buf_str(&x->note));
	} else if (live_waits_for_env(d->l, x, &env)) {
		buf_addf(out, "for environment %.*s", STR_ARG(env));
	} else {
		buf_addz(out, "for ");
		if (!live_waits_for(x, out))
			buf_addz(out, "its turn");
	}
}

static void add_counts(const size_t *counts, struct buf *out)
{
	size_t parts = 0;

	for (int s = TASK_RUNNING; s < TASK_NSTATES; s++)
		if (counts[s])
			buf_addf(out, "%s%zu %s", parts++ ? ", " : "", counts[s],
				 task_state_name((enum task_state)s));
}

static void add_loop(const struct live_line *x, struct buf *out)
{
	const struct live_line *spoke = x->spoke;
	size_t before = out->n;

	add_counts(x->counts, out);
	if (x->ntasks == 1 && out->n > before)
		buf_addf(out, " of %lld", (long long)x->niterations);
	else if (x->niterations || x->ntasks >= 0)
		buf_addf(out, "%s%lld iteration%s", out->n > before ? "; " : "",
			 (long long)x->niterations, x->niterations == 1 ? "" : "s");
	if (spoke && spoke->note.n && !spoke->is_shown)
		buf_addf(out, "; %.*s %.*s", STR_ARG(spoke->label),
			 STR_ARG(buf_str(&spoke->note)));
}

static void add_call(const struct live_line *x, struct buf *out)
{
	size_t n = 0, nended = 0;

	for (int s = 0; s < TASK_NSTATES; s++) {
		n += x->counts[s];
		nended += is_end((enum task_state)s) ? x->counts[s] : 0;
	}
	if (nended == n) {
		add_counts(x->counts, out);
		return;
	}
	buf_addf(out, "%zu of %zu done", nended, n);
	if (x->counts[TASK_FAILED])
		buf_addf(out, ", %zu failed", x->counts[TASK_FAILED]);
}

static void add_detail(const struct drawing *d, const struct live_line *x,
		       struct buf *out)
{
	if (x->state == TASK_PENDING) {
		add_wait(d, x, out);
	} else if (x->kind == LIVE_LOOP && x->state != TASK_SKIPPED) {
		add_loop(x, out);
	} else if (x->kind == LIVE_CALL) {
		add_call(x, out);
	} else {
		if (x->attempt > 1)
			buf_addf(out, "attempt %d%s", x->attempt, x->note.n ? "  " : "");
		buf_add(out, buf_str(&x->note));
	}
}

/* Below a second in tenths, too, so that nothing flickers. */
static void add_elapsed(struct buf *out, int64_t ms)
{
	if (ms < 1000)
		buf_addf(out, "0.%d s", ms > 0 ? (int)(ms / 100) : 0);
	else
		human_duration(out, ms);
}

static void add_time(const struct drawing *d, const struct live_line *x, struct buf *out)
{
	if (!x->started_ms)
		return;
	if (x->ended_ms)
		human_duration(out, x->ended_ms - x->started_ms);
	else
		add_elapsed(out, d->now - x->started_ms);
}

/* s in exactly so many columns. */
static void add_cell(struct buf *out, struct str s, size_t columns)
{
	size_t before = out->n;

	table_add_cut(out, s, columns);
	buf_fill(out, ' ', columns - utf8_width(str_sub(buf_str(out), before, out->n)));
}

static size_t indent_of(const struct live_line *x)
{
	size_t n = 0;

	for (; x->parent; x = x->parent)
		n += 2;
	return n;
}

static void add_name(const struct live_line *x, struct buf *out)
{
	buf_fill(out, ' ', indent_of(x));
	buf_addf(out, "%s%.*s", x->kind == LIVE_LOOP ? "for " : "", STR_ARG(x->label));
}

static size_t time_columns(const struct drawing *d, const struct live_line *x)
{
	struct buf b = {0};
	size_t n;

	add_time(d, x, &b);
	n = b.n;
	buf_release(&b);
	return n;
}

static size_t name_columns(const struct live_line *x)
{
	struct buf b = {0};
	size_t n;

	add_name(x, &b);
	n = utf8_width(buf_str(&b));
	buf_release(&b);
	return n;
}

/* A line with colours is no wider than the columns. */
static void end_line(struct drawing *d, bool has_colour)
{
	if (has_colour)
		buf_add(d->out, buf_str(&d->line));
	else
		table_add_cut(d->out, buf_str(&d->line), d->columns);
	buf_addc(d->out, '\n');
	d->nlines++;
}

static void add_line(struct drawing *d, const struct live_line *x)
{
	size_t most = d->columns * 2 / 5, name = d->l->name_columns, used;
	const char *state = state_word(x);
	struct buf *line = &d->line, cell = {0};
	bool colour;

	buf_clear(line);
	name = name > most ? most : name;
	used = name + 2 + STATE_COLUMNS + 1 + d->l->time_columns + 2;
	colour = d->l->colour && used <= d->columns;
	add_name(x, &cell);
	add_cell(line, buf_str(&cell), name);
	buf_addz(line, "  ");
	progress_add_state(x->state, state, colour, line);
	buf_clear(&cell);
	add_time(d, x, &cell);
	buf_fill(line, ' ', STATE_COLUMNS - strlen(state) + 1 +
			    d->l->time_columns - cell.n);
	buf_add(line, buf_str(&cell));
	buf_clear(&cell);
	add_detail(d, x, &cell);
	if (cell.n && used < d->columns) {
		buf_addz(line, "  ");
		table_add_cut(line, buf_str(&cell), d->columns - used);
	}
	buf_release(&cell);
	end_line(d, colour);
}

/* What is the widest of all that is shown, or was. */
static void find_widths(struct drawing *d, size_t n)
{
	struct live *l = d->l;

	for (size_t i = 0; i < n; i++) {
		size_t name = name_columns(l->chosen.at[i]);
		size_t time = time_columns(d, l->chosen.at[i]);

		l->name_columns = name > l->name_columns ? name : l->name_columns;
		l->time_columns = time > l->time_columns ? time : l->time_columns;
	}
}

static void add_lines(struct drawing *d, const struct live_line *parent, unsigned depth)
{
	for (const struct live_line *x = parent->first; x; x = x->next) {
		if (!x->is_shown)
			continue;
		add_line(d, x);
		if (is_open(x, depth))
			add_lines(d, x, depth + 1);
	}
}

static void add_rest(struct drawing *d, size_t n)
{
	size_t counts[TASK_NSTATES];

	for (int s = 0; s < TASK_NSTATES; s++)
		counts[s] = d->all[s] - d->shown[s];
	buf_clear(&d->line);
	buf_addf(&d->line, "  ... and %zu more: ", n);
	add_counts(counts, &d->line);
	if (counts[TASK_PENDING])
		buf_addf(&d->line, "%s%zu waiting",
			 n > counts[TASK_PENDING] ? ", " : "", counts[TASK_PENDING]);
	end_line(d, false);
}

static void draw_lines(struct drawing *d, size_t room)
{
	struct live *l = d->l;
	size_t n;

	vec_clear(&l->chosen);
	find_lines(d, &l->root, 0);
	n = l->chosen.n;
	if (n > room) {
		n = room ? room - 1 : 0;
		select_least(l->chosen.at, l->chosen.n, n);
	}
	for (size_t i = 0; i < n; i++) {
		l->chosen.at[i]->is_shown = true;
		d->shown[l->chosen.at[i]->state]++;
	}
	find_widths(d, n);
	add_lines(d, &l->root, 0);
	if (n < l->chosen.n && room)
		add_rest(d, l->chosen.n - n);
}

static void add_totals(struct drawing *d)
{
	const size_t *n = d->l->counts;
	const struct { enum task_state state; const char *word; } words[] = {
		{TASK_RUNNING, "running"}, {TASK_SUCCEEDED, "done"},
		{TASK_CACHED, "cached"}, {TASK_FAILED, "failed"},
		{TASK_CANCELLED, "cancelled"}, {TASK_SKIPPED, "skipped"},
		{TASK_PENDING, "waiting"},
	};
	size_t parts = 0;

	buf_clear(&d->line);
	add_elapsed(&d->line, d->now - d->l->started_ms);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (n[words[i].state])
			buf_addf(&d->line, "%s%zu %s", parts++ ? ", " : "  ",
				 n[words[i].state], words[i].word);
	end_line(d, false);
}

size_t live_block(struct live *l, unsigned columns, unsigned rows, int64_t now_ms,
		  struct buf *out)
{
	struct drawing d = {.l = l, .now = now_ms, .columns = columns, .out = out};
	size_t below = 1 + (l->env.n > 0);

	draw_lines(&d, rows > below ? rows - below : 0);
	if (l->env.n && rows > 1) {
		buf_clear(&d.line);
		buf_add(&d.line, buf_str(&l->env));
		end_line(&d, false);
	}
	add_totals(&d);
	buf_release(&d.line);
	return d.nlines;
}

void live_last_block(struct live *l, unsigned columns, unsigned rows, int64_t now_ms,
		     struct buf *out)
{
	struct drawing d = {.l = l, .now = now_ms, .columns = columns, .out = out,
			    .is_last = true};

	draw_lines(&d, rows);
	buf_release(&d.line);
}
