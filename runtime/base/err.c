#include <config.h>

#include "runtime/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_END = sizeof ((struct err *)NULL)->text * 3 / 4 };

/* Formats into err->text and puts ": END" after it; the reason stands at the end, so what
 * is cut where there is no room is what comes before it, at a character. */
__attribute__((format(printf, 3, 0)))
static void fill(struct err *err, const char *end, const char *fmt, va_list ap)
{
	size_t nend = *end ? strnlen(end, LONGEST_END) + 2 : 0;
	size_t room = sizeof err->text - 1 - nend, n;

	vsnprintf(err->text, sizeof err->text, fmt, ap);
	n = strlen(err->text);
	if (n > room) {
		n = room - 3;
		while (n && (err->text[n] & 0xc0) == 0x80)
			n--;
		memcpy(err->text + n, "...", 3);
		n += 3;
	}
	if (nend) {
		memcpy(err->text + n, ": ", 2);
		memcpy(err->text + n + 2, end, nend - 2);
	}
	err->text[n + nend] = '\0';
}

__attribute__((format(printf, 4, 0)))
static void set(struct err *err, enum err_kind kind, int sys, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->kind = kind;
	err->sys = sys;
	fill(err, sys ? strerror(sys) : "", fmt, ap);
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
	va_list ap;

	if (!err)
		return -1;
	memcpy(was, err->text, sizeof was);
	va_start(ap, fmt);
	fill(err, was, fmt, ap);
	va_end(ap);
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
