/* compiler/sema through compiler/ir/compile: files that come from a callback, text that
 * is given, and the limits on how deep files, constants and pipelines may go. */
#include <config.h>

#include <errno.h>

#include "compiler/ir/compile.h"
#include "runtime/base/limits.h"
#include "tests/unit/tap.h"

/* Files by name. */
struct shelf {
	struct map files;	/* path -> struct str * */
	unsigned nreads;
};

static int shelf_read(void *ctx, const char *path, struct buf *out, struct err *err)
{
	struct shelf *shelf = ctx;
	const struct str *text = map_get(&shelf->files, str_of(path));

	shelf->nreads++;
	if (!text)
		return err_set(err, "%s: not on the shelf", path);
	buf_add(out, *text);
	return 0;
}

static int compile_shelf(struct compilation *c, struct shelf *shelf, struct str text,
			 struct err *err)
{
	struct compile_opts o = {.text = text, .loader = {.read = shelf_read, .ctx = shelf}};

	compilation_init(c);
	return compile(c, "main.kfp", &o, err);
}

static bool has_code(const struct compilation *c, enum diag_code code)
{
	for (size_t i = 0; i < c->diags.all.n; i++)
		if (c->diags.all.at[i]->code == code)
			return true;
	return false;
}

static void test_callback(void)
{
	struct str lib = STR("const N = 3\n");
	struct str text =
		STR("import \"lib/a.kfp\" as a\nimport \"./lib/../lib/a.kfp\" as b\n"
		    "const M = a.N + b.N\n");
	struct shelf shelf = {0};
	struct compilation c;
	struct err err;

	map_set(&shelf.files, STR("lib/a.kfp"), &lib);
	map_set(&shelf.files, STR("lib/../lib/a.kfp"), &lib);
	ok(!compile_shelf(&c, &shelf, text, &err), "text that is given is not read");
	ok(c.module != NULL, "files come from the callback");
	is_int((int)shelf.nreads, 2, "each path is read once");
	compilation_release(&c);
	ok(compile_shelf(&c, &shelf, (struct str){NULL, 0}, &err) == -1,
	   "a root file that cannot be read is an error of its own");
	is_str(err.text, "main.kfp: not on the shelf", "with the loader's words");
	is_int((int)err.kind, ERR_IO, "and its kind");
	compilation_release(&c);
	map_release(&shelf.files);
}

/* A loader that tells what is not there, and the folders where else to look. */
static int sparse_read(void *ctx, const char *path, struct buf *out, struct err *err)
{
	int rc = shelf_read(ctx, path, out, err);

	if (rc)
		err->sys = ENOENT;
	return rc;
}

static void test_folders(void)
{
	static const struct sema_folder folders[] = {{"none", "-I"}, {"more", "-I"}};
	struct str text = STR("from a.b import N\nimport std.data\nconst M = N\n");
	struct str lib = STR("const N = 3\n"), wrong = STR("const N = O\n");
	struct shelf shelf = {0};
	struct compile_opts o = {
		.text = text,
		.loader = {.read = sparse_read, .ctx = &shelf, .folders = folders,
			   .nfolders = 2},
	};
	struct compilation c;
	struct err err;

	compilation_init(&c);
	ok(!compile(&c, "main.kfp", &o, &err) && has_code(&c, E0601),
	   "a module that is nowhere is an error");
	is_int((int)shelf.nreads, 3, "looked for in each folder");
	compilation_release(&c);
	map_set(&shelf.files, STR("more/a/b.kfp"), &lib);
	compilation_init(&c);
	ok(!compile(&c, "main.kfp", &o, &err) && c.module, "found in the second folder");
	is_str(c.module->files[1].path.p, "a/b.kfp", "and named below it");
	is_str(c.module->files[2].path.p, "std/data.kfp", "the library needs no loader");
	compilation_release(&c);
	map_set(&shelf.files, STR("a/b.kfp"), &wrong);
	compilation_init(&c);
	ok(!compile(&c, "main.kfp", &o, &err) && has_code(&c, E0301),
	   "what lies beside the program comes first");
	compilation_release(&c);
	map_release(&shelf.files);
}

/* A chain of n files, each importing the next. */
static void test_import_depth(unsigned n, bool fits)
{
	struct shelf shelf = {0};
	struct arena a = {0};
	struct compilation c;
	struct err err;

	for (unsigned i = 1; i < n; i++) {
		struct str *text = ARENA_NEW(&a, struct str);

		*text = STR("const N = 1\n");
		if (i + 1 < n)
			*text = arena_printf(&a, "from f%u import N\n", i + 1);
		map_set(&shelf.files, arena_printf(&a, "f%u.kfp", i), text);
	}
	compile_shelf(&c, &shelf, STR("from f1 import N\nconst M = N\n"), &err);
	ok((c.module != NULL) == fits, "%u files that import each other in turn", n);
	ok(has_code(&c, E0605) == !fits, "E0605 only beyond the limit");
	compilation_release(&c);
	map_release(&shelf.files);
	arena_release(&a);
}

static void test_constants(unsigned n, bool fits)
{
	struct buf b = {0};
	struct shelf shelf = {0};
	struct compilation c;
	struct err err;

	for (unsigned i = 0; i < n; i++)
		buf_addf(&b, "const C%u = C%u + 1\n", i, i + 1);
	buf_addf(&b, "const C%u = 1\n", n);
	compile_shelf(&c, &shelf, buf_str(&b), &err);
	ok((c.module != NULL) == fits, "%u constants that need each other in turn", n);
	ok(has_code(&c, E0110) == !fits, "E0110 only beyond the limit");
	compilation_release(&c);
	buf_release(&b);
}

static void test_calls(unsigned n, bool fits)
{
	struct buf b = {0};
	struct shelf shelf = {0};
	struct compilation c;
	struct err err;

	for (unsigned i = 1; i < n; i++)
		buf_addf(&b, "pipeline p%u():\n    p%u()\n", i, i + 1);
	buf_addf(&b, "pipeline p%u():\n    pass\n", n);
	compile_shelf(&c, &shelf, buf_str(&b), &err);
	ok((c.module != NULL) == fits, "%u pipelines that call each other in turn", n);
	ok(has_code(&c, E0110) == !fits, "E0110 only beyond the limit");
	compilation_release(&c);
	buf_release(&b);
}

/* Many names, many branches: nothing here may take quadratic time. */
static void test_large(void)
{
	struct buf b = {0};
	struct shelf shelf = {0};
	struct compilation c;
	struct err err;

	buf_addz(&b, "component add(a: int) -> int:\n    shell:\n        true\n"
		     "pipeline p(n: int, f: bool) -> int:\n    x0 = add(a=n)\n");
	for (unsigned i = 1; i < 20000; i++)
		buf_addf(&b, "    x%u = add(a=x%u)\n", i, i - 1);
	buf_addz(&b, "    if f:\n");
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&b, "        y%u = x%u\n", i, i);
	buf_addz(&b, "    else:\n");
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&b, "        y%u = %u\n", i, i);
	buf_addz(&b, "    return y0 + y19999\n");
	compile_shelf(&c, &shelf, buf_str(&b), &err);
	ok(c.module != NULL, "20,000 tasks and 40,000 names in branches");
	is_int((int)c.diags.nwarnings, 20000 - 2, "values that are never used are told");
	compilation_release(&c);
	buf_release(&b);
}

int main(void)
{
	test_callback();
	test_folders();
	test_import_depth(LIMIT_IMPORT_DEPTH, true);
	test_import_depth(LIMIT_IMPORT_DEPTH + 1, false);
	test_constants(400, true);
	test_constants(100000, false);
	test_calls(LIMIT_CALL_DEPTH, true);
	test_calls(LIMIT_CALL_DEPTH + 1, false);
	test_large();
	return done_testing();
}
