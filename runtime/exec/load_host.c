#include <config.h>

#include "runtime/exec/load_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/base/uri.h"
#include "runtime/exec/load_int.h"
#include "runtime/value/json.h"

enum { UNUSABLE = 126 }; /* exit status: the task could not even be read */

static struct str text_of(struct load *l, struct value dict, const char *key)
{
	const struct value *v = value_get(dict, str_of(key));

	return v && v->kind == VALUE_STR ? arena_str(&l->arena, *v->s) : STR("");
}

int load_put(struct load *l, int fd, struct str s, struct err *err)
{
	l->bytes += (int64_t)s.n;
	if (l->bytes > l->max_bytes)
		return err_set(err,
			       "it is larger than the %lld bytes of "
			       "KFPC_LOAD_MAX_BYTES",
			       (long long)l->max_bytes);
	sha256_add(l->hash, s);
	return io_write_all(fd, s) ? err_sys(err, "%s", l->to.p) : 0;
}

static int64_t max_bytes(void)
{
	const char *text = getenv("KFPC_LOAD_MAX_BYTES");
	long long n = text ? strtoll(text, NULL, 10) : 0;

	return n > 0 ? n : INT64_MAX;
}

static int fetch(struct load *l, struct err *err)
{
	struct str scheme = uri_scheme(l->uri);

	if (!l->uri.n || memchr(l->uri.p, '\0', l->uri.n))
		return err_set(err, "the URI is empty, or holds a byte 0");
	if (!scheme.n || str_is(scheme, "file"))
		return load_file(l, err);
	if (uri_can_load(scheme))
		return load_http(l, err);
	return err_set(err,
		       "%.*s: cannot be loaded on this machine, only file:, http: "
		       "and https:",
		       STR_ARG(scheme));
}

static int check_digest(struct load *l, struct str wanted, struct err *err)
{
	struct digest got = sha256_end(l->hash), want;

	if (!wanted.n)
		return 0;
	if (!str_has_prefix(wanted, STR("sha256:")) ||
	    !digest_parse(str_sub(wanted, 7, wanted.n), &want))
		return err_set(err,
			       "a digest is \"sha256:\" and 64 hexadecimal digits in "
			       "lower case, not '%.*s'",
			       STR_ARG(str_sub(wanted, 0, 80)));
	if (l->is_folder)
		return err_set(err, "it is a folder, and only files have a digest");
	if (strcmp(got.hex, want.hex))
		return err_set(err,
			       "its digest is sha256:%s, and not the one that was "
			       "wanted, sha256:%s",
			       got.hex, want.hex);
	return 0;
}

static int load(struct load *l, struct str digest, struct err *err)
{
	if (fetch(l, err) || check_digest(l, digest, err))
		return err_wrap(err, "cannot load '%.*s'",
				STR_ARG(str_sub(l->shown, 0, 300)));
	fprintf(stderr, "loaded %lld bytes from %.*s\n", (long long)l->bytes,
		STR_ARG(l->shown));
	return 0;
}

static int read_task(struct load *l, const char *folder, struct str *digest,
		     struct err *err)
{
	struct str path = arena_printf(&l->arena, "%s/task", folder);
	struct buf text = {0};
	struct value v;
	int rc = io_read_file(path.p, LIMIT_FILE_BYTES, &text, err);

	if (!rc)
		rc = json_parse(&l->arena, buf_str(&text), &v, err);
	buf_release(&text);
	if (rc)
		return -1;
	l->uri = text_of(l, v, "uri");
	l->shown = uri_shown(l->uri, &l->arena);
	l->base = text_of(l, v, "base");
	l->to = text_of(l, v, "to");
	*digest = text_of(l, v, "digest");
	return 0;
}

static int write_result(struct load *l, const char *folder, const struct err *failed,
			struct err *err)
{
	struct str path = arena_printf(&l->arena, "%s/result", folder);
	struct buf b = {0};
	int rc;

	buf_addc(&b, '{');
	if (failed)
		json_put_str(&b, "error", str_of(failed->text));
	else
		json_put_str(&b, "from", l->shown);
	buf_addz(&b, "}\n");
	rc = io_write_file(path.p, buf_str(&b), 0644, false, err);
	buf_release(&b);
	return rc;
}

int load_host(const char *folder)
{
	struct load l = {.max_bytes = max_bytes(), .hash = sha256_new()};
	struct err err = {0}, failed = {0};
	struct str digest;
	int rc;

	arena_init(&l.arena);
	rc = read_task(&l, folder, &digest, &err);
	if (!rc) {
		rc = load(&l, digest, &failed) ? 1 : 0;
		if (write_result(&l, folder, rc ? &failed : NULL, &err))
			rc = UNUSABLE;
	} else {
		rc = UNUSABLE;
	}
	if (rc == UNUSABLE)
		fprintf(stderr, "kfpc: %s\n", err.text);
	sha256_free(l.hash);
	arena_release(&l.arena);
	return rc;
}
