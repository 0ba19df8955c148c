/* src and diag: places in files, and what is said about them. */
#include <config.h>

#include "runtime/base/diag.h"
#include "runtime/base/limits.h"
#include "tests/unit/tap.h"

/* Is this in the middle of a character? */
static bool is_within(const struct src *s, uint32_t at)
{
	struct str c = src_text(s, (struct span){at, at + 1});

	return c.n && ((unsigned char)*c.p & 0xc0) == 0x80;
}

/* From any place to any other. */
static void test_cursor(const struct src *s)
{
	bool same = true;

	for (uint32_t from = 1; from < s->end; from++) {
		for (uint32_t to = 1; to < s->end; to++) {
			struct src_cursor c = {0};
			struct src_pos want = src_pos_at(s, to), got;

			src_pos_next(s, &c, from);
			got = src_pos_next(s, &c, to);
			same &= got.file == want.file && got.line == want.line;
			same &= got.col == want.col || is_within(s, from) ||
				is_within(s, to);
		}
	}
	ok(same, "a cursor goes forth and back");
}

static void test_src(void)
{
	struct src s;
	struct src_file *a, *b, *empty;
	struct src_pos pos;

	src_init(&s);
	a = src_add(&s, STR("a.kfp"), STR("\xef\xbb\xbfone\r\ntwo\rx\n"));
	empty = src_add(&s, STR("empty.kfp"), STR(""));
	b = src_add(&s, STR("b.kfp"), STR("\xed\x95\x9c = 1"));
	ok(str_eq(a->text, STR("one\ntwo\rx\n")),
	   "BOM goes, CRLF is LF, a lone CR stays");
	is_int(a->nlines, 3, "lines of a file that ends with a newline");
	ok(str_eq(src_line(a, 2), STR("two\rx")) && !src_line(a, 3).n &&
		   !src_line(a, 4).n && !src_line(a, 0).n,
	   "the text of a line");
	pos = src_pos_at(&s, a->base + 4);
	ok(pos.file == a && pos.line == 2 && pos.col == 1, "a place at a line's begin");
	pos = src_pos_at(&s, a->base + 3);
	ok(pos.line == 1 && pos.col == 4, "a newline belongs to its line");
	pos = src_pos_at(&s, empty->base);
	ok(pos.file == empty && pos.line == 1 && pos.col == 1,
	   "the place of an empty file");
	pos = src_pos_at(&s, b->base + 3);
	ok(pos.file == b && pos.col == 2, "columns are characters");
	ok(!src_pos_at(&s, 0).file && !src_pos_at(&s, s.end).file &&
	   !src_pos_at(&s, UINT32_MAX).file, "no place");
	test_cursor(&s);
	ok(str_eq(src_text(&s, (struct span){b->base + 4, b->base + 99}), STR("= 1")),
	   "the text of a span ends with its file");
	ok(!src_text(&s, SPAN_NONE).n, "the text of no span");
	ok(span_join(SPAN_NONE, (struct span){3, 5}).hi == 5 &&
	   span_join((struct span){3, 5}, (struct span){1, 4}).lo == 1, "span_join");
	src_release(&s);
}

/* A source map and a list of diagnostics over one file. */
static struct diags *fixture(struct src *s, struct diags *ds, struct str text)
{
	src_init(s);
	src_add(s, STR("t.kfp"), text);
	diags_init(ds, s);
	return ds;
}

static void teardown(struct src *s, struct diags *ds, struct buf *out)
{
	diags_release(ds);
	src_release(s);
	buf_release(out);
}

static void test_text(void)
{
	struct src s;
	struct diags ds;
	struct buf out = {0};
	struct diag *d;

	fixture(&s, &ds, STR("\xed\x95\x9c\t= a\nb = 2\n"));
	d = diag(&ds, (struct span){7, 8}, E0102, "'%s' is not %s", "a", "here");
	diag_label(d, "this");
	diag_note(d, (struct span){9, 10}, "'b' is here");
	diag_note(d, SPAN_NONE, "a thought");
	diag_fix(d, (struct span){7, 8}, STR("b"), "did you mean 'b'?");
	diag(&ds, SPAN_NONE, W0101, "no place");
	diag_finish(&ds);
	diag_print_text(&ds, false, &out);
	is_str(buf_cstr(&out),
	       "warning W0101: no place\n"
	       "\n"
	       "error E0102: 'a' is not here\n"
	       " --> t.kfp:1:5\n"
	       "1 | \xed\x95\x9c = a\n"
	       "  |      ^ this\n"
	       "2 | b = 2\n"
	       "  | - 'b' is here\n"
	       "  = note: a thought\n"
	       "  = help: did you mean 'b'?\n"
	       "\n"
	       "1 error, 1 warning\n",
	       "text: place, carets under wide characters, notes, fixes, counts");
	buf_clear(&out);
	diag_print_text(&ds, true, &out);
	ok(str_find(buf_str(&out), STR("\033[1;31m"), 0) < out.n, "colour");
	teardown(&s, &ds, &out);
}

static void test_json(void)
{
	struct src s;
	struct diags ds;
	struct buf out = {0};
	struct diag *d;

	fixture(&s, &ds, STR("x = 1\n"));
	d = diag(&ds, (struct span){1, 2}, E0102, "\"x\"");
	diag_note(d, SPAN_NONE, "n");
	diag_fix(d, (struct span){1, 2}, STR("y"), "f");
	diag_finish(&ds);
	diag_print_json(&ds, &out);
	is_str(buf_cstr(&out),
	       "{\"code\":\"E0102\",\"severity\":\"error\",\"message\":\"\\\"x\\\"\","
	       "\"label\":\"\","
	       "\"file\":\"t.kfp\",\"line\":1,\"col\":1,\"end_line\":1,\"end_col\":2,"
	       "\"notes\":[{\"message\":\"n\",\"file\":null,\"line\":0,\"col\":0,"
	       "\"end_line\":0,\"end_col\":0}],"
	       "\"fixes\":[{\"message\":\"f\",\"replacement\":\"y\",\"file\":\"t.kfp\","
	       "\"line\":1,"
	       "\"col\":1,\"end_line\":1,\"end_col\":2}]}\n",
	       "JSON: one object a line");
	teardown(&s, &ds, &out);
}

static void test_order(void)
{
	struct src s;
	struct diags ds;
	struct buf out = {0};

	fixture(&s, &ds, STR("abcdef\n"));
	diag(&ds, (struct span){5, 6}, E0102, "late");
	diag(&ds, (struct span){2, 3}, E0102, "early");
	diag(&ds, (struct span){2, 3}, E0102, "early");
	diag(&ds, (struct span){2, 3}, W0101, "also early");
	diag_finish(&ds);
	is_int((long long)ds.all.n, 3, "the same thing is said once");
	ok(ds.nerrors == 2 && ds.nwarnings == 1, "and counted once");
	ok(str_is(ds.all.at[0]->text, "early") && str_is(ds.all.at[2]->text, "late"),
	   "sorted by place");
	teardown(&s, &ds, &out);
}

static void test_limit(void)
{
	struct src s;
	struct diags ds;
	struct buf out = {0};

	fixture(&s, &ds, STR("x\n"));
	for (int i = 0; i < LIMIT_DIAGS + 50; i++)
		diag_note(diag(&ds, (struct span){1, 2}, E0102, "number %d", i),
			  SPAN_NONE, "n");
	diag_finish(&ds);
	ok(ds.all.n == LIMIT_DIAGS && ds.dropped == 50,
	   "more than the limit are counted only");
	diag_print_text(&ds, false, &out);
	ok(str_has_suffix(buf_str(&out), STR("250 errors (50 not shown)\n")),
	   "and it says so");
	teardown(&s, &ds, &out);
}

/* A file of the library: whoever uses it cannot mend what is only a warning. */
static void test_quiet_file(void)
{
	struct src s;
	struct diags ds;
	struct buf out = {0};
	struct src_file *f;
	struct diag *d;

	fixture(&s, &ds, STR("x = 1\n"));
	f = src_add(&s, STR("std/x.kfp"), STR("y = 2\n"));
	f->is_quiet = true;
	d = diag(&ds, (struct span){f->base, f->base + 1}, W0301, "unused");
	diag_note(d, SPAN_NONE, "a note of it");
	diag(&ds, (struct span){f->base, f->base + 1}, E0301, "wrong");
	diag(&ds, (struct span){1, 2}, W0301, "of the other file");
	diag_finish(&ds);
	is_int((int)ds.nerrors, 1, "errors of a quiet file are kept");
	is_int((int)ds.nwarnings, 1, "and warnings of other files, not its own");
	is_int((int)ds.dropped, 0, "which do not count as too many");
	diag_print_text(&ds, false, &out);
	ok(str_find(buf_str(&out), STR("a note of it"), 0) == out.n,
	   "and are not printed");
	teardown(&s, &ds, &out);
}

static void test_long_line(void)
{
	struct src s;
	struct diags ds;
	struct buf out = {0}, text = {0};

	for (int i = 0; i < 300000; i++)
		buf_addz(&text, "\xed\x95\x9c");
	fixture(&s, &ds, buf_str(&text));
	diag(&ds, (struct span){450001, 450004}, E0102, "here");
	diag(&ds, (struct span){1, 900001}, E0102, "all of it");
	diag_finish(&ds);
	diag_print_text(&ds, false, &out);
	ok(out.n < 2000, "a line of 900 kB is cut around the place");
	teardown(&s, &ds, &out);
	buf_release(&text);
}

static void test_suggest(void)
{
	struct suggestion s = {.wanted = STR("train_dta")};

	suggest(&s, STR("test"));
	is_int((long long)s.best.n, 0, "nothing is near");
	suggest(&s, STR("train_data"));
	suggest(&s, STR("train_datum"));
	ok(str_is(s.best, "train_data"), "the nearest name is suggested");
	ok(suggestion_is_sure(&s), "one letter is missing, no other name is as near");
	suggest(&s, STR("train_data"));
	ok(suggestion_is_sure(&s), "the same name again is no other");
	suggest(&s, STR("train_dtb"));
	ok(!suggestion_is_sure(&s), "another name is as near");
	s = (struct suggestion){.wanted = STR("abcdefghi")};
	suggest(&s, STR("abcdefxyz"));
	ok(s.best.n && !suggestion_is_sure(&s), "three letters differ");
	s = (struct suggestion){.wanted = STR("x")};
	suggest(&s, STR("y"));
	is_int((long long)s.best.n, 0, "a name of one letter is near to none");
	ok(diag_code_is_error(E0101) && !diag_code_is_error(W0101),
	   "severity is in the code");
	is_str(diag_code_name(E0101), "E0101", "the code's name");
}

int main(void)
{
	test_src();
	test_text();
	test_json();
	test_order();
	test_limit();
	test_quiet_file();
	test_long_line();
	test_suggest();
	return done_testing();
}
