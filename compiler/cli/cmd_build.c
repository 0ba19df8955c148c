#include <config.h>

#include "compiler/cli/output.h"
#include "compiler/cli/source.h"
#include "runtime/bc/save.h"

/* F.kfp -> F.kfpb; anything else gets the ending added. */
static const char *output_path(struct cli *c, const char *path)
{
	struct str stem = str_of(path);

	if (str_has_suffix(stem, STR(".kfp")))
		stem.n -= 4;
	return arena_printf(&c->arena, "%.*s.kfpb", STR_ARG(stem)).p;
}

static int write_module(struct cli *c, struct module *m, const char *path)
{
	struct buf bytes = {0};
	int rc;

	module_save(m, &bytes);
	rc = output_deliver(c, path, output_name(c, c->args[0], ".kfpb"), &bytes);
	buf_release(&bytes);
	return rc;
}

int cmd_build(struct cli *c)
{
	const char *to = cli_get(c, OPT_build_output);
	struct compilation comp;
	int rc;

	if (c->nargs != 1)
		return cli_usage(c, "one file is wanted");
	if (!to && !strcmp(c->args[0], "-"))
		return cli_usage(
			c, "-o is wanted where the program comes from standard input");
	if (!to)
		to = output_path(c, c->args[0]);
	compilation_init(&comp);
	rc = source_compile(c, &comp, c->args[0],
			    cli_has(c, OPT_build_json) ? SOURCE_JSON : 0);
	if (!rc)
		rc = write_module(c, comp.module, to);
	compilation_release(&comp);
	return rc;
}
