/* Lowering: from checked trees to the module.
 *
 * What the root file declares is lowered, and what that uses of other files, in the
 * order of files and of the source, so that the same program gives the same module.
 * What can only be said once values are known is said here: constants that break a
 * `where` or cannot be computed, and addresses of configs. */
#ifndef KFPC_IR_LOWER_H
#define KFPC_IR_LOWER_H

#include "compiler/ir/test.h"
#include "compiler/sema/sema.h"

struct lowered {
	struct node **decls;	/* AST_COMPONENT of each component, in the arena of s */
	struct test_case *tests;	/* of the root file, in the arena of the module */
	uint32_t ntests;
};

enum lower_flags {
	LOWER_TESTS = 1,	/* those of the root file, too */
	/* Only what is wrong is wanted: the module has no bytecode but that of defs, no
	 * texts of sites and no digests of files, and cannot be saved. */
	LOWER_ONLY_CHECK = 2,
};

/* Fills m, whose types are s->types.  Says what is wrong through the diagnostics of s;
 * the module is then of no use but for its components.  If errors were said before,
 * they must lie within pipelines and configs: then only the components are lowered. */
void lower(struct sema *s, struct module *m, unsigned flags, struct lowered *out);

#endif
