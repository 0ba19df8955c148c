/* The language server: Language Server Protocol 3.17 over a pair of descriptors.
 *
 * Every open file is compiled as `kfpc check` does it, from what the editor has of it
 * and of the modules that it imports.  Whatever was typed is compiled when the input
 * rests; requests see the text as it is by then.  Contents of components are looked at
 * in a child process, so that no interpreter ever holds up an answer. */
#ifndef KFPC_LSP_LSP_H
#define KFPC_LSP_LSP_H

#include "compiler/ir/compile.h"

struct lsp_host {
	struct sema_loader loader;	/* its read is not used */
	/* Adds what is wrong with the contents of components; NULL: they are not checked. */
	void (*check_contents)(const char *path, struct compilation *c);
};

/* Serves one client until it says `exit` or its end closes; 0 if it said `shutdown`
 * before, else -1 with err set. */
int lsp_serve(int in, int out, const struct lsp_host *host, struct err *err);

#endif
