/* What the unit tests of the store share: they run in an empty folder of their own. */
#ifndef KFPC_TESTS_UNIT_STORE_UTIL_H
#define KFPC_TESTS_UNIT_STORE_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/run.h"
#include "runtime/store/store.h"
#include "tests/unit/tap.h"

/* Ends the program: what the test needs to go on is not there. */
_Noreturn static inline void die(const char *what, const struct err *err)
{
	printf("Bail out! %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
}

static inline struct store *must_open(const char *path)
{
	struct err err;
	struct store *s = store_open(path, STORE_WRITE, &err);

	if (!s)
		die(path, &err);
	return s;
}

static inline struct run *must_create(struct store *s, const char *header)
{
	struct err err;
	struct run *r = run_create(s, str_of(header), STR("a module"), &err);

	if (!r)
		die("run_create", &err);
	return r;
}

static inline int64_t must_append(struct run *r, enum event e, const char *members)
{
	struct err err;
	int64_t n = run_append(r, e, str_of(members), &err);

	if (n < 0)
		die("run_append", &err);
	return n;
}

static inline void put_file(const char *path, const char *text)
{
	struct err err;

	if (io_write_file(path, str_of(text), 0644, false, &err))
		die(path, &err);
}

/* The whole file as a C string, "" if there is none; to be freed. */
static inline char *get_file(const char *path)
{
	struct buf b = {0};
	char *s;

	io_read_file(path, 64 << 20, &b, NULL);
	s = strdup(buf_cstr(&b));
	buf_release(&b);
	return s;
}

static inline bool is_file(const char *path, const char *want, const char *name)
{
	char *got = get_file(path);
	bool pass = is_str(got, want, name);

	free(got);
	return pass;
}

static inline bool exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static inline unsigned mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}

#endif
