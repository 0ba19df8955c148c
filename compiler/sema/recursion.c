#include <config.h>

#include "compiler/sema/check.h"
#include "runtime/base/limits.h"

/* Depth-first over the calls of pipelines, and over what functions, constants and structs
 * need to be computed: state NEW is not seen, RESOLVING is on the way
 * from the start to here, DONE is behind. */
struct walk {
	struct sema *s;
	VEC(struct symbol *) path;
	bool too_deep, funcs_too_deep;
};

static bool is_computed(const struct symbol *sym)
{
	return sym->kind == SYMBOL_DEF || sym->kind == SYMBOL_CONST ||
	       (sym->kind == SYMBOL_TYPE && symbol_is_struct(sym));
}

static void say_calls(struct walk *w, const struct symbol *sym, size_t from)
{
	const char *what = sym->kind == SYMBOL_PIPELINE ? "pipeline"
			   : sym->kind == SYMBOL_DEF	? "function"
			   : sym->kind == SYMBOL_CONST	? "constant"
							: "struct";
	struct diag *d = diag(w->s->parse.diags, sym->span, E0409, "the %s '%s' %s itself",
			      what, sym->name->s,
			      *what == 'p' || *what == 'f' ? "calls" : "needs");

	for (size_t i = from; i < w->path.n; i++)
		diag_note(d, w->path.at[i]->span, "by way of '%s'",
			  w->path.at[i]->name->s);
}

static void say_cycle(struct walk *w, const struct symbol *sym)
{
	size_t i = w->path.n;
	bool calls = false;

	/* What needs itself without a call could not even be given a type. */
	do {
		i--;
		calls |= w->path.at[i]->kind != SYMBOL_CONST &&
			 w->path.at[i]->kind != SYMBOL_TYPE;
	} while (w->path.at[i] != sym);
	if (calls)
		say_calls(w, sym, i);
}

static void say_deep(struct walk *w, const struct symbol *sym)
{
	if (sym->kind != SYMBOL_PIPELINE) {
		if (!w->funcs_too_deep)
			diag(w->s->parse.diags, sym->span, E0110,
			     "%s more than %d deep",
			     sym->kind == SYMBOL_TYPE ? "defaults of structs make each other"
							: "functions call each other",
			     LIMIT_CALL_DEPTH - 1);
		w->funcs_too_deep = true;
		return;
	}
	if (!w->too_deep)
		diag(w->s->parse.diags, sym->span, E0110,
		     "pipelines call each other more than %d deep", LIMIT_CALL_DEPTH);
	w->too_deep = true;
}

static void visit(struct walk *w, struct symbol *sym);

static void visit_calls(struct walk *w, struct symbol *sym)
{
	bool is_pipeline = sym->kind == SYMBOL_PIPELINE;
	bool is_call = sym->kind != SYMBOL_CONST;

	sym->levels = is_call;
	for (size_t i = 0; i < sym->calls.n; i++) {
		struct symbol *callee = sym->calls.at[i];

		if (is_pipeline ? callee->kind != SYMBOL_PIPELINE : !is_computed(callee))
			continue;
		visit(w, callee);
		if (callee->levels + is_call > sym->levels)
			sym->levels = callee->levels + is_call;
	}
	/* The expression that calls a function is a level too. */
	if (sym->levels + !is_pipeline > LIMIT_CALL_DEPTH)
		say_deep(w, sym);
}

static void visit(struct walk *w, struct symbol *sym)
{
	if (sym->walk == SYMBOL_DONE)
		return;
	if (sym->walk == SYMBOL_RESOLVING) {
		say_cycle(w, sym);
		return;
	}
	if (w->path.n >= (sym->kind == SYMBOL_PIPELINE ? (size_t)LIMIT_CALL_DEPTH
						       : (size_t)CHECK_RESOLVE)) {
		say_deep(w, sym);
		return;
	}
	sym->walk = SYMBOL_RESOLVING;
	vec_push(&w->path, sym);
	visit_calls(w, sym);
	(void)vec_pop(&w->path);
	sym->walk = SYMBOL_DONE;
}

void check_recursion(struct sema *s)
{
	struct walk w = {.s = s};

	for (size_t i = 0; i < s->files.n; i++) {
		for (size_t k = 0; k < s->files.at[i]->symbols.n; k++) {
			struct symbol *sym = s->files.at[i]->symbols.at[k];

			if (sym->kind == SYMBOL_PIPELINE || is_computed(sym))
				visit(&w, sym);
		}
	}
	vec_release(&w.path);
}
