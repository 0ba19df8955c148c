/* Lowering: from checked trees to the module.
 *
 * What the root file declares is lowered, and what that uses of other files, in the
 * order of files and of the source, so that the same program gives the same module.
 * What can only be said once values are known is said here: constants that break a
 * `where` or cannot be computed, and addresses of configs. */
#ifndef KFPC_IR_LOWER_H
#define KFPC_IR_LOWER_H

#include "compiler/sema/sema.h"

/* Fills m, whose types are s->types.  decls gets one AST_COMPONENT for each component
 * of the module, in the arena of s.  Says what is wrong through the diagnostics of s;
 * the module is then of no use but for its components.  If errors were said before,
 * they must lie within pipelines and configs: then only the components are lowered. */
void lower(struct sema *s, struct module *m, struct node ***decls);

#endif
