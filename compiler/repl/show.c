#include <config.h>

#include "compiler/repl/show.h"

#include "runtime/base/table.h"
#include "runtime/base/utf8.h"
#include "runtime/value/json.h"
#include "runtime/vm/run_args.h"

enum {
	SHOWN_ELEMENTS = 20,	/* of a list or dict that takes several lines */
	SHOWN_FLAT = 1000,	/* of a list of numbers, */
	SHOWN_LINES = 5,	/* in no more lines than that */
	SHORT_STR = 40,
	SHOWN_STR = 400,	/* bytes of a string */
	SHOWN_WEIGHT = 2000,	/* of an element: what is heavier is summed up */
};

void show_name(const struct show *s, struct str name, struct buf *out)
{
	buf_addz(out, s->colour ? "\033[1m" : "");
	buf_add_printable(out, name, false);
	buf_addz(out, s->colour ? "\033[0m" : "");
}

void show_dim(const struct show *s, struct str text, struct buf *out)
{
	buf_addz(out, s->colour ? "\033[2m" : "");
	buf_add_printable(out, text, false);
	buf_addz(out, s->colour ? "\033[0m" : "");
}

void show_line(const struct show *s, const char *margin, struct str text, struct buf *out)
{
	struct buf line = {0};

	buf_addz(&line, margin);
	buf_add_printable(&line, text, false);
	table_add_cut(out, buf_str(&line), s->columns);
	buf_addc(out, '\n');
	buf_release(&line);
}

static bool is_collection(struct value v)
{
	return v.kind == VALUE_LIST || v.kind == VALUE_DICT;
}

static void add_count(struct buf *out, const char *left, size_t n, const char *what,
		      const char *right)
{
	buf_addf(out, "%s... %zu %s%s%s", left, n, what, n == 1 ? "" : "s", right);
}

/* In one line; what is heavy is only counted. */
static void add_short(struct value v, const struct type *t, struct buf *out)
{
	struct buf literal = {0};

	t = t ? type_strip(t) : NULL;
	if (v.kind == VALUE_STR && v.s->n > SHOWN_STR) {
		buf_add_json(&literal, utf8_cut(*v.s, SHOWN_STR));
		literal.n--;
		buf_addf(&literal, "...\" (%zu bytes)", v.s->n);
	} else if (value_weight(v, SHOWN_WEIGHT) < SHOWN_WEIGHT) {
		value_print_literal(v, t, &literal);
	} else if (v.kind == VALUE_LIST) {
		add_count(&literal, "[", v.list->n, "element", "]");
	} else {
		add_count(&literal, "{", v.dict->n, "member", "}");
	}
	buf_add_printable(out, buf_str(&literal), false);
	buf_release(&literal);
}

static void add_member(const struct show *s, struct value v, const struct type *t,
		       size_t i, struct buf *out)
{
	bool is_struct = t && t->kind == TYPE_STRUCT && t->nmembers == v.dict->n;
	const struct type *elem = t && t->kind == TYPE_STRUCT ? NULL : t;
	struct buf line = {0};

	buf_addz(&line, "  ");
	if (is_struct)
		buf_addf(&line, "%.*s=", STR_ARG(v.dict->at[i].key));
	else if (v.kind == VALUE_DICT)
		buf_add_json(&line, v.dict->at[i].key);
	if (v.kind == VALUE_DICT && !is_struct)
		buf_addz(&line, ": ");
	if (is_struct)
		elem = t->fields[i].type;
	else if (t && (t->kind == TYPE_LIST || t->kind == TYPE_DICT))
		elem = t->elem;
	add_short(v.kind == VALUE_LIST ? v.list->at[i] : v.dict->at[i].value, elem,
		  &line);
	buf_addc(&line, ',');
	table_add_cut(out, buf_str(&line), s->columns);
	buf_addc(out, '\n');
	buf_release(&line);
}

static bool is_flat(struct value v)
{
	if (v.kind != VALUE_LIST)
		return false;
	for (size_t i = 0; i < v.list->n && i < SHOWN_FLAT; i++)
		if (is_collection(v.list->at[i]) ||
		    (v.list->at[i].kind == VALUE_STR && v.list->at[i].s->n > SHORT_STR))
			return false;
	return true;
}

static void add_rest(struct buf *out, struct str name, size_t n)
{
	buf_addf(out, "  ... %zu more", n);
	if (name.n)
		buf_addf(out, "; all of it: :print %.*s", STR_ARG(name));
	buf_addc(out, '\n');
}

/* Numbers and the like: as many to a line as there is room for. */
static void add_flat(const struct show *s, struct str name, const struct value_list *l,
		     const struct type *elem, struct buf *out)
{
	struct buf one = {0};
	size_t width = 0, lines = 1, i = 0;

	buf_addz(out, "[\n ");
	for (; i < l->n && i < SHOWN_FLAT; i++) {
		buf_clear(&one);
		add_short(l->at[i], elem, &one);
		buf_addc(&one, ',');
		if (width && width + utf8_width(buf_str(&one)) + 3 > s->columns) {
			if (lines++ == SHOWN_LINES)
				break;
			buf_addz(out, "\n ");
			width = 0;
		}
		buf_addc(out, ' ');
		buf_add(out, buf_str(&one));
		width += utf8_width(buf_str(&one)) + 1;
	}
	buf_addc(out, '\n');
	if (i < l->n)
		add_rest(out, name, l->n - i);
	buf_addz(out, "]\n");
	buf_release(&one);
}

/* An element a line, and no more than can be looked over. */
static void add_tall(const struct show *s, struct str name, struct value v,
		     const struct type *t, struct buf *out)
{
	size_t n = v.kind == VALUE_LIST ? v.list->n : v.dict->n;
	bool is_struct = t && t->kind == TYPE_STRUCT && t->nmembers == n;

	if (is_struct)
		buf_add(out, t->name);
	buf_addz(out, is_struct ? "(\n" : v.kind == VALUE_LIST ? "[\n" : "{\n");
	for (size_t i = 0; i < n && i < SHOWN_ELEMENTS; i++)
		add_member(s, v, t, i, out);
	if (n > SHOWN_ELEMENTS)
		add_rest(out, name, n - SHOWN_ELEMENTS);
	buf_addz(out, is_struct ? ")\n" : v.kind == VALUE_LIST ? "]\n" : "}\n");
}

static void add_plain(const struct show *s, struct str name, const struct type *t,
		      struct value v, struct buf *out)
{
	size_t from = out->n;

	if (name.n) {
		show_name(s, name, out);
		buf_addz(out, " = ");
	}
	if (!is_collection(v) || value_weight(v, SHOWN_WEIGHT) < SHOWN_WEIGHT) {
		size_t at = out->n;

		add_short(v, t, out);
		if (!is_collection(v) ||
		    utf8_width(str_sub(buf_str(out), from, out->n)) <= s->columns) {
			buf_addc(out, '\n');
			return;
		}
		out->n = at;
	}
	t = t ? type_strip(t) : NULL;
	if (is_flat(v))
		add_flat(s, name, v.list, t && t->kind == TYPE_LIST ? t->elem : NULL,
			 out);
	else
		add_tall(s, name, v, t, out);
}

static bool is_artifacts(struct value v)
{
	return v.kind == VALUE_LIST && v.list->n &&
	       (v.list->at[0].kind == VALUE_ARTIFACT ||
		v.list->at[0].kind == VALUE_SERIES);
}

static struct str element_name(const struct show *s, struct str name, size_t i)
{
	return arena_printf(s->a, "%.*s[%zu]", STR_ARG(name), i);
}

/* A list of artifacts: each in its line, the first ones. */
static void add_artifacts(const struct show *s, struct str name,
			  const struct value_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->n && i < SHOWN_ELEMENTS; i++) {
		size_t from = out->n;

		show_value(s, element_name(s, name, i), NULL, l->at[i], out);
		out->n = str_find(buf_str(out), STR("\n"), from) + 1;
	}
	if (l->n > SHOWN_ELEMENTS)
		buf_addf(out, "... %zu more\n", l->n - SHOWN_ELEMENTS);
}

static void add_json(const struct show *s, struct str name, const struct type *t,
		     struct value v, struct buf *out)
{
	buf_addc(out, '{');
	if (name.n)
		json_put_str(out, "name", name);
	if (t)
		json_put_str(out, "type", type_name(t, s->a));
	json_put_key(out, "value");
	run_json_value(v, out);
	buf_addz(out, "}\n");
}

void show_value(const struct show *s, struct str name, const struct type *t,
		struct value v, struct buf *out)
{
	if (s->is_json)
		add_json(s, name, t, v, out);
	else if (v.kind == VALUE_ARTIFACT)
		show_artifact(s, name, v.artifact, out);
	else if (v.kind == VALUE_SERIES)
		show_series(s, name, v.series, out);
	else if (is_artifacts(v))
		add_artifacts(s, name, v.list, out);
	else
		add_plain(s, name, t, v, out);
}

void show_whole(struct value v, const struct type *t, struct buf *out)
{
	struct buf text = {0};

	v.kind == VALUE_STR ? buf_add(&text, *v.s) : value_print_literal(v, t, &text);
	buf_add_printable(out, buf_str(&text), true);
	if (!text.n || text.p[text.n - 1] != '\n')
		buf_addc(out, '\n');
	buf_release(&text);
}
