#include <config.h>

#include "compiler/sema/pycheck_job.h"

#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/value/json.h"

/* A member of an object; None where it is missing. */
static struct value member(struct value object, const char *key)
{
	const struct value *v =
		object.kind == VALUE_DICT ? value_get(object, str_of(key)) : NULL;

	return v ? *v : VALUE_NONE_V;
}

/* The file that the contents are in. */
static const struct src_file *contents_file(const struct pycheck_job *j, struct arena *a)
{
	if (j->code)
		return src_file_at(j->src, j->code->code.text_at.lo);
	struct str path = pycheck_file_path(j, a);

	for (size_t i = 0; i < j->src->files.n; i++)
		if (str_eq(j->src->files.at[i]->path, path))
			return j->src->files.at[i];
	return src_add(j->src, path, j->m->files[j->component->code_file].text);
}

/* Where a line (from 1) and column (bytes) of the contents are; past the end of the line,
 * or of the contents, is the end. */
static uint32_t offset_at(const struct pycheck_job *j, const struct src_file *f,
			  int64_t line, int64_t col)
{
	int64_t first = 1;

	if (j->code) {
		first = src_pos_at(j->src, j->code->code.text_at.lo).line;
		col += j->code->code.indent;
	}
	line += first - 1;
	if (line > f->nlines)
		return f->base + (uint32_t)f->text.n;
	struct str text = src_line(f, (uint32_t)line);
	size_t at = (size_t)col < text.n ? (size_t)col : text.n;

	return f->base + (uint32_t)(text.p - f->text.p) + (uint32_t)at;
}

/* [line, column, end line, end column]; false if it is not that. */
static bool read_span(const struct pycheck_job *j, const struct value_list *l,
		      struct arena *a, struct span *out)
{
	const struct src_file *f = contents_file(j, a);

	if (l->n != 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (l->at[i].kind != VALUE_INT || l->at[i].i < (i % 2 ? 0 : 1) ||
		    l->at[i].i > INT32_MAX)
			return false;
	*out = j->header;
	if (!f)		/* the source map is full */
		return true;
	out->lo = offset_at(j, f, l->at[0].i, l->at[1].i);
	out->hi = offset_at(j, f, l->at[2].i, l->at[3].i);
	if (out->hi <= out->lo)
		out->hi = out->lo + (out->lo < f->base + f->text.n);
	return true;
}

/* Where the input or output of this name is declared. */
static struct span port_span(const struct node *decl, struct value at)
{
	struct str input = value_get_str(at, "input");
	struct str output = value_get_str(at, "output");

	list_each(p, &decl->component.params)
		if (p->kind == AST_PARAM && str_eq(sym_str(p->param.name), input))
			return p->param.name_at;
	list_each(o, &decl->component.outputs) {
		if (o->kind != AST_OUTPUT)
			continue;
		if (o->output.unnamed ? str_is(output, "output")
				      : str_eq(sym_str(o->output.name), output))
			return o->output.unnamed ? o->span : o->output.name_at;
	}
	return SPAN_NONE;
}

/* The place that a diagnostic or a note is about; false if it makes no sense. */
static bool read_at(const struct pycheck_job *j, struct value object, struct arena *a,
		    struct span *out)
{
	struct value at = member(object, "at");

	if (at.kind == VALUE_LIST)
		return read_span(j, at.list, a, out);
	*out = at.kind == VALUE_NONE ? j->header : port_span(j->decl, at);
	return out->lo != 0;
}

static enum diag_code read_code(struct value v)
{
	return diag_code_find(value_get_str(v, "code"));
}

static bool add_notes(const struct pycheck_job *j, struct diag *d, struct value notes,
		      struct arena *a)
{
	size_t n = notes.kind == VALUE_LIST ? notes.list->n : 0;

	for (size_t i = 0; i < n; i++) {
		struct value note = notes.list->at[i];
		struct span span;

		if (!read_at(j, note, a, &span))
			return false;
		diag_note(d, span, "%.*s", STR_ARG(value_get_str(note, "text")));
	}
	return true;
}

/* An import that no package provides may be meant for a file that lies beside. */
static void add_neighbour(const struct pycheck_job *j, struct diag *d, struct str module,
			  struct arena *a)
{
	const struct src_file *f = contents_file(j, a);
	struct str name = arena_printf(a, "%.*s.py", STR_ARG(module));

	if (f && !access(io_join(a, io_dirname(f->path), name).p, F_OK))
		diag_note(d, SPAN_NONE,
			  "'%s' lies beside this file, but only the contents themselves "
			  "reach "
			  "the task",
			  name.p);
}

static bool say(const struct pycheck_job *j, struct value v, struct arena *a)
{
	enum diag_code code = read_code(v);
	struct value fix = member(v, "fix");
	struct str text = value_get_str(v, "text");
	struct span span;

	if (code == DIAG_NCODES || !text.n || !read_at(j, v, a, &span))
		return false;
	struct diag *d = diag(j->ds, span, code, "%.*s", STR_ARG(text));

	if (value_get_str(v, "label").n)
		diag_label(d, "%.*s", STR_ARG(value_get_str(v, "label")));
	if (fix.kind == VALUE_DICT) {
		struct value sure = member(fix, "sure");

		diag_propose(d, span, value_get_str(fix, "put"), "%.*s",
			     STR_ARG(value_get_str(fix, "text")));
		vec_last(&d->fixes).sure = sure.kind == VALUE_BOOL && sure.b;
	}
	if (value_get_str(v, "module").n)
		add_neighbour(j, d, value_get_str(v, "module"), a);
	return add_notes(j, d, member(v, "notes"), a);
}

bool pycheck_reply(const struct pycheck_job *j, struct str reply, struct arena *a)
{
	struct value v, diags;
	struct str reason;

	if (json_parse(a, reply, &v, NULL))
		return false;
	reason = value_get_str(v, "unchecked");
	if (reason.n) {
		diag(j->ds, j->header, W0503,
		     "the Python contents of '%.*s' were not checked: %.*s",
		     STR_ARG(j->component->name), STR_ARG(reason));
		return true;
	}
	diags = member(v, "diags");
	if (diags.kind != VALUE_LIST)
		return false;
	for (size_t i = 0; i < diags.list->n; i++)
		if (!say(j, diags.list->at[i], a))
			return false;
	return true;
}
