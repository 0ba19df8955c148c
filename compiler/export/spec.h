/* What a task of another system is told to do: a JSON object that the launcher reads
 * (launch.py), and of the launcher those parts that this job needs.
 *
 *	kind		"python", "shell", "notebook": run the code of a component; "load":
 *			fetch what its parameters say; "expr", "assert":
 *			compute `tree`; "pass": hand an input on
 *	reads		[name, type, is_text]: the inputs, which all else names by number;
 *			[name, type, is_text, tree]: computed from those before;
 *			[name, type, is_text, tree, true]: that, if it is "kfpc:default"
 *	params		[name, type, tree, text of where, where]
 *	outputs		[name, type, text of where, where, is_text]
 *	type, is_text	of the only output, "Output", of "expr" and "pass"
 *	words		of "words": [output, tree over the parameters]
 *	texts		of "texts": [output, type, number of the read that has its text, or
 *			of a series the file with its points]
 *	packages, index_urls, requirements, packages_digest (image.h)
 *	defs		functions of the program, if a tree calls one
 *	structs		[type, {field: [default, text of where, where]}] of those structs that
 *			have defaults or constraints
 *
 * is_text is the target's: whether a value of the type travels as JSON in a str; 2 says
 * that it is a list of such, 3 a list of those. */
#ifndef KFPC_EXPORT_SPEC_H
#define KFPC_EXPORT_SPEC_H

#include "runtime/bc/module.h"

enum spec_part {		/* of the launcher, behind what every job needs */
	SPEC_TREE = 1,		/* launch_tree.py: expressions */
	SPEC_CODE = 2,		/* launch_code.py: component code */
	SPEC_NOTEBOOK = 4,	/* launch_notebook.py, with the former */
	SPEC_LOAD = 8,		/* launch_load.py, too */
	SPEC_CONTAINER = 16,	/* launch_container.py, too */
	SPEC_ALL = 32,		/* more than any of their sums */
};

struct spec_read {
	struct str name;
	const struct type *type;
	/* "status", "state", "error": it brings how tasks ended, in the target's words;
	 * NULL: a value */
	const char *form;
	unsigned text;		/* is_text, if it is more than what the type says */
	const struct expr *tree;	/* it is no input, but computed */
	const uint32_t *at;		/* from these reads */
	const struct expr *fallback;	/* a constant that "kfpc:default" stands for */
};

struct spec {			/* of zeros but for the first three */
	struct module *m;
	struct arena *a;
	bool (*is_text)(const struct type *t);
	struct str helper, driver;	/* of a notebook: texts of Python, see export.h */
	bool code_apart;	/* the code of a component is not within */
	bool (*is_text_output)(const struct type *t);	/* of a component; NULL: is_text */
	struct buf b;
	VEC(struct spec_read) reads;
	unsigned parts;		/* enum spec_part, what was needed so far */
};

void spec_begin(struct spec *s, const char *kind);
void spec_text(struct spec *s, const char *key, struct str text);
/* "type" and "is_text". */
void spec_type(struct spec *s, const struct type *t);
/* The same, where is_text is more than what the type says. */
void spec_type_text(struct spec *s, const struct type *t, unsigned text);
/* Adds an input; returns its number. */
uint32_t spec_read(struct spec *s, struct spec_read read);
/* An expression; at[i]: which read its input i is. */
void spec_tree(struct spec *s, const char *key, const struct site *site,
	       const uint32_t *at);

/* What the inputs of an assertion are called. */
void spec_names(struct spec *s, const struct module_pipeline *p, const struct site *site);

/* A component: its code (python or shell), outputs and packages. */
void spec_code(struct spec *s, const struct module_component *c);
struct str spec_code_text(const struct module *m, const struct module_component *c);
void spec_outputs(struct spec *s, const struct module_component *c);
void spec_packages(struct spec *s, const struct module_component *c);
/* Its parameters, between spec_params and spec_params_end one by one in their order: from
 * read `read`, or (site is not NULL) computed. */
void spec_params(struct spec *s);
void spec_param(struct spec *s, const struct module_component *c, uint32_t param,
		uint32_t read, const struct site *site, const uint32_t *at);
void spec_params_end(struct spec *s);

/* The whole; s is released.  Its parts are known only now. */
struct str spec_end(struct spec *s);

/* The text of the launcher: helper, what every job needs, those parts, the target's. */
struct str spec_launcher(struct str helper, unsigned parts, struct str target,
			 struct arena *a);

#endif
