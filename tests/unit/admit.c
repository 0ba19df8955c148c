/* Admission with a fake clock: tasks that weigh something, on machines of a given size. */
#include <config.h>

#include "runtime/vm/admit.h"
#include "tests/unit/tap.h"
#include "tests/unit/vm_build.h"

enum { MAX_RUNNING = 64 };

struct fake {			/* tasks that end in the order of their starts */
	struct sched s;
	struct plan plan;
	struct machine machine;
	struct sched_task *running[MAX_RUNNING];
	unsigned nrunning;
	struct buf log;
};

static int64_t fake_now(void *ctx)
{
	(void)ctx;
	return 1;
}

static bool fake_prepare(void *ctx, uint32_t inst)
{
	(void)ctx, (void)inst;
	return true;
}

static void fake_start(void *ctx, struct sched_task *t)
{
	struct fake *f = ctx;

	f->running[f->nrunning++] = t;
}

static void fake_cancel(void *ctx, struct sched_task *t, bool force)
{
	(void)ctx, (void)t, (void)force;
}

static void fake_changed(void *ctx, const struct sched_change *c)
{
	struct fake *f = ctx;

	if (c->kind == SCHED_STARTED) {
		buf_addf(&f->log, "+%.*s ", STR_ARG(c->task->path));
		if (c->task->ngpus)
			buf_addf(&f->log, "(%.*s) ", STR_ARG(c->task->gpu_names));
	} else if (c->kind == SCHED_ENDED && c->state == INST_FAILED) {
		buf_addf(&f->log, "[%.*s] ", STR_ARG(c->end->error));
	} else if (c->kind == SCHED_ENDED) {
		buf_addf(&f->log, "-%.*s ", STR_ARG(c->task->path));
	}
}

static const struct sched_ops FAKE = {fake_now, fake_prepare, fake_start, fake_cancel,
				      fake_changed, NULL, NULL};

static const struct str NAMES[] = {{"0", 1}, {"1", 1}, {"2", 1}, {"3", 1}};

static void fake_init(struct fake *f, struct mk *k, uint32_t pipeline)
{
	struct err err;

	*f = (struct fake){.machine = {.has = {4 * CPU_UNIT, 8 << 20, 2}, .gpus = NAMES,
				       .gpu_type = STR("")}};
	if (plan_make(&f->plan, k->m, pipeline, NULL, &err))
		BUG("%s", err.text);
	sched_init(&f->s, &f->plan, NULL, NULL, &FAKE, f);
	admit_init(&f->s, &f->machine);
	f->s.jobs = 16;
}

static void fake_release(struct fake *f)
{
	sched_release(&f->s);
	plan_release(&f->plan);
	buf_release(&f->log);
}

/* The n-th of those that run ends well. */
static void fake_end(struct fake *f, unsigned n)
{
	struct sched_task *t = f->running[n];
	struct value out = value_int(t->args[0].i);
	struct sched_end end = {.how = SCHED_OK, .error = STR(""), .place = STR(""),
				.members = STR(""), .values = &out};

	f->nrunning--;
	memmove(&f->running[n], &f->running[n + 1],
		(f->nrunning - n) * sizeof *f->running);
	sched_ended(&f->s, t, &end);
}

static const char *fake_run(struct fake *f)
{
	while (!sched_is_done(&f->s)) {
		sched_step(&f->s);
		if (f->nrunning)
			fake_end(f, 0);
	}
	return buf_cstr(&f->log);
}

static void setup(struct mk *k)
{
	struct module_param p;

	mk_init(k, 1, 3);
	p = mk_param(k, "x", k->m->types.integer, 7, NULL);
	mk_component(k, "c", &p, 1);
}

static struct module_setting setting(struct mk *k, enum setting id, double n)
{
	struct value v = id == SETTING_CPU ? value_float(n) : value_int((int64_t)n);

	return (struct module_setting){
		id, builder_site_const(&k->b, v, setting_type(id, &k->m->types), SPAN_NONE),
	};
}

/* A task of the component that wants so much; 0: it does not say. */
static struct module_node task(struct mk *k, const char *name, double cpu, double memory,
			       double gpu)
{
	struct module_node n = MK_NODE(TASK, "");
	struct module_setting *s = ARENA_ARRAY(&k->m->arena, 4, struct module_setting);

	n.name = n.path = str_of(name);
	n.settings = s;
	if (cpu > 0)
		s[n.nsettings++] = setting(k, SETTING_CPU, cpu);
	if (memory > 0)
		s[n.nsettings++] = setting(k, SETTING_MEMORY, memory * (1 << 20));
	if (gpu > 0)
		s[n.nsettings++] = setting(k, SETTING_GPU, gpu);
	return n;
}

static void try_flat(const struct module_node *nodes, uint32_t n, struct mk *k,
		     const char *want, const char *what)
{
	struct fake f;

	mk_pipeline(k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
						 .nnodes = n});
	builder_finish(&k->b);
	fake_init(&f, k, 0);
	is_str(fake_run(&f), want, what);
	is_int(f.s.free[RESOURCE_CPU], 4 * CPU_UNIT, "all processors are given back");
	is_int(f.s.free[RESOURCE_GPU], 2, "and all GPUs");
	fake_release(&f);
	mk_release(k);
}

static void test_sums(void)
{
	struct mk k;

	setup(&k);
	struct module_node nodes[] = {
		task(&k, "a", 2, 0, 0), task(&k, "b", 1.5, 0, 0), task(&k, "c", 0.5, 0, 0),
		task(&k, "d", 0.1, 0, 0), task(&k, "e", 0, 0, 0), task(&k, "f", 0, 8, 0),
	};

	try_flat(nodes, 6, &k, "+a +b +c +e +f -a +d -b -c -e -f -d ",
		 "what fits runs; the rest waits until something has ended");
}

static void test_fair(void)
{
	struct mk k;

	setup(&k);
	struct module_node nodes[] = {
		task(&k, "s1", 1, 0, 0), task(&k, "s2", 1, 0, 0), task(&k, "big", 4, 0, 0),
		task(&k, "s3", 1, 0, 0), task(&k, "s4", 1, 0, 0), task(&k, "m", 0, 1, 0),
		task(&k, "n", 0, 0, 0),
	};

	try_flat(nodes, 7, &k,
		 "+s1 +s2 +m +n -s1 -s2 +big -m -n -big +s3 +s4 -s3 -s4 ",
		 "small tasks do not overtake a big one in what it waits for");
}

static void test_gpus(void)
{
	struct mk k;

	setup(&k);
	struct module_node nodes[] = {
		task(&k, "a", 0, 0, 1), task(&k, "b", 0, 0, 1), task(&k, "c", 0, 0, 2),
		task(&k, "d", 1, 0, 0), task(&k, "e", 0, 0, 1),
	};

	try_flat(nodes, 5, &k, "+a (0) +b (1) +d -a -b +c (0,1) -d -c +e (0) -e ",
		 "each GPU belongs to one task at a time");
}

static void test_too_big(void)
{
	struct mk k;
	struct fake f;
	struct err err;

	setup(&k);
	struct module_node nodes[] = {task(&k, "a", 4, 8, 2), task(&k, "b", 0, 9, 0)};

	mk_pipeline(&k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
						  .nnodes = 2});
	builder_finish(&k.b);
	fake_init(&f, &k, 0);
	is_int(admit_check_all(&f.s, &err), -1, "what can never fit is refused");
	is_int(err.kind, ERR_INPUT, "as a fault of the program");
	is_str(err.text,
	       "task 'b' cannot run here: it wants 9 MiB of memory (memory), and this "
	       "machine has 8 MiB: lower 'memory', or say what the machine has with "
	       "--memory", "with both sizes, and what to do");
	is_str(fake_run(&f), "+a (0,1) [it wants 9 MiB of memory (memory), and this machine has 8 "
	       "MiB: lower 'memory', or say what the machine has with --memory] -a ",
	       "and fails if it is started all the same");
	fake_release(&f);
	mk_release(&k);
}

/* memory = (output of a) MiB */
static void test_computed(void)
{
	struct mk k;
	struct fake f;
	struct err err;

	setup(&k);
	struct expr *bytes = mk_op(&k, OP_MUL, mk_in(&k, INPUT_NODE, 0),
				   mk_int(&k, 1 << 20), k.m->types.integer);
	struct module_setting s = {SETTING_MEMORY, mk_site(&k, bytes)};
	struct module_node nodes[] = {
		task(&k, "a", 0, 0, 0), task(&k, "b", 0, 2, 0), task(&k, "c", 0, 0, 0),
	};

	nodes[2].settings = &s;
	nodes[2].nsettings = 1;
	mk_pipeline(&k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
						  .nnodes = 3});
	builder_finish(&k.b);
	fake_init(&f, &k, 0);
	is_int(admit_check_all(&f.s, &err), 0, "what is computed is not known before");
	is_str(fake_run(&f), "+a +b -a -b +c -c ", "a weight that a task computes");
	fake_release(&f);
	mk_release(&k);
}

/* A called pipeline with parallelism = 2 and five tasks, and one beside it. */
static void test_parallelism(void)
{
	struct mk k;
	struct fake f;

	setup(&k);
	struct module_setting two = setting(&k, SETTING_PARALLELISM, 2);
	struct module_node inner[] = {
		task(&k, "a", 0, 0, 0), task(&k, "b", 0, 0, 0), task(&k, "c", 0, 0, 0),
		task(&k, "d", 0, 0, 0), task(&k, "e", 0, 0, 0),
	};
	struct module_node outer[] = {
		MK_NODE(CALL, "s", .target = 0), task(&k, "z", 0, 0, 0),
	};

	mk_pipeline(&k, &(struct module_pipeline){.name = STR("sub"), .nodes = inner,
						  .nnodes = 5, .settings = &two,
						  .nsettings = 1});
	mk_pipeline(&k, &(struct module_pipeline){.name = STR("p"), .nodes = outer,
						  .nnodes = 2});
	builder_finish(&k.b);
	fake_init(&f, &k, 1);
	is_str(fake_run(&f),
	       "+z +s/a +s/b -z -s/a +s/c -s/b +s/d -s/c +s/e -s/d -s/e ",
	       "parallelism of a called pipeline is for its tasks");
	fake_release(&f);
	mk_release(&k);
}

/* More tasks wait than are looked at. */
static void test_many(void)
{
	enum { N = 10000 };
	struct mk k;
	struct fake f;

	setup(&k);
	struct module_node *nodes = ARENA_ARRAY(&k.m->arena, N, struct module_node);

	for (uint32_t i = 0; i < N; i++)
		nodes[i] = task(&k, arena_printf(&k.m->arena, "t%u", i).p,
				i % 2 ? 4 : 1, 1, 0);
	mk_pipeline(&k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
						  .nnodes = N});
	builder_finish(&k.b);
	fake_init(&f, &k, 0);
	fake_run(&f);
	is_str(sched_state(&f.s), "succeeded", "many tasks that wait");
	is_int(f.s.free[RESOURCE_MEMORY], 8 << 20, "all memory is given back");
	fake_release(&f);
	mk_release(&k);
}

int main(void)
{
	test_sums();
	test_fair();
	test_gpus();
	test_too_big();
	test_computed();
	test_parallelism();
	test_many();
	return done_testing();
}
