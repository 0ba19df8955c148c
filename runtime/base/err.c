#include <config.h>

#include "runtime/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(struct err *err, enum err_kind kind, int sys, const char *fmt, va_list ap)
{
	size_t n;

	if (!err)
		return;
	err->kind = kind;
	err->sys = sys;
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	n = strlen(err->text);
	if (sys && n < sizeof err->text)
		snprintf(err->text + n, sizeof err->text - n, ": %s", strerror(sys));
}

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, ERR_IO, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int err_setk(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, kind, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	va_start(ap, fmt);
	set(err, ERR_IO, sys, fmt, ap);
	va_end(ap);
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	char was[sizeof err->text];
	size_t n;
	va_list ap;

	if (!err)
		return -1;
	memcpy(was, err->text, sizeof was);
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof err->text - n, ": %s", was);
	return -1;
}

void err_bug(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "kfpc: internal error at %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void err_nomem(void)
{
	static const char text[] = "kfpc: out of memory\n";

	fwrite(text, 1, sizeof text - 1, stderr);
	abort();
}
