/* JSON, and what people type, as values of a type. */
#include <config.h>

#include <math.h>

#include "runtime/base/diag.h"
#include "runtime/base/utf8.h"
#include "runtime/value/json.h"
#include "runtime/value/number.h"

struct conv {
	struct arena *a;
	struct buf path;	/* ".grid[2]" */
	struct err *err;	/* of the first fault, where faults is NULL */
	const struct json_faults *faults;
	unsigned nfaults;
	struct str meant;	/* the field that the last misspelled one stands for */
};

static int to_type(struct conv *c, struct value v, const struct type *t,
		   struct value *out);

static const char *kind_word(enum value_kind k)
{
	static const char *const words[] = {
		[VALUE_NONE] = "null",	     [VALUE_BOOL] = "a bool",
		[VALUE_INT] = "an int",	     [VALUE_FLOAT] = "a float",
		[VALUE_STR] = "a string",    [VALUE_LIST] = "a list",
		[VALUE_DICT] = "an object",  [VALUE_ARTIFACT] = "an artifact",
		[VALUE_SERIES] = "a series",
	};

	return words[k];
}

static void add_shortened(struct buf *out, struct value v)
{
	struct buf text = {0};
	size_t n = 40;

	json_write(v, &text);
	if (text.n <= n) {
		buf_add(out, buf_str(&text));
	} else {
		while (n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
			n--;
		buf_add(out, str_sub(buf_str(&text), 0, n));
		buf_addz(out, "...");
	}
	buf_release(&text);
}

/* "in .grid[2]: " before the message, where the fault is not the whole value. */
static int fail(struct conv *c, struct str text)
{
	c->nfaults++;
	if (c->faults) {
		c->faults->tell(c->faults->ctx, buf_str(&c->path), text);
		return -1;
	}
	if (!c->path.n)
		return err_setk(c->err, ERR_INPUT, "%.*s", STR_ARG(text));
	return err_setk(c->err, ERR_INPUT, "in %.*s: %.*s", STR_ARG(buf_str(&c->path)),
			STR_ARG(text));
}

static int fail_wanted(struct conv *c, struct value v, const struct type *t)
{
	struct buf b = {0};

	buf_addz(&b, "wanted ");
	type_print(t, &b);
	buf_addf(&b, ", found %s", kind_word(v.kind));
	if (v.kind == VALUE_BOOL || v.kind == VALUE_INT || v.kind == VALUE_FLOAT ||
	    v.kind == VALUE_STR) {
		buf_addc(&b, ' ');
		add_shortened(&b, v);
	}
	fail(c, buf_str(&b));
	buf_release(&b);
	return -1;
}

static bool float_word(struct value v, double *f)
{
	if (v.kind != VALUE_STR)
		return false;
	if (str_is(*v.s, "NaN"))
		*f = (double)NAN;
	else if (str_is(*v.s, "Infinity"))
		*f = HUGE_VAL;
	else if (str_is(*v.s, "-Infinity"))
		*f = -HUGE_VAL;
	else
		return false;
	return true;
}

static int to_float(struct conv *c, struct value v, const struct type *t,
		    struct value *out)
{
	double f;

	if (v.kind == VALUE_INT)
		f = (double)v.i;
	else if (v.kind == VALUE_FLOAT)
		f = v.f;
	else if (!float_word(v, &f))
		return fail_wanted(c, v, t);
	*out = value_float(f);
	return 0;
}

/* Is there no sense in going on after a part has failed? */
static bool is_over(const struct conv *c)
{
	return !c->faults || c->nfaults >= JSON_FAULTS_MAX;
}

static int to_list(struct conv *c, struct value v, const struct type *t,
		   struct value *out)
{
	size_t path_n = c->path.n;
	struct value *at;
	int failed = 0;

	if (v.kind != VALUE_LIST)
		return fail_wanted(c, v, t);
	*out = value_list(c->a, v.list->n, &at);
	for (size_t i = 0; i < v.list->n; i++) {
		buf_addf(&c->path, "[%zu]", i);
		failed |= to_type(c, v.list->at[i], t->elem, &at[i]);
		c->path.n = path_n;
		if (failed && is_over(c))
			break;
	}
	return failed;
}

static void path_add(struct conv *c, struct str key)
{
	buf_addc(&c->path, '.');
	buf_add_printable(&c->path, key, false);
}

static int to_dict(struct conv *c, struct value v, const struct type *t,
		   struct value *out)
{
	size_t path_n = c->path.n;
	struct value_pair *at;
	int failed = 0;

	if (v.kind != VALUE_DICT)
		return fail_wanted(c, v, t);
	*out = value_dict(c->a, v.dict->n, &at);
	for (size_t i = 0; i < v.dict->n; i++) {
		path_add(c, v.dict->at[i].key);
		at[i].key = v.dict->at[i].key;
		failed |= to_type(c, v.dict->at[i].value, t->elem, &at[i].value);
		c->path.n = path_n;
		if (failed && is_over(c))
			break;
	}
	return failed;
}

/* "'rfb' is not one of linear, rbf, poly; did you mean 'rbf'?" */
static int fail_member(struct conv *c, struct str got, const struct type *t)
{
	struct suggestion s = {.wanted = got};
	struct buf b = {0};

	buf_addc(&b, '\'');
	buf_add_printable(&b, str_sub(got, 0, 60), false);
	buf_addf(&b, "' is no %.*s; it is one of ", STR_ARG(t->name));
	for (uint32_t i = 0; i < t->nmembers; i++) {
		buf_addf(&b, "%s%.*s", i ? ", " : "", STR_ARG(t->members[i].name));
		suggest(&s, t->members[i].name);
	}
	if (s.best.n)
		buf_addf(&b, "; did you mean '%.*s'?", STR_ARG(s.best));
	fail(c, buf_str(&b));
	buf_release(&b);
	return -1;
}

static int to_member(struct conv *c, struct str name, const struct type *t,
		     struct value *out)
{
	const struct type_member *m = type_member(t, name);

	for (uint32_t i = 0; i < t->nmembers; i++)
		if (str_eq(t->members[i].wire, name))
			m = &t->members[i];
	if (!m)
		return fail_member(c, name, t);
	*out = value_str(c->a, m->wire);
	return 0;
}

static const struct type_field *find_field(const struct type *t, struct str name)
{
	for (uint32_t i = 0; i < t->nmembers; i++)
		if (str_eq(t->fields[i].name, name))
			return &t->fields[i];
	return NULL;
}

static int fail_unknown_field(struct conv *c, struct str key, const struct type *t)
{
	struct suggestion s = {.wanted = key};
	struct buf b = {0};

	for (uint32_t i = 0; i < t->nmembers; i++)
		suggest(&s, t->fields[i].name);
	buf_addf(&b, "%.*s has no field '", STR_ARG(t->name));
	buf_add_printable(&b, str_sub(key, 0, 60), false);
	buf_addc(&b, '\'');
	if (s.best.n)
		buf_addf(&b, "; did you mean '%.*s'?", STR_ARG(s.best));
	c->meant = s.best;
	fail(c, buf_str(&b));
	buf_release(&b);
	return -1;
}

static int to_field(struct conv *c, struct value v, const struct type *t, uint32_t i,
		    struct value *out)
{
	const struct type_field *f = &t->fields[i];
	const struct value *given = value_get(v, f->name);
	size_t path_n = c->path.n;
	struct buf b = {0};
	int failed;

	if (!given && type_default(t, i)) {
		*out = *type_default(t, i);
		return 0;
	}
	if (!given && f->type->kind == TYPE_OPT) {
		*out = VALUE_NONE_V;
		return 0;
	}
	if (!given && str_eq(c->meant, f->name))
		return -1;
	if (!given) {
		buf_addf(&b, "the field '%.*s' of %.*s is missing", STR_ARG(f->name),
			 STR_ARG(t->name));
		fail(c, buf_str(&b));
		buf_release(&b);
		return -1;
	}
	path_add(c, f->name);
	failed = to_type(c, *given, f->type, out);
	c->path.n = path_n;
	return failed;
}

static int to_struct(struct conv *c, struct value v, const struct type *t,
		     struct value *out)
{
	struct value_pair *at;
	struct str meant;
	int failed = 0;

	if (v.kind != VALUE_DICT)
		return fail_wanted(c, v, t);
	c->meant = STR("");
	for (size_t i = 0; i < v.dict->n && !(failed && is_over(c)); i++)
		if (!find_field(t, v.dict->at[i].key))
			failed |= fail_unknown_field(c, v.dict->at[i].key, t);
	meant = c->meant;
	*out = value_dict(c->a, t->nmembers, &at);
	for (uint32_t i = 0; i < t->nmembers && !(failed && is_over(c)); i++) {
		at[i].key = t->fields[i].name;
		c->meant = meant;
		failed |= to_field(c, v, t, i, &at[i].value);
	}
	return failed;
}

/* A number of seconds or bytes, or as a program writes it. */
static int to_quantity(struct conv *c, struct value v, const struct type *t,
		       struct value *out)
{
	bool is_time = t->kind == TYPE_DURATION;
	int64_t n;

	if (v.kind == VALUE_INT) {
		*out = v;
		return 0;
	}
	if (v.kind != VALUE_STR ||
	    !number_quantity(*v.s, is_time ? NUMBER_DURATION : NUMBER_SIZE, &n))
		return fail_wanted(c, v, t);
	*out = value_int(n);
	return 0;
}

static int to_type(struct conv *c, struct value v, const struct type *t,
		   struct value *out)
{
	switch (t->kind) {
	case TYPE_OPT:
		if (v.kind != VALUE_NONE)
			return to_type(c, v, t->elem, out);
		*out = v;
		return 0;
	case TYPE_FLOAT:
	case TYPE_METRIC:
		return to_float(c, v, t, out);
	case TYPE_LIST:
		return to_list(c, v, t, out);
	case TYPE_DICT:
		return to_dict(c, v, t, out);
	case TYPE_STRUCT:
		return to_struct(c, v, t, out);
	case TYPE_DURATION:
	case TYPE_SIZE:
		return to_quantity(c, v, t, out);
	case TYPE_ENUM:
		return v.kind == VALUE_STR ? to_member(c, *v.s, t, out)
					   : fail_wanted(c, v, t);
	default:
		if (!value_has_type(v, t))
			return fail_wanted(c, v, t);
		*out = v;
		return 0;
	}
}

int json_to_type(struct arena *a, struct value json, const struct type *t,
		 struct value *out,
		 struct err *err)
{
	struct conv c = {.a = a, .err = err};
	struct value v;
	int failed = to_type(&c, json, t, &v);

	buf_release(&c.path);
	if (!failed)
		*out = v;
	return failed;
}

int json_to_type_all(struct arena *a, struct value json, const struct type *t,
		     struct value *out, const struct json_faults *faults)
{
	struct conv c = {.a = a, .faults = faults};
	struct value v;
	int failed = to_type(&c, json, t, &v);

	buf_release(&c.path);
	if (!failed)
		*out = v;
	return failed ? -1 : 0;
}

static int fail_typed(struct err *err, const char *wanted, struct str text)
{
	struct buf b = {0};

	buf_add_printable(&b, str_sub(text, 0, 60), false);
	err_setk(err, ERR_INPUT, "wanted %s, found '%.*s'%s", wanted,
		 STR_ARG(buf_str(&b)), text.n > 60 ? "..." : "");
	buf_release(&b);
	return -1;
}

static int cli_bool(struct str text, struct value *out, struct err *err)
{
	bool yes = str_is(text, "true") || str_is(text, "True") || str_is(text, "on");

	if (!yes && !str_is(text, "false") && !str_is(text, "False") &&
	    !str_is(text, "off"))
		return fail_typed(err, "true or false", text);
	*out = value_bool(yes);
	return 0;
}

static int cli_number(struct str text, const struct type *t, struct value *out,
		      struct err *err)
{
	int64_t i = 0;
	double f = 0;
	bool good = true;

	switch (t->kind) {
	case TYPE_INT:
		good = number_int(text, &i);
		break;
	case TYPE_DURATION:
		if (!number_quantity(text, NUMBER_DURATION, &i))
			return fail_typed(err, "a duration such as 30s, 10m or 1h30m",
					  text);
		break;
	case TYPE_SIZE:
		if (!number_quantity(text, NUMBER_SIZE, &i))
			return fail_typed(err, "a size such as 512MiB, 8GiB or 2GB",
					  text);
		break;
	default:
		if (!number_float(text, &f))
			return fail_typed(err, "a float", text);
		*out = value_float(f);
		return 0;
	}
	if (!good)
		return fail_typed(err, "an int of 64 bits", text);
	*out = value_int(i);
	return 0;
}

/* A member by name, by wire form, or as a program names it: Kernel.rbf. */
static int cli_member(struct arena *a, struct str text, const struct type *t,
		      struct value *out, struct err *err)
{
	struct conv c = {.a = a, .err = err};

	if (text.n > t->name.n + 1 && str_has_prefix(text, t->name) &&
	    text.p[t->name.n] == '.')
		text = str_sub(text, t->name.n + 1, text.n);
	return to_member(&c, text, t, out);
}

static int cli_json(struct arena *a, struct str text, const struct type *t,
		    struct value *out,
		    struct err *err)
{
	struct value v;

	if (json_parse(a, text, &v, err) < 0)
		return err_wrap(err, "wanted %.*s as JSON", STR_ARG(type_name(t, a)));
	return json_to_type(a, v, t, out, err);
}

int json_parse_cli(struct arena *a, struct str text, const struct type *t,
		   struct value *out,
		   struct err *err)
{
	if (utf8_invalid_at(text) < text.n || memchr(text.n ? text.p : "", 0, text.n))
		return err_setk(err, ERR_INPUT, "the text is not valid UTF-8");
	if (t->kind == TYPE_OPT && (str_is(text, "None") || str_is(text, "null"))) {
		*out = VALUE_NONE_V;
		return 0;
	}
	t = type_strip(t);
	switch (t->kind) {
	case TYPE_STR:
		*out = value_str(a, text);
		return 0;
	case TYPE_BOOL:
		return cli_bool(text, out, err);
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_METRIC:
	case TYPE_DURATION:
	case TYPE_SIZE:
		return cli_number(text, t, out, err);
	case TYPE_ENUM:
		return cli_member(a, text, t, out, err);
	case TYPE_ARTIFACT:
	case TYPE_SERIES:
		return err_setk(err, ERR_INPUT, "an artifact cannot be given here");
	default:
		return cli_json(a, text, t, out, err);
	}
}
