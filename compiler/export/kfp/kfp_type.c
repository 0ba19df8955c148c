/* How values and artifacts travel. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

/* Does a number in it lose whether it is an int, since no type within says so?  Or may
 * something in it be None, which Kubeflow's SDK does not take? */
static bool is_loose(const struct type *t)
{
	if (t->kind == TYPE_JSON || t->kind == TYPE_ERROR || t->kind == TYPE_NONE ||
	    t->kind == TYPE_OPT)
		return true;
	if (t->kind == TYPE_LIST || t->kind == TYPE_DICT)
		return is_loose(t->elem);
	for (uint32_t i = 0; t->kind == TYPE_STRUCT && i < t->nmembers; i++)
		if (is_loose(t->fields[i].type))
			return true;
	return false;
}

bool kfp_is_text(const struct type *t)
{
	t = type_strip(t);
	return is_loose(t);
}

/* No output of Kubeflow's can be None. */
const struct type *kfp_wire(struct kfp *k, const struct type *t)
{
	bool may_be_none = t->kind == TYPE_OPT || t->kind == TYPE_NONE;

	return may_be_none && !type_holds_artifacts(t) ? k->m->types.json : t;
}

bool kfp_is_text_output(const struct type *t)
{
	return t->kind == TYPE_OPT || kfp_is_text(t);
}

const char *kfp_parameter_type(const struct type *t)
{
	t = type_strip(t);
	if (kfp_is_text(t))
		return "STRING";
	switch (t->kind) {
	case TYPE_BOOL:
		return "BOOLEAN";
	case TYPE_INT:
	case TYPE_DURATION:
	case TYPE_SIZE:
		return "NUMBER_INTEGER";
	case TYPE_FLOAT:
	case TYPE_METRIC:
		return "NUMBER_DOUBLE";
	case TYPE_LIST:
		return "LIST";
	case TYPE_DICT:
	case TYPE_STRUCT:
	case TYPE_SERIES:
		return "STRUCT";
	case TYPE_ERROR:
	case TYPE_NONE:
	case TYPE_STR:
	case TYPE_JSON:
	case TYPE_OPT:
	case TYPE_ENUM:
	case TYPE_ARTIFACT:
	case TYPE_NKINDS:
		break;
	}
	return "STRING";
}

static bool is_number(const struct type *t)
{
	return !strncmp(kfp_parameter_type(t), "NUMBER", 6);
}

bool kfp_same_wire(const struct type *from, const struct type *to)
{
	if (type_holds_artifacts(to))
		return true;
	if (is_number(from) && is_number(to))
		return true;
	return kfp_is_text(from) == kfp_is_text(to) &&
	       !strcmp(kfp_parameter_type(from), kfp_parameter_type(to));
}

bool type_is_artifacts(const struct type *t)
{
	return type_strip(t)->kind == TYPE_LIST && type_holds_artifacts(t);
}

bool kfp_is_usual(struct source s, const struct type *t)
{
	if (s.form || (s.tree && s.kind != SOURCE_CONST))
		return false;
	if (s.kind == SOURCE_NONE ||
	    (s.kind == SOURCE_CONST && s.value.kind == VALUE_NONE))
		return true;
	if (type_holds_artifacts(t))
		return s.kind != SOURCE_CONST;	/* the list of none is left out */
	return s.text == kfp_is_text(t) &&
	       ((is_number(s.type) && is_number(t)) ||
		!strcmp(kfp_parameter_type(s.type), kfp_parameter_type(t)));
}

struct str kfp_schema_title(const struct type *t)
{
	static const char *const known[] = {
		"Artifact",
		"Dataset",
		"Model",
		"Metrics",
		"ClassificationMetrics",
		"SlicedClassificationMetrics",
		"HTML",
		"Markdown",
		NULL,
	};
	static const char *const titles[] = {
		"system.Artifact",
		"system.Dataset",
		"system.Model",
		"system.Metrics",
		"system.ClassificationMetrics",
		"system.SlicedClassificationMetrics",
		"system.HTML",
		"system.Markdown",
	};

	for (; t; t = t->base)
		for (int i = 0; known[i]; i++)
			if (str_is(t->name, known[i]))
				return str_of(titles[i]);
	return STR("system.Artifact");
}

void kfp_define(struct kfp *k, struct yaml *defs, struct str name, const struct type *t,
		bool optional)
{
	kfp_define_text(k, defs, name, t, 0, optional);
}

void kfp_define_text(struct kfp *k, struct yaml *defs, struct str name,
		     const struct type *t, unsigned text, bool optional)
{
	const char *word = text > 1 ? "LIST" : text ? "STRING" : kfp_parameter_type(t);
	struct yaml *def = yaml_map(k->a), *type;
	const struct type *bare = type_strip(t);

	if (optional)
		yaml_put(def, STR("isOptional"), yaml_bool(k->a, true));
	if (!type_holds_artifacts(t)) {
		yaml_put_str(def, STR("parameterType"), str_of(word));
		yaml_put(yaml_sub(defs, STR("parameters")), name, def);
		return;
	}
	if (bare->kind == TYPE_LIST)
		yaml_put(def, STR("isArtifactList"), yaml_bool(k->a, true));
	while (bare->kind == TYPE_LIST || bare->kind == TYPE_OPT)
		bare = bare->elem;
	type = yaml_sub(def, STR("artifactType"));
	yaml_put_str(type, STR("schemaTitle"), kfp_schema_title(bare));
	yaml_put_str(type, STR("schemaVersion"), STR("0.0.1"));
	yaml_put(yaml_sub(defs, STR("artifacts")), name, def);
}

void kfp_define_output(struct kfp *k, struct yaml *comp, struct str name,
		       const struct type *t)
{
	kfp_define_output_text(k, comp, name, t, 0);
}

void kfp_define_output_text(struct kfp *k, struct yaml *comp, struct str name,
			    const struct type *t, unsigned text)
{
	kfp_define_text(k, yaml_sub(comp, STR("outputDefinitions")), name,
			kfp_wire(k, t), text, false);
}
