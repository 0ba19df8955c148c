/* compiler/sema/pycheck: requests as they are written, replies as diagnostics, and
 * replies that make no sense.  The interpreter's part is tests/cli/pycheck_unit.py. */
#include <config.h>

#include "compiler/sema/pycheck.h"
#include "tests/unit/tap.h"

static const char program[] =
	"component train(data: Dataset, n: int) -> (model: Model, acc: Metric):\n"
	"    python:\n"
	"        x = 1\n"
	"\n"
	"        if \xc3\xa9 :\n"
	"            y\n"
	"component f(n: int) -> int:\n"
	"    python = \"train.py:f\"\n";

static const char file_text[] = "def f(n):\n    return m\n";

struct fixture {
	struct src src;
	struct diags ds;
	struct symtab syms;
	struct module *m;
	struct arena a;
	struct node *decls[2];
	struct str replies[2];	/* what the fake interpreter answers */
	struct str asked[2];
	int fails;
};

static int fake_run(void *arg, const struct str *requests, struct str *replies, size_t n,
		    struct arena *a, struct err *err)
{
	struct fixture *f = arg;

	for (size_t i = 0; i < n && i < 2; i++) {
		f->asked[i] = arena_str(&f->a, requests[i]);
		replies[i] = arena_str(a, f->replies[i]);
	}
	return f->fails ? err_set(err, "no Python here") : 0;
}

static struct span find(const struct fixture *f, const char *text)
{
	size_t at = str_find(str_of(program), str_of(text), 0);
	uint32_t lo = f->src.files.at[0]->base + (uint32_t)at;

	return (struct span){lo, lo + (uint32_t)strlen(text)};
}

static struct node *name_node(struct fixture *f, const char *text)
{
	struct node *n = node_new(&f->a, AST_NAME, find(f, text));

	n->name.name = sym_intern(&f->syms, str_of(text));
	return n;
}

static void add_param(struct fixture *f, struct node *decl, const char *name,
		      const char *at)
{
	struct node *n = node_new(&f->a, AST_PARAM, find(f, at));

	n->param.name = sym_intern(&f->syms, str_of(name));
	n->param.name_at = (struct span){n->span.lo, n->span.lo + (uint32_t)strlen(name)};
	list_add(&decl->component.params, n);
}

static void add_output(struct fixture *f, struct node *decl, const char *name,
		       const char *at)
{
	struct node *n = node_new(&f->a, AST_OUTPUT, find(f, at));

	n->output.name = sym_intern(&f->syms, str_of(name));
	n->output.name_at =
		(struct span){n->span.lo, n->span.lo + (uint32_t)strlen(name)};
	list_add(&decl->component.outputs, n);
}

static struct node *block_decl(struct fixture *f)
{
	struct node *decl = node_new(&f->a, AST_COMPONENT, find(f, "component train"));
	struct node *code = node_new(&f->a, AST_CODE, find(f, "python:"));

	add_param(f, decl, "data", "data:");
	add_param(f, decl, "n", "n: int");
	add_output(f, decl, "model", "model:");
	add_output(f, decl, "acc", "acc:");
	code->code.indent = 8;
	code->code.text_at = find(f, "x = 1");
	code->span.hi = find(f, "component f").lo - 1;
	list_add(&decl->component.items, code);
	return decl;
}

static struct node *file_decl(struct fixture *f)
{
	struct node *decl = node_new(&f->a, AST_COMPONENT, find(f, "component f"));
	struct node *bind = node_new(&f->a, AST_BIND, find(f, "python = "));

	bind->bind.target = name_node(f, "python");
	bind->bind.value = node_new(&f->a, AST_STRING, find(f, "\"train.py:f\""));
	list_add(&decl->component.items, bind);
	return decl;
}

static void fill_module(struct fixture *f)
{
	struct module *m = f->m;
	struct module_component *c = ARENA_ARRAY(&m->arena, 2, struct module_component);
	struct module_param *p = ARENA_ARRAY(&m->arena, 3, struct module_param);
	struct module_output *o = ARENA_ARRAY(&m->arena, 2, struct module_output);

	p[0] = (struct module_param){.name = STR("data"), .type = m->types.dataset};
	p[1] = (struct module_param){.name = STR("n"), .type = m->types.integer};
	p[2] = p[1];
	o[0] = (struct module_output){.name = STR("model"), .type = m->types.model};
	o[1] = (struct module_output){.name = STR("acc"), .type = m->types.metric};
	c[0] = (struct module_component){.name = STR("train"), .params = p, .outputs = o,
					 .nparams = 2, .noutputs = 2, .env = MODULE_NONE,
					 .code_kind = CODE_PYTHON,
					 .code = STR("x = 1\n\nif \xc3\xa9 :\n    y\n")};
	c[1] = (struct module_component){.name = STR("f"), .params = p + 2, .nparams = 1,
					 .env = 0, .code_kind = CODE_PYTHON_FILE,
					 .code_file = 1, .entry = STR("f")};
	m->components = c;
	m->ncomponents = 2;
	m->files = ARENA_ARRAY(&m->arena, 3, struct module_file);
	m->files[0].path = STR("a.kfp");
	m->files[1] =
		(struct module_file){.path = STR("train.py"), .text = str_of(file_text)};
	m->files[2] = (struct module_file){.path = STR("r.txt"), .text = STR("dill\n")};
	m->nfiles = 3;
	m->envs = ARENA_NEW(&m->arena, struct module_env);
	m->envs[0] = (struct module_env){.name = STR("ml"), .python = STR("3.11"),
					 .requirements = 2};
	m->nenvs = 1;
}

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){
		.replies = {STR("{\"diags\": []}"), STR("{\"diags\": []}")}};
	arena_init(&f->a);
	src_init(&f->src);
	diags_init(&f->ds, &f->src);
	symtab_init(&f->syms);
	f->m = module_new();
	src_add(&f->src, STR("dir/a.kfp"), str_of(program));
	fill_module(f);
	f->decls[0] = block_decl(f);
	f->decls[1] = file_decl(f);
}

static void fixture_release(struct fixture *f)
{
	module_free(f->m);
	symtab_release(&f->syms);
	diags_release(&f->ds);
	src_release(&f->src);
	arena_release(&f->a);
}

static void run(struct fixture *f)
{
	struct pycheck_opts opts = {fake_run, f};

	pycheck_run(&opts, f->m, f->decls, &f->src, &f->ds);
	diag_finish(&f->ds);
}

/* Runs with one reply for each component and compares what is printed as JSON. */
static void says(const char *block, const char *file, const char *want, const char *name)
{
	struct fixture f;
	struct buf out = {0};

	fixture_init(&f);
	f.replies[0] = str_of(block ? block : "{\"diags\": []}");
	f.replies[1] = str_of(file ? file : "{\"diags\": []}");
	run(&f);
	for (size_t i = 0; i < f.ds.all.n; i++) {
		const struct diag *d = f.ds.all.at[i];
		struct src_pos p = src_pos_at(&f.src, d->span.lo);

		buf_addf(&out, "%s %s:%u:%u+%u %.*s\n", diag_code_name(d->code),
			 p.file ? p.file->path.p : "-", p.line, p.col,
			 d->span.hi - d->span.lo, STR_ARG(d->text));
	}
	is_str(buf_cstr(&out), want, name);
	buf_release(&out);
	fixture_release(&f);
}

static void test_requests(void)
{
	struct fixture f;

	fixture_init(&f);
	run(&f);
	is_str(f.asked[0].p,
	       "{\"code\": \"x = 1\\n\\nif \xc3\xa9 :\\n    y\\n\", \"function\": \"\", "
	       "\"shown\": \"contents\", \"inputs\": [{\"name\": \"data\", \"kind\": "
	       "\"artifact\", \"optional\": false, \"type\": [\"artifact\", \"Dataset\"]}, "
	       "{\"name\": \"n\", \"kind\": "
	       "\"value\", "
	       "\"optional\": false, \"type\": [\"int\", \"int\"]}], "
	       "\"outputs\": [{\"name\": \"model\", \"kind\": "
	       "\"artifact\", \"optional\": false, \"type\": [\"artifact\", "
	       "\"Model\"]}, {\"name\": \"acc\", \"kind\": "
	       "\"value\", "
	       "\"optional\": false, \"type\": [\"float\", \"Metric\"]}], \"used\": [], \"cached\": true, \"environment\": \"\", \"python\": "
	       "\"\", "
	       "\"requirements\": \"\", \"packages\": []}",
	       "request for a block");
	is_str(f.asked[1].p,
	       "{\"code\": \"def f(n):\\n    return m\\n\", \"function\": \"f\", "
	       "\"shown\": "
	       "\"train.py\", \"inputs\": [{\"name\": \"n\", \"kind\": \"value\", "
	       "\"optional\": false, \"type\": [\"int\", \"int\"]}], \"outputs\": [], \"used\": [], \"cached\": true, \"environment\": "
	       "\"ml\", "
	       "\"python\": \"3.11\", \"requirements\": \"dill\\n\", \"packages\": []}",
	       "request for a file");
	is_int((long long)f.ds.all.n, 0, "nothing to say");
	is_int((long long)f.src.files.n, 1,
	       "the .py file is not added where nothing is said");
	fixture_release(&f);
}

static void test_places(void)
{
	says("{\"diags\": [{\"code\": \"E0502\", \"text\": \"t\", \"at\": [1, 4, 1, "
	     "5]}]}",
	     NULL, "E0502 dir/a.kfp:3:13+1 t\n", "first line of a block");
	says("{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": [3, 6, 3, "
	     "7]}]}",
	     NULL, "E0501 dir/a.kfp:5:14+1 t\n", "columns in bytes become characters");
	says("{\"diags\": [{\"code\": \"E0502\", \"text\": \"t\", \"at\": [4, 4, 4, "
	     "900]}]}",
	     NULL, "E0502 dir/a.kfp:6:13+1 t\n", "past the end of a line");
	says("{\"diags\": [{\"code\": \"E0502\", \"text\": \"t\", \"at\": [2, 4, 2, "
	     "4]}]}",
	     NULL, "E0502 dir/a.kfp:4:1+1 t\n", "a blank line");
	says("{\"diags\": [{\"code\": \"E0502\", \"text\": \"t\", \"at\": [2147483647, "
	     "4, "
	     "2147483647, 2147483647]}]}",
	     NULL, "E0502 dir/a.kfp:9:1+0 t\n", "past the end of the file");
	says("{\"diags\": [{\"code\": \"W0501\", \"text\": \"t\", \"at\": {\"input\": "
	     "\"n\"}}]}",
	     NULL, "W0501 dir/a.kfp:1:32+1 t\n", "an input");
	says("{\"diags\": [{\"code\": \"E0503\", \"text\": \"t\", \"at\": {\"output\": "
	     "\"acc\"}}]}", NULL, "E0503 dir/a.kfp:1:58+3 t\n", "an output");
	says("{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": null}]}", NULL,
	     "E0501 dir/a.kfp:2:5+7 t\n", "the block as a whole");
	says(NULL, "{\"diags\": [{\"code\": \"E0506\", \"text\": \"t\", \"at\": null}]}",
	     "E0506 dir/a.kfp:8:14+12 t\n", "the file as a whole");
	says(NULL,
	     "{\"diags\": [{\"code\": \"E0502\", \"text\": \"t\", \"at\": [2, 11, 2, "
	     "12]}]}",
	     "E0502 dir/train.py:2:12+1 t\n", "within the file");
	says("{\"unchecked\": \"too deep\"}", NULL,
	     "W0503 dir/a.kfp:2:5+7 the Python contents of 'train' were not checked: "
	     "too deep\n", "not checked");
}

static const char *const nonsense[] = {
	"",
	"x",
	"[]",
	"{}",
	"{\"diags\": 1}",
	"{\"diags\": [1]}",
	"{\"diags\": [{}]}",
	"{\"diags\": [{\"code\": \"E9999\", \"text\": \"t\", \"at\": null}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": [1, 2]}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": [0, 0, 0, 0]}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": [1, -1, 1, 0]}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": [1, 1, 1, 1e99]}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": [1, 1, 1, "
	"4294967296]}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": {\"input\": "
	"\"zz\"}}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": \"t\", \"at\": {}}]}",
	"{\"diags\": [{\"code\": \"E0501\", \"text\": 5, \"at\": null}]}",
};

static void test_nonsense(void)
{
	for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
		says(nonsense[i], NULL,
		     "W0503 dir/a.kfp:2:5+7 the Python contents of 'train' were not "
		     "checked: "
		     "the checker's answer makes no sense\n",
		     nonsense[i]);
}

static void test_no_interpreter(void)
{
	struct fixture f;

	fixture_init(&f);
	f.fails = 1;
	run(&f);
	is_int((long long)f.ds.all.n, 1, "one warning");
	is_str(f.ds.all.at[0]->text.p, "Python contents were not checked: no Python here",
	       "it says why");
	is_int(f.ds.nerrors, 0, "no error");
	fixture_release(&f);
}

/* A reply with bytes changed gives some diagnostics or other, and nothing worse. */
static void test_changed_bytes(void)
{
	static const char reply[] = "{\"diags\": [{\"code\": \"E0502\", \"text\": \"t\", "
				    "\"label\": \"l\", \"at\": "
				    "[1, 4, 1, 5], \"notes\": [{\"at\": {\"output\": "
				    "\"acc\"}, \"text\": \"n\"}, "
				    "{\"at\": [4, 4, 4, 5], \"text\": \"m\"}], \"fix\": "
				    "{\"put\": \"p\", \"text\": "
				    "\"f\"}, \"module\": \"os\"}]}";
	unsigned seed = 1;

	for (int i = 0; i < 3000; i++) {
		char bytes[sizeof reply];
		struct fixture f;

		memcpy(bytes, reply, sizeof reply);
		for (int j = 0; j < 1 + i % 3; j++) {
			seed = seed * 1103515245 + 12345;
			bytes[(seed >> 8) % (sizeof reply - 1)] =
				(char)(32 + (seed >> 20) % 95);
		}
		fixture_init(&f);
		f.replies[i % 2] = (struct str){bytes, sizeof reply - 1};
		run(&f);
		fixture_release(&f);
	}
	ok(true, "3000 replies with changed bytes");
}

int main(void)
{
	struct buf script = {0};

	test_requests();
	test_places();
	test_nonsense();
	test_no_interpreter();
	test_changed_bytes();
	pycheck_script(&script);
	ok(script.n > 10000 && script.n < 128 << 10, "the script fits an argument");
	buf_release(&script);
	return done_testing();
}
