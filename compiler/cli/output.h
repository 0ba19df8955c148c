/* Where what a command makes goes: -o PATH, or standard output. */
#ifndef KFPC_CLI_OUTPUT_H
#define KFPC_CLI_OUTPUT_H

#include "compiler/cli/cli.h"

/* Writes out to the file path, or to standard output if that is NULL or "-", and returns
 * the exit status; what could not be written, and what to do, is on stderr.  A file that
 * was there is as it was, then.  name: of a file that one would make in a folder. */
int output_deliver(struct cli *c, const char *path, struct str name,
		   const struct buf *out);
/* The name of a source or module with another ending: "dir/iris.kfp" -> "iris.yaml". */
struct str output_name(struct cli *c, const char *source, const char *ending);

#endif
