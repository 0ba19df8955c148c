/* The `kubernetes:` block of a component.  Its shape is a table: what a cluster is to do
 * with the pod of a task.  It is checked here, part by part, so that errors point at
 * the part; the values become JSON when the module is made. */
#include <config.h>

#include "compiler/sema/check.h"

enum shape { SHAPE_STR, SHAPE_INT, SHAPE_BOOL, SHAPE_SIZE, SHAPE_LIST_STR, SHAPE_DICT_STR,
	     SHAPE_OBJECTS };

struct member {
	const char *name;
	enum shape shape;
	const struct member *members;	/* OBJECTS: of each, ended by a NULL name */
	const char *const *words;	/* STR: the only ones, ended by NULL; or NULL */
};

static const char *const OPERATORS[] = {"Exists", "Equal", NULL};
static const char *const EFFECTS[] = {"NoSchedule", "PreferNoSchedule", "NoExecute",
				      NULL};
static const char *const MATCHES[] = {"In", "NotIn",	  "Exists", "DoesNotExist",
				      "Gt", "Lt", NULL};
static const char *const MEDIA[] = {"Memory", NULL};
static const char *const POLICIES[] = {"Always", "IfNotPresent", "Never", NULL};

static const struct member TOLERATION[] = {
	{"key", SHAPE_STR, NULL, NULL},
	{"operator", SHAPE_STR, NULL, OPERATORS},
	{"value", SHAPE_STR, NULL, NULL},
	{"effect", SHAPE_STR, NULL, EFFECTS},
	{"seconds", SHAPE_INT, NULL, NULL},
	{0},
};

/* Of the first KINDS one is wanted: what is mounted. */
enum { KINDS = 5 };
static const struct member VOLUME[] = {
	{"pvc", SHAPE_STR, NULL, NULL},
	{"secret", SHAPE_STR, NULL, NULL},
	{"config_map", SHAPE_STR, NULL, NULL},
	{"empty_dir", SHAPE_STR, NULL, NULL},
	{"ephemeral", SHAPE_STR, NULL, NULL},
	{"path", SHAPE_STR, NULL, NULL},
	{"sub_path", SHAPE_STR, NULL, NULL},
	{"read_only", SHAPE_BOOL, NULL, NULL},
	{"size", SHAPE_SIZE, NULL, NULL},
	{"medium", SHAPE_STR, NULL, MEDIA},
	{"storage_class", SHAPE_STR, NULL, NULL},
	{"access_modes", SHAPE_LIST_STR, NULL, NULL},
	{0},
};

static const struct member MAP_ENV[] = {
	{"config_map", SHAPE_STR, NULL, NULL},
	{"key", SHAPE_STR, NULL, NULL},
	{"name", SHAPE_STR, NULL, NULL},
	{0},
};

static const struct member NODE_AFFINITY[] = {
	{"key", SHAPE_STR, NULL, NULL},
	{"operator", SHAPE_STR, NULL, MATCHES},
	{"values", SHAPE_LIST_STR, NULL, NULL},
	{"weight", SHAPE_INT, NULL, NULL},
	{0},
};

static const struct member POD_AFFINITY[] = {
	{"topology_key", SHAPE_STR, NULL, NULL},
	{"labels", SHAPE_DICT_STR, NULL, NULL},
	{"namespaces", SHAPE_LIST_STR, NULL, NULL},
	{"weight", SHAPE_INT, NULL, NULL},
	{"anti", SHAPE_BOOL, NULL, NULL},
	{0},
};

static const struct member INIT_CONTAINER[] = {
	{"name", SHAPE_STR, NULL, NULL},
	{"image", SHAPE_STR, NULL, NULL},
	{"command", SHAPE_LIST_STR, NULL, NULL},
	{"args", SHAPE_LIST_STR, NULL, NULL},
	{"env", SHAPE_DICT_STR, NULL, NULL},
	{"mounts", SHAPE_DICT_STR, NULL, NULL},
	{0},
};

static const struct member BLOCK[] = {
	{"node_selector", SHAPE_DICT_STR, NULL, NULL},
	{"tolerations", SHAPE_OBJECTS, TOLERATION, NULL},
	{"volumes", SHAPE_OBJECTS, VOLUME, NULL},
	{"image_pull_secrets", SHAPE_LIST_STR, NULL, NULL},
	{"service_account", SHAPE_STR, NULL, NULL},
	{"annotations", SHAPE_DICT_STR, NULL, NULL},
	{"image_pull_policy", SHAPE_STR, NULL, POLICIES},
	{"run_as_user", SHAPE_INT, NULL, NULL},
	{"run_as_group", SHAPE_INT, NULL, NULL},
	{"run_as_non_root", SHAPE_BOOL, NULL, NULL},
	{"shared_memory", SHAPE_SIZE, NULL, NULL},
	{"field_env", SHAPE_DICT_STR, NULL, NULL},
	{"config_map_env", SHAPE_OBJECTS, MAP_ENV, NULL},
	{"node_affinity", SHAPE_OBJECTS, NODE_AFFINITY, NULL},
	{"pod_affinity", SHAPE_OBJECTS, POD_AFFINITY, NULL},
	{"init_containers", SHAPE_OBJECTS, INIT_CONTAINER, NULL},
	{0},
};

enum { MEMBERS_MAX = sizeof BLOCK / sizeof *BLOCK };

static const struct member *find_member(const struct member *m, struct str name,
					size_t *at)
{
	for (*at = 0; m[*at].name; (*at)++)
		if (str_is(name, m[*at].name))
			return &m[*at];
	return NULL;
}

static void suggest_members(struct diag *d, struct span at, struct str wanted,
			    const struct member *m)
{
	struct suggestion best = {.wanted = wanted};

	for (; m->name; m++)
		suggest(&best, str_of(m->name));
	diag_suggest(d, at, &best);
}

static void check_word(struct scope *c, const struct node *value, const struct member *m)
{
	struct suggestion best = {.wanted = value->string.value};
	struct buf all = {0};
	struct diag *d;

	for (int i = 0; m->words[i]; i++) {
		if (str_is(value->string.value, m->words[i])) {
			buf_release(&all);
			return;
		}
		suggest(&best, str_of(m->words[i]));
		buf_addf(&all, "%s%s", i ? ", " : "", m->words[i]);
	}
	d = diag(c->s->parse.diags, value->span, E0408, "'%s' cannot be this", m->name);
	diag_label(d, "one of: %s", buf_cstr(&all));
	buf_release(&all);
	if (best.best.n)
		diag_suggest(d, value->span, &best);
}

static const struct type *plain_type(struct types *t, enum shape shape)
{
	switch (shape) {
	case SHAPE_INT: return t->integer;
	case SHAPE_BOOL: return t->boolean;
	case SHAPE_SIZE: return type_builtin(t, STR("size"));
	case SHAPE_LIST_STR: return type_list(t, t->string);
	case SHAPE_DICT_STR: return type_dict(t, t->string);
	default: return t->string;
	}
}

/* A member of an object; at: which.  False if there is none of this name. */
static bool check_pair(struct scope *c, struct node *pair, const struct member *members,
		       struct span *seen)
{
	struct node *key = pair->pair.key;
	const struct member *m;
	struct diag *d;
	size_t at;

	if (key->kind != AST_STRING) {
		diag(c->s->parse.diags, key->span, E0408, "a key here is written out");
		return false;
	}
	key->type = c->s->types->string;
	m = find_member(members, key->string.value, &at);
	if (!m) {
		d = diag(c->s->parse.diags, key->span, E0406, "there is no '%.*s' here",
			 STR_ARG(str_sub(key->string.value, 0, 60)));
		suggest_members(d, key->span, key->string.value, members);
		return false;
	}
	if (seen[at].lo) {
		d = diag(c->s->parse.diags, key->span, E0407, "'%s' is given twice",
			 m->name);
		diag_note(d, seen[at], "it is given here already");
	}
	seen[at] = key->span;
	check_wanted(c, pair->pair.value, plain_type(c->s->types, m->shape),
		     arena_printf(c->s->parse.arena, "'%s'", m->name).p, SPAN_NONE);
	if (m->words && pair->pair.value->kind == AST_STRING)
		check_word(c, pair->pair.value, m);
	return true;
}

/* Paths within a container are whole ones. */
static void check_path(struct scope *c, const struct node *path)
{
	if (path->kind == AST_STRING && !str_has_prefix(path->string.value, STR("/")))
		diag(c->s->parse.diags, path->span, E0408,
		     "a path in a container begins with '/'");
}

static const struct node *member_of(const struct node *object, const char *name)
{
	list_each(pair, &object->dict.pairs) {
		if (pair->kind == AST_PAIR && pair->pair.key->kind == AST_STRING &&
		    str_is(pair->pair.key->string.value, name))
			return pair->pair.value;
	}
	return NULL;
}

static void check_volume(struct scope *c, const struct node *object,
			 const struct span *seen)
{
	int kinds = 0;

	for (int i = 0; i < KINDS; i++)
		kinds += seen[i].lo != 0;
	if (kinds != 1)
		diag(c->s->parse.diags, object->span, E0408,
		     "a volume has one of \"pvc\", \"secret\", \"config_map\", "
		     "\"empty_dir\" and \"ephemeral\"");
	else if (!seen[KINDS].lo)
		diag(c->s->parse.diags, object->span, E0408,
		     "a volume needs a \"path\": where it is mounted");
	else
		check_path(c, member_of(object, "path"));
}

/* The first of these have to be there. */
static size_t required_of(const struct member *m)
{
	return m == MAP_ENV ? 3 : m == NODE_AFFINITY || m == INIT_CONTAINER ? 2
	       : m == POD_AFFINITY ? 1 : 0;
}

static void check_required(struct scope *c, const struct node *object,
			   const struct member *m, const struct span *seen)
{
	for (size_t i = 0; i < required_of(m); i++)
		if (!seen[i].lo)
			diag(c->s->parse.diags, object->span, E0408,
			     "a \"%s\" is missing here", m[i].name);
}

static void check_object(struct scope *c, struct node *object, const struct member *m)
{
	struct span seen[MEMBERS_MAX] = {0};
	bool known = true;

	if (object->kind != AST_DICT) {
		if (object->kind != AST_ERROR)
			diag(c->s->parse.diags, object->span, E0408,
			     "'%s' is a list of dicts, written out", m->name);
		return;
	}
	list_each(pair, &object->dict.pairs) {
		if (pair->kind == AST_PAIR)
			known = check_pair(c, pair, m->members, seen) && known;
	}
	if (known && m->members == VOLUME)
		check_volume(c, object, seen);
	if (known)
		check_required(c, object, m->members, seen);
}

static void check_member(struct scope *c, struct node *value, const struct member *m)
{
	if (m->shape != SHAPE_OBJECTS) {
		check_wanted(c, value, plain_type(c->s->types, m->shape),
			     arena_printf(c->s->parse.arena, "'%s'", m->name).p,
			     SPAN_NONE);
		if (m->words && value->kind == AST_STRING)
			check_word(c, value, m);
		return;
	}
	if (value->kind != AST_LIST) {
		if (value->kind != AST_ERROR)
			diag(c->s->parse.diags, value->span, E0408,
			     "'%s' is a list of dicts, written out", m->name);
		return;
	}
	list_each(object, &value->list.items)
		check_object(c, object, m);
}

/* The names of the volumes that are made for the pod alone: others have none. */
static void name_volumes(struct scope *c, const struct list *items,
			 struct suggestion *near, struct map *names)
{
	list_each(item, items) {
		struct span at;
		const struct sym *name = item->kind == AST_BIND ? item_name(item, &at) : NULL;

		if (name && !strcmp(name->s, "shared_memory"))
			map_set(names, STR("shm"), c);
		if (!name || strcmp(name->s, "volumes") ||
		    item->bind.value->kind != AST_LIST)
			continue;
		list_each(v, &item->bind.value->list.items) {
			const struct node *own = NULL;

			if (v->kind == AST_DICT)
				own = member_of(v, "empty_dir");
			if (v->kind == AST_DICT && !own)
				own = member_of(v, "ephemeral");
			if (!own || own->kind != AST_STRING)
				continue;
			map_set(names, own->string.value, c);
			suggest(near, own->string.value);
		}
	}
}

/* `mounts` of an init container: a volume of the block, and where it is. */
static void check_mount(struct scope *c, const struct node *pair, const struct list *items)
{
	const struct node *key = pair->pair.key, *path = pair->pair.value;
	struct suggestion near = {.wanted = key->string.value};
	struct map names = {0};
	struct diag *d;

	name_volumes(c, items, &near, &names);
	if (map_get(&names, key->string.value)) {
		check_path(c, path);
	} else {
		d = diag(c->s->parse.diags, key->span, E0408,
			 "'%.*s' is no \"empty_dir\" or \"ephemeral\" volume of this block",
			 STR_ARG(str_sub(key->string.value, 0, 60)));
		if (path->kind == AST_STRING && map_get(&names, path->string.value))
			diag_label(d, "the other way round: the volume, then its path");
		else
			diag_suggest(d, key->span, &near);
	}
	map_release(&names);
}

static void check_mounts(struct scope *c, const struct node *list,
			 const struct list *items)
{
	list_each(object, &list->list.items) {
		const struct node *mounts =
			object->kind == AST_DICT ? member_of(object, "mounts") : NULL;

		if (!mounts || mounts->kind != AST_DICT)
			continue;
		list_each(pair, &mounts->dict.pairs) {
			if (pair->kind == AST_PAIR && pair->pair.key->kind == AST_STRING)
				check_mount(c, pair, items);
		}
	}
}

void check_kubernetes(struct scope *c, struct list *items)
{
	const char *names[MEMBERS_MAX]; /* the last one is NULL */
	struct span seen[MEMBERS_MAX] = {0}, at;

	for (size_t i = 0; i < MEMBERS_MAX; i++)
		names[i] = BLOCK[i].name;
	list_each(item, items) {
		const struct sym *name = item_name(item, &at);
		const struct member *m;
		size_t i;

		if (item->kind == AST_PASS || item->kind == AST_ERROR)
			continue;
		if (item->kind != AST_BIND || !name) {
			diag(c->s->parse.diags, item->span, E0412,
			     "'kubernetes' holds lines of the form 'name = value'");
			continue;
		}
		m = find_member(BLOCK, sym_str(name), &i);
		if (!m) {
			say_no_setting(c, name, at, "'kubernetes'", names);
			continue;
		}
		if (seen[i].lo) {
			struct diag *d = diag(c->s->parse.diags, at, E0407,
					      "'%s' is given twice", name->s);

			diag_note(d, seen[i], "it is given here already");
			continue;
		}
		seen[i] = at;
		check_member(c, item->bind.value, m);
		if (m->members == INIT_CONTAINER && item->bind.value->kind == AST_LIST)
			check_mounts(c, item->bind.value, items);
	}
}
