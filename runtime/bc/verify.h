/* The verifier's parts: names, sites, pipelines.  All return 0, or -1 with err
 * (ERR_INPUT) saying what is wrong; callers put in front where. */
#ifndef KFPC_BC_VERIFY_H
#define KFPC_BC_VERIFY_H

#include "runtime/bc/module.h"

/* What an expression at some place may read. */
struct verify_scope {
	const struct module *m;
	const struct module_param *params;	/* the first nparams */
	const struct module_output *outputs;	/* the first noutputs */
	const struct module_pipeline *pipeline;	/* of nodes; NULL: none */
	uint32_t nparams, noutputs;
	const uint32_t *last;	/* of verify_blocks; NULL: all blocks are at an end */
	uint32_t nnodes;	/* nodes before this one */
	uint32_t block;		/* and in this block or one around it */
	bool run, task_id;
	bool in_def;		/* only the first ndefs functions may be called */
	uint32_t ndefs;
	bool files;		/* paths of parameters and outputs */
};

/* A site that must be there, and give what fits want (NULL: anything). */
int verify_site(const struct verify_scope *sc, const struct site *s,
		const struct type *want,
		struct err *err);

/* Settings at a place ('C' stands for a component's own and its resources). */
int verify_settings(const struct verify_scope *sc, const struct module_setting *s,
		    uint32_t n, char place, struct err *err);

/* The graph of pipeline p: nodes, blocks, edges. */
int verify_graph(const struct module *m, const struct module_pipeline *p,
		 struct err *err);

/* verify_block.c */
/* Blocks belong to nodes, nodes stand in blocks that begin before them.  out, in a: the
 * last node in each block. */
int verify_blocks(const struct module_pipeline *p, struct arena *a, const uint32_t **out,
		  struct err *err);
/* The last node in any of the blocks of node i, or i. */
uint32_t verify_last_in(const struct module_pipeline *p, const uint32_t *last, uint32_t i);
/* The block of node owner that the scope stands in; NULL if it stands in none. */
const struct module_block *verify_around(const struct verify_scope *sc, uint32_t owner);
/* May nodes of this block be read? */
bool verify_sees(const struct verify_scope *sc, uint32_t block);

/* Letters, digits and underscores, not beginning with a digit. */
bool verify_is_name(struct str s);
/* Only letters, digits and the characters of more; may be empty. */
bool verify_is_made_of(struct str s, const char *more);
int verify_fail(struct err *err, const char *what);
/* Puts "WHAT 'name': " before what *err says; name may be anything.  Always returns
 * -1. */
int verify_wrap(struct err *err, const char *what, struct str name);
/* Is the place none, or in a file that is there? */
int verify_loc(const struct module *m, struct loc loc, struct err *err);

#endif
