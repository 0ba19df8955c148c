#include <config.h>

#include "compiler/ir/lower_int.h"
#include "runtime/base/sha256.h"
#include "runtime/base/uri.h"

enum { LOAD_URI, LOAD_METADATA, LOAD_DIGEST }; /* its parameters */

static struct span span_of(const struct site *s)
{
	return s->tree->span;
}

static void check_uri(struct lower *l, const struct site *s, struct str uri)
{
	struct str scheme = uri_scheme(uri);
	struct diag *d;

	if (!uri.n || memchr(uri.p, '\0', uri.n)) {
		diag(l->diags, span_of(s), E0804, "the URI is %s",
		     uri.n ? "none: it holds a byte 0" : "empty");
	} else if (uri_is_of_store(scheme)) {
		d = diag(
			l->diags, span_of(s), W0406,
			"'%.*s:' is loaded by the targets that know it, and not by a run "
			"on this machine",
			STR_ARG(scheme));
		diag_label(d, "a run fails here");
	} else if (!uri_can_load(scheme)) {
		d = diag(l->diags, span_of(s), E0804, "nothing can be loaded by '%.*s:'",
			 STR_ARG(str_sub(scheme, 0, 60)));
		diag_label(d, "file:, http: and https: are known, and paths");
	}
}

static void check_digest(struct lower *l, const struct site *s, struct str digest)
{
	struct digest parsed;
	struct diag *d;

	if (str_has_prefix(digest, STR("sha256:")) &&
	    digest_parse(str_sub(digest, 7, digest.n), &parsed))
		return;
	d = diag(l->diags, span_of(s), E0804, "this is no digest");
	diag_label(d, "\"sha256:\" and 64 hexadecimal digits in lower case, as sha256sum "
		      "prints them");
}

static void check_metadata(struct lower *l, const struct site *s, struct value v)
{
	if (v.kind != VALUE_DICT)
		diag(l->diags, span_of(s), E0804,
		     "the metadata of an artifact is a dict, such as {\"rows\": 10}");
}

static void check_known(struct lower *l, const struct module_node *n)
{
	struct value v;

	if (n->args[LOAD_URI] && site_value(n->args[LOAD_URI], &v))
		check_uri(l, n->args[LOAD_URI], *v.s);
	if (n->args[LOAD_METADATA] && site_value(n->args[LOAD_METADATA], &v))
		check_metadata(l, n->args[LOAD_METADATA], v);
	if (n->args[LOAD_DIGEST] && site_value(n->args[LOAD_DIGEST], &v) &&
	    v.kind == VALUE_STR)
		check_digest(l, n->args[LOAD_DIGEST], *v.s);
}

/* What a URI gives may change; only with a digest it is known to be the same. */
static void turn_cache_off(struct lower *l, const struct node *call,
			   struct module_node *n)
{
	struct module_setting *all =
		ARENA_ARRAY(&l->m->arena, n->nsettings + 1, struct module_setting);

	for (uint32_t i = 0; i < n->nsettings; i++) {
		if (n->settings[i].id == SETTING_CACHE)
			return;
		all[i] = n->settings[i];
	}
	all[n->nsettings++] = (struct module_setting){
		.id = SETTING_CACHE,
		.value = builder_site_const(&l->b, value_bool(false),
					    l->s->types->boolean, call->span),
	};
	n->settings = all;
}

void lower_load(struct lower *l, const struct node *call, struct module_node *n)
{
	check_known(l, n);
	if (!n->args[LOAD_DIGEST])
		turn_cache_off(l, call, n);
}
