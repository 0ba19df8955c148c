#include <config.h>

#include "compiler/sema/check.h"
#include "runtime/base/limits.h"

/* Depth-first over the calls of pipelines: state NEW is not seen, RESOLVING is on the way
 * from the start to here, DONE is behind. */
struct walk {
	struct sema *s;
	VEC(struct symbol *) path;
	bool too_deep;
};

static void say_cycle(struct walk *w, const struct symbol *sym)
{
	struct diag *d = diag(w->s->parse.diags, sym->span, E0409,
			      "the pipeline '%s' calls itself",
			      sym->name->s);
	size_t i = w->path.n;

	while (w->path.at[i - 1] != sym)
		i--;
	for (; i < w->path.n; i++)
		diag_note(d, w->path.at[i]->span, "by way of '%s'",
			  w->path.at[i]->name->s);
}

static void say_deep(struct walk *w, const struct symbol *sym)
{
	if (!w->too_deep)
		diag(w->s->parse.diags, sym->span, E0110,
		     "pipelines call each other more than %d deep", LIMIT_CALL_DEPTH);
	w->too_deep = true;
}

static void visit(struct walk *w, struct symbol *sym);

static void visit_calls(struct walk *w, struct symbol *sym)
{
	sym->levels = 1;
	for (size_t i = 0; i < sym->calls.n; i++) {
		struct symbol *callee = sym->calls.at[i];

		if (callee->kind != SYMBOL_PIPELINE)
			continue;
		visit(w, callee);
		if (callee->levels >= sym->levels)
			sym->levels = callee->levels + 1;
	}
	if (sym->levels > LIMIT_CALL_DEPTH)
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
	if (w->path.n >= LIMIT_CALL_DEPTH) {
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

			if (sym->kind == SYMBOL_PIPELINE)
				visit(&w, sym);
		}
	}
	vec_release(&w.path);
}
