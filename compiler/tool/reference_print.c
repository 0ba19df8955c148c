/* The three forms of a reference. */
#include <config.h>

#include "compiler/tool/reference.h"

#include <ctype.h>

#include "runtime/base/utf8.h"
#include "runtime/value/json.h"

/* Declarations are shown by kind, in this order. */
static const struct {
	enum node_tag kind;
	const char *word, *title;
} KINDS[] = {
	{AST_PIPELINE, "pipeline", "Pipelines"},
	{AST_COMPONENT, "component", "Components"},
	{AST_DEF, "def", "Functions"},
	{AST_STRUCT, "struct", "Structs"},
	{AST_ENUM, "enum", "Enums"},
	{AST_TYPEDEF, "type", "Types"},
	{AST_ARTIFACT, "artifact", "Artifact types"},
	{AST_CONST, "const", "Constants"},
	{AST_ENVIRONMENT, "environment", "Environments"},
	{AST_CONFIG, "config", "Configs"},
	{AST_SCHEDULE, "schedule", "Schedules"},
};

enum { NKINDS = sizeof KINDS / sizeof *KINDS, STEP = 4 };

struct printer {
	struct buf *out;
	unsigned columns;
	bool bold;
};

const char *reference_kind(const struct reference_entry *e)
{
	for (int i = 0; i < NKINDS; i++)
		if (KINDS[i].kind == e->decl->kind)
			return KINDS[i].word;
	return "";
}

/* The next line of *text, which it is taken off. */
static struct str take_line(struct str *text)
{
	size_t n = str_find(*text, STR("\n"), 0);
	struct str line = str_sub(*text, 0, n);

	*text = str_sub(*text, n + 1, text->n);
	return line;
}

/* Prose is wrapped anew; a list, a table, code and a heading stand as they are. */
static bool is_prose(struct str line)
{
	size_t marks = 0;

	if (!line.n || memchr(" |>", line.p[0], 3))
		return false;
	while (marks < line.n && line.p[marks] >= '0' && line.p[marks] <= '9')
		marks++;
	if (marks && marks < line.n && line.p[marks] == '.')
		marks++;
	else
		for (marks = 0; marks < line.n && memchr("-*#+", line.p[marks], 4);
		     marks++)
			;
	return !marks || (marks < line.n && line.p[marks] != ' ');
}

static bool is_fence(struct str line)
{
	return str_has_prefix(line, STR("```")) || str_has_prefix(line, STR("~~~"));
}

static void put_words(struct printer *p, struct str line, unsigned indent, unsigned *col)
{
	size_t lo = 0, hi, width;

	while (lo < line.n) {
		hi = str_find(line, STR(" "), lo);
		width = utf8_width(str_sub(line, lo, hi));
		if (*col && *col + 1 + width > p->columns) {
			buf_addc(p->out, '\n');
			*col = 0;
		}
		if (*col && p->out->p[p->out->n - 1] != '(') {
			buf_addc(p->out, ' ');
			++*col;
		} else if (!*col) {
			buf_fill(p->out, ' ', indent);
			*col = indent;
		}
		buf_add(p->out, str_sub(line, lo, hi));
		*col += (unsigned)width;
		lo = hi + 1;
	}
}

static void put_text(struct printer *p, struct str text, unsigned indent)
{
	unsigned col = 0;
	bool in_code = false;

	while (text.n) {
		struct str line = take_line(&text);
		bool is_filled = !in_code && !is_fence(line) && is_prose(line);

		in_code ^= is_fence(line);
		if (col && !is_filled) {
			buf_addc(p->out, '\n');
			col = 0;
		}
		if (is_filled) {
			put_words(p, line, indent, &col);
			continue;
		}
		if (line.n)
			buf_fill(p->out, ' ', indent);
		buf_add(p->out, line);
		buf_addc(p->out, '\n');
	}
	if (col)
		buf_addc(p->out, '\n');
}

static void put_bold(struct printer *p, struct str text)
{
	buf_addz(p->out, p->bold ? "\033[1m" : "");
	buf_add(p->out, text);
	buf_addz(p->out, p->bold ? "\033[0m" : "");
}

static void put_row(struct printer *p, const struct reference_row *row)
{
	unsigned col = 0;
	struct buf line = {0};

	reference_add_row(row, &line);
	put_words(p, buf_str(&line), 2 * STEP, &col);
	buf_addc(p->out, '\n');
	put_text(p, row->doc, 3 * STEP);
	buf_release(&line);
}

static void add_names(const struct reference_group *g, struct buf *out)
{
	for (uint32_t i = 0; i < g->nrows; i++) {
		buf_addz(out, i ? ", " : "");
		buf_add(out, g->rows[i].name.n ? g->rows[i].name : g->rows[i].type);
	}
}

/* "train(data, lr) -> (model, accuracy)": the rows below have the rest. */
static void put_heading(struct printer *p, const struct reference_entry *e)
{
	const struct reference_group *outs = &e->groups[1];
	bool named = outs->nrows && outs->rows[0].name.n;
	unsigned col = STEP + (unsigned)utf8_width(e->name) + 1;
	struct buf line = {0};

	buf_fill(p->out, ' ', STEP);
	put_bold(p, e->name);
	if (!e->groups[0].title || strcmp(e->groups[0].title, "parameters") != 0) {
		buf_add(p->out, str_sub(e->signature, e->name.n, e->signature.n));
		return;
	}
	add_names(&e->groups[0], &line);
	buf_addz(&line, outs->nrows ? named ? ") -> (" : ") -> " : ")");
	add_names(outs, &line);
	buf_addz(&line, named ? ")" : "");
	buf_addc(p->out, '(');
	put_words(p, buf_str(&line), 2 * STEP, &col);
	buf_release(&line);
}

static void text_entry(struct printer *p, const struct reference_entry *e)
{
	put_heading(p, e);
	buf_addc(p->out, '\n');
	put_text(p, e->doc, 2 * STEP);
	for (int g = 0; g < REFERENCE_GROUPS; g++) {
		if (!e->groups[g].nrows)
			continue;
		buf_addf(p->out, "\n%*s%s:\n", STEP + 2, "", e->groups[g].title);
		for (uint32_t i = 0; i < e->groups[g].nrows; i++)
			put_row(p, &e->groups[g].rows[i]);
	}
}

static void text_title(struct printer *p, const struct reference *r)
{
	put_bold(p, r->name);
	buf_addc(p->out, '\n');
	put_text(p, r->doc, STEP);
}

static void text_section(struct printer *p, const char *title)
{
	buf_addc(p->out, '\n');
	put_bold(p, str_of(title));
	buf_addc(p->out, '\n');
}

/* A cell of a table: in one line, bars escaped. */
static void put_cell(struct printer *p, struct str text, bool is_code)
{
	buf_addz(p->out, is_code && text.n ? " `" : " ");
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			buf_addc(p->out, ' ');
		else if (text.p[i] == '|')
			buf_addz(p->out, "\\|");
		else
			buf_addc(p->out, text.p[i]);
	}
	buf_addz(p->out, is_code && text.n ? "` |" : " |");
}

/* Which columns of a table have something in them. */
struct filled {
	bool name, type, value;
};

static struct filled find_filled(const struct reference_group *g)
{
	struct filled f = {0};

	for (uint32_t i = 0; i < g->nrows; i++) {
		f.name |= g->rows[i].name.n > 0;
		f.type |= g->rows[i].type.n > 0;
		f.value |= g->rows[i].value.n > 0;
	}
	return f;
}

static void markdown_row(struct printer *p, struct filled f,
			 const struct reference_row *row)
{
	struct buf type = {0};

	buf_add(&type, row->type);
	buf_addz(&type, row->where.n ? " where " : "");
	buf_add(&type, row->where);
	buf_addc(p->out, '|');
	if (f.name)
		put_cell(p, row->name, true);
	if (f.type)
		put_cell(p, buf_str(&type), true);
	if (f.value)
		put_cell(p, row->value, true);
	put_cell(p, row->doc, false);
	buf_addc(p->out, '\n');
	buf_release(&type);
}

static void markdown_table(struct printer *p, const struct reference_group *g)
{
	struct filled f = find_filled(g);

	buf_addf(p->out, "%c%s:\n\n", toupper((unsigned char)g->title[0]), g->title + 1);
	buf_addz(p->out, f.name ? "| name " : "");
	buf_addz(p->out, f.type ? "| type " : "");
	buf_addz(p->out, f.value ? g->has_defaults ? "| default " : "| value " : "");
	buf_addz(p->out, "| meaning |\n");
	for (int i = f.name + f.type + f.value; i >= 0; i--)
		buf_addz(p->out, "| --- ");
	buf_addz(p->out, "|\n");
	for (uint32_t i = 0; i < g->nrows; i++)
		markdown_row(p, f, &g->rows[i]);
	buf_addc(p->out, '\n');
}

static void markdown_entry(struct printer *p, const struct reference_entry *e)
{
	buf_addf(p->out, "### %.*s\n\n", STR_ARG(e->name));
	if (!e->groups[0].nrows && !e->groups[1].nrows)
		buf_addf(p->out, "`%s %.*s`\n\n", reference_kind(e),
			 STR_ARG(e->signature));
	if (e->doc.n)
		buf_addf(p->out, "%.*s\n\n", STR_ARG(str_trim(e->doc)));
	for (int g = 0; g < REFERENCE_GROUPS; g++)
		if (e->groups[g].nrows)
			markdown_table(p, &e->groups[g]);
}

static void markdown_title(struct printer *p, const struct reference *r)
{
	buf_addf(p->out, "# %.*s\n\n", STR_ARG(r->name));
	if (r->doc.n)
		buf_addf(p->out, "%.*s\n\n", STR_ARG(str_trim(r->doc)));
}

static void markdown_section(struct printer *p, const char *title)
{
	buf_addf(p->out, "## %s\n\n", title);
}

static void json_group(struct printer *p, const struct reference_group *g)
{
	json_put_key(p->out, g->title);
	buf_addc(p->out, '[');
	for (uint32_t i = 0; i < g->nrows; i++) {
		buf_addz(p->out, i ? ",{" : "{");
		json_put_str(p->out, "name", g->rows[i].name);
		json_put_str(p->out, "type", g->rows[i].type);
		json_put_str(p->out, "value", g->rows[i].value);
		json_put_str(p->out, "where", g->rows[i].where);
		json_put_str(p->out, "doc", g->rows[i].doc);
		buf_addc(p->out, '}');
	}
	buf_addc(p->out, ']');
}

static void json_entry(struct printer *p, const struct reference_entry *e)
{
	buf_addc(p->out, '{');
	json_put_str(p->out, "kind", str_of(reference_kind(e)));
	json_put_str(p->out, "name", e->name);
	json_put_str(p->out, "signature", e->signature);
	json_put_str(p->out, "doc", e->doc);
	for (int g = 0; g < REFERENCE_GROUPS; g++)
		if (e->groups[g].title)
			json_group(p, &e->groups[g]);
	buf_addc(p->out, '}');
}

static void print_json(struct printer *p, const struct reference *r)
{
	buf_addc(p->out, '{');
	json_put_str(p->out, "name", r->name);
	json_put_str(p->out, "doc", r->doc);
	buf_addz(p->out, ",\"declarations\":[");
	for (uint32_t i = 0; i < r->nentries; i++) {
		buf_addz(p->out, i ? "," : "");
		json_entry(p, &r->entries[i]);
	}
	buf_addz(p->out, "]}\n");
}

/* How a page is made in a form that is for people. */
static const struct page {
	void (*title)(struct printer *, const struct reference *);
	void (*section)(struct printer *, const char *title);
	void (*entry)(struct printer *, const struct reference_entry *);
	const char *between;	/* entries of a section */
} PAGES[] = {
	[REFERENCE_TEXT] = {text_title, text_section, text_entry, "\n"},
	[REFERENCE_MARKDOWN] = {markdown_title, markdown_section, markdown_entry, ""},
};

static void print_section(struct printer *p, const struct page *page,
			  const struct reference *r, int kind)
{
	bool begun = false;

	for (uint32_t i = 0; i < r->nentries; i++) {
		if (r->entries[i].decl->kind != KINDS[kind].kind)
			continue;
		if (begun)
			buf_addz(p->out, page->between);
		else
			page->section(p, KINDS[kind].title);
		begun = true;
		page->entry(p, &r->entries[i]);
	}
}

void reference_print(const struct reference *r, enum reference_form form,
		     unsigned columns, bool bold, struct buf *out)
{
	struct printer p = {out, columns, bold};
	size_t lo = out->n;

	if (form == REFERENCE_JSON) {
		print_json(&p, r);
		return;
	}
	PAGES[form].title(&p, r);
	for (int kind = 0; kind < NKINDS; kind++)
		print_section(&p, &PAGES[form], r, kind);
	while (out->n > lo + 1 && out->p[out->n - 1] == '\n' &&
	       out->p[out->n - 2] == '\n')
		out->n--;
}

void reference_print_entry(const struct reference_entry *e, enum reference_form form,
			   unsigned columns, bool bold, struct buf *out)
{
	struct printer p = {out, columns, bold};

	if (form != REFERENCE_JSON) {
		PAGES[form].entry(&p, e);
		return;
	}
	json_entry(&p, e);
	buf_addc(out, '\n');
}
