/* The .kfpb file: a module as bytes.  doc/internals/module.md has the format.
 *
 * Saving is deterministic: the same module gives the same bytes.  Loading checks
 * lengths, limits, magic, version and the digest, and then module_verify; nothing that
 * comes out of module_load can hurt the VM. */
#ifndef KFPC_BC_SAVE_H
#define KFPC_BC_SAVE_H

#include "runtime/bc/module.h"

/* Appends the file's bytes to out and sets m->digest. */
void module_save(struct module *m, struct buf *out);

/* Reads bytes as module_save wrote them.  NULL with err (ERR_INPUT) saying in words
 * what is wrong with them; name is the file's, for messages. */
struct module *module_load(struct str bytes, const char *name, struct err *err);

/* The same without comparing the digest, for tests that change bytes and want to get past
 * it. */
struct module *module_load_unchecked(struct str bytes, const char *name, struct err *err);

/* Does this look like a .kfpb file at all? */
bool module_is_kfpb(struct str bytes);

/* Checks what module.h and ops.def promise: every index and operand by its kind, stack
 * depth on every path, jumps, types on edges, order of nodes, blocks.  0, or -1 with
 * err saying what is wrong and where ("pipeline 'iris': node 3 'fit': argument 2:
 * ..."). */
int module_verify(const struct module *m, struct err *err);

/* Gives the structs of a verified module the defaults of their fields (type_default).
 * module_load does it.  -1 with err if one cannot be computed or is too large. */
int module_link(struct module *m, struct err *err);

/* The module as text, for people and for golden tests; stable. */
void module_dis(const struct module *m, struct buf *out);

#endif
