/* --env host: the interpreter at hand, asked whether it has what the environment
 * wants. */
#include <config.h>

#include "runtime/exec/env_int.h"

#include "runtime/exec/host.py.h"

void build_check_host(struct env_build *b)
{
	size_t n = 0, most = 5 + (size_t)b->spec.npackages;
	const char **argv = ARENA_ARRAY(&b->envs->arena, most, const char *);
	struct str script = {(const char *)host_py, host_py_len};

	b->step = STEP_CHECK;
	argv[n++] = b->python.path.p;
	argv[n++] = "-c";
	argv[n++] = arena_str(&b->envs->arena, script).p;
	for (uint32_t i = 0; i < b->spec.npackages; i++)
		argv[n++] = b->spec.packages[i].p;
	argv[n++] = b->spec.requirements.p;
	build_spawn(b, argv, n);
}

static void missing_add(struct buf *missing, struct str what)
{
	buf_addz(missing, missing->n ? ", " : "");
	buf_add(missing, what);
}

void build_check_host_end(struct env_build *b)
{
	struct buf lock = {0}, missing = {0};
	struct str text = buf_str(&b->out);

	while (text.n) {
		size_t end = str_find(text, STR("\n"), 0);
		struct str line = str_sub(text, 0, end);

		text = str_sub(text, end + 1, text.n);
		if (str_has_prefix(line, STR("lacks ")))
			missing_add(&missing, str_sub(line, 6, line.n));
		if (str_has_prefix(line, STR("has ")))
			buf_addf(&lock, "%.*s\n", (int)line.n - 4, line.p + 4);
	}
	buf_clear(&b->out);
	buf_add(&b->out, buf_str(&lock));
	if (missing.n) {
		build_fail(b, false,
			   "%s lacks %.*s; run without --env host, and they are "
			   "installed into an environment",
			   b->python.path.p, STR_ARG(buf_str(&missing)));
	} else {
		b->info.lock = build_sorted_lines(b);
		b->info.lock_digest = sha256_of(b->info.lock);
		b->info.cached = true;
		env_report(b);
	}
	buf_release(&lock);
	buf_release(&missing);
}
