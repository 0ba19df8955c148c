/* `kfpc completion`: scripts for shells, which ask `kfpc completion candidates` what can
 * stand where the cursor is.  So what they offer is always what this program knows. */
#include <config.h>

#include <unistd.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/completion.bash.h"
#include "compiler/cli/completion.fish.h"
#include "compiler/cli/completion.zsh.h"
#include "compiler/cli/look.h"
#include "compiler/cli/source.h"
#include "compiler/export/export.h"
#include "runtime/base/diag.h"
#include "runtime/bc/config.h"
#include "runtime/store/index.h"
#include "stdlib/library.h"

static const struct {
	const char *name;
	const unsigned char *text;
	const unsigned *n;
} SHELLS[] = {
	{"bash", completion_bash, &completion_bash_len},
	{"fish", completion_fish, &completion_fish_len},
	{"zsh", completion_zsh, &completion_zsh_len},
};

/* The words of the command line after `kfpc`, up to the one that is being typed. */
struct typed {
	struct cli *c;
	struct str verb, word;		/* word: the last, as far as it was typed */
	enum command command;		/* CMD_N: there is none yet, or it is none */
	const char **args;		/* what is not an option, before word */
	int nargs;
	const char *store;
	struct buf out;
};

/* One line: the word, a tab, what it is; if it goes on from what was typed. */
static void offer(struct typed *t, struct str word, const char *about)
{
	if (!str_has_prefix(word, t->word))
		return;
	buf_addf(&t->out, "%.*s\t%s\n", STR_ARG(word), about);
}

static void offer_words(struct typed *t, const char *words)
{
	struct str all = str_of(words);

	for (size_t lo = 0, hi; lo < all.n; lo = hi + 1) {
		hi = str_find(all, STR(" "), lo);
		offer(t, str_sub(all, lo, hi), "");
	}
}

/* The shell knows its file system better: a line that begins with a colon asks it. */
static void offer_files(struct typed *t, const char *kind)
{
	buf_addf(&t->out, ":%s\n", kind);
}

static void offer_commands(struct typed *t)
{
	for (int i = 0; i < CMD_N; i++)
		offer(t, str_of(COMMANDS[i].name), COMMANDS[i].summary);
}

static struct str option_word(struct typed *t, int option)
{
	return arena_printf(&t->c->arena, "--%s",
			    cli_option_name((enum cli_option)option));
}

static void offer_options(struct typed *t)
{
	for (int i = 0; i < OPT_N; i++)
		if (OPTIONS[i].command == t->command)
			offer(t, option_word(t, i), OPTIONS[i].summary);
	offer(t, STR("--help"), "print help");
}

static void offer_codes(struct typed *t)
{
	for (enum diag_code code = 0; code < DIAG_NCODES; code++)
		offer(t, str_of(diag_code_name(code)), diag_code_title(code));
}

static void offer_targets(struct typed *t)
{
	static const char *const about[] = {
#define EXPORT(name, summary, ending) summary,
#include "compiler/export/export.def"
#undef EXPORT
	};

	for (int i = 0; i < EXPORT_N; i++)
		offer(t, str_of(export_name((enum export_target)i)), about[i]);
}

/* Runs by the end of their ID and by name, newest first. */
static void offer_runs(struct typed *t, struct store *s)
{
	enum { OFFERED = 50 };
	struct run_list runs;
	struct err err;

	offer(t, STR("@last"), "the newest run");
	if (run_list_load(s, OFFERED, &runs, &err))
		return;
	for (size_t i = 0; i < runs.at.n; i++) {
		const struct run_brief *b = &runs.at.at[i];
		struct buf about = {0};

		buf_addf(&about, "%.*s, %.*s, ", STR_ARG(b->pipeline), STR_ARG(b->state));
		human_time(&about, b->created_ms);
		offer(t, run_short_id(b->id), arena_str(&t->c->arena, buf_str(&about)).p);
		if (b->name.n && !str_eq(b->name, b->pipeline))
			offer(t, look_text(t->c, b->name), "the name of a run");
		buf_release(&about);
	}
	run_list_release(&runs);
}

/* RUN/TASK, and RUN/TASK.OUTPUT where that is wanted. */
static void offer_tasks(struct typed *t, struct store *s, size_t slash, bool outputs)
{
	struct run_view v;
	struct str run = str_sub(t->word, 0, slash);
	char id[RUN_ID_CHARS + 1];
	struct err err;

	if (run_resolve(s, run, id, &err) || run_view_load(s, id, false, &v, &err))
		return;
	for (size_t i = 0; i < v.tasks.n; i++) {
		const struct view_task *task = v.tasks.at[i];
		struct str word = arena_printf(&t->c->arena, "%.*s/%.*s", STR_ARG(run),
					       STR_ARG(task->path));

		if (!outputs)
			offer(t, word, arena_str(&t->c->arena, task->state).p);
		for (size_t j = 0; outputs && j < task->outputs.n; j++)
			offer(t,
			      arena_printf(&t->c->arena, "%.*s.%.*s", STR_ARG(word),
					   STR_ARG(task->outputs.at[j].name)),
			      "");
	}
	run_view_release(&v);
}

static void offer_run(struct typed *t, bool outputs)
{
	struct str path = store_locate(t->store, &t->c->arena);
	size_t slash = str_find(t->word, STR("/"), 0);
	struct err err;
	struct store *s = store_open(path.p, STORE_READ, &err);

	if (!s)
		return;
	if (slash < t->word.n)
		offer_tasks(t, s, slash, outputs);
	else
		offer_runs(t, s);
	store_close(s);
}

enum in_file { ITS_PIPELINES, ITS_CONFIGS, ITS_PARAMS };

/* Settings only behind a dot: every task has a dozen. */
static void offer_params(struct typed *t, const struct module *m)
{
	bool settings = str_find(t->word, STR("."), 0) < t->word.n;
	struct config_slots slots;
	struct err err;

	for (uint32_t i = 0; i < m->npipelines; i++) {
		if (!m->pipelines[i].in_root ||
		    (t->nargs > 1 && !str_is(m->pipelines[i].name, t->args[1])) ||
		    config_slots(m, i, settings, &t->c->arena, &slots, &err))
			continue;
		for (size_t j = 0; j < slots.n; j++)
			offer(t,
			      arena_printf(&t->c->arena, "%.*s=",
					   STR_ARG(slots.at[j].address)),
			      arena_str(&t->c->arena, slots.at[j].type->name).p);
		map_release(&slots.by_address);
	}
}

/* What the program named on the command line declares. */
static void offer_of_file(struct typed *t, const char *path, enum in_file what)
{
	struct compilation comp;
	const struct module *m;
	struct err err;

	compilation_init(&comp);
	if (!source_check(t->c, &comp, path, SOURCE_NO_PYTHON, &err) && comp.module) {
		m = comp.module;
		for (uint32_t i = 0; what == ITS_PIPELINES && i < m->npipelines; i++)
			if (m->pipelines[i].in_root)
				offer(t, m->pipelines[i].name, "");
		for (uint32_t i = 0; what == ITS_CONFIGS && i < m->nconfigs; i++)
			offer(t, m->configs[i].name, "");
		if (what == ITS_PARAMS)
			offer_params(t, m);
	}
	compilation_release(&comp);
}

/* The value of an option. */
static void offer_value(struct typed *t, const struct option_info *o)
{
	static const struct {
		const char *option, *words;
	} choices[] = {
		{"progress", "auto tty plain json quiet"},
		{"env", "venv host"},
		{"python_runtime", "embedded kfp"},
		{"kind", "workflow workflow-template cron-workflow"},
		{"artifact_store", "s3 gcs azure oss"},
		{"image_pull_policy", "Always IfNotPresent Never"},
		{"target", "kfp argo"},
	};
	const char *file = t->nargs ? t->args[t->command == CMD_export] : NULL;

	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		if (!strcmp(o->name, choices[i].option))
			offer_words(t, choices[i].words);
	if (!strcmp(o->arg, "RUN"))
		offer_run(t, false);
	else if (!strcmp(o->arg, "DIR"))
		offer_files(t, "folders");
	else if (!strcmp(o->arg, "PATH"))
		offer_files(t, "files");
	else if (file && !strcmp(o->name, "config"))
		offer_of_file(t, file, ITS_CONFIGS);
	else if (file && !strcmp(o->name, "param"))
		offer_of_file(t, file, ITS_PARAMS);
}

static void offer_modules(struct typed *t)
{
	const char *path;
	struct str stem;

	for (size_t i = 0; (path = library_path(i)); i++) {
		stem = arena_str(&t->c->arena, str_of(path));
		if (!str_has_suffix(stem, STR(".kfp")))
			continue;
		stem.n -= strlen(".kfp");
		*strchr((char *)(uintptr_t)stem.p, '/') = '.';
		offer(t, stem, "of the standard library");
	}
}

/* What is no option: by the words of the command's usage line. */
static void offer_argument(struct typed *t)
{
	struct str all = str_of(COMMANDS[t->command].args), spec = {"", 0};
	size_t lo = 0, hi = 0;

	for (int i = 0; i <= t->nargs && lo < all.n; i++, lo = hi + 1) {
		hi = str_find(all, STR(" "), lo);
		spec = str_sub(all, lo, hi);
	}
	if (str_has_prefix(spec, STR("FILE"))) {
		offer_files(t, "programs");
		if (t->command == CMD_doc)
			offer_modules(t);
	} else if (str_is(spec, "[PIPELINE]") && t->nargs) {
		offer_of_file(t, t->args[t->nargs - 1], ITS_PIPELINES);
	} else if (str_is(spec, "[CODE]...")) {
		offer_codes(t);
	} else if (str_is(spec, "TARGET")) {
		offer_targets(t);
	} else if (str_is(spec, "SHELL")) {
		offer_words(t, "bash fish zsh");
	} else if (str_has_prefix(spec, STR("RUN"))) {
		offer_run(t, t->command == CMD_get);
	}
}

/* The option that takes the word after this one; NULL if none does. */
static const struct option_info *wants_value(struct typed *t, struct str word)
{
	for (int i = 0; i < OPT_N; i++) {
		const struct option_info *o = &OPTIONS[i];

		if (o->command == t->command && o->arg &&
		    (str_eq(word, option_word(t, i)) ||
		     (o->letter && word.n == 2 && word.p[0] == '-' &&
		      word.p[1] == o->letter)))
			return o;
	}
	return NULL;
}

/* "--config=ab": the option, with `ab` in word; what is offered has to begin so. */
static const struct option_info *value_within(struct typed *t)
{
	size_t equals = str_find(t->word, STR("="), 0);
	const struct option_info *o;

	if (!str_has_prefix(t->word, STR("--")) || equals == t->word.n)
		return NULL;
	o = wants_value(t, str_sub(t->word, 0, equals));
	if (o)
		t->word = str_sub(t->word, equals + 1, t->word.n);
	return o;
}

/* Each line again, behind what stands before the value. */
static void put_before(struct typed *t, struct str before)
{
	struct buf out = {0};
	struct str all = buf_str(&t->out);

	for (size_t lo = 0, hi; lo < all.n; lo = hi + 1) {
		hi = str_find(all, STR("\n"), lo);
		if (all.p[lo] != ':')
			buf_add(&out, before);
		buf_add(&out, str_sub(all, lo, hi + 1));
	}
	buf_release(&t->out);
	t->out = out;
}

static void offer_all(struct typed *t, const struct option_info *option)
{
	struct str whole = t->word;

	if (t->command == CMD_N) {
		offer_commands(t);
	} else if (option) {
		offer_value(t, option);
	} else if ((option = value_within(t))) {
		offer_value(t, option);
		put_before(t, str_sub(whole, 0, whole.n - t->word.n));
	} else if (str_has_prefix(t->word, STR("-"))) {
		offer_options(t);
	} else {
		offer_argument(t);
	}
}

static int candidates(struct cli *c)
{
	struct typed t = {.c = c, .command = CMD_N};
	const struct option_info *option = NULL;
	int rc, last = c->nargs - 1;

	t.args = ARENA_ARRAY(&c->arena, (size_t)c->nargs, const char *);
	for (int i = 0; last > 1 && i < CMD_N; i++)
		if (!strcmp(COMMANDS[i].name, c->args[1]))
			t.command = (enum command)i;
	for (int i = 2; i < last; i++) {
		struct str word = str_of(c->args[i]);

		if (option && !strcmp(option->name, "store"))
			t.store = c->args[i];
		else if (!option && !str_has_prefix(word, STR("-")))
			t.args[t.nargs++] = c->args[i];
		option = option ? NULL : wants_value(&t, word);
	}
	t.word = last ? str_of(c->args[last]) : (struct str){"", 0};
	if (last <= 1 || t.command != CMD_N)
		offer_all(&t, option);
	rc = cli_print(&t.out);
	buf_release(&t.out);
	return rc;
}

int cmd_completion(struct cli *c)
{
	struct buf out = {0};
	int rc;

	if (!c->nargs)
		return cli_usage(c, "which shell? (bash, fish or zsh)");
	if (!strcmp(c->args[0], "candidates"))
		return candidates(c);
	for (size_t i = 0; i < sizeof SHELLS / sizeof *SHELLS; i++) {
		if (strcmp(c->args[0], SHELLS[i].name))
			continue;
		buf_add(&out, (struct str){(const char *)SHELLS[i].text, *SHELLS[i].n});
		rc = cli_print(&out);
		buf_release(&out);
		return rc;
	}
	return cli_usage(c, "there is no script for '%s', only for bash, fish and zsh",
			 c->args[0]);
}
