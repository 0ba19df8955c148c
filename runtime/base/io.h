/* Files: whole reads with a limit, durable writes, paths. */
#ifndef KFPC_BASE_IO_H
#define KFPC_BASE_IO_H

#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"

/* Appends the whole of the file to out.  path "-" is standard input.  Refuses a directory
 * and what is larger than limit bytes.  The message names the path. */
int io_read_file(const char *path, size_t limit, struct buf *out, struct err *err);
/* The same from an open file, named in messages as name. */
int io_read_fd(int fd, const char *name, size_t limit, struct buf *out, struct err *err);

/* Puts something at those of the descriptors 0, 1 and 2 that came closed, so that no file
 * opened later gets their number and what is printed; writing to them fails. */
void io_open_standard(void);

/* Writes all of s, going on after short writes and EINTR; -1 with errno set. */
int io_write_all(int fd, struct str s);

/* Makes path hold s, or what it held before if anything fails: a temporary file beside
 * it, synced where sync is set, then renamed, then the folder synced.  What is there
 * and is no regular file (a device, a FIFO, a link) is written to as it stands. */
int io_write_file(const char *path, struct str s, mode_t mode, bool sync, struct err *err);

/* Makes the folder and those above it; one that is there already is fine. */
int io_mkdirs(const char *path, mode_t mode, struct err *err);

/* Removes path with all below it, links not followed; what is not there is fine. */
int io_remove_tree(const char *path, struct err *err);

/* Syncs the folder itself, so that names made in it survive a power cut. */
int io_sync_dir(const char *path, struct err *err);

/* dir + "/" + name, in a; name alone where it is absolute or dir is empty. */
struct str io_join(struct arena *a, struct str dir, struct str name);
/* The part before the last '/', without it; "." if there is none; "/" for "/x". */
struct str io_dirname(struct str path);
struct str io_basename(struct str path);

/* Columns of the terminal at fd, 80 where it does not say; rows, else the fallback. */
unsigned io_columns(int fd);
unsigned io_rows(int fd, unsigned fallback);

/* Where files go that are gone with the process: $TMPDIR, else "/tmp". */
const char *io_temp_folder(void);

/* Milliseconds since 1970, and of a clock that never goes back. */
int64_t io_now_ms(void);
int64_t io_monotonic_ms(void);

#endif
