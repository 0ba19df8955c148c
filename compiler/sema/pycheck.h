/* Python contents of components, checked when they are compiled: syntax, names, inputs
 * and outputs, imports.  pycheck.py says what exactly, and does it in an interpreter
 * that the caller runs; this is the way there and back.
 *
 *	struct pycheck_opts opts = {.run = ..., .arg = ...};
 *	pycheck_run(&opts, m, decls, &src, &diags);
 *
 * Each component is one request, a line of JSON, and gets one reply, a line of JSON,
 * that depends on nothing but the request, the script and the interpreter: replies can
 * be kept. What a reply says becomes diagnostics at the place in the .kfp file, or in
 * the .py file, which is then added to the source map. */
#ifndef KFPC_SEMA_PYCHECK_H
#define KFPC_SEMA_PYCHECK_H

#include "compiler/front/ast.h"
#include "runtime/bc/module.h"

struct pycheck_opts {
	/* Answers requests[0..n) by replies[0..n), both without newlines, the replies in a.
	 * -1 with err where no interpreter can be run. */
	int (*run)(void *arg, const struct str *requests, struct str *replies, size_t n,
		   struct arena *a, struct err *err);
	void *arg;
};

/* Checks all Python components of m.  decls[i], an AST_COMPONENT, is the declaration of
 * m->components[i]; where it is NULL the component is passed over.  What cannot be
 * checked is one warning, never an error. */
void pycheck_run(const struct pycheck_opts *opts, const struct module *m,
		 struct node *const *decls, struct src *src, struct diags *ds);

/* Appends the text of the script that answers requests: an argument for `python3 -c`. */
void pycheck_script(struct buf *out);

#endif
