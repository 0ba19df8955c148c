#include <config.h>

#include "runtime/exec/env.h"

#include <stdlib.h>
#include <sys/utsname.h>

#include "runtime/base/io.h"
#include "runtime/exec/env_int.h"
#include "runtime/exec/user.h"

struct str platform_name(struct arena *a)
{
	struct utsname u;

	if (uname(&u))
		return STR("linux");
	return arena_printf(a, "linux-%s", u.machine);
}

struct envs *envs_new(struct loop *l, enum env_mode mode, struct err *err)
{
	struct envs *e = calloc(1, sizeof *e);

	(void)err;
	if (!e)
		err_nomem();
	e->loop = l;
	e->mode = mode;
	arena_init(&e->arena);
	e->uv = user_find_program("uv", &e->arena);
	return e;
}

void envs_free(struct envs *e)
{
	if (!e)
		return;
	for (struct env_build *b = e->builds; b; b = b->next)
		build_release(b);
	arena_release(&e->arena);
	free(e);
}

static const struct str *strs_copy(struct arena *a, const struct str *s, uint32_t n)
{
	struct str *copy = ARENA_ARRAY(a, n, struct str);

	for (uint32_t i = 0; i < n; i++)
		copy[i] = arena_str(a, s[i]);
	return copy;
}

static struct env_build *build_new(struct envs *e, const struct env_spec *s)
{
	struct env_build *b = ARENA_NEW(&e->arena, struct env_build);

	b->envs = e;
	b->lock_fd = -1;
	b->started_ms = io_monotonic_ms();
	b->uv = e->uv;
	b->spec = *s;
	b->spec.name = arena_str(&e->arena, s->name);
	b->spec.python = arena_str(&e->arena, s->python);
	b->spec.requirements = arena_str(&e->arena, s->requirements);
	b->spec.packages = strs_copy(&e->arena, s->packages, s->npackages);
	b->spec.index_urls = strs_copy(&e->arena, s->index_urls, s->nindex_urls);
	b->next = e->builds;
	e->builds = b;
	return b;
}

static void on_report(void *arg)
{
	struct env_build *b = arg;
	const struct env_info *info = b->failed ? NULL : &b->info;

	b->timer = NULL;
	while (b->waiters.n) {
		struct env_handler h = vec_pop(&b->waiters);

		h.ready(h.arg, info,
			b->failed ? buf_str(&b->error) : (struct str){"", 0});
	}
}

void env_report(struct env_build *b)
{
	b->done = true;
	b->info.ms = io_monotonic_ms() - b->started_ms;
	if (!b->timer)
		b->timer = loop_add_timer(b->envs->loop, 0, on_report, b);
}

/* The same environment may be asked for by several names. */
static struct env_build *build_same(struct envs *e, const struct env_build *as)
{
	for (struct env_build *b = e->builds; b; b = b->next)
		if (b != as && !b->failed &&
		    !strcmp(b->info.digest.hex, as->info.digest.hex))
			return b;
	return NULL;
}

static void build_start(struct env_build *b)
{
	struct envs *e = b->envs;

	if (!b->spec.npackages && !b->spec.requirements.n) {
		b->info.cached = true;
		env_report(b);
	} else if (e->mode == ENV_HOST) {
		build_check_host(b);
	} else if (build_load(b)) {
		b->info.cached = true;
		env_report(b);
	} else {
		build_go(b);
	}
}

void envs_request(struct envs *e, const struct env_spec *spec,
		  const struct env_handler *h)
{
	struct env_build *b = build_new(e, spec), *same;
	struct err err = {0};

	if (python_find(b->spec.python, &e->arena, &b->python, &err)) {
		vec_push(&b->waiters, *h);
		build_fail(b, false, "%s", err.text);
		return;
	}
	build_identify(b);
	same = build_same(e, b);
	if (!same) {
		vec_push(&b->waiters, *h);
		build_start(b);
		return;
	}
	e->builds = b->next;
	vec_push(&same->waiters, *h);
	if (same->done)
		env_report(same);
}

void envs_forget(struct envs *e, const void *arg)
{
	for (struct env_build *b = e->builds; b; b = b->next) {
		size_t n = 0;

		for (size_t i = 0; i < b->waiters.n; i++)
			if (b->waiters.at[i].arg != arg)
				b->waiters.at[n++] = b->waiters.at[i];
		b->waiters.n = n;
	}
}

void envs_cancel(struct envs *e)
{
	for (struct env_build *b = e->builds; b; b = b->next)
		if (!b->done)
			build_cancel(b);
}
