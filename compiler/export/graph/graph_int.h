/* Between the parts of the graph: a pipeline within the picture. */
#ifndef KFPC_EXPORT_GRAPH_INT_H
#define KFPC_EXPORT_GRAPH_INT_H

#include "compiler/export/graph/graph.h"

/* One pipeline as it stands in the picture: the one that is drawn, or one in the box of a
 * call.  Arrays are by index of its nodes or blocks. */
struct scope {
	const struct module_pipeline *p;
	struct scope *up;			/* the caller's; NULL: the one that is drawn */
	const struct module_node *call;
	uint32_t box, level;
	uint32_t *node_of;			/* what is drawn of a node; GRAPH_NONE */
	uint32_t *params;			/* without a caller: the nodes of its parameters */
	uint32_t *box_of;			/* of a block */
	struct str *prefix;			/* of a block: "sub/x[*]/" */
	struct scope **callee;			/* of a CALL that is a box */
	uint32_t *first_in, *next_in;		/* the nodes of a block, by number */
};

struct maker {
	const struct export *x;
	struct graph *g;
	struct map made;	/* nodes of expressions of several inputs, by scope and site */
	struct map edges;	/* by both ends and look: its number, plus one */
	uint64_t steps;		/* left for leaving out order edges */
};

/* Which of the nodes that n comes after need an edge: the others come before one of
 * these.  keep has room for n->nafter. */
void order_reduce(struct maker *mk, const struct scope *s, uint32_t n, bool *keep);

enum { GRAPH_LINE = 40 };	/* characters of an expression */

/* graph_part.c.  Boxes that a node is in get it as their first one; a box gets no
 * first. */
uint32_t maker_node(struct maker *mk, struct graph_node n);
uint32_t maker_box(struct maker *mk, struct graph_box b);
struct graph_end at_node(uint32_t node);
struct graph_end at_box(uint32_t box);
/* Adds an edge, or the label to the one that is there. */
void maker_edge(struct maker *mk, struct graph_end from, struct graph_end to,
		enum graph_look look, struct str label);
/* Edges from all that the site reads; name: of the parameter, or "". */
void maker_reads(struct maker *mk, struct scope *s, const struct site *site,
		 struct graph_end to, struct str name);
/* The node of an expression of several inputs that no node of the module stands for: an
 * argument, or an output, of a called pipeline. */
uint32_t maker_value(struct maker *mk, struct scope *s, const struct site *site,
		     uint32_t box, struct str name);
struct str maker_title(const struct maker *mk, struct str s);
/* Ends of edges are settled, and fans hidden. */
void maker_finish(struct maker *mk);

/* s in at most max characters, "…" for what is cut. */
struct str graph_cut(struct arena *a, struct str s, size_t max);
enum graph_look graph_look_of(const struct types *t, const struct type *type);

#endif
