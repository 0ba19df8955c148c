/* Redaction of secrets in streams, however they are cut; and where secrets come from. */
#include <config.h>

#include "runtime/exec/redact.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/secret.h"
#include "tests/unit/tap.h"

static const struct str secrets[] = {{"abc", 3}, {"abcdef", 6}, {"", 0}, {"xyzxyw", 6}};

/* The text, cut at `cut` and again after each `step` bytes. */
static void redact_cut(struct str text, size_t cut, size_t step, struct buf *out)
{
	struct redact r = {.secrets = secrets, .n = 4};

	redact_add(&r, str_sub(text, 0, cut), out);
	for (size_t at = cut; at < text.n; at += step)
		redact_add(&r, str_sub(text, at, at + step), out);
	redact_end(&r, out);
	redact_release(&r);
}

static void cuts(struct str text, const char *want)
{
	struct buf out = {0};
	int bad = 0;

	for (size_t cut = 0; cut <= text.n; cut++)
		for (size_t step = 1; step <= 4; step++) {
			buf_clear(&out);
			redact_cut(text, cut, step, &out);
			bad += strcmp(buf_cstr(&out), want) != 0;
		}
	is_int(bad, 0, want);
	buf_release(&out);
}

static void lookup(void)
{
	char root[] = "/tmp/kfpc-secret-XXXXXX";
	struct arena a;
	struct err err = {0};
	struct str s, dir, file;

	arena_init(&a);
	ok(mkdtemp(root), "a folder");
	setenv("XDG_CONFIG_HOME", root, 1);
	dir = arena_printf(&a, "%s/kfpc/secrets/hub", root);
	file = arena_printf(&a, "%s/api-key", dir.p);
	ok(secret_lookup(STR("hub"), STR("api-key"), &a, &s, &err), "nowhere");
	ok(strstr(err.text, "KFPC_SECRET_HUB_API_KEY") && strstr(err.text, file.p), "%s",
	   err.text);
	io_mkdirs(dir.p, 0700, &err);
	io_write_file(file.p, STR("t0ken\n"), 0644, false, &err);
	chmod(file.p, 0644);
	ok(secret_lookup(STR("hub"), STR("api-key"), &a, &s, &err), "readable by others");
	ok(strstr(err.text, "chmod 600"), "%s", err.text);
	chmod(file.p, 0600);
	ok(!secret_lookup(STR("hub"), STR("api-key"), &a, &s, &err), "from its file");
	is_str(s.p, "t0ken", "without the newline");
	ok(secret_lookup(STR(".."), STR("x"), &a, &s, &err), "no way out of the folder");
	ok(secret_lookup(STR("a/b"), STR("x"), &a, &s, &err), "nor into another");
	setenv("KFPC_SECRET_HUB_API_KEY", "fromenv", 1);
	ok(!secret_lookup(STR("hub"), STR("api-key"), &a, &s, &err),
	   "from the environment");
	is_str(s.p, "fromenv", "which comes first");
	io_remove_tree(root, &err);
	arena_release(&a);
}

int main(void)
{
	cuts(STR("no secret here"), "no secret here");
	cuts(STR("-abc-"), "-***-");
	cuts(STR("abcdef"), "***");
	cuts(STR("abcde"), "***de");
	cuts(STR("ababcab"), "ab***ab");
	cuts(STR("abcabcabc"), "*********");
	cuts(STR("xyzxyzxyw"), "xyz***");
	cuts(STR("\xed\x95\x9c" "abc"), "\xed\x95\x9c***");
	lookup();
	return done_testing();
}
