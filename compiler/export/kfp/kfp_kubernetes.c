/* The `kubernetes:` block of a component, as Kubeflow's configuration of a pod.  The
 * module keeps it as JSON whose shape was checked; what Kubeflow has no word for is a
 * fault. */
#include <config.h>

#include "compiler/export/block.h"
#include "compiler/export/kfp/kfp_int.h"

#include "runtime/value/json.h"

struct block {
	struct kfp *k;
	const struct module_component *c;
	struct yaml *pod;	/* what the executor's pod is told */
	struct loc at;		/* of what is looked at */
};

/* Kubeflow's JSON has integers of 64 bits as text. */
static void put_int(struct yaml *to, const char *key, struct value from, const char *name)
{
	const struct value *v = value_get(from, str_of(name));

	if (v && v->kind == VALUE_INT)
		yaml_put_str(to, str_of(key),
			     arena_printf(to->a, "%lld", (long long)v->i));
}

/* A name that Kubeflow also takes from an input: its old form and its new one. */
static void put_name(struct yaml *to, const char *key, const char *parameter,
		     struct str name)
{
	yaml_put_str(to, str_of(key), name);
	yaml_put_str(yaml_sub(yaml_sub(to, str_of(parameter)), STR("runtimeValue")),
		     STR("constant"), name);
}

static void refuse(struct block *b, struct value volume, const char *key, const char *of)
{
	if (block_has(volume, key))
		export_fault(b->k->x, E1003, b->at,
			     "the `kubernetes:` block of '%.*s' says \"%s\" of %s, and "
			     "Kubeflow has no such setting",
			     STR_ARG(b->c->name), key, of);
}

/* "read_only": what is always so need not be said. */
static void refuse_read_only(struct block *b, struct value volume, const char *of)
{
	const struct value *v = value_get(volume, STR("read_only"));

	if (v && v->kind == VALUE_BOOL && v->b)
		refuse(b, volume, "read_only", of);
}

/* Secrets and config maps: Kubernetes never lets anybody write to them. */
static void add_map(struct block *b, struct value v, const char *name, const char *list,
		    const char *key, const char *parameter)
{
	struct yaml *item = block_add(b->pod, list);

	put_name(item, key, parameter, value_get_str(v, name));
	block_put_text(item, "mountPath", v, "path");
	yaml_put(item, STR("optional"), yaml_bool(b->k->a, false));
	refuse(b, v, "sub_path", "a secret or a config map");
	refuse(b, v, "size", "a secret or a config map");
}

static void add_pvc(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->pod, "pvcMount");

	put_name(item, "constant", "pvcNameParameter", value_get_str(v, "pvc"));
	block_put_text(item, "mountPath", v, "path");
	block_put_text(item, "subPath", v, "sub_path");
	refuse(b, v, "size", "a claim that there is");
	refuse_read_only(b, v, "a claim");
}

static void add_empty_dir(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->pod, "emptyDirMounts");

	block_put_text(item, "volumeName", v, "empty_dir");
	block_put_text(item, "mountPath", v, "path");
	block_put_text(item, "medium", v, "medium");
	block_put_size(item, "sizeLimit", v, "size");
	refuse(b, v, "sub_path", "an empty folder");
	refuse_read_only(b, v, "an empty folder");
}

static void add_ephemeral(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->pod, "genericEphemeralVolume");

	block_put_text(item, "volumeName", v, "ephemeral");
	block_put_text(item, "mountPath", v, "path");
	block_put_size(item, "size", v, "size");
	block_put_texts(item, "accessModes", v, "access_modes");
	block_put_text(item, "storageClassName", v, "storage_class");
	if (!block_has(v, "storage_class"))
		yaml_put(item, STR("defaultStorageClass"), yaml_bool(b->k->a, true));
	refuse(b, v, "sub_path", "a volume of its own");
	refuse_read_only(b, v, "a volume of its own");
}

static void add_volume(struct block *b, struct value v)
{
	if (!block_has(v, "ephemeral")) {
		refuse(b, v, "access_modes", "a volume that there is");
		refuse(b, v, "storage_class", "a volume that there is");
	}
	if (!block_has(v, "empty_dir"))
		refuse(b, v, "medium", "what is no empty folder");
	if (block_has(v, "pvc"))
		add_pvc(b, v);
	else if (block_has(v, "secret"))
		add_map(b, v, "secret", "secretAsVolume", "secretName",
			"secretNameParameter");
	else if (block_has(v, "config_map"))
		add_map(b, v, "config_map", "configMapAsVolume", "configMapName",
			"configMapNameParameter");
	else if (block_has(v, "ephemeral"))
		add_ephemeral(b, v);
	else
		add_empty_dir(b, v);
}

static void add_toleration(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->pod, "tolerations");

	block_put_text(item, "key", v, "key");
	block_put_text(item, "operator", v, "operator");
	block_put_text(item, "value", v, "value");
	block_put_text(item, "effect", v, "effect");
	put_int(item, "tolerationSeconds", v, "seconds");
}

static void add_pull_secret(struct block *b, struct value v)
{
	if (v.kind == VALUE_STR)
		put_name(block_add(b->pod, "imagePullSecret"), "secretName", "secretNameParameter",
			 *v.s);
}

static void add_config_map_env(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->pod, "configMapAsEnv"), *keys = yaml_seq(b->k->a);
	struct yaml *key = yaml_map(b->k->a);

	block_put_text(key, "configMapKey", v, "key");
	block_put_text(key, "envVar", v, "name");
	yaml_add(keys, key);
	put_name(item, "configMapName", "configMapNameParameter",
		 value_get_str(v, "config_map"));
	yaml_put(item, STR("keyToEnv"), keys);
	yaml_put(item, STR("optional"), yaml_bool(b->k->a, false));
}

static void add_node_affinity(struct block *b, struct value v)
{
	struct yaml *term = block_add(b->pod, "nodeAffinity"), *all = yaml_seq(b->k->a);
	struct yaml *match = yaml_map(b->k->a);

	block_put_text(match, "key", v, "key");
	block_put_text(match, "operator", v, "operator");
	block_put_texts(match, "values", v, "values");
	yaml_add(all, match);
	yaml_put(term, STR("matchExpressions"), all);
	block_put_int(term, "weight", v, "weight");
}

static void add_pod_affinity(struct block *b, struct value v)
{
	struct yaml *term = block_add(b->pod, "podAffinity");

	block_put_texts(term, "matchPodLabels", v, "labels");
	block_put_text(term, "topologyKey", v, "topology_key");
	block_put_texts(term, "namespaces", v, "namespaces");
	block_put_bool(term, "anti", v, "anti");
	block_put_int(term, "weight", v, "weight");
}

/* {name: text} as a list of objects, which is how Kubernetes has it. */
static void put_pairs(struct yaml *to, const char *key, struct value from,
		      const char *name, const char *left, const char *right)
{
	const struct value *v = value_get(from, str_of(name));
	struct yaml *all = yaml_seq(to->a), *item;

	for (size_t i = 0; v && v->kind == VALUE_DICT && i < v->dict->n; i++) {
		if (v->dict->at[i].value.kind != VALUE_STR)
			continue;
		item = yaml_map(to->a);
		yaml_put_str(item, str_of(left), v->dict->at[i].key);
		yaml_put_str(item, str_of(right), *v->dict->at[i].value.s);
		yaml_add(all, item);
	}
	if (all->n)
		yaml_put(to, str_of(key), all);
}

static void add_init_container(struct block *b, struct value v)
{
	struct yaml *item = block_add(b->pod, "initContainers");

	if (str_is(value_get_str(v, "name"), "kfp-launcher"))
		export_fault(b->k->x, E1003, b->at,
			     "an init container of '%.*s' is called \"kfp-launcher\", "
			     "which is Kubeflow's own: choose another name",
			     STR_ARG(b->c->name));
	block_put_text(item, "name", v, "name");
	block_put_text(item, "image", v, "image");
	block_put_texts(item, "command", v, "command");
	block_put_texts(item, "args", v, "args");
	put_pairs(item, "env", v, "env", "name", "value");
	put_pairs(item, "volumeMounts", v, "mounts", "volumeName", "mountPath");
}

static void add_selector(struct block *b, struct value block)
{
	block_put_texts(yaml_sub(b->pod, STR("nodeSelector")), "labels", block, "node_selector");
}

static void add_annotations(struct block *b, struct value block)
{
	block_put_texts(yaml_sub(b->pod, STR("podMetadata")), "annotations", block,
		  "annotations");
}

static void set_pull_policy(struct block *b, struct value block)
{
	block_put_text(b->pod, "imagePullPolicy", block, "image_pull_policy");
}

static void set_user(struct block *b, struct value block)
{
	struct yaml *who = yaml_sub(b->pod, STR("securityContext"));

	put_int(who, "runAsUser", block, "run_as_user");
	put_int(who, "runAsGroup", block, "run_as_group");
	block_put_bool(who, "runAsNonRoot", block, "run_as_non_root");
}

static void set_shared_memory(struct block *b, struct value block)
{
	struct yaml *memory = yaml_sub(b->pod, STR("enabledSharedMemory"));

	block_put_size(memory, "size", block, "shared_memory");
	yaml_put_str(memory, STR("volumeName"), STR("shm"));
}

static void set_field_env(struct block *b, struct value block)
{
	put_pairs(b->pod, "fieldPathAsEnv", block, "field_env", "name", "fieldPath");
}

static void refuse_account(struct block *b, struct value block)
{
	(void)block;
	export_fault(b->k->x, E1003, b->at,
		     "Kubeflow has no service account for one task ('%.*s'): it is that "
		     "of the run, and chosen where the run is started",
		     STR_ARG(b->c->name));
}

/* By the key of the block; either for each element of its list, or for all of it. */
static const struct rule {
	const char *key;
	void (*one)(struct block *, struct value element);
	void (*whole)(struct block *, struct value block);
} RULES[] = {
	{"node_selector", NULL, add_selector},
	{"tolerations", add_toleration, NULL},
	{"volumes", add_volume, NULL},
	{"image_pull_secrets", add_pull_secret, NULL},
	{"service_account", NULL, refuse_account},
	{"annotations", NULL, add_annotations},
	{"image_pull_policy", NULL, set_pull_policy},
	{"run_as_user", NULL, set_user},
	{"run_as_group", NULL, set_user},
	{"run_as_non_root", NULL, set_user},
	{"shared_memory", NULL, set_shared_memory},
	{"field_env", NULL, set_field_env},
	{"config_map_env", add_config_map_env, NULL},
	{"node_affinity", add_node_affinity, NULL},
	{"pod_affinity", add_pod_affinity, NULL},
	{"init_containers", add_init_container, NULL},
};

static const struct rule *find_rule(struct str key)
{
	for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++)
		if (str_is(key, RULES[i].key))
			return &RULES[i];
	return NULL;
}

static void apply(struct block *b, struct value block, struct str key, struct value v)
{
	const struct rule *r = find_rule(key);

	b->at = block_place(b->c, key);
	if (!r)
		export_fault(b->k->x, E1003, b->at,
			     "'%.*s' of a `kubernetes:` block is nothing that can be "
			     "exported to Kubeflow",
			     STR_ARG(str_sub(key, 0, 60)));
	else if (r->whole)
		r->whole(b, block);
	else
		for (size_t i = 0; v.kind == VALUE_LIST && i < v.list->n; i++)
			r->one(b, v.list->at[i]);
}

void kfp_kubernetes(struct kfp *k, const struct module_component *c, struct yaml *pod)
{
	struct block b = {.k = k, .c = c, .pod = pod};
	struct value block;

	if (!c->kubernetes.n || json_parse(k->a, c->kubernetes, &block, NULL) ||
	    block.kind != VALUE_DICT)
		return;
	for (size_t i = 0; i < block.dict->n; i++)
		apply(&b, block, block.dict->at[i].key, block.dict->at[i].value);
}
