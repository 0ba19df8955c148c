#include <config.h>

#include "runtime/bc/save.h"

#include "runtime/base/limits.h"
#include "runtime/bc/load_section.h"

static int fail(struct err *err, const char *name, const char *fault)
{
	return err_setk(err, ERR_INPUT, "%s: not a usable module: %s", name, fault);
}

/* The next section of the file: its tag and its contents. */
static bool next_section(struct wire *file, struct str *tag, struct wire *body)
{
	size_t n;

	if ((size_t)(file->end - file->p) < FORMAT_TAG_BYTES) {
		wire_fail(file, "it is cut off");
		return false;
	}
	*tag = (struct str){(const char *)file->p, FORMAT_TAG_BYTES};
	file->p += FORMAT_TAG_BYTES;
	n = wire_uint(file, SIZE_MAX);
	if (n > (size_t)(file->end - file->p))
		wire_fail(file, "it is cut off");
	if (file->fault)
		return false;
	*body = (struct wire){file->p, file->p + n, file->a, NULL};
	file->p += n;
	return true;
}

/* Reads the section that must come now, going past those that may be skipped. */
static int load_section(struct loader *l, struct wire *file, size_t i, const char *name,
			struct err *err)
{
	struct str tag;

	do {
		if (!next_section(file, &tag, &l->w))
			return fail(err, name, file->fault);
	} while (tag.p[0] >= 'a' && tag.p[0] <= 'z');
	if (!str_is(tag, load_sections[i].tag))
		return err_setk(err, ERR_INPUT,
				"%s: not a usable module: section %s is missing, or "
				"stands after one that this version does not know",
				name, load_sections[i].tag);
	load_sections[i].get(l);
	if (!l->w.fault && l->w.p < l->w.end)
		wire_fail(&l->w, "it is longer than what is in it");
	if (!l->w.fault)
		return 0;
	return err_setk(err, ERR_INPUT, "%s: not a usable module: in section %s: %s",
			name, load_sections[i].tag, l->w.fault);
}

static int load_body(struct loader *l, struct str body, const char *name, struct err *err)
{
	const uint8_t *p = (const uint8_t *)body.p;
	struct wire file = {p, p + body.n, &l->m->arena, NULL};
	struct str tag;
	struct wire skipped;

	for (size_t i = 0; i < SECTION_N; i++)
		if (load_section(l, &file, i, name, err) < 0)
			return -1;
	while (file.p < file.end) {
		if (!next_section(&file, &tag, &skipped))
			return fail(err, name, file.fault);
		if (tag.p[0] < 'a' || tag.p[0] > 'z')
			return fail(err, name,
				    "it has a section that this version does not know");
	}
	if (module_verify(l->m, err) < 0 || module_link(l->m, err) < 0)
		return err_wrap(err, "%s: not a usable module", name);
	return 0;
}

static bool digest_fits(struct str bytes)
{
	struct digest d = sha256_of(str_sub(bytes, FORMAT_BODY_AT, bytes.n));
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		uint8_t byte = (uint8_t)bytes.p[FORMAT_DIGEST_AT + i];

		if (d.hex[2 * i] != digits[byte >> 4] ||
		    d.hex[2 * i + 1] != digits[byte & 15])
			return false;
	}
	return true;
}

static int check_header(struct str bytes, const char *name, struct err *err)
{
	uint8_t version;

	if (!module_is_kfpb(bytes))
		return str_has_prefix(bytes, STR("\x89KFPB"))
			       ? fail(err, name, "it was damaged as if it were text")
			       : fail(err, name, "it does not begin as one");
	if (bytes.n < FORMAT_BODY_AT)
		return fail(err, name, "it is cut off");
	if (bytes.n > LIMIT_FILE_BYTES)
		return fail(err, name, "it is too large");
	version = (uint8_t)bytes.p[FORMAT_MAGIC_BYTES];
	if (version == FORMAT_VERSION)
		return 0;
	return err_setk(err, ERR_INPUT,
			"%s: the module has format version %u; this program "
			"reads version %d: compile it again",
			name, version, FORMAT_VERSION);
}

static struct module *load(struct str bytes, const char *name, bool check_digest,
			   struct err *err)
{
	struct loader l = {0};

	if (check_header(bytes, name, err) < 0)
		return NULL;
	if (check_digest && !digest_fits(bytes)) {
		fail(err, name, "it was damaged: its contents do not fit its digest");
		return NULL;
	}
	l.m = module_new();
	if (load_body(&l, str_sub(bytes, FORMAT_BODY_AT, bytes.n), name, err) < 0) {
		module_free(l.m);
		return NULL;
	}
	l.m->digest = sha256_of(bytes);
	return l.m;
}

struct module *module_load(struct str bytes, const char *name, struct err *err)
{
	return load(bytes, name, true, err);
}

struct module *module_load_unchecked(struct str bytes, const char *name, struct err *err)
{
	return load(bytes, name, false, err);
}

bool module_is_kfpb(struct str bytes)
{
	return str_has_prefix(bytes, STR(FORMAT_MAGIC));
}
