/* Layout of a .kfpb file, shared by save.c and load.c.
 *
 *	9 bytes   magic: no text file, and damaged by anything that translates line ends
 *	1 byte    version of the format
 *	32 bytes  SHA-256 of all that follows
 *	sections  4 bytes tag, length as in wire.h, contents
 *
 * A tag in capitals is mandatory: a reader that does not know it refuses the file.
 * One that begins with a small letter may be skipped.  The mandatory ones are there
 * once each, in the order of SECTION below. */
#ifndef KFPC_BC_FORMAT_H
#define KFPC_BC_FORMAT_H

#include "runtime/base/sha256.h"

#define FORMAT_MAGIC "\x89KFPB\r\n\x1a\n"

enum {
	FORMAT_VERSION = 2,
	FORMAT_MAGIC_BYTES = sizeof FORMAT_MAGIC - 1,
	FORMAT_DIGEST_AT = FORMAT_MAGIC_BYTES + 1,
	FORMAT_BODY_AT = FORMAT_DIGEST_AT + SHA256_BYTES,
	FORMAT_TAG_BYTES = 4,
};

/* In the order in which they stand in a file: SECTION(tag, what is in it). */
#define SECTIONS(SECTION)                                               \
	SECTION(HEAD, "name and doc of the module")                     \
	SECTION(TYPE, "types beyond the language's own")                \
	SECTION(FILE, "source files, and files that travel")            \
	SECTION(CNST, "constants of the bytecode")                      \
	SECTION(DEFS, "functions")                                      \
	SECTION(ENVS, "environments")                                   \
	SECTION(COMP, "components")                                     \
	SECTION(PIPE, "pipelines")                                      \
	SECTION(CONF, "configs")                                        \
	SECTION(SCHD, "schedules")

enum section {
#define SECTION(tag, doc) SECTION_##tag,
	SECTIONS(SECTION)
#undef SECTION
	SECTION_N
};

#endif
