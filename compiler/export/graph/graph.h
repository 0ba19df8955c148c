/* A pipeline as a picture: nodes in boxes within boxes, and edges between them.  What
 * dot and mermaid draw; json (graph_json.c) says what the module says instead.
 *
 * What is drawn, and what is not:
 *
 *	- A branch is a node with a box for each of its sides; `elif` hangs on the `else`
 *	  of the one before it, without a box.  A loop, the parts of a try and a called
 *	  pipeline are boxes.  Boxes without nodes are left out.
 *	- A binding that only gives another one a name is left out, and what a loop, a try
 *	  or a called pipeline gives comes from the node within.
 *	- An order edge is left out where others say the same.
 *	- Called pipelines are boxes as deep as export.depth says, and as long as the picture
 *	  does not grow too large; below, each is one node.
 *	- A picture of many tasks is compact: artifacts are coloured edges, no nodes, edges
 *	  have no labels, and what many others hang on says so in place of edges.
 *
 * Order is that of the module, so that the same module gives the same bytes. */
#ifndef KFPC_EXPORT_GRAPH_H
#define KFPC_EXPORT_GRAPH_H

#include "compiler/export/export.h"
#include "compiler/export/graph/graph_run.h"

#define GRAPH_NONE UINT32_MAX

enum graph_kind {
	GRAPH_TASK, GRAPH_CALL, GRAPH_EXPR, GRAPH_BRANCH, GRAPH_MERGE, GRAPH_ASSERT,
	GRAPH_LOOP,		/* head of a loop's box: an element of its lists */
	GRAPH_PARAM, GRAPH_OUTPUT,	/* of the pipeline that is drawn */
	GRAPH_ARTIFACT,
	GRAPH_NKINDS
};

/* How an artifact is drawn: by the type of the language that its type extends. */
enum graph_look {
	LOOK_VALUE, LOOK_DATASET, LOOK_MODEL, LOOK_METRICS, LOOK_REPORT, LOOK_ARTIFACT,
	LOOK_ORDER,		/* of an edge that carries nothing */
	LOOK_CONTROL,		/* of one from a branch or try to a box of its own */
	LOOK_N
};

enum graph_box_kind { BOX_BRANCH, BOX_LOOP, BOX_TRY, BOX_CALL, BOX_NKINDS };

struct graph_box {
	enum graph_box_kind kind;
	uint32_t parent;	/* an earlier one; GRAPH_NONE: the picture itself */
	struct str title, note;	/* note: what happened, "" for none */
	struct str address;	/* as in graph_run.h */
	struct loc loc;
	const struct graph_tally *tally;	/* NULL: nothing is known */
	uint32_t first;		/* node in it or in a box of it; GRAPH_NONE: not drawn */
};

struct graph_node {
	enum graph_kind kind;
	enum graph_look look;	/* of ARTIFACT, PARAM and OUTPUT */
	uint32_t box;
	struct str title;
	struct str detail;	/* lines below, or "" */
	struct str note;	/* what happened, or "" */
	struct str address;	/* of a task or call */
	struct loc loc;
	const struct graph_tally *tally;
	uint32_t nhidden;	/* edges from it that are not drawn */
};

/* An end is a node, or a box: then node is the first one in it. */
struct graph_end {
	uint32_t node, box;
};

struct graph_edge {
	struct graph_end from, to;
	enum graph_look look;
	struct str label;	/* "" for none */
};

struct graph {
	struct arena *a;
	const struct module *m;
	const struct module_pipeline *pipeline;
	struct graph_run *run;	/* NULL without a run */
	bool is_compact;
	uint32_t ncollapsed;	/* calls that are one node */
	VEC(struct graph_box) boxes;
	VEC(struct graph_node) nodes;
	VEC(struct graph_edge) edges;
};

/* Makes the picture of x->pipeline, with what x->run says of it; graph_release frees
 * it. */
void graph_make(const struct export *x, struct graph *g);
void graph_release(struct graph *g);

/* What is in which box, in order.  Box b is at b + 1, the picture itself at 0; a list is
 * ended by GRAPH_NONE. */
struct graph_tree {
	uint32_t *first_node, *first_box;
	uint32_t *next_node, *next_box;	/* by node, by box */
};
void graph_tree_make(const struct graph *g, struct graph_tree *t);

/* What stands above the picture: the pipeline, and the run on a line of its own. */
struct str graph_caption(const struct graph *g);
/* The lines of a node: title, detail, and what happened. */
struct str graph_text(const struct graph *g, const struct graph_node *n);
struct str graph_box_text(const struct graph *g, const struct graph_box *b);
/* Was it made, as far as is known?  Of what did not come to be in the run it is false. */
bool graph_was_made(const struct graph *g, const struct graph_tally *t);
/* The state that a tally is coloured by; GRAPH_NSTATES where nothing is known. */
enum graph_state graph_state_of(const struct graph_tally *t);

#endif
