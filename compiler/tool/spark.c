#include <config.h>

#include "compiler/tool/spark.h"

#include <math.h>

enum { LEVELS = 8 };

static const char *const BARS[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/* The mean of what is finite; NaN if nothing is. */
static double mean(const double *at, size_t lo, size_t hi)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = lo; i < hi; i++) {
		if (!isfinite(at[i]))
			continue;
		sum += at[i] / (double)(hi - lo);
		n++;
	}
	return n ? sum * ((double)(hi - lo) / (double)n) : (double)NAN;
}

static size_t level(double x, double min, double max)
{
	/* Halves, so that the width of all floats is no infinity. */
	double wide = max / 2 - min / 2, k;

	if (!(wide > 0))
		return LEVELS / 2 - 1;
	k = (x / 2 - min / 2) / wide * LEVELS;
	return k >= LEVELS ? LEVELS - 1 : k > 0 ? (size_t)k : 0;
}

void spark_add(const double *at, size_t n, unsigned width, struct buf *out)
{
	size_t bars = n < width ? n : width;
	double min = (double)INFINITY, max = -(double)INFINITY;

	for (size_t i = 0; i < bars; i++) {
		double x = mean(at, i * n / bars, (i + 1) * n / bars);

		min = x < min ? x : min;
		max = x > max ? x : max;
	}
	for (size_t i = 0; i < bars; i++) {
		double x = mean(at, i * n / bars, (i + 1) * n / bars);

		buf_addz(out, isnan(x) ? " " : BARS[level(x, min, max)]);
	}
}
