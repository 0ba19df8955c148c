/* Types, interned: equal types are equal pointers within one `struct types`.
 *
 * Named types (enum, struct, artifact) are nominal: each declaration makes one.  The
 * artifact types of the language are there from the start; a format tag makes a variant
 * (`Dataset[csv]`) that shares the declaration.  Types live as long as their table. */
#ifndef KFPC_VALUE_TYPE_H
#define KFPC_VALUE_TYPE_H

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/map.h"
#include "runtime/base/vec.h"

enum type_kind {
#define TYPE(ID, name, doc) TYPE_##ID,
#include "runtime/value/type.def"
#undef TYPE
	TYPE_NKINDS
};

struct type_member {	/* of an enum */
	struct str name, wire;	/* wire is what travels; equal to name unless declared */
};

struct value;

struct type_field {	/* of a struct */
	struct str name;
	const struct type *type;
};

struct type {
	enum type_kind kind;
	uint32_t id;			/* dense, from 0; index in types.all */
	const struct type *elem;	/* LIST, DICT, OPT: of what */
	struct str name;		/* ENUM, STRUCT, ARTIFACT: declared name */
	struct str tag;			/* ARTIFACT: format, or empty for any */
	const struct type *base;	/* ARTIFACT without tag: what it extends, NULL for Artifact;
					 * with a tag: the same type without it */
	const struct type_member *members;	/* ENUM */
	const struct type_field *fields;	/* STRUCT */
	/* STRUCT: a default for each field, NULL where it has none; NULL before
	 * type_struct_defaults */
	const struct value *const *defaults;
	uint32_t nmembers;		/* of members or fields */
	uint32_t depth;			/* levels of lists, dicts, options and structs, itself one */
	uint32_t parts;			/* types in it, each as often as it is met, itself one */
};

struct types {
	struct arena arena;
	VEC(const struct type *) all;
	struct map derived;		/* lists, options, tagged artifacts by a key */
	uint32_t nbuiltin;		/* the first of `all` are the language's own */
	const struct type *error, *none, *boolean, *integer, *floating, *string, *duration,
		*size, *json, *metric, *series;
	const struct type *run_error, *opt_run_error;	/* what a try saw fail; see type.c */
	const struct type *artifact, *dataset, *model, *metrics, *classification_metrics,
		*sliced_classification_metrics, *html, *markdown;
};

void types_init(struct types *t);
void types_release(struct types *t);

/* These three give the error type beyond LIMIT_NESTING levels. */
const struct type *type_list(struct types *t, const struct type *elem);
const struct type *type_dict(struct types *t, const struct type *elem);
/* T?; T? of T? is T?, None? is None. */
const struct type *type_opt(struct types *t, const struct type *elem);
/* A new enum; members are copied. */
const struct type *type_enum(struct types *t, struct str name, const struct type_member *m,
			     uint32_t n);
/* A new struct without fields; type_struct_fields gives it them, once.  Their types were
 * there before it, so that no struct holds itself: what trees need is a json. */
struct type *type_struct(struct types *t, struct str name);
void type_struct_fields(struct types *t, struct type *s, const struct type_field *f, uint32_t n);
/* Sets depth and parts of all types again, where lists were made of structs that had no
 * fields yet.  What a type is made of stands before it. */
void types_measure(struct types *t);
/* Gives the struct s the defaults of its fields: kept, not copied. */
void type_struct_defaults(struct types *t, const struct type *s,
			  const struct value *const *defaults);
/* The default of field i of a struct; NULL if it has none. */
static inline const struct value *type_default(const struct type *s, uint32_t i)
{
	return s->defaults ? s->defaults[i] : NULL;
}
/* A new artifact type that extends base. */
const struct type *type_artifact(struct types *t, struct str name, const struct type *base);
/* The artifact type with a format tag; an empty tag gives it without one. */
const struct type *type_tagged(struct types *t, const struct type *artifact, struct str tag);
/* A built-in type by its name in the language ("int", "Dataset"); NULL if there is
 * none. */
const struct type *type_builtin(const struct types *t, struct str name);

/* May a value of `from` stand where `to` is wanted (language.md, "Types")? */
bool type_assignable(const struct type *from, const struct type *to);
/* The type that both fit, as rule 10 says; NULL where there is none. */
const struct type *type_join(struct types *t, const struct type *a, const struct type *b);

static inline bool type_is_artifact(const struct type *t)
{
	return t->kind == TYPE_ARTIFACT;
}
/* T of T?, else the type itself. */
static inline const struct type *type_strip(const struct type *t)
{
	return t->kind == TYPE_OPT ? t->elem : t;
}
/* What reading a value of type t gives: a Metric is a float. */
static inline const struct type *type_read(const struct types *all, const struct type *t)
{
	return t->kind == TYPE_METRIC ? all->floating : t;
}
/* Artifact, optional artifact or list of artifacts: what travels as files. */
bool type_holds_artifacts(const struct type *t);
/* a is base or extends it (tags ignored). */
bool type_extends(const struct type *a, const struct type *base);
/* The declared member; NULL if there is none. */
const struct type_member *type_member(const struct type *e, struct str name);

/* As the language spells it: "list[Dataset[csv]]?". */
void type_print(const struct type *t, struct buf *out);
/* The same as a NUL-terminated str in a. */
struct str type_name(const struct type *t, struct arena *a);

#endif
