/* The options of `kfpc export argo`. */
#ifndef KFPC_CLI_EXPORT_ARGO_H
#define KFPC_CLI_EXPORT_ARGO_H

#include "compiler/cli/cli.h"
#include "compiler/export/export.h"

/* Reads them; where the export is for something else there may be none.  EXIT_DONE, or
 * EXIT_USAGE with the reason on stderr. */
int export_argo_options(struct cli *c, bool is_argo, struct argo_options *o);

/* Which of the words, ended by NULL, the value of an option is; -1 after a message. */
int export_word(struct cli *c, enum cli_option option, struct str text,
		const char *const *words);

#endif
