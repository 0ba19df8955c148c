#include <config.h>

#include "runtime/vm/recall.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/base/map.h"
#include "runtime/base/uri.h"
#include "runtime/base/utf8.h"
#include "runtime/value/json.h"

enum { TEXT_BYTES = 64 << 10 };	/* of what was typed, in the journal */

struct recalled {		/* what a task gave */
	struct str path;
	int attempt;
	int64_t ms;
	const struct value *values;
};

struct address {		/* what the journal says of one */
	int attempts;
	bool is_task;
	struct digest state;	/* of its record, or the key of its result; "": other */
	struct digest told;	/* of what the observer was told last; "" of a task */
};

struct recall {
	struct arena arena;
	struct map results;	/* struct recalled, by key */
	struct map addresses;	/* struct address, by path */
	size_t ntasks;
	const struct run_step *step;
	struct want *want;
	struct arena step_arena;
	bool is_told;		/* the step is in the journal */
};

struct recall *recall_new(void)
{
	struct recall *c = calloc(1, sizeof *c);

	if (!c)
		err_nomem();
	return c;
}

void recall_free(struct recall *c)
{
	if (!c)
		return;
	map_release(&c->results);
	map_release(&c->addresses);
	arena_release(&c->arena);
	arena_release(&c->step_arena);
	free(c);
}

void recall_begin(struct recall *c, const struct run_step *step, struct want *want)
{
	c->step = step;
	c->want = want;
	c->is_told = false;
	arena_clear(&c->step_arena);
}

size_t recall_count(const struct recall *c)
{
	return c->ntasks;
}

static struct address *address_of(struct recall *c, struct str path)
{
	struct address *a = map_get(&c->addresses, path);

	if (a)
		return a;
	a = ARENA_NEW(&c->arena, struct address);
	map_set(&c->addresses, arena_str(&c->arena, path), a);
	return a;
}

/* The key of a result. */

static void hash_artifact(struct sha256 *h, struct value v)
{
	if (v.kind == VALUE_ARTIFACT) {
		sha256_add(h, v.artifact->type->name);
		sha256_add(h, STR("\n"));
		sha256_add(h, v.artifact->type->tag);
		sha256_add(h, STR("\n"));
	}
}

static void hash_params(struct sha256 *h, const struct sched_task *t)
{
	struct buf b = {0};

	buf_add(&b, t->component->name);
	for (uint32_t i = 0; i < t->component->nparams; i++) {
		buf_addc(&b, '\n');
		buf_add(&b, t->component->params[i].name);
		buf_addc(&b, ':');
		type_print(t->component->params[i].type, &b);
		hash_artifact(h, t->args[i]);
	}
	buf_addc(&b, '\n');
	sha256_add(h, buf_str(&b));
	buf_release(&b);
}

static const struct value *arg_of(const struct sched_task *t, const char *name)
{
	for (uint32_t i = 0; i < t->component->nparams; i++)
		if (str_is(t->component->params[i].name, name))
			return &t->args[i];
	return NULL;
}

/* A file that was written since is another one. */
static void hash_loaded(struct sha256 *h, struct runner *r, const struct sched_task *t)
{
	const struct value *uri = arg_of(t, "uri");
	struct arena a = {0};
	struct str path = STR("");
	struct digest d;
	char *real = NULL;

	if (t->component->code_kind != CODE_LOAD || !uri || uri->kind != VALUE_STR)
		return;
	path = uri_file_path(*uri->s, &a);
	if (path.n)
		real = realpath(io_join(&a, run_code_folder(r, t->component, &a), path).p,
				NULL);
	if (real && !snapshot_take(real, &d, NULL))
		sha256_add(h, digest_str(&d));
	free(real);
	arena_release(&a);
}

/* "0/2[3]/fit": where an instance is, by numbers that other entries do not change. */
static void add_scope(const struct runner *r, uint32_t scope, struct buf *b)
{
	const struct want *w = r->recall->want;
	const struct scope *s = &r->plan.scopes.at[scope];
	const struct scope *up;

	if (s->parent == MODULE_NONE)
		return;
	add_scope(r, s->parent, b);
	up = &r->plan.scopes.at[s->parent];
	if (plan_whole(&r->plan, s->parent) == 0)
		buf_addf(b, "%u", w->ordinals[s->call]);
	else
		buf_add(b, r->m->pipelines[up->pipeline].nodes[s->call].path);
	if (s->is_iteration)
		buf_addf(b, "[%u]", r->plan.frames.at[s->frame]->index);
	buf_addc(b, '/');
}

static void hash_entry(struct sha256 *h, struct runner *r, const struct sched_task *t)
{
	struct recall *c = r->recall;
	const struct inst *i = plan_inst(&r->plan, t->inst);
	struct buf b = {0};

	want_entries(c->want, c->step, &c->step_arena);
	buf_addf(&b, "%llu:",
		 (unsigned long long)c->want->entries[plan_root_node(&r->plan, i)]);
	add_scope(r, i->scope, &b);
	if (plan_whole(&r->plan, i->scope) == 0)
		buf_addf(&b, "%u", c->want->ordinals[i->node]);
	else
		buf_add(&b, t->node->path);
	sha256_add(h, buf_str(&b));
	buf_release(&b);
}

static struct digest key_of(struct runner *r, const struct sched_task *t)
{
	struct sha256 *h = sha256_new();
	struct value cache = t->settings[SETTING_CACHE];
	struct buf leaves = {0};
	struct digest d;

	run_key_write(r, t, &leaves);
	sha256_add(h, buf_str(&leaves));
	buf_release(&leaves);
	hash_params(h, t);
	hash_loaded(h, r, t);
	if (cache.kind == VALUE_BOOL && !cache.b)
		hash_entry(h, r, t);
	d = sha256_end(h);
	sha256_free(h);
	return d;
}

/* Results. */

void recall_number(void *ctx, struct sched_task *t)
{
	const struct runner *r = ctx;
	const struct address *a =
		r->recall ? map_get(&r->recall->addresses, t->path) : NULL;

	if (a)
		t->attempt = a->attempts + 1;
}

/* The old values as the component of this module has them; false if they are none of its
 * any more. */
static bool fit_values(const struct runner *r, const struct recalled *k,
		       struct sched_task *t, struct value *out)
{
	const struct module_component *c = t->component;
	struct err err;

	for (uint32_t i = 0; i < c->noutputs; i++) {
		struct artifact *f;

		out[i] = k->values[i];
		if (out[i].kind == VALUE_ARTIFACT) {
			f = arena_dup(&t->arena, out[i].artifact, sizeof *f);
			f->type = type_strip(c->outputs[i].type);
			out[i].artifact = f;
		}
		if (!value_has_type(out[i], c->outputs[i].type))
			return false;
	}
	return !run_outputs_check(r, t, out, &err);
}

bool recall_task(void *ctx, struct sched_task *t, struct sched_end *end)
{
	struct runner *r = ctx;
	const struct recalled *k;
	struct value *values;
	struct digest key;
	struct buf b = {0};

	if (!r->recall)
		return false;
	key = key_of(r, t);
	t->key = arena_str(&t->arena, digest_str(&key));
	k = map_get(&r->recall->results, t->key);
	values = ARENA_ARRAY(&t->arena, t->component->noutputs + 1, struct value);
	if (!k || !fit_values(r, k, t, values))
		return false;
	json_put_str(&b, "of", k->path);
	json_put_int(&b, "attempt", k->attempt);
	json_put_int(&b, "ms", k->ms);
	*end = (struct sched_end){
		.how = SCHED_OK, .is_recalled = true, .values = values, .error = STR(""),
		.place = STR(""), .ms = k->ms,
		.members = arena_str(&t->arena, buf_str(&b)),
	};
	buf_release(&b);
	return true;
}

static void remember(struct runner *r, const struct sched_task *t,
		     const struct sched_end *end)
{
	struct arena *a = &r->recall->arena;
	struct recalled *k = ARENA_NEW(a, struct recalled);
	uint32_t n = t->component->noutputs;
	struct value *values = ARENA_ARRAY(a, n, struct value);

	for (uint32_t i = 0; i < n; i++)
		values[i] = value_copy(a, end->values[i]);
	*k = (struct recalled){arena_str(a, t->path), t->attempt, end->ms, values};
	map_set(&r->recall->results, arena_str(a, t->key), k);
}

/* What the journal says. */

/* Makes *was what is; was it that already? */
static bool update(struct digest *was, const struct digest *is)
{
	bool is_same = is->hex[0] && !strcmp(was->hex, is->hex);

	*was = *is;
	return is_same;
}

static bool note_attempt(struct runner *r, const struct sched_change *c,
			 struct address *a)
{
	struct digest state = {""};
	const struct sched_task *t = c->task;

	r->recall->ntasks += !a->is_task;
	a->is_task = true;
	a->told.hex[0] = '\0';
	if (c->kind == SCHED_ENDED && c->state == INST_OK)
		memcpy(state.hex, t->key.p, t->key.n + 1);
	if (c->kind == SCHED_ENDED && c->end->is_recalled)
		return !update(&a->state, &state);
	a->attempts = t->attempt;
	a->state = state;
	if (state.hex[0])
		remember(r, t, c->end);
	return true;
}

bool recall_is_news(struct runner *r, const struct sched_change *c, struct str path,
		    struct str record, bool *was_told)
{
	struct digest state = {""};
	struct address *a;

	*was_told = false;
	if (!r->recall)
		return true;
	a = address_of(r->recall, path);
	if (c->task)
		return note_attempt(r, c, a);
	if (plan_inst(&r->plan, c->inst)->kind == INST_TASK && !a->is_task) {
		a->is_task = true;
		r->recall->ntasks++;
	}
	if (!c->end)
		state = sha256_of(record);
	*was_told = update(&a->told, &state);
	return r->run && !r->is_silent && !update(&a->state, &state);
}

bool recall_is_new_env(const struct run_env *e)
{
	struct recall *c = e->r->recall;
	struct str name = e->env ? e->env->name : STR("python");
	struct digest state = {""};
	struct arena a = {0};
	bool is_new;

	if (!c)
		return true;
	if (e->state == ENV_THERE)
		state = e->info.lock_digest;
	is_new = !update(&address_of(c, arena_printf(&a, "environment %.*s",
						    STR_ARG(name)))->state, &state);
	arena_release(&a);
	return is_new;
}

int recall_tell_step(struct runner *r, struct err *err)
{
	struct recall *c = r->recall;
	struct buf b = {0};
	struct blob blob;
	int rc;

	if (!c || c->is_told)
		return 0;
	c->is_told = true;
	rc = cas_put(r->store, c->step->module_bytes, &blob, err);
	if (!rc) {
		json_put_str(&b, "module", digest_str(&blob.digest));
		json_put_str(&b, "text", utf8_cut(c->step->text, TEXT_BYTES));
		rc = run_append(r->run, EVENT_STEP, buf_str(&b), err) < 0 ? -1 : 0;
	}
	buf_release(&b);
	return rc;
}
