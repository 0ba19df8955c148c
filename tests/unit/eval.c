/* The builder, the folder, the emitter and the interpreter: that they agree. */
#include <config.h>

#include "tests/unit/tap.h"

#include <stdlib.h>

#include "compiler/ir/builder.h"
#include "runtime/bc/code.h"
#include "runtime/bc/save.h"
#include "runtime/vm/eval.h"

static struct module *m;
static struct builder b;
static struct types *t;
static char reported[1024];
static bool report_certain;
static unsigned reports;

static void report(void *ctx, const struct expr *at, const struct err *err, bool certain)
{
	(void)ctx;
	(void)at;
	snprintf(reported, sizeof reported, "%s", err->text);
	report_certain = certain;
	reports++;
}

static void begin(void)
{
	m = module_new();
	m->files = ARENA_NEW(&m->arena, struct module_file);
	m->files[0].path = STR("t.kfp");
	m->nfiles = 1;
	t = &m->types;
	builder_init(&b, m, NULL);
	b.report = report;
	reports = 0;
	*reported = '\0';
}

static void end(void)
{
	builder_release(&b);
	module_free(m);
}

static struct expr *num(int64_t i)
{
	return builder_const(&b, value_int(i), t->integer, SPAN_NONE);
}

static struct expr *flag(bool yes)
{
	return builder_const(&b, value_bool(yes), t->boolean, SPAN_NONE);
}

static struct expr *text(const char *s)
{
	return builder_const(&b, value_str(&m->arena, str_of(s)), t->string, SPAN_NONE);
}

static struct expr *param(uint32_t i, const struct type *type)
{
	return builder_input(&b, (struct input){INPUT_PARAM, i, 0}, type, SPAN_NONE);
}

static struct expr *op2(enum op op, struct expr *x, struct expr *y,
			const struct type *type)
{
	return builder_binary(&b, op, x, y, type, SPAN_NONE);
}

/* What the site gives for the inputs, as text; errors too. */
static const char *result(const struct site *s, const struct value *inputs)
{
	static struct buf out;
	struct value v;
	struct err err;

	buf_clear(&out);
	if (code_verify(m, s, m->ndefs, &err) < 0)
		buf_addf(&out, "unverified: %s", err.text);
	else if (eval(m, s, inputs, &m->arena, &v, &err) < 0)
		buf_addf(&out, "error: %s", err.text);
	else
		value_print(v, &out);
	return buf_cstr(&out);
}

static void folds(struct expr *e, const char *want, const char *name)
{
	const struct site *s = builder_site(&b, e, NULL);
	struct value v;

	ok(s->tree->kind == EXPR_CONST && site_value(s, &v), "%s is constant", name);
	builder_finish(&b);
	is_str(result(s, NULL), want, name);
}

static void test_folding(void)
{
	struct expr *list[3];

	begin();
	folds(op2(OP_ADD, num(1), op2(OP_MUL, num(2), num(3), t->integer), t->integer),
	      "7", "1 + 2 * 3");
	folds(builder_and(&b, flag(false), param(0, t->boolean), SPAN_NONE), "False",
	      "False and p");
	folds(builder_or(&b, flag(true), param(0, t->boolean), SPAN_NONE), "True",
	      "True or p");
	folds(builder_cond(&b, flag(true), num(1), param(0, t->integer), t->integer,
			   SPAN_NONE),
	      "1", "1 if True else p");
	folds(builder_cond(&b, flag(true), num(1), num(2), t->floating, SPAN_NONE), "1.0",
	      "an int arm becomes a float");
	list[0] = num(1), list[1] = num(2), list[2] = num(3);
	folds(builder_chain(&b, (uint8_t[]){OP_LT, OP_LT}, list, 3, SPAN_NONE), "True",
	      "1 < 2 < 3");
	folds(builder_list(&b, list, 3, type_list(t, t->floating), SPAN_NONE),
	      "[1.0, 2.0, 3.0]", "ints in a list of floats");
	folds(builder_convert(&b,
			      builder_list(&b, list, 3, type_list(t, t->integer),
					   SPAN_NONE),
			      type_list(t, t->floating)),
	      "[1.0, 2.0, 3.0]", "a list of ints as one of floats");
	list[0] = text("a"), list[1] = builder_format(&b, num(7), STR("d"), SPAN_NONE);
	folds(builder_fstring(&b, list, 2, SPAN_NONE), "a7", "f-string");
	list[0] = text("k"), list[1] = num(1);
	folds(builder_dict(&b, list, 1, type_dict(t, t->integer), SPAN_NONE),
	      "{\"k\": 1}",
	      "dict");
	folds(builder_builtin(&b, BUILTIN_LEN, (struct expr *[]){text("abc")}, 1,
			      t->integer, SPAN_NONE),
	      "3", "len");
	folds(builder_index(&b, text("abc"), num(-1), t->string, SPAN_NONE), "c",
	      "index");
	is_int(reports, 0, "nothing was reported");
	end();
}

static void test_reports(void)
{
	struct expr *zero;
	const struct site *s;
	struct value v;

	begin();
	zero = op2(OP_FLOORDIV, num(1), num(0), t->integer);
	zero->loc = (struct loc){0, 3, 7};
	s = builder_site(&b, zero, NULL);
	is_str(reported, "division by zero", "a constant division by zero is reported");
	ok(report_certain, "as certain");
	builder_finish(&b);
	is_str(result(s, NULL), "error: t.kfp:3:7: division by zero",
	       "and fails in the run");
	builder_site(&b, builder_cond(&b, param(0, t->boolean), zero, num(1), t->integer,
				      SPAN_NONE),
		     NULL);
	ok(!report_certain, "in an arm it is not certain");
	reports = 0;
	builder_site(&b,
		     builder_cond(&b, flag(false), zero, num(1), t->integer, SPAN_NONE),
		     NULL);
	is_int(reports, 0, "in a dead arm nobody cares");
	ok(!builder_value(&b, zero, &v), "it has no value");
	ok(builder_value(&b, num(3), &v) && v.i == 3, "3 has one");
	ok(!builder_value(&b, param(0, t->integer), &v), "a parameter has none");
	is_int(reports, 0, "asking for a value reports nothing");
	end();
}

static void test_size_limits(void)
{
	struct expr *e, *long_text;
	const struct site *s;

	begin();
	long_text = op2(OP_MUL, text("ab"), num(1000000), t->string);
	s = builder_site(&b, long_text, NULL);
	ok(s->tree->kind == EXPR_BINARY, "a long text is not written out");
	builder_finish(&b);
	is_int((long long)strlen(result(s, NULL)), 2000000, "and is made in the run");
	e = param(0, t->integer);
	for (int i = 0; i < EXPR_DEPTH_MAX - 1; i++)
		e = op2(OP_ADD, e, num(1), t->integer);
	is_int(reports, 0, "as many levels as are allowed");
	s = builder_site(&b, e, NULL);
	builder_finish(&b);
	is_str(result(s, (struct value[]){value_int(5)}), "1004",
	       "and they are computed");
	op2(OP_ADD, e, num(1), t->integer);
	ok(strstr(reported, "nested deeper"), "one level more: %s", reported);
	end();
}

static void test_inputs(void)
{
	const struct site *s;
	struct expr *x, *y;

	begin();
	x = op2(OP_ADD, param(4, t->integer), param(2, t->integer), t->integer);
	y = op2(OP_SUB, x, param(4, t->integer), t->integer);
	s = builder_site(&b, y, NULL);
	is_int(s->ninputs, 2, "each input once");
	ok(s->inputs[0].index == 4 && s->inputs[1].index == 2,
	   "in the order of being met");
	builder_finish(&b);
	is_str(result(s, (struct value[]){value_int(10), value_int(3)}), "3",
	       "10 + 3 - 10");
	s = builder_site(&b, x, t->floating);
	is_int(s->ninputs, 2, "a tree can be used again");
	builder_finish(&b);
	is_str(result(s, (struct value[]){value_int(1), value_int(2)}), "3.0",
	       "and be converted");
	s = builder_site(&b,
			 builder_and(&b, flag(false), op2(OP_EQ, x, num(1), t->boolean),
					 SPAN_NONE),
			 NULL);
	is_int(s->ninputs, 0, "inputs of what is folded away are gone");
	end();
}

static void test_short_circuit(void)
{
	struct expr *crash, *x[3];
	const struct site *s;
	const struct value on = value_bool(true), off = value_bool(false);
	struct value in[2];

	begin();
	crash = op2(OP_EQ, op2(OP_FLOORDIV, num(1), param(1, t->integer), t->integer),
		    num(1), t->boolean);
	s = builder_site(&b, builder_and(&b, param(0, t->boolean), crash, SPAN_NONE),
			 NULL);
	builder_finish(&b);
	in[0] = off, in[1] = value_int(0);
	is_str(result(s, in), "False", "the right of `and` is left alone");
	in[0] = on;
	is_str(result(s, in), "error: division by zero", "unless it is needed");
	s = builder_site(&b, builder_or(&b, param(0, t->boolean), crash, SPAN_NONE),
			 NULL);
	builder_finish(&b);
	is_str(result(s, in), "True", "the right of `or` is left alone");
	s = builder_site(&b, builder_cond(&b, param(0, t->boolean), num(1),
					  op2(OP_FLOORDIV, num(1), param(1, t->integer),
					      t->integer),
					  t->integer, SPAN_NONE),
			 NULL);
	builder_finish(&b);
	is_str(result(s, in), "1", "only one arm is computed");
	x[0] = param(0, t->integer), x[1] = num(0);
	x[2] = op2(OP_FLOORDIV, num(1), param(1, t->integer), t->integer);
	s = builder_site(&b,
			 builder_chain(&b, (uint8_t[]){OP_LT, OP_LT}, x, 3, SPAN_NONE),
			 NULL);
	builder_finish(&b);
	in[0] = value_int(1);
	is_str(result(s, in), "False", "a chain stops at the first False");
	in[0] = value_int(-1);
	is_str(result(s, in), "error: division by zero", "and goes on after a True");
	in[0] = value_str(&m->arena, STR("x"));
	is_str(result(s, in), "error: no order between str and int", "kinds are checked");
	end();
}

static void test_result_type(void)
{
	const struct site *s;

	begin();
	s = builder_site(&b, param(0, t->integer), NULL);
	is_str(result(s, (struct value[]){value_bool(true)}),
	       "error: the result is no int",
	       "what is of another type does not get out");
	s = builder_site(&b, builder_and(&b, param(0, t->boolean), param(1, t->boolean),
					 SPAN_NONE),
			 NULL);
	is_str(result(s, (struct value[]){value_int(1), value_int(1)}),
	       "error: a condition must be a bool", "a condition must be a bool");
	end();
}

/* Random trees over int, float and bool, with leaves that are inputs or the same
 * values as constants. */
static unsigned seed;

static unsigned pick(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

struct leaf {
	struct value v;
	const struct type *type;
};

enum { NLEAVES = 8 };
static struct leaf leaves[NLEAVES];

/* Locals that are bound where the next part of a tree stands. */
static struct { uint32_t local; const struct type *type; } scope[64];
static unsigned nscope;

static struct expr *local_of(const struct type *type)
{
	unsigned from = pick(8);

	for (unsigned i = from; i < nscope; i++)
		if (scope[i].type == type)
			return builder_local(&b, scope[i].local, STR("x"), type,
					     SPAN_NONE);
	return NULL;
}

static struct expr *leaf_of(bool constant, enum value_kind kind)
{
	unsigned i = pick(NLEAVES);
	struct expr *local = local_of(kind == VALUE_INT	    ? t->integer
				      : kind == VALUE_FLOAT ? t->floating
							    : t->boolean);

	if (local)
		return local;
	while (leaves[i].v.kind != kind)
		i = (i + 1) % NLEAVES;
	return constant ? builder_const(&b, leaves[i].v, leaves[i].type, SPAN_NONE)
			: param(i, leaves[i].type);
}

static struct expr *random_bool(bool constant, unsigned depth);

static struct expr *random_number(bool constant, unsigned depth, bool is_int);

static uint32_t bind(const struct type *type)
{
	scope[nscope].local = builder_new_local(&b);
	scope[nscope].type = type;
	return scope[nscope++].local;
}

static struct expr *random_let(bool constant, unsigned depth, bool is_int)
{
	bool of_int = pick(2);
	struct expr *value = random_number(constant, depth - 1, of_int), *body;
	uint32_t local = bind(of_int ? t->integer : t->floating);

	body = random_number(constant, depth - 1, is_int);
	nscope--;
	return builder_let(&b, local, STR("x"), value, body);
}

/* sum([element for x, y in zip([...], [...]) if filter]) */
static struct expr *random_sum(bool constant, unsigned depth, bool is_int)
{
	const struct type *type = type_list(t, is_int ? t->integer : t->floating);
	struct expr *items[3], *lists[2], *filter, *element;
	struct comp_targets targets = {.n = 1 + pick(2), .lists = lists,
		.names = (struct str[]){STR("x"), STR("y")}};
	unsigned outer = nscope;

	for (uint32_t k = 0; k < targets.n; k++) {
		unsigned n = pick(4);

		for (unsigned i = 0; i < n; i++)
			items[i] = random_number(constant, 0, true);
		lists[k] = builder_list(&b, items, n, type_list(t, t->integer),
					SPAN_NONE);
	}
	targets.first = bind(t->integer);
	if (targets.n == 2)
		bind(t->integer);
	filter = pick(2) ? random_bool(constant, depth - 1) : NULL;
	element = random_number(constant, depth - 1, is_int);
	nscope = outer;
	element = builder_comp(&b, element, filter, &targets, type, SPAN_NONE);
	return builder_builtin(&b, BUILTIN_SUM, &element, 1, type->elem, SPAN_NONE);
}

/* def f(p, q): assert p < q + 5; x = p * q; return x + q if x > 0 else -x */
static void add_def(void)
{
	struct module_param *params = ARENA_ARRAY(&m->arena, 2, struct module_param);
	uint32_t local = builder_new_local(&b);
	struct expr *p = param(0, t->integer), *q = param(1, t->integer), *body;
	struct expr *x = builder_local(&b, local, STR("x"), t->integer, SPAN_NONE);

	params[0] = (struct module_param){.name = STR("p"), .type = t->integer};
	params[1] = (struct module_param){.name = STR("q"), .type = t->integer};
	body = builder_cond(&b, op2(OP_GT, x, num(0), t->boolean),
			    op2(OP_ADD, x, q, t->integer),
			    builder_unary(&b, OP_NEG, x, t->integer, SPAN_NONE),
			    t->integer, SPAN_NONE);
	body = builder_let(&b, local, STR("x"), op2(OP_MUL, p, q, t->integer), body);
	body = builder_assert(&b, op2(OP_LT, p, op2(OP_ADD, q, num(5), t->integer),
				      t->boolean), NULL, body, STR(""));
	m->defs = ARENA_NEW(&m->arena, struct module_def);
	m->defs[0] = (struct module_def){
		.name = STR("f"), .params = params, .nparams = 2, .result = t->integer,
		.body = builder_body(&b, body, t->integer, 2),
	};
	m->ndefs = 1;
}

static struct expr *random_call(bool constant, unsigned depth)
{
	struct expr *x[2];

	x[0] = random_number(constant, depth - 1, true);
	x[1] = random_number(constant, depth - 1, true);
	return builder_call(&b, 0, x, SPAN_NONE);
}

static struct expr *random_number(bool constant, unsigned depth, bool is_int)
{
	const struct type *type = is_int ? t->integer : t->floating;
	static const enum op ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_FLOORDIV, OP_MOD,
		OP_POW};
	struct expr *x, *y;

	if (!depth)
		return leaf_of(constant, is_int ? VALUE_INT : VALUE_FLOAT);
	switch (pick(9)) {
	case 5:
		return random_let(constant, depth, is_int);
	case 6:
		return random_sum(constant, depth, is_int);
	case 7:
		if (is_int)
			return random_call(constant, depth);
		__attribute__((fallthrough));
	case 0:
		x = random_bool(constant, depth - 1);
		y = random_number(constant, depth - 1, is_int);
		return builder_cond(&b, x, y, random_number(constant, depth - 1, is_int),
				    type, SPAN_NONE);
	case 1:
		return builder_unary(&b, OP_NEG,
				     random_number(constant, depth - 1, is_int),
				     type, SPAN_NONE);
	case 2:
		if (!is_int)
			return builder_convert(&b,
					       random_number(constant, depth - 1, true),
					       t->floating);
		__attribute__((fallthrough));
	default:
		x = random_number(constant, depth - 1, is_int);
		y = random_number(constant, depth - 1, is_int);
		return op2(ops[pick(6)], x, y, type);
	}
}

static struct expr *random_bool(bool constant, unsigned depth)
{
	struct expr *x[3];
	uint8_t ops[2];

	if (!depth)
		return leaf_of(constant, VALUE_BOOL);
	switch (pick(5)) {
	case 0:
		x[0] = random_bool(constant, depth - 1);
		return builder_and(&b, x[0], random_bool(constant, depth - 1), SPAN_NONE);
	case 1:
		x[0] = random_bool(constant, depth - 1);
		return builder_or(&b, x[0], random_bool(constant, depth - 1), SPAN_NONE);
	case 2:
		return builder_unary(&b, OP_NOT, random_bool(constant, depth - 1),
				     t->boolean, SPAN_NONE);
	default:
		for (int i = 0; i < 3; i++)
			x[i] = random_number(constant, depth - 1, pick(2));
		ops[0] = (uint8_t)(OP_EQ + pick(6));
		ops[1] = (uint8_t)(OP_EQ + pick(6));
		return builder_chain(&b, ops, x, 2 + pick(2), SPAN_NONE);
	}
}

/* The values of the inputs that s has. */
static void gather(const struct site *s, struct value *in)
{
	for (uint32_t i = 0; i < s->ninputs; i++)
		in[i] = leaves[s->inputs[i].index].v;
}

static bool same(int failed1, struct value v1, int failed2, struct value v2)
{
	bool nan = v1.kind == VALUE_FLOAT && v2.kind == VALUE_FLOAT && v1.f != v1.f &&
		   v2.f != v2.f;

	if (failed1 || failed2)
		return failed1 && failed2;
	return v1.kind == v2.kind && (nan || value_eq(v1, v2));
}

/* The same tree, over inputs and over constants: code, tree and folded value must
 * agree. */
static bool agree(unsigned from)
{
	struct value in[NLEAVES], by_code, by_tree, by_fold;
	const struct site *s, *folded;
	struct err err = {0};
	int failed[3];

	by_code = by_tree = by_fold = VALUE_NONE_V;
	seed = from;
	s = builder_site(&b, random_bool(false, 5), NULL);
	seed = from;
	folded = builder_site(&b, random_bool(true, 5), NULL);
	builder_finish(&b);
	gather(s, in);
	if (code_verify(m, s, m->ndefs, &err) < 0 ||
	    code_verify(m, folded, m->ndefs, &err) < 0) {
		printf("# %s\n", err.text);
		return false;
	}
	failed[0] = eval(m, s, in, &m->arena, &by_code, &err);
	failed[1] = site_eval(m, s, in, &m->arena, &by_tree, &err);
	/* What may fail in a part that is never reached is left in the tree. */
	failed[2] = site_value(folded, &by_fold) ? 0
						 : eval(m, folded, NULL, &m->arena,
							&by_fold, &err);
	return same(failed[0], by_code, failed[1], by_tree) &&
	       same(failed[0], by_code, failed[2], by_fold);
}

static void test_def(void)
{
	struct value in[2] = {value_int(9), value_int(2)};
	struct module *copy;
	const struct site *s;
	struct buf bytes = {0};
	struct err err = {0};

	begin();
	add_def();
	s = builder_site(&b, builder_call(&b, 0, (struct expr *[]){
		param(0, t->integer), param(1, t->integer)}, SPAN_NONE), NULL);
	builder_finish(&b);
	is_str(result(s, in),
	       "error: p < q + 5 does not hold: p is 9, q is 2",
	       "an assertion shows the values");
	in[0] = value_int(3);
	is_str(result(s, in), "8", "a call");
	is_int(s->code.levels, 2, "levels of calls");
	module_save(m, &bytes);
	copy = module_load(buf_str(&bytes), "t", &err);
	ok(copy && copy->ndefs == 1, "a module with a def is loaded: %s", err.text);
	if (copy)
		module_free(copy);
	m->defs[0].is_struct = true;
	ok(module_verify(m, &err) < 0, "%s", err.text);
	m->defs[0].is_struct = false;
	m->ndefs = 0;
	ok(code_verify(m, s, 0, &err) < 0, "%s", err.text);
	buf_release(&bytes);
	end();
}

static void test_random(void)
{
	static const int64_t ints[] = {0, 1, -3, INT64_MAX};
	unsigned bad = 0, n = 3000;

	for (unsigned i = 0; i < n; i++) {
		begin();
		for (unsigned k = 0; k < NLEAVES; k++) {
			struct value v = k < 4	 ? value_int(ints[k])
					 : k < 6 ? value_float(k == 4 ? 0.5 : -1e300)
						 : value_bool(k == 6);

			leaves[k] = (struct leaf){v, k < 4   ? t->integer
						     : k < 6 ? t->floating
							     : t->boolean};
		}
		add_def();
		if (!agree(i * 2654435761u)) {
			bad++;
			printf("# tree %u\n", i);
		}
		end();
	}
	is_int(bad, 0, "code, tree and folded value of 3000 random trees agree");
}

int main(void)
{
	test_folding();
	test_reports();
	test_size_limits();
	test_inputs();
	test_short_circuit();
	test_result_type();
	test_def();
	test_random();
	return done_testing();
}
