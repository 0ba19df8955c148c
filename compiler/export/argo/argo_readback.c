/* Argo's YAML as a graph of what comes from where (readback.h), from the text. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

#include "compiler/export/readback/readback.h"
#include "runtime/value/yaml_read.h"

#define METADATA "-metadata"

struct file {
	struct readback_graph g;
	struct arena *a;
	struct err *err;
	struct map templates;	/* name -> struct yaml_node * */
	struct map used;	/* names of DAGs: each is of one task */
	struct map outputs;	/* "TASK OUTPUT" of a group -> uint32_t *, its point */
};

/* A DAG while it is read: its tasks have the numbers from `first` on. */
struct frame {
	const struct yaml_node *template, *tasks;
	uint32_t group, first;
	struct map names;	/* of tasks -> uint32_t *, their numbers */
};

/* A text with tags or an expression while it is read. */
struct reading {
	struct file *f;
	const struct frame *d;
	const struct yaml_node *at;
	uint32_t task;			/* whose it is; READBACK_NONE: the DAG's */
	enum readback_side side;	/* what it may read: the outputs of this side */
	VEC(uint32_t) points;
};

static const struct yaml_node NOTHING = {.shape = YAML_IS_MAP};

static const struct yaml_node *member(const struct yaml_node *n, const char *key)
{
	const struct yaml_node *m = yaml_member(n, str_of(key));

	return m ? m : &NOTHING;
}

static struct str text(const struct yaml_node *n, const char *key)
{
	const struct yaml_node *m = member(n, key);

	return m->shape == YAML_IS_SCALAR ? m->text : STR("");
}

/* The element of a list that has this name, or NULL. */
static const struct yaml_node *named(const struct yaml_node *list, struct str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(text(list->items[i].value, "name"), name))
			return list->items[i].value;
	return NULL;
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

static uint32_t join(struct file *f, const uint32_t *from, size_t n)
{
	if (n == 1)
		return from[0];
	return add_point(f, (struct readback_point){
		.kind = READBACK_JOIN, .task = READBACK_NONE, .nfrom = (uint32_t)n,
		.from = n ? arena_dup(f->a, from, n * sizeof *from) : NULL});
}

static const struct yaml_node *template_of(struct file *f, const struct yaml_node *task)
{
	return map_get(&f->templates, text(task, "template"));
}

/* A DAG, but for the one that stands for a task without a pod. */
static bool is_group(const struct yaml_node *template)
{
	const struct yaml_node *tasks = member(member(template, "dag"), "tasks");

	return tasks->n && !str_is(text(tasks->items[0].value, "when"), "false");
}

/* What is said in one place of the text */

static int own_input(struct reading *r, const char *kind, struct str name)
{
	const struct readback_task *t = &r->f->g.tasks.at[r->d->group];

	if (!named(member(member(r->d->template, "inputs"), kind), name))
		return wrong(r->f, r->at, "there is no input", name);
	for (uint32_t i = 0; i < t->ninputs; i++)
		if (str_eq(t->inputs[i].name, name)) {
			vec_push(&r->points, t->inputs[i].point);
			break;
		}
	return 0;
}

static bool waits_for(const struct readback_task *t, uint32_t other)
{
	for (uint32_t i = 0; i < t->nwaits; i++)
		if (t->waits[i] == other)
			return true;
	return false;
}

static int find_task(struct reading *r, struct str name, uint32_t *out)
{
	const uint32_t *t = map_get(&r->d->names, name);
	const struct readback_task *tasks = r->f->g.tasks.at;

	if (!t)
		return wrong(r->f, r->at, "there is no task", name);
	*out = *t;
	if (r->task != READBACK_NONE && !waits_for(&tasks[r->task], *t))
		return wrong(r->f, r->at, "it does not wait for", name);
	if (r->side && (tasks[*t].side == READBACK_THEN || tasks[*t].side == READBACK_ELSE) &&
	    tasks[*t].side != r->side)
		return wrong(r->f, r->at, "it takes the side that is not chosen,", name);
	return 0;
}

static int add_status(struct reading *r, struct str task)
{
	uint32_t t;

	if (find_task(r, task, &t))
		return -1;
	vec_push(&r->points, add_point(r->f, (struct readback_point){
		.kind = READBACK_STATUS, .task = t}));
	return 0;
}

/* Of a group the point is filled once that is read. */
static uint32_t group_output(struct file *f, uint32_t t, struct str key)
{
	struct str name = arena_printf(f->a, "%u %.*s", t, STR_ARG(key));
	uint32_t *known = map_get(&f->outputs, name);

	if (!known) {
		known = ARENA_NEW(f->a, uint32_t);
		*known = add_point(f, (struct readback_point){
			.kind = READBACK_JOIN, .task = t, .name = key});
		map_set(&f->outputs, name, known);
	}
	return *known;
}

/* An artifact's name is that of its metadata, too. */
static struct str without_metadata(struct str s)
{
	return str_has_suffix(s, STR(METADATA)) ? str_sub(s, 0, s.n - strlen(METADATA)) : s;
}

static int add_output(struct reading *r, struct str task, const char *kind, struct str key)
{
	const struct yaml_node *template;
	uint32_t t;

	if (find_task(r, task, &t))
		return -1;
	template = template_of(r->f, r->d->tasks->items[t - r->d->first].value);
	if (!named(member(member(template, "outputs"), kind), key))
		return wrong(r->f, r->at, "there is no output", key);
	if (str_is(key, "kfpc_error"))
		return add_status(r, task);
	vec_push(&r->points,
		 r->f->g.tasks.at[t].is_group
			 ? group_output(r->f, t, key)
			 : add_point(r->f, (struct readback_point){
				   .kind = READBACK_OUTPUT, .task = t,
				   .name = without_metadata(key)}));
	return 0;
}

/* Takes a word off the front, if that is there. */
static bool take(struct str *s, const char *word)
{
	if (!str_has_prefix(*s, str_of(word)))
		return false;
	*s = str_sub(*s, strlen(word), s->n);
	return true;
}

static struct str take_until(struct str *s, const char *end)
{
	size_t at = str_find(*s, str_of(end), 0);
	struct str out = str_sub(*s, 0, at);

	*s = at < s->n ? str_sub(*s, at + strlen(end), s->n) : STR("");
	return out;
}

/* The element, in the task that is repeated. */
static int read_item(struct reading *r, struct str tag)
{
	const struct readback_task *t =
		r->task == READBACK_NONE ? NULL : &r->f->g.tasks.at[r->task];

	if (!str_is(tag, "item") || !t || t->iterator == READBACK_NONE)
		return wrong(r->f, r->at, "what is", tag);
	vec_push(&r->points, join(r->f, (uint32_t[]){t->iterator, t->iterator}, 2));
	return 0;
}

static int read_tag(struct reading *r, struct str tag)
{
	struct str s = tag, task;

	if (take(&s, "inputs.parameters."))
		return own_input(r, "parameters", s);
	if (take(&s, "inputs.artifacts."))
		return own_input(r, "artifacts", s);
	if (take(&s, "tasks.")) {
		task = take_until(&s, ".");
		if (take(&s, "outputs.parameters."))
			return add_output(r, task, "parameters", s);
		if (take(&s, "outputs.artifacts."))
			return add_output(r, task, "artifacts", s);
	}
	return take(&s, "workflow.") ? 0 : read_item(r, tag);
}

static int read_task_name(struct reading *r, struct str *s)
{
	struct str task = take_until(s, "']");

	if (take(s, ".outputs.parameters['"))
		return add_output(r, task, "parameters", take_until(s, "']"));
	if (take(s, ".outputs.artifacts['"))
		return add_output(r, task, "artifacts", take_until(s, "']"));
	return add_status(r, task);
}

static void skip_string(struct str *s)
{
	char quote = s->p[0];
	size_t i = 1;

	while (i < s->n && s->p[i] != quote)
		i += s->p[i] == '\\' ? 2 : 1;
	*s = str_sub(*s, i + 1 < s->n ? i + 1 : s->n, s->n);
}

static int read_expr(struct reading *r, struct str s)
{
	int depth = 0, rc = 0;

	if (str_has_prefix(s, STR("inputs.parameters['branch'] == 'b0' ? ")))
		r->side = READBACK_THEN;
	while (s.n && !rc) {
		if (take(&s, "inputs.parameters['")) {
			rc = own_input(r, "parameters", take_until(&s, "']"));
		} else if (take(&s, "inputs.artifacts['")) {
			rc = own_input(r, "artifacts", take_until(&s, "']"));
		} else if (take(&s, "tasks['")) {
			rc = read_task_name(r, &s);
		} else if (take(&s, "string(item) startsWith ")) {
			rc = read_item(r, STR("item"));
		} else if (s.p[0] == '\'' || s.p[0] == '"') {
			skip_string(&s);
		} else {
			depth += s.p[0] == '(' ? 1 : s.p[0] == ')' ? -1 : 0;
			if (r->side && !depth && str_has_prefix(s, STR(" : ")))
				r->side = READBACK_ELSE;
			s = str_sub(s, 1, s.n);
		}
	}
	r->side = READBACK_NO_SIDE;
	return rc;
}

static int read_text(struct reading *r, struct str s)
{
	int rc = 0;

	for (size_t at; !rc && (at = str_find(s, STR("{{"), 0)) < s.n;) {
		struct str tag;

		s = str_sub(s, at + 2, s.n);
		tag = take_until(&s, "}}");
		rc = take(&tag, "=") ? read_expr(r, tag) : read_tag(r, tag);
	}
	return rc;
}

/* The point that a text is. */
static int text_point(struct file *f, const struct frame *d, const struct yaml_node *at,
		      uint32_t task, struct str s, uint32_t *out)
{
	struct reading r = {.f = f, .d = d, .at = at, .task = task};
	int rc = read_text(&r, s);

	*out = join(f, r.points.at, r.points.n);
	vec_release(&r.points);
	return rc;
}

/* Tasks */

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* "a && (b.Succeeded || b.Skipped)": all that is named in it. */
static int read_depends(struct file *f, const struct frame *d,
			const struct yaml_node *task, uint32_t number)
{
	struct str s = text(task, "depends");
	bool ran = str_find(s, STR(".Succeeded"), 0) < s.n;
	VEC(uint32_t) waits = {0};
	int rc = 0;

	for (size_t i = 0, end; i < s.n && !rc; i = end) {
		const uint32_t *t;

		for (end = i; end < s.n && is_of_name(s.p[end]); end++)
			;
		t = map_get(&d->names, str_sub(s, i, end));
		if (end > i && !t)
			rc = wrong(f, task, "there is no task", str_sub(s, i, end));
		if (t && !waits_for(&(struct readback_task){.waits = waits.at,
							    .nwaits = (uint32_t)waits.n},
				    *t))
			vec_push(&waits, *t);
		end += end == i;
		while (end < s.n && s.p[end - 1] != ' ' && s.p[end - 1] != '(' && s.p[end] != ' ')
			end++;
	}
	if (str_find(s, STR(".Failed"), 0) < s.n)
		f->g.tasks.at[number].side = ran ? READBACK_FINALLY : READBACK_EXCEPT;
	if (waits.n)
		f->g.tasks.at[number].waits =
			arena_dup(f->a, waits.at, waits.n * sizeof *waits.at);
	f->g.tasks.at[number].nwaits = (uint32_t)waits.n;
	vec_release(&waits);
	return rc;
}

static int read_when(struct file *f, const struct frame *d, const struct yaml_node *task,
		     uint32_t number)
{
	struct str when = text(task, "when");
	struct readback_task *t = &f->g.tasks.at[number];
	uint32_t point;

	if (!when.n)
		return 0;
	if (str_is(when, "{{inputs.parameters.branch}} == b0"))
		t->side = READBACK_THEN;
	else if (str_is(when, "{{inputs.parameters.branch}} == b1"))
		t->side = READBACK_ELSE;
	else if (str_has_suffix(when, STR(" == '' ? 'b0' : 'b1' }} == b1")))
		t->side = READBACK_EXCEPT;
	else
		return wrong(f, task, "when is that:", when);
	if (text_point(f, d, task, number, when, &point))
		return -1;
	t = &f->g.tasks.at[number];
	t->conditions = arena_dup(f->a, &point, sizeof point);
	t->nconditions = 1;
	return 0;
}

/* What chooses a branch says b0 where the condition holds. */
static int check_branch(struct file *f, const struct yaml_node *arg)
{
	struct str s = text(arg, "value");
	size_t then = str_find(s, STR(" ? 'b0' : "), 0);

	if (str_is(text(arg, "name"), "branch") && str_find(s, STR("'b1'"), then) == s.n)
		return wrong(f, arg, "no choice of a branch:", s);
	if (str_is(text(arg, "name"), "branch") && str_find(s, STR(" ? 'b1' : "), 0) < then)
		return wrong(f, arg, "the sides of a branch are swapped:", s);
	return 0;
}

struct given {			/* the inputs of a task */
	struct readback_input *at;
	size_t n;
};

/* Of a pod, the metadata of an artifact counts as a part of it. */
static void add_given(struct file *f, struct given *g, bool whole, struct str name,
		      uint32_t point)
{
	if (!whole)
		name = without_metadata(name);
	for (size_t i = 0; i < g->n && !whole; i++)
		if (str_eq(g->at[i].name, name)) {
			g->at[i].point =
				join(f, (uint32_t[]){g->at[i].point, point}, 2);
			return;
		}
	g->at[g->n++] = (struct readback_input){name, point};
}

/* A pod does not begin without its inputs. */
static int check_given(struct file *f, const struct yaml_node *inputs,
		       const struct yaml_node *args, const struct yaml_node *task)
{
	static const char *const kinds[] = {"parameters", "artifacts"};

	for (int kind = 0; kind < 2; kind++) {
		const struct yaml_node *wanted = member(inputs, kinds[kind]);

		for (size_t i = 0; i < wanted->n; i++) {
			const struct yaml_node *in = wanted->items[i].value;

			if (!named(member(args, kinds[kind]), text(in, "name")) &&
			    !yaml_member(in, STR("value")) &&
			    !yaml_member(in, STR("default")) &&
			    !yaml_member(in, STR("optional")) &&
			    !yaml_member(in, STR("raw")) &&
			    !str_is(text(in, "name"), "branch"))
				return wrong(f, task, "it is not given", text(in, "name"));
		}
	}
	return 0;
}

static int read_arguments(struct file *f, const struct frame *d,
			  const struct yaml_node *task, uint32_t number)
{
	static const char *const kinds[] = {"parameters", "artifacts"};
	const struct yaml_node *args = member(task, "arguments");
	const struct yaml_node *inputs = member(template_of(f, task), "inputs");
	size_t n = member(args, kinds[0])->n + member(args, kinds[1])->n;
	struct given g = {ARENA_ARRAY(f->a, n + 1, struct readback_input), 0};

	for (int kind = 0; kind < 2; kind++) {
		const struct yaml_node *given = member(args, kinds[kind]);

		for (size_t i = 0; i < given->n; i++) {
			const struct yaml_node *arg = given->items[i].value;
			struct str name = text(arg, "name");
			uint32_t point;

			if (!named(member(inputs, kinds[kind]), name))
				return wrong(f, arg, "there is no input", name);
			if (check_branch(f, arg) ||
			    text_point(f, d, arg, number,
				       text(arg, kind ? "from" : "value"), &point))
				return -1;
			add_given(f, &g, f->g.tasks.at[number].is_group, name, point);
		}
	}
	f->g.tasks.at[number].inputs = g.at;
	f->g.tasks.at[number].ninputs = (uint32_t)g.n;
	return check_given(f, inputs, args, task);
}

static int read_items(struct file *f, const struct frame *d, const struct yaml_node *task,
		      uint32_t number)
{
	uint32_t point;

	if (!yaml_member(task, STR("withParam")))
		return 0;
	if (text_point(f, d, task, number, text(task, "withParam"), &point))
		return -1;
	f->g.tasks.at[number].iterator = point;
	return 0;
}

/* Outputs of DAGs */

static int output_point(struct file *f, const struct frame *d, const struct yaml_node *out,
			bool is_file, uint32_t *point)
{
	const struct yaml_node *from = is_file ? out : member(out, "valueFrom");
	const char *plain = is_file ? "from" : "parameter";
	const char *expr = is_file ? "fromExpression" : "expression";
	struct reading r = {.f = f, .d = d, .at = out, .task = READBACK_NONE};
	int rc;

	if (yaml_member(from, str_of(plain)))
		rc = read_text(&r, text(from, plain));
	else if (yaml_member(from, str_of(expr)))
		rc = read_expr(&r, text(from, expr));
	else
		rc = wrong(f, out, "an output from nothing,", text(out, "name"));
	*point = join(f, r.points.at, r.points.n);
	vec_release(&r.points);
	return rc;
}

static int read_outputs(struct file *f, const struct frame *d)
{
	static const char *const kinds[] = {"parameters", "artifacts"};
	const struct yaml_node *outs = member(d->template, "outputs");
	size_t n = member(outs, kinds[0])->n + member(outs, kinds[1])->n;
	struct readback_input *all = ARENA_ARRAY(f->a, n + 1, struct readback_input);

	n = 0;
	for (int kind = 0; kind < 2; kind++) {
		const struct yaml_node *of = member(outs, kinds[kind]);

		for (size_t i = 0; i < of->n; i++, n++) {
			const struct yaml_node *out = of->items[i].value;
			uint32_t from;

			if (output_point(f, d, out, kind, &from))
				return -1;
			all[n].name = text(out, "name");
			all[n].point = group_output(f, d->group, all[n].name);
			f->g.points.at[all[n].point].from =
				arena_dup(f->a, &from, sizeof from);
			f->g.points.at[all[n].point].nfrom = 1;
		}
	}
	if (!d->group) {
		f->g.outputs = all;
		f->g.noutputs = (uint32_t)n;
	}
	return 0;
}

/* DAGs */

static int read_dag(struct file *f, const struct yaml_node *template, uint32_t group);

static int add_task(struct file *f, struct frame *d, const struct yaml_node *task)
{
	struct str prefix = f->g.tasks.at[d->group].path, name = text(task, "name");
	const struct yaml_node *template = template_of(f, task);
	uint32_t number = (uint32_t)f->g.tasks.n;

	if (!template)
		return wrong(f, task, "no template of", name);
	if (map_set(&d->names, name, arena_dup(f->a, &number, sizeof number)))
		return wrong(f, task, "there twice is", name);
	if (prefix.n)
		name = arena_printf(f->a, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(name));
	vec_push(&f->g.tasks, ((struct readback_task){
		.path = name, .up = d->group, .iterator = READBACK_NONE,
		.is_group = is_group(template)}));
	return 0;
}

static int read_task(struct file *f, const struct frame *d, size_t i)
{
	const struct yaml_node *task = d->tasks->items[i].value;
	uint32_t number = d->first + (uint32_t)i;

	if (read_depends(f, d, task, number) || read_items(f, d, task, number) ||
	    read_when(f, d, task, number) || read_arguments(f, d, task, number))
		return -1;
	return f->g.tasks.at[number].is_group ? read_dag(f, template_of(f, task), number)
					      : 0;
}

/* Is it a program of an image with what is around it?  It is the template of all tasks
 * that say the same. */
static bool is_shared(struct file *f, const struct yaml_node *tasks)
{
	bool runs = false;

	for (size_t i = 0; i < tasks->n; i++) {
		const struct yaml_node *t = tasks->items[i].value;
		struct str name = text(t, "name");

		if (is_group(template_of(f, t)) ||
		    !(str_is(name, "run") || str_is(name, "argv") ||
		      str_is(name, "collect")))
			return false;
		runs |= str_is(name, "run");
	}
	return runs;
}

static int read_dag(struct file *f, const struct yaml_node *template, uint32_t group)
{
	struct frame d = {.template = template, .group = group,
			  .tasks = member(member(template, "dag"), "tasks"),
			  .first = (uint32_t)f->g.tasks.n};
	int rc = 0;

	if (map_set(&f->used, text(template, "name"), f) &&
	    !is_shared(f, d.tasks))
		return wrong(f, template, "two tasks have the DAG", text(template, "name"));
	for (size_t i = 0; i < d.tasks->n && !rc; i++)
		rc = add_task(f, &d, d.tasks->items[i].value);
	for (size_t i = 0; i < d.tasks->n && !rc; i++)
		rc = read_task(f, &d, i);
	rc = rc || read_outputs(f, &d);
	map_release(&d.names);
	return rc ? -1 : 0;
}

/* The whole: its parameters are arguments of the workflow, each of them. */
static int read_root(struct file *f, const struct yaml_node *spec)
{
	struct str entry = text(spec, "entrypoint");
	const struct yaml_node *root = map_get(&f->templates, entry);
	const struct yaml_node *params, *files, *args;
	struct readback_input *at;
	size_t n;

	if (!root)
		return wrong(f, spec, "no template of", entry);
	params = member(member(root, "inputs"), "parameters");
	files = member(member(root, "inputs"), "artifacts");
	args = member(member(spec, "arguments"), "parameters");
	n = params->n + files->n;
	at = ARENA_ARRAY(f->a, n + 1, struct readback_input);
	for (size_t i = 0; i < n; i++) {
		const struct yaml_node *in =
			i < params->n ? params->items[i].value
				      : files->items[i - params->n].value;

		at[i].name = text(in, "name");
		if (i < params->n && !named(args, at[i].name))
			return wrong(f, in, "no argument of the workflow is", at[i].name);
		at[i].point = add_point(f, (struct readback_point){
			.kind = READBACK_PARAM, .name = at[i].name});
	}
	vec_push(&f->g.tasks, ((struct readback_task){
		.path = STR(""), .up = READBACK_NONE, .is_group = true,
		.iterator = READBACK_NONE, .inputs = at, .ninputs = (uint32_t)n}));
	return read_dag(f, root, 0);
}

/* The spec that has the templates, of whatever object. */
static const struct yaml_node *find_spec(const struct yaml_docs *docs)
{
	for (size_t i = 0; i < docs->n; i++) {
		const struct yaml_node *spec = member(docs->at[i], "spec");

		if (yaml_member(spec, STR("workflowSpec")))
			spec = member(spec, "workflowSpec");
		if (yaml_member(spec, STR("templates")))
			return spec;
	}
	return &NOTHING;
}

int argo_readback_graph(const struct yaml_docs *docs, struct arena *a,
			struct readback_graph *out, struct err *err)
{
	struct file f = {.a = a, .err = err, .g.a = a, .g.knows_ends = true};
	const struct yaml_node *spec = find_spec(docs);
	const struct yaml_node *all = member(spec, "templates");
	int rc = 0;

	for (size_t i = 0; i < all->n && !rc; i++)
		if (map_set(&f.templates, text(all->items[i].value, "name"),
			    (void *)(uintptr_t)all->items[i].value))
			rc = wrong(&f, all->items[i].value, "there twice is the template",
				   text(all->items[i].value, "name"));
	rc = rc || read_root(&f, spec);
	map_release(&f.templates);
	map_release(&f.used);
	map_release(&f.outputs);
	*out = f.g;
	return rc ? -1 : 0;
}

/* Which task stands for which node */

static struct str path_of(struct argo *g, const struct task *t)
{
	struct dag *d;

	if (!t)
		return STR("");
	while (t->dag->is_folded)
		t = t->dag->self;
	d = t->dag;
	if (!d->parent)
		return t->name;
	if (!d->path.n)
		d->path = path_of(g, d->self);
	return arena_printf(g->a, "%.*s/%.*s", STR_ARG(d->path), STR_ARG(t->name));
}

static struct readback_use *use_of(struct argo *g, const struct inst *i)
{
	struct readback_use *u = ARENA_NEW(g->a, struct readback_use);
	struct map seen = {0};

	u->p = i->p;
	u->paths = ARENA_ARRAY(g->a, i->p->nnodes + 1, struct str);
	u->calls = ARENA_ARRAY(g->a, i->p->nnodes + 1, struct readback_use *);
	for (uint32_t n = 0; n < i->p->nnodes; n++) {
		struct str key = {(const char *)&i->tasks[n], sizeof i->tasks[n]};
		bool again = i->tasks[n] && map_set(&seen, key, g);

		/* Another name for what a task made is no task. */
		if (!again || i->p->nodes[n].kind != NODE_EXPR)
			u->paths[n] = path_of(g, i->tasks[n]);
		if (i->calls[n])
			u->calls[n] = use_of(g, i->calls[n]);
	}
	map_release(&seen);
	return u;
}

static struct str name_of(const void *source)
{
	return ((const struct source *)source)->key;
}

int argo_readback(struct argo *g, const struct inst *root, struct str text_of_it,
		  const struct yaml *trees, struct err *err)
{
	readback_claim(g->x, use_of(g, root), &g->inputs, name_of);
	return readback_text(g->x, text_of_it, trees, argo_readback_graph, err);
}
