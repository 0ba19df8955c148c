#include <config.h>

#include "runtime/bc/dis.h"

#include <stdio.h>

#include "runtime/bc/code.h"
#include "runtime/bc/save.h"

static void add_loc(struct dis *d, struct loc loc)
{
	if (loc.line && loc.file)
		buf_addf(d->out, "  @%u:%u:%u", loc.file, loc.line, loc.col);
	else if (loc.line)
		buf_addf(d->out, "  @%u:%u", loc.line, loc.col);
}

/* Text from the module, without what could steer a terminal. */
static void add_text(struct buf *out, const char *before, struct str text)
{
	buf_addz(out, before);
	buf_add_printable(out, text, false);
}

static void add_type(struct dis *d, const struct type *t)
{
	type_print(t, d->out);
}

static void add_digest(struct dis *d, struct str text)
{
	struct digest of = sha256_of(text);

	buf_addf(d->out, "%zu bytes, sha256 %.16s", text.n, of.hex);
}

static void add_doc(struct dis *d, struct str doc, const char *indent)
{
	for (size_t from = 0, end; from < doc.n; from = end + 1) {
		end = str_find(doc, STR("\n"), from);
		buf_addz(d->out, indent);
		add_text(d->out, "## ", str_sub(doc, from, end));
		buf_addc(d->out, '\n');
	}
}

/* What the operand of an operation stands for, in words. */
static void add_operand(struct dis *d, const struct site *s, enum bc op, uint32_t operand,
			uint32_t next)
{
	switch (bc_info[op].operand) {
	case OPERAND_NONE:
		return;
	case OPERAND_CONST:
	case OPERAND_NAME:
		buf_addf(d->out, "%u  ", operand);
		value_print_literal(d->m->consts[operand], NULL, d->out);
		return;
	case OPERAND_INPUT:
		buf_addf(d->out, "%u  ", operand);
		dis_input(d, &s->inputs[operand]);
		return;
	case OPERAND_COUNT:
		buf_addf(d->out, "%u", operand);
		return;
	case OPERAND_JUMP:
		buf_addf(d->out, "-> %u", next + operand);
		return;
	case OPERAND_DEF:
		buf_addf(d->out, "%.*s %u", STR_ARG(d->m->defs[operand >> 8].name),
			 operand & 0xff);
		return;
	case OPERAND_SLOT:
		buf_addf(d->out, "%u", operand);
		return;
	case OPERAND_ITER:
		buf_addf(d->out, "%u lists, locals from %u", operand & 0xff,
			 operand >> 8);
		return;
	case OPERAND_BACK:
		buf_addf(d->out, "-> %u", next - operand);
		return;
	case OPERAND_CALL:
		buf_addf(d->out, "%s %u", builtin_name((enum builtin)(operand & 0xff)),
			 operand >> 8);
		return;
	}
}

static void add_code(struct dis *d, const struct site *s, const char *indent)
{
	const struct code *c = &s->code;
	uint32_t iloc = 0, operand = 0;

	for (uint32_t pc = 0, next; pc < c->n; pc = next) {
		enum bc op = (enum bc)c->ops[pc];
		bool has_operand = bc_info[op].operand != OPERAND_NONE;

		next = pc + 1 + (has_operand ? BC_OPERAND_BYTES : 0);
		if (has_operand)
			operand = bc_operand(c->ops + pc + 1);
		buf_addf(d->out, has_operand ? "%s%5u  %-8s  " : "%s%5u  %s", indent, pc,
			 bc_info[op].name);
		add_operand(d, s, op, operand, next);
		while (iloc < c->nlocs && c->locs[iloc].pc < pc)
			iloc++;
		if (iloc < c->nlocs && c->locs[iloc].pc == pc)
			add_loc(d, c->locs[iloc].loc);
		buf_addc(d->out, '\n');
	}
}

/* "indent" label: type = expression, and the code below unless it only fetches
 * something. */
static void add_site(struct dis *d, const struct site *s, struct str label,
		     const char *indent)
{
	buf_addf(d->out, "%s%.*s: ", indent, STR_ARG(label));
	add_type(d, s->type);
	buf_addz(d->out, " = ");
	dis_expr(d, s, s->tree);
	add_loc(d, s->loc);
	buf_addc(d->out, '\n');
	if (s->tree->kind != EXPR_CONST && s->tree->kind != EXPR_INPUT)
		add_code(d, s, indent);
}

static void add_settings(struct dis *d, const struct module_setting *s, uint32_t n,
			 const char *indent)
{
	char label[64];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(label, sizeof label, "setting %s", setting_name(s[i].id));
		add_site(d, s[i].value, str_of(label), indent);
	}
}

static void add_signature(struct dis *d, const char *kind, struct str name,
			  uint32_t nparams, uint32_t noutputs)
{
	buf_addf(d->out, "\n%s %.*s(", kind, STR_ARG(name));
	for (uint32_t i = 0; i < nparams; i++) {
		buf_addf(d->out, "%s%.*s: ", i ? ", " : "", STR_ARG(d->params[i].name));
		add_type(d, d->params[i].type);
	}
	buf_addz(d->out, ") -> (");
	for (uint32_t i = 0; i < noutputs; i++) {
		buf_addf(d->out, "%s%.*s: ", i ? ", " : "", STR_ARG(d->outputs[i].name));
		add_type(d, d->outputs[i].type);
	}
	buf_addc(d->out, ')');
}

static void add_param_sites(struct dis *d, uint32_t nparams)
{
	for (uint32_t i = 0; i < nparams; i++) {
		const struct module_param *p = &d->params[i];

		if (!p->fallback && !p->where && !p->doc.n)
			continue;
		buf_addf(d->out, "  param %.*s", STR_ARG(p->name));
		add_loc(d, p->loc);
		buf_addc(d->out, '\n');
		add_doc(d, p->doc, "    ");
		if (p->fallback)
			add_site(d, p->fallback, STR("default"), "    ");
		if (p->where)
			add_site(d, p->where, STR("where"), "    ");
	}
}

static void add_output_sites(struct dis *d, uint32_t noutputs)
{
	for (uint32_t i = 0; i < noutputs; i++) {
		const struct module_output *o = &d->outputs[i];

		if (!o->value && !o->where && !o->doc.n)
			continue;
		buf_addf(d->out, "  output %.*s", STR_ARG(o->name));
		add_loc(d, o->loc);
		buf_addc(d->out, '\n');
		add_doc(d, o->doc, "    ");
		if (o->where)
			add_site(d, o->where, STR("where"), "    ");
		if (o->value)
			add_site(d, o->value, STR("value"), "    ");
	}
}

static void add_component_code(struct dis *d, const struct module_component *c)
{
	switch (c->code_kind) {
	case CODE_PYTHON:
	case CODE_SHELL:
		buf_addf(d->out, "  %s ",
			 c->code_kind == CODE_SHELL ? "shell" : "python");
		add_digest(d, c->code);
		break;
	case CODE_CONTAINER:
		buf_addz(d->out, "  container");
		break;
	case CODE_NOTEBOOK:
		buf_addf(d->out, "  notebook %u", c->code_file);
		break;
	case CODE_PYTHON_FILE:
		buf_addf(d->out, "  python file %u:%.*s", c->code_file,
			 STR_ARG(c->entry));
		break;
	case CODE_LOAD:
		buf_addz(d->out, "  load");
		break;
	case CODE_NATIVE:
		buf_addf(d->out, "  native %.*s:%.*s", STR_ARG(c->code),
			 STR_ARG(c->entry));
		break;
	}
	add_loc(d, c->code_loc);
	buf_addc(d->out, '\n');
	if (c->command)
		add_site(d, c->command, STR("command"), "    ");
	if (c->args)
		add_site(d, c->args, STR("args"), "    ");
}

static void add_component(struct buf *out, const struct module *m,
			  const struct module_component *c)
{
	struct dis d = {
		.m = m, .out = out, .params = c->params, .outputs = c->outputs,
	};

	add_signature(&d, "component", c->name, c->nparams, c->noutputs);
	add_loc(&d, c->loc);
	buf_addc(out, '\n');
	add_doc(&d, c->doc, "  ");
	if (c->env != MODULE_NONE)
		buf_addf(out, "  environment %.*s\n", STR_ARG(m->envs[c->env].name));
	add_param_sites(&d, c->nparams);
	add_output_sites(&d, c->noutputs);
	add_settings(&d, c->settings, c->nsettings, "  ");
	if (c->kubernetes.n) {
		add_text(out, "  kubernetes ", c->kubernetes);
		buf_addc(out, '\n');
	}
	add_component_code(&d, c);
}

static void add_target(struct dis *d, const struct module_node *n)
{
	struct str name = n->kind == NODE_TASK ? d->m->components[n->target].name
					       : d->m->pipelines[n->target].name;

	buf_addf(d->out, " %.*s", STR_ARG(name));
}

static void add_block_number(struct dis *d, const char *label, uint32_t block)
{
	if (block == MODULE_NONE)
		buf_addf(d->out, " %s -", label);
	else
		buf_addf(d->out, " %s %u", label, block);
}

static void add_blocks(struct dis *d, const struct module_node *n)
{
	if (n->kind == NODE_BRANCH) {
		add_block_number(d, "then", n->then_block);
		add_block_number(d, "else", n->else_block);
	} else if (n->kind == NODE_LOOP) {
		add_block_number(d, "body", n->then_block);
	} else if (n->kind == NODE_TRY) {
		add_block_number(d, "body", n->then_block);
		add_block_number(d, "except", n->else_block);
		add_block_number(d, "finally", n->final_block);
	}
}

static void add_node_head(struct dis *d, const struct module_node *n, uint32_t i)
{
	buf_addf(d->out, "  node %u %s %.*s", i, node_kind_name(n->kind),
		 STR_ARG(n->path.n ? n->path : n->name));
	if (n->kind == NODE_TASK || n->kind == NODE_CALL)
		add_target(d, n);
	add_blocks(d, n);
	if (n->kind == NODE_MERGE)
		buf_addf(d->out, " of %u", n->target);
	if (n->block)
		buf_addf(d->out, " in %u", n->block);
	for (uint32_t k = 0; k < n->nafter; k++)
		buf_addf(d->out, "%s %u", k ? "," : " after", n->after[k]);
	add_loc(d, n->loc);
	buf_addc(d->out, '\n');
}

static void add_args(struct dis *d, const struct module_node *n)
{
	const struct module_param *p = n->kind == NODE_TASK
					       ? d->m->components[n->target].params
					       : d->m->pipelines[n->target].params;

	for (uint32_t i = 0; i < n->nargs; i++) {
		if (n->args[i])
			add_site(d, n->args[i], p[i].name, "    ");
		else
			buf_addf(d->out, "    %.*s: from the config\n",
				 STR_ARG(p[i].name));
	}
}

static void add_lists(struct dis *d, const struct module_node *n)
{
	for (uint32_t i = 0; i < n->nargs; i++)
		add_site(d, n->args[i], STR("in"), "    ");
}

static void add_assert(struct dis *d, const struct module_node *n)
{
	add_site(d, n->cond, STR("assert"), "    ");
	if (n->nargs && n->args[0])
		add_site(d, n->args[0], STR("message"), "    ");
}

static void add_outs(struct dis *d, const struct module_node *n)
{
	bool is_loop = n->kind == NODE_LOOP;

	for (uint32_t i = 0; i < n->nouts; i++) {
		buf_addf(d->out, "    out %u%s%.*s: ", i, n->outs[i].name.n ? " " : "",
			 STR_ARG(n->outs[i].name));
		add_type(d, n->outs[i].type);
		buf_addc(d->out, '\n');
		add_site(d, n->outs[i].then_value, is_loop ? STR("each") : STR("then"),
			 "      ");
		if (n->outs[i].else_value)
			add_site(d, n->outs[i].else_value, STR("else"), "      ");
	}
}

static void add_node(struct dis *d, const struct module_node *n, uint32_t i)
{
	add_node_head(d, n, i);
	switch (n->kind) {
	case NODE_TASK:
	case NODE_CALL:
		add_args(d, n);
		break;
	case NODE_EXPR:
		add_site(d, n->cond, STR("value"), "    ");
		break;
	case NODE_BRANCH:
		add_site(d, n->cond, STR("if"), "    ");
		break;
	case NODE_LOOP:
		add_lists(d, n);
		add_outs(d, n);
		break;
	case NODE_MERGE:
		add_outs(d, n);
		break;
	case NODE_ASSERT:
		add_assert(d, n);
		break;
	case NODE_TRY:
	case NODE_NKINDS:
		break;
	}
	add_settings(d, n->settings, n->nsettings, "    ");
}

static void add_pipeline(struct buf *out, const struct module *m,
			 const struct module_pipeline *p)
{
	struct dis d = {
		.m = m, .out = out, .params = p->params, .outputs = p->outputs,
		.pipeline = p,
	};

	add_signature(&d, p->in_root ? "pipeline" : "imported pipeline", p->name,
		      p->nparams, p->noutputs);
	add_loc(&d, p->loc);
	buf_addc(out, '\n');
	add_doc(&d, p->doc, "  ");
	add_param_sites(&d, p->nparams);
	add_settings(&d, p->settings, p->nsettings, "  ");
	for (uint32_t i = 1; i < p->nblocks; i++)
		buf_addf(out, "  block %u %s of %u\n", i,
			 block_kind_name(p->blocks[i].kind), p->blocks[i].owner);
	for (uint32_t i = 0; i < p->nnodes; i++)
		add_node(&d, &p->nodes[i], i);
	add_output_sites(&d, p->noutputs);
}

static void add_config(struct buf *out, const struct module *m,
		       const struct module_config *c)
{
	struct dis d = {.m = m, .out = out};

	buf_addf(out, "\nconfig %.*s", STR_ARG(c->name));
	if (c->base != MODULE_NONE)
		buf_addf(out, "(%.*s)", STR_ARG(m->configs[c->base].name));
	buf_addf(out, " for %.*s", STR_ARG(m->pipelines[c->pipeline].name));
	add_loc(&d, c->loc);
	buf_addc(out, '\n');
	add_doc(&d, c->doc, "  ");
	for (uint32_t i = 0; i < c->nentries; i++) {
		buf_addf(out, "  %.*s: ", STR_ARG(c->entries[i].address));
		add_type(&d, c->entries[i].type);
		buf_addz(out, " = ");
		value_print_literal(c->entries[i].value, c->entries[i].type, out);
		add_loc(&d, c->entries[i].loc);
		buf_addc(out, '\n');
	}
}

static void add_vars(struct dis *d, const struct module_env *e)
{
	for (uint32_t i = 0; i < e->nvars; i++) {
		const struct module_var *v = &e->vars[i];

		add_text(d->out, "  env ", v->name);
		buf_addz(d->out, v->secret.n ? " = secret(" : " = ");
		buf_add_json(d->out, v->secret.n ? v->secret : v->value);
		if (v->secret.n) {
			buf_addz(d->out, ", ");
			buf_add_json(d->out, v->key);
			buf_addc(d->out, ')');
		}
		buf_addc(d->out, '\n');
	}
}

static void add_line(struct buf *out, const char *before, struct str text)
{
	add_text(out, before, text);
	buf_addc(out, '\n');
}

static void add_env(struct buf *out, const struct module *m, const struct module_env *e)
{
	struct dis d = {.m = m, .out = out};

	buf_addf(out, "\nenvironment %.*s", STR_ARG(e->name));
	add_loc(&d, e->loc);
	buf_addc(out, '\n');
	if (e->image.n)
		add_line(out, "  image ", e->image);
	if (e->python.n)
		add_line(out, "  python ", e->python);
	for (uint32_t i = 0; i < e->npackages; i++)
		add_line(out, "  package ", e->packages[i]);
	if (e->requirements != MODULE_NONE)
		buf_addf(out, "  requirements file %u\n", e->requirements);
	for (uint32_t i = 0; i < e->nindex_urls; i++)
		add_line(out, "  index ", e->index_urls[i]);
	add_vars(&d, e);
}

static void add_members(struct buf *out, const struct type *t)
{
	for (uint32_t i = 0; i < t->nmembers; i++) {
		buf_addz(out, i ? ", " : ": ");
		if (t->kind == TYPE_STRUCT) {
			buf_addf(out, "%.*s: ", STR_ARG(t->fields[i].name));
			type_print(t->fields[i].type, out);
			continue;
		}
		buf_add(out, t->members[i].name);
		if (!str_eq(t->members[i].name, t->members[i].wire)) {
			buf_addz(out, " = ");
			buf_add_json(out, t->members[i].wire);
		}
	}
}

static void add_def(struct buf *out, const struct module *m, const struct module_def *def)
{
	struct dis d = {.m = m, .out = out, .params = def->params};

	buf_addf(out, "\n%s %.*s(", def->is_struct ? "constructor" : "def",
		 STR_ARG(def->name));
	for (uint32_t i = 0; i < def->nparams; i++) {
		buf_addf(out, "%s%.*s: ", i ? ", " : "", STR_ARG(def->params[i].name));
		add_type(&d, def->params[i].type);
	}
	buf_addz(out, ") -> ");
	add_type(&d, def->result);
	add_loc(&d, def->loc);
	buf_addc(out, '\n');
	add_doc(&d, def->doc, "  ");
	add_param_sites(&d, def->nparams);
	add_site(&d, def->body, STR("body"), "  ");
}

/* Types that were declared; those made of others show where they are used. */
static void add_types(struct buf *out, const struct module *m)
{
	for (size_t i = m->types.nbuiltin; i < m->types.all.n; i++) {
		const struct type *t = m->types.all.at[i];

		if (t->elem || t->tag.n)
			continue;
		buf_addf(out, "%s %.*s",
			 t->kind == TYPE_ENUM	  ? "enum"
			 : t->kind == TYPE_STRUCT ? "struct"
						  : "artifact",
			 STR_ARG(t->name));
		if (t->kind == TYPE_ARTIFACT)
			buf_addf(out, "(%.*s)", STR_ARG(t->base->name));
		else
			add_members(out, t);
		buf_addc(out, '\n');
	}
}

static void add_files(struct buf *out, const struct module *m)
{
	for (uint32_t i = 0; i < m->nfiles; i++) {
		const struct module_file *f = &m->files[i];

		buf_addf(out, "file %u ", i);
		add_text(out, "", f->path);
		if (f->travels)
			buf_addf(out, " travels, %zu bytes", f->text.n);
		if (i)
			buf_addf(out, ", sha256 %.16s", f->digest.hex);
		buf_addc(out, '\n');
	}
}

static void add_schedule(struct buf *out, const struct module *m,
			 const struct module_schedule *s)
{
	struct dis d = {.m = m, .out = out};

	buf_addf(out, "\nschedule %.*s for %.*s", STR_ARG(s->name),
		 STR_ARG(m->pipelines[s->pipeline].name));
	add_loc(&d, s->loc);
	buf_addc(out, '\n');
	add_doc(&d, s->doc, "  ");
	add_line(out, "  cron ", s->cron);
	if (s->timezone.n)
		add_line(out, "  timezone ", s->timezone);
	if (s->config != MODULE_NONE)
		add_line(out, "  config ", m->configs[s->config].name);
	buf_addf(out, "  concurrency %s\n", concurrency_name(s->concurrency));
}

void module_dis(const struct module *m, struct buf *out)
{
	struct dis d = {.m = m, .out = out};

	add_line(out, "module ", m->name);
	add_doc(&d, m->doc, "");
	add_files(out, m);
	add_types(out, m);
	for (uint32_t i = 0; i < m->ndefs; i++)
		add_def(out, m, &m->defs[i]);
	for (uint32_t i = 0; i < m->nenvs; i++)
		add_env(out, m, &m->envs[i]);
	for (uint32_t i = 0; i < m->ncomponents; i++)
		add_component(out, m, &m->components[i]);
	for (uint32_t i = 0; i < m->npipelines; i++)
		add_pipeline(out, m, &m->pipelines[i]);
	for (uint32_t i = 0; i < m->nconfigs; i++)
		add_config(out, m, &m->configs[i]);
	for (uint32_t i = 0; i < m->nschedules; i++)
		add_schedule(out, m, &m->schedules[i]);
}
