#include <config.h>

#include "runtime/exec/artifact.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/value/json.h"

enum {
	CSV_BYTES = 64 << 20,		/* of a larger file only the header is read */
	CSV_HEADER_BYTES = 64 << 10,
	FILES_LISTED = 1000,
};

/* CSV as RFC 4180 has it: quotes protect commas and line ends, "" is a quote. */

static struct str csv_header(struct str text)
{
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		quoted ^= text.p[i] == '"';
		if (text.p[i] == '\n' && !quoted)
			return str_sub(text, 0, i - (i && text.p[i - 1] == '\r'));
	}
	return text;
}

static void csv_field(struct str field, struct buf *out)
{
	struct buf plain = {0};

	if (field.n < 2 || field.p[0] != '"') {
		buf_add_json(out, field);
		return;
	}
	for (size_t i = 1; i + 1 < field.n; i++) {
		buf_addc(&plain, field.p[i]);
		i += field.p[i] == '"';
	}
	buf_add_json(out, buf_str(&plain));
	buf_release(&plain);
}

static void csv_columns(struct str header, struct buf *out)
{
	bool quoted = false;
	size_t from = 0;

	buf_addc(out, '[');
	for (size_t i = 0; i <= header.n; i++) {
		if (i < header.n && header.p[i] == '"')
			quoted = !quoted;
		if (i < header.n && (header.p[i] != ',' || quoted))
			continue;
		buf_addz(out, from ? ", " : "");
		csv_field(str_sub(header, from, i), out);
		from = i + 1;
	}
	buf_addc(out, ']');
}

static size_t count_lines(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* Line ends outside of quotes. */
struct csv_count {
	size_t lines;
	bool quoted;
	char last;
};

static void csv_count(struct csv_count *c, struct str s)
{
	if (s.n)
		c->last = s.p[s.n - 1];
	while (s.n) {
		const char *quote = memchr(s.p, '"', s.n);
		size_t n = quote ? (size_t)(quote - s.p) : s.n;

		if (!c->quoted)
			c->lines += count_lines(str_sub(s, 0, n));
		c->quoted ^= quote != NULL;
		s = str_sub(s, n + 1, s.n);
	}
}

static void member_add(struct buf *out, const char *name)
{
	buf_addf(out, "%s\"%s\": ", out->n ? ", " : "", name);
}

/* Reads the file once; nothing is said of one that cannot be read. */
static void describe_csv(int fd, off_t size, struct value given, struct buf *out)
{
	struct csv_count count = {0, false, '\n'};
	struct buf head = {0};
	char chunk[64 << 10];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0) {
		if (head.n < CSV_HEADER_BYTES)
			buf_add(&head, (struct str){chunk, (size_t)n});
		csv_count(&count, (struct str){chunk, (size_t)n});
		if (size > CSV_BYTES && head.n >= CSV_HEADER_BYTES)
			break;
	}
	count.lines += count.last != '\n';
	if (size <= CSV_BYTES && count.lines && !value_get(given, STR("rows"))) {
		member_add(out, "rows");
		buf_addf(out, "%zu", count.lines - 1);
	}
	if (count.lines && !value_get(given, STR("columns"))) {
		member_add(out, "columns");
		csv_columns(csv_header(buf_str(&head)), out);
	}
	buf_release(&head);
}

static void describe_dataset(const struct type *t, const char *path, struct arena *a,
			     struct str *metadata)
{
	struct value given = {VALUE_DICT, {.dict = ARENA_NEW(a, struct value_dict)}},
		     parsed;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct buf more = {0};
	struct str old;
	struct stat st;

	if (metadata->n && !json_parse(a, *metadata, &parsed, NULL) &&
	    parsed.kind == VALUE_DICT)
		given = parsed;
	if (!value_get(given, STR("format"))) {
		member_add(&more, "format");
		buf_add_json(&more, t->tag);
	}
	if (str_is(t->tag, "csv") && fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		describe_csv(fd, st.st_size, given, &more);
	if (fd >= 0)
		close(fd);
	old = given.dict->n ? str_sub(*metadata, 1, metadata->n - 1) : STR("");
	if (more.n)
		*metadata = arena_printf(a, "{%.*s%s%.*s}", STR_ARG(buf_str(&more)),
					 old.n ? ", " : "", STR_ARG(old));
	buf_release(&more);
}

/* The list of files, in the order of the folder. */
struct listing {
	struct buf out;
	size_t n;
};

static void list_file(struct listing *l, struct str path, const struct stat *st)
{
	if (l->n++ >= FILES_LISTED)
		return;
	buf_addz(&l->out, l->n > 1 ? ", {\"path\": " : "{\"path\": ");
	buf_add_json(&l->out, path);
	buf_addf(&l->out, ", \"size\": %lld}", (long long)st->st_size);
}

static void list_folder(struct listing *l, int dirfd, struct str prefix, unsigned depth)
{
	DIR *d = fdopendir(dirfd);
	const struct dirent *entry;
	struct buf path = {0};
	struct stat st;

	if (!d) {
		close(dirfd);
		return;
	}
	while ((entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		buf_clear(&path);
		buf_addf(&path, "%.*s%s", STR_ARG(prefix), entry->d_name);
		if (S_ISREG(st.st_mode))
			list_file(l, buf_str(&path), &st);
		if (S_ISDIR(st.st_mode) && depth < LIMIT_NESTING) {
			int fd = openat(dirfd, entry->d_name,
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			buf_addc(&path, '/');
			if (fd >= 0)
				list_folder(l, fd, buf_str(&path), depth + 1);
		}
	}
	buf_release(&path);
	closedir(d);
}

static struct str files_structure(const char *path, struct arena *a)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct listing l = {0};
	struct str out;
	struct stat st;

	if (fd >= 0)
		list_folder(&l, fd, STR(""), 1);
	else if (!lstat(path, &st) && S_ISREG(st.st_mode))
		list_file(&l, io_basename(str_of(path)), &st);
	out = arena_printf(a,
			   "{\"source\": \"files\", \"files\": [%.*s], \"count\": %zu}",
			   STR_ARG(buf_str(&l.out)), l.n);
	buf_release(&l.out);
	return out;
}

static bool extends(const struct type *t, const char *name)
{
	for (; t; t = t->base)
		if (str_is(t->name, name))
			return true;
	return false;
}

void artifact_describe(const struct exec_output *o, struct str folder, struct arena *a,
		       struct exec_output_result *r)
{
	const struct type *t = type_strip(o->type);
	struct str path = io_join(a, folder, exec_output_path(o, a));

	if (extends(t, "Dataset") && t->tag.n)
		describe_dataset(t, path.p, a, &r->metadata);
	if (extends(t, "Model") && !r->structure.n)
		r->structure = files_structure(path.p, a);
}
