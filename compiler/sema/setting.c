#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"

const struct sym *item_name(const struct node *item, struct span *at)
{
	const struct node *target = NULL;

	if (item->kind == AST_ARG) {
		*at = item->arg.name_at;
		return item->arg.name;
	}
	if (item->kind == AST_BIND)
		target = item->bind.target;
	else if (item->kind == AST_GROUP)
		target = item->group.target;
	if (!target || target->kind != AST_NAME)
		return NULL;
	*at = target->span;
	return target->name.name;
}

static struct node *item_value(const struct node *item)
{
	if (item->kind == AST_ARG)
		return item->arg.value;
	return item->kind == AST_BIND ? item->bind.value : NULL;
}

struct diag *say_no_setting(struct scope *c, const struct sym *name, struct span at,
			    const char *of, const char *const *names)
{
	struct suggestion best = {.wanted = sym_str(name)};
	struct diag *d = diag(c->s->parse.diags, at, E0406, "%s has no setting '%s'", of,
			      name->s);

	for (; *names; names++)
		suggest(&best, str_of(*names));
	diag_suggest(d, at, &best);
	return d;
}

static const char *place_name(char place)
{
	switch (place) {
	case 'C': return "a component";
	case 'R': return "'resources'";
	case 'W': return "a task";
	case 'F': return "a loop";
	default: return "a pipeline";
	}
}

static void say_unknown(struct scope *c, const struct sym *name, struct span at,
			char place)
{
	const char *names[SETTING_N + 8] = {NULL};
	enum setting id = setting_find(sym_str(name));
	struct diag *d;
	size_t n = 0;

	for (enum setting s = 0; s < SETTING_N; s++) {
		if (setting_allowed(s, place))
			names[n++] = setting_name(s);
	}
	if (place == 'C') {
		names[n++] = "environment";
		names[n++] = "resources";
		names[n++] = "python";
		names[n++] = "native";
		names[n++] = "kubernetes";
	}
	d = say_no_setting(c, name, at, place_name(place), names);
	if (id != SETTING_N && setting_allowed(id, 'R') && place == 'C')
		diag_label(d, "it belongs in 'resources:'");
	else if (id != SETTING_N && setting_allowed(id, 'W'))
		diag_label(d, "it belongs to a call: with %s=...", name->s);
	else if (id != SETTING_N && setting_allowed(id, 'P'))
		diag_label(d, "it belongs in the 'settings:' of a pipeline");
}

static bool is_collect(struct scope *c, const struct node *item)
{
	return item->kind == AST_CALL && item->call.callee->kind == AST_NAME &&
	       !strcmp(item->call.callee->name.name->s, "collect") &&
	       !scope_find(c, item->call.callee->name.name);
}

static void check_after_item(struct scope *c, struct node *item)
{
	struct result r;

	if (is_collect(c, item)) {
		check_collect_waited(c, item);
		return;
	}
	r = check_operand(c, item, NULL, false);
	if (r.kind == RESULT_TASK && item->kind == AST_NAME)
		return;
	if (r.kind == RESULT_VALUE && r.type->kind == TYPE_ERROR)
		return;
	diag(c->s->parse.diags, item->span, E0408,
	     "'after' names tasks, and this is not the name of one");
}

static void check_after(struct scope *c, struct node *value)
{
	if (value->kind != AST_LIST) {
		struct str text = src_text(c->s->parse.src, value->span), put;
		struct diag *d = diag(c->s->parse.diags, value->span, E0408,
				      "'after' is a list of tasks");

		put = arena_printf(c->s->parse.arena, "[%.*s]",
				   STR_ARG(str_sub(text, 0, 60)));
		if (value->kind == AST_NAME)
			diag_fix(d, value->span, put, "write %s", put.p);
		return;
	}
	list_each(item, &value->list.items)
		check_after_item(c, item);
}

static void say_word(struct scope *c, enum setting id, const struct node *value)
{
	const char *const *words = setting_words(id);
	struct suggestion best = {.wanted = sym_str(value->name.name)};
	struct diag *d;

	if (!words) {
		diag(c->s->parse.diags, value->span, E0408, "'%s' is on or off",
		     c->setting);
		return;
	}
	d = diag(c->s->parse.diags, value->span, E0408, "'%s' is %s or %s", c->setting,
		 words[0], words[1]);
	for (; *words; words++)
		suggest(&best, str_of(*words));
	diag_suggest(d, value->span, &best);
}

static bool is_word(enum setting id, const char *word)
{
	const char *const *words = setting_words(id);

	for (; words && *words; words++)
		if (!strcmp(*words, word))
			return true;
	return !setting_words(id) && (!strcmp(word, "on") || !strcmp(word, "off"));
}

bool check_bare(struct scope *c, enum setting id, struct node *value,
		const struct type *want)
{
	if (value->kind != AST_NAME || (want->kind != TYPE_BOOL && !setting_words(id)))
		return false;
	value->type = want;
	if (is_word(id, value->name.name->s))
		return true;
	if (scope_find(c, value->name.name))
		return false;
	say_word(c, id, value);
	return true;
}

static void check_known(struct scope *c, enum setting id, struct node *value, char place)
{
	const struct type *want = setting_type(id, c->s->types);
	enum place around = c->place;

	if (id == SETTING_AFTER) {
		check_after(c, value);
		return;
	}
	c->setting = setting_name(id);
	if (check_bare(c, id, value, want))
		return;
	c->place = place == 'W' || place == 'F' ? PLACE_SETTING : PLACE_CONST;
	if (value->kind == AST_CALL && value->call.callee->kind == AST_NAME &&
	    !strcmp(value->call.callee->name.name->s, "secret")) {
		check_value(c, value, NULL);
	} else {
		check_wanted(c, value, want,
			     arena_printf(c->s->parse.arena, "'%s'", setting_name(id)).p,
			     SPAN_NONE);
	}
	c->place = around;
}

void check_setting(struct scope *c, struct node *item, char place,
		   struct settings_seen *seen)
{
	struct node *value = item_value(item);
	struct span at;
	const struct sym *name = item_name(item, &at);
	enum setting id = name ? setting_find(sym_str(name)) : SETTING_N;

	if (!name || item->kind == AST_GROUP)
		return;
	if (id == SETTING_N || !setting_allowed(id, place)) {
		say_unknown(c, name, at, place);
		return;
	}
	if (seen->at[id].lo) {
		struct diag *d = diag(c->s->parse.diags, at, E0407, "'%s' is given twice",
				      name->s);

		diag_note(d, seen->at[id], "it is given here already");
		return;
	}
	seen->at[id] = at;
	check_known(c, id, value, place);
}

void check_settings(struct scope *c, struct list *items, char place,
		    struct settings_seen *seen)
{
	groups_to_dicts(c->s, items);
	list_each(item, items) {
		if (item->kind == AST_ARG || item->kind == AST_BIND)
			check_setting(c, item, place, seen);
		else if (item->kind != AST_ERROR && item->kind != AST_PASS)
			diag(c->s->parse.diags, item->span, E0412,
			     "settings are lines of the form 'name = value'");
	}
}

/* `labels:` and its lines as labels = {...}. */
static struct node *group_to_bind(struct sema *s, const struct node *group)
{
	struct node *bind = node_new(s->parse.arena, AST_BIND, group->span);
	struct node *dict = node_new(s->parse.arena, AST_DICT, group->span);

	list_each(item, &group->group.items) {
		struct span at;
		const struct sym *name = item->kind == AST_BIND ? item_name(item,
									    &at) : NULL;
		struct node *pair, *key;

		if (!name) {
			if (item->kind != AST_ERROR && item->kind != AST_PASS)
				diag(s->parse.diags, item->span, E0412,
				     "labels are lines of the form 'name = \"value\"'");
			continue;
		}
		key = node_new(s->parse.arena, AST_STRING, at);
		key->string.value = sym_str(name);
		pair = node_new(s->parse.arena, AST_PAIR, item->span);
		pair->pair.key = key;
		pair->pair.value = item->bind.value;
		list_add(&dict->dict.pairs, pair);
	}
	bind->bind.target = group->group.target;
	bind->bind.value = dict;
	return bind;
}

void groups_to_dicts(struct sema *s, struct list *items)
{
	struct node *prev = NULL;

	list_each(item, items) {
		struct node *target = item->kind == AST_GROUP ? item->group.target : NULL;

		if (target && target->kind == AST_NAME &&
		    !strcmp(target->name.name->s, "labels")) {
			struct node *bind = group_to_bind(s, item);

			bind->next = item->next;
			*(prev ? &prev->next : &items->first) = bind;
			if (items->last == item)
				items->last = bind;
			item = bind;
		}
		prev = item;
	}
}
