#include <config.h>

#include "runtime/vm/where.h"

#include "runtime/vm/eval.h"

static const struct value *find_value(const struct where_values *v,
				      const struct input *in)
{
	if (in->kind == INPUT_PARAM)
		return v->known && !v->known[in->index] ? NULL : &v->args[in->index];
	return in->kind == INPUT_OUTPUT && v->results ? &v->results[in->index] : NULL;
}

static void add_value(struct buf *b, struct str name, const struct type *type,
		      struct value v)
{
	enum { SHOWN = 200 };	/* bytes of a value that a message shows */
	struct buf text = {0};

	value_print_literal(v, type, &text);
	buf_addf(b, "'%.*s' is %.*s%s", STR_ARG(name),
		 (int)(text.n > SHOWN ? SHOWN : text.n), text.n ? text.p : "",
		 text.n > SHOWN ? "..." : "");
	buf_release(&text);
}

/* "'hi' is 1, 'lo' is 3": own first, then the others that the constraint looks at. */
static void add_parts(struct buf *b, const struct where_values *v,
		      const struct site *where, const struct input *own)
{
	for (uint32_t i = 0; i < where->ninputs; i++) {
		const struct input *in = &where->inputs[i];
		bool param = in->kind == INPUT_PARAM;

		if (in->kind == own->kind && in->index == own->index)
			continue;
		buf_addz(b, ", ");
		add_value(b,
			  param ? v->params[in->index].name : v->outputs[in->index].name,
			  param ? v->params[in->index].type : v->outputs[in->index].type,
			  *find_value(v, in));
	}
}

static int broken(const struct module *m, const struct where_values *v,
		  const struct site *where, const struct input *own, struct err *err)
{
	struct arena a = {0};
	struct buf b = {0};
	bool param = own->kind == INPUT_PARAM;

	add_value(&b, param ? v->params[own->index].name : v->outputs[own->index].name,
		  param ? v->params[own->index].type : v->outputs[own->index].type,
		  *find_value(v, own));
	add_parts(&b, v, where, own);
	buf_addf(&b, ", which breaks '%.*s'", STR_ARG(where->text));
	if (where->loc.line)
		buf_addf(&b, " (%.*s)", STR_ARG(module_loc(m, where->loc, &a)));
	err_setk(err, ERR_EVAL, "%s", buf_cstr(&b));
	buf_release(&b);
	arena_release(&a);
	return -1;
}

static int check(const struct module *m, const struct where_values *v,
		 const struct site *where, const struct input *own, struct err *err)
{
	const struct value *found;
	struct value result, *inputs;
	struct arena a;
	int rc = 0;

	if (!where || find_value(v, own)->kind == VALUE_NONE)
		return 0;
	arena_init(&a);
	inputs = ARENA_ARRAY(&a, where->ninputs + 1, struct value);
	for (uint32_t i = 0; i < where->ninputs; i++) {
		found = find_value(v, &where->inputs[i]);
		if (!found)
			goto out;
		inputs[i] = *found;
	}
	rc = eval(m, where, inputs, &a, &result, err);
	if (!rc && !result.b)
		rc = broken(m, v, where, own, err);
out:
	arena_release(&a);
	return rc;
}

int where_check_param(const struct module *m, const struct where_values *v, uint32_t i,
		      struct err *err)
{
	struct input own = {INPUT_PARAM, i, 0};

	if (v->known && !v->known[i])
		return 0;
	return check(m, v, v->params[i].where, &own, err);
}

int where_check_output(const struct module *m, const struct where_values *v, uint32_t i,
		       struct err *err)
{
	struct input own = {INPUT_OUTPUT, i, 0};

	return check(m, v, v->outputs[i].where, &own, err);
}
