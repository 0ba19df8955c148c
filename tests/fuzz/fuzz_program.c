/* A session is fed with blocks, one after another, right and wrong ones: none may crash
 * it or leave memory behind, and what is saved of it is right by itself.
 *
 * The input is blocks between lines of "%%"; some bytes before each choose what is done
 * with it. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "compiler/repl/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCKS_MAX = 40, BLOCK_BYTES = 4096 };

static int read_nothing(void *ctx, const char *path, struct buf *out, struct err *err)
{
	(void)ctx, (void)out;
	return err_set(err, "%s: there are no files here", path);
}

static enum program_verdict change(struct program *p, unsigned what, struct str text,
				   struct program_input *in)
{
	struct str unused;

	switch (what % 8) {
	case 0:
		return program_undo(p, in, &unused);
	case 1:
		return program_rerun(p, NULL, 0, in);
	case 2:
		return program_configure(p, str_sub(text, 0, str_find(text, STR("\n"),
								      0)), in);
	case 3:
		return program_type_of(p, text, in);
	default:
		return program_read(p, text, in);
	}
}

/* The module must be one that can be run. */
static void check_module(struct program_input *in)
{
	const struct module *m;
	struct str bytes;
	struct err err;

	if (!in->runs || !in->c.module)
		return;
	if (program_module(in, &m, &bytes, &err))
		abort();
	for (uint32_t i = 0; i < m->pipelines[in->pipeline].nnodes; i++)
		program_wants(in, &m->pipelines[in->pipeline].nodes[i]);
}

static void step(struct program *p, unsigned what, struct str text)
{
	struct program_input in;
	size_t before = program_entries(p)->n;
	enum program_verdict v = change(p, what, text, &in);

	program_look(text);
	if (v == PROGRAM_WRONG && !in.said.n)
		abort();
	if (v != PROGRAM_OK && program_entries(p)->n != before)
		abort();
	if (v == PROGRAM_OK && what % 8) {
		check_module(&in);
		program_commit(p, &in);
		for (size_t i = 0; i < in.added.n; i++)
			program_set_state(p, in.added.at[i].id,
					  what & 64 ? PROGRAM_FAILED : PROGRAM_DONE);
	}
	program_input_release(&in);
}

/* Saved, read again and compiled. */
static void save(struct program *p)
{
	struct program_input in;
	struct buf out = {0};

	switch (program_save(p, "fuzz.kfp", &in, &out)) {
	case PROGRAM_OK:
		if (!out.n)
			abort();
		break;
	case PROGRAM_EMPTY:
		break;
	default:	/* it is right as a session, so it must be as a file */
		fwrite(in.said.p, 1, in.said.n, stderr);
		abort();
	}
	program_input_release(&in);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct repl_host host = {.loader = {.read = read_nothing}};
	struct program *p = program_new(&host, false);
	struct str all = {(const char *)data, size};
	int n = 0;

	for (size_t lo = 0, hi; lo < all.n && n < BLOCKS_MAX; lo = hi + 3, n++) {
		hi = str_find(all, STR("%%\n"), lo);
		if (hi - lo > 1 && hi - lo < BLOCK_BYTES)
			step(p, data[lo], str_sub(all, lo + 1, hi));
	}
	save(p);
	program_free(p);
	return 0;
}
