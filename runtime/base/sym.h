/* Interned names: equal names are equal pointers, for as long as their table lives. */
#ifndef KFPC_BASE_SYM_H
#define KFPC_BASE_SYM_H

#include <stdint.h>

#include "runtime/base/arena.h"

struct sym {
	uint32_t hash, n;
	char s[];	/* n bytes and a NUL */
};

struct symtab {
	struct arena arena;
	const struct sym **slots;
	size_t n, cap;
};

void symtab_init(struct symtab *t);
void symtab_release(struct symtab *t);

/* The one sym for these bytes. */
const struct sym *sym_intern(struct symtab *t, struct str s);

static inline struct str sym_str(const struct sym *s)
{
	return s ? (struct str){s->s, s->n} : (struct str){"", 0};
}

#endif
