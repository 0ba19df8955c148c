#include <config.h>

#include "compiler/sema/check.h"

struct str node_text(struct scope *c, const struct node *node)
{
	return src_text(c->s->parse.src, node->span);
}

/* "Kernel.rbf" for the string "rbf" where a Kernel is wanted. */
static void hint_member(struct scope *c, struct diag *d, const struct node *node,
			const struct type *want)
{
	struct suggestion best = {.wanted = node->string.value};
	struct str put;

	for (uint32_t i = 0; i < want->nmembers; i++) {
		if (str_eq(want->members[i].wire, node->string.value)) {
			best = (struct suggestion){.best = want->members[i].name};
			break;
		}
		suggest(&best, want->members[i].name);
	}
	if (!best.best.n)
		return;
	put = arena_printf(c->s->parse.arena, "%.*s.%.*s", STR_ARG(want->name),
			   STR_ARG(best.best));
	diag_propose(d, node->span, put, "write %s", put.p);
	vec_last(&d->fixes).sure = suggestion_is_sure(&best) && scope_has_type(c, want);
}

static void hint_literal(struct scope *c, struct diag *d, const struct node *node,
			 const struct type *want)
{
	struct str text = node_text(c, node), put;

	if (want->kind == TYPE_ENUM && node->kind == AST_STRING)
		hint_member(c, d, node, want);
	else if (want->kind == TYPE_DURATION && node->kind == AST_INT)
		diag_label(d, "write a unit: %.*ss, %.*sm or %.*sh", STR_ARG(text),
			   STR_ARG(text),
			   STR_ARG(text));
	else if (want->kind == TYPE_SIZE && node->kind == AST_INT)
		diag_label(d, "write a unit: %.*sMiB or %.*sGiB", STR_ARG(text),
			   STR_ARG(text));
	else if (want->kind == TYPE_FLOAT && node->kind == AST_DURATION &&
		 str_has_suffix(text, STR("m"))) {
		put = arena_printf(c->s->parse.arena, "%.6g",
				   (double)node->duration.seconds / 60 / 1000);
		diag_propose(d, node->span, put, "'%.*s' is minutes: write %s",
			     STR_ARG(text), put.p);
	} else if (want->kind == TYPE_STR && (node->kind == AST_FLOAT ||
					      node->kind == AST_INT)) {
		put = arena_printf(c->s->parse.arena, "\"%.*s\"", STR_ARG(text));
		diag_fix(d, node->span, put, "write %s", put.p);
	}
}

static bool is_scalar(const struct type *t)
{
	return t->kind == TYPE_INT || t->kind == TYPE_FLOAT || t->kind == TYPE_STR ||
	       t->kind == TYPE_BOOL || t->kind == TYPE_JSON;
}

static void hint_conversion(struct diag *d, const struct type *got,
			    const struct type *want)
{
	if (want->kind == TYPE_JSON && !type_holds_artifacts(got))
		diag_label(d, "write json(...)");
	else if (want->kind == TYPE_STR && is_scalar(got))
		diag_label(d, "write str(...)");
	else if (want->kind == TYPE_INT && is_scalar(got))
		diag_label(d, "write int(...)");
	else if (want->kind == TYPE_FLOAT && is_scalar(got))
		diag_label(d, "write float(...)");
}

static bool is_literal(const struct node *node)
{
	return node->kind == AST_INT || node->kind == AST_FLOAT ||
	       node->kind == AST_STRING ||
	       node->kind == AST_DURATION || node->kind == AST_SIZE ||
	       node->kind == AST_BOOL ||
	       node->kind == AST_NONE;
}

void check_fits(struct scope *c, const struct node *node, const struct type *got,
		const struct type *want, const char *what, struct span declared)
{
	struct diag *d;

	if (want->kind == TYPE_METRIC)
		want = c->s->types->floating;
	if (type_assignable(got, want))
		return;
	if (got->kind == TYPE_OPT && type_assignable(got->elem, want)) {
		d = say_optional(c, node, false,
				 arena_printf(c->s->parse.arena,
					      "%s wants %s, and this may be None", what,
					      type_text(c, want)).p);
	} else {
		d = diag(c->s->parse.diags, node->span, E0308, "%s wants %s, this is %s",
			 what,
			 type_text(c, want), type_text(c, got));
		if (is_literal(node))
			hint_literal(c, d, node, type_strip(want));
		else
			hint_conversion(d, got, type_strip(want));
	}
	if (declared.lo)
		diag_note(d, declared, "the type is declared here");
}

void check_wanted(struct scope *c, struct node *node, const struct type *want,
		  const char *what,
		  struct span declared)
{
	check_fits(c, node, check_value(c, node, want), want, what, declared);
}

struct str truth_text(struct scope *c, const struct node *node, const struct type *t)
{
	struct str text = node_text(c, node), put;
	const char *form = NULL;

	if (text.n > 200)
		return STR("");
	if (t->kind == TYPE_INT || t->kind == TYPE_FLOAT)
		form = "%.*s != 0";
	else if (t->kind == TYPE_OPT)
		form = "%.*s is not None";
	else if (t->kind == TYPE_LIST || t->kind == TYPE_DICT)
		form = "len(%.*s) > 0";
	else if (t->kind == TYPE_STR)
		form = "%.*s != \"\"";
	if (!form)
		return STR("");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	put = arena_printf(c->s->parse.arena, form, STR_ARG(text));
#pragma GCC diagnostic pop
	return put;
}

void hint_truth(struct scope *c, struct diag *d, const struct node *node,
		const struct type *t)
{
	struct str put = truth_text(c, node, t);

	if (put.n)
		diag_propose(d, node->span, put, "write %.*s", STR_ARG(put));
}

void check_condition(struct scope *c, struct node *node, const char *what)
{
	const struct type *t = check_value(c, node, c->s->types->boolean);
	struct diag *d;

	if (t->kind == TYPE_BOOL || t->kind == TYPE_ERROR)
		return;
	d = diag(c->s->parse.diags, node->span, E0309, "%s is a bool, this is %s", what,
		 type_text(c, t));
	hint_truth(c, d, node, t);
}
