/* Takes secrets out of a stream of bytes, also where one lies across two chunks: each
 * occurrence becomes "***".  Bytes that may begin a secret are held back until it is
 * clear that they do not.
 *
 *	struct redact r = {.secrets = secrets, .n = n};
 *	redact_add(&r, chunk, &out);	(appends to out what is safe to show)
 *	redact_end(&r, &out);
 *	redact_release(&r);
 */
#ifndef KFPC_EXEC_REDACT_H
#define KFPC_EXEC_REDACT_H

#include "runtime/base/buf.h"

struct redact {
	const struct str *secrets;	/* borrowed; empty ones are ignored */
	size_t n;
	struct buf held;
};

void redact_add(struct redact *r, struct str bytes, struct buf *out);
/* The stream is over: what is held comes out. */
void redact_end(struct redact *r, struct buf *out);
void redact_release(struct redact *r);

#endif
