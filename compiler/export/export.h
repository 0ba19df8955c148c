/* A pipeline of a module in the words of another system.
 *
 * An exporter reads the module only, so it works on a .kfpb as on a .kfp.  What the
 * target cannot say is a fault with the place in the source; nothing is left out in
 * silence. */
#ifndef KFPC_EXPORT_EXPORT_H
#define KFPC_EXPORT_EXPORT_H

#include "runtime/base/diag.h"
#include "runtime/bc/config.h"

enum export_target {
#define EXPORT(name, summary, ending) EXPORT_##name,
#include "compiler/export/export.def"
#undef EXPORT
	EXPORT_N
};

struct export_run;
struct readback_claims;
struct readback_graph;
struct yaml_docs;

enum argo_kind {		/* --kind: what is written beside the ConfigMaps */
	ARGO_BOTH,		/* a WorkflowTemplate, its schedules, a Workflow that starts it */
	ARGO_WORKFLOW, ARGO_WORKFLOW_TEMPLATE, ARGO_CRON_WORKFLOW
};

struct argo_options {		/* "" where nothing was said */
	enum argo_kind kind;
	bool rbac;
	struct str name_space, service_account, pull_policy;
	struct str store;	/* the kind of artifact store, as Argo calls it: "s3" */
	struct str repository;	/* "config-map/key", where it is described; "": the default */
};

struct export_fault {
	enum diag_code code;
	struct loc loc;
	struct str text;
};

/* A task of the target that no task of the program stands behind. */
struct export_extra {
	struct str task;	/* its place in what is written */
	const char *why;	/* "computes an expression" */
	struct str text;	/* the expression, as written; or "" */
	struct loc loc;		/* of the line that it stands for */
};

struct export {
	struct module *m;
	uint32_t pipeline;
	uint32_t config;	/* kfp: whose values become defaults; MODULE_NONE: none */
	struct str helper;	/* kfp: text of the Python that runs component code */
	struct str driver;	/* and of that which runs notebooks with it */
	bool sdk_form;		/* kfp: Python components as its SDK makes them */
	bool is_component;	/* kfp: it is one component that stands alone */
	const struct export_run *run;	/* dot, mermaid, json: what happened; NULL */
	struct argo_options argo;
	uint32_t depth;			/* dot, mermaid: levels of called pipelines */
	struct arena *a;		/* of what is made */
	VEC(struct export_fault) faults; /* the caller releases it */
	unsigned nerrors;
	VEC(struct export_extra) extras;	/* the caller releases it */
	const struct readback_claims *claims;	/* of what was written (readback.h) */
	struct str broken;	/* what was written is not what was meant: how they differ */
};

enum { EXPORT_DEPTH = 3 };	/* of called pipelines, unless something else is said */

enum export_target export_find(struct str name);	/* EXPORT_N: there is none */
const char *export_name(enum export_target t);

void export_fault(struct export *x, enum diag_code code, struct loc loc, const char *fmt,
		  ...)
	__attribute__((format(printf, 4, 5)));

/* Takes note of a generated task.  task, why and text are borrowed. */
void export_extra(struct export *x, struct str task, const char *why, struct str text,
		  struct loc loc);

/* By the exporter of the target: 0, or -1 if there is an error among the faults, or what
 * was written is broken; nothing is in out then. */
int export_write(enum export_target t, struct export *x, struct buf *out);

/* Pictures (graph.h), and the graph for other programs (doc/export.md). */
int export_dot(struct export *x, struct buf *out);
int export_mermaid(struct export *x, struct buf *out);
int export_json(struct export *x, struct buf *out);

/* Argo's objects, a YAML document each. */
int export_argo(struct export *x, struct buf *out);
/* What they say; as kfp_readback_graph. */
int argo_readback_graph(const struct yaml_docs *docs, struct arena *a,
			struct readback_graph *out, struct err *err);

/* Kubeflow's IR, one or two YAML documents. */
int export_kfp(struct export *x, struct buf *out);
/* What the first of them says, in a.  -1 with err where it has no meaning; the caller
 * releases out by readback_release in both cases. */
int kfp_readback_graph(const struct yaml_docs *docs, struct arena *a,
		       struct readback_graph *out, struct err *err);

/* The same of one component, to be used in pipelines that are written in Python; of x,
 * pipeline and config are not read. */
int export_component(struct export *x, uint32_t component, struct buf *out);

#endif
