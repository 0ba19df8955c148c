/* Fields of structs in a config: `fit.optim.lr = 0.2` changes one field of what is set so
 * far.  While others have no value yet the struct is partial: a DICT that lacks them. */
#ifndef KFPC_BC_CONFIG_FIELD_H
#define KFPC_BC_CONFIG_FIELD_H

#include "runtime/value/value.h"

/* old, a struct of type t (partial, or None where nothing is set), with v where the path
 * of fields ("layer.units") leads; a field that nothing was said of has its default. */
struct value config_put_field(struct arena *a, const struct type *t, struct value old,
			      struct str fields, struct value v);

/* Appends a line for each field that v, of type t, lacks. */
void config_say_lacking(struct buf *errors, struct str address, const struct type *t,
			struct value v);

#endif
