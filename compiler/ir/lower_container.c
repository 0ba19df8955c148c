/* `container:` of a component, and what can be said about it once it is lowered. */
#include <config.h>

#include <string.h>

#include "compiler/ir/lower_int.h"

static bool site_reads(const struct site *s, enum input_kind kind, uint32_t index)
{
	for (uint32_t i = 0; s && i < s->ninputs; i++)
		if (s->inputs[i].kind == kind && s->inputs[i].index == index)
			return true;
	return false;
}

static bool is_read(const struct module_component *c, enum input_kind kind,
		    uint32_t index)
{
	return site_reads(c->command, kind, index) || site_reads(c->args, kind, index);
}

/* By the constraint of another one? */
static bool is_constraint(const struct module_component *c, uint32_t index)
{
	for (uint32_t i = 0; i < c->nparams; i++)
		if (i != index && site_reads(c->params[i].where, INPUT_PARAM, index))
			return true;
	for (uint32_t i = 0; i < c->noutputs; i++)
		if (site_reads(c->outputs[i].where, INPUT_PARAM, index))
			return true;
	return false;
}

/* Nothing but the words reaches the container. */
static void check_signature(struct lower *l, const struct symbol *sym,
			    const struct module_component *c)
{
	for (uint32_t i = 0; i < c->nparams; i++)
		if (!is_read(c, INPUT_PARAM, i) && !is_read(c, INPUT_PARAM_FILE, i) &&
		    !is_constraint(c, i) && sym->params[i]->name->s[0] != '_')
			diag_label(diag(l->diags, sym->params[i]->span, W0501,
					"input '%s' is never used",
					sym->params[i]->name->s),
				   "neither 'command' nor 'args' uses it");
	for (uint32_t i = 0; i < c->noutputs; i++)
		if (!is_read(c, INPUT_OUTPUT_FILE, i) &&
		    c->outputs[i].type->kind != TYPE_OPT)
			diag_label(diag(l->diags, sym->outs[i].decl->output.name_at,
					E0504, "output '%s' is never written",
					sym->outs[i].name->s),
				   "neither 'command' nor 'args' uses %s.path",
				   sym->outs[i].name->s);
}

static void check_image(struct lower *l, const struct module_component *c, struct span at)
{
	struct diag *d;

	if (c->env < l->envs.n && l->envs.at[c->env].image.n)
		return;
	d = diag(l->diags, at, E0417, "a container needs an image");
	if (c->env < l->envs.n)
		diag_label(d, "the environment '%.*s' has no 'image'",
			   STR_ARG(l->envs.at[c->env].name));
	else
		diag_label(d, "give it an environment with image = \"...\"");
}

void lower_container(struct lower *l, const struct symbol *sym, struct node *group,
		     struct module_component *out)
{
	const struct type *word = type_opt(l->s->types, l->s->types->string);
	const struct type *words = type_list(l->s->types, word);

	out->code_kind = CODE_CONTAINER;
	out->code_loc = builder_loc(&l->b, group->span);
	check_image(l, out, group->group.target->span);
	list_each(item, &group->group.items) {
		const struct sym *key = setting_key(item);

		if (item->kind != AST_BIND || !key)
			continue;
		if (!strcmp(key->s, "command"))
			out->command = lower_site(l, item->bind.value, words);
		else if (!strcmp(key->s, "args"))
			out->args = lower_site(l, item->bind.value, words);
	}
	check_signature(l, sym, out);
}
