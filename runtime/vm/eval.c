#include <config.h>

#include "runtime/vm/eval.h"

#include "runtime/bc/code.h"

enum {
	STACK_SMALL = 32,		/* values kept on the C stack */
	EVAL_BYTES_MAX = 512 << 20,	/* memory that one evaluation may take */
};

/* One evaluation.  Verified code never leaves its bounds, so the loop checks the kinds of
 * values and the memory they take, and nothing else. */
struct frame {
	const struct module *m;
	const struct site *s;
	const struct value *inputs;
	struct arena *a;
	size_t bytes_max;	/* a->total_bytes may grow up to here */
	struct err *err;
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
			EVAL_BYTES_MAX >> 20);
}

/* An operator without a fast path, or on what its fast path is not for. */
static int binary(struct frame *f, enum bc op, struct value *x)
{
	struct value v;

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
	struct value v;
	int failed;

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
		failed = op_builtin((enum builtin)(operand & 0xff), x, operand >> 8, f->a,
				    &v, f->err);
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

/* The error at pc gets its place. */
static int fail_at(struct frame *f, const uint8_t *pc)
{
	struct loc loc = code_loc(f->s, (uint32_t)(pc - f->s->code.ops));

	if (!loc.line || loc.file >= f->m->nfiles)
		return -1;
	return err_wrap(f->err, "%.*s:%u:%u", STR_ARG(f->m->files[loc.file].path),
			loc.line, loc.col);
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
	struct value v;
	uint32_t operand;
	int64_t i;

	NEXT;
do_CONST:
	OPERAND();
	*sp++ = f->m->consts[operand];
	NEXT;
do_INPUT:
	OPERAND();
	*sp++ = f->inputs[operand];
	NEXT;
	ARITHMETIC(ADD, __builtin_add_overflow, +)
	ARITHMETIC(SUB, __builtin_sub_overflow, -)
	ARITHMETIC(MUL, __builtin_mul_overflow, *)
	BINARY(DIV)
	BINARY(FLOORDIV)
	BINARY(MOD)
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
do_RETURN:
	*out = sp[-1];
	return 0;
not_bool:
	fail_bool(f);
	return fail_at(f, pc - 1);
}

/* Code is checked for form, not for types: what it gives is looked at before anyone
 * trusts its kind. */
static int check_type(struct frame *f, struct value v)
{
	struct buf b = {0};

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
	struct frame f = {m, s, inputs, a, a->total_bytes + EVAL_BYTES_MAX, err};
	struct value small[STACK_SMALL], *stack = small, v;

	if (s->code.max_stack > STACK_SMALL)
		stack = ARENA_ARRAY(a, s->code.max_stack, struct value);
	if (run(&f, stack, &v) < 0 || check_type(&f, v) < 0)
		return -1;
	*out = v;
	return 0;
}
