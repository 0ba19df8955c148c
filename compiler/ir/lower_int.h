/* What the parts of lowering share; private to this folder. */
#ifndef KFPC_IR_LOWER_INT_H
#define KFPC_IR_LOWER_INT_H

#include "compiler/ir/builder.h"
#include "compiler/ir/lower.h"
#include "runtime/bc/config.h"

struct lower {
	struct sema *s;
	struct module *m;
	struct builder b;
	struct diags *diags;
	/* reached, in module order */
	VEC(struct symbol *) components, pipelines, configs, schedules;
	VEC(struct module_file) files;
	VEC(struct module_env) envs;
	struct map files_by_path;	/* path as read -> its number, plus one */
	VEC(struct module_def) defs;	/* so far; module.defs leads here until the end */
	struct sema_file *file;		/* of what is being lowered */
	/* of the pipeline that is being lowered, or NULL */
	struct graph *graph;
	struct expr *subject;		/* what `value` of a type's where stands for */
};

/* The graph of one pipeline while it grows. */
struct graph {
	struct symbol *pipeline;
	struct graph_nodes {		/* in the module's arena */
		struct module_node *at;
		size_t n, cap;
	} nodes;
	VEC(struct module_block) blocks;
	uint32_t block;			/* where new nodes go */
	uint32_t asserted;		/* the last ASSERT in it, or MODULE_NONE */
	struct map paths;		/* path -> how often it was wanted */
};

/* What an expression is: a value, or a task whose outputs are those of a node. */
struct operand {
	struct expr *value;		/* NULL for a task */
	uint32_t node;
	const struct symbol_out *outs;
	uint32_t nouts;
	unsigned lists;			/* a task: as in struct symbol */
	const struct pick *pick;	/* of a list of tasks: which; NULL: itself */
};

/* One element of a list, within that of the list around it. */
struct pick {
	const struct pick *outer;
	struct expr *index;
};

/* The block around one that is being lowered. */
struct inside { uint32_t block, asserted; };

/* lower_expr.c */
struct operand lower_operand(struct lower *l, struct node *node);
struct expr *lower_expr(struct lower *l, struct node *node);
/* The same for a condition; warns of one that is always the same. */
struct expr *lower_condition(struct lower *l, struct node *node);
/* The site of node as a value of type want; NULL for a NULL node. */
const struct site *lower_site(struct lower *l, struct node *node,
			      const struct type *want);
/* The value of an output of a task, as expressions read it. */
struct expr *lower_output(struct lower *l, struct operand task, uint32_t output,
			  struct span span);
/* Computes the constants of a file, used or not, to say what is wrong with them. */
void lower_consts(struct lower *l, const struct sema_file *file);
/* e, which node reads, as a T where node reads a T? that was tested for None. */
struct expr *lower_narrowed(struct lower *l, const struct node *node, struct expr *e);
/* The constant value of node as one of type want; false after saying why not. */
bool lower_constant(struct lower *l, struct node *node, const struct type *want,
		    struct value *out);

/* lower_graph.c */
void lower_pipeline(struct lower *l, struct symbol *sym, struct module_pipeline *out);
/* The node of a call; name is its binding's, or NULL. */
struct operand lower_call(struct lower *l, struct node *call, const struct sym *name,
			  const struct list *with);
/* The node of a conditional with calls in its arms, or of a name merged over branches. */
struct operand lower_cond(struct lower *l, struct node *cond, const struct sym *name);
struct operand lower_merged(struct lower *l, struct symbol *sym);
uint32_t graph_add(struct lower *l, struct module_node n, const char *suffix);
struct module_node graph_node(struct lower *l, enum node_kind kind,
			      const struct sym *name, struct span at);
void lower_statements(struct lower *l, const struct list *items);
void lower_after(struct lower *l, const struct list *with, struct module_node *n);
/* The element of a comprehension over calls; its settings but for `after`. */
struct operand lower_element(struct lower *l, struct node *element,
			     const struct sym *name, const struct list *with);

/* The names that are merged over an IF or TRY. */
void lower_merges(struct lower *l, struct symbol *head);

/* lower_loop.c */
/* Until graph_leave new nodes go to a new block. */
struct inside graph_enter(struct lower *l, enum block_kind kind, uint32_t owner);
void graph_leave(struct lower *l, struct inside around);
void lower_for(struct lower *l, struct node *item);
/* What a COLLECT stands for. */
struct expr *lower_collected(struct lower *l, const struct symbol *sym, struct span span);
/* A comprehension over calls; with is that of the statement, is_outer: not in another. */
struct operand lower_task_list(struct lower *l, struct node *node, const struct sym *name,
			       const struct list *with, bool is_outer);
/* One of a list of tasks. */
struct operand lower_pick(struct lower *l, struct operand list, struct node *index);

/* lower_load.c */
/* What is special about the node of a call of load(). */
void lower_load(struct lower *l, const struct node *call, struct module_node *n);

/* lower_try.c */
void lower_try(struct lower *l, struct node *item);
void lower_assert(struct lower *l, struct node *item);

/* lower_struct.c */
/* Optim(lr=0.1) */
struct expr *lower_construct(struct lower *l, struct node *call, struct symbol *sym);
/* Those of all structs, called or not. */
void lower_structs(struct lower *l);
/* lower_def.c */
/* Puts the function into the module, with all that it calls before it; once. */
void lower_def(struct lower *l, struct symbol *sym);
struct expr *lower_def_call(struct lower *l, struct node *call, struct symbol *callee);
/* value, once the constraints on owner's parameters hold, which are the inputs
 * INPUT_PARAM: the body of a constructor. */
struct expr *lower_guarded(struct lower *l, const struct symbol *owner,
			   const struct module_param *params, struct expr *value);
/* Adds d, whose number is then sym->index. */
void lower_add_def(struct lower *l, struct symbol *sym, struct module_def d);

/* lower_comp.c */
struct expr *lower_comprehension(struct lower *l, struct node *node);

/* lower_decl.c */
/* The `where` of a named type over what stands in place of its `value`; NULL: none. */
struct expr *lower_constraint(struct lower *l, const struct symbol *type,
			      struct expr *subject);
/* Own and inherited constraints of input `in`, which None satisfies; NULL: none. */
struct expr *lower_where_expr(struct lower *l, const struct symbol *sym,
			      const struct symbol *constraint, struct node *where,
			      struct input in);
struct module_param *lower_params(struct lower *l, const struct symbol *owner);
struct module_output *lower_outputs(struct lower *l, const struct symbol *owner);
void lower_component(struct lower *l, struct symbol *sym, struct module_component *out);
uint32_t lower_travelling(struct lower *l, struct node *where, struct str path);

/* lower_container.c: the `container:` of a component whose signature and environment are
 * in out already. */
void lower_container(struct lower *l, const struct symbol *sym, struct node *group,
		     struct module_component *out);

/* lower_notebook.c: `notebook = "eda.ipynb"`, likewise.  Adds the output `notebook`. */
void lower_notebook(struct lower *l, const struct symbol *sym, struct node *value,
		    struct module_component *out);

/* lower_setting.c: settings of place ('C', 'W' or 'P') among the items */
const struct module_setting *lower_settings(struct lower *l, const struct list *items,
					    char place,
					    uint32_t *n);
/* The value of one; says what it cannot be. */
const struct site *lower_setting(struct lower *l, struct node *value, enum setting id);
/* The environment among a component's items; MODULE_NONE if there is none. */
uint32_t lower_environment(struct lower *l, const struct symbol *component);
struct node *setting_value(const struct node *item);
const struct sym *setting_key(const struct node *item);

/* lower_schedule.c */
/* After the configs; says what its config lacks. */
void lower_schedule(struct lower *l, struct symbol *sym, struct module_schedule *out);
/* The `kubernetes:` block among a component's items as a JSON object; "" without one. */
struct str lower_kubernetes(struct lower *l, const struct list *items);

/* lower_config.c */
void lower_config(struct lower *l, struct symbol *sym, struct module_config *out);

/* lower_test.c: the tests of the root file; what they run is to be reached. */
void lower_tests(struct lower *l, struct test_case **out, uint32_t *n);
void reach_tests(const struct sema_file *root, void (*reach)(struct symbol *));

/* known.c: constraints on values that are known */
/* The fields of a construction, each given as a tree. */
void known_check_construct(struct lower *l, const struct module_def *d,
			   struct expr *const *x, struct span call);
void known_check(struct lower *l);
/* The entry of a config for slot; value is a site of a constant. */
/* A setting whose value has no meaning, such as a negative number of retries. */
void known_check_setting(struct lower *l, enum setting id, const struct site *value);
void known_check_entry(struct lower *l, const struct config_slot *slot,
		       const struct site *value);

#endif
