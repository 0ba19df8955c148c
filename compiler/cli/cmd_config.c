#include <config.h>

#include "compiler/cli/config_args.h"
#include "compiler/cli/schema.h"
#include "compiler/cli/source.h"
#include "runtime/bc/config.h"
#include "runtime/value/json.h"

/* {"kernel": "rbf", "fit.c": 1.0}: what --config-file reads. */
/* One member for each value that is set: the value alone, or with where it came from. */
static void add_json(const struct run_config *config, bool explain, struct buf *out)
{
	bool any = false;

	buf_addc(out, '{');
	for (size_t i = 0; i < config->n; i++) {
		const struct config_value *v = &config->at[i];

		if (!v->is_set)
			continue;
		buf_addz(out, any ? ",\n  " : "\n  ");
		any = true;
		buf_add_json(out, v->address);
		buf_addz(out, explain ? ": {\"value\": " : ": ");
		json_write(v->value, out);
		if (!explain)
			continue;
		buf_addz(out, ", \"origin\": ");
		buf_add_json(out, v->origin);
		buf_addc(out, '}');
	}
	buf_addz(out, any ? "\n}\n" : "}\n");
}

static void add_doc(const struct config_slots *slots, struct str address, struct buf *out)
{
	const struct config_slot *slot = map_get(&slots->by_address, address);

	if (!slot || !slot->doc.n)
		return;
	for (size_t at = 0, end; at < slot->doc.n; at = end + 1) {
		end = str_find(slot->doc, STR("\n"), at);
		buf_addf(out, "## %.*s\n", STR_ARG(str_sub(slot->doc, at, end)));
	}
}

static void add_text(struct cli *c, const struct run_config *config,
		     const struct config_slots *slots, struct buf *out)
{
	bool explain = cli_has(c, OPT_config_explain);

	for (size_t i = 0; i < config->n; i++) {
		const struct config_value *v = &config->at[i];

		if (!v->is_set)
			continue;
		add_doc(slots, v->address, out);
		buf_addf(out, "%.*s = ", STR_ARG(v->address));
		value_print_literal(v->value, v->type, out);
		if (explain)
			buf_addf(out, "  # %.*s", STR_ARG(v->origin));
		buf_addc(out, '\n');
	}
}

static int print_config(struct cli *c, const struct module *m)
{
	static const struct config_options options = {
		OPT_config_param, OPT_config_config, OPT_config_config_file,
	};
	struct run_config config;
	struct config_slots slots;
	struct buf out = {0};
	struct str message;
	uint32_t pipeline;
	struct err err;
	int rc = config_from_args(c, &options, m, &pipeline, &config, &message);

	if (rc)
		return rc;
	if (config_slots(m, pipeline, true, &c->arena, &slots, &err))
		return cli_fail(&err);
	if (!cli_has(c, OPT_config_json))
		add_text(c, &config, &slots, &out);
	else
		add_json(&config, cli_has(c, OPT_config_explain), &out);
	rc = cli_print(&out);
	map_release(&slots.by_address);
	buf_release(&out);
	return rc;
}

static int print_schema(struct cli *c, const struct module *m)
{
	struct config_slots slots;
	struct buf out = {0};
	uint32_t pipeline;
	struct err err;
	int rc;

	if (run_pick_pipeline(m, c->nargs > 1 ? c->args[1] : NULL, &pipeline, &err) ||
	    config_slots(m, pipeline, false, &c->arena, &slots, &err))
		return cli_fail(&err);
	schema_write(m, &m->pipelines[pipeline], &slots, &out);
	map_release(&slots.by_address);
	rc = cli_print(&out);
	buf_release(&out);
	return rc;
}

int cmd_config(struct cli *c)
{
	struct module *m = NULL;
	struct buf bytes = {0};
	int rc;

	if (c->nargs < 1 || c->nargs > 2)
		return cli_usage(c, "a file is wanted, and perhaps a pipeline");
	rc = source_load(c, c->args[0], SOURCE_NO_PYTHON, &m, &bytes);
	if (!rc)
		rc = cli_has(c, OPT_config_schema) ? print_schema(c, m)
						   : print_config(c, m);
	buf_release(&bytes);
	module_free(m);
	return rc;
}
