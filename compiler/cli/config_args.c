#include <config.h>

#include "compiler/cli/config_args.h"

#include <stdio.h>

struct sources {
	struct config_source *at;
	size_t n;
};

/* Files before single values, whatever their order: a -p is stronger. */
static int read_sources(struct cli *c, const struct config_options *o,
			struct sources *out, struct err *err)
{
	out->at = ARENA_ARRAY(&c->arena, (size_t)c->ngiven + 1, struct config_source);
	for (int i = 0; i < c->ngiven; i++)
		if (c->given[i].option == o->config_file &&
		    run_source_file(c->given[i].value, &c->arena, &out->at[out->n++],
				    err))
			return -1;
	for (int i = 0; i < c->ngiven; i++)
		if (c->given[i].option == o->param &&
		    run_source_param(c->given[i].value, &c->arena, &out->at[out->n++],
				     err))
			return -1;
	return 0;
}

static int fail(struct cli *c, const struct err *err, struct str *message)
{
	*message = arena_str(&c->arena, str_of(err->text));
	return cli_fail(err);
}

/* Each line of errors is one thing that is wrong. */
static int config_is_wrong(struct cli *c, const struct buf *errors, const struct err *err,
			   struct str *message)
{
	struct str text = buf_str(errors);
	size_t end = str_find(text, STR("\n"), 0);

	if (!text.n)
		return fail(c, err, message);
	fprintf(stderr, "kfpc: %s:\n", err->text);
	for (size_t at = 0; at < text.n; at = str_find(text, STR("\n"), at) + 1)
		fprintf(stderr, "  %.*s\n",
			STR_ARG(str_sub(text, at, str_find(text, STR("\n"), at))));
	*message = arena_printf(&c->arena, "%s: %.*s", err->text,
				STR_ARG(str_sub(text, 0, end)));
	return cli_status(err);
}

int config_from_args(struct cli *c, const struct config_options *o,
		     const struct module *m, uint32_t *pipeline,
		     struct run_config *config, struct str *message)
{
	const char *name = cli_get(c, o->config);
	uint32_t base = MODULE_NONE;
	struct sources sources = {0};
	struct buf errors = {0};
	struct err err;
	int rc = EXIT_DONE;

	if (run_pick_pipeline(m, c->nargs > 1 ? c->args[1] : NULL, pipeline, &err) ||
	    (name && run_pick_config(m, *pipeline, name, &base, &err)) ||
	    read_sources(c, o, &sources, &err))
		return fail(c, &err, message);
	if (run_config_make(m, *pipeline, base, sources.at, sources.n, &c->arena, config,
			    &errors, &err))
		rc = config_is_wrong(c, &errors, &err, message);
	buf_release(&errors);
	return rc;
}
