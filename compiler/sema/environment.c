#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"

static const char *const NAMES[] = {
	"image", "python", "packages", "requirements", "pip_index_urls", "env", NULL,
};

/* secret("name", "key") */
static bool is_secret(const struct node *value)
{
	return value->kind == AST_CALL && value->call.callee->kind == AST_NAME &&
	       !strcmp(value->call.callee->name.name->s, "secret");
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == '/')
			return false;
	}
	return s.n > 0 && !str_is(s, ".") && !str_is(s, "..");
}

static void check_secret(struct scope *c, struct node *call)
{
	bool ok = call->call.args.n == 2;

	list_each(arg, &call->call.args) {
		ok = ok && arg->kind == AST_ARG && !arg->arg.name &&
		     arg->arg.value->kind == AST_STRING &&
		     is_plain(arg->arg.value->string.value);
		if (arg->kind == AST_ARG)
			arg->arg.value->type = c->s->types->string;
	}
	call->type = c->s->types->string;
	if (!ok)
		diag(c->s->parse.diags, call->span, E0404,
		     "a secret is named by two strings: secret(\"name\", \"key\")");
}

static bool sounds_secret(struct str name)
{
	static const char *const WORDS[] = {
		"TOKEN", "PASSWORD", "PASSWD", "SECRET", "API_KEY", "APIKEY",
		"ACCESS_KEY",
		"PRIVATE_KEY", "CREDENTIAL",
	};
	char upper[128];
	size_t n = name.n < sizeof upper ? name.n : sizeof upper;

	for (size_t i = 0; i < n; i++)
		upper[i] = name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 32)
								: name.p[i];
	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
		if (str_find((struct str){upper, n}, str_of(WORDS[i]), 0) < n)
			return true;
	}
	return false;
}

static bool is_variable(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char k = name.p[i];

		if (!(k == '_' || (k >= 'A' && k <= 'Z') || (k >= 'a' && k <= 'z') ||
		      (i && k >= '0' && k <= '9')))
			return false;
	}
	return name.n > 0;
}

static void check_variable(struct scope *c, struct str name, struct span at,
			   struct node *value)
{
	if (!is_variable(name))
		diag(c->s->parse.diags, at, E0408,
		     "'%.*s' cannot be the name of an environment variable",
		     STR_ARG(name));
	if (is_secret(value)) {
		check_secret(c, value);
		return;
	}
	check_wanted(c, value, c->s->types->string, "an environment variable", SPAN_NONE);
	if (value->kind == AST_STRING && value->string.value.n && sounds_secret(name)) {
		struct diag *d = diag(c->s->parse.diags, value->span, W0307,
				      "'%.*s' looks like a secret, written out here",
				      STR_ARG(name));

		diag_label(d, "write secret(\"name\", \"key\")");
	}
}

static void check_env_dict(struct scope *c, struct node *value)
{
	struct map names = {0};

	if (value->kind != AST_DICT) {
		if (value->kind != AST_ERROR)
			diag(c->s->parse.diags, value->span, E0408,
			     "'env' is written as {\"NAME\": \"value\"}");
		return;
	}
	list_each(pair, &value->dict.pairs) {
		struct node *key = pair->kind == AST_PAIR ? pair->pair.key : NULL;

		if (!key)
			continue;
		if (key->kind != AST_STRING) {
			diag(c->s->parse.diags, key->span, E0408,
			     "the name of an environment variable is a string");
			continue;
		}
		key->type = c->s->types->string;
		if (map_set(&names, key->string.value, key))
			diag(c->s->parse.diags, key->span, E0407, "'%.*s' is given twice",
			     STR_ARG(key->string.value));
		check_variable(c, key->string.value, key->span, pair->pair.value);
	}
	map_release(&names);
}

static void check_env_group(struct scope *c, const struct node *group)
{
	struct map names = {0};

	list_each(item, &group->group.items) {
		struct span at;
		const struct sym *name = NULL;

		if (item->kind == AST_BIND)
			name = item_name(item, &at);

		if (!name) {
			if (item->kind != AST_ERROR && item->kind != AST_PASS)
				diag(c->s->parse.diags, item->span, E0412,
				     "variables are lines as 'NAME = \"value\"'");
			continue;
		}
		if (map_set(&names, sym_str(name), item))
			diag(c->s->parse.diags, at, E0407, "'%s' is given twice",
			     name->s);
		check_variable(c, sym_str(name), at, item->bind.value);
	}
	map_release(&names);
}

static void check_version(struct scope *c, struct node *value)
{
	const struct type *t = check_value(c, value, c->s->types->string);
	struct str text = src_text(c->s->parse.src, value->span);
	struct diag *d;

	if (t->kind == TYPE_STR || t->kind == TYPE_ERROR)
		return;
	d = diag(c->s->parse.diags, value->span, E0308,
		 "'python' is a version as a str, this is %s",
		 type_text(c, t));
	if (value->kind == AST_FLOAT || value->kind == AST_INT) {
		struct str put = arena_printf(c->s->parse.arena, "\"%.*s\"",
					      STR_ARG(text));

		diag_fix(d, value->span, put, "write %s", put.p);
	}
}

/* "pandas", "pandas[extra]": not which version. */
static bool has_no_version(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (memchr("=<>~!@/", name.p[i], 7))
			return false;
	return name.n && name.p[0] != '-' && name.p[0] != '.';
}

static void check_packages(struct scope *c, struct node *value)
{
	struct diag *d;

	if (value->kind != AST_LIST || c->file != c->s->files.at[0])
		return;
	list_each(item, &value->list.items) {
		struct str text = item->kind == AST_STRING ? item->string.value : STR("");
		struct str name = str_trim(str_sub(text, 0, str_find(text, STR(";"), 0)));

		if (!has_no_version(name))
			continue;
		d = diag(c->s->parse.diags, item->span, W0309,
			 "the package '%.*s' has no version", STR_ARG(name));
		diag_label(d, "another day gives another one: write '%.*s==...'",
			   STR_ARG(name));
	}
}

static void check_env_setting(struct scope *c, const struct sym *name, struct node *value)
{
	const struct type *string = c->s->types->string;
	const char *what = arena_printf(c->s->parse.arena, "'%s'", name->s).p;

	if (!strcmp(name->s, "python"))
		check_version(c, value);
	else if (!strcmp(name->s, "image") || !strcmp(name->s, "requirements"))
		check_wanted(c, value, string, what, SPAN_NONE);
	else if (!strcmp(name->s, "env"))
		check_env_dict(c, value);
	else
		check_wanted(c, value, type_list(c->s->types, string), what, SPAN_NONE);
	if (!strcmp(name->s, "packages"))
		check_packages(c, value);
}

static void check_item(struct scope *c, struct node *item, struct map *seen)
{
	struct span at;
	const struct sym *name = item_name(item, &at);
	const struct node *old;
	const char *const *known = NAMES;

	if (item->kind == AST_PASS || item->kind == AST_ERROR)
		return;
	if (!name) {
		diag(c->s->parse.diags, item->span, E0412,
		     "an environment holds lines of the form 'name = value'");
		return;
	}
	while (*known && strcmp(*known, name->s) != 0)
		known++;
	if (!*known || (item->kind == AST_GROUP && strcmp(name->s, "env") != 0)) {
		say_no_setting(c, name, at, "an environment", NAMES);
		return;
	}
	old = map_set(seen, sym_str(name), item);
	if (old) {
		struct diag *d = diag(c->s->parse.diags, at, E0407, "'%s' is given twice",
				      name->s);

		diag_note(d, old->span, "it is given here already");
	}
	if (item->kind == AST_GROUP)
		check_env_group(c, item);
	else
		check_env_setting(c, name, item->bind.value);
}

void check_environment(struct sema *s, struct sema_file *file, const struct list *items)
{
	struct map seen = {0};
	struct scope c;

	scope_init(&c, s, file, PLACE_CONST);
	list_each(item, items)
		check_item(&c, item, &seen);
	scope_release(&c);
	map_release(&seen);
}
