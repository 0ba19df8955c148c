/* What a test can ask about a run: the value of the struct that compiler/sema/test.c
 * makes for a pipeline. */
#ifndef KFPC_CLI_TEST_RESULT_H
#define KFPC_CLI_TEST_RESULT_H

#include "runtime/rt.h"

/* The value of type t (a "Run") for the run that v shows; in a.  Outputs that were not
 * produced are missing. */
struct value test_result(const struct type *t, const struct run_view *v, struct arena *a);

#endif
