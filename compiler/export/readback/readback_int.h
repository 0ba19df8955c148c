/* Between the parts of the comparison.  A source is a number: of an output of a node of a
 * use, of how a try of a use ended, of a config address; SOURCE_ENDED is how anything
 * else ended. */
#ifndef KFPC_EXPORT_READBACK_INT_H
#define KFPC_EXPORT_READBACK_INT_H

#include "compiler/export/readback/readback.h"

enum { ANY_END = 0 };		/* the source: how something ended */

struct sources {		/* ascending; is_many: too many to be told apart */
	const uint32_t *at;
	uint32_t n;
	bool is_many;
};

struct reads {
	struct sources must;	/* these it reads */
	struct sources may;	/* these it may read on top, to do the same */
};

struct use {			/* a readback_use, and what is known of it */
	const struct readback_use *u;
	struct use *up;		/* the caller's; NULL: the root */
	uint32_t call;		/* its node in that */
	struct str address;	/* "sub.", of the config */
	struct use **calls;
	uint32_t *first;	/* of each node, the number of its first output */
	struct reads **outs;	/* of each node, of each output; NULL: not known yet */
	struct reads *params;	/* of the pipeline */
	struct reads *guards;	/* of each block: the conditions around it */
	bool *has_guards;
};

struct compare {
	const struct module *m;
	const struct readback_graph *g;
	const struct readback_claims *claims;
	struct arena a;
	struct err *err;
	struct map by_path;	/* of the file's tasks -> uint32_t * */
	struct map addresses;	/* config address -> uint32_t *, its source */
	VEC(struct known_address {
		uint32_t source;
		struct str address;
	}) known;		/* the same, by source */
	struct map inputs;	/* name of an input of the file -> struct str *, its address */
	struct map in_file;	/* these addresses */
	struct use *root;
	struct use *at;			/* the node that is compared is in this */
	uint32_t block;
	uint32_t nsources;
	uint64_t steps;		/* of work left; beyond it, sources are `many` */
	VEC(uint32_t) ends;		/* sources: how tries ended; ascending */
	VEC(uint32_t) gather;
	struct map orders;		/* "X Y": task X comes after Y in the program */
	struct claim {
		struct use *use;	/* NULL: a generated task */
		uint32_t node;
	} *claimed;			/* of each task of the file: TASK, ASSERT, TRY */
	struct sources *points;		/* of each point of the file */
	uint8_t *state;
};

void sources_gather(struct compare *c, struct sources s);
/* What was gathered, once each; nothing is gathered then. */
struct sources sources_take(struct compare *c);
struct sources sources_join(struct compare *c, struct sources x, struct sources y);
/* Is all of x in y, in z, or, where that is said, of no weight? */
bool sources_has(struct sources s, uint32_t source);
bool sources_within(struct sources x, struct sources y, struct sources z,
		    bool (*is_free)(void *ctx, uint32_t source), void *ctx);

/* readback_module.c */
struct use *use_new(struct compare *c, const struct readback_use *u, struct use *up,
		    uint32_t call);
struct reads site_reads(struct compare *c, struct use *u, const struct site *s);
struct reads param_reads(struct compare *c, struct use *u, const struct module_node *n,
			 uint32_t param);
struct reads block_guards(struct compare *c, struct use *u, uint32_t block);
/* The loops around a node, from within: the next one around *u's block, or false. */
bool loop_around(struct use **u, uint32_t *block, uint32_t *loop);
uint32_t address_source(struct compare *c, struct str address);
/* The config address that a source is, or NULL. */
const struct str *source_address(const struct compare *c, uint32_t source);

/* readback_file.c: what a point comes from; -1 with err if it comes from itself. */
int point_sources(struct compare *c, uint32_t point, struct sources *out);

#endif
