/* The container engine of this machine: podman or docker.
 *
 * KFPC_CONTAINER_ENGINE names the program to use, by its name or path; else it is the
 * first of podman and docker that answers.  Who answered is remembered until the end of
 * the process, and used from one thread. */
#ifndef KFPC_EXEC_ENGINE_H
#define KFPC_EXEC_ENGINE_H

#include "runtime/base/arena.h"
#include "runtime/base/err.h"

struct engine {
	const char *name;	/* as people call it: "podman", "docker" */
	const char *path;
	bool is_podman;
	bool is_rootless;	/* root in its containers is us */
};

/* NULL with err, which says what was looked for and what each answered. */
const struct engine *engine_find(struct err *err);

/* The image as this engine knows it.  Docker takes `python:3.11` for one of
 * docker.io; podman does not, so what it does not have under this name gets its whole
 * name.  In a. */
struct str engine_image(const struct engine *e, struct str image, struct arena *a);

#endif
