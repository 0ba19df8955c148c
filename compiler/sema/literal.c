/* Lists, dicts and f-strings. */
#include <config.h>

#include "compiler/sema/check.h"

const struct type *item_type(struct scope *c, const struct type *t,
			     const struct type *hope)
{
	bool is_value = t->kind != TYPE_ERROR && t->kind != TYPE_SERIES &&
			!type_holds_artifacts(t);

	return hope && hope->kind == TYPE_JSON && is_value ? c->s->types->json : t;
}

bool is_empty_literal(const struct node *node)
{
	return (node->kind == AST_LIST && !node->list.items.n) ||
	       (node->kind == AST_DICT && !node->dict.pairs.n);
}

/* What [] and {} among the items of a list may be like: the first that is neither; NULL
 * if there is none of them, or nothing else. */
static const struct type *neighbour_type(struct scope *c, struct node *node)
{
	struct node *other = NULL;
	bool any = false;

	list_each(item, &node->list.items) {
		any |= is_empty_literal(item);
		if (!other && !is_empty_literal(item) && item->kind != AST_NONE)
			other = item;
	}
	return any && other ? check_value(c, other, NULL) : NULL;
}

const struct type *check_list(struct scope *c, struct node *node,
				     const struct type *want)
{
	const struct type *elem = NULL, *hope = NULL, *near;
	bool fits = true;

	if (want && want->kind == TYPE_ERROR && is_empty_literal(node))
		return want;
	if (want && type_strip(want)->kind == TYPE_LIST)
		hope = type_strip(want)->elem;
	if (!node->list.items.n && hope)
		return type_strip(want);
	near = hope ? hope : neighbour_type(c, node);
	list_each(item, &node->list.items) {
		const struct type *like = is_empty_literal(item) ? near : hope;
		const struct type *t = item_type(c, check_value(c, item, like), hope);
		const struct type *both = elem ? type_join(c->s->types, elem, t) : t;

		fits = fits && hope && type_assignable(t, hope);
		if (!both) {
			diag(c->s->parse.diags, item->span, E0308,
			     "a list holds one type, here are %s and %s",
			     type_text(c, elem),
			     type_text(c, t));
			return c->s->types->error;
		}
		elem = both;
	}
	if (fits && hope)
		return type_list(c->s->types, hope);
	if (!elem) {
		diag(c->s->parse.diags, node->span, E0308,
		     "what this empty list would hold is not known here");
		return c->s->types->error;
	}
	if (elem->kind == TYPE_ERROR)
		return elem;
	if (elem->kind == TYPE_SERIES ||
	    (elem->kind == TYPE_OPT && type_holds_artifacts(elem))) {
		diag(c->s->parse.diags, node->span, E0312,
		     elem->kind == TYPE_SERIES ? "a Series cannot be in a list"
					       : "a list of artifacts has no gaps");
		return c->s->types->error;
	}
	return type_list(c->s->types, elem);
}

static bool check_key(struct scope *c, struct node *key, struct map *keys)
{
	const struct type *t = check_value(c, key, NULL);

	if (t->kind != TYPE_ERROR && t->kind != TYPE_STR) {
		diag(c->s->parse.diags, key->span, E0308,
		     "keys of a dict are str, this is %s",
		     type_text(c, t));
		return false;
	}
	if (key->kind == AST_STRING && map_set(keys, key->string.value, key)) {
		diag(c->s->parse.diags, key->span, E0302, "the key '%.*s' is there twice",
		     STR_ARG(key->string.value));
		return false;
	}
	return t->kind != TYPE_ERROR;
}

const struct type *check_dict(struct scope *c, struct node *node,
				     const struct type *want)
{
	const struct type *elem = NULL, *hope = NULL;
	bool fits = true, ok = true;
	struct map keys = {0};

	if (want && type_strip(want)->kind == TYPE_STRUCT)
		return say_dict_for_struct(c, node, type_strip(want));
	if (want && want->kind == TYPE_ERROR && is_empty_literal(node))
		return want;
	if (want && type_strip(want)->kind == TYPE_DICT)
		hope = type_strip(want)->elem;
	list_each(pair, &node->dict.pairs) {
		if (pair->kind != AST_PAIR) {
			ok = false;
			continue;
		}
		ok = check_key(c, pair->pair.key, &keys) && ok;
		const struct type *t = item_type(
			c, check_value(c, pair->pair.value, hope), hope);
		const struct type *both = elem ? type_join(c->s->types, elem, t) : t;

		fits = fits && hope && type_assignable(t, hope);
		if (!both)
			diag(c->s->parse.diags, pair->pair.value->span, E0308,
			     "the values of a dict have one type, here are %s and %s",
			     type_text(c, elem), type_text(c, t));
		if (type_holds_artifacts(t) || t->kind == TYPE_SERIES) {
			diag(c->s->parse.diags, pair->pair.value->span, E0308,
			     "a dict holds values, this is %s", type_text(c, t));
			ok = false;
		}
		ok = ok && both && both->kind != TYPE_ERROR;
		elem = both ? both : elem;
	}
	map_release(&keys);
	if (ok && hope && fits)
		return type_dict(c->s->types, hope);
	if (is_empty_literal(node) && !hope && (!want || want->kind != TYPE_JSON)) {
		diag(c->s->parse.diags, node->span, E0308,
		     "what this empty dict would hold is not known here");
		return c->s->types->error;
	}
	return type_dict(c->s->types, ok && elem ? elem : c->s->types->error);
}

static void check_format(struct scope *c, const struct node *part, const struct type *t)
{
	struct err err = {0};

	if (t->kind == TYPE_ERROR)
		return;
	if (type_holds_artifacts(t) || t->kind == TYPE_SERIES)
		diag(c->s->parse.diags, part->format.value->span, E0308,
		     "%s cannot be put in a string", type_text(c, t));
	else if (t->kind == TYPE_OPT && part->format.spec.n)
		say_optional(c, part->format.value, true,
			     "this may be None, and a format needs a number");
	else if (op_format_check(part->format.spec, t, &err))
		diag(c->s->parse.diags, part->span, E0308, "%s", err.text);
}

const struct type *check_fstring(struct scope *c, struct node *node)
{
	list_each(part, &node->fstring.parts) {
		if (part->kind == AST_FORMAT)
			check_format(c, part, check_value(c, part->format.value, NULL));
		part->type = c->s->types->string;
	}
	return c->s->types->string;
}
