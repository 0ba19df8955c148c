/* What tests/bench/native calls: as little as a native component can do. */
#include "runtime/exec/native.h"

int add(int64_t a, int64_t b, int64_t *sum, char *err, size_t nerr);

int add(int64_t a, int64_t b, int64_t *sum, char *err, size_t nerr)
{
	(void)err;
	(void)nerr;
	*sum = a + b;
	return 0;
}
