/* Parts of tries, and what is left to do in a run that is stopped. */
#include <config.h>

#include "runtime/vm/sched_int.h"

void sched_note(struct inst *end, uint32_t from, const struct inst *f)
{
	enum skip_reason reason = SKIP_NONE;
	uint32_t because = from;

	if (f->state == INST_FAILED) {
		reason = SKIP_UPSTREAM_FAILED;
	} else if (f->state == INST_CANCELLED) {
		reason = SKIP_CANCELLED;
	} else if (f->state == INST_SKIPPED && f->reason != SKIP_BRANCH &&
		   f->reason != SKIP_UPSTREAM_SKIPPED) {
		reason = (enum skip_reason)f->reason;
		because = f->because;
	}
	if (reason && (!end->reason || (reason == SKIP_CANCELLED &&
					end->reason != SKIP_CANCELLED))) {
		end->reason = (uint8_t)reason;
		end->because = because;
	}
}

static struct value make_error(struct arena *a, struct str task, struct str message,
			       int64_t code)
{
	struct value_pair *at;
	struct value v = value_dict(a, 3, &at);

	at[0] = (struct value_pair){STR("task"), value_str(a, task)};
	at[1] = (struct value_pair){STR("message"), value_str(a, message)};
	at[2] = (struct value_pair){STR("code"), value_int(code)};
	return v;
}

/* The TRY of a node, seen from the scope; slot 0 is for its body, 1 for its except. */
static void keep_error(struct sched *s, uint32_t try, unsigned slot, uint32_t i,
		       const struct sched_change *c)
{
	struct inst *inst = plan_inst(s->plan, try);
	struct arena *a = sched_arena(s, inst);

	if (inst->values && inst->values[slot].kind == VALUE_NONE)
		inst->values[slot] =
			make_error(a, plan_path(s->plan, i, a), c->end->error,
				   c->task ? c->end->exit_code : -1);
}

/* The tries of one pipeline around a node; true at one that covers a failure in it. */
static bool tell_tries(struct sched *s, uint32_t scope, uint32_t node, uint32_t i,
		       const struct sched_change *c)
{
	const struct module_pipeline *p =
		&s->plan->m->pipelines[s->plan->scopes.at[scope].pipeline];

	for (uint32_t b = p->nodes[node].block; b; b = p->nodes[node].block) {
		enum block_kind kind = p->blocks[b].kind;
		uint32_t end;

		node = p->blocks[b].owner;
		if (kind != BLOCK_TRY && kind != BLOCK_EXCEPT)
			continue;
		end = plan_inst_of(s->plan, scope, node);
		keep_error(s, end - INST_TRY_END + INST_TRY, kind == BLOCK_EXCEPT, i, c);
		if (kind == BLOCK_TRY && p->nodes[node].else_block != MODULE_NONE)
			return true;
	}
	return false;
}

/* Where an instance stands: a node seen from a scope. */
struct spot {
	uint32_t scope, node;
};

static struct spot spot_of(const struct plan *p, uint32_t i)
{
	const struct inst *inst = plan_inst(p, i);
	const struct scope *at = plan_scope(p, inst);

	switch ((enum inst_kind)inst->kind) {
	case INST_BEGIN:
	case INST_PARAM:
	case INST_END:
	case INST_OUTPUT:
		return (struct spot){at->parent, at->call};
	default:
		return (struct spot){inst->scope, inst->node};
	}
}

/* The call of the pipeline that it is in; its scope is MODULE_NONE in the root. */
static struct spot spot_around(const struct plan *p, struct spot at)
{
	const struct scope *s = &p->scopes.at[plan_whole(p, at.scope)];

	return (struct spot){s->parent, s->call};
}

uint32_t sched_try_failed(struct sched *s, uint32_t i, const struct sched_change *c)
{
	struct spot at = spot_of(s->plan, i);

	for (; at.scope != MODULE_NONE; at = spot_around(s->plan, at))
		if (tell_tries(s, at.scope, at.node, i, c))
			return plan_whole(s->plan, at.scope);
	return MODULE_NONE;
}

/* How a part of a try went, as run.state says it. */
static struct str state_name(const struct inst *part)
{
	return part->reason == SKIP_NONE	? STR("succeeded")
	       : part->reason == SKIP_CANCELLED ? STR("cancelled")
						: STR("failed");
}

void sched_try_values(struct sched *s, uint32_t i, struct value *out)
{
	const struct inst *part = plan_inst(s->plan, i);
	bool is_body = part->kind == INST_BODY;
	const struct inst *try = plan_inst(s->plan, i - part->kind + INST_TRY);
	struct arena *a = sched_arena(s, part);

	out[TRY_STATE] = value_str(a, state_name(part));
	out[TRY_ERROR] = VALUE_NONE_V;
	if (part->reason == SKIP_NONE)
		return;
	out[TRY_ERROR] = try->values[0];
	if (!is_body && try->values[1].kind != VALUE_NONE)
		out[TRY_ERROR] = try->values[1];
	if (out[TRY_ERROR].kind == VALUE_NONE && part->reason == SKIP_UPSTREAM_FAILED)
		out[TRY_ERROR] = make_error(a, plan_path(s->plan, part->because, a),
					    STR("it did not run"), -1);
}

void sched_try_decide(struct sched *s, uint32_t i)
{
	struct inst *part = plan_inst(s->plan, i), *before = part - 1;
	bool is_handled = part->kind == INST_EXCEPT &&
			  before->reason != SKIP_CANCELLED &&
			  plan_node(s->plan, part)->else_block != MODULE_NONE;

	if (part->kind == INST_BODY) {
		part->arm = part->reason == SKIP_NONE	     ? ARM_THEN
			    : part->reason == SKIP_CANCELLED ? ARM_ANY
							     : ARM_ELSE;
	} else if (part->reason == SKIP_NONE && !is_handled) {
		part->reason = before->reason;
		part->because = before->because;
	}
}

void sched_skip_for_body(struct sched *s, uint32_t i, uint32_t body)
{
	const struct inst *b = plan_inst(s->plan, body);

	if (b->reason == SKIP_CANCELLED)
		sched_skip(s, i, SKIP_CANCELLED, MODULE_NONE);
	else if (b->reason && plan_node(s->plan, b)->else_block == MODULE_NONE)
		sched_skip(s, i, SKIP_UPSTREAM_FAILED, b->because);
	else
		sched_skip(s, i, SKIP_BRANCH, body);
}

enum block_kind sched_try_block(const struct sched *s, uint32_t scope, uint32_t i,
				uint32_t node)
{
	const struct module_pipeline *p =
		&s->plan->m->pipelines[s->plan->scopes.at[scope].pipeline];
	struct spot at = spot_of(s->plan, i);
	uint32_t b;

	while (plan_whole(s->plan, at.scope) != plan_whole(s->plan, scope))
		at = spot_around(s->plan, at);
	b = p->nodes[at.node].block;
	while (b && p->blocks[b].owner != node)
		b = p->nodes[p->blocks[b].owner].block;
	return p->blocks[b].kind;
}

/* What still has to come to its own end: what waits for others whatever becomes of
 * them, and finally blocks unless all is to be over. */
static bool goes_on(const struct sched *s, const struct inst *i)
{
	switch ((enum inst_kind)i->kind) {
	case INST_END:
	case INST_ITER:
	case INST_BODY:
	case INST_EXCEPT:
	case INST_TRY_END:
		return true;
	default:
		return i->is_final && !s->is_killing;
	}
}

static bool is_wanted(const struct sched *s, uint32_t inst, enum inst_state state)
{
	return plan_inst(s->plan, inst)->state == state;
}

/* Takes what was skipped out of the lists of what is to start. */
static void drop_skipped(struct sched *s)
{
	size_t n = 0;

	for (size_t k = s->ready_at; k < s->ready.n; k++)
		if (is_wanted(s, s->ready.at[k], INST_READY))
			s->ready.at[n++] = s->ready.at[k];
	s->ready.n = n;
	s->ready_at = 0;
	n = 0;
	for (size_t k = 0; k < s->waiting.n; k++)
		if (is_wanted(s, s->waiting.at[k].inst, INST_READY))
			s->waiting.at[n++] = s->waiting.at[k];
	s->waiting.n = n;
	n = s->retries.n;
	vec_clear(&s->retries);
	for (size_t k = 0; k < n; k++)
		if (is_wanted(s, s->retries.at[k].inst, INST_WAITING))
			sched_push_retry(s, s->retries.at[k]);
}

void sched_halt(struct sched *s)
{
	for (uint32_t i = 0; i < s->plan->insts.n; i++) {
		const struct inst *inst = plan_inst(s->plan, i);

		if ((inst->state == INST_WAITING || inst->state == INST_READY) &&
		    !goes_on(s, inst))
			sched_skip(s, i, SKIP_CANCELLED, MODULE_NONE);
	}
	for (size_t k = 0; k < s->plan->loops.n; k++) {
		struct loop *l = s->plan->loops.at[k];
		const struct inst *inst = plan_inst(s->plan, l->inst);

		if (inst->state == INST_RUNNING && !goes_on(s, inst))
			sched_loop_halt(s, l);
	}
	drop_skipped(s);
	sched_follow_all(s);
}

void sched_stop(struct sched *s, bool force)
{
	s->is_stopping = true;
	if (!s->grace_ms)
		s->grace_ms = s->ops->now_ms(s->ctx) + SCHED_GRACE_MS;
	s->is_killing |= force;
	for (struct sched_task *t = s->running; t; t = t->next) {
		if (plan_inst(s->plan, t->inst)->is_final && !s->is_killing)
			continue;
		t->is_cancelled = true;
		s->ops->cancel(s->ctx, t, force);
	}
}
