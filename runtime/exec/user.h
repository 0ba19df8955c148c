/* The user's folders: $XDG_CACHE_HOME/kfpc or ~/.cache/kfpc, and the same for
 * configuration and state. (A relative XDG path is ignored, as its specification says.)
 * NUL-terminated, in a; they need not exist. */
#ifndef KFPC_EXEC_USER_H
#define KFPC_EXEC_USER_H

#include "runtime/base/arena.h"

struct str user_cache_folder(struct arena *a);
struct str user_config_folder(struct arena *a);
struct str user_state_folder(struct arena *a);

/* The absolute path of a program in $PATH, or an empty str. */
struct str user_find_program(const char *name, struct arena *a);

#endif
