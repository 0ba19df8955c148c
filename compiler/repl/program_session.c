#include <config.h>

#include "compiler/repl/program_int.h"

#include <stdlib.h>

struct session *session_new(void)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		err_nomem();
	return s;
}

static struct str on_heap(struct str s)
{
	char *p = malloc(s.n + 1);

	if (!p)
		err_nomem();
	memcpy(p, s.n ? s.p : "", s.n);
	p[s.n] = 0;
	return (struct str){p, s.n};
}

static void off_heap(struct str s)
{
	free((char *)(uintptr_t)s.p);
}

void entry_set_error(struct program_entry *e, struct str text)
{
	if (e->error.n)
		off_heap(e->error);
	e->error = text.n ? on_heap(text) : STR("");
}

static void entry_clear(struct program_entry *e)
{
	entry_set_error(e, STR(""));
	text_release(e->item->of);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->e.n; i++)
		entry_clear(&s->e.at[i]);
	for (size_t i = 0; i < s->files.n; i++)
		text_release(s->files.at[i]);
	for (size_t i = 0; i < s->config.n; i++)
		off_heap(s->config.at[i]);
	vec_release(&s->e);
	vec_release(&s->files);
	vec_release(&s->config);
	free(s);
}

void session_add(struct session *s, const struct program_entry *e, size_t at)
{
	struct program_entry copy = *e;

	copy.error = e->error.n ? on_heap(e->error) : STR("");
	e->item->of->refs++;
	vec_push(&s->e, copy);
	memmove(&s->e.at[at + 1], &s->e.at[at], (s->e.n - 1 - at) * sizeof copy);
	s->e.at[at] = copy;
}

void session_remove(struct session *s, size_t at)
{
	entry_clear(&s->e.at[at]);
	s->e.n--;
	memmove(&s->e.at[at], &s->e.at[at + 1], (s->e.n - at) * sizeof *s->e.at);
}

void session_add_file(struct session *s, struct program_text *t)
{
	t->refs++;
	vec_push(&s->files, t);
}

void session_add_config(struct session *s, struct str setting)
{
	vec_push(&s->config, on_heap(setting));
}

struct session *session_copy(const struct session *s)
{
	struct session *c = session_new();

	vec_reserve(&c->e, s->e.n);
	for (size_t i = 0; i < s->e.n; i++)
		if (s->e.at[i].kind != PROGRAM_EXPRESSION)
			session_add(c, &s->e.at[i], c->e.n);
	for (size_t i = 0; i < s->files.n; i++)
		session_add_file(c, s->files.at[i]);
	for (size_t i = 0; i < s->config.n; i++)
		session_add_config(c, s->config.at[i]);
	return c;
}

struct program_entry entry_of_item(const struct program_item *i, uint32_t id)
{
	struct program_text *t = i->of;

	return (struct program_entry){
		.id = id,
		.kind = i->kind,
		.state = i->kind == PROGRAM_DECLARATION || i->tag == AST_GROUP
				 ? PROGRAM_DONE : PROGRAM_NEW,
		.in_file = t->is_file,
		.place = arena_printf(&t->arena, "%.*s:%u", STR_ARG(t->path), i->line),
		.text = str_sub(t->text, i->lo, i->hi),
		.title = i->title,
		.names = i->names,
		.nnames = i->nnames,
		.error = {"", 0},
		.item = i,
	};
}
