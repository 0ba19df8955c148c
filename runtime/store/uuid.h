/* UUIDv7 (RFC 9562, 5.7): ordered by time, also within one process. */
#ifndef KFPC_STORE_UUID_H
#define KFPC_STORE_UUID_H

#include <stdbool.h>
#include <stdint.h>

enum { UUID_CHARS = 36 };

/* Writes 36 characters and a NUL. */
void uuid_make(char *out);
/* 36 characters of the form of a UUID, lower case. */
bool uuid_is_valid(const char *s);
/* Milliseconds since 1970 that a UUIDv7 holds. */
int64_t uuid_time_ms(const char *s);
/* Fills out with n bytes that nobody can guess. */
void random_bytes(void *out, unsigned n);

#endif
