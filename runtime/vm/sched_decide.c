/* How instances come to their ends: values, skips, what follows from them. */
#include <config.h>

#include "runtime/bc/explain.h"
#include "runtime/vm/sched_call.h"
#include "runtime/vm/sched_int.h"
#include "runtime/vm/sched_values.h"
#include "runtime/vm/where.h"

struct arena *sched_arena(struct sched *s, const struct inst *i)
{
	return plan_scope(s->plan, i)->frame ? &plan_frame(s->plan, i)->arena : s->arena;
}

/* A failure that no except covers is the run's, and that of the calls that it is in;
 * else of those that the except is around. */
static void note_failure(struct sched *s, uint32_t i, struct sched_change *c)
{
	uint32_t cover = sched_try_failed(s, i, c);

	c->is_covered = cover != MODULE_NONE;
	call_failed(s, i, cover);
	if (c->is_covered)
		return;
	s->is_stopping |= s->stop_on_failure;
	if (s->has_failed)
		return;
	s->has_failed = true;
	s->first_kind = (enum inst_kind)plan_inst(s->plan, i)->kind;
	s->first_path = arena_str(s->arena, plan_path(s->plan, i, s->arena));
	s->first_error = arena_str(s->arena, c->end->error);
	s->first_place = arena_str(s->arena, c->end->place);
}

void sched_settle(struct sched *s, uint32_t i, enum inst_state state,
		  struct sched_change *change)
{
	struct inst *inst = plan_inst(s->plan, i);
	uint32_t frame = plan_scope(s->plan, inst)->frame;

	inst->state = (uint8_t)state;
	s->nopen--;
	change->inst = i;
	change->state = state;
	if (state == INST_FAILED && change->end)
		note_failure(s, i, change);
	s->ops->changed(s->ctx, change);
	if (inst->kind == INST_BEGIN && state == INST_OK)
		call_begins(s, inst->scope);
	else if (inst->kind == INST_END)
		call_ends(s, inst->scope);
	vec_push(&s->settled, i);
	if (frame && !--s->plan->frames.at[frame]->nopen)
		vec_push(&s->ended, frame);
}

void sched_skip(struct sched *s, uint32_t i, enum skip_reason reason, uint32_t because)
{
	struct inst *inst = plan_inst(s->plan, i);
	struct sched_change c = {.kind = SCHED_SKIPPED};

	inst->reason = (uint8_t)reason;
	inst->because = because;
	sched_settle(s, i, INST_SKIPPED, &c);
}

void sched_fail(struct sched *s, uint32_t i, struct err *err)
{
	struct sched_change c = {.kind = SCHED_VALUE};
	struct sched_end end = {
		.how = SCHED_FAILED, .place = STR(""), .members = STR("")};

	sched_split_place(err, s->arena, &end.place);
	end.error = str_of(err->text);
	c.end = &end;
	sched_settle(s, i, INST_FAILED, &c);
}

/* One that is computed here and now: its value, or why there is none. */
static int compute(struct sched *s, uint32_t i, const struct site *site,
		   struct value *out, struct err *err)
{
	const struct inst *inst = plan_inst(s->plan, i);
	struct arena scratch, *a = sched_arena(s, inst);
	struct value v;
	int rc;

	if (a != s->arena)
		return sched_eval(s, inst->scope, i, site, a, out, err);
	arena_init(&scratch);
	rc = sched_eval(s, inst->scope, i, site, &scratch, &v, err);
	if (!rc)
		*out = value_copy(a, v);
	arena_release(&scratch);
	return rc;
}

static int compute_param(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	const struct inst *inst = plan_inst(s->plan, i);
	const struct scope *scope = plan_scope(s->plan, inst);
	const struct module_node *n = plan_node(s->plan, inst);
	const struct module_param *params = plan_pipeline(s->plan, inst)->params;
	struct where_values w = {.params = params};
	struct value v, *values;
	struct arena scratch;
	int rc;

	arena_init(&scratch);
	rc = sched_arg(s, scope->parent, i, n, &params[inst->node], inst->node, &scratch,
		       &v, err);
	if (!rc) {
		*out = value_copy(sched_arena(s, inst), v);
		values = ARENA_ARRAY(&scratch, inst->node + 1, struct value);
		values[inst->node] = *out;
		for (uint32_t k = 0; params[inst->node].where && k < inst->node; k++) {
			const struct inst *p = plan_inst(s->plan, scope->begin + 1 + k);

			values[k] = p->values ? p->values[0] : VALUE_NONE_V;
		}
		w.args = values;
		rc = where_check_param(s->plan->m, &w, inst->node, err);
	}
	arena_release(&scratch);
	return rc;
}

static int compute_arm(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	const struct module_node *n = plan_node(s->plan, plan_inst(s->plan, i));
	bool then = plan_inst(s->plan, i)->arm == ARM_THEN;

	for (uint32_t k = 0; k < n->nouts; k++)
		if (compute(s, i, then ? n->outs[k].then_value : n->outs[k].else_value,
			    &out[k], err))
			return -1;
	return 0;
}

/* What an iteration gives. */
static int compute_iter(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	const struct module_node *n = plan_node(s->plan, plan_inst(s->plan, i));

	for (uint32_t k = 0; k < n->nouts; k++)
		if (compute(s, i, n->outs[k].then_value, &out[k], err))
			return -1;
	return 0;
}

/* "; a is 3, fit.accuracy is 0.5": what the condition looked at. */
static void add_values(struct sched *s, uint32_t i, struct arena *a, struct buf *b)
{
	const struct inst *inst = plan_inst(s->plan, i);
	const struct site *cond = plan_node(s->plan, inst)->cond;
	const struct module_pipeline *p = plan_pipeline(s->plan, inst);
	struct explain_names names = {.params = p->params, .pipeline = p};
	struct value *inputs = ARENA_ARRAY(a, cond->ninputs, struct value);
	size_t mark = b->n;
	struct err err;

	for (uint32_t k = 0; k < cond->ninputs; k++)
		if (sched_input(s, inst->scope, i, &cond->inputs[k], a, &inputs[k], &err))
			return;
	buf_addz(b, "; ");
	explain_condition(s->plan->m, cond, inputs, &names, b);
	if (b->n == mark + 2)
		b->n = mark;
}

static int broken_assertion(struct sched *s, uint32_t i, struct err *err)
{
	const struct inst *inst = plan_inst(s->plan, i);
	const struct module_node *n = plan_node(s->plan, inst);
	struct arena a = {0};
	struct buf why = {0};
	struct value v;
	struct str place = module_loc(s->plan->m, n->loc, &a);
	int rc = 0;

	buf_addf(&why, "assertion failed: %.*s", STR_ARG(n->cond->text));
	add_values(s, i, &a, &why);
	if (!n->nargs || !n->args[0])
		err_setk(err, ERR_EVAL, "%.*s", STR_ARG(buf_str(&why)));
	else if (sched_eval(s, inst->scope, i, n->args[0], &a, &v, err))
		rc = -1;
	else
		err_setk(err, ERR_EVAL, "%.*s (%.*s)", STR_ARG(*v.s),
			 STR_ARG(buf_str(&why)));
	if (!rc)
		err_wrap(err, "%.*s", STR_ARG(place));
	buf_release(&why);
	arena_release(&a);
	return -1;
}

static int compute_assert(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	if (compute(s, i, plan_node(s->plan, plan_inst(s->plan, i))->cond, out, err))
		return -1;
	return out->b ? 0 : broken_assertion(s, i, err);
}

uint32_t sched_count_values(const struct sched *s, const struct inst *i)
{
	switch ((enum inst_kind)i->kind) {
	case INST_TASK:
		return plan_component(s->plan, i)->noutputs;
	case INST_ARM:
	case INST_ITER:
	case INST_LOOP:
		return plan_node(s->plan, i)->nouts;
	case INST_TRY:
	case INST_BODY:
	case INST_EXCEPT:
		return 2;
	case INST_BEGIN:
	case INST_END:
	case INST_MERGE:
	case INST_TRY_END:
		return 0;
	case INST_ASSERT:
	case INST_EXPR:
	case INST_BRANCH:
	case INST_PARAM:
	case INST_OUTPUT:
		break;
	}
	return 1;
}

static int compute_values(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	const struct inst *inst = plan_inst(s->plan, i);

	switch ((enum inst_kind)inst->kind) {
	case INST_EXPR:
	case INST_BRANCH:
		return compute(s, i, plan_node(s->plan, inst)->cond, out, err);
	case INST_ARM:
		return compute_arm(s, i, out, err);
	case INST_ITER:
		return compute_iter(s, i, out, err);
	case INST_ASSERT:
		return compute_assert(s, i, out, err);
	case INST_BODY:
	case INST_EXCEPT:
		sched_try_values(s, i, out);
		return 0;
	case INST_PARAM:
		return compute_param(s, i, out, err);
	case INST_OUTPUT:
		return compute(s, i,
			       plan_pipeline(s->plan, inst)->outputs[inst->node].value,
			       out, err);
	case INST_TASK:
	case INST_MERGE:
	case INST_BEGIN:
	case INST_END:
	case INST_LOOP:
	case INST_TRY:
	case INST_TRY_END:
		break;
	}
	return 0;
}

static void compute_now(struct sched *s, uint32_t i)
{
	struct inst *inst = plan_inst(s->plan, i);
	struct sched_change c = {.kind = SCHED_VALUE};
	struct value *values = ARENA_ARRAY(sched_arena(s, inst),
					   sched_count_values(s, inst) + 1, struct value);
	struct err err;

	if (compute_values(s, i, values, &err)) {
		sched_fail(s, i, &err);
		return;
	}
	inst->values = values;
	c.value = values[0];
	if (inst->kind == INST_BRANCH) {
		c.kind = SCHED_BRANCH;
		c.taken = values[0].b;
		inst->arm = c.taken ? ARM_THEN : ARM_ELSE;
	}
	sched_settle(s, i, INST_OK, &c);
}

void sched_unblock(struct sched *s, uint32_t i)
{
	struct inst *inst = plan_inst(s->plan, i);

	switch ((enum inst_kind)inst->kind) {
	case INST_TASK:
		inst->state = INST_READY;
		vec_push(&s->ready, i);
		return;
	case INST_LOOP:
		sched_loop_begin(s, i);
		return;
	case INST_BODY:
	case INST_EXCEPT:
	case INST_TRY_END:
		sched_try_decide(s, i);
		break;
	default:
		break;
	}
	if (inst->reason && inst->kind != INST_BODY && inst->kind != INST_EXCEPT)
		sched_skip(s, i, (enum skip_reason)inst->reason, inst->because);
	else
		compute_now(s, i);
}

/* Skips i because `from` went wrong, or took the other arm. */
static void skip_for(struct sched *s, uint32_t i, uint32_t from)
{
	const struct inst *f = plan_inst(s->plan, from);

	if (f->state == INST_OK && f->kind == INST_BODY)
		sched_skip_for_body(s, i, from);
	else if (f->state == INST_OK)
		sched_skip(s, i, SKIP_BRANCH, from);
	else if (f->state == INST_FAILED)
		sched_skip(s, i, SKIP_UPSTREAM_FAILED, from);
	else if (f->state == INST_CANCELLED)
		sched_skip(s, i, SKIP_CANCELLED, from);
	else if (f->kind == INST_TASK && f->reason == SKIP_BRANCH)
		sched_skip(s, i, SKIP_UPSTREAM_SKIPPED, from);
	else
		sched_skip(s, i, (enum skip_reason)f->reason, f->because);
}

/* A merge takes what its active side gives, and hears nothing of the other one. */
static void settle_merge(struct sched *s, uint32_t i, uint32_t from)
{
	const struct inst *arm = plan_inst(s->plan, from);
	struct sched_change c = {.kind = SCHED_VALUE};

	if (arm->state == INST_OK) {
		plan_inst(s->plan, i)->values = arm->values;
		sched_settle(s, i, INST_OK, &c);
		return;
	}
	if (arm->reason == SKIP_BRANCH &&
	    plan_inst(s->plan, arm->because)->state == INST_OK &&
	    arm->because ==
		    plan_merge_gate(s->plan, arm->scope, plan_node(s->plan, arm)))
		return;
	skip_for(s, i, from);
}

static void follow(struct sched *s, uint32_t from, const struct edge *e)
{
	const struct inst *f = plan_inst(s->plan, from);
	struct inst *to = plan_inst(s->plan, e->to);
	bool good = f->state == INST_OK && (e->arm == ARM_ANY || e->arm == f->arm);

	if (to->state != INST_WAITING)
		return;
	if (to->kind == INST_MERGE) {
		settle_merge(s, e->to, from);
		return;
	}
	if (e->arm == ARM_SETTLED)
		sched_note(to, from, f);
	else if (!good) {
		skip_for(s, e->to, from);
		return;
	}
	if (--to->blocked == 0)
		sched_unblock(s, e->to);
}

static void follow_settled(struct sched *s)
{
	for (size_t k = 0; k < s->settled.n; k++) {
		uint32_t from = s->settled.at[k], e = plan_inst(s->plan, from)->first;

		for (; e != MODULE_NONE; e = s->plan->edges.at[e].next)
			follow(s, from, &s->plan->edges.at[e]);
	}
	vec_clear(&s->settled);
}

void sched_follow_all(struct sched *s)
{
	if (s->is_settling)
		return;
	s->is_settling = true;
	do {
		follow_settled(s);
		while (s->ended.n && !s->settled.n)
			sched_loop_ended(s, s->plan->frames.at[vec_pop(&s->ended)]);
	} while (s->settled.n);
	s->is_settling = false;
}
