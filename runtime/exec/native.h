/* The ABI of native components: C functions that kfpc calls.
 *
 *	component scale(data: Dataset, by: float, n: int?) -> (total: float, note: str):
 *	    native = "mylib:scale"
 *
 * calls, in mylib.so,
 *
 *	int scale(const char *data, double by, const int64_t *n,
 *		  double *total, char **note, char *err, size_t nerr);
 *
 * Arguments.  First the context, if the component has a Series output; then the
 * parameters in their order, then the outputs in theirs, then err and nerr.
 *
 *	type in the .kfp file       parameter             output
 *	int, duration, size         int64_t               int64_t *
 *	float                       double                double *
 *	Metric                      -                     double *
 *	bool                        int (0 or 1)          int * (0 is false)
 *	str, an enum                const char *          char **
 *	json, list, dict, a struct  const char * of JSON  char ** of JSON
 *	Dataset and other           const char *, its     const char *, the path to be
 *	  artifacts                   path                  written
 *	list[Dataset]               const char *const *   -
 *	                              and int64_t, paths
 *	                              and their number
 *	int?, float?, bool?         const int64_t *, ...  int64_t **, ...
 *	Series                      -                     none: see kfp_log
 *
 * A duration is in seconds, a size in bytes, an enum its name on the wire; text is UTF-8
 * and ends with a byte 0.  What may be None is a pointer, and NULL for None: of text and
 * paths the same pointer as without the question mark (a list that is None has the number
 * 0).  Parameters belong to the runtime and last until the function returns; an input's
 * file must not be written to.
 *
 * Outputs point to 0, 0.0 or NULL when the function is called.  A char * that it stores
 * there comes from malloc, and the runtime frees it; NULL means that the output was not
 * set, which is an error unless it may be None.  So does an int64_t *, double * or int *
 * that it stores for an output that may be None.
 *
 * It returns 0.  Anything else is a failure: the text in err, which has room for nerr
 * bytes with the 0 at its end, says why, in one sentence for people.  It holds "" when
 * the function is called.
 *
 * The process.  Each task is a process of its own, started for it, whose current folder
 * is an empty one that belongs to the task; what it prints is the task's log.  It may
 * use threads, change signal handlers, leak memory or crash: its task alone fails.  With
 * `trusted = on` the function is called within kfpc instead, on its one thread: it must
 * return soon, print nothing, and leave signals, locale, current folder and environment
 * alone.  Only there does what it keeps last until the next call.
 *
 * This header needs nothing but a C99 or C++11 compiler; there is no library to link. */
#ifndef KFPC_NATIVE_H
#define KFPC_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#define KFP_ABI_VERSION 1

/* What a component with a Series output gets as its first argument.  Members are only
 * ever added at the end; size says how many there are. */
struct kfp_ctx {
	uint32_t version;	/* KFP_ABI_VERSION of the runtime */
	uint32_t size;		/* sizeof(struct kfp_ctx) of the runtime */
	int (*log)(struct kfp_ctx *ctx, const char *series, int64_t step, double value);
};

/* Adds a point to the Series output of that name; it is seen while the task runs.
 * Returns 0, or -1 if there is no such output or the point cannot be kept (the task
 * fails then, whatever the function returns).  From one thread at a time. */
static inline int kfp_log(struct kfp_ctx *ctx, const char *series, int64_t step,
			  double value)
{
	return ctx->log(ctx, series, step, value);
}

#endif
