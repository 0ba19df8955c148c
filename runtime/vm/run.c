#include <config.h>

#include "runtime/vm/run.h"

#include "runtime/vm/run_result.h"

static int run_it(struct runner *r, struct run_result *result, struct err *err)
{
	int rc;

	runner_catch(r);
	runner_begin(r);
	rc = runner_drive(r, err);
	if (!rc) {
		run_result_fill(r, result);
		rc = runner_finish(r, result, err);
	}
	runner_uncatch(r);
	return rc;
}

int run_pipeline(const struct module *m, struct str module_bytes, uint32_t pipeline,
		 const struct run_config *config, struct store *s,
		 const struct run_opts *o, struct arena *a, struct run_result *result,
		 struct err *err)
{
	struct run_program p = {m, module_bytes, pipeline, config, NULL};
	struct runner r;
	int rc = -1;

	*result = (struct run_result){.pipeline = &m->pipelines[pipeline]};
	if (!runner_open(&r, s, o, a, err) && !runner_load(&r, &p, a, err) &&
	    !runner_make_run(&r, err)) {
		strcpy(result->id, run_id(r.run));
		rc = run_it(&r, result, err);
	}
	runner_close(&r);
	return rc;
}
