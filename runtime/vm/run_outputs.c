#include <config.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/vm/runner.h"
#include "runtime/vm/where.h"

/* The first fault in the fields of an output. */
struct output_fault {
	const struct module_output *output;
	struct err *err;
	bool told;
};

static void tell_field(void *ctx, struct str path, const struct err *err)
{
	struct output_fault *f = ctx;

	if (f->told)
		return;
	f->told = true;
	*f->err = *err;
	err_wrap(f->err, "'%.*s%.*s'", STR_ARG(f->output->name), STR_ARG(path));
}

int run_outputs_check(const struct runner *r, const struct sched_task *t,
		      const struct value *values, struct err *err)
{
	const struct module_component *c = t->component;
	struct where_values w = {
		.params = c->params, .args = t->args,
		.outputs = c->outputs, .results = values,
	};

	for (uint32_t i = 0; i < c->noutputs; i++) {
		struct output_fault f = {&c->outputs[i], err, false};

		if (!where_check_fields(r->m, c->outputs[i].type, values[i],
					&(struct where_faults){tell_field, &f}) ||
		    where_check_output(r->m, &w, i, err))
			return -1;
	}
	return 0;
}

bool run_outputs_are_big(const struct attempt *at)
{
	int64_t bytes = 0;
	struct stat st;

	for (uint32_t i = 0; i < at->spec.noutputs; i++) {
		if (!type_is_artifact(type_strip(at->outputs[i].type)))
			continue;
		if (lstat(io_join(at->a, at->spec.folder,
				  exec_output_path(&at->outputs[i], at->a)).p, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			return true;
		bytes += st.st_size;
	}
	return bytes > BIG_BYTES;
}

/* "$model_path" to a shell, "model.path" to a container, "model_path" to Python. */
static struct str path_name(const struct attempt *at, const struct exec_output *o)
{
	if (at->spec.executor == EXECUTOR_CONTAINER)
		return arena_printf(at->a, "%.*s.path", STR_ARG(o->name));
	return arena_printf(at->a, at->spec.executor == EXECUTOR_SHELL ? "$%.*s_path"
								       : "%.*s_path",
			    STR_ARG(o->name));
}

static int refuse(const struct attempt *at, const struct exec_output *o,
		  enum cas_take_result got, struct err *err)
{
	struct str path = path_name(at, o);

	if (got == CAS_MISSING)
		return err_setk(
			err, ERR_EVAL,
			"it wrote no output '%.*s': expected a file or folder at %.*s",
			STR_ARG(o->name), STR_ARG(path));
	return err_wrap(err, "cannot keep the output '%.*s'", STR_ARG(o->name));
}

static void make_artifact(struct attempt *at, uint32_t i, const struct blob *blob,
			  struct digest *manifest)
{
	const struct exec_output_result *r = &at->result.outputs[i];
	struct artifact *f = ARENA_NEW(at->a, struct artifact);

	*f = (struct artifact){
		.type = type_strip(at->outputs[i].type),
		.name = at->outputs[i].name,
		.digest = arena_str(at->a, digest_str(&blob->digest)),
		.uri = arena_printf(
			at->a, "file://%.*s",
			STR_ARG(cas_path(at->r->store, &blob->digest, at->a))),
		.metadata = r->metadata.n ? r->metadata : STR("{}"),
		.manifest = arena_str(at->a, digest_str(manifest)),
		.size_bytes = blob->size_bytes,
		.is_tree = blob->is_tree,
	};
	at->values[i] = (struct value){VALUE_ARTIFACT, {.artifact = f}};
}

static int take(struct attempt *at, uint32_t i, int dirfd, struct err *err)
{
	const struct exec_output *o = &at->outputs[i];
	const struct type *t = type_strip(o->type);
	struct digest manifest = {""};
	struct blob blob;
	enum cas_take_result got;

	got = cas_take(at->r->store, dirfd, exec_output_path(o, at->a).p, &blob, err);
	if (got == CAS_MISSING && o->type->kind == TYPE_OPT) {
		at->values[i] = VALUE_NONE_V;
		return 0;
	}
	if (got != CAS_TAKEN)
		return refuse(at, o, got, err);
	if (type_extends(t, at->r->m->types.model) &&
	    run_bundle_put(at, i, &blob, &manifest, err))
		return -1;
	make_artifact(at, i, &blob, &manifest);
	return 0;
}

int run_outputs_take(struct attempt *at, struct err *err)
{
	int dirfd = -1, rc = 0;

	for (uint32_t i = 0; i < at->spec.noutputs && !rc; i++) {
		if (!type_is_artifact(type_strip(at->outputs[i].type))) {
			at->values[i] = at->result.outputs[i].value;
			continue;
		}
		if (dirfd < 0)
			dirfd = open(at->spec.folder.p,
				     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dirfd < 0)
			return err_sys(err, "%s", at->spec.folder.p);
		rc = take(at, i, dirfd, err);
	}
	if (dirfd >= 0)
		close(dirfd);
	return rc;
}
