/* The graph for other programs, as doc/export.md and tests/graph/graph.schema.json
 * describe it: what the module says, nothing left out and nothing drawn. */
#include <config.h>

#include "compiler/export/export.h"
#include "compiler/export/graph/graph_run.h"

enum { FORMAT_VERSION = 1 };

struct json_out {
	const struct export *x;
	const struct module *m;
	struct buf *out;
	uint32_t *pipeline_of;		/* its number here; MODULE_NONE: not in it */
	uint32_t *component_of;
	VEC(uint32_t) pipelines, components;
};

/* A comma and a new line, unless a list or an object just began. */
static void add_comma(struct json_out *j, bool is_line)
{
	char last = j->out->n ? j->out->p[j->out->n - 1] : '{';

	if (last != '{' && last != '[')
		buf_addz(j->out, is_line ? ",\n" : ", ");
	else if (is_line)
		buf_addc(j->out, '\n');
}

static void add_key(struct json_out *j, const char *key)
{
	add_comma(j, false);
	buf_addf(j->out, "\"%s\": ", key);
}

static void add_str(struct json_out *j, const char *key, struct str s)
{
	add_key(j, key);
	buf_add_json(j->out, s);
}

static void add_number(struct json_out *j, const char *key, int64_t n)
{
	add_key(j, key);
	buf_addf(j->out, "%lld", (long long)n);
}

static void add_type(struct json_out *j, const struct type *t)
{
	add_str(j, "type", type_name(t, j->x->a));
	add_key(j, "artifact");
	buf_addz(j->out, type_holds_artifacts(t) ? "true" : "false");
}

static void add_doc(struct json_out *j, struct str doc)
{
	if (doc.n)
		add_str(j, "doc", doc);
}

static void add_place(struct json_out *j, struct loc loc)
{
	if (!loc.line)
		return;
	add_key(j, "place");
	buf_addc(j->out, '{');
	add_str(j, "file", j->m->files[loc.file].path);
	add_number(j, "line", loc.line);
	add_number(j, "column", loc.col);
	buf_addc(j->out, '}');
}

/* Begins an object of a list on a line of its own. */
static void open_item(struct json_out *j)
{
	add_comma(j, true);
	buf_addc(j->out, '{');
}

static void open_list(struct json_out *j, const char *key)
{
	add_comma(j, true);
	buf_addf(j->out, "\"%s\": [", key);
}

static void add_params(struct json_out *j, const struct module_param *p, uint32_t n)
{
	open_list(j, "params");
	for (uint32_t i = 0; i < n; i++) {
		open_item(j);
		add_str(j, "name", p[i].name);
		add_type(j, p[i].type);
		if (p[i].fallback)
			add_str(j, "default", p[i].fallback->text);
		if (p[i].where)
			add_str(j, "where", p[i].where->text);
		add_doc(j, p[i].doc);
		add_place(j, p[i].loc);
		buf_addc(j->out, '}');
	}
	buf_addc(j->out, ']');
}

static void add_outputs(struct json_out *j, const struct module_output *o, uint32_t n)
{
	open_list(j, "outputs");
	for (uint32_t i = 0; i < n; i++) {
		open_item(j);
		add_str(j, "name", o[i].name);
		add_type(j, o[i].type);
		if (o[i].value)
			add_str(j, "value", o[i].value->text);
		add_doc(j, o[i].doc);
		add_place(j, o[i].loc);
		buf_addc(j->out, '}');
	}
	buf_addc(j->out, ']');
}

static void add_settings(struct json_out *j, const struct module_setting *s, uint32_t n)
{
	if (!n)
		return;
	add_key(j, "settings");
	buf_addc(j->out, '{');
	for (uint32_t i = 0; i < n; i++)
		add_str(j, setting_name(s[i].id), s[i].value->text);
	buf_addc(j->out, '}');
}

static void add_blocks(struct json_out *j, const struct module_pipeline *p)
{
	open_list(j, "blocks");
	for (uint32_t i = 0; i < p->nblocks; i++) {
		const struct module_block *b = &p->blocks[i];

		open_item(j);
		add_number(j, "id", i);
		add_str(j, "kind", str_of(block_kind_name(b->kind)));
		if (b->owner != MODULE_NONE) {
			add_number(j, "owner", b->owner);
			add_number(j, "parent", p->nodes[b->owner].block);
		}
		buf_addc(j->out, '}');
	}
	buf_addc(j->out, ']');
}

static const struct module_param *params_of(const struct json_out *j,
					    const struct module_node *n)
{
	if (n->kind == NODE_TASK)
		return j->m->components[n->target].params;
	return n->kind == NODE_CALL ? j->m->pipelines[n->target].params : NULL;
}

static void add_args(struct json_out *j, const struct module_node *n)
{
	const struct module_param *params = params_of(j, n);

	if (!n->nargs)
		return;
	add_key(j, params ? "args" : n->kind == NODE_LOOP ? "lists" : "message");
	if (n->kind == NODE_ASSERT) {
		buf_add_json(j->out, n->args[0] ? n->args[0]->text : STR(""));
		return;
	}
	buf_addc(j->out, params ? '{' : '[');
	for (uint32_t i = 0; i < n->nargs; i++) {
		if (!n->args[i])
			continue;	/* from the config */
		add_comma(j, false);
		if (params) {
			buf_add_json(j->out, params[i].name);
			buf_addz(j->out, ": ");
		}
		buf_add_json(j->out, n->args[i]->text);
	}
	buf_addc(j->out, params ? '}' : ']');
}

static void add_node_outputs(struct json_out *j, const struct module_node *n)
{
	uint32_t count = node_noutputs(j->m, n);

	if (!count)
		return;
	add_key(j, "outputs");
	buf_addc(j->out, '[');
	for (uint32_t k = 0; k < count; k++) {
		add_comma(j, false);
		buf_addc(j->out, '{');
		add_str(j, "name", node_output_name(j->m, n, k));
		add_type(j, node_output_type(j->m, n, k));
		buf_addc(j->out, '}');
	}
	buf_addc(j->out, ']');
}

static void add_block_of(struct json_out *j, const char *key, uint32_t block)
{
	if (block != MODULE_NONE)
		add_number(j, key, block);
}

/* The blocks of a node by what they are of it: "then", "else", "body", "except",
 * "finally". */
static void add_own_blocks(struct json_out *j, const struct module_node *n)
{
	bool is_branch = n->kind == NODE_BRANCH;

	if (!is_branch && n->kind != NODE_LOOP && n->kind != NODE_TRY)
		return;
	add_key(j, "blocks");
	buf_addc(j->out, '{');
	add_block_of(j, is_branch ? "then" : "body", n->then_block);
	add_block_of(j, is_branch ? "else" : "except", n->else_block);
	add_block_of(j, "finally", n->final_block);
	buf_addc(j->out, '}');
}

static void add_node(struct json_out *j, const struct module_pipeline *p, uint32_t id)
{
	const struct module_node *n = &p->nodes[id];

	open_item(j);
	add_number(j, "id", id);
	add_str(j, "kind", str_of(node_kind_name(n->kind)));
	add_str(j, "name", n->name);
	add_str(j, "path", n->path);
	add_number(j, "block", n->block);
	if (n->kind == NODE_TASK)
		add_number(j, "component", j->component_of[n->target]);
	if (n->kind == NODE_CALL)
		add_number(j, "pipeline", j->pipeline_of[n->target]);
	if (n->kind == NODE_MERGE)
		add_number(j, "of", n->target);
	if (n->cond)
		add_str(j, n->kind == NODE_EXPR ? "value" : "condition", n->cond->text);
	add_args(j, n);
	add_node_outputs(j, n);
	add_own_blocks(j, n);
	add_settings(j, n->settings, n->nsettings);
	add_place(j, n->loc);
	buf_addc(j->out, '}');
}

static void add_from_node(struct json_out *j, const struct module_pipeline *p,
			  uint32_t node, uint32_t output)
{
	add_number(j, "node", node);
	add_str(j, "output", node_output_name(j->m, &p->nodes[node], output));
	add_number(j, "index", output);
}

static const struct type *add_from(struct json_out *j, const struct module_pipeline *p,
				   const struct input *in)
{
	static const char *const run_fields[] = {"id", "name", "started"};

	switch (in->kind) {
	case INPUT_PARAM:
		add_str(j, "param", p->params[in->index].name);
		return p->params[in->index].type;
	case INPUT_NODE:
		add_from_node(j, p, in->index, in->output);
		return node_output_type(j->m, &p->nodes[in->index], in->output);
	case INPUT_RUN:
		add_str(j, "run", str_of(run_fields[in->index]));
		return NULL;
	case INPUT_TASK_ID:
		add_str(j, "run", STR("task"));
		return NULL;
	case INPUT_ITEM:
		add_number(j, "loop", in->index);
		add_number(j, "list", in->output);
		return p->nodes[in->index].args[in->output]->type->elem;
	case INPUT_TRY:
		add_number(j, "try", in->index);
		add_str(j, "field", in->output == TRY_STATE ? STR("state") : STR("error"));
		return NULL;
	case INPUT_OUTPUT:
	case INPUT_PARAM_FILE:
	case INPUT_OUTPUT_FILE:
		break;		/* only within components */
	}
	return NULL;
}

/* Where an edge leads: a node's input, or an output of the pipeline. */
struct target {
	uint32_t node;		/* MODULE_NONE: an output of the pipeline */
	const char *role;	/* "arg", "list", "condition", ... */
	struct str name;	/* of the parameter or output; "" for none */
	uint32_t index;		/* which list, or output of the node */
};

static void add_target(struct json_out *j, struct target t)
{
	add_key(j, "to");
	buf_addc(j->out, '{');
	if (t.node != MODULE_NONE)
		add_number(j, "node", t.node);
	add_str(j, "role", str_of(t.role));
	if (t.name.n)
		add_str(j, "name", t.name);
	add_number(j, "index", t.index);
	buf_addc(j->out, '}');
}

static void add_edges(struct json_out *j, const struct module_pipeline *p,
		      const struct site *site, struct target t)
{
	for (uint32_t i = 0; site && i < site->ninputs; i++) {
		const struct type *type;

		open_item(j);
		add_key(j, "from");
		buf_addc(j->out, '{');
		type = add_from(j, p, &site->inputs[i]);
		buf_addc(j->out, '}');
		add_target(j, t);
		add_str(j, "kind", type && type_holds_artifacts(type) ? STR("artifact")
								      : STR("value"));
		if (type)
			add_str(j, "type", type_name(type, j->x->a));
		buf_addc(j->out, '}');
	}
}

static void add_node_edges(struct json_out *j, const struct module_pipeline *p,
			   uint32_t id)
{
	const struct module_node *n = &p->nodes[id];
	const struct module_param *params = params_of(j, n);
	const char *role = params ? "arg" : n->kind == NODE_LOOP ? "list" : "message";

	add_edges(j, p, n->cond, (struct target){
		id, n->kind == NODE_EXPR ? "value" : "condition", STR(""), 0});
	for (uint32_t i = 0; i < n->nargs; i++)
		add_edges(j, p, n->args[i],
			  (struct target){id, role, params ? params[i].name : STR(""), i});
	for (uint32_t k = 0; k < n->nouts; k++) {
		const struct module_merge *o = &n->outs[k];
		bool is_loop = n->kind == NODE_LOOP;

		add_edges(j, p, o->then_value, (struct target){
			id, is_loop ? "collect" : "first", o->name, k});
		add_edges(j, p, o->else_value, (struct target){id, "second", o->name, k});
	}
	for (uint32_t i = 0; i < n->nafter; i++) {
		open_item(j);
		buf_addf(j->out, "\"from\": {\"node\": %u}", n->after[i]);
		add_target(j, (struct target){id, "after", STR(""), i});
		buf_addz(j->out, ", \"kind\": \"order\"}");
	}
}

static void add_pipeline(struct json_out *j, const struct module_pipeline *p)
{
	open_item(j);
	add_str(j, "name", p->name);
	add_doc(j, p->doc);
	add_place(j, p->loc);
	add_settings(j, p->settings, p->nsettings);
	add_params(j, p->params, p->nparams);
	add_outputs(j, p->outputs, p->noutputs);
	add_blocks(j, p);
	open_list(j, "nodes");
	for (uint32_t i = 0; i < p->nnodes; i++)
		add_node(j, p, i);
	buf_addc(j->out, ']');
	open_list(j, "edges");
	for (uint32_t i = 0; i < p->nnodes; i++)
		add_node_edges(j, p, i);
	for (uint32_t k = 0; k < p->noutputs; k++)
		add_edges(j, p, p->outputs[k].value, (struct target){
			MODULE_NONE, "result", p->outputs[k].name, k});
	buf_addz(j->out, "]}");
}

static const char *code_name(enum code_kind k)
{
	static const char *const names[] = {
		[CODE_PYTHON] = "python",     [CODE_PYTHON_FILE] = "python",
		[CODE_SHELL] = "shell",	      [CODE_NATIVE] = "native",
		[CODE_LOAD] = "load",	      [CODE_CONTAINER] = "container",
		[CODE_NOTEBOOK] = "notebook",
	};

	return names[k];
}

static void add_component(struct json_out *j, const struct module_component *c)
{
	open_item(j);
	add_str(j, "name", c->name);
	add_str(j, "code", str_of(code_name(c->code_kind)));
	if (c->env != MODULE_NONE)
		add_str(j, "environment", j->m->envs[c->env].name);
	add_doc(j, c->doc);
	add_place(j, c->loc);
	add_settings(j, c->settings, c->nsettings);
	add_params(j, c->params, c->nparams);
	add_outputs(j, c->outputs, c->noutputs);
	buf_addc(j->out, '}');
}

/* Artifact types that a program declares, and what they extend down to Artifact. */
static void add_types(struct json_out *j)
{
	const struct types *t = &j->m->types;

	open_list(j, "types");
	for (size_t i = 0; i < t->all.n; i++) {
		const struct type *type = t->all.at[i];

		if (type->kind != TYPE_ARTIFACT)
			continue;
		open_item(j);
		add_str(j, "name", type_name(type, j->x->a));
		if (type->tag.n)
			add_str(j, "format", type->tag);
		if (type->base)
			add_str(j, "extends", type_name(type->base, j->x->a));
		buf_addc(j->out, '}');
	}
	buf_addc(j->out, ']');
}

static void add_times(struct json_out *j, int64_t started_ms, int64_t ended_ms)
{
	if (started_ms)
		add_number(j, "started_ms", started_ms);
	if (ended_ms)
		add_number(j, "ended_ms", ended_ms);
}

static void add_run(struct json_out *j, const struct export_run *r)
{
	add_comma(j, true);
	buf_addz(j->out, "\"run\": {");
	add_str(j, "id", r->id);
	add_str(j, "name", r->name);
	add_str(j, "state", r->state);
	add_times(j, r->started_ms, r->ended_ms);
	open_list(j, "tasks");
	for (size_t i = 0; i < r->ntasks; i++) {
		open_item(j);
		add_str(j, "path", r->tasks[i].path);
		add_str(j, "address", graph_address(r->tasks[i].path, j->x->a));
		add_str(j, "state", r->tasks[i].state);
		add_times(j, r->tasks[i].started_ms, r->tasks[i].ended_ms);
		buf_addc(j->out, '}');
	}
	buf_addc(j->out, ']');
	open_list(j, "loops");
	for (size_t i = 0; i < r->nloops; i++) {
		open_item(j);
		add_str(j, "path", r->loops[i].path);
		add_str(j, "address", graph_address(r->loops[i].path, j->x->a));
		add_number(j, "iterations", r->loops[i].niterations);
		add_key(j, "skipped");
		buf_addz(j->out, r->loops[i].is_skipped ? "true" : "false");
		buf_addc(j->out, '}');
	}
	buf_addz(j->out, "]}");
}

/* Numbers the pipeline and what it calls, each once, in the order of being met. */
static void meet_pipelines(struct json_out *j, uint32_t first)
{
	j->pipeline_of[first] = 0;
	vec_push(&j->pipelines, first);
	for (size_t i = 0; i < j->pipelines.n; i++) {
		const struct module_pipeline *p = &j->m->pipelines[j->pipelines.at[i]];

		for (uint32_t k = 0; k < p->nnodes; k++) {
			uint32_t target = p->nodes[k].target;

			if (p->nodes[k].kind == NODE_CALL &&
			    j->pipeline_of[target] == MODULE_NONE) {
				j->pipeline_of[target] = (uint32_t)j->pipelines.n;
				vec_push(&j->pipelines, target);
			} else if (p->nodes[k].kind == NODE_TASK &&
				   j->component_of[target] == MODULE_NONE) {
				j->component_of[target] = (uint32_t)j->components.n;
				vec_push(&j->components, target);
			}
		}
	}
}

static uint32_t *no_numbers(struct json_out *j, uint32_t n)
{
	uint32_t *at = ARENA_ARRAY(j->x->a, n, uint32_t);

	for (uint32_t i = 0; i < n; i++)
		at[i] = MODULE_NONE;
	return at;
}

int export_json(struct export *x, struct buf *out)
{
	struct json_out j = {.x = x, .m = x->m, .out = out};

	j.pipeline_of = no_numbers(&j, x->m->npipelines);
	j.component_of = no_numbers(&j, x->m->ncomponents);
	meet_pipelines(&j, x->pipeline);
	buf_addc(out, '{');
	add_str(&j, "format", STR("kfpc-graph"));
	add_number(&j, "version", FORMAT_VERSION);
	add_str(&j, "module", x->m->name);
	add_str(&j, "pipeline", x->m->pipelines[x->pipeline].name);
	open_list(&j, "pipelines");
	for (size_t i = 0; i < j.pipelines.n; i++)
		add_pipeline(&j, &x->m->pipelines[j.pipelines.at[i]]);
	buf_addc(out, ']');
	open_list(&j, "components");
	for (size_t i = 0; i < j.components.n; i++)
		add_component(&j, &x->m->components[j.components.at[i]]);
	buf_addc(out, ']');
	add_types(&j);
	if (x->run)
		add_run(&j, x->run);
	buf_addz(out, "}\n");
	vec_release(&j.pipelines);
	vec_release(&j.components);
	return 0;
}
