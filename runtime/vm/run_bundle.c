#include <config.h>

#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/base/uri.h"
#include "runtime/value/json.h"
#include "runtime/vm/runner.h"

/* What the code is called in the bundle: its file, or the component with an ending. */
static struct str code_file(const struct attempt *at, const struct module_component *c)
{
	if (c->code_file != MODULE_NONE)
		return io_basename(at->r->m->files[c->code_file].path);
	if (c->code_kind == CODE_NATIVE)
		return io_basename(at->spec.code);
	if (c->code_kind == CODE_LOAD)
		return STR("load.txt");
	return arena_printf(at->a, "%.*s.%s", STR_ARG(c->name),
			    c->code_kind == CODE_SHELL       ? "sh"
			    : c->code_kind == CODE_CONTAINER ? "json"
							     : "py");
}

static int write_code(struct attempt *at, const char *path, struct err *err)
{
	struct buf library = {0};
	struct str text = at->spec.code;
	int rc = 0;

	if (at->t->component->code_kind == CODE_NATIVE) {
		rc = io_read_file(text.p, LIMIT_FILE_BYTES, &library, err);
		text = buf_str(&library);
	}
	if (at->t->component->code_kind == CODE_LOAD)	/* where it is from */
		text = uri_shown(*at->inputs[0].value.s, at->a);
	rc = rc ? rc : io_write_file(path, text, 0644, false, err);
	buf_release(&library);
	return rc;
}

/* The code as a folder: what was executed, and the declaration of the component. */
static int put_code(struct attempt *at, struct buf *out, struct err *err)
{
	const struct module_component *c = at->t->component;
	struct str dir = io_join(at->a, at->spec.folder, STR("code")),
		   name = code_file(at, c);
	struct blob blob;
	int dirfd, rc;

	if (io_remove_tree(dir.p, err) || io_mkdirs(dir.p, 0777, err) ||
	    write_code(at, io_join(at->a, dir, name).p, err) ||
	    io_write_file(io_join(at->a, dir, STR("component.kfp")).p, c->source, 0644,
			  false, err))
		return -1;
	dirfd = open(at->spec.folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_sys(err, "%s", at->spec.folder.p);
	rc = cas_take(at->r->store, dirfd, "code", &blob, err) == CAS_TAKEN ? 0 : -1;
	close(dirfd);
	if (rc)
		return -1;
	json_put_key(out, "code");
	buf_addc(out, '{');
	json_put_str(out, "digest", digest_str(&blob.digest));
	json_put_bool(out, "tree", true);
	json_put_int(out, "size", blob.size_bytes);
	json_put_str(out, "component", c->name);
	json_put_str(out, "entry", c->entry.n
		     ? arena_printf(at->a, "%.*s:%.*s", STR_ARG(name), STR_ARG(c->entry))
		     : name);
	json_put_str(out, "place", module_loc(at->r->m, c->loc, at->a));
	buf_addc(out, '}');
	return 0;
}

static void add_weights(const struct attempt *at, uint32_t output,
			const struct blob *weights, struct buf *out)
{
	json_put_key(out, "weights");
	buf_addc(out, '{');
	json_put_str(out, "digest", digest_str(&weights->digest));
	json_put_bool(out, "tree", weights->is_tree);
	json_put_int(out, "size", weights->size_bytes);
	json_put_str(out, "format", type_strip(at->outputs[output].type)->tag);
	buf_addc(out, '}');
}

/* The source of the structure stands in the manifest too, for a glance. */
static int put_structure(struct attempt *at, uint32_t output, struct buf *out,
			 struct err *err)
{
	struct str text = at->result.outputs[output].structure;
	const struct value *source = NULL;
	struct blob blob;
	struct value v;

	if (!text.n)
		text = STR("{\"source\": \"files\"}");
	if (!json_parse(at->a, text, &v, NULL))
		source = value_get(v, STR("source"));
	if (cas_put(at->r->store, text, &blob, err))
		return -1;
	json_put_key(out, "structure");
	buf_addc(out, '{');
	json_put_str(out, "digest", digest_str(&blob.digest));
	json_put_int(out, "size", blob.size_bytes);
	json_put_str(out, "source", source && source->kind == VALUE_STR ? *source->s
									: STR("code"));
	buf_addc(out, '}');
	return 0;
}

static int put_environment(struct attempt *at, struct buf *out, struct err *err)
{
	const struct module_component *c = at->t->component;
	const struct run_env *e = run_env_of(at->r, c);
	struct str lock = e ? e->info.lock : STR("");
	struct blob blob;

	if (cas_put(at->r->store, lock, &blob, err))
		return -1;
	json_put_key(out, "environment");
	buf_addc(out, '{');
	json_put_str(out, "digest", e ? digest_str(&e->info.digest) : STR(""));
	json_put_str(out, "lock", digest_str(&blob.digest));
	json_put_str(out, "name", e && e->env ? e->env->name : STR(""));
	json_put_str(out, "python", e ? e->info.version : STR(""));
	json_put_str(out, "platform", e ? e->info.platform : STR("sh"));
	json_put_str(out, "image", c->env != MODULE_NONE ? at->r->m->envs[c->env].image
							 : STR(""));
	json_put_key(out, "packages");
	buf_addc(out, '[');
	for (size_t i = 0, end; i < lock.n; i = end + 1) {
		end = str_find(lock, STR("\n"), i);
		if (i)
			buf_addc(out, ',');
		buf_add_json(out, str_sub(lock, i, end));
	}
	buf_addz(out, "]}");
	return 0;
}

/* The config that trained it: the values that the component was given. */
static void add_config(const struct attempt *at, struct buf *out)
{
	json_put_key(out, "config");
	buf_addc(out, '{');
	for (uint32_t i = 0; i < at->spec.ninputs; i++) {
		const struct exec_input *in = &at->inputs[i];

		if (out->p[out->n - 1] != '{')
			buf_addc(out, ',');
		buf_add_json(out, in->name);
		buf_addc(out, ':');
		run_json_value(in->value, out);
	}
	buf_addc(out, '}');
}

int run_bundle_put(struct attempt *at, uint32_t output, const struct blob *weights,
		   struct digest *manifest, struct err *err)
{
	struct buf b = {0};
	struct blob blob;
	int rc = -1;

	buf_addz(&b, "{\"bundle\":1");
	json_put_str(&b, "type", type_strip(at->outputs[output].type)->name);
	json_put_str(&b, "run", at->spec.run_id);
	json_put_str(&b, "task", at->spec.task);
	add_weights(at, output, weights, &b);
	if (put_code(at, &b, err) || put_structure(at, output, &b, err) ||
	    put_environment(at, &b, err))
		goto out;
	add_config(at, &b);
	buf_addz(&b, "}\n");
	if (cas_put(at->r->store, buf_str(&b), &blob, err))
		goto out;
	*manifest = blob.digest;
	rc = 0;
out:
	buf_release(&b);
	return rc;
}
