#include <config.h>

#include "compiler/cli/export_argo.h"

#include "runtime/base/diag.h"

static const char *const KINDS[] = {"workflow", "workflow-template", "cron-workflow",
				    NULL};
static const char *const POLICIES[] = {"Always", "IfNotPresent", "Never", NULL};
static const char *const STORES[] = {"s3", "gcs", "azure", "oss", NULL};

int export_word(struct cli *c, enum cli_option option, struct str text,
		const char *const *words)
{
	struct suggestion near = {.wanted = text};
	struct buf all = {0};
	const char *name = cli_option_name(option);

	for (int i = 0; words[i]; i++) {
		if (str_is(text, words[i]))
			return i;
		suggest(&near, str_of(words[i]));
		buf_addf(&all, "%s%s", i ? ", " : "", words[i]);
	}
	if (near.best.n)
		cli_usage(c, "--%s cannot be '%.*s'; did you mean '%.*s'?", name,
			  STR_ARG(text), STR_ARG(near.best));
	else
		cli_usage(c, "--%s cannot be '%.*s'; there are: %s", name, STR_ARG(text),
			  buf_cstr(&all));
	buf_release(&all);
	return -1;
}

/* Small letters, digits and, between them, what is in more. */
static bool is_name(struct str s, size_t max, const char *more)
{
	if (!s.n || s.n > max || strchr(more, s.p[0]) || strchr(more, s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') ||
		      (s.p[i] >= '0' && s.p[i] <= '9') || strchr(more, s.p[i])))
			return false;
	return true;
}

static int read_name(struct cli *c, enum cli_option option, size_t max, const char *more,
		     struct str *out)
{
	const char *text = cli_get(c, option);

	if (!text)
		return EXIT_DONE;
	*out = str_of(text);
	if (is_name(*out, max, more))
		return EXIT_DONE;
	return cli_usage(c, "--%s: '%s' is no name in Kubernetes: at most %zu small letters, "
			 "digits and '%s'",
			 cli_option_name(option), text, max, more);
}

/* "s3" or "s3:CONFIGMAP/KEY" */
static int read_store(struct cli *c, struct argo_options *o)
{
	const char *text = cli_get(c, OPT_export_artifact_store);
	struct str all, ref, map;
	size_t colon;

	if (!text)
		return EXIT_DONE;
	all = str_of(text);
	colon = str_find(all, STR(":"), 0);
	o->store = str_sub(all, 0, colon);
	if (export_word(c, OPT_export_artifact_store, o->store, STORES) < 0)
		return EXIT_USAGE;
	if (colon == all.n)
		return EXIT_DONE;
	ref = str_sub(all, colon + 1, all.n);
	map = str_sub(ref, 0, str_find(ref, STR("/"), 0));
	if (!is_name(map, 253, "-.") || map.n + 1 == ref.n)
		return cli_usage(c, "--artifact-store wants KIND, KIND:CONFIGMAP or "
				 "KIND:CONFIGMAP/KEY, not '%s'", text);
	o->repository = ref;
	return EXIT_DONE;
}

static int read_all(struct cli *c, struct argo_options *o)
{
	const char *kind = cli_get(c, OPT_export_kind);
	const char *policy = cli_get(c, OPT_export_image_pull_policy);
	int which, rc;

	if (kind) {
		which = export_word(c, OPT_export_kind, str_of(kind), KINDS);
		if (which < 0)
			return EXIT_USAGE;
		o->kind = (enum argo_kind)(ARGO_WORKFLOW + which);
	}
	if (policy) {
		if (export_word(c, OPT_export_image_pull_policy, str_of(policy), POLICIES) < 0)
			return EXIT_USAGE;
		o->pull_policy = str_of(policy);
	}
	o->rbac = cli_has(c, OPT_export_rbac);
	rc = read_name(c, OPT_export_namespace, 63, "-", &o->name_space);
	rc = rc ? rc : read_name(c, OPT_export_service_account, 253, "-.",
				 &o->service_account);
	return rc ? rc : read_store(c, o);
}

int export_argo_options(struct cli *c, bool is_argo, struct argo_options *o)
{
	static const enum cli_option own[] = {
		OPT_export_kind, OPT_export_rbac, OPT_export_namespace,
		OPT_export_service_account, OPT_export_artifact_store,
		OPT_export_image_pull_policy,
	};

	for (size_t i = 0; !is_argo && i < sizeof own / sizeof *own; i++)
		if (cli_has(c, own[i]))
			return cli_usage(c, "--%s is for argo", cli_option_name(own[i]));
	return is_argo ? read_all(c, o) : EXIT_DONE;
}
