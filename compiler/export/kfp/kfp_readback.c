/* Kubeflow's YAML as a graph of what comes from where (readback.h), from the text. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include "compiler/export/readback/readback.h"
#include "runtime/value/yaml_read.h"

struct file {
	struct readback_graph g;
	struct arena *a;
	struct err *err;
	const struct yaml_node *components;
	struct map outputs;	/* "TASK OUTPUT" of a group -> uint32_t *, its point */
};

/* A DAG while it is read: its tasks have the numbers from `first` on. */
struct frame {
	const struct yaml_node *comp, *tasks;
	uint32_t group, first;
	const struct yaml_node *params, *artifacts;	/* that its task is given */
	struct str item;		/* the input that is an element */
	uint32_t item_point;
};

static const struct yaml_node NOTHING = {.shape = YAML_IS_MAP};

/* The member, an empty map where there is none. */
static const struct yaml_node *member(const struct yaml_node *n, const char *key)
{
	const struct yaml_node *m = yaml_member(n, str_of(key));

	return m ? m : &NOTHING;
}

static struct str text(const struct yaml_node *n, const char *key)
{
	const struct yaml_node *m = yaml_member(n, str_of(key));

	return m && m->shape == YAML_IS_SCALAR ? m->text : STR("");
}

static int wrong(struct file *f, const struct yaml_node *n, const char *what,
		 struct str name)
{
	return err_set(f->err, "line %u: %s '%.*s'", n->line, what, STR_ARG(name));
}

static uint32_t add_point(struct file *f, struct readback_point p)
{
	vec_push(&f->g.points, p);
	return (uint32_t)f->g.points.n - 1;
}

static uint32_t constant(struct file *f)
{
	return add_point(f, (struct readback_point){.kind = READBACK_JOIN,
						    .task = READBACK_NONE});
}

static uint32_t join_one(struct file *f, uint32_t point)
{
	return add_point(f, (struct readback_point){
		.kind = READBACK_JOIN, .task = READBACK_NONE, .nfrom = 1,
		.from = arena_dup(f->a, &point, sizeof point)});
}

/* The task of this name in d; READBACK_NONE after saying that there is none. */
static uint32_t find_task(struct file *f, const struct frame *d,
			  const struct yaml_node *at, struct str name)
{
	size_t i = yaml_find(d->tasks, name);

	if (i < d->tasks->n)
		return d->first + (uint32_t)i;
	wrong(f, at, "there is no task", name);
	return READBACK_NONE;
}

static const struct yaml_node *component_of(struct file *f, const struct yaml_node *task)
{
	return yaml_member(f->components, text(member(task, "componentRef"), "name"));
}

/* Output `key` of task number t; of a group the point is filled once that is read. */
static int output_point(struct file *f, uint32_t t, struct str key, uint32_t *out)
{
	struct str name;
	uint32_t *known;

	if (str_has_prefix(key, STR("kfpc_fate"))) {
		*out = add_point(f, (struct readback_point){.kind = READBACK_STATUS,
							    .task = t, .name = key});
		return 0;
	}
	if (!f->g.tasks.at[t].is_group) {
		*out = add_point(f, (struct readback_point){.kind = READBACK_OUTPUT,
							    .task = t, .name = key});
		return 0;
	}
	name = arena_printf(f->a, "%u %.*s", t, STR_ARG(key));
	known = map_get(&f->outputs, name);
	if (!known) {
		known = ARENA_NEW(f->a, uint32_t);
		*known = add_point(f, (struct readback_point){
			.kind = READBACK_JOIN, .task = t, .name = key});
		map_set(&f->outputs, name, known);
	}
	*out = *known;
	return 0;
}

/* Is the output there at all? */
static int check_output(struct file *f, const struct frame *d, const struct yaml_node *at,
			uint32_t t, const char *kind, struct str key)
{
	const struct yaml_node *comp =
		component_of(f, d->tasks->items[t - d->first].value);

	if (comp && yaml_member(member(member(comp, "outputDefinitions"), kind), key))
		return 0;
	return wrong(f, at, "there is no output", key);
}

static int task_output(struct file *f, const struct frame *d, const struct yaml_node *ref,
		       const char *producer, const char *key_name, const char *kind,
		       uint32_t *out)
{
	struct str key = text(ref, key_name);
	uint32_t t = find_task(f, d, ref, text(ref, producer));

	if (t == READBACK_NONE || check_output(f, d, ref, t, kind, key))
		return -1;
	return output_point(f, t, key, out);
}

/* What an input of the DAG itself is; where its task is given none, it is None. */
static int own_input(struct file *f, const struct frame *d, const struct yaml_node *at,
		     const char *kind, struct str name, uint32_t *out)
{
	bool files = !strcmp(kind, "artifacts");
	const struct yaml_node *given = files ? d->artifacts : d->params;
	size_t i = yaml_find(given, name);

	if (!yaml_member(member(member(d->comp, "inputDefinitions"), kind), name))
		return wrong(f, at, "there is no input", name);
	if (str_eq(name, d->item))
		*out = d->item_point;
	else if (i == given->n)
		*out = constant(f);
	else
		*out = f->g.tasks.at[d->group].inputs[(files ? d->params->n : 0) + i].point;
	return 0;
}

/* "taskOutputParameter: {...}" and its like. */
static int binding(struct file *f, const struct frame *d, const struct yaml_node *b,
		   const char *kind, uint32_t *out)
{
	bool files = !strcmp(kind, "artifacts");
	bool is_field = b->n == 2 &&
			yaml_member(b, STR("parameterExpressionSelector"));
	struct str word = b->shape == YAML_IS_MAP && (b->n == 1 || is_field)
				  ? b->items[0].key->text
				  : STR("");
	const struct yaml_node *ref = word.n ? b->items[0].value : NULL;
	uint32_t t;

	if (str_is(word, "runtimeValue"))
		return (*out = constant(f)), 0;
	if (str_is(word, files ? "taskOutputArtifact" : "taskOutputParameter"))
		return task_output(f, d, ref, "producerTask",
				   files ? "outputArtifactKey" : "outputParameterKey", kind,
				   out);
	if (str_is(word, files ? "componentInputArtifact" : "componentInputParameter"))
		return own_input(f, d, ref, kind, ref->text, out);
	if (!str_is(word, "taskFinalStatus"))
		return wrong(f, b, "a binding of another kind", word);
	t = find_task(f, d, ref, text(ref, "producerTask"));
	*out = add_point(f, (struct readback_point){.kind = READBACK_STATUS, .task = t});
	return t == READBACK_NONE ? -1 : 0;
}

/* What is bound to an output of another task waits for that. */
static int check_waits(struct file *f, const struct yaml_node *task,
		       const struct yaml_node *b)
{
	const struct yaml_node *waits = member(task, "dependentTasks");
	struct str producer = text(b->items[0].value, "producerTask");

	for (size_t i = 0; i < waits->n; i++)
		if (str_eq(waits->items[i].value->text, producer))
			return 0;
	return producer.n ? wrong(f, b, "it does not wait for", producer) : 0;
}

static int read_inputs(struct file *f, const struct frame *d, const struct yaml_node *task,
		       uint32_t number)
{
	static const char *const kinds[] = {"parameters", "artifacts"};
	const struct yaml_node *inputs = member(task, "inputs");
	size_t n = member(inputs, kinds[0])->n + member(inputs, kinds[1])->n;
	struct readback_input *at = ARENA_ARRAY(f->a, n + 1, struct readback_input);

	n = 0;
	for (int kind = 0; kind < 2; kind++) {
		const struct yaml_node *given = member(inputs, kinds[kind]);

		for (size_t i = 0; i < given->n; i++, n++) {
			at[n].name = given->items[i].key->text;
			if (binding(f, d, given->items[i].value, kinds[kind],
				    &at[n].point) ||
			    check_waits(f, task, given->items[i].value))
				return -1;
		}
	}
	f->g.tasks.at[number].inputs = at;
	f->g.tasks.at[number].ninputs = (uint32_t)n;
	return 0;
}

static int read_waits(struct file *f, const struct frame *d, const struct yaml_node *task,
		      uint32_t number)
{
	const struct yaml_node *names = member(task, "dependentTasks");
	uint32_t *at = ARENA_ARRAY(f->a, names->n + 1, uint32_t);

	for (size_t i = 0; i < names->n; i++) {
		at[i] = find_task(f, d, names, names->items[i].value->text);
		if (at[i] == READBACK_NONE)
			return -1;
	}
	f->g.tasks.at[number].waits = at;
	f->g.tasks.at[number].nwaits = (uint32_t)names->n;
	return 0;
}

/* The inputs that a condition names: inputs.parameter_values['x']. */
static int read_condition(struct file *f, const struct frame *inner, uint32_t number,
			  struct str cel)
{
	const struct str word = STR("inputs.parameter_values['");
	VEC(uint32_t) found = {0};
	struct readback_task *t;
	int rc = 0;

	for (size_t at = 0, end; !rc && (at = str_find(cel, word, at)) < cel.n; at = end) {
		uint32_t point;

		at += word.n;
		end = str_find(cel, STR("'"), at);
		rc = own_input(f, inner, inner->comp, "parameters", str_sub(cel, at, end),
			       &point);
		if (!rc)
			vec_push(&found, point);
	}
	t = &f->g.tasks.at[number];
	t->conditions = arena_dup(f->a, found.at ? found.at : &number,
				  found.n * sizeof *found.at);
	t->nconditions = (uint32_t)found.n;
	vec_release(&found);
	return rc;
}

static int read_iterator(struct file *f, struct frame *inner, const struct yaml_node *task,
			 uint32_t number)
{
	const struct yaml_node *it = yaml_member(task, STR("parameterIterator"));
	const char *kind = it ? "parameters" : "artifacts", *input = "inputParameter";
	const struct yaml_node *items;
	uint32_t point;

	if (!it) {
		it = yaml_member(task, STR("artifactIterator"));
		input = "inputArtifact";
	}
	if (!it)
		return 0;
	items = member(it, "items");
	if (!yaml_member(items, str_of(input)))
		point = constant(f);
	else if (own_input(f, inner, items, kind, text(items, input), &point))
		return -1;
	f->g.tasks.at[number].iterator = point;
	inner->item = text(it, "itemInput");
	inner->item_point = join_one(f, point);
	return 0;
}

/* Where an output of a DAG is chosen from: one selector, or a list of them. */
static int read_selectors(struct file *f, const struct frame *d,
			  const struct yaml_node *out, const char *kind, uint32_t point)
{
	bool files = !strcmp(kind, "artifacts");
	const struct yaml_node *one = yaml_member(out, STR("valueFromParameter")), *list;
	size_t n;
	uint32_t *from;

	list = files ? member(out, "artifactSelectors")
		     : member(member(out, "valueFromOneof"), "parameterSelectors");
	n = one ? 1 : list->n;
	from = ARENA_ARRAY(f->a, n + 1, uint32_t);
	for (size_t i = 0; i < n; i++)
		if (task_output(f, d, one ? one : list->items[i].value, "producerSubtask",
				files ? "outputArtifactKey" : "outputParameterKey", kind,
				&from[i]))
			return -1;
	f->g.points.at[point] = (struct readback_point){
		.kind = READBACK_JOIN, .task = d->group, .from = from,
		.nfrom = (uint32_t)n, .name = f->g.points.at[point].name};
	return n ? 0 : wrong(f, out, "an output from nothing", STR(""));
}

static int read_outputs(struct file *f, const struct frame *d)
{
	static const char *const kinds[] = {"parameters", "artifacts"};
	const struct yaml_node *outs = member(member(d->comp, "dag"), "outputs");
	size_t n = member(outs, kinds[0])->n + member(outs, kinds[1])->n;
	struct readback_input *named = ARENA_ARRAY(f->a, n + 1, struct readback_input);

	n = 0;
	for (int kind = 0; kind < 2; kind++) {
		const struct yaml_node *of = member(outs, kinds[kind]);

		for (size_t i = 0; i < of->n; i++, n++) {
			named[n].name = of->items[i].key->text;
			output_point(f, d->group, named[n].name, &named[n].point);
			if (read_selectors(f, d, of->items[i].value, kinds[kind],
					   named[n].point))
				return -1;
		}
	}
	if (!d->group) {
		f->g.outputs = named;
		f->g.noutputs = (uint32_t)n;
	}
	return 0;
}

static struct str condition_of(const struct frame *d, size_t i)
{
	return text(member(d->tasks->items[i].value, "triggerPolicy"), "condition");
}

/* Of the two sides of a branch, the one that is done where the other is not. */
static void tell_sides(struct file *f, const struct frame *d)
{
	struct readback_task *t = &f->g.tasks.at[d->first];
	struct str path = f->g.tasks.at[d->group].path;
	size_t slash = path.n;

	for (size_t i = 0; i < d->tasks->n; i++)
		t[i].side = condition_of(d, i).n ? READBACK_SOME_SIDE : READBACK_NO_SIDE;
	while (slash && path.p[slash - 1] != '/')
		slash--;
	if (d->tasks->n != 2 ||
	    !str_has_prefix(str_sub(path, slash, path.n), STR("condition-branches-")))
		return;
	for (size_t i = 0; i < 2; i++)
		if (str_eq(condition_of(d, i),
			   arena_printf(f->a, "!(%.*s)", STR_ARG(condition_of(d, !i))))) {
			t[i].side = READBACK_ELSE;
			t[!i].side = READBACK_THEN;
		}
}

static int read_dag(struct file *f, struct frame *d);

static int read_task(struct file *f, const struct frame *d, size_t i)
{
	const struct yaml_node *task = d->tasks->items[i].value;
	const struct yaml_node *comp = component_of(f, task);
	uint32_t number = d->first + (uint32_t)i;
	struct frame inner = {.comp = comp, .group = number};
	struct str cel = condition_of(d, i);

	if (read_inputs(f, d, task, number) || read_waits(f, d, task, number))
		return -1;
	inner.params = member(member(task, "inputs"), "parameters");
	inner.artifacts = member(member(task, "inputs"), "artifacts");
	if (read_iterator(f, &inner, task, number) ||
	    (cel.n && read_condition(f, &inner, number, cel)))
		return -1;
	return f->g.tasks.at[number].is_group ? read_dag(f, &inner) : 0;
}

/* Each DAG is the component of one task only, or reading would not end. */
static int read_dag(struct file *f, struct frame *d)
{
	struct str prefix = f->g.tasks.at[d->group].path;

	d->tasks = member(member(d->comp, "dag"), "tasks");
	d->first = (uint32_t)f->g.tasks.n;
	for (size_t i = 0; i < d->tasks->n; i++) {
		const struct yaml_node *comp = component_of(f, d->tasks->items[i].value);
		struct str name = d->tasks->items[i].key->text;

		if (!comp)
			return wrong(f, d->tasks->items[i].key, "no component of", name);
		if (prefix.n)
			name = arena_printf(f->a, "%.*s/%.*s", STR_ARG(prefix),
					    STR_ARG(name));
		vec_push(&f->g.tasks, ((struct readback_task){
			.path = name, .up = d->group, .iterator = READBACK_NONE,
			.is_group = yaml_member(comp, STR("dag")) != NULL}));
		if (f->g.tasks.n > YAML_NODES_MAX)
			return wrong(f, d->tasks, "too many tasks in", name);
	}
	for (size_t i = 0; i < d->tasks->n; i++)
		if (read_task(f, d, i))
			return -1;
	tell_sides(f, d);
	return read_outputs(f, d);
}

/* The whole: its inputs are given by nobody. */
static int read_root(struct file *f, const struct yaml_node *doc)
{
	struct frame root = {.comp = member(doc, "root")};
	const struct yaml_node *defs = member(root.comp, "inputDefinitions");
	struct readback_input *at;
	size_t n = 0;

	f->components = member(doc, "components");
	root.params = member(defs, "parameters");
	root.artifacts = member(defs, "artifacts");
	at = ARENA_ARRAY(f->a, root.params->n + root.artifacts->n + 1,
			 struct readback_input);
	for (size_t i = 0; i < root.params->n; i++)
		at[n++].name = root.params->items[i].key->text;
	for (size_t i = 0; i < root.artifacts->n; i++)
		at[n++].name = root.artifacts->items[i].key->text;
	for (size_t i = 0; i < n; i++)
		at[i].point = add_point(f, (struct readback_point){
			.kind = READBACK_PARAM, .name = at[i].name});
	vec_push(&f->g.tasks, ((struct readback_task){
		.path = STR(""), .up = READBACK_NONE, .is_group = true,
		.iterator = READBACK_NONE, .inputs = at, .ninputs = (uint32_t)n}));
	return read_dag(f, &root);
}

int kfp_readback_graph(const struct yaml_docs *docs, struct arena *a,
		       struct readback_graph *out, struct err *err)
{
	struct file f = {.a = a, .err = err, .g.a = a};
	int rc = read_root(&f, docs->at[0]);

	map_release(&f.outputs);
	*out = f.g;
	return rc;
}

struct str kfp_path(struct kfp *k, struct dag *d, struct str task)
{
	if (!d || !d->parent)
		return task;
	if (!d->path.n)
		d->path = kfp_path(k, d->parent, d->task);
	return arena_printf(k->a, "%.*s/%.*s", STR_ARG(d->path), STR_ARG(task));
}

static struct readback_use *use_of(struct kfp *k, const struct inst *i)
{
	struct readback_use *u = ARENA_NEW(k->a, struct readback_use);

	u->p = i->p;
	u->paths = ARENA_ARRAY(k->a, i->p->nnodes + 1, struct str);
	u->calls = ARENA_ARRAY(k->a, i->p->nnodes + 1, struct readback_use *);
	for (uint32_t n = 0; n < i->p->nnodes; n++) {
		u->paths[n] = i->tasks[n].n ? kfp_path(k, i->homes[n], i->tasks[n])
					    : STR("");
		if (i->calls[n])
			u->calls[n] = use_of(k, i->calls[n]);
	}
	return u;
}

static struct str name_of(const void *source)
{
	return ((const struct source *)source)->key;
}

int kfp_readback(struct kfp *k, const struct inst *root, struct str text,
		 const struct yaml *trees, struct err *err)
{
	readback_claim(k->x, use_of(k, root), &k->inputs, name_of);
	return readback_text(k->x, text, trees, kfp_readback_graph, err);
}
