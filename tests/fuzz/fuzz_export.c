/* Every pipeline of a module that loads is exported, or refused with a place: what is
 * written is read back by the exporter itself and says what the module does. */
#include <config.h>

#include <stdint.h>

#include "compiler/export/export.h"
#include "runtime/bc/save.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void export_one(struct module *m, uint32_t pipeline, enum export_target target)
{
	struct arena a = {0};
	struct export x = {.m = m, .a = &a, .pipeline = pipeline, .config = MODULE_NONE,
			   .helper = STR("pass")};
	struct buf out = {0};
	int rc = export_write(target, &x, &out);

	if (x.broken.n)
		BUG("%s: %.*s", export_name(target), STR_ARG(x.broken));
	if (rc && !x.nerrors)
		BUG("%s: refused without a word", export_name(target));
	if (rc ? out.n : !out.n)
		BUG("%s: written and refused, or neither", export_name(target));
	buf_release(&out);
	vec_release(&x.faults);
	vec_release(&x.extras);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err;
	struct module *m = module_load_unchecked((struct str){(const char *)data, n}, "x",
						 &err);

	if (!m)
		return 0;
	for (uint32_t i = 0; i < m->npipelines; i++) {
		export_one(m, i, EXPORT_kfp);
		export_one(m, i, EXPORT_argo);
	}
	module_free(m);
	return 0;
}
