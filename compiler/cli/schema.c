#include <config.h>

#include "compiler/cli/schema.h"

#include "runtime/value/json.h"
#include "runtime/vm/eval.h"

static void add_type(const struct type *t, struct buf *out);

static void add_members(const struct type *t, struct buf *out)
{
	buf_addz(out, "\"type\": \"string\", \"enum\": [");
	for (uint32_t i = 0; i < t->nmembers; i++) {
		buf_addz(out, i ? ", " : "");
		buf_add_json(out, t->members[i].wire);
	}
	buf_addc(out, ']');
}

static void add_fields(const struct type *t, struct buf *out)
{
	buf_addz(out, "\"type\": \"object\", \"properties\": {");
	for (uint32_t i = 0; i < t->nmembers; i++) {
		buf_addz(out, i ? ", " : "");
		buf_add_json(out, t->fields[i].name);
		buf_addz(out, ": {");
		add_type(t->fields[i].type, out);
		buf_addc(out, '}');
	}
	buf_addz(out, "}, \"additionalProperties\": false");
}

/* Of a number, its infinities and NaN are strings on the wire. */
static void add_type(const struct type *t, struct buf *out)
{
	switch (t->kind) {
	case TYPE_BOOL:
		buf_addz(out, "\"type\": \"boolean\"");
		break;
	case TYPE_INT:
		buf_addz(out, "\"type\": \"integer\"");
		break;
	case TYPE_FLOAT:
	case TYPE_METRIC:
		buf_addz(out, "\"anyOf\": [{\"type\": \"number\"}, "
			 "{\"enum\": [\"NaN\", \"Infinity\", \"-Infinity\"]}]");
		break;
	case TYPE_STR:
		buf_addz(out, "\"type\": \"string\"");
		break;
	case TYPE_DURATION:
	case TYPE_SIZE:
		buf_addz(out, "\"type\": [\"integer\", \"string\"]");
		break;
	case TYPE_LIST:
		buf_addz(out, "\"type\": \"array\", \"items\": {");
		add_type(t->elem, out);
		buf_addc(out, '}');
		break;
	case TYPE_DICT:
		buf_addz(out, "\"type\": \"object\", \"additionalProperties\": {");
		add_type(t->elem, out);
		buf_addc(out, '}');
		break;
	case TYPE_OPT:
		buf_addz(out, "\"anyOf\": [{\"type\": \"null\"}, {");
		add_type(t->elem, out);
		buf_addz(out, "}]");
		break;
	case TYPE_ENUM:
		add_members(t, out);
		break;
	case TYPE_STRUCT:
		add_fields(t, out);
		break;
	case TYPE_NONE:
		buf_addz(out, "\"type\": \"null\"");
		break;
	case TYPE_ERROR:
	case TYPE_JSON:
	case TYPE_ARTIFACT:
	case TYPE_SERIES:
	case TYPE_NKINDS:
		buf_addz(out, "\"description\": \"any JSON value\"");
		break;
	}
}

static void add_slot(const struct module *m, const struct config_slot *s, struct buf *out)
{
	struct arena a;
	struct value v;
	struct err err;

	arena_init(&a);
	buf_add_json(out, s->address);
	buf_addz(out, ": {");
	add_type(s->type, out);
	if (s->doc.n) {
		buf_addz(out, ", \"title\": ");
		buf_add_json(out, s->doc);
	}
	if (s->param->where) {
		buf_addz(out, ", \"$comment\": ");
		buf_add_json(out, arena_printf(&a, "where %.*s",
					       STR_ARG(s->param->where->text)));
	}
	if (s->fallback && !eval(m, s->fallback, NULL, &a, &v, &err)) {
		buf_addz(out, ", \"default\": ");
		json_write(v, out);
	}
	buf_addc(out, '}');
	arena_release(&a);
}

void schema_write(const struct module *m, const struct module_pipeline *p,
		  const struct config_slots *slots, struct buf *out)
{
	bool any = false;

	buf_addz(out,
		 "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
		 "  \"title\": ");
	buf_add_json(out, p->name);
	if (p->doc.n) {
		buf_addz(out, ",\n  \"description\": ");
		buf_add_json(out, p->doc);
	}
	buf_addz(out, ",\n  \"type\": \"object\",\n  \"properties\": {");
	for (size_t i = 0; i < slots->n; i++) {
		buf_addz(out, i ? ",\n    " : "\n    ");
		add_slot(m, &slots->at[i], out);
	}
	buf_addz(out, slots->n ? "\n  },\n" : "},\n");
	buf_addz(out, "  \"required\": [");
	for (size_t i = 0; i < slots->n; i++) {
		if (slots->at[i].fallback)
			continue;
		buf_addz(out, any ? ", " : "");
		any = true;
		buf_add_json(out, slots->at[i].address);
	}
	buf_addz(out, "],\n  \"additionalProperties\": false\n}\n");
}
