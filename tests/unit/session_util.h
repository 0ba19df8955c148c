/* A session whose programs are given as text; what is wanted, by names. */
#ifndef KFPC_TESTS_UNIT_SESSION_UTIL_H
#define KFPC_TESTS_UNIT_SESSION_UTIL_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/ir/compile.h"
#include "runtime/base/io.h"
#include "runtime/bc/save.h"
#include "runtime/store/view.h"
#include "runtime/vm/run_args.h"
#include "runtime/vm/session.h"
#include "tests/unit/tap.h"

struct talk {			/* a session, and its last step */
	struct store *s;
	struct run_session *ss;
	struct compilation c;
	struct module *m;
	struct arena a;
	struct run_config config;
	struct run_step_result r;
	struct err err;
	const char *wants;	/* " x y ": names of nodes; NULL: all */
	uint64_t asker;		/* of what `wants` says; of all else 0 */
	struct buf log;		/* what the observer was told of tasks */
	const char *text;	/* of the next step */
	bool has_compiled;
	char dir[64];
};

static inline void talk_observe(void *arg, const struct run_event *e)
{
	struct talk *w = arg;

	if (e->kind == RUN_EVENT_STARTED || e->kind == RUN_EVENT_FINISHED)
		buf_addz(&w->log, e->kind == RUN_EVENT_STARTED ? "begin;" : "end;");
	if (e->kind != RUN_EVENT_TASK)
		return;
	buf_addf(&w->log, "%.*s %s", STR_ARG(e->task),
		 e->is_recalled ? "recalled" : task_state_name(e->state));
	if (e->attempt && !e->is_recalled)
		buf_addf(&w->log, " %d", e->attempt);
	buf_addc(&w->log, ';');
}

static inline void talk_init(struct talk *w)
{
	struct run_opts o = {.jobs = 2, .name = STR(""), .argv_json = STR("[]"),
			     .observe = talk_observe, .arg = w, .folder = STR("")};

	*w = (struct talk){.text = ""};
	strcpy(w->dir, "/tmp/kfpc-session-XXXXXX");
	if (!mkdtemp(w->dir))
		BUG("mkdtemp");
	w->s = store_open(w->dir, STORE_WRITE, &w->err);
	if (!w->s)
		BUG("%s", w->err.text);
	o.folder = str_of(w->dir);
	w->ss = run_session_open(w->s, &o, &w->err);
	if (!w->ss)
		BUG("%s", w->err.text);
}

static inline void talk_forget(struct talk *w)
{
	if (!w->has_compiled)
		return;
	module_free(w->m);
	compilation_release(&w->c);
	arena_release(&w->a);
	w->has_compiled = false;
}

static inline void talk_release(struct talk *w)
{
	if (w->ss)
		run_session_close(w->ss, NULL);
	talk_forget(w);
	store_close(w->s);
	io_remove_tree(w->dir, NULL);
	buf_release(&w->log);
}

static inline bool talk_wants(void *ctx, const struct module_node *n)
{
	struct talk *w = ctx;
	struct arena a = {0};
	bool yes = !w->wants || strstr(w->wants, arena_printf(&a, " %.*s ",
							      STR_ARG(n->name)).p);

	arena_release(&a);
	return yes;
}

static inline uint64_t talk_entry(void *ctx, const struct module_node *n)
{
	struct talk *w = ctx;

	return talk_wants(ctx, n) ? w->asker : 0;
}

/* The module as it is after it was saved: what is run never is the compiler's own. */
static inline void talk_compile(struct talk *w, const char *program, struct buf *bytes)
{
	struct compile_opts o = {.text = str_of(program)};

	talk_forget(w);
	compilation_init(&w->c);
	w->has_compiled = true;
	if (compile(&w->c, "t.kfp", &o, &w->err) || w->c.diags.nerrors || !w->c.module)
		BUG("the program does not compile:\n%s", program);
	module_save(w->c.module, bytes);
	w->m = module_load(buf_str(bytes), "t.kfpb", &w->err);
	if (!w->m)
		BUG("%s", w->err.text);
}

/* What run_session_step returned. */
static inline int talk_step(struct talk *w, const char *program, const char *wants)
{
	struct buf bytes = {0}, errors = {0};
	struct run_step step;
	int rc;

	talk_compile(w, program, &bytes);
	w->wants = wants;
	buf_clear(&w->log);
	step = (struct run_step){
		.m = w->m, .module_bytes = buf_str(&bytes),
		.pipeline = module_find_pipeline(w->m, STR("session")),
		.config = &w->config, .wants = talk_wants, .entry = talk_entry, .ctx = w,
		.text = str_of(w->text),
	};
	w->config = (struct run_config){0};
	if (run_config_make(w->m, step.pipeline, MODULE_NONE, NULL, 0, &w->a, &w->config,
			    &errors, &w->err))
		BUG("%s", buf_cstr(&errors));
	rc = run_session_step(w->ss, &step, &w->a, &w->r, &w->err);
	buf_release(&bytes);
	buf_release(&errors);
	return rc;
}

/* The value of a node of the last step as text; "(state)" if it has none. */
static inline const char *talk_value(struct talk *w, const char *name, uint32_t output)
{
	struct buf b = {0};
	struct str text;

	for (uint32_t i = 0; i < w->r.nnodes; i++) {
		const struct run_step_node *n = &w->r.nodes[i];

		if (!str_is(n->node->name, name) || n->node->kind == NODE_BRANCH)
			continue;
		buf_clear(&b);
		if (output < n->nvalues)
			value_print(n->values[output], &b);
		else
			buf_addf(&b, "(%s)", task_state_name(n->state));
	}
	text = arena_str(&w->a, buf_str(&b));
	buf_release(&b);
	return text.p;
}

static inline const struct run_task_result *talk_task(const struct talk *w,
						      const char *path)
{
	for (size_t i = 0; i < w->r.run.ntasks; i++)
		if (str_is(w->r.run.tasks[i].path, path))
			return &w->r.run.tasks[i];
	return NULL;
}

#endif
