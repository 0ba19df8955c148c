#include <config.h>

#include "compiler/export/image.h"

#include "runtime/base/diag.h"

static void add_field(struct sha256 *h, const char *name, struct str value)
{
	struct buf b = {0};

	buf_addf(&b, "%s %zu ", name, value.n);
	buf_add(&b, value);
	buf_addc(&b, '\n');
	sha256_add(h, buf_str(&b));
	buf_release(&b);
}

static struct str requirements_of(const struct module *m, const struct module_env *e)
{
	return e->requirements == MODULE_NONE ? STR("") : m->files[e->requirements].text;
}

struct digest image_packages_digest(const struct module *m, const struct module_env *e)
{
	struct sha256 *h = sha256_new();
	struct digest d;

	for (uint32_t i = 0; i < e->npackages; i++)
		add_field(h, "package", e->packages[i]);
	for (uint32_t i = 0; i < e->nindex_urls; i++)
		add_field(h, "index", e->index_urls[i]);
	add_field(h, "requirements", requirements_of(m, e));
	d = sha256_end(h);
	sha256_free(h);
	return d;
}

uint32_t image_find_env(const struct module *m, struct str name, struct err *err)
{
	struct suggestion near = {.wanted = name};

	for (uint32_t i = 0; i < m->nenvs; i++) {
		if (str_eq(m->envs[i].name, name))
			return i;
		suggest(&near, m->envs[i].name);
	}
	if (near.best.n)
		err_setk(err, ERR_USAGE, "there is no environment '%.*s'; did you mean '%.*s'?",
			 STR_ARG(name), STR_ARG(near.best));
	else
		err_setk(err, ERR_USAGE,
			 "there is no environment '%.*s'; one that no component uses is none",
			 STR_ARG(name));
	return MODULE_NONE;
}

/* A word of a command in the form of a JSON array, which no shell reads. */
static void add_word(struct buf *out, struct str word)
{
	buf_addz(out, ", ");
	buf_add_json(out, word);
}

static struct str base_of(const struct module_env *e, struct str base, struct arena *a)
{
	if (base.n || e->image.n)
		return base.n ? base : e->image;
	return arena_printf(a, "python:%.*s-slim",
			    STR_ARG(e->python.n ? e->python : STR("3.11")));
}

/* One word, so that it is the name of an image and no further line. */
static int check_base(struct str base, struct err *err)
{
	for (size_t i = 0; i < base.n; i++)
		if ((unsigned char)base.p[i] <= ' ' || base.p[i] == '\x7f')
			return err_setk(err, ERR_USAGE, "'%.*s' is no name of an image",
					STR_ARG(str_sub(base, 0, 80)));
	return 0;
}

static void add_install(const struct module_env *e, bool has_file, struct buf *out)
{
	buf_addz(out, "RUN [\"python3\", \"-m\", \"pip\", \"install\", \"--no-cache-dir\", "
		      "\"--disable-pip-version-check\", \"--no-warn-script-location\"");
	for (uint32_t i = 0; i < e->nindex_urls; i++) {
		add_word(out, i ? STR("--extra-index-url") : STR("--index-url"));
		add_word(out, e->index_urls[i]);
	}
	for (uint32_t i = 0; i < e->npackages; i++)
		add_word(out, e->packages[i]);
	if (has_file) {
		add_word(out, STR("-r"));
		add_word(out, STR("/tmp/requirements.txt"));
	}
	buf_addz(out, "]\n");
}

int image_write(const struct module *m, const struct module_env *e, struct str base,
		struct arena *a, struct buf *out, struct err *err)
{
	struct str file = requirements_of(m, e);
	struct digest digest = image_packages_digest(m, e);

	base = base_of(e, base, a);
	if (check_base(base, err))
		return -1;
	buf_addf(out,
		 "# The packages of environment '%.*s' of %.*s.kfp.\n"
		 "#\n"
		 "#\tpodman build -t NAME -f Containerfile .\n"
		 "#\tpodman push NAME\n"
		 "#\n"
		 "# Then give the environment `image = \"NAME\"`.\n"
		 "FROM %.*s\n",
		 STR_ARG(e->name), STR_ARG(m->name), STR_ARG(base));
	if (file.n) {
		buf_addz(out, "RUN [\"python3\", \"-c\", \"import sys; "
			      "open('/tmp/requirements.txt', 'w', encoding='utf-8')"
			      ".write(sys.argv[1])\"");
		add_word(out, file);
		buf_addz(out, "]\n");
	}
	if (e->npackages || file.n)
		add_install(e, file.n > 0, out);
	buf_addf(out, "ENV " IMAGE_MARK "=%s\n", digest.hex);
	return 0;
}
