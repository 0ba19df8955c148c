#include <config.h>

#include "compiler/export/spec.h"

#include "compiler/export/image.h"
#include "compiler/export/tree_json.h"
#include "runtime/base/limits.h"
#include "runtime/value/json.h"

#include "compiler/export/launch/launch.py.h"
#include "compiler/export/launch/launch_code.py.h"
#include "compiler/export/launch/launch_container.py.h"
#include "compiler/export/launch/launch_load.py.h"
#include "compiler/export/launch/launch_notebook.py.h"
#include "compiler/export/launch/launch_tree.py.h"

void spec_begin(struct spec *s, const char *kind)
{
	buf_addf(&s->b, "{\"kind\": \"%s\"", kind);
}

void spec_text(struct spec *s, const char *key, struct str text)
{
	buf_addf(&s->b, ",\n\"%s\": ", key);
	tree_text(text, &s->b);
}

static void add_text_word(struct spec *s, const struct type *t, unsigned text)
{
	if (text > 1)
		buf_addf(&s->b, "%u", text);
	else
		buf_addz(&s->b, text || s->is_text(t) ? "true" : "false");
}

void spec_type_text(struct spec *s, const struct type *t, unsigned text)
{
	buf_addz(&s->b, ",\n\"type\": ");
	tree_type(t, &s->b);
	buf_addz(&s->b, ",\n\"is_text\": ");
	add_text_word(s, t, text);
}

void spec_type(struct spec *s, const struct type *t)
{
	spec_type_text(s, t, 0);
}

uint32_t spec_read(struct spec *s, struct spec_read read)
{
	vec_push(&s->reads, read);
	return (uint32_t)s->reads.n - 1;
}

static void add_tree(struct spec *s, const struct expr *e, const uint32_t *at)
{
	if (e->kind != EXPR_INPUT)
		s->parts |= SPEC_TREE;
	tree_json(s->m, e, at, &s->b);
}

void spec_tree(struct spec *s, const char *key, const struct site *site,
	       const uint32_t *at)
{
	buf_addf(&s->b, ",\n\"%s\": ", key);
	add_tree(s, site->tree, at);
}

static struct str input_name(struct spec *s, const struct module_pipeline *p,
			     struct input in)
{
	const struct module_node *n;
	struct str out;

	if (in.kind == INPUT_PARAM)
		return p->params[in.index].name;
	if (in.kind != INPUT_NODE)
		return STR("");
	n = &p->nodes[in.index];
	out = node_output_name(s->m, n, in.output);
	if (!out.n || node_noutputs(s->m, n) < 2)
		return n->path;
	return arena_printf(s->a, "%.*s.%.*s", STR_ARG(n->path), STR_ARG(out));
}

void spec_names(struct spec *s, const struct module_pipeline *p, const struct site *site)
{
	buf_addz(&s->b, ",\n\"names\": [");
	for (uint32_t j = 0; j < site->ninputs; j++) {
		buf_addz(&s->b, j ? ", " : "");
		buf_add_json(&s->b, input_name(s, p, site->inputs[j]));
	}
	buf_addc(&s->b, ']');
}

/* A `where` over parameters and, behind them, outputs. */
static void add_where(struct spec *s, const struct module_component *c,
		      const struct site *where)
{
	struct str place;
	uint32_t *at;

	if (!where) {
		buf_addz(&s->b, ", null, null");
		return;
	}
	at = ARENA_ARRAY(s->a, where->ninputs + 1, uint32_t);
	for (uint32_t j = 0; j < where->ninputs; j++)
		at[j] = where->inputs[j].index +
			(where->inputs[j].kind == INPUT_OUTPUT ? c->nparams : 0);
	buf_addz(&s->b, ", ");
	place = module_loc(s->m, where->loc, s->a);
	tree_text(arena_printf(s->a, "'%.*s' (%.*s)", STR_ARG(where->text), STR_ARG(place)),
		  &s->b);
	buf_addz(&s->b, ", ");
	add_tree(s, where->tree, at);
}

static bool is_file(const struct module_component *c)
{
	return c->code_kind == CODE_PYTHON_FILE || c->code_kind == CODE_NOTEBOOK;
}

struct str spec_code_text(const struct module *m, const struct module_component *c)
{
	return is_file(c) ? m->files[c->code_file].text : c->code;
}

void spec_code(struct spec *s, const struct module_component *c)
{
	bool file = is_file(c);

	s->parts |= SPEC_CODE;
	if (c->code_kind == CODE_LOAD) {
		s->parts |= SPEC_LOAD;
		spec_text(s, "code", STR(""));
		return;
	}
	if (c->code_kind == CODE_NOTEBOOK) {
		s->parts |= SPEC_NOTEBOOK;
		spec_text(s, "helper", s->helper);
		spec_text(s, "driver", s->driver);
	}
	spec_text(s, "file", s->m->files[file ? c->code_file : c->code_loc.file].path);
	buf_addf(&s->b, ",\n\"line\": %u, \"limit\": %d", file ? 1 : c->code_loc.line,
		 LIMIT_VALUE_BYTES);
	spec_text(s, "entry", file ? c->entry : (struct str){"", 0});
	if (!s->code_apart)
		spec_text(s, "code", spec_code_text(s->m, c));
}

void spec_outputs(struct spec *s, const struct module_component *c)
{
	bool (*is_text)(const struct type *t) =
		s->is_text_output ? s->is_text_output : s->is_text;

	buf_addz(&s->b, ",\n\"outputs\": [");
	for (uint32_t j = 0; j < c->noutputs; j++) {
		const struct module_output *o = &c->outputs[j];

		buf_addz(&s->b, j ? ",\n[" : "[");
		tree_text(o->name, &s->b);
		buf_addz(&s->b, ", ");
		tree_type(o->type, &s->b);
		add_where(s, c, o->where);
		buf_addf(&s->b, ", %s]", is_text(o->type) ? "true" : "false");
	}
	buf_addc(&s->b, ']');
}

static void add_list(struct spec *s, const struct str *at, uint32_t n)
{
	buf_addc(&s->b, '[');
	for (uint32_t j = 0; j < n; j++) {
		buf_addz(&s->b, j ? ", " : "");
		tree_text(at[j], &s->b);
	}
	buf_addc(&s->b, ']');
}

void spec_packages(struct spec *s, const struct module_component *c)
{
	const struct module_env *e;

	if (c->env == MODULE_NONE)
		return;
	e = &s->m->envs[c->env];
	buf_addz(&s->b, ",\n\"packages\": ");
	add_list(s, e->packages, e->npackages);
	buf_addz(&s->b, ", \"index_urls\": ");
	add_list(s, e->index_urls, e->nindex_urls);
	if (e->requirements != MODULE_NONE)
		spec_text(s, "requirements", s->m->files[e->requirements].text);
	if (e->npackages || e->requirements != MODULE_NONE)
		spec_text(s, "packages_digest",
			  str_of(image_packages_digest(s->m, e).hex));
}

void spec_params(struct spec *s)
{
	buf_addz(&s->b, ",\n\"params\": [");
}

void spec_param(struct spec *s, const struct module_component *c, uint32_t param,
		uint32_t read, const struct site *site, const uint32_t *at)
{
	const struct module_param *p = &c->params[param];

	buf_addz(&s->b, param ? ",\n[" : "[");
	tree_text(p->name, &s->b);
	buf_addz(&s->b, ", ");
	tree_type(p->type, &s->b);
	buf_addz(&s->b, ", ");
	if (site)
		add_tree(s, site->tree, at);
	else
		buf_addf(&s->b, "[\"input\", %u]", read);
	add_where(s, c, p->where);
	buf_addc(&s->b, ']');
}

void spec_params_end(struct spec *s)
{
	buf_addc(&s->b, ']');
}

static void add_reads(struct spec *s)
{
	buf_addz(&s->b, ",\n\"reads\": [");
	for (size_t i = 0; i < s->reads.n; i++) {
		const struct spec_read *r = &s->reads.at[i];

		buf_addz(&s->b, i ? ", [" : "[");
		tree_text(r->name, &s->b);
		buf_addz(&s->b, ", ");
		if (r->form)
			buf_addf(&s->b, "[\"%s\", \"str\"]", r->form);
		else
			tree_type(r->type, &s->b);
		buf_addz(&s->b, ", ");
		add_text_word(s, r->type, r->text);
		if (r->tree) {
			buf_addz(&s->b, ", ");
			add_tree(s, r->tree, r->at);
		} else if (r->fallback) {
			buf_addz(&s->b, ", ");
			add_tree(s, r->fallback, NULL);
			buf_addz(&s->b, ", true");
		}
		buf_addc(&s->b, ']');
	}
	buf_addc(&s->b, ']');
}

static void add_field(struct spec *s, const struct type *t, const struct module_param *p,
		      const struct value *fallback)
{
	struct buf value = {0};
	uint32_t *at;

	tree_text(p->name, &s->b);
	buf_addz(&s->b, ": [");
	json_write(fallback ? *fallback : VALUE_NONE_V, &value);
	tree_escape(buf_str(&value), &s->b);
	buf_release(&value);
	if (!p->where) {
		buf_addz(&s->b, ", null, null]");
		return;
	}
	at = ARENA_ARRAY(s->a, t->nmembers, uint32_t);
	for (uint32_t i = 0; i < p->where->ninputs; i++)
		at[i] = p->where->inputs[i].index;
	buf_addz(&s->b, ", ");
	tree_text(p->where->text, &s->b);
	buf_addz(&s->b, ", ");
	add_tree(s, p->where->tree, at);
	buf_addc(&s->b, ']');
}

/* Is it in what was written so far? */
static bool has_type(const struct spec *s, const struct type *t)
{
	struct buf b = {0};
	bool found;

	tree_type(t, &b);
	found = str_find(buf_str(&s->b), buf_str(&b), 0) < s->b.n;
	buf_release(&b);
	return found;
}

static void add_struct(struct spec *s, const struct module_def *d, bool first)
{
	const struct type *t = d->result;
	unsigned n = 0;

	buf_addz(&s->b, first ? "[" : ",\n[");
	tree_type(t, &s->b);
	buf_addz(&s->b, ", {");
	for (uint32_t i = 0; i < t->nmembers; i++) {
		if (!type_default(t, i) && !d->params[i].where)
			continue;
		buf_addz(&s->b, n++ ? ", " : "");
		add_field(s, t, &d->params[i], type_default(t, i));
	}
	buf_addz(&s->b, "}]");
}

static bool struct_counts(const struct module_def *d)
{
	for (uint32_t i = 0; d->is_struct && i < d->result->nmembers; i++)
		if (type_default(d->result, i) || d->params[i].where)
			return true;
	return false;
}

static void add_structs(struct spec *s)
{
	bool *found = ARENA_ARRAY(s->a, s->m->ndefs + 1, bool);
	unsigned n = 0;

	for (uint32_t i = 0; i < s->m->ndefs; i++)
		found[i] = struct_counts(&s->m->defs[i]) &&
			   has_type(s, s->m->defs[i].result);
	for (uint32_t i = 0; i < s->m->ndefs; i++) {
		if (!found[i])
			continue;
		buf_addz(&s->b, n ? "" : ",\n\"structs\": [");
		add_struct(s, &s->m->defs[i], !n++);
	}
	if (n)
		buf_addc(&s->b, ']');
}

struct str spec_end(struct spec *s)
{
	struct str text;

	add_reads(s);
	add_structs(s);
	if (str_find(buf_str(&s->b), STR("[\"call\", "), 0) < s->b.n) {
		buf_addz(&s->b, ",\n\"defs\": ");
		tree_defs(s->m, &s->b);
	}
	buf_addc(&s->b, '}');
	text = arena_str(s->a, buf_str(&s->b));
	buf_release(&s->b);
	vec_release(&s->reads);
	return text;
}

#define PYTHON(array) ((struct str){(const char *)array, array##_len})

struct str spec_launcher(struct str helper, unsigned parts, struct str target,
			 struct arena *a)
{
	struct str pieces[] = {helper,  PYTHON(launch_py), {"", 0}, {"", 0},
			       {"", 0}, {"", 0},           {"", 0}, target};
	struct buf b = {0};
	struct str text;

	if (parts & SPEC_TREE)
		pieces[2] = PYTHON(launch_tree_py);
	if (parts & SPEC_CODE)
		pieces[3] = PYTHON(launch_code_py);
	if (parts & SPEC_NOTEBOOK)
		pieces[4] = PYTHON(launch_notebook_py);
	if (parts & SPEC_LOAD)
		pieces[5] = PYTHON(launch_load_py);
	if (parts & SPEC_CONTAINER)
		pieces[6] = PYTHON(launch_container_py);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		if (!pieces[i].n)
			continue;
		buf_addz(&b, i ? "\n\n" : "");
		buf_add(&b, pieces[i]);
	}
	text = arena_str(a, buf_str(&b));
	buf_release(&b);
	return text;
}
