/* YAML from outside, by libyaml; nothing else in the project calls libyaml.
 *
 * What is read are documents of plain data: lists, maps with texts as keys, scalars.
 * Tags, anchors and aliases, a key twice, and "<<" are refused, as is text that is not
 * UTF-8.  Each node knows its place, for those who say what is wrong with it.
 *
 * Readers of YAML do not agree about plain scalars: `yes` is true to some of them and a
 * text to others, `0123` is 83, 123 or a text, `1e3` a number or a text, 2024-01-01 a
 * date or a text.  Only what all of them read in one way has a value here; of the rest
 * (yaml_is_ambiguous) the writer of the file has to say in quotes that it is a text, or
 * write it in another form. */
#ifndef KFPC_VALUE_YAML_READ_H
#define KFPC_VALUE_YAML_READ_H

#include "runtime/value/value.h"

enum yaml_shape { YAML_IS_SCALAR, YAML_IS_LIST, YAML_IS_MAP };

struct yaml_node {
	enum yaml_shape shape;
	bool is_plain;			/* SCALAR: without quotes, and no block of text */
	bool is_sorted;			/* MAP: by bytes of the keys */
	uint32_t line, col;		/* from 1; col counts characters */
	struct str text;		/* SCALAR */
	const struct yaml_pair *items;	/* LIST, MAP */
	size_t n;
};

struct yaml_pair {
	const struct yaml_node *key;	/* a scalar; NULL in a LIST */
	const struct yaml_node *value;
};

enum {
	YAML_NODES_MAX = 4000000,	/* of one text */
	YAML_DOCS_MAX = 1024,
};

struct yaml_docs {
	const struct yaml_node *at[YAML_DOCS_MAX];
	size_t n;
};

/* Reads all documents of the text, which is borrowed no longer than the call.  Depth is
 * limited to LIMIT_NESTING.  Messages begin with "line 3, column 7: ". */
int yaml_read(struct arena *a, struct str text, struct yaml_docs *out, struct err *err);

/* The member of a map, or NULL; and its number, map->n if there is none.  Fast in a large
 * map if that is sorted. */
const struct yaml_node *yaml_member(const struct yaml_node *map, struct str key);
size_t yaml_find(const struct yaml_node *map, struct str key);
/* What a path as json_faults has them (".layers[2].units") leads to; where it leads
 * nowhere, the last node on its way. */
const struct yaml_node *yaml_at(const struct yaml_node *node, struct str path);

/* The value that every reader makes of it.  Numbers are written as in JSON, but that an
 * exponent comes after a point and with its sign (1.0e-5), or are .inf, -.inf, .nan; a
 * plain scalar that is no bool, number or null is a text.  -1 with err for what readers
 * do not agree about. */
int yaml_value_of(struct arena *a, const struct yaml_node *node, struct value *out,
		  struct err *err);
/* The one document of the text as value, and as *node; of an empty text an empty dict. */
int yaml_parse(struct arena *a, struct str text, struct value *out,
	       const struct yaml_node **node, struct err *err);

/* A plain scalar that all readers read as bool, number or null, in *out; false: it is a
 * text, or ambiguous. */
bool yaml_resolve(struct str s, struct value *out);
/* Would some reader take this plain scalar for a bool, a number, a date or nothing? */
bool yaml_is_ambiguous(struct str s);

#endif
