#include <config.h>

#include "compiler/cli/source.h"
#include "runtime/bc/save.h"

int cmd_dis(struct cli *c)
{
	struct buf bytes = {0}, out = {0};
	struct module *m = NULL;
	int rc;

	if (c->nargs != 1)
		return cli_usage(c, "one file is wanted");
	rc = source_load(c, c->args[0], SOURCE_NO_PYTHON, &m, &bytes);
	if (!rc) {
		module_dis(m, &out);
		rc = cli_print(&out);
	}
	module_free(m);
	buf_release(&bytes);
	buf_release(&out);
	return rc;
}
