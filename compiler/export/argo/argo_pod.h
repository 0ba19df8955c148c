/* Shared by the parts of the Argo exporter that make pods: the containers, what is asked
 * of a cluster for them, and the files that they read. */
#ifndef KFPC_EXPORT_ARGO_POD_H
#define KFPC_EXPORT_ARGO_POD_H

#include "compiler/export/argo/argo_int.h"

#define ARGO_FILES "/kfpc"		/* where the ConfigMaps are mounted */
#define ARGO_INPUTS "/tmp/inputs"
#define ARGO_OUTPUTS "/tmp/outputs"
#define ARGO_IMAGE "python:3.11-slim"

struct pods {
	struct yaml *files;	/* of the ConfigMaps: name -> text */
	struct yaml *secrets;	/* that images are pulled with, sorted */
	struct map made;	/* what a template says -> template */
	bool collects;		/* some artifact has a key, which is one of a store's kind */
	bool memoizes;		/* some task: then artifacts have digests */
};

struct pods *argo_pods(struct argo *g);

/* The launcher, behind what it is told. */
void argo_add_launcher(struct argo *g);
/* Puts a member unless its value is empty. */
void argo_put_some(struct yaml *map, struct str key, struct yaml *value);
/* A new element, a map with this name, of the list under key. */
struct yaml *argo_add_named(struct yaml *map, struct str key, struct str name);


/* A container that runs the launcher, with the image of the component's environment (c
 * may be NULL), and what it is told once the template has a name. */
struct yaml *argo_launcher(struct argo *g, const struct module_component *c);
void argo_launcher_args(struct argo *g, struct yaml *container, struct str name,
			bool collects);
/* An input with the file that brings it; an output, of the list of one or the other. */
void argo_value_input(struct argo *g, struct yaml *inputs, struct str name);
struct yaml *argo_pod_output(struct argo *g, struct yaml *outputs, bool artifact,
			     struct str name);
struct yaml *argo_pod_outputs(struct argo *g, const struct argo_job *job);
/* argo_load.c: may it be that a pod can load what is named?  A fault if not. */
bool argo_can_load(struct argo *g, const struct argo_job *job);
/* argo_container.c: the templates of a component that runs a program of an image. */
struct yaml *argo_container(struct argo *g, struct argo_job *job);
struct str argo_image(struct argo *g, const struct module_component *c);
/* Text for a container's env or args: Kubernetes replaces $(NAME) there. */
struct str argo_unexpanded(struct argo *g, struct str text);

/* argo_setting.c: settings of a task. */

/* Adds reads, "setting-NAME", for those that are computed while the pipeline runs. */
bool argo_is_setting(struct str read);
void argo_setting_reads(struct argo *g, struct argo_job *job);
/* Puts in template and container what the settings, the environment and the
 * `kubernetes:` block of a component's task say. */
void argo_settings(struct argo *g, struct argo_job *job, struct yaml *template,
		   struct yaml *container);
/* Members for the container, JSON with tags, that the pod is patched with. */
void argo_patch_main(struct yaml *template, struct str members);
/* The labels in a map; a fault for those that Kubernetes does not take. */
void argo_labels(struct argo *g, struct value labels, struct loc loc, struct yaml *to);
/* Where it is said; of what counts most. */
struct loc argo_setting_loc(struct argo *g, const struct argo_job *job, enum setting id);
bool argo_setting_const(struct argo *g, const struct argo_job *job, enum setting id,
			struct value *out);

/* argo_kubernetes.c */
void argo_kubernetes(struct argo *g, const struct module_component *c,
		     struct yaml *template, struct yaml *container);

/* argo_memo.c: earlier results, for a task that says `cache = on`. */
bool argo_is_memoized(struct argo *g, const struct argo_job *job);
/* What in the key depends on the inputs, members of a list in an expression. */
struct str argo_memo_inputs(struct argo *g, const struct argo_job *job,
			    const struct yaml *template);
/* what: all else that the result depends on. */
void argo_memoize(struct argo *g, struct str name, struct str inputs, struct str what,
		  struct yaml *template);

/* argo_limit.c: faults for what a cluster would refuse. */
bool argo_is_label(struct str s);
bool argo_is_dns_name(struct str s);	/* of a Secret, a PersistentVolumeClaim ... */
bool argo_is_dns_label(struct str s);	/* of a volume, a namespace ... */
bool argo_is_qualified(struct str s);	/* nvidia.com/gpu; of a label */
bool argo_is_key(struct str s);		/* of a Secret or ConfigMap */
/* Faults for a spec with too many templates, tasks, inputs, or bytes. */
void argo_check_limits(struct argo *g, const struct yaml *spec);

#endif
