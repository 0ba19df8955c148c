/* The picture as Graphviz reads it (doc/export.md). */
#include <config.h>

#include "compiler/export/graph/graph.h"

struct style {
	const char *shape, *fill, *line;
};

static const struct style KINDS[GRAPH_NKINDS] = {
	[GRAPH_TASK] = {"box", "#eef3fb", "#3b5b92"},
	[GRAPH_CALL] = {"box", "#e0e7f5", "#3b5b92"},
	[GRAPH_EXPR] = {"ellipse", "#ffffff", "#78909c"},
	[GRAPH_BRANCH] = {"diamond", "#fff8e1", "#b28704"},
	[GRAPH_MERGE] = {"ellipse", "#fff8e1", "#b28704"},
	[GRAPH_ASSERT] = {"octagon", "#ffffff", "#b28704"},
	[GRAPH_LOOP] = {"invtrapezium", "#ffffff", "#00796b"},
	[GRAPH_PARAM] = {"invhouse", "#ffffff", "#78909c"},
	[GRAPH_OUTPUT] = {"house", "#ffffff", "#78909c"},
	[GRAPH_ARTIFACT] = {"folder", "#f5f5f5", "#616161"},
};

static const struct style LOOKS[LOOK_N] = {
	[LOOK_VALUE] = {"ellipse", "#ffffff", "#78909c"},
	[LOOK_DATASET] = {"cylinder", "#e3f2fd", "#1565c0"},
	[LOOK_MODEL] = {"box3d", "#ede7f6", "#5e35b1"},
	[LOOK_METRICS] = {"note", "#e8f5e9", "#2e7d32"},
	[LOOK_REPORT] = {"tab", "#fff3e0", "#ef6c00"},
	[LOOK_ARTIFACT] = {"folder", "#f5f5f5", "#616161"},
	[LOOK_ORDER] = {"", "", "#9e9e9e"},
	[LOOK_CONTROL] = {"", "", "#b28704"},
};

static const struct style STATES[GRAPH_NSTATES] = {
	[GRAPH_PENDING] = {"", "#ffffff", "#9e9e9e"},
	[GRAPH_RUNNING] = {"", "#fff3c4", "#f9a825"},
	[GRAPH_SUCCEEDED] = {"", "#d4edda", "#2e7d32"},
	[GRAPH_CACHED] = {"", "#d0f0f0", "#00838f"},
	[GRAPH_FAILED] = {"", "#f8d7da", "#c62828"},
	[GRAPH_SKIPPED] = {"", "#eeeeee", "#9e9e9e"},
	[GRAPH_CANCELLED] = {"", "#ffe0cc", "#d84315"},
};

static const struct style BOXES[BOX_NKINDS] = {
	[BOX_BRANCH] = {"", "#fffdf5", "#b28704"},
	[BOX_LOOP] = {"", "#f3faf9", "#00796b"},
	[BOX_TRY] = {"", "#fff7f7", "#c62828"},
	[BOX_CALL] = {"", "#f8f9fc", "#3b5b92"},
};

/* In quotes.  Graphviz reads a backslash and & in a label as its own. */
static void add_text(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", c);
		else if (c == '&')
			buf_addz(out, "&amp;");
		else if (c == '\n')
			buf_addz(out, "\\n");
		else
			buf_addc(out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
	buf_addc(out, '"');
}

static void add_attr(struct buf *out, const char *name, struct str s)
{
	buf_addf(out, ", %s=", name);
	add_text(out, s);
}

static void add_tooltip(struct buf *out, const struct graph *g, struct str address,
			struct loc loc)
{
	struct str place = module_loc(g->m, loc, g->a);

	if (address.n && place.n)
		address = arena_printf(g->a, "%.*s, %.*s", STR_ARG(address),
				       STR_ARG(place));
	add_attr(out, "tooltip", address.n ? address : place);
}

static void add_node(struct buf *out, const struct graph *g, uint32_t id, int depth)
{
	const struct graph_node *n = &g->nodes.at[id];
	enum graph_state state = graph_state_of(n->tally);
	bool is_artifact = n->kind == GRAPH_ARTIFACT;
	struct style style = is_artifact ? LOOKS[n->look] : KINDS[n->kind];
	const char *more = "";

	if ((n->kind == GRAPH_PARAM || n->kind == GRAPH_OUTPUT) && n->look != LOOK_VALUE) {
		style.fill = LOOKS[n->look].fill;
		style.line = LOOKS[n->look].line;
	}
	if (is_artifact && !graph_was_made(g, n->tally)) {
		style.fill = "#ffffff";
		more = ",dashed";
	}
	if (!is_artifact && state != GRAPH_NSTATES) {
		style.fill = STATES[state].fill;
		style.line = STATES[state].line;
		more = state == GRAPH_SKIPPED ? ",dashed" : state == GRAPH_FAILED ? ",bold"
										  : "";
	}
	buf_fill(out, '\t', (size_t)depth);
	buf_addf(out, "n%u [label=", id);
	add_text(out, graph_text(g, n));
	buf_addf(out, ", shape=%s, style=\"%s%s\", fillcolor=\"%s\", color=\"%s\"",
		 style.shape, n->kind == GRAPH_TASK ? "rounded,filled" : "filled", more,
		 style.fill, style.line);
	if (n->kind == GRAPH_CALL)
		buf_addz(out, ", peripheries=2");
	add_tooltip(out, g, n->address, n->loc);
	buf_addz(out, "];\n");
}

static void add_box(struct buf *out, const struct graph *g, const struct graph_tree *t,
		    uint32_t id, int depth);

static void add_content(struct buf *out, const struct graph *g,
			const struct graph_tree *t, uint32_t box, int depth)
{
	for (uint32_t i = t->first_node[box + 1]; i != GRAPH_NONE; i = t->next_node[i])
		add_node(out, g, i, depth);
	for (uint32_t i = t->first_box[box + 1]; i != GRAPH_NONE; i = t->next_box[i])
		add_box(out, g, t, i, depth);
}

static void add_box(struct buf *out, const struct graph *g, const struct graph_tree *t,
		    uint32_t id, int depth)
{
	const struct graph_box *b = &g->boxes.at[id];
	enum graph_state state = graph_state_of(b->tally);

	buf_fill(out, '\t', (size_t)depth);
	buf_addf(out, "subgraph cluster_b%u {\n", id);
	buf_fill(out, '\t', (size_t)depth + 1);
	buf_addz(out, "graph [label=");
	add_text(out, graph_box_text(g, b));
	buf_addf(out, ", style=\"rounded,filled\", fillcolor=\"%s\", color=\"%s\"",
		 BOXES[b->kind].fill,
		 state == GRAPH_NSTATES ? BOXES[b->kind].line : STATES[state].line);
	add_tooltip(out, g, b->address, b->loc);
	buf_addz(out, "];\n");
	add_content(out, g, t, id, depth + 1);
	buf_fill(out, '\t', (size_t)depth);
	buf_addz(out, "}\n");
}

static void add_edge(struct buf *out, const struct graph_edge *e)
{
	buf_addf(out, "\tn%u -> n%u [color=\"%s\"", e->from.node, e->to.node,
		 LOOKS[e->look].line);
	if (e->label.n)
		add_attr(out, "label", e->label);
	if (e->look == LOOK_ORDER)
		buf_addz(out, ", style=dashed, arrowhead=empty");
	if (e->from.box != GRAPH_NONE)
		buf_addf(out, ", ltail=cluster_b%u", e->from.box);
	if (e->to.box != GRAPH_NONE)
		buf_addf(out, ", lhead=cluster_b%u", e->to.box);
	buf_addz(out, "];\n");
}

int export_dot(struct export *x, struct buf *out)
{
	struct graph_tree t;
	struct graph g;

	graph_make(x, &g);
	graph_tree_make(&g, &t);
	buf_addz(out, "digraph ");
	add_text(out, g.pipeline->name);
	buf_addz(out, " {\n\tgraph [compound=true, rankdir=TB, fontname=\"Helvetica\", "
		      "fontsize=11, labelloc=t, label=");
	add_text(out, graph_caption(&g));
	buf_addf(out, "];\n\tnode [fontname=\"Helvetica\", fontsize=10, height=0.3%s];\n",
		 g.is_compact ? ", margin=\"0.08,0.03\"" : "");
	buf_addz(out, "\tedge [fontname=\"Helvetica\", fontsize=9, arrowsize=0.7];\n");
	add_content(out, &g, &t, GRAPH_NONE, 1);
	for (size_t i = 0; i < g.edges.n; i++)
		add_edge(out, &g.edges.at[i]);
	buf_addz(out, "}\n");
	graph_release(&g);
	return 0;
}
