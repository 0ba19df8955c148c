#include <config.h>

#include "compiler/front/write_int.h"

/* Of a parameter or output: what follows its type or default value. */
static void put_where(struct writer *w, const struct node *where, unsigned tail)
{
	if (where) {
		putz(w, " where ");
		put_fit(w, where, tail);
	}
}

static unsigned where_width(struct writer *w, const struct node *where)
{
	return where && !w->flat ? 7 + flat_width(w, put_expr, where) : 0;
}

static void put_param(struct writer *w, const struct node *n)
{
	unsigned tail = w->tail;

	put_sym(w, n->param.name);
	putz(w, ": ");
	put_type(w, n->param.type);
	if (n->param.value) {
		putz(w, " = ");
		put_fit(w, n->param.value, tail + where_width(w, n->param.where));
	}
	put_where(w, n->param.where, tail);
}

static void put_output(struct writer *w, const struct node *n)
{
	unsigned tail = w->tail;

	if (!n->output.unnamed) {
		put_sym(w, n->output.name);
		putz(w, ": ");
	}
	put_type(w, n->output.type);
	put_where(w, n->output.where, tail);
}

static void put_member(struct writer *w, const struct node *n)
{
	put_sym(w, n->member.name);
	if (n->member.wire) {
		putz(w, " = ");
		put_expr(w, n->member.wire);
	}
}

/* Signatures: name(parameters) -> (outputs) or -> type. */
struct signature_text {
	const struct node *name, *result;
	const struct list *params, *outputs;	/* outputs NULL: a result */
	bool named;				/* outputs, in brackets */
	uint32_t params_end, end;		/* closing bracket; the end of all */
};

static struct signature_text signature(const struct writer *w, const struct node *name,
				       const struct list *params)
{
	uint32_t open = token_after(w, name->span.hi);

	return (struct signature_text){
		.name = name, .params = params,
		.params_end = params->n ? token_after_comma(w, params->last->span.hi)
					: token_after(w, open + 1),
	};
}

static void set_outputs(const struct writer *w, struct signature_text *s,
			const struct list *outputs)
{
	s->outputs = outputs;
	s->named = outputs->n && !outputs->first->output.unnamed;
	s->end = !outputs->n ? s->params_end
		 : s->named  ? token_after_comma(w, outputs->last->span.hi)
			     : outputs->last->span.hi;
}

static void put_results(struct writer *w, const struct signature_text *s)
{
	if (s->result) {
		putz(w, " -> ");
		put_type(w, s->result);
	} else if (s->outputs->n) {
		putz(w, s->named ? " -> (" : " -> ");
		put_list(w, s->outputs, put_output);
		putz(w, s->named ? ")" : "");
	}
}

static void put_outputs_lines(struct writer *w, const struct signature_text *s)
{
	putz(w, " -> ");
	put_brackets(w,
		     &(struct brackets){"(", ")", s->outputs, put_output, s->end, true});
}

/* Several outputs, or one with a comment, are broken over lines before the parameters
 * are. */
static bool put_params_flat(struct writer *w, const struct signature_text *s)
{
	struct mark m;
	bool all = !comment_waits(w, s->end);

	if (comment_waits(w, s->params_end))
		return false;
	m = flat_begin(w, 1);
	putz(w, "(");
	put_list(w, s->params, put_param);
	putz(w, ")");
	if (all)
		put_results(w, s);
	if (flat_end(w, m) && all)
		return true;
	mark_return(w, m);
	if (!s->named || (all && s->outputs->n < 2))
		return false;
	m = flat_begin(w, 5);
	putz(w, "(");
	put_list(w, s->params, put_param);
	putz(w, ")");
	if (!flat_end(w, m))
		return false;
	put_outputs_lines(w, s);
	return true;
}

static void put_signature(struct writer *w, const struct signature_text *s)
{
	struct mark m;

	put_expr(w, s->name);
	if (put_params_flat(w, s))
		return;
	put_brackets(w, &(struct brackets){"(", ")", s->params, put_param, s->params_end,
					   true});
	if (s->named && comment_waits(w, s->end)) {
		put_outputs_lines(w, s);
		return;
	}
	m = flat_begin(w, 1);
	put_results(w, s);
	if (flat_end(w, m))
		return;
	if (s->named) {
		put_outputs_lines(w, s);
	} else {
		w->tail = 1;
		put_results(w, s);
	}
}

static void write_component(struct writer *w, const struct node *n)
{
	bool is_component = n->kind == AST_COMPONENT;
	struct signature_text s =
		signature(w, is_component ? n->component.name : n->pipeline.name,
			  is_component ? &n->component.params : &n->pipeline.params);

	set_outputs(w, &s, is_component ? &n->component.outputs : &n->pipeline.outputs);
	line_begin(w);
	putz(w, is_component ? "component " : "pipeline ");
	put_signature(w, &s);
	putz(w, ":");
	write_block(w, n->span.lo, s.end,
		    is_component ? &n->component.items : &n->pipeline.items,
		    is_component ? BLOCK_SETTINGS : BLOCK_STATEMENTS);
}

static void write_def(struct writer *w, const struct node *n)
{
	struct signature_text s = signature(w, n->def.name, &n->def.params);

	s.result = n->def.result;
	s.end = s.result->span.hi;
	line_begin(w);
	putz(w, "def ");
	put_signature(w, &s);
	putz(w, ":");
	write_block(w, n->span.lo, s.end, &n->def.items, BLOCK_STATEMENTS);
}

/* Other headers: word name */
static void write_header(struct writer *w, const char *word, const struct node *name)
{
	line_begin(w);
	putz(w, word);
	putz(w, " ");
	put_expr(w, name);
}

static void put_base(struct writer *w, const struct node *base)
{
	if (base) {
		putz(w, "(");
		put_expr(w, base);
		putz(w, ")");
	}
}

static void put_enum(struct writer *w, const struct node *n)
{
	putz(w, "enum ");
	put_expr(w, n->enum_.name);
	putz(w, ": ");
	put_list(w, &n->enum_.members, put_member);
}

static bool enum_is_block(struct writer *w, const struct node *n)
{
	return first_on_line(w, n->enum_.members.first->span.lo) ||
	       w->indent + flat_width(w, put_enum, n) > WRITE_COLUMNS;
}

static void write_enum(struct writer *w, const struct node *n)
{
	if (enum_is_block(w, n)) {
		write_header(w, "enum", n->enum_.name);
		putz(w, ":");
		write_block(w, n->span.lo, n->enum_.name->span.hi, &n->enum_.members,
			    BLOCK_STATEMENTS);
		return;
	}
	line_begin(w);
	put_enum(w, n);
	item_end(w, n);
}

static void write_config(struct writer *w, const struct node *n)
{
	write_header(w, "config", n->config.name);
	put_base(w, n->config.base);
	putz(w, " for ");
	put_expr(w, n->config.target);
	putz(w, ":");
	write_block(w, n->span.lo, n->config.target->span.hi, &n->config.items,
		    BLOCK_SETTINGS);
}

static void write_schedule(struct writer *w, const struct node *n)
{
	write_header(w, "schedule", n->schedule.name);
	putz(w, " for ");
	put_expr(w, n->schedule.target);
	putz(w, ":");
	write_block(w, n->span.lo, n->schedule.target->span.hi, &n->schedule.items,
		    BLOCK_SETTINGS);
}

static void write_environment(struct writer *w, const struct node *n)
{
	write_header(w, "environment", n->environment.name);
	putz(w, ":");
	write_block(w, n->span.lo, n->environment.name->span.hi, &n->environment.items,
		    BLOCK_SETTINGS);
}

static void write_test(struct writer *w, const struct node *n)
{
	write_header(w, "test", n->test.name);
	putz(w, ":");
	write_block(w, n->span.lo, n->test.name->span.hi, &n->test.items,
		    BLOCK_STATEMENTS);
}

static void write_struct(struct writer *w, const struct node *n)
{
	write_header(w, "struct", n->struct_.name);
	putz(w, ":");
	write_block(w, n->span.lo, n->struct_.name->span.hi, &n->struct_.fields,
		    BLOCK_STATEMENTS);
}

static void write_typedef(struct writer *w, const struct node *n)
{
	write_header(w, "type", n->typedef_.name);
	putz(w, " = ");
	put_type(w, n->typedef_.type);
	put_where(w, n->typedef_.where, 0);
	item_end(w, n);
}

static void write_const(struct writer *w, const struct node *n)
{
	write_header(w, "const", n->const_.name);
	if (n->const_.type) {
		putz(w, ": ");
		put_type(w, n->const_.type);
	}
	putz(w, " = ");
	put_fit(w, n->const_.value, 0);
	item_end(w, n);
}

static void put_alias(struct writer *w, const struct node *alias)
{
	if (alias) {
		putz(w, " as ");
		put_expr(w, alias);
	}
}

static void put_import_name(struct writer *w, const struct node *n)
{
	put_sym(w, n->import_name.name);
	put_alias(w, n->import_name.alias);
}

static void put_module(struct writer *w, const struct list *path, const struct node *file)
{
	if (file)
		put_expr(w, file);
	else
		put_path(w, path);
}

static void write_import(struct writer *w, const struct node *n)
{
	line_begin(w);
	putz(w, "import ");
	put_module(w, &n->import_.path, n->import_.file);
	put_alias(w, n->import_.alias);
	item_end(w, n);
}

static void write_from(struct writer *w, const struct node *n)
{
	const struct list *names = &n->from.names;
	struct mark m;

	line_begin(w);
	putz(w, "from ");
	put_module(w, &n->from.path, n->from.file);
	putz(w, " import ");
	m = flat_begin(w, 0);
	put_list(w, names, put_import_name);
	if (!flat_end(w, m) || comment_waits(w, n->span.hi)) {
		mark_return(w, m);
		put_brackets(w, &(struct brackets){"(", ")", names, put_import_name,
						   n->span.hi - 1, false});
	}
	item_end(w, n);
}

static void write_part(struct writer *w, const struct node *n,
		       void (*put_it)(struct writer *, const struct node *))
{
	line_begin(w);
	w->tail = 0;
	put_it(w, n);
	item_end(w, n);
}

bool is_block_declaration(struct writer *w, const struct node *n)
{
	switch ((int)n->kind) {
	case AST_COMPONENT:
	case AST_PIPELINE:
	case AST_ENVIRONMENT:
	case AST_STRUCT:
	case AST_CONFIG:
	case AST_DEF:
	case AST_SCHEDULE:
	case AST_TEST:
		return true;
	case AST_ENUM:
		return enum_is_block(w, n);
	}
	return false;
}

static const struct {
	enum node_tag kind;
	void (*write)(struct writer *w, const struct node *n);
} DECLARATIONS[] = {
	{AST_IMPORT, write_import},
	{AST_FROM, write_from},
	{AST_ENUM, write_enum},
	{AST_STRUCT, write_struct},
	{AST_TYPEDEF, write_typedef},
	{AST_CONST, write_const},
	{AST_COMPONENT, write_component},
	{AST_PIPELINE, write_component},
	{AST_DEF, write_def},
	{AST_CONFIG, write_config},
	{AST_SCHEDULE, write_schedule},
	{AST_ENVIRONMENT, write_environment},
	{AST_TEST, write_test},
};

bool write_declaration(struct writer *w, const struct node *n)
{
	for (size_t i = 0; i < sizeof DECLARATIONS / sizeof *DECLARATIONS; i++)
		if (DECLARATIONS[i].kind == n->kind) {
			DECLARATIONS[i].write(w, n);
			return true;
		}
	if (n->kind == AST_ARTIFACT) {
		write_header(w, "artifact", n->artifact.name);
		put_base(w, n->artifact.base);
		item_end(w, n);
	} else if (n->kind == AST_PARAM) {
		write_part(w, n, put_param);
	} else if (n->kind == AST_MEMBER) {
		write_part(w, n, put_member);
	} else {
		return false;
	}
	return true;
}
