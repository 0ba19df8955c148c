/* What Tab offers. */
#include <config.h>

#include <dirent.h>
#include <sys/stat.h>

#include "compiler/export/export.h"
#include "compiler/lsp/complete.h"
#include "compiler/repl/edit.h"
#include "compiler/repl/repl_int.h"
#include "runtime/base/io.h"
#include "runtime/bc/config.h"

enum { FILES_MAX = 1000 };

struct offer {
	struct repl *r;
	struct arena *a;
	struct str word;		/* as far as it is typed */
	struct edit_choices *out;
};

static void add(struct offer *o, struct str text, struct str detail)
{
	if (!str_has_prefix(text, o->word))
		return;
	vec_push(o->out, (struct edit_choice){arena_str(o->a, text),
					      arena_str(o->a, detail), STR("")});
}

static void add_commands(struct offer *o, const char *colon)
{
	for (int i = 0; i < COMMAND_N; i++)
		add(o, arena_printf(o->a, "%s%s", colon, REPL_COMMANDS[i].name),
		    str_of(REPL_COMMANDS[i].summary));
}

static void add_entries(struct offer *o, bool declared)
{
	const struct program_entries *all = program_entries(o->r->program);

	for (size_t i = 0; i < all->n; i++) {
		const struct program_entry *e = &all->at[i];

		if (declared && e->kind != PROGRAM_DECLARATION)
			continue;
		for (uint32_t k = 0; k < e->nnames; k++)
			add(o, e->names[k], e->title);
	}
}

static void add_tasks(struct offer *o)
{
	for (size_t i = 0; i < o->r->task_list.n; i++)
		add(o, o->r->task_list.at[i], STR("task"));
}

static void add_config(struct offer *o)
{
	struct config_slots slots = {0};
	struct program_input in;
	const struct module *m;
	struct str bytes;

	if (program_whole(o->r->program, &in) == PROGRAM_OK &&
	    !program_module(&in, &m, &bytes, NULL) &&
	    !config_slots(m, in.pipeline, false, o->a, &slots, NULL))
		for (size_t i = 0; i < slots.n; i++)
			add(o, arena_printf(o->a, "%.*s=", STR_ARG(slots.at[i].address)),
			    type_name(slots.at[i].type, o->a));
	map_release(&slots.by_address);
	program_input_release(&in);
}

static void add_targets(struct offer *o, bool pictures)
{
	for (int i = 0; i < EXPORT_N; i++)
		if (!pictures || i == EXPORT_dot || i == EXPORT_mermaid)
			add(o, str_of(export_name((enum export_target)i)), STR(""));
}

static void add_files(struct offer *o)
{
	size_t slash = o->word.n;
	struct str dir;
	const struct dirent *e;
	struct stat st;
	DIR *d;

	while (slash && o->word.p[slash - 1] != '/')
		slash--;
	dir = slash ? arena_str(o->a, str_sub(o->word, 0, slash)) : STR("./");
	d = opendir(dir.p);
	for (int n = 0; d && n < FILES_MAX && (e = readdir(d)); n++) {
		struct str name = str_of(e->d_name);
		struct str path = arena_printf(o->a, "%.*s%s",
					       STR_ARG(slash ? dir : STR("")), e->d_name);
		const char *file = arena_printf(o->a, "%.*s%s", STR_ARG(dir), e->d_name).p;
		bool is_dir = !stat(file, &st) && S_ISDIR(st.st_mode);

		if (name.p[0] == '.' && (o->word.n == slash || o->word.p[slash] != '.'))
			continue;
		if (is_dir)
			path = arena_printf(o->a, "%.*s/", STR_ARG(path));
		add(o, path, STR(""));
	}
	if (d)
		closedir(d);
}

static void add_kind(struct offer *o, struct str kind)
{
	if (str_is(kind, "command"))
		add_commands(o, "");
	else if (str_is(kind, "declared") || str_is(kind, "entry"))
		add_entries(o, str_is(kind, "declared"));
	else if (str_is(kind, "config"))
		add_config(o);
	else if (str_is(kind, "task") || str_is(kind, "output"))
		add_tasks(o);
	else if (str_is(kind, "picture") || str_is(kind, "target"))
		add_targets(o, str_is(kind, "picture"));
	else if (str_is(kind, "path"))
		add_files(o);
	else
		add(o, kind, STR(""));
}

/* Of a command that takes an expression it is completed as any. */
static bool wants_expression(struct str line)
{
	struct buf problem = {0};
	struct command_line l;
	struct arena a = {0};
	enum command_id id;
	bool yes;

	command_read(line, &a, &l);
	id = command_find(l.name, &problem);
	yes = id != COMMAND_N && str_is(command_kind(id, 0), "expression");
	buf_release(&problem);
	arena_release(&a);
	return yes;
}

static size_t complete_command(struct offer *o, struct str line, size_t at)
{
	struct buf problem = {0};
	struct command_line l;
	enum command_id id;
	size_t lo = at;

	while (lo && line.p[lo - 1] != ' ')
		lo--;
	o->word = str_sub(line, lo, at);
	if (!lo) {
		add_commands(o, ":");
		return 0;
	}
	command_read(str_sub(line, 0, lo), o->a, &l);
	id = command_find(l.name, &problem);
	buf_release(&problem);
	if (id != COMMAND_N)
		add_kind(o, command_kind(id, l.nwords));
	return lo;
}

/* Is a string open at the end of the line? */
static bool is_quoted(struct str line, size_t *lo)
{
	char quote = '\0';

	for (size_t i = 0; i < line.n; i++) {
		if (quote && line.p[i] == '\\') {
			i++;
		} else if (quote ? line.p[i] == quote
				 : line.p[i] == '"' || line.p[i] == '\'') {
			quote = quote ? '\0' : line.p[i];
			*lo = i + 1;
		}
	}
	return quote;
}

static enum node_tag kind_of_block(struct str text)
{
	static const struct { const char *word; enum node_tag kind; } all[] = {
		{"component ", AST_COMPONENT}, {"environment ", AST_ENVIRONMENT},
		{"struct ", AST_STRUCT}, {"pipeline ", AST_PIPELINE}, {"def ", AST_DEF}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (str_has_prefix(text, str_of(all[i].word)))
			return all[i].kind;
	return AST_ERROR;
}

static void add_item(void *ctx, const struct complete_item *i)
{
	struct offer *o = ctx;

	vec_push(o->out, (struct edit_choice){arena_str(o->a, i->text),
					      arena_str(o->a, i->detail),
					      arena_str(o->a, i->doc)});
}

/* Names that the block itself has bound so far: "NAME = ..." and "for NAME in". */
static void add_bound(struct offer *o, struct str text)
{
	for (size_t lo = 0, hi; lo < text.n; lo = hi + 1) {
		struct str line;
		size_t n = 0;

		hi = str_find(text, STR("\n"), lo);
		line = str_trim(str_sub(text, lo, hi));
		if (str_has_prefix(line, STR("for ")))
			line = str_sub(line, 4, line.n);
		while (n < line.n && word_is_letter(line.p[n]))
			n++;
		if (n && hi < text.n &&
		    (str_has_prefix(str_sub(line, n, line.n), STR(" = ")) ||
		     str_has_prefix(str_sub(line, n, line.n), STR(" in "))))
			add(o, str_sub(line, 0, n), STR(""));
	}
}

/* Of the program as it stands, what the language server would offer. */
static size_t complete_typed(struct offer *o, struct str text)
{
	struct program_input in;
	struct completion c = {.offer = add_item, .ctx = o};
	size_t lo = text.n;

	if (program_whole(o->r->program, &in) != PROGRAM_WRONG) {
		c.p = (struct complete_place){
			.c = &in.c, .arena = o->a, .text = text, .at = text.n,
			.top = program_pipeline(&in), .kind = kind_of_block(text),
			.has_statements = true};
		complete_at(&c);
	}
	while (lo && word_is_letter(text.p[lo - 1]))
		lo--;
	o->word = str_sub(text, lo, text.n);
	if (!lo || text.p[lo - 1] != '.')
		add_bound(o, text);
	program_input_release(&in);
	return lo;
}

static size_t complete_block(struct offer *o, struct str text)
{
	size_t begin = text.n, lo = 0;

	while (begin && text.p[begin - 1] != '\n')
		begin--;
	if (!is_quoted(str_sub(text, begin, text.n), &lo))
		return complete_typed(o, text);
	o->word = str_sub(text, begin + lo, text.n);
	add_files(o);
	return begin + lo;
}

size_t repl_complete(void *ctx, struct str text, size_t at, struct arena *a,
		     struct edit_choices *out)
{
	struct offer o = {.r = ctx, .a = a, .out = out};
	struct str line = str_sub(text, 0, at);

	if (str_has_prefix(line, STR(":")) && !wants_expression(line))
		return complete_command(&o, line, at);
	return complete_block(&o, line);
}
