/* The `kubernetes:` block of a component as fields of a pod template.  The module keeps it
 * as JSON whose shape was checked when it was compiled; of a module that comes from
 * elsewhere, what has another shape is passed over. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"
#include "compiler/export/block.h"

#include "runtime/value/json.h"

struct block {
	struct argo *g;
	const struct module_component *c;
	struct yaml *template, *container;
	unsigned nvolumes;
	struct loc at;		/* of what is looked at */
};

static void refuse(struct block *b, struct value volume, const char *key, const char *of)
{
	if (block_has(volume, key))
		export_fault(b->g->x, E1003, b->at,
			     "the `kubernetes:` block of '%.*s' says \"%s\" of %s, which "
			     "Kubernetes does not know: leave it out",
			     STR_ARG(b->c->name), key, of);
}

/* Volumes */

static void add_claim(struct block *b, struct yaml *volume, struct value v)
{
	struct yaml *claim = yaml_sub(volume, STR("ephemeral"));
	struct yaml *spec =
		yaml_sub(yaml_sub(claim, STR("volumeClaimTemplate")), STR("spec"));

	block_put_texts(spec, "accessModes", v, "access_modes");
	if (!yaml_get(spec, STR("accessModes")))
		yaml_add(yaml_list(spec, STR("accessModes")),
			 yaml_str(spec->a, STR("ReadWriteOnce")));
	block_put_text(spec, "storageClassName", v, "storage_class");
	block_put_size(yaml_sub(yaml_sub(spec, STR("resources")), STR("requests")), "storage",
		 v, "size");
	(void)b;
}

static void say_what(struct block *b, struct yaml *volume, struct value v)
{
	struct str name;

	if (block_text(v, "pvc", &name)) {
		yaml_put_str(yaml_sub(volume, STR("persistentVolumeClaim")),
			     STR("claimName"), name);
	} else if (block_text(v, "secret", &name)) {
		yaml_put_str(yaml_sub(volume, STR("secret")), STR("secretName"), name);
	} else if (block_text(v, "config_map", &name)) {
		yaml_put_str(yaml_sub(volume, STR("configMap")), STR("name"), name);
	} else if (block_text(v, "ephemeral", &name)) {
		add_claim(b, volume, v);
		return;
	} else {
		block_put_text(yaml_sub(volume, STR("emptyDir")), "medium", v, "medium");
		block_put_size(yaml_sub(volume, STR("emptyDir")), "sizeLimit", v, "size");
		return;
	}
	if (!argo_is_dns_name(name))
		export_fault(b->g->x, E1003, b->at,
			     "'%.*s' is no name in Kubernetes: small letters, digits, '-' "
			     "and '.'",
			     STR_ARG(str_sub(name, 0, 80)));
	refuse(b, v, "size", "a volume that there is");
}

static bool may_mount(struct str path)
{
	static const char *const taken[] = {ARGO_FILES, ARGO_INPUTS, ARGO_OUTPUTS, "/"};

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (str_is(path, taken[i]))
			return false;
	return path.n && path.p[0] == '/' &&
	       !str_has_prefix(path, STR(ARGO_INPUTS "/")) &&
	       !str_has_prefix(path, STR(ARGO_OUTPUTS "/"));
}

static void add_volume(struct block *b, struct value v)
{
	struct yaml *volume, *mount;
	struct str name, path;

	/* Volumes that are made for the task may be named elsewhere in the block. */
	if (!block_text(v, "empty_dir", &name) && !block_text(v, "ephemeral", &name))
		name = arena_printf(b->g->a, "volume-%u", ++b->nvolumes);
	if (!argo_is_dns_label(name))
		export_fault(b->g->x, E1003, b->at,
			     "'%.*s' is no name for a volume: small letters, digits and "
			     "'-', at most 63",
			     STR_ARG(str_sub(name, 0, 80)));
	volume = argo_add_named(b->template, STR("volumes"), name);
	say_what(b, volume, v);
	mount = argo_add_named(b->container, STR("volumeMounts"), name);
	if (block_text(v, "path", &path) && !may_mount(path))
		export_fault(b->g->x, E1003, b->at,
			     "nothing can be mounted at '%.*s': it is not a full path, or "
			     "what runs the code is there",
			     STR_ARG(path));
	block_put_text(mount, "mountPath", v, "path");
	block_put_text(mount, "subPath", v, "sub_path");
	block_put_bool(mount, "readOnly", v, "read_only");
}

/* Where a pod may go */

static void add_toleration(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->template, "tolerations");

	block_put_text(item, "key", v, "key");
	block_put_text(item, "operator", v, "operator");
	block_put_text(item, "value", v, "value");
	block_put_text(item, "effect", v, "effect");
	block_put_int(item, "tolerationSeconds", v, "seconds");
}

#define REQUIRED STR("requiredDuringSchedulingIgnoredDuringExecution")
#define PREFERRED "preferredDuringSchedulingIgnoredDuringExecution"

/* A term of an affinity that is liked, with its weight, under key. */
static struct yaml *liked(struct yaml *affinity, struct value v, const char *key)
{
	struct yaml *item = block_add(affinity, PREFERRED);

	block_put_int(item, "weight", v, "weight");
	return yaml_sub(item, str_of(key));
}

static void add_node_affinity(struct block *b, struct value v)
{
	struct yaml *affinity =
		yaml_sub(yaml_sub(b->template, STR("affinity")), STR("nodeAffinity"));
	struct yaml *term, *match, *terms;

	if (value_get(v, STR("weight"))) {
		term = liked(affinity, v, "preference");
	} else {
		/* All that is wanted must hold: one term with all of it. */
		terms = yaml_list(yaml_sub(affinity, REQUIRED), STR("nodeSelectorTerms"));
		if (!terms->n)
			yaml_add(terms, yaml_map(b->g->a));
		term = terms->items[0].value;
	}
	match = block_add(term, "matchExpressions");
	block_put_text(match, "key", v, "key");
	block_put_text(match, "operator", v, "operator");
	block_put_texts(match, "values", v, "values");
}

static void add_pod_affinity(struct block *b, struct value v)
{
	const struct value *anti = value_get(v, STR("anti"));
	bool away = anti && anti->kind == VALUE_BOOL && anti->b;
	struct yaml *affinity = yaml_sub(yaml_sub(b->template, STR("affinity")),
					 away ? STR("podAntiAffinity")
					      : STR("podAffinity"));
	struct yaml *term;

	if (value_get(v, STR("weight")))
		term = liked(affinity, v, "podAffinityTerm");
	else
		term = block_add(affinity, REQUIRED.p);
	block_put_texts(yaml_sub(term, STR("labelSelector")), "matchLabels", v, "labels");
	block_put_text(term, "topologyKey", v, "topology_key");
	block_put_texts(term, "namespaces", v, "namespaces");
}

/* Variables, and containers that run before */

static void add_map_env(struct block *b, struct value v)
{
	struct yaml *item, *ref;
	struct str name;

	if (!block_text(v, "name", &name))
		return;
	item = argo_add_named(b->container, STR("env"), name);
	ref = yaml_sub(yaml_sub(item, STR("valueFrom")), STR("configMapKeyRef"));
	block_put_text(ref, "name", v, "config_map");
	block_put_text(ref, "key", v, "key");
}

static void set_field_env(struct block *b, struct value block)
{
	const struct value *v = value_get(block, STR("field_env"));
	struct yaml *item;

	for (size_t i = 0; v && v->kind == VALUE_DICT && i < v->dict->n; i++) {
		if (v->dict->at[i].value.kind != VALUE_STR)
			continue;
		item = argo_add_named(b->container, STR("env"), v->dict->at[i].key);
		yaml_put_str(yaml_sub(yaml_sub(item, STR("valueFrom")), STR("fieldRef")),
			     STR("fieldPath"), *v->dict->at[i].value.s);
	}
}

static void add_init_container(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->template, "initContainers"), *more;
	const struct value *pairs;

	block_put_text(item, "name", v, "name");
	block_put_text(item, "image", v, "image");
	block_put_texts(item, "command", v, "command");
	block_put_texts(item, "args", v, "args");
	pairs = value_get(v, STR("env"));
	for (size_t i = 0; pairs && pairs->kind == VALUE_DICT && i < pairs->dict->n; i++) {
		if (pairs->dict->at[i].value.kind != VALUE_STR)
			continue;
		more = argo_add_named(item, STR("env"), pairs->dict->at[i].key);
		yaml_put_str(more, STR("value"), *pairs->dict->at[i].value.s);
	}
	pairs = value_get(v, STR("mounts"));
	for (size_t i = 0; pairs && pairs->kind == VALUE_DICT && i < pairs->dict->n; i++) {
		if (pairs->dict->at[i].value.kind != VALUE_STR)
			continue;
		more = argo_add_named(item, STR("volumeMounts"), pairs->dict->at[i].key);
		yaml_put_str(more, STR("mountPath"), *pairs->dict->at[i].value.s);
	}
}

/* The rest */

static void add_pull_secret(struct block *b, struct value v)
{
	if (v.kind == VALUE_STR)
		yaml_add_sorted(argo_pods(b->g)->secrets, *v.s);
}

static void set_user(struct block *b, struct value block)
{
	struct yaml *who = yaml_sub(b->template, STR("securityContext"));

	block_put_int(who, "runAsUser", block, "run_as_user");
	block_put_int(who, "runAsGroup", block, "run_as_group");
	block_put_bool(who, "runAsNonRoot", block, "run_as_non_root");
}

static void set_shared_memory(struct block *b, struct value block)
{
	struct yaml *volume = argo_add_named(b->template, STR("volumes"), STR("shm"));
	struct yaml *memory = yaml_sub(volume, STR("emptyDir"));

	yaml_put_str(memory, STR("medium"), STR("Memory"));
	block_put_size(memory, "sizeLimit", block, "shared_memory");
	yaml_put_str(argo_add_named(b->container, STR("volumeMounts"), STR("shm")),
		     STR("mountPath"), STR("/dev/shm"));
}

static void set_selector(struct block *b, struct value block)
{
	block_put_texts(b->template, "nodeSelector", block, "node_selector");
}

static void set_account(struct block *b, struct value block)
{
	block_put_text(b->template, "serviceAccountName", block, "service_account");
}

static void set_annotations(struct block *b, struct value block)
{
	block_put_texts(yaml_sub(b->template, STR("metadata")), "annotations", block,
		  "annotations");
}

static void set_pull_policy(struct block *b, struct value block)
{
	block_put_text(b->container, "imagePullPolicy", block, "image_pull_policy");
}

static const struct member {
	const char *name;
	void (*add)(struct block *b, struct value item);	/* each of a list */
	void (*set)(struct block *b, struct value block);
} MEMBERS[] = {
	{"node_selector", NULL, set_selector},
	{"tolerations", add_toleration, NULL},
	{"volumes", add_volume, NULL},
	{"image_pull_secrets", add_pull_secret, NULL},
	{"service_account", NULL, set_account},
	{"annotations", NULL, set_annotations},
	{"image_pull_policy", NULL, set_pull_policy},
	{"run_as_user", NULL, set_user},
	{"run_as_group", NULL, set_user},
	{"run_as_non_root", NULL, set_user},
	{"shared_memory", NULL, set_shared_memory},
	{"field_env", NULL, set_field_env},
	{"config_map_env", add_map_env, NULL},
	{"node_affinity", add_node_affinity, NULL},
	{"pod_affinity", add_pod_affinity, NULL},
	{"init_containers", add_init_container, NULL},
};

static void apply(struct block *b, struct value block, const struct member *m)
{
	const struct value *v = value_get(block, str_of(m->name));

	if (!v)
		return;
	b->at = block_place(b->c, str_of(m->name));
	if (block_holds(*v, STR("{{")))
		export_fault(b->g->x, E1003, b->at,
			     "Argo takes the \"{{\" in '%s' for a tag of its own: leave it "
			     "out",
			     m->name);
	if (m->set)
		m->set(b, block);
	for (size_t i = 0; m->add && v->kind == VALUE_LIST && i < v->list->n; i++)
		m->add(b, v->list->at[i]);
}

void argo_kubernetes(struct argo *g, const struct module_component *c,
		     struct yaml *template, struct yaml *container)
{
	struct block b = {g, c, template, container, 0, c->loc};
	struct value block;
	struct err err;

	if (!c->kubernetes.n)
		return;
	if (json_parse(g->a, c->kubernetes, &block, &err) || block.kind != VALUE_DICT) {
		export_fault(g->x, E1003, c->loc, "the `kubernetes:` block is not JSON");
		return;
	}
	for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++)
		apply(&b, block, &MEMBERS[i]);
}
