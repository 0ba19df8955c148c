/* Finding one's way in a plan. */
#include <config.h>

#include "runtime/vm/plan.h"
#include "runtime/vm/plan_shape.h"

uint32_t plan_inst_of(const struct plan *p, uint32_t scope, uint32_t node)
{
	const struct scope *s = &p->scopes.at[scope];
	const struct shape_node *n = &p->shapes[s->pipeline]->nodes[node];

	while (s->is_iteration && s->call != n->loop)
		s = &p->scopes.at[s->parent];
	return s->inst_of[n->local];
}

uint32_t plan_whole(const struct plan *p, uint32_t scope)
{
	while (p->scopes.at[scope].is_iteration)
		scope = p->scopes.at[scope].parent;
	return scope;
}

/* Is frame f, or one around it, the frame `around`? */
static bool is_in_frame(const struct plan *p, uint32_t f, uint32_t around)
{
	while (f && f != around)
		f = plan_scope(p, plan_inst(p, p->loops.at[p->frames.at[f]->loop]->inst))
			    ->frame;
	return f == around;
}

uint32_t plan_seen_from(const struct plan *p, uint32_t scope, uint32_t inst)
{
	uint32_t at = p->scopes.at[scope].frame;
	uint32_t f = plan_scope(p, plan_inst(p, inst))->frame;

	for (; !is_in_frame(p, at, f); f = plan_scope(p, plan_inst(p, inst))->frame)
		inst = p->loops.at[p->frames.at[f]->loop]->inst;
	return inst;
}

uint32_t plan_merge_gate(const struct plan *p, uint32_t scope,
			 const struct module_node *n)
{
	const struct module_pipeline *pl = &p->m->pipelines[p->scopes.at[scope].pipeline];
	uint32_t i = plan_inst_of(p, scope, n->target);

	return pl->nodes[n->target].kind == NODE_TRY ? i - INST_TRY_END + INST_BODY : i;
}

uint32_t plan_input(const struct plan *p, uint32_t scope, const struct input *in,
		    uint32_t *value)
{
	const struct scope *s;
	uint32_t i;

	*value = 0;
	if (in->kind == INPUT_PARAM) {
		s = &p->scopes.at[plan_whole(p, scope)];
		return s->begin == MODULE_NONE ? MODULE_NONE : s->begin + 1 + in->index;
	}
	if (in->kind != INPUT_NODE)
		return MODULE_NONE;
	i = plan_inst_of(p, scope, in->index);
	if (plan_inst(p, i)->kind == INST_END)
		return i + 1 + in->output;
	*value = in->output;
	return i;
}

const struct module_pipeline *plan_pipeline(const struct plan *p, const struct inst *i)
{
	return &p->m->pipelines[plan_scope(p, i)->pipeline];
}

const struct module_node *plan_node(const struct plan *p, const struct inst *i)
{
	const struct scope *s = plan_scope(p, i);

	switch ((enum inst_kind)i->kind) {
	case INST_BEGIN:
	case INST_PARAM:
	case INST_END:
	case INST_OUTPUT:
		if (s->parent == MODULE_NONE)
			return NULL;
		return &p->m->pipelines[p->scopes.at[s->parent].pipeline].nodes[s->call];
	default:
		return &p->m->pipelines[s->pipeline].nodes[i->node];
	}
}

const struct module_component *plan_component(const struct plan *p, const struct inst *i)
{
	return &p->m->components[plan_node(p, i)->target];
}

bool plan_is_top(const struct plan *p, uint32_t node)
{
	return p->shapes[p->scopes.at[0].pipeline]->nodes[node].loop == MODULE_NONE;
}

uint32_t plan_root_node(const struct plan *p, const struct inst *i)
{
	const struct scope *s = plan_scope(p, i);
	uint32_t node = i->node;

	for (; s->parent != MODULE_NONE; s = &p->scopes.at[s->parent])
		node = s->call;
	return node;
}

/* "sub/x[3]/", what stands in front of the addresses in a scope. */
static void add_prefix(const struct plan *p, uint32_t scope, struct buf *b)
{
	const struct scope *s = &p->scopes.at[scope];
	const struct module_node *n;

	if (s->parent == MODULE_NONE)
		return;
	add_prefix(p, s->parent, b);
	n = &p->m->pipelines[p->scopes.at[s->parent].pipeline].nodes[s->call];
	buf_add(b, n->path);
	if (s->is_iteration)
		buf_addf(b, "[%u]", p->frames.at[s->frame]->index);
	buf_addc(b, '/');
}

static struct str own_name(const struct plan *p, const struct inst *i)
{
	const struct module_pipeline *pl = plan_pipeline(p, i);

	switch ((enum inst_kind)i->kind) {
	case INST_BEGIN:
	case INST_END:
	case INST_ITER:
		return STR("");
	case INST_PARAM:
		return pl->params[i->node].name;
	case INST_OUTPUT:
		return pl->outputs[i->node].name;
	default:
		return plan_node(p, i)->path;
	}
}

struct str plan_path(const struct plan *p, uint32_t inst, struct arena *a)
{
	const struct inst *i = plan_inst(p, inst);
	struct str name = own_name(p, i), path;
	struct buf b = {0};

	if (plan_scope(p, i)->parent == MODULE_NONE)
		return name;
	add_prefix(p, i->scope, &b);
	if (!name.n)
		b.n--;
	buf_add(&b, name);
	path = arena_str(a, buf_str(&b));
	buf_release(&b);
	return path;
}

const char *skip_reason_name(enum skip_reason r)
{
	static const char *const names[] = {
		[SKIP_NONE] = "",
		[SKIP_BRANCH] = "branch",
		[SKIP_UPSTREAM_FAILED] = "upstream_failed",
		[SKIP_UPSTREAM_SKIPPED] = "upstream_skipped",
		[SKIP_CANCELLED] = "cancelled",
	};

	return names[r];
}
