/* What the scheduler computes: inputs of sites, arguments and settings of tasks. */
#ifndef KFPC_VM_SCHED_VALUES_H
#define KFPC_VM_SCHED_VALUES_H

#include "runtime/vm/sched.h"

/* The value of an input of such a site; -1 with err. */
int sched_input(struct sched *s, uint32_t scope, uint32_t inst, const struct input *in,
		struct arena *a, struct value *out, struct err *err);
/* Computes a site of the instance's pipeline; -1 with err. */
int sched_eval(struct sched *s, uint32_t scope, uint32_t inst, const struct site *site,
	       struct arena *a, struct value *out, struct err *err);
/* The value of parameter `param` of what node n (of scope) calls: what the call passes,
 * else the config's, else the default. */
int sched_arg(struct sched *s, uint32_t scope, uint32_t inst, const struct module_node *n,
	      const struct module_param *p, uint32_t param, struct arena *a, struct value *out,
	      struct err *err);
/* Fills args and settings of t, and checks constraints; -1 with err and place. */
int sched_fill_task(struct sched *s, struct sched_task *t, struct str *place, struct err *err);
/* Errors of expressions begin with their place: "iris.kfp:3:5: ...".  Moves it to
 * place, a copy in a; place is left alone where there is none. */
void sched_split_place(struct err *err, struct arena *a, struct str *place);

/* Is parameter number `param` left at its default by the call n? */
static inline bool node_param_is_free(const struct module_node *n, uint32_t param)
{
	return param >= n->nargs || !n->args[param];
}

#endif
