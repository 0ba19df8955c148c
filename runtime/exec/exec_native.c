/* native = "lib:symbol": C functions, each call in a process of its own or, trusted, in
 * this one. */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "runtime/base/limits.h"
#include "runtime/base/map.h"
#include "runtime/exec/exec_int.h"
#include "runtime/exec/native_host.h"
#include "runtime/exec/native_task.h"
#include "runtime/value/json.h"

/* The signature */

static enum native_kind kind_of(const struct type *t)
{
	switch (type_strip(t)->kind) {
	case TYPE_INT:
	case TYPE_DURATION:
	case TYPE_SIZE:
		return NATIVE_INT;
	case TYPE_FLOAT:
	case TYPE_METRIC:
		return NATIVE_FLOAT;
	case TYPE_BOOL:
		return NATIVE_BOOL;
	case TYPE_LIST:
		return type_holds_artifacts(t) ? NATIVE_PATHS : NATIVE_TEXT;
	default:
		return NATIVE_TEXT;
	}
}

/* Text that travels as it is, not as JSON. */
static bool is_plain_text(const struct type *t)
{
	enum type_kind kind = type_strip(t)->kind;

	return kind == TYPE_STR || kind == TYPE_ENUM;
}

/* What goes in */

static void set_paths(struct exec *e, const struct exec_input *in,
		      struct native_value *out)
{
	size_t n = in->value.kind == VALUE_LIST ? in->value.list->n : 0;
	const char **paths = ARENA_ARRAY(&e->scratch, n + 1, const char *);

	for (size_t i = 0; i < n; i++)
		paths[i] = arena_printf(&e->scratch, "%.*s/%zu", STR_ARG(in->path), i).p;
	out->paths = paths;
	out->npaths = (int64_t)n;
}

static const char *json_word(struct exec *e, struct value v)
{
	struct buf text = {0};
	const char *word;

	json_write(v, &text);
	word = exec_word(e, buf_str(&text));
	buf_release(&text);
	return word;
}

static int set_text(struct exec *e, const struct exec_input *in, struct native_value *out,
		    struct err *err)
{
	if (type_holds_artifacts(in->type)) {
		out->text = exec_word(e, in->path);
	} else if (is_plain_text(in->type) && in->value.kind == VALUE_STR) {
		if (in->value.s->n && memchr(in->value.s->p, '\0', in->value.s->n))
			return err_set(err, "the value of '%.*s' holds a NUL byte, which "
				       "a text of C cannot", STR_ARG(in->name));
		out->text = exec_word(e, *in->value.s);
	} else {
		out->text = json_word(e, in->value);
	}
	return 0;
}

static int set_input(struct exec *e, const struct exec_input *in, enum native_kind kind,
		     struct native_value *out, struct err *err)
{
	/* None of a `json` that may not be absent is the text null. */
	out->is_none = in->value.kind == VALUE_NONE &&
		       (in->type->kind == TYPE_OPT || kind != NATIVE_TEXT);
	if (out->is_none)
		return 0;
	switch (kind) {
	case NATIVE_INT:
		out->i = in->value.i;
		return 0;
	case NATIVE_FLOAT:
		out->f = in->value.kind == VALUE_INT ? (double)in->value.i : in->value.f;
		return 0;
	case NATIVE_BOOL:
		out->b = in->value.b;
		return 0;
	case NATIVE_PATHS:
		set_paths(e, in, out);
		return 0;
	default:
		return set_text(e, in, out, err);
	}
}

static void set_output(struct exec *e, const struct exec_output *o, struct native_task *t,
		       struct native_arg *arg, struct native_value *out)
{
	if (type_strip(o->type)->kind == TYPE_SERIES) {
		t->series[t->nseries++] = (struct native_series){
			o->name, exec_value_path(e, o).p};
		return;
	}
	*arg = (struct native_arg){.name = o->name, .kind = kind_of(o->type)};
	if (type_holds_artifacts(o->type)) {
		out->text = exec_path(e, exec_output_path(o, &e->scratch).p).p;
	} else {
		arg->is_output = true;
		arg->is_optional = o->type->kind == TYPE_OPT;
	}
	t->sig.n++;
}

static int fill_task(struct exec *e, struct native_task *t, struct err *err)
{
	const struct exec_spec *s = e->spec;
	size_t n = (size_t)s->ninputs + s->noutputs;
	struct native_arg *args = ARENA_ARRAY(&e->scratch, n, struct native_arg);

	*t = (struct native_task){
		.library = exec_word(e, s->code),
		.symbol = exec_word(e, s->entry),
		.sig = {.args = args, .n = s->ninputs, .has_ctx = e->nseries > 0},
		.values = ARENA_ARRAY(&e->scratch, n, struct native_value),
		.series = ARENA_ARRAY(&e->scratch, s->noutputs, struct native_series),
		.stage_fd = -1,
	};
	for (uint32_t i = 0; i < s->ninputs; i++) {
		const struct exec_input *in = &s->inputs[i];

		args[i] = (struct native_arg){in->name, kind_of(in->type), false,
					      in->type->kind == TYPE_OPT};
		if (set_input(e, in, args[i].kind, &t->values[i], err))
			return -1;
	}
	for (uint32_t i = 0; i < s->noutputs; i++)
		set_output(e, &s->outputs[i], t, &args[t->sig.n], &t->values[t->sig.n]);
	return 0;
}

/* A process of its own */

static void add_value(struct buf *b, const struct native_arg *arg,
		      const struct native_value *v)
{
	if (arg->is_output || v->is_none) {
		buf_addz(b, "null");
	} else if (arg->kind == NATIVE_INT) {
		buf_addf(b, "%lld", (long long)v->i);
	} else if (arg->kind == NATIVE_FLOAT) {
		json_write(value_float(v->f), b);
	} else if (arg->kind == NATIVE_BOOL) {
		buf_addz(b, v->b ? "true" : "false");
	} else if (arg->kind == NATIVE_TEXT) {
		buf_add_json(b, str_of(v->text));
	} else {
		buf_addc(b, '[');
		for (int64_t i = 0; i < v->npaths; i++) {
			buf_addz(b, i ? ", " : "");
			buf_add_json(b, str_of(v->paths[i]));
		}
		buf_addc(b, ']');
	}
}

static void add_task(struct buf *b, const struct native_task *t)
{
	buf_addc(b, '{');
	json_put_str(b, "library", str_of(t->library));
	json_put_str(b, "symbol", str_of(t->symbol));
	json_put_key(b, "args");
	buf_addc(b, '[');
	for (uint32_t i = 0; i < t->sig.n; i++) {
		const struct native_arg *arg = &t->sig.args[i];

		buf_addz(b, i ? ",\n[" : "[");
		buf_add_json(b, arg->name);
		buf_addf(b, ", %d, %s, %s, ", arg->kind,
			 arg->is_output ? "true" : "false",
			 arg->is_optional ? "true" : "false");
		add_value(b, arg, &t->values[i]);
		buf_addc(b, ']');
	}
	buf_addc(b, ']');
	json_put_key(b, "series");
	buf_addc(b, '[');
	for (uint32_t i = 0; i < t->nseries; i++) {
		buf_addz(b, i ? ", [" : "[");
		buf_add_json(b, t->series[i].name);
		buf_addz(b, ", ");
		buf_add_json(b, str_of(t->series[i].path));
		buf_addc(b, ']');
	}
	buf_addz(b, "]}\n");
}

int exec_native_command(struct exec *e, struct command *c, struct err *err)
{
	struct native_task t;
	struct buf b = {0};
	int rc;

	if (fill_task(e, &t, err))
		return -1;
	add_task(&b, &t);
	rc = exec_put_task(e, buf_str(&b), err);
	buf_release(&b);
	exec_run_self(e, c, NATIVE_HOST_OPTION);
	return rc;
}

/* What came out */

static int typed_output(struct exec *e, const struct exec_output *o, struct value v,
			struct value *out, struct err *err)
{
	struct value json = v;

	if (kind_of(o->type) == NATIVE_TEXT && v.kind == VALUE_STR &&
	    !is_plain_text(o->type) && json_parse(e->arena, *v.s, &json, err))
		return err_wrap(err, "its text is not JSON");
	return json_to_type(e->arena, json, o->type, out, err);
}

static void take_output(struct exec *e, struct exec_result *r, uint32_t i, struct value v)
{
	const struct exec_output *o = &e->spec->outputs[i];
	struct err err = {0};

	if (typed_output(e, o, v, &r->outputs[i].value, &err))
		exec_fail(e, r, "output '%.*s': %s", STR_ARG(o->name), err.text);
}

/* The process ended in another way than by leaving a result. */
static void collect_death(struct exec *e, struct exec_result *r, char stage)
{
	const char *where =
		stage == NATIVE_LOADING	  ? "while its library was loaded"
		: stage == NATIVE_CALLING ? "in its function"
		: stage == NATIVE_READING ? "while its outputs were read: are they from "
					    "malloc, with a 0 at the end?"
		: stage == '{'		  ? "after its function had returned"
					  : "before its library was loaded";
	struct str symbol = e->spec->entry;

	if (r->signal == 9)
		exec_fail(e, r, "%.*s: ended by signal 9 (Killed) %s: perhaps it ran "
			  "out of memory", STR_ARG(symbol), where);
	else if (r->signal)
		exec_fail(e, r, "%.*s: ended by signal %d (%s) %s", STR_ARG(symbol),
			  r->signal, strsignal(r->signal), where);
	else
		exec_fail(e, r, "%.*s: it ended the process (exit status %d) %s",
			  STR_ARG(symbol), r->exit_code, where);
}

void exec_native_collect(struct exec *e, struct exec_result *r)
{
	size_t limit = (size_t)LIMIT_VALUE_BYTES * 2 * (e->spec->noutputs + 1);
	struct value result = VALUE_NONE_V;
	const struct value *error, *code, *values, *v;
	char stage;

	if (!exec_read_result(e, limit, &result, &stage) || r->exit_code) {
		collect_death(e, r, stage);
		return;
	}
	error = value_get(result, STR("error"));
	code = value_get(result, STR("code"));
	values = value_get(result, STR("values"));
	if (error && error->kind == VALUE_STR) {
		exec_fail(e, r, "%.*s", STR_ARG(*error->s));
		r->exit_code = code && code->kind == VALUE_INT ? (int)code->i : 0;
		return;
	}
	for (uint32_t i = 0; i < e->spec->noutputs && r->state == EXEC_OK; i++) {
		if (!exec_is_value(&e->spec->outputs[i]))
			continue;
		v = values && values->kind == VALUE_DICT
			? value_get(*values, e->spec->outputs[i].name) : NULL;
		if (v)
			take_output(e, r, i, *v);
		else
			collect_death(e, r, stage);
	}
}

/* In this process */

/* A function that was called before, by library, symbol and signature. */
struct known {
	struct native_sig sig;
	struct native_fn *fn;
};

static struct str call_key(struct exec *e, const struct native_task *t)
{
	struct buf b = {0};
	struct str key;

	buf_addz(&b, t->library);
	buf_addc(&b, '\0');
	buf_addz(&b, t->symbol);
	buf_addc(&b, t->sig.has_ctx);
	for (uint32_t i = 0; i < t->sig.n; i++)
		buf_addf(&b, "%d%c%c", t->sig.args[i].kind,
			 t->sig.args[i].is_output ? 'o' : 'i',
			 t->sig.args[i].is_optional ? '?' : ' ');
	key = arena_str(&e->scratch, buf_str(&b));
	buf_release(&b);
	return key;
}

/* They stay for as long as we live: a library that ran in us cannot be taken out. */
static struct native_fn *find_function(struct exec *e, const struct native_task *t,
				       struct err *err)
{
	static struct arena arena;
	static struct map known;
	struct str key = call_key(e, t);
	struct known *k = map_get(&known, key);

	if (k)
		return k->fn;
	if (!arena.head)
		arena_init(&arena);
	k = ARENA_NEW(&arena, struct known);
	k->sig = t->sig;
	k->sig.args = arena_dup(&arena, t->sig.args, t->sig.n * sizeof *t->sig.args);
	k->fn = native_open(t->library, t->symbol, &k->sig, err);
	if (k->fn)
		map_set(&known, arena_str(&arena, key), k);
	return k->fn;
}

static int check_trusted(const struct exec *e, struct err *err)
{
	if (e->spec->timeout_ms)
		return err_set(err, "it is trusted, and a timeout cannot end what runs "
				    "in kfpc itself: leave out 'timeout' or 'trusted'");
	if (e->spec->nvars)
		return err_set(err, "it is trusted, and kfpc itself cannot take "
				    "environment variables: leave out 'env' or "
				    "'trusted'");
	return 0;
}

void exec_trusted_collect(struct exec *e, struct exec_result *r)
{
	struct native_fn *f = NULL;
	struct native_task t;
	struct value *results;
	struct err err = {0};
	uint32_t k = e->spec->ninputs;

	if (!check_trusted(e, &err) && !fill_task(e, &t, &err))
		f = find_function(e, &t, &err);
	results = ARENA_ARRAY(e->arena, (size_t)k + e->spec->noutputs, struct value);
	if (!f || native_task_call(&t, f, e->arena, results, &r->exit_code, &err)) {
		exec_fail(e, r, "%s", err.text);
		return;
	}
	for (uint32_t i = 0; i < e->spec->noutputs && r->state == EXEC_OK; i++) {
		if (type_strip(e->spec->outputs[i].type)->kind == TYPE_SERIES)
			continue;
		if (exec_is_value(&e->spec->outputs[i]))
			take_output(e, r, i, results[k]);
		k++;
	}
}
