#include <config.h>

#include "compiler/repl/edit_int.h"

#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/utf8.h"

enum {
	TAB = 8,
	MIN_COLUMNS = 20,	/* a prompt is shown from here on */
	BELOW_CURSOR = 2,	/* rows in sight below the cursor, if there are any */
	FINAL_LINES = 5000,	/* of a block that was read: so many are shown, */
	FINAL_BYTES = 64 << 10,	/* and so much of its last line around the cursor */
	CHARACTER_BYTES = 16,	/* that a cell may have with its marks, more or less */
};

unsigned draw_columns(const struct edit *e)
{
	return io_columns(e->opts.out);
}

unsigned draw_lines(const struct edit *e)
{
	return io_rows(e->opts.out, 24);
}

struct str draw_cut(struct str s, size_t columns)
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

/* Rows that are put together, for a window of some columns. */
struct layout {
	struct edit_rows *rows;
	size_t columns;
};

static void new_row(struct layout *l)
{
	vec_push(l->rows, (struct edit_row){l->rows->text.n, 0});
}

static void put(struct layout *l, struct str s, size_t width)
{
	if (vec_last(l->rows).width + width > l->columns)
		new_row(l);
	buf_add(&l->rows->text, s);
	vec_last(l->rows).width += width;
}

static void put_cursor(struct layout *l)
{
	if (vec_last(l->rows).width == l->columns)
		new_row(l);
	l->rows->row = l->rows->n - 1;
	l->rows->column = vec_last(l->rows).width;
}

/* A line of the block behind its prompt; the cursor is at byte `at` of it, or nowhere
 * (SIZE_MAX). */
static void add_line(struct layout *l, struct str prompt, bool is_bold, struct str line,
		     size_t at)
{
	size_t column = 0, width, n;
	struct str s;

	new_row(l);
	if (l->columns >= MIN_COLUMNS) {
		if (is_bold)
			buf_addz(&l->rows->text, "\033[1m");
		put(l, prompt, utf8_width(prompt));
		if (is_bold)
			buf_addz(&l->rows->text, "\033[0m");
	}
	for (size_t i = 0; i < line.n; i += n) {
		n = utf8_length(str_sub(line, i, line.n));
		n = n ? n : 1;
		s = str_sub(line, i, i + n);
		width = utf8_width(s);
		if (i == at)
			put_cursor(l);
		if (s.p[0] == '\t') {
			for (width = TAB - column % TAB, column += width; width; width--)
				put(l, STR(" "), 1);
			continue;
		}
		put(l, s, width);
		column += width;
	}
	if (at != SIZE_MAX && at >= line.n)
		put_cursor(l);
}

/* Where the last `most` lines of s (whose lines all have newlines) begin. */
static size_t last_lines(struct str s, size_t most)
{
	size_t at = s.n;

	while (at && most--)
		for (at--; at && s.p[at - 1] != '\n'; at--)
			;
	return at;
}

/* The line that is edited, or of a very long one what is around the cursor: `most` bytes
 * before and behind it.  It begins with whole rows, as long as they are of plain text. */
static void add_edited(struct edit *e, struct layout *l, struct str prompt, size_t most)
{
	struct buf line = {0};
	size_t at = line_get(e, &line), lo, hi;
	struct str s = buf_str(&line);

	lo = at > most ? (at - most) / l->columns * l->columns : 0;
	hi = s.n - at > most ? at + most : s.n;
	while (lo && lo < s.n && (s.p[lo] & 0xc0) == 0x80)
		lo--;
	while (hi < s.n && (s.p[hi] & 0xc0) == 0x80)
		hi++;
	add_line(l, lo ? STR("") : prompt, e->opts.colour, str_sub(s, lo, hi), at - lo);
	buf_release(&line);
}

/* The lines around the cursor, as many as can be in sight: most above and below it. */
static void lay_out(struct edit *e, struct layout *l, size_t most, size_t most_bytes)
{
	struct str above = buf_str(&e->above), below = buf_str(&e->below);
	size_t lo, hi;

	for (lo = last_lines(above, most); lo < above.n; lo = hi + 1) {
		hi = str_find(above, STR("\n"), lo);
		add_line(l, lo ? e->opts.more : e->opts.prompt, e->opts.colour,
			 str_sub(above, lo, hi), SIZE_MAX);
	}
	add_edited(e, l, above.n ? e->opts.more : e->opts.prompt, most_bytes);
	for (lo = 0; lo < below.n && most--; lo = hi) {
		hi = str_find(below, STR("\n"), lo + 1);
		add_line(l, e->opts.more, e->opts.colour, str_sub(below, lo + 1, hi),
			 SIZE_MAX);
	}
}

static void add_menu(struct edit *e, struct layout *l)
{
	struct str menu = buf_str(&e->menu), line;

	for (size_t lo = 0, hi; lo < menu.n; lo = hi + 1) {
		hi = str_find(menu, STR("\n"), lo);
		line = draw_cut(str_sub(menu, lo, hi), l->columns);
		new_row(l);
		put(l, line, utf8_width(line));
	}
}

static size_t lines_of(struct str s)
{
	size_t n = s.n > 0;

	for (size_t i = 0; i + 1 < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static struct str row_text(const struct edit_rows *r, size_t i)
{
	return str_sub(buf_str(&r->text), r->at[i].lo,
		       i + 1 < r->n ? r->at[i + 1].lo : r->text.n);
}

/* Only [lo, hi) of the rows stay. */
static void crop(struct edit_rows *r, size_t lo, size_t hi)
{
	struct edit_rows kept = {.row = r->row - lo, .column = r->column};

	for (size_t i = lo; i < hi && i < r->n; i++) {
		vec_push(&kept, (struct edit_row){kept.text.n, r->at[i].width});
		buf_add(&kept.text, row_text(r, i));
	}
	buf_release(&r->text);
	vec_release(r);
	*r = kept;
}

static void rows_release(struct edit_rows *r)
{
	buf_release(&r->text);
	vec_release(r);
	*r = (struct edit_rows){0};
}

/* How far the cursor is below the first row that was drawn.  Rows that are wider than the
 * window is by now were broken by it. */
static size_t rows_above(const struct edit_rows *drawn, size_t columns)
{
	size_t n = drawn->column / columns;

	for (size_t i = 0; i < drawn->row && i < drawn->n; i++)
		n += drawn->at[i].width ? (drawn->at[i].width - 1) / columns + 1 : 1;
	return n;
}

static void go_up(struct buf *out, size_t rows)
{
	buf_addc(out, '\r');
	if (rows)
		buf_addf(out, "\033[%zuA", rows);
}

/* Puts the rows in place of those that were drawn; rows that stay the same are not
 * written, unless all of them are to be. */
static void show(struct edit *e, struct edit_rows *r, size_t columns, bool all)
{
	struct buf out = {0};
	size_t at = 0;		/* the row in which the terminal's cursor is */

	all |= columns != e->drawn_columns;
	go_up(&out, rows_above(&e->drawn, columns));
	if (all)
		buf_addz(&out, "\033[J");
	for (size_t i = 0; i < r->n; i++) {
		if (!all && i < e->drawn.n && e->drawn.at[i].width == r->at[i].width &&
		    str_eq(row_text(r, i), row_text(&e->drawn, i)))
			continue;
		for (; at < i; at++)
			buf_addz(&out, at + 1 < e->drawn.n && !all ? "\033[B" : "\r\n");
		buf_addc(&out, '\r');
		buf_add(&out, row_text(r, i));
		/* In a full row the cursor waits at its end, where clearing would hit. */
		if (!all && r->at[i].width < columns)
			buf_addz(&out, "\033[K");
	}
	if (!all && r->n < e->drawn.n) {
		for (; at < r->n; at++)
			buf_addz(&out, "\033[B");
		buf_addz(&out, "\r\033[J");
	}
	if (at > r->row)
		go_up(&out, at - r->row);
	for (; at < r->row; at++)
		buf_addz(&out, "\033[B");
	buf_addc(&out, '\r');
	if (r->column)
		buf_addf(&out, "\033[%zuC", r->column);
	io_write_all(e->opts.out, buf_str(&out));
	buf_release(&out);
	rows_release(&e->drawn);
	e->drawn = *r;
	e->drawn_columns = (unsigned)columns;
}

void draw_forget(struct edit *e)
{
	rows_release(&e->drawn);
	e->drawn_columns = 0;
}

void draw(struct edit *e)
{
	unsigned columns = draw_columns(e), lines = draw_lines(e);
	struct edit_rows rows = {0};
	struct layout l = {&rows, columns};
	size_t menu = lines_of(buf_str(&e->menu)), room, lo, last;

	room = menu < lines ? lines - menu : 1;
	lay_out(e, &l, room, (size_t)lines * columns * CHARACTER_BYTES);
	if (rows.n > room) {
		last = rows.row + 1 + BELOW_CURSOR;
		lo = last > room ? last - room : 0;
		lo = lo > rows.row ? rows.row : lo;
		lo = lo + room > rows.n ? rows.n - room : lo;
		crop(&rows, lo, lo + room);
	}
	add_menu(e, &l);
	show(e, &rows, columns, false);
}

void draw_final(struct edit *e, const char *tail)
{
	struct edit_rows rows = {0};
	struct layout l = {&rows, draw_columns(e)};

	lay_out(e, &l, FINAL_LINES, FINAL_BYTES);
	put(&l, str_of(tail), strlen(tail));
	new_row(&l);
	rows.row = rows.n - 1;
	rows.column = 0;
	show(e, &rows, l.columns, rows.n > draw_lines(e));
	draw_forget(e);
}
