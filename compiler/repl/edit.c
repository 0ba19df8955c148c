#include <config.h>

#include "compiler/repl/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "compiler/repl/edit_int.h"
#include "runtime/base/io.h"
#include "runtime/base/utf8.h"

struct libedit {
	EditLine *el;
	FILE *nowhere;		/* what libedit would draw */
};

/* Moved by n characters. */
static void move(struct edit *e, ptrdiff_t n)
{
	if (n)
		el_cursor(e->lib->el, (int)n);
}

size_t line_get(struct edit *e, struct buf *out)
{
	const LineInfoW *line = el_wline(e->lib->el);
	size_t at = out->n;

	buf_clear(out);
	for (const wchar_t *p = line->buffer; p < line->lastchar; p++) {
		if (p == line->cursor)
			at = out->n;
		out->n += utf8_write((uint32_t)*p, buf_reserve(out, 4));
	}
	return line->cursor >= line->lastchar ? out->n : at;
}

/* s has no newline. */
static void line_insert(struct edit *e, struct str s)
{
	wchar_t *wide = calloc(s.n + 1, sizeof *wide);
	size_t n = 0;

	if (!wide)
		err_nomem();
	for (size_t i = 0, len; i < s.n; i += len) {
		struct str rest = str_sub(s, i, s.n);

		len = utf8_length(rest);
		wide[n++] = (wchar_t)utf8_decode(rest);
		len = len ? len : 1;
	}
	if (n)
		el_winsertstr(e->lib->el, wide);
	free(wide);
}

void line_erase(struct edit *e, size_t n)
{
	el_deletestr(e->lib->el, (int)n);
}

void line_set(struct edit *e, struct str s, size_t at)
{
	const LineInfoW *line = el_wline(e->lib->el);

	move(e, line->lastchar - line->cursor);
	line_erase(e, (size_t)(line->lastchar - line->buffer));
	line_insert(e, s);
	move(e, -(ptrdiff_t)utf8_count(str_sub(s, at, s.n)));
}

void edit_cook(struct edit *e, bool is_cooked)
{
	static const char paste[] = "\033[?2004";

	el_wset(e->lib->el, EL_PREP_TERM, is_cooked ? 0 : 1);
	io_write_all(e->opts.out, str_of(paste));
	io_write_all(e->opts.out, is_cooked ? STR("l") : STR("h"));
	input_guard_active(!is_cooked);
}

void edit_note(struct edit *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_clear(&e->menu);
	buf_vaddf(&e->menu, fmt, ap);
	va_end(ap);
}

/* What takes long to draw is drawn when nothing comes for as long. */
static int draw_before_wait(void *ctx, bool is_late)
{
	struct edit *e = ctx;
	int64_t began = io_monotonic_ms();

	if (!is_late && e->draw_ms)
		return e->draw_ms;
	if (e->input.had_refused)
		edit_note(e, "that is no text, and was left out");
	e->input.had_refused = false;
	draw(e);
	e->draw_ms = (int)(io_monotonic_ms() - began);
	return -1;
}

static void after_stop(void *ctx)
{
	struct edit *e = ctx;

	draw_forget(e);
	edit_cook(e, false);
}

enum edit_key edit_key(struct edit *e)
{
	enum edit_key key = e->again;

	e->again = KEY_NONE;
	if (key != KEY_NONE)
		return key;
	key = input_key(&e->input,
			&(struct input_hooks){draw_before_wait, after_stop, e});
	buf_clear(&e->menu);
	return key;
}

static size_t room(const struct edit *e)
{
	const LineInfoW *line = el_wline(e->lib->el);
	size_t used = e->above.n + e->below.n + (size_t)(line->lastchar - line->buffer);

	return used < EDIT_TEXT_MAX ? EDIT_TEXT_MAX - used : 0;
}

/* What KEY_TEXT and KEY_PASTE bring. */
static void take_text(struct edit *e, enum edit_key key)
{
	struct buf pasted = {0};
	bool is_cut = false;

	if (key == KEY_TEXT) {
		line_insert(e, input_text(&e->input, room(e), &is_cut));
	} else {
		input_paste(&e->input, room(e), &pasted, &is_cut);
		block_paste(e, buf_str(&pasted));
		buf_release(&pasted);
	}
	if (is_cut)
		edit_note(e, "more than %d KiB: put it into a file, and :load it",
			  EDIT_TEXT_MAX >> 10);
}

/* The next key for libedit.  Text goes into the line without being a key for each of its
 * characters: what is pasted where no brackets tell would take its time. */
static int next_key(EditLine *el, wchar_t *out)
{
	struct edit *e;
	enum edit_key key;

	el_wget(el, EL_CLIENTDATA, &e);
	while ((key = edit_key(e)) == KEY_TEXT || key == KEY_PASTE || key == KEY_NONE) {
		e->is_walking = e->has_goal = false;
		if (key != KEY_NONE)
			take_text(e, key);
	}
	if (key != KEY_UP && key != KEY_DOWN && key != KEY_PREVIOUS && key != KEY_NEXT)
		e->is_walking = e->has_goal = false;
	if (key == KEY_GONE) {
		e->end = EDIT_END;
		key = KEY_ABORT;	/* ends el_wgets, with what stands there */
	}
	*out = (wchar_t)key;
	return 1;
}

static unsigned char on_key(EditLine *el, int key)
{
	struct edit *e;

	el_wget(el, EL_CLIENTDATA, &e);
	return block_key(e, (enum edit_key)key) ? CC_NEWLINE : CC_REFRESH;
}

/* Keys of ours, and those that libedit has under other codes. */
static void bind_keys(EditLine *el)
{
	static const wchar_t ours[] = {
		KEY_BACK, KEY_ABORT, KEY_EOF, KEY_FORWARD, KEY_CANCEL, KEY_ERASE, KEY_TAB,
		KEY_NEWLINE, KEY_REDRAW, KEY_ENTER, KEY_NEXT, KEY_PREVIOUS, KEY_SEARCH,
		KEY_SUSPEND, KEY_DELETE_BACK, KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT,
		KEY_DELETE, KEY_OLDEST, KEY_NEWEST, KEY_SUBMIT};
	static const struct { wchar_t key; const wchar_t *function; } theirs[] = {
		{KEY_HOME, L"ed-move-to-beg"}, {KEY_END, L"ed-move-to-end"},
		{KEY_WORD_LEFT, L"ed-prev-word"}, {KEY_WORD_RIGHT, L"em-next-word"},
		{KEY_WORD_DELETE, L"em-delete-next-word"},
		{KEY_WORD_ERASE, L"ed-delete-prev-word"},
		{'W' & 31, L"ed-delete-prev-word"},
		{KEY_UPPER, L"em-upper-case"}, {KEY_LOWER, L"em-lower-case"},
		{KEY_CAPITALIZE, L"em-capitol-case"},
		/* These would wait for a character that comes as text. */
		{'V' & 31, L"ed-unassigned"}, {'Q' & 31, L"ed-unassigned"},
		{'X' & 31, L"ed-unassigned"}, {KEY_ESCAPE, L"ed-unassigned"}};
	wchar_t key[2] = {0};

	el_wset(el, EL_ADDFN, L"kfpc-key", L"", on_key);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		key[0] = ours[i];
		el_wset(el, EL_BIND, key, L"kfpc-key", NULL);
	}
	for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
		key[0] = theirs[i].key;
		el_wset(el, EL_BIND, key, theirs[i].function, NULL);
	}
}

static wchar_t *no_prompt(EditLine *el)
{
	static wchar_t none[1];

	(void)el;
	return none;
}

static bool can_draw(const struct edit_opts *o)
{
	const char *term = getenv("TERM");

	return isatty(o->in) && isatty(o->out) && term && *term && strcmp(term, "dumb");
}

static struct libedit *libedit_open(struct edit *e)
{
	struct libedit *lib;
	struct termios cooked;
	FILE *nowhere;

	if (!can_draw(&e->opts) || tcgetattr(e->opts.in, &cooked))
		return NULL;
	nowhere = fopen("/dev/null", "we");
	if (!nowhere)
		return NULL;
	lib = calloc(1, sizeof *lib);
	if (!lib)
		err_nomem();
	*lib = (struct libedit){.nowhere = nowhere};
	lib->el = el_init_fd("kfpc", stdin, nowhere, nowhere, e->opts.in, e->opts.out,
			     e->opts.out);
	if (!lib->el) {
		fclose(nowhere);
		free(lib);
		return NULL;
	}
	input_guard(e->opts.in, &cooked);
	el_wset(lib->el, EL_CLIENTDATA, e);
	el_wset(lib->el, EL_EDITOR, L"emacs");
	el_wset(lib->el, EL_PROMPT, no_prompt);
	el_wset(lib->el, EL_GETCFN, next_key);
	/* Ctrl-C, Ctrl-Z, Ctrl-S and Ctrl-V are keys, and CRLF is seen as such. */
	el_wset(lib->el, EL_SETTY, L"-d", L"-isig", L"-ixon", L"-iexten",
		L"-icrnl", L"-inlcr", NULL);
	bind_keys(lib->el);
	return lib;
}

struct edit *edit_open(const struct edit_opts *opts)
{
	struct edit *e = calloc(1, sizeof *e);

	if (!e)
		err_nomem();
	e->opts = *opts;
	arena_init(&e->history.arena);
	history_open(&e->history, opts->history);
	input_open(&e->input, opts->in);
	input_signals(true);
	e->lib = libedit_open(e);
	return e;
}

void edit_close(struct edit *e)
{
	input_signals(false);
	if (e->lib) {
		el_end(e->lib->el);
		fclose(e->lib->nowhere);
		free(e->lib);
	}
	input_release(&e->input);
	history_release(&e->history);
	draw_forget(e);
	buf_release(&e->above);
	buf_release(&e->below);
	buf_release(&e->text);
	buf_release(&e->whole);
	buf_release(&e->draft);
	buf_release(&e->menu);
	buf_release(&e->drawn.text);
	vec_release(&e->drawn);
	free(e);
}

int edit_signal(const struct edit *e)
{
	return e->input.signal;
}

static void begin(struct edit *e)
{
	buf_clear(&e->above);
	buf_clear(&e->below);
	buf_clear(&e->whole);
	buf_clear(&e->draft);
	buf_clear(&e->menu);
	e->history.place = e->history.n;
	e->is_walking = e->has_goal = false;
	e->end = EDIT_TEXT;
	draw_forget(e);
	if (e->history.note.n) {
		buf_add(&e->menu, buf_str(&e->history.note));
		buf_clear(&e->history.note);
	}
}

/* Without blank lines at its end. */
static struct str without_blanks(struct str s)
{
	size_t end = s.n;

	for (size_t i = s.n; i && strchr(" \t\n", s.p[i - 1]); i--)
		if (s.p[i - 1] == '\n')
			end = i - 1;
	return end && !str_trim(str_sub(s, 0, end)).n ? STR("") : str_sub(s, 0, end);
}

static void draw_read(struct edit *e)
{
	int n;

	edit_cook(e, false);
	el_wgets(e->lib->el, &n);
	edit_cook(e, true);
}

enum edit_end edit_read(struct edit *e, struct str *text)
{
	begin(e);
	if (e->lib)
		draw_read(e);
	else
		e->end = plain_read(e);
	*text = without_blanks(buf_str(&e->text));
	e->text.n = text->n;
	if (e->end != EDIT_INTERRUPTED)
		history_add(&e->history, *text);
	return e->end;
}
