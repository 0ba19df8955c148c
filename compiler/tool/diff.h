/* Two texts as a unified diff (the form of diff -u, three lines of context). */
#ifndef KFPC_TOOL_DIFF_H
#define KFPC_TOOL_DIFF_H

#include "runtime/base/buf.h"

/* Appends what leads from a to b; nothing if they are equal.  path names both.  Lines are
 * found by E. Myers, An O(ND) Difference Algorithm and Its Variations (1986); texts that
 * differ in more than DIFF_EDITS lines are shown as replaced from the first difference to
 * the last. */
enum { DIFF_EDITS = 2000, DIFF_CONTEXT = 3 };
void diff_unified(struct str path, struct str a, struct str b, struct buf *out);

#endif
