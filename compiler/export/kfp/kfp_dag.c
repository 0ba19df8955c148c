/* DAGs, and how what one of them makes comes into another. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include <stdlib.h>

/* Lower case letters, digits and single dashes. */
static struct str sanitized(struct kfp *k, struct str s)
{
	char *p = arena_alloc(k->a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (ok)
			p[n++] = c;
		else if (n && p[n - 1] != '-')
			p[n++] = '-';
	}
	while (n && p[n - 1] == '-')
		n--;
	return n ? (struct str){p, n} : STR("task");
}

struct str kfp_unique(struct kfp *k, struct str wanted)
{
	struct str base = sanitized(k, wanted), name = base;
	size_t *count = map_get(&k->names, base);

	if (!count) {
		count = ARENA_NEW(k->a, size_t);
		map_set(&k->names, base, count);
	}
	for (++*count; *count > 1; ++*count) {
		name = arena_printf(k->a, "%.*s-%zu", STR_ARG(base), *count);
		if (map_get(&k->names, name))
			continue;
		map_set(&k->names, name, ARENA_NEW(k->a, size_t));
		++*(size_t *)map_get(&k->names, name);
		break;
	}
	return name;
}

struct dag *kfp_dag(struct kfp *k, struct dag *parent, struct str task)
{
	struct dag *d = ARENA_NEW(k->a, struct dag);

	d->parent = parent;
	d->region = parent ? parent->region : NULL;
	d->task = task;
	d->at = k->at;
	d->comp = yaml_map(k->a);
	d->tasks = yaml_sub(yaml_sub(d->comp, STR("dag")), STR("tasks"));
	vec_push(&k->dags, d);
	if (!parent)
		return d;
	map_set(&k->dag_of, task, d);
	d->self = kfp_task(k, parent, task, (struct str){"", 0});
	yaml_put(k->components, arena_printf(k->a, "comp-%.*s", STR_ARG(task)), d->comp);
	return d;
}

struct yaml *kfp_task(struct kfp *k, struct dag *d, struct str task, struct str comp)
{
	struct yaml *t = yaml_sub(d->tasks, task);

	if (!comp.n)
		comp = arena_printf(k->a, "comp-%.*s", STR_ARG(task));
	yaml_put_str(yaml_sub(t, STR("componentRef")), STR("name"), comp);
	yaml_put_str(yaml_sub(t, STR("taskInfo")), STR("name"), task);
	return t;
}

struct str kfp_group(struct kfp *k, const char *kind)
{
	return kfp_unique(k, arena_printf(k->a, "%s-%u", kind, ++k->ngroups));
}

struct source kfp_param(struct dag *d, struct str key, const struct type *t)
{
	return (struct source){.kind = SOURCE_PARAM,
			       .dag = d,
			       .key = key,
			       .type = t,
			       .text = !type_holds_artifacts(t) && kfp_is_text(t)};
}

struct source kfp_output(struct kfp *k, struct dag *d, struct str task, struct str key,
			 const struct type *t)
{
	struct source s = {.kind = SOURCE_OUTPUT,
			   .dag = d,
			   .task = task,
			   .key = key,
			   .type = kfp_wire(k, t)};

	s.text = !type_holds_artifacts(t) && kfp_is_text(s.type);
	s.fate = kfp_fate(k, d, task);
	return s;
}

bool dag_is_within(const struct dag *d, const struct dag *around)
{
	for (; d; d = d->parent)
		if (d == around)
			return true;
	return false;
}

bool kfp_is_same(const struct source *a, const struct source *b)
{
	return a->kind == b->kind && a->dag == b->dag && str_eq(a->task, b->task) &&
	       str_eq(a->key, b->key) && str_eq(a->field, b->field) &&
	       (a->kind > SOURCE_WORD ||
		(value_eq(a->value, b->value) && a->type == b->type));
}

static struct str channel_name(struct kfp *k, const struct source *s)
{
	if (s->field.n)
		return arena_printf(k->a, "%.*s-%.*s", STR_ARG(s->key),
				    STR_ARG(s->field));
	if (str_has_prefix(s->key, STR("pipelinechannel--")))
		return s->key;
	if (s->kind == SOURCE_CONST || s->kind == SOURCE_WORD)
		return STR("pipelinechannel--constant");
	if (s->kind == SOURCE_PARAM)
		return arena_printf(k->a, "pipelinechannel--%.*s", STR_ARG(s->key));
	return arena_printf(k->a, "pipelinechannel--%.*s-%.*s", STR_ARG(s->task),
			    STR_ARG(s->key));
}

static struct str add_channel(struct kfp *k, struct dag *d, struct source s,
			      struct str base)
{
	struct str name = base;
	const struct source *known;

	for (int n = 2; (known = map_get(&d->inputs, name)); n++) {
		if (kfp_is_same(known, &s))
			return name;
		name = arena_printf(k->a, "%.*s-%d", STR_ARG(base), n);
	}
	map_set(&d->inputs, name, arena_dup(k->a, &s, sizeof s));
	kfp_define_text(k, yaml_sub(d->comp, STR("inputDefinitions")), name, s.type,
			s.text, s.type->kind == TYPE_OPT);
	if (s.kind == SOURCE_STATUS)
		yaml_put_str(yaml_sub(yaml_sub(yaml_sub(d->comp, STR("inputDefinitions")),
					       STR("parameters")),
				      name),
			     STR("parameterType"), STR("TASK_FINAL_STATUS"));
	kfp_bind(k, d->parent, d->self, name, s);
	return name;
}

struct str kfp_channel(struct kfp *k, struct dag *d, struct source s)
{
	return add_channel(k, d, s, channel_name(k, &s));
}

struct str kfp_condition_channel(struct kfp *k, struct dag *d, struct source s)
{
	bool is_beside = s.kind == SOURCE_OUTPUT && s.dag == d->parent &&
			 !str_is(s.key, "Output") &&
			 str_find(s.key, STR("--"), 0) == s.key.n;

	return add_channel(k, d, s,
			   is_beside ? arena_printf(k->a, "pipelinechannel--%.*s--%.*s",
						    STR_ARG(s.task), STR_ARG(s.key))
				     : channel_name(k, &s));
}

static struct yaml *reference(struct kfp *k, struct dag *d, struct source s,
			      struct yaml *task)
{
	bool files = type_holds_artifacts(s.type);
	struct yaml *ref = yaml_map(k->a), *out;

	if (s.kind == SOURCE_CONST || s.kind == SOURCE_WORD) {
		yaml_put(yaml_sub(ref, STR("runtimeValue")), STR("constant"),
			 yaml_value(k->a, s.value));
	} else if (s.dag != d) {
		yaml_put_str(ref,
			     files ? STR("componentInputArtifact")
				   : STR("componentInputParameter"),
			     kfp_channel(k, d, s));
	} else if (s.kind == SOURCE_PARAM) {
		yaml_put_str(ref,
			     files ? STR("componentInputArtifact")
				   : STR("componentInputParameter"),
			     s.key);
		if (s.field.n)
			yaml_put_str(ref, STR("parameterExpressionSelector"),
				     arena_printf(k->a, "parseJson(string_value)[\"%.*s\"]",
						  STR_ARG(s.field)));
	} else if (s.kind == SOURCE_STATUS) {
		yaml_put_str(yaml_sub(ref, STR("taskFinalStatus")), STR("producerTask"),
			     s.task);
	} else {
		out = yaml_sub(ref, files ? STR("taskOutputArtifact")
					  : STR("taskOutputParameter"));
		yaml_put_str(out,
			     files ? STR("outputArtifactKey") : STR("outputParameterKey"),
			     s.key);
		yaml_put_str(out, STR("producerTask"), s.task);
		yaml_add_sorted(yaml_list(task, STR("dependentTasks")), s.task);
	}
	return ref;
}

void kfp_bind(struct kfp *k, struct dag *d, struct yaml *task, struct str input,
	      struct source s)
{
	bool files;

	if (s.kind == SOURCE_NONE)
		return;
	/* None, and the list of no artifacts. */
	if (s.kind == SOURCE_CONST &&
	    (s.value.kind == VALUE_NONE || type_holds_artifacts(s.type)))
		return;
	while (s.kind == SOURCE_OUTPUT && !dag_is_within(d, s.dag))
		s = kfp_lift(k, s, s.type);
	files = type_holds_artifacts(s.type);
	yaml_put(yaml_sub(yaml_sub(task, STR("inputs")),
			  files ? STR("artifacts") : STR("parameters")),
		 input, reference(k, d, s, task));
}

struct source kfp_lift(struct kfp *k, struct source s, const struct type *type)
{
	struct dag *d = s.dag;
	bool files = type_holds_artifacts(s.type);
	struct str name = channel_name(k, &s);
	struct yaml *kind, *value, *from, *selectors;

	kfp_define_output_text(k, d->comp, name, type, s.text);
	kind = yaml_sub(yaml_sub(yaml_sub(d->comp, STR("dag")), STR("outputs")),
			files ? STR("artifacts") : STR("parameters"));
	value = yaml_sub(kind, name);
	from = yaml_map(k->a);
	yaml_put_str(from, STR("producerSubtask"), s.task);
	yaml_put_str(from, files ? STR("outputArtifactKey") : STR("outputParameterKey"),
		     s.key);
	if (files) {
		selectors = yaml_seq(k->a);
		yaml_add(selectors, from);
		yaml_put(value, STR("artifactSelectors"), selectors);
	} else {
		yaml_put(value, STR("valueFromParameter"), from);
	}
	s.dag = d->parent;
	s.task = d->task;
	s.key = name;
	s.type = type;
	if (s.fate && s.fate->at.dag == d)
		s.fate = kfp_lift_fate(k, s.fate);
	return s;
}

struct source kfp_collect(struct kfp *k, struct source s, const struct type *type)
{
	s.text += s.text > 0;
	return kfp_lift(k, s, type);
}

/* A constant number that a double cannot say. */
static bool is_odd_number(struct source s, const struct type *t)
{
	return s.kind == SOURCE_TREE && s.tree->kind == EXPR_CONST &&
	       !strncmp(kfp_parameter_type(t), "NUMBER", 6);
}

struct source kfp_within(struct kfp *k, struct dag *d, struct source s, struct str name,
			 const struct type *type)
{
	const struct type *wire = kfp_wire(k, type);
	bool files = type_holds_artifacts(type);

	while (s.kind == SOURCE_OUTPUT && s.dag != d && dag_is_within(s.dag, d))
		s = kfp_lift(k, s, s.type);
	if (s.kind == SOURCE_NONE ||
	    (s.kind == SOURCE_OUTPUT && s.dag == d && !s.form &&
	     (files || (s.text && kfp_is_text(wire)) || kfp_is_usual(s, wire))))
		return s;
	if (type_is_artifacts(type))
		return kfp_artifacts(k, d, s, name, type_strip(type));
	return is_odd_number(s, wire) ? kfp_pass_text(k, d, s, name, type)
				      : kfp_pass(k, d, s, name, type);
}

static struct yaml *selector(struct kfp *k, struct source s)
{
	struct yaml *sel = yaml_map(k->a);

	yaml_put_str(sel,
		     type_holds_artifacts(s.type) ? STR("outputArtifactKey")
						  : STR("outputParameterKey"),
		     s.key);
	yaml_put_str(sel, STR("producerSubtask"), s.task);
	return sel;
}

void kfp_put_output(struct kfp *k, struct dag *d, struct str name, const struct type *t,
		    const struct source *from, size_t n)
{
	bool files = type_holds_artifacts(t);
	struct yaml *outs = yaml_sub(yaml_sub(d->comp, STR("dag")), STR("outputs"));
	struct yaml *value =
		yaml_sub(yaml_sub(outs, files ? STR("artifacts") : STR("parameters")), name);
	struct yaml *list = yaml_seq(k->a);
	unsigned text = 0;

	for (size_t j = 0; j < n; j++)
		text = from[j].text > text ? from[j].text : text;
	kfp_define_output_text(k, d->comp, name, t, text);
	for (size_t j = 0; j < n; j++)
		yaml_add(list, selector(k, from[j]));
	if (files)
		yaml_put(value, STR("artifactSelectors"), list);
	else if (n > 1)
		yaml_put(yaml_sub(value, STR("valueFromOneof")),
			 STR("parameterSelectors"), list);
	else
		yaml_put(value, STR("valueFromParameter"), list->items[0].value);
}

void kfp_wait(struct dag *d, struct str task, struct dag *from,
	      struct str awaited)
{
	struct yaml *t;

	while (!dag_is_within(d, from)) {
		awaited = from->task;
		from = from->parent;
	}
	while (d != from) {
		task = d->task;
		d = d->parent;
	}
	if (str_eq(task, awaited))
		return;
	t = yaml_get(d->tasks, task);
	yaml_add_sorted(yaml_list(t, STR("dependentTasks")), awaited);
}
