#include <config.h>

#include "runtime/bc/wire.h"

#include "runtime/base/limits.h"
#include "runtime/base/utf8.h"

void wire_put_byte(struct buf *b, uint8_t c)
{
	buf_addc(b, (char)c);
}

void wire_put_uint(struct buf *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		wire_put_byte(b, (uint8_t)(n | 0x80));
	wire_put_byte(b, (uint8_t)n);
}

void wire_put_int(struct buf *b, int64_t n)
{
	wire_put_uint(b, (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0));
}

void wire_put_str(struct buf *b, struct str s)
{
	wire_put_uint(b, s.n);
	buf_add(b, s);
}

static void put_float(struct buf *b, double f)
{
	uint64_t bits;

	memcpy(&bits, &f, sizeof bits);
	for (int i = 0; i < 8; i++)
		wire_put_byte(b, (uint8_t)(bits >> 8 * i));
}

void wire_put_value(struct buf *b, struct value v)
{
	wire_put_byte(b, (uint8_t)v.kind);
	switch (v.kind) {
	case VALUE_NONE:
		return;
	case VALUE_BOOL:
		wire_put_byte(b, v.b);
		return;
	case VALUE_INT:
		wire_put_int(b, v.i);
		return;
	case VALUE_FLOAT:
		put_float(b, v.f);
		return;
	case VALUE_STR:
		wire_put_str(b, *v.s);
		return;
	case VALUE_LIST:
		wire_put_uint(b, v.list->n);
		for (size_t i = 0; i < v.list->n; i++)
			wire_put_value(b, v.list->at[i]);
		return;
	case VALUE_DICT:
		wire_put_uint(b, v.dict->n);
		for (size_t i = 0; i < v.dict->n; i++) {
			wire_put_str(b, v.dict->at[i].key);
			wire_put_value(b, v.dict->at[i].value);
		}
		return;
	case VALUE_ARTIFACT:
	case VALUE_SERIES:
		break;
	}
	BUG("a value of kind %d in a module", (int)v.kind);
}

void wire_fail(struct wire *w, const char *fault)
{
	if (!w->fault)
		w->fault = fault;
	w->p = w->end;
}

uint8_t wire_byte(struct wire *w)
{
	if (w->p == w->end) {
		wire_fail(w, "it is cut off");
		return 0;
	}
	return *w->p++;
}

uint64_t wire_uint(struct wire *w, uint64_t max)
{
	uint64_t n = 0, part;
	int shift = 0;
	uint8_t c;

	do {
		c = wire_byte(w);
		part = c & 0x7f;
		if (shift > 63 || (shift == 63 && part > 1) ||
		    (shift && !c && !w->fault)) {
			wire_fail(w, "a number is not in its shortest form");
			return 0;
		}
		n |= part << shift;
		shift += 7;
	} while (c & 0x80);
	if (w->fault)
		return 0;
	if (n > max) {
		wire_fail(w, "a number is too large");
		return 0;
	}
	return n;
}

uint32_t wire_u32(struct wire *w)
{
	return (uint32_t)wire_uint(w, UINT32_MAX);
}

int64_t wire_int(struct wire *w)
{
	uint64_t n = wire_uint(w, UINT64_MAX);

	return (int64_t)(n >> 1 ^ (n & 1 ? UINT64_MAX : 0));
}

struct str wire_bytes(struct wire *w)
{
	size_t n = wire_uint(w, UINT64_MAX);
	struct str s;

	if (n > (size_t)(w->end - w->p)) {
		wire_fail(w, "it is cut off");
		n = 0;
	}
	s = arena_str(w->a, (struct str){(const char *)w->p, n});
	w->p += n;
	return s;
}

struct str wire_str(struct wire *w)
{
	struct str s = wire_bytes(w);

	if (utf8_invalid_at(s) == s.n)
		return s;
	wire_fail(w, "a string is not UTF-8");
	return STR("");
}

uint32_t wire_count(struct wire *w, size_t least)
{
	uint32_t n = wire_u32(w);

	if (n <= (size_t)(w->end - w->p) / least)
		return n;
	wire_fail(w, "there is less in it than it says");
	return 0;
}

static double get_float(struct wire *w)
{
	uint64_t bits = 0;
	double f;

	for (int i = 0; i < 8; i++)
		bits |= (uint64_t)wire_byte(w) << 8 * i;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static struct value get_value(struct wire *w, unsigned depth);

static struct value get_list(struct wire *w, unsigned depth)
{
	struct value *at;
	struct value v = value_list(w->a, wire_count(w, 1), &at);

	for (size_t i = 0; i < v.list->n && !w->fault; i++)
		at[i] = get_value(w, depth + 1);
	return v;
}

static struct value get_dict(struct wire *w, unsigned depth)
{
	struct value_pair *at;
	struct value v = value_dict(w->a, wire_count(w, 2), &at);
	struct map seen = {0};

	for (size_t i = 0; i < v.dict->n && !w->fault; i++) {
		at[i].key = wire_str(w);
		if (map_set(&seen, at[i].key, &at[i]))
			wire_fail(w, "a dict has one key twice");
		at[i].value = get_value(w, depth + 1);
	}
	map_release(&seen);
	return v;
}

static struct value get_value(struct wire *w, unsigned depth)
{
	uint8_t c;

	if (depth > LIMIT_NESTING) {
		wire_fail(w, "a constant is nested too deeply");
		return VALUE_NONE_V;
	}
	switch (wire_byte(w)) {
	case VALUE_NONE:
		return VALUE_NONE_V;
	case VALUE_BOOL:
		c = wire_byte(w);
		if (c > 1)
			wire_fail(w, "a bool is neither 0 nor 1");
		return value_bool(c == 1);
	case VALUE_INT:
		return value_int(wire_int(w));
	case VALUE_FLOAT:
		return value_float(get_float(w));
	case VALUE_STR:
		return value_str(w->a, wire_str(w));
	case VALUE_LIST:
		return get_list(w, depth);
	case VALUE_DICT:
		return get_dict(w, depth);
	default:
		wire_fail(w, "a constant of an unknown kind");
		return VALUE_NONE_V;
	}
}

struct value wire_value(struct wire *w)
{
	return get_value(w, 1);
}
