/* What the world answered when it said no: a message for a person, and the exit status
 * class it belongs to.
 *
 * Every function that takes a `struct err *` returns 0 or -1 (or a pointer or NULL),
 * leaves *err untouched on success, and sets it on failure.  err may be NULL where the
 * caller does not care.  A caller wraps an error only when it adds a fact. */
#ifndef KFPC_BASE_ERR_H
#define KFPC_BASE_ERR_H

#include <stdbool.h>

enum err_kind {
	ERR_IO = 1,	/* a file, a tool or the store is not usable: exit status 4 */
	ERR_INPUT,	/* the program, the config or a file's contents are wrong: 1 */
	ERR_USAGE,	/* the command line is wrong: 2 */
	ERR_EVAL,	/* an expression failed when it was evaluated: 3 */
};

struct err {
	enum err_kind kind;
	int sys;		/* errno, or 0 where no system call failed */
	char text[1024];	/* one line or several, no newline at the end */
};

/* Sets *err; the kind is ERR_IO and sys 0.  Always returns -1. */
int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same with a kind of its own. */
int err_setk(struct err *err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets *err to "MESSAGE: strerror(errno)" and keeps errno in sys.  Always returns -1. */
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "MESSAGE: " before what *err says.  Always returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A fault of ours: prints file, line and message on stderr and aborts. */
#define BUG(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void err_bug(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Memory ran out: prints so and aborts; what is committed is on disk already. */
_Noreturn void err_nomem(void);

#endif
