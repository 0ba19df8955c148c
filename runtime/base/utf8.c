#include <config.h>

#include "runtime/base/utf8.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t utf8_length(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (!s.n)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || s.n < 2 || !is_tail(p[1]))
		return 0;
	if (p[0] < 0xe0)
		return 2;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	if (s.n < 3 || !is_tail(p[2]))
		return 0;
	if (p[0] < 0xf0)
		return 3;
	return s.n < 4 || !is_tail(p[3]) ? 0 : 4;
}

uint32_t utf8_decode(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	switch (utf8_length(s)) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	case 3:
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	case 4:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 |
		       (p[3] & 0x3fu);
	default:
		return 0xfffd;
	}
}

size_t utf8_write(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Are there eight bytes of ASCII at i? */
static bool is_ascii_word(struct str s, size_t i)
{
	uint64_t word;

	if (i + 8 > s.n)
		return false;
	memcpy(&word, s.p + i, 8);
	return !(word & 0x8080808080808080u);
}

size_t utf8_invalid_at(struct str s)
{
	size_t i = 0, n;

	while (i < s.n) {
		while (is_ascii_word(s, i))
			i += 8;
		if (i == s.n)
			break;
		n = utf8_length(str_sub(s, i, s.n));
		if (!n)
			return i;
		i += n;
	}
	return s.n;
}

size_t utf8_count(struct str s)
{
	size_t count = 0, i = 0, n;

	while (i < s.n) {
		if (is_ascii_word(s, i)) {
			i += 8;
			count += 8;
			continue;
		}
		n = (unsigned char)s.p[i] < 0x80 ? 1 : utf8_length(str_sub(s, i, s.n));
		i += n ? n : 1;
		count++;
	}
	return count;
}

struct str utf8_cut(struct str s, size_t n)
{
	if (n >= s.n)
		return s;
	while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

/* Ranges of two columns, after Unicode's East Asian Width W and F, and of none (Mn,
 * Me). */
static const struct range {
	uint32_t lo, hi;
	int width;
} RANGES[] = {
	{0x300, 0x36f, 0},	{0x483, 0x489, 0},	{0x591, 0x5bd, 0},
	{0x610, 0x61a, 0},	{0x64b, 0x65f, 0},	{0xe31, 0xe31, 0},
	{0xe34, 0xe3a, 0},	{0x1100, 0x115f, 2},	{0x1160, 0x11ff, 0},
	{0x200b, 0x200f, 0},	{0x20d0, 0x20f0, 0},	{0x231a, 0x231b, 2},
	{0x23e9, 0x23ec, 2},	{0x25fd, 0x25fe, 2},	{0x2614, 0x2615, 2},
	{0x2705, 0x2705, 2},	{0x274c, 0x274c, 2},	{0x2753, 0x2755, 2},
	{0x2e80, 0x303e, 2},	{0x3041, 0x33ff, 2},	{0x3400, 0x4dbf, 2},
	{0x4e00, 0x9fff, 2},	{0xa000, 0xa4cf, 2},	{0xa960, 0xa97f, 2},
	{0xac00, 0xd7a3, 2},	{0xf900, 0xfaff, 2},	{0xfe00, 0xfe0f, 0},
	{0xfe20, 0xfe2f, 0},	{0xfe30, 0xfe6f, 2},	{0xff00, 0xff60, 2},
	{0xffe0, 0xffe6, 2},	{0x1f300, 0x1f64f, 2},	{0x1f680, 0x1f6ff, 2},
	{0x1f900, 0x1f9ff, 2},	{0x1fa70, 0x1faff, 2},	{0x20000, 0x3fffd, 2},
};

static int char_width(uint32_t c)
{
	size_t lo = 0, hi = sizeof RANGES / sizeof *RANGES;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c > RANGES[mid].hi)
			lo = mid + 1;
		else if (c < RANGES[mid].lo)
			hi = mid;
		else
			return RANGES[mid].width;
	}
	return 1;
}

size_t utf8_width(struct str s)
{
	size_t width = 0;

	for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
		n = utf8_length(str_sub(s, i, s.n));
		width += n < 2 ? 1 : (size_t)char_width(utf8_decode(str_sub(s, i, s.n)));
	}
	return width;
}
