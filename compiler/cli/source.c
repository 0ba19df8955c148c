#include <config.h>

#include "compiler/cli/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/cli/pyrun.h"
#include "compiler/cli/target.h"
#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/bc/save.h"

int source_report(const struct compilation *c, unsigned flags)
{
	struct buf out = {0};
	int rc = EXIT_DONE;	/* EXIT_UNUSABLE where they are the result and get lost */

	if (flags & SOURCE_JSON) {
		diag_print_json(&c->diags, &out);
		rc = cli_print(&out);
	} else {
		diag_print_text(&c->diags, cli_colour(STDERR_FILENO), &out);
		io_write_all(STDERR_FILENO, buf_str(&out));
	}
	buf_release(&out);
	return c->diags.nerrors ? EXIT_WRONG : rc;
}

int source_report_syntax(struct compilation *c)
{
	if (!c->diags.nerrors)
		return EXIT_DONE;
	diag_finish(&c->diags);
	return source_report(c, 0);
}

/* The folders of KFPC_PATH, at `at`; NULL counts them. */
static size_t path_folders(struct cli *cli, struct sema_folder *at)
{
	struct str all = str_of(getenv("KFPC_PATH"));
	size_t n = 0;

	for (size_t lo = 0, hi; lo < all.n; lo = hi + 1) {
		hi = str_find(all, STR(":"), lo);
		if (hi == lo)
			continue;
		if (at)
			at[n] = (struct sema_folder){
				arena_str(&cli->arena, str_sub(all, lo, hi)).p,
				"KFPC_PATH"};
		n++;
	}
	return n;
}

struct sema_loader source_loader(struct cli *cli)
{
	size_t n = 0;
	struct sema_folder *folders = ARENA_ARRAY(
		&cli->arena, (size_t)cli->ngiven + path_folders(cli, NULL) + 1,
		struct sema_folder);
	const char *library = getenv("KFPC_STDLIB");

	for (int i = 0; i < cli->ngiven; i++)
		if (!strcmp(cli_option_name(cli->given[i].option), "include"))
			folders[n++] = (struct sema_folder){cli->given[i].value, "-I"};
	n += path_folders(cli, folders + n);
	return (struct sema_loader){
		.folders = folders,
		.nfolders = n,
		.library = library && *library ? library : NULL,
	};
}

int source_check(struct cli *cli, struct compilation *c, const char *path, unsigned flags,
		 struct err *err)
{
	bool python = !(flags & SOURCE_NO_PYTHON);

	struct compile_opts opts = {
		.loader = source_loader(cli),
		.flags = (flags & SOURCE_TESTS ? LOWER_TESTS : 0) |
			 (flags & SOURCE_ONLY_CHECK ? LOWER_ONLY_CHECK : 0),
	};

	if (compile(c, path, &opts, err))
		return -1;
	if (c->parts && python)
		pyrun_check(path, c->parts, c->lowered.decls, &c->src, &c->diags);
	if (c->module && flags & SOURCE_KFP)
		target_check(c, EXPORT_kfp);
	if (c->module && flags & SOURCE_ARGO)
		target_check(c, export_find(STR("argo")));
	allows_apply(&c->allows, &c->diags,
		     ALLOWS_CHECKED | (python ? ALLOWS_PYTHON : 0));
	diag_finish(&c->diags);
	return 0;
}

int source_compile(struct cli *cli, struct compilation *c, const char *path,
		   unsigned flags)
{
	struct err err = {0};

	if (source_check(cli, c, path, flags, &err))
		return cli_fail(&err);
	return source_report(c, flags);
}

/* Compiles path and leaves the saved form in bytes. */
static int compile_to_bytes(struct cli *cli, const char *path, unsigned flags,
			    struct buf *bytes)
{
	struct compilation c;
	int rc;

	compilation_init(&c);
	rc = source_compile(cli, &c, path, flags);
	if (!rc)
		module_save(c.module, bytes);
	compilation_release(&c);
	return rc;
}

int source_load(struct cli *cli, const char *path, unsigned flags, struct module **m,
		struct buf *bytes)
{
	struct err err = {0};
	int rc;

	if (str_has_suffix(str_of(path), STR(".kfpb"))) {
		if (io_read_file(path, LIMIT_FILE_BYTES, bytes, &err))
			return cli_fail(&err);
	} else if ((rc = compile_to_bytes(cli, path, flags, bytes))) {
		return rc;
	}
	*m = module_load(buf_str(bytes), path, &err);
	return *m ? EXIT_DONE : cli_fail(&err);
}
