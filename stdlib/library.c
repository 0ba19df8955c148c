#include <config.h>

#include "stdlib/library.h"

#include "stdlib/std/data.kfp.h"
#include "stdlib/std/sklearn.kfp.h"

#define LIBRARY_FILE(path, name) {path, name, &name##_len}

static const struct library_file {
	const char *path;
	const unsigned char *text;
	const unsigned *n;
} FILES[] = {
	LIBRARY_FILE("std/data.kfp", data_kfp),
	LIBRARY_FILE("std/sklearn.kfp", sklearn_kfp),
};

enum { NFILES = sizeof FILES / sizeof *FILES };

bool library_find(struct str path, struct str *text)
{
	for (size_t i = 0; i < NFILES; i++) {
		if (!str_is(path, FILES[i].path))
			continue;
		*text = (struct str){(const char *)FILES[i].text, *FILES[i].n};
		return true;
	}
	return false;
}

const char *library_path(size_t i)
{
	return i < NFILES ? FILES[i].path : NULL;
}
