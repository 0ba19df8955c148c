#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/vm/runner.h"

/* A task without files needs no more than an empty folder to run in.  Making and
 * removing one for each of thousands of small tasks costs as much as starting a shell
 * does, so these folders are handed on from one task to the next as long as they are
 * left empty. */
static const struct str SPARE = {"~spare", 6};

static bool can_share(const struct attempt *at)
{
	return at->spec.executor == EXECUTOR_SHELL && !at->spec.noutputs;
}

int run_folder_take(struct attempt *at, bool in, bool out, struct err *err)
{
	struct runner *r = at->r;
	char *spare;

	at->is_spare = !in && !out && can_share(at);
	if (at->is_spare && r->spare.n) {
		spare = vec_pop(&r->spare);
		at->spec.folder = arena_str(at->a, str_of(spare));
		free(spare);
		return 0;
	}
	if (at->is_spare)
		at->spec.folder = run_work_folder(r->run, SPARE, ++r->nspare, false,
						  false, at->a, err);
	else
		at->spec.folder = run_work_folder(r->run, at->t->path, at->t->attempt, in,
						  out, at->a, err);
	return at->spec.folder.p ? 0 : -1;
}

/* Does the folder hold nothing, or nothing but `only`? */
static bool holds_only(const char *path, const char *only)
{
	const struct dirent *e;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	bool yes = d != NULL;

	while (yes && (e = readdir(d)))
		yes = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		      (only && !strcmp(e->d_name, only));
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return yes;
}

static bool is_clean(struct arena *a, struct str folder)
{
	return holds_only(folder.p, "work") &&
	       holds_only(io_join(a, folder, STR("work")).p, NULL);
}

/* Gives the folder the name under which a person looks for it. */
static void keep_spare(struct runner *r, struct arena *a, struct str task, int attempt,
		       struct str folder)
{
	struct str path = run_work_folder(r->run, task, attempt, false, false, a, NULL);

	if (path.p && rename(folder.p, path.p))
		io_remove_tree(folder.p, NULL);
}

void run_folder_leave(struct runner *r, struct str task, int attempt, struct str folder,
		      bool is_spare, bool keep)
{
	struct arena a;
	char *copy;

	arena_init(&a);
	if (!is_spare && !keep) {
		run_remove_work_folder(r->run, task, attempt);
	} else if (is_spare && keep) {
		keep_spare(r, &a, task, attempt, folder);
	} else if (is_spare && is_clean(&a, folder)) {
		copy = strdup(folder.p);
		if (!copy)
			err_nomem();
		vec_push(&r->spare, copy);
	} else if (is_spare) {
		io_remove_tree(folder.p, NULL);
	}
	arena_release(&a);
}

void run_folder_release(struct runner *r)
{
	for (size_t i = 0; i < r->spare.n; i++) {
		io_remove_tree(r->spare.at[i], NULL);
		free(r->spare.at[i]);
	}
	vec_release(&r->spare);
}
