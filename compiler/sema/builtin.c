#include <config.h>

#include "compiler/sema/check.h"

/* The types of the arguments of one call of a built-in, the receiver first. */
struct args {
	struct scope *c;
	const struct node *call;
	const char *name;
	enum builtin f;
	unsigned n;
	const struct type *at[LIMIT_BUILTIN_ARGS];
	const struct node *node[LIMIT_BUILTIN_ARGS];
};

static const struct type *say_arg(struct args *a, unsigned i, const char *wanted)
{
	struct scope *c = a->c;

	if (a->at[i]->kind == TYPE_OPT)
		say_optional(c, a->node[i], false,
			     arena_printf(c->s->parse.arena,
					  "'%s' wants %s, and this may be None",
					  a->name, wanted).p);
	else
		diag(c->s->parse.diags, a->node[i]->span, E0308,
		     "'%s' wants %s, this is %s",
		     a->name, wanted, type_text(c, a->at[i]));
	return c->s->types->error;
}

static bool can_order(const struct type *t)
{
	return type_is_number(t) || t->kind == TYPE_STR || t->kind == TYPE_DURATION ||
	       t->kind == TYPE_SIZE;
}

/* The elements of the one list that is argument 0, if ok says that they will do. */
static const struct type *elements(struct args *a, bool (*ok)(const struct type *t),
				   const char *wanted)
{
	if (a->at[0]->kind != TYPE_LIST || !ok(a->at[0]->elem))
		return say_arg(a, 0, wanted);
	return a->at[0]->elem;
}

/* min and max: of one list, or of several arguments. */
static const struct type *extreme(struct args *a)
{
	const struct type *t = a->at[0];

	if (a->n == 1)
		return elements(a, can_order,
				"a list of numbers or strings, or several values");
	for (unsigned i = 0; i < a->n; i++) {
		const struct type *both = type_join(a->c->s->types, t, a->at[i]);

		if (!both || !can_order(both))
			return say_arg(a, i, "numbers or strings of one type");
		t = both;
	}
	return t;
}

static bool is_bool(const struct type *t)
{
	return t->kind == TYPE_BOOL;
}

static const struct type *aggregate(struct args *a)
{
	struct types *t = a->c->s->types;
	const struct type *elem;

	switch (a->f) {
	case BUILTIN_SUM:
		return elements(a, type_is_number, "a list of numbers");
	case BUILTIN_SORTED:
		if (a->n == 2 && a->at[1]->kind != TYPE_BOOL)
			return say_arg(a, 1, "a bool for 'reverse'");
		elem = elements(a, can_order, "a list of numbers or strings");
		return elem->kind == TYPE_ERROR ? elem : type_list(t, elem);
	case BUILTIN_ANY:
	case BUILTIN_ALL:
		elements(a, is_bool, "a list of bools");
		return t->boolean;
	default:
		elements(a, type_is_number, "a list of numbers");
		return t->integer;
	}
}

static const struct type *numeric(struct args *a)
{
	struct types *t = a->c->s->types;

	if (a->f == BUILTIN_RANGE) {
		for (unsigned i = 0; i < a->n; i++) {
			if (a->at[i]->kind != TYPE_INT)
				return say_arg(a, i, "ints");
		}
		return type_list(t, t->integer);
	}
	if (!type_is_number(a->at[0]))
		return say_arg(a, 0, "a number");
	if (a->f == BUILTIN_ABS)
		return a->at[0]->kind == TYPE_INT ? t->integer : t->floating;
	if (a->n == 2 && a->at[1]->kind != TYPE_INT)
		return say_arg(a, 1, "an int of digits");
	return a->n == 1 || a->at[0]->kind == TYPE_INT ? t->integer : t->floating;
}

static bool is_scalar(const struct type *t)
{
	return type_is_number(t) || t->kind == TYPE_STR || t->kind == TYPE_BOOL ||
	       t->kind == TYPE_JSON;
}

static const struct type *conversion(struct args *a)
{
	struct types *t = a->c->s->types;
	const struct type *from = a->at[0];
	bool is_file = type_holds_artifacts(from) || from->kind == TYPE_SERIES;

	if (is_file)
		return say_arg(a, 0, "a value");
	switch (a->f) {
	case BUILTIN_INT:
		return is_scalar(from) || from->kind == TYPE_DURATION ||
		       from->kind == TYPE_SIZE
			       ? t->integer
			       : say_arg(a, 0, "a number, a bool or a str");
	case BUILTIN_FLOAT:
		return is_scalar(from) ? t->floating
				       : say_arg(a, 0, "a number, a bool or a str");
	case BUILTIN_STR:
		return t->string;
	case BUILTIN_BOOL:
		return t->boolean;
	default:
		return t->json;
	}
}

static const struct type *length(struct args *a)
{
	enum type_kind k = a->at[0]->kind;

	if (k != TYPE_LIST && k != TYPE_DICT && k != TYPE_STR && k != TYPE_JSON)
		return say_arg(a, 0, "a list, a dict or a str");
	return a->c->s->types->integer;
}

static const struct type *method(struct args *a)
{
	struct types *t = a->c->s->types;
	const struct type *strings = type_list(t, t->string);

	for (unsigned i = 1; i < a->n; i++) {
		if (a->f == BUILTIN_JOIN && a->at[i] != strings)
			return say_arg(a, i, "a list of strs");
		if (a->f != BUILTIN_JOIN && a->at[i]->kind != TYPE_STR)
			return say_arg(a, i, "a str");
	}
	if (a->f == BUILTIN_SPLIT)
		return strings;
	if (a->f == BUILTIN_STARTSWITH || a->f == BUILTIN_ENDSWITH)
		return t->boolean;
	return a->f == BUILTIN_FIND || a->f == BUILTIN_COUNT ? t->integer : t->string;
}

/* get(): the type of the values, which may be missing without a default. */
static const struct type *get(struct args *a)
{
	struct types *t = a->c->s->types;
	const struct type *elem = a->at[0]->elem, *both;

	if (a->at[1]->kind != TYPE_STR)
		return say_arg(a, 1, "a str");
	if (a->n == 2)
		return elem->kind == TYPE_JSON ? elem : type_opt(t, elem);
	both = type_join(t, elem, a->at[2]);
	return both ? both : say_arg(a, 2, type_text(a->c, elem));
}

/* Methods of list and dict. */
static const struct type *collection(struct args *a)
{
	struct types *t = a->c->s->types;

	switch (a->f) {
	case BUILTIN_GET:
		return get(a);
	case BUILTIN_KEYS:
		return type_list(t, t->string);
	case BUILTIN_VALUES:
		return type_list(t, a->at[0]->elem);
	default:
		if (!type_join(t, a->at[0]->elem, a->at[1]))
			return say_arg(a, 1, type_text(a->c, a->at[0]->elem));
		return t->integer;
	}
}

static const struct type *result_type(struct args *a)
{
	switch (a->f) {
	case BUILTIN_LEN:
		return length(a);
	case BUILTIN_MIN:
	case BUILTIN_MAX:
		return extreme(a);
	case BUILTIN_SUM:
	case BUILTIN_SORTED:
	case BUILTIN_ANY:
	case BUILTIN_ALL:
	case BUILTIN_ARGMAX:
	case BUILTIN_ARGMIN:
		return aggregate(a);
	case BUILTIN_RANGE:
	case BUILTIN_ABS:
	case BUILTIN_ROUND:
		return numeric(a);
	case BUILTIN_INT:
	case BUILTIN_FLOAT:
	case BUILTIN_STR:
	case BUILTIN_BOOL:
	case BUILTIN_JSON:
		return conversion(a);
	case BUILTIN_UPPER:
	case BUILTIN_LOWER:
	case BUILTIN_STRIP:
	case BUILTIN_SPLIT:
	case BUILTIN_JOIN:
	case BUILTIN_REPLACE:
	case BUILTIN_STARTSWITH:
	case BUILTIN_ENDSWITH:
	case BUILTIN_LSTRIP:
	case BUILTIN_RSTRIP:
	case BUILTIN_REMOVEPREFIX:
	case BUILTIN_REMOVESUFFIX:
	case BUILTIN_FIND:
	case BUILTIN_COUNT:
		return method(a);
	case BUILTIN_LIST_INDEX:
	case BUILTIN_LIST_COUNT:
	case BUILTIN_GET:
	case BUILTIN_KEYS:
	case BUILTIN_VALUES:
		return collection(a);
	case BUILTIN_N:
		break;
	}
	return a->c->s->types->error;
}

static bool say_arity(struct args *a, unsigned given)
{
	bool is_method = strchr(builtin_name(a->f), '.') != NULL;
	unsigned least, most;

	builtin_arity(a->f, &least, &most);
	least -= is_method;
	most -= is_method;
	if (given >= least && given <= most)
		return false;
	if (least == most)
		diag(a->c->s->parse.diags, a->call->span, E0404,
		     "'%s' takes %u argument%s, not %u", a->name, least,
		     least == 1 ? "" : "s",
		     given);
	else
		diag(a->c->s->parse.diags, a->call->span, E0404,
		     "'%s' takes from %u to %u arguments, not %u", a->name, least, most,
		     given);
	return true;
}

/* The value of an argument; len() counts a list of tasks too. */
static const struct type *check_counted(struct args *a, struct node *value)
{
	struct result r;

	if (a->f != BUILTIN_LEN)
		return check_value(a->c, value,
				   a->f == BUILTIN_JSON ? a->c->s->types->json : NULL);
	r = check_operand(a->c, value, NULL, false);
	if (r.kind == RESULT_TASK && r.lists && r.nouts)
		return r.outs[0].type;
	return value->type = result_value(a->c, value, r);
}

/* sorted(xs, reverse=True) is the one argument that has a name, and has to. */
static bool check_name(struct args *a, const struct node *arg)
{
	bool is_reverse = a->f == BUILTIN_SORTED && a->n == 1;
	struct diag *d;

	if (is_reverse && arg->arg.name && !strcmp(arg->arg.name->s, "reverse"))
		return true;
	if (is_reverse && !arg->arg.name) {
		d = diag(a->c->s->parse.diags, arg->span, E0404,
			 "the order of 'sorted' is given by name");
		diag_fix(d, (struct span){arg->span.lo, arg->span.lo}, STR("reverse="),
			 "write reverse=...");
		return false;
	}
	if (!arg->arg.name)
		return true;
	d = diag(a->c->s->parse.diags, arg->arg.name_at, E0404,
		 "arguments of '%s' have no names", a->name);
	if (!strcmp(arg->arg.name->s, "key"))
		diag_label(d, "sort a list of the keys, or take the element of argmin()");
	return false;
}

/* Checks the arguments into a; false if one is not right. */
static bool collect(struct args *a, struct node *call)
{
	bool ok = true;

	list_each(arg, &call->call.args) {
		const struct type *t;

		if (arg->kind != AST_ARG) {
			ok = false;
			continue;
		}
		ok = check_name(a, arg) && ok;
		t = check_counted(a, arg->arg.value);
		if (a->n < LIMIT_BUILTIN_ARGS) {
			a->node[a->n] = arg->arg.value;
			a->at[a->n++] = t;
		}
		ok = ok && t->kind != TYPE_ERROR;
	}
	return ok;
}

const struct type *check_builtin(struct scope *c, struct node *call, enum builtin f,
				 struct node *receiver)
{
	struct args a = {.c = c, .call = call, .f = f, .name = builtin_name(f)};
	const char *dot = strchr(a.name, '.');
	bool ok;

	a.name = dot ? dot + 1 : a.name;
	if (receiver) {
		a.node[0] = receiver;
		a.at[a.n++] = receiver->type;
	}
	ok = collect(&a, call);
	if (say_arity(&a, call->call.args.n) || !ok)
		return c->s->types->error;
	return result_type(&a);
}
