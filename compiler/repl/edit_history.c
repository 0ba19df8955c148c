#include <config.h>

#include "compiler/repl/edit_history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/repl/edit.h"
#include "runtime/base/io.h"
#include "runtime/base/utf8.h"
#include "runtime/base/vec.h"
#include "runtime/exec/user.h"

enum {
	FILE_BYTES = 16 << 20,		/* more is not read */
	ENTRY_BYTES = 64 << 10,		/* longer blocks are not kept */
	OPEN_FLAGS = O_CLOEXEC | O_NONBLOCK | O_NOCTTY,	/* it may be a FIFO or a device */
};

const char *edit_history_path(struct arena *a)
{
	return arena_printf(a, "%s/history", user_state_folder(a).p).p;
}

static void add_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_addz(out, "\\n");
		else if (s.p[i] == '\\')
			buf_addz(out, "\\\\");
		else
			buf_addc(out, s.p[i]);
	}
	buf_addc(out, '\n');
}

/* The block of a line of the file; false: it is none. */
static bool add_read(struct buf *out, struct str line)
{
	if (line.n > 2 * ENTRY_BYTES || utf8_invalid_at(line) < line.n)
		return false;
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (((unsigned char)c < ' ' && c != '\t') || c == 127)
			return false;
		if (c == '\\') {
			if (++i == line.n || (line.p[i] != 'n' && line.p[i] != '\\'))
				return false;
			c = line.p[i] == 'n' ? '\n' : '\\';
		}
		buf_addc(out, c);
	}
	return out->n > 0 && out->n <= ENTRY_BYTES;
}

static void keep(struct edit_history *h, struct str text)
{
	if (!h->n || !str_eq(vec_last(h), text))
		vec_push(h, arena_str(&h->arena, text));
	h->place = h->n;
}

/* How many lines were read, damaged ones among them. */
static size_t read_all(struct edit_history *h, struct str all)
{
	struct buf text = {0};
	size_t lines = 0, damaged = 0;

	for (size_t lo = 0, hi; lo < all.n; lo = hi + 1, lines++) {
		hi = str_find(all, STR("\n"), lo);
		buf_clear(&text);
		if (add_read(&text, str_sub(all, lo, hi)))
			keep(h, buf_str(&text));
		else
			damaged++;
	}
	buf_release(&text);
	if (damaged && !h->note.n)
		buf_addf(&h->note, "history: %zu damaged line%s left out: %s", damaged,
			 damaged == 1 ? " was" : "s were", h->path);
	return lines;
}

static int refuse(struct edit_history *h, int fd, const char *why)
{
	if (!h->note.n)
		buf_addf(&h->note, "history is not kept (%s): %s", why, h->path);
	h->path = NULL;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Opens and locks the file, and makes it where there is none; -1: it cannot be had.
 * Another session may put a new file in its place until we have the lock. */
static int open_locked(struct edit_history *h)
{
	struct stat mine, named;
	struct err err;
	struct str folder = io_dirname(str_of(h->path));
	char *dir = strndup(folder.p, folder.n);
	int fd = -1, bad;

	if (!dir)
		err_nomem();
	bad = io_mkdirs(dir, 0700, &err);
	free(dir);
	if (bad)
		return refuse(h, -1, strerror(err.sys ? err.sys : EIO));
	for (int tries = 0; tries < 100; tries++) {
		fd = open(h->path, O_RDWR | O_APPEND | O_CREAT | OPEN_FLAGS, 0600);
		if (fd < 0 || fstat(fd, &mine))
			return refuse(h, fd, strerror(errno));
		if (!S_ISREG(mine.st_mode))
			return refuse(h, fd, "it is no regular file");
		if (flock(fd, LOCK_EX))
			return refuse(h, fd, strerror(errno));
		if (!stat(h->path, &named) && named.st_ino == mine.st_ino &&
		    named.st_dev == mine.st_dev) {
			if (mine.st_mode & 077)
				fchmod(fd, 0600);	/* if it fails it is not ours */
			return fd;
		}
		close(fd);
	}
	return refuse(h, -1, "it is replaced all the time");
}

/* Writes those that are kept in place of the file, which is locked. */
static void shorten(struct edit_history *h)
{
	struct buf out = {0};
	size_t first = h->n > EDIT_HISTORY_MAX ? h->n - EDIT_HISTORY_MAX : 0;

	for (size_t i = first; i < h->n; i++)
		add_escaped(&out, h->at[i]);
	/* If it fails the file stays as it is, and is tried again by the next session. */
	io_write_file(h->path, buf_str(&out), 0600, false, NULL);
	buf_release(&out);
}

void history_open(struct edit_history *h, const char *path)
{
	struct buf all = {0};
	struct err err;
	bool is_writable;
	int fd;

	h->path = path;
	if (!path)
		return;
	fd = open_locked(h);
	is_writable = fd >= 0;
	if (!is_writable && (fd = open(path, O_RDONLY | OPEN_FLAGS)) < 0)
		return;
	h->path = path;
	if (io_read_fd(fd, path, FILE_BYTES, &all, &err))
		refuse(h, -1, err.sys ? strerror(err.sys) : "it is larger than 16 MiB");
	else if (read_all(h, buf_str(&all)) > 2 * EDIT_HISTORY_MAX && is_writable)
		shorten(h);
	h->path = is_writable ? h->path : NULL;
	close(fd);
	buf_release(&all);
}

void history_release(struct edit_history *h)
{
	arena_release(&h->arena);
	vec_release(h);
	buf_release(&h->note);
}

void history_add(struct edit_history *h, struct str text)
{
	struct buf line = {0};
	struct stat st;
	char last = '\n';
	bool is_new = text.n && text.n <= ENTRY_BYTES &&
		      (!h->n || !str_eq(vec_last(h), text));
	int fd;

	h->place = h->n;
	if (!is_new)
		return;
	keep(h, text);
	if (!h->path || (fd = open_locked(h)) < 0)
		return;
	if (!fstat(fd, &st) && st.st_size && pread(fd, &last, 1, st.st_size - 1) == 1 &&
	    last != '\n')
		buf_addc(&line, '\n');	/* somebody was killed while writing */
	add_escaped(&line, text);
	if (io_write_all(fd, buf_str(&line)))
		refuse(h, -1, strerror(errno));
	close(fd);
	buf_release(&line);
}
