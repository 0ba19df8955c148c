#include <config.h>

#include "runtime/base/sha256.h"

/* The plain functions, which OpenSSL 3 calls deprecated: the first use of EVP starts its
 * providers and reads its configuration, half a millisecond of every command. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stdlib.h>

#include "runtime/base/err.h"

struct sha256 {
	SHA256_CTX c;
};

static void begin(struct sha256 *h)
{
	if (!SHA256_Init(&h->c))
		BUG("libcrypto has no SHA-256");
}

struct sha256 *sha256_new(void)
{
	struct sha256 *h = malloc(sizeof *h);

	if (!h)
		err_nomem();
	begin(h);
	return h;
}

void sha256_free(struct sha256 *h)
{
	free(h);
}

void sha256_add(struct sha256 *h, struct str s)
{
	if (s.n)
		SHA256_Update(&h->c, s.p, s.n);
}

struct digest sha256_end(struct sha256 *h)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[SHA256_BYTES];
	struct digest d;

	SHA256_Final(raw, &h->c);
	begin(h);
	for (int i = 0; i < SHA256_BYTES; i++) {
		d.hex[2 * i] = digits[raw[i] >> 4];
		d.hex[2 * i + 1] = digits[raw[i] & 15];
	}
	d.hex[SHA256_HEX] = '\0';
	return d;
}

struct digest sha256_of(struct str s)
{
	struct sha256 *h = sha256_new();
	struct digest d;

	sha256_add(h, s);
	d = sha256_end(h);
	sha256_free(h);
	return d;
}

bool digest_parse(struct str s, struct digest *out)
{
	if (s.n != SHA256_HEX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
		      (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	memcpy(out->hex, s.p, s.n);
	out->hex[s.n] = '\0';
	return true;
}
