/* The runtime's whole public face: load a compiled module, make a config, run a
 * pipeline of it.
 *
 *	struct module *m = module_load(bytes, "iris.kfpb", &err);
 *	run_pick_pipeline(m, NULL, &pipeline, &err);
 *	run_config_make(m, pipeline, MODULE_NONE, NULL, 0, &arena, &config, &errors, &err);
 *	struct store *s = store_open(store_locate(NULL, &arena).p, STORE_WRITE, &err);
 *	run_pipeline(m, bytes, pipeline, &config, s, &opts, &arena, &result, &err);
 *
 * It needs nothing of the compiler; kfpvm.c is a program made of this alone. */
#ifndef KFPC_RT_H
#define KFPC_RT_H

#include "runtime/bc/config.h"
#include "runtime/bc/save.h"
#include "runtime/exec/load_host.h"
#include "runtime/exec/native_host.h"
#include "runtime/store/store.h"
#include "runtime/store/view.h"
#include "runtime/vm/run.h"
#include "runtime/vm/run_args.h"

#endif
