/* Operators, built-ins and formats: the results are those of Python. */
#include <config.h>

#include "tests/unit/tap.h"

#include <math.h>

#include "runtime/base/limits.h"
#include "runtime/value/json.h"
#include "runtime/value/ops.h"

static struct arena a;

/* A value written as JSON, or nan, inf, -inf. */
static struct value val(const char *text)
{
	struct err err;
	struct value v;

	if (!strcmp(text, "nan"))
		return value_float((double)NAN);
	if (strstr(text, "inf"))
		return value_float(*text == '-' ? -HUGE_VAL : HUGE_VAL);
	if (json_parse(&a, str_of(text), &v, &err) < 0)
		ok(false, "test value %s: %s", text, err.text);
	return v;
}

/* The result as JSON, with nan and inf as Python prints them; or what err says. */
static void check(int failed, struct value v, const struct err *err, const char *want,
		  const char *name)
{
	struct buf b = {0};

	if (failed)
		buf_addf(&b, "error: %s", err->text);
	else if (v.kind == VALUE_FLOAT || v.kind == VALUE_BOOL)
		value_print(v, &b);
	else
		json_write(v, &b);
	is_str(buf_cstr(&b), want, name);
	buf_release(&b);
}

static void binary(const char *x, const char *op, const char *y, const char *want)
{
	struct value v = VALUE_NONE_V;
	struct err err = {0};
	char name[256];
	unsigned i = 0;

	snprintf(name, sizeof name, "%.60s %s %.60s", x, op, y);
	while (strcmp(op_spelling((enum op)i), op))
		i++;
	check(op_binary((enum op)i, val(x), val(y), &a, &v, &err), v, &err, want, name);
}

static void unary(enum op op, const char *x, const char *want)
{
	struct value v = VALUE_NONE_V;
	struct err err = {0};
	char name[256];

	snprintf(name, sizeof name, "%s %s", op_spelling(op), x);
	check(op_unary(op, val(x), &v, &err), v, &err, want, name);
}

/* f(args), the arguments as a JSON list. */
static void call(const char *f, const char *args, const char *want)
{
	struct value v = VALUE_NONE_V, list = val(args);
	struct err err = {0};
	char name[256];

	snprintf(name, sizeof name, "%s %.100s", f, args);
	check(op_builtin(builtin_find(str_of(f)), list.list->at, (unsigned)list.list->n,
			 &a, &v,
			 &err),
	      v, &err, want, name);
}

static void format(const char *x, const char *spec, const char *want)
{
	struct buf b = {0};
	struct err err = {0};
	char name[256];

	snprintf(name, sizeof name, "format %s as '%s'", x, spec);
	if (op_format(val(x), str_of(spec), &b, &err) < 0)
		buf_addf(&b, "error: %s", err.text);
	is_str(buf_cstr(&b), want, name);
	buf_release(&b);
}

static void index_(const char *x, const char *i, const char *want)
{
	struct value v = VALUE_NONE_V;
	struct err err = {0};
	char name[256];

	snprintf(name, sizeof name, "%s[%s]", x, i);
	check(op_index(val(x), val(i), &a, &v, &err), v, &err, want, name);
}

#define OVERFLOW "error: integer overflow: the result does not fit 64 bits"
#define ZERO "error: division by zero"
#define MAX "9223372036854775807"
#define MIN "-9223372036854775808"

static void test_ints(void)
{
	binary("1", "+", "2", "3");
	binary(MAX, "+", "1", OVERFLOW);
	binary(MIN, "+", "-1", OVERFLOW);
	binary(MAX, "+", MIN, "-1");
	binary(MIN, "-", "1", OVERFLOW);
	binary("0", "-", MIN, OVERFLOW);
	binary("-1", "-", MAX, MIN);
	binary("3037000500", "*", "3037000500", OVERFLOW);
	binary("3037000499", "*", "3037000499", "9223372030926249001");
	binary(MIN, "*", "-1", OVERFLOW);
	binary("7", "//", "2", "3");
	binary("-7", "//", "2", "-4");
	binary("7", "//", "-2", "-4");
	binary("-7", "//", "-2", "3");
	binary("-7", "%", "2", "1");
	binary("7", "%", "-2", "-1");
	binary("-7", "%", "-2", "-1");
	binary("7", "//", "0", ZERO);
	binary("7", "%", "0", ZERO);
	binary("7", "/", "0", ZERO);
	binary(MIN, "//", "-1", OVERFLOW);
	binary(MIN, "%", "-1", "0");
	binary("6", "/", "4", "1.5");
	binary("4", "/", "2", "2.0");
	binary("9007199254740993", "/", "3", "3002399751580331.0");
	binary(MAX, "/", MAX, "1.0");
	binary(MIN, "/", MAX, "-1.0");
	binary("2", "**", "10", "1024");
	binary("2", "**", "63", OVERFLOW);
	binary("-2", "**", "63", MIN);
	binary("0", "**", "0", "1");
	binary("1", "**", MAX, "1");
	binary("-1", "**", MAX, "-1");
	binary("2", "**", "-1",
	       "error: an int to a negative power: write float(x) ** -1");
	unary(OP_NEG, "5", "-5");
	unary(OP_NEG, MIN, OVERFLOW);
	unary(OP_POS, "-5", "-5");
}

static void test_floats(void)
{
	binary("0.1", "+", "0.2", "0.30000000000000004");
	binary("1e308", "*", "10.0", "inf");
	binary("1.0", "/", "0.0", ZERO);
	binary("1", "//", "0.0", ZERO);
	binary("1.5", "%", "0", ZERO);
	binary("-7.5", "//", "2", "-4.0");
	binary("-7.5", "%", "2", "0.5");
	binary("7.5", "%", "-2", "-0.5");
	binary("1", "+", "0.5", "1.5");
	binary("2.0", "**", "-1", "0.5");
	binary("2", "**", "0.5", "1.4142135623730951");
	binary("0.0", "**", "-1", "error: division by zero: 0.0 to a negative power");
	binary("-8.0", "**", "0.5", "error: a negative number to a fractional power");
	binary("10.0", "**", "400", "error: overflow: the result does not fit a float");
	binary("inf", "-", "inf", "nan");
	unary(OP_NEG, "0.0", "-0.0");
	unary(OP_NEG, "nan", "nan");
}

static void test_comparisons(void)
{
	binary("1", "<", "2", "True");
	binary("2", "<", "1.5", "False");
	binary("9007199254740993", "==", "9007199254740992.0", "False");
	binary("9007199254740993", ">", "9007199254740992.0", "True");
	binary(MAX, "<", "9223372036854775808.0", "True");
	binary(MIN, "==", "-9223372036854775808.0", "True");
	binary("1", "==", "1.0", "True");
	binary("1", "<", "inf", "True");
	binary(MIN, ">", "-inf", "True");
	binary("nan", "==", "nan", "False");
	binary("nan", "!=", "nan", "True");
	binary("nan", "<", "1", "error: NaN has no order");
	binary("1.0", ">=", "nan", "error: NaN has no order");
	binary("\"a\"", "<", "\"b\"", "True");
	binary("\"a\"", "<=", "\"a\"", "True");
	binary("\"ab\"", ">", "\"a\"", "True");
	binary("\"a\\u0000\"", ">", "\"a\"", "True");
	binary("\"a\"", "<", "1", "error: no order between str and int");
	binary("true", "<", "false", "error: no order between bool and bool");
	binary("[1, 2]", "<", "[1, 3]", "True");
	binary("[1, 2]", "==", "[1, 2.0]", "True");
	binary("{\"a\": 1, \"b\": 2}", "==", "{\"b\": 2, \"a\": 1}", "True");
	binary("{\"a\": 1}", "==", "{\"a\": 2}", "False");
	binary("null", "==", "null", "True");
	binary("null", "!=", "1", "True");
	binary("\"1\"", "==", "1", "False");
	binary("2", "in", "[1, 2]", "True");
	binary("2", "not in", "[1, 2]", "False");
	binary("\"k\"", "in", "{\"k\": 1}", "True");
	binary("\"bc\"", "in", "\"abcd\"", "True");
	binary("\"\"", "in", "\"\"", "True");
	binary("1", "in", "\"abc\"", "error: in has no meaning for int and str");
	unary(OP_NOT, "true", "False");
	unary(OP_NOT, "1", "error: not has no meaning for int");
}

static void test_sequences(void)
{
	binary("\"a\"", "+", "\"b\"", "\"ab\"");
	binary("\"a\"", "+", "1", "error: + has no meaning for str and int");
	binary("true", "+", "1", "error: + has no meaning for bool and int");
	binary("[1]", "+", "[2, 3]", "[1, 2, 3]");
	binary("\"ab\"", "*", "3", "\"ababab\"");
	binary("0", "*", "\"ab\"", "\"\"");
	binary("\"ab\"", "*", "-1", "\"\"");
	binary("\"\"", "*", MAX, "\"\"");
	binary("[1, 2]", "*", "2", "[1, 2, 1, 2]");
	binary("\"ab\"", "*", "9000000",
	       "error: the result would be longer than 16777216 bytes");
	binary("\"ab\"", "*", MAX,
	       "error: the result would be longer than 16777216 bytes");
	binary("[1]", "*", "10000000",
	       "error: the result would be longer than 16777216 bytes");
	index_("[1, 2, 3]", "0", "1");
	index_("[1, 2, 3]", "-1", "3");
	index_("[1, 2, 3]", "3", "error: index 3 is outside a list of length 3");
	index_("[1, 2, 3]", "-4", "error: index -4 is outside a list of length 3");
	index_("[1]", MIN,
	       "error: index -9223372036854775808 is outside a list of length 1");
	index_("\"\\ud55c\\uae00\"", "1", "\"\xea\xb8\x80\"");
	index_("\"ab\"", "-2", "\"a\"");
	index_("\"\"", "0", "error: index 0 is outside a str of length 0");
	index_("{\"a\": 1}", "\"a\"", "1");
	index_("{\"a\": 1}", "\"b\"", "error: no key 'b'");
	index_("{\"a\": 1}", "1", "error: dict cannot be indexed with int");
	index_("[1]", "true", "error: list cannot be indexed with bool");
}

static void test_numbers(void)
{
	call("len", "[[1, 2]]", "2");
	call("len", "[\"\\ud55c\\uae00\"]", "2");
	call("len", "[{\"a\": 1}]", "1");
	call("len", "[1]", "error: len() has no meaning for int");
	call("range", "[3]", "[0, 1, 2]");
	call("range", "[3, 0, -2]", "[3, 1]");
	call("range", "[0, 5, 2]", "[0, 2, 4]");
	call("range", "[5, 0]", "[]");
	call("range", "[1, 2, 0]", "error: range() with a step of zero");
	call("range", "[" MIN ", " MAX "]",
	     "error: range() of more than 1048576 elements");
	call("range", "[9223372036854775805, " MAX "]",
	     "[9223372036854775805, 9223372036854775806]");
	call("min", "[3, 1, 2]", "1");
	call("max", "[[3, 1, 2]]", "3");
	call("max", "[1, 2.5]", "2.5");
	call("max", "[3, 2.5]", "3.0");
	call("min", "[[]]", "error: min() of an empty list");
	call("min", "[[1, \"a\"]]", "error: no order between str and int");
	call("sum", "[[1, 2, 3]]", "6");
	call("sum", "[[]]", "0");
	call("sum", "[[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]]", "1.0");
	call("sum", "[[1, 0.5]]", "1.5");
	call("sum", "[[" MAX ", 1]]",
	     "error: integer overflow: the sum does not fit 64 bits");
	call("sum", "[[\"a\"]]", "error: sum() has no meaning for str");
	call("abs", "[-3]", "3");
	call("abs", "[-3.5]", "3.5");
	call("abs", "[" MIN "]", OVERFLOW);
	call("round", "[0.5]", "0");
	call("round", "[1.5]", "2");
	call("round", "[2.5]", "2");
	call("round", "[-2.5]", "-2");
	call("round", "[2.675, 2]", "2.67");
	call("round", "[1234.5, -2]", "1200.0");
	call("round", "[15, -1]", "20");
	call("round", "[25, -1]", "20");
	call("round", "[1e300]", OVERFLOW);
	call("round", "[1e23, -23]", "1e+23");
	call("argmax", "[[1, 5, 5]]", "1");
	call("argmin", "[[2, 1.5, 1.5]]", "1");
	call("argmax", "[[]]", "error: argmax() of an empty list");
	call("sorted", "[[3, 1, 2]]", "[1, 2, 3]");
	call("sorted", "[[\"b\", \"a\"]]", "[\"a\", \"b\"]");
	call("sorted", "[[1, \"a\"]]", "error: no order between int and str");
	call("sorted", "[[true]]", "error: no order between bool and bool");
	call("any", "[[false, true]]", "True");
	call("any", "[[]]", "False");
	call("all", "[[true, false]]", "False");
	call("all", "[[]]", "True");
	call("all", "[[1]]", "error: all() has no meaning for int");
}

static void test_conversions(void)
{
	call("int", "[3.99]", "3");
	call("int", "[-3.99]", "-3");
	call("int", "[1e30]", OVERFLOW);
	call("int", "[9223372036854775808.0]", OVERFLOW);
	call("int", "[\" 1_000 \"]", "1000");
	call("int", "[\"1.0\"]", "error: int() cannot read '1.0'");
	call("int", "[\"9223372036854775808\"]",
	     "error: int() cannot read '9223372036854775808'");
	call("int", "[\"1\\u0000\"]", "error: int() cannot read '1\\x00'");
	call("int", "[true]", "1");
	call("int", "[null]", "error: int() has no meaning for None");
	call("float", "[\"1e-3\"]", "0.001");
	call("float", "[\"-Infinity\"]", "-inf");
	call("float", "[\"0x10\"]", "error: float() cannot read '0x10'");
	call("float", "[3]", "3.0");
	call("str", "[1.0]", "\"1.0\"");
	call("str", "[1e-05]", "\"1e-05\"");
	call("str", "[true]", "\"True\"");
	call("str", "[null]", "\"None\"");
	call("str", "[[1, \"a\", null]]", "\"[1, \\\"a\\\", null]\"");
	call("bool", "[0.0]", "False");
	call("bool", "[\"a\"]", "True");
	call("bool", "[[]]", "False");
	call("json", "[{\"a\": [1, null]}]", "{\"a\": [1, null]}");
}

static void test_text(void)
{
	call("str.upper", "[\"aZ\\u00e9\"]", "\"AZ\xc3\xa9\"");
	call("str.lower", "[\"aZ\"]", "\"az\"");
	call("str.strip", "[\" \\t a b \\n\"]", "\"a b\"");
	call("str.split", "[\" a  b \"]", "[\"a\", \"b\"]");
	call("str.split", "[\"a,,b,\", \",\"]", "[\"a\", \"\", \"b\", \"\"]");
	call("str.split", "[\"\", \",\"]", "[\"\"]");
	call("str.split", "[\"\"]", "[]");
	call("str.split", "[\"a\", \"\"]", "error: split() with an empty separator");
	call("str.join", "[\", \", [\"a\", \"b\"]]", "\"a, b\"");
	call("str.join", "[\", \", []]", "\"\"");
	call("str.join", "[\",\", [1]]", "error: str.join() has no meaning for int");
	call("str.replace", "[\"aXbX\", \"X\", \"--\"]", "\"a--b--\"");
	call("str.replace", "[\"ab\", \"\", \"-\"]", "\"-a-b-\"");
	call("str.replace", "[\"\", \"\", \"x\"]", "\"x\"");
	call("str.startswith", "[\"abc\", \"ab\"]", "True");
	call("str.endswith", "[\"abc\", \"ab\"]", "False");
	call("str.upper", "[1]", "error: str.upper() has no meaning for int");
	call("len", "[]", "error: len() with 0 arguments");
}

static void test_formats(void)
{
	format("3.14159", ".2f", "3.14");
	format("1234567.891", ",.2f", "1,234,567.89");
	format("-1234", ",", "-1,234");
	format("123", ",", "123");
	format("1234567.5", ",", "1,234,567.5");
	format("3", "d", "3");
	format("3", ".1f", "3.0");
	format("0.256", ".1%", "25.6%");
	format("12345.678", "e", "1.234568e+04");
	format("12345.678", "g", "12345.7");
	format("1e10", ".3g", "1e+10");
	format("10.0", ".2", "1e+01");
	format("3.14159", ".3", "3.14");
	format("nan", ".2f", "nan");
	format("-inf", "%", "-inf%");
	format("1e21", ",.1f", "1,000,000,000,000,000,000,000.0");
	format("2.5", "d", "error: the format 'd' is for ints");
	format("3", ".2d", "error: an int has no precision; use 'f'");
	format("\"a\"", ".2f", "error: only numbers take a format");
	format("\"a\"", "", "a");
	format("1", "x",
	       "error: unknown format; one is made of ',' '.N' and one of d f e g %");
	format("1.0", ".101f", "error: a precision of more than 100");
	format("1.0", ".99999999999f", "error: a precision of more than 100");
	format("1.0", ".",
	       "error: unknown format; one is made of ',' '.N' and one of d f e g %");
}

/* Values that share their parts grow without bound when walked; walks stop. */
static void test_bombs(void)
{
	struct value v = val("[1, 2, 3, 4]"), out = VALUE_NONE_V;
	struct err err = {0};

	for (int i = 0; i < 60; i++)
		op_list((struct value[]){v, v}, 2, &a, &v, &err);
	ok(op_binary(OP_EQ, v, v, &a, &out, &err) < 0, "comparing a bomb fails");
	is_str(err.text, "a list of more than 16777216 elements and bytes",
	       "and says why");
	ok(op_builtin(BUILTIN_STR, &v, 1, &a, &out, &err) < 0, "printing a bomb fails");
	ok(op_builtin(BUILTIN_JSON, &v, 1, &a, &out, &err) < 0,
	   "converting a bomb fails");
	ok(op_binary(OP_LT, v, v, &a, &out, &err) < 0, "ordering a bomb fails");
}

static void test_field(void)
{
	struct series s = {2, 0.5, 0.25, 1.0};
	struct artifact f = {.name = STR("model"), .uri = STR("file:///x")};
	struct value sv = {VALUE_SERIES, {.series = &s}}, v;
	struct value fv = {VALUE_ARTIFACT, {.artifact = &f}};
	struct err err;

	ok(!op_field(sv, STR("last"), &a, &v, &err) && v.f == 0.5, "series.last");
	ok(!op_field(sv, STR("min"), &a, &v, &err) && v.f == 0.25, "series.min");
	ok(op_field(sv, STR("mean"), &a, &v, &err) < 0, "series has no mean");
	ok(!op_field(fv, STR("uri"), &a, &v, &err) && str_is(*v.s, "file:///x"), "uri");
	ok(op_field(fv, STR("path"), &a, &v, &err) < 0, "an artifact has no path here");
	ok(!op_field(val("{\"lr\": 1}"), STR("lr"), &a, &v, &err) && v.i == 1,
	   "struct field");
	ok(op_field(VALUE_NONE_V, STR("lr"), &a, &v, &err) < 0, "None has no field");
	is_str(err.text, "None has no field 'lr'", "and says so");
}

int main(void)
{
	arena_init(&a);
	test_ints();
	test_floats();
	test_comparisons();
	test_sequences();
	test_numbers();
	test_conversions();
	test_text();
	test_formats();
	test_bombs();
	test_field();
	arena_release(&a);
	return done_testing();
}
