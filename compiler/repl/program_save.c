/* The session as a file: what it has typed, put in order, as text. */
#include <config.h>

#include "compiler/repl/program_int.h"

#include <ctype.h>
#include <stdlib.h>

#include "compiler/repl/program_save.h"
#include "compiler/tool/fmt.h"
#include "runtime/base/io.h"

/* A failed entry, and what reads it, cannot be a part of what is to run. */
static void choose_statements(struct saving *v)
{
	struct program_input *in = v->in;
	size_t n = in->next->e.n;
	bool *bad = ARENA_ARRAY(&in->arena, n + 1, bool);

	for (size_t i = 0; i < n; i++)
		bad[i] = in->made->out[i] || in->next->e.at[i].state == PROGRAM_FAILED;
	reads_close(in, bad, false);
	for (size_t i = 0; i < n; i++) {
		const struct program_entry *e = &in->next->e.at[i];

		if (bad[i] && !e->in_file)
			vec_push(&in->left_out, *e);
		v->kept[i] = !bad[i] && e->kind == PROGRAM_STATEMENT;
		v->any_statement |= v->kept[i];
	}
	for (size_t i = 0; i < n && !v->any_statement; i++)
		v->kept[i] = !bad[i] && !in->next->e.at[i].in_file;
	reads_close(in, v->kept, true);
	for (size_t i = 0; i < n; i++)
		v->kept[i] &= !in->made->out[i];
}

static void use_name(struct saving *v, const struct node *n)
{
	if (n->kind == AST_NAME)
		map_set(&v->used, arena_str(&v->in->arena, sym_str(n->name.name)), v);
}

static bool use_names(void *ctx, const struct node *n)
{
	struct saving *v = ctx;

	if (n->kind == AST_TYPE_NAME && n->type_name.path.first)
		use_name(v, n->type_name.path.first);
	use_name(v, n);
	return n->kind != AST_IMPORT && n->kind != AST_FROM;
}

static bool is_import(const struct program_entry *e)
{
	return e->item->tag == AST_IMPORT || e->item->tag == AST_FROM;
}

/* An import is in use by its names, not by who leads to it. */
static void choose_imports(struct saving *v)
{
	const struct program_entries *e = &v->in->next->e;

	for (size_t i = 0; i < e->n; i++)
		if (v->kept[i] && !is_import(&e->at[i]))
			ast_each(v->in->made->nodes[i], use_names, v);
	for (size_t i = 0; i < e->n; i++) {
		const struct program_item *item = e->at[i].item;
		bool used = false;

		if (!is_import(&e->at[i]) || v->in->made->out[i])
			continue;
		for (uint32_t k = 0; k < item->nnames; k++) {
			struct str name = item->names[k];

			name = str_sub(name, 0, str_find(name, STR("."), 0));
			used |= map_get(&v->used, name) != NULL;
		}
		v->kept[i] = used;
	}
	for (size_t i = 0; i < e->n; i++)
		v->any |= v->kept[i];
}

static bool is_taken(const struct saving *v, struct str name)
{
	const struct program_entries *e = &v->in->next->e;

	for (size_t i = 0; i < e->n; i++)
		for (uint32_t k = 0; v->kept[i] && k < e->at[i].nnames; k++)
			if (str_eq(e->at[i].names[k], name))
				return true;
	return false;
}

/* Can a pipeline be called so? */
static bool is_name(struct str name)
{
	struct compilation c;
	struct parse_result r;
	struct buf text = {0};
	bool good;

	compilation_init(&c);
	buf_addf(&text, "pipeline %.*s():\n    %.*s = 1\n", STR_ARG(name), STR_ARG(name));
	r = program_parse(&c, STR("name"), buf_str(&text));
	good = !c.diags.nerrors;
	vec_release(&r.comments);
	compilation_release(&c);
	buf_release(&text);
	return good;
}

/* That of the file, as far as it can be one. */
static struct str pipeline_name(struct saving *v)
{
	struct str base = io_basename(v->path);
	struct buf b = {0};
	struct str name;
	bool is_ascii = true;

	if (str_has_suffix(base, STR(".kfp")))
		base.n -= 4;
	for (size_t i = 0; i < base.n; i++) {
		buf_addc(&b, isalnum((unsigned char)base.p[i]) ? base.p[i] : '_');
		is_ascii &= !(base.p[i] & 0x80);
	}
	name = arena_str(&v->in->arena, buf_str(&b));
	buf_release(&b);
	if (!is_ascii || !is_name(name))
		name = STR("session");
	while (is_taken(v, name))
		name = arena_printf(&v->in->arena, "%.*s_session", STR_ARG(name));
	return name;
}

/* text without blank lines before and after it, but with its first indentation. */
static struct str without_blank_lines(struct str text)
{
	size_t lo = 0, hi;

	while ((hi = str_find(text, STR("\n"), lo)) < text.n &&
	       !str_trim(str_sub(text, lo, hi)).n)
		lo = hi + 1;
	text = str_sub(text, lo, text.n);
	while (text.n && memchr(" \t\n", text.p[text.n - 1], 3))
		text.n--;
	return text;
}

/* The text of an entry with what is to be changed in it, each line indented. */
static void add_entry(struct saving *v, uint32_t i, unsigned indent)
{
	const struct program_item *item = v->in->next->e.at[i].item;
	struct str text = item->of->text;
	struct str all;
	struct buf b = {0};
	uint32_t at = item->from;

	save_edits(v, i);
	for (size_t k = 0; k < v->edits.n; k++) {
		buf_add(&b, str_sub(text, at, v->edits.at[k].lo));
		buf_add(&b, v->edits.at[k].put);
		at = v->edits.at[k].hi;
	}
	buf_add(&b, str_sub(text, at, item->to));
	all = without_blank_lines(buf_str(&b));
	for (size_t lo = 0, hi; lo < all.n; lo = hi + 1) {
		struct str line;

		hi = str_find(all, STR("\n"), lo);
		line = str_sub(all, lo, hi);
		if (line.n)
			buf_fill(&v->text, ' ', indent);
		buf_add(&v->text, line);
		buf_addc(&v->text, '\n');
	}
	buf_release(&b);
}

static void add_imports(struct saving *v)
{
	const struct program_entries *e = &v->in->next->e;

	for (uint32_t i = 0; i < e->n; i++)
		if (v->kept[i] && is_import(&e->at[i]))
			save_import(v, i);
}

static void add_all(struct saving *v)
{
	const struct program_entries *e = &v->in->next->e;

	add_imports(v);
	for (uint32_t i = 0; i < e->n; i++)
		if (v->kept[i] && !is_import(&e->at[i]) &&
		    e->at[i].kind == PROGRAM_DECLARATION) {
			buf_addc(&v->text, '\n');
			add_entry(v, i, 0);
		}
	if (!v->any_statement)
		return;
	v->in->saved = pipeline_name(v);
	buf_addf(&v->text, "\npipeline %.*s():\n", STR_ARG(v->in->saved));
	for (uint32_t i = 0; i < e->n; i++)
		if (v->kept[i] && e->at[i].kind == PROGRAM_STATEMENT)
			add_entry(v, i, 4);
	save_config(v);
}

static bool is_warning(void *ctx, const struct diag *d)
{
	(void)ctx;
	return !diag_code_is_error(d->code);
}

/* What was put together is compiled: it must be right, and mean the same. */
static bool check_text(struct saving *v)
{
	const struct program *p = v->in->program;
	struct compile_opts o = {.text = buf_str(&v->text), .loader = p->host->loader,
				 .flags = LOWER_ONLY_CHECK};
	struct compilation c;
	struct err err;
	bool good = true;

	compilation_init(&c);
	if (compile(&c, arena_str(&v->in->arena, v->path).p, &o, &err) ||
	    c.diags.nerrors) {
		good = false;
		diag_drop(&c.diags, is_warning, NULL);
		diag_finish(&c.diags);
		buf_addz(&v->in->said,
			 "error: as a file of its own this would be wrong:\n\n");
		diag_print_text(&c.diags, p->colour, &v->in->said);
		v->in->nerrors = c.diags.nerrors + 1;
	}
	compilation_release(&c);
	return good;
}

/* What cannot be laid out stays as it was put together. */
static void format(const struct saving *v, struct buf *out)
{
	struct compilation c;
	struct err err;

	compilation_init(&c);
	if (fmt_text(&c, v->path, buf_str(&v->text), out, &err))
		buf_add(out, buf_str(&v->text));
	compilation_release(&c);
}

enum program_verdict program_save(struct program *p, const char *path,
				  struct program_input *in, struct buf *out)
{
	enum program_verdict verdict = program_whole(p, in);
	struct saving v = {.in = in, .path = str_of(path)};

	if (verdict != PROGRAM_OK)
		return verdict;
	v.dir = io_dirname(v.path);
	v.kept = ARENA_ARRAY(&in->arena, in->next->e.n + 1, bool);
	choose_statements(&v);
	choose_imports(&v);
	if (v.any) {
		add_all(&v);
		if (!check_text(&v))
			verdict = PROGRAM_WRONG;
		else
			format(&v, out);
	} else {
		verdict = PROGRAM_EMPTY;
	}
	buf_release(&v.text);
	buf_release(&v.block);
	map_release(&v.used);
	vec_release(&v.edits);
	return verdict;
}
