#include <config.h>

#include "compiler/repl/edit_int.h"

#include <signal.h>

#include "runtime/base/io.h"
#include "runtime/base/utf8.h"

size_t block_get(struct edit *e, struct buf *out)
{
	struct buf line = {0};
	size_t at = e->above.n + line_get(e, &line);

	buf_clear(out);
	buf_add(out, buf_str(&e->above));
	buf_add(out, buf_str(&line));
	buf_add(out, buf_str(&e->below));
	buf_release(&line);
	return at;
}

static size_t line_begin(struct str text, size_t at)
{
	while (at && text.p[at - 1] != '\n')
		at--;
	return at;
}

void block_set(struct edit *e, struct str text, size_t at)
{
	size_t lo = line_begin(text, at), hi = str_find(text, STR("\n"), at);

	buf_clear(&e->above);
	buf_add(&e->above, str_sub(text, 0, lo));
	buf_clear(&e->below);
	buf_add(&e->below, str_sub(text, hi, text.n));
	line_set(e, str_sub(text, lo, hi), at - lo);
}

void block_replace(struct edit *e, size_t lo, struct str s)
{
	struct buf text = {0}, put = {0};
	size_t at = block_get(e, &text);

	buf_add(&put, str_sub(buf_str(&text), 0, lo));
	buf_add(&put, s);
	buf_add(&put, str_sub(buf_str(&text), at, text.n));
	block_set(e, buf_str(&put), lo + s.n);
	buf_release(&text);
	buf_release(&put);
}

static bool is_blank(struct str s)
{
	return !str_trim(s).n;
}

/* Pasted lines bring their own indentation in place of what was offered. */
void block_paste(struct edit *e, struct str s)
{
	struct buf text = {0};
	size_t at = block_get(e, &text), lo = line_begin(buf_str(&text), at);
	bool was_empty = is_blank(buf_str(&text));

	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (str_find(s, STR("\n"), 0) == s.n && s.n && s.p[0] != ' ' && s.p[0] != '\t')
		lo = at;
	block_replace(e, is_blank(str_sub(buf_str(&text), lo, at)) ? lo : at, s);
	buf_clear(&e->whole);
	if (was_empty)
		block_get(e, &e->whole);
	buf_release(&text);
}

/* The byte of the line at which the cursor stands in this column, or before it. */
static size_t at_column(struct str line, size_t column)
{
	return draw_cut(line, column).n;
}

/* To the line above or below; false: there is none. */
static bool go_to_line(struct edit *e, bool is_up)
{
	struct buf text = {0}, line = {0};
	size_t at, lo;
	struct str to;

	if (is_up ? !e->above.n : !e->below.n)
		return false;
	at = line_get(e, &line);
	if (!e->has_goal)
		e->goal = utf8_width(str_sub(buf_str(&line), 0, at));
	e->has_goal = true;
	block_get(e, &text);
	lo = is_up ? line_begin(buf_str(&text), e->above.n - 1) : e->above.n + line.n + 1;
	to = str_sub(buf_str(&text), lo, str_find(buf_str(&text), STR("\n"), lo));
	block_set(e, buf_str(&text), lo + at_column(to, e->goal));
	buf_release(&text);
	buf_release(&line);
	return true;
}

/* To the older or newer block in history, or back to what was typed. */
static void go_in_history(struct edit *e, bool is_older)
{
	struct edit_history *h = &e->history;

	if (is_older ? !h->place : h->place == h->n)
		return;
	if (h->place == h->n)
		block_get(e, &e->draft);
	h->place = is_older ? h->place - 1 : h->place + 1;
	buf_clear(&e->whole);
	if (h->place < h->n)
		buf_add(&e->whole, h->at[h->place]);
	else
		buf_add(&e->whole, buf_str(&e->draft));
	block_set(e, buf_str(&e->whole), e->whole.n);
	if (h->place == h->n)
		buf_clear(&e->whole);	/* it was typed, not recalled */
	e->is_walking = true;
}

static void go_to_end_of_history(struct edit *e, bool is_oldest)
{
	size_t to = is_oldest ? 0 : e->history.n;

	while (e->history.place != to)
		go_in_history(e, is_oldest);
}

static size_t step_back(struct str s, size_t at)
{
	size_t lo = at;

	while (lo) {
		do
			lo--;
		while (lo && (s.p[lo] & 0xc0) == 0x80);
		if (utf8_width(str_sub(s, lo, at)))
			break;	/* with all marks that stand on it */
	}
	return lo;
}

static size_t step_on(struct str s, size_t at)
{
	size_t n = utf8_length(str_sub(s, at, s.n));

	do {
		at += n;
		n = utf8_length(str_sub(s, at, s.n));
	} while (n && !utf8_width(str_sub(s, at, at + n)));
	return at;
}

static void go_sideways(struct edit *e, bool is_left)
{
	struct buf text = {0};
	size_t at = block_get(e, &text);
	struct str s = buf_str(&text);

	block_set(e, s, is_left ? step_back(s, at) : step_on(s, at));
	buf_release(&text);
}

/* In the indentation: to where the level before it begins. */
static size_t before_indent(struct str line, size_t at)
{
	size_t spaces = 0;

	while (spaces < at && line.p[at - spaces - 1] == ' ')
		spaces++;
	return at - (spaces ? (spaces - 1) % EDIT_INDENT + 1 : 1);
}

static void erase_back(struct edit *e)
{
	struct buf text = {0};
	size_t at = block_get(e, &text), lo = line_begin(buf_str(&text), at);
	struct str line = str_sub(buf_str(&text), lo, at);

	if (line.n && is_blank(line))
		line_erase(e, line.n - before_indent(line, line.n));
	else if (line.n)
		line_erase(e, 1);
	else if (at)
		block_replace(e, at - 1, STR(""));
	buf_release(&text);
}

static void erase_on(struct edit *e)
{
	struct buf text = {0};
	size_t at = block_get(e, &text), hi = step_on(buf_str(&text), at);

	block_set(e, buf_str(&text), hi);
	block_replace(e, at, STR(""));
	buf_release(&text);
}

static size_t indentation(struct str line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

/* Is it the last word that a block can say? */
static bool leaves_block(struct str line)
{
	static const char *const words[] = {"return", "pass", "break", "continue",
					    "raise"};

	line = str_trim(line);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_has_prefix(line, str_of(words[i])) &&
		    (line.n == strlen(words[i]) || line.p[strlen(words[i])] == ' '))
			return true;
	return false;
}

/* A new line at the cursor, as deep as the one before it goes on. */
static void split_line(struct edit *e)
{
	struct buf text = {0}, put = {0};
	size_t at = block_get(e, &text), lo = line_begin(buf_str(&text), at), depth;
	struct str line = str_sub(buf_str(&text), lo, at), said = str_trim(line);

	depth = indentation(line);
	buf_addc(&put, '\n');
	buf_add(&put, str_sub(line, 0, depth));
	if (said.n && strchr(":([{", said.p[said.n - 1]))
		buf_fill(&put, ' ', EDIT_INDENT);
	else if (depth >= EDIT_INDENT && leaves_block(line))
		put.n = 1 + before_indent(line, depth);
	block_replace(e, at, buf_str(&put));
	buf_release(&text);
	buf_release(&put);
}

static bool is_open(struct edit *e, struct buf *text, const char *end)
{
	bool open;
	size_t n = text->n;

	if (!e->opts.is_open)
		return false;
	buf_addz(text, end);
	open = e->opts.is_open(e->opts.ctx, buf_str(text));
	text->n = n;
	return open;
}

/* Does Enter end the block, with the cursor on its last line? */
static bool is_done(struct edit *e, struct buf *text, size_t lo)
{
	struct str all = buf_str(text), before = str_sub(all, 0, lo ? lo - 1 : 0);

	if (str_eq(all, buf_str(&e->whole)))
		return !is_open(e, text, "\n\n");
	if (!lo || !is_blank(str_sub(all, lo, all.n)))
		return !is_open(e, text, "\n");
	/* Two blank lines end anything, so that nobody is held in it. */
	if (is_blank(str_sub(before, line_begin(before, before.n), before.n)))
		return true;
	text->n = lo;
	return !is_open(e, text, "\n");
}

static bool finish(struct edit *e, enum edit_end end)
{
	block_get(e, &e->text);
	e->end = end;
	draw_final(e, end == EDIT_INTERRUPTED ? "^C" : "");
	return true;
}

static bool enter(struct edit *e)
{
	struct buf text = {0};
	bool done = false;

	block_get(e, &text);
	if (!e->below.n || str_eq(buf_str(&text), buf_str(&e->whole)))
		done = is_done(e, &text, e->above.n);
	buf_release(&text);
	if (done)
		return finish(e, EDIT_TEXT);
	split_line(e);
	return false;
}

static bool end_of_input(struct edit *e)
{
	struct buf text = {0};
	bool is_empty;

	block_get(e, &text);
	is_empty = !text.n;
	buf_release(&text);
	if (is_empty)
		return finish(e, EDIT_END);
	erase_on(e);
	return false;
}

static void up_or_down(struct edit *e, bool is_up)
{
	if (e->is_walking || !go_to_line(e, is_up))
		go_in_history(e, is_up);
}

static void redraw(struct edit *e)
{
	draw_forget(e);
	io_write_all(e->opts.out, STR("\033[H\033[2J"));
}

static void suspend(struct edit *e)
{
	draw_final(e, "");
	edit_cook(e, true);
	raise(SIGTSTP);		/* input_signals has SIGCONT, which brings us back */
}

bool block_key(struct edit *e, enum edit_key key)
{
	if (e->end == EDIT_END)
		return finish(e, EDIT_END);
	switch (key) {
	case KEY_ENTER:
	case KEY_NEWLINE:
		return enter(e);
	case KEY_SUBMIT:
		return finish(e, EDIT_TEXT);
	case KEY_ABORT:
		return finish(e, EDIT_INTERRUPTED);
	case KEY_EOF:
		return end_of_input(e);
	case KEY_DELETE:
		erase_on(e);
		break;
	case KEY_ERASE:
	case KEY_DELETE_BACK:
		erase_back(e);
		break;
	case KEY_UP:
	case KEY_PREVIOUS:
	case KEY_DOWN:
	case KEY_NEXT:
		up_or_down(e, key == KEY_UP || key == KEY_PREVIOUS);
		break;
	case KEY_LEFT:
	case KEY_BACK:
		go_sideways(e, true);
		break;
	case KEY_RIGHT:
	case KEY_FORWARD:
		go_sideways(e, false);
		break;
	case KEY_OLDEST:
	case KEY_NEWEST:
		go_to_end_of_history(e, key == KEY_OLDEST);
		break;
	case KEY_TAB:
		find_completion(e);
		break;
	case KEY_SEARCH:
		find_search(e);
		break;
	case KEY_REDRAW:
		redraw(e);
		break;
	case KEY_SUSPEND:
		suspend(e);
		break;
	default:
		break;
	}
	return false;
}
