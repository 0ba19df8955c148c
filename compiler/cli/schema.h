/* JSON Schema (2020-12) of a pipeline's config, as `--config-file` takes it. */
#ifndef KFPC_CLI_SCHEMA_H
#define KFPC_CLI_SCHEMA_H

#include "runtime/bc/config.h"

void schema_write(const struct module *m, const struct module_pipeline *p,
		  const struct config_slots *slots, struct buf *out);

#endif
