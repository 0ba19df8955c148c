#include <config.h>

#include "compiler/repl/program_int.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/base/utf8.h"
#include "runtime/value/ops.h"

enum { UNDO_ENTRIES_MAX = 200000 };	/* of all sessions that are kept for undoing */

struct program *program_new(const struct repl_host *host, bool colour)
{
	struct program *p = calloc(1, sizeof *p);

	if (!p)
		err_nomem();
	p->host = host;
	p->colour = colour;
	p->next_id = p->next_input = 1;
	p->now = session_new();
	return p;
}

void program_forget_files(struct program *p)
{
	for (size_t i = 0; i < p->files.n; i++) {
		free((char *)(uintptr_t)p->files.at[i]->path.p);
		buf_release(&p->files.at[i]->text);
		free(p->files.at[i]);
	}
	vec_clear(&p->files);
}

void undo_release(struct undo *u)
{
	session_free(u->before);
	free((char *)(uintptr_t)u->what.p);
}

void program_free(struct program *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->undo.n; i++)
		undo_release(&p->undo.at[i]);
	program_forget_files(p);
	vec_release(&p->undo);
	vec_release(&p->files);
	session_free(p->now);
	arena_release(&p->names);
	free(p);
}

struct parse_result program_parse(struct compilation *c, struct str path, struct str text)
{
	struct parse_ctx ctx = {&c->arena, &c->syms, &c->src, &c->diags};
	struct src_file *f = src_add(&c->src, path, text);

	if (!f)
		BUG("a text larger than 4 GiB");
	return parse_file(&ctx, f);
}

/* Is every error one of where the text ends?  Then more of it may mend them all. */
static bool is_open_end(const struct compilation *c)
{
	const struct src_file *f = c->src.files.at[0];
	size_t end = f->text.n;

	while (end && memchr(" \t\n", f->text.p[end - 1], 3))
		end--;
	for (size_t i = 0; i < c->diags.all.n; i++) {
		const struct diag *d = c->diags.all.at[i];

		if (!diag_code_is_error(d->code) || d->code == E0109 ||
		    d->code == E0105 || d->code == E0206 || d->code == E0108)
			continue;
		if (d->span.hi < f->base + end)
			return false;
	}
	return true;
}

static bool is_block(enum node_tag kind, struct str text)
{
	switch (kind) {
	case AST_ENVIRONMENT:
	case AST_STRUCT:
	case AST_COMPONENT:
	case AST_PIPELINE:
	case AST_CONFIG:
	case AST_DEF:
	case AST_SCHEDULE:
	case AST_TEST:
	case AST_GROUP:
	case AST_IF:
	case AST_FOR:
	case AST_TRY:
		return true;
	default:	/* an enum or a `with` of several lines */
		return memchr(text.p, '\n', text.n) && text.n &&
		       !memchr(")]}\"'", text.p[text.n - 1], 5);
	}
}

/* Could more lines belong to what stands last?  Not after an empty line. */
static bool may_go_on(struct str text, const struct node *tree, uint32_t base)
{
	const struct node *last = tree->file.items.last;
	size_t end = text.n;

	if (end && text.p[end - 1] == '\n')
		end--;
	while (end && (text.p[end - 1] == ' ' || text.p[end - 1] == '\t'))
		end--;
	if (!end || text.p[end - 1] == '\n')
		return false;
	return last && is_block(last->kind,
				str_trim(str_sub(text, last->span.lo - base,
						 last->span.hi - base)));
}

/* Doc comments alone wait for what they are about. */
static bool is_doc_alone(struct str text, const struct parse_result *r)
{
	size_t end = text.n;

	if (r->file->file.items.n || !r->comments.n)
		return false;
	if (end && text.p[end - 1] == '\n')
		end--;
	return vec_last(&r->comments).doc && end && text.p[end - 1] != '\n';
}

enum program_verdict program_look(struct str text)
{
	struct compilation c;
	struct parse_result r;
	struct buf kept = {0};
	enum program_verdict v = PROGRAM_OK;

	if (text.n > PROGRAM_TEXT_MAX)
		return PROGRAM_OK;	/* and wrong, as will be said */
	compilation_init(&c);
	text_normalize(text, true, &kept);
	r = program_parse(&c, STR("<input>"), buf_str(&kept));
	if (r.incomplete && c.diags.nerrors && is_open_end(&c))
		v = PROGRAM_INCOMPLETE;
	else if (!r.file->file.items.n && !c.diags.nerrors)
		v = is_doc_alone(buf_str(&kept), &r) ? PROGRAM_INCOMPLETE : PROGRAM_EMPTY;
	else if (!c.diags.nerrors && may_go_on(buf_str(&kept), r.file, r.file->span.lo))
		v = PROGRAM_INCOMPLETE;
	vec_release(&r.comments);
	compilation_release(&c);
	buf_release(&kept);
	return v;
}

enum program_verdict input_wrong(struct program_input *in, const char *fmt, ...)
{
	va_list ap;

	buf_addz(&in->said, "error: ");
	va_start(ap, fmt);
	buf_vaddf(&in->said, fmt, ap);
	va_end(ap);
	buf_addc(&in->said, '\n');
	in->nerrors++;
	return PROGRAM_WRONG;
}

enum program_verdict input_wrong_syntax(struct program_input *in)
{
	diag_finish(&in->c.diags);
	diag_print_text(&in->c.diags, in->program->colour, &in->said);
	in->nerrors = in->c.diags.nerrors;
	return PROGRAM_WRONG;
}

static bool is_function_name(struct str name)
{
	return builtin_find(name) != BUILTIN_N && !memchr(name.p, '.', name.n);
}

static bool is_declared(const struct session *s, struct str name)
{
	for (size_t i = 0; i < s->e.n; i++)
		for (uint32_t k = 0; k < s->e.at[i].nnames; k++)
			if (s->e.at[i].kind == PROGRAM_DECLARATION &&
			    str_eq(s->e.at[i].names[k], name))
				return true;
	return false;
}

/* A call may start a task, everything else that stands alone is an expression.  What is
 * taken for a call and is none turns out later. */
static bool is_expression(const struct session *s, const struct node *n)
{
	const struct node *value, *callee;

	if (n->kind != AST_DO)
		return false;
	value = n->do_.value;
	if (value->kind == AST_COND || value->kind == AST_COMPREHENSION)
		return false;
	if (value->kind != AST_CALL)
		return true;
	callee = value->call.callee;
	return callee && callee->kind == AST_NAME &&
	       is_function_name(sym_str(callee->name.name)) &&
	       !is_declared(s, sym_str(callee->name.name));
}

/* Reads text off into in->text; the verdict of its syntax. */
static enum program_verdict read_text(struct program_input *in, struct str text)
{
	struct program *p = in->program;
	struct str path = arena_printf(&in->arena, "<input %u>", p->next_input);
	struct parse_result r = program_parse(&in->c, path, text);
	struct program_text *t;
	size_t i = 0;

	vec_release(&r.comments);
	if (r.incomplete && in->c.diags.nerrors && is_open_end(&in->c))
		return PROGRAM_INCOMPLETE;
	if (in->c.diags.nerrors)
		return input_wrong_syntax(in);
	t = in->text = text_new(path, STR("."), text, false);
	text_read_items(t, r.file);
	for (const struct node *n = r.file->file.items.first; n && i < t->nitems;
	     n = n->next) {
		if (n->span.lo - r.file->span.lo != t->items[i].lo)
			continue;
		if (n->kind == AST_RETURN) {
			diag_label(diag(&in->c.diags, n->span, E0412,
					"a session returns nothing"),
				   "the value alone shows what it is");
			return input_wrong_syntax(in);
		}
		if (is_expression(p->now, n))
			t->items[i].kind = PROGRAM_EXPRESSION;
		i++;
	}
	return t->nitems ? PROGRAM_OK : PROGRAM_EMPTY;
}

static size_t count_typed(const struct session *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->e.n; i++)
		n += !s->e.at[i].in_file;
	return n;
}

/* The whole of a block that was typed, once its text is normal. */
static enum program_verdict read_block(struct program_input *in, struct str text)
{
	struct program *p = in->program;
	enum program_verdict v = read_text(in, text);

	if (v != PROGRAM_OK)
		return v;
	if (count_typed(p->now) + in->text->nitems > PROGRAM_ENTRIES_MAX)
		return input_wrong(in,
				   "a session holds %d entries at most: ':save' it to a "
				   "file, and ':load' that in a new one",
				   PROGRAM_ENTRIES_MAX);
	in->next = session_copy(p->now);
	in->caption = in->text->items[0].title;
	if (!place_items(in, in->text))
		return input_wrong_syntax(in);
	return input_judge(in, 0);
}

enum program_verdict program_read(struct program *p, struct str text,
				  struct program_input *in)
{
	struct buf kept = {0};
	enum program_verdict v;

	input_init(in, p);
	if (text.n > PROGRAM_TEXT_MAX)
		return input_wrong(in,
				   "%zu bytes at once: more than %d KiB is a file, for "
				   "':load'", text.n, PROGRAM_TEXT_MAX >> 10);
	if (p->typed_bytes + text.n > PROGRAM_TEXTS_MAX)
		return input_wrong(in,
				   "a session holds %d MiB of text: ':save' it to a "
				   "file, and ':load' that in a new one",
				   PROGRAM_TEXTS_MAX >> 20);
	text_normalize(text, true, &kept);
	v = read_block(in, buf_str(&kept));
	buf_release(&kept);
	return v;
}

enum program_verdict program_type_of(struct program *p, struct str text,
				     struct program_input *in)
{
	enum program_verdict v = program_read(p, text, in);

	if (v != PROGRAM_OK)
		return v;
	if (in->added.n != 1 || in->added.at[0].kind == PROGRAM_DECLARATION ||
	    !in->type.n)
		return input_wrong(in, "an expression is wanted");
	in->keeps_nothing = true;
	return PROGRAM_OK;
}

/* Of a large session fewer changes are kept. */
static bool is_undo_large(const struct program *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->undo.n; i++)
		n += p->undo.at[i].before->e.n;
	return n > UNDO_ENTRIES_MAX;
}

static void push_undo(struct program *p, struct str what)
{
	struct undo u = {.before = p->now};
	char *copy = strndup(what.n ? what.p : "", what.n);

	if (!copy)
		err_nomem();
	u.what = str_of(copy);
	while (p->undo.n == PROGRAM_UNDO_MAX || (p->undo.n && is_undo_large(p))) {
		undo_release(&p->undo.at[0]);
		memmove(p->undo.at, p->undo.at + 1, --p->undo.n * sizeof *p->undo.at);
	}
	vec_push(&p->undo, u);
}

static bool changes_something(const struct program_input *in)
{
	if (in->keeps_nothing)
		return false;
	for (size_t i = 0; i < in->added.n; i++)
		if (in->added.at[i].kind != PROGRAM_EXPRESSION)
			return true;
	return !in->added.n;
}

void program_commit(struct program *p, struct program_input *in)
{
	for (size_t i = 0; i < in->added.n; i++)
		if (in->added.at[i].id >= p->next_id)
			p->next_id = in->added.at[i].id + 1;
	p->next_input += in->text && !in->text->is_file;
	if (!changes_something(in))
		return;
	if (in->text && !in->text->is_file)
		p->typed_bytes += in->text->text.n;
	push_undo(p, in->caption);
	p->now = session_copy(in->next);
}

const struct program_entries *program_entries(const struct program *p)
{
	return &p->now->e;
}

const struct program_entry *program_find(const struct program *p, struct str name)
{
	for (size_t i = p->now->e.n; i-- > 0;)
		for (uint32_t k = 0; k < p->now->e.at[i].nnames; k++)
			if (str_eq(p->now->e.at[i].names[k], name))
				return &p->now->e.at[i];
	return NULL;
}

void program_set_state(struct program *p, uint32_t id, enum program_state state)
{
	for (size_t i = 0; i < p->now->e.n; i++) {
		struct program_entry *e = &p->now->e.at[i];

		if (e->id != id)
			continue;
		e->state = state;
		e->was_done |= state == PROGRAM_DONE;
		return;
	}
}

size_t program_settings(const struct program *p, const struct str **out)
{
	*out = p->now->config.at;
	return p->now->config.n;
}

size_t program_files(const struct program *p, const char *const **out)
{
	struct arena *a = (struct arena *)(uintptr_t)&p->names;
	const char **names;

	arena_clear(a);
	names = ARENA_ARRAY(a, p->now->files.n + 1, const char *);
	for (size_t i = 0; i < p->now->files.n; i++)
		names[i] = p->now->files.at[i]->path.p;
	*out = names;
	return p->now->files.n;
}
