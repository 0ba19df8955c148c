/* Who reads whom: what the checker has found names to stand for, by entry.
 *
 * Through declarations too: whoever reads what reads something changed has changed. */
#include <config.h>

#include "compiler/repl/program_int.h"

struct finding {
	struct program_input *in;
	struct program_made *m;
	uint32_t from;			/* the entry that is looked through */
};

static void add_edge(struct finding *f, struct span target, struct span at)
{
	uint32_t to = target.lo ? made_entry_at(f->in, target.lo) : ENTRY_NONE;
	struct made_edge *last = f->m->edges.n ? &vec_last(&f->m->edges) : NULL;

	if (to == ENTRY_NONE || to == f->from ||
	    (last && last->from == f->from && last->to == to))
		return;
	vec_push(&f->m->edges, (struct made_edge){f->from, to, at});
}

/* A merged name is made by what it is merged from. */
static void add_symbol(struct finding *f, const struct symbol *sym, struct span at)
{
	if (sym->kind == SYMBOL_COLLECT && sym->target)
		add_edge(f, sym->target->span, at);
	add_edge(f, sym->span, at);
	if (sym->decl)
		add_edge(f, sym->decl->span, at);
}

static void add_name(struct finding *f, const struct node *n)
{
	const struct map *names = &f->in->c.root->names;
	const struct symbol *declared = map_get(names, sym_str(n->name.name));

	if (n->ref)
		add_symbol(f, n->ref, n->span);
	/* An import stands between the name and what it stands for. */
	if (declared && (!n->ref || n->ref->file != f->in->c.root ||
			 n->ref->kind <= SYMBOL_ALIAS))
		add_symbol(f, declared, n->span);
}

static bool find_in(void *ctx, const struct node *n)
{
	struct finding *f = ctx;

	if (n->kind == AST_NAME)
		add_name(f, n);
	else if (n->ref && (n->kind == AST_FIELD || n->kind == AST_CALL ||
			    n->kind == AST_ARG))
		add_symbol(f, n->ref, n->span);
	return true;
}

/* By one end of each edge, the other one. */
static void index_edges(struct program_input *in, struct made_links *l, bool by_reader)
{
	const struct program_made *m = in->made;
	size_t n = in->next->e.n;
	uint32_t *fill = ARENA_ARRAY(&in->arena, n + 2, uint32_t);

	l->first = ARENA_ARRAY(&in->arena, n + 2, uint32_t);
	l->other = ARENA_ARRAY(&in->arena, m->edges.n + 1, uint32_t);
	for (size_t i = 0; i < m->edges.n; i++) {
		const struct made_edge *e = &m->edges.at[i];

		l->first[(by_reader ? e->from : e->to) + 1]++;
	}
	for (size_t i = 0; i < n; i++)
		l->first[i + 1] += l->first[i];
	for (size_t i = 0; i < m->edges.n; i++) {
		const struct made_edge *e = &m->edges.at[i];
		uint32_t at = by_reader ? e->from : e->to;

		l->other[l->first[at] + fill[at]++] = by_reader ? e->to : e->from;
	}
}

void reads_find(struct program_input *in)
{
	struct finding f = {.in = in, .m = in->made};

	vec_clear(&f.m->edges);
	for (f.from = 0; f.from < in->next->e.n; f.from++)
		ast_each(f.m->nodes[f.from], find_in, &f);
	index_edges(in, &f.m->readers, false);
	index_edges(in, &f.m->read, true);
}

void reads_release(struct program_made *m)
{
	if (m)
		vec_release(&m->edges);
}

void reads_close(const struct program_input *in, bool *set, bool back)
{
	const struct made_links *l = back ? &in->made->read : &in->made->readers;
	struct { uint32_t *at; size_t n, cap; } todo = {0};

	for (uint32_t i = 0; i < in->next->e.n; i++)
		if (set[i])
			vec_push(&todo, i);
	while (todo.n) {
		uint32_t at = vec_pop(&todo);

		for (uint32_t k = l->first[at]; k < l->first[at + 1]; k++) {
			if (set[l->other[k]])
				continue;
			set[l->other[k]] = true;
			vec_push(&todo, l->other[k]);
		}
	}
	vec_release(&todo);
}
