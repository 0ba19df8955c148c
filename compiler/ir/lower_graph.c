#include <config.h>

#include "compiler/ir/lower_int.h"

/* What a block returned: one site for each output of the pipeline; NULL if it did not. */
struct returned {
	const struct site **values;
};

static struct returned lower_items(struct lower *l, const struct list *items);

/* A path that no node of the pipeline has yet: name, name#2, name#3, ... */
static struct str unique_path(struct lower *l, struct str name)
{
	uintptr_t n = (uintptr_t)map_get(&l->graph->paths, name) + 1;

	map_set(&l->graph->paths, name, (void *)n);
	if (n == 1)
		return name;
	return arena_printf(&l->m->arena, "%.*s#%lu", STR_ARG(name), (unsigned long)n);
}

/* What follows an assert in its block waits for it. */
static void wait_for_assert(struct lower *l, struct module_node *n)
{
	uint32_t asserted = l->graph->asserted;
	uint32_t *after;

	if (asserted == MODULE_NONE || l->graph->nodes.at[asserted].block != n->block)
		return;
	after = ARENA_ARRAY(&l->m->arena, n->nafter + 1, uint32_t);
	for (uint32_t i = 0; i < n->nafter; i++)
		after[i] = n->after[i];
	after[n->nafter++] = asserted;
	n->after = after;
}

/* Makes room for more nodes.  They are in the module's arena from the beginning, where
 * copies would be as large as the module. */
static void graph_reserve(struct lower *l, size_t more)
{
	struct graph_nodes *nodes = &l->graph->nodes;
	struct module_node *old = nodes->at;

	if (nodes->n + more <= nodes->cap)
		return;
	nodes->cap = nodes->n + (more > nodes->n ? more : nodes->n);
	nodes->at = ARENA_ARRAY(&l->m->arena, nodes->cap, struct module_node);
	if (old)
		memcpy(nodes->at, old, nodes->n * sizeof *old);
}

uint32_t graph_add(struct lower *l, struct module_node n, const char *suffix)
{
	struct str path = n.name;

	if (*suffix)
		path = arena_printf(&l->m->arena, "%.*s%s", STR_ARG(n.name), suffix);
	wait_for_assert(l, &n);
	n.path = unique_path(l, path);
	graph_reserve(l, 1);
	l->graph->nodes.at[l->graph->nodes.n++] = n;
	return (uint32_t)l->graph->nodes.n - 1;
}

struct module_node graph_node(struct lower *l, enum node_kind kind,
			      const struct sym *name, struct span at)
{
	static const char *const NAMES[NODE_NKINDS] = {
		[NODE_TRY] = "try", [NODE_ASSERT] = "assert",
	};
	const char *word = NAMES[kind] ? NAMES[kind] : "if";

	return (struct module_node){
		.kind = kind,
		.name = name ? arena_str(&l->m->arena, sym_str(name)) : str_of(word),
		.block = l->graph->block,
		.target = MODULE_NONE,
		.then_block = MODULE_NONE,
		.else_block = MODULE_NONE,
		.final_block = MODULE_NONE,
		.loc = builder_loc(&l->b, at),
	};
}

/* The node of a task, or of the loop of a collect(). */
static uint32_t awaited(struct lower *l, struct node *task)
{
	if (task->kind == AST_CALL)
		return task->ref->target->index;
	return lower_operand(l, task).node;
}

/* The nodes named by `after = [a, b]`. */
void lower_after(struct lower *l, const struct list *with, struct module_node *n)
{
	uint32_t *after;

	list_each(item, with) {
		const struct sym *key = setting_key(item);
		struct node *value = setting_value(item);

		if (!key || setting_find(sym_str(key)) != SETTING_AFTER)
			continue;
		after = ARENA_ARRAY(&l->m->arena, value->list.items.n, uint32_t);
		list_each(task, &value->list.items)
			after[n->nafter++] = awaited(l, task);
		n->after = after;
	}
}

/* given may be NULL.  NULL where it is left to the config, which cannot give
 * artifacts. */
static const struct site *lower_argument(struct lower *l, struct node *given,
					 const struct symbol *param)
{
	if (!given && type_holds_artifacts(param->type))
		given = param->decl->param.value;
	return lower_site(l, given, param->type);
}

/* In the order of the parameters, whatever that of the arguments is. */
static void lower_arguments(struct lower *l, const struct node *call,
			    const struct symbol *callee, const struct site **args)
{
	enum { FEW = 32 };
	struct node *few[FEW] = {NULL}, **given = few;

	if (callee->nparams > FEW)
		given = ARENA_ARRAY(l->s->parse.arena, callee->nparams, struct node *);
	list_each(arg, &call->call.args)
		given[arg->ref->index] = arg->arg.value;
	for (uint32_t i = 0; i < callee->nparams; i++)
		args[i] = lower_argument(l, given[i], callee->params[i]);
}

static struct operand add_call(struct lower *l, struct node *call, const struct sym *name,
			       const struct list *with, bool has_after)
{
	struct symbol *callee = symbol_target(call->ref);
	bool is_task = callee->kind == SYMBOL_COMPONENT;
	struct module_node n = graph_node(l, is_task ? NODE_TASK : NODE_CALL,
					name ? name : callee->name, call->span);
	const struct site **args = ARENA_ARRAY(&l->m->arena, callee->nparams,
					       const struct site *);
	struct operand task = {.outs = callee->outs, .nouts = callee->nouts};

	lower_arguments(l, call, callee, args);
	n.target = callee->index;
	n.args = args;
	n.nargs = callee->nparams;
	n.settings = lower_settings(l, with, 'W', &n.nsettings);
	if (callee->is_load)
		lower_load(l, call, &n);
	if (with && has_after)
		lower_after(l, with, &n);
	task.node = graph_add(l, n, "");
	return task;
}

struct operand lower_call(struct lower *l, struct node *call, const struct sym *name,
			  const struct list *with)
{
	return add_call(l, call, name, with, true);
}

static uint32_t add_branch(struct lower *l, struct node *cond, struct span at)
{
	struct module_node n = graph_node(l, NODE_BRANCH, NULL, at);

	struct value known;

	n.cond = lower_site(l, cond, l->s->types->boolean);
	if (site_value(n.cond, &known))
		diag(l->diags, cond->span, W0403, "this is always %s",
		     known.b ? "True" : "False");
	return graph_add(l, n, "");
}

/* The outputs that two operands of a merged name have in common. */
static struct operand add_merge(struct lower *l, uint32_t branch, struct symbol *sym,
				const struct site **on_then, const struct site **on_else)
{
	bool is_task = sym->kind == SYMBOL_TASK;
	uint32_t n = is_task ? sym->nouts : 1;
	struct module_merge *outs = ARENA_ARRAY(&l->m->arena, n, struct module_merge);
	struct module_node node = graph_node(l, NODE_MERGE, sym->name, sym->span);

	for (uint32_t i = 0; i < n; i++)
		outs[i] = (struct module_merge){
			.name = is_task ? arena_str(&l->m->arena,
						    sym_str(sym->outs[i].name))
					: STR(""),
			.type = type_read(l->s->types, is_task ? sym->outs[i].type : sym->type),
			.then_value = on_then[i],
			.else_value = on_else[i],
		};
	node.block = l->graph->nodes.at[branch].block;
	node.target = branch;
	node.outs = outs;
	node.nouts = n;
	return (struct operand){
		.node = graph_add(l, node, "#merge"),
		.outs = sym->outs,
		.nouts = sym->nouts,
		.lists = sym->lists,
	};
}

/* The sites of what operand o gives for each output of the merged sym. */
static const struct site **merge_side(struct lower *l, struct symbol *sym,
				      struct operand o,
				      struct span at)
{
	bool is_task = sym->kind == SYMBOL_TASK;
	uint32_t n = is_task ? sym->nouts : 1;
	const struct site **sites = ARENA_ARRAY(&l->m->arena, n, const struct site *);

	for (uint32_t i = 0; i < n; i++) {
		const struct type *declared = is_task ? sym->outs[i].type : sym->type;
		const struct type *t = type_read(l->s->types, declared);
		struct expr *e = o.value;
		uint32_t out = 0;

		while (!e && o.nouts > 1 && o.outs[out].name != sym->outs[i].name)
			out++;
		sites[i] = builder_site(&l->b, e ? e : lower_output(l, o, out, at), t);
	}
	return sites;
}

static struct operand lower_named(struct lower *l, struct node *value,
				  const struct sym *name)
{
	if (value->kind == AST_CALL && value->ref &&
	    (symbol_target(value->ref)->kind == SYMBOL_COMPONENT ||
	     symbol_target(value->ref)->kind == SYMBOL_PIPELINE))
		return lower_call(l, value, name, NULL);
	if (value->kind == AST_COND && value->ref)
		return lower_cond(l, value, name);
	if (value->kind == AST_COMPREHENSION && value->ref)
		return lower_task_list(l, value, name, NULL, true);
	return lower_operand(l, value);
}

struct operand lower_element(struct lower *l, struct node *element,
			     const struct sym *name, const struct list *with)
{
	if (element->kind == AST_CALL && element->ref)
		return add_call(l, element, name, with, false);
	return lower_named(l, element, name);
}

/* An arm of a conditional that sym is made from. */
static struct operand lower_arm(struct lower *l, struct node *arm,
				const struct symbol *sym, const struct sym *name)
{
	struct operand o = lower_named(l, arm, name);

	if (!o.value && sym->kind == SYMBOL_VALUE)
		o.value = lower_narrowed(l, arm, lower_output(l, o, 0, arm->span));
	return o;
}

struct operand lower_cond(struct lower *l, struct node *cond, const struct sym *name)
{
	struct graph *g = l->graph;
	uint32_t branch = add_branch(l, cond->cond.cond, cond->span);
	const struct site **on_then, **on_else;
	struct symbol *sym = cond->ref;
	struct inside around;
	struct operand o;

	around = graph_enter(l, BLOCK_THEN, branch);
	g->nodes.at[branch].then_block = g->block;
	o = lower_arm(l, cond->cond.then, sym, name);
	on_then = merge_side(l, sym, o, cond->cond.then->span);
	graph_leave(l, around);
	around = graph_enter(l, BLOCK_ELSE, branch);
	g->nodes.at[branch].else_block = g->block;
	o = lower_arm(l, cond->cond.orelse, sym, name);
	on_else = merge_side(l, sym, o, cond->cond.orelse->span);
	graph_leave(l, around);
	if (name)
		sym->name = name;
	o = add_merge(l, branch, sym, on_then, on_else);
	if (sym->kind == SYMBOL_VALUE)
		o.value = builder_input(&l->b, (struct input){INPUT_NODE, o.node, 0},
					sym->type,
					cond->span);
	return o;
}

/* What a symbol of one branch stands for. */
static struct operand bound(struct lower *l, struct symbol *sym, struct span at)
{
	struct input in = {INPUT_NODE, sym->index, 0};

	if (sym->on_then || sym->on_else)
		in.index = lower_merged(l, sym).node;
	if (sym->kind == SYMBOL_TASK)
		return (struct operand){.node = in.index, .outs = sym->outs,
					.nouts = sym->nouts, .lists = sym->lists,
					.pick = sym->pick};
	return (struct operand){.value = builder_input(&l->b, in, sym->type, at)};
}

/* One side of a merged name; None where it is not bound there. */
static const struct site **bound_side(struct lower *l, struct symbol *sym,
				      struct symbol *side)
{
	struct operand none = {0};

	if (side)
		return merge_side(l, sym, bound(l, side, sym->span), side->span);
	none.value = builder_const(&l->b, VALUE_NONE_V, l->s->types->none, sym->span);
	return merge_side(l, sym, none, sym->span);
}

/* The MERGE node of a name bound in both branches. */
struct operand lower_merged(struct lower *l, struct symbol *sym)
{
	uint32_t branch = sym->decl->ref ? sym->decl->ref->index : MODULE_NONE;
	struct operand o = {.node = sym->index, .outs = sym->outs, .nouts = sym->nouts,
			    .lists = sym->lists};
	const struct site **on_then, **on_else;
	struct graph *g = l->graph;
	uint32_t block = g->block;

	if (sym->index != MODULE_NONE)
		return o;
	g->block = g->nodes.at[branch].block;
	on_then = bound_side(l, sym, sym->on_then);
	on_else = bound_side(l, sym, sym->on_else);
	o = add_merge(l, branch, sym, on_then, on_else);
	g->block = block;
	sym->index = o.node;
	return o;
}

static uint32_t add_value(struct lower *l, const struct site *s, const struct sym *name,
			  struct span at)
{
	struct module_node n = graph_node(l, NODE_EXPR, name, at);

	n.cond = s;
	n.type = s->type;
	return graph_add(l, n, "");
}

static void lower_bind(struct lower *l, struct node *item)
{
	struct node *value = item->bind.value;
	struct symbol *sym = item->bind.target->ref;
	struct operand o;

	if (value->kind == AST_CALL && item->bind.with.n)
		o = lower_call(l, value, sym->name, &item->bind.with);
	else if (value->kind == AST_COMPREHENSION && item->bind.with.n)
		o = lower_task_list(l, value, sym->name, &item->bind.with, true);
	else
		o = lower_named(l, value, sym->name);
	if (!o.value && sym->kind == SYMBOL_TASK) {
		sym->index = o.node;
		sym->pick = o.pick;
		return;
	}
	if (!o.value)
		o.value = lower_output(l, o, 0, value->span);
	sym->index = add_value(l, builder_site(&l->b, o.value, sym->type), sym->name,
			       item->bind.target->span);
}

/* Names are merged where the branches end, so that what follows comes after them. */
void lower_merges(struct lower *l, struct symbol *head)
{
	struct symbol *first = NULL, *sym = head->merged, *next;

	for (; sym; sym = next) {	/* in the order of the source */
		next = sym->next;
		sym->next = first;
		first = sym;
	}
	for (sym = first; sym; sym = sym->next)
		if (sym->used)
			lower_merged(l, sym);
}

/* if: its branch and both blocks.  The symbol in ref carries the branch's number. */
static struct returned lower_if(struct lower *l, struct node *item)
{
	struct graph *g = l->graph;
	uint32_t branch = add_branch(l, item->if_.cond, item->if_.cond->span);
	struct inside around;
	struct returned on_then, on_else = {0}, both = {0};
	struct symbol *outs;

	if (!item->ref)
		item->ref = ARENA_NEW(l->s->parse.arena, struct symbol);
	item->ref->index = branch;
	around = graph_enter(l, BLOCK_THEN, branch);
	g->nodes.at[branch].then_block = g->block;
	on_then = lower_items(l, &item->if_.then);
	graph_leave(l, around);
	if (item->if_.has_else) {
		around = graph_enter(l, BLOCK_ELSE, branch);
		g->nodes.at[branch].else_block = g->block;
		on_else = lower_items(l, &item->if_.orelse);
		graph_leave(l, around);
	}
	lower_merges(l, item->ref);
	if (!on_then.values || !on_else.values || !g->pipeline->nouts)
		return both;
	outs = ARENA_NEW(l->s->parse.arena, struct symbol);
	*outs = *g->pipeline;
	outs->kind = SYMBOL_TASK;
	outs->name = NULL;
	outs->span = item->if_.cond->span;
	both.values = merge_side(l, outs, add_merge(l, branch, outs, on_then.values,
						    on_else.values), outs->span);
	return both;
}

static struct returned lower_return(struct lower *l, struct node *item)
{
	const struct symbol *p = l->graph->pipeline;
	struct returned r = {ARENA_ARRAY(&l->m->arena, p->nouts + 1,
					 const struct site *)};

	list_each(arg, &item->return_.values) {
		uint32_t i = arg->arg.name ? symbol_find_out(p, arg->arg.name) : 0;

		r.values[i] = lower_site(l, arg->arg.value,
					 type_read(l->s->types, p->outs[i].type));
	}
	return r;
}

static struct returned lower_items(struct lower *l, const struct list *items)
{
	struct returned r = {0};

	list_each(item, items) {
		switch (item->kind) {
		case AST_BIND:
			lower_bind(l, item);
			break;
		case AST_DO:
			if (item->do_.value->kind == AST_CALL)
				lower_call(l, item->do_.value, NULL, &item->do_.with);
			else if (item->do_.value->kind == AST_COMPREHENSION)
				lower_task_list(l, item->do_.value, NULL, &item->do_.with,
						true);
			else
				lower_operand(l, item->do_.value);
			break;
		case AST_IF:
			r = lower_if(l, item);
			if (r.values)
				return r;
			break;
		case AST_FOR:
			lower_for(l, item);
			break;
		case AST_TRY:
			lower_try(l, item);
			break;
		case AST_ASSERT:
			lower_assert(l, item);
			break;
		case AST_RETURN:
			return lower_return(l, item);
		default:
			break;
		}
	}
	return r;
}

void lower_statements(struct lower *l, const struct list *items)
{
	lower_items(l, items);
}

void lower_pipeline(struct lower *l, struct symbol *sym, struct module_pipeline *out)
{
	struct node *decl = sym->decl;
	struct graph g = {.pipeline = sym, .asserted = MODULE_NONE};
	struct module_output *outs;
	struct returned r;

	l->file = sym->file;
	l->graph = &g;
	graph_reserve(l, decl->pipeline.items.n);
	map_reserve(&g.paths, decl->pipeline.items.n);
	*out = (struct module_pipeline){
		.name = arena_str(&l->m->arena, sym_str(sym->name)),
		.doc = arena_str(&l->m->arena, decl->pipeline.doc),
		.params = lower_params(l, sym),
		.nparams = sym->nparams,
		.noutputs = sym->nouts,
		.in_root = sym->file == l->s->files.at[0],
		.loc = builder_loc(&l->b, sym->span),
	};
	out->settings = lower_settings(l, &decl->pipeline.items, 'P', &out->nsettings);
	graph_enter(l, BLOCK_BODY, MODULE_NONE);
	outs = lower_outputs(l, sym);
	r = lower_items(l, &decl->pipeline.items);
	for (uint32_t i = 0; i < sym->nouts; i++)
		outs[i].value = r.values ? r.values[i] : NULL;
	out->outputs = outs;
	out->nodes = g.nodes.at;
	out->blocks = arena_dup(&l->m->arena, g.blocks.at,
				g.blocks.n * sizeof *g.blocks.at);
	out->nnodes = (uint32_t)g.nodes.n;
	out->nblocks = (uint32_t)g.blocks.n;
	vec_release(&g.blocks);
	map_release(&g.paths);
	l->graph = NULL;
}
