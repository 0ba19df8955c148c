/* SHA-256 (FIPS 180-4) by libcrypto, which uses the processor's own instructions.
 * Digests are kept and shown as 64 lower-case hexadecimal digits. */
#ifndef KFPC_BASE_SHA256_H
#define KFPC_BASE_SHA256_H

#include <stdint.h>

#include "runtime/base/str.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

struct digest {
	char hex[SHA256_HEX + 1];	/* NUL-terminated; "" is no digest */
};

struct sha256;	/* one running computation */

struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *h);
void sha256_add(struct sha256 *h, struct str s);
/* The digest of all that was added; h is then ready for the next one. */
struct digest sha256_end(struct sha256 *h);

/* Of s alone. */
struct digest sha256_of(struct str s);

static inline struct str digest_str(const struct digest *d)
{
	return (struct str){d->hex, strlen(d->hex)};
}

/* Reads 64 lower-case hexadecimal digits; false if s is anything else. */
bool digest_parse(struct str s, struct digest *out);

#endif
