/* A session of text, for tests: what is said to it, and what it answers. */
#ifndef KFPC_TESTS_UNIT_PROGRAM_UTIL_H
#define KFPC_TESTS_UNIT_PROGRAM_UTIL_H

#include "compiler/repl/program.h"
#include "tests/unit/tap.h"

struct talk {
	struct program *p;
	struct program_input in;	/* the last one */
	struct buf list;
};

static inline void talk_open(struct talk *t)
{
	static const struct repl_host host;

	*t = (struct talk){.p = program_new(&host, false)};
}

static inline void talk_close(struct talk *t)
{
	program_input_release(&t->in);
	program_free(t->p);
	buf_release(&t->list);
}

/* Commits what is right, as if all of it had run well. */
static inline enum program_verdict talk_take(struct talk *t, enum program_verdict v)
{
	if (v != PROGRAM_OK)
		return v;
	program_commit(t->p, &t->in);
	for (size_t i = 0; i < t->in.added.n; i++)
		program_set_state(t->p, t->in.added.at[i].id, PROGRAM_DONE);
	for (size_t i = 0; i < t->in.updates.n; i++)
		program_set_state(t->p, t->in.updates.at[i].id, PROGRAM_DONE);
	return v;
}

static inline enum program_verdict say(struct talk *t, const char *text)
{
	program_input_release(&t->in);
	return talk_take(t, program_read(t->p, str_of(text), &t->in));
}

static inline bool has_said(const struct talk *t, const char *text)
{
	return str_find(buf_str(&t->in.said), str_of(text), 0) < t->in.said.n;
}

/* "x = 1; y = x": the titles. */
static inline const char *titles(struct talk *t, const struct program_entries *e)
{
	buf_clear(&t->list);
	for (size_t i = 0; i < e->n; i++)
		buf_addf(&t->list, "%s%.*s", i ? "; " : "", STR_ARG(e->at[i].title));
	return buf_cstr(&t->list);
}

/* The same of all that there is, with states that are not `done`. */
static inline const char *all_titles(struct talk *t)
{
	static const char *const states[] = {" (new)", "", " (stale)", " (failed)",
					     " (broken)"};
	const struct program_entries *e = program_entries(t->p);

	buf_clear(&t->list);
	for (size_t i = 0; i < e->n; i++)
		buf_addf(&t->list, "%s%.*s%s", i ? "; " : "", STR_ARG(e->at[i].title),
			 states[e->at[i].state]);
	return buf_cstr(&t->list);
}

/* Nodes of the session's pipeline that are wanted: "x y". */
static inline const char *wanted(struct talk *t)
{
	const struct module_pipeline *p;
	const struct module *m;
	struct str bytes;
	struct err err;

	buf_clear(&t->list);
	if (program_module(&t->in, &m, &bytes, &err))
		return "no module";
	p = &m->pipelines[t->in.pipeline];
	for (uint32_t i = 0; i < p->nnodes; i++)
		if (program_wants(&t->in, &p->nodes[i]))
			buf_addf(&t->list, "%s%.*s", t->list.n ? " " : "",
				 STR_ARG(p->nodes[i].path));
	return buf_cstr(&t->list);
}

#define IS_SAID(t, text, verdict, name) is_int(say((t), (text)), (verdict), (name))

#endif
