/* JSON both ways (RFC 8259), by jansson; nothing else in the project calls jansson.
 *
 * On the wire NaN and the infinities are the strings "NaN", "Infinity", "-Infinity", an
 * artifact is an object, durations are seconds, sizes are bytes. */
#ifndef KFPC_VALUE_JSON_H
#define KFPC_VALUE_JSON_H

#include "runtime/value/value.h"

/* Reads one JSON text without a type: objects become DICTs in their order, integers INT,
 * other numbers FLOAT.  Depth is limited to LIMIT_NESTING; duplicate keys are refused. */
int json_parse(struct arena *a, struct str text, struct value *out, struct err *err);

/* Makes a value of JSON's form into one of type t: checks it, turns int into float
 * where t is float, "NaN" strings into floats, enum wire names (and member names) into
 * their wire form, "10m" and "8GiB" into durations and sizes; fields of a struct that are
 * missing get their defaults.  The message says what was wanted, what was found, and
 * where within (".grid[2]").  Numbers written as 1.0 are not ints. */
int json_to_type(struct arena *a, struct value json, const struct type *t, struct value *out,
		 struct err *err);

/* The same, telling all that is wrong (but no more than JSON_FAULTS_MAX): path is
 * ".layers[2].units", or empty where the whole value is meant. */
enum { JSON_FAULTS_MAX = 20 };
struct json_faults {
	void (*tell)(void *ctx, struct str path, struct str text);
	void *ctx;
};
int json_to_type_all(struct arena *a, struct value json, const struct type *t,
		     struct value *out, const struct json_faults *faults);

/* Reads text that a person typed for a parameter of type t: `0.1`, `true`/`True`, `rbf`,
 * `10m`, `8GiB`, JSON for lists, dicts and structs, and for str the text itself. */
int json_parse_cli(struct arena *a, struct str text, const struct type *t, struct value *out,
		   struct err *err);

/* One line of JSON, object members in their order, floats as the shortest that reads
 * back. */
void json_write(struct value v, struct buf *out);
/* The same with two-space indentation. */
void json_write_pretty(struct value v, struct buf *out);

/* A type as component code is told of it: [kind, name], and after that the type of the
 * elements of a list, dict or optional; the wire forms of an enum; [name, type, has a
 * default] for each field of a struct; "Model" or "Dataset" of an artifact that is one,
 * else "", and its tag. */
void json_write_type(const struct type *t, struct buf *out);
/* The first of these: "int" of a duration, too. */
const char *type_python_kind(const struct type *t);

/* Members of an object that is being written: "name":value, with a comma in front unless
 * out is empty or an object has just begun.  name is written as it is. */
void json_put_key(struct buf *out, const char *name);
void json_put_str(struct buf *out, const char *name, struct str text);
void json_put_int(struct buf *out, const char *name, int64_t n);
void json_put_bool(struct buf *out, const char *name, bool yes);
void json_put_value(struct buf *out, const char *name, struct value v);

#endif
