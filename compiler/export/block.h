/* Members of a `kubernetes:` block (module.h) as members of YAML.  The shape of the block
 * was checked when it was compiled; of a module that comes from elsewhere, what has
 * another shape is passed over. */
#ifndef KFPC_EXPORT_BLOCK_H
#define KFPC_EXPORT_BLOCK_H

#include "compiler/export/yaml/yaml.h"
#include "runtime/bc/module.h"

/* The text under name; false, and an empty one, if there is none. */
bool block_text(struct value from, const char *name, struct str *out);
/* Is something said under name? */
bool block_has(struct value from, const char *name);

/* These put what from says under name as member key of to, if it says so. */
void block_put_text(struct yaml *to, const char *key, struct value from, const char *name);
void block_put_int(struct yaml *to, const char *key, struct value from, const char *name);
void block_put_bool(struct yaml *to, const char *key, struct value from, const char *name);
/* Bytes, as export_bytes. */
void block_put_size(struct yaml *to, const char *key, struct value from, const char *name);
/* The texts of a list, or of a dict. */
void block_put_texts(struct yaml *to, const char *key, struct value from,
		     const char *name);

/* Is this text in it, in a key or a value? */
bool block_holds(struct value v, struct str text);
/* Where the block of a component says something under name, as far as that can be found
 * in its source; else where the component is. */
struct loc block_place(const struct module_component *c, struct str name);

/* A new element, an empty map, of the list that is member key. */
struct yaml *block_add(struct yaml *map, const char *key);

/* A number of bytes as Kubernetes writes it: "512Mi". */
struct str export_bytes(struct arena *a, int64_t n);
/* Processors, an INT or FLOAT: "2"; "500m", at least "1m". */
struct str export_cpus(struct arena *a, struct value v);

#endif
