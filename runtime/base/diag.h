/* Diagnostics: what is wrong with a program, where, why, and how to mend it.
 *
 *	struct diag *d = diag(ds, arg->span, E0304, "'%s' has no parameter '%s'", c, p);
 *	diag_label(d, "not a parameter of 'train'");
 *	diag_note(d, decl->span, "'train' is declared here");
 *	diag_fix(d, arg->span, STR("train_data"), "did you mean 'train_data'?");
 *
 * Codes are declared in diag.def with their severity and a title.  Messages are one
 * sentence without a full stop; names of the user's are in single quotes.  Diagnostics
 * are kept in the order given, then sorted by place and cleared of duplicates by
 * diag_finish. */
#ifndef KFPC_BASE_DIAG_H
#define KFPC_BASE_DIAG_H

#include "runtime/base/buf.h"
#include "runtime/base/src.h"

enum diag_code {
#define DIAG(code, title) code,
#include "runtime/base/diag.def"
#undef DIAG
	DIAG_NCODES
};

/* A place with text: a second place involved, or a change to make there. */
struct diag_at {
	struct span span;	/* SPAN_NONE: text alone */
	struct str text;
	struct str put;		/* of a fix: what to put in place of the span */
	bool sure;		/* of a fix: it can be applied without asking */
};

struct diag {
	enum diag_code code;
	struct span span;	/* SPAN_NONE: about no place in particular */
	struct str text;
	struct str label;	/* under the caret; may be empty */
	VEC(struct diag_at) notes, fixes;
	struct diags *owner;
	uint32_t order;
};

struct diags {
	const struct src *src;
	struct arena arena;
	VEC(struct diag *) all;
	unsigned nerrors, nwarnings;
	unsigned dropped;	/* beyond LIMIT_DIAGS */
	struct diag scratch;	/* taken by what is dropped */
};

void diags_init(struct diags *ds, const struct src *src);
void diags_release(struct diags *ds);

/* Adds one and returns it for labels, notes and fixes; good until diag_finish. */
struct diag *diag(struct diags *ds, struct span span, enum diag_code code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void diag_label(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void diag_note(struct diag *d, struct span span, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A fix that a tool may apply without asking: put replaces span.  Shown as a help line.
 * If there are several, they belong together. */
void diag_fix(struct diag *d, struct span span, struct str put, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same, but only a proposal: a person has to complete it, or to choose. */
void diag_propose(struct diag *d, struct span span, struct str put, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* "E0304" */
const char *diag_code_name(enum diag_code code);
const char *diag_code_title(enum diag_code code);
bool diag_code_is_error(enum diag_code code);
/* The code of this name; DIAG_NCODES if there is none. */
enum diag_code diag_code_find(struct str name);

/* Forgets those of which drop says so. */
void diag_drop(struct diags *ds, bool (*drop)(void *ctx, const struct diag *d),
	       void *ctx);

/* Sorts by place and drops repeated ones; call before printing. */
void diag_finish(struct diags *ds);

/* For people: message, place, line with carets, notes, fixes; colour is ANSI SGR.  Ends
 * with a line that counts errors and warnings, if there are any. */
void diag_print_text(const struct diags *ds, bool colour, struct buf *out);
/* One JSON object a line: {"code","severity","message","label","file","line","col",
 * "end_line","end_col","notes":[...],"fixes":[...]}; lines and columns from 1. */
void diag_print_json(const struct diags *ds, struct buf *out);

/* The best of n candidates for a misspelled name: at most a third of its letters differ, and
 * half of the candidate's.
 * Feed them one by one. */
struct suggestion {
	struct str wanted, best;	/* best.n is 0 while nothing is near */
	unsigned distance;
	bool tied;			/* something else may be meant as well */
};
void suggest(struct suggestion *s, struct str candidate);
/* Can nothing else be meant: at most two letters differ, and no other name is as near. */
bool suggestion_is_sure(const struct suggestion *s);
/* "did you mean 'train_data'?", in place of span, if there is a candidate: a fix if it is
 * sure, else a proposal. */
void diag_suggest(struct diag *d, struct span span, const struct suggestion *s);

#endif
