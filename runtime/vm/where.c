#include <config.h>

#include "runtime/vm/where.h"

#include <stdlib.h>

#include "runtime/bc/explain.h"
#include "runtime/vm/eval.h"

static const struct value *find_value(const struct where_values *v,
				      const struct input *in)
{
	if (in->kind == INPUT_PARAM)
		return v->known && !v->known[in->index] ? NULL : &v->args[in->index];
	return in->kind == INPUT_OUTPUT && v->results ? &v->results[in->index] : NULL;
}

static int broken(const struct module *m, const struct where_values *v,
		  const struct site *where, const struct value *inputs,
		  const struct input *own, struct err *err)
{
	struct explain_names names = {.params = v->params, .outputs = v->outputs};
	bool param = own->kind == INPUT_PARAM;
	struct arena a = {0};
	struct buf b = {0};

	explain_broken(m, where, inputs, &names, &b);
	if (!b.n)
		buf_addf(&b, "'%.*s' breaks '%.*s'",
			 STR_ARG(param ? v->params[own->index].name
				       : v->outputs[own->index].name),
			 STR_ARG(where->text));
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
		rc = broken(m, v, where, inputs, own, err);
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

/* A walk through a value with structs in it. */
struct walk {
	const struct module *m;
	const struct where_faults *faults;
	struct buf path;
	const struct module_def *last;	/* constructor met last: lists are of one struct */
	bool broken;
};

static void walk(struct walk *w, const struct type *t, struct value v);

static const struct module_def *find_struct(struct walk *w, const struct type *t)
{
	if (!w->last || w->last->result != t)
		w->last = module_struct(w->m, t);
	return w->last;
}

static void add_key(struct walk *w, struct str key)
{
	buf_addc(&w->path, '.');
	buf_add_printable(&w->path, key, false);
}

static void walk_struct(struct walk *w, const struct type *t, struct value v)
{
	const struct module_def *d = find_struct(w, t);
	struct value *args = calloc(t->nmembers + 1, sizeof *args);
	struct where_values values = {.args = args};
	size_t path_n = w->path.n;
	struct err err;

	if (!args)
		err_nomem();
	for (uint32_t i = 0; i < t->nmembers; i++)
		args[i] = v.dict->at[i].value;
	values.params = d ? d->params : NULL;
	for (uint32_t i = 0; i < t->nmembers; i++) {
		add_key(w, t->fields[i].name);
		if (d && where_check_param(w->m, &values, i, &err)) {
			w->faults->tell(w->faults->ctx, buf_str(&w->path), &err);
			w->broken = true;
		}
		walk(w, t->fields[i].type, args[i]);
		w->path.n = path_n;
	}
	free(args);
}

static void walk_elements(struct walk *w, const struct type *t, struct value v)
{
	bool is_list = v.kind == VALUE_LIST;
	size_t path_n = w->path.n, n = is_list ? v.list->n : v.dict->n;

	for (size_t i = 0; i < n; i++) {
		if (is_list)
			buf_addf(&w->path, "[%zu]", i);
		else
			add_key(w, v.dict->at[i].key);
		walk(w, t->elem, is_list ? v.list->at[i] : v.dict->at[i].value);
		w->path.n = path_n;
	}
}

/* May a value of type t hold a struct? */
static bool may_hold_struct(const struct type *t)
{
	while (t->elem)
		t = t->elem;
	return t->kind == TYPE_STRUCT;
}

static void walk(struct walk *w, const struct type *t, struct value v)
{
	t = type_strip(t);
	if (!may_hold_struct(t) || v.kind == VALUE_NONE)
		return;
	if (t->kind == TYPE_STRUCT)
		walk_struct(w, t, v);
	else
		walk_elements(w, t, v);
}

bool where_check_fields(const struct module *m, const struct type *t, struct value v,
			const struct where_faults *faults)
{
	struct walk w = {.m = m, .faults = faults};

	walk(&w, t, v);
	buf_release(&w.path);
	return !w.broken;
}
