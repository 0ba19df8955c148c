#include <config.h>

#include "compiler/front/build.h"

struct node *build_import(struct parser *p, struct span at, struct list path,
			  struct node *file, struct node *alias)
{
	struct node *n = build_node(p, AST_IMPORT, at);

	n->import_.path = path;
	n->import_.file = file;
	n->import_.alias = alias;
	if (file && !alias) {
		struct diag *d = diag(p->ctx->diags, file->span, E0208,
				      "a file is imported under a name");

		diag_propose(d, (struct span){file->span.hi, file->span.hi},
			     STR(" as name"), "add 'as' and a name");
	}
	return build_seal(p, n);
}

struct node *build_from(struct parser *p, struct span at, struct list path,
			struct node *file, struct list names)
{
	struct node *n = build_node(p, AST_FROM, at);

	n->from.path = path;
	n->from.file = file;
	n->from.names = names;
	return build_seal(p, n);
}

struct node *build_import_name(struct parser *p, struct span at, const struct sym *name,
			       struct node *alias)
{
	struct node *n = build_node(p, AST_IMPORT_NAME, at);

	n->import_name.name = name;
	n->import_name.alias = alias;
	return build_seal(p, n);
}

struct node *build_enum(struct parser *p, struct span at, struct node *name,
			struct list members)
{
	struct node *n = build_node(p, AST_ENUM, at);

	n->enum_.doc = docs_take(p, at.lo);
	n->enum_.name = name;
	n->enum_.members = members;
	return build_seal(p, n);
}

struct node *build_member(struct parser *p, struct span at, const struct sym *name,
			  struct node *wire)
{
	struct node *n = build_node(p, AST_MEMBER, at);

	n->member.doc = docs_take(p, at.lo);
	n->member.name = name;
	n->member.wire = wire;
	return build_seal(p, n);
}

struct node *build_struct(struct parser *p, struct span at, struct node *name,
			  struct list fields)
{
	struct node *n = build_node(p, AST_STRUCT, at);

	n->struct_.doc = docs_take(p, at.lo);
	n->struct_.name = name;
	n->struct_.fields = fields;
	return build_seal(p, n);
}

struct node *build_typedef(struct parser *p, struct span at, struct node *name,
			   struct node *type, struct node *where)
{
	struct node *n = build_node(p, AST_TYPEDEF, at);

	n->typedef_.doc = docs_take(p, at.lo);
	n->typedef_.name = name;
	n->typedef_.type = type;
	n->typedef_.where = where;
	return build_seal(p, n);
}

struct node *build_artifact(struct parser *p, struct span at, struct node *name,
			    struct node *base)
{
	struct node *n = build_node(p, AST_ARTIFACT, at);

	n->artifact.doc = docs_take(p, at.lo);
	n->artifact.name = name;
	n->artifact.base = base;
	return build_seal(p, n);
}

struct node *build_const(struct parser *p, struct span at, struct node *name,
			 struct node *type, struct node *value)
{
	struct node *n = build_node(p, AST_CONST, at);

	n->const_.doc = docs_take(p, at.lo);
	n->const_.name = name;
	n->const_.type = type;
	n->const_.value = value;
	return build_seal(p, n);
}

struct node *build_block(struct parser *p, enum node_tag kind, struct span at,
			 struct node *name, struct list items)
{
	struct node *n = build_node(p, kind, at);
	struct str doc = docs_take(p, at.lo);

	if (kind == AST_ENVIRONMENT) {
		n->environment.doc = doc;
		n->environment.name = name;
		n->environment.items = items;
	} else {
		n->test.doc = doc;
		n->test.name = name;
		n->test.items = items;
	}
	return build_seal(p, n);
}

struct node *build_component(struct parser *p, enum node_tag kind, struct span at,
			     struct signature s, struct list items)
{
	struct node *n = build_node(p, kind, at);
	struct str doc = docs_take(p, at.lo);

	if (kind == AST_COMPONENT) {
		n->component.doc = doc;
		n->component.name = s.name;
		n->component.params = s.params;
		n->component.outputs = s.outputs;
		n->component.items = items;
	} else {
		n->pipeline.doc = doc;
		n->pipeline.name = s.name;
		n->pipeline.params = s.params;
		n->pipeline.outputs = s.outputs;
		n->pipeline.items = items;
	}
	return build_seal(p, n);
}

struct node *build_def(struct parser *p, struct span at, struct signature s,
		       struct node *result, struct list items)
{
	struct node *n = build_node(p, AST_DEF, at);

	n->def.doc = docs_take(p, at.lo);
	n->def.name = s.name;
	n->def.params = s.params;
	n->def.result = result;
	n->def.items = items;
	return build_seal(p, n);
}

struct node *build_broken(struct parser *p, enum node_tag kind, struct span at,
			  struct node *name, struct list items)
{
	struct span behind = {name->span.hi, name->span.hi};
	struct signature s = {.name = name, .params = build_errors(p, behind)};

	if (kind == AST_DEF)
		return build_def(p, at, s, build_error(p, behind), items);
	s.outputs = build_errors(p, behind);
	return build_component(p, kind, at, s, items);
}

struct node *build_config(struct parser *p, struct span at, struct node *name,
			  struct node *base, struct node *target, struct list items)
{
	struct node *n = build_node(p, AST_CONFIG, at);

	n->config.doc = docs_take(p, at.lo);
	n->config.name = name;
	n->config.base = base;
	n->config.target = target;
	n->config.items = items;
	return build_seal(p, n);
}

struct node *build_schedule(struct parser *p, struct span at, struct node *name,
			    struct node *target, struct list items)
{
	struct node *n = build_node(p, AST_SCHEDULE, at);

	n->schedule.doc = docs_take(p, at.lo);
	n->schedule.name = name;
	n->schedule.target = target;
	n->schedule.items = items;
	return build_seal(p, n);
}

static void say_typeless(struct parser *p, struct span at, const char *what,
			 const struct sym *name)
{
	struct diag *d = diag(p->ctx->diags, at, E0205, "%s '%.*s' needs a type", what,
			      STR_ARG(sym_str(name)));

	diag_propose(d, (struct span){at.hi, at.hi}, STR(": str"),
		     "write its type after ':'");
}

struct node *build_param(struct parser *p, struct span at, const struct sym *name,
			 struct span name_at, struct declared d)
{
	struct node *n = build_node(p, AST_PARAM, at);

	if (!d.type) {
		say_typeless(p, name_at, "parameter", name);
		d.type = build_error(p, (struct span){name_at.hi, name_at.hi});
	}
	n->param.doc = docs_take(p, at.lo);
	n->param.name = name;
	n->param.name_at = name_at;
	n->param.type = d.type;
	n->param.value = d.value;
	n->param.where = d.where;
	return build_seal(p, n);
}

struct node *build_output(struct parser *p, struct span at, const struct sym *name,
			  struct span name_at, struct node *type, struct node *where)
{
	struct node *n = build_node(p, AST_OUTPUT, at);

	if (!type) {
		say_typeless(p, name_at, "output", name);
		type = build_error(p, (struct span){name_at.hi, name_at.hi});
	}
	n->output.doc = docs_take(p, at.lo);
	n->output.name = name;
	n->output.name_at = name_at;
	n->output.type = type;
	n->output.where = where;
	return build_seal(p, n);
}

struct node *build_single_output(struct parser *p, struct span at, struct node *type,
				 struct node *where)
{
	struct node *n = build_output(p, at, sym_intern(p->ctx->syms, STR("output")),
				      type->span, type, where);

	if (n->kind == AST_OUTPUT)
		n->output.unnamed = true;
	return n;
}

struct node *build_type(struct parser *p, struct span at, struct list path,
			struct list args)
{
	struct node *n = build_node(p, AST_TYPE_NAME, at);

	n->type_name.path = path;
	n->type_name.args = args;
	return build_seal(p, n);
}

struct node *build_optional(struct parser *p, struct span at, struct node *elem)
{
	struct node *n = build_node(p, AST_TYPE_OPT, at);

	n->type_opt.elem = elem;
	return build_seal(p, n);
}

/* Python's `T | None`, which is `T?` here; other unions do not exist. */
struct node *build_union(struct parser *p, struct span at, struct node *left,
			 struct node *right)
{
	struct span bar = {left->span.hi, right->span.hi};
	struct diag *d;

	if (right->kind != AST_NONE) {
		diag(p->ctx->diags, bar, E0210, "there are no union types");
		return build_error(p, at);
	}
	d = diag(p->ctx->diags, bar, E0113,
		 "a type that may be None is written with '?'");
	diag_fix(d, bar, STR("?"), "write '?'");
	return build_optional(p, at, left);
}

void build_say_params(struct parser *p, struct span at)
{
	struct diag *d = diag(p->ctx->diags, at, E0201, "expected '(' and parameters");

	diag_fix(d, at, STR("()"), "without parameters, write '()'");
}

void build_say_result(struct parser *p, struct span at)
{
	diag(p->ctx->diags, at, E0205, "a 'def' names the type that it returns: '-> T'");
}
