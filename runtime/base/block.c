#include <config.h>

#include "runtime/base/block.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "runtime/base/err.h"

#ifndef MAP_POPULATE
#define MAP_POPULATE 0
#endif

void *block_new(size_t bytes)
{
	void *p;

	if (bytes < BLOCK_LARGE) {
		p = calloc(1, bytes);
		if (!p)
			err_nomem();
		return p;
	}
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED)
		err_nomem();
	return p;
}

void block_free(void *p, size_t bytes)
{
	if (bytes < BLOCK_LARGE)
		free(p);
	else if (p)
		munmap(p, bytes);
}
