/* The config that the options of `run` and `config` ask for. */
#ifndef KFPC_CLI_CONFIG_ARGS_H
#define KFPC_CLI_CONFIG_ARGS_H

#include "compiler/cli/cli.h"
#include "runtime/vm/run_args.h"

/* Which options of the command mean what. */
struct config_options {
	enum cli_option param, config, config_file;
};

/* Picks the pipeline that the second argument names (or the only one) and makes its
 * config; in c's arena.  EXIT_DONE, or the exit status once it was said on stderr what
 * is wrong; message is then one line about it, NUL-terminated. */
int config_from_args(struct cli *c, const struct config_options *o, const struct module *m,
		     uint32_t *pipeline, struct run_config *config, struct str *message);

#endif
