#include <config.h>

#include "runtime/store/tree.h"

#include <inttypes.h>

#define TREE_FIRST "kfpc tree 1\n"

static const char *const kind_names[] = {
	[TREE_FILE] = "644",
	[TREE_EXEC] = "755",
	[TREE_DIR] = "dir",
};

int tree_entry_order(const void *a, const void *b)
{
	return str_cmp(((const struct tree_entry *)a)->name,
		       ((const struct tree_entry *)b)->name);
}

static void write_name(struct str name, struct buf *out)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '\n')
			buf_addz(out, "\\n");
		else if (name.p[i] == '\\')
			buf_addz(out, "\\\\");
		else
			buf_addc(out, name.p[i]);
	}
}

void tree_write(const struct tree *t, struct buf *out)
{
	buf_addz(out, TREE_FIRST);
	for (size_t i = 0; i < t->entries.n; i++) {
		const struct tree_entry *e = &t->entries.at[i];

		buf_addf(out, "%s %" PRId64 " %s ", kind_names[e->kind], e->size_bytes,
			 e->digest.hex);
		write_name(e->name, out);
		buf_addc(out, '\n');
	}
}

static bool read_name(struct str text, struct arena *a, struct str *out)
{
	char *name = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\') {
			c = ++i < text.n ? text.p[i] : '\0';
			if (c == 'n')
				c = '\n';
			else if (c != '\\')
				return false;
		}
		if (c == '\0' || c == '/')
			return false;
		name[n++] = c;
	}
	*out = (struct str){name, n};
	return n && !str_is(*out, ".") && !str_is(*out, "..");
}

static bool read_size(struct str s, int64_t *out)
{
	int64_t v = 0;

	if (!s.n || s.n > 18 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = v;
	return true;
}

static bool read_entry(struct str line, struct arena *a, struct tree_entry *out)
{
	size_t size_end = str_find(line, STR(" "), 4);
	size_t digest_end = size_end + 1 + SHA256_HEX;
	int kind = TREE_FILE;

	while (kind <= TREE_DIR && !str_eq(str_sub(line, 0, 3), str_of(kind_names[kind])))
		kind++;
	if (kind > TREE_DIR || line.n < digest_end + 2 || line.p[3] != ' ' ||
	    line.p[digest_end] != ' ')
		return false;
	out->kind = (enum tree_kind)kind;
	return read_size(str_sub(line, 4, size_end), &out->size_bytes) &&
	       digest_parse(str_sub(line, size_end + 1, digest_end), &out->digest) &&
	       read_name(str_sub(line, digest_end + 1, line.n), a, &out->name);
}

/* Reads it back, names in a; refuses all that tree_write would not have written. */
static int tree_parse(struct str text, struct arena *a, struct tree *out, struct err *err)
{
	struct str left = text;

	if (!str_has_prefix(left, STR(TREE_FIRST)))
		return err_set(err, "not a folder: its first line is not '%.*s'",
			       (int)(sizeof TREE_FIRST - 2), TREE_FIRST);
	left = str_sub(left, sizeof TREE_FIRST - 1, left.n);
	while (left.n) {
		size_t end = str_find(left, STR("\n"), 0);
		struct tree_entry e = {0};

		if (end == left.n || !read_entry(str_sub(left, 0, end), a, &e) ||
		    (out->entries.n &&
		     tree_entry_order(&vec_last(&out->entries), &e) >= 0)) {
			vec_release(&out->entries);
			return err_set(err, "entry %zu of the folder is malformed",
				       out->entries.n + 1);
		}
		vec_push(&out->entries, e);
		left = str_sub(left, end + 1, left.n);
	}
	return 0;
}

int tree_load(const struct store *s, const struct digest *d, struct arena *a,
	      struct tree *out, struct err *err)
{
	struct buf text = {0};
	int rc = cas_read(s, d, TREE_MAX_BYTES, &text, err);

	if (!rc && tree_parse(buf_str(&text), a, out, err))
		rc = err_wrap(err, "the blob %.12s", d->hex);
	buf_release(&text);
	return rc;
}
