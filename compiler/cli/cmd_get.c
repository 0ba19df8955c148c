#include <config.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/cli/look.h"
#include "runtime/store/model.h"
#include "runtime/base/diag.h"
#include "runtime/base/io.h"

static int no_such_output(const struct look *l, struct str where, struct str name)
{
	struct suggestion near = {.wanted = name};
	struct buf names = {0};
	struct err err;

	for (size_t i = 0; l->task && i < l->task->outputs.n; i++) {
		suggest(&near, l->task->outputs.at[i].name);
		buf_addf(&names, "%s%.*s", i ? ", " : "",
			 STR_ARG(l->task->outputs.at[i].name));
	}
	for (size_t i = 0; !l->task && l->view.outputs.kind == VALUE_DICT &&
			   i < l->view.outputs.dict->n; i++) {
		suggest(&near, l->view.outputs.dict->at[i].key);
		buf_addf(&names, "%s%.*s", i ? ", " : "",
			 STR_ARG(l->view.outputs.dict->at[i].key));
	}
	if (near.best.n)
		err_setk(&err, ERR_USAGE,
			 "%.*s has no output '%.*s'; did you mean '%.*s'?",
			 STR_ARG(where), STR_ARG(name), STR_ARG(near.best));
	else if (names.n)
		err_setk(&err, ERR_USAGE, "%.*s has no output '%.*s'; it has %s",
			 STR_ARG(where), STR_ARG(name), buf_cstr(&names));
	else
		err_setk(&err, ERR_USAGE, "%.*s has no output '%.*s': it has none (%.*s)",
			 STR_ARG(where), STR_ARG(name),
			 STR_ARG(l->task ? l->task->state : l->view.state));
	buf_release(&names);
	return cli_fail(&err);
}

static const struct value *find_output(const struct look *l, struct str name)
{
	if (!l->task)
		return value_get(l->view.outputs, name);
	for (size_t i = 0; i < l->task->outputs.n; i++)
		if (str_eq(l->task->outputs.at[i].name, name))
			return &l->task->outputs.at[i].value;
	return NULL;
}

/* Of a series its last value: that is one, and `metrics` has the others. */
static int put_value(struct value v, const char *dest)
{
	const struct value *series = value_get(v, STR("$series"));
	const struct value *last = series ? value_get(*series, STR("last")) : NULL;
	struct buf out = {0};
	struct err err;
	int rc = EXIT_DONE, fd;

	value_print(last ? *last : v, &out);
	buf_addc(&out, '\n');
	if (!dest || !strcmp(dest, "-")) {
		rc = cli_print(&out);
	} else {
		fd = open(dest, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 || io_write_all(fd, buf_str(&out)) || close(fd)) {
			err_sys(&err, "%s", dest);
			rc = cli_fail(&err);
		}
	}
	buf_release(&out);
	return rc;
}

/* A file goes to standard output as it is. */
static int print_blob(const struct store *s, const struct blob *b)
{
	struct arena a = {0};
	struct err err;
	char chunk[64 << 10];
	ssize_t n = -1;
	int fd = open(cas_path(s, &b->digest, &a).p, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (n = read(fd, chunk, sizeof chunk)) > 0)
		if (io_write_all(STDOUT_FILENO, (struct str){chunk, (size_t)n})) {
			n = -1;
			break;
		}
	if (n < 0)
		err_sys(&err, "cannot write the artifact");
	if (fd >= 0)
		close(fd);
	arena_release(&a);
	return n < 0 ? cli_fail(&err) : EXIT_DONE;
}

static int put_bundle(struct cli *c, const struct store *s, const struct view_artifact *a,
		      struct str dest)
{
	struct model m;
	struct err err;

	if (model_load(s, a, &c->arena, &m, &err) ||
	    model_export(s, &m, dest, &c->arena, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

static int put_artifact(struct cli *c, const struct store *s,
			const struct view_artifact *a, struct str dest)
{
	struct stat st;
	struct err err;

	if (str_is(dest, "-")) {
		if (a->blob.is_tree || cli_has(c, OPT_get_bundle))
			return cli_usage(c,
					 "a folder cannot be written to standard output");
		return print_blob(s, &a->blob);
	}
	if (!lstat(dest.p, &st)) {
		err_set(&err,
			"%.*s is there already; nothing was written (-o PATH puts it "
			"elsewhere)", STR_ARG(dest));
		return cli_fail(&err);
	}
	if (cli_has(c, OPT_get_bundle))
		return put_bundle(c, s, a, dest);
	return cas_export(s, &a->blob, dest.p, true, &err) ? cli_fail(&err) : EXIT_DONE;
}

/* The output's name is what comes after the last dot of what the argument names. */
int cmd_get(struct cli *c)
{
	const char *dest = cli_get(c, OPT_get_output);
	struct view_artifact a;
	const struct value *v;
	struct look l = {0};
	struct str spec, where, name;
	const char *dot;
	int rc;

	if (c->nargs != 1)
		return cli_usage(c, "which output? RUN/TASK.OUTPUT, or RUN.OUTPUT");
	spec = str_of(c->args[0]);
	dot = memrchr(spec.p, '.', spec.n);
	if (!dot || !dot[1])
		return cli_usage(c, "'%s' names no output: write RUN/TASK.OUTPUT",
				 spec.p);
	where = str_sub(spec, 0, (size_t)(dot - spec.p));
	name = str_of(dot + 1);
	rc = look_at(c, OPT_get_store, where, false, &l);
	if (rc != EXIT_DONE)
		goto out;
	v = find_output(&l, name);
	if (!v)
		rc = no_such_output(&l, where, name);
	else if (view_artifact(*v, &a))
		rc = put_artifact(c, l.store, &a, dest ? str_of(dest) : name);
	else if (cli_has(c, OPT_get_bundle))
		rc = cli_usage(c, "--bundle is for models; '%s' is a value", spec.p);
	else
		rc = put_value(*v, dest);
out:
	look_release(&l);
	return rc;
}
