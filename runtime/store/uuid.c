#include <config.h>

#include "runtime/store/uuid.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/base/err.h"
#include "runtime/base/io.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t last_ms;
static unsigned last_count;	/* the 12 bits after the time */

void random_bytes(void *out, unsigned n)
{
	ssize_t got;

	do
		got = getrandom(out, n, 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)n)
		BUG("the kernel gives no random bytes");
}

/* RFC 9562, 6.2 method 1: a counter that starts at random, with room to count. */
static int64_t next_time(unsigned *count, unsigned random)
{
	int64_t ms = io_now_ms();

	pthread_mutex_lock(&lock);
	if (ms > last_ms) {
		last_ms = ms;
		last_count = random & 0x7ff;
	} else if (++last_count > 0xfff) {
		last_ms++;
		last_count = 0;
	}
	ms = last_ms;
	*count = last_count;
	pthread_mutex_unlock(&lock);
	return ms;
}

void uuid_make(char *out)
{
	unsigned char r[10];
	unsigned count;
	int64_t ms;

	random_bytes(r, sizeof r);
	ms = next_time(&count, (unsigned)r[8] << 8 | r[9]);
	snprintf(out, UUID_CHARS + 1,
		 "%08llx-%04llx-7%03x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 (unsigned long long)(ms >> 16 & 0xffffffff),
		 (unsigned long long)(ms & 0xffff),
		 count, (r[0] & 0x3f) | 0x80, r[1], r[2], r[3], r[4], r[5], r[6], r[7]);
}

bool uuid_is_valid(const char *s)
{
	for (int i = 0; i < UUID_CHARS; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !s[i] || !strchr("0123456789abcdef", s[i]))
			return false;
	}
	return s[UUID_CHARS] == '\0';
}

int64_t uuid_time_ms(const char *s)
{
	char hex[13];

	memcpy(hex, s, 8);
	memcpy(hex + 8, s + 9, 4);
	hex[12] = '\0';
	return (int64_t)strtoull(hex, NULL, 16);
}
