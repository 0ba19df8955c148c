/* `notebook = "eda.ipynb"` of a component: is it one, and can it be run? */
#include <config.h>

#include <string.h>

#include "compiler/ir/lower_int.h"
#include "runtime/value/json.h"

static struct value member(struct value v, const char *key)
{
	const struct value *found =
		v.kind == VALUE_DICT ? value_get(v, str_of(key)) : NULL;

	return found ? *found : VALUE_NONE_V;
}

static bool is_text(struct value v)
{
	if (v.kind != VALUE_LIST)
		return v.kind == VALUE_STR;
	for (size_t i = 0; i < v.list->n; i++)
		if (v.list->at[i].kind != VALUE_STR)
			return false;
	return true;
}

static bool is_word(struct value v, const char *word)
{
	return v.kind == VALUE_STR && str_is(*v.s, word);
}

/* What is wrong with the cells; "" if nothing is. */
static struct str cells_fault(struct value cells, struct arena *a)
{
	size_t ncode = 0;

	if (cells.kind != VALUE_LIST)
		return STR("it has no list of cells");
	for (size_t i = 0; i < cells.list->n; i++) {
		struct value cell = cells.list->at[i];

		if (member(cell, "cell_type").kind != VALUE_STR ||
		    !is_text(member(cell, "source")))
			return arena_printf(a, "its cell %zu is none", i + 1);
		ncode += is_word(member(cell, "cell_type"), "code");
	}
	return ncode ? STR("") : STR("none of its cells holds code");
}

static struct str language_fault(struct value metadata, struct arena *a)
{
	struct value language = member(member(metadata, "kernelspec"), "language");

	if (language.kind == VALUE_NONE)
		language = member(member(metadata, "language_info"), "name");
	if (language.kind != VALUE_STR || is_word(language, "python"))
		return STR("");
	return arena_printf(a, "it is written in %.*s, and only Python is run",
			    STR_ARG(str_sub(*language.s, 0, 40)));
}

static struct str notebook_fault(struct str text, struct arena *a)
{
	struct value v, format;
	struct err err = {0};
	struct str fault;

	if (json_parse(a, text, &v, &err))
		return arena_printf(a, "it is not JSON: %s", err.text);
	format = member(v, "nbformat");
	if (format.kind != VALUE_INT)
		return STR("it has no 'nbformat'");
	if (format.i != 4)
		return arena_printf(
			a,
			"it is of format %lld, and only 4 is known: open it in "
			"Jupyter and save it",
			(long long)format.i);
	fault = cells_fault(member(v, "cells"), a);
	return fault.n ? fault : language_fault(member(v, "metadata"), a);
}

/* Packages */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Is line a requirement of the package? */
static bool requires(struct str line, const char *package)
{
	size_t n = 0, want = strlen(package);

	line = str_trim(line);
	while (n < line.n && is_name_char(line.p[n]))
		n++;
	return n == want && !strncasecmp(line.p, package, n);
}

/* Is it among the packages of the environment, by one of its names? */
static bool provides(struct lower *l, const struct module_env *e,
		     const char *const *names)
{
	struct str text = e->requirements < l->files.n ? l->files.at[e->requirements].text
						       : STR("");

	for (; *names; names++) {
		for (uint32_t i = 0; i < e->npackages; i++)
			if (requires(e->packages[i], *names))
				return true;
		for (size_t at = 0, end; at < text.n; at = end + 1) {
			end = str_find(text, STR("\n"), at);
			if (requires(str_sub(text, at, end), *names))
				return true;
		}
	}
	return false;
}

static void lint_packages(struct lower *l, const struct module_component *c,
			  struct span at)
{
	static const char *const NEEDED[][6] = {
		{"nbclient", "jupyter", "jupyterlab", "notebook", "papermill", NULL},
		{"ipykernel", "jupyter", "jupyterlab", "notebook", NULL},
	};
	const struct module_env *e = c->env < l->envs.n ? &l->envs.at[c->env] : NULL;
	struct diag *d;

	for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
		if (e && provides(l, e, NEEDED[i]))
			continue;
		d = diag(l->diags, at, W0502, "'%s' is not provided by %s%.*s%s",
			 NEEDED[i][0],
			 e ? "environment '" : "a component without packages",
			 STR_ARG(e ? e->name : STR("")), e ? "'" : "");
		diag_label(d, "it runs notebooks: add \"%s\" to the packages",
			   NEEDED[i][0]);
	}
}

/* Unless the component declares it. */
static void add_output(struct lower *l, const struct symbol *sym,
		       struct module_component *out)
{
	struct types *t = l->s->types;
	struct module_output *outs;

	for (uint32_t i = 0; i < out->noutputs; i++)
		if (str_is(out->outputs[i].name, "notebook"))
			return;
	outs = ARENA_ARRAY(&l->m->arena, out->noutputs + 1, struct module_output);
	if (out->noutputs)
		memcpy(outs, out->outputs, out->noutputs * sizeof *outs);
	outs[out->noutputs++] = (struct module_output){
		.name = STR("notebook"), .doc = STR("The notebook as it was executed."),
		.type = type_opt(t, type_tagged(t, t->artifact, STR("ipynb"))),
		.loc = builder_loc(&l->b, sym->span),
	};
	out->outputs = outs;
}

void lower_notebook(struct lower *l, const struct symbol *sym, struct node *value,
		    struct module_component *out)
{
	unsigned nerrors = l->diags->nerrors;
	struct arena a;
	struct str fault;

	arena_init(&a);
	out->code_kind = CODE_NOTEBOOK;
	out->code_loc = builder_loc(&l->b, value->span);
	out->code_file = lower_travelling(l, value, value->string.value);
	fault = notebook_fault(l->files.at[out->code_file].text, &a);
	if (fault.n && l->diags->nerrors == nerrors)	/* it could be read */
		diag(l->diags, value->span, E0509,
		     "'%.*s' is no notebook that can be run: "
		     "%.*s",
		     STR_ARG(value->string.value), STR_ARG(fault));
	lint_packages(l, out, value->span);
	add_output(l, sym, out);
	arena_release(&a);
}
