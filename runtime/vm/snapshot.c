#include <config.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/base/limits.h"
#include "runtime/vm/runner.h"

static int add_path(struct sha256 *h, const char *path, unsigned depth, struct err *err);

static int add_folder(struct sha256 *h, const char *path, unsigned depth, struct err *err)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort), rc = 0;

	if (n < 0)
		return err_sys(err, "cannot read %s", path);
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		char *child;

		if (!rc && strcmp(name, ".") && strcmp(name, "..")) {
			if (asprintf(&child, "%s/%s", path, name) < 0)
				err_nomem();
			sha256_add(h, (struct str){name, strlen(name) + 1});
			rc = add_path(h, child, depth + 1, err);
			free(child);
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

static int add_path(struct sha256 *h, const char *path, unsigned depth, struct err *err)
{
	struct stat st;
	int64_t facts[8];

	if (lstat(path, &st))
		return err_sys(err, "cannot read %s", path);
	facts[0] = (int64_t)st.st_ino;
	facts[1] = (int64_t)st.st_mode;
	facts[2] = (int64_t)st.st_size;
	facts[3] = (int64_t)st.st_mtim.tv_sec;
	facts[4] = (int64_t)st.st_mtim.tv_nsec;
	facts[5] = (int64_t)st.st_ctim.tv_sec;
	facts[6] = (int64_t)st.st_ctim.tv_nsec;
	facts[7] = (int64_t)st.st_dev;
	sha256_add(h, (struct str){(const char *)facts, sizeof facts});
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (depth >= LIMIT_NESTING)
		return err_set(err, "%s: folders are nested too deeply", path);
	return add_folder(h, path, depth, err);
}

int snapshot_take(const char *path, struct digest *out, struct err *err)
{
	struct sha256 *h = sha256_new();
	int rc = add_path(h, path, 0, err);

	*out = sha256_end(h);
	sha256_free(h);
	return rc;
}
