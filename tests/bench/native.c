/* native LIBRARY N: nanoseconds of a call of the function `add`, N times each: by libffi
 * with everything prepared, by ffi.c from values, and as a whole trusted task of the
 * executor, through the loop. */
#include <config.h>

#include <dlfcn.h>
#include <ffi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/exec/exec.h"
#include "runtime/exec/ffi.h"

static const struct native_arg args[] = {
	{STR("a"), NATIVE_INT, false, false},
	{STR("b"), NATIVE_INT, false, false},
	{STR("sum"), NATIVE_INT, true, false},
};
static const struct native_sig sig = {args, 3, false};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "native: %s\n", what);
	exit(1);
}

static double bare(const char *path, long n)
{
	void *library = dlopen(path, RTLD_NOW), *code = library ? dlsym(library, "add") : NULL;
	ffi_type *types[] = {&ffi_type_sint64, &ffi_type_sint64, &ffi_type_pointer,
			     &ffi_type_pointer, &ffi_type_uint64};
	int64_t a = 1, b = 2, sum = 0, *to = &sum;
	char text[900], *err = text;
	size_t nerr = sizeof text;
	void *slots[] = {&a, &b, &to, &err, &nerr};
	void (*f)(void);
	ffi_cif cif;
	ffi_arg rc;
	double began;

	if (!code || ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 5, &ffi_type_sint, types))
		die("cannot prepare the call");
	memcpy(&f, &code, sizeof f);
	began = now_ns();
	for (long i = 0; i < n; i++, a = sum)
		ffi_call(&cif, f, &rc, slots);
	if (sum != 1 + 2 * n)
		die("a wrong sum");
	return (now_ns() - began) / (double)n;
}

static double prepared(const char *path, long n)
{
	struct native_value values[3] = {{.i = 1}, {.i = 2}, {.i = 0}};
	struct value v = {0};
	struct arena a;
	struct err err;
	struct native_fn *f = native_open(path, "add", &sig, &err);
	char text[900];
	double began;

	if (!f)
		die(err.text);
	arena_init(&a);
	began = now_ns();
	for (long i = 0; i < n; i++, values[0].i = v.i)
		if (native_call(f, values, NULL, text, sizeof text) ||
		    native_result(&args[2], &values[2], &a, &v, &err))
			die("the call failed");
	began = (now_ns() - began) / (double)n;
	arena_release(&a);
	native_close(f);
	return began;
}

static void on_ended(void *arg, const struct exec_result *r)
{
	*(int64_t *)arg = r->state == EXEC_OK ? r->outputs[0].value.i : -1;
}

static double task(const char *path, long n)
{
	struct err err;
	struct loop *l = loop_new(&err);
	struct types types;
	struct exec_input in[2] = {{.name = STR("a")}, {.name = STR("b")}};
	struct exec_output out = {.name = STR("sum")};
	struct exec_spec spec = {
		.executor = EXECUTOR_TRUSTED, .code = str_of(path), .entry = STR("add"),
		.folder = STR("."), .inputs = in, .outputs = &out, .ninputs = 2,
		.noutputs = 1,
	};
	int64_t sum = 0;
	struct exec_handler h = {.ended = on_ended, .arg = &sum};
	double began;

	types_init(&types);
	in[0].type = in[1].type = out.type = types.integer;
	in[1].value = value_int(2);
	began = now_ns();
	for (long i = 0; i < n; i++) {
		struct arena a;

		arena_init(&a);
		in[0].value = value_int(sum);
		exec_start(l, &spec, &h, &a);
		if (loop_step(l, -1, &err) || sum != 2 * (i + 1))
			die("the task failed");
		arena_release(&a);
	}
	began = (now_ns() - began) / (double)n;
	types_release(&types);
	loop_free(l);
	return began;
}

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;

	if (n <= 0)
		die("usage: native LIBRARY N");
	printf("%.2f %.2f %.2f\n", bare(argv[1], n), prepared(argv[1], n),
	       task(argv[1], n / 10 + 1));
	return 0;
}
