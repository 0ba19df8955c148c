/* Finding what to type: completion of the word before the cursor, search in history. */
#include <config.h>

#include <stdlib.h>

#include "compiler/repl/edit_int.h"
#include "runtime/base/io.h"
#include "runtime/base/utf8.h"

enum {
	TOLD_MAX = 8,		/* so many choices have a row each, with what they are */
	GAP = 2,
};

static int by_text(const void *a, const void *b)
{
	return str_cmp(((const struct edit_choice *)a)->text,
		       ((const struct edit_choice *)b)->text);
}

/* In order, each once. */
static void tidy(struct edit_choices *all)
{
	size_t n = 0;

	if (all->n)
		qsort(all->at, all->n, sizeof *all->at, by_text);
	for (size_t i = 0; i < all->n; i++)
		if (!n || !str_eq(all->at[n - 1].text, all->at[i].text))
			all->at[n++] = all->at[i];
	all->n = n;
}

/* If some go on with the word as it is typed, letter by letter, only they stay. */
static void prefer(struct edit_choices *all, struct str word)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += str_has_prefix(all->at[i].text, word);
	if (!n)
		return;
	n = 0;
	for (size_t i = 0; i < all->n; i++)
		if (str_has_prefix(all->at[i].text, word))
			all->at[n++] = all->at[i];
	all->n = n;
}

/* What they all begin with, in whole characters. */
static struct str common(const struct edit_choices *all)
{
	struct str first = all->at[0].text, last = all->at[all->n - 1].text;
	size_t n = 0;

	while (n < first.n && n < last.n && first.p[n] == last.p[n])
		n++;
	while (n && n < first.n && (first.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(first, 0, n);
}

static size_t widest(const struct edit_choices *all)
{
	size_t most = 0;

	for (size_t i = 0; i < all->n; i++) {
		size_t width = utf8_width(all->at[i].text);

		most = width > most ? width : most;
	}
	return most;
}

static void add_padded(struct buf *out, struct str s, size_t width)
{
	size_t w = utf8_width(s);

	buf_add(out, s);
	buf_fill(out, ' ', width > w ? width - w : 0);
}

static struct str first_line(struct str s)
{
	s = str_trim(s);
	return str_sub(s, 0, str_find(s, STR("\n"), 0));
}

/* A row for each, with its doc where there is room for all of that; of one alone all. */
static void tell_each(struct edit *e, const struct edit_choices *all)
{
	size_t width = widest(all) + GAP, columns = draw_columns(e);

	for (size_t i = 0; i < all->n; i++) {
		struct str detail = first_line(all->at[i].detail);
		struct str doc = first_line(all->at[i].doc);
		size_t used = width + (detail.n ? utf8_width(detail) + GAP : 0);

		if (all->n > 1 && used + utf8_width(doc) > columns)
			doc.n = 0;
		buf_addz(&e->menu, i ? "\n" : "");
		add_padded(&e->menu, all->at[i].text, detail.n || doc.n ? width : 0);
		buf_add_printable(&e->menu, detail, false);
		if (detail.n && doc.n)
			buf_addz(&e->menu, all->n > 1 ? "  " : "\n");
		buf_add_printable(&e->menu, doc, false);
	}
}

/* Down the columns, as many rows as leave half of the window to the block. */
static void tell_names(struct edit *e, const struct edit_choices *all)
{
	size_t width = widest(all) + GAP, columns = draw_columns(e) / width, rows, most;

	columns = columns ? columns : 1;
	rows = (all->n + columns - 1) / columns;
	most = draw_lines(e) / 2 > 1 ? draw_lines(e) / 2 - 1 : 1;
	for (size_t r = 0; r < rows && r < most; r++) {
		buf_addz(&e->menu, r ? "\n" : "");
		for (size_t c = 0, i; c < columns && (i = c * rows + r) < all->n; c++)
			add_padded(&e->menu, all->at[i].text,
				   i + rows < all->n ? width : 0);
	}
	if (rows > most)
		buf_addf(&e->menu, "\n... %zu in all: type more of it", all->n);
}

static void tell(struct edit *e, const struct edit_choices *all)
{
	buf_clear(&e->menu);
	if (all->n <= TOLD_MAX && all->n < draw_lines(e) / 2)
		tell_each(e, all);
	else
		tell_names(e, all);
}

static void beep(struct edit *e)
{
	io_write_all(e->opts.out, STR("\a"));
}

static void complete(struct edit *e, struct str text, size_t at)
{
	struct arena a;
	struct edit_choices all = {0};
	size_t lo;

	arena_init(&a);
	lo = e->opts.complete(e->opts.ctx, text, at, &a, &all);
	tidy(&all);
	prefer(&all, str_sub(text, lo, at));
	if (!all.n) {
		beep(e);
	} else {
		struct str word = common(&all);
		bool is_more = word.n > at - lo;

		if (is_more || all.n == 1)
			block_replace(e, lo, word);
		if (!is_more || all.n > 1)
			tell(e, &all);
	}
	free(all.at);
	arena_release(&a);
}

void find_completion(struct edit *e)
{
	struct buf text = {0};
	size_t at = block_get(e, &text), lo = at;

	while (lo && text.p[lo - 1] == ' ')
		lo--;
	if (!lo || text.p[lo - 1] == '\n')
		block_replace(e, at, str_sub(STR("    "), (at - lo) % EDIT_INDENT,
					     EDIT_INDENT));
	else if (e->opts.complete)
		complete(e, buf_str(&text), at);
	buf_release(&text);
}

struct search {
	struct edit *e;
	struct buf pattern, was;	/* was: what stood there before */
	size_t was_at, was_place;
	bool is_failing;
};

/* Shows the nearest block from `from` on that has the pattern; false: none has. */
static bool seek(struct search *s, size_t from, bool is_older)
{
	struct edit_history *h = &s->e->history;
	struct str pattern = buf_str(&s->pattern);

	for (size_t i = from; i < h->n; i += is_older ? (size_t)-1 : 1) {
		size_t at = str_find(h->at[i], pattern, 0);

		if (at == h->at[i].n && pattern.n)
			continue;
		h->place = i;
		buf_clear(&s->e->whole);
		buf_add(&s->e->whole, h->at[i]);
		block_set(s->e, h->at[i], at);
		return true;
	}
	return false;
}

static void add_to_pattern(struct search *s, enum edit_key key)
{
	struct buf pasted = {0};
	bool is_cut;
	struct str more;

	if (key == KEY_TEXT)
		more = input_text(&s->e->input, EDIT_TEXT_MAX, &is_cut);
	else
		input_paste(&s->e->input, EDIT_TEXT_MAX, &pasted, &is_cut);
	more = key == KEY_TEXT ? more : first_line(buf_str(&pasted));
	if (s->pattern.n + more.n <= 1000)
		buf_add(&s->pattern, more);
	buf_release(&pasted);
}

static void take_from_pattern(struct search *s)
{
	while (s->pattern.n && (s->pattern.p[s->pattern.n - 1] & 0xc0) == 0x80)
		s->pattern.n--;
	s->pattern.n -= s->pattern.n > 0;
}

static void give_up(struct search *s)
{
	block_set(s->e, buf_str(&s->was), s->was_at);
	s->e->history.place = s->was_place;
	buf_clear(&s->e->whole);
}

/* False: the search is over, by this key. */
static bool search_key(struct search *s, enum edit_key key)
{
	struct edit_history *h = &s->e->history;

	switch (key) {
	case KEY_NONE:
		break;
	case KEY_TEXT:
	case KEY_PASTE:
		add_to_pattern(s, key);
		s->is_failing = !seek(s, h->place < h->n ? h->place : h->n - 1, true);
		break;
	case KEY_SEARCH:
		s->is_failing = !seek(s, h->place - 1, true);
		break;
	case KEY_SEARCH_FORWARD:
		s->is_failing = !seek(s, h->place + 1, false);
		break;
	case KEY_ERASE:
	case KEY_DELETE_BACK:
		take_from_pattern(s);
		s->is_failing = s->pattern.n && !seek(s, h->n - 1, true);
		if (!s->pattern.n)
			give_up(s);
		break;
	case KEY_CANCEL:
	case KEY_ABORT:
		give_up(s);
		return false;
	default:
		s->e->again = key == KEY_ESCAPE ? KEY_NONE : key;
		return false;
	}
	return true;
}

void find_search(struct edit *e)
{
	struct search s = {.e = e, .was_place = e->history.place};

	s.was_at = block_get(e, &s.was);
	if (s.was_place == e->history.n) {
		buf_clear(&e->draft);
		buf_add(&e->draft, buf_str(&s.was));
	}
	do
		edit_note(e, "search back: %.*s%s", STR_ARG(buf_str(&s.pattern)),
			  s.is_failing ? "   (there is no other)" : "");
	while (search_key(&s, edit_key(e)));
	e->is_walking = e->history.place < e->history.n;
	buf_release(&s.pattern);
	buf_release(&s.was);
}
