#include <config.h>

#include "runtime/base/diag.h"

#include <stdio.h>

#include "runtime/base/utf8.h"

enum { SHOWN_COLUMNS = 110 };	/* of a source line; the rest is cut around the place */

struct printer {
	const struct diags *ds;
	struct buf *out;
	bool colour;
	unsigned gutter;	/* digits of the largest line number shown */
	const struct src_file *file; /* the line shown last: not shown again by itself */
	uint32_t line;
};

static void sgr(struct printer *p, const char *codes)
{
	if (p->colour)
		buf_addf(p->out, "\033[%sm", codes);
}

static void gutter(struct printer *p, const char *number, const char *bar)
{
	sgr(p, "1;34");
	buf_addf(p->out, "%*s %s", (int)p->gutter, number, bar);
	sgr(p, "0");
}

static unsigned digits(uint32_t n)
{
	unsigned d = 1;

	while (n >= 10)
		n /= 10, d++;
	return d;
}

/* The window [*lo, *hi) of a long line that shows the bytes [at, to), cut at
 * characters. */
static void window(struct str line, size_t at, size_t *lo, size_t *hi)
{
	*lo = 0;
	*hi = line.n;
	if (line.n <= SHOWN_COLUMNS)
		return;
	*lo = at > SHOWN_COLUMNS / 2 ? at - SHOWN_COLUMNS / 2 : 0;
	while (*lo < line.n && ((unsigned char)line.p[*lo] & 0xc0) == 0x80)
		++*lo;
	*hi = *lo + SHOWN_COLUMNS < line.n ? *lo + SHOWN_COLUMNS : line.n;
	while (*hi < line.n && ((unsigned char)line.p[*hi] & 0xc0) == 0x80)
		++*hi;
}

/* Control characters of a shown line become one blank each and bytes that are not UTF-8
 * become U+FFFD, so that carets stay under them and the terminal stays as it is. */
static void add_line(struct buf *out, struct str line)
{
	for (size_t i = 0, n; i < line.n; i += n ? n : 1) {
		struct str rest = str_sub(line, i, line.n);
		uint32_t c = utf8_decode(rest);

		n = utf8_length(rest);
		if (!n)
			buf_addz(out, "\xef\xbf\xbd");
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			buf_addc(out, ' ');
		else
			buf_add(out, str_sub(rest, 0, n));
	}
}

static void snippet(struct printer *p, struct span span, struct str label, char mark)
{
	struct src_pos pos = src_pos_at(p->ds->src, span.lo);
	struct str line = src_line(pos.file, pos.line);
	size_t at = span.lo - pos.file->base - pos.file->lines[pos.line - 1];
	size_t to = at + (span.hi > span.lo ? span.hi - span.lo : 1), lo, hi, width;
	char number[16];

	window(line, at, &lo, &hi);
	to = to > hi ? hi : to;
	if (p->file != pos.file || p->line != pos.line || hi - lo < line.n) {
		snprintf(number, sizeof number, "%u", pos.line);
		gutter(p, number, "| ");
		buf_addz(p->out, lo ? "..." : "");
		add_line(p->out, str_sub(line, lo, hi));
		buf_addz(p->out, hi < line.n ? "...\n" : "\n");
	}
	p->file = pos.file;
	p->line = pos.line;
	gutter(p, "", "| ");
	buf_fill(p->out, ' ', (lo ? 3 : 0) + utf8_width(str_sub(line, lo, at)));
	width = to > at ? utf8_width(str_sub(line, at, to)) : 1;
	sgr(p, mark == '^' ? "1;31" : "1;34");
	buf_fill(p->out, mark, width ? width : 1);
	if (label.n) {
		buf_addc(p->out, ' ');
		buf_add_printable(p->out, label, false);
	}
	sgr(p, "0");
	buf_addc(p->out, '\n');
}

static void place(struct printer *p, const char *arrow, struct src_pos pos)
{
	buf_fill(p->out, ' ', p->gutter);
	sgr(p, "1;34");
	buf_addz(p->out, arrow);
	sgr(p, "0");
	buf_add_printable(p->out, pos.file->path, false);
	buf_addf(p->out, ":%u:%u\n", pos.line, pos.col);
}

static void remark(struct printer *p, const char *word, struct str text)
{
	buf_fill(p->out, ' ', p->gutter);
	sgr(p, "1;34");
	buf_addz(p->out, " = ");
	sgr(p, "0;1");
	buf_addf(p->out, "%s: ", word);
	sgr(p, "0");
	buf_add_printable(p->out, text, true);
	buf_addc(p->out, '\n');
}

static void note(struct printer *p, const struct diag_at *n, const struct src_file *file)
{
	struct src_pos pos = src_pos_at(p->ds->src, n->span.lo);

	if (!pos.file) {
		remark(p, "note", n->text);
		return;
	}
	if (pos.file != file)
		place(p, "::: ", pos);
	snippet(p, n->span, n->text, '-');
}

static unsigned gutter_width(const struct diags *ds, const struct diag *d)
{
	unsigned w = digits(src_pos_at(ds->src, d->span.lo).line), n;

	for (size_t i = 0; i < d->notes.n; i++) {
		n = digits(src_pos_at(ds->src, d->notes.at[i].span.lo).line);
		w = n > w ? n : w;
	}
	return w;
}

static void print_one(struct printer *p, const struct diag *d)
{
	bool error = diag_code_is_error(d->code);
	struct src_pos pos = src_pos_at(p->ds->src, d->span.lo);

	p->gutter = gutter_width(p->ds, d);
	p->file = NULL;
	sgr(p, error ? "1;31" : "1;33");
	buf_addf(p->out, "%s %s", error ? "error" : "warning", diag_code_name(d->code));
	sgr(p, "0;1");
	buf_addz(p->out, ": ");
	buf_add_printable(p->out, d->text, true);
	sgr(p, "0");
	buf_addc(p->out, '\n');
	if (pos.file) {
		place(p, "--> ", pos);
		snippet(p, d->span, d->label, '^');
	}
	for (size_t i = 0; i < d->notes.n; i++)
		note(p, &d->notes.at[i], pos.file);
	for (size_t i = 0; i < d->fixes.n; i++)
		remark(p, "help", d->fixes.at[i].text);
	buf_addc(p->out, '\n');
}

static void count(struct buf *out, unsigned n, const char *what)
{
	buf_addf(out, "%u %s%s", n, what, n == 1 ? "" : "s");
}

void diag_print_text(const struct diags *ds, bool colour, struct buf *out)
{
	struct printer p = {.ds = ds, .out = out, .colour = colour};

	for (size_t i = 0; i < ds->all.n; i++)
		print_one(&p, ds->all.at[i]);
	if (!ds->nerrors && !ds->nwarnings)
		return;
	if (ds->nerrors)
		count(out, ds->nerrors, "error");
	if (ds->nerrors && ds->nwarnings)
		buf_addz(out, ", ");
	if (ds->nwarnings)
		count(out, ds->nwarnings, "warning");
	if (ds->dropped)
		buf_addf(out, " (%u not shown)", ds->dropped);
	buf_addc(out, '\n');
}

static void json_place(const struct diags *ds, struct span span, struct buf *out)
{
	struct src_pos lo = src_pos_at(ds->src, span.lo);
	struct src_pos hi = src_pos_at(ds->src, span.hi);

	if (!lo.file) {
		buf_addz(out, "\"file\":null,\"line\":0,\"col\":0,\"end_line\":0,\"end_"
			      "col\":0");
		return;
	}
	buf_addz(out, "\"file\":");
	buf_add_json(out, lo.file->path);
	buf_addf(out, ",\"line\":%u,\"col\":%u,\"end_line\":%u,\"end_col\":%u", lo.line,
		 lo.col, hi.file == lo.file ? hi.line : lo.line,
		 hi.file == lo.file ? hi.col : lo.col);
}

static void json_list(const struct diags *ds, const char *key, const struct diag_at *at,
		      size_t n, struct buf *out)
{
	bool fix = key[0] == 'f';

	buf_addf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < n; i++) {
		buf_addz(out, i ? ",{\"message\":" : "{\"message\":");
		buf_add_json(out, at[i].text);
		if (fix) {
			buf_addz(out, ",\"replacement\":");
			buf_add_json(out, at[i].put);
		}
		buf_addc(out, ',');
		json_place(ds, at[i].span, out);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

void diag_print_json(const struct diags *ds, struct buf *out)
{
	for (size_t i = 0; i < ds->all.n; i++) {
		const struct diag *d = ds->all.at[i];

		buf_addf(out, "{\"code\":\"%s\",\"severity\":\"%s\",\"message\":",
			 diag_code_name(d->code),
			 diag_code_is_error(d->code) ? "error" : "warning");
		buf_add_json(out, d->text);
		buf_addz(out, ",\"label\":");
		buf_add_json(out, d->label);
		buf_addc(out, ',');
		json_place(ds, d->span, out);
		json_list(ds, "notes", d->notes.at, d->notes.n, out);
		json_list(ds, "fixes", d->fixes.at, d->fixes.n, out);
		buf_addz(out, "}\n");
	}
}
