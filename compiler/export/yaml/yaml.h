/* YAML documents as Kubeflow's own tools write them (PyYAML's block style: keys sorted,
 * sequences at the column of their key, 80 columns), but that every scalar which some
 * reader of YAML takes for something else than text is quoted.
 *
 *	struct yaml *top = yaml_map(a), *args = yaml_seq(a);
 *	yaml_put(top, STR("args"), args);
 *	yaml_add(args, yaml_str(a, STR("hello")));
 *	yaml_write(top, &out);
 *
 * Nodes live in an arena and may be put in several places. */
#ifndef KFPC_EXPORT_YAML_H
#define KFPC_EXPORT_YAML_H

#include "runtime/value/value.h"

enum yaml_kind {
	YAML_STR, YAML_INT, YAML_FLOAT, YAML_BOOL, YAML_NULL, YAML_SEQ, YAML_MAP
};

struct yaml {
	enum yaml_kind kind;
	struct str text;		/* STR */
	union {
		int64_t i;
		double f;
		bool b;
	};
	struct arena *a;
	struct yaml_item {		/* SEQ, MAP */
		struct str key;
		struct yaml *value;
	} *items;
	size_t n, cap;
	uint32_t *slots;	/* of a large MAP: hashed, the number of an item and 1; NULL */
	size_t nslots;
};

struct yaml *yaml_map(struct arena *a);
struct yaml *yaml_seq(struct arena *a);
struct yaml *yaml_str(struct arena *a, struct str s);
struct yaml *yaml_int(struct arena *a, int64_t i);
struct yaml *yaml_float(struct arena *a, double f);
struct yaml *yaml_bool(struct arena *a, bool b);
/* A value as Kubeflow keeps constants: every number is a double. */
struct yaml *yaml_value(struct arena *a, struct value v);

/* Sets the member of a map; what it had under this key is replaced. */
void yaml_put(struct yaml *map, struct str key, struct yaml *value);
static inline void yaml_put_str(struct yaml *map, struct str key, struct str s)
{
	yaml_put(map, key, yaml_str(map->a, s));
}
/* The member, or NULL; yaml_sub and yaml_list make it a map or a sequence where it is
 * missing. */
struct yaml *yaml_get(const struct yaml *map, struct str key);
struct yaml *yaml_sub(struct yaml *map, struct str key);
struct yaml *yaml_list(struct yaml *map, struct str key);
/* Takes the member away, if it is there. */
void yaml_drop(struct yaml *map, struct str key);
void yaml_add(struct yaml *seq, struct yaml *value);
/* Adds a string to a sequence that is kept sorted and without repetitions. */
void yaml_add_sorted(struct yaml *seq, struct str s);

/* The document, with a newline at its end.  Sorts the members of maps. */
void yaml_write(struct yaml *top, struct buf *out);
/* The same as a person would write it: members in the order in which they were put, text
 * of several lines as a block, other text unfolded and in its own letters. */
void yaml_write_by_hand(struct yaml *top, struct buf *out);
/* A line's text within a comment: what YAML allows nowhere, or takes for the end of a
 * line, as the escape of a string. */
void yaml_add_comment(struct str s, struct buf *out);

struct yaml_node;
struct yaml_docs;
/* Does a document that was read (runtime/value/yaml_read.h) say what top does, after top
 * was written, to readers of YAML 1.1 as to those of 1.2?  -1 with err where it does not. */
int yaml_check(const struct yaml *top, const struct yaml_node *read, struct err *err);
/* Reads a text in a, and checks its documents, one for each element of the list. */
int yaml_read_back(struct arena *a, struct str text, const struct yaml *tops,
		   struct yaml_docs *out, struct err *err);

#endif
