/* For people: the comments above a pipeline, and descriptions in it. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include <stdlib.h>

#include "runtime/value/json.h"

enum { DEFAULT_MAX = 200 };	/* bytes of a default that are shown */

struct member {
	struct str name, type;
	const struct yaml *fallback;
};

static struct str type_word(const struct yaml *def)
{
	static const struct { const char *type, *word; } words[] = {
		{"STRING", "str"}, {"NUMBER_INTEGER", "int"}, {"NUMBER_DOUBLE", "float"},
		{"BOOLEAN", "bool"}, {"LIST", "list"}, {"STRUCT", "dict"},
	};
	const struct yaml *type = yaml_get(def, STR("parameterType"));

	if (!type)
		return yaml_get(yaml_get(def, STR("artifactType")), STR("schemaTitle"))
			->text;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_is(type->text, words[i].type))
			return str_of(words[i].word);
	return type->text;
}

static void add_text(struct str s, struct buf *out)
{
	struct buf b = {0};

	buf_add_printable(&b, s, false);
	buf_addc(out, '\'');
	yaml_add_comment(buf_str(&b), out);
	buf_addc(out, '\'');
	buf_release(&b);
}

static void add_value(const struct yaml *v, struct buf *out);

static void add_items(const struct yaml *v, struct buf *out)
{
	bool is_map = v->kind == YAML_MAP;

	buf_addc(out, is_map ? '{' : '[');
	for (size_t i = 0; i < v->n && out->n <= DEFAULT_MAX; i++) {
		buf_addz(out, i ? ", " : "");
		if (is_map) {
			add_text(v->items[i].key, out);
			buf_addz(out, ": ");
		}
		add_value(v->items[i].value, out);
	}
	buf_addc(out, is_map ? '}' : ']');
}

static void add_value(const struct yaml *v, struct buf *out)
{
	switch (v->kind) {
	case YAML_STR:
		add_text(v->text, out);
		break;
	case YAML_INT:
		buf_addf(out, "%lld", (long long)v->i);
		break;
	case YAML_FLOAT:
		json_write((struct value){VALUE_FLOAT, {.f = v->f}}, out);
		break;
	case YAML_BOOL:
		buf_addz(out, v->b ? "True" : "False");
		break;
	case YAML_NULL:
		buf_addz(out, "None");
		break;
	case YAML_SEQ:
	case YAML_MAP:
		add_items(v, out);
		break;
	}
}

static void add_default(const struct yaml *v, struct buf *out)
{
	struct buf b = {0};
	size_t n;

	add_value(v, &b);
	n = b.n;
	if (n > DEFAULT_MAX)	/* not within a character */
		for (n = DEFAULT_MAX; n && (b.p[n] & 0xc0) == 0x80; n--)
			;
	buf_addf(out, " [Default: %.*s%s]", STR_ARG(str_sub(buf_str(&b), 0, n)),
		 n < b.n ? "..." : "");
	buf_release(&b);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static void add_members(struct kfp *k, const char *key, const char *title,
			struct buf *out)
{
	const struct yaml *defs = yaml_get(k->root->comp, str_of(key));
	const struct yaml *kinds[2];
	struct member *all;
	size_t n = 0, total = 0;

	if (!defs)
		return;
	kinds[0] = yaml_get(defs, STR("parameters"));
	kinds[1] = yaml_get(defs, STR("artifacts"));
	for (int i = 0; i < 2; i++)
		total += kinds[i] ? kinds[i]->n : 0;
	all = ARENA_ARRAY(k->a, total + 1, struct member);
	for (int i = 0; i < 2; i++)
		for (size_t j = 0; kinds[i] && j < kinds[i]->n; j++) {
			const struct yaml *def = kinds[i]->items[j].value;

			all[n++] = (struct member){
				kinds[i]->items[j].key, type_word(def),
				yaml_get(def, STR("defaultValue"))};
		}
	qsort(all, n, sizeof *all, by_name);
	buf_addf(out, "# %s:\n", title);
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "#    %.*s: %.*s", STR_ARG(all[i].name),
			 STR_ARG(all[i].type));
		if (all[i].fallback)
			add_default(all[i].fallback, out);
		buf_addc(out, '\n');
	}
}

/* The definition of an input or output; NULL if there is none. */
static struct yaml *definition(const struct yaml *comp, const char *key, struct str name)
{
	const struct yaml *defs = yaml_get(comp, str_of(key));
	const struct yaml *params = defs ? yaml_get(defs, STR("parameters")) : NULL;
	const struct yaml *files = defs ? yaml_get(defs, STR("artifacts")) : NULL;
	struct yaml *def = params ? yaml_get(params, name) : NULL;

	return def || !files ? def : yaml_get(files, name);
}

static void describe(struct yaml *comp, const char *key, struct str name, struct str doc)
{
	struct yaml *def = doc.n ? definition(comp, key, name) : NULL;

	if (def)
		yaml_put_str(def, STR("description"), doc);
}

void kfp_describe(struct yaml *comp, const struct module_param *params, uint32_t nparams,
		  const struct module_output *outputs, uint32_t noutputs)
{
	for (uint32_t j = 0; j < nparams; j++)
		describe(comp, "inputDefinitions", params[j].name, params[j].doc);
	for (uint32_t j = 0; j < noutputs; j++)
		describe(comp, "outputDefinitions", outputs[j].name, outputs[j].doc);
}

void kfp_header(struct kfp *k, const struct module_pipeline *p, struct str name,
		struct buf *out)
{
	buf_addf(out, "# PIPELINE DEFINITION\n# Name: %.*s\n", STR_ARG(name));
	for (size_t at = 0, end; at < p->doc.n; at = end + 1) {
		end = str_find(p->doc, STR("\n"), at);
		buf_addz(out, at ? "#              " : "# Description: ");
		yaml_add_comment(str_sub(p->doc, at, end), out);
		buf_addc(out, '\n');
	}
	add_members(k, "inputDefinitions", "Inputs", out);
	add_members(k, "outputDefinitions", "Outputs", out);
}
