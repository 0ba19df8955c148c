/* The Containerfile of an image that has the packages of an environment, so that a task
 * need not install them when it starts.
 *
 * The image says in KFPC_PACKAGES which packages it has: the digest of what the environment
 * asks for.  A launcher that finds the digest of its own environment there installs
 * nothing; any other image is asked by pip. */
#ifndef KFPC_EXPORT_IMAGE_H
#define KFPC_EXPORT_IMAGE_H

#include "runtime/bc/module.h"

#define IMAGE_MARK "KFPC_PACKAGES"

/* The environment called name; MODULE_NONE with err set (it suggests one) if there is none. */
uint32_t image_find_env(const struct module *m, struct str name, struct err *err);

/* Of packages, requirements and indexes. */
struct digest image_packages_digest(const struct module *m, const struct module_env *e);

/* base: what it is made from; "": the image of the environment, or Python's own. */
int image_write(const struct module *m, const struct module_env *e, struct str base,
		struct arena *a, struct buf *out, struct err *err);

#endif
