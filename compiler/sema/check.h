/* What the parts of the checker need of each other; private to this folder.
 *
 * A `struct scope` is where something is checked: the file whose names are seen, the
 * locals in order of being bound, and what kind of place it is. */
#ifndef KFPC_SEMA_CHECK_H
#define KFPC_SEMA_CHECK_H

#include "compiler/sema/sema.h"

enum place {
	PLACE_CONST,		/* defaults, environments, const */
	PLACE_WHERE,		/* parameters and outputs so far are seen */
	PLACE_PIPELINE,
	PLACE_DEF,
	PLACE_SETTING,		/* of a task */
	PLACE_CONTAINER,	/* parameters, and where parameters and outputs lie */
};

/* Why a name of a branch cannot be used after it. */
struct lost {
	struct symbol *bound;		/* one that binds it */
	/* the branch without it, or the if that has no else */
	struct span lacking;
	bool lacking_else;
	const char *then_text, *else_text;	/* types that have nothing in common */
	const char *what;	/* of what is no branch of an if: why it lacks it */
};

/* A test for None that holds here: what path names is a value. */
struct tested {
	const struct node *path;
	struct span at;			/* of the test */
};

/* A name that was bound in a loop before this: only collect() may read it. */
struct looped {
	struct symbol *sym;
	struct symbol *again;	/* another one of that name, NULL: none */
	size_t shadowed;	/* the entry of this name before, plus one; 0: none */
};

/* What a block has bound, forgotten by the scope. */
struct bounds {
	struct symbol **at, **partial;
	size_t n, npartial;
};

struct bounds_mark { size_t bound, partial, looped, tested; };

struct scope {
	struct sema *s;
	struct sema_file *file;
	struct symbol *owner;		/* the component or pipeline that is checked */
	enum place place;
	struct map locals;		/* name -> struct symbol *, NULL: gone */
	VEC(struct symbol *) bound;	/* the locals, in order */
	struct map lost;		/* name -> struct lost * */
	/* what is bound on some paths only, within a loop */
	VEC(struct symbol *) partial;
	VEC(struct looped) looped;
	struct map looped_by_name;	/* -> index in looped, plus one */
	struct symbol *loop;		/* the innermost one around */
	/* the innermost try of whose except (or finally) this is a part */
	struct symbol *handler;
	bool in_finally;
	unsigned depth;
	const char *setting;		/* the one that is checked */
	VEC(struct tested) tested;
	/* a task was named or called since this was cleared */
	bool saw_task;
};

/* What an expression is: a value, a task with its outputs, or something else that has a
 * name. */
struct result {
	enum { RESULT_VALUE, RESULT_TASK, RESULT_SYMBOL } kind;
	const struct type *type;	/* VALUE */
	const struct symbol_out *outs;	/* TASK */
	uint32_t nouts;
	unsigned lists;			/* TASK: as in struct symbol */
	/* SYMBOL; TASK: its symbol or callee, may be NULL */
	struct symbol *sym;
};

enum { LIMIT_BUILTIN_ARGS = 65 };

/* The longest chains of expressions within expressions, of blocks within blocks, and of
 * declarations that need each other, that the passes after parsing go down. */
enum { CHECK_DEPTH = 1000, CHECK_RESOLVE = 500 };

/* scope.c: names */
void scope_init(struct scope *c, struct sema *s, struct sema_file *file,
		enum place place);
void scope_release(struct scope *c);
struct symbol *symbol_new(struct sema *s, enum symbol_kind kind, const struct sym *name,
			  struct span span);
void file_declare(struct sema *s, struct sema_file *file, struct symbol *sym);
/* Binds a local, or says why it cannot be. */
void scope_bind(struct scope *c, struct symbol *sym);
/* broken.c: what could not be parsed still binds the names that it begins with, so that
 * nobody misses them. */
void broken_statement(struct scope *c, const struct node *error);
void broken_declaration(struct sema *s, struct sema_file *file, const struct node *error);
/* Binds a merged name again in the block around. */
void scope_rebind(struct scope *c, struct symbol *sym);
struct bounds_mark scope_mark(const struct scope *c);
/* What was bound since mark, which the scope forgets; names of loops and tests too. */
struct bounds scope_take(struct scope *c, struct bounds_mark mark);
struct symbol *scope_find(struct scope *c, const struct sym *name);
/* The same, as it is declared, without its being used by that. */
struct symbol *scope_peek(const struct scope *c, struct str name);
/* Is it a call of the built-in function of this name, which nothing hides? */
bool calls_builtin(const struct scope *c, const struct node *call, const char *name);
void symbol_use(struct symbol *sym);
/* Is the named type known here under its own name? */
bool scope_has_type(const struct scope *c, const struct type *t);
/* Says that a name of a loop, alone or with .fields in at, is used outside of it; false
 * if it is none. */
bool say_looped(struct scope *c, const struct node *name, const struct node *at);
/* Says that the name means nothing here, with a suggestion. */
void scope_unknown(struct scope *c, const struct node *name, const char *wanted);
/* The same for a bare `rbf`, where want (or an enum of the file) has such a member; false
 * if none has. */
bool say_bare_member(struct scope *c, const struct node *name, const struct type *want);
/* What a module calls name; NULL after saying that it does not have it. */
struct symbol *module_member(struct scope *c, struct symbol *module,
			     const struct sym *name,
			     struct span at);

/* declare.c: what a file declares */
void declare_file(struct sema *s, struct sema_file *file);
/* load.c */
void load_import(struct sema *s, struct sema_file *file, struct node *item);

/* resolve.c: signatures and types of declarations, in any order */
void symbol_resolve(struct sema *s, struct symbol *sym);

/* The parameters of owner (the fields of a struct) into owner->params, and into names. */
void resolve_params(struct scope *c, struct symbol *owner, const struct list *params,
		    struct map *names);

/* struct.c */
void check_struct(struct sema *s, struct symbol *sym);
/* Says so if the type sym, written at `at`, is being looked at already and leads through
 * a struct to itself; false if it is not. */
bool say_holds_itself(struct sema *s, const struct symbol *sym, const struct node *at);
const struct type_field *struct_field(const struct type *t, struct str name);
/* node is a FIELD of a value of the struct t, which has none of this name. */
void say_no_struct_field(struct scope *c, const struct node *node, const struct type *t);
/* The error for a dict where the struct t is wanted; returns the error type. */
const struct type *say_dict_for_struct(struct scope *c, struct node *dict,
				       const struct type *t);
/* Optim(lr=0.1), with sym the struct; call->ref becomes sym. */
const struct type *check_construct(struct scope *c, struct node *call,
				   struct symbol *sym);

/* type.c */
/* The type that is written, also in node->type; constraint may be NULL. */
const struct type *check_type(struct scope *c, struct node *node,
			      struct symbol **constraint);
/* A type that is parsed as an expression, such as m.Tokenizer or Dataset[csv], as a written
 * type; the node itself if it is none. */
struct node *type_of_expr(struct sema *s, struct node *node);
void check_typedef(struct sema *s, struct symbol *sym);
void check_enum(struct sema *s, struct symbol *sym);
void check_artifact(struct sema *s, struct symbol *sym);

/* expr.c: values */
/* Its type, also in node->type.  want may be NULL: what is hoped for (literals and empty
 * lists take it over); the result may still be of another type. */
const struct type *check_value(struct scope *c, struct node *node,
			       const struct type *want);
/* The same where calls of components may stand. */
const struct type *check_argument(struct scope *c, struct node *node,
				  const struct type *want);
struct result check_operand(struct scope *c, struct node *node, const struct type *want,
			    bool calls);
/* A value of type want, or an error that begins with what ("'c' of 'train'"); a note
 * shows declared if it is a place. */
void check_wanted(struct scope *c, struct node *node, const struct type *want,
		  const char *what,
		  struct span declared);
void check_fits(struct scope *c, const struct node *node, const struct type *got,
		const struct type *want, const char *what, struct span declared);
/* A bool, or an error with the fix for those who expect truthiness. */
void check_condition(struct scope *c, struct node *node, const char *what);
struct str node_text(struct scope *c, const struct node *node);
/* `n != 0` for an int n, and so on; empty where there is no such test. */
struct str truth_text(struct scope *c, const struct node *node, const struct type *t);
void hint_truth(struct scope *c, struct diag *d, const struct node *node,
		const struct type *t);
/* The value that is read of a result. */
const struct type *result_value(struct scope *c, const struct node *node,
				struct result r);
const char *type_text(struct scope *c, const struct type *t);
struct result result_of_type(const struct type *t);

/* literal.c: want as in check_value */
const struct type *check_list(struct scope *c, struct node *node,
			      const struct type *want);
const struct type *check_dict(struct scope *c, struct node *node,
			      const struct type *want);
const struct type *check_fstring(struct scope *c, struct node *node);
/* The type of what stands in a list or dict, or is given by a comprehension, whose elements
 * are hoped to be of type hope (NULL: of any): what stands in one of json becomes json. */
const struct type *item_type(struct scope *c, const struct type *t,
			     const struct type *hope);
/* [] or {}: of what type it is, its neighbour says. */
bool is_empty_literal(const struct node *node);

/* narrow.c: T? is read as T where it was tested for None.  What is known is a stack: a
 * block, an arm or the right side of `and` adds to it and widens back to the mark that
 * c->tested.n was before.
 *
 *	mark = c->tested.n;
 *	scope_narrow(c, cond, true);
 *	... what is reached if cond is True ...
 *	scope_widen(c, mark); */
/* Adds what follows for names and field paths from cond being True (holds) or False. */
void scope_narrow(struct scope *c, const struct node *cond, bool holds);
void scope_widen(struct scope *c, size_t mark);
/* The type that node of type t has here. */
const struct type *scope_narrowed(const struct scope *c, const struct node *node,
				  const struct type *t);
/* Warns where node, compared with None by EQ or NE, never is None. */
void check_none_test(struct scope *c, const struct node *node, enum op op);
/* Says that node of an optional type is no value yet, and how to test it. */
struct diag *say_optional(struct scope *c, const struct node *node, bool is_operand,
			  const char *text);

/* operator.c */
const struct type *check_unary(struct scope *c, struct node *node);
const struct type *check_binary(struct scope *c, struct node *node,
				const struct type *want);
const struct type *check_compare(struct scope *c, struct node *node);
const struct type *check_logic(struct scope *c, struct node *node);
/* One element; of a list of tasks, a task. */
struct result check_index(struct scope *c, struct node *node);
bool type_is_number(const struct type *t);

/* builtin.c */
const struct type *check_builtin(struct scope *c, struct node *call, enum builtin f,
				 struct node *receiver);

/* def.c */
void resolve_def(struct sema *s, struct symbol *sym);
void check_def(struct sema *s, struct symbol *sym);
/* Its result; call->ref becomes sym. */
const struct type *check_def_call(struct scope *c, struct node *call,
				  struct symbol *sym);

/* iterate.c: what loops go over */
/* Checks the list and makes the symbols of the targets, not yet bound; they have the
 * error type after an error. */
struct symbol **check_iteration(struct scope *c, const struct list *targets,
				struct node *list, struct symbol *loop);
void bind_items(struct scope *c, struct symbol **items, uint32_t n);
struct symbol *check_loop(struct scope *c, struct node *node);

/* collect.c */
struct result check_collect(struct scope *c, struct node *call);
/* The same in `after`, where it is the loop that counts: the name may be that of a task with
 * any outputs, or none. */
void check_collect_waited(struct scope *c, struct node *call);
/* Keeps what the body of loop bound for collect(). */
void loop_release_names(struct scope *c, const struct bounds *body);

/* comprehension.c: those over calls */
/* Does the element start tasks? */
bool starts_tasks(struct scope *c, const struct node *element);
struct result check_task_comprehension(struct scope *c, struct node *node, bool calls);
/* One that only computes.  want as in check_value. */
struct result check_comprehension(struct scope *c, struct node *node,
				  const struct type *want);
/* One of a list of tasks: `fits[i]`; false if the object is none.  r has the object. */
bool index_tasks(struct scope *c, struct node *node, struct result *r);

/* load_call.c */
/* The component that a call of load() stands for, of which the call then has the named
 * arguments; NULL after saying what is wrong. */
struct symbol *load_component(struct scope *c, struct node *call);

/* call.c */
struct result check_call(struct scope *c, struct node *call, bool calls);
/* Says that callee has no parameter of the name that arg has. */
void say_unknown_arg(struct scope *c, const struct node *arg, const struct symbol *callee);
/* Looks at all arguments of a call of which nothing is known, for the errors in them. */
void check_loose(struct scope *c, const struct node *call);

/* setting.c */
/* The settings among items (ARGs, BINDs, GROUPs), of place ('C', 'R', 'W', 'P'); seen has
 * where each was given so far. */
struct settings_seen { struct span at[SETTING_N]; };
void check_settings(struct scope *c, struct list *items, char place,
		    struct settings_seen *seen);
void check_setting(struct scope *c, struct node *item, char place,
		   struct settings_seen *seen);
/* Is it a bare word that stands for a value of the setting (`on`, `stop`)?  Also true
 * after saying that it is none of them. */
bool check_bare(struct scope *c, enum setting id, struct node *value,
		const struct type *want);
/* Puts labels = {...} in place of each `labels:` block. */
void groups_to_dicts(struct sema *s, struct list *items);
/* The name and value of an item of a block of settings; NULL if it has none. */
const struct sym *item_name(const struct node *item, struct span *at);
/* Says that a block knows no such setting; names is its own, ended by NULL. */
struct diag *say_no_setting(struct scope *c, const struct sym *name, struct span at,
			    const char *of, const char *const *names);

/* container.c */
/* The items of a component's `container:`. */
void check_container(struct sema *s, struct symbol *component, const struct list *items);
/* x.path and x.uri within them; false if node is something else. */
bool check_file_field(struct scope *c, struct node *node, struct result *out);

/* config.c */
/* The config that node names, of the pipeline, declared here or where the pipeline is;
 * NULL after an error of this code.  node->ref becomes it. */
struct symbol *check_config_name(struct scope *c, struct node *node,
				 struct symbol *pipeline, enum diag_code code);

/* environment.c, component.c, pipeline.c, branch.c, config.c */
void check_environment(struct sema *s, struct sema_file *file, const struct list *items);
void check_component(struct sema *s, struct symbol *sym);
/* Says which of the settings given to its call a trusted component cannot have. */
void check_trusted_call(struct sema *s, const struct symbol *component,
			const struct settings_seen *seen);
void check_pipeline(struct sema *s, struct symbol *sym);
/* Says which pipelines call themselves. */
void check_recursion(struct sema *s);
/* Merges what the two branches of an IF bound, or a TRY and its except. */
void check_merge(struct scope *c, struct node *node, const struct bounds *then,
		 const struct bounds *orelse);
/* The merged form of two results; false if they have nothing in common. */
bool merge_results(struct scope *c, struct result a, struct result b, struct symbol *out);
/* Finds the pipeline that a config or schedule is for: what target names. */
void config_resolve(struct sema *s, struct symbol *sym, struct node *target,
		    enum diag_code code);
/* Before check_config and after all symbols of the file are resolved. */
void config_index(struct sema *s, struct sema_file *file);
void check_config(struct sema *s, struct symbol *sym);
/* schedule.c */
void check_schedule(struct sema *s, struct symbol *sym);
/* kubernetes.c: the block of a component */
void check_kubernetes(struct scope *c, struct list *items);

/* shell.c: what shell contents show by themselves.  cached: a result may be used again. */
void check_shell(struct scope *c, const struct node *code, const struct symbol *component,
		 bool cached);

/* test.c: once all pipelines are checked */
void check_test(struct sema *s, struct sema_file *file, struct node *decl);

/* lint.c: what is never used, and what hides something else */
/* Warns if a name of a pipeline or function hides a built-in or an import. */
void lint_hides(struct scope *c, const struct symbol *sym);
void lint_files(struct sema *s);

#endif
