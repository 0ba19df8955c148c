/* io, err, sha256: files, what the world answers, digests.  Runs in an empty folder. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/sha256.h"
#include "tests/unit/tap.h"

static void test_err(void)
{
	struct err err = {0};

	is_int(err_set(&err, "no %s", "thing"), -1, "err_set returns -1");
	ok(err.kind == ERR_IO && !err.sys && !strcmp(err.text, "no thing"),
	   "and sets the text");
	errno = ENOENT;
	err_sys(&err, "a.csv");
	is_str(err.text, "a.csv: No such file or directory",
	       "err_sys adds errno's words");
	is_int(err.sys, ENOENT, "and keeps errno");
	err_wrap(&err, "reading %s", "config");
	is_str(err.text, "reading config: a.csv: No such file or directory", "err_wrap");
	is_int(err.sys, ENOENT, "a wrapped error keeps errno");
	err_setk(&err, ERR_USAGE, "%2000d", 1);
	ok(err.kind == ERR_USAGE && strlen(err.text) == sizeof err.text - 1,
	   "a long text is cut");
	err_wrap(&err, "%2000d", 1);
	ok(strlen(err.text) == sizeof err.text - 1, "also when wrapped");
	errno = ENOENT;
	err_sys(&err, "%2000d", 1);
	ok(strstr(err.text, "...: No such file or directory"),
	   "but not the reason at its end");
	is_int(err_set(NULL, "nobody cares"), -1, "err may be NULL");
	is_int(err_wrap(NULL, "nobody cares"), -1, "also for err_wrap");
}

static void test_read_write(void)
{
	struct err err = {0};
	struct buf b = {0};
	struct stat st;

	is_int(io_write_file("f", STR("a\0b"), 0444, true, &err), 0, "write");
	is_int(stat("f", &st) ? -1 : (long long)(st.st_mode & 0777), 0444,
	       "with its mode");
	is_int(io_write_file("f", STR("second"), 0644, false, &err), 0,
	       "over a read-only file");
	buf_addz(&b, "before ");
	is_int(io_read_file("f", 100, &b, &err), 0, "read");
	is_str(buf_cstr(&b), "before second", "reading appends");
	is_int(io_read_file("f", 6, &b, &err), 0, "a file of exactly the limit");
	ok(io_read_file("f", 5, &b, &err) && err.kind == ERR_INPUT,
	   "one above the limit");
	ok(io_read_file("/dev/zero", 1000, &b, &err) && err.kind == ERR_INPUT,
	   "a file that has no end");
	ok(io_read_file("none", 9, &b, &err) && err.sys == ENOENT &&
		   strstr(err.text, "none"),
	   "a missing file is named");
	ok(io_read_file(".", 9, &b, &err) && err.sys == EISDIR, "a folder is refused");
	ok(io_write_file("none/f", STR(""), 0644, true, &err) &&
		   strstr(err.text, "none/f"),
	   "writing where there is no folder");
	ok(io_write_file("/dev/full/x", STR(""), 0644, true, &err),
	   "writing below a file");
	is_int(symlink("f", "link") ? -1
				    : io_write_file("link", STR("third"), 0644, 0, &err),
	       0, "through a link");
	buf_clear(&b);
	io_read_file("f", 100, &b, &err);
	ok(!lstat("link", &st) && S_ISLNK(st.st_mode) && str_is(buf_str(&b), "third"),
	   "which stays");
	is_int(io_write_file("/dev/null", STR("x"), 0644, true, &err), 0, "to a device");
	ok(!stat("/dev/null", &st) && S_ISCHR(st.st_mode), "which stays");
	buf_release(&b);
}

static void test_folders(void)
{
	struct err err = {0};
	char deep[5000];

	is_int(io_mkdirs("d/e/f", 0755, &err), 0, "folders are made");
	is_int(io_mkdirs("d/e/f/", 0755, &err), 0, "and may be there");
	is_int(io_mkdirs(".", 0755, &err), 0, "the current folder is there");
	ok(io_mkdirs("f/g", 0755, &err) && strstr(err.text, "f/g"),
	   "a file is in the way");
	memset(deep, 'x', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	ok(io_mkdirs(deep, 0755, &err) && err.sys == ENAMETOOLONG,
	   "a path that is too long");
	io_write_file("outside", STR("kept"), 0644, false, NULL);
	io_write_file("d/e/f/x", STR("x"), 0444, false, NULL);
	ok(!symlink("../../outside", "d/e/link") && !mkfifo("d/fifo", 0600) &&
		   !chmod("d/e/f", 0500) && !chmod("d/e", 0),
	   "a tree with a link and shut folders");
	is_int(io_remove_tree("d", &err), 0, "is removed");
	ok(access("d", F_OK) && !access("outside", F_OK), "and nothing outside of it");
	is_int(io_remove_tree("d", &err), 0, "removing what is not there");
	is_int(io_sync_dir(".", &err), 0, "syncing a folder");
	ok(io_sync_dir("none", &err) && err.sys == ENOENT, "syncing what is not there");
}

static void test_paths(void)
{
	struct arena a = {0};

	is_str(io_join(&a, STR("a"), STR("b")).p, "a/b", "join");
	is_str(io_join(&a, STR("a/"), STR("b")).p, "a/b", "join after a slash");
	is_str(io_join(&a, STR("a"), STR("/b")).p, "/b", "join of an absolute path");
	is_str(io_join(&a, STR(""), STR("b")).p, "b", "join to nothing");
	ok(str_is(io_dirname(STR("a/b/c")), "a/b") && str_is(io_dirname(STR("c")), ".") &&
		   str_is(io_dirname(STR("/c")), "/") && str_is(io_dirname(STR("")), "."),
	   "dirname");
	ok(str_is(io_basename(STR("a/b")), "b") && str_is(io_basename(STR("b")), "b") &&
	   !io_basename(STR("a/")).n, "basename");
	arena_release(&a);
}

static void test_write_all(void)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC), pipefd[2];
	char got[3];

	ok(fd >= 0 && io_write_all(fd, STR("x")) && errno == ENOSPC,
	   "a full disk is told");
	close(fd);
	ok(!pipe2(pipefd, O_CLOEXEC) && !io_write_all(pipefd[1], STR("abc")) &&
	   read(pipefd[0], got, 3) == 3 && !memcmp(got, "abc", 3), "a pipe gets it all");
	close(pipefd[0]);
	close(pipefd[1]);
}

static void test_clock(void)
{
	int64_t began = io_monotonic_ms();

	ok(io_now_ms() > 1700000000000, "the time is after 2023");
	ok(io_monotonic_ms() >= began, "the clock does not go back");
}

static void test_sha256(void)
{
	struct sha256 *h = sha256_new();
	struct digest d = sha256_of(STR("abc")), parsed;
	const char *abc =
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

	is_str(d.hex, abc, "SHA-256 of abc (FIPS 180-4)");
	is_str(sha256_of(STR("")).hex,
	       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	       "of nothing");
	sha256_add(h, STR("a"));
	sha256_add(h, STR(""));
	sha256_add(h, STR("bc"));
	d = sha256_end(h);
	is_str(d.hex, abc, "in pieces");
	sha256_add(h, STR("abc"));
	d = sha256_end(h);
	is_str(d.hex, abc, "used again");
	sha256_free(h);
	ok(digest_parse(digest_str(&d), &parsed) && !strcmp(parsed.hex, abc), "parsed");
	ok(!digest_parse(STR("BA7816BF"), &parsed) && !digest_parse(STR(""), &parsed),
	   "what is no digest");
	d.hex[3] = 'A';
	ok(!digest_parse(digest_str(&d), &parsed), "capitals are refused");
	d.hex[3] = 'g';
	ok(!digest_parse(digest_str(&d), &parsed), "as is what is no hexadecimal digit");
}

int main(void)
{
	test_err();
	test_read_write();
	test_folders();
	test_paths();
	test_write_all();
	test_clock();
	test_sha256();
	return done_testing();
}
