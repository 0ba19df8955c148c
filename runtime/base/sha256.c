#include <config.h>

#include "runtime/base/sha256.h"

#include <openssl/evp.h>

#include "runtime/base/err.h"

/* EVP_MD_CTX itself is our struct sha256: it is only ever seen through a pointer. */
static EVP_MD_CTX *context(struct sha256 *h)
{
	return (EVP_MD_CTX *)h;
}

static void begin(EVP_MD_CTX *c)
{
	if (!EVP_DigestInit_ex(c, EVP_sha256(), NULL))
		BUG("libcrypto has no SHA-256");
}

struct sha256 *sha256_new(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (!c)
		err_nomem();
	begin(c);
	return (struct sha256 *)c;
}

void sha256_free(struct sha256 *h)
{
	EVP_MD_CTX_free(context(h));
}

void sha256_add(struct sha256 *h, struct str s)
{
	if (s.n)
		EVP_DigestUpdate(context(h), s.p, s.n);
}

struct digest sha256_end(struct sha256 *h)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[SHA256_BYTES];
	struct digest d;

	EVP_DigestFinal_ex(context(h), raw, NULL);
	begin(context(h));
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
