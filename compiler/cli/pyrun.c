#include <config.h>

#include "compiler/cli/pyrun.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/exec/env.h"
#include "runtime/exec/proc.h"
#include "runtime/exec/user.h"

enum { PYRUN_TIMEOUT_MS = 30000 };

#define CACHE_MAGIC "kfpc-pycheck 1 "

struct pyrun {
	const char *program;	/* path of the .kfp file */
	struct str script;
	struct str python;	/* path of the interpreter */
	struct str cache;	/* path of the program's cache file */
	struct digest who;
};

/* Finds the interpreter and the cache file. */
static int prepare(struct pyrun *r, struct arena *a, struct err *err)
{
	char *real = realpath(r->program, NULL);
	struct digest program = sha256_of(str_of(real ? real : r->program));
	struct sha256 *h;
	struct stat st;

	free(real);
	if (env_find_python(STR(""), a, &r->python, err))
		return -1;
	if (stat(r->python.p, &st))
		return err_sys(err, "%s", r->python.p);
	h = sha256_new();
	sha256_add(h, r->script);
	sha256_add(h, arena_printf(a, "\n%s %lld %lld %lld.%09ld", r->python.p,
				   (long long)st.st_ino, (long long)st.st_size,
				   (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec));
	r->who = sha256_end(h);
	sha256_free(h);
	r->cache = arena_printf(a, "%s/pycheck/%s", user_cache_folder(a).p, program.hex);
	return 0;
}

/* Cuts the text up to c from s; all of s where there is no c. */
static struct str take(struct str *s, char c)
{
	size_t n = str_find(*s, (struct str){&c, 1}, 0);
	struct str head = str_sub(*s, 0, n);

	*s = str_sub(*s, n + 1, s->n);
	return head;
}

/* Puts the replies that the cache holds into `kept`, by digest of the request. */
static void read_cache(const struct pyrun *r, struct arena *a, struct map *kept)
{
	struct buf b = {0};
	struct digest body;
	struct str s;

	if (io_read_file(r->cache.p, LIMIT_FILE_BYTES, &b, NULL))
		goto out;
	s = arena_str(a, buf_str(&b));
	struct str head = take(&s, '\n');

	if (!str_has_prefix(head, STR(CACHE_MAGIC)))
		goto out;
	head = str_sub(head, sizeof CACHE_MAGIC - 1, head.n);
	body = sha256_of(s);
	if (!str_eq(take(&head, ' '), digest_str(&r->who)) ||
	    !str_eq(head, digest_str(&body)))
		goto out;
	while (s.n) {
		struct str reply = take(&s, '\n');
		struct str digest = take(&reply, ' ');
		struct str *slot = ARENA_NEW(a, struct str);

		*slot = reply;
		map_set(kept, digest, slot);
	}
out:
	buf_release(&b);
}

static void write_cache(const struct pyrun *r, const struct digest *digests,
			const struct str *replies, size_t n)
{
	struct buf body = {0}, file = {0};
	struct str folder = io_dirname(r->cache);
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < n; i++)
		buf_addf(&body, "%s %.*s\n", digests[i].hex, STR_ARG(replies[i]));
	struct digest d = sha256_of(buf_str(&body));

	buf_addf(&file, CACHE_MAGIC "%s %s\n", r->who.hex, d.hex);
	buf_add(&file, buf_str(&body));
	if (!io_mkdirs(arena_str(&a, folder).p, 0700, NULL))
		io_write_file(r->cache.p, buf_str(&file), 0600, false, NULL);
	buf_release(&body);
	buf_release(&file);
	arena_release(&a);
}

/* A new file in the folder for temporary ones that holds the requests; its path in a. */
static int write_requests(struct arena *a, struct str requests, struct str *path,
			  struct err *err)
{
	const char *tmp = io_temp_folder();
	struct str form = arena_printf(a, "%s/kfpc-pycheck.XXXXXX", tmp);
	char *name = arena_dup(a, form.p, form.n + 1);
	int fd = mkostemp(name, O_CLOEXEC), rc = 0;

	if (fd < 0)
		return err_sys(err, "a temporary file in %s", tmp);
	*path = str_of(name);
	if (io_write_all(fd, requests)) {
		rc = err_sys(err, "a temporary file in %s", tmp);
		unlink(name);
	}
	close(fd);
	return rc;
}

/* The last line that the interpreter wrote about its end. */
static int say_end(const struct proc_end *end, const char *python, struct str errs,
		   struct err *err)
{
	struct str text = str_trim(errs);
	size_t lo = text.n;

	while (lo && text.p[lo - 1] != '\n')
		lo--;
	text = str_sub(text, lo, text.n);
	if (text.n)
		return err_set(err, "%s failed: %.*s", python, STR_ARG(text));
	if (end->signal)
		return err_set(err, "%s was ended by signal %d", python, end->signal);
	return err_set(err, "%s ended with status %d", python, end->exit_code);
}

/* argv and envp are not const where POSIX wants them, though nobody writes to them. */
static char *mutable_text(struct arena *a, struct str s)
{
	return arena_dup(a, arena_str(a, s).p, s.n + 1);
}

/* Runs the script over a file of requests; its output goes to out. */
static int run_script(const struct pyrun *r, struct str requests, struct arena *a,
		      struct buf *out, struct err *err)
{
	const struct str words[] = {r->python, STR("-I"), STR("-S"), STR("-B"), STR("-c"),
				    r->script, requests};
	enum { NWORDS = sizeof words / sizeof words[0] };
	char *argv[NWORDS + 1] = {0};
	struct buf errs = {0};
	struct proc_end end;
	int rc;

	for (size_t i = 0; i < NWORDS; i++)
		argv[i] = mutable_text(a, words[i]);
	struct proc_spec spec = {.argv = argv, .envp = environ};

	rc = proc_run(&spec, PYRUN_TIMEOUT_MS, LIMIT_FILE_BYTES, out, &errs, &end, err);
	if (!rc && (end.exit_code || end.signal))
		rc = say_end(&end, r->python.p, buf_str(&errs), err);
	buf_release(&errs);
	return rc;
}

/* Deals the lines of output out to the replies that are missing. */
static int deal(struct str output, struct str *replies, size_t n, struct arena *a,
		struct err *err)
{
	struct str s = arena_str(a, output);

	for (size_t i = 0; i < n; i++) {
		if (replies[i].n)
			continue;
		replies[i] = take(&s, '\n');
		if (!replies[i].n)
			return err_set(err, "the interpreter gave too few answers");
	}
	return 0;
}

static int ask(const struct pyrun *r, const struct str *requests, struct str *replies,
	       size_t n, struct arena *a, struct err *err)
{
	struct buf lines = {0}, out = {0};
	struct str file = {0};
	int rc = -1;

	for (size_t i = 0; i < n; i++) {
		if (replies[i].n)
			continue;
		buf_add(&lines, requests[i]);
		buf_addc(&lines, '\n');
	}
	if (write_requests(a, buf_str(&lines), &file, err))
		goto out;
	rc = run_script(r, file, a, &out, err);
	unlink(file.p);
	if (!rc)
		rc = deal(buf_str(&out), replies, n, a, err);
out:
	buf_release(&lines);
	buf_release(&out);
	return rc;
}

/* Takes from the cache what it has; returns how many replies are missing. */
static size_t recall(const struct pyrun *r, const struct digest *digests,
		     struct str *replies, size_t n, struct arena *a)
{
	struct map kept = {0};
	size_t missing = n;

	read_cache(r, a, &kept);
	for (size_t i = 0; i < n; i++) {
		const struct str *reply = map_get(&kept, digest_str(&digests[i]));

		if (reply && reply->n) {
			replies[i] = *reply;
			missing--;
		}
	}
	map_release(&kept);
	return missing;
}

static int answer(void *arg, const struct str *requests, struct str *replies, size_t n,
		  struct arena *a, struct err *err)
{
	struct pyrun *r = arg;
	struct digest *digests = ARENA_ARRAY(a, n, struct digest);

	if (prepare(r, a, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		digests[i] = sha256_of(requests[i]);
	if (!recall(r, digests, replies, n, a))
		return 0;
	if (ask(r, requests, replies, n, a, err))
		return -1;
	write_cache(r, digests, replies, n);
	return 0;
}

void pyrun_check(const char *path, const struct module *m, struct node *const *decls,
		 struct src *src, struct diags *ds)
{
	struct buf script = {0};
	struct pyrun r = {.program = path};

	pycheck_script(&script);
	r.script = buf_str(&script);
	pycheck_run(&(struct pycheck_opts){answer, &r}, m, decls, src, ds);
	buf_release(&script);
}
