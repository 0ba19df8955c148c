/* Commands that are verbs of the shell, with the session's run filled in. */
#include <config.h>

#include "compiler/repl/repl_int.h"

int command_verb(struct repl *r, const char *const *words, size_t n)
{
	const char **all = ARENA_ARRAY(&r->arena, n + 3, const char *);
	size_t k = 0;

	for (; k < n; k++)
		all[k] = words[k];
	if (r->opts->store) {
		all[k++] = "--store";
		all[k++] = r->opts->store;
	}
	return r->host->verb(r->host->ctx, (int)k, all);
}

/* Words of these options are their values. */
static bool takes_value(const char *word)
{
	static const char *const options[] = {"-o", "--output", "--attempt"};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (!strcmp(word, options[i]))
			return true;
	return false;
}

/* "fit" is a task of the session, "@-2" or "5f6a90c1/fit" something of the store. */
static const char *target(struct repl *r, const char *word)
{
	struct str s = str_of(word), task = str_sub(s, 0, str_find(s, STR("."), 0));
	size_t hex = strspn(word, "0123456789abcdef-");
	bool is_run = hex >= 4 && (word[hex] == '\0' || word[hex] == '/');

	if (s.n && (s.p[0] == '@' || (is_run && !map_get(&r->tasks, s) &&
				      !map_get(&r->tasks, task))))
		return word;
	return arena_printf(&r->arena, "%s/%s", run_session_id(r->session), word).p;
}

static bool has_run(const struct repl *r)
{
	return r->session && run_session_id(r->session)[0];
}

/* The verb with what it is about in the place of the first word that is no option. */
static int look(struct repl *r, const char *verb, const struct command_line *l)
{
	const char **words = ARENA_ARRAY(&r->arena, l->nwords + 4, const char *);
	bool has_target = false;
	size_t n = 0;

	words[n++] = verb;
	for (size_t i = 0; i < l->nwords; i++) {
		const char *word = l->words[i];
		bool is_target = !has_target && word[0] != '-' &&
				 !(i && takes_value(l->words[i - 1]));

		if (is_target && !has_run(r) && word[0] != '@') {
			repl_say(r, "nothing has run yet");
			return REPL_USAGE;
		}
		words[n++] = is_target ? target(r, word) : word;
		has_target |= is_target;
	}
	if (!has_target && !has_run(r)) {
		repl_say(r, "nothing has run yet");
		return REPL_DONE;
	}
	if (!has_target)
		words[n++] = run_session_id(r->session);
	if (!strcmp(verb, "metrics") && !r->opts->is_json)
		words[n++] = "--course";
	if (r->opts->is_json && strcmp(verb, "logs") && strcmp(verb, "get"))
		words[n++] = "--json";
	return command_verb(r, words, n);
}

int command_show(struct repl *r, const struct command_line *l)
{
	return look(r, "show", l);
}

int command_logs(struct repl *r, const struct command_line *l)
{
	return look(r, "logs", l);
}

int command_metrics(struct repl *r, const struct command_line *l)
{
	return look(r, "metrics", l);
}

int command_artifacts(struct repl *r, const struct command_line *l)
{
	return look(r, "artifacts", l);
}

int command_get(struct repl *r, const struct command_line *l)
{
	if (!l->nwords || l->words[0][0] == '-')
		return command_usage(r, COMMAND_get, "which output?");
	return look(r, "get", l);
}

int command_runs(struct repl *r, const struct command_line *l)
{
	const char *const words[] = {"runs", "--json"};

	(void)l;
	return command_verb(r, words, r->opts->is_json ? 2 : 1);
}
