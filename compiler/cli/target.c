#include <config.h>

#include "compiler/cli/target.h"

#include <stdio.h>
#include <stdlib.h>

#include "compiler/cli/cli.h"
#include "runtime/exec/exec.h"

/* The file that a file of the module was made from, by its path from the root's folder. */
static const struct src_file *file_of(const struct compilation *c, uint32_t file)
{
	struct str path = c->module->files[file].path;

	for (size_t i = 0; file && i < c->src.files.n; i++) {
		const struct src_file *f = c->src.files.at[i];
		size_t n = f->path.n;

		if (str_has_suffix(f->path, path) &&
		    (n == path.n || f->path.p[n - path.n - 1] == '/'))
			return f;
	}
	return file ? NULL : c->src.files.at[0];
}

static bool is_word(char ch)
{
	return ch == '_' || (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
	       (ch >= 'A' && ch <= 'Z') || (unsigned char)ch >= 0x80;
}

/* The byte of a line that character col, from 1, begins with. */
static size_t byte_of(struct str line, uint32_t col)
{
	size_t at = 0;

	for (; col > 1 && at < line.n; col--)
		for (at++; at < line.n && ((unsigned char)line.p[at] & 0xc0) == 0x80; at++)
			;
	return at;
}

/* The word at a place of the module. */
static struct span span_of(const struct compilation *c, struct loc loc)
{
	const struct src_file *f = loc.line ? file_of(c, loc.file) : NULL;
	struct str line;
	size_t lo, hi;
	uint32_t base;

	if (!f || loc.line > f->nlines)
		return SPAN_NONE;
	line = src_line(f, loc.line);
	lo = hi = byte_of(line, loc.col);
	while (hi < line.n && is_word(line.p[hi]))
		hi++;
	base = f->base + f->lines[loc.line - 1];
	return (struct span){base + (uint32_t)lo, base + (uint32_t)(hi > lo ? hi : lo + 1)};
}

int target_broken(const char *command, enum export_target target, const struct export *x)
{
	fprintf(stderr, "kfpc %s %s: internal error: what would be written does not say "
		"what the program says, so that nothing is written.\n"
		"  %.*s\n"
		"  Please report it, with the program.\n",
		command, export_name(target), STR_ARG(x->broken));
	return EXIT_INTERNAL;
}

static void check_one(struct compilation *c, enum export_target target, uint32_t pipeline)
{
	struct arena a = {0};
	struct export x = {.m = c->module, .a = &a, .pipeline = pipeline,
			   .config = MODULE_NONE, .helper = exec_python_helper()};
	struct buf out = {0};

	export_write(target, &x, &out);
	for (size_t i = 0; i < x.faults.n; i++) {
		const struct export_fault *f = &x.faults.at[i];

		diag(&c->diags, span_of(c, f->loc), f->code, "%.*s", STR_ARG(f->text));
	}
	if (x.broken.n)
		exit(target_broken("check --target", target, &x));
	vec_release(&x.faults);
	vec_release(&x.extras);
	buf_release(&out);
	arena_release(&a);
}

void target_check(struct compilation *c, enum export_target target)
{
	const struct module *m = c->module;
	bool *called = ARENA_ARRAY(&c->arena, m->npipelines + 1, bool);

	for (uint32_t i = 0; i < m->npipelines; i++)
		for (uint32_t n = 0; n < m->pipelines[i].nnodes; n++)
			if (m->pipelines[i].nodes[n].kind == NODE_CALL)
				called[m->pipelines[i].nodes[n].target] = true;
	for (uint32_t i = 0; i < m->npipelines; i++)
		if (m->pipelines[i].in_root && !called[i])
			check_one(c, target, i);
}
