#include <config.h>

#include "stdlib/library.h"

#include "stdlib/std/bundles.py.h"
#include "stdlib/std/csv.kfp.h"
#include "stdlib/std/data.kfp.h"
#include "stdlib/std/download.py.h"
#include "stdlib/std/estimators.py.h"
#include "stdlib/std/http.kfp.h"
#include "stdlib/std/model.kfp.h"
#include "stdlib/std/notify.kfp.h"
#include "stdlib/std/pages.py.h"
#include "stdlib/std/post.py.h"
#include "stdlib/std/report.kfp.h"
#include "stdlib/std/sklearn.kfp.h"

#define LIBRARY_FILE(path, name) {path, name, &name##_len}

static const struct library_file {
	const char *path;
	const unsigned char *text;
	const unsigned *n;
} FILES[] = {
	LIBRARY_FILE("std/bundles.py", bundles_py),
	LIBRARY_FILE("std/csv.kfp", csv_kfp),
	LIBRARY_FILE("std/data.kfp", data_kfp),
	LIBRARY_FILE("std/download.py", download_py),
	LIBRARY_FILE("std/estimators.py", estimators_py),
	LIBRARY_FILE("std/http.kfp", http_kfp),
	LIBRARY_FILE("std/model.kfp", model_kfp),
	LIBRARY_FILE("std/notify.kfp", notify_kfp),
	LIBRARY_FILE("std/pages.py", pages_py),
	LIBRARY_FILE("std/post.py", post_py),
	LIBRARY_FILE("std/report.kfp", report_kfp),
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
