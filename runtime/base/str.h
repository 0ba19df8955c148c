/* A counted string: bytes that somebody else owns, NUL bytes allowed, no terminator
 * promised.  Passed by value. */
#ifndef KFPC_BASE_STR_H
#define KFPC_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A string literal as a str. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* For "%.*s": printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *z)
{
	return (struct str){z, z ? strlen(z) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static inline bool str_is(struct str a, const char *z)
{
	return str_eq(a, str_of(z));
}

static inline bool str_has_prefix(struct str a, struct str prefix)
{
	return a.n >= prefix.n && !memcmp(a.p, prefix.p, prefix.n);
}

static inline bool str_has_suffix(struct str a, struct str suffix)
{
	return a.n >= suffix.n && !memcmp(a.p + a.n - suffix.n, suffix.p, suffix.n);
}

/* Bytes [lo, hi) of s; both are clamped to its length. */
static inline struct str str_sub(struct str s, size_t lo, size_t hi)
{
	hi = hi > s.n ? s.n : hi;
	lo = lo > hi ? hi : lo;
	return (struct str){lo ? s.p + lo : s.p, hi - lo};	/* s.p may be NULL */
}

/* Order by bytes, a prefix before what it begins: below 0, 0, above 0. */
int str_cmp(struct str a, struct str b);

/* The place of needle in s at or after from; s.n where there is none. */
size_t str_find(struct str s, struct str needle, size_t from);

/* s without white space (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);

/* A 32-bit hash, not the same on all machines.  Not keyed: tables that outsiders can fill
 * grow in time linear in their chains only up to limits.h. */
unsigned str_hash(struct str s);

/* Edits (insert, drop, replace, swap neighbours) from a to b; at most max + 1 is told. */
unsigned str_distance(struct str a, struct str b, unsigned max);

#endif
