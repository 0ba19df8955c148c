/* JSON-RPC behind headers, and reading what is in a message. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/io.h"

enum {
	HEADER_MAX = 4096,
	MESSAGE_MAX = 64 << 20,	/* bytes: a didOpen carries a whole file */
	CHUNK = 65536,
};

/* The length that a header says; -1 if it says none that can be. */
static long content_length(struct str header)
{
	static const char name[] = "content-length:";

	for (size_t lo = 0, hi; lo < header.n; lo = hi + 2) {
		struct str line;
		long n;

		hi = str_find(header, STR("\r\n"), lo);
		line = str_sub(header, lo, hi);
		if (line.n < sizeof name - 1 ||
		    strncasecmp(line.p, name, sizeof name - 1))
			continue;
		n = strtol(line.p + sizeof name - 1, NULL, 10);
		return n >= 0 && n <= MESSAGE_MAX ? n : -1;
	}
	return -1;
}

int rpc_next(struct server *s, struct str *text)
{
	struct str all;
	size_t end;
	long n;

	if (s->used) {
		memmove(s->input.p, s->input.p + s->used, s->input.n - s->used);
		s->input.n -= s->used;
		s->used = 0;
	}
	all = buf_str(&s->input);
	end = str_find(all, STR("\r\n\r\n"), 0);
	if (end == all.n)
		return all.n > HEADER_MAX ? -1 : 0;
	n = content_length(str_sub(all, 0, end + 2));
	if (n < 0)
		return -1;
	end += 4;
	if (all.n - end < (size_t)n)
		return 0;
	*text = str_sub(all, end, end + (size_t)n);
	s->used = end + (size_t)n;
	return 1;
}

bool rpc_read(struct server *s, int ms)
{
	struct pollfd fds[2] = {{.fd = s->in, .events = POLLIN},
				{.fd = s->contents.pid ? s->contents.fd : -1,
				 .events = POLLIN}};
	ssize_t n;

	if (poll(fds, 2, ms) < 0)
		return errno == EINTR;
	if (fds[1].revents)
		contents_read(s);
	if (!fds[0].revents)
		return true;
	n = read(s->in, buf_reserve(&s->input, CHUNK), CHUNK);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	s->input.n += (size_t)n;
	return n > 0;
}

void rpc_send(struct server *s, struct str message)
{
	struct buf out = {0};

	buf_addf(&out, "Content-Length: %zu\r\n\r\n", message.n);
	buf_add(&out, message);
	if (io_write_all(s->out, buf_str(&out)))
		s->is_gone = true;
	buf_release(&out);
}

struct value rpc_at(struct value v, const char *path)
{
	struct str all = str_of(path);

	for (size_t lo = 0, hi; lo < all.n; lo = hi + 1) {
		const struct value *member;

		hi = str_find(all, STR("."), lo);
		if (v.kind != VALUE_DICT)
			return VALUE_NONE_V;
		member = value_get(v, str_sub(all, lo, hi));
		if (!member)
			return VALUE_NONE_V;
		v = *member;
	}
	return v;
}

struct str rpc_str(struct value v, const char *path)
{
	v = rpc_at(v, path);
	return v.kind == VALUE_STR ? *v.s : (struct str){"", 0};
}

int64_t rpc_int(struct value v, const char *path, int64_t otherwise)
{
	v = rpc_at(v, path);
	return v.kind == VALUE_INT ? v.i : otherwise;
}
