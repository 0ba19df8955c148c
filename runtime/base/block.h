/* Large pieces of zeroed memory.
 *
 * A piece of at least BLOCK_LARGE bytes is mapped for itself and gets all of its pages
 * at once: what fills hundreds of megabytes would otherwise spend as much time in page
 * faults as on its work.  So ask for what will be used.  Smaller pieces come from
 * calloc.
 *
 * Huge pages would be faster still, but not in a virtual machine that returns what is
 * free to its host: there each of them is fetched again, which takes several times as
 * long. */
#ifndef KFPC_BASE_BLOCK_H
#define KFPC_BASE_BLOCK_H

#include <stddef.h>

enum { BLOCK_LARGE = 2 << 20 };

/* Never NULL: aborts (err_nomem) when memory runs out. */
void *block_new(size_t bytes);
/* bytes is what block_new was asked for.  p may be NULL. */
void block_free(void *p, size_t bytes);

#endif
