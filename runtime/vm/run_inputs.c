#include <config.h>

#include <sys/stat.h>

#include "runtime/base/io.h"
#include "runtime/vm/runner.h"

static void list_file(struct attempt *at, struct str name, struct str path,
		      struct value v)
{
	vec_push(&at->files, (struct run_input){
		.artifact = v.artifact, .name = name, .path = path,
	});
}

struct str run_input_path(struct str name, const struct type *type, struct value v,
			  struct arena *a)
{
	struct str tag = STR("");

	if (v.kind == VALUE_ARTIFACT)
		tag = v.artifact->type->tag.n ? v.artifact->type->tag
					      : type_strip(type)->tag;
	return arena_printf(a, "in/%.*s%s%.*s", STR_ARG(name), tag.n ? "." : "",
			    STR_ARG(tag));
}

void run_inputs_list(struct attempt *at)
{
	for (uint32_t i = 0; i < at->spec.ninputs; i++) {
		struct exec_input *in = &at->inputs[i];

		if (!type_holds_artifacts(in->type) || in->value.kind == VALUE_NONE)
			continue;
		in->path = io_join(at->a, at->spec.folder,
				   run_input_path(in->name, in->type, in->value, at->a));
		if (in->value.kind == VALUE_ARTIFACT) {
			list_file(at, in->name, in->path, in->value);
			continue;
		}
		for (size_t k = 0; k < in->value.list->n; k++)
			if (in->value.list->at[k].kind == VALUE_ARTIFACT)
				list_file(at, in->name,
					  arena_printf(at->a, "%.*s/%zu",
						       STR_ARG(in->path), k),
					  in->value.list->at[k]);
	}
}

bool run_inputs_are_big(const struct attempt *at)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < at->files.n; i++) {
		bytes += at->files.at[i].artifact->size_bytes;
		if (at->files.at[i].artifact->is_tree)
			return true;
	}
	return bytes > BIG_BYTES;
}

/* The folder of a list, which may be empty. */
static int make_list_folders(struct attempt *at, struct err *err)
{
	for (uint32_t i = 0; i < at->spec.ninputs; i++)
		if (at->inputs[i].value.kind == VALUE_LIST &&
		    type_holds_artifacts(at->inputs[i].type) &&
		    mkdir(at->inputs[i].path.p, 0777))
			return err_sys(err, "%s", at->inputs[i].path.p);
	return 0;
}

int run_inputs_write(struct attempt *at, struct err *err)
{
	if (make_list_folders(at, err))
		return -1;
	for (size_t i = 0; i < at->files.n; i++) {
		struct run_input *f = &at->files.at[i];
		struct blob blob = {.size_bytes = f->artifact->size_bytes,
				    .is_tree = f->artifact->is_tree};

		if (!digest_parse(f->artifact->digest, &blob.digest))
			BUG("an artifact without digest");
		if (cas_export(at->r->store, &blob, f->path.p, false, err))
			return err_wrap(err, "cannot prepare the input '%.*s'",
					STR_ARG(f->name));
		if (snapshot_take(f->path.p, &f->before, err))
			return -1;
	}
	return 0;
}

int run_inputs_check(const struct attempt *at, struct err *err)
{
	struct digest now;

	for (size_t i = 0; i < at->files.n; i++) {
		const struct run_input *f = &at->files.at[i];

		if (snapshot_take(f->path.p, &now, NULL) ||
		    !str_eq(digest_str(&now), digest_str(&f->before)))
			return err_setk(err, ERR_EVAL,
					"the task changed its input '%.*s'",
					STR_ARG(f->name));
	}
	return 0;
}
