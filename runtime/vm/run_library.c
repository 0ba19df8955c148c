/* The shared libraries of native components, which do not travel in the module. */
#include <config.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/exec/solib.h"
#include "runtime/vm/runner.h"

struct str run_code_folder(const struct runner *r, const struct module_component *c,
			   struct arena *a)
{
	struct str file = r->m->files[c->loc.file].path;
	struct str folder = r->opts->folder.n ? r->opts->folder : STR(".");

	return io_dirname(io_join(a, folder, file));
}

int run_library(const struct runner *r, const struct module_component *c,
		struct arena *a, struct str *path, struct err *err)
{
	return solib_find(c->code, run_code_folder(r, c, a), a, path, err);
}

/* What a library does is in its file; one that is missing fails its task. */
void run_library_hash(const struct runner *r, const struct module_component *c,
		      struct sha256 *h)
{
	struct arena a = {0};
	struct buf text = {0};
	struct str path;

	arena_init(&a);
	if (!run_library(r, c, &a, &path, NULL) &&
	    !io_read_file(path.p, LIMIT_FILE_BYTES, &text, NULL))
		sha256_add(h, buf_str(&text));
	buf_release(&text);
	arena_release(&a);
}

int run_library_check(const struct runner *r, struct err *err)
{
	struct arena a = {0};
	struct str path;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < r->plan.insts.n; i++) {
		const struct inst *inst = plan_inst(&r->plan, i);
		const struct module_component *c;

		if (inst->kind != INST_TASK || !run_is_certain(&r->plan, inst))
			continue;
		c = plan_component(&r->plan, inst);
		if (c->code_kind == CODE_NATIVE && run_library(r, c, &a, &path, err))
			rc = err_wrap(err, "task '%.*s' cannot run here",
				      STR_ARG(plan_path(&r->plan, i, &a)));
	}
	arena_release(&a);
	return rc;
}
