#include <config.h>

#include <stdio.h>

#include "compiler/cli/cli.h"

int cmd_version(struct cli *c)
{
	if (c->nargs)
		return cli_usage(c, "no arguments are wanted");
	printf("kfpc %s\n", PACKAGE_VERSION);
	return cli_print(&(struct buf){0});
}
