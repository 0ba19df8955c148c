/* From a change of the session to a verdict on it. */
#include <config.h>

#include "compiler/repl/program_int.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/bc/save.h"
#include "runtime/vm/run_args.h"

void input_init(struct program_input *in, struct program *p)
{
	*in = (struct program_input){
		.program = p,
		.node = MODULE_NONE,
		.pipeline = MODULE_NONE,
		.type = {"", 0},
		.caption = {"", 0},
		.first_id = p->next_id,
		.next_id = p->next_id,
		.setting = {"", 0},
		.saved = {"", 0},
		.config = {"", 0},
	};
	compilation_init(&in->c);
}

void program_input_release(struct program_input *in)
{
	module_free(in->module);
	buf_release(&in->bytes);
	compilation_release(&in->c);
	reads_release(in->made);
	session_free(in->next);
	for (size_t i = 0; i < in->replaced.n; i++)
		session_free(in->replaced.at[i]);
	text_release(in->text);
	vec_release(&in->replaced);
	vec_release(&in->changed);
	vec_release(&in->changed_files);
	vec_release(&in->added);
	vec_release(&in->redefined);
	vec_release(&in->stale);
	vec_release(&in->broken);
	vec_release(&in->mended);
	vec_release(&in->updates);
	vec_release(&in->left_out);
	buf_release(&in->said);
	arena_release(&in->arena);
	*in = (struct program_input){0};
}

static bool can_run(const struct program_entry *e)
{
	return e->kind != PROGRAM_DECLARATION && e->item->tag != AST_GROUP;
}

/* Entries that have to do with a file that has changed: imports that lead to it, and
 * what mentions it. */
static void mark_file(const struct program_input *in, struct str path, bool *set)
{
	const struct sema *s = &in->c.sema;
	struct str name = io_basename(path);
	uint32_t e;

	for (size_t i = 0; i < s->files.n; i++) {
		if (!s->files.at[i]->src || !str_eq(s->files.at[i]->path, path))
			continue;
		e = made_entry_at(in, s->files.at[i]->src->base);
		if (e != ENTRY_NONE)
			set[e] = true;
	}
	for (size_t i = 0; i < in->next->e.n; i++) {
		const struct program_entry *one = &in->next->e.at[i];

		set[i] |= one->kind == PROGRAM_DECLARATION &&
			  str_find(one->text, name, 0) < one->text.n;
	}
}

/* Nodes of the session's pipeline that a value of the config is for. */
static void mark_setting(const struct program_input *in, bool *set)
{
	const struct module *m = in->c.module;
	const struct module_pipeline *p;
	const struct program_entry *e;

	if (!in->setting.n || !m || in->pipeline == MODULE_NONE)
		return;
	p = &m->pipelines[in->pipeline];
	for (uint32_t i = 0; i < p->nnodes; i++) {
		e = str_eq(p->nodes[i].name, in->setting)
			    ? program_entry_of(in, &p->nodes[i]) : NULL;
		if (e)
			set[e - in->next->e.at] = true;
	}
}

/* What was read before a change of it: stale, whatever it was. */
static void mark_stale(struct program_input *in)
{
	size_t n = in->next->e.n;
	bool *set = ARENA_ARRAY(&in->arena, n + 1, bool);

	for (size_t k = 0; k < in->changed.n; k++)
		for (size_t i = 0; i < n; i++)
			set[i] |= in->next->e.at[i].id == in->changed.at[k];
	for (size_t k = 0; k < in->changed_files.n; k++)
		mark_file(in, in->changed_files.at[k], set);
	mark_setting(in, set);
	reads_close(in, set, false);
	for (size_t i = 0; i < n; i++) {
		struct program_entry *e = &in->next->e.at[i];

		if (!set[i] || is_new(in, e) || !can_run(e) ||
		    (e->state != PROGRAM_DONE && e->state != PROGRAM_FAILED &&
		     e->state != PROGRAM_STALE))
			continue;
		if (e->state != PROGRAM_STALE)
			vec_push(&in->stale, *e);
		e->state = PROGRAM_STALE;
	}
}

static const struct program_entry *entry_with(const struct session *s, uint32_t id)
{
	for (size_t i = 0; s && i < s->e.n; i++)
		if (s->e.at[i].id == id)
			return &s->e.at[i];
	return NULL;
}

/* Entries are in both sessions in much the same order. */
static enum program_state state_before(const struct program_input *in, size_t i)
{
	const struct session *now = in->program->now;
	const struct program_entry *e = &in->next->e.at[i], *old;

	old = i < now->e.n && now->e.at[i].id == e->id ? &now->e.at[i]
						      : entry_with(now, e->id);
	return old ? old->state : PROGRAM_NEW;
}

/* What broke, and what was broken and is not left out any more. */
static void mark_broken(struct program_input *in)
{
	bool any = false;

	for (size_t i = 0; i < in->next->e.n && !any; i++)
		any = in->next->e.at[i].state == PROGRAM_BROKEN;
	for (size_t i = 0; any && i < in->next->e.n; i++) {
		struct program_entry *e = &in->next->e.at[i];

		if (e->state != PROGRAM_BROKEN)
			continue;
		if (in->made->out[i]) {
			if (state_before(in, i) != PROGRAM_BROKEN)
				vec_push(&in->broken, *e);
			continue;
		}
		e->state = can_run(e) ? PROGRAM_STALE : PROGRAM_DONE;
		entry_set_error(e, STR(""));
		vec_push(&in->mended, *e);
	}
}

static void say_failed(struct program_input *in, uint32_t i)
{
	const struct program_entry *e = &in->next->e.at[i];
	const struct program_made *m = in->made;
	struct str name = e->nnames ? e->names[0] : e->title;
	struct span at = SPAN_NONE;
	struct diag *d;

	for (size_t k = 0; k < m->edges.n && !at.lo; k++)
		if (m->edges.at[k].to == i && m->wanted[m->edges.at[k].from])
			at = m->edges.at[k].at;
	d = diag(&in->c.diags, at, E0301, "'%.*s' has no value: it failed",
		 STR_ARG(name));
	diag_note(d, SPAN_NONE, "':rerun%s%.*s' runs it again", e->nnames ? " " : "",
		  STR_ARG(e->nnames ? name : STR("")));
}

/* What has to run for what is new; false if that is what failed. */
static bool mark_wanted(struct program_input *in)
{
	size_t n = in->next->e.n;
	bool *set = in->made->wanted = ARENA_ARRAY(&in->arena, n + 1, bool);
	bool good = true;

	for (size_t i = 0; i < n; i++)
		set[i] = is_new(in, &in->next->e.at[i]) || in->next->e.at[i].is_wanted;
	reads_close(in, set, true);
	for (uint32_t i = 0; i < n; i++) {
		const struct program_entry *e = &in->next->e.at[i];

		if (!can_run(e) || in->made->out[i])
			set[i] = false;
		if (!set[i])
			continue;
		in->runs = true;
		if (is_new(in, e))
			continue;
		if (e->is_wanted) {
			vec_push(&in->updates, *e);
		} else if (e->state == PROGRAM_FAILED) {
			say_failed(in, i);
			good = false;
		} else if (e->state != PROGRAM_DONE) {
			vec_push(&in->updates, *e);
		}
	}
	return good;
}

static void list_added(struct program_input *in)
{
	for (size_t i = 0; i < in->next->e.n; i++)
		if (is_new(in, &in->next->e.at[i]))
			vec_push(&in->added, in->next->e.at[i]);
}

static void print_outs(const struct symbol *sym, struct buf *out)
{
	buf_addz(out, "(task)");
	if (sym->target && sym->target->name)
		buf_addf(out, " %s", sym->target->name->s);
	buf_addz(out, sym->nouts ? " -> " : "");
	if (sym->nouts == 1)
		type_print(sym->outs[0].type, out);
	for (uint32_t i = 0; sym->nouts > 1 && i < sym->nouts; i++) {
		buf_addf(out, "%s%s: ", i ? ", " : "(",
			 sym->outs[i].name ? sym->outs[i].name->s : "output");
		type_print(sym->outs[i].type, out);
	}
	buf_addz(out, sym->nouts > 1 ? ")" : "");
}

/* The outputs of one of a list of tasks; what names it is no value by itself. */
static void list_outputs(struct program_input *in, const struct symbol *sym)
{
	struct str *names = ARENA_ARRAY(&in->arena, sym->nouts, struct str);

	for (uint32_t i = 0; i < sym->nouts; i++)
		names[i] = sym->outs[i].name
				   ? arena_str(&in->arena, sym_str(sym->outs[i].name))
				   : STR("output");
	in->outputs = names;
	in->noutputs = sym->nouts;
}

/* The node of the first output, once each has one. */
static uint32_t outputs_node(const struct program_input *in)
{
	const struct list *items = &in->made->pipeline->pipeline.items;
	uint32_t skip = items->n - in->noutputs, at = MODULE_NONE;

	list_each(n, items)
		if (skip)
			skip--;
		else if (at == MODULE_NONE && n->kind == AST_BIND && n->bind.target->ref)
			at = n->bind.target->ref->index;
	return at;
}

/* What the last expression, or the last binding, is. */
static void describe(struct program_input *in)
{
	const struct program_entry *last = in->added.n ? &vec_last(&in->added) : NULL;
	const struct node *n;
	const struct symbol *sym;
	struct buf out = {0};
	size_t i = 0;

	if (!last)
		return;
	in->is_expression = last->kind == PROGRAM_EXPRESSION;
	while (in->next->e.at[i].id != last->id)
		i++;
	n = in->made->nodes[i];
	if (!n || n->kind != AST_BIND || !n->bind.target || !n->bind.target->ref)
		return;
	sym = n->bind.target->ref;
	if (sym->kind == SYMBOL_TASK)
		print_outs(sym, &out);
	else if (sym->type)
		type_print(sym->type, &out);
	in->type = arena_str(&in->arena, buf_str(&out));
	in->node = sym->pick ? MODULE_NONE : sym->index;
	if (sym->pick && in->is_expression)
		list_outputs(in, sym);
	buf_release(&out);
}

/* A statement that is no call is an expression after all. */
static bool turn_to_expression(struct program_input *in)
{
	bool turned = false;

	for (size_t i = 0; i < in->next->e.n; i++) {
		struct program_entry *e = &in->next->e.at[i];
		const struct node *n = in->made->nodes[i];

		if (!is_new(in, e) || e->item->tag != AST_DO || !n || n->kind != AST_DO ||
		    e->kind == PROGRAM_EXPRESSION)
			continue;
		for (size_t k = 0; k < in->c.diags.all.n; k++) {
			const struct diag *d = in->c.diags.all.at[k];

			if (d->code != E0412 || d->span.lo != n->do_.value->span.lo ||
			    d->span.hi != n->do_.value->span.hi)
				continue;
			e->kind = PROGRAM_EXPRESSION;
			turned = true;
			break;
		}
	}
	return turned;
}

/* A value for what is not called, or is left out, waits until it is. */
static bool is_waiting(const struct program_input *in, struct str setting)
{
	struct str name = str_sub(setting, 0, str_find(setting, STR("."), 0));
	const struct module_pipeline *p = &in->c.module->pipelines[in->pipeline];

	for (uint32_t i = 0; i < p->nnodes; i++)
		if (str_eq(p->nodes[i].name, name))
			return false;
	return str_find(setting, STR("."), 0) < str_find(setting, STR("="), 0);
}

/* What the command line calls an option is a command here. */
static void add_config_error(struct str line, struct buf *out)
{
	size_t at;

	if (str_has_prefix(line, STR("-p: ")))
		line = str_sub(line, 4, line.n);
	at = str_find(line, STR("with -p "), 0);
	buf_addf(out, "error: %.*s", STR_ARG(str_sub(line, 0, at)));
	if (at < line.n)
		buf_addf(out, "with :config %.*s",
			 STR_ARG(str_sub(line, at + 8, line.n)));
	buf_addc(out, '\n');
}

static bool check_config(struct program_input *in)
{
	struct run_config config;
	struct buf errors = {0};
	struct err err;
	bool good = true;

	if (!in->c.module || in->pipeline == MODULE_NONE)
		return true;
	if (program_config(in, &in->arena, &config, &errors, &err)) {
		good = false;
		in->nerrors++;
		if (!errors.n)
			buf_addf(&errors, "%s\n", err.text);
		for (size_t lo = 0, hi; lo < errors.n; lo = hi + 1) {
			hi = str_find(buf_str(&errors), STR("\n"), lo);
			add_config_error(str_sub(buf_str(&errors), lo, hi), &in->said);
		}
	}
	buf_release(&errors);
	return good;
}

static bool wants_module(const struct program_input *in)
{
	for (size_t i = 0; i < in->next->e.n; i++) {
		const struct program_entry *e = &in->next->e.at[i];

		if (can_run(e) && (is_new(in, e) || e->is_wanted))
			return true;
	}
	return in->checks_config || in->is_whole;
}

enum program_verdict input_judge(struct program_input *in, unsigned flags)
{
	bool good;

	if (!place_order(in)) {
		diag_finish(&in->c.diags);
		diag_print_text(&in->c.diags, in->program->colour, &in->said);
		in->nerrors = in->c.diags.nerrors;
		return PROGRAM_WRONG;
	}
	if (!wants_module(in))
		flags |= LOWER_ONLY_CHECK;
	good = make(in, flags);
	if (!good && turn_to_expression(in))
		good = make(in, flags);
	if (!good)
		return PROGRAM_WRONG;
	mark_broken(in);
	mark_stale(in);
	list_added(in);
	describe(in);
	if (in->noutputs) {
		if (!make(in, flags))
			return PROGRAM_WRONG;
		in->node = outputs_node(in);
	}
	if (!mark_wanted(in)) {
		make_say(in);
		return PROGRAM_WRONG;
	}
	if (!(flags & LOWER_ONLY_CHECK) && !check_config(in))
		return PROGRAM_WRONG;
	if (in->setting.n && in->next->config.n &&
	    str_has_prefix(vec_last(&in->next->config), in->setting) &&
	    is_waiting(in, vec_last(&in->next->config)))
		buf_addf(&in->said, "'%.*s' is not called yet: the value waits for it\n",
			 STR_ARG(in->setting));
	return PROGRAM_OK;
}

int program_module(struct program_input *in, const struct module **m, struct str *bytes,
		   struct err *err)
{
	if (!in->c.module)
		return err_setk(err, ERR_INPUT, "there is nothing to run");
	if (!in->module) {
		buf_clear(&in->bytes);
		module_save(in->c.module, &in->bytes);
		in->module = module_load(buf_str(&in->bytes), "session", err);
	}
	*m = in->module;
	*bytes = buf_str(&in->bytes);
	return in->module ? 0 : -1;
}

int program_config(struct program_input *in, struct arena *a, struct run_config *out,
		   struct buf *errors, struct err *err)
{
	const struct session *s = in->next;
	struct config_source *sources = ARENA_ARRAY(a, s->config.n + 1,
						    struct config_source);
	size_t n = 0;

	for (size_t i = 0; i < s->config.n; i++)
		if (!is_waiting(in, s->config.at[i]) &&
		    run_source_param(arena_str(a, s->config.at[i]).p, a, &sources[n++],
				     err))
			return -1;
	return run_config_make(in->module ? in->module : in->c.module, in->pipeline,
			       MODULE_NONE, sources, n, a, out, errors, err);
}

const struct program_entry *program_entry_of(const struct program_input *in,
					     const struct module_node *n)
{
	const struct program_made *m = in->made;
	const struct made_part *part;
	size_t nfiles = in->c.sema.files.n, lo = 0, hi, k;

	if (!n->loc.line || n->loc.file < nfiles || n->loc.file - nfiles >= m->nparts)
		return NULL;
	part = &m->parts[n->loc.file - nfiles];
	/* The last that begins before it. */
	for (hi = part->text->nitems; lo < hi;) {
		k = lo + (hi - lo) / 2;
		if (part->text->items[k].line <= n->loc.line)
			lo = k + 1;
		else
			hi = k;
	}
	return lo && part->by_item[lo - 1] ? &in->next->e.at[part->by_item[lo - 1] - 1]
					   : NULL;
}

bool program_wants(void *ctx, const struct module_node *n)
{
	const struct program_input *in = ctx;
	const struct program_entry *e = program_entry_of(in, n);

	return e && in->made->wanted && in->made->wanted[e - in->next->e.at];
}

uint64_t program_asks(void *ctx, const struct module_node *n)
{
	const struct program_entry *e = program_entry_of(ctx, n);

	return e ? e->id : 0;
}

const struct node *program_pipeline(const struct program_input *in)
{
	return in->made ? in->made->pipeline : NULL;
}
