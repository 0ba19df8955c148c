/* kfpc: reads the command line by the table of cmd.def and calls the command. */
#include <config.h>

#include <ctype.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/cli/cli.h"
#include "runtime/base/io.h"
#include "runtime/exec/load_host.h"
#include "runtime/exec/native_host.h"

/* Verbs that the design promises and that this version does not have. */
static const char *const LATER[] = {
	"plan", "diff", "resume", "rerun", "cancel", "import", "submit", "repl",
	"gc", "store", "env", "serve", "new", NULL};

/* Options that the design promises and that this version does not have. */
static const struct {
	const char *command, *option;
} OPTIONS_LATER[] = {
	{"check", "--target"},
	{"run", "--verify"},
	{"show", "--watch"},
};

enum { HELP = 0x1000, FIRST_OPTION = 0x2000 }; /* getopt_long's values for long options */

int cli_usage(const struct cli *c, const char *fmt, ...)
{
	const char *verb = COMMANDS[c->command].name;
	va_list ap;

	fprintf(stderr, "kfpc %s: ", verb);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry 'kfpc %s --help'.\n", verb);
	return EXIT_USAGE;
}

static void add_option_help(struct table *t, struct arena *a, enum cli_option id)
{
	const struct option_info *o = &OPTIONS[id];
	const char *name = cli_option_name(id);
	struct str left = o->letter ? arena_printf(a, "  -%c, --%s", o->letter, name)
				    : arena_printf(a, "      --%s", name);

	if (o->arg)
		left = arena_printf(a, "%.*s %s", STR_ARG(left), o->arg);
	table_cell(t, left);
	table_cell(t, str_of(o->summary));
}

static int command_help(struct cli *c)
{
	const struct command_info *cmd = &COMMANDS[c->command];
	struct table *t = table_new(&c->arena, 2);
	struct buf out = {0};
	int rc;

	buf_addf(&out, "Usage: kfpc %s [OPTION]...%s%s\n\n%c%s.\n", cmd->name,
		 cmd->args[0] ? " " : "", cmd->args,
		 toupper((unsigned char)cmd->summary[0]), cmd->summary + 1);
	buf_addf(&out, cmd->help[0] ? "%s\n\n" : "%s\n", cmd->help);
	for (int i = 0; i < OPT_N; i++)
		if (OPTIONS[i].command == c->command)
			add_option_help(t, &c->arena, (enum cli_option)i);
	table_cell(t, STR("      --help"));
	table_cell(t, STR("print this text"));
	buf_addz(&out, "Options:\n");
	table_print(t, 0, &out);
	rc = cli_print(&out);
	buf_release(&out);
	return rc;
}

static void general_help(FILE *to)
{
	fputs("Usage: kfpc COMMAND [OPTION]... [ARGUMENT]...\n\n"
	      "A language and runtime for machine-learning pipelines.\n\nCommands:\n",
	      to);
	for (int i = 0; i < CMD_N; i++)
		fprintf(to, "  %-11s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
	fputs("\n'kfpc COMMAND --help' tells more about one.\n"
	      "Exit status: 0 done, 1 the program or its config is wrong, 2 wrong "
	      "usage,\n"
	      "3 the run failed, 4 the store, a file or a tool is not usable, 130 "
	      "interrupted.\n",
	      to);
}

static void not_a_command(const char *name)
{
	unsigned best = 3, d;
	const char *near = NULL;

	for (int i = 0; LATER[i]; i++) {
		if (strcmp(LATER[i], name))
			continue;
		fprintf(stderr, "kfpc: '%s' comes in a later version\n", name);
		return;
	}
	for (int i = 0; i < CMD_N; i++) {
		d = str_distance(str_of(name), str_of(COMMANDS[i].name), 2);
		if (d < best) {
			best = d;
			near = COMMANDS[i].name;
		}
	}
	fprintf(stderr, "kfpc: there is no command '%s'", name);
	if (near)
		fprintf(stderr, "; did you mean '%s'?", near);
	fputs("\nTry 'kfpc --help'.\n", stderr);
}

/* The tables that getopt_long wants for the options of one command. */
struct getopt_tables {
	struct option longs[OPT_N + 2];
	char letters[2 * OPT_N + 4];
};

static void make_tables(enum command command, struct getopt_tables *g)
{
	size_t n = 0, l = 0;

	g->letters[l++] = ':';
	for (int i = 0; i < OPT_N; i++) {
		const struct option_info *o = &OPTIONS[i];

		if (o->command != command)
			continue;
		g->longs[n] = (struct option){
			cli_option_name((enum cli_option)i),
			o->arg ? required_argument : no_argument, NULL,
			FIRST_OPTION + i,
		};
		n++;
		if (o->letter) {
			g->letters[l++] = (char)o->letter;
			if (o->arg)
				g->letters[l++] = ':';
		}
	}
	g->longs[n] = (struct option){"help", no_argument, NULL, HELP};
}

static enum cli_option by_letter(enum command command, int letter)
{
	for (int i = 0; i < OPT_N; i++)
		if (OPTIONS[i].command == command && OPTIONS[i].letter == letter)
			return (enum cli_option)i;
	return OPT_N;
}

static int bad_option(struct cli *c, int kind, char **argv)
{
	const char *word = argv[optind - 1];

	if (kind == ':')
		return cli_usage(c, "'%s' needs a value", word);
	if (optopt && optopt < HELP && word[1] != '-')
		return cli_usage(c, "there is no option '-%c'", optopt);
	for (size_t i = 0; i < sizeof OPTIONS_LATER / sizeof *OPTIONS_LATER; i++)
		if (!strcmp(OPTIONS_LATER[i].command, COMMANDS[c->command].name) &&
		    str_has_prefix(str_of(word), str_of(OPTIONS_LATER[i].option)))
			return cli_usage(c, "'%s' comes in a later version", word);
	return cli_usage(c, "there is no option '%s'", word);
}

/* Fills c from argv[1..]; returns -1 to go on, else an exit status. */
static int parse_options(struct cli *c, int argc, char **argv)
{
	struct getopt_tables g = {0};
	int opt;

	make_tables(c->command, &g);
	c->given = ARENA_ARRAY(&c->arena, (size_t)argc + 1, struct cli_given);
	opterr = 0;
	while ((opt = getopt_long(argc, argv, g.letters, g.longs, NULL)) != -1) {
		if (opt == HELP)
			return command_help(c);
		if (opt == '?' || opt == ':')
			return bad_option(c, opt, argv);
		c->given[c->ngiven++] = (struct cli_given){
			opt >= FIRST_OPTION ? (enum cli_option)(opt - FIRST_OPTION)
					    : by_letter(c->command, opt),
			optarg ? optarg : "",
		};
	}
	c->nargs = argc - optind;
	c->args = ARENA_ARRAY(&c->arena, (size_t)c->nargs + 1, const char *);
	for (int i = 0; i < c->nargs; i++)
		c->args[i] = argv[optind + i];
	return -1;
}

static int run_command(enum command command, int argc, char **argv)
{
	struct cli c = {.command = command, .argc = argc, .argv = argv};
	int rc;

	optind = 0;		/* getopt may have read another command line before */
	rc = parse_options(&c, argc - 1, argv + 1);

	if (rc < 0)
		rc = COMMANDS[command].run(&c);
	arena_release(&c.arena);
	return rc;
}

static enum command find_command(const char *verb)
{
	int i = 0;

	while (i < CMD_N && strcmp(COMMANDS[i].name, verb))
		i++;
	return (enum command)i;
}

int cli_verb(int argc, const char *const *words)
{
	char **argv = calloc((size_t)argc + 2, sizeof *argv);
	int rc = EXIT_USAGE, n = 1;
	enum command command = find_command(words[0]);

	if (!argv || !(argv[0] = strdup("kfpc")))
		err_nomem();
	for (; n <= argc; n++)
		if (!(argv[n] = strdup(words[n - 1])))
			err_nomem();
	command == CMD_N ? not_a_command(words[0])
			 : (void)(rc = run_command(command, n, argv));
	/* getopt has put them in another order. */
	while (n)
		free(argv[--n]);
	free(argv);
	return rc;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : NULL;
	enum command command;

	if (argc == 3 && !strcmp(argv[1], NATIVE_HOST_OPTION))
		return native_host(argv[2]);
	if (argc == 3 && !strcmp(argv[1], LOAD_HOST_OPTION))
		return load_host(argv[2]);
	io_open_standard();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* beyond `ulimit -f` a write fails */
	if (!verb) {
		general_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(verb, "--help") || !strcmp(verb, "-h") || !strcmp(verb, "help")) {
		general_help(stdout);
		return cli_print(&(struct buf){0});
	}
	if (!strcmp(verb, "--version"))
		verb = "version";
	command = find_command(verb);
	if (command != CMD_N)
		return run_command(command, argc, argv);
	not_a_command(verb);
	return EXIT_USAGE;
}
