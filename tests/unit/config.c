/* Config addresses, and the config of a run. */
#include <config.h>

#include "runtime/vm/run_args.h"
#include "tests/unit/tap.h"
#include "tests/unit/vm_build.h"

struct fixture {
	struct mk k;
	struct arena a;
	struct config_slots slots;
	struct run_config config;
	struct buf errors;
};

static struct expr *param(struct mk *k, uint32_t i, const struct type *t)
{
	return builder_input(&k->b, (struct input){INPUT_PARAM, i, 0}, t, SPAN_NONE);
}

/* fit(c: float = 1 where c > 0, n: int), deploy(x: int = 0), other(lr: int = 3, c: int
 * = 4). sub(a: int = 1): f = fit(n=a); deploy(); deploy() p(k: int = 2, need: int): fit
 * = fit(c=.., n left); s = sub(); t = sub(a=k)
 *	if k > 0: x = fit(n=k) else: x = other(); d = deploy() */
static void setup(struct fixture *f)
{
	struct mk *k = &f->k;

	*f = (struct fixture){0};
	mk_init(k, 4, 2);
	const struct types *t = &k->m->types;
	struct expr *positive = builder_binary(
		&k->b, OP_GT, param(k, 0, t->floating),
		builder_const(&k->b, value_float(0), t->floating, SPAN_NONE), t->boolean,
		SPAN_NONE);
	struct module_param fit[] = {
		mk_param(k, "c", t->floating, 1, mk_site(k, positive)),
		mk_param(k, "n", t->integer, INT64_MIN, NULL)};
	struct module_param deploy[] = {mk_param(k, "x", t->integer, 0, NULL),
					mk_param(k, "data", t->dataset, INT64_MIN, NULL)};
	struct module_param other[] = {mk_param(k, "lr", t->integer, 3, NULL),
				       mk_param(k, "c", t->integer, 4, NULL)};
	struct module_param a = mk_param(k, "a", t->integer, 1, NULL);
	struct module_param p[] = {mk_param(k, "k", t->integer, 2, NULL),
				   mk_param(k, "need", t->integer, INT64_MIN, NULL)};
	const struct site *const *none = mk_args(k, NULL, NULL);
	const struct site *const *n_is_0 =
		mk_args(k, NULL, mk_site(k, mk_in(k, INPUT_PARAM, 0)));
	struct module_node sub[] = {
		MK_NODE(TASK, "f", .target = 0, .nargs = 2, .args = n_is_0),
		MK_NODE(TASK, "deploy", .target = 1, .nargs = 2, .args = none),
		MK_NODE(TASK, "deploy", .target = 1, .nargs = 2, .args = none),
	};
	sub[1].loc.line = 21;
	sub[2].loc.line = 22;
	struct module_block blocks[] = {{BLOCK_BODY, MODULE_NONE}, {BLOCK_THEN, 3}, {BLOCK_ELSE, 3}};
	struct module_node main[] = {
		MK_NODE(TASK, "fit", .target = 0, .nargs = 2, .args = none),
		MK_NODE(CALL, "s", .target = 0, .nargs = 1, .args = none),
		MK_NODE(CALL, "t", .target = 0, .nargs = 1,
			.args = mk_args(k, mk_site(k, mk_in(k, INPUT_PARAM, 0)), NULL)),
		MK_NODE(BRANCH, "if",
			.cond = mk_site(k, mk_op(k, OP_GT, mk_in(k, INPUT_PARAM, 0),
						 mk_int(k, 0), t->boolean)),
			.then_block = 1, .else_block = 2),
		MK_NODE(TASK, "x", .target = 0, .nargs = 2, .args = n_is_0, .block = 1),
		MK_NODE(TASK, "x", .target = 2, .nargs = 2, .args = none, .block = 2),
	};

	mk_component(k, "fit", fit, 2);
	mk_component(k, "deploy", deploy, 2);
	mk_component(k, "other", other, 2);
	mk_pipeline(k, &(struct module_pipeline){.name = STR("sub"),
						 .params = &a,
						 .nparams = 1,
						 .nodes = sub,
						 .nnodes = 3});
	mk_pipeline(k, &(struct module_pipeline){.name = STR("p"),
						 .params = p,
						 .nparams = 2,
						 .nodes = main,
						 .nnodes = 6,
						 .blocks = blocks,
						 .nblocks = 3});
	builder_finish(&k->b);
}

static void release(struct fixture *f)
{
	mk_release(&f->k);
	arena_release(&f->a);
	buf_release(&f->errors);
}

static void explains(struct fixture *f, const char *address, const char *want)
{
	struct loc place;
	struct str text =
		config_explain(f->k.m, 1, &f->slots, str_of(address), &f->a, &place);

	is_str(text.p, want, address);
}

static void test_slots(void)
{
	struct fixture f;
	struct buf b = {0};
	struct err err;

	setup(&f);
	is_int(config_slots(f.k.m, 1, false, &f.a, &f.slots, &err), 0, "slots");
	for (size_t i = 0; i < f.slots.n; i++)
		buf_addf(&b, "%.*s%s ", STR_ARG(f.slots.at[i].address),
			 f.slots.at[i].fallback ? "" : "!");
	is_str(buf_cstr(&b), "k need! fit.c fit.n! s.a s.f.c t.f.c x.c x.lr ",
	       "addresses in order");
	explains(&f, "t.a", "'t.a' is set by the call at test.kfp:10:1");
	explains(&f, "ft.c", "pipeline 'p' has no task 'ft'; did you mean 'fit'?");
	explains(&f, "fit.d",
		 "component 'fit' has no parameter 'd'; did you mean 'fit.c'?");
	explains(&f, "lr", "pipeline 'p' has no parameter 'lr'; did you mean 'x.lr'?");
	explains(&f, "s", "'s' is a task; its parameters are set as 's.NAME'");
	explains(&f, "s.deploy.x",
		 "several calls of 'deploy' stand in one block: bind them to names "
		 "(x = deploy(...)) to set their parameters");
	explains(&f, "fit.settings.retires",
		 "a task has no setting 'retires'; did you mean 'retries'?");
	explains(&f, "fit.settings.env",
		 "'fit.settings.env' can be set in the program only");
	explains(&f, "", "pipeline 'p' has no parameter ''");
	map_release(&f.slots.by_address);
	is_int(config_slots(f.k.m, 1, true, &f.a, &f.slots, &err), 0, "with settings");
	ok(map_get(&f.slots.by_address, STR("s.f.settings.retries")) != NULL,
	   "a task's setting");
	ok(map_get(&f.slots.by_address, STR("settings.timeout")) != NULL,
	   "the pipeline's setting");
	map_release(&f.slots.by_address);
	buf_release(&b);
	release(&f);
}

/* Gives each NAME=VALUE after -p; what went wrong. */
static const char *make(struct fixture *f, const char *const *params, struct err *err)
{
	struct config_source sources[8];
	size_t n = 0;

	buf_clear(&f->errors);
	for (; params[n]; n++)
		if (run_source_param(params[n], &f->a, &sources[n], err))
			return err->text;
	run_config_make(f->k.m, 1, MODULE_NONE, sources, n, &f->a, &f->config, &f->errors,
			err);
	return buf_cstr(&f->errors);
}

static const struct config_value *value(const struct fixture *f, const char *address)
{
	for (size_t i = 0; i < f->config.n; i++)
		if (str_is(f->config.at[i].address, address))
			return &f->config.at[i];
	return NULL;
}

static void test_make(void)
{
	struct fixture f;
	struct err err;

	setup(&f);
	/* The calls of deploy in sub pass no `data`, and nothing else can. */
	const char *unset = "s.deploy.data: the call at test.kfp:21:1 passes no value, "
			    "and no config can\n"
			    "s.deploy.data: the call at test.kfp:22:1 passes no value, "
			    "and no config can\n"
			    "t.deploy.data: the call at test.kfp:21:1 passes no value, "
			    "and no config can\n"
			    "t.deploy.data: the call at test.kfp:22:1 passes no value, "
			    "and no config can\n";
	is_str(make(&f,
		    (const char *[]){"need=5", "fit.n=3", "fit.c=2",
				     "fit.settings.retries=3", NULL},
		    &err),
	       unset, "only what no config can give is wrong");
	ok(value(&f, "fit.c")->value.f == 2 &&
		   value(&f, "fit.c")->value.kind == VALUE_FLOAT,
	   "an int becomes a float");
	is_str(value(&f, "fit.c")->origin.p, "-p", "origin");
	is_str(value(&f, "k")->origin.p, "default at test.kfp:2:1",
	       "origin of a default");
	is_int(value(&f, "fit.settings.retries")->value.i, 3, "a setting");
	ok(!value(&f, "x.settings.retries"), "settings that nobody set are left out");
	make(&f, (const char *[]){NULL}, &err);
	ok(strstr(buf_cstr(&f.errors),
		  "'need' has no value: give one with -p need=... (int") &&
		   strstr(buf_cstr(&f.errors), "'fit.n' has no value"),
	   "all that is missing is listed");
	is_int(err.kind, ERR_INPUT, "status 1");
	make(&f,
	     (const char *[]){"need=5", "fit.n=x", "fit.c=-1", "x.c=-2", "nope=1",
			      "need=6", NULL},
	     &err);
	ok(strstr(buf_cstr(&f.errors), "-p: 'fit.n': ") != NULL, "a wrong type");
	ok(strstr(buf_cstr(&f.errors), "fit.c: 'c' is -1.0, which breaks ") != NULL,
	   "a constraint");
	ok(strstr(buf_cstr(&f.errors), "x.c: 'c' is -2.0, which breaks ") != NULL,
	   "another one");
	ok(strstr(buf_cstr(&f.errors), "no parameter 'nope'") != NULL,
	   "an unknown address");
	ok(strstr(buf_cstr(&f.errors), "-p: 'need' is given twice") != NULL,
	   "given twice");
	ok(!strcmp(make(&f, (const char *[]){"need", NULL}, &err),
		   "-p wants NAME=VALUE, not 'need'"),
	   "no value");
	release(&f);
}

int main(void)
{
	test_slots();
	test_make();
	return done_testing();
}
