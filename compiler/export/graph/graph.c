#include <config.h>

#include "compiler/export/graph/graph_int.h"
#include "runtime/base/utf8.h"

struct str graph_cut(struct arena *a, struct str s, size_t max)
{
	size_t at = 0, n = 0, keep = 0;

	while (at < s.n) {
		size_t len = utf8_length(str_sub(s, at, s.n));

		if (++n == max)
			keep = at;
		at += len ? len : 1;
	}
	if (n <= max)
		return s;
	return arena_printf(a, "%.*s…", STR_ARG(str_sub(s, 0, keep)));
}

enum graph_look graph_look_of(const struct types *t, const struct type *type)
{
	const struct {
		const struct type *base;
		enum graph_look look;
	} looks[] = {
		{t->dataset, LOOK_DATASET},	    {t->model, LOOK_MODEL},
		{t->metrics, LOOK_METRICS},	    {t->classification_metrics, LOOK_METRICS},
		{t->sliced_classification_metrics, LOOK_METRICS},
		{t->html, LOOK_REPORT},		    {t->markdown, LOOK_REPORT},
	};

	while (type && (type->kind == TYPE_OPT || type->kind == TYPE_LIST))
		type = type->elem;
	if (!type || type->kind != TYPE_ARTIFACT)
		return LOOK_VALUE;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (type_extends(type, looks[i].base))
			return looks[i].look;
	return LOOK_ARTIFACT;
}

enum graph_state graph_state_of(const struct graph_tally *t)
{
	static const enum graph_state order[] = {
		GRAPH_FAILED,	 GRAPH_RUNNING, GRAPH_PENDING, GRAPH_CANCELLED,
		GRAPH_SUCCEEDED, GRAPH_CACHED,	GRAPH_SKIPPED,
	};

	for (size_t i = 0; t && i < sizeof order / sizeof *order; i++)
		if (t->counts[order[i]])
			return order[i];
	return GRAPH_NSTATES;
}

bool graph_was_made(const struct graph *g, const struct graph_tally *t)
{
	return !g->run || (t && (t->counts[GRAPH_SUCCEEDED] || t->counts[GRAPH_CACHED]));
}

static struct str lines(const struct graph *g, struct str a, struct str b, struct str c)
{
	return arena_printf(g->a, "%.*s%s%.*s%s%.*s", STR_ARG(a), b.n ? "\n" : "",
			    STR_ARG(b), c.n ? "\n" : "", STR_ARG(c));
}

struct str graph_text(const struct graph *g, const struct graph_node *n)
{
	struct str s = lines(g, n->title, n->detail, n->note);

	if (!n->nhidden)
		return s;
	return arena_printf(g->a, "%.*s\n→ %u others", STR_ARG(s), n->nhidden);
}

struct str graph_box_text(const struct graph *g, const struct graph_box *b)
{
	return lines(g, b->title, b->note, STR(""));
}

struct str graph_caption(const struct graph *g)
{
	const struct export_run *r = g->run ? g->run->run : NULL;
	struct buf b = {0};
	struct str s;

	buf_add(&b, g->pipeline->name);
	if (r) {
		buf_addf(&b, "\nrun %.*s: %.*s", STR_ARG(r->id), STR_ARG(r->state));
		graph_add_time(r->started_ms, r->ended_ms, &b);
	}
	if (g->ncollapsed)
		buf_addf(&b, "\n%u called pipeline%s not drawn: --depth says how deep",
			 g->ncollapsed, g->ncollapsed == 1 ? " is" : "s are");
	s = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static uint32_t *chain(const struct graph *g, size_t n)
{
	uint32_t *at = ARENA_ARRAY(g->a, n, uint32_t);

	for (size_t i = 0; i < n; i++)
		at[i] = GRAPH_NONE;
	return at;
}

void graph_tree_make(const struct graph *g, struct graph_tree *t)
{
	t->first_node = chain(g, g->boxes.n + 1);
	t->first_box = chain(g, g->boxes.n + 1);
	t->next_node = chain(g, g->nodes.n);
	t->next_box = chain(g, g->boxes.n);
	for (size_t i = g->nodes.n; i-- > 0;) {
		uint32_t *first = &t->first_node[g->nodes.at[i].box + 1];

		t->next_node[i] = *first;
		*first = (uint32_t)i;
	}
	for (size_t i = g->boxes.n; i-- > 0;) {
		uint32_t *first = &t->first_box[g->boxes.at[i].parent + 1];

		if (g->boxes.at[i].first == GRAPH_NONE)
			continue;
		t->next_box[i] = *first;
		*first = (uint32_t)i;
	}
}

void graph_release(struct graph *g)
{
	if (g->run)
		graph_run_release(g->run);
	vec_release(&g->boxes);
	vec_release(&g->nodes);
	vec_release(&g->edges);
}
