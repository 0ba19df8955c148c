#include <config.h>

#include "runtime/base/block.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "runtime/base/err.h"

static size_t rounded(size_t bytes)
{
	return (bytes + BLOCK_HUGE - 1) & ~(size_t)(BLOCK_HUGE - 1);
}

/* Maps more than is wanted and gives back what lies outside of whole huge pages: a kernel
 * that does not align mappings itself would otherwise use none for most of them. */
static void *map_aligned(size_t bytes)
{
	char *p = mmap(NULL, bytes + BLOCK_HUGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (p == MAP_FAILED)
		err_nomem();
	before = -(uintptr_t)p & (BLOCK_HUGE - 1);
	if (before)
		munmap(p, before);
	munmap(p + before + bytes, BLOCK_HUGE - before);
	return p + before;
}

void block_advise(void *p, size_t bytes)
{
	size_t before = -(uintptr_t)p & (BLOCK_HUGE - 1);

	if (bytes < before + BLOCK_HUGE)
		return;
#ifdef MADV_HUGEPAGE
	bytes = (bytes - before) & ~(size_t)(BLOCK_HUGE - 1);
	madvise((char *)p + before, bytes, MADV_HUGEPAGE);	/* a wish: it may fail */
#endif
}

void *block_new(size_t bytes)
{
	void *p;

	if (bytes < BLOCK_HUGE) {
		p = calloc(1, bytes);
		if (!p)
			err_nomem();
		return p;
	}
	if (bytes > SIZE_MAX / 2)
		err_nomem();
	p = map_aligned(rounded(bytes));
	block_advise(p, rounded(bytes));
	return p;
}

void block_free(void *p, size_t bytes)
{
	if (bytes < BLOCK_HUGE)
		free(p);
	else if (p)
		munmap(p, rounded(bytes));
}
