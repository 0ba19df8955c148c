#include <config.h>

#include "runtime/base/uri.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_scheme_byte(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* One letter and a colon are no scheme: nobody means it so. */
struct str uri_scheme(struct str uri)
{
	size_t n = 0;

	while (n < uri.n && is_scheme_byte(uri.p[n]))
		n++;
	if (n < 2 || n == uri.n || uri.p[n] != ':' || !is_letter(uri.p[0]))
		return STR("");
	return str_sub(uri, 0, n);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static struct str decode(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int hi = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		int lo = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;

		if (s.p[i] == '%' && hi >= 0 && lo >= 0) {
			out[n++] = (char)(hi * 16 + lo);
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	out[n] = '\0';
	return (struct str){out, n};
}

struct str uri_file_path(struct str uri, struct arena *a)
{
	struct str rest = uri;
	size_t slash;

	if (uri_scheme(uri).n) {
		rest = str_sub(uri, uri_scheme(uri).n + 1, uri.n);
		if (str_has_prefix(rest, STR("//"))) {
			rest = str_sub(rest, 2, rest.n);
			slash = str_find(rest, STR("/"), 0);
			if (slash && !str_is(str_sub(rest, 0, slash), "localhost"))
				return STR("");
			rest = str_sub(rest, slash, rest.n);
		}
		rest = decode(rest, a);
	}
	if (rest.n && memchr(rest.p, '\0', rest.n))
		return STR("");
	return arena_str(a, rest);
}

struct str uri_shown(struct str uri, struct arena *a)
{
	size_t lo = str_find(uri, STR("://"), 0) + 3, hi, at = 0;

	if (lo > uri.n)
		return arena_str(a, uri);
	for (hi = lo; hi < uri.n && !strchr("/?#", uri.p[hi]); hi++)
		if (uri.p[hi] == '@')
			at = hi + 1;
	if (!at)
		return arena_str(a, uri);
	return arena_printf(a, "%.*s%.*s", STR_ARG(str_sub(uri, 0, lo)),
			    STR_ARG(str_sub(uri, at, uri.n)));
}

static bool is_one_of(struct str s, const char *const *names)
{
	for (; *names; names++)
		if (str_is(s, *names))
			return true;
	return false;
}

bool uri_can_load(struct str scheme)
{
	static const char *const names[] = {"file", "http", "https", NULL};

	return !scheme.n || is_one_of(scheme, names);
}

bool uri_is_of_store(struct str scheme)
{
	static const char *const names[] = {"s3", "gs", "oci",  "minio", "abfs",  "abfss",
					    "az", "hf", "hdfs", "gcs",   "wasbs", NULL};

	return is_one_of(scheme, names);
}
