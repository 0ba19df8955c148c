/* What the parts of pycheck share: one component that is being checked. */
#ifndef KFPC_SEMA_PYCHECK_JOB_H
#define KFPC_SEMA_PYCHECK_JOB_H

#include "compiler/sema/pycheck.h"

struct pycheck_job {
	const struct module *m;
	const struct module_component *component;
	const struct node *decl;	/* AST_COMPONENT */
	const struct node *code;	/* AST_CODE; NULL: the contents are a file */
	struct span header;		/* `python:`, or "file.py:function" */
	struct src *src;
	struct diags *ds;
};

/* pycheck_request.c: appends the request, without a newline. */
void pycheck_request(const struct pycheck_job *j, struct buf *out);
/* pycheck_reply.c: says what the reply says; false if it is not one. */
bool pycheck_reply(const struct pycheck_job *j, struct str reply, struct arena *a);

/* The name of the component's file of contents, as shown to people; in a. */
struct str pycheck_file_path(const struct pycheck_job *j, struct arena *a);

#endif
