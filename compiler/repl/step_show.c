/* What a step gave: what its tasks wrote, then what came out. */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "compiler/repl/repl_int.h"
#include "runtime/base/io.h"

enum {
	SAID_TASKS = 40,	/* of so many it is kept what they wrote */
	SAID_BYTES = 8 << 10,	/* of each, the last ones */
	SHOWN_LINES = 12,
	SHOWN_OUTPUTS = 20,	/* of the iterations of a loop */
};

static struct said *said_of(const struct repl *r, struct str task)
{
	struct said *s = r->said;

	while (s && !str_eq(s->task, task))
		s = s->next;
	return s;
}

static struct said *find_said(struct repl *r, struct str task)
{
	struct said *s = said_of(r, task);

	if (s || r->nsaid == SAID_TASKS)
		return s;
	s = ARENA_NEW(&r->arena, struct said);
	s->task = arena_str(&r->arena, task);
	*(r->last_said ? &r->last_said->next : &r->said) = s;
	r->last_said = s;
	r->nsaid++;
	return s;
}

static void keep(struct said *s, struct str text)
{
	for (size_t at = str_find(text, STR("\n"), 0); at < text.n;
	     at = str_find(text, STR("\n"), at + 1))
		s->nlines++;
	text = str_sub(text, text.n > SAID_BYTES ? text.n - SAID_BYTES : 0, text.n);
	if (s->tail.n + text.n > 2 * SAID_BYTES) {
		memmove(s->tail.p, s->tail.p + s->tail.n - SAID_BYTES, SAID_BYTES);
		s->tail.n = SAID_BYTES;
	}
	buf_add(&s->tail, text);
}

void step_said_event(struct repl *r, const struct run_event *e)
{
	struct said *s;

	if (e->kind == RUN_EVENT_OUTPUT) {
		s = find_said(r, e->task);
		if (s)
			keep(s, e->text);
	}
	if (e->kind != RUN_EVENT_TASK || e->state != TASK_RUNNING)
		return;
	for (s = r->said; s; s = s->next)	/* another attempt */
		if (str_eq(s->task, e->task)) {
			buf_clear(&s->tail);
			s->nlines = 0;
		}
}

/* The last lines; those before are only counted. */
static void add_said(const struct show *show, const struct said *s, struct buf *out)
{
	struct str text = str_trim(buf_str(&s->tail));
	struct str margin = arena_printf(show->a, "%.*s | ", STR_ARG(s->task));
	size_t at = text.n, n = 0, end;

	if (!text.n)
		return;
	while (at && n < SHOWN_LINES)
		n += text.p[--at] == '\n';
	at += n == SHOWN_LINES;
	if (s->nlines > SHOWN_LINES)
		buf_addf(out, "%.*s... %zu lines before, in :logs %.*s\n",
			 STR_ARG(margin), s->nlines - SHOWN_LINES, STR_ARG(s->task));
	for (; at < text.n; at = end + 1) {
		end = str_find(text, STR("\n"), at);
		show_line(show, margin.p, str_sub(text, at, end), out);
	}
}

static const struct run_task_result *find_task(const struct run_result *x,
					       struct str path)
{
	for (size_t i = 0; i < x->ntasks; i++)
		if (str_eq(x->tasks[i].path, path))
			return &x->tasks[i];
	return NULL;
}

/* In the order of the results, whatever ran first. */
void step_said_show(struct repl *r, const struct run_result *x)
{
	struct show show = repl_show(r);
	struct buf out = {0};

	for (size_t i = 0; r->said && i < x->ntasks; i++) {
		const struct said *s = said_of(r, x->tasks[i].path);

		/* The report of a failure has its last words. */
		if (s && x->tasks[i].state != TASK_FAILED)
			add_said(&show, s, &out);
	}
	for (struct said *s = r->said; s; s = s->next)
		buf_release(&s->tail);
	r->said = r->last_said = NULL;
	r->nsaid = 0;
	if (out.n)
		io_write_all(STDERR_FILENO, buf_str(&out));
	buf_release(&out);
}

bool step_is_new(const struct program_input *in, const struct module_node *n,
		 const struct program_entry **entry)
{
	const struct program_entry *e = program_entry_of(in, n);

	*entry = e && e->is_wanted ? e : NULL;	/* by a rerun */
	for (size_t i = 0; e && i < in->added.n; i++)
		if (in->added.at[i].id == e->id)
			*entry = e;
	return *entry != NULL;
}

static bool is_unnamed(const struct module *m, const struct module_node *n)
{
	return node_noutputs(m, n) == 1 && (n->kind != NODE_TASK && n->kind != NODE_CALL
						? !node_output_name(m, n, 0).n
						: str_is(node_output_name(m, n, 0),
							 "output"));
}

/* "fit.accuracy"; "n" of a task whose only output is itself; "" of what has no name. */
static struct str output_name(struct repl *r, const struct module *m,
			      const struct module_node *n, struct str base, bool is_bound,
			      uint32_t k)
{
	struct str output = node_output_name(m, n, k);

	if (!is_unnamed(m, n))
		return arena_printf(&r->arena, "%.*s.%.*s", STR_ARG(base),
				    STR_ARG(output));
	return is_bound || node_output_type(m, n, k)->kind == TYPE_ARTIFACT ? base
									    : STR("");
}

/* base: what its outputs are called after. */
static void show_node(struct repl *r, const struct module *m, struct str base,
		      bool is_bound, const struct run_step_node *n, struct buf *out)
{
	struct show show = repl_show(r);

	for (uint32_t k = 0; k < n->nvalues; k++)
		show_value(&show,
			   output_name(r, m, n->node, base, is_bound, k),
			   node_output_type(m, n->node, k), n->values[k], out);
}

static bool is_scalar(struct value v)
{
	return v.kind != VALUE_ARTIFACT && v.kind != VALUE_LIST && v.kind != VALUE_DICT;
}

/* Of a loop: what the tasks in it gave, as far as it fits in a line. */
static void show_iterations(struct repl *r, const struct module_node *loop,
			    const struct run_result *x, struct buf *out)
{
	struct show show = repl_show(r);
	struct str prefix = arena_printf(&r->arena, "%.*s[", STR_ARG(loop->path));
	size_t n = 0;

	for (size_t i = 0; i < x->ntasks; i++) {
		const struct run_task_result *t = &x->tasks[i];

		if (!str_has_prefix(t->path, prefix) || !t->values)
			continue;
		for (uint32_t k = 0; k < t->noutputs; k++) {
			if (!is_scalar(t->values[k]) || n++ >= SHOWN_OUTPUTS)
				continue;
			show_value(&show,
				   arena_printf(&r->arena, "%.*s.%.*s", STR_ARG(t->path),
						STR_ARG(t->outputs[k].name)),
				   t->outputs[k].type, t->values[k], out);
		}
	}
	if (n > SHOWN_OUTPUTS && !show.is_json)
		buf_addf(out, "... %zu more\n", n - SHOWN_OUTPUTS);
}

/* A list that is made by tasks and bound to a name is shown as that. */
static bool is_list(const struct program_input *in, const struct run_step_result *x,
		    const struct program_entry *e)
{
	for (uint32_t i = 0; i < x->nnodes; i++)
		if (program_entry_of(in, x->nodes[i].node) == e &&
		    x->nodes[i].node->kind == NODE_EXPR)
			return e->nnames > 0;
	return false;
}

/* [train(lr=x).loss for x in grid], by itself: the value is what is wanted to be seen. */
static bool is_bare_list(const struct program_entry *e, const struct run_step_node *n)
{
	return n->node->kind == NODE_LOOP && n->nvalues == 1 && !e->nnames &&
	       str_has_prefix(e->text, STR("["));
}

static void show_unchanged(struct repl *r, const struct module_node *n,
			   const struct run_result *x, struct buf *out)
{
	const struct run_task_result *t =
		n->kind == NODE_TASK ? find_task(x, n->path) : NULL;
	struct show show = repl_show(r);

	if (!t || !t->is_recalled || show.is_json)
		return;
	show_name(&show, n->path, out);
	buf_addz(out, ": ");
	show_dim(&show, STR("unchanged"), out);
	buf_addc(out, '\n');
}

static void show_entry_node(struct repl *r, const struct program_input *in,
			    const struct module *m, const struct run_step_result *x,
			    const struct program_entry *e, const struct run_step_node *n,
			    struct buf *out)
{
	enum node_kind kind = n->node->kind;

	if (is_bare_list(e, n))
		show_node(r, m, n->node->path, false, n, out);
	else if (kind == NODE_LOOP && !is_list(in, x, e))
		show_iterations(r, n->node, &x->run, out);
	else if (n->values && kind != NODE_LOOP && kind != NODE_MERGE) {
		/* Merged names were shown where they were bound. */
		show_unchanged(r, n->node, &x->run, out);
		show_node(r, m, n->node->path, e->nnames > 0, n, out);
	}
}

static bool is_value(const struct program_input *in, const struct run_step_result *x,
		     const struct run_step_node *n)
{
	size_t node = (size_t)(n->node - x->run.pipeline->nodes);

	return in->is_expression && in->added.n && in->node != MODULE_NONE && n->values &&
	       node >= in->node && node - in->node < (in->noutputs ? in->noutputs : 1);
}

/* "fits[0].loss": the expression, and which output of it where there are several. */
static struct str value_name(struct repl *r, const struct program_input *in,
			     const struct run_step_result *x,
			     const struct run_step_node *n)
{
	size_t i = (size_t)(n->node - x->run.pipeline->nodes) - in->node;
	struct str text = vec_last(&in->added).text;

	if (in->noutputs < 2)
		return text;
	return arena_printf(&r->arena, "%.*s.%.*s", STR_ARG(text),
			    STR_ARG(in->outputs[i]));
}

void step_show(struct repl *r, const struct program_input *in, const struct module *m,
	       const struct run_step_result *x)
{
	const struct program_entry *e = NULL;
	struct buf out = {0};

	for (uint32_t i = 0; i < x->nnodes; i++) {
		const struct run_step_node *n = &x->nodes[i];
		bool added = step_is_new(in, n->node, &e);

		if (is_value(in, x, n))
			show_node(r, m, value_name(r, in, x, n), in->noutputs > 1, n,
				  &out);
		else if (added && e->kind != PROGRAM_EXPRESSION)
			show_entry_node(r, in, m, x, e, n, &out);
	}
	if (out.n)
		repl_print(r, &out);
	buf_release(&out);
}
