#include <config.h>

#include "runtime/store/record.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

enum { SEAL_CHARS = 16 };	/* ,"~":"01234567"} */

static uint32_t crc_table[8][256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void crc_fill(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0x82f63b78 ^ (c >> 1) : c >> 1;
		crc_table[0][i] = c;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int t = 1; t < 8; t++)
			crc_table[t][i] = crc_table[0][crc_table[t - 1][i] & 255] ^
					  (crc_table[t - 1][i] >> 8);
}

/* Eight bytes at a time ("slicing-by-8", Kounavis and Berry 2005). */
static uint32_t crc32c(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t c = 0xffffffff;
	size_t n = s.n;

	pthread_once(&crc_once, crc_fill);
	for (; n >= 8; p += 8, n -= 8) {
		c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		     (uint32_t)p[3] << 24;
		c = crc_table[7][c & 255] ^ crc_table[6][c >> 8 & 255] ^
		    crc_table[5][c >> 16 & 255] ^ crc_table[4][c >> 24] ^
		    crc_table[3][p[4]] ^ crc_table[2][p[5]] ^ crc_table[1][p[6]] ^
		    crc_table[0][p[7]];
	}
	while (n--)
		c = crc_table[0][(c ^ *p++) & 255] ^ (c >> 8);
	return ~c;
}

/* Puts the checksum and the end of the line after what out holds from `start` on. */
static void record_seal(struct buf *out, size_t start)
{
	struct str line = {out->p + start, out->n - start};

	buf_addf(out, ",\"~\":\"%08" PRIx32 "\"}\n", crc32c(line));
}

void record_write(struct buf *out, int64_t time_ms, int64_t number, const char *event,
		  struct str members)
{
	size_t start = out->n;

	buf_addf(out, "{\"t\":%" PRId64 ",\"n\":%" PRId64 ",\"event\":\"%s\"", time_ms,
		 number, event);
	if (members.n) {
		buf_addc(out, ',');
		buf_add(out, members);
	}
	record_seal(out, start);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Is the line (without its newline) whole, with the checksum that it says? */
static bool record_is_sound(struct str line)
{
	struct str seal = str_sub(line, line.n - SEAL_CHARS, line.n);
	uint32_t said = 0;

	if (line.n <= SEAL_CHARS || line.p[0] != '{')
		return false;
	if (memcmp(seal.p, ",\"~\":\"", 6) || memcmp(seal.p + 14, "\"}", 2))
		return false;
	for (int i = 6; i < 14; i++) {
		int v = hex_value(seal.p[i]);

		if (v < 0)
			return false;
		said = said << 4 | (uint32_t)v;
	}
	return crc32c(str_sub(line, 0, line.n - SEAL_CHARS)) == said;
}

/* The place behind the string that begins at i; s.n if it does not end. */
static size_t skip_string(struct str s, size_t i)
{
	for (i++; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return s.n;
}

/* The place of the comma or brace that ends the value at i. */
static size_t skip_value(struct str s, size_t i)
{
	int depth = 0;

	while (i < s.n) {
		char c = s.p[i];

		if (c == '"') {
			i = skip_string(s, i);
			continue;
		}
		if (!depth && (c == ',' || c == '}'))
			return i;
		if (c == '{' || c == '[')
			depth++;
		if (c == '}' || c == ']')
			depth--;
		i++;
	}
	return i;
}

struct str record_member(struct str object, struct str key)
{
	struct str s = str_trim(object), none = {"", 0};
	size_t i = s.n && s.p[0] == '{' ? 1 : 0;

	while (i < s.n && s.p[i] == '"') {
		size_t end = skip_string(s, i), stop;
		struct str name = str_sub(s, i + 1, end - 1), value;

		if (end >= s.n || s.p[end] != ':')
			return none;
		stop = skip_value(s, end + 1);
		value = str_trim(str_sub(s, end + 1, stop));
		if (str_eq(name, key))
			return value.n >= 2 && value.p[0] == '"'
				       ? str_sub(value, 1, value.n - 1)
				       : value;
		i = stop + 1;
	}
	return none;
}

int64_t record_int(struct str object, struct str key, int64_t otherwise)
{
	struct str s = record_member(object, key);
	bool minus = s.n && s.p[0] == '-';
	uint64_t v = 0;

	s = str_sub(s, minus, s.n);
	if (!s.n || s.n > 18)
		return otherwise;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return otherwise;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	return minus ? -(int64_t)v : (int64_t)v;
}

void record_reader_init(struct record_reader *r, struct str text)
{
	*r = (struct record_reader){.text = text, .next_number = 1};
}

static void note_damage(struct record_reader *r, int64_t number)
{
	if (r->damage[0])
		return;
	if (r->nbad)
		snprintf(r->damage, sizeof r->damage,
			 "%zu line%s at byte %zu %s not what was written", r->nbad,
			 r->nbad == 1 ? "" : "s", r->bad_at, r->nbad == 1 ? "is" : "are");
	else
		snprintf(r->damage, sizeof r->damage,
			 "record %" PRId64 " is missing: %" PRId64 " follows",
			 r->next_number, number);
}

bool record_read(struct record_reader *r, struct str *line)
{
	while (r->at < r->text.n) {
		size_t start = r->at, end = str_find(r->text, STR("\n"), start);
		struct str s = str_sub(r->text, start, end);
		int64_t number;

		r->at = end < r->text.n ? end + 1 : end;
		if (end == r->text.n || !record_is_sound(s)) {
			if (!r->nbad++)
				r->bad_at = start;
			continue;
		}
		number = record_int(s, STR("n"), 0);
		if (r->nbad || number != r->next_number)
			note_damage(r, number);
		r->next_number = number + 1;
		r->nbad = 0;
		r->nrecords++;
		r->good_end = r->at;
		*line = s;
		return true;
	}
	return false;
}

size_t record_torn_bytes(const struct record_reader *r)
{
	return r->text.n - r->good_end;
}
