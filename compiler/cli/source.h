/* From a file named on the command line to a module: what check, build, dis, run and
 * config share. */
#ifndef KFPC_CLI_SOURCE_H
#define KFPC_CLI_SOURCE_H

#include "compiler/cli/cli.h"
#include "compiler/ir/compile.h"

enum source_flags {
	SOURCE_NO_PYTHON = 1,	/* Python contents are not checked */
	SOURCE_ONLY_CHECK = 8,	/* the module will not be used: see LOWER_ONLY_CHECK */
	SOURCE_TESTS = 4,	/* tests are lowered too: c->lowered.tests */
	SOURCE_KFP = 16,	/* what Kubeflow refuses is wrong, too, */
	SOURCE_ARGO = 32,	/* what Argo does */
	SOURCE_JSON = 2,	/* diagnostics as JSON on stdout, else as text on stderr */
};

/* Modules are looked for in the folders of every -I that cli was given, then in those of
 * KFPC_PATH; the standard library is the program's own unless KFPC_STDLIB names a folder. */

struct sema_loader source_loader(struct cli *cli);

/* Compiles a .kfp file ("-" is standard input), checks Python contents, prints the
 * diagnostics.  Returns EXIT_DONE with c->module set, or the exit status; c is the
 * caller's to release in both cases. */
int source_compile(struct cli *cli, struct compilation *c, const char *path,
		   unsigned flags);

/* Its two halves.  All but printing: -1 with err if the file cannot be read. */
int source_check(struct cli *cli, struct compilation *c, const char *path, unsigned flags,
		 struct err *err);
/* Prints the diagnostics; the exit status. */
int source_report(const struct compilation *c, unsigned flags);
/* The same after parsing alone, if there are errors: warnings are for `check`. */
int source_report_syntax(struct compilation *c);

/* A verified module from a .kfp or a .kfpb file, and the bytes of its saved form.  What
 * `kfpc run` uses: compile, save to memory, load, verify.  The caller frees *m by
 * module_free and bytes by buf_release. */
int source_load(struct cli *cli, const char *path, unsigned flags, struct module **m,
		struct buf *bytes);

#endif
