#include <config.h>

#include "runtime/base/sym.h"

#include "runtime/base/block.h"

void symtab_init(struct symtab *t)
{
	*t = (struct symtab){0};
}

void symtab_release(struct symtab *t)
{
	arena_release(&t->arena);
	block_free(t->slots, t->cap * sizeof *t->slots);
	symtab_init(t);
}

static void grow(struct symtab *t)
{
	size_t cap = t->cap ? t->cap * 2 : 256;
	const struct sym **slots = block_new(cap * sizeof *slots);

	for (size_t i = 0; i < t->cap; i++) {
		size_t at;

		if (!t->slots[i])
			continue;
		for (at = t->slots[i]->hash & (cap - 1); slots[at];)
			at = (at + 1) & (cap - 1);
		slots[at] = t->slots[i];
	}
	block_free(t->slots, t->cap * sizeof *t->slots);
	t->slots = slots;
	t->cap = cap;
}

const struct sym *sym_intern(struct symtab *t, struct str s)
{
	unsigned hash = str_hash(s);
	struct sym *sym;
	size_t at;

	if (t->n * 2 >= t->cap)
		grow(t);
	for (at = hash & (t->cap - 1); t->slots[at]; at = (at + 1) & (t->cap - 1))
		if (t->slots[at]->hash == hash && str_eq(sym_str(t->slots[at]), s))
			return t->slots[at];
	sym = arena_alloc(&t->arena, sizeof *sym + s.n + 1);
	sym->hash = hash;
	sym->n = (uint32_t)s.n;
	if (s.n)
		memcpy(sym->s, s.p, s.n);
	t->slots[at] = sym;
	t->n++;
	return sym;
}
