#include <config.h>

#include "runtime/exec/engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/io.h"
#include "runtime/base/map.h"
#include "runtime/exec/proc.h"

enum {
	ANSWER_MS = 20000,		/* a daemon that takes longer is taken for dead */
	ANSWER_BYTES = 64 << 10,
};

extern char **environ;

static struct engine found;
static struct arena kept;	/* its strings, and names of images */

/* The program of this name in PATH, or the path itself; "" if there is none. */
static struct str find_program(struct str name, struct arena *a)
{
	const char *list = getenv("PATH");
	struct str rest = str_of(list ? list : "/usr/local/bin:/usr/bin:/bin"), path;

	if (name.n && memchr(name.p, '/', name.n))
		return access(arena_str(a, name).p, X_OK) ? STR("") : arena_str(a, name);
	while (rest.n) {
		size_t end = str_find(rest, STR(":"), 0);

		path = io_join(a, str_sub(rest, 0, end), name);
		if (end && path.p[0] == '/' && !access(path.p, X_OK))
			return path;
		rest = str_sub(rest, end + 1, rest.n);
	}
	return STR("");
}

/* Runs it with two or three words; its exit status, -1 with errs if it did not run. */
static int ask(const char *path, const char *const *words, struct buf *out,
	       struct buf *errs)
{
	char *argv[5] = {NULL};
	struct proc_end end = {0};
	struct err err = {0};
	struct arena a;
	int rc;

	arena_init(&a);
	argv[0] = arena_dup(&a, path, strlen(path) + 1);
	for (int i = 0; i < 3 && words[i]; i++)
		argv[i + 1] = arena_dup(&a, words[i], strlen(words[i]) + 1);
	rc = proc_run(&(struct proc_spec){argv, environ, "/"}, ANSWER_MS, ANSWER_BYTES,
		      out, errs, &end, &err);
	if (rc)
		buf_addz(errs, err.text);
	arena_release(&a);
	return rc ? -1 : end.exit_code;
}

/* The last line that says something. */
static struct str last_line(const struct buf *b)
{
	struct str text = str_trim(buf_str(b));
	size_t lo = text.n;

	while (lo && text.p[lo - 1] != '\n')
		lo--;
	return str_trim(str_sub(text, lo, lo + 300));
}

/* Does the engine at path answer?  Else why adds why not. */
static bool engine_try(const char *name, const char *path, struct buf *why)
{
	static const char *const version[] = {"--version", NULL, NULL};
	static const char *const podman[] = {"info", "--format",
					     "{{.Host.Security.Rootless}}"};
	static const char *const docker[] = {"info", "--format", "{{.SecurityOptions}}"};
	struct buf out = {0}, errs = {0};
	struct engine e = {.name = name};
	int status = ask(path, version, &out, &errs);

	if (!status) {
		e.is_podman = str_find(buf_str(&out), STR("podman"), 0) < out.n;
		buf_clear(&out);
		buf_clear(&errs);
		status = ask(path, e.is_podman ? podman : docker, &out, &errs);
		e.is_rootless = str_find(buf_str(&out),
					 e.is_podman ? STR("true") : STR("rootless"),
					 0) < out.n;
	}
	if (!status) {
		found = e;
		found.name = arena_str(&kept, io_basename(str_of(name))).p;
		found.path = arena_str(&kept, str_of(path)).p;
	} else {
		buf_addf(why, "%s%s is installed and does not work: %.*s",
			 why->n ? "; " : "", path,
			 STR_ARG(errs.n ? last_line(&errs) : STR("it says nothing")));
	}
	buf_release(&out);
	buf_release(&errs);
	return !status;
}

/* What to do about an engine that does not answer. */
static const char *advice(const struct buf *why)
{
	struct str text = buf_str(why);

	if (str_find(text, STR("permission denied"), 0) < text.n)
		return " (may you use it? The group 'docker' may)";
	if (str_find(text, STR("onnect"), 0) < text.n)
		return " (systemctl start docker starts it)";
	return "";
}

static const struct engine *find_named(const char *name, struct err *err)
{
	struct buf why = {0};
	struct arena a;
	struct str path;
	bool ok;

	arena_init(&a);
	path = find_program(str_of(name), &a);
	ok = path.n && engine_try(name, path.p, &why);
	if (!path.n)
		err_set(err,
			"KFPC_CONTAINER_ENGINE names '%s', and there is no such program",
			name);
	else if (!ok)
		err_set(err, "%s%s", buf_cstr(&why), advice(&why));
	buf_release(&why);
	arena_release(&a);
	return ok ? &found : NULL;
}

const struct engine *engine_find(struct err *err)
{
	static const char *const NAMES[] = {"podman", "docker"};
	const char *named = getenv("KFPC_CONTAINER_ENGINE");
	struct buf why = {0};
	struct arena a;

	if (found.path)
		return &found;
	if (named && *named)
		return find_named(named, err);
	arena_init(&a);
	for (int i = 0; i < 2 && !found.path; i++) {
		struct str path = find_program(str_of(NAMES[i]), &a);

		if (path.n)
			engine_try(NAMES[i], path.p, &why);
	}
	if (!found.path && why.n)
		err_set(err, "%s%s", buf_cstr(&why), advice(&why));
	else if (!found.path)
		err_set(err,
			"a container needs podman or docker, and neither is in PATH: "
			"install one (apt-get install podman), or name it in "
			"KFPC_CONTAINER_ENGINE");
	buf_release(&why);
	arena_release(&a);
	return found.path ? &found : NULL;
}

/* Does the name begin with a registry: "quay.io/x", "localhost:5000/x"? */
static bool has_registry(struct str image)
{
	size_t slash = str_find(image, STR("/"), 0);
	struct str first = str_sub(image, 0, slash);

	return slash < image.n && (memchr(first.p, '.', first.n) ||
				   memchr(first.p, ':', first.n) ||
				   str_is(first, "localhost"));
}

struct str engine_image(const struct engine *e, struct str image, struct arena *a)
{
	static struct map whole;	/* of images that were asked about */
	static char short_name, long_name;
	const char *words[] = {"image", "exists", arena_str(a, image).p};
	void *known = map_get(&whole, image);
	struct buf out = {0}, errs = {0};

	if (!e->is_podman || has_registry(image) || memchr(image.p, '\0', image.n))
		return arena_str(a, image);
	if (!known) {
		known = ask(e->path, words, &out, &errs) == 1 ? &long_name : &short_name;
		map_set(&whole, arena_str(&kept, image), known);
	}
	buf_release(&out);
	buf_release(&errs);
	if (known == &short_name)
		return arena_str(a, image);
	return arena_printf(a, "docker.io/%s%.*s",
			    memchr(image.p, '/', image.n) ? "" : "library/",
			    STR_ARG(image));
}
