#include <config.h>

#include "runtime/exec/solib.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/io.h"

struct search {
	struct str name;
	struct arena *a;
	struct str found;	/* .n 0: not yet */
	struct buf looked;	/* the folders, one a line */
};

/* Can it be the name of a library?  A word without '/', not beginning with '.' or '-'. */
static bool solib_is_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char k = name.p[i];
		bool is_word = (k >= 'a' && k <= 'z') || (k >= 'A' && k <= 'Z') ||
			       (k >= '0' && k <= '9') || k == '_';

		if (!is_word && (!i || !memchr("+-.", k, 3)))
			return false;
	}
	return name.n > 0 && name.n <= NAME_MAX - sizeof "lib.so";
}

static bool try_file(struct search *s, struct str folder, const char *before)
{
	struct str path = arena_printf(s->a, "%.*s/%s%.*s.so", STR_ARG(folder), before,
				       STR_ARG(s->name));
	struct stat st;
	char *real;

	if (stat(path.p, &st) || !S_ISREG(st.st_mode))
		return false;
	real = realpath(path.p, NULL);
	if (!real)
		return false;
	s->found = arena_str(s->a, str_of(real));
	free(real);
	return true;
}

static bool try_folder(struct search *s, struct str folder)
{
	if (!folder.n || memchr(folder.p, '\0', folder.n))
		return false;
	buf_addf(&s->looked, "\n  %.*s", STR_ARG(folder));
	return try_file(s, folder, "") || try_file(s, folder, "lib");
}

static bool try_path_variable(struct search *s)
{
	const char *text = getenv("KFPC_NATIVE_PATH");
	struct str rest = str_of(text ? text : "");

	while (rest.n) {
		size_t end = str_find(rest, STR(":"), 0);

		if (try_folder(s, str_sub(rest, 0, end)))
			return true;
		rest = str_sub(rest, end + 1, rest.n);
	}
	return false;
}

/* Of the standard library: in the build tree that this program was built in, or where
 * it is installed, which need not be where that was planned. */
static bool try_own(struct search *s)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe);
	struct str dir;

	if (n > 0 && n < (ssize_t)sizeof exe) {
		dir = io_dirname((struct str){exe, (size_t)n});
		if (try_folder(s, arena_printf(s->a, "%.*s/stdlib/native",
					       STR_ARG(dir))) ||
		    try_folder(s, arena_printf(s->a, "%.*s/lib/kfpc",
					       STR_ARG(io_dirname(dir)))))
			return true;
	}
	return try_folder(s, STR(PKGLIBDIR));
}

int solib_find(struct str name, struct str folder, struct arena *a, struct str *path,
		 struct err *err)
{
	struct search s = {.name = name, .a = a, .found = STR("")};

	if (!solib_is_name(name))
		return err_set(err, "'%.*s' cannot be the name of a library",
			       STR_ARG(name));
	if (try_path_variable(&s) || try_folder(&s, folder) || try_own(&s))
		*path = s.found;
	else
		err_set(err, "there is no library '%.*s': neither %.*s.so nor "
			"lib%.*s.so is in%.*s\nKFPC_NATIVE_PATH names more folders to "
			"look in", STR_ARG(name), STR_ARG(name), STR_ARG(name),
			STR_ARG(buf_str(&s.looked)));
	buf_release(&s.looked);
	return s.found.n ? 0 : -1;
}
