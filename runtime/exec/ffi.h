/* Calls C functions whose signature is known only when the program runs.  ffi.c is the
 * only file that knows libffi and dlopen; native.h has the rules of the signature. */
#ifndef KFPC_EXEC_FFI_H
#define KFPC_EXEC_FFI_H

#include "runtime/exec/native.h"
#include "runtime/value/value.h"

enum native_kind {
	NATIVE_INT,	/* int64_t */
	NATIVE_FLOAT,	/* double */
	NATIVE_BOOL,	/* int */
	NATIVE_TEXT,	/* const char *; as an output, char ** */
	NATIVE_PATHS,	/* const char *const * and int64_t; only a parameter */
	NATIVE_NKINDS
};

/* The path of an artifact output is a NATIVE_TEXT that is no output here: the function
 * is given it. */
struct native_arg {
	struct str name;	/* for messages */
	enum native_kind kind;
	bool is_output, is_optional;
};

struct native_sig {
	const struct native_arg *args;
	uint32_t n;
	bool has_ctx;
};

/* One argument: what goes in, and for an output what came out. */
struct native_value {
	bool is_none;			/* of a parameter that is_optional */
	int64_t npaths;
	union {
		int64_t i;
		double f;
		int b;
		const char *text;
		const char *const *paths;
		void *given;		/* of outputs: what the function allocated */
	};
};

struct native_fn;

/* Loads the library and finds the function.  sig is borrowed until native_close.  NULL
 * with err if there is no such file, symbol, or it cannot be loaded. */
struct native_fn *native_open(const char *path, const char *symbol,
			      const struct native_sig *sig, struct err *err);
/* The library stays loaded: what it started may still run in it. */
void native_close(struct native_fn *f);

/* Calls it with values, one for each argument of its signature; returns what it returned.
 * One call of f at a time.  Outputs are to be taken by native_result or native_drop. */
int native_call(struct native_fn *f, struct native_value *values, struct kfp_ctx *ctx,
		char *err, size_t nerr);

/* What the function left in output arg, in a: None, BOOL, INT, FLOAT, or STR for all that
 * travels as text.  Frees what the function allocated.  -1 with err if it was not set, is
 * no UTF-8 or too long. */
int native_result(const struct native_arg *arg, struct native_value *v, struct arena *a,
		  struct value *out, struct err *err);
/* Frees what the function allocated for the output, unread. */
void native_drop(const struct native_arg *arg, struct native_value *v);

#endif
