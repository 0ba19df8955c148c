#include <config.h>

#include "runtime/base/str.h"

#include <stdint.h>

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

size_t str_find(struct str s, struct str needle, size_t from)
{
	const char *hit;

	if (from > s.n)
		return s.n;
	if (!needle.n)
		return from;
	if (from == s.n)	/* s.p may be NULL */
		return s.n;
	hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : s.n;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	while (s.n && is_space(*s.p))
		s.p++, s.n--;
	return s;
}

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

/* Eight bytes at a time, the last eight even if some of them were seen; shorter strings
 * byte by byte. */
unsigned str_hash(struct str s)
{
	uint64_t h = s.n, word = 0;

	for (size_t i = 0; i + 8 < s.n; i += 8) {
		memcpy(&word, s.p + i, 8);
		h = mix(h, word);
	}
	if (s.n >= 8)
		memcpy(&word, s.p + s.n - 8, 8);
	for (size_t i = 0; s.n < 8 && i < s.n; i++)
		word = word << 8 | (unsigned char)s.p[i];
	h = mix(h, word);
	return (unsigned)mix(h, h >> 29);
}

enum { DISTANCE_MAX_BYTES = 64 };

static unsigned min2(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the usual table. */
unsigned str_distance(struct str a, struct str b, unsigned max)
{
	unsigned rows[3][DISTANCE_MAX_BYTES + 1], *prev2 = rows[0], *prev = rows[1];
	unsigned *row = rows[2], *spare;

	if (a.n > DISTANCE_MAX_BYTES || b.n > DISTANCE_MAX_BYTES)
		return str_eq(a, b) ? 0 : max + 1;
	for (unsigned j = 0; j <= b.n; j++)
		prev[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned cost = a.p[i - 1] != b.p[j - 1];

			row[j] = min2(prev[j] + 1, row[j - 1] + 1);
			row[j] = min2(row[j], prev[j - 1] + cost);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				row[j] = min2(row[j], prev2[j - 2] + 1);
		}
		spare = prev2, prev2 = prev, prev = row, row = spare;
	}
	return min2(prev[b.n], max + 1);
}
