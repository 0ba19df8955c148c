#include <config.h>

#include "compiler/cli/source.h"

#include <stdio.h>
#include <unistd.h>

#include "compiler/cli/pyrun.h"
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

int source_check(struct compilation *c, const char *path, unsigned flags, struct err *err)
{
	bool python = !(flags & SOURCE_NO_PYTHON);

	if (compile(c, path, &(struct compile_opts){0}, err))
		return -1;
	if (c->parts && python)
		pyrun_check(path, c->parts, c->component_decls, &c->src, &c->diags);
	allows_apply(&c->allows, &c->diags,
		     ALLOWS_CHECKED | (python ? ALLOWS_PYTHON : 0));
	diag_finish(&c->diags);
	return 0;
}

int source_compile(struct compilation *c, const char *path, unsigned flags)
{
	struct err err = {0};

	if (source_check(c, path, flags, &err))
		return cli_fail(&err);
	return source_report(c, flags);
}

/* Compiles path and leaves the saved form in bytes. */
static int compile_to_bytes(const char *path, unsigned flags, struct buf *bytes)
{
	struct compilation c;
	int rc;

	compilation_init(&c);
	rc = source_compile(&c, path, flags);
	if (!rc)
		module_save(c.module, bytes);
	compilation_release(&c);
	return rc;
}

int source_load(const char *path, unsigned flags, struct module **m, struct buf *bytes)
{
	struct err err = {0};
	int rc;

	if (str_has_suffix(str_of(path), STR(".kfpb"))) {
		if (io_read_file(path, LIMIT_FILE_BYTES, bytes, &err))
			return cli_fail(&err);
	} else if ((rc = compile_to_bytes(path, flags, bytes))) {
		return rc;
	}
	*m = module_load(buf_str(bytes), path, &err);
	return *m ? EXIT_DONE : cli_fail(&err);
}
