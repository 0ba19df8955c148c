/* Changes that are not typed: files, values of the config, what is run again, undoing. */
#include <config.h>

#include "compiler/repl/program_int.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/vm/run_args.h"

static enum program_verdict say_statement(struct program_input *in,
					  const struct program_item *i)
{
	uint32_t base = in->c.src.files.at[0]->base;

	diag_label(diag(&in->c.diags, (struct span){base + i->lo, base + i->hi}, E0412,
			"a file holds declarations, not statements"),
		   "statements belong in a pipeline");
	return input_wrong_syntax(in);
}

/* Parses the file into in->text. */
static enum program_verdict parse_file_text(struct program_input *in, const char *path,
					    struct str text)
{
	struct buf kept = {0};
	struct parse_result r;

	compilation_release(&in->c);
	compilation_init(&in->c);
	text_normalize(text, false, &kept);
	text_release(in->text);
	in->text = text_new(str_of(path), io_dirname(str_of(path)), buf_str(&kept), true);
	buf_release(&kept);
	r = program_parse(&in->c, in->text->path, in->text->text);
	vec_release(&r.comments);
	if (in->c.diags.nerrors)
		return input_wrong_syntax(in);
	text_read_items(in->text, r.file);
	for (size_t i = 0; i < in->text->nitems; i++)
		if (in->text->items[i].kind != PROGRAM_DECLARATION)
			return say_statement(in, &in->text->items[i]);
	return PROGRAM_OK;
}

/* What was typed in place of the file's declarations stays. */
static void leave_typed(struct program_input *in)
{
	const struct program_entries *e = &in->next->e;
	struct program_text *t = in->text;

	for (size_t i = 0; i < e->n; i++) {
		const struct program_item *typed = e->at[i].item;

		if (typed->kind != PROGRAM_DECLARATION || e->at[i].in_file)
			continue;
		for (size_t k = 0; k < t->nitems; k++) {
			const struct program_item *left = t->items[k].is_gone ? NULL
				: item_without(&t->items[k], typed->keys, typed->nkeys);

			t->items[k].is_gone = !left || (left != &t->items[k] &&
							left->tag != AST_FROM);
			if (left && left != &t->items[k] && left->tag == AST_FROM)
				t->items[k] = *left;
		}
	}
}

static bool is_same_file(struct str a, struct str b)
{
	char *ra = realpath(a.p, NULL), *rb = realpath(b.p, NULL);
	bool same = ra && rb ? !strcmp(ra, rb) : str_eq(a, b);

	free(ra);
	free(rb);
	return same;
}

/* The file's text as it was loaded before; NULL: it was not. */
static struct program_text **loaded(struct session *s, struct str path)
{
	for (size_t i = 0; i < s->files.n; i++)
		if (is_same_file(s->files.at[i]->path, path))
			return &s->files.at[i];
	return NULL;
}

static bool put_file(struct program_input *in)
{
	struct program_text **old = loaded(in->next, in->text->path), *before = NULL;

	if (old) {
		before = *old;
		leave_typed(in);
		in->text->refs++;
		*old = in->text;
	} else {
		session_add_file(in->next, in->text);
	}
	if (!place_items(in, in->text))
		return false;
	for (size_t i = in->next->e.n; before && i-- > 0;)
		if (in->next->e.at[i].item->of == before)
			session_remove(in->next, i);
	text_release(before);
	return true;
}

/* Reads a file and places it in in->next. */
static enum program_verdict load_file(struct program_input *in, const char *path)
{
	struct buf text = {0};
	struct err err;
	enum program_verdict v;

	in->is_unreadable = io_read_file(path, LIMIT_FILE_BYTES, &text, &err);
	if (in->is_unreadable) {
		v = input_wrong(in, "%s", err.text);
	} else {
		v = parse_file_text(in, path, buf_str(&text));
		if (v == PROGRAM_OK && !put_file(in))
			v = input_wrong_syntax(in);
	}
	buf_release(&text);
	return v;
}

enum program_verdict program_load(struct program *p, const char *path,
				  struct program_input *in)
{
	enum program_verdict v;

	input_init(in, p);
	in->next = session_copy(p->now);
	in->caption = arena_printf(&in->arena, ":load %s", path);
	v = load_file(in, path);
	return v == PROGRAM_OK ? input_judge(in, 0) : v;
}

static bool has_changed(const char *path, struct str kept)
{
	struct buf now = {0}, normal = {0};
	struct err err;
	bool changed = true;

	if (!io_read_file(path, LIMIT_FILE_BYTES, &now, &err)) {
		text_normalize(buf_str(&now), false, &normal);
		changed = !str_eq(buf_str(&now), kept) && !str_eq(buf_str(&normal), kept);
	}
	buf_release(&now);
	buf_release(&normal);
	return changed;
}

static void list_changed(struct program_input *in)
{
	const struct program *p = in->program;

	for (size_t i = 0; i < p->files.n; i++)
		if (has_changed(p->files.at[i]->path.p, buf_str(&p->files.at[i]->text)))
			vec_push(&in->changed_files,
				 arena_str(&in->arena, p->files.at[i]->path));
}

static enum program_verdict reload_files(struct program_input *in, bool *any)
{
	const struct session *now = in->program->now;
	enum program_verdict v = PROGRAM_OK;

	for (size_t i = 0; i < now->files.n && v == PROGRAM_OK; i++) {
		const struct program_text *t = now->files.at[i];

		if (!has_changed(t->path.p, t->text))
			continue;
		*any = true;
		v = load_file(in, t->path.p);
	}
	return v;
}

/* Files that are imported are read anew, and kept if the program compiles with them. */
static enum program_verdict judge_anew(struct program_input *in)
{
	struct program *p = in->program;
	__typeof__(p->files) before = p->files, after;
	enum program_verdict v;

	memset(&p->files, 0, sizeof p->files);
	in->checks_all = true;
	v = input_judge(in, 0);
	after = p->files;
	if (v == PROGRAM_OK) {
		p->files = before;
		program_forget_files(p);
		vec_release(&p->files);
		p->files = after;
	} else {
		program_forget_files(p);
		vec_release(&p->files);
		p->files = before;
	}
	return v;
}

enum program_verdict program_reload(struct program *p, struct program_input *in)
{
	enum program_verdict v;
	bool any = false;

	input_init(in, p);
	in->next = session_copy(p->now);
	in->caption = STR(":reload");
	list_changed(in);
	v = reload_files(in, &any);
	if (v != PROGRAM_OK)
		return v;
	return any || in->changed_files.n ? judge_anew(in) : PROGRAM_EMPTY;
}

static size_t address_end(struct str setting)
{
	return str_find(setting, STR("="), 0);
}

static void drop_setting(struct session *s, struct str address)
{
	for (size_t i = s->config.n; i-- > 0;) {
		struct str old = s->config.at[i];

		if (!str_eq(str_sub(old, 0, address_end(old)), address))
			continue;
		free((char *)(uintptr_t)old.p);
		memmove(&s->config.at[i], &s->config.at[i + 1],
			(--s->config.n - i) * sizeof old);
	}
}

enum program_verdict program_configure(struct program *p, struct str setting,
				       struct program_input *in)
{
	struct str given = str_trim(setting), address, value;
	size_t end = address_end(given);

	input_init(in, p);
	address = str_trim(str_sub(given, 0, end));
	if (end == given.n || !address.n || memchr(given.p, 0, given.n))
		return input_wrong(in, "a value is set as NAME.PARAMETER=VALUE");
	in->next = session_copy(p->now);
	in->caption = arena_printf(&in->arena, ":config %.*s", STR_ARG(address));
	in->setting = arena_str(&in->arena,
				str_sub(address, 0, str_find(address, STR("."), 0)));
	in->checks_config = true;
	drop_setting(in->next, address);
	value = str_trim(str_sub(given, end + 1, given.n));
	if (value.n)
		session_add_config(in->next, arena_printf(&in->arena, "%.*s=%.*s",
							  STR_ARG(address),
							  STR_ARG(value)));
	return input_judge(in, 0);
}

static bool is_named(const struct program_entry *e, const struct str *names, size_t n,
		     bool *found)
{
	bool named = false;

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < e->nnames; k++)
			if (str_eq(names[i], e->names[k]))
				found[i] = named = true;
	return named;
}

static bool wants_rerun(const struct program_entry *e)
{
	return e->kind == PROGRAM_STATEMENT && e->state != PROGRAM_DONE &&
	       e->state != PROGRAM_BROKEN;
}

enum program_verdict program_rerun(struct program *p, const struct str *names, size_t n,
				   struct program_input *in)
{
	bool *found;
	size_t wanted = 0;

	input_init(in, p);
	found = ARENA_ARRAY(&in->arena, n + 1, bool);
	in->next = session_copy(p->now);
	for (size_t i = 0; i < in->next->e.n; i++) {
		struct program_entry *e = &in->next->e.at[i];

		e->is_wanted = n ? e->kind == PROGRAM_STATEMENT &&
					   is_named(e, names, n, found)
				 : wants_rerun(e);
		wanted += e->is_wanted;
		if (e->is_wanted && e->state == PROGRAM_BROKEN)
			return input_wrong(in,
					   "'%.*s' (%.*s) does not compile any more:\n"
					       "%.*s", STR_ARG(e->names[0]),
					   STR_ARG(e->place), STR_ARG(e->error));
	}
	for (size_t i = 0; i < n; i++)
		if (!found[i])
			return input_wrong(in, "nothing in this session is called '%.*s'",
					   STR_ARG(names[i]));
	in->reruns = in->keeps_nothing = true;
	return wanted ? input_judge(in, 0) : PROGRAM_EMPTY;
}

enum program_verdict program_whole(struct program *p, struct program_input *in)
{
	input_init(in, p);
	in->next = session_copy(p->now);
	in->is_whole = in->keeps_nothing = true;
	return input_judge(in, 0);
}

enum program_verdict program_undo(struct program *p, struct program_input *in,
				  struct str *what)
{
	struct undo u;

	input_init(in, p);
	*what = STR("");
	if (!p->undo.n)
		return PROGRAM_EMPTY;
	u = vec_pop(&p->undo);
	*what = arena_str(&in->arena, u.what);
	session_free(p->now);
	p->now = u.before;
	u.before = NULL;
	undo_release(&u);
	return PROGRAM_OK;
}
