#include <config.h>

#include "runtime/vm/eval.h"

#include "runtime/base/limits.h"
#include "runtime/bc/code.h"
#include "runtime/bc/explain.h"
#include "runtime/bc/tree.h"
#include "runtime/value/arith.h"

enum { STACK_SMALL = 32 };	/* values kept on the C stack */

/* Where a call came from: what its RETURN goes back to. */
struct call {
	const struct site *s;
	const uint8_t *pc;
	const struct value *inputs;
	struct value *locals;
};

/* One evaluation.  Verified code never leaves its bounds, so the loop checks the kinds of
 * values, the steps and the memory they take, and nothing else. */
struct frame {
	const struct module *m;
	const struct site *s;		/* whose code is being run */
	const struct value *inputs;
	struct arena *a;
	size_t bytes_max;	/* a->total_bytes may grow up to here */
	uint64_t steps;		/* left */
	struct err *err;
	bool asserted;		/* it ended with FAIL */
	unsigned ncalls;
	struct call calls[LIMIT_CALL_DEPTH];
};

static int fail_bool(struct frame *f)
{
	return err_setk(f->err, ERR_EVAL, "a condition must be a bool");
}

static int check_memory(struct frame *f)
{
	if (f->a->total_bytes <= f->bytes_max)
		return 0;
	return err_setk(f->err, ERR_EVAL,
			"the expression needs more than %d MiB of memory",
			LIMIT_EVAL_BYTES >> 20);
}

static int spend(struct frame *f, uint64_t steps)
{
	if (steps < f->steps) {
		f->steps -= steps;
		return 0;
	}
	return err_setk(f->err, ERR_EVAL, "the expression takes more than %d steps",
			LIMIT_EVAL_STEPS);
}

static bool is_scalar(struct value v)
{
	return v.kind <= VALUE_FLOAT;
}

/* An operator without a fast path, or on what its fast path is not for. */
static int binary(struct frame *f, enum bc op, struct value *x)
{
	struct value v;

	if ((!is_scalar(x[0]) || !is_scalar(x[1])) &&
	    spend(f, eval_cost(x, 2, f->steps)) < 0)
		return -1;
	if (op_binary((enum op)(op - BC_ADD + OP_ADD), x[0], x[1], f->a, &v, f->err) < 0)
		return -1;
	x[0] = v;
	return check_memory(f);
}

static int unary(struct frame *f, enum bc op, struct value *x)
{
	struct value v;

	if (op_unary((enum op)(op - BC_ADD + OP_ADD), *x, &v, f->err) < 0)
		return -1;
	*x = v;
	return 0;
}

/* Operations that gather values: x is the first, and where the result goes. */
static int gather(struct frame *f, enum bc op, uint32_t operand, struct value *x)
{
	bool walks = op == BC_CALL || op == BC_JOIN;
	uint32_t n = op == BC_CALL ? operand >> 8 : operand;
	struct value v;
	int failed;

	if (spend(f, 1 + (walks ? eval_cost(x, n, f->steps) : n)) < 0)
		return -1;
	switch (op) {
	case BC_LIST:
		failed = op_list(x, operand, f->a, &v, f->err);
		break;
	case BC_DICT:
		failed = op_dict(x, operand, f->a, &v, f->err);
		break;
	case BC_JOIN:
		failed = op_join(x, operand, f->a, &v, f->err);
		break;
	default:
		failed = op_builtin((enum builtin)(operand & 0xff), x, n, f->a, &v,
				    f->err);
	}
	if (failed)
		return -1;
	*x = v;
	return check_memory(f);
}

/* Operations on one value and a name, and the remaining ones. */
static int access(struct frame *f, enum bc op, uint32_t operand, struct value *x)
{
	struct value v;
	int failed;

	if (spend(f, op == BC_FORMAT ? eval_cost(x, 1, f->steps)
				     : eval_cost_index(*x)) < 0)
		return -1;
	if (op == BC_FIELD)
		failed = op_field(*x, *f->m->consts[operand].s, f->a, &v, f->err);
	else if (op == BC_FORMAT)
		failed = op_format_value(*x, *f->m->consts[operand].s, f->a, &v, f->err);
	else
		failed = op_index(x[0], x[1], f->a, &v, f->err);
	if (failed)
		return -1;
	*x = v;
	return check_memory(f);
}

/* The name of the def whose body s is. */
static struct str def_of(const struct frame *f, const struct site *s)
{
	for (uint32_t i = 0; i < f->m->ndefs; i++)
		if (f->m->defs[i].body == s)
			return f->m->defs[i].name;
	return STR("");
}

/* " (in 'f', called at x.kfp:3:4)", for each def that is being evaluated. */
static void add_calls(struct frame *f, struct buf *out)
{
	enum { SHOWN = 3 };
	const struct site *s = f->s;

	for (unsigned k = 0; k < f->ncalls && k < SHOWN; k++) {
		const struct call *from = &f->calls[f->ncalls - 1 - k];
		uint32_t pc = (uint32_t)(from->pc - from->s->code.ops) - 1;
		struct str at = module_loc(f->m, code_loc(from->s, pc), f->a);

		buf_addf(out, "%s'%.*s'", k ? ", in " : " (in ", STR_ARG(def_of(f, s)));
		if (at.n)
			buf_addf(out, " called at %.*s", STR_ARG(at));
		s = from->s;
	}
	if (f->ncalls)
		buf_addz(out, f->ncalls > SHOWN ? ", ...)" : ")");
}

/* The error at pc gets its place, and the calls that led there. */
static int fail_at(struct frame *f, const uint8_t *pc)
{
	struct loc loc = code_loc(f->s, (uint32_t)(pc - f->s->code.ops));
	struct str at = module_loc(f->m, loc, f->a);
	struct buf text = {0};

	if (f->ncalls) {
		buf_addz(&text, f->err->text);
		add_calls(f, &text);
		err_setk(f->err, f->err->kind, "%s", buf_cstr(&text));
		buf_release(&text);
	}
	return at.n ? err_wrap(f->err, "%.*s", STR_ARG(at)) : -1;
}

/* The list that an iteration is making. */
static inline struct value_list *result_of(const struct value *sp)
{
	return (struct value_list *)(uintptr_t)sp[ITER_RESULT - BC_ITER_CELLS].list;
}

/* Values above the lists of an iteration, and the lists, from the top of the stack. */
#define ITER_CELL(sp, cell) ((sp)[ITER_##cell - BC_ITER_CELLS])

/* Puts what the iteration needs above its n lists. */
static int start_iteration(struct frame *f, uint32_t operand, struct value *sp)
{
	uint32_t n = operand & 0xff;
	struct value *made;
	size_t count = SIZE_MAX;

	for (uint32_t k = 1; k <= n; k++) {
		if (sp[-(ptrdiff_t)k].kind != VALUE_LIST)
			return err_setk(f->err, ERR_EVAL,
					"a comprehension goes over a list");
		if (sp[-(ptrdiff_t)k].list->n < count)
			count = sp[-(ptrdiff_t)k].list->n;
	}
	sp += BC_ITER_CELLS;
	ITER_CELL(sp, RESULT) = value_list(f->a, count, &made);
	ITER_CELL(sp, OPERAND) = value_int(operand);
	ITER_CELL(sp, INDEX) = value_int(0);
	ITER_CELL(sp, COUNT) = value_int((int64_t)count);
	result_of(sp)->n = 0;
	return check_memory(f);
}

/* Sets the locals of an iteration over several lists. */
static void set_targets(const struct value *sp, struct value *locals)
{
	uint32_t operand = (uint32_t)ITER_CELL(sp, OPERAND).i, n = operand & 0xff;
	const struct value *lists = sp - BC_ITER_CELLS - n;

	for (uint32_t k = 0; k < n; k++)
		locals[(operand >> 8) + k] = lists[k].list->at[ITER_CELL(sp, INDEX).i];
}

/* The iteration's result in place of all that belongs to it; the new top. */
static struct value *end_iteration(struct value *sp)
{
	struct value result = ITER_CELL(sp, RESULT);

	sp -= BC_ITER_CELLS + (ITER_CELL(sp, OPERAND).i & 0xff);
	*sp++ = result;
	return sp;
}

/* The stack of the callee begins with its locals. */
static struct value *clear_locals(struct value *locals, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		locals[i] = VALUE_NONE_V;
	return locals + n;
}

static int fail_assertion(struct frame *f, struct value message)
{
	f->asserted = true;
	if (message.kind == VALUE_STR)
		return err_setk(f->err, ERR_EVAL, "%.*s",
				(int)(message.s->n < 800 ? message.s->n : 800),
				message.s->p);
	return err_setk(f->err, ERR_EVAL, "an assertion does not hold");
}

#define NEXT goto *labels[*pc++]
#define OPERAND() (operand = bc_operand(pc), pc += BC_OPERAND_BYTES)
#define BOTH(k) (sp[-2].kind == VALUE_##k && sp[-1].kind == VALUE_##k)

#define ARITHMETIC(ID, overflows, sign)                                             \
	do_##ID:                                                                    \
	sp--;                                                                       \
	if (sp[-1].kind == VALUE_INT && sp[0].kind == VALUE_INT &&                  \
	    !overflows(sp[-1].i, sp[0].i, &i)) {                                    \
		sp[-1].i = i;                                                       \
		NEXT;                                                               \
	}                                                                           \
	if (sp[-1].kind == VALUE_FLOAT && sp[0].kind == VALUE_FLOAT) {              \
		sp[-1].f = sp[-1].f sign sp[0].f;                                   \
		NEXT;                                                               \
	}                                                                           \
	if (binary(f, BC_##ID, sp - 1) < 0)                                         \
		return fail_at(f, pc - 1);                                          \
	NEXT;

/* Floats that compare as less, equal or greater are not NaN; `sure` says when to
 * believe the fast path. */
#define COMPARISON(ID, sign, sure)                                                  \
	do_##ID:                                                                    \
	if (BOTH(INT)) {                                                            \
		sp--;                                                               \
		sp[-1] = value_bool(sp[-1].i sign sp[0].i);                         \
		NEXT;                                                               \
	}                                                                           \
	if (BOTH(FLOAT) && (sure)) {                                                \
		sp--;                                                               \
		sp[-1] = value_bool(sp[-1].f sign sp[0].f);                         \
		NEXT;                                                               \
	}                                                                           \
	sp--;                                                                       \
	if (binary(f, BC_##ID, sp - 1) < 0)                                         \
		return fail_at(f, pc - 1);                                          \
	NEXT;

#define ORDERED (sp[-2].f == sp[-2].f && sp[-1].f == sp[-1].f)

#define BINARY(ID)                                                                  \
	do_##ID:                                                                    \
	sp--;                                                                       \
	if (binary(f, BC_##ID, sp - 1) < 0)                                         \
		return fail_at(f, pc - 1);                                          \
	NEXT;

/* Of ints by a positive one; i is the left side. */
#define DIVISION(ID, result)                                                        \
	do_##ID:                                                                    \
	sp--;                                                                       \
	if (sp[-1].kind == VALUE_INT && sp[0].kind == VALUE_INT && sp[0].i > 0) {   \
		i = sp[-1].i;                                                       \
		sp[-1].i = (result);                                                \
		NEXT;                                                               \
	}                                                                           \
	if (binary(f, BC_##ID, sp - 1) < 0)                                         \
		return fail_at(f, pc - 1);                                          \
	NEXT;

#define UNARY(ID)                                                                   \
	do_##ID:                                                                    \
	if (unary(f, BC_##ID, sp - 1) < 0)                                          \
		return fail_at(f, pc - 1);                                          \
	NEXT;

#define GATHER(ID)                                                                  \
	do_##ID:                                                                    \
	OPERAND();                                                                  \
	sp -= bc_pops(BC_##ID, operand);                                            \
	if (gather(f, BC_##ID, operand, sp++) < 0)                                  \
		return fail_at(f, pc - 1);                                          \
	NEXT;

#define ACCESS(ID)                                                                  \
	do_##ID:                                                                    \
	OPERAND();                                                                  \
	if (access(f, BC_##ID, operand, sp - 1) < 0)                                \
		return fail_at(f, pc - 1);                                          \
	NEXT;

static int run(struct frame *f, struct value *sp, struct value *out)
{
	static const void *const labels[BC_N] = {
#define BC(ID, name, operand, pops, pushes, doc) [BC_##ID] = &&do_##ID,
#include "runtime/bc/ops.def"
#undef BC
	};
	const uint8_t *pc = f->s->code.ops;
	const struct value *inputs = f->inputs, *consts = f->m->consts;
	struct value *locals = sp;
	const struct module_def *d;
	struct value v;
	uint32_t operand;
	int64_t i;

	sp = clear_locals(locals, f->s->code.nlocals);
	NEXT;
do_CONST:
	OPERAND();
	*sp++ = consts[operand];
	NEXT;
do_INPUT:
	OPERAND();
	*sp++ = inputs[operand];
	NEXT;
do_LOCAL:
	OPERAND();
	*sp++ = locals[operand];
	NEXT;
do_SET:
	OPERAND();
	locals[operand] = *--sp;
	NEXT;
	ARITHMETIC(ADD, __builtin_add_overflow, +)
	ARITHMETIC(SUB, __builtin_sub_overflow, -)
	ARITHMETIC(MUL, __builtin_mul_overflow, *)
do_DIV:
	sp--;
	if (sp[-1].kind == VALUE_FLOAT && sp[0].kind == VALUE_FLOAT && sp[0].f != 0) {
		sp[-1].f /= sp[0].f;
		NEXT;
	}
	if (binary(f, BC_DIV, sp - 1) < 0)
		return fail_at(f, pc - 1);
	NEXT;
	DIVISION(FLOORDIV, i / sp[0].i - (i % sp[0].i < 0))
	DIVISION(MOD, i % sp[0].i + (i % sp[0].i < 0 ? sp[0].i : 0))
	BINARY(POW)
	COMPARISON(EQ, ==, true)
	COMPARISON(NE, !=, true)
	COMPARISON(LT, <, ORDERED)
	COMPARISON(LE, <=, ORDERED)
	COMPARISON(GT, >, ORDERED)
	COMPARISON(GE, >=, ORDERED)
	BINARY(IN)
	BINARY(NOT_IN)
	UNARY(NEG)
	UNARY(POS)
	UNARY(NOT)
do_DUP:
	sp[0] = sp[-1];
	sp++;
	NEXT;
do_ROT:
	v = sp[-1];
	sp[-1] = sp[-2];
	sp[-2] = sp[-3];
	sp[-3] = v;
	NEXT;
do_SWAP:
	v = sp[-1];
	sp[-1] = sp[-2];
	sp[-2] = v;
	NEXT;
do_POP:
	sp--;
	NEXT;
do_JUMP:
	OPERAND();
	pc += operand;
	NEXT;
do_ELSE:
	OPERAND();
	sp--;
	if (sp->kind != VALUE_BOOL)
		goto not_bool;
	pc += sp->b ? 0 : operand;
	NEXT;
do_THEN:
	OPERAND();
	sp--;
	if (sp->kind != VALUE_BOOL)
		goto not_bool;
	pc += sp->b ? operand : 0;
	NEXT;
do_AND:
do_OR:
	OPERAND();
	if (sp[-1].kind != VALUE_BOOL)
		goto not_bool;
	if (sp[-1].b == (pc[-1 - BC_OPERAND_BYTES] == BC_OR))
		pc += operand;
	else
		sp--;
	NEXT;
do_INDEX:
	sp--;
	if (access(f, BC_INDEX, 0, sp - 1) < 0)
		return fail_at(f, pc - 1);
	NEXT;
	ACCESS(FIELD)
	GATHER(LIST)
	GATHER(DICT)
	GATHER(JOIN)
	ACCESS(FORMAT)
	GATHER(CALL)
do_TO_FLOAT:
	sp[-1] = value_to_float(f->a, sp[-1]);
	if (check_memory(f) < 0)
		return fail_at(f, pc - 1);
	NEXT;
do_FAIL:
	fail_assertion(f, sp[-1]);
	return fail_at(f, pc - 1);
do_ITER:
	OPERAND();
	if (start_iteration(f, operand, sp) < 0)
		return fail_at(f, pc - 1);
	sp += BC_ITER_CELLS;
	NEXT;
do_STEP:
	OPERAND();
	if (ITER_CELL(sp, COUNT).i) {
		set_targets(sp, locals);
	} else {
		sp = end_iteration(sp);
		pc += operand;
	}
	NEXT;
do_YIELD:
	sp--;
	result_of(sp)->at[result_of(sp)->n++] = *sp;
	NEXT;
do_AGAIN:
	OPERAND();
	i = ++ITER_CELL(sp, INDEX).i;
	if (!f->steps--)
		goto no_steps;
	if (i < ITER_CELL(sp, COUNT).i) {
		set_targets(sp, locals);
		pc -= operand;
	} else {
		sp = end_iteration(sp);
	}
	NEXT;
do_DEF:
	OPERAND();
	if (!f->steps--)
		goto no_steps;
	d = &f->m->defs[operand >> 8];
	f->calls[f->ncalls++] = (struct call){f->s, pc, inputs, locals};
	f->s = d->body;
	pc = d->body->code.ops;
	inputs = sp - (operand & 0xff);
	locals = sp;
	sp = clear_locals(locals, d->body->code.nlocals);
	NEXT;
do_RETURN:
	v = sp[-1];
	if (!f->ncalls) {
		*out = v;
		return 0;
	}
	/* The result goes where the arguments were, which end where the locals begin. */
	sp = locals - f->s->ninputs;
	*sp++ = v;
	f->ncalls--;
	f->s = f->calls[f->ncalls].s;
	pc = f->calls[f->ncalls].pc;
	inputs = f->calls[f->ncalls].inputs;
	locals = f->calls[f->ncalls].locals;
	NEXT;
no_steps:
	f->steps = 0;
	spend(f, 1);
	return fail_at(f, pc - 1);
not_bool:
	fail_bool(f);
	return fail_at(f, pc - 1);
}

/* Code is checked for form, not for types: what it gives is looked at before anyone
 * trusts its kind. */
static int check_type(struct frame *f, struct value v)
{
	struct buf b = {0};

	if (!is_scalar(v) && value_check_weight(v, f->err) < 0)
		return fail_at(f, f->s->code.ops);
	if (value_has_type(v, f->s->type))
		return 0;
	type_print(f->s->type, &b);
	err_setk(f->err, ERR_EVAL, "the result is no %.*s", STR_ARG(buf_str(&b)));
	buf_release(&b);
	return fail_at(f, f->s->code.ops);
}

int eval(const struct module *m, const struct site *s, const struct value *inputs,
	 struct arena *a, struct value *out, struct err *err)
{
	struct value small[STACK_SMALL], *stack = small, v;
	struct frame f;

	f.m = m;
	f.s = s;
	f.inputs = inputs;
	f.a = a;
	f.bytes_max = a->total_bytes + LIMIT_EVAL_BYTES;
	f.steps = LIMIT_EVAL_STEPS;
	f.err = err;
	f.asserted = false;
	f.ncalls = 0;
	if (s->code.frame > STACK_SMALL)
		stack = ARENA_ARRAY(a, s->code.frame, struct value);
	if (run(&f, stack, &v) < 0)
		return f.asserted ? explain_failure(m, s, inputs, err) : -1;
	if (check_type(&f, v) < 0)
		return -1;
	*out = v;
	return 0;
}
