#include <config.h>

#include "compiler/cli/test_result.h"

#include "runtime/base/limits.h"
#include "runtime/value/json.h"

/* "sub/x[3]/fit#2" is the task `sub fit` in iteration 3. */
struct address {
	struct str names[LIMIT_CALL_DEPTH + 2];
	int64_t indices[LIMIT_CALL_DEPTH + 2];
	unsigned nnames, nindices;
};

struct maker {
	const struct run_view *v;
	struct arena *a;
	struct address *tasks;	/* of each task of v */
	struct address at;	/* of what is being made */
};

static bool read_index(struct str part, int64_t *index)
{
	size_t open = str_find(part, STR("["), 0);

	if (open == part.n)
		return false;
	*index = 0;
	for (size_t i = open + 1; i < part.n && part.p[i] != ']'; i++)
		*index = *index * 10 + (part.p[i] - '0');
	return true;
}

static void read_address(struct str path, struct address *out)
{
	unsigned max = sizeof out->names / sizeof *out->names;

	*out = (struct address){0};
	for (size_t lo = 0, hi; lo < path.n; lo = hi + 1) {
		struct str part;

		hi = str_find(path, STR("/"), lo);
		part = str_sub(path, lo, hi);
		if (out->nnames == max || out->nindices == max)
			return;
		if (read_index(part, &out->indices[out->nindices]))
			out->nindices++;
		else
			out->names[out->nnames++] =
				str_sub(part, 0, str_find(part, STR("#"), 0));
	}
}

/* Does it lie within what is being made? */
static bool is_within(const struct maker *m, const struct address *task)
{
	if (task->nnames < m->at.nnames || task->nindices < m->at.nindices)
		return false;
	for (unsigned i = 0; i < m->at.nnames; i++)
		if (!str_eq(task->names[i], m->at.names[i]))
			return false;
	for (unsigned i = 0; i < m->at.nindices; i++)
		if (task->indices[i] != m->at.indices[i])
			return false;
	return true;
}

/* Of several with one name, in different branches, the one that ran. */
static const struct view_task *find_task(const struct maker *m)
{
	const struct view_task *best = NULL;

	for (size_t i = 0; i < m->v->tasks.n; i++) {
		const struct view_task *t = m->v->tasks.at[i];

		if (m->tasks[i].nnames == m->at.nnames && is_within(m, &m->tasks[i]) &&
		    (!best || str_is(best->state, "skipped")))
			best = t;
	}
	return best;
}

static struct value make(struct maker *m, const struct type *t);

static struct value text(struct maker *m, struct str s)
{
	return value_str(m->a, s);
}

/* What the journal has as JSON.  Artifacts and series are what they are there. */
static struct value read_as(struct maker *m, struct value v, const struct type *t)
{
	struct value typed;

	return json_to_type(m->a, v, t, &typed, NULL) ? v : typed;
}

/* Those of the fields of t that there is a value for. */
static struct value make_outputs(struct maker *m, const struct type *t,
				 const struct view_output *outs, size_t nouts)
{
	struct value_pair *at;
	struct value dict =
		value_dict(m->a, nouts < t->nmembers ? nouts : t->nmembers, &at);
	size_t n = 0;

	for (uint32_t f = 0; f < t->nmembers; f++)
		for (size_t i = 0; i < nouts && n < dict.dict->n; i++)
			if (str_eq(outs[i].name, t->fields[f].name))
				at[n++] = (struct value_pair){
					outs[i].name,
					read_as(m, outs[i].value, t->fields[f].type)};
	for (; n < dict.dict->n; n++)
		at[n].key = STR("");
	return dict;
}

static struct value make_task(struct maker *m, const struct type *t)
{
	const struct view_task *task = find_task(m);
	bool failed = task && (str_is(task->state, "failed") ||
			       str_is(task->state, "cancelled"));
	struct value_pair *at;
	struct value v = value_dict(m->a, 4, &at);

	at[0] = (struct value_pair){STR("state"), text(m, task ? task->state
							       : STR("pending"))};
	at[1] = (struct value_pair){STR("error"),
				    text(m, failed ? task->reason : STR(""))};
	at[2] = (struct value_pair){STR("attempts"),
				    value_int(task ? (int64_t)task->attempts.n : 0)};
	at[3] = (struct value_pair){
		STR("outputs"),
		make_outputs(m, t->fields[3].type, task ? task->outputs.at : NULL,
			     task ? task->outputs.n : 0)};
	return v;
}

static struct value make_list(struct maker *m, const struct type *t)
{
	int64_t n = 0;
	struct value *at;
	struct value list;

	for (size_t i = 0; i < m->v->tasks.n; i++)
		if (is_within(m, &m->tasks[i]) &&
		    m->tasks[i].nindices > m->at.nindices &&
		    m->tasks[i].indices[m->at.nindices] >= n)
			n = m->tasks[i].indices[m->at.nindices] + 1;
	list = value_list(m->a, (size_t)n, &at);
	for (int64_t i = 0; i < n; i++) {
		m->at.indices[m->at.nindices++] = i;
		at[i] = make(m, t->elem);
		m->at.nindices--;
	}
	return list;
}

static struct value make_tasks(struct maker *m, const struct type *t)
{
	struct value_pair *at;
	struct value v = value_dict(m->a, t->nmembers, &at);

	for (uint32_t i = 0; i < t->nmembers; i++) {
		m->at.names[m->at.nnames++] = t->fields[i].name;
		at[i] = (struct value_pair){t->fields[i].name,
					    make(m, t->fields[i].type)};
		m->at.nnames--;
	}
	return v;
}

static struct value make(struct maker *m, const struct type *t)
{
	if (t->kind == TYPE_LIST)
		return make_list(m, t);
	return str_is(t->name, "Tasks") ? make_tasks(m, t) : make_task(m, t);
}

static struct value run_outputs(struct maker *m, const struct type *t)
{
	struct view_output *outs = NULL;
	size_t n = m->v->outputs.kind == VALUE_DICT ? m->v->outputs.dict->n : 0;

	outs = ARENA_ARRAY(m->a, n, struct view_output);
	for (size_t i = 0; i < n; i++)
		outs[i] = (struct view_output){.name = m->v->outputs.dict->at[i].key,
					       .value = m->v->outputs.dict->at[i].value};
	return make_outputs(m, t, outs, n);
}

struct value test_result(const struct type *t, const struct run_view *v, struct arena *a)
{
	struct maker m = {.v = v, .a = a,
			  .tasks = ARENA_ARRAY(a, v->tasks.n, struct address)};
	struct value_pair *at;
	struct value run = value_dict(a, 4, &at);

	for (size_t i = 0; i < v->tasks.n; i++)
		read_address(v->tasks.at[i]->path, &m.tasks[i]);
	at[0] = (struct value_pair){STR("state"), text(&m, v->state)};
	at[1] = (struct value_pair){STR("error"), text(&m, v->error)};
	at[2] = (struct value_pair){STR("outputs"), run_outputs(&m, t->fields[2].type)};
	at[3] = (struct value_pair){STR("tasks"), make_tasks(&m, t->fields[3].type)};
	return run;
}
