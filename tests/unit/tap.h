/* The smallest TAP producer: for unit tests of the ground layers. */
#ifndef KFPC_TESTS_UNIT_TAP_H
#define KFPC_TESTS_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Is this an ASan build?  gcc and clang say so in two ways. */
#if defined __SANITIZE_ADDRESS__
#define HAS_ASAN 1
#elif defined __has_feature
#define HAS_ASAN __has_feature(address_sanitizer)
#else
#define HAS_ASAN 0
#endif

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3))) static inline bool ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	tap_failed += !pass;
	return pass;
}

static inline bool is_str(const char *got, const char *want, const char *name)
{
	bool pass = !strcmp(got, want);

	ok(pass, "%s", name);
	if (!pass)
		printf("# got:  %s\n# want: %s\n", got, want);
	return pass;
}

static inline bool is_int(long long got, long long want, const char *name)
{
	bool pass = got == want;

	ok(pass, "%s", name);
	if (!pass)
		printf("# got:  %lld\n# want: %lld\n", got, want);
	return pass;
}

static inline int done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
