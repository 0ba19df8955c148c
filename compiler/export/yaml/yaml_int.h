/* Shared by yaml.c and yaml_scalar.c. */
#ifndef KFPC_EXPORT_YAML_INT_H
#define KFPC_EXPORT_YAML_INT_H

#include "compiler/export/yaml/yaml.h"

enum { YAML_WIDTH = 80, YAML_KEY_MAX = 128 }; /* longer keys come after a "?" */

struct yaml_out {
	struct buf *b;
	size_t column;
	bool by_hand;
};

void yaml_out_add(struct yaml_out *o, struct str s);
/* A new line, with indent spaces. */
void yaml_out_line(struct yaml_out *o, unsigned indent);
/* Goes on in lines of this indentation where it is too long, unless is_key. */
void yaml_write_scalar(struct yaml_out *o, const struct yaml *y, unsigned indent,
		       bool is_key);

/* yaml_block.c: may the text be a block ("|") as it is; and writes it as one. */
bool yaml_is_block(struct str s);
void yaml_write_block(struct yaml_out *o, struct str s, unsigned indent);
/* Is it a character that a reader of YAML takes as it is (and not a newline)? */
bool yaml_is_printable(uint32_t c);

#endif
