/* str, utf8 and buf: text as bytes with a length. */
#include <config.h>

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "tests/unit/tap.h"

static void test_str(void)
{
	struct str s = STR("a,b,a\0b"), blank = STR(" \t\r\n");

	ok(str_eq(STR("a\0b"), STR("a\0b")) && !str_eq(STR("a\0b"), STR("a\0c")),
	   "str_eq looks behind a NUL");
	ok(str_eq((struct str){0}, STR("")), "a zeroed str is the empty one");
	ok(str_cmp(STR("ab"), STR("abc")) < 0 && str_cmp(STR("b"), STR("abc")) > 0 &&
	   !str_cmp(STR(""), (struct str){0}), "str_cmp: a prefix stands first");
	ok(str_cmp(STR("a"), STR("\xff")) < 0, "str_cmp orders bytes as unsigned");
	is_int((long long)str_find(s, STR("a"), 1), 4, "str_find from the middle");
	is_int((long long)str_find(s, STR("a\0b"), 0), 4, "str_find across a NUL");
	is_int((long long)str_find(s, STR("x"), 0), (long long)s.n, "str_find: none");
	is_int((long long)str_find(s, STR("a"), 99), (long long)s.n,
	       "str_find beyond the end");
	is_int((long long)str_find(s, STR(""), 2), 2,
	       "str_find of nothing is where it starts");
	ok(str_eq(str_trim(STR(" \n a b\t")), STR("a b")), "str_trim");
	is_int((long long)str_trim(blank).n, 0, "str_trim of white space alone");
	ok(str_eq(str_sub(s, 2, 3), STR("b")) && !str_sub(s, 9, 99).n &&
		   !str_sub(s, 3, 1).n,
	   "str_sub clamps");
	ok(str_has_prefix(s, STR("a,")) && str_has_suffix(s, STR("\0b")) &&
	   !str_has_prefix(STR("a"), STR("ab")), "prefix and suffix");
	ok(str_hash(STR("a\0b")) != str_hash(STR("a\0c")), "str_hash looks behind a NUL");
}

static void test_distance(void)
{
	char longer[80];

	memset(longer, 'x', sizeof longer);
	is_int(str_distance(STR("train_dat"), STR("train_data"), 3), 1,
	       "distance: insert");
	is_int(str_distance(STR("kernle"), STR("kernel"), 3), 1,
	       "distance: swap neighbours");
	is_int(str_distance(STR(""), STR("abc"), 5), 3, "distance from nothing");
	is_int(str_distance(STR("abc"), STR("xyz"), 1), 2, "distance is cut at max + 1");
	is_int(str_distance((struct str){longer, 80}, (struct str){longer, 80}, 3), 0,
	       "distance of equal long ones");
	is_int(str_distance((struct str){longer, 80}, STR("x"), 3), 4,
	       "distance of long ones");
}

static const struct {
	const char *name, *bytes;
	size_t n, invalid_at;
} SAMPLES[] = {
	{"ASCII", "abcdefghijk", 11, 11},
	{"Hangul", "\xed\x95\x9c\xea\xb8\x80", 6, 6},
	{"emoji", "\xf0\x9f\x98\x80", 4, 4},
	{"largest code point", "\xf4\x8f\xbf\xbf", 4, 4},
	{"above the largest", "\xf4\x90\x80\x80", 4, 0},
	{"overlong slash", "a\xc0\xaf", 3, 1},
	{"overlong in three", "\xe0\x9f\xbf", 3, 0},
	{"overlong in four", "\xf0\x8f\xbf\xbf", 4, 0},
	{"surrogate", "\xed\xa0\x80", 3, 0},
	{"lone tail", "abcdefghi\x80", 10, 9},
	{"cut in two", "\xed\x95", 2, 0},
	{"cut by the end", "abcdefgh\xf0\x9f\x98", 11, 8},
	{"Latin-1", "caf\xe9", 4, 3},
	{"NUL is a character", "a\0b", 3, 3},
};

static void test_utf8(void)
{
	char out[4];
	struct str s;

	for (size_t i = 0; i < sizeof SAMPLES / sizeof *SAMPLES; i++) {
		s = (struct str){SAMPLES[i].bytes, SAMPLES[i].n};
		is_int((long long)utf8_invalid_at(s), (long long)SAMPLES[i].invalid_at,
		       SAMPLES[i].name);
	}
	for (uint32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		s = (struct str){out, utf8_write(c, out)};
		if (utf8_length(s) != s.n || utf8_decode(s) != c) {
			ok(false, "encode and decode U+%04X", c);
			return;
		}
	}
	ok(true, "what is encoded is decoded");
	is_int(utf8_decode(STR("\x80")), 0xfffd,
	       "what is no character decodes to U+FFFD");
	is_int((long long)utf8_count(STR("a\xed\x95\x9c\xff\xff")), 4,
	       "count: bad bytes are one each");
	is_int((long long)utf8_count(STR("0123456789\xed\x95\x9c"
					 "01234567\xc3\xa9")), 20,
	       "count: ASCII goes eight at a time");
	is_int((long long)utf8_cut(STR("a\xed\x95\x9c" "b"), 3).n, 1,
	       "cut: not within a character");
	is_int((long long)utf8_cut(STR("a\xed\x95\x9c" "b"), 4).n, 4,
	       "cut: behind a whole one");
	is_int((long long)utf8_cut(STR("a\xed\x95\x9c"), 4).n, 4,
	       "cut: all of it, if there is room");
	is_int((long long)utf8_width(STR("a\xed\x95\x9c\xea\xb8\x80")), 5,
	       "Hangul takes two columns");
	is_int((long long)utf8_width(STR("e\xcc\x81")), 1,
	       "a combining accent takes none");
	is_int((long long)utf8_width(STR("\t")), 1, "a tab counts as one");
}

static void test_buf(void)
{
	struct buf b = {0};

	is_str(buf_cstr(&b), "", "an empty buf as a C string");
	ok(str_eq(buf_str(&b), STR("")), "an empty buf as a str");
	buf_addf(&b, "%s-%d", "x", 7);
	buf_addc(&b, '|');
	buf_fill(&b, '=', 3);
	buf_fill(&b, '=', 0);
	buf_add(&b, STR("\0z"));
	ok(str_eq(buf_str(&b), STR("x-7|===\0z")), "buf keeps NUL bytes");
	buf_clear(&b);
	buf_addf(&b, "%5000d", 1);
	is_int((long long)b.n, 5000, "buf_addf of more than it has room for");
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, 'c');
	is_int((long long)b.n, 105000, "buf grows");
	buf_release(&b);
	ok(!b.p && !b.n, "a released buf is empty");
	buf_release(&b);
}

static void test_printable(void)
{
	struct buf b = {0};

	buf_add_printable(&b, STR("a\033[31m\n\x7f\xc2\x9b \xed\x95\x9c\xff"), false);
	is_str(buf_cstr(&b), "a\\x1b[31m\\x0a\\x7f\\xc2\\x9b \xed\x95\x9c\\xff",
	       "control bytes cannot steer the terminal");
	buf_clear(&b);
	buf_add_printable(&b, STR("a\n\tb\r"), true);
	is_str(buf_cstr(&b), "a\n\tb\\x0d", "layout is kept where it is wanted");
	buf_clear(&b);
	buf_add_json(&b, STR("\"\\/\n\t\001\xed\x95\x9c\xff\0"));
	is_str(buf_cstr(&b), "\"\\\"\\\\/\\n\\t\\u0001\xed\x95\x9c\\ufffd\\u0000\"",
	       "a JSON string of anything");
	buf_release(&b);
}

int main(void)
{
	test_str();
	test_distance();
	test_utf8();
	test_buf();
	test_printable();
	return done_testing();
}
