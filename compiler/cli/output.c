#include <config.h>

#include "compiler/cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/base/io.h"

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int say_folder(struct cli *c, const char *path, struct str name, struct err *err)
{
	return err_set(err, "'%s' is a folder: name a file in it, such as -o %.*s", path,
		       STR_ARG(io_join(&c->arena, str_of(path), name)));
}

static int say_cause(const char *path, const char *what_to_do, struct err *err)
{
	return err_set(err, "'%s' is not written: %s; %s", path, strerror(err->sys),
		       what_to_do);
}

/* Nobody has made the folder, or a file stands in its place. */
static int say_no_folder(struct cli *c, const char *path, struct err *err)
{
	const char *folder = arena_str(&c->arena, io_dirname(str_of(path))).p;

	if (is_folder(folder))
		return say_cause(path, "choose another place with -o", err);
	if (err->sys == ENOTDIR)
		return err_set(err, "cannot write '%s': what is before the last '/' is no "
			       "folder", path);
	return err_set(err, "cannot write '%s': there is no folder '%s'; make it first, or "
		       "name another", path, folder);
}

static void say_what_to_do(struct cli *c, const char *path, struct str name,
			   struct err *err)
{
	switch (err->sys) {
	case EISDIR:
		say_folder(c, path, name, err);
		break;
	case ENOENT:
	case ENOTDIR:
		say_no_folder(c, path, err);
		break;
	case EACCES:
	case EPERM:
	case EROFS:
		say_cause(path, "choose another place with -o", err);
		break;
	case ENOSPC:
	case EDQUOT:
		say_cause(path, "make room, or choose another place with -o", err);
		break;
	default:
		err_wrap(err, "the output is not written");
	}
}

int output_deliver(struct cli *c, const char *path, struct str name,
		   const struct buf *out)
{
	struct err err = {0};

	if (!path || !strcmp(path, "-"))
		return cli_print(out);
	if (!*path)
		return cli_usage(c, "-o wants the name of a file, or - for standard output");
	if (is_folder(path)) {
		say_folder(c, path, name, &err);
		return cli_fail(&err);
	}
	if (!io_write_file(path, buf_str(out), 0644, false, &err))
		return EXIT_DONE;
	say_what_to_do(c, path, name, &err);
	return cli_fail(&err);
}

struct str output_name(struct cli *c, const char *source, const char *ending)
{
	const char *slash = strrchr(source, '/');
	struct str stem = str_of(slash ? slash + 1 : source);

	if (str_is(stem, "-"))
		stem = STR("pipeline");
	else if (str_has_suffix(stem, STR(".kfp")))
		stem.n -= strlen(".kfp");
	else if (str_has_suffix(stem, STR(".kfpb")))
		stem.n -= strlen(".kfpb");
	return arena_printf(&c->arena, "%.*s%s", STR_ARG(stem), ending);
}
