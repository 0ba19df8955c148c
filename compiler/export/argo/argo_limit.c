/* What a cluster would refuse, said before it does. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* At most max characters, letters and digits and, between the ends, more. */
static bool is_word(struct str s, size_t max, const char *more, bool small)
{
	if (!s.n || s.n > max || !is_alnum(s.p[0]) || !is_alnum(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (small && s.p[i] >= 'A' && s.p[i] <= 'Z')
			return false;
		if (!is_alnum(s.p[i]) && (!s.p[i] || !strchr(more, s.p[i])))
			return false;
	}
	return true;
}

bool argo_is_label(struct str s)
{
	return !s.n || is_word(s, 63, "-_.", false);
}

bool argo_is_dns_label(struct str s)
{
	return is_word(s, 63, "-", true);
}

bool argo_is_dns_name(struct str s)
{
	return is_word(s, 253, "-.", true) && str_find(s, STR(".."), 0) == s.n &&
	       str_find(s, STR(".-"), 0) == s.n && str_find(s, STR("-."), 0) == s.n;
}

bool argo_is_key(struct str s)
{
	if (!s.n || s.n > 253 || str_is(s, ".") || str_has_prefix(s, STR("..")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && (!s.p[i] || !strchr("-_.", s.p[i])))
			return false;
	return true;
}

bool argo_is_qualified(struct str s)
{
	size_t slash = str_find(s, STR("/"), 0);

	if (slash == s.n)
		return is_word(s, 63, "-_.", false);
	return argo_is_dns_name(str_sub(s, 0, slash)) &&
	       is_word(str_sub(s, slash + 1, s.n), 63, "-_.", false);
}

/* Argo's and Kubernetes' own limits; the full definitions of Argo's objects have most of
 * them. */
enum {
	TEMPLATES_MAX = 200,
	INPUTS_MAX = 500,
	OBJECT_BYTES = 1 << 20,		/* as JSON, in which etcd keeps it */
};

/* How long it is as JSON. */
static size_t json_bytes(const struct yaml *y, struct buf *scratch)
{
	size_t n = 2;

	if (y->kind == YAML_STR) {
		buf_clear(scratch);
		buf_add_json(scratch, y->text);
		return scratch->n;
	}
	if (y->kind != YAML_MAP && y->kind != YAML_SEQ)
		return 8;
	for (size_t i = 0; i < y->n; i++)
		n += json_bytes(y->items[i].value, scratch) + 1 +
		     (y->kind == YAML_MAP ? y->items[i].key.n + 3 : 0);
	return n;
}

static size_t length_at(const struct yaml *y, const char *a, const char *b)
{
	const struct yaml *sub = yaml_get(y, str_of(a));

	sub = sub ? yaml_get(sub, str_of(b)) : NULL;
	return sub ? sub->n : 0;
}

static void check_template(struct argo *g, const struct yaml *t)
{
	struct loc loc = g->m->pipelines[g->x->pipeline].loc;
	struct str name = yaml_get(t, STR("name"))->text;
	size_t n = length_at(t, "dag", "tasks");

	if (n > ARGO_TASKS_MAX)
		export_fault(g->x, E1004, loc,
			     "'%.*s' has %zu tasks for Argo, which takes at most %d beside "
			     "each other: put some of them in a pipeline of their own",
			     STR_ARG(name), n, ARGO_TASKS_MAX);
	n = length_at(t, "inputs", "parameters");
	if (n > INPUTS_MAX)
		export_fault(g->x, E1004, loc,
			     "'%.*s' has %zu inputs for Argo, which takes at most %d: put "
			     "what belongs together in a struct, or in an artifact",
			     STR_ARG(name), n, INPUTS_MAX);
}

void argo_check_limits(struct argo *g, const struct yaml *spec)
{
	const struct yaml *templates = yaml_get(spec, STR("templates"));
	struct loc loc = g->m->pipelines[g->x->pipeline].loc;
	struct buf scratch = {0};
	size_t bytes = json_bytes(spec, &scratch);

	buf_release(&scratch);
	for (size_t j = 0; j < templates->n; j++)
		check_template(g, templates->items[j].value);
	if (templates->n > TEMPLATES_MAX)
		export_fault(g->x, E1004, loc,
			     "the pipeline needs %zu templates, and Argo takes at most %d in "
			     "one object: use a component several times, or export a part "
			     "of the pipeline by itself",
			     templates->n, TEMPLATES_MAX);
	if (bytes > OBJECT_BYTES)
		export_fault(g->x, E1004, loc,
			     "the workflow has %zu KiB, and a cluster takes at most %d KiB: "
			     "keep large values in artifacts, or export a part of the "
			     "pipeline by itself",
			     bytes >> 10, OBJECT_BYTES >> 10);
}
