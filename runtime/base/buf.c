#include <config.h>

#include "runtime/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/err.h"
#include "runtime/base/utf8.h"

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

char *buf_reserve(struct buf *b, size_t n)
{
	size_t want, cap = b->cap ? b->cap : 64;

	if (__builtin_add_overflow(b->n, n, &want) || want > SIZE_MAX / 4)
		err_nomem();
	if (want > b->cap || !b->p) {
		while (cap < want)
			cap *= 2;
		b->p = realloc(b->p, cap);
		if (!b->p)
			err_nomem();
		b->cap = cap;
	}
	return b->p + b->n;
}

void buf_add(struct buf *b, struct str s)
{
	if (!s.n)
		return;
	memcpy(buf_reserve(b, s.n), s.p, s.n);
	b->n += s.n;
}

void buf_addz(struct buf *b, const char *z)
{
	buf_add(b, str_of(z));
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (!n)
		return;
	memset(buf_reserve(b, n), c, n);
	b->n += n;
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	buf_reserve(b, 128);
	n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
	if (n < 0)
		BUG("bad format: %s", fmt);
	if ((size_t)n >= b->cap - b->n) {
		buf_reserve(b, (size_t)n + 1);
		vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
	}
	va_end(again);
	b->n += (size_t)n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

const char *buf_cstr(struct buf *b)
{
	*buf_reserve(b, 1) = '\0';
	return b->p;
}

void buf_add_printable(struct buf *b, struct str s, bool keep_layout)
{
	size_t i = 0;

	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = c < 0x80 ? 1 : utf8_length(str_sub(s, i, s.n));
		bool c1 = n == 2 && c == 0xc2 && (unsigned char)s.p[i + 1] < 0xa0;

		if (keep_layout && (c == '\n' || c == '\t')) {
			buf_addc(b, (char)c);
		} else if (c < 0x20 || c == 0x7f || !n || c1) {
			n = n ? n : 1;
			for (size_t k = 0; k < n; k++)
				buf_addf(b, "\\x%02x", (unsigned char)s.p[i + k]);
		} else {
			buf_add(b, str_sub(s, i, i + n));
		}
		i += n ? n : 1;
	}
}

static void add_json_special(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		buf_addc(b, '\\');
		buf_addc(b, (char)c);
		break;
	case '\n':
		buf_addz(b, "\\n");
		break;
	case '\t':
		buf_addz(b, "\\t");
		break;
	case '\r':
		buf_addz(b, "\\r");
		break;
	default:
		buf_addf(b, "\\u%04x", c);
	}
}

void buf_add_shell(struct buf *b, struct str s)
{
	buf_addc(b, '\'');
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\'')
			buf_addz(b, "'\\''");
		else
			buf_addc(b, s.p[i]);
	buf_addc(b, '\'');
}

void buf_add_json(struct buf *b, struct str s)
{
	size_t i = 0, from = 0;

	buf_addc(b, '"');
	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = c < 0x80 ? 1 : utf8_length(str_sub(s, i, s.n));

		if (n && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
			i += n;
			continue;
		}
		buf_add(b, str_sub(s, from, i));
		if (n)
			add_json_special(b, c);
		else
			buf_addz(b, "\\ufffd");
		from = ++i;
	}
	buf_add(b, str_sub(s, from, s.n));
	buf_addc(b, '"');
}
