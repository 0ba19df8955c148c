#include <config.h>

#include "runtime/base/vec.h"

#include "runtime/base/err.h"

void *vec_grow(void *at, size_t n, size_t *cap, size_t bytes)
{
	size_t want = *cap ? *cap : 8, total;

	while (want < n)
		want *= 2;
	if (__builtin_mul_overflow(want, bytes, &total))
		err_nomem();
	at = realloc(at, total);
	if (!at)
		err_nomem();
	*cap = want;
	return at;
}
