/* The texts of the standard library.  The program carries them, so that `std` is there
 * wherever kfpc is, is of the same version, and is never a file of the user's. */
#ifndef KFPC_STDLIB_LIBRARY_H
#define KFPC_STDLIB_LIBRARY_H

#include "runtime/base/str.h"

/* The text of a file, "std/data.kfp"; false if there is none of this path. */
bool library_find(struct str path, struct str *text);
/* The path of the i-th file, by name; NULL after the last. */
const char *library_path(size_t i);

#endif
