#include <config.h>

#include "compiler/export/export.h"

#include <stdarg.h>

static const char *const NAMES[] = {
#define EXPORT(name, summary, ending) #name,
#include "compiler/export/export.def"
#undef EXPORT
};

enum export_target export_find(struct str name)
{
	int i;

	for (i = 0; i < EXPORT_N && !str_is(name, NAMES[i]); i++)
		;
	return (enum export_target)i;
}

const char *export_name(enum export_target t)
{
	return NAMES[t];
}

void export_fault(struct export *x, enum diag_code code, struct loc loc, const char *fmt,
		  ...)
{
	struct buf b = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	vec_push(&x->faults,
		 ((struct export_fault){code, loc, arena_str(x->a, buf_str(&b))}));
	x->nerrors += diag_code_is_error(code);
	buf_release(&b);
}

void export_extra(struct export *x, struct str task, const char *why, struct str text,
		  struct loc loc)
{
	vec_push(&x->extras, ((struct export_extra){task, why, text, loc}));
}

int export_write(enum export_target t, struct export *x, struct buf *out)
{
	static int (*const writers[])(struct export *, struct buf *) = {
#define EXPORT(name, summary, ending) export_##name,
#include "compiler/export/export.def"
#undef EXPORT
	};

	return writers[t](x, out);
}
