#include <config.h>

#include "runtime/value/type.h"

#include "runtime/base/limits.h"

static const char *const kind_names[] = {
#define TYPE(ID, name, doc) [TYPE_##ID] = name,
#include "runtime/value/type.def"
#undef TYPE
};

static struct type *add(struct types *t, enum type_kind kind, struct str name)
{
	struct type *new = ARENA_NEW(&t->arena, struct type);

	new->kind = kind;
	new->id = (uint32_t)t->all.n;
	new->depth = new->parts = 1;
	new->name = arena_str(&t->arena, name);
	vec_push(&t->all, new);
	return new;
}

static const struct type *add_simple(struct types *t, enum type_kind kind)
{
	return add(t, kind, str_of(kind_names[kind]));
}

/* RunError: the address of what failed, why, and the exit code of its process (-1 where
 * there is none). */
static void add_run_error(struct types *t)
{
	struct type *s = type_struct(t, STR("RunError"));
	struct type_field fields[] = {
		{STR("task"), t->string},
		{STR("message"), t->string},
		{STR("code"), t->integer},
	};

	type_struct_fields(t, s, fields, sizeof fields / sizeof *fields);
	t->run_error = s;
	t->opt_run_error = type_opt(t, s);
}

void types_init(struct types *t)
{
	*t = (struct types){0};
	t->error = add_simple(t, TYPE_ERROR);
	t->none = add_simple(t, TYPE_NONE);
	t->boolean = add_simple(t, TYPE_BOOL);
	t->integer = add_simple(t, TYPE_INT);
	t->floating = add_simple(t, TYPE_FLOAT);
	t->string = add_simple(t, TYPE_STR);
	t->duration = add_simple(t, TYPE_DURATION);
	t->size = add_simple(t, TYPE_SIZE);
	t->json = add_simple(t, TYPE_JSON);
	t->metric = add_simple(t, TYPE_METRIC);
	t->series = add_simple(t, TYPE_SERIES);
	t->artifact = type_artifact(t, STR("Artifact"), NULL);
	t->dataset = type_artifact(t, STR("Dataset"), t->artifact);
	t->model = type_artifact(t, STR("Model"), t->artifact);
	t->metrics = type_artifact(t, STR("Metrics"), t->artifact);
	t->classification_metrics =
		type_artifact(t, STR("ClassificationMetrics"), t->artifact);
	t->sliced_classification_metrics =
		type_artifact(t, STR("SlicedClassificationMetrics"), t->artifact);
	t->html = type_artifact(t, STR("HTML"), t->artifact);
	t->markdown = type_artifact(t, STR("Markdown"), t->artifact);
	add_run_error(t);
	t->nbuiltin = (uint32_t)t->all.n;
}

void types_release(struct types *t)
{
	arena_release(&t->arena);
	vec_release(&t->all);
	map_release(&t->derived);
	*t = (struct types){0};
}

/* The one type that is made of `of` by kind (and tag); made when first asked for. */
static struct type *derive(struct types *t, enum type_kind kind, const struct type *of,
			   struct str tag, bool *is_new)
{
	struct str key = arena_printf(&t->arena, "%d %u %.*s", (int)kind, of->id,
				      STR_ARG(tag));
	struct type *old = map_get(&t->derived, key);

	*is_new = !old;
	if (old)
		return old;
	old = add(t, kind, kind == TYPE_ARTIFACT ? of->name : STR(""));
	map_set(&t->derived, key, old);
	return old;
}

static void add_part(struct type *t, const struct type *part)
{
	if (part->depth >= t->depth)
		t->depth = part->depth + 1;
	if (__builtin_add_overflow(t->parts, part->parts, &t->parts))
		t->parts = UINT32_MAX;
}

static void measure(struct type *t)
{
	t->depth = t->parts = 1;
	if (t->elem)
		add_part(t, t->elem);
	for (uint32_t i = 0; t->kind == TYPE_STRUCT && i < t->nmembers; i++)
		add_part(t, t->fields[i].type);
}

void types_measure(struct types *t)
{
	for (size_t i = 0; i < t->all.n; i++)
		measure((struct type *)(uintptr_t)t->all.at[i]);
}

static const struct type *derive_elem(struct types *t, enum type_kind kind,
				      const struct type *elem)
{
	bool is_new;
	struct type *made;

	if (elem->depth >= LIMIT_NESTING)
		return t->error;
	made = derive(t, kind, elem, STR(""), &is_new);
	made->elem = elem;
	measure(made);
	return made;
}

const struct type *type_list(struct types *t, const struct type *elem)
{
	return derive_elem(t, TYPE_LIST, elem);
}

const struct type *type_dict(struct types *t, const struct type *elem)
{
	return derive_elem(t, TYPE_DICT, elem);
}

const struct type *type_opt(struct types *t, const struct type *elem)
{
	if (elem->kind == TYPE_OPT || elem->kind == TYPE_NONE || elem->kind == TYPE_ERROR)
		return elem;
	return derive_elem(t, TYPE_OPT, elem);
}

const struct type *type_enum(struct types *t, struct str name,
			     const struct type_member *m,
			     uint32_t n)
{
	struct type *e = add(t, TYPE_ENUM, name);
	struct type_member *copy = ARENA_ARRAY(&t->arena, n, struct type_member);

	for (uint32_t i = 0; i < n; i++) {
		copy[i].name = arena_str(&t->arena, m[i].name);
		copy[i].wire = arena_str(&t->arena, m[i].wire);
	}
	e->members = copy;
	e->nmembers = n;
	return e;
}

struct type *type_struct(struct types *t, struct str name)
{
	return add(t, TYPE_STRUCT, name);
}

void type_struct_fields(struct types *t, struct type *s, const struct type_field *f,
			uint32_t n)
{
	struct type_field *copy = ARENA_ARRAY(&t->arena, n, struct type_field);

	for (uint32_t i = 0; i < n; i++) {
		copy[i].name = arena_str(&t->arena, f[i].name);
		copy[i].type = f[i].type;
	}
	s->fields = copy;
	s->nmembers = n;
	measure(s);
}

void type_struct_defaults(struct types *t, const struct type *s,
			  const struct value *const *defaults)
{
	struct type *own = (struct type *)(uintptr_t)t->all.at[s->id];

	own->defaults = defaults;
}

const struct type *type_artifact(struct types *t, struct str name,
				 const struct type *base)
{
	struct type *a = add(t, TYPE_ARTIFACT, name);

	a->base = base;
	return a;
}

/* The artifact type without its tag. */
static const struct type *untagged(const struct type *t)
{
	return t->tag.n ? t->base : t;
}

const struct type *type_tagged(struct types *t, const struct type *artifact,
			       struct str tag)
{
	const struct type *plain = untagged(artifact);
	bool is_new;
	struct type *made;

	if (!tag.n)
		return plain;
	made = derive(t, TYPE_ARTIFACT, plain, tag, &is_new);
	if (is_new) {
		made->tag = arena_str(&t->arena, tag);
		made->base = plain;
	}
	return made;
}

const struct type *type_builtin(const struct types *t, struct str name)
{
	for (uint32_t i = 1; i < t->nbuiltin; i++)
		if (name.n && str_eq(t->all.at[i]->name, name))
			return t->all.at[i];
	return NULL;
}

bool type_extends(const struct type *a, const struct type *base)
{
	base = untagged(base);
	for (a = untagged(a); a; a = a->base)
		if (a == base)
			return true;
	return false;
}

static bool artifact_assignable(const struct type *from, const struct type *to)
{
	return type_extends(from, to) &&
	       (!from->tag.n || !to->tag.n || str_eq(from->tag, to->tag));
}

bool type_assignable(const struct type *from, const struct type *to)
{
	if (from == to || from->kind == TYPE_ERROR || to->kind == TYPE_ERROR)
		return true;
	if (to->kind == TYPE_OPT)
		return from->kind == TYPE_NONE || type_assignable(type_strip(from),
								  to->elem);
	if (to->kind == TYPE_FLOAT)
		return from->kind == TYPE_INT || from->kind == TYPE_METRIC;
	if (from->kind != to->kind)
		return false;
	switch (to->kind) {
	case TYPE_LIST:
	case TYPE_DICT:
		return type_assignable(from->elem, to->elem);
	case TYPE_ARTIFACT:
		return artifact_assignable(from, to);
	default:	/* named types are nominal, the others have one type each */
		return false;
	}
}

static const struct type *join_artifacts(struct types *t, const struct type *a,
					 const struct type *b)
{
	bool same_tag = str_eq(a->tag, b->tag);
	struct str tag = a->tag;

	for (a = untagged(a); a; a = a->base)
		if (type_extends(b, a))
			return same_tag ? type_tagged(t, a, tag) : a;
	return NULL;
}

static bool is_number(const struct type *t)
{
	return t->kind == TYPE_INT || t->kind == TYPE_FLOAT || t->kind == TYPE_METRIC;
}

const struct type *type_join(struct types *t, const struct type *a, const struct type *b)
{
	const struct type *elem;

	if (a == b || b->kind == TYPE_ERROR)
		return a;
	if (a->kind == TYPE_ERROR)
		return b;
	if (a->kind == TYPE_NONE || b->kind == TYPE_NONE)
		return type_opt(t, a->kind == TYPE_NONE ? b : a);
	if (a->kind == TYPE_OPT || b->kind == TYPE_OPT) {
		elem = type_join(t, type_strip(a), type_strip(b));
		return elem ? type_opt(t, elem) : NULL;
	}
	if (is_number(a) && is_number(b))
		return t->floating;
	if (a->kind != b->kind)
		return NULL;
	if (a->kind == TYPE_ARTIFACT)
		return join_artifacts(t, a, b);
	if (a->kind != TYPE_LIST && a->kind != TYPE_DICT)
		return NULL;
	elem = type_join(t, a->elem, b->elem);
	if (!elem)
		return NULL;
	return a->kind == TYPE_LIST ? type_list(t, elem) : type_dict(t, elem);
}

bool type_holds_artifacts(const struct type *t)
{
	while (t->kind == TYPE_OPT || t->kind == TYPE_LIST)
		t = t->elem;
	return t->kind == TYPE_ARTIFACT;
}

const struct type_member *type_member(const struct type *e, struct str name)
{
	if (e->kind != TYPE_ENUM)
		return NULL;
	for (uint32_t i = 0; i < e->nmembers; i++)
		if (str_eq(e->members[i].name, name))
			return &e->members[i];
	return NULL;
}

void type_print(const struct type *t, struct buf *out)
{
	switch (t->kind) {
	case TYPE_LIST:
		buf_addz(out, "list[");
		type_print(t->elem, out);
		buf_addc(out, ']');
		break;
	case TYPE_DICT:
		buf_addz(out, "dict[str, ");
		type_print(t->elem, out);
		buf_addc(out, ']');
		break;
	case TYPE_OPT:
		type_print(t->elem, out);
		buf_addc(out, '?');
		break;
	default:
		buf_add(out, t->name);
		if (t->tag.n)
			buf_addf(out, "[%.*s]", STR_ARG(t->tag));
	}
}

struct str type_name(const struct type *t, struct arena *a)
{
	struct buf b = {0};
	struct str s;

	type_print(t, &b);
	s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}
