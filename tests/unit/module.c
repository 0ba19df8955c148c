/* Modules saved, loaded, damaged, verified, shown. */
#include <config.h>

#include "tests/unit/tap.h"

#include <stdlib.h>

#include "runtime/base/limits.h"
#include "runtime/bc/code.h"
#include "runtime/bc/save.h"
#include "tests/unit/sample_module.h"

static void test_round_trip(void)
{
	struct module *m = sample_module(), *twin = sample_module(), *back;
	struct buf bytes = {0}, again = {0}, text = {0}, text2 = {0};
	struct err err = {0};
	int differing = 0;

	ok(!module_verify(m, &err), "the sample is good: %s", err.text);
	module_save(m, &bytes);
	module_save(twin, &again);
	ok(str_eq(buf_str(&bytes), buf_str(&again)), "equal modules give equal bytes");
	ok(module_is_kfpb(buf_str(&bytes)), "it looks like one");
	back = module_load(buf_str(&bytes), "x.kfpb", &err);
	if (!ok(back != NULL, "it loads: %s", err.text))
		return;
	ok(!strcmp(back->digest.hex, m->digest.hex), "the digest is the same");
	is_str(sha256_of(buf_str(&bytes)).hex, m->digest.hex, "and that of the file");
	buf_clear(&again);
	module_save(back, &again);
	ok(str_eq(buf_str(&bytes), buf_str(&again)), "saved again it is the same");
	for (size_t i = 0; i < m->types.all.n; i++)
		differing += m->types.all.at[i]->depth != back->types.all.at[i]->depth ||
			     m->types.all.at[i]->parts != back->types.all.at[i]->parts;
	is_int(differing, 0, "types are as large as they were");
	module_dis(m, &text);
	module_dis(back, &text2);
	is_str(buf_cstr(&text2), buf_cstr(&text), "and reads the same");
	module_free(back);
	module_free(twin);
	module_free(m);
	buf_release(&bytes);
	buf_release(&again);
	buf_release(&text);
	buf_release(&text2);
}

static bool loads(struct str bytes, bool checked)
{
	struct err err = {0};
	struct module *m = checked ? module_load(bytes, "x", &err)
				   : module_load_unchecked(bytes, "x", &err);
	struct buf text = {0};

	if (!m)
		return !*err.text;	/* failing without a word would be wrong too */
	module_dis(m, &text);
	buf_release(&text);
	module_free(m);
	return true;
}

static void test_damage(void)
{
	struct module *m = sample_module();
	struct buf bytes = {0};
	unsigned loaded = 0, survived = 0;

	module_save(m, &bytes);
	for (size_t n = 0; n < bytes.n; n++) {
		char *cut = malloc(n + 1); /* so that a read past it is caught */

		memcpy(cut, bytes.p, n);
		loaded += loads((struct str){cut, n}, true);
		loaded += loads((struct str){cut, n}, false);
		free(cut);
	}
	is_int(loaded, 0, "no module loads that is cut short");
	for (size_t i = 0; i < bytes.n * 8; i++) {
		bytes.p[i / 8] = (char)(bytes.p[i / 8] ^ 1 << i % 8);
		loaded += loads(buf_str(&bytes), true);
		survived += loads(buf_str(&bytes), false);
		bytes.p[i / 8] = (char)(bytes.p[i / 8] ^ 1 << i % 8);
	}
	is_int(loaded, 0, "no module loads with a bit changed");
	ok(survived > 0, "past the digest %u of %zu changed bits do, and do no harm",
	   survived, bytes.n * 8);
	for (size_t i = 0; i < bytes.n; i++) {
		char was = bytes.p[i];

		for (unsigned c = 0; c < 256; c += 51) {
			bytes.p[i] = (char)c;
			loads(buf_str(&bytes), false);
		}
		bytes.p[i] = was;
	}
	ok(true, "nor do other bytes");
	buf_release(&bytes);
	module_free(m);
}

static void load_fails(struct str bytes, const char *has)
{
	struct err err = {0};
	struct module *m = module_load_unchecked(bytes, "x.kfpb", &err);

	ok(!m && strstr(err.text, has) && err.kind == ERR_INPUT, "%s: %s", has, err.text);
	module_free(m);
}

static void put_section(struct buf *b, const char *tag, struct str body)
{
	buf_addz(b, tag);
	buf_addc(b, (char)body.n);
	buf_add(b, body);
}

static void test_header(void)
{
	struct module *m = sample_module(), *back;
	struct buf bytes = {0}, other = {0};
	struct err err = {0};

	module_save(m, &bytes);
	load_fails(STR(""), "does not begin as one");
	load_fails(STR("component x():\n"), "does not begin as one");
	load_fails(STR("\x89KFPB\n\x1a\n"), "damaged as if it were text");
	load_fails(STR("\x89KFPB\r\n\x1a\n"), "cut off");
	bytes.p[9] = 1;
	load_fails(buf_str(&bytes), "format version 1; this program reads version 2");
	bytes.p[9] = 2;
	bytes.p[20] ^= 1;
	back = module_load(buf_str(&bytes), "x.kfpb", &err);
	ok(!back, "a wrong digest: %s", err.text);
	bytes.p[20] ^= 1;
	buf_add(&other, buf_str(&bytes));
	put_section(&other, "EVIL", STR("x"));
	load_fails(buf_str(&other), "a section that this version does not know");
	buf_clear(&other);
	buf_add(&other, str_sub(buf_str(&bytes), 0, 42));
	put_section(&other, "note", STR("hello"));
	buf_add(&other, str_sub(buf_str(&bytes), 42, bytes.n));
	put_section(&other, "note", STR("bye"));
	back = module_load_unchecked(buf_str(&other), "x.kfpb", &err);
	ok(back != NULL, "optional sections are skipped");
	module_free(back);
	buf_clear(&other);
	buf_add(&other, str_sub(buf_str(&bytes), 0, 42));
	put_section(&other, "EVIL", STR("x"));
	load_fails(buf_str(&other), "section HEAD is missing");
	buf_clear(&other);
	buf_add(&other, str_sub(buf_str(&bytes), 0, 42));
	put_section(&other, "HEAD", STR("\0\0\0"));
	load_fails(buf_str(&other), "longer than what is in it");
	buf_clear(&other);
	buf_add(&other, str_sub(buf_str(&bytes), 0, 42));
	put_section(&other, "HEAD", STR("\x01\xff\0"));
	load_fails(buf_str(&other), "not UTF-8");
	buf_release(&bytes);
	buf_release(&other);
	module_free(m);
}

/* Files of a few bytes that announce much more. */
static void test_lies(void)
{
	static const char huge[] = "\xff\xff\xff\xff\x0f";
	static const char *const tags[] = {"TYPE", "FILE", "CNST", "ENVS", "COMP", "PIPE",
		"CONF"};
	struct module *m = sample_module();
	struct buf bytes = {0}, other = {0};

	module_save(m, &bytes);
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		size_t at = str_find(buf_str(&bytes), str_of(tags[i]), 0);

		buf_clear(&other);
		buf_add(&other, str_sub(buf_str(&bytes), 0, at));
		put_section(&other, tags[i], STR("\xff\xff\xff\xff\x0f"));
		load_fails(buf_str(&other), "less in it than it says");
		buf_clear(&other);
		buf_add(&other, str_sub(buf_str(&bytes), 0, at));
		buf_addz(&other, tags[i]);
		buf_addz(&other, huge);
		load_fails(buf_str(&other), "cut off");
	}
	buf_release(&bytes);
	buf_release(&other);
	module_free(m);
}

/* Spoils a fresh sample by `spoil` and expects the verifier to say `has`. */
static void refuses(const char *has, void (*spoil)(struct module *m))
{
	struct module *m = sample_module();
	struct err err = {0};
	int failed;

	spoil(m);
	failed = module_verify(m, &err);
	ok(failed && strstr(err.text, has), "%s | %s", has,
	   failed ? err.text : "(accepted)");
	module_free(m);
}

static struct module_node *nodes(struct module *m)
{
	struct module_node *n = arena_dup(&m->arena, m->pipelines[1].nodes,
					  SAMPLE_NODES * sizeof *n);

	m->pipelines[1].nodes = n;
	return n;
}

static struct module_block *blocks(struct module *m)
{
	struct module_block *b = arena_dup(&m->arena, m->pipelines[1].blocks,
					   3 * sizeof *b);

	m->pipelines[1].blocks = b;
	return b;
}

static struct module_param *params(struct module *m)
{
	struct module_param *p = arena_dup(&m->arena, m->components[1].params,
					   3 * sizeof *p);

	m->components[1].params = p;
	return p;
}

static struct module_output *outputs(struct module *m)
{
	struct module_output *o = arena_dup(&m->arena, m->components[1].outputs,
					    3 * sizeof *o);

	m->components[1].outputs = o;
	return o;
}

/* The condition of the branch, to be spoilt. */
static struct site *cond(struct module *m)
{
	struct module_node *n = nodes(m);
	struct site *s = arena_dup(&m->arena, n[2].cond, sizeof *s);

	s->inputs = arena_dup(&m->arena, s->inputs, s->ninputs * sizeof *s->inputs);
	n[2].cond = s;
	return s;
}

static struct input *cond_inputs(struct module *m)
{
	struct site *s = cond(m);
	struct input *in = arena_dup(&m->arena, s->inputs, s->ninputs * sizeof *in);

	s->inputs = in;
	return in;
}

/* The condition with other bytecode. */
static void set_code(struct module *m, const char *ops, size_t n, uint32_t max_stack)
{
	struct site *s = cond(m);

	s->code = (struct code){
		.ops = arena_dup(&m->arena, ops,
				 n), .n = (uint32_t)n, .max_stack = max_stack};
}
#define CODE(m, max, ops) set_code(m, ops, sizeof ops - 1, max)

static void x_target(struct module *m) { nodes(m)[0].target = 3; }
static void x_pipe(struct module *m) { nodes(m)[6].target = 3; }
static void x_self(struct module *m)
{
	struct module_node *call = arena_dup(&m->arena, &m->pipelines[1].nodes[6],
					     sizeof *call);

	call->args = ARENA_ARRAY(&m->arena, 1, const struct site *);
	m->pipelines[0].nodes = call;
	m->pipelines[0].nnodes = 1;
}
static void x_nargs(struct module *m) { nodes(m)[1].nargs = 2; }
static void x_block(struct module *m) { nodes(m)[0].block = 3; }
static void x_early(struct module *m) { nodes(m)[1].block = 1; }
static void x_path(struct module *m) { nodes(m)[1].path = STR("../x"); }
static void x_twice(struct module *m) { nodes(m)[1].path = STR("iris"); }
static void x_name(struct module *m) { nodes(m)[1].name = STR("a b"); }
static void x_after(struct module *m)
{
	static const uint32_t after[] = {1};

	nodes(m)[1].after = after;
}
static void x_arms(struct module *m) { nodes(m)[2].else_block = 1; }
static void x_arm(struct module *m) { blocks(m)[2].owner = 1; }
static void x_body(struct module *m) { blocks(m)[0].owner = 2; }
static void x_nblocks(struct module *m) { m->pipelines[1].nblocks = 2; }
static void x_merge(struct module *m) { nodes(m)[5].target = 1; }
static void x_outs(struct module *m) { nodes(m)[5].nouts = 0; }
static void x_side(struct module *m) { nodes(m)[4].block = 1; }
static void x_nocond(struct module *m) { nodes(m)[2].cond = NULL; }
static void x_cond(struct module *m) { nodes(m)[2].cond = nodes(m)[4].cond; }
static void x_setting(struct module *m)
{
	nodes(m)[1].settings = m->pipelines[1].settings;
}
static void x_argtype(struct module *m)
{
	struct module_node *n = nodes(m);

	n[1].args = arena_dup(&m->arena, (const struct site *[]){n[4].cond, NULL, NULL},
			      3 * sizeof *n[1].args);
}
static void x_forward(struct module *m) { cond_inputs(m)[1].index = 2; }
static void x_output(struct module *m) { cond_inputs(m)[1].output = 3; }
static void x_param(struct module *m) { cond_inputs(m)[0].index = 1; }
static void x_kind(struct module *m) { cond_inputs(m)[0].kind = INPUT_TASK_ID; }
static void x_intype(struct module *m) { cond_inputs(m)[1].output = 2; }
static void x_inner(struct module *m)
{
	struct module_node *n = nodes(m);

	n[6].args = arena_dup(&m->arena, (const struct site *[]){n[5].outs[0].then_value},
			      sizeof *n[6].args);
}

static void x_where(struct module *m) { params(m)[1].where = params(m)[2].where; }
static void x_default(struct module *m) { params(m)[1].fallback = params(m)[2].fallback; }
static void x_default_in(struct module *m) { params(m)[2].fallback = params(m)[2].where; }
static void x_pname(struct module *m) { params(m)[1].name = STR("1x"); }
static void x_pdup(struct module *m) { params(m)[1].name = STR("data"); }
static void x_oname(struct module *m) { outputs(m)[0].name = STR("../model"); }
static void x_odup(struct module *m) { outputs(m)[0].name = STR("c"); }
static void x_ovalue(struct module *m) { outputs(m)[1].value = outputs(m)[1].where; }
static void x_owhere(struct module *m) { outputs(m)[0].where = outputs(m)[1].where; }
static void x_parts(struct module *m)
{
	const struct type *t = m->types.integer;

	for (int i = 0; i < 14; i++) {
		struct type_field fields[] = {{STR("a"), t}, {STR("b"), t}};
		struct type *s = type_struct(&m->types, STR("D"));

		type_struct_fields(&m->types, s, fields, 2);
		t = s;
	}
	params(m)[1].type = t;
	params(m)[1].fallback = NULL;
}
static void x_ptype(struct module *m) { params(m)[1].type = m->types.error; }
static void x_fieldtype(struct module *m)
{
	struct type *s = type_struct(&m->types, STR("Tree"));
	struct type_field f = {STR("of"), type_list(&m->types, s)};

	type_struct_fields(&m->types, s, &f, 1);
}
static void x_levels(struct module *m)
{
	struct type_field f = {STR("of"), m->types.integer};

	for (int i = 0; i < LIMIT_NESTING; i++) {
		struct type *s = type_struct(&m->types, STR("Level"));

		type_struct_fields(&m->types, s, &f, 1);
		f.type = s;
	}
}
static void x_env(struct module *m) { m->components[0].env = 1; }
static void x_cname(struct module *m) { m->components[0].name = STR("a/b"); }
static void x_codefile(struct module *m) { m->components[1].code_file = 0; }
static void x_entry(struct module *m) { m->components[1].entry = STR("a.b"); }
static void x_code0(struct module *m) { m->components[0].code = STR("a\0b"); }
static void make_native(struct module *m, const char *library, const char *entry)
{
	m->components[2].code_kind = CODE_NATIVE;
	m->components[2].code = str_of(library);
	m->components[2].entry = str_of(entry);
}

static void x_native_path(struct module *m) { make_native(m, "../lib", "f"); }
static void x_native_none(struct module *m) { make_native(m, "", "f"); }
static void x_native_entry(struct module *m) { make_native(m, "lib", "f()"); }

static void x_up(struct module *m) { m->files[1].path = STR("lib/../../x.py"); }
static void x_abs(struct module *m) { m->files[1].path = STR("/etc/x"); }
static void x_digest(struct module *m) { m->files[1].text = STR("other"); }
static void x_reqs(struct module *m) { m->envs[0].requirements = 0; }
static void x_package(struct module *m)
{
	static const struct str packages[] = {STR("--index-url=http://x"), STR("x")};

	m->envs[0].packages = packages;
}
static void x_modname(struct module *m) { m->name = STR("a/b"); }
static void x_loc(struct module *m) { m->components[0].loc.file = 9; }
static void x_base(struct module *m) { m->configs[0].base = 0; }
static void x_cfgpipe(struct module *m) { m->configs[1].pipeline = 3; }
static void x_cfgbase(struct module *m) { m->configs[0].pipeline = 0; }
static void x_schedpipe(struct module *m) { m->schedules[0].pipeline = 3; }
static void x_schedconfig(struct module *m) { m->schedules[1].config = 0; }
static void x_schedname(struct module *m) { m->schedules[0].name = STR("a b"); }
static void x_cron(struct module *m) { m->schedules[0].cron = STR("61 * * * *"); }
static void x_zone(struct module *m) { m->schedules[0].timezone = STR("a b"); }
static void x_kubernetes(struct module *m) { m->components[0].kubernetes = STR("[]"); }
static void x_kubernetes_text(struct module *m)
{
	m->components[0].kubernetes = STR("{\"a\":");
}
static void x_entryval(struct module *m)
{
	struct module_config_entry *e = arena_dup(&m->arena, m->configs[1].entries,
						  sizeof *e);

	e->value = value_str(&m->arena, STR("sigmoid"));
	m->configs[1].entries = e;
}
static void x_outmissing(struct module *m)
{
	struct module_output *o = arena_dup(&m->arena, m->pipelines[1].outputs,
					    sizeof *o);

	o->value = NULL;
	m->pipelines[1].outputs = o;
}

static void test_structure(void)
{
	refuses("pipeline 'iris_svc': node 0 'iris': no such component", x_target);
	refuses("no such pipeline", x_pipe);
	refuses("calls itself", x_self);
	refuses("node 1 'fit': its arguments are not as many", x_nargs);
	refuses("no such block", x_block);
	refuses("comes before what its block belongs to", x_early);
	refuses("has characters", x_path);
	refuses("same path", x_twice);
	refuses("has characters", x_name);
	refuses("does not come before it", x_after);
	refuses("block 2 belongs to no node", x_arms);
	refuses("block 2 belongs to no node", x_arm);
	refuses("block 0 is not its body", x_body);
	refuses("node 4: no such block", x_nblocks);
	refuses("merges no branch", x_merge);
	refuses("merges nothing", x_outs);
	refuses("output 0: second side: an input is a node of a block that cannot", x_side);
	refuses("an expression is missing", x_nocond);
	refuses("int does not fit bool", x_cond);
	refuses("setting 'parallelism': it does not belong here", x_setting);
	refuses("argument 0: the expression: int does not fit Dataset", x_argtype);
	refuses("does not come before this one", x_forward);
	refuses("an output that its node does not have", x_output);
	refuses("nothing that can be read here", x_param);
	refuses("nothing that can be read here", x_kind);
	refuses("an input: Series does not fit float", x_intype);
	refuses("a block that cannot be seen", x_inner);
	refuses("parameter 'kernel': its constraint: an input is nothing", x_where);
	refuses("its default: the expression: float does not fit Kernel", x_default);
	refuses("its default: an input is nothing that can be read here", x_default_in);
	refuses("parameter '1x': its name is none", x_pname);
	refuses("another one before it has the same name", x_pdup);
	refuses("output '../model': its name is none", x_oname);
	refuses("another one before it has the same name", x_odup);
	refuses("an output of a component has a value", x_ovalue);
	refuses("an input is nothing that can be read here", x_owhere);
	refuses("it has no type", x_ptype);
	refuses("its type is too large", x_parts);
	refuses("a field is of a type that comes later", x_fieldtype);
	refuses("has more than 256 levels", x_levels);
	refuses("its environment is not there", x_env);
	refuses("component 'a/b': its name is none", x_cname);
	refuses("does not travel", x_codefile);
	refuses("its function has no name", x_entry);
	refuses("its code has a byte 0", x_code0);
	refuses("its library has no name", x_native_path);
	refuses("its library has no name", x_native_none);
	refuses("its function has no name", x_native_entry);
	refuses("its path leads out of its folder", x_up);
	refuses("its path leads out of its folder", x_abs);
	refuses("its text does not fit its digest", x_digest);
	refuses("does not travel", x_reqs);
	refuses("package 0 is none", x_package);
	refuses("the module's name is none", x_modname);
	refuses("a source file that is not there", x_loc);
	refuses("no earlier config", x_base);
	refuses("its pipeline is not there", x_cfgpipe);
	refuses("no earlier config of its pipeline", x_cfgbase);
	refuses("its pipeline is not there", x_schedpipe);
	refuses("its config is none of its pipeline", x_schedconfig);
	refuses("its name is none", x_schedname);
	refuses("its times are not right", x_cron);
	refuses("its time zone is none", x_zone);
	refuses("no JSON object", x_kubernetes);
	refuses("no JSON object", x_kubernetes_text);
	refuses("'fit.kernel' has a value of another type", x_entryval);
	refuses("its value: an expression is missing", x_outmissing);
}

/* The pipeline with a loop, a try and an assert. */
static struct module_node *loops(struct module *m)
{
	struct module_node *n = arena_dup(&m->arena, m->pipelines[2].nodes,
					  SAMPLE_LOOP_NODES * sizeof *n);

	m->pipelines[2].nodes = n;
	return n;
}

static struct module_block *loop_blocks(struct module *m)
{
	struct module_block *b = arena_dup(&m->arena, m->pipelines[2].blocks,
					   5 * sizeof *b);

	m->pipelines[2].blocks = b;
	return b;
}

static struct module_merge *loop_outs(struct module *m, uint32_t node)
{
	struct module_node *n = loops(m);
	struct module_merge *o = arena_dup(&m->arena, n[node].outs,
					   n[node].nouts * sizeof *o);

	n[node].outs = o;
	return o;
}

/* The first input of a site that node i of the loops has. */
static struct input *input_of(struct module *m, const struct site **at)
{
	struct site *s = arena_dup(&m->arena, *at, sizeof *s);
	struct input *in = arena_dup(&m->arena, s->inputs, s->ninputs * sizeof *in);

	s->inputs = in;
	*at = s;
	return in;
}

static struct input *cond_of(struct module *m, uint32_t i)
{
	return input_of(m, &loops(m)[i].cond);
}

static struct input *arg_of(struct module *m, uint32_t i)
{
	struct module_node *n = loops(m);
	const struct site **args = ARENA_ARRAY(&m->arena, 1, const struct site *);

	args[0] = n[i].args[0];
	n[i].args = args;
	return input_of(m, &args[0]);
}

static void l_lists(struct module *m) { loops(m)[0].nargs = 0; }
static void l_list(struct module *m)
{
	struct module_node *n = loops(m);

	n[0].args = n[1].args;
}
static void l_body(struct module *m) { loops(m)[0].then_block = 2; }
static void l_kind(struct module *m) { loop_blocks(m)[1].kind = BLOCK_TRY; }
static void l_out(struct module *m) { loop_outs(m, 0)[0].type = m->types.integer; }
static void l_else(struct module *m)
{
	struct module_merge *o = loop_outs(m, 0);

	o[0].else_value = o[0].then_value;
}
static void l_elem(struct module *m)
{
	loop_outs(m, 0)[0].type = type_list(&m->types, m->types.string);
}
static void l_setting(struct module *m)
{
	struct module_node *n = loops(m);

	n[1].settings = n[0].settings;
	n[1].nsettings = 1;
}
static void l_item(struct module *m) { cond_of(m, 2)->output = 1; }
static void l_outside(struct module *m) { *cond_of(m, 8) = (struct input){INPUT_ITEM, 0, 0}; }
static void l_inside(struct module *m) { *cond_of(m, 8) = (struct input){INPUT_NODE, 2, 0}; }
static void l_within(struct module *m) { *cond_of(m, 2) = (struct input){INPUT_NODE, 0, 0}; }
static void l_self(struct module *m)
{
	*input_of(m, &loop_outs(m, 0)[0].then_value) = (struct input){INPUT_NODE, 0, 0};
}
static void l_late(struct module *m)
{
	*input_of(m, &loop_outs(m, 0)[0].then_value) = (struct input){INPUT_NODE, 7, 0};
}
static void l_early(struct module *m)
{
	struct module_node *n = loops(m), y = n[2];

	n[2] = n[10];
	n[10] = y;
	*input_of(m, &loop_outs(m, 0)[1].then_value) = (struct input){INPUT_NODE, 10, 0};
}
static void l_after(struct module *m)
{
	static const uint32_t in_loop[] = {1};

	loops(m)[9].after = in_loop;
}
static void t_body(struct module *m) { loops(m)[3].then_block = MODULE_NONE; }
static void t_kinds(struct module *m)
{
	struct module_node *n = loops(m);

	n[3].else_block = 4, n[3].final_block = 3;
}
static void t_order(struct module *m)
{
	struct module_node *n = loops(m), body = n[4];

	n[4] = n[6];
	n[6] = body;
}
static void t_merge(struct module *m) { loops(m)[8].block = 4; }
static void t_side(struct module *m) { loop_outs(m, 7)[0].else_value = NULL; }
static void t_outside(struct module *m) { *cond_of(m, 8) = (struct input){INPUT_TRY, 3, 0}; }
static void t_field(struct module *m) { arg_of(m, 6)->output = 2; }
static void t_error(struct module *m) { arg_of(m, 6)->output = TRY_ERROR; }
static void t_except(struct module *m) { *cond_of(m, 8) = (struct input){INPUT_NODE, 5, 0}; }
static void t_final(struct module *m) { *arg_of(m, 6) = (struct input){INPUT_NODE, 4, 0}; }
static void t_open(struct module *m) { *cond_of(m, 8) = (struct input){INPUT_NODE, 4, 0}; }
static void a_cond(struct module *m) { loops(m)[8].cond = loops(m)[0].args[0]; }
static void a_message(struct module *m) { loops(m)[8].nargs = 2; }

static void test_blocks(void)
{
	refuses("node 0 'x': it goes through no list", l_lists);
	refuses("what it goes through is no list", l_list);
	refuses("block 1 belongs to no node", l_body);
	refuses("block 1 belongs to no node", l_kind);
	refuses("output 0: it is no list of what each", l_out);
	refuses("output 0: it is no list of what each", l_else);
	refuses("output 0: the expression: int does not fit str", l_elem);
	refuses("setting 'parallelism': it does not belong here", l_setting);
	refuses("node 2 'y': an input is nothing that can be read here", l_item);
	refuses("nothing that can be read here", l_outside);
	refuses("a block that cannot be seen from here", l_inside);
	refuses("a loop that is not at its end here", l_within);
	refuses("a loop that is not at its end here", l_self);
	refuses("output 0: an input is a node that does not come before", l_late);
	refuses("a loop that is not at its end here", l_early);
	refuses("must run after what does not come before it", l_after);
	refuses("block 2 belongs to no node", t_body);
	refuses("block 3 belongs to no node", t_kinds);
	refuses("comes before the end of what it waits for", t_order);
	refuses("merges a try that is not at its end here", t_merge);
	refuses("output 0: second side: an expression is missing", t_side);
	refuses("nothing that can be read here", t_outside);
	refuses("nothing that can be read here", t_field);
	refuses("RunError? does not fit str", t_error);
	refuses("a block that cannot be seen from here", t_except);
	refuses("a block that cannot be seen from here", t_final);
	refuses("a block that cannot be seen from here", t_open);
	refuses("list[int] does not fit bool", a_cond);
	refuses("more than one message", a_message);
}

/* A try that has no except is open to what comes after it. */
static void test_open_try(void)
{
	struct module *m = sample_module();
	struct err err = {0};
	struct module_node *n = loops(m);

	loop_blocks(m)[3] = (struct module_block){BLOCK_FINALLY, 3};
	m->pipelines[2].nblocks = 4;
	n = loops(m);
	n[3].else_block = MODULE_NONE, n[3].final_block = 3;
	n[5].block = n[6].block = 3;
	n[5].args = n[6].args;
	n[7] = n[4];
	n[7].block = 0, n[7].path = STR("free");
	t_open(m);
	ok(!module_verify(m, &err), "its body is read directly: %s", err.text);
	t_final(m);
	ok(module_verify(m, &err) && strstr(err.text, "cannot be seen"),
	   "but not in its finally: %s", err.text);
	module_free(m);
}

#define N0 "\0\0\0\0"

static void c_empty(struct module *m) { CODE(m, 0, ""); }
static void c_op(struct module *m) { CODE(m, 0, "\xff"); }
static void c_cut(struct module *m) { CODE(m, 1, "\x01\0\0"); }
static void c_const(struct module *m) { CODE(m, 1, "\x00\xff\xff\0\0\x24"); }
static void c_input(struct module *m) { CODE(m, 1, "\x01\x02\0\0\0\x24"); }
static void c_name(struct module *m) { CODE(m, 1, "\x01" N0 "\x1d\xff\xff\0\0\x24"); }
static void c_under(struct module *m) { CODE(m, 1, "\x01" N0 "\x02\x24"); }
static void c_left(struct module *m) { CODE(m, 2, "\x01" N0 "\x01" N0 "\x24"); }
static void c_noreturn(struct module *m) { CODE(m, 1, "\x01" N0); }
static void c_return(struct module *m) { CODE(m, 1, "\x01" N0 "\x24\x24"); }
static void c_max(struct module *m) { CODE(m, 7, "\x01" N0 "\x24"); }
static void c_jumpend(struct module *m) { CODE(m, 1, "\x01" N0 "\x18\x01\0\0\0\x24"); }
static void c_jumpmid(struct module *m)
{
	CODE(m, 1, "\x01" N0 "\x1a\x02\0\0\0\x01" N0 "\x24");
}
static void c_differ(struct module *m)
{
	CODE(m, 2, "\x01" N0 "\x01" N0 "\x19\x05\0\0\0\x01" N0 "\x24");
}
static void c_dead(struct module *m) { CODE(m, 1, "\x01" N0 "\x18\x01\0\0\0\x17\x24"); }
static void c_builtin(struct module *m) { CODE(m, 1, "\x01" N0 "\x22\xff\x01\0\0\x24"); }
static void c_arity(struct module *m) { CODE(m, 1, "\x01" N0 "\x22\x00\x00\0\0\x24"); }
static void c_count(struct module *m) { CODE(m, 1, "\x1e\xff\xff\xff\xff\x24"); }
static void c_dict(struct module *m) { CODE(m, 1, "\x1f\x00\x00\x00\x80\x24"); }

/* A comprehension over one list, as in ops.def. */
#define ITERATE(iter, step, body, again) \
	"\x01" N0 "\x29" iter "\x2a" step body "\x2b\x2c" again "\x24"
#define ELEMENT "\x25" N0
#define N(byte) byte "\0\0\0"

static void i_yield(struct module *m) { CODE(m, 1, "\x01" N0 "\x2b\x24"); }
static void i_again(struct module *m) { CODE(m, 1, "\x01" N0 "\x2c" N0 "\x24"); }
static void i_step(struct module *m) { CODE(m, 1, "\x01" N0 "\x2a" N0 "\x24"); }
static void i_locals(struct module *m)
{
	CODE(m, 6, ITERATE(N("\x01"), N("\x0b"), ELEMENT, N("\x0b")));
}
static void iterate(struct module *m, const char *ops, size_t n)
{
	set_code(m, ops, n, 6);
	cond(m)->code.nlocals = 1;
}
#define ITER(m, ops) iterate(m, ops, sizeof ops - 1)
static void i_back(struct module *m)
{
	ITER(m, ITERATE(N("\x01"), N("\x0b"), ELEMENT, N("\x06")));
}
static void i_state(struct module *m)
{
	ITER(m, ITERATE(N("\x01"), N("\x0b"), "\x17" ELEMENT, N("\x0c")));
}
static void i_twice(struct module *m)
{
	ITER(m, ITERATE(N("\x01"), N("\x11"), ELEMENT "\x2b" ELEMENT, N("\x11")));
}
static void i_lists(struct module *m)
{
	ITER(m, ITERATE(N("\x02"), N("\x0b"), ELEMENT, N("\x0b")));
	cond(m)->code.nlocals = 2;
}
static void i_none(struct module *m)
{
	ITER(m, ITERATE(N("\x00"), N("\x0b"), ELEMENT, N("\x0b")));
}
static void i_over(struct module *m)
{
	ITER(m, ITERATE(N("\x01"), N("\x0a"), ELEMENT, N("\x0b")));
}
static void i_out(struct module *m)
{
	ITER(m, ITERATE(N("\x01"), N("\x15"), ELEMENT "\x19" N("\x0b") ELEMENT,
			N("\x15")));
}
static void i_into(struct module *m)
{
	ITER(m, "\x01" N0 "\x01" N0 "\x19" N("\x0a") "\x29" N("\x01") "\x2a" N("\x0b")
	     ELEMENT "\x2b\x2c" N("\x0b") "\x24");
}
static void i_frame(struct module *m)
{
	ITER(m, ITERATE(N("\x01"), N("\x0b"), ELEMENT, N("\x0b")));
}
static void i_def(struct module *m) { CODE(m, 1, "\x01" N0 "\x2d\x01\x05\0\0\x24"); }

/* What goes back in the code is one operation, which the verifier ties to its iteration. */
static void test_iterations(void)
{
	_Static_assert(BC_LOCAL == 0x25 && BC_ITER == 0x29 && BC_STEP == 0x2a &&
		       BC_YIELD == 0x2b && BC_AGAIN == 0x2c && BC_DEF == 0x2d,
		       "numbers used above");
	refuses("a result belongs to no iteration", i_yield);
	refuses("an iteration has two results", i_twice);
	refuses("nothing goes on here", i_again);
	refuses("does not begin with iter", i_step);
	refuses("no such local", i_locals);
	refuses("does not end where it should", i_back);
	refuses("the stack has too few values", i_state);
	refuses("the stack has too few values", i_lists);
	refuses("an iteration over nothing", i_none);
	refuses("does not end where it should", i_over);
	refuses("differs between two ways", i_out);
	refuses("bytecode at", i_into);
	refuses("needs room for 0 values, and needs it for 7", i_frame);
	refuses("no such function can be called here", i_def);
}

static void test_code(void)
{
	_Static_assert(BC_RETURN == 0x24 && BC_FIELD == 0x1d && BC_LIST == 0x1e &&
		       BC_JUMP == 0x18 && BC_CALL == 0x22, "numbers used below");
	refuses("there is no bytecode", c_empty);
	refuses("bytecode at 0: no such operation", c_op);
	refuses("the operand is cut off", c_cut);
	refuses("no such constant", c_const);
	refuses("no such input", c_input);
	refuses("no such name", c_name);
	refuses("bytecode at 5: the stack has too few values", c_under);
	refuses("values are left on the stack", c_left);
	refuses("does not end with return", c_noreturn);
	refuses("return before the end", c_return);
	refuses("needs a stack of 7 values, and needs 1", c_max);
	refuses("a jump past the end", c_jumpend);
	refuses("into the middle of an operation", c_jumpmid);
	refuses("differs between two ways", c_differ);
	refuses("nothing leads here", c_dead);
	refuses("no such built-in", c_builtin);
	refuses("wrong number of arguments", c_arity);
	refuses("too few values", c_count);
	refuses("too few values", c_dict);
}

/* Pipelines calling pipelines: as deep as is allowed, and one level more. */
static void test_call_depth(void)
{
	for (uint32_t n = LIMIT_CALL_DEPTH; n <= LIMIT_CALL_DEPTH + 1; n++) {
		struct module *m = sample_module();
		struct module_pipeline *p = ARENA_ARRAY(&m->arena, n + 1,
							struct module_pipeline);
		struct err err = {0};

		m->nconfigs = m->nschedules = 0;
		for (uint32_t i = 0; i < n; i++) {
			struct module_node *call = ARENA_NEW(&m->arena,
							     struct module_node);

			p[i] = m->pipelines[0];
			*call = (struct module_node){
				.kind = NODE_CALL, .name = STR("a"), .path = STR("a"),
				.target = i + 1, .nargs = 1,
				.args = ARENA_ARRAY(&m->arena, 1, const struct site *),
			};
			p[i].nodes = call;
			p[i].nnodes = i + 1 < n;
		}
		m->pipelines = p;
		m->npipelines = n;
		ok((module_verify(m, &err) == 0) == (n <= LIMIT_CALL_DEPTH),
		   "%u levels: %s", n,
		   err.text);
		module_free(m);
	}
}

int main(void)
{
	test_round_trip();
	test_header();
	test_lies();
	test_structure();
	test_blocks();
	test_open_try();
	test_code();
	test_iterations();
	test_call_depth();
	test_damage();
	return done_testing();
}
