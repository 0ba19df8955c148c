#include <config.h>

#include "runtime/exec/redact.h"

/* The longest secret that s begins with; *more if s could still become one. */
static size_t secret_at(const struct redact *r, struct str s, bool *more)
{
	size_t longest = 0;

	*more = false;
	for (size_t i = 0; i < r->n; i++) {
		struct str secret = r->secrets[i];

		if (str_has_prefix(s, secret))
			longest = secret.n > longest ? secret.n : longest;
		else if (str_has_prefix(secret, s))
			*more = true;
	}
	return longest;
}

/* Bytes that no secret begins with need no look. */
static void first_bytes(const struct redact *r, bool first[256])
{
	memset(first, 0, 256);
	for (size_t i = 0; i < r->n; i++)
		if (r->secrets[i].n)
			first[(unsigned char)r->secrets[i].p[0]] = true;
}

static void redact_held(struct redact *r, bool is_end, struct buf *out)
{
	struct str s = buf_str(&r->held);
	bool first[256], more = false;
	size_t at = 0, shown = 0;

	first_bytes(r, first);
	while (at < s.n) {
		size_t n;

		if (!first[(unsigned char)s.p[at]]) {
			at++;
			continue;
		}
		n = secret_at(r, str_sub(s, at, s.n), &more);
		if (more && !is_end)
			break;
		if (!n) {
			at++;
			continue;
		}
		buf_add(out, str_sub(s, shown, at));
		buf_addz(out, "***");
		at = shown = at + n;
	}
	buf_add(out, str_sub(s, shown, at));
	memmove(r->held.p, s.p + at, s.n - at);
	r->held.n = s.n - at;
}

void redact_add(struct redact *r, struct str bytes, struct buf *out)
{
	buf_add(&r->held, bytes);
	if (r->held.n)
		redact_held(r, false, out);
}

void redact_end(struct redact *r, struct buf *out)
{
	if (r->held.n)
		redact_held(r, true, out);
}

void redact_release(struct redact *r)
{
	buf_release(&r->held);
}
