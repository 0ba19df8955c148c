/* `kfpc lsp`: the language server, for editors. */
#include <config.h>

#include <unistd.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/pyrun.h"
#include "compiler/cli/source.h"
#include "compiler/lsp/lsp.h"

static void check_contents(const char *path, struct compilation *c)
{
	pyrun_check(path, c->parts, c->lowered.decls, &c->src, &c->diags);
}

int cmd_lsp(struct cli *c)
{
	struct lsp_host host = {.loader = source_loader(c),
				.check_contents = check_contents};
	struct err err;

	if (c->nargs)
		return cli_usage(c, "it takes no arguments: an editor speaks to it");
	if (cli_has(c, OPT_lsp_no_python))
		host.check_contents = NULL;
	if (isatty(STDIN_FILENO))
		return cli_usage(c, "an editor starts this command, and speaks to it");
	return lsp_serve(STDIN_FILENO, STDOUT_FILENO, &host, &err) ? cli_fail(&err)
								    : EXIT_DONE;
}
