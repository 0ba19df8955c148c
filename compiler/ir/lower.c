#include <config.h>

#include "compiler/ir/lower_int.h"
#include "runtime/base/io.h"

/* What cannot be computed: an error where it will be evaluated, a warning where it may
 * be. */
static void report(void *ctx, const struct expr *at, const struct err *err, bool certain)
{
	struct lower *l = ctx;

	if (at->kind == EXPR_CALL && l->m->defs[at->def].is_struct)
		return;		/* said by known_check_construct */
	diag(l->diags, at->span, certain ? E0802 : W0801, "%s", err->text);
}

static void reach(struct symbol *sym)
{
	if (sym->reached)
		return;
	sym->reached = true;
	for (size_t i = 0; i < sym->calls.n; i++)
		reach(symbol_target(sym->calls.at[i]));
}

static void reach_root(const struct sema *s)
{
	const struct sema_file *root = s->files.at[0];

	for (size_t i = 0; i < root->symbols.n; i++) {
		struct symbol *sym = root->symbols.at[i];

		if (sym->kind == SYMBOL_COMPONENT || sym->kind == SYMBOL_PIPELINE)
			reach(sym);
		if (sym->kind != SYMBOL_SCHEDULE || !sym->target)
			continue;
		sym->reached = true;
		reach(symbol_target(sym->target));
	}
}

/* Numbers everything that will be in the module: calls may name what comes later. */
static void number_file(struct lower *l, struct sema_file *file)
{
	for (size_t i = 0; i < file->symbols.n; i++) {
		struct symbol *sym = file->symbols.at[i];

		if (sym->kind == SYMBOL_COMPONENT && sym->reached) {
			sym->index = (uint32_t)l->components.n;
			vec_push(&l->components, sym);
		} else if (sym->kind == SYMBOL_PIPELINE && sym->reached) {
			sym->index = (uint32_t)l->pipelines.n;
			vec_push(&l->pipelines, sym);
		} else if (sym->kind == SYMBOL_CONFIG && sym->target &&
			   symbol_target(sym->target)->reached) {
			vec_push(&l->configs, sym);
		} else if (sym->kind == SYMBOL_SCHEDULE && sym->target && sym->reached) {
			vec_push(&l->schedules, sym);
		}
	}
}

/* The components that load() stands for. */
static void number_loads(struct lower *l)
{
	for (size_t i = 0; i < l->s->loads.n; i++) {
		struct symbol *sym = l->s->loads.at[i];

		if (!sym->reached)
			continue;
		sym->index = (uint32_t)l->components.n;
		vec_push(&l->components, sym);
	}
}

static struct symbol *base_config(const struct symbol *sym)
{
	return sym->decl->config.base ? sym->decl->config.base->ref : NULL;
}

/* Adds sym to the n that are sorted, after those that it inherits from: they are found
 * last first, and may be too many for a recursion.  Returns how many there are then. */
static size_t add_config(struct symbol *sym, size_t n, struct symbol **sorted)
{
	size_t lo = n, hi;

	for (; sym && sym->index == MODULE_NONE; sym = base_config(sym)) {
		sym->index = 0;		/* until its place is known */
		sorted[n++] = sym;
	}
	for (hi = n; lo + 1 < hi; lo++, hi--) {
		sym = sorted[lo];
		sorted[lo] = sorted[hi - 1];
		sorted[hi - 1] = sym;
	}
	return n;
}

/* A config comes after the one that it inherits from. */
static void sort_configs(struct lower *l)
{
	struct symbol **sorted = ARENA_ARRAY(l->s->parse.arena, l->configs.n,
					     struct symbol *);
	size_t n = 0;

	for (size_t i = 0; i < l->configs.n; i++)
		n = add_config(l->configs.at[i], n, sorted);
	for (size_t i = 0; i < n; i++)
		sorted[i]->index = (uint32_t)i;
	if (n)
		memcpy(l->configs.at, sorted, n * sizeof *sorted);
}

/* The path from the root file's folder where it leads down from there. */
static struct str path_below(const struct sema *s, struct str path)
{
	struct str dir = s->files.at[0]->dir;

	if (!str_is(dir, "/") && path.n > dir.n + 1 && str_has_prefix(path, dir) &&
	    path.p[dir.n] == '/')
		return str_sub(path, dir.n + 1, path.n);
	return path;
}

static void add_parts(struct lower *l, const struct sema_file *root)
{
	for (uint32_t i = 0; i < root->nparts; i++) {
		const struct src_file *f = root->parts[i].src;
		struct module_file out = {
			.path = arena_str(&l->m->arena, path_below(l->s, f->path)),
		};

		if (!l->b.only_trees)
			out.digest = sha256_of(f->text);
		builder_map_file(&l->b, f->index, (uint32_t)l->files.n);
		vec_push(&l->files, out);
	}
}

static void add_files(struct lower *l)
{
	for (size_t i = 0; i < l->s->files.n; i++) {
		const struct sema_file *f = l->s->files.at[i];
		struct module_file out = {
			.path = arena_str(&l->m->arena,
					  f->name.n ? f->name
						    : path_below(l->s, f->path)),
		};

		if (f->src) {
			if (!l->b.only_trees)
				out.digest = sha256_of(f->src->text);
			builder_map_file(&l->b, f->src->index, (uint32_t)i);
		}
		vec_push(&l->files, out);
	}
	add_parts(l, l->s->files.at[0]);
}

/* Functions and constants of the root file, used or not; those of others come in where
 * they are used. */
static void lower_computed(struct lower *l)
{
	const struct sema_file *root = l->s->files.at[0];

	for (size_t i = 0; i < root->symbols.n; i++)
		if (root->symbols.at[i]->kind == SYMBOL_DEF)
			lower_def(l, root->symbols.at[i]);
	lower_consts(l, root);
}

static void lower_components(struct lower *l, struct node **decls)
{
	struct module *m = l->m;

	m->components = ARENA_ARRAY(&m->arena, l->components.n, struct module_component);
	for (size_t i = 0; i < l->components.n; i++) {
		lower_component(l, l->components.at[i], &m->components[i]);
		decls[i] = l->components.at[i]->decl;
	}
	m->ncomponents = (uint32_t)l->components.n;
	m->envs = arena_dup(&m->arena, l->envs.at, l->envs.n * sizeof *l->envs.at);
	m->nenvs = (uint32_t)l->envs.n;
	m->files = arena_dup(&m->arena, l->files.at, l->files.n * sizeof *l->files.at);
	m->nfiles = (uint32_t)l->files.n;
}

static void lower_graphs(struct lower *l)
{
	struct module *m = l->m;

	sort_configs(l);
	m->pipelines = ARENA_ARRAY(&m->arena, l->pipelines.n, struct module_pipeline);
	m->configs = ARENA_ARRAY(&m->arena, l->configs.n, struct module_config);
	for (size_t i = 0; i < l->pipelines.n; i++)
		lower_pipeline(l, l->pipelines.at[i], &m->pipelines[i]);
	m->npipelines = (uint32_t)l->pipelines.n;
	known_check(l);
	for (size_t i = 0; i < l->configs.n; i++)
		lower_config(l, l->configs.at[i], &m->configs[i]);
	m->nconfigs = (uint32_t)l->configs.n;
	m->schedules = ARENA_ARRAY(&m->arena, l->schedules.n, struct module_schedule);
	for (size_t i = 0; i < l->schedules.n; i++)
		lower_schedule(l, l->schedules.at[i], &m->schedules[i]);
	m->nschedules = (uint32_t)l->schedules.n;
}

static struct str module_name(struct lower *l)
{
	struct str name = io_basename(l->s->files.at[0]->path);

	if (str_has_suffix(name, STR(".kfp")))
		name.n -= 4;
	return arena_str(&l->m->arena, name);
}

void lower(struct sema *s, struct module *m, unsigned flags, struct lowered *out)
{
	struct lower l = {.s = s, .m = m, .diags = s->parse.diags};
	bool graphs_are_wrong = l.diags->nerrors > 0, with_tests = flags & LOWER_TESTS;

	builder_init(&l.b, m, s->parse.src);
	l.b.report = report;
	l.b.ctx = &l;
	l.b.only_trees = flags & LOWER_ONLY_CHECK;
	add_files(&l);
	reach_root(s);
	if (with_tests && !graphs_are_wrong)
		reach_tests(s->files.at[0], reach);
	for (size_t i = 0; i < s->files.n; i++)
		number_file(&l, s->files.at[i]);
	number_loads(&l);
	m->name = module_name(&l);
	m->doc = arena_str(&m->arena, s->files.at[0]->tree->file.doc);
	out->decls = ARENA_ARRAY(s->parse.arena, l.components.n + 1, struct node *);
	/* As far as they are known, for messages that name places. */
	m->files = arena_dup(&m->arena, l.files.at, l.files.n * sizeof *l.files.at);
	m->nfiles = (uint32_t)l.files.n;
	lower_structs(&l);
	lower_computed(&l);
	lower_components(&l, out->decls);
	if (!graphs_are_wrong)
		lower_graphs(&l);
	if (with_tests && !l.diags->nerrors)
		lower_tests(&l, &out->tests, &out->ntests);
	m->defs = arena_dup(&m->arena, l.defs.at, l.defs.n * sizeof *l.defs.at);
	builder_finish(&l.b);
	builder_release(&l.b);
	vec_release(&l.components);
	vec_release(&l.pipelines);
	vec_release(&l.configs);
	vec_release(&l.schedules);
	vec_release(&l.defs);
	vec_release(&l.files);
	vec_release(&l.envs);
	map_release(&l.files_by_path);
}
