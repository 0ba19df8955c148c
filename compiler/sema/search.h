/* Where imported modules are found.
 *
 * `import a.b` is a/b.kfp in the folder of the importing file, or in the first folder of
 * the loader's that has it.  `std` is the standard library and nothing else: its files
 * come with the program, or from the folder that the loader names in its place. */
#ifndef KFPC_SEMA_SEARCH_H
#define KFPC_SEMA_SEARCH_H

#include "compiler/sema/check.h"

/* The i-th place where the module that an import in `file` names may be; false after the
 * last.  names is not empty. */
bool search_place(struct sema *s, const struct sema_file *file, const struct list *names,
		  size_t i, struct place_of_file *out);
/* Says that it is at none of them. */
void search_say_missing(struct sema *s, const struct sema_file *file,
			const struct list *names, struct span at);

/* Reads a file of the library, "std/data.kfp"; -1 with err, whose sys is ENOENT where
 * there is none. */
int search_read_library(struct sema *s, struct str path, struct buf *out,
			struct err *err);

#endif
