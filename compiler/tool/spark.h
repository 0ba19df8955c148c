/* The course of a metric as a line of small bars: "█▅▃▂▁▁". */
#ifndef KFPC_TOOL_SPARK_H
#define KFPC_TOOL_SPARK_H

#include "runtime/base/buf.h"

/* Appends at most width bars, from the smallest of n values to the largest; each is the
 * mean of its share of them.  What is no number leaves a blank. */
void spark_add(const double *at, size_t n, unsigned width, struct buf *out);

#endif
