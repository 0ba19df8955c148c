/* Puts modules together by hand for tests of plan, config and scheduler. */
#ifndef KFPC_TESTS_UNIT_VM_BUILD_H
#define KFPC_TESTS_UNIT_VM_BUILD_H

#include <stdlib.h>

#include "compiler/ir/builder.h"
#include "runtime/vm/run.h"

struct mk {
	struct module *m;
	struct builder b;
};

static inline void mk_init(struct mk *k, uint32_t ncomponents, uint32_t npipelines)
{
	k->m = module_new();
	builder_init(&k->b, k->m, NULL);
	k->m->name = STR("test");
	k->m->files = ARENA_NEW(&k->m->arena, struct module_file);
	k->m->files[0].path = STR("test.kfp");
	k->m->nfiles = 1;
	k->m->components = ARENA_ARRAY(&k->m->arena, ncomponents, struct module_component);
	k->m->pipelines = ARENA_ARRAY(&k->m->arena, npipelines, struct module_pipeline);
}

static inline void mk_release(struct mk *k)
{
	builder_release(&k->b);
	module_free(k->m);
}

static inline struct module_param mk_param(struct mk *k, const char *name, const struct type *t,
					   int64_t fallback, const struct site *where)
{
	struct value v = t->kind == TYPE_FLOAT ? value_float((double)fallback)
					       : value_int(fallback);

	return (struct module_param){
		.name = str_of(name),
		.doc = STR(""),
		.type = t,
		.where = where,
		.fallback = fallback == INT64_MIN ? NULL
			    : builder_site_const(&k->b, v, t, SPAN_NONE),
		.loc = {0, 2, 1},
	};
}

/* A component with int parameters `x` (and `y`), and one int output `output`. */
static inline uint32_t mk_component(struct mk *k, const char *name,
				    const struct module_param *params, uint32_t nparams)
{
	struct module_component *c = &k->m->components[k->m->ncomponents];
	struct module_output *o = ARENA_NEW(&k->m->arena, struct module_output);

	*o = (struct module_output){.name = STR("output"), .doc = STR(""),
				    .type = k->m->types.integer};
	*c = (struct module_component){
		.name = str_of(name), .doc = STR(""), .env = MODULE_NONE,
		.params = arena_dup(&k->m->arena, params, nparams * sizeof *params),
		.nparams = nparams, .outputs = o, .noutputs = 1,
		.code = STR("true\n"), .code_kind = CODE_SHELL, .entry = STR(""),
		.source = STR(""), .code_file = MODULE_NONE, .loc = {0, 2, 1},
	};
	return k->m->ncomponents++;
}

static inline struct expr *mk_int(struct mk *k, int64_t i)
{
	return builder_const(&k->b, value_int(i), k->m->types.integer, SPAN_NONE);
}

static inline struct expr *mk_in(struct mk *k, enum input_kind kind, uint32_t index)
{
	return builder_input(&k->b, (struct input){kind, index, 0}, k->m->types.integer,
			     SPAN_NONE);
}

static inline struct expr *mk_op(struct mk *k, enum op op, struct expr *x, struct expr *y,
				 const struct type *t)
{
	return builder_binary(&k->b, op, x, y, t, SPAN_NONE);
}

static inline const struct site *mk_site(struct mk *k, struct expr *e)
{
	return builder_site(&k->b, e, e->type);
}

/* Nodes are given with args as a NULL-ended list where they have any. */
static inline const struct site *const *mk_args(struct mk *k, const struct site *x,
						const struct site *y)
{
	const struct site **at = ARENA_ARRAY(&k->m->arena, 2, const struct site *);

	at[0] = x;
	at[1] = y;
	return at;
}

/* Copies, so that what they point to may be gone when the builder returns. */
static inline struct module_node *mk_nodes(struct mk *k, const struct module_node *from,
					   uint32_t n)
{
	struct module_node *nodes = arena_dup(&k->m->arena, from, n * sizeof *nodes);

	for (uint32_t i = 0; i < n; i++) {
		nodes[i].outs = arena_dup(&k->m->arena, from[i].outs,
					  from[i].nouts * sizeof *from[i].outs);
		nodes[i].after = arena_dup(&k->m->arena, from[i].after,
					   from[i].nafter * sizeof *from[i].after);
		nodes[i].settings = arena_dup(&k->m->arena, from[i].settings,
					      from[i].nsettings * sizeof *from[i].settings);
	}
	return nodes;
}

static inline uint32_t mk_pipeline(struct mk *k, const struct module_pipeline *p)
{
	struct module_pipeline *to = &k->m->pipelines[k->m->npipelines];
	static const struct module_block body = {BLOCK_BODY, MODULE_NONE};

	*to = *p;
	to->doc = STR("");
	to->in_root = true;
	to->loc = (struct loc){0, 1, 1};
	to->nodes = mk_nodes(k, p->nodes, p->nnodes);
	to->params = arena_dup(&k->m->arena, p->params, p->nparams * sizeof *p->params);
	to->outputs = arena_dup(&k->m->arena, p->outputs, p->noutputs * sizeof *p->outputs);
	if (!p->nblocks) {
		to->blocks = &body;
		to->nblocks = 1;
	} else {
		to->blocks = arena_dup(&k->m->arena, p->blocks, p->nblocks * sizeof *p->blocks);
	}
	return k->m->npipelines++;
}

#define MK_NODE(KIND, NAME, ...) \
	(struct module_node){.kind = NODE_##KIND, .name = STR(NAME), .path = STR(NAME), \
			     .loc = {0, 10, 1}, __VA_ARGS__}

#endif
