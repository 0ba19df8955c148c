#include <config.h>

#include "runtime/value/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>

#include "runtime/base/limits.h"

static int from_json(struct arena *a, json_t *j, unsigned depth, struct value *out,
		     struct err *err);

static int from_array(struct arena *a, json_t *j, unsigned depth, struct value *out,
		      struct err *err)
{
	struct value *at;

	*out = value_list(a, json_array_size(j), &at);
	for (size_t i = 0; i < out->list->n; i++)
		if (from_json(a, json_array_get(j, i), depth + 1, &at[i], err) < 0)
			return -1;
	return 0;
}

static int from_object(struct arena *a, json_t *j, unsigned depth, struct value *out,
		       struct err *err)
{
	struct value_pair *at;
	const char *key;
	json_t *member;
	size_t i = 0;

	*out = value_dict(a, json_object_size(j), &at);
	json_object_foreach(j, key, member) {
		at[i].key = arena_str(a, str_of(key));
		if (from_json(a, member, depth + 1, &at[i].value, err) < 0)
			return -1;
		i++;
	}
	return 0;
}

static int from_json(struct arena *a, json_t *j, unsigned depth, struct value *out,
		     struct err *err)
{
	struct str s;

	if (depth > LIMIT_NESTING)
		return err_setk(err, ERR_INPUT, "JSON is nested deeper than %d levels",
				LIMIT_NESTING);
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return from_object(a, j, depth, out, err);
	case JSON_ARRAY:
		return from_array(a, j, depth, out, err);
	case JSON_STRING:
		s = (struct str){json_string_value(j), json_string_length(j)};
		*out = value_str(a, s);
		return 0;
	case JSON_INTEGER:
		*out = value_int(json_integer_value(j));
		return 0;
	case JSON_REAL:
		*out = value_float(json_real_value(j));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		*out = value_bool(json_is_true(j));
		return 0;
	case JSON_NULL:
		break;
	}
	*out = VALUE_NONE_V;
	return 0;
}

int json_parse(struct arena *a, struct str text, struct value *out, struct err *err)
{
	json_error_t e;
	struct value v;
	int failed;
	json_t *j;

	/* A byte 0 is never JSON, and jansson takes one for the end. */
	if (text.n && memchr(text.p, 0, text.n))
		return err_setk(err, ERR_INPUT, "a byte 0 in JSON");
	j = json_loadb(text.n ? text.p : "", text.n,
		       JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
	if (!j)
		return err_setk(err, ERR_INPUT, "line %d, column %d: %s", e.line,
				e.column, e.text);
	failed = from_json(a, j, 1, &v, err);
	json_decref(j);
	if (!failed)
		*out = v;
	return failed;
}

/* A writer that knows how deep it is; indent < 0 keeps all on one line. */
struct writer {
	struct buf *out;
	int indent;
};

static void write_value(struct writer *w, struct value v);

static void write_newline(struct writer *w)
{
	if (w->indent < 0)
		return;
	buf_addc(w->out, '\n');
	buf_fill(w->out, ' ', (size_t)w->indent);
}

static void write_open(struct writer *w, char c)
{
	buf_addc(w->out, c);
	if (w->indent >= 0)
		w->indent += 2;
}

static void write_close(struct writer *w, char c, bool was_empty)
{
	if (w->indent >= 0)
		w->indent -= 2;
	if (!was_empty)
		write_newline(w);
	buf_addc(w->out, c);
}

static void write_next(struct writer *w, bool first)
{
	if (!first)
		buf_addz(w->out, w->indent < 0 ? ", " : ",");
	write_newline(w);
}

static void write_key(struct writer *w, struct str key, bool first)
{
	write_next(w, first);
	buf_add_json(w->out, key);
	buf_addz(w->out, ": ");
}

static void write_float(double f, struct buf *out)
{
	if (isnan(f))
		buf_addz(out, "\"NaN\"");
	else if (isinf(f))
		buf_addz(out, f < 0 ? "\"-Infinity\"" : "\"Infinity\"");
	else
		value_print_float(f, out);
}

static void write_list(struct writer *w, const struct value_list *l)
{
	write_open(w, '[');
	for (size_t i = 0; i < l->n; i++) {
		write_next(w, !i);
		write_value(w, l->at[i]);
	}
	write_close(w, ']', !l->n);
}

static void write_dict(struct writer *w, const struct value_dict *d)
{
	write_open(w, '{');
	for (size_t i = 0; i < d->n; i++) {
		write_key(w, d->at[i].key, !i);
		write_value(w, d->at[i].value);
	}
	write_close(w, '}', !d->n);
}

static void write_member(struct writer *w, const char *key, struct str text, bool first)
{
	write_key(w, str_of(key), first);
	buf_add_json(w->out, text);
}

static void write_artifact(struct writer *w, const struct artifact *f)
{
	struct buf type = {0};

	if (f->type)
		type_print(f->type, &type);
	write_open(w, '{');
	write_member(w, "name", f->name, true);
	write_member(w, "type", buf_str(&type), false);
	write_member(w, "uri", f->uri, false);
	write_member(w, "digest", f->digest, false);
	write_key(w, STR("size_bytes"), false);
	buf_addf(w->out, "%lld", (long long)f->size_bytes);
	write_key(w, STR("metadata"), false);
	buf_add(w->out, f->metadata.n ? f->metadata : STR("{}"));
	write_close(w, '}', false);
	buf_release(&type);
}

static void write_series(struct writer *w, const struct series *s)
{
	write_open(w, '{');
	write_key(w, STR("points"), true);
	buf_addf(w->out, "%lld", (long long)s->npoints);
	write_key(w, STR("last"), false);
	write_float(s->last, w->out);
	write_key(w, STR("min"), false);
	write_float(s->min, w->out);
	write_key(w, STR("max"), false);
	write_float(s->max, w->out);
	write_close(w, '}', false);
}

static void write_value(struct writer *w, struct value v)
{
	switch (v.kind) {
	case VALUE_NONE:
		buf_addz(w->out, "null");
		break;
	case VALUE_BOOL:
		buf_addz(w->out, v.b ? "true" : "false");
		break;
	case VALUE_INT:
		buf_addf(w->out, "%lld", (long long)v.i);
		break;
	case VALUE_FLOAT:
		write_float(v.f, w->out);
		break;
	case VALUE_STR:
		buf_add_json(w->out, *v.s);
		break;
	case VALUE_LIST:
		write_list(w, v.list);
		break;
	case VALUE_DICT:
		write_dict(w, v.dict);
		break;
	case VALUE_ARTIFACT:
		write_artifact(w, v.artifact);
		break;
	case VALUE_SERIES:
		write_series(w, v.series);
		break;
	}
}

void json_write(struct value v, struct buf *out)
{
	struct writer w = {out, -1};

	write_value(&w, v);
}

void json_write_pretty(struct value v, struct buf *out)
{
	struct writer w = {out, 0};

	write_value(&w, v);
}

void json_put_key(struct buf *out, const char *name)
{
	if (out->n && out->p[out->n - 1] != '{')
		buf_addc(out, ',');
	buf_addf(out, "\"%s\":", name);
}

void json_put_str(struct buf *out, const char *name, struct str text)
{
	json_put_key(out, name);
	buf_add_json(out, text);
}

void json_put_int(struct buf *out, const char *name, int64_t n)
{
	json_put_key(out, name);
	buf_addf(out, "%" PRId64, n);
}

void json_put_bool(struct buf *out, const char *name, bool yes)
{
	json_put_key(out, name);
	buf_addz(out, yes ? "true" : "false");
}

void json_put_value(struct buf *out, const char *name, struct value v)
{
	json_put_key(out, name);
	json_write(v, out);
}
