/* Where the shared libraries of native components are. */
#ifndef KFPC_EXEC_SOLIB_H
#define KFPC_EXEC_SOLIB_H

#include "runtime/base/arena.h"
#include "runtime/base/err.h"

/* The absolute path of NAME.so or libNAME.so, NUL-terminated in a: in the folders of
 * $KFPC_NATIVE_PATH (separated by ':'), in folder (of the .kfp file; may be ""), beside
 * this program where its own libraries are in a build tree (stdlib/native), and where
 * they are installed.  Not where the linker would look.  -1 with err that says where it
 * was looked for. */
int solib_find(struct str name, struct str folder, struct arena *a, struct str *path,
		 struct err *err);

#endif
