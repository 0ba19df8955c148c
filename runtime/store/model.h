/* The manifest of a Model: its four parts, read from the store. */
#ifndef KFPC_STORE_MODEL_H
#define KFPC_STORE_MODEL_H

#include "runtime/store/view.h"

enum model_part {
	MODEL_CODE,
	MODEL_WEIGHTS,
	MODEL_STRUCTURE,
	MODEL_ENVIRONMENT,
	MODEL_NPARTS,
};

extern const char *const model_part_names[MODEL_NPARTS];

/* What the manifest says of a part; every member may be absent ("" and zero). */
struct model_part_info {
	struct value all;	/* the part as in the manifest */
	struct blob blob;	/* of code, weights, structure; hex "" for none */
	struct str digest;	/* as written */
	struct str note;	/* entry, format, source, Python version */
	struct str lock;	/* of environment: a digest, or "" */
};

struct model {
	struct value manifest;
	struct model_part_info parts[MODEL_NPARTS];
};

/* Reads the manifest of an artifact that has one; values live in a. */
int model_load(const struct store *s, const struct view_artifact *artifact,
	       struct arena *a, struct model *out, struct err *err);
/* Writes all of it below dest, which is made: manifest.json, code/, weights,
 * structure.json, environment.json and environment.lock. */
int model_export(const struct store *s, const struct model *m, struct str dest,
		 struct arena *a, struct err *err);

#endif
