#include <config.h>

#include "compiler/cli/look.h"
#include "runtime/store/fsck.h"
#include "runtime/value/json.h"

static void add_finding(struct buf *out, const struct fsck_finding *f)
{
	buf_addz(out, f->is_problem ? "problem: " : "note: ");
	buf_add_printable(out, f->what, false);
	buf_addz(out, ": ");
	buf_add_printable(out, f->text, false);
	buf_addc(out, '\n');
}

static void add_json(struct buf *out, const struct fsck_finding *f)
{
	buf_addc(out, '{');
	json_put_bool(out, "problem", f->is_problem);
	json_put_str(out, "what", f->what);
	json_put_str(out, "text", f->text);
	buf_addz(out, "}\n");
}

static void add_summary(struct buf *out, const struct fsck *f)
{
	buf_addf(out, "%zu run%s, %zu blob%s (", f->nruns, f->nruns == 1 ? "" : "s",
		 f->nblobs, f->nblobs == 1 ? "" : "s");
	human_size(out, f->size_bytes);
	if (f->nproblems)
		buf_addf(out, "): %zu problem%s\n", f->nproblems,
			 f->nproblems == 1 ? "" : "s");
	else
		buf_addz(out, "): clean\n");
}

static int print_findings(const struct fsck *f, bool json)
{
	struct buf out = {0};
	int rc;

	for (size_t i = 0; i < f->findings.n; i++)
		if (json)
			add_json(&out, &f->findings.at[i]);
		else
			add_finding(&out, &f->findings.at[i]);
	if (!json)
		add_summary(&out, f);
	rc = cli_print(&out);
	buf_release(&out);
	return rc;
}

int cmd_fsck(struct cli *c)
{
	struct store *s;
	struct fsck f;
	struct err err;
	int rc;

	if (c->nargs)
		return cli_usage(c, "no arguments are wanted");
	rc = look_store(c, OPT_fsck_store, &s);
	if (rc)
		return rc;
	if (store_fsck(s, &f, &err)) {
		rc = cli_fail(&err);
	} else {
		rc = print_findings(&f, cli_has(c, OPT_fsck_json));
		if (rc == EXIT_DONE && f.nproblems)
			rc = EXIT_WRONG;
	}
	fsck_release(&f);
	store_close(s);
	return rc;
}
