/* Environments: `python`, `packages` and `requirements` of a component become a
 * virtual environment, built once for each digest in the user's cache
 * ($XDG_CACHE_HOME/kfpc/envs or ~/.cache/kfpc/envs), with uv where present and pip
 * else, and shared by all runs.
 *
 * Building is done by child processes, so that the event loop goes on, and is safe
 * when several processes want the same environment at once: one builds, under a lock
 * that dies with it, and the others wait.  What was left unfinished is wiped and built
 * again.
 *
 *	envs/<digest>.lock	held (flock) while it is built
 *	envs/<digest>/venv/	the virtual environment
 *	envs/<digest>/lock	exact versions, one `name==version` a line, sorted
 *	envs/<digest>/ready	JSON, written last: with it the environment is valid */
#ifndef KFPC_EXEC_ENV_H
#define KFPC_EXEC_ENV_H

#include "runtime/base/arena.h"
#include "runtime/base/sha256.h"
#include "runtime/exec/loop.h"

struct env_spec {
	struct str name;		/* for messages */
	struct str python;		/* "3.11", or "" for the interpreter at hand */
	const struct str *packages;
	const struct str *index_urls;
	uint32_t npackages, nindex_urls;
	struct str requirements;	/* text of the requirements file, or "" */
};

struct env_info {
	struct str python;		/* absolute path of the interpreter */
	struct str version;		/* "3.11.2" */
	struct str platform;		/* "linux-x86_64" */
	struct digest digest;		/* of spec and platform: names the folder */
	struct digest lock_digest;	/* of lock */
	/* "dill==0.3.9\nnumpy==2.1.0\n..."; "" for a bare interpreter */
	struct str lock;
	bool cached;			/* it was there already */
	int64_t ms;
};

enum env_mode {
	ENV_VENV,
	/* the interpreter at hand; packages it lacks are an error that lists them */
	ENV_HOST,
};

struct env_handler {
	void (*progress)(void *arg, struct str line);	/* what pip or uv is doing */
	/* info NULL: it failed, and error holds a sentence and the tool's own last words.
	 * What info points to lives until envs_free, error until the return. */
	void (*ready)(void *arg, const struct env_info *info, struct str error);
	void *arg;
};

struct envs;	/* the environments of one run */

struct envs *envs_new(struct loop *l, enum env_mode mode, struct err *err);
/* Ends builds that go on and frees everything. */
void envs_free(struct envs *e);

/* Asks for an environment; `ready` is called from a later loop_step, at once for a
 * spec that is built already.  Without packages and requirements it is the plain
 * interpreter. */
void envs_request(struct envs *e, const struct env_spec *spec,
		  const struct env_handler *h);
/* Handlers with this arg are not called any more; what they asked for goes on. */
void envs_forget(struct envs *e, const void *arg);
/* Ends all builds under way; their `ready` is called with an error. */
void envs_cancel(struct envs *e);

/* The interpreter at hand: $KFPC_PYTHON, python3 in PATH (a shim that only forwards is
 * resolved to the real interpreter); version "3.11" asks for python3.11, which is also
 * looked for among those that pyenv and uv have installed.  At least 3.8.  -1 with err
 * saying what was looked for and how to get it.  What an interpreter said of itself is
 * kept in the user's cache, so that it need not be started again to be asked. */
int env_find_python(struct str version, struct arena *a, struct str *path,
		    struct err *err);

#endif
