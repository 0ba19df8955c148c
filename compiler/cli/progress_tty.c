#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"
#include "runtime/base/io.h"
#include "runtime/base/utf8.h"

enum {
	ROWS_WITHOUT_SIZE = 12,
	LEAST_ROWS = 3,		/* of a window, that lines of tasks are drawn in */
	LAST_ROWS = 60,		/* lines that stay when the run is over */
};

static volatile sig_atomic_t was_stopped;

static void on_continue(int number)
{
	(void)number;
	was_stopped = 1;
}

void progress_tty_init(void)
{
	struct sigaction now = {.sa_handler = on_continue, .sa_flags = SA_RESTART};

	sigemptyset(&now.sa_mask);
	sigaction(SIGCONT, &now, NULL);
}

/* Terminals that show what is between \033[?2026h and l at once.  Others do not mind; but
 * those that know nothing of private modes are not asked to show it. */
static bool has_synchronised_output(void)
{
	static const char *const programs[] = {
		"WezTerm", "iTerm.app", "ghostty", "mintty", "vscode", "contour", "rio",
	};
	static const char *const terms[] = {
		"xterm-kitty", "alacritty", "foot", "contour", "wezterm", "xterm-ghostty",
		"tmux", "rio",
	};
	const char *program = getenv("TERM_PROGRAM"), *term = getenv("TERM");

	for (size_t i = 0; program && i < sizeof programs / sizeof *programs; i++)
		if (!strcmp(program, programs[i]))
			return true;
	for (size_t i = 0; term && i < sizeof terms / sizeof *terms; i++)
		if (!strncmp(term, terms[i], strlen(terms[i])))
			return true;
	return getenv("WT_SESSION") != NULL;
}

/* Lines that became wider than the terminal by now take several rows. */
static size_t drawn_rows(const struct progress *p, size_t columns)
{
	size_t rows = 0;

	for (size_t i = 0; i < p->drawn.n; i++)
		rows += p->drawn.at[i] > columns
				? (p->drawn.at[i] + columns - 1) / columns
				: 1;
	return rows;
}

/* Width of a line that may have colours. */
static size_t line_width(struct str s)
{
	size_t width = 0;

	for (size_t at = 0, esc, end; at < s.n; at = end) {
		esc = str_find(s, STR("\033["), at);
		width += utf8_width(str_sub(s, at, esc));
		end = str_find(s, STR("m"), esc) + 1;
	}
	return width;
}

/* Lines take the place of others: what is longer there is erased behind them, so that no
 * row is empty in between. */
static void add_over(struct str lines, struct buf *out)
{
	for (size_t at = 0, end; at < lines.n; at = end + 1) {
		end = str_find(lines, STR("\n"), at);
		buf_add(out, str_sub(lines, at, end));
		buf_addz(out, "\033[K\n");
	}
}

static void note_drawn(struct progress *p, struct str block)
{
	vec_clear(&p->drawn);
	for (size_t at = 0, end; at < block.n; at = end + 1) {
		end = str_find(block, STR("\n"), at);
		vec_push(&p->drawn, line_width(str_sub(block, at, end)));
	}
}

/* A character whose width the terminal sees in another way must not wrap a line of the
 * block: wrapping is off (?7) while it is written. */
static void add_frame(struct progress *p, struct str block, struct buf *out)
{
	bool at_once = has_synchronised_output();
	size_t rows = drawn_rows(p, io_columns(p->fd));

	buf_addz(out, at_once ? "\033[?2026h\r" : "\r");
	if (rows)
		buf_addf(out, "\033[%zuA", rows);
	add_over(buf_str(&p->out), out);
	buf_addz(out, "\033[?7l");
	add_over(block, out);
	buf_addz(out, at_once ? "\033[J\033[?7h\033[?2026l" : "\033[J\033[?7h");
}

void progress_draw(struct progress *p, bool is_last)
{
	unsigned columns = io_columns(p->fd), rows = io_rows(p->fd, ROWS_WITHOUT_SIZE);
	int64_t now = io_monotonic_ms();
	struct buf block = {0}, out = {0};

	/* A shell has written below the block since: another one begins there. */
	if (was_stopped)
		vec_clear(&p->drawn);
	was_stopped = 0;
	columns -= columns > 1;
	if (is_last && p->is_brief)
		;	/* nothing is left of it */
	else if (is_last)
		live_last_block(&p->live, columns, LAST_ROWS, now, &block);
	else
		live_block(&p->live, columns, rows > LEAST_ROWS ? rows - 2 : 1, now,
			   &block);
	if (block.n || p->out.n || p->drawn.n)
		add_frame(p, buf_str(&block), &out);
	buf_clear(&p->out);
	note_drawn(p, buf_str(&block));
	if (out.n && io_write_all(p->fd, buf_str(&out)))
		p->kind = PROGRESS_QUIET;
	p->drawn_ms = io_monotonic_ms();
	p->cost_ms = p->drawn_ms - now;
	buf_release(&block);
	buf_release(&out);
}
