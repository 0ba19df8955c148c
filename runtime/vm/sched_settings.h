/* Settings of tasks and calls while a run goes on: which one counts, and its value.
 *
 * For a task, the strongest first: the config's "fit.settings.cpu", `with` of its call,
 * its component, then what the calls of pipelines around it say as a default, from the
 * inside out (the config's "sub.settings.cpu", `with`).  `timeout` and `display_name`
 * of a call are its own and no defaults; `env` and `labels` are put together, a key
 * having its strongest value.
 *
 * For the call of a pipeline: the config's, `with`, `settings:` of the pipeline. */
#ifndef KFPC_VM_SCHED_SETTINGS_H
#define KFPC_VM_SCHED_SETTINGS_H

#include "runtime/vm/sched.h"

/* All settings of task inst, None where nobody gives one; -1 with err, which begins with
 * the place if there is one. */
int sched_settings(struct sched *s, uint32_t inst, struct arena *a,
		   struct value out[SETTING_N], struct err *err);
/* What it weighs and where that is said (" at iris.kfp:3:4", "" for what is not given;
 * places may be NULL);
 * -1 with err if a setting cannot be computed (now) or has no meaning. */
int sched_need(struct sched *s, uint32_t inst, struct arena *a, struct need *out,
	       struct str places[RESOURCE_N], struct err *err);
/* The accelerator that it wants; None if it does not say. */
int sched_gpu_type(struct sched *s, uint32_t inst, struct arena *a, struct value *out,
		   struct err *err);
/* A setting of the pipeline of a scope, the root's or a called one's. */
int sched_scope_setting(struct sched *s, uint32_t scope, enum setting id, struct arena *a,
			struct value *out, struct err *err);
/* Fills what a task has of settings; -1 with err, which may begin with a place. */
int sched_fill_settings(struct sched *s, struct sched_task *t, struct err *err);

#endif
