/* Reading a .kfpb file: what load.c, which knows the file, asks of load_section.c, which
 * knows what is in its sections. */
#ifndef KFPC_BC_LOAD_SECTION_H
#define KFPC_BC_LOAD_SECTION_H

#include "runtime/bc/format.h"
#include "runtime/bc/module.h"
#include "runtime/bc/wire.h"

struct loader {
	struct module *m;
	struct wire w;		/* the contents of the section at hand */
};

struct load_section {
	const char *tag;
	void (*get)(struct loader *l);	/* faults are kept in l->w */
};

extern const struct load_section load_sections[SECTION_N];

#endif
