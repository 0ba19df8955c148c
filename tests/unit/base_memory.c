/* arena, vec, map, sym: where things live and how they are found. */
#include <config.h>

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/map.h"
#include "runtime/base/sym.h"
#include "runtime/base/vec.h"
#include "tests/unit/tap.h"

static void test_arena(void)
{
	struct arena a;
	bool aligned = true, zeroed = true;
	struct str s;

	arena_init(&a);
	for (size_t n = 1; n < 3000; n += 7) {
		unsigned char *p = arena_alloc(&a, n);

		aligned &= (uintptr_t)p % 16 == 0;
		for (size_t i = 0; i < n; i++)
			zeroed &= !p[i];
		memset(p, 0xff, n);
	}
	ok(aligned, "memory is aligned to 16 bytes");
	ok(zeroed, "memory is zeroed");
	memset(arena_alloc(&a, 5 << 20), 1, 5 << 20);
	ok(a.total_bytes >= 5 << 20, "a large piece counts");
	ok(arena_alloc(&a, 0) != NULL, "nothing is a place too");
	s = arena_str(&a, STR("a\0b"));
	ok(str_eq(s, STR("a\0b")) && !s.p[s.n], "a copied str ends with a NUL");
	ok(arena_str(&a, (struct str){0}).p[0] == '\0',
	   "the copy of an empty str has its NUL");
	s = arena_printf(&a, "%s=%0300d", "x", 5);
	ok(s.n == 302 && s.p[301] == '5' && !s.p[302], "arena_printf of any length");
	is_int(ARENA_ARRAY(&a, 3, int)[2], 0, "an array is zeroed");
	is_int(*(int *)arena_dup(&a, &(int){42}, sizeof(int)), 42, "arena_dup");
	arena_release(&a);
	is_int((long long)a.total_bytes, 0, "a released arena has nothing");
	arena_release(&a);
	*ARENA_NEW(&a, int) = 1;
	arena_release(&a);
	zeroed = true;
	for (int i = 0; i < 40; i++) {	/* 40 MiB */
		unsigned char *p = arena_alloc(&a, 1 << 20);

		zeroed &= !p[0] && !p[(1 << 20) - 1];
		memset(p, 0xff, 1 << 20);
	}
	ok(zeroed && a.total_bytes >= 40 << 20, "a large arena is zeroed, too");
	arena_release(&a);
}

static void test_vec(void)
{
	VEC(int) v = {0};
	bool kept = true;

	for (int i = 0; i < 10000; i++)
		vec_push(&v, i);
	for (int i = 0; i < 10000; i++)
		kept &= v.at[i] == i;
	ok(kept && v.n == 10000, "a vec keeps what is pushed, in order");
	is_int(vec_pop(&v), 9999, "pop");
	is_int(vec_last(&v), 9998, "last");
	vec_clear(&v);
	vec_reserve(&v, 20000);
	ok(v.cap >= 20000 && !v.n, "reserve makes room and adds nothing");
	vec_release(&v);
	ok(!v.at && !v.cap, "a released vec is empty");
}

static void test_map(void)
{
	struct map m = {0};
	struct arena a = {0};
	int values[5000];
	bool found = true;

	ok(!map_get(&m, STR("x")), "an empty map has nothing");
	for (int i = 0; i < 5000; i++)
		map_set(&m, arena_printf(&a, "key%d", i), &values[i]);
	for (int i = 0; i < 5000; i++)
		found &= map_get(&m, arena_printf(&a, "key%d", i)) == &values[i];
	ok(found && m.n == 5000, "a map finds all that was set");
	ok(map_set(&m, STR("key7"), &values[0]) == &values[7] && m.n == 5000,
	   "setting again tells what it was");
	map_set(&m, STR(""), &values[1]);
	map_set(&m, STR("key1\0"), &values[2]);
	ok(map_get(&m, STR("")) == &values[1], "the empty key is a key");
	ok(map_get(&m, STR("key1")) == &values[1], "a NUL makes another key");
	ok(!map_get(&m, STR("key5000")), "what was not set is not there");
	map_reserve(&m, 200000);	/* a table of several MiB */
	ok(m.cap > 200000 && map_get(&m, STR("key1")) == &values[1],
	   "a map keeps what it has when it makes room");
	map_release(&m);
	ok(!map_get(&m, STR("key7")), "a released map is empty");
	for (int i = 0; i < 5000; i++)
		map_set(&m, arena_printf(&a, "key%d", i), &values[i]);
	for (int i = 0; i < 5000; i += 3)
		map_remove(&m, arena_printf(&a, "key%d", i));
	map_remove(&m, STR("key3")), map_remove(&m, STR("other"));
	found = 1;
	for (int i = 0; i < 5000; i++)
		found &= map_get(&m, arena_printf(&a, "key%d", i)) ==
			 (i % 3 ? &values[i] : NULL);
	ok(found && m.n == 3333, "a map forgets what is removed, and only that");
	map_set(&m, STR("key3"), &values[3]);
	ok(map_get(&m, STR("key3")) == &values[3], "what was removed can be set again");
	map_release(&m);
	map_remove(&m, STR("key3"));
	map_reserve(&m, 0);
	ok(!map_get(&m, STR("key7")), "room is not content");
	map_release(&m);
	arena_release(&a);
}

static void test_sym(void)
{
	struct symtab t;
	const struct sym *first, *again;
	struct arena a = {0};
	bool same = true;

	symtab_init(&t);
	first = sym_intern(&t, STR("train"));
	for (int i = 0; i < 5000; i++)
		sym_intern(&t, arena_printf(&a, "n%d", i));
	again = sym_intern(&t, str_sub(STR("xtrain"), 1, 6));
	ok(first == again, "equal names are one sym, before and after the table grew");
	for (int i = 0; i < 5000; i++) {
		struct str s = arena_printf(&a, "n%d", i);

		same &= str_eq(sym_str(sym_intern(&t, s)), s);
	}
	ok(same && t.n == 5001, "each name once");
	ok(sym_intern(&t, STR("a\0b")) != sym_intern(&t, STR("a")),
	   "a NUL makes another name");
	is_str(sym_intern(&t, STR("train"))->s, "train", "a sym is NUL-terminated");
	is_int((long long)sym_str(NULL).n, 0, "no sym is the empty name");
	symtab_release(&t);
	arena_release(&a);
}

int main(void)
{
	test_arena();
	test_vec();
	test_map();
	test_sym();
	return done_testing();
}
