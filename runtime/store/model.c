#include <config.h>

#include "runtime/store/model.h"

#include <sys/stat.h>

#include "runtime/base/io.h"
#include "runtime/value/json.h"

enum { MANIFEST_MAX_BYTES = 16 << 20 };

const char *const model_part_names[MODEL_NPARTS] = {
	[MODEL_CODE] = "code",
	[MODEL_WEIGHTS] = "weights",
	[MODEL_STRUCTURE] = "structure",
	[MODEL_ENVIRONMENT] = "environment",
};

static const char *const note_keys[MODEL_NPARTS] = {
	[MODEL_CODE] = "entry",
	[MODEL_WEIGHTS] = "format",
	[MODEL_STRUCTURE] = "source",
	[MODEL_ENVIRONMENT] = "python",
};

static void read_part(struct value manifest, enum model_part p, struct arena *a,
		      struct model_part_info *out)
{
	const struct value *part = value_get(manifest, str_of(model_part_names[p])), *v;

	if (!part)
		return;
	out->all = *part;
	out->digest = value_get_str(*part, "digest");
	digest_parse(out->digest, &out->blob.digest);
	v = value_get(*part, STR("tree"));
	out->blob.is_tree = v && v->kind == VALUE_BOOL && v->b;
	v = value_get(*part, STR("size"));
	out->blob.size_bytes = v && v->kind == VALUE_INT ? v->i : 0;
	out->note = value_get_str(*part, note_keys[p]);
	out->lock = value_get_str(*part, "lock");
	if (p == MODEL_ENVIRONMENT && out->note.n)
		out->note = arena_printf(a, "Python %.*s", STR_ARG(out->note));
	else if (p == MODEL_ENVIRONMENT)
		out->note = value_get_str(*part, "platform");
	/* A shell has no environment of its own: what it locks is empty. */
	if (!out->digest.n)
		out->digest = out->lock;
}

int model_load(const struct store *s, const struct view_artifact *artifact,
	       struct arena *a, struct model *out, struct err *err)
{
	struct buf text = {0};
	struct digest d;
	int rc = -1;

	*out = (struct model){0};
	if (!digest_parse(artifact->manifest, &d))
		return err_setk(err, ERR_USAGE,
				"it has no manifest: only a Model has one");
	if (cas_read(s, &d, MANIFEST_MAX_BYTES, &text, err) ||
	    json_parse(a, buf_str(&text), &out->manifest, err))
		goto out;
	for (int p = 0; p < MODEL_NPARTS; p++)
		read_part(out->manifest, (enum model_part)p, a, &out->parts[p]);
	rc = 0;
out:
	buf_release(&text);
	return rc;
}

static int write_json(struct value v, struct str dest, const char *name, struct arena *a,
		      struct err *err)
{
	struct buf text = {0};
	int rc;

	json_write_pretty(v, &text);
	if (text.n && text.p[text.n - 1] != '\n')
		buf_addc(&text, '\n');
	rc = io_write_file(io_join(a, dest, str_of(name)).p, buf_str(&text), 0644, false,
			   err);
	buf_release(&text);
	return rc;
}

static int make_folder(struct str path, struct err *err)
{
	return mkdir(path.p, 0777) ? err_sys(err, "%.*s", STR_ARG(path)) : 0;
}

/* Code that is one file goes into the folder too, under the name that its entry tells. */
static int export_code(const struct store *s, const struct model_part_info *code,
		       struct str dest, struct arena *a, struct err *err)
{
	struct str folder = io_join(a, dest, STR("code")), name;

	if (code->blob.is_tree)
		return cas_export(s, &code->blob, folder.p, true, err);
	if (make_folder(folder, err))
		return -1;
	name = io_basename(str_sub(code->note, 0, str_find(code->note, STR(":"), 0)));
	if (!name.n || str_is(name, ".") || str_is(name, "..") ||
	    memchr(name.p, '\0', name.n))
		name = STR("code");
	return cas_export(s, &code->blob, io_join(a, folder, name).p, true, err);
}

static int export_environment(const struct store *s, const struct model_part_info *env,
			      struct str dest, struct arena *a, struct err *err)
{
	struct blob lock = {0};

	if (write_json(env->all, dest, "environment.json", a, err))
		return -1;
	if (!digest_parse(env->lock, &lock.digest))
		return 0;
	return cas_export(s, &lock, io_join(a, dest, STR("environment.lock")).p, true,
			  err);
}

int model_export(const struct store *s, const struct model *m, struct str dest,
		 struct arena *a, struct err *err)
{
	const struct model_part_info *parts = m->parts;

	if (make_folder(dest, err) ||
	    write_json(m->manifest, dest, "manifest.json", a, err) ||
	    export_environment(s, &parts[MODEL_ENVIRONMENT], dest, a, err))
		return -1;
	if (parts[MODEL_CODE].blob.digest.hex[0] &&
	    export_code(s, &parts[MODEL_CODE], dest, a, err))
		return -1;
	if (parts[MODEL_WEIGHTS].blob.digest.hex[0] &&
	    cas_export(s, &parts[MODEL_WEIGHTS].blob, io_join(a, dest, STR("weights")).p,
		       true, err))
		return -1;
	if (!parts[MODEL_STRUCTURE].blob.digest.hex[0])
		return 0;
	return cas_export(s, &parts[MODEL_STRUCTURE].blob,
			  io_join(a, dest, STR("structure.json")).p, true, err);
}
