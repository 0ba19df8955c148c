/* Values: small and immutable, 16 bytes by value; what they point to lives in an arena.
 *
 * The kind says how a value is kept, its type (value/type.h) what it means: an enum
 * member is a STR (its wire form), a duration an INT of seconds, a size an INT of
 * bytes, a struct a DICT in the order of its fields, a Metric a FLOAT.  Large data
 * never is a value: an artifact is a handle to what the store keeps. */
#ifndef KFPC_VALUE_VALUE_H
#define KFPC_VALUE_VALUE_H

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/value/type.h"

enum value_kind {
	VALUE_NONE,	/* zeroed memory is None */
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STR,
	VALUE_LIST,
	VALUE_DICT,
	VALUE_ARTIFACT,
	VALUE_SERIES,
};

struct value {
	enum value_kind kind;
	union {
		bool b;
		int64_t i;
		double f;
		const struct str *s;
		const struct value_list *list;
		const struct value_dict *dict;
		const struct artifact *artifact;
		const struct series *series;
	};
};

struct value_list {
	size_t n;
	struct value at[];
};

struct value_dict {	/* in the order of being made; keys differ */
	size_t n;
	struct value_pair {
		struct str key;
		struct value value;
	} at[];
};

/* A committed artifact, as the store knows it. */
struct artifact {
	const struct type *type;
	struct str name;	/* output name, e.g. "model" */
	struct str digest;	/* 64 hex digits: of the file or of the tree blob */
	struct str uri;		/* where it is, for people and for code: file:///... */
	struct str metadata;	/* a JSON object as text; "{}" if there is none */
	struct str manifest;	/* digest of the bundle's manifest (Model), or empty */
	int64_t size_bytes;
	bool is_tree;		/* a folder */
};

struct series {		/* what expressions can read of a dynamic metric */
	int64_t npoints;
	double last, min, max;	/* NaN where there is no point */
};

#define VALUE_NONE_V ((struct value){VALUE_NONE, {0}})
static inline struct value value_bool(bool b) { return (struct value){VALUE_BOOL, {.b = b}}; }
static inline struct value value_int(int64_t i) { return (struct value){VALUE_INT, {.i = i}}; }
static inline struct value value_float(double f) { return (struct value){VALUE_FLOAT, {.f = f}}; }
/* A copy of s in a. */
struct value value_str(struct arena *a, struct str s);
/* Room for n elements, all None, to be filled before it is shown to others. */
struct value value_list(struct arena *a, size_t n, struct value **at);
struct value value_dict(struct arena *a, size_t n, struct value_pair **at);
/* A deep copy in a (of artifact handles too). */
struct value value_copy(struct arena *a, struct value v);

/* Is v kept as values of type t are?  An int is no float, an enum's must be a member's
 * wire form, a struct's has its fields in order; artifacts are not looked into. */
bool value_has_type(struct value v, const struct type *t);
/* Elements and bytes of text in v and below it, counted no further than limit: what a
 * walk over it costs, shared parts as often as they are met. */
size_t value_weight(struct value v, size_t limit);
/* v with its ints as floats, those within lists and dicts too. */
struct value value_to_float(struct arena *a, struct value v);

/* Python's ==: 1 == 1.0, lists and dicts by elements; artifacts by digest. */
bool value_eq(struct value a, struct value b);
/* The value under key, or NULL. */
const struct value *value_get(struct value dict, struct str key);
/* The STR under key, else ""; the INT, else 0. */
struct str value_get_str(struct value dict, const char *key);
int64_t value_get_int(struct value dict, const char *key);

/* As str() of the language gives it: scalars as Python, the rest as JSON. */
void value_print(struct value v, struct buf *out);
/* As the language would write it as a literal of type t: "rbf" of an enum as Kernel.rbf,
 * strings quoted, 10m, 8GiB. */
void value_print_literal(struct value v, const struct type *t, struct buf *out);
/* repr() of a float as Python prints it: the shortest that reads back, "1.0", "1e-05",
 * "nan", "inf". */
void value_print_float(double f, struct buf *out);
/* A float as people read it, rounded to six digits where it is long. */
void value_print_short(double f, struct buf *out);

#endif
