/* Values and sources as text: wires, tags and expressions. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

#include <math.h>

#include "runtime/base/utf8.h"
#include "runtime/value/json.h"

static bool is_text(const struct type *t)
{
	return t->kind == TYPE_STR || t->kind == TYPE_ENUM;
}

/* A JSON string without "{" and without characters beyond U+FFFF.  Argo puts what it
 * replaces in quotes as Go does, not as JSON, which is not the same for some of those, and
 * for some below U+0020. */
static void add_string(struct str s, struct buf *b)
{
	struct buf plain = {0};
	uint32_t c;

	buf_add_json(&plain, s);
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] == '{') {
			buf_addz(b, "\\u007b");
		} else if ((unsigned char)plain.p[i] >= 0xf0) {
			c = utf8_decode(str_sub(buf_str(&plain), i, plain.n)) - 0x10000;
			buf_addf(b, "\\u%04x\\u%04x", 0xd800 + (c >> 10),
				 0xdc00 + (c & 0x3ff));
			i += 3;
		} else {
			buf_addc(b, plain.p[i]);
		}
	buf_release(&plain);
}

/* Does it arrive as it is, and cannot be taken for what has a mark? */
static bool is_plain_text(struct str s)
{
	if (str_find(s, STR("{{"), 0) < s.n || str_has_prefix(s, STR(ARGO_MARK)))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0xf0 || c == 0x7f ||
		    (c < 0x20 && (!c || !strchr("\b\f\n\r\t", c))))
			return false;
	}
	return true;
}

static void add_text(struct str s, struct buf *b)
{
	if (is_plain_text(s)) {
		buf_add(b, s);
		return;
	}
	buf_addz(b, ARGO_MARK);
	add_string(s, b);
}

static void add_float(double f, struct buf *b)
{
	if (isfinite(f))
		json_write(value_float(f), b);
	else
		buf_addz(b, isnan(f) ? "NaN" : f > 0 ? "Infinity" : "-Infinity");
}

static const struct type *field_type(const struct type *t, uint32_t i)
{
	if (t && t->kind == TYPE_DICT)
		return t->elem;
	return t && t->kind == TYPE_STRUCT && i < t->nmembers ? t->fields[i].type : NULL;
}

static void add_json(struct value v, const struct type *t, struct buf *b);

static void add_list(struct value v, const struct type *t, struct buf *b)
{
	const struct type *elem = t && t->kind == TYPE_LIST ? t->elem : NULL;

	buf_addc(b, '[');
	for (size_t i = 0; i < v.list->n; i++) {
		struct buf text = {0};

		buf_addz(b, i ? "," : "");
		if (elem && is_text(elem)) {
			add_text(*v.list->at[i].s, &text);
			add_string(buf_str(&text), b);
			buf_release(&text);
		} else {
			add_json(v.list->at[i], elem, b);
		}
	}
	buf_addc(b, ']');
}

static void add_json(struct value v, const struct type *t, struct buf *b)
{
	if (t && t->kind == TYPE_OPT)
		t = t->elem;
	if (v.kind == VALUE_STR) {
		add_string(*v.s, b);
	} else if (v.kind == VALUE_FLOAT) {
		add_float(v.f, b);
	} else if (v.kind == VALUE_LIST) {
		add_list(v, t, b);
	} else if (v.kind == VALUE_DICT) {
		buf_addc(b, '{');
		for (size_t i = 0; i < v.dict->n; i++) {
			buf_addz(b, i ? "," : "");
			add_string(v.dict->at[i].key, b);
			buf_addc(b, ':');
			add_json(v.dict->at[i].value, field_type(t, (uint32_t)i), b);
		}
		buf_addc(b, '}');
	} else {
		json_write(v, b);
	}
}

void argo_wire(struct value v, const struct type *t, struct buf *out)
{
	if (is_text(t) && v.kind == VALUE_STR)
		add_text(*v.s, out);
	else
		add_json(v, t, out);
}

static struct str wire(struct argo *g, const struct source *s)
{
	struct buf b = {0};
	struct str out;

	argo_wire(s->value, s->type, &b);
	out = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool is_whole(const struct type *t)
{
	return t->kind == TYPE_INT || t->kind == TYPE_SIZE || t->kind == TYPE_DURATION;
}

bool argo_same_wire(const struct type *from, const struct type *to)
{
	if (type_holds_artifacts(to) || from == to)
		return true;
	if (is_text(from) && is_text(to))
		return true;
	if (to->kind == TYPE_OPT && !is_text(from))
		return argo_same_wire(from->kind == TYPE_OPT ? from->elem : from,
				      to->elem);
	if (from->kind == TYPE_LIST && to->kind == TYPE_LIST)
		return argo_same_wire(from->elem, to->elem);
	return (is_whole(from) || from->kind == TYPE_FLOAT || from->kind == TYPE_METRIC) &&
	       (is_whole(to) || to->kind == TYPE_FLOAT || to->kind == TYPE_METRIC);
}

struct str argo_literal(struct argo *g, struct str s)
{
	struct buf plain = {0}, b = {0};
	struct str out;

	/* A tag, in which it may stand, begins and ends with braces. */
	buf_add_json(&plain, s);
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] == '{' || plain.p[i] == '}')
			buf_addf(&b, "\\u%04x", plain.p[i]);
		else
			buf_addc(&b, plain.p[i]);
	out = arena_str(g->a, buf_str(&b));
	buf_release(&plain);
	buf_release(&b);
	return out;
}

/* The path of a source in Argo's variables, and whether it is one in expressions. */
static struct str path(struct argo *g, const struct source *s, bool index)
{
	const char *what = type_holds_artifacts(s->type) ? "artifacts" : "parameters";
	const char *left = index ? "['" : ".", *right = index ? "']" : "";

	switch (s->kind) {
	case SOURCE_WORD:
		return s->key;
	case SOURCE_PARAM:
	case SOURCE_ROW:
		return arena_printf(g->a, "inputs.%s%s%.*s%s", what, left, STR_ARG(s->key),
				    right);
	case SOURCE_OUTPUT:
		return arena_printf(g->a, "tasks%s%.*s%s.outputs.%s%s%.*s%s", left,
				    STR_ARG(s->task->name), right, what, left,
				    STR_ARG(s->key), right);
	case SOURCE_ITEM:
		return STR("item");
	case SOURCE_NONE:
	case SOURCE_STATUS:
	case SOURCE_CONST:
	case SOURCE_FILES:
	case SOURCE_FOLDER:
	case SOURCE_SELECT:
		break;
	}
	return (struct str){"", 0};
}

/* How the body of a try ended, or its except. */
static struct str status(struct argo *g, const struct task *body)
{
	struct str error;

	if (body->inner && body->inner->tells) {
		error = argo_error_expr(g, body->handler ? body->handler : body);
		return arena_printf(g->a, "(%.*s == '' ? 'succeeded' : 'failed')",
				    STR_ARG(error));
	}
	if (body->handler)
		return arena_printf(g->a,
				    "('Succeeded' in [tasks['%.*s'].status, "
				    "tasks['%.*s'].status] ? 'succeeded' : 'failed')",
				    STR_ARG(body->name), STR_ARG(body->handler->name));
	return arena_printf(g->a,
			    "(tasks['%.*s'].status == 'Succeeded' ? 'succeeded' : "
			    "'failed')",
			    STR_ARG(body->name));
}

struct str argo_expr(struct argo *g, const struct source *s)
{
	struct str p = path(g, s, true);

	if (s->kind == SOURCE_CONST)
		return argo_literal(g, wire(g, s));
	if (s->kind == SOURCE_ROW)
		p = arena_printf(g->a, "fromJSON(%.*s)[%u]", STR_ARG(p), s->index);
	if (s->kind == SOURCE_STATUS)
		p = status(g, s->task);
	if (s->may_be_empty) {
		p = argo_error_expr(g, s->task);
		p = arena_printf(g->a, "(%.*s == '' ? 'null' : %.*s)", STR_ARG(p),
				 STR_ARG(p));
	}
	if (s->quoted)
		p = arena_printf(g->a,
				 "(%.*s startsWith '" ARGO_MARK "' ? %.*s : toJSON(%.*s))",
				 STR_ARG(p), STR_ARG(p), STR_ARG(p));
	if (s->indexes)
		p = arena_printf(g->a, "toJSON(map(fromJSON(%.*s), #index))", STR_ARG(p));
	return p;
}

struct str argo_text(struct argo *g, const struct source *s)
{
	struct str p;

	if (s->kind == SOURCE_CONST)
		return wire(g, s);
	if (s->quoted || s->indexes || s->may_be_empty || s->kind == SOURCE_ROW ||
	    s->kind == SOURCE_STATUS || s->kind == SOURCE_SELECT) {
		p = s->kind == SOURCE_SELECT ? argo_cond_text(g, s) : argo_expr(g, s);
		return arena_printf(g->a, "{{= %.*s }}", STR_ARG(p));
	}
	p = path(g, s, false);
	if (s->may_be_marked)
		return arena_printf(g->a,
				    "{{= string(%.*s) startsWith '" ARGO_MARK
				    "=' ? string(%.*s)[2:] : string(%.*s) }}",
				    STR_ARG(p), STR_ARG(p), STR_ARG(p));
	return arena_printf(g->a, "{{%.*s}}", STR_ARG(p));
}
