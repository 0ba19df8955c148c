#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/cli/output.h"
#include "compiler/cli/source.h"
#include "compiler/ir/compile.h"
#include "compiler/tool/reference.h"
#include "runtime/base/io.h"
#include "stdlib/library.h"

static const char *const ENDINGS[] = {
	[REFERENCE_TEXT] = ".txt",
	[REFERENCE_MARKDOWN] = ".md",
	[REFERENCE_JSON] = ".json",
};

static int no_such_name(const struct reference *r, struct str name)
{
	struct suggestion near = {.wanted = name};
	struct err err;

	for (uint32_t i = 0; i < r->nentries; i++)
		suggest(&near, r->entries[i].name);
	if (near.best.n)
		err_setk(&err, ERR_INPUT, "%.*s declares no '%.*s'; did you mean '%.*s'?",
			 STR_ARG(r->name), STR_ARG(name), STR_ARG(near.best));
	else
		err_setk(&err, ERR_INPUT, "%.*s declares no '%.*s'", STR_ARG(r->name),
			 STR_ARG(name));
	return cli_fail(&err);
}

static int print_named(struct cli *c, const struct reference *r, enum reference_form form,
		       unsigned columns, struct buf *out)
{
	bool bold = !cli_has(c, OPT_doc_output) && cli_colour(STDOUT_FILENO);

	if (c->nargs == 1)
		reference_print(r, form, columns, bold, out);
	for (int i = 1; i < c->nargs; i++) {
		const struct reference_entry *e =
			reference_find(r, str_of(c->args[i]));

		if (!e)
			return no_such_name(r, str_of(c->args[i]));
		buf_addz(out, i > 1 && form == REFERENCE_TEXT ? "\n" : "");
		reference_print_entry(e, form, columns, bold, out);
	}
	return EXIT_DONE;
}

/* "std.data"; a file of this name would end in .kfp. */
static bool is_library(const char *path)
{
	return str_has_prefix(str_of(path), STR("std.")) &&
	       !str_has_suffix(str_of(path), STR(".kfp"));
}

/* "iris" of "dir/iris.kfp" */
static struct str module_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str name = str_of(slash ? slash + 1 : path);

	if (is_library(path))
		return str_of(path);
	return str_has_suffix(name, STR(".kfp")) ? str_sub(name, 0, name.n - 4) : name;
}

/* A module of the standard library. */
static struct node *parse_library(struct cli *c, struct compilation *comp,
				  const char *module, struct err *err)
{
	struct str path = arena_printf(&c->arena, "std/%s.kfp", module + strlen("std."));
	const char *folder = getenv("KFPC_STDLIB");
	struct buf known = {0};
	struct str text;

	if (folder && *folder)
		return compile_parse(comp, io_join(&c->arena, str_of(folder), path).p,
				     err);
	if (library_find(path, &text))
		return compile_parse_text(comp, path, text);
	for (size_t i = 0; library_path(i); i++) {
		struct str file = str_of(library_path(i));

		if (str_has_suffix(file, STR(".kfp")))
			buf_addf(&known, "%s std.%.*s", known.n ? "," : "",
				 STR_ARG(str_sub(file, 4, file.n - 4)));
	}
	err_setk(err, ERR_INPUT, "the standard library has no '%s'; it has%.*s", module,
		 STR_ARG(buf_str(&known)));
	buf_release(&known);
	return NULL;
}

static int document(struct cli *c, struct compilation *comp, enum reference_form form)
{
	const char *path = c->args[0];
	unsigned columns = cli_has(c, OPT_doc_output) ? 80 : io_columns(STDOUT_FILENO);
	struct reference r;
	struct buf out = {0};
	struct err err;
	struct node *tree = is_library(path) ? parse_library(c, comp, path, &err)
					     : compile_parse(comp, path, &err);
	int rc, wrong;

	if (!tree)
		return cli_fail(&err);
	wrong = source_report_syntax(comp);
	reference_read(&r, strcmp(path, "-") ? module_name(path) : STR("<stdin>"),
		       src_file_at(&comp->src, tree->span.lo), tree, &c->arena);
	rc = print_named(c, &r, form, columns, &out);
	rc = rc ? rc
		: output_deliver(c, cli_get(c, OPT_doc_output),
				 output_name(c, c->args[0], ENDINGS[form]), &out);
	buf_release(&out);
	return rc ? rc : wrong;
}

int cmd_doc(struct cli *c)
{
	enum reference_form form = cli_has(c, OPT_doc_json)	  ? REFERENCE_JSON
				   : cli_has(c, OPT_doc_markdown) ? REFERENCE_MARKDOWN
								  : REFERENCE_TEXT;
	struct compilation comp;
	int rc;

	if (!c->nargs)
		return cli_usage(c, "a file, or a module such as std.data, is wanted");
	if (cli_has(c, OPT_doc_json) && cli_has(c, OPT_doc_markdown))
		return cli_usage(c, "--json and --markdown are two forms; one is wanted");
	compilation_init(&comp);
	rc = document(c, &comp, form);
	compilation_release(&comp);
	return rc;
}
