/* Types and values. */
#include <config.h>

#include "tests/unit/tap.h"

#include <math.h>

#include "runtime/base/limits.h"
#include "runtime/value/json.h"
#include "runtime/value/number.h"
#include "runtime/value/value.h"

static struct types t;
static struct arena a;

static void is_type(const struct type *got, const char *want)
{
	is_str(got ? type_name(got, &a).p : "(none)", want, want);
}

static void test_interning(void)
{
	const struct type *li = type_list(&t, t.integer), *dl = type_dict(&t, li);
	const struct type *csv = type_tagged(&t, t.dataset,
					     STR("csv")), *deep = t.integer;

	ok(li == type_list(&t, t.integer), "a list of ints is one type");
	ok(li != type_list(&t, t.floating), "and differs from one of floats");
	ok(type_opt(&t, type_opt(&t, li)) == type_opt(&t, li), "T?? is T?");
	ok(type_opt(&t, t.none) == t.none, "None? is None");
	ok(csv == type_tagged(&t, t.dataset, STR("csv")), "Dataset[csv] is one type");
	ok(type_tagged(&t, csv, STR("")) == t.dataset, "without its tag it is Dataset");
	ok(type_tagged(&t, csv, STR("tsv")) == type_tagged(&t, t.dataset, STR("tsv")),
	   "a tag replaces another");
	is_type(type_opt(&t, dl), "dict[str, list[int]]?");
	is_type(type_opt(&t, csv), "Dataset[csv]?");
	is_type(type_list(&t, type_opt(&t, t.model)), "list[Model?]");
	for (int i = 0; i < LIMIT_NESTING + 5; i++)
		deep = type_list(&t, deep);
	is_type(deep->kind == TYPE_LIST ? t.none : t.error, "None");
	ok(type_builtin(&t, STR("int")) == t.integer, "int by name");
	ok(type_builtin(&t, STR("HTML")) == t.html, "HTML by name");
	ok(!type_builtin(&t, STR("?")) && !type_builtin(&t, STR("")),
	   "no error type by name");
	ok(!type_builtin(&t, STR("Integer")), "no Integer");
	ok(t.all.at[li->id] == li, "ids are places in the table");
}

static void fits(const struct type *from, const struct type *to, bool want)
{
	struct str x = type_name(from, &a), y = type_name(to, &a);

	ok(type_assignable(from, to) == want, "%s %s %s", x.p,
	   want ? "fits" : "does not fit",
	   y.p);
}

static void test_assignable(void)
{
	const struct type *csv = type_tagged(&t, t.dataset, STR("csv"));
	const struct type *parquet = type_tagged(&t, t.dataset, STR("parquet"));
	const struct type *tok = type_artifact(&t, STR("Tokenizer"), t.model);
	const struct type *kernel =
		type_enum(&t, STR("Kernel"),
			  (struct type_member[]){{STR("rbf"), STR("rbf")}}, 1);
	const struct type *other =
		type_enum(&t, STR("Kernel"),
			  (struct type_member[]){{STR("rbf"), STR("rbf")}}, 1);

	fits(t.integer, t.floating, true);
	fits(t.floating, t.integer, false);
	fits(t.metric, t.floating, true);
	fits(t.metric, type_opt(&t, t.floating), true);
	fits(t.floating, t.metric, false);
	fits(t.boolean, t.integer, false);
	fits(t.integer, t.boolean, false);
	fits(t.integer, type_opt(&t, t.integer), true);
	fits(type_opt(&t, t.integer), t.integer, false);
	fits(type_opt(&t, t.integer), type_opt(&t, t.floating), true);
	fits(t.none, type_opt(&t, t.string), true);
	fits(t.none, t.string, false);
	fits(t.error, t.string, true);
	fits(t.string, t.error, true);
	fits(t.integer, t.duration, false);
	fits(t.duration, t.integer, false);
	fits(t.string, t.json, false);
	fits(kernel, t.string, false);
	fits(t.string, kernel, false);
	fits(kernel, kernel, true);
	fits(kernel, other, false);
	fits(type_list(&t, t.integer), type_list(&t, t.floating), true);
	fits(type_list(&t, t.floating), type_list(&t, t.integer), false);
	fits(type_dict(&t, csv), type_dict(&t, t.artifact), true);
	fits(type_list(&t, t.integer), type_dict(&t, t.integer), false);
	fits(csv, t.dataset, true);
	fits(t.dataset, csv, true);
	fits(csv, parquet, false);
	fits(csv, t.artifact, true);
	fits(csv, type_tagged(&t, t.artifact, STR("csv")), true);
	fits(csv, type_tagged(&t, t.artifact, STR("json")), false);
	fits(t.artifact, t.dataset, false);
	fits(t.dataset, t.model, false);
	fits(tok, t.model, true);
	fits(tok, t.artifact, true);
	fits(t.model, tok, false);
	fits(type_tagged(&t, tok, STR("json")), t.model, true);
	fits(t.series, t.floating, false);
	ok(type_extends(tok, t.artifact) && !type_extends(t.model, tok), "type_extends");
	ok(type_holds_artifacts(type_list(&t, type_opt(&t, csv))), "holds artifacts");
	ok(!type_holds_artifacts(type_list(&t, t.integer)), "holds none");
}

static void join(const struct type *x, const struct type *y, const char *want)
{
	is_type(type_join(&t, x, y), want);
	ok(type_join(&t, x, y) == type_join(&t, y, x), "in either order");
}

static void test_join(void)
{
	const struct type *csv = type_tagged(&t, t.dataset, STR("csv"));
	const struct type *tsv = type_tagged(&t, t.dataset, STR("tsv"));
	const struct type *tok = type_artifact(&t, STR("Tok"), t.model);
	const struct type *bpe = type_artifact(&t, STR("Bpe"), tok);

	join(t.integer, t.integer, "int");
	join(t.integer, t.floating, "float");
	join(t.metric, t.integer, "float");
	join(t.metric, t.floating, "float");
	join(t.integer, t.none, "int?");
	join(type_opt(&t, t.integer), t.floating, "float?");
	join(type_opt(&t, t.integer), t.none, "int?");
	join(t.none, t.none, "None");
	join(t.integer, t.string, "(none)");
	join(t.error, t.string, "str");
	join(t.model, t.dataset, "Artifact");
	join(tok, t.model, "Model");
	join(bpe, type_artifact(&t, STR("Other"), tok), "Tok");
	join(csv, t.dataset, "Dataset");
	join(csv, tsv, "Dataset");
	join(csv, type_tagged(&t, t.model, STR("csv")), "Artifact[csv]");
	join(type_list(&t, t.integer), type_list(&t, t.floating), "list[float]");
	join(type_list(&t, t.integer), type_list(&t, t.string), "(none)");
	join(type_list(&t, t.error), type_list(&t, t.string), "list[str]");
	join(t.series, t.none, "Series?");
	join(t.model, t.integer, "(none)");
}

static void is_float_text(double f, const char *want)
{
	struct buf b = {0};

	value_print_float(f, &b);
	is_str(buf_cstr(&b), want, want);
	buf_release(&b);
}

static void test_floats(void)
{
	is_float_text(1.0, "1.0");
	is_float_text(-0.0, "-0.0");
	is_float_text(0.1, "0.1");
	is_float_text(1e-5, "1e-05");
	is_float_text(1e-4, "0.0001");
	is_float_text(1e16, "1e+16");
	is_float_text(1e15, "1000000000000000.0");
	is_float_text(123456789.125, "123456789.125");
	is_float_text(5e-324, "5e-324");
	is_float_text(0x1p-44, "5.684341886080802e-14");
	is_float_text(1.7976931348623157e308, "1.7976931348623157e+308");
	is_float_text(2.2250738585072014e-308, "2.2250738585072014e-308");
	is_float_text(0.1 + 0.2, "0.30000000000000004");
	is_float_text(9007199254740993.0, "9007199254740992.0");
	is_float_text((double)NAN, "nan");
	is_float_text(-HUGE_VAL, "-inf");
}

static void literal(struct value v, const struct type *type, const char *want)
{
	struct buf b = {0};

	value_print_literal(v, type, &b);
	is_str(buf_cstr(&b), want, want);
	buf_release(&b);
}

static void test_literals(void)
{
	const struct type *act =
		type_enum(&t, STR("Act"),
			  (struct type_member[]){{STR("relu6"), STR("relu-6")}}, 1);
	struct type *opt = type_struct(&t, STR("Optim"));
	struct value_pair *at;
	struct value d = value_dict(&a, 1, &at), wire = value_str(&a, STR("relu-6"));

	type_struct_fields(&t, opt, &(struct type_field){STR("act"), act}, 1);
	at[0] = (struct value_pair){STR("act"), wire};
	literal(wire, act, "Act.relu6");
	literal(wire, type_opt(&t, act), "Act.relu6");
	literal(d, opt, "Optim(act=Act.relu6)");
	literal(d, NULL, "{\"act\": \"relu-6\"}");
	literal(value_str(&a, STR("a\"\n\0b")), t.string, "\"a\\\"\\n\\u0000b\"");
	literal(value_int(600), t.duration, "10m");
	literal(value_int(5400), t.duration, "1h30m");
	literal(value_int(90061), t.duration, "1d1h1m1s");
	literal(value_int(0), t.duration, "0s");
	literal(value_int(INT64_MIN), t.duration, "-106751991167300d15h30m8s");
	literal(value_int(8ll << 30), t.size, "8GiB");
	literal(value_int(2000000000), t.size, "2GB");
	literal(value_int(1536), t.size, "1536B");
	literal(value_int(0), t.size, "0B");
	literal(value_int(5000), t.size, "5kB");
	literal(value_int(600), t.integer, "600");
	literal(value_bool(true), t.boolean, "True");
	literal(VALUE_NONE_V, type_opt(&t, t.integer), "None");
	literal(value_float((double)NAN), t.floating, "float(\"nan\")");
	ok(value_has_type(d, opt), "a struct has its type");
	ok(!value_has_type(d, act) && value_has_type(d, t.json),
	   "and is JSON, and no enum");
	ok(!value_has_type(value_int(1), t.floating), "an int is kept as no float");
	ok(!value_has_type(value_str(&a, STR("relu6")), act),
	   "a member's name is not its wire");
	ok(value_has_type(VALUE_NONE_V, type_opt(&t, opt)), "None is an option");
}

static void test_values(void)
{
	struct arena other;
	struct value_pair *at;
	struct value *items, list = value_list(&a, 2, &items), d = value_dict(&a, 2,
									      &at), c;

	items[0] = value_str(&a, STR("x"));
	items[1] = value_float(0.5);
	at[0] = (struct value_pair){STR("k"), list};
	at[1] = (struct value_pair){STR("n"), value_int(1)};
	arena_init(&other);
	c = value_copy(&other, d);
	ok(value_eq(c, d), "a copy is equal");
	ok(c.dict != d.dict && c.dict->at[0].value.list != d.dict->at[0].value.list,
	   "and shares nothing");
	ok(value_get(c, STR("n"))->i == 1 && !value_get(c, STR("m")), "value_get");
	ok(value_weight(d, 1000) == 1 + 1 + 1 + 2 + 1 + 1 + 1, "value_weight counts");
	ok(value_weight(d, 3) == 3, "value_weight stops");
	c = value_to_float(&other, d);
	ok(value_get(c, STR("n"))->kind == VALUE_FLOAT, "ints become floats within");
	arena_release(&other);
}

static void quantity(const char *text, enum number_unit unit, int64_t want)
{
	int64_t n = -1;

	if (!number_quantity(str_of(text), unit, &n))
		n = -1;
	is_int(n, want, text);
}

static void test_quantities(void)
{
	quantity("30s", NUMBER_DURATION, 30);
	quantity("1h30m", NUMBER_DURATION, 5400);
	quantity("7d", NUMBER_DURATION, 604800);
	quantity("30m1h", NUMBER_DURATION, -1);
	quantity("10", NUMBER_DURATION, -1);
	quantity("m", NUMBER_DURATION, -1);
	quantity("", NUMBER_DURATION, -1);
	quantity("10m ", NUMBER_DURATION, -1);
	quantity("106751991167301d", NUMBER_DURATION, -1);
	quantity("8GiB", NUMBER_SIZE, 8ll << 30);
	quantity("2GB", NUMBER_SIZE, 2000000000);
	quantity("10B", NUMBER_SIZE, 10);
	quantity("5kB", NUMBER_SIZE, 5000);
	quantity("1PiB", NUMBER_SIZE, 1ll << 50);
	quantity("8Gi", NUMBER_SIZE, -1);
	quantity("1GiB1MiB", NUMBER_SIZE, -1);
	quantity("-1GiB", NUMBER_SIZE, -1);
	quantity("9000000TiB", NUMBER_SIZE, -1);
}

int main(void)
{
	types_init(&t);
	arena_init(&a);
	test_interning();
	test_assignable();
	test_join();
	test_floats();
	test_literals();
	test_values();
	test_quantities();
	arena_release(&a);
	types_release(&t);
	return done_testing();
}
