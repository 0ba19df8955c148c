#include <config.h>

#include "runtime/value/yaml_read.h"

#include <yaml.h>

#include "runtime/base/limits.h"
#include "runtime/base/map.h"

enum {
	FEW = 16,		/* keys that are compared one by one */
	DIRECTIVES_MAX = 100,
};

struct level {			/* a collection that is not closed yet */
	struct yaml_node *node;
	const struct yaml_node *key;	/* of a map: its value comes next */
	size_t first;		/* of its items, in `items` of the reader */
};

struct reader {
	yaml_parser_t parser;
	struct arena *a;
	struct yaml_docs *docs;
	struct err *err;
	struct level levels[LIMIT_NESTING];
	unsigned depth;
	VEC(struct yaml_pair) items;
	size_t nnodes;
};

__attribute__((format(printf, 3, 4)))
static int fail(struct reader *r, yaml_mark_t at, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	err_setk(r->err, ERR_INPUT, "line %zu, column %zu: %s", at.line + 1,
		 at.column + 1, buf_cstr(&b));
	buf_release(&b);
	return -1;
}

static int add_node(struct reader *r, yaml_mark_t at, struct yaml_node *node)
{
	struct level *up = r->depth ? &r->levels[r->depth - 1] : NULL;

	if (++r->nnodes > YAML_NODES_MAX)
		return fail(r, at, "there are more than %d values in it", YAML_NODES_MAX);
	if (!up) {
		if (r->docs->n == YAML_DOCS_MAX)
			return fail(r, at, "there are more than %d documents in it",
				    YAML_DOCS_MAX);
		r->docs->at[r->docs->n++] = node;
	} else if (up->node->shape == YAML_IS_LIST) {
		vec_push(&r->items, (struct yaml_pair){NULL, node});
	} else if (up->key) {
		vec_push(&r->items, (struct yaml_pair){up->key, node});
		up->key = NULL;
	} else if (node->shape != YAML_IS_SCALAR) {
		return fail(r, at, "the key of a value has to be a text");
	} else if (node->is_plain && str_is(node->text, "<<")) {
		return fail(r, at, "maps cannot be merged ('<<'): write out what is in it");
	} else {
		up->key = node;
	}
	return 0;
}

static struct yaml_node *new_node(struct reader *r, yaml_mark_t at, enum yaml_shape shape)
{
	struct yaml_node *node = ARENA_NEW(r->a, struct yaml_node);

	node->shape = shape;
	node->line = (uint32_t)at.line + 1;
	node->col = (uint32_t)at.column + 1;
	return node;
}

static int refuse(struct reader *r, yaml_mark_t at, const yaml_char_t *anchor,
		  const yaml_char_t *tag)
{
	if (anchor)
		return fail(r, at, "'&%s' gives a value a name: write out values where they "
			    "are wanted", (const char *)anchor);
	if (tag)
		return fail(r, at, "'%s' gives a value a type: what it is has to be seen "
			    "without that", (const char *)tag);
	return 0;
}

static int scalar(struct reader *r, const yaml_event_t *e)
{
	struct yaml_node *node = new_node(r, e->start_mark, YAML_IS_SCALAR);

	if (refuse(r, e->start_mark, e->data.scalar.anchor, e->data.scalar.tag))
		return -1;
	node->is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = arena_str(r->a, (struct str){(const char *)e->data.scalar.value,
						  e->data.scalar.length});
	return add_node(r, e->start_mark, node);
}

static int open_level(struct reader *r, const yaml_event_t *e, enum yaml_shape shape,
		      const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct yaml_node *node = new_node(r, e->start_mark, shape);

	if (refuse(r, e->start_mark, anchor, tag) || add_node(r, e->start_mark, node))
		return -1;
	if (r->depth == LIMIT_NESTING)
		return fail(r, e->start_mark, "it is nested deeper than %d levels",
			    LIMIT_NESTING);
	r->levels[r->depth++] = (struct level){node, NULL, r->items.n};
	return 0;
}

static int key_twice(struct reader *r, const struct yaml_node *key)
{
	return fail(r, (yaml_mark_t){0, key->line - 1, key->col - 1},
		    "'%.*s' is there twice", STR_ARG(key->text));
}

static int check_keys(struct reader *r, const struct yaml_pair *items, size_t n)
{
	const struct yaml_node *again = NULL;
	struct map seen = {0};

	for (size_t i = 1; n <= FEW && i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(items[i].key->text, items[k].key->text))
				return key_twice(r, items[i].key);
	if (n <= FEW)
		return 0;
	map_reserve(&seen, n);
	for (size_t i = 0; i < n && !again; i++)
		if (map_set(&seen, items[i].key->text, r))
			again = items[i].key;
	map_release(&seen);
	return again ? key_twice(r, again) : 0;
}

static bool is_sorted(const struct yaml_pair *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (str_cmp(items[i - 1].key->text, items[i].key->text) >= 0)
			return false;
	return true;
}

static int close_level(struct reader *r)
{
	struct level *l = &r->levels[--r->depth];
	size_t n = r->items.n - l->first;
	struct yaml_pair *items = n ? r->items.at + l->first : NULL;

	if (l->node->shape == YAML_IS_MAP) {
		l->node->is_sorted = is_sorted(items, n);
		if (!l->node->is_sorted && check_keys(r, items, n))
			return -1;
	}
	if (n)
		l->node->items = arena_dup(r->a, items, n * sizeof *items);
	l->node->n = n;
	r->items.n = l->first;
	return 0;
}

static int take(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(r, e, YAML_IS_LIST, e->data.sequence_start.anchor,
				  e->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_level(r, e, YAML_IS_MAP, e->data.mapping_start.anchor,
				  e->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_level(r);
	case YAML_ALIAS_EVENT:
		return fail(r, e->start_mark, "'*%s' stands for another value: write it out",
			    (const char *)e->data.alias.anchor);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

/* What libyaml says, without the full stop that some of its messages have. */
static int syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_READER_ERROR)
		return err_setk(r->err, ERR_INPUT, "byte %zu: %s", p->problem_offset,
				p->problem);
	if (p->error == YAML_MEMORY_ERROR)
		err_nomem();
	if (p->context)
		return fail(r, p->problem_mark, "%s, %s", p->problem, p->context);
	return fail(r, p->problem_mark, "%s", p->problem);
}

static int read_all(struct reader *r)
{
	yaml_event_t event;
	bool done = false;
	int rc = 0;

	while (!rc && !done) {
		if (!yaml_parser_parse(&r->parser, &event))
			return syntax(r);
		done = event.type == YAML_STREAM_END_EVENT;
		rc = take(r, &event);
		yaml_event_delete(&event);
	}
	return rc;
}

/* libyaml compares each directive with all before it, and tags are refused anyway. */
static bool has_many_directives(struct str text)
{
	static const struct str directive = {"\n%TAG", 5};
	size_t n = 0;

	for (size_t at = 0; n <= DIRECTIVES_MAX; at += directive.n, n++) {
		at = str_find(text, directive, at);
		if (at == text.n)
			return false;
	}
	return true;
}

int yaml_read(struct arena *a, struct str text, struct yaml_docs *out, struct err *err)
{
	struct err unseen;
	struct reader r = {.a = a, .docs = out, .err = err ? err : &unseen};
	int rc;

	out->n = 0;
	if (has_many_directives(text))
		return err_setk(r.err, ERR_INPUT, "there are more than %d lines with %%TAG",
				DIRECTIVES_MAX);
	if (!yaml_parser_initialize(&r.parser))
		err_nomem();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	rc = read_all(&r);
	yaml_parser_delete(&r.parser);
	vec_release(&r.items);
	return rc;
}

size_t yaml_find(const struct yaml_node *map, struct str key)
{
	size_t lo = 0, hi = map->n, mid;

	if (map->shape != YAML_IS_MAP)
		return map->n;
	for (; !map->is_sorted && lo < map->n; lo++)
		if (str_eq(map->items[lo].key->text, key))
			return lo;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (str_cmp(map->items[mid].key->text, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < map->n && str_eq(map->items[lo].key->text, key) ? lo : map->n;
}

const struct yaml_node *yaml_member(const struct yaml_node *map, struct str key)
{
	size_t i = yaml_find(map, key);

	return i < map->n ? map->items[i].value : NULL;
}

/* The end of the part of a path that begins at `at`. */
static size_t part_end(struct str path, size_t at)
{
	for (at++; at < path.n && path.p[at] != '.' && path.p[at] != '['; at++)
		;
	return at;
}

const struct yaml_node *yaml_at(const struct yaml_node *node, struct str path)
{
	for (size_t at = 0, end; at < path.n; at = end) {
		const struct yaml_node *next = NULL;
		size_t index = 0;

		end = part_end(path, at);
		for (size_t i = at + 1; i < end && path.p[i] >= '0' && path.p[i] <= '9'; i++)
			index = 10 * index + (size_t)(path.p[i] - '0');
		if (path.p[at] == '.')
			next = yaml_member(node, str_sub(path, at + 1, end));
		else if (node->shape == YAML_IS_LIST && index < node->n)
			next = node->items[index].value;
		if (!next)
			break;
		node = next;
	}
	return node;
}
