#include <config.h>

#include "compiler/sema/check.h"

const char *type_text(struct scope *c, const struct type *t)
{
	return type_name(t, c->s->parse.arena).p;
}

struct result result_of_type(const struct type *t)
{
	return (struct result){.kind = RESULT_VALUE, .type = t};
}

static struct result result_error(struct scope *c)
{
	return result_of_type(c->s->types->error);
}

static struct result result_read(struct scope *c, const struct type *t)
{
	return result_of_type(type_read(c->s->types, t));
}

static void say_symbol(struct scope *c, const struct node *node, const struct symbol *sym)
{
	struct diag *d = diag(c->s->parse.diags, node->span, E0303,
			      "'%s' is %s, not a value",
			      sym->name->s, symbol_kind_name(sym));

	if (sym->kind == SYMBOL_COMPONENT || sym->kind == SYMBOL_PIPELINE ||
	    sym->kind == SYMBOL_DEF)
		diag_label(d, "it must be called: %s(...)", sym->name->s);
	diag_note(d, sym->span, "'%s' is declared here", sym->name->s);
}

static void say_outputs(struct scope *c, const struct node *node, struct result r)
{
	struct str name = src_text(c->s->parse.src, node->span);
	struct diag *d;
	struct buf b = {0};

	if (!r.nouts) {
		diag(c->s->parse.diags, node->span, E0310, "'%.*s' has no outputs",
		     STR_ARG(str_sub(name, 0, 60)));
		return;
	}
	if (node->kind != AST_NAME)
		name = STR("a task");
	for (uint32_t i = 0; i < r.nouts && i < 8; i++)
		buf_addf(&b, "%s%s%s", i ? ", " : "", node->kind == AST_NAME ? "" : ".",
			 node->kind == AST_NAME
				 ? arena_printf(c->s->parse.arena, "%.*s.%s",
						STR_ARG(name),
						r.outs[i].name->s).p
				 : r.outs[i].name->s);
	d = diag(c->s->parse.diags, node->span, E0310, "%s%.*s%s has several outputs: %s",
		 node->kind == AST_NAME ? "'" : "", STR_ARG(name),
		 node->kind == AST_NAME ? "'" : "", buf_cstr(&b));
	diag_label(d, "name the one that is meant");
	buf_release(&b);
}

const struct type *result_value(struct scope *c, const struct node *node, struct result r)
{
	if (r.kind == RESULT_VALUE)
		return r.type;
	if (r.kind == RESULT_TASK && r.nouts == 1)
		return scope_narrowed(c, node, type_read(c->s->types, r.outs[0].type));
	if (r.kind == RESULT_TASK)
		say_outputs(c, node, r);
	else
		say_symbol(c, node, r.sym);
	return c->s->types->error;
}

const struct type *check_value(struct scope *c, struct node *node,
			       const struct type *want)
{
	struct result r = check_operand(c, node, want, false);

	return node->type = result_value(c, node, r);
}

const struct type *check_argument(struct scope *c, struct node *node,
				  const struct type *want)
{
	struct result r = check_operand(c, node, want, true);

	return node->type = result_value(c, node, r);
}

static struct result read_local(struct scope *c, struct node *node, struct symbol *sym)
{
	bool is_param = sym->kind == SYMBOL_PARAM || sym->kind == SYMBOL_OUTPUT;
	struct diag *d;

	if (c->place == PLACE_CONST && is_param) {
		d = diag(c->s->parse.diags, node->span, E0315,
			 "this must be constant, and '%s' is %s", sym->name->s,
			 symbol_kind_name(sym));
		diag_note(d, sym->span, "'%s' is declared here", sym->name->s);
		return result_error(c);
	}
	if (c->place == PLACE_CONTAINER && sym->kind == SYMBOL_OUTPUT) {
		d = diag(c->s->parse.diags, node->span, E0303,
			 "'%s' is an output: only its place is known here",
			 sym->name->s);
		diag_label(d, "write %s.path", sym->name->s);
		return result_error(c);
	}
	if (sym->kind == SYMBOL_TASK || sym->is_computed)
		c->saw_task = true;
	if (sym->kind == SYMBOL_TASK)
		return (struct result){
			.kind = RESULT_TASK, .outs = sym->outs, .nouts = sym->nouts,
			.lists = sym->lists, .sym = sym};
	return result_read(c, sym->type);
}

/* What it means to name sym in an expression. */
static struct result read_symbol(struct scope *c, struct node *node, struct symbol *sym)
{
	node->ref = sym;
	switch (sym->kind) {
	case SYMBOL_ERROR:
		return result_error(c);
	case SYMBOL_PARAM:
	case SYMBOL_OUTPUT:
	case SYMBOL_VALUE:
	case SYMBOL_TASK:
	case SYMBOL_ITEM:
		return read_local(c, node, sym);
	case SYMBOL_CONST:
		if (c->owner)
			vec_push(&c->owner->calls, sym);
		symbol_resolve(c->s, sym);
		return result_of_type(sym->type);
	case SYMBOL_TYPE:
		symbol_resolve(c->s, sym);
		break;
	case SYMBOL_COMPONENT:
	case SYMBOL_PIPELINE:
	case SYMBOL_DEF:
	case SYMBOL_ENVIRONMENT:
	case SYMBOL_CONFIG:
	case SYMBOL_SCHEDULE:
	case SYMBOL_MODULE:
	case SYMBOL_ALIAS:
	case SYMBOL_LOOP:
	case SYMBOL_COLLECT:
	case SYMBOL_TRY:
		break;
	}
	return (struct result){.kind = RESULT_SYMBOL, .sym = sym};
}

static struct result check_name(struct scope *c, struct node *node,
				const struct type *want)
{
	struct symbol *sym = scope_find(c, node->name.name);
	struct str name = sym_str(node->name.name);

	if (sym)
		return read_symbol(c, node, sym);
	if (builtin_find(name) != BUILTIN_N && !type_builtin(c->s->types, name))
		diag(c->s->parse.diags, node->span, E0303,
		     "'%s' is a built-in function, not a value", node->name.name->s);
	else if (type_builtin(c->s->types, name))
		diag(c->s->parse.diags, node->span, E0303, "'%s' is a type, not a value",
		     node->name.name->s);
	else if (str_is(name, "run") && c->place != PLACE_PIPELINE &&
		 c->place != PLACE_SETTING)
		diag(c->s->parse.diags, node->span, E0303,
		     "'run' is known only while a pipeline runs: pass run.id as an "
		     "argument");
	else if (str_is(name, "run"))
		diag(c->s->parse.diags, node->span, E0303,
		     "'run' is read as run.id, run.name or run.started");
	else if (!say_bare_member(c, node, want))
		scope_unknown(c, node, "value");
	return result_error(c);
}

/* run.state and run.error, of the innermost try. */
static struct result check_outcome(struct scope *c, struct node *node)
{
	bool is_state = !strcmp(node->field.name->s, "state");
	struct types *t = c->s->types;

	if (!c->handler) {
		struct diag *d = diag(c->s->parse.diags, node->span, E0303,
				      "'run.%s' is known only in the 'except' and the "
				      "'finally' of a 'try'", node->field.name->s);

		diag_label(d, "there it says how the tasks of the 'try' ended");
		return result_error(c);
	}
	node->ref = c->handler;
	c->saw_task = true;
	if (is_state)
		return result_of_type(t->string);
	return result_of_type(c->in_finally ? type_opt(t, t->run_error) : t->run_error);
}

/* run.id and its like; false if node is something else. */
static bool check_run(struct scope *c, struct node *node, struct result *out)
{
	static const char *const FIELDS[] = {"id", "name", "started"};
	struct node *object = node->field.object;
	bool is_task;

	if (object->kind != AST_NAME ||
	    (c->place != PLACE_PIPELINE && c->place != PLACE_SETTING))
		return false;
	is_task = str_is(sym_str(object->name.name), "task");
	if ((!is_task && !str_is(sym_str(object->name.name), "run")) ||
	    scope_find(c, object->name.name))
		return false;
	*out = result_of_type(c->s->types->string);
	if (is_task && !strcmp(node->field.name->s, "id"))
		return true;
	for (unsigned i = 0; !is_task && i < 3; i++) {
		if (!strcmp(node->field.name->s, FIELDS[i]))
			return true;
	}
	*out = result_error(c);
	if (!is_task && (!strcmp(node->field.name->s, "state") ||
			 !strcmp(node->field.name->s, "error")))
		*out = check_outcome(c, node);
	else
		diag(c->s->parse.diags, node->field.name_at, E0304, "'%s' has no '%s'",
		     object->name.name->s, node->field.name->s);
	return true;
}

static struct result check_member(struct scope *c, struct node *node, struct symbol *sym)
{
	struct suggestion best = {.wanted = sym_str(node->field.name)};
	const struct type *t = sym->type;
	struct diag *d;

	if (t->kind != TYPE_ENUM) {
		if (t->kind != TYPE_ERROR)
			say_symbol(c, node->field.object, sym);
		return result_error(c);
	}
	if (type_member(t, sym_str(node->field.name))) {
		node->ref = sym;
		return result_of_type(t);
	}
	d = diag(c->s->parse.diags, node->field.name_at, E0304, "'%s' has no member '%s'",
		 sym->name->s, node->field.name->s);
	for (uint32_t i = 0; i < t->nmembers; i++)
		suggest(&best, t->members[i].name);
	diag_suggest(d, node->field.name_at, &best);
	diag_note(d, sym->span, "'%s' is declared here", sym->name->s);
	return result_error(c);
}

static struct result symbol_field(struct scope *c, struct node *node, struct symbol *sym)
{
	struct symbol *member;

	if (sym->kind == SYMBOL_TYPE)
		return check_member(c, node, sym);
	if (sym->kind != SYMBOL_MODULE) {
		say_symbol(c, node->field.object, sym);
		return result_error(c);
	}
	member = module_member(c, sym, node->field.name, node->field.name_at);
	return member ? read_symbol(c, node, member) : result_error(c);
}

static void say_no_field(struct scope *c, const struct node *node, const struct type *t)
{
	const char *name = node->field.name->s;
	struct diag *d;

	if (t->kind == TYPE_OPT) {
		say_optional(c, node->field.object, true,
			     arena_printf(c->s->parse.arena,
					  "this may be None, which has no '.%s'", name)
				     .p);
		return;
	}
	if (t->kind == TYPE_STRUCT) {
		say_no_struct_field(c, node, t);
		return;
	}
	if (t->kind == TYPE_JSON) {
		d = diag(c->s->parse.diags, node->field.name_at, E0304,
			 "a json has no '.%s'",
			 name);
		diag_label(d, "write [\"%s\"]", name);
		return;
	}
	d = diag(c->s->parse.diags, node->field.name_at, E0304, "%s has no '.%s'",
		 type_text(c, t), name);
	if (t->kind == TYPE_SERIES)
		diag_label(d, "a Series reads as .last, .min or .max");
}

static struct result value_field(struct scope *c, struct node *node, const struct type *t)
{
	const struct type_field *field = struct_field(t, sym_str(node->field.name));
	const char *name = node->field.name->s;

	if (t->kind == TYPE_ERROR)
		return result_error(c);
	if (field)
		return result_of_type(field->type);
	if (t->kind == TYPE_SERIES &&
	    (!strcmp(name, "last") || !strcmp(name, "min") || !strcmp(name, "max")))
		return result_of_type(c->s->types->floating);
	if (t->kind == TYPE_ARTIFACT && (!strcmp(name, "uri") || !strcmp(name, "name")))
		return result_of_type(c->s->types->string);
	say_no_field(c, node, t);
	return result_error(c);
}

/* An output of a task, or the list of that of several. */
static struct result read_out(struct scope *c, const struct node *node,
			      const struct type *t)
{
	const struct type *elem = t;

	while (elem->kind == TYPE_LIST)
		elem = elem->elem;
	if (elem == t || type_strip(elem)->kind != TYPE_SERIES)
		return result_read(c, t);
	struct diag *d = diag(c->s->parse.diags, node->span, E0312,
			      "a Series cannot be in a list");

	diag_label(d, "read that of one task: [i].%s.last", node->field.name->s);
	return result_error(c);
}

static struct result task_field(struct scope *c, struct node *node, struct result task)
{
	struct suggestion best = {.wanted = sym_str(node->field.name)};
	struct diag *d;

	for (uint32_t i = 0; i < task.nouts; i++)
		if (task.outs[i].name == node->field.name)
			return read_out(c, node, task.outs[i].type);
	if (task.nouts == 1) {
		const struct type *t = result_value(c, node->field.object, task);

		if (t->kind == TYPE_ERROR || t->kind == TYPE_ARTIFACT ||
		    t->kind == TYPE_SERIES || t->kind == TYPE_STRUCT ||
		    t->kind == TYPE_OPT) {
			node->field.object->type = t;
			return value_field(c, node, t);
		}
	}
	d = diag(c->s->parse.diags, node->field.name_at, E0304,
		 "%s%s%s has no output '%s'",
		 task.sym ? "'" : "", task.sym ? task.sym->name->s : "this task",
		 task.sym ? "'" : "", node->field.name->s);
	for (uint32_t i = 0; i < task.nouts; i++)
		suggest(&best, sym_str(task.outs[i].name));
	diag_suggest(d, node->field.name_at, &best);
	if (task.nouts)
		diag_note(d, task.outs[0].decl->span, "outputs are declared here");
	return result_error(c);
}

static struct result check_field(struct scope *c, struct node *node, bool calls)
{
	struct result r;

	if (check_run(c, node, &r) || check_file_field(c, node, &r))
		return r;
	if (say_looped(c, node->field.object, node))
		return result_error(c);
	r = check_operand(c, node->field.object, NULL, calls);
	if (r.kind == RESULT_SYMBOL)
		return symbol_field(c, node, r.sym);
	if (r.kind == RESULT_TASK)
		return task_field(c, node, r);
	return value_field(c, node, r.type);
}

/* Is a call of a component at the root of this, or of one of its arms? */
static bool holds_call(const struct node *node)
{
	if (node->kind == AST_FIELD)
		return holds_call(node->field.object);
	if (node->kind == AST_COMPREHENSION)
		return node->ref != NULL;
	if (node->kind == AST_CALL)
		return node->ref && (node->ref->kind == SYMBOL_COMPONENT ||
				     node->ref->kind == SYMBOL_PIPELINE);
	return node->kind == AST_COND && node->ref;
}

static struct result say_no_join(struct scope *c, const struct node *node,
				 struct result a,
				 struct result b)
{
	const struct type *ta = result_value(c, node->cond.then, a);
	const struct type *tb = result_value(c, node->cond.orelse, b);

	if (ta->kind != TYPE_ERROR && tb->kind != TYPE_ERROR)
		diag(c->s->parse.diags, node->span, E0316,
		     "this is %s or %s, which have nothing in common", type_text(c, ta),
		     type_text(c, tb));
	return result_error(c);
}

/* An arm that names a task whose output was tested for None is that value. */
static struct result tested_arm(struct scope *c, struct node *node, struct result r)
{
	if (r.kind != RESULT_TASK || r.nouts != 1 ||
	    scope_narrowed(c, node, r.outs[0].type) == r.outs[0].type)
		return r;
	node->type = result_value(c, node, r);
	return result_of_type(node->type);
}

static struct result check_arm(struct scope *c, struct node *node, bool then,
			       const struct type *want, bool calls)
{
	struct node *arm = then ? node->cond.then : node->cond.orelse;
	size_t mark = c->tested.n;
	struct result r;

	scope_narrow(c, node->cond.cond, then);
	r = tested_arm(c, arm, check_operand(c, arm, want, calls));
	scope_widen(c, mark);
	return r;
}

/* a if c else b.  It needs a branch of the graph where an arm starts a task or stands
 * for a task with several outputs; node->ref is then the merged symbol. */
static struct result check_cond(struct scope *c, struct node *node,
				const struct type *want,
				bool calls)
{
	bool swap = !want && is_empty_literal(node->cond.then);
	struct result a, b;
	struct symbol *sym;

	check_condition(c, node->cond.cond, "a condition");
	if (swap) {	/* what it would hold is what the other arm holds */
		b = check_arm(c, node, false, want, calls);
		a = check_arm(c, node, true, b.kind == RESULT_VALUE ? b.type : NULL,
			      calls);
	} else {
		a = check_arm(c, node, true, want, calls);
		if (!want && a.kind == RESULT_VALUE &&
		    is_empty_literal(node->cond.orelse))
			want = a.type;
		b = check_arm(c, node, false, want, calls);
	}
	if (a.kind == RESULT_SYMBOL || b.kind == RESULT_SYMBOL) {
		result_value(c, node->cond.then, a);
		result_value(c, node->cond.orelse, b);
		return result_error(c);
	}
	sym = symbol_new(c->s, SYMBOL_VALUE, NULL, node->span);
	sym->decl = node;
	if (!merge_results(c, a, b, sym))
		return say_no_join(c, node, a, b);
	if (holds_call(node->cond.then) || holds_call(node->cond.orelse) ||
	    (sym->kind == SYMBOL_TASK && sym->nouts > 1)) {
		node->ref = sym;
		c->saw_task = true;
		if (sym->kind == SYMBOL_TASK)
			return (struct result){.kind = RESULT_TASK, .outs = sym->outs,
					       .nouts = sym->nouts,
					       .lists = sym->lists};
		return result_of_type(sym->type);
	}
	node->cond.then->type = result_value(c, node->cond.then, a);
	node->cond.orelse->type = result_value(c, node->cond.orelse, b);
	if (sym->kind == SYMBOL_TASK)
		return result_read(c, sym->outs[0].type);
	return result_of_type(sym->type);
}

static struct result operand(struct scope *c, struct node *node, const struct type *want,
			     bool calls)
{
	struct types *t = c->s->types;

	switch (node->kind) {
	case AST_NAME:
		return check_name(c, node, want);
	case AST_FIELD:
		return check_field(c, node, calls);
	case AST_CALL:
		return check_call(c, node, calls);
	case AST_COND:
		return check_cond(c, node, want, calls);
	case AST_INT:
		return result_of_type(t->integer);
	case AST_FLOAT:
		return result_of_type(t->floating);
	case AST_BOOL:
		return result_of_type(t->boolean);
	case AST_NONE:
		return result_of_type(t->none);
	case AST_STRING:
		return result_of_type(t->string);
	case AST_DURATION:
		return result_of_type(t->duration);
	case AST_SIZE:
		return result_of_type(t->size);
	case AST_FSTRING:
		return result_of_type(check_fstring(c, node));
	case AST_LIST:
		return result_of_type(check_list(c, node, want));
	case AST_DICT:
		return result_of_type(check_dict(c, node, want));
	case AST_UNARY:
		return result_of_type(check_unary(c, node));
	case AST_BINARY:
		return result_of_type(check_binary(c, node, want));
	case AST_COMPARE:
		return result_of_type(check_compare(c, node));
	case AST_AND:
	case AST_OR:
		return result_of_type(check_logic(c, node));
	case AST_INDEX:
		return check_index(c, node);
	case AST_COMPREHENSION:
		if (starts_tasks(c, node->comprehension.element))
			return check_task_comprehension(c, node, calls);
		return check_comprehension(c, node, want);
	default:	/* AST_ERROR, and what the grammar lets stand here */
		return result_error(c);
	}
}

/* A literal or comprehension where a json is wanted is one, and so is all that stands in
 * it. */
static struct result json_operand(struct scope *c, struct node *node, bool calls)
{
	struct types *t = c->s->types;
	const struct type *got;

	switch (node->kind) {
	case AST_COMPREHENSION:
		if (starts_tasks(c, node->comprehension.element))
			return operand(c, node, t->json, calls);
		got = check_comprehension(c, node, type_list(t, t->json)).type;
		return result_of_type(item_type(c, got, t->json));
	case AST_LIST:
		got = check_list(c, node, type_list(t, t->json));
		return result_of_type(item_type(c, got, t->json));
	case AST_DICT:
		got = check_dict(c, node, type_dict(t, t->json));
		return result_of_type(got->elem->kind == TYPE_ERROR ? t->error : t->json);
	case AST_INT:
	case AST_FLOAT:
	case AST_BOOL:
	case AST_NONE:
	case AST_STRING:
		return result_of_type(t->json);
	default:
		return operand(c, node, t->json, calls);
	}
}

struct result check_operand(struct scope *c, struct node *node, const struct type *want,
			    bool calls)
{
	struct result r = result_error(c);

	if (++c->depth <= CHECK_DEPTH)
		r = want && want->kind == TYPE_JSON ? json_operand(c, node, calls)
						    : operand(c, node, want, calls);
	else if (c->depth == CHECK_DEPTH + 1)
		diag(c->s->parse.diags, node->span, E0110,
		     "expressions are nested more than %d deep", CHECK_DEPTH);
	c->depth--;
	if (r.kind == RESULT_VALUE)
		r.type = scope_narrowed(c, node, r.type);
	node->type = r.kind == RESULT_VALUE ? r.type : c->s->types->error;
	return r;
}
