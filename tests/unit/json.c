/* JSON both ways, and what people type. */
#include <config.h>

#include "tests/unit/tap.h"

#include "runtime/base/limits.h"
#include "runtime/value/json.h"

static struct types t;
static struct arena a;
static const struct type *kernel, *optim;

static void text(int failed, struct value v, const struct err *err, const char *want,
		 const char *name)
{
	struct buf b = {0};

	if (failed)
		buf_addf(&b, "error: %s", err->text);
	else
		json_write(v, &b);
	is_str(buf_cstr(&b), want, name);
	buf_release(&b);
}

static void parse_n(struct str in, const char *want, const char *name)
{
	struct value v = VALUE_NONE_V;
	struct err err = {0};

	text(json_parse(&a, in, &v, &err), v, &err, want, name);
}

static void parse(const char *in, const char *want)
{
	parse_n(str_of(in), want, in);
}

static void parse_fails(struct str in, const char *has, const char *name)
{
	struct value v = value_int(7);
	struct err err = {0};
	bool failed = json_parse(&a, in, &v, &err) < 0;

	ok(failed && strstr(err.text, has) && err.kind == ERR_INPUT, "%s: %s", name,
	   err.text);
	ok(v.kind == VALUE_INT && v.i == 7, "and leaves the result alone");
}

static void test_parse(void)
{
	parse("{\"b\": 1, \"a\": [true, null, 1.5, \"x\"]}",
	      "{\"b\": 1, \"a\": [true, null, 1.5, \"x\"]}");
	parse(" 1 ", "1");
	parse("1.0", "1.0");
	parse("1e2", "100.0");
	parse("-9223372036854775808", "-9223372036854775808");
	parse("\"\\ud55c\\u00e9\"", "\"\xed\x95\x9c\xc3\xa9\"");
	parse("\"a\\u0000b\"", "\"a\\u0000b\"");
	parse("[]", "[]");
	parse("{}", "{}");
	parse_fails(STR("9223372036854775808"), "too big", "an integer of 65 bits");
	parse_fails(STR("1e999"), "overflow", "a real that is too large");
	parse_fails(STR("{\"a\": 1, \"a\": 2}"), "duplicate", "a key twice");
	parse_fails(STR("{\"a\\u0000\": 1}"), "NUL", "a NUL in a key");
	parse_fails(STR("[1,]"), "line 1", "a trailing comma");
	parse_fails(STR("[1"), "line 1", "cut off");
	parse_fails(STR(""), "line 1", "nothing");
	parse_fails(STR("1 2"), "end of file", "two values");
	parse_fails(STR("NaN"), "line 1", "NaN bare");
	parse_fails(STR("\"\xff\""), "decode byte 0xff", "bad UTF-8");
	parse_fails(STR("1\0"), "byte 0", "a NUL after it");
}

static void test_depth(void)
{
	struct buf b = {0};
	const char *same;

	buf_fill(&b, '[', LIMIT_NESTING);
	buf_fill(&b, ']', LIMIT_NESTING);
	same = buf_cstr(&b);
	parse_n(buf_str(&b), same, "as deep as is allowed");
	buf_clear(&b);
	buf_fill(&b, '[', LIMIT_NESTING + 1);
	buf_fill(&b, ']', LIMIT_NESTING + 1);
	parse_fails(buf_str(&b), "nested", "one level more");
	buf_clear(&b);
	buf_fill(&b, '[', 100000);
	parse_fails(buf_str(&b), "", "100,000 brackets");
	buf_release(&b);
}

static void typed(const char *in, const struct type *type, const char *want)
{
	struct value v = VALUE_NONE_V, out = VALUE_NONE_V;
	struct err err = {0};

	json_parse(&a, str_of(in), &v, &err);
	text(json_to_type(&a, v, type, &out, &err), out, &err, want, in);
}

static void test_types(void)
{
	const struct type *floats = type_list(&t, t.floating);

	typed("1", t.integer, "1");
	typed("1.0", t.integer, "error: wanted int, found a float 1.0");
	typed("true", t.integer, "error: wanted int, found a bool true");
	typed("1", t.floating, "1.0");
	typed("\"NaN\"", t.floating, "\"NaN\"");
	typed("\"-Infinity\"", t.metric, "\"-Infinity\"");
	typed("\"nan\"", t.floating, "error: wanted float, found a string \"nan\"");
	typed("null", t.floating, "error: wanted float, found null");
	typed("null", type_opt(&t, t.floating), "null");
	typed("1", type_opt(&t, t.floating), "1.0");
	typed("[1, 2.5]", floats, "[1.0, 2.5]");
	typed("[1, \"x\"]", floats, "error: in [1]: wanted float, found a string \"x\"");
	typed("{\"g\": [1, 2, null]}", type_dict(&t, floats),
	      "error: in .g[2]: wanted float, found null");
	typed("{\"a\": 1}", floats, "error: wanted list[float], found an object");
	typed("\"rbf\"", kernel, "\"rbf\"");
	typed("\"relu6\"", kernel, "\"relu-6\"");
	typed("\"relu-6\"", kernel, "\"relu-6\"");
	typed("\"rfb\"", kernel,
	      "error: 'rfb' is no Kernel; it is one of rbf, relu6; did you mean 'rbf'?");
	typed("1", kernel, "error: wanted Kernel, found an int 1");
	typed("{\"kernel\": \"relu6\", \"lr\": 1}", optim,
	      "{\"lr\": 1.0, \"kernel\": \"relu-6\"}");
	typed("{\"kernel\": \"rbf\"}", optim,
	      "error: the field 'lr' of Optim is missing");
	typed("{\"lr\": 1}", optim, "{\"lr\": 1.0, \"kernel\": null}");
	typed("{\"lr\": 1, \"kernl\": null}", optim,
	      "error: Optim has no field 'kernl'; did you mean 'kernel'?");
	typed("{\"lr\": \"a\"}", optim,
	      "error: in .lr: wanted float, found a string \"a\"");
	typed("{\"any\": [1]}", t.json, "{\"any\": [1]}");
	typed("600", t.duration, "600");
	typed("\"x\"", t.model, "error: wanted Model, found a string \"x\"");
}

static void typed_in(const char *in, const struct type *type, const char *want)
{
	struct value v = VALUE_NONE_V;
	struct err err = {0};

	text(json_parse_cli(&a, str_of(in), type, &v, &err), v, &err, want, in);
}

static void test_cli(void)
{
	typed_in("0.1", t.floating, "0.1");
	typed_in("1", t.floating, "1.0");
	typed_in("nan", t.floating, "\"NaN\"");
	typed_in("x", t.floating, "error: wanted a float, found 'x'");
	typed_in("1_000", t.integer, "1000");
	typed_in("1.0", t.integer, "error: wanted an int of 64 bits, found '1.0'");
	typed_in("99999999999999999999", t.integer,
		 "error: wanted an int of 64 bits, found '99999999999999999999'");
	typed_in("true", t.boolean, "true");
	typed_in("False", t.boolean, "false");
	typed_in("yes", t.boolean, "error: wanted true or false, found 'yes'");
	typed_in("rbf", kernel, "\"rbf\"");
	typed_in("Kernel.relu6", kernel, "\"relu-6\"");
	typed_in("Kernel", kernel,
		 "error: 'Kernel' is no Kernel; it is one of rbf, relu6");
	typed_in("10m", t.duration, "600");
	typed_in("10", t.duration,
		 "error: wanted a duration such as 30s, 10m or 1h30m, found '10'");
	typed_in("8GiB", t.size, "8589934592");
	typed_in("8Gi", t.size,
		 "error: wanted a size such as 512MiB, 8GiB or 2GB, found '8Gi'");
	typed_in("any \"text\"", t.string, "\"any \\\"text\\\"\"");
	typed_in("", t.string, "\"\"");
	typed_in("None", t.string, "\"None\"");
	typed_in("None", type_opt(&t, t.string), "null");
	typed_in("null", type_opt(&t, t.integer), "null");
	typed_in("3", type_opt(&t, t.integer), "3");
	typed_in("[1, 2]", type_list(&t, t.floating), "[1.0, 2.0]");
	typed_in("[1, 2", type_list(&t, t.floating),
		 "error: wanted list[float] as JSON: line 1, column 5: ']' expected near "
		 "end of file");
	typed_in("{\"lr\": 0.5}", optim, "{\"lr\": 0.5, \"kernel\": null}");
	typed_in("{\"a\": 1}", t.json, "{\"a\": 1}");
	typed_in("x", t.model, "error: an artifact cannot be given here");
	typed_in("\xff", t.string, "error: the text is not valid UTF-8");
	typed_in("\x1b[31m", t.integer,
		 "error: wanted an int of 64 bits, found '\\x1b[31m'");
}

static void test_write(void)
{
	struct buf b = {0};
	struct value v = VALUE_NONE_V;
	struct err err;
	struct artifact f = {
		.type = t.model, .name = STR("model"), .digest = STR("ab"),
		.uri = STR("file:///m"), .metadata = STR("{\"k\": 1}"), .size_bytes = 3,
	};
	struct series s = {0, 0.5, 0.25, 1.0};

	json_parse(&a, STR("{\"a\": [1, {}], \"b\": [], \"c\": {\"d\": null}}"), &v,
		   &err);
	json_write_pretty(v, &b);
	is_str(buf_cstr(&b),
	       "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": [],\n  \"c\": {\n    \"d\": null\n"
	       "  }\n}", "pretty");
	buf_clear(&b);
	json_write((struct value){VALUE_ARTIFACT, {.artifact = &f}}, &b);
	is_str(buf_cstr(&b),
	       "{\"name\": \"model\", \"type\": \"Model\", \"uri\": \"file:///m\", \"digest\": "
	       "\"ab\", \"size_bytes\": 3, \"metadata\": {\"k\": 1}}", "artifact");
	buf_clear(&b);
	json_write((struct value){VALUE_SERIES, {.series = &s}}, &b);
	is_str(buf_cstr(&b),
	       "{\"points\": 0, \"last\": 0.5, \"min\": 0.25, \"max\": 1.0}",
	       "series");
	buf_release(&b);
}

int main(void)
{
	const struct type_member members[] = {{STR("rbf"), STR("rbf")},
					      {STR("relu6"), STR("relu-6")}};
	struct type *s;

	types_init(&t);
	arena_init(&a);
	kernel = type_enum(&t, STR("Kernel"), members, 2);
	s = type_struct(&t, STR("Optim"));
	type_struct_fields(&t, s,
			   (struct type_field[]){{STR("lr"), t.floating},
						 {STR("kernel"), type_opt(&t, kernel)}},
			   2);
	optim = s;
	test_parse();
	test_depth();
	test_types();
	test_cli();
	test_write();
	arena_release(&a);
	types_release(&t);
	return done_testing();
}
