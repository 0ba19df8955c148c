/* Places: a client counts lines from 0, and in them UTF-16 units or bytes. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <stdlib.h>

#include "runtime/base/utf8.h"
#include "runtime/value/json.h"

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

struct str place_path_of(struct arena *a, struct str uri)
{
	char *p = ARENA_ARRAY(a, uri.n + 1, char);
	size_t n = 0, i = str_has_prefix(uri, STR("file://")) ? 7 : 0;

	for (; i < uri.n; i++) {
		if (uri.p[i] == '%' && i + 2 < uri.n && hex(uri.p[i + 1]) >= 0 &&
		    hex(uri.p[i + 2]) >= 0) {
			p[n++] = (char)(hex(uri.p[i + 1]) * 16 + hex(uri.p[i + 2]));
			i += 2;
		} else {
			p[n++] = uri.p[i];
		}
	}
	p[n] = 0;
	return (struct str){p, n};
}

struct str place_uri_of(struct arena *a, struct str path)
{
	struct buf out = {0};
	struct str uri;

	buf_addz(&out, "file://");
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || strchr("/-._~", c))
			buf_addc(&out, (char)c);
		else
			buf_addf(&out, "%%%02X", c);
	}
	uri = arena_str(a, buf_str(&out));
	buf_release(&out);
	return uri;
}

/* Units of the client's in s. */
static uint32_t units(const struct server *s, struct str text)
{
	uint32_t n = 0;

	if (s->is_utf8)
		return (uint32_t)text.n;
	for (size_t i = 0, k; i < text.n; i += k) {
		struct str rest = str_sub(text, i, text.n);

		k = utf8_length(rest);
		n += utf8_decode(rest) > 0xffff ? 2 : 1;
		k = k ? k : 1;
	}
	return n;
}

/* Bytes of the line that so many units take. */
static size_t bytes(const struct server *s, struct str line, int64_t wanted)
{
	size_t i = 0, k;

	if (wanted < 0)
		return 0;
	if (s->is_utf8)
		return (size_t)wanted < line.n ? (size_t)wanted : line.n;
	for (; i < line.n && wanted > 0; i += k) {
		struct str rest = str_sub(line, i, line.n);

		k = utf8_length(rest);
		wanted -= utf8_decode(rest) > 0xffff ? 2 : 1;
		k = k ? k : 1;
	}
	return i;
}

/* Offset in text of a position {line, character}; clamped to its line and the text. */
static size_t place_in_text(const struct server *s, struct str text, struct value position)
{
	int64_t line = rpc_int(position, "line", 0);
	size_t lo = 0, hi;

	for (; line > 0 && lo < text.n; line--) {
		hi = str_find(text, STR("\n"), lo);
		if (hi == text.n)
			return text.n;
		lo = hi + 1;
	}
	hi = str_find(text, STR("\n"), lo);
	if (hi > lo && text.p[hi - 1] == '\r')
		hi--;
	return lo + bytes(s, str_sub(text, lo, hi), rpc_int(position, "character", 0));
}

uint32_t place_offset(const struct server *s, const struct src_file *f,
		      struct value position)
{
	int64_t line = rpc_int(position, "line", 0);

	if (line < 0 || line >= f->nlines)
		return f->base + (line < 0 ? 0 : (uint32_t)f->text.n);
	return f->base + f->lines[line] +
	       (uint32_t)bytes(s, src_line(f, (uint32_t)line + 1),
			       rpc_int(position, "character", 0));
}

void place_of(const struct server *s, const struct src_file *f, uint32_t offset,
	      uint32_t *line, uint32_t *character)
{
	uint32_t at = offset - f->base, lo = 0, hi = f->nlines;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (f->lines[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	*line = lo;
	*character = f->nlines ? units(s, str_sub(f->text, f->lines[lo], at)) : 0;
}

static void add_position(const struct server *s, const struct src_file *f,
			 uint32_t offset, struct buf *out)
{
	uint32_t line, character;

	place_of(s, f, offset, &line, &character);
	buf_addf(out, "{\"line\":%u,\"character\":%u}", line, character);
}

void place_add_range(const struct server *s, const struct src_file *f, struct span span,
		     struct buf *out)
{
	json_put_key(out, "range");
	buf_addz(out, "{\"start\":");
	add_position(s, f, span.lo, out);
	buf_addz(out, ",\"end\":");
	add_position(s, f, span.hi, out);
	buf_addc(out, '}');
}

void place_add_location(struct request *q, const struct src_file *f, struct span span)
{
	char *real = realpath(f->path.p, NULL);
	struct str path = real ? str_of(real) : f->path;

	buf_addc(&q->out, '{');
	json_put_str(&q->out, "uri", place_uri_of(&q->arena, path));
	place_add_range(q->s, f, span, &q->out);
	buf_addc(&q->out, '}');
	free(real);
}

void place_apply(const struct server *s, struct buf *text, struct value change)
{
	struct value range = rpc_at(change, "range");
	struct str put = rpc_str(change, "text");
	struct buf out = {0};
	size_t lo = 0, hi = text->n;

	if (range.kind == VALUE_DICT) {
		lo = place_in_text(s, buf_str(text), rpc_at(range, "start"));
		hi = place_in_text(s, buf_str(text), rpc_at(range, "end"));
		hi = hi < lo ? lo : hi;
	}
	buf_reserve(&out, lo + put.n + (text->n - hi));
	buf_add(&out, str_sub(buf_str(text), 0, lo));
	buf_add(&out, put);
	buf_add(&out, str_sub(buf_str(text), hi, text->n));
	buf_release(text);
	*text = out;
}
