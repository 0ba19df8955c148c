/* The whole way from a file to a module.
 *
 *	struct compilation c;
 *	compilation_init(&c);
 *	if (compile(&c, "iris.kfp", &(struct compile_opts){0}, &err)) ...	not readable
 *	if (c.diags.nerrors) ...	wrong; else c.module is there (see LOWER_ONLY_CHECK)
 *	compilation_release(&c); */
#ifndef KFPC_IR_COMPILE_H
#define KFPC_IR_COMPILE_H

#include "compiler/ir/lower.h"

struct compile_opts {
	struct str text;		/* of the root file, where text.p is not NULL */
	struct sema_loader loader;	/* of files; zeroed: the file system */
	unsigned flags;			/* enum lower_flags */
};

struct compilation {
	struct arena arena;
	struct symtab syms;
	struct src src;
	struct diags diags;
	struct sema sema;		/* what names stand for, and the trees */
	struct sema_file *root;		/* NULL before compile() */
	struct module *made;		/* as far as it came */
	struct module *module;		/* NULL if there are errors */
	/* The same, or where only pipelines, configs or values are wrong: the components, for
	 * those who check their contents.  NULL if they are wrong themselves. */
	struct module *parts;
	struct lowered lowered;	/* beside parts */
	struct allows allows;	/* to be applied once all warnings are there */
};

void compilation_init(struct compilation *c);
void compilation_release(struct compilation *c);

/* Compiles the program in path ("-": standard input).  0, whatever is wrong with the
 * program (see c->diags); -1 with err if the root file cannot be read.  Once for each
 * compilation. */
int compile(struct compilation *c, const char *path, const struct compile_opts *o,
	    struct err *err);

/* Parses the root file alone; its tree, or NULL with err if it cannot be read. */
struct node *compile_parse(struct compilation *c, const char *path, struct err *err);
/* The same of a text of at most LIMIT_FILE_BYTES, named path in messages. */
struct node *compile_parse_text(struct compilation *c, struct str path, struct str text);

#endif
