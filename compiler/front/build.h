/* What the grammar's actions call: each makes one node of the given span from its
 * parts, or says what is wrong with them.  A node that would be higher than
 * AST_HEIGHT_MAX becomes an ERROR.  Lists are passed by value; their nodes are used
 * up. */
#ifndef KFPC_FRONT_BUILD_H
#define KFPC_FRONT_BUILD_H

#include "compiler/front/front.h"

enum { BUILD_IDENTITY = 64 };	/* with OP_EQ, OP_NE: spelled `is` */

/* What may follow the name of a parameter; type NULL: left out, which is said. */
struct declared {
	struct node *type, *value, *where;
};

struct filtered {
	struct node *list, *filter;
};

/* build.c: lists, and what has no better place. */
void build_top(struct parser *p, struct node *item);
struct list build_list(struct list l, struct node *n);	/* n may be NULL */
struct list build_list_before(struct node *n, struct list l);
struct list build_list_join(struct list l, struct list more);
struct list build_errors(struct parser *p, struct span at);
struct node *build_error(struct parser *p, struct span at);
/* Measures n; an ERROR in its place if it is too high. */
struct node *build_seal(struct parser *p, struct node *n);
struct node *build_node(struct parser *p, enum node_tag kind, struct span at);

/* build_expr.c */
struct node *build_name(struct parser *p, struct span at, const struct sym *name);
struct node *build_atom(struct parser *p, struct span at, const struct sym *name);
struct node *build_none(struct parser *p, struct span at);
struct node *build_bool(struct parser *p, struct span at, bool value);
struct node *build_cond(struct parser *p, struct span at, struct node *then,
			struct node *cond, struct node *orelse);
struct node *build_logic(struct parser *p, enum node_tag kind, struct span at,
			 struct node *left, struct node *right);
struct node *build_unary(struct parser *p, struct span at, int op, struct span op_at,
			 struct node *operand);
struct node *build_binary(struct parser *p, int op, struct span op_at, struct node *left,
			  struct node *right, struct span at);
struct node *build_compare(struct parser *p, struct span at, struct node *left,
			   struct list rest);
struct node *build_comparison(struct parser *p, struct span at, int op, struct span op_at,
			      struct node *right);
struct node *build_field(struct parser *p, struct span at, struct node *object,
			 const struct sym *name, struct span name_at);
struct node *build_index(struct parser *p, struct span at, struct node *object,
			 struct node *index);
struct node *build_call(struct parser *p, struct span at, struct node *callee,
			struct list args);
struct node *build_arg(struct parser *p, struct span at, const struct sym *name,
		       struct span name_at, struct node *value);
struct node *build_items(struct parser *p, enum node_tag kind, struct span at,
			 struct list l);
struct node *build_pair(struct parser *p, struct span at, struct node *key,
			struct node *value);
struct node *build_comprehension(struct parser *p, struct span at, struct node *element,
				 struct list targets, struct filtered from);
struct node *build_adjacent(struct parser *p, struct span at, struct node *left,
			    struct node *right);
struct node *build_fstring(struct parser *p, struct span at, struct list parts);
struct node *build_format(struct parser *p, struct span at, struct node *value,
			  struct node *spec);

/* build_stmt.c */
struct node *build_do(struct parser *p, struct span at, struct node *value,
		      struct list with);
struct node *build_bind(struct parser *p, struct span at, struct node *target,
			struct node *type, struct node *value, struct list with);
struct node *build_assert(struct parser *p, struct span at, struct node *cond,
			  struct node *message);
struct node *build_return(struct parser *p, struct span at, struct list values);
struct node *build_pass(struct parser *p, struct span at);
struct node *build_group(struct parser *p, struct span at, struct node *target,
			 struct list items);
/* elifs: last first. */
struct node *build_if(struct parser *p, struct span at, struct node *cond,
		      struct list then, struct list elifs, struct list orelse);
void build_say_elif(struct parser *p, struct span at);
/* list NULL: the header was not understood. */
struct node *build_for(struct parser *p, struct span at, struct list targets,
		       struct node *list, struct list with, struct list items);
struct try_parts {
	struct list items, except, final;
};
struct node *build_try(struct parser *p, struct span at, struct span word,
		       struct try_parts parts);
struct node *build_stub(struct parser *p, struct span at, struct node *call,
			struct list values, bool fields);

/* build_decl.c */
struct node *build_import(struct parser *p, struct span at, struct list path,
			  struct node *file, struct node *alias);
struct node *build_from(struct parser *p, struct span at, struct list path,
			struct node *file, struct list names);
struct node *build_import_name(struct parser *p, struct span at, const struct sym *name,
			       struct node *alias);
struct node *build_enum(struct parser *p, struct span at, struct node *name,
			struct list members);
struct node *build_member(struct parser *p, struct span at, const struct sym *name,
			  struct node *wire);
struct node *build_struct(struct parser *p, struct span at, struct node *name,
			  struct list fields);
struct node *build_typedef(struct parser *p, struct span at, struct node *name,
			   struct node *type, struct node *where);
struct node *build_artifact(struct parser *p, struct span at, struct node *name,
			    struct node *base);
struct node *build_const(struct parser *p, struct span at, struct node *name,
			 struct node *type, struct node *value);
/* An ENVIRONMENT or a TEST. */
struct node *build_block(struct parser *p, enum node_tag kind, struct span at,
			 struct node *name, struct list items);
struct signature {
	struct node *name;
	struct list params, outputs;
};
/* A COMPONENT or a PIPELINE. */
struct node *build_component(struct parser *p, enum node_tag kind, struct span at,
			     struct signature s, struct list items);
struct node *build_def(struct parser *p, struct span at, struct signature s,
		       struct node *result, struct list items);
/* A declaration whose header was not understood behind its name. */
struct node *build_broken(struct parser *p, enum node_tag kind, struct span at,
			  struct node *name, struct list items);
struct node *build_config(struct parser *p, struct span at, struct node *name,
			  struct node *base, struct node *target, struct list items);
struct node *build_schedule(struct parser *p, struct span at, struct node *name,
			    struct node *target, struct list items);
struct node *build_param(struct parser *p, struct span at, const struct sym *name,
			 struct span name_at, struct declared d);
struct node *build_output(struct parser *p, struct span at, const struct sym *name,
			  struct span name_at, struct node *type, struct node *where);
struct node *build_single_output(struct parser *p, struct span at, struct node *type,
				 struct node *where);
struct node *build_type(struct parser *p, struct span at, struct list path,
			struct list args);
struct node *build_optional(struct parser *p, struct span at, struct node *elem);
struct node *build_union(struct parser *p, struct span at, struct node *left,
			 struct node *right);
void build_say_params(struct parser *p, struct span at);
void build_say_result(struct parser *p, struct span at);

#endif
