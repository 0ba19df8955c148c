#include <config.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"
#include "runtime/base/io.h"
#include "runtime/base/utf8.h"

enum { MIN_ROWS = 4, LINES_WITHOUT_SIZE = 10 };

static unsigned terminal_rows(void)
{
	struct winsize w;

	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &w) && w.ws_row)
		return w.ws_row;
	return LINES_WITHOUT_SIZE + 2;
}

/* The longest beginning of s that takes at most columns. */
static struct str cut(struct str s, size_t columns)
{
	size_t at = 0, width = 0;

	while (at < s.n) {
		size_t n = utf8_length(str_sub(s, at, s.n));

		n = n ? n : 1;
		width += utf8_width(str_sub(s, at, at + n));
		if (width > columns)
			break;
		at += n;
	}
	return str_sub(s, 0, at);
}

static void add_live_line(struct progress *p, struct str line, unsigned columns,
			  struct buf *out)
{
	line = cut(line, columns > 1 ? columns - 1 : 1);
	buf_add(out, line);
	buf_addc(out, '\n');
	vec_push(&p->drawn, utf8_width(line));
}

static void add_task(struct progress *p, const struct progress_task *t, unsigned columns,
		     struct buf *out)
{
	struct buf line = {0};

	buf_addz(&line, "  ");
	buf_add_printable(&line, t->title, false);
	buf_addz(&line, "  ");
	cli_add_duration(&line, io_monotonic_ms() - t->started_ms);
	if (t->attempt > 1)
		buf_addf(&line, "  attempt %d", t->attempt);
	if (t->note.n) {
		buf_addz(&line, "  ");
		buf_add(&line, buf_str(&t->note));
	}
	add_live_line(p, buf_str(&line), columns, out);
	buf_release(&line);
}

static void add_count(struct progress *p, unsigned columns, struct buf *out)
{
	struct buf line = {0};

	cli_add_duration(&line, io_monotonic_ms() - p->started_ms);
	buf_addf(&line, "  %zu running, %zu done", p->nrunning, p->nsucceeded);
	if (p->nfailed)
		buf_addf(&line, ", %zu failed", p->nfailed);
	if (p->nskipped)
		buf_addf(&line, ", %zu skipped", p->nskipped);
	add_live_line(p, buf_str(&line), columns, out);
	buf_release(&line);
}

/* Loops that go on and have no lines for each task. */
static void add_loops(struct progress *p, unsigned columns, size_t room, struct buf *out)
{
	struct buf line = {0};

	for (const struct progress_loop *l = p->first_loop; l && p->drawn.n < room;
	     l = l->next) {
		const struct run_event e = {.kind = RUN_EVENT_LOOP, .task = l->path};

		if (l->is_over || !progress_loop_of(p, &e))
			continue;
		buf_clear(&line);
		buf_addz(&line, "  ");
		progress_loop_line(l, &line);
		add_live_line(p, buf_str(&line), columns, out);
	}
	buf_release(&line);
}

static void add_block(struct progress *p, struct buf *out)
{
	unsigned columns = cli_columns(STDERR_FILENO), rows = terminal_rows();
	size_t room = rows > MIN_ROWS ? rows - 3 : 1;

	if (p->env.n)
		add_live_line(p, buf_str(&p->env), columns, out);
	for (const struct progress_task *t = p->first; t && p->drawn.n < room;
	     t = t->next)
		add_task(p, t, columns, out);
	add_loops(p, columns, room, out);
	add_count(p, columns, out);
}

/* Lines that became wider than the terminal by now take several rows. */
static size_t drawn_rows(const struct progress *p)
{
	size_t columns = cli_columns(STDERR_FILENO), rows = 0;

	for (size_t i = 0; i < p->drawn.n; i++)
		rows += p->drawn.at[i] > columns
				? (p->drawn.at[i] + columns - 1) / columns
				: 1;
	return rows;
}

void progress_draw(struct progress *p, bool block)
{
	struct buf out = {0};
	size_t rows = drawn_rows(p);

	if (rows)
		buf_addf(&out, "\r\033[%zuA\033[J", rows);
	buf_add(&out, buf_str(&p->out));
	buf_clear(&p->out);
	vec_clear(&p->drawn);
	if (block)
		add_block(p, &out);
	p->drawn_ms = io_monotonic_ms();
	if (out.n && io_write_all(STDERR_FILENO, buf_str(&out)))
		p->kind = PROGRESS_QUIET;
	buf_release(&out);
}
