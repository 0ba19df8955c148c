/* Does a file that was written say what the program says?
 *
 * An exporter reads its own text back (runtime/value/yaml_read.h) and makes a
 * `readback_graph` of it: what tasks there are, what they wait for, and for each of their
 * inputs where that comes from, through all that the target needs in between.  It also
 * tells, in `readback_use`, which task of the file stands for which node of the module.
 * readback_compare then finds that
 *
 *	- each task of the module is in the file, and each task of the file that stands for
 *	  none was generated for an expression;
 *	- each parameter of each task comes from the same tasks, parameters and elements of
 *	  loops in both, by whatever channels.  A generated task counts as all that it reads;
 *	- so do the conditions around each task, the lists of the loops around it, and the
 *	  outputs of the pipeline;
 *	- it is on the same sides of branches, in the same blocks of a try;
 *	- what comes after something comes after it in the file, and nothing else waits.
 *
 * What is extra is let pass where a target needs it to say the same: of a merge its
 * condition, of a loop's element or result all of its lists, and how tasks ended.
 *
 * A difference is a fault of ours, not of the program's. */
#ifndef KFPC_EXPORT_READBACK_H
#define KFPC_EXPORT_READBACK_H

#include "runtime/bc/module.h"

#define READBACK_NONE UINT32_MAX

enum readback_kind {
	READBACK_JOIN,		/* one or all of `from`; none: a constant */
	READBACK_PARAM,		/* input `name` of the whole */
	READBACK_OUTPUT,	/* output `name` of task, which is no group */
	/* how task, or group, ended; name: of an output that says how some of it did */
	READBACK_STATUS,
};

struct readback_point {		/* where a value or an artifact comes from */
	enum readback_kind kind;
	uint32_t task;		/* of a JOIN: the group whose output it is, or READBACK_NONE */
	struct str name;	/* of a JOIN: of the output of its group, which may stand for
				 * a task that takes several to do */
	const uint32_t *from;	/* other points */
	uint32_t nfrom;
};

/* Of what a group around it decided that it is done. */
enum readback_side {
	READBACK_NO_SIDE,
	READBACK_SOME_SIDE,	/* of branches, but which is not known */
	READBACK_THEN, READBACK_ELSE, READBACK_EXCEPT, READBACK_FINALLY,
};

struct readback_input {
	struct str name;	/* of a task: of the parameter, or that and "-3" */
	uint32_t point;
};

struct readback_task {
	struct str path;	/* unique in the file, for people, too: "for-loop-1/train" */
	uint32_t up;		/* the group around it; READBACK_NONE: task 0, the whole */
	bool is_group;
	enum readback_side side;
	const struct readback_input *inputs;
	const uint32_t *waits;	/* for tasks of the same group */
	const uint32_t *conditions;	/* points that decide whether it is done */
	uint32_t ninputs, nwaits, nconditions;
	uint32_t iterator;	/* the point of a loop's list; READBACK_NONE: it is no loop */
};

struct readback_graph {
	struct arena *a;	/* of what is in it */
	VEC(struct readback_task) tasks;	/* a group before what is in it */
	VEC(struct readback_point) points;
	const struct readback_input *outputs;	/* of the whole */
	uint32_t noutputs;
	bool knows_ends;	/* EXCEPT and FINALLY are said */
};

/* A pipeline as it was exported: the one itself, or one in the place of a call. */
struct readback_use {
	const struct module_pipeline *p;
	struct str *paths;		/* of each node, of its task or group; "": none */
	struct readback_use **calls;	/* of each CALL */
};

struct readback_claims {
	const struct module *m;
	const struct readback_use *root;
	struct readback_setting {	/* an input of the whole, and its config address */
		struct str name, address;
	} *inputs;
	uint32_t ninputs;
};

/* 0, or -1 with err that says what differs first. */
int readback_compare(const struct readback_graph *g, const struct readback_claims *claims,
		     struct err *err);
void readback_release(struct readback_graph *g);

struct export;
struct yaml;
struct yaml_docs;

/* Puts into x what its pipeline was exported as, root.  inputs: config address -> source,
 * of which name_of tells the name of the input. */
void readback_claim(struct export *x, const struct readback_use *root,
		    const struct map *inputs, struct str (*name_of)(const void *source));
/* What the documents of a target say, in a.  -1 with err where that has no meaning; the
 * caller releases out in both cases. */
typedef int readback_reader(const struct yaml_docs *docs, struct arena *a,
			    struct readback_graph *out, struct err *err);
/* Reads back what was written of the trees, a list of documents, and compares it with
 * them and with what x claims. */
int readback_text(const struct export *x, struct str text, const struct yaml *trees,
		  readback_reader *read, struct err *err);

#endif
