#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"
#include "runtime/base/limits.h"

/* The chain of declarations that wait for each other leads back to sym: is it a struct
 * that would hold itself, or a name for what does? */
static bool holds_itself(const struct sema *s, const struct symbol *sym)
{
	for (const struct symbol *one = s->resolving; one; one = one->asked_by) {
		if (symbol_is_struct(one))
			return true;
		if (one == sym)
			break;
	}
	return false;
}

bool say_holds_itself(struct sema *s, const struct symbol *sym, const struct node *at)
{
	struct buf chain = {0};
	struct symbol *links[8];
	uint32_t n = 0;
	struct diag *d;

	if (sym->state != SYMBOL_RESOLVING || !holds_itself(s, sym))
		return false;
	for (struct symbol *one = s->resolving; one; one = one->asked_by) {
		if (n < sizeof links / sizeof *links)
			links[n++] = one;
		if (one == sym)
			break;
	}
	for (uint32_t i = n; i-- > 0;) {
		buf_addz(&chain, links[i]->name->s);
		if (links[i]->field)
			buf_addf(&chain, ".%s", links[i]->field->param.name->s);
		buf_addz(&chain, " -> ");
	}
	d = diag(s->parse.diags, at->span, E0314, "a struct cannot hold itself: %s%s",
		 buf_cstr(&chain), sym->name->s);
	diag_label(d, "a tree of any depth is a json");
	for (uint32_t i = n; i-- > 0;) {
		if (links[i]->field && links[i]->field->param.type != at)
			diag_note(d, links[i]->field->span,
				  "'%s' of '%s' is declared here",
				  links[i]->field->param.name->s, links[i]->name->s);
	}
	buf_release(&chain);
	return true;
}

/* Names that the object has which Python code sees. */
static bool is_taken(const struct sym *name)
{
	return !strcmp(name->s, "to_dict") || !strncmp(name->s, "__", 2);
}

static bool check_field(struct sema *s, const struct symbol *sym,
			const struct symbol *field)
{
	if (field->type->kind == TYPE_ERROR)
		return true;
	if (is_taken(field->name))
		diag(s->parse.diags, field->span, E0416,
		     "a field cannot be called '%s': structs have that in Python",
		     field->name->s);
	if (!type_holds_artifacts(field->type))
		return true;
	diag(s->parse.diags, field->decl->param.type->span, E0312,
	     "the struct '%s' cannot hold artifacts", sym->name->s);
	return false;
}

/* What is made of it, lists of lists and the like, is not much larger. */
static void check_size(struct sema *s, struct symbol *sym)
{
	enum { PARTS = LIMIT_TYPE_PARTS - LIMIT_NESTING };

	if (sym->type->depth > LIMIT_NESTING)
		diag(s->parse.diags, sym->span, E0110,
		     "types are nested more than %d deep", LIMIT_NESTING);
	else if (sym->type->parts > PARTS)
		diag(s->parse.diags, sym->span, E0110,
		     "'%s' has more than %d fields, with those of the structs in it",
		     sym->name->s, PARTS);
	else
		return;
	sym->type = s->types->error;
}

void check_struct(struct sema *s, struct symbol *sym)
{
	struct type_field *fields;
	struct map names = {0};
	struct type *type;
	struct scope c;

	scope_init(&c, s, sym->file, PLACE_CONST);
	c.owner = sym;
	resolve_params(&c, sym, &sym->decl->struct_.fields, &names);
	scope_release(&c);
	map_release(&names);
	if (!sym->nparams && !sym->is_broken)
		diag(s->parse.diags, sym->span, E0313, "the struct '%s' has no fields",
		     sym->name->s);
	if (sym->nparams > DEF_PARAMS_MAX)
		diag(s->parse.diags, sym->span, E0110,
		     "a struct has at most %d fields, this one has %u", DEF_PARAMS_MAX,
		     sym->nparams);
	fields = ARENA_ARRAY(s->parse.arena, sym->nparams, struct type_field);
	for (uint32_t i = 0; i < sym->nparams; i++) {
		struct symbol *field = sym->params[i];

		if (!check_field(s, sym, field))
			field->type = s->types->error;
		fields[i] = (struct type_field){sym_str(field->name), field->type};
	}
	type = type_struct(s->types, sym_str(sym->name));
	type_struct_fields(s->types, type, fields, sym->nparams);
	sym->type = type;
	check_size(s, sym);
}

const struct type_field *struct_field(const struct type *t, struct str name)
{
	for (uint32_t i = 0; t->kind == TYPE_STRUCT && i < t->nmembers; i++) {
		if (str_eq(t->fields[i].name, name))
			return &t->fields[i];
	}
	return NULL;
}

void say_no_struct_field(struct scope *c, const struct node *node, const struct type *t)
{
	struct suggestion best = {.wanted = sym_str(node->field.name)};
	struct diag *d = diag(c->s->parse.diags, node->field.name_at, E0304,
			      "%s has no field '%s'", type_text(c, t),
			      node->field.name->s);

	for (uint32_t i = 0; i < t->nmembers; i++)
		suggest(&best, t->fields[i].name);
	diag_suggest(d, node->field.name_at, &best);
}

/* A construction while its arguments are looked at. */
struct construction {
	struct scope *c;
	struct node *call;
	struct symbol *sym;		/* the struct */
	const struct node **given;	/* for each field */
	bool complete;			/* as far as can be told */
};

static void say_positional(struct construction *k, const struct node *arg, uint32_t i)
{
	struct diag *d = diag(k->c->s->parse.diags, arg->span, E0404,
			      "fields of '%s' are given by name", k->sym->name->s);

	k->complete = false;
	if (i < k->sym->nparams)
		diag_fix(d, (struct span){arg->span.lo, arg->span.lo},
			 arena_printf(k->c->s->parse.arena, "%s=",
				      k->sym->params[i]->name->s),
			 "write %s=...", k->sym->params[i]->name->s);
}

static void say_unknown(struct construction *k, const struct node *arg)
{
	struct suggestion best = {.wanted = sym_str(arg->arg.name)};
	struct diag *d = diag(k->c->s->parse.diags, arg->arg.name_at, E0304,
			      "'%s' has no field '%s'", k->sym->name->s,
			      arg->arg.name->s);

	k->complete = false;
	for (uint32_t i = 0; i < k->sym->nparams; i++) {
		if (!k->given[i])
			suggest(&best, sym_str(k->sym->params[i]->name));
	}
	diag_suggest(d, arg->arg.name_at, &best);
	diag_note(d, k->sym->span, "'%s' is declared here", k->sym->name->s);
}

static struct symbol *find_field(const struct construction *k, const struct sym *name)
{
	for (uint32_t i = 0; i < k->sym->nparams; i++) {
		if (k->sym->params[i]->name == name)
			return k->sym->params[i];
	}
	return NULL;
}

static void check_arg(struct construction *k, struct node *arg, uint32_t position)
{
	struct symbol *field = arg->arg.name ? find_field(k, arg->arg.name) : NULL;
	struct arena *a = k->c->s->parse.arena;
	struct diag *d;

	if (!field) {
		check_value(k->c, arg->arg.value, k->c->s->types->error);
		if (arg->arg.name)
			say_unknown(k, arg);
		else
			say_positional(k, arg, position);
		return;
	}
	check_wanted(k->c, arg->arg.value, field->type,
		     arena_printf(a, "'%s' of '%s'", field->name->s, k->sym->name->s).p,
		     field->span);
	if (!k->given[field->index]) {
		k->given[field->index] = arg;
		return;
	}
	d = diag(k->c->s->parse.diags, arg->span, E0403, "'%s' is given twice",
		 field->name->s);
	diag_note(d, k->given[field->index]->span, "it is given here already");
}

static void check_missing(struct construction *k)
{
	for (uint32_t i = 0; i < k->sym->nparams; i++) {
		const struct symbol *field = k->sym->params[i];
		struct diag *d;

		if (k->given[i] || field->decl->param.value)
			continue;
		d = diag(k->c->s->parse.diags, k->call->span, E0402,
			 "'%s' needs its field '%s'", k->sym->name->s, field->name->s);
		diag_label(d, "write %s=...", field->name->s);
		diag_note(d, field->span, "it has no default");
	}
}

const struct type *check_construct(struct scope *c, struct node *call, struct symbol *sym)
{
	struct construction k = {c, call, sym, NULL, true};
	uint32_t i = 0;

	call->ref = sym;
	symbol_resolve(c->s, sym);
	if (sym->state != SYMBOL_DONE) {
		check_loose(c, call);
		return c->s->types->error;
	}
	k.given = ARENA_ARRAY(c->s->parse.arena, sym->nparams, const struct node *);
	list_each(arg, &call->call.args) {
		if (arg->kind == AST_ARG)
			check_arg(&k, arg, i++);
		else
			k.complete = false;
	}
	if (k.complete && !sym->is_broken)
		check_missing(&k);
	return sym->type;
}

/* The dict as a construction; empty where its keys are no names. */
static struct str as_construction(struct scope *c, const struct node *dict,
				  const struct type *t)
{
	const struct src *src = c->s->parse.src;
	struct buf b = {0};
	struct str put = {0};

	buf_addf(&b, "%.*s(", STR_ARG(t->name));
	list_each(pair, &dict->dict.pairs) {
		if (pair->kind != AST_PAIR || pair->pair.key->kind != AST_STRING ||
		    !struct_field(t, pair->pair.key->string.value))
			goto out;
		buf_addf(&b, "%s%.*s=%.*s", pair == dict->dict.pairs.first ? "" : ", ",
			 STR_ARG(pair->pair.key->string.value),
			 STR_ARG(src_text(src, pair->pair.value->span)));
	}
	buf_addc(&b, ')');
	put = arena_str(c->s->parse.arena, buf_str(&b));
out:
	buf_release(&b);
	return put;
}

const struct type *say_dict_for_struct(struct scope *c, struct node *dict,
				       const struct type *t)
{
	struct str put = as_construction(c, dict, t);
	struct diag *d = diag(c->s->parse.diags, dict->span, E0308,
			      "%.*s is wanted here, and a dict never becomes one",
			      STR_ARG(t->name));

	if (put.n && put.n < 200)
		diag_propose(d, dict->span, put, "write %.*s", STR_ARG(put));
	else
		diag_label(d, "write %.*s(%.*s=...)", STR_ARG(t->name),
			   STR_ARG(t->nmembers ? t->fields[0].name : STR("")));
	return c->s->types->error;
}

bool symbol_is_struct(const struct symbol *sym)
{
	return sym->kind == SYMBOL_TYPE && sym->decl->kind == AST_STRUCT;
}
