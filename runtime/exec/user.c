#include <config.h>

#include "runtime/exec/user.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str home(struct arena *a)
{
	const char *h = getenv("HOME");
	const struct passwd *pw;

	if (h && h[0] == '/')
		return arena_str(a, str_of(h));
	pw = getpwuid(geteuid());
	return arena_str(a, str_of(pw && pw->pw_dir ? pw->pw_dir : "/"));
}

static struct str folder(struct arena *a, const char *variable, const char *in_home)
{
	const char *xdg = getenv(variable);

	if (xdg && xdg[0] == '/')
		return arena_printf(a, "%s/kfpc", xdg);
	return arena_printf(a, "%s/%s/kfpc", home(a).p, in_home);
}

struct str user_cache_folder(struct arena *a)
{
	return folder(a, "XDG_CACHE_HOME", ".cache");
}

struct str user_config_folder(struct arena *a)
{
	return folder(a, "XDG_CONFIG_HOME", ".config");
}

struct str user_state_folder(struct arena *a)
{
	return folder(a, "XDG_STATE_HOME", ".local/state");
}

struct str user_find_program(const char *name, struct arena *a)
{
	const char *path = getenv("PATH");
	struct str all = str_of(path ? path : "/usr/local/bin:/usr/bin:/bin");

	while (all.n) {
		size_t end = str_find(all, STR(":"), 0);
		struct str dir = str_sub(all, 0, end);
		struct stat st;

		all = str_sub(all, end + 1, all.n);
		if (dir.n && dir.p[0] == '/') {
			struct str p = arena_printf(a, "%.*s/%s", STR_ARG(dir), name);

			if (!stat(p.p, &st) && S_ISREG(st.st_mode) && !access(p.p, X_OK))
				return p;
		}
	}
	return (struct str){"", 0};
}
