/* `container:` of a component: the words of its command. */
#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"

static const char *const NAMES[] = {"command", "args", NULL};

/* x.path and x.uri. */

static bool is_file_part(const struct sym *name)
{
	return !strcmp(name->s, "path") || !strcmp(name->s, "uri");
}

/* Has it a place?  Every output has, if only for its value. */
static bool has_file(const struct symbol *sym, const struct sym *part)
{
	if (type_holds_artifacts(sym->type) || sym->type->kind == TYPE_ERROR)
		return true;
	return sym->kind == SYMBOL_OUTPUT && !strcmp(part->s, "path");
}

/* run.id and task.id would make another container of each run. */
static bool is_of_the_run(const struct scope *c, const struct node *object)
{
	struct str name = sym_str(object->name.name);

	return (str_is(name, "run") || str_is(name, "task")) &&
	       !scope_peek(c, name);
}

bool check_file_field(struct scope *c, struct node *node, struct result *out)
{
	struct node *object = node->field.object;
	struct types *types = c->s->types;
	struct symbol *sym;
	const struct type *t;

	if (c->place != PLACE_CONTAINER || object->kind != AST_NAME)
		return false;
	if (is_of_the_run(c, object)) {
		diag(c->s->parse.diags, node->span, E0303,
		     "a command sees the parameters of its component, not '%s.%s'",
		     object->name.name->s, node->field.name->s);
		*out = result_of_type(types->error);
		return true;
	}
	if (!is_file_part(node->field.name))
		return false;
	sym = map_get(&c->locals, sym_str(object->name.name));
	if (!sym || (sym->kind != SYMBOL_PARAM && sym->kind != SYMBOL_OUTPUT) ||
	    !has_file(sym, node->field.name))
		return false;
	symbol_use(sym);
	object->ref = node->ref = sym;
	object->type = t = scope_narrowed(c, object, sym->type);
	*out = result_of_type(types->string);
	if (sym->kind == SYMBOL_PARAM && t->kind == TYPE_OPT)
		*out = result_of_type(type_opt(types, types->string));
	return true;
}

/* The words. */

static void say_path(struct scope *c, const struct node *node)
{
	struct str put = arena_printf(c->s->parse.arena, "%.*s.path",
				      STR_ARG(src_text(c->s->parse.src, node->span)));
	struct diag *d = diag(c->s->parse.diags, node->span, E0308,
			      "a word of a command is a str, this is %s",
			      type_text(c, node->type));

	diag_fix(d, node->span, put, "write %s", put.p);
}

static void check_word(struct scope *c, struct node *node, const struct type *word)
{
	const struct type *t = check_value(c, node, word);

	if (node->kind == AST_NAME && type_holds_artifacts(t))
		say_path(c, node);
	else if (t->kind == TYPE_LIST && type_assignable(t->elem, word))
		diag_label(diag(c->s->parse.diags, node->span, E0308,
				"a word of a command is a str, this is %s",
				type_text(c, t)),
			   "join lists with '+': [...] + ...");
	else
		check_fits(c, node, t, word, "a word of a command", SPAN_NONE);
}

static void check_words(struct scope *c, struct node *value, const char *what)
{
	const struct type *word = type_opt(c->s->types, c->s->types->string);
	const struct type *words = type_list(c->s->types, word);

	if (value->kind != AST_LIST) {
		check_wanted(c, value, words, what, SPAN_NONE);
		return;
	}
	list_each(item, &value->list.items)
		check_word(c, item, word);
	value->type = words;
}

/* Scripts: rule 29. */

static bool is_shell(struct str s)
{
	static const char *const SHELLS[] = {"sh", "bash", "dash", "ash", "zsh", "ksh"};

	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == '/') {
			s = str_sub(s, i + 1, s.n);
			break;
		}
	for (size_t i = 0; i < sizeof SHELLS / sizeof *SHELLS; i++)
		if (str_is(s, SHELLS[i]))
			return true;
	return false;
}

/* Does it put text into the script that could mean something there? */
static bool puts_text(const struct node *script)
{
	if (script->kind == AST_BINARY)
		return puts_text(script->binary.left) || puts_text(script->binary.right);
	if (script->kind != AST_FSTRING)
		return script->kind == AST_NAME && script->ref &&
		       script->ref->kind == SYMBOL_PARAM;
	list_each(part, &script->fstring.parts) {
		const struct node *v =
			part->kind == AST_FORMAT ? part->format.value : NULL;
		bool is_path = v && v->kind == AST_FIELD && v->ref &&
			       is_file_part(v->field.name);

		if (v && v->type && !is_path && type_strip(v->type)->kind == TYPE_STR)
			return true;
	}
	return false;
}

/* `-c`, `-ec` and the like, after the name of a shell. */
static bool is_script_option(const struct node *node)
{
	return node->kind == AST_STRING && node->string.value.n > 1 &&
	       node->string.value.p[0] == '-' && node->string.value.p[1] != '-' &&
	       str_has_suffix(node->string.value, STR("c"));
}

/* Walks through the words of a list; state: what came before. */
static void lint_words(struct scope *c, const struct node *words, unsigned *state)
{
	enum { NOTHING, SHELL, SCRIPT };

	if (!words || words->kind != AST_LIST)
		return;
	list_each(item, &words->list.items) {
		if (*state == SCRIPT && puts_text(item))
			diag_label(diag(c->s->parse.diags, item->span, W0504,
					"a value becomes a part of a shell script here"),
				   "pass it after the script: [..., 'echo \"$1\"', "
				   "\"sh\", x]");
		if (item->kind == AST_STRING && is_shell(item->string.value))
			*state = SHELL;
		else if (*state == SHELL && is_script_option(item))
			*state = SCRIPT;
		else if (*state == SCRIPT)
			*state = NOTHING;
	}
}

/* The block. */

/* What the expressions see: the signature of the component. */
static void bind_signature(struct scope *c, struct symbol *component)
{
	for (uint32_t i = 0; i < component->nparams; i++)
		scope_rebind(c, component->params[i]);
	for (uint32_t i = 0; i < component->nouts; i++) {
		const struct symbol_out *o = &component->outs[i];
		struct symbol *sym = symbol_new(c->s, SYMBOL_OUTPUT, o->name,
						o->decl->output.name_at);

		sym->type = o->type;
		sym->index = i;
		scope_rebind(c, sym);
	}
}

static void check_item(struct scope *c, struct node *item, struct map *seen)
{
	struct span at;
	const struct sym *name = item_name(item, &at);
	const struct node *old;

	if (item->kind == AST_PASS || item->kind == AST_ERROR)
		return;
	if (!name) {
		diag(c->s->parse.diags, item->span, E0412,
		     "'container' holds lines of the form 'command = [...]'");
		return;
	}
	if (item->kind != AST_BIND ||
	    (strcmp(name->s, "command") != 0 && strcmp(name->s, "args") != 0)) {
		struct diag *d = say_no_setting(c, name, at, "'container'", NAMES);

		if (!strcmp(name->s, "image"))
			diag_label(d, "the image belongs to the environment");
		return;
	}
	old = map_set(seen, sym_str(name), item);
	if (old)
		diag_note(diag(c->s->parse.diags, at, E0407, "'%s' is given twice",
			       name->s),
			  old->span, "it is given here already");
	check_words(c, item->bind.value,
		    arena_printf(c->s->parse.arena, "'%s'", name->s).p);
}

static const struct node *words_of(const struct map *seen, const char *name)
{
	const struct node *item = map_get(seen, str_of(name));

	return item ? item->bind.value : NULL;
}

void check_container(struct sema *s, struct symbol *component, const struct list *items)
{
	struct map seen = {0};
	unsigned state = 0;
	struct scope c;

	scope_init(&c, s, component->file, PLACE_CONTAINER);
	c.owner = component;
	bind_signature(&c, component);
	list_each(item, items)
		check_item(&c, item, &seen);
	lint_words(&c, words_of(&seen, "command"), &state);
	lint_words(&c, words_of(&seen, "args"), &state);
	scope_release(&c);
	map_release(&seen);
}
