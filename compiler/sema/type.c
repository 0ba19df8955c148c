#include <config.h>

#include "compiler/sema/check.h"

/* Format tags that are in use; others may be typing errors. */
static const char *const TAGS[] = {
	"arrow", "avro", "bin", "bmp", "bz2", "ckpt", "csv", "dill", "feather", "flac",
	"gguf", "gif",
	"gz", "h5", "hdf5", "html", "ipynb", "jpeg", "jpg", "joblib", "json", "jsonl",
	"keras",
	"lgb", "lmdb", "log", "md", "mlmodel", "mp3", "mp4", "msgpack", "ndjson",
	"netcdf",
	"npy", "npz", "onnx", "orc", "parquet", "pb", "pdf", "pickle", "pkl", "pmml",
	"png",
	"proto", "pt", "pth", "ptl", "py", "rds", "safetensors", "savedmodel", "sqlite",
	"svg",
	"tar", "tfjs", "tflite", "tfrecord", "tiff", "toml", "torchscript", "tsv", "txt",
	"ubj",
	"wav", "webp", "xlsx", "xml", "yaml", "yml", "zarr", "zip", "zst",
};

static void check_tag(struct scope *c, const struct node *node, const struct sym *tag)
{
	struct suggestion best = {.wanted = sym_str(tag)};
	struct diag *d;

	for (size_t i = 0; i < sizeof TAGS / sizeof *TAGS; i++) {
		if (!strcmp(TAGS[i], tag->s))
			return;
		suggest(&best, str_of(TAGS[i]));
	}
	d = diag(c->s->parse.diags, node->span, W0306,
		 "the format '%s' is not a known one",
		 tag->s);
	diag_suggest(d, node->span, &best);
}

static const struct type *artifact_tagged(struct scope *c, struct node *node,
					  const struct type *artifact)
{
	struct node *arg = node->type_name.args.first;
	const struct sym *tag;

	if (!arg)
		return artifact;
	if (arg->next || arg->kind != AST_TYPE_NAME || arg->type_name.path.n != 1 ||
	    arg->type_name.args.n || arg->type_name.path.first->kind != AST_NAME) {
		diag(c->s->parse.diags, arg->span, E0312,
		     "an artifact type takes one format tag, such as %s[csv]",
		     type_text(c, artifact));
		return c->s->types->error;
	}
	tag = arg->type_name.path.first->name.name;
	for (const char *p = tag->s; *p; p++) {
		if (*p >= 'A' && *p <= 'Z') {
			diag(c->s->parse.diags, arg->span, E0312,
			     "format tags are written in lower case");
			return c->s->types->error;
		}
	}
	check_tag(c, arg, tag);
	return type_tagged(c->s->types, artifact, sym_str(tag));
}

/* The type of what is in a list or dict.  Its constraint, if it has one, becomes one on
 * all elements. */
static const struct type *check_elem(struct scope *c, struct node *node,
				     struct symbol **constraint)
{
	struct symbol *own = NULL;
	const struct type *t = check_type(c, node, &own);

	if (own && constraint) {
		*constraint = symbol_new(c->s, SYMBOL_TYPE, NULL, node->span);
		(*constraint)->elements = own;
	}
	if (t->kind == TYPE_METRIC || t->kind == TYPE_SERIES) {
		diag(c->s->parse.diags, node->span, E0312,
		     "a %s cannot be in a list or dict",
		     type_text(c, t));
		return c->s->types->error;
	}
	return t;
}

static const struct type *check_list_type(struct scope *c, struct node *node,
					  struct symbol **constraint)
{
	struct node *arg = node->type_name.args.first;
	const struct type *elem;

	if (!arg || arg->next) {
		diag(c->s->parse.diags, node->span, E0312,
		     "a list type names what is in it, such as list[int]");
		return c->s->types->error;
	}
	elem = check_elem(c, arg, constraint);
	if (elem->kind == TYPE_ERROR)
		return elem;
	if (type_holds_artifacts(elem) && !type_is_artifact(elem)) {
		diag(c->s->parse.diags, node->span, E0312,
		     elem->kind == TYPE_LIST ? "lists of artifacts cannot be in lists"
					     : "a list of artifacts has no gaps");
		return c->s->types->error;
	}
	return type_list(c->s->types, elem);
}

static const struct type *check_dict_type(struct scope *c, struct node *node,
					  struct symbol **constraint)
{
	struct node *key = node->type_name.args.first;
	const struct type *elem;

	if (!key || !key->next || key->next->next ||
	    check_type(c, key, NULL)->kind != TYPE_STR) {
		diag(c->s->parse.diags, node->span, E0312,
		     "a dict has str keys and names its values, such as dict[str, int]");
		return c->s->types->error;
	}
	elem = check_elem(c, key->next, constraint);
	if (elem->kind == TYPE_ERROR)
		return elem;
	if (type_holds_artifacts(elem)) {
		diag(c->s->parse.diags, node->span, E0312,
		     "a dict cannot hold artifacts");
		return c->s->types->error;
	}
	return type_dict(c->s->types, elem);
}

static const struct type *no_args(struct scope *c, struct node *node,
				  const struct type *t)
{
	struct node *arg = node->type_name.args.first;

	if (t->kind == TYPE_ARTIFACT)
		return artifact_tagged(c, node, t);
	if (arg && t->kind != TYPE_ERROR) {
		diag(c->s->parse.diags, arg->span, E0312,
		     "'%s' takes nothing in brackets",
		     type_text(c, t));
		return c->s->types->error;
	}
	return t;
}

/* The type that a symbol stands for. */
static const struct type *symbol_type(struct scope *c, struct node *node,
				      struct symbol *sym,
				      struct symbol **constraint)
{
	struct diag *d;

	if (sym->kind == SYMBOL_ERROR)
		return c->s->types->error;
	if (sym->kind == SYMBOL_TYPE && say_holds_itself(c->s, sym, node))
		return c->s->types->error;
	if (sym->kind == SYMBOL_TYPE) {
		symbol_resolve(c->s, sym);
		if (constraint && sym->decl->kind == AST_TYPEDEF)
			*constraint = sym;
		return no_args(c, node, sym->type);
	}
	d = diag(c->s->parse.diags, node->span, E0303, "'%s' is %s, not a type",
		 sym->name->s,
		 symbol_kind_name(sym));
	diag_note(d, sym->span, "'%s' is declared here", sym->name->s);
	return c->s->types->error;
}

/* What the path names; NULL if it is not declared, or after an error was said. */
static struct symbol *path_symbol(struct scope *c, struct node *node, bool *said)
{
	struct node *first = node->type_name.path.first;
	struct symbol *sym = scope_find(c, first->name.name);

	for (struct node *n = first->next; sym && n; n = n->next) {
		if (sym->kind == SYMBOL_ERROR)
			return sym;
		if (sym->kind != SYMBOL_MODULE) {
			diag(c->s->parse.diags, first->span, E0303,
			     "'%s' is %s, not an imported module", first->name.name->s,
			     symbol_kind_name(sym));
			*said = true;
			return NULL;
		}
		sym = module_member(c, sym, n->name.name, n->span);
		*said = !sym;
	}
	return sym;
}

static const struct type *check_named(struct scope *c, struct node *node,
				      struct symbol **constraint)
{
	struct node *first = node->type_name.path.first;
	struct str name;
	const struct type *t;
	struct symbol *sym;
	bool said = false;

	list_each(part, &node->type_name.path) {
		if (part->kind != AST_NAME)
			return c->s->types->error;
	}
	sym = path_symbol(c, node, &said);
	if (sym)
		return symbol_type(c, node, sym, constraint);
	if (said)
		return c->s->types->error;
	name = sym_str(first->name.name);
	if (str_is(name, "list") && !first->next)
		return check_list_type(c, node, constraint);
	if (str_is(name, "dict") && !first->next)
		return check_dict_type(c, node, constraint);
	t = type_builtin(c->s->types, name);
	if (t && !first->next)
		return no_args(c, node, t);
	scope_unknown(c, first, first->next ? "module" : "type");
	return c->s->types->error;
}

static const struct type *check_optional(struct scope *c, struct node *node,
					 struct symbol **constraint)
{
	const struct type *elem = check_type(c, node->type_opt.elem, constraint);

	if (type_holds_artifacts(elem) && elem->kind == TYPE_LIST) {
		diag(c->s->parse.diags, node->span, E0312,
		     "a list of artifacts cannot be optional: it may be empty");
		return c->s->types->error;
	}
	if (elem->kind == TYPE_METRIC || elem->kind == TYPE_SERIES) {
		diag(c->s->parse.diags, node->span, E0312, "a %s cannot be optional",
		     type_text(c, elem));
		return c->s->types->error;
	}
	return elem->kind == TYPE_ERROR ? elem : type_opt(c->s->types, elem);
}

const struct type *check_type(struct scope *c, struct node *node,
			      struct symbol **constraint)
{
	const struct type *t = c->s->types->error;

	if (!node)
		return t;
	if (++c->depth > CHECK_DEPTH)
		diag(c->s->parse.diags, node->span, E0110, "types are nested too deeply");
	else if (node->kind == AST_TYPE_OPT)
		t = check_optional(c, node, constraint);
	else if (node->kind == AST_TYPE_NAME && node->type_name.path.n)
		t = check_named(c, node, constraint);
	c->depth--;
	node->type = t;
	return t;
}

void check_enum(struct sema *s, struct symbol *sym)
{
	struct list *members = &sym->decl->enum_.members;
	struct type_member *m = ARENA_ARRAY(s->parse.arena, members->n,
					    struct type_member);
	struct map names = {0}, wires = {0};
	struct node *old;
	uint32_t n = 0;

	list_each(member, members) {
		if (member->kind != AST_MEMBER)
			continue;
		struct node *wire = member->member.wire;
		struct type_member *at = &m[n];

		at->name = at->wire = sym_str(member->member.name);
		if (wire && wire->kind == AST_STRING)
			at->wire = wire->string.value;
		old = map_set(&names, at->name, member);
		if (!old)
			old = map_set(&wires, at->wire, member);
		if (!old) {
			n++;
			continue;
		}
		struct diag *d = diag(s->parse.diags, member->span, E0302,
				      "'%s' has the member '%s' twice", sym->name->s,
				      member->member.name->s);

		diag_note(d, old->span,
			  "it is there already, by its name or as what it stands for");
	}
	if (!members->n)
		diag(s->parse.diags, sym->span, E0313, "the enum '%s' has no members",
		     sym->name->s);
	map_release(&names);
	map_release(&wires);
	sym->type = type_enum(s->types, sym_str(sym->name), m, n);
}

/* m.Tokenizer as a written type: bases are parsed as expressions. */
static struct node *path_type(struct sema *s, struct node *base)
{
	struct node *type, *part;
	struct list path = {0};

	if (base->kind != AST_NAME && base->kind != AST_FIELD)
		return base;
	type = node_new(s->parse.arena, AST_TYPE_NAME, base->span);
	for (; base->kind == AST_FIELD; base = base->field.object) {
		part = node_new(s->parse.arena, AST_NAME, base->field.name_at);
		part->name.name = base->field.name;
		part->next = path.first;
		path.first = part;
		path.n++;
	}
	if (base->kind != AST_NAME)
		return base;
	part = node_new(s->parse.arena, AST_NAME, base->span);
	part->name.name = base->name.name;
	part->next = path.first;
	path.first = part;
	path.n++;
	for (path.last = part; path.last->next; )
		path.last = path.last->next;
	type->type_name.path = path;
	return type;
}

struct node *type_of_expr(struct sema *s, struct node *node)
{
	struct node *type, *tag;

	if (node->kind != AST_INDEX)
		return path_type(s, node);
	type = path_type(s, node->index.object);
	tag = path_type(s, node->index.index);
	if (type->kind != AST_TYPE_NAME || tag->kind != AST_TYPE_NAME)
		return node;
	type->span = node->span;
	list_add(&type->type_name.args, tag);
	return type;
}

void check_artifact(struct sema *s, struct symbol *sym)
{
	struct node *base = sym->decl->artifact.base;
	const struct type *t = s->types->artifact;
	struct scope c;

	scope_init(&c, s, sym->file, PLACE_CONST);
	if (base)
		t = check_type(&c, path_type(s, base), NULL);
	scope_release(&c);
	if (t->kind != TYPE_ARTIFACT && t->kind != TYPE_ERROR) {
		diag(s->parse.diags, base->span, E0313,
		     "'%s' can only extend an artifact type", sym->name->s);
		t = s->types->error;
	}
	if (t->kind == TYPE_ARTIFACT && t->tag.n) {
		diag(s->parse.diags, base->span, E0313,
		     "'%s' extends a type, not one format of it", sym->name->s);
		t = s->types->error;
	}
	if (t->kind != TYPE_ERROR)
		sym->type = type_artifact(s->types, sym_str(sym->name), t);
}

void check_typedef(struct sema *s, struct symbol *sym)
{
	struct node *decl = sym->decl;
	struct scope c;

	scope_init(&c, s, sym->file, PLACE_WHERE);
	sym->type = check_type(&c, decl->typedef_.type, &sym->constraint);
	if (decl->typedef_.where) {
		struct symbol *value = symbol_new(s, SYMBOL_VALUE,
						  sym_intern(s->parse.syms, STR("value")),
						  decl->typedef_.where->span);

		value->type = type_strip(sym->type);
		scope_bind(&c, value);
		check_condition(&c, decl->typedef_.where, "a constraint");
	}
	scope_release(&c);
}
