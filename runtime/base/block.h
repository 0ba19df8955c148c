/* Large pieces of zeroed memory.
 *
 * A piece of at least BLOCK_HUGE bytes is mapped for itself and asked to be backed by huge
 * pages: what fills hundreds of megabytes would otherwise spend more time in page faults
 * than on its work.  Smaller ones come from calloc. */
#ifndef KFPC_BASE_BLOCK_H
#define KFPC_BASE_BLOCK_H

#include <stddef.h>

enum { BLOCK_HUGE = 2 << 20 };	/* of a huge page where they are of the usual size */

/* Never NULL: aborts (err_nomem) when memory runs out. */
void *block_new(size_t bytes);
/* bytes is what block_new was asked for.  p may be NULL. */
void block_free(void *p, size_t bytes);
/* Asks for huge pages for what lies within these bytes, if they are that many. */
void block_advise(void *p, size_t bytes);

#endif
