#include <config.h>

#include "runtime/value/json.h"
#include "runtime/vm/eval.h"
#include "runtime/vm/runner.h"

struct words {
	struct str *at;
	uint32_t n;
};

static struct value file_value(struct arena *a, struct str path, uint32_t part)
{
	return value_str(a, arena_printf(a, "%s" CONTAINER_ROOT "/%.*s",
					 part == FILE_URI ? "file://" : "",
					 STR_ARG(path)));
}

/* Outputs that are values or points lie where a shell would leave them. */
static struct str output_path(const struct module_output *o, struct arena *a)
{
	struct exec_output out = {o->name, o->type};

	if (type_holds_artifacts(o->type))
		return exec_output_path(&out, a);
	return arena_printf(a, "val/%.*s", STR_ARG(o->name));
}

static struct value input_value(const struct sched_task *t, const struct input *in,
				struct arena *a)
{
	const struct module_component *c = t->component;
	const struct module_param *p;

	switch (in->kind) {
	case INPUT_PARAM:
		return t->args[in->index];
	case INPUT_PARAM_FILE:
		if (t->args[in->index].kind == VALUE_NONE)
			return VALUE_NONE_V;
		p = &c->params[in->index];
		return file_value(a,
				  run_input_path(p->name, p->type, t->args[in->index], a),
				  in->output);
	case INPUT_OUTPUT_FILE:
		return file_value(a, output_path(&c->outputs[in->index], a), in->output);
	case INPUT_OUTPUT:
	case INPUT_NODE:
	case INPUT_RUN:
	case INPUT_TASK_ID:
	case INPUT_ITEM:
	case INPUT_TRY:
		break;
	}
	BUG("an input of a container that is none");
}

static int get_words(const struct runner *r, const struct sched_task *t,
		     const struct site *site, struct arena *a, struct words *out,
		     struct err *err)
{
	struct value *inputs, v;

	*out = (struct words){0};
	if (!site)
		return 0;
	inputs = ARENA_ARRAY(a, site->ninputs + 1, struct value);
	for (uint32_t i = 0; i < site->ninputs; i++)
		inputs[i] = input_value(t, &site->inputs[i], a);
	if (eval(r->m, site, inputs, a, &v, err))
		return -1;
	out->at = ARENA_ARRAY(a, v.list->n, struct str);
	for (size_t i = 0; i < v.list->n; i++)
		if (v.list->at[i].kind == VALUE_STR)
			out->at[out->n++] = *v.list->at[i].s;
	return 0;
}

static void add_words(struct buf *b, const char *key, const struct words *w)
{
	json_put_key(b, key);
	buf_addc(b, '[');
	for (uint32_t i = 0; i < w->n; i++) {
		buf_addz(b, i ? "," : "");
		buf_add_json(b, w->at[i]);
	}
	buf_addc(b, ']');
}

static struct str container_json(struct str image, const struct words *command,
				 const struct words *args, struct arena *a)
{
	struct buf b = {0};
	struct str out;

	buf_addc(&b, '{');
	json_put_str(&b, "image", image);
	add_words(&b, "command", command);
	add_words(&b, "args", args);
	buf_addz(&b, "}\n");
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

int run_container_code(const struct runner *r, const struct sched_task *t,
		       struct arena *a, struct str *out, struct err *err)
{
	const struct module_component *c = t->component;
	struct words command, args;

	if (get_words(r, t, c->command, a, &command, err) ||
	    get_words(r, t, c->args, a, &args, err))
		return -1;
	*out = container_json(r->m->envs[c->env].image, &command, &args, a);
	return 0;
}

static void fill_limits(struct attempt *at)
{
	struct value cpu = at->t->settings[SETTING_CPU_LIMIT];
	struct value memory = at->t->settings[SETTING_MEMORY_LIMIT];

	at->spec.gpus = at->t->gpu_names;
	if (cpu.kind != VALUE_NONE)
		at->spec.cpu_limit = cpu.kind == VALUE_INT ? (double)cpu.i : cpu.f;
	if (memory.kind == VALUE_INT)
		at->spec.memory_limit = memory.i;
}

int run_container_fill(struct attempt *at, struct err *err)
{
	const struct module_component *c = at->t->component;
	struct words command, args;

	if (c->code_kind != CODE_CONTAINER)
		return 0;
	if (get_words(at->r, at->t, c->command, at->a, &command, err) ||
	    get_words(at->r, at->t, c->args, at->a, &args, err))
		return -1;
	fill_limits(at);
	at->spec.image = at->r->m->envs[c->env].image;
	at->spec.command = command.at;
	at->spec.ncommand = command.n;
	at->spec.args = args.at;
	at->spec.nargs = args.n;
	at->spec.code = container_json(at->spec.image, &command, &args, at->a);
	return 0;
}
