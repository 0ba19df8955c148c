#include <config.h>

#include "runtime/exec/ffi.h"

#include <dlfcn.h>
#include <ffi.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/limits.h"
#include "runtime/base/utf8.h"

struct native_fn {
	const struct native_sig *sig;
	void (*code)(void);
	ffi_cif cif;
	ffi_type **types;
	void **slots;		/* where each argument of the call is */
	void **pointers;	/* of each argument of sig: what is passed by pointer */
};

static ffi_type *const types_by_value[NATIVE_NKINDS] = {
	[NATIVE_INT] = &ffi_type_sint64,
	[NATIVE_FLOAT] = &ffi_type_double,
	[NATIVE_BOOL] = &ffi_type_sint,
	[NATIVE_TEXT] = &ffi_type_pointer,
	[NATIVE_PATHS] = &ffi_type_pointer,
};

static bool is_by_value(const struct native_arg *arg)
{
	return !arg->is_output && (!arg->is_optional || arg->kind == NATIVE_TEXT ||
				   arg->kind == NATIVE_PATHS);
}

static unsigned make_types(struct native_fn *f)
{
	unsigned n = 0;

	if (f->sig->has_ctx)
		f->types[n++] = &ffi_type_pointer;
	for (uint32_t i = 0; i < f->sig->n; i++) {
		const struct native_arg *arg = &f->sig->args[i];

		f->types[n++] = is_by_value(arg) ? types_by_value[arg->kind]
						 : &ffi_type_pointer;
		if (arg->kind == NATIVE_PATHS)
			f->types[n++] = &ffi_type_sint64;
	}
	f->types[n++] = &ffi_type_pointer;
	f->types[n++] = sizeof(size_t) == 8 ? &ffi_type_uint64 : &ffi_type_uint32;
	return n;
}

static int find_code(struct native_fn *f, const char *path, const char *symbol,
		     struct err *err)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL), *code;
	const char *why;

	if (!library) {
		why = dlerror();
		return err_set(err, "cannot load the library: %s", why ? why : path);
	}
	code = dlsym(library, symbol);
	if (!code)
		return err_set(err, "%s has no function '%s'", path, symbol);
	memcpy(&f->code, &code, sizeof code);	/* POSIX: they are the same size */
	return 0;
}

static void *array_new(size_t n)
{
	void *p = calloc(n, sizeof(void *));

	if (!p)
		err_nomem();
	return p;
}

struct native_fn *native_open(const char *path, const char *symbol,
			      const struct native_sig *sig, struct err *err)
{
	struct native_fn *f = calloc(1, sizeof *f);
	size_t most = 2 * (size_t)sig->n + 3;

	if (!f)
		err_nomem();
	f->sig = sig;
	f->types = array_new(most);
	f->slots = array_new(most);
	f->pointers = array_new(sig->n + 1);
	if (find_code(f, path, symbol, err)) {
		native_close(f);
		return NULL;
	}
	if (ffi_prep_cif(&f->cif, FFI_DEFAULT_ABI, make_types(f), &ffi_type_sint,
			 f->types) != FFI_OK)
		BUG("libffi refuses a signature");
	return f;
}

void native_close(struct native_fn *f)
{
	if (!f)
		return;
	free(f->types);
	free(f->slots);
	free(f->pointers);
	free(f);
}

/* The address at which the argument's value lies. */
static void *slot_of(const struct native_arg *arg, struct native_value *v, void **pointer)
{
	if (is_by_value(arg))
		return v->is_none ? (void *)pointer : &v->i;
	*pointer = v->is_none ? NULL : &v->i;
	return pointer;
}

int native_call(struct native_fn *f, struct native_value *values, struct kfp_ctx *ctx,
		char *err, size_t nerr)
{
	ffi_arg returned = 0;
	unsigned n = 0;

	if (f->sig->has_ctx)
		f->slots[n++] = &ctx;
	for (uint32_t i = 0; i < f->sig->n; i++) {
		const struct native_arg *arg = &f->sig->args[i];

		f->pointers[i] = NULL;
		f->slots[n++] = slot_of(arg, &values[i], &f->pointers[i]);
		if (arg->kind == NATIVE_PATHS)
			f->slots[n++] = &values[i].npaths;
	}
	f->slots[n++] = &err;
	f->slots[n] = &nerr;
	err[0] = '\0';
	ffi_call(&f->cif, f->code, &returned, f->slots);
	err[nerr - 1] = '\0';
	return (int)returned;
}

static int read_text(const struct native_arg *arg, const char *text, struct arena *a,
		     struct value *out, struct err *err)
{
	struct str s;

	if (!text)
		return arg->is_optional ? 0 : err_set(err, "it was not set");
	s = (struct str){text, strnlen(text, LIMIT_VALUE_BYTES + 1)};
	if (s.n > LIMIT_VALUE_BYTES)
		return err_set(err, "its text is longer than %d MiB, or does not end",
			       LIMIT_VALUE_BYTES >> 20);
	if (utf8_invalid_at(s) < s.n)
		return err_set(err, "its text is not valid UTF-8");
	*out = value_str(a, s);
	return 0;
}

static void read_number(const struct native_arg *arg, const void *at, struct value *out)
{
	struct native_value v = {0};

	memcpy(&v.i, at, arg->kind == NATIVE_BOOL ? sizeof v.b : sizeof v.i);
	if (arg->kind == NATIVE_INT)
		*out = value_int(v.i);
	else if (arg->kind == NATIVE_FLOAT)
		*out = value_float(v.f);
	else
		*out = value_bool(v.b != 0);
}

int native_result(const struct native_arg *arg, struct native_value *v, struct arena *a,
		  struct value *out, struct err *err)
{
	int rc = 0;

	*out = VALUE_NONE_V;
	if (arg->kind == NATIVE_TEXT)
		rc = read_text(arg, v->text, a, out, err);
	else if (!arg->is_optional)
		read_number(arg, &v->i, out);
	else if (v->given)
		read_number(arg, v->given, out);
	native_drop(arg, v);
	return rc;
}

void native_drop(const struct native_arg *arg, struct native_value *v)
{
	if (!arg->is_output || (arg->kind != NATIVE_TEXT && !arg->is_optional))
		return;
	free(v->given);
	v->given = NULL;
}
