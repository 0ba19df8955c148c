/* Types as the Python that runs component code reads them. */
#include <config.h>

#include "runtime/value/json.h"

const char *type_python_kind(const struct type *t)
{
	static const char *const kinds[TYPE_NKINDS] = {
		[TYPE_ERROR] = "json",        [TYPE_NONE] = "none",
		[TYPE_BOOL] = "bool",         [TYPE_INT] = "int",
		[TYPE_FLOAT] = "float",       [TYPE_STR] = "str",
		[TYPE_DURATION] = "int",      [TYPE_SIZE] = "int",
		[TYPE_JSON] = "json",         [TYPE_LIST] = "list",
		[TYPE_DICT] = "dict",         [TYPE_OPT] = "opt",
		[TYPE_ENUM] = "enum",         [TYPE_STRUCT] = "struct",
		[TYPE_ARTIFACT] = "artifact", [TYPE_METRIC] = "float",
		[TYPE_SERIES] = "series",
	};

	return kinds[t->kind];
}

static void add_members(const struct type *t, struct buf *out)
{
	buf_addz(out, ", [");
	for (uint32_t i = 0; i < t->nmembers; i++) {
		buf_addz(out, i ? ", " : "");
		if (t->kind == TYPE_ENUM) {
			buf_add_json(out, t->members[i].wire);
			continue;
		}
		buf_addc(out, '[');
		buf_add_json(out, t->fields[i].name);
		buf_addz(out, ", ");
		json_write_type(t->fields[i].type, out);
		buf_addz(out, type_default(t, i) ? ", true]" : ", false]");
	}
	buf_addc(out, ']');
}

/* What is told of its contents differs: of a model its structure, of a data set its size. */
static struct str artifact_kind(const struct type *t)
{
	for (; t; t = t->base)
		if (str_is(t->name, "Model") || str_is(t->name, "Dataset"))
			return t->name;
	return STR("");
}

void json_write_type(const struct type *t, struct buf *out)
{
	struct buf name = {0};

	type_print(t, &name);
	buf_addf(out, "[\"%s\", ", type_python_kind(t));
	buf_add_json(out, t->kind == TYPE_ARTIFACT ? t->name : buf_str(&name));
	buf_release(&name);
	if (t->elem) {
		buf_addz(out, ", ");
		json_write_type(t->elem, out);
	}
	if (t->kind == TYPE_ENUM || t->kind == TYPE_STRUCT)
		add_members(t, out);
	if (t->kind == TYPE_ARTIFACT) {
		buf_addz(out, ", ");
		buf_add_json(out, artifact_kind(t));
		buf_addz(out, ", ");
		buf_add_json(out, t->tag);
	}
	buf_addc(out, ']');
}
