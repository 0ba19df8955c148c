#include <config.h>

#include "compiler/tool/reference.h"

#include "compiler/front/write.h"

struct reader {
	const struct src_file *file;
	struct arena *a;
	struct buf scratch;
};

/* A text in one line, with one space for each break. */
static struct str one_line(struct reader *r, struct str text)
{
	char *p = arena_alloc(r->a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\n')
			p[n++] = text.p[i];
		else if (n && p[n - 1] != ' ')
			p[n++] = ' ';
	}
	p[n] = '\0';
	return (struct str){p, n};
}

static struct str type_text(struct reader *r, const struct node *n)
{
	if (!n)
		return STR("");
	buf_clear(&r->scratch);
	write_type(r->file, n, &r->scratch);
	return one_line(r, buf_str(&r->scratch));
}

static struct str expr_text(struct reader *r, const struct node *n)
{
	if (!n)
		return STR("");
	buf_clear(&r->scratch);
	write_expr(r->file, n, &r->scratch);
	return one_line(r, buf_str(&r->scratch));
}

static struct str name_text(const struct sym *name)
{
	return name ? sym_str(name) : STR("");
}

static bool read_row(struct reader *r, const struct node *n, struct reference_row *row)
{
	switch (n->kind) {
	case AST_PARAM:
		*row = (struct reference_row){
			name_text(n->param.name), type_text(r, n->param.type),
			expr_text(r, n->param.value), expr_text(r, n->param.where),
			n->param.doc};
		return true;
	case AST_OUTPUT:
		*row = (struct reference_row){
			n->output.unnamed ? STR("") : name_text(n->output.name),
			type_text(r, n->output.type), STR(""),
			expr_text(r, n->output.where), n->output.doc};
		return true;
	case AST_MEMBER:
		*row = (struct reference_row){name_text(n->member.name), STR(""),
					      expr_text(r, n->member.wire), STR(""),
					      n->member.doc};
		return true;
	case AST_BIND:
		*row = (struct reference_row){expr_text(r, n->bind.target),
					      type_text(r, n->bind.type),
					      expr_text(r, n->bind.value), STR(""),
					      n->bind.doc};
		return true;
	default:
		return false;
	}
}

static struct reference_group read_group(struct reader *r, const char *title,
					 const struct list *items)
{
	struct reference_group g = {
		.title = title,
		.rows = ARENA_ARRAY(r->a, items->n, struct reference_row),
	};

	list_each(n, items) {
		g.has_defaults |= n->kind == AST_PARAM;
		g.nrows += read_row(r, n, &g.rows[g.nrows]);
	}
	return g;
}

void reference_add_row(const struct reference_row *row, struct buf *out)
{
	buf_add(out, row->name);
	buf_addz(out, row->name.n && row->type.n ? ": " : "");
	buf_add(out, row->type);
	buf_addz(out, row->value.n ? " = " : "");
	buf_add(out, row->value);
	buf_addz(out, row->where.n ? " where " : "");
	buf_add(out, row->where);
}

static void add_rows(const struct reference_group *g, struct buf *out)
{
	for (uint32_t i = 0; i < g->nrows; i++) {
		buf_addz(out, i ? ", " : "");
		reference_add_row(&g->rows[i], out);
	}
}

/* name(parameters) -> outputs */
static struct str signature(struct reader *r, const struct reference_entry *e)
{
	const struct reference_group *outs = &e->groups[1];
	bool named = outs->nrows && outs->rows[0].name.n;

	buf_clear(&r->scratch);
	buf_add(&r->scratch, e->name);
	buf_addc(&r->scratch, '(');
	add_rows(&e->groups[0], &r->scratch);
	buf_addc(&r->scratch, ')');
	if (outs->nrows)
		buf_addz(&r->scratch, named ? " -> (" : " -> ");
	add_rows(outs, &r->scratch);
	if (named)
		buf_addc(&r->scratch, ')');
	return arena_str(r->a, buf_str(&r->scratch));
}

static void read_callable(struct reader *r, struct reference_entry *e,
			  const struct list *params, const struct list *outputs)
{
	e->groups[0] = read_group(r, "parameters", params);
	e->groups[1] = read_group(r, "outputs", outputs);
	e->signature = signature(r, e);
}

static void read_def(struct reader *r, struct reference_entry *e, const struct node *n)
{
	struct reference_row *result = ARENA_NEW(r->a, struct reference_row);

	result->type = type_text(r, n->def.result);
	e->groups[0] = read_group(r, "parameters", &n->def.params);
	e->groups[1] = (struct reference_group){
		.title = "result", .rows = result, .nrows = 1};
	e->signature = signature(r, e);
}

static struct str joined(struct reader *r, struct str a, const char *between,
			 struct str b)
{
	return b.n ? arena_printf(r->a, "%.*s%s%.*s", STR_ARG(a), between, STR_ARG(b))
		   : a;
}

static void read_typedef(struct reader *r, struct reference_entry *e,
			 const struct node *n)
{
	e->signature = joined(r, e->name, " = ", type_text(r, n->typedef_.type));
	e->signature =
		joined(r, e->signature, " where ", expr_text(r, n->typedef_.where));
}

static void read_const(struct reader *r, struct reference_entry *e, const struct node *n)
{
	e->signature = joined(r, e->name, ": ", type_text(r, n->const_.type));
	e->signature = joined(r, e->signature, " = ", expr_text(r, n->const_.value));
}

/* Its name and doc comment; false for what has no entry in the reference. */
static bool read_head(const struct node *n, const struct node **name, struct str *doc)
{
	switch (n->kind) {
#define HEAD(ID, member) \
	case AST_##ID: \
		*name = n->member.name; \
		*doc = n->member.doc; \
		return true
	HEAD(PIPELINE, pipeline);
	HEAD(COMPONENT, component);
	HEAD(DEF, def);
	HEAD(STRUCT, struct_);
	HEAD(ENUM, enum_);
	HEAD(TYPEDEF, typedef_);
	HEAD(ARTIFACT, artifact);
	HEAD(CONST, const_);
	HEAD(ENVIRONMENT, environment);
	HEAD(CONFIG, config);
	HEAD(SCHEDULE, schedule);
#undef HEAD
	default:
		return false;
	}
}

static void read_parts(struct reader *r, struct reference_entry *e, const struct node *n)
{
	switch (n->kind) {
	case AST_PIPELINE:
		read_callable(r, e, &n->pipeline.params, &n->pipeline.outputs);
		break;
	case AST_COMPONENT:
		read_callable(r, e, &n->component.params, &n->component.outputs);
		break;
	case AST_DEF:
		read_def(r, e, n);
		break;
	case AST_STRUCT:
		e->groups[0] = read_group(r, "fields", &n->struct_.fields);
		break;
	case AST_ENUM:
		e->groups[0] = read_group(r, "members", &n->enum_.members);
		break;
	case AST_TYPEDEF:
		read_typedef(r, e, n);
		break;
	case AST_ARTIFACT:
		if (n->artifact.base)
			e->signature = arena_printf(
				r->a, "%.*s(%.*s)", STR_ARG(e->name),
				STR_ARG(expr_text(r, n->artifact.base)));
		break;
	case AST_CONST:
		read_const(r, e, n);
		break;
	case AST_ENVIRONMENT:
		e->groups[0] = read_group(r, "settings", &n->environment.items);
		break;
	case AST_CONFIG:
		e->signature =
			joined(r, e->name, " for ", expr_text(r, n->config.target));
		e->groups[0] = read_group(r, "values", &n->config.items);
		break;
	case AST_SCHEDULE:
		e->signature =
			joined(r, e->name, " for ", expr_text(r, n->schedule.target));
		e->groups[0] = read_group(r, "settings", &n->schedule.items);
		break;
	default:
		break;
	}
}

static bool read_entry(struct reader *r, const struct node *n, struct reference_entry *e)
{
	const struct node *name = NULL;
	struct str doc;

	if (!read_head(n, &name, &doc) || !name || name->kind != AST_NAME)
		return false;
	*e = (struct reference_entry){
		.decl = n, .name = name_text(name->name.name), .doc = doc};
	if (str_has_prefix(e->name, STR("_")))
		return false;
	e->signature = e->name;
	read_parts(r, e, n);
	return true;
}

void reference_read(struct reference *ref, struct str name, const struct src_file *file,
		    const struct node *tree, struct arena *a)
{
	struct reader r = {.file = file, .a = a};

	*ref = (struct reference){
		.name = arena_str(a, name), .doc = tree->file.doc,
		.entries = ARENA_ARRAY(a, tree->file.items.n, struct reference_entry)};
	list_each(n, &tree->file.items)
		ref->nentries += read_entry(&r, n, &ref->entries[ref->nentries]);
	buf_release(&r.scratch);
}

bool reference_read_entry(struct reference_entry *e, const struct src_file *file,
			  const struct node *decl, struct arena *a)
{
	struct reader r = {.file = file, .a = a};
	bool found = read_entry(&r, decl, e);

	buf_release(&r.scratch);
	return found;
}

const struct reference_entry *reference_find(const struct reference *r, struct str name)
{
	for (uint32_t i = 0; i < r->nentries; i++)
		if (str_eq(r->entries[i].name, name))
			return &r->entries[i];
	return NULL;
}
