/* Between the files that read a run. */
#ifndef KFPC_STORE_VIEW_PRIV_H
#define KFPC_STORE_VIEW_PRIV_H

#include "runtime/store/view.h"

/* Adds to v->damage. */
void view_damage(struct run_view *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Reads a file of a run's folder, no link followed; errno in err->sys. */
int view_read_file(int dirfd, const char *name, size_t limit, struct buf *out,
		   struct err *err);
/* Its folder; -1 with err. */
int view_open_run(const struct store *s, const char *id, struct err *err);
/* Is the process that owns the run there? */
bool view_owner_works(int dirfd);
void view_read_metrics(struct run_view *v, int dirfd);

#endif
