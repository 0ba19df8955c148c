/* Within the editor: edit.c has libedit, edit_block.c lines and what keys do to them,
 * edit_input.c bytes and signals, edit_draw.c the screen, edit_find.c completion and
 * search, edit_plain.c terminals that cannot draw, edit_history.c the file. */
#ifndef KFPC_REPL_EDIT_INT_H
#define KFPC_REPL_EDIT_INT_H

#include <termios.h>

#include "compiler/repl/edit.h"
#include "compiler/repl/edit_history.h"
#include "runtime/base/buf.h"

/* Keys as libedit gets them: control characters as they are, all others in the range
 * that no text has (C1). */
enum edit_key {
	KEY_NONE = 0,
	KEY_BACK = 2,		/* Ctrl-B */
	KEY_ABORT = 3,		/* Ctrl-C */
	KEY_EOF = 4,
	KEY_FORWARD = 6,
	KEY_CANCEL = 7,
	KEY_ERASE = 8,
	KEY_TAB = 9,
	KEY_NEWLINE = 10,
	KEY_REDRAW = 12,
	KEY_ENTER = 13,
	KEY_NEXT = 14,
	KEY_PREVIOUS = 16,
	KEY_SEARCH = 18,
	KEY_SEARCH_FORWARD = 19,
	KEY_SUSPEND = 26,
	KEY_ESCAPE = 27,
	KEY_DELETE_BACK = 127,
	KEY_UP = 0x80, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_DELETE,
	KEY_WORD_LEFT, KEY_WORD_RIGHT, KEY_WORD_DELETE, KEY_WORD_ERASE, KEY_UPPER,
	KEY_LOWER, KEY_CAPITALIZE, KEY_OLDEST, KEY_NEWEST, KEY_SUBMIT,
	KEY_PASTE,		/* what follows is pasted: input_paste */
	KEY_TEXT,		/* text: input_text */
	KEY_GONE,		/* the terminal is gone, or a signal wants us to end */
};

struct edit_input {
	int fd;
	struct buf bytes;	/* read, not yet taken */
	size_t at;
	bool had_refused;	/* something was dropped that is no text */
	bool had_cr;
	bool is_gone;
	int signal;		/* that ended it; 0: none */
};

/* Rows as they are on the screen. */
struct edit_rows {
	struct buf text;		/* one after the other */
	struct edit_row { size_t lo, width; } *at;
	size_t n, cap;
	size_t row, column;		/* of the cursor */
};

struct edit {
	struct edit_opts opts;
	struct edit_input input;
	struct edit_history history;
	struct libedit *lib;		/* NULL: the terminal cannot draw */
	struct buf above;		/* lines before the edited one, with newlines */
	struct buf below;		/* lines after it, each after a newline */
	struct buf text;		/* the block that edit_read returned */
	struct buf whole;		/* came whole: recalled or pasted, not typed */
	struct buf draft;		/* what was typed before going back in history */
	struct buf menu;		/* lines below the block, until the next key */
	struct edit_rows drawn;
	unsigned drawn_columns;
	int draw_ms;			/* that drawing took */
	size_t goal;			/* the column that Up and Down keep to */
	bool has_goal, is_walking;
	enum edit_end end;
	enum edit_key again;		/* is the next key; KEY_NONE: none was put back */
};

/* edit.c: the line that is edited. */
/* It, as UTF-8, and the byte of the cursor in it. */
size_t line_get(struct edit *e, struct buf *out);
void line_set(struct edit *e, struct str s, size_t at);
/* Characters before the cursor are taken away. */
void line_erase(struct edit *e, size_t n);
/* The terminal as programs expect it, or as the editor needs it. */
void edit_cook(struct edit *e, bool is_cooked);

/* edit_block.c: the block as a whole. */
size_t block_get(struct edit *e, struct buf *out);
void block_set(struct edit *e, struct str text, size_t at);
/* In place of text[lo..cursor]. */
void block_replace(struct edit *e, size_t lo, struct str s);
/* Text that was pasted or that comes back in: newlines make lines of it. */
void block_paste(struct edit *e, struct str s);
/* What a key does, for all those that libedit does not know; true: reading is at an end
 * (e->end says how). */
bool block_key(struct edit *e, enum edit_key key);

/* edit_input.c */
void input_open(struct edit_input *in, int fd);
void input_release(struct edit_input *in);
/* Takes the signals that concern a terminal, or gives them back. */
void input_signals(bool are_ours);
/* Waits for the next key.  before_wait is called when it has to wait and says for how
 * long, -1: without end; after that time it is called again, is_late then.  after_stop is
 * called when the process goes on after it was stopped. */
struct input_hooks {
	int (*before_wait)(void *ctx, bool is_late);
	void (*after_stop)(void *ctx);
	void *ctx;
};
enum edit_key input_key(struct edit_input *in, const struct input_hooks *hooks);
/* After KEY_TEXT: the text, without control characters, at most max bytes; the rest is
 * dropped and *is_cut set.  Lives until the next key. */
struct str input_text(struct edit_input *in, size_t max, bool *is_cut);
/* After KEY_PASTE: appends all that is pasted, lines ended by '\n'. */
void input_paste(struct edit_input *in, size_t max, struct buf *out, bool *is_cut);
/* The line that is there, for terminals that cannot draw: 1, or 0 at the end, or -1 when
 * Ctrl-C came. */
int input_line(struct edit_input *in, struct buf *out);
/* Puts the terminal right when the process ends in whatever way. */
void input_guard(int fd, const struct termios *cooked);
void input_guard_active(bool is_active);

/* edit_draw.c */
void draw(struct edit *e);
/* Draws all of the block and puts the cursor behind it; nothing is drawn there again. */
void draw_final(struct edit *e, const char *tail);
/* Forgets what is on the screen: it is not there any more. */
void draw_forget(struct edit *e);
unsigned draw_columns(const struct edit *e);
unsigned draw_lines(const struct edit *e);
/* The longest beginning of s that fits. */
struct str draw_cut(struct str s, size_t columns);

/* edit_find.c */
void find_completion(struct edit *e);
/* Ctrl-R: reads keys until something was found or given up. */
void find_search(struct edit *e);
/* The next key, with all that is to be done while waiting for it. */
enum edit_key edit_key(struct edit *e);
void edit_note(struct edit *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* edit_plain.c */
enum edit_end plain_read(struct edit *e);

#endif
