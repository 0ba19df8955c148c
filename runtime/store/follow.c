#include <config.h>

#include "runtime/store/follow.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/priv.h"
#include "runtime/store/record.h"
#include "runtime/store/uuid.h"
#include "runtime/store/view_priv.h"

enum {
	CHUNK = 1 << 20,
	LATE_MS = 1000,		/* that a point waits for the journal */
};

#define CHUNK_MAX ((size_t)1 << 30)	/* of one record */

struct stream {			/* one file of records */
	const char *name;
	int fd;			/* -1: not there yet */
	int64_t offset;		/* of what `text` begins with */
	struct buf text;
	struct record_reader reader;
	struct str line;	/* the next record; n == 0: none */
	int64_t time_ms;	/* its time */
};

struct run_follow {
	int dirfd;
	bool owner_works;
	struct stream journal, metrics;
};

/* Reads from behind the last sound record, at most `want` bytes.  The end of the file may
 * have been torn and written anew: what was not sound is read again. */
static void read_more(struct stream *s, size_t want)
{
	int64_t next = s->reader.next_number;
	ssize_t got = 1;

	s->offset += (int64_t)s->reader.good_end;
	for (s->text.n = 0; got > 0 && s->text.n < want;) {
		size_t room = want - s->text.n;

		got = pread(s->fd, buf_reserve(&s->text, room), room,
			    s->offset + (int64_t)s->text.n);
		s->text.n += got > 0 ? (size_t)got : 0;
	}
	record_reader_init(&s->reader, buf_str(&s->text));
	s->reader.next_number = next;
}

/* The next record.  One that is larger than what is read at once wants more, as do sound
 * ones behind damage. */
static void advance(struct stream *s)
{
	bool found = s->fd >= 0 && record_read(&s->reader, &s->line);

	for (size_t want = CHUNK; s->fd >= 0 && !found && want <= CHUNK_MAX; want *= 2) {
		read_more(s, want);
		found = record_read(&s->reader, &s->line);
		if (s->text.n < want)
			break;
	}
	if (found)
		s->time_ms = record_int(s->line, STR("t"), 0);
	else
		s->line = (struct str){"", 0};
}

static void open_stream(struct run_follow *f, struct stream *s)
{
	if (s->fd < 0)
		s->fd = openat(f->dirfd, s->name,
			       O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (!s->line.n)
		advance(s);
}

struct run_follow *run_follow_open(const struct store *s, const char *id, struct err *err)
{
	int dirfd = view_open_run(s, id, err);
	struct run_follow *f = dirfd < 0 ? NULL : calloc(1, sizeof *f);

	if (dirfd < 0)
		return NULL;
	if (!f)
		err_nomem();
	f->dirfd = dirfd;
	f->journal = (struct stream){.name = "journal", .fd = -1};
	f->metrics = (struct stream){.name = "metrics", .fd = -1};
	record_reader_init(&f->journal.reader, STR(""));
	record_reader_init(&f->metrics.reader, STR(""));
	return f;
}

void run_follow_skip(struct run_follow *f, int64_t bytes, int64_t records)
{
	f->journal.offset = bytes;
	f->journal.reader.next_number = records + 1;
}

static void close_stream(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->text);
}

void run_follow_close(struct run_follow *f)
{
	if (!f)
		return;
	close_stream(&f->journal);
	close_stream(&f->metrics);
	close(f->dirfd);
	free(f);
}

/* The lock is looked at first: if it is free then, what is read after it is all. */
bool run_follow_read(struct run_follow *f)
{
	f->owner_works = view_owner_works(f->dirfd);
	open_stream(f, &f->journal);
	open_stream(f, &f->metrics);
	return f->owner_works;
}

/* Behind `"event":"x",`, before the checksum. */
static struct str members_of(struct str line)
{
	struct str key = STR("\"event\":\""), seal = STR(",\"~\":\"");
	size_t from = str_find(line, key, 0) + key.n, end;

	from = str_find(line, STR("\""), from) + 1;
	for (end = line.n > seal.n ? line.n - seal.n : 0; end > from; end--)
		if (str_has_prefix(str_sub(line, end, line.n), seal))
			break;
	return str_sub(line, from + (from < end), end);
}

static enum event event_of(struct str line)
{
	struct str name = record_member(line, STR("event"));
	int e = 0;

	while (e < EVENT_N && !str_is(name, event_name((enum event)e)))
		e++;
	return (enum event)e;
}

/* A record is handed out before what follows it is looked for, because that may move the
 * text: so the stream is advanced at the next call. */
static void take(struct stream *s, struct follow_record *out)
{
	out->time_ms = s->time_ms;
	out->line = s->line;
	out->members = members_of(s->line);
	s->line.n = 0;
}

bool run_follow_next(struct run_follow *f, struct follow_record *out)
{
	struct stream *j = &f->journal, *m = &f->metrics;

	if (!j->line.n)
		advance(j);
	if (!m->line.n)
		advance(m);
	*out = (struct follow_record){.event = EVENT_N};
	if (m->line.n && (j->line.n ? m->time_ms < j->time_ms
				    : !f->owner_works ||
					      io_now_ms() - m->time_ms > LATE_MS)) {
		out->is_metric = true;
		take(m, out);
		return true;
	}
	if (!j->line.n)
		return false;
	out->event = event_of(j->line);
	take(j, out);
	return true;
}
