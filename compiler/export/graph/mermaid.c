/* The picture as Mermaid's flowchart (doc/export.md). */
#include <config.h>

#include "compiler/export/graph/graph.h"

/* What Mermaid draws unless the page that shows it allows more. */
enum { EDGES_MAX = 500, TEXT_MAX = 50000 };

struct shape {
	const char *open, *close, *class;
};

static const struct shape KINDS[GRAPH_NKINDS] = {
	[GRAPH_TASK] = {"[", "]", "task"},
	[GRAPH_CALL] = {"[", "]", "nested"},
	[GRAPH_EXPR] = {"(", ")", "value"},
	[GRAPH_BRANCH] = {"{", "}", "branch"},
	[GRAPH_MERGE] = {"((", "))", "branch"},
	[GRAPH_ASSERT] = {"{{", "}}", "branch"},
	[GRAPH_LOOP] = {"[/", "\\]", "value"},
	[GRAPH_PARAM] = {"[/", "/]", "value"},
	[GRAPH_OUTPUT] = {"[\\", "\\]", "value"},
};

static const struct shape LOOKS[LOOK_N] = {
	[LOOK_VALUE] = {"(", ")", "value"},
	[LOOK_DATASET] = {"[(", ")]", "dataset"},
	[LOOK_MODEL] = {"[[", "]]", "model"},
	[LOOK_METRICS] = {"([", "])", "metrics"},
	[LOOK_REPORT] = {">", "]", "report"},
	[LOOK_ARTIFACT] = {"(", ")", "artifact"},
};

/* "" of those that are drawn in Mermaid's own way. */
static const char *const LINES[LOOK_N] = {
	[LOOK_VALUE] = "",
	[LOOK_DATASET] = "#1565c0",
	[LOOK_MODEL] = "#5e35b1",
	[LOOK_METRICS] = "#2e7d32",
	[LOOK_REPORT] = "#ef6c00",
	[LOOK_ARTIFACT] = "#616161",
	[LOOK_ORDER] = "",
	[LOOK_CONTROL] = "#b28704",
};

static const char *const BOX_CLASSES[BOX_NKINDS] = {
	[BOX_BRANCH] = "branchBox", [BOX_LOOP] = "loopBox", [BOX_TRY] = "tryBox",
	[BOX_CALL] = "nestedBox",
};

static const struct class_def {
	const char *name, *style;
} CLASSES[] = {
	{"task", "fill:#eef3fb,stroke:#3b5b92,color:#111"},
	{"nested", "fill:#e0e7f5,stroke:#3b5b92,stroke-width:3px,color:#111"},
	{"value", "fill:#fff,stroke:#78909c,color:#111"},
	{"branch", "fill:#fff8e1,stroke:#b28704,color:#111"},
	{"dataset", "fill:#e3f2fd,stroke:#1565c0,color:#111"},
	{"model", "fill:#ede7f6,stroke:#5e35b1,color:#111"},
	{"metrics", "fill:#e8f5e9,stroke:#2e7d32,color:#111"},
	{"report", "fill:#fff3e0,stroke:#ef6c00,color:#111"},
	{"artifact", "fill:#f5f5f5,stroke:#616161,color:#111"},
	{"absent", "fill:#fff,stroke:#9e9e9e,stroke-dasharray:4,color:#616161"},
	{"branchBox", "fill:#fffdf5,stroke:#b28704,color:#111"},
	{"loopBox", "fill:#f3faf9,stroke:#00796b,color:#111"},
	{"tryBox", "fill:#fff7f7,stroke:#c62828,color:#111"},
	{"nestedBox", "fill:#f8f9fc,stroke:#3b5b92,color:#111"},
}, STATE_CLASSES[] = {
	{"pending", "fill:#fff,stroke:#9e9e9e,color:#111"},
	{"running", "fill:#fff3c4,stroke:#f9a825,color:#111"},
	{"succeeded", "fill:#d4edda,stroke:#2e7d32,color:#111"},
	{"cached", "fill:#d0f0f0,stroke:#00838f,color:#111"},
	{"failed", "fill:#f8d7da,stroke:#c62828,stroke-width:3px,color:#111"},
	{"skipped", "fill:#eee,stroke:#9e9e9e,stroke-dasharray:4,color:#616161"},
	{"cancelled", "fill:#ffe0cc,stroke:#d84315,color:#111"},
};

/* Is the byte at i one that Markdown, HTML or Mermaid would read as its own?  A list is
 * one only where a line begins with its mark. */
static bool is_special(struct str s, size_t i, size_t line)
{
	unsigned char c = (unsigned char)s.p[i];

	if (strchr("\"#<>&`\\:;%{}*|~@$^!", c))
		return true;
	if (c == '_')
		return i == 0 || i + 1 == s.n || s.p[i - 1] == ' ' || s.p[i + 1] == ' ' ||
		       s.p[i - 1] == '_' || s.p[i + 1] == '_';
	if (i == line)
		return c == '-' || c == '+' || c == '=';
	if (c == '(' && s.p[i - 1] == ']')
		return true;	/* a link */
	if (c != '.' && c != ')')
		return false;
	for (size_t k = line; k < i; k++)
		if (s.p[k] < '0' || s.p[k] > '9')
			return false;
	return true;
}

/* In quotes, with Mermaid's own #35; for what is special; <br/> ends a line. */
static void add_text(struct buf *out, struct str s)
{
	size_t line = 0;

	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n') {
			buf_addz(out, "<br/>");
			line = i + 1;
		} else if (c < 0x20 || c == 0x7f) {
			buf_addc(out, ' ');
		} else if (is_special(s, i, line)) {
			buf_addf(out, "#%u;", c);
		} else {
			buf_addc(out, (char)c);
		}
	}
	buf_addz(out, s.n ? "\"" : " \"");
}

static void add_node(struct buf *out, const struct graph *g, uint32_t id, int depth)
{
	const struct graph_node *n = &g->nodes.at[id];
	enum graph_state state = graph_state_of(n->tally);
	bool is_artifact = n->kind == GRAPH_ARTIFACT;
	struct shape shape = is_artifact ? LOOKS[n->look] : KINDS[n->kind];

	if ((n->kind == GRAPH_PARAM || n->kind == GRAPH_OUTPUT) && n->look != LOOK_VALUE)
		shape.class = LOOKS[n->look].class;
	if (is_artifact && !graph_was_made(g, n->tally))
		shape.class = "absent";
	if (!is_artifact && state != GRAPH_NSTATES)
		shape.class = graph_state_name(state);
	buf_fill(out, ' ', (size_t)depth * 2);
	buf_addf(out, "n%u%s", id, shape.open);
	add_text(out, graph_text(g, n));
	buf_addf(out, "%s:::%s\n", shape.close, shape.class);
}

static void add_content(struct buf *out, const struct graph *g,
			const struct graph_tree *t, uint32_t box, int depth)
{
	for (uint32_t i = t->first_node[box + 1]; i != GRAPH_NONE; i = t->next_node[i])
		add_node(out, g, i, depth);
	for (uint32_t i = t->first_box[box + 1]; i != GRAPH_NONE; i = t->next_box[i]) {
		buf_fill(out, ' ', (size_t)depth * 2);
		buf_addf(out, "subgraph b%u[", i);
		add_text(out, graph_box_text(g, &g->boxes.at[i]));
		buf_addz(out, "]\n");
		add_content(out, g, t, i, depth + 1);
		buf_fill(out, ' ', (size_t)depth * 2);
		buf_addz(out, "end\n");
	}
}

static void add_end(struct buf *out, struct graph_end e)
{
	if (e.box != GRAPH_NONE)
		buf_addf(out, "b%u", e.box);
	else
		buf_addf(out, "n%u", e.node);
}

static void add_edge(struct buf *out, const struct graph_edge *e)
{
	buf_addz(out, "  ");
	add_end(out, e->from);
	buf_addz(out, e->look == LOOK_ORDER ? " -.->" : " -->");
	if (e->label.n) {
		buf_addc(out, '|');
		add_text(out, e->label);
		buf_addc(out, '|');
	}
	buf_addc(out, ' ');
	add_end(out, e->to);
	buf_addc(out, '\n');
}

static void add_line_styles(struct buf *out, const struct graph *g)
{
	for (int look = 0; look < LOOK_N; look++) {
		bool any = false;

		if (!*LINES[look])
			continue;
		for (size_t i = 0; i < g->edges.n; i++) {
			if (g->edges.at[i].look != (enum graph_look)look)
				continue;
			buf_addf(out, "%s%zu", any ? "," : "  linkStyle ", i);
			any = true;
		}
		if (any)
			buf_addf(out, " stroke:%s\n", LINES[look]);
	}
}

static void add_box_classes(struct buf *out, const struct graph *g)
{
	for (size_t i = 0; i < g->boxes.n; i++)
		if (g->boxes.at[i].first != GRAPH_NONE)
			buf_addf(out, "  class b%zu %s\n", i,
				 BOX_CLASSES[g->boxes.at[i].kind]);
}

static void add_classes(struct buf *out, const struct class_def *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "  classDef %s %s\n", c[i].name, c[i].style);
}

/* The title is YAML: a JSON string on one line. */
static void add_title(struct buf *out, const struct graph *g)
{
	struct buf line = {0};

	buf_add(&line, graph_caption(g));
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\n')
			line.p[i] = ' ';
	buf_addz(out, "---\ntitle: ");
	buf_add_json(out, buf_str(&line));
	buf_addz(out, "\n---\n");
	buf_release(&line);
}

static void add_picture(struct buf *out, const struct graph *g)
{
	struct graph_tree t;

	graph_tree_make(g, &t);
	add_content(out, g, &t, GRAPH_NONE, 1);
	for (size_t i = 0; i < g->edges.n; i++)
		add_edge(out, &g->edges.at[i]);
	add_line_styles(out, g);
	add_box_classes(out, g);
	add_classes(out, CLASSES, sizeof CLASSES / sizeof *CLASSES);
	if (g->run)
		add_classes(out, STATE_CLASSES, GRAPH_NSTATES);
}

int export_mermaid(struct export *x, struct buf *out)
{
	struct buf body = {0};
	struct graph g;

	graph_make(x, &g);
	add_picture(&body, &g);
	add_title(out, &g);
	buf_addz(out, "flowchart TB\n");
	if (g.edges.n > EDGES_MAX || body.n + out->n > TEXT_MAX)
		buf_addf(out, "  %%%% %zu edges, %zu characters: a page draws this if it "
			 "sets maxEdges and maxTextSize (they are %d and %d)\n",
			 g.edges.n, body.n + out->n, EDGES_MAX, TEXT_MAX);
	buf_add(out, buf_str(&body));
	buf_release(&body);
	graph_release(&g);
	return 0;
}
