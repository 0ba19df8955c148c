/* A module with one of everything, put together by hand: for tests of the module
 * format and of what reads modules. */
#ifndef KFPC_TESTS_UNIT_SAMPLE_MODULE_H
#define KFPC_TESTS_UNIT_SAMPLE_MODULE_H

#include "compiler/ir/builder.h"

static inline struct input sample_in(enum input_kind kind, uint32_t index,
				     uint32_t output)
{
	return (struct input){kind, index, output};
}

static inline void *sample_dup(struct builder *b, const void *p, size_t bytes)
{
	return arena_dup(&b->m->arena, p, bytes);
}
#define SAMPLE_ARRAY(b, T, ...) \
	sample_dup((b), (const T[]){__VA_ARGS__}, sizeof(const T[]){__VA_ARGS__})

static inline void sample_files(struct builder *b)
{
	struct str text = STR("def train(): pass\n"), req = STR("numpy==2\n");

	b->m->nfiles = 3;
	b->m->files = SAMPLE_ARRAY(
		b, struct module_file,
		{.path = STR("iris.kfp"), .text = STR("")},
		{.path = STR("lib/train.py"), .text = text, .digest = sha256_of(text),
		 .travels = true},
		{.path = STR("requirements.txt"), .text = req, .digest = sha256_of(req),
		 .travels = true}, );
}

static inline void sample_envs(struct builder *b)
{
	b->m->nenvs = 1;
	b->m->envs = SAMPLE_ARRAY(
		b, struct module_env,
		{
			.name = STR("sklearn"),
			.image = STR("python:3.11-slim"),
			.python = STR("3.11"),
			.packages = SAMPLE_ARRAY(b, struct str, STR("dill==0.3.9"),
						 STR("pandas==2.2.3")),
			.npackages = 2,
			.index_urls = SAMPLE_ARRAY(b, struct str,
						   STR("https://pypi.org/simple")),
			.nindex_urls = 1,
			.vars = SAMPLE_ARRAY(
				b, struct module_var,
				{STR("A"), STR("1"), STR(""), STR("")},
				{STR("TOKEN"), STR(""), STR("hub"), STR("token")}, ),
			.nvars = 2,
			.requirements = 2,
			.loc = {0, 3, 1},
		}, );
}

/* where c > 0, over parameter i. */
static inline const struct site *sample_where(struct builder *b, enum input_kind kind,
					      uint32_t i)
{
	struct types *t = &b->m->types;
	struct expr *c = builder_input(b, sample_in(kind, i, 0), t->floating, SPAN_NONE);
	struct expr *zero = builder_const(b, value_float(0), t->floating, SPAN_NONE);

	return builder_site(b, builder_binary(b, OP_GT, c, zero, t->boolean, SPAN_NONE),
			    t->boolean);
}

static inline void sample_components(struct builder *b, const struct type *kernel)
{
	struct types *t = &b->m->types;
	struct value rbf = value_str(&b->m->arena, STR("rbf"));
	struct module_component *c = ARENA_ARRAY(&b->m->arena, 3,
						 struct module_component);

	c[0] = (struct module_component){
		.name = STR("load_iris"), .doc = STR("Loads."), .env = 0,
		.outputs = SAMPLE_ARRAY(b, struct module_output,
					{.name = STR("data"), .doc = STR(""),
					 .type = type_tagged(t, t->dataset,
							     STR("csv"))}, ),
		.noutputs = 1, .code_kind = CODE_PYTHON, .code = STR("print(1)\n"),
		.code_file = MODULE_NONE, .entry = STR(""), .source = STR("component ..."),
		.loc = {0, 10, 1}, .code_loc = {0, 12, 5},
	};
	c[1] = (struct module_component){
		.name = STR("train"), .doc = STR(""), .env = MODULE_NONE,
		.params = SAMPLE_ARRAY(
			b, struct module_param,
			{.name = STR("data"), .doc = STR(""), .type = t->dataset},
			{.name = STR("kernel"), .doc = STR("Kernel of it."),
				.type = kernel,
			 .fallback = builder_site_const(b, rbf, kernel, SPAN_NONE)},
			{.name = STR("c"), .doc = STR(""), .type = t->floating,
			 .fallback = builder_site_const(b, value_float(1), t->floating,
							SPAN_NONE),
			 .where = sample_where(b, INPUT_PARAM, 2)}, ),
		.nparams = 3,
		.outputs = SAMPLE_ARRAY(
			b, struct module_output,
			{.name = STR("model"), .doc = STR(""),
			 .type = type_tagged(t, t->model, STR("dill"))},
			{.name = STR("accuracy"), .doc = STR(""), .type = t->metric,
			 .where = sample_where(b, INPUT_OUTPUT, 1)},
			{.name = STR("loss"), .doc = STR(""), .type = t->series}, ),
		.noutputs = 3,
		.settings = SAMPLE_ARRAY(
			b, struct module_setting,
			{SETTING_CPU, builder_site_const(b, value_float(2), t->floating,
							 SPAN_NONE)},
			{SETTING_MEMORY,
				builder_site_const(b, value_int(1 << 30), t->size,
							    SPAN_NONE)}, ),
		.nsettings = 2, .code_kind = CODE_PYTHON_FILE, .code_file = 1,
		.code = STR(""), .entry = STR("train"), .source = STR("component train"),
		.loc = {0, 20, 1},
	};
	c[2] = (struct module_component){
		.name = STR("notify"), .doc = STR(""), .env = MODULE_NONE,
		.params = SAMPLE_ARRAY(
			b, struct module_param,
			{.name = STR("text"), .doc = STR(""), .type = t->string}, ),
		.nparams = 1,
		.outputs = SAMPLE_ARRAY(b, struct module_output,
					{.name = STR("output"), .doc = STR(""),
					 .type = t->integer}, ),
		.noutputs = 1, .code_kind = CODE_SHELL, .code = STR("echo $text\n"),
		.code_file = MODULE_NONE, .entry = STR(""), .source = STR("component notify"),
		.loc = {0, 30, 1},
	};
	b->m->components = c;
	b->m->ncomponents = 3;
}

static inline struct expr *sample_node_in(struct builder *b, uint32_t node,
					  uint32_t output, const struct type *type)
{
	return builder_input(b, sample_in(INPUT_NODE, node, output), type, SPAN_NONE);
}

/* f"accuracy {fit.accuracy:.2f} in {run.id}" */
static inline const struct site *sample_text(struct builder *b)
{
	struct types *t = &b->m->types;
	struct expr *parts[4];

	parts[0] = builder_const(b, value_str(&b->m->arena, STR("accuracy {")), t->string,
				 SPAN_NONE);
	parts[1] = builder_format(b, sample_node_in(b, 1, 1, t->metric), STR(".2f"),
				  SPAN_NONE);
	parts[2] = builder_const(b, value_str(&b->m->arena, STR(" in ")), t->string,
				 SPAN_NONE);
	parts[3] = builder_format(
		b, builder_input(b, sample_in(INPUT_RUN, RUN_ID, 0), t->string,
				 SPAN_NONE),
		STR(""), SPAN_NONE);
	return builder_site(b, builder_fstring(b, parts, 4, SPAN_NONE), t->string);
}

static inline const struct site *sample_cond(struct builder *b)
{
	struct types *t = &b->m->types;
	struct expr *x[3];

	x[0] = builder_input(b, sample_in(INPUT_PARAM, 0, 0), t->floating, SPAN_NONE);
	x[1] = sample_node_in(b, 1, 1, t->floating);
	x[2] = builder_const(b, value_float(1), t->floating, SPAN_NONE);
	return builder_site(b,
			    builder_chain(b, (uint8_t[]){OP_LE, OP_LE}, x, 3, SPAN_NONE),
			    t->boolean);
}

static inline const struct site *sample_const_int(struct builder *b, int64_t i)
{
	return builder_site_const(b, value_int(i), b->m->types.integer, SPAN_NONE);
}

static inline const struct site *sample_text_const(struct builder *b, const char *text)
{
	return builder_site_const(b, value_str(&b->m->arena, str_of(text)),
				  b->m->types.string, SPAN_NONE);
}

enum { SAMPLE_NODES = 7 };

static inline const struct module_node *sample_nodes(struct builder *b)
{
	struct types *t = &b->m->types;
	const struct type *csv = type_tagged(t, t->dataset, STR("csv"));
	struct module_node *n = ARENA_ARRAY(&b->m->arena, SAMPLE_NODES,
					    struct module_node);

	for (int i = 0; i < SAMPLE_NODES; i++)
		n[i] = (struct module_node){
			.name = STR(""), .path = STR(""), .loc = {0, 40 + (uint32_t)i, 5},
			.target = MODULE_NONE, .then_block = MODULE_NONE,
			.else_block = MODULE_NONE,
		};
	n[0].kind = NODE_TASK, n[0].name = n[0].path = STR("iris"), n[0].target = 0;
	n[1].kind = NODE_TASK, n[1].name = n[1].path = STR("fit"), n[1].target = 1;
	n[1].args = SAMPLE_ARRAY(b, struct site *const,
				 builder_site(b, sample_node_in(b, 0, 0, csv),
					      t->dataset), NULL,
				 NULL);
	n[1].nargs = 3;
	n[1].settings = SAMPLE_ARRAY(b, struct module_setting,
				     {SETTING_RETRIES, sample_const_int(b, 2)}, );
	n[1].nsettings = 1;
	n[1].after = SAMPLE_ARRAY(b, uint32_t, 0);
	n[1].nafter = 1;
	n[2].kind = NODE_BRANCH, n[2].path = STR("if#1"), n[2].cond = sample_cond(b);
	n[2].then_block = 1, n[2].else_block = 2;
	n[3].kind = NODE_TASK, n[3].name = n[3].path = STR("notify"), n[3].target = 2;
	n[3].block = 1, n[3].nargs = 1;
	n[3].args = SAMPLE_ARRAY(b, struct site *const, sample_text(b));
	n[4].kind = NODE_EXPR, n[4].name = n[4].path = STR("x"), n[4].block = 2;
	n[4].type = t->integer, n[4].cond = sample_const_int(b, 5);
	n[5].kind = NODE_MERGE, n[5].name = n[5].path = STR("y"), n[5].target = 2;
	n[5].nouts = 1;
	n[5].outs = SAMPLE_ARRAY(
		b, struct module_merge,
		{STR(""), t->integer,
			builder_site(b, sample_node_in(b, 3, 0, t->integer), NULL),
		 builder_site(b, sample_node_in(b, 4, 0, t->integer), NULL)}, );
	n[6].kind = NODE_CALL, n[6].name = n[6].path = STR("sub"), n[6].target = 0;
	n[6].nargs = 1;
	n[6].args = SAMPLE_ARRAY(b, struct site *const,
				 builder_site(b, sample_node_in(b, 5, 0, t->integer),
					      NULL));
	return n;
}

enum { SAMPLE_LOOP_NODES = 11 };

/* notify(text) */
static inline struct module_node sample_notify(struct builder *b, const char *path,
					       uint32_t block, const struct site *text)
{
	return (struct module_node){
		.kind = NODE_TASK, .name = STR("notify"), .path = str_of(path), .target = 2,
		.block = block, .nargs = 1, .args = SAMPLE_ARRAY(b, struct site *const, text),
	};
}

/* y = x * 2, and a list of both. */
static inline void sample_loop(struct builder *b, struct module_node *n)
{
	struct types *t = &b->m->types;
	const struct type *ints = type_list(t, t->integer);
	struct expr *x = builder_input(b, sample_in(INPUT_ITEM, 0, 0), t->integer,
				       SPAN_NONE);
	struct expr *two = builder_const(b, value_int(2), t->integer, SPAN_NONE);

	n[0].kind = NODE_LOOP, n[0].name = n[0].path = STR("x"), n[0].then_block = 1;
	n[0].nargs = 1;
	n[0].args = SAMPLE_ARRAY(
		b, struct site *const,
		builder_site(b, builder_list(b, &two, 1, ints, SPAN_NONE), NULL));
	n[0].settings = SAMPLE_ARRAY(b, struct module_setting,
				     {SETTING_PARALLELISM, sample_const_int(b, 2)}, );
	n[0].nsettings = 1;
	n[0].outs = SAMPLE_ARRAY(
		b, struct module_merge,
		{STR("output"), ints,
		 builder_site(b, sample_node_in(b, 1, 0, t->integer), NULL), NULL},
		{STR(""), ints,
		 builder_site(b, sample_node_in(b, 2, 0, t->integer), NULL), NULL}, );
	n[0].nouts = 2;
	n[1] = sample_notify(b, "notify", 1, sample_text_const(b, "hi"));
	n[2].kind = NODE_EXPR, n[2].name = n[2].path = STR("y"), n[2].block = 1;
	n[2].type = t->integer;
	n[2].cond = builder_site(b, builder_binary(b, OP_MUL, x, two, t->integer,
						   SPAN_NONE), NULL);
}

static inline void sample_try(struct builder *b, struct module_node *n)
{
	struct types *t = &b->m->types;
	struct expr *error = builder_input(b, sample_in(INPUT_TRY, 3, TRY_ERROR),
					   t->run_error, SPAN_NONE);
	struct expr *state = builder_input(b, sample_in(INPUT_TRY, 3, TRY_STATE),
					   t->string, SPAN_NONE);
	struct expr *zero = builder_const(b, value_int(0), t->integer, SPAN_NONE);

	n[3].kind = NODE_TRY, n[3].path = STR("try");
	n[3].then_block = 2, n[3].else_block = 3, n[3].final_block = 4;
	n[4] = sample_notify(b, "notify#2", 2, sample_text_const(b, "body"));
	n[5] = sample_notify(b, "notify#3", 3,
			     builder_site(b, builder_field(b, error, STR("message"),
							   t->string, SPAN_NONE), NULL));
	n[6] = sample_notify(b, "notify#4", 4, builder_site(b, state, NULL));
	n[7].kind = NODE_MERGE, n[7].name = n[7].path = STR("z"), n[7].target = 3;
	n[7].outs = SAMPLE_ARRAY(
		b, struct module_merge,
		{STR(""), t->integer,
		 builder_site(b, sample_node_in(b, 4, 0, t->integer), NULL),
		 builder_site(b, sample_node_in(b, 5, 0, t->integer), NULL)}, );
	n[7].nouts = 1;
	n[8].kind = NODE_ASSERT, n[8].path = STR("assert");
	n[8].cond = builder_site(b, builder_binary(b, OP_GT,
						   sample_node_in(b, 7, 0, t->integer),
						   zero, t->boolean, SPAN_NONE), NULL);
	n[8].args = SAMPLE_ARRAY(b, struct site *const, sample_text_const(b, "none"));
	n[8].nargs = 1;
	n[9] = sample_notify(b, "notify#5", 0, sample_text_const(b, "end"));
	n[9].after = SAMPLE_ARRAY(b, uint32_t, 8);
	n[9].nafter = 1;
	n[10].kind = NODE_EXPR, n[10].name = n[10].path = STR("all");
	n[10].type = type_list(t, t->integer);
	n[10].cond = builder_site(b, sample_node_in(b, 0, 1, n[10].type), NULL);
}

static inline struct module_pipeline sample_loops(struct builder *b)
{
	struct module_node *n = ARENA_ARRAY(&b->m->arena, SAMPLE_LOOP_NODES,
					    struct module_node);

	for (int i = 0; i < SAMPLE_LOOP_NODES; i++)
		n[i] = (struct module_node){
			.name = STR(""), .path = STR(""), .target = MODULE_NONE,
			.then_block = MODULE_NONE, .else_block = MODULE_NONE,
			.final_block = MODULE_NONE,
		};
	sample_loop(b, n);
	sample_try(b, n);
	return (struct module_pipeline){
		.name = STR("loops"), .doc = STR(""), .in_root = true,
		.blocks = SAMPLE_ARRAY(b, struct module_block, {BLOCK_BODY, MODULE_NONE},
				       {BLOCK_LOOP, 0}, {BLOCK_TRY, 3},
				       {BLOCK_EXCEPT, 3}, {BLOCK_FINALLY, 3}, ),
		.nblocks = 5, .nodes = n, .nnodes = SAMPLE_LOOP_NODES, .loc = {0, 50, 1},
	};
}

static inline void sample_pipelines(struct builder *b)
{
	struct types *t = &b->m->types;
	struct module_pipeline *p = ARENA_ARRAY(&b->m->arena, 3, struct module_pipeline);
	struct expr *twice = builder_binary(
		b, OP_MUL, builder_input(b, sample_in(INPUT_PARAM, 0, 0), t->integer,
					 SPAN_NONE),
		builder_const(b, value_int(2), t->integer,
			      SPAN_NONE), t->integer, SPAN_NONE);

	p[0] = (struct module_pipeline){
		.name = STR("double"), .doc = STR(""), .loc = {0, 35, 1},
		.params = SAMPLE_ARRAY(b, struct module_param,
				       {.name = STR("n"), .doc = STR(""),
					       .type = t->integer}, ),
		.nparams = 1,
		.outputs = SAMPLE_ARRAY(b, struct module_output,
					{.name = STR("output"), .doc = STR(""),
					 .type = t->integer,
					 .value = builder_site(b, twice, NULL)}, ),
		.noutputs = 1,
		.blocks = SAMPLE_ARRAY(b, struct module_block, {BLOCK_BODY, MODULE_NONE}, ),
		.nblocks = 1,
	};
	p[1] = (struct module_pipeline){
		.name = STR("iris_svc"), .doc = STR("Iris.\nIn two lines."), .in_root = true,
		.params = SAMPLE_ARRAY(
			b, struct module_param,
			{.name = STR("min_accuracy"), .doc = STR(""), .type = t->floating,
			 .fallback = builder_site_const(b, value_float(0.9), t->floating,
							SPAN_NONE)}, ),
		.nparams = 1,
		.outputs = SAMPLE_ARRAY(
			b, struct module_output,
			{.name = STR("output"), .doc = STR(""), .type = t->model,
			 .value = builder_site(
				 b, sample_node_in(b, 1, 0,
						   type_tagged(t, t->model, STR("dill"))),
				 t->model)}, ),
		.noutputs = 1,
		.settings = SAMPLE_ARRAY(b, struct module_setting,
					 {SETTING_PARALLELISM, sample_const_int(b, 4)}, ),
		.nsettings = 1,
		.blocks = SAMPLE_ARRAY(b, struct module_block, {BLOCK_BODY, MODULE_NONE},
				       {BLOCK_THEN, 2},
				       {BLOCK_ELSE, 2}, ),
		.nblocks = 3, .nodes = sample_nodes(b), .nnodes = SAMPLE_NODES,
		.loc = {0, 39, 1},
	};
	b->m->pipelines = p;
	p[2] = sample_loops(b);
	b->m->npipelines = 3;
}

static inline void sample_configs(struct builder *b, const struct type *kernel)
{
	struct types *t = &b->m->types;

	b->m->nconfigs = 2;
	b->m->configs = SAMPLE_ARRAY(
		b, struct module_config,
		{.name = STR("base"), .doc = STR(""), .pipeline = 1, .base = MODULE_NONE,
		 .entries = SAMPLE_ARRAY(b, struct module_config_entry,
					 {STR("fit.c"), value_float(10), t->floating,
						 {0, 60, 5}}, ),
		 .nentries = 1, .loc = {0, 59, 1}},
		{.name = STR("prod"), .doc = STR("For real."), .pipeline = 1, .base = 0,
		 .entries = SAMPLE_ARRAY(b, struct module_config_entry,
					 {STR("fit.kernel"),
					  value_str(&b->m->arena,
						    STR("sig-moid")), kernel,
					  {0, 63, 5}}, ),
		 .nentries = 1, .loc = {0, 62, 1}}, );
}

static inline void sample_schedules(struct builder *b)
{
	b->m->nschedules = 2;
	b->m->schedules = SAMPLE_ARRAY(
		b, struct module_schedule,
		{.name = STR("nightly"), .doc = STR("Each night."), .pipeline = 1,
		 .config = 1, .cron = STR("30 2 * * MON-FRI"),
		 .timezone = STR("Europe/Berlin"), .concurrency = CONCURRENCY_FORBID,
		 .loc = {0, 70, 1}},
		{.name = STR("hourly"), .doc = STR(""), .pipeline = 0,
		 .config = MODULE_NONE, .cron = STR("@hourly"), .timezone = STR(""),
		 .loc = {0, 75, 1}}, );
}

static inline struct module *sample_module(void)
{
	static const struct type_member members[] = {{STR("rbf"), STR("rbf")},
						     {STR("sigmoid"), STR("sig-moid")}};
	struct module *m = module_new();
	const struct type *kernel;
	const struct type *maybe;
	struct type *optim;
	struct builder b;

	builder_init(&b, m, NULL);
	m->name = STR("iris");
	m->doc = STR("Iris, from CSV to a model.");
	kernel = type_enum(&m->types, STR("Kernel"), members, 2);
	maybe = type_opt(&m->types, kernel);
	optim = type_struct(&m->types, STR("Optim"));
	type_struct_fields(&m->types, optim,
			   (struct type_field[]){{STR("lr"), m->types.floating},
						 {STR("kernel"), maybe}},
			   2);
	type_artifact(&m->types, STR("Tokenizer"), m->types.model);
	sample_files(&b);
	sample_envs(&b);
	sample_components(&b, kernel);
	sample_pipelines(&b);
	sample_configs(&b, kernel);
	sample_schedules(&b);
	builder_finish(&b);
	builder_release(&b);
	return m;
}

#endif
