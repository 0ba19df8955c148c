/* Commands that tell about the program of the session: its pictures, its config, its
 * environments, and what it declares. */
#include <config.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/export/export.h"
#include "compiler/repl/repl_int.h"
#include "compiler/tool/reference.h"
#include "runtime/base/io.h"
#include "runtime/base/table.h"
#include "runtime/bc/config.h"

/* The program as it stands.  REPL_DONE, or another status once it was said why. */
static int whole(struct repl *r, struct program_input *in, const struct module **m,
		 struct str *bytes)
{
	struct err err;

	if (program_whole(r->program, in) != PROGRAM_OK) {
		io_write_all(STDERR_FILENO, buf_str(&in->said));
		return REPL_WRONG;
	}
	if (!program_module(in, m, bytes, &err))
		return REPL_DONE;
	repl_say(r, "error: %s", err.text);
	return REPL_WRONG;
}

/* :doc */

static bool add_doc(struct repl *r, const struct src *src, const struct node *decl,
		    struct arena *a, struct buf *out)
{
	const struct src_file *f = src_file_at(src, decl->span.lo);
	struct reference_entry e;

	if (!f || !reference_read_entry(&e, f, decl, a))
		return false;
	reference_print_entry(&e, REFERENCE_TEXT, repl_show(r).columns,
			      r->opts->colour, out);
	return true;
}

static const struct symbol *find_declared(const struct sema_file *root, struct str name,
					  struct suggestion *near)
{
	*near = (struct suggestion){.wanted = name};
	for (size_t i = 0; i < root->symbols.n; i++) {
		struct symbol *s = root->symbols.at[i];

		if (!s->name)
			continue;
		if (str_eq(sym_str(s->name), name))
			return symbol_target(s);
		suggest(near, sym_str(s->name));
	}
	return NULL;
}

static int doc_of(struct repl *r, struct str name)
{
	struct suggestion near;
	const struct symbol *s;
	struct program_input in;
	struct buf out = {0};
	int rc = REPL_DONE;

	if (program_whole(r->program, &in) != PROGRAM_OK || !in.c.root) {
		program_input_release(&in);
		return REPL_WRONG;
	}
	s = find_declared(in.c.root, name, &near);
	if (s && s->decl && add_doc(r, &in.c.src, s->decl, &r->arena, &out)) {
		repl_print(r, &out);
	} else {
		repl_say(r,
			 near.best.n ? "no '%.*s' is declared here; did you mean '%.*s'?"
				     : "no '%.*s' is declared here%.*s",
			 STR_ARG(name), STR_ARG(near.best));
		rc = REPL_USAGE;
	}
	program_input_release(&in);
	buf_release(&out);
	return rc;
}

int command_doc(struct repl *r, const struct command_line *l)
{
	const char **words = ARENA_ARRAY(&r->arena, l->nwords + 1, const char *);

	if (!l->nwords)
		return command_usage(r, COMMAND_doc, "of what?");
	if (!str_has_prefix(str_of(l->words[0]), STR("std.")))
		return doc_of(r, str_of(l->words[0]));
	words[0] = "doc";
	for (size_t i = 0; i < l->nwords; i++)
		words[i + 1] = l->words[i];
	return r->host->verb(r->host->ctx, (int)l->nwords + 1, words);
}

/* :graph */

static unsigned depth_of(const struct module_pipeline *p, uint32_t block)
{
	unsigned depth = 0;

	while (p->blocks[block].owner != MODULE_NONE) {
		block = p->nodes[p->blocks[block].owner].block;
		depth++;
	}
	return depth;
}

static bool reads_node(const struct site *s, uint32_t node)
{
	for (uint32_t i = 0; s && i < s->ninputs; i++)
		if (s->inputs[i].kind == INPUT_NODE && s->inputs[i].index == node)
			return true;
	return false;
}

static bool node_reads(const struct module_node *n, uint32_t other)
{
	if (reads_node(n->cond, other))
		return true;
	for (uint32_t i = 0; i < n->nargs; i++)
		if (reads_node(n->args[i], other))
			return true;
	for (uint32_t i = 0; i < n->nouts; i++)
		if (reads_node(n->outs[i].then_value, other) ||
		    reads_node(n->outs[i].else_value, other))
			return true;
	for (uint32_t i = 0; i < n->nafter; i++)
		if (n->after[i] == other)
			return true;
	return false;
}

static struct str what_of(struct arena *a, const struct module *m,
			  const struct module_node *n)
{
	switch (n->kind) {
	case NODE_TASK:
		return arena_printf(a, "%.*s(...)",
				    STR_ARG(m->components[n->target].name));
	case NODE_CALL:
		return arena_printf(a, "%.*s(...)",
				    STR_ARG(m->pipelines[n->target].name));
	case NODE_EXPR:
	case NODE_BRANCH:
	case NODE_ASSERT:
		return n->cond->text;
	default:
		return STR("");
	}
}

static const char *word_of(enum node_kind kind)
{
	return kind == NODE_BRANCH ? "if" : kind == NODE_LOOP ? "for "
	       : kind == NODE_TRY  ? "try" : kind == NODE_ASSERT ? "assert" : "";
}

static void add_node(struct repl *r, const struct module *m,
		     const struct module_pipeline *p, uint32_t i, struct table *t)
{
	const struct module_node *n = &p->nodes[i];
	bool has_name = n->kind == NODE_TASK || n->kind == NODE_CALL ||
			n->kind == NODE_EXPR || n->kind == NODE_LOOP;
	struct buf name = {0}, from = {0};

	buf_fill(&name, ' ', 2 * depth_of(p, n->block));
	buf_addf(&name, "%s%.*s", word_of(n->kind),
		 STR_ARG(has_name ? n->path : STR("")));
	for (uint32_t k = 0; k < i; k++)
		if (node_reads(n, k) && p->nodes[k].kind != NODE_MERGE)
			buf_addf(&from, "%s%.*s", from.n ? ", " : "<- ",
				 STR_ARG(p->nodes[k].path));
	table_cell(t, arena_str(&r->arena, buf_str(&name)));
	table_cell(t, what_of(&r->arena, m, n));
	table_cell(t, arena_str(&r->arena, buf_str(&from)));
	buf_release(&name);
	buf_release(&from);
}

static void draw(struct repl *r, const struct program_input *in, const struct module *m,
		 struct buf *out)
{
	const struct module_pipeline *p = &m->pipelines[in->pipeline];
	struct table *t = table_new(&r->arena, 3);

	for (uint32_t i = 0; i < p->nnodes; i++)
		if (p->nodes[i].kind != NODE_MERGE)
			add_node(r, m, p, i, t);
	table_print(t, repl_show(r).columns, out);
	if (!out->n)
		repl_say(r, "nothing was called yet");
}

static int draw_for(struct repl *r, const struct program_input *in, struct module *m,
		    const char *how, struct buf *out)
{
	struct export x = {.m = m, .a = &r->arena, .config = MODULE_NONE,
			   .pipeline = in->pipeline, .depth = EXPORT_DEPTH};
	enum export_target target = export_find(str_of(how));
	int rc = REPL_DONE;

	if (target != EXPORT_dot && target != EXPORT_mermaid)
		return command_usage(r, COMMAND_graph, "'%s' is no form of it", how);
	if (export_write(target, &x, out))
		rc = REPL_WRONG;
	for (size_t i = 0; i < x.faults.n; i++)
		repl_say(r, "%s: %.*s", diag_code_name(x.faults.at[i].code),
			 STR_ARG(x.faults.at[i].text));
	vec_release(&x.faults);
	vec_release(&x.extras);
	return rc;
}

int command_graph(struct repl *r, const struct command_line *l)
{
	const struct module *m;
	struct program_input in;
	struct buf out = {0};
	struct str bytes;
	int rc;

	if (l->nwords > 1)
		return command_usage(r, COMMAND_graph, "one form is wanted");
	rc = whole(r, &in, &m, &bytes);
	if (!rc && !l->nwords)
		draw(r, &in, m, &out);
	else if (!rc)
		rc = draw_for(r, &in, in.c.module, l->words[0], &out);
	repl_print(r, &out);
	program_input_release(&in);
	buf_release(&out);
	return rc;
}

/* :export */

static int export_words(struct repl *r, const struct command_line *l, const char *path,
			struct str pipeline)
{
	const char **words = ARENA_ARRAY(&r->arena, l->nwords + 3, const char *);
	size_t n = 0;

	words[n++] = "export";
	words[n++] = l->words[0];
	words[n++] = path;
	words[n++] = arena_str(&r->arena, pipeline).p;
	for (size_t i = 1; i < l->nwords; i++)
		words[n++] = l->words[i];
	return command_verb(r, words, n);
}

int command_export(struct repl *r, const struct command_line *l)
{
	struct buf name = {0};
	const struct module *m;
	struct program_input in;
	struct str bytes;
	struct err err;
	int fd, rc;

	if (!l->nwords || l->words[0][0] == '-')
		return command_usage(r, COMMAND_export, "for which system?");
	rc = whole(r, &in, &m, &bytes);
	if (!rc && !m->pipelines[in.pipeline].nnodes) {
		repl_say(r, "nothing was called yet");
		rc = REPL_USAGE;
	}
	buf_addf(&name, "%s/kfpc-XXXXXX.kfpb", io_temp_folder());
	buf_cstr(&name);
	fd = rc ? -1 : mkostemps(name.p, 5, O_CLOEXEC);
	if (!rc && (fd < 0 || io_write_all(fd, bytes))) {
		err_sys(&err, "%s", name.p);
		repl_say(r, "error: %s", err.text);
		rc = REPL_UNUSABLE;
	}
	if (!rc)
		rc = export_words(r, l, name.p, m->pipelines[in.pipeline].name);
	if (fd >= 0) {
		close(fd);
		unlink(name.p);
	}
	program_input_release(&in);
	buf_release(&name);
	return rc;
}

/* :config */

static struct str set_value(const struct repl *r, struct str address)
{
	const struct str *set;
	size_t n = program_settings(r->program, &set);

	for (size_t i = 0; i < n; i++)
		if (set[i].n > address.n && set[i].p[address.n] == '=' &&
		    str_has_prefix(set[i], address))
			return str_sub(set[i], address.n + 1, set[i].n);
	return (struct str){NULL, 0};
}

static void add_slot(struct repl *r, const struct config_slot *s, struct table *t)
{
	struct str set = set_value(r, s->address), value = STR("");
	const char *note = "";

	if (set.p) {
		value = arena_printf(&r->arena, "= %.*s", STR_ARG(set));
		note = "set here";
	} else if (s->fallback) {
		value = arena_printf(&r->arena, "= %.*s", STR_ARG(s->fallback->text));
	} else {
		note = "wants a value";
	}
	table_cell(t, s->address);
	table_cell(t, type_name(s->type, &r->arena));
	table_cell(t, value);
	table_cell(t, str_of(note));
}

static int show_config(struct repl *r)
{
	struct table *t = table_new(&r->arena, 4);
	struct config_slots slots = {0};
	struct program_input in;
	const struct module *m;
	struct buf out = {0};
	struct str bytes;
	struct err err;
	int rc = whole(r, &in, &m, &bytes);

	if (!rc && config_slots(m, in.pipeline, false, &r->arena, &slots, &err)) {
		repl_say(r, "error: %s", err.text);
		rc = REPL_WRONG;
	}
	for (size_t i = 0; !rc && i < slots.n; i++)
		add_slot(r, &slots.at[i], t);
	if (!rc && !slots.n)
		repl_say(r, "no call leaves a parameter open");
	table_print(t, repl_show(r).columns, &out);
	repl_print(r, &out);
	map_release(&slots.by_address);
	program_input_release(&in);
	buf_release(&out);
	return rc;
}

int command_config(struct repl *r, const struct command_line *l)
{
	int rc = REPL_DONE;

	if (!l->nwords)
		return show_config(r);
	for (size_t i = 0; !rc && i < l->nwords; i++) {
		struct program_input in;

		rc = repl_take(r, program_configure(r->program, str_of(l->words[i]), &in),
			       &in);
		program_input_release(&in);
	}
	return rc;
}

/* :env */

static void add_env(struct repl *r, const struct module_env *e, struct buf *out)
{
	struct show show = repl_show(r);
	const struct str *version = map_get(&r->envs, e->name);

	show_name(&show, e->name, out);
	buf_addz(out, version ? ": ready, Python " : ": not built yet");
	if (version)
		buf_add_printable(out, *version, false);
	else if (e->python.n)
		buf_addf(out, ", Python %.*s", STR_ARG(e->python));
	buf_addc(out, '\n');
	if (e->image.n)
		show_line(&show, "  image ", e->image, out);
	for (uint32_t i = 0; i < e->npackages; i++)
		show_line(&show, "  ", e->packages[i], out);
}

int command_env(struct repl *r, const struct command_line *l)
{
	const struct module *m;
	struct program_input in;
	struct buf out = {0};
	struct str bytes;
	int rc = whole(r, &in, &m, &bytes);

	(void)l;
	for (uint32_t i = 0; !rc && i < m->nenvs; i++)
		add_env(r, &m->envs[i], &out);
	if (!rc && !m->nenvs)
		repl_say(r, "none is declared: components run in the interpreter at "
			    "hand");
	repl_print(r, &out);
	program_input_release(&in);
	buf_release(&out);
	return rc;
}
