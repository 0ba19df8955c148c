/* Names, types and literals: what never spans lines, or stands as it was written. */
#include <config.h>

#include "compiler/front/write_int.h"

static void put_error(struct writer *w, const struct node *n)
{
	put(w, source(w, n->span));
}

void put_path(struct writer *w, const struct list *l)
{
	list_each(n, l) {
		if (n != l->first)
			putz(w, ".");
		put_expr(w, n);
	}
}

static void put_type_name(struct writer *w, const struct node *n)
{
	put_path(w, &n->type_name.path);
	if (!n->type_name.args.n)
		return;
	putz(w, "[");
	list_each(arg, &n->type_name.args) {
		if (arg != n->type_name.args.first)
			putz(w, ", ");
		put_type(w, arg);
	}
	putz(w, "]");
}

void put_type(struct writer *w, const struct node *n)
{
	if (n->kind == AST_TYPE_NAME) {
		put_type_name(w, n);
	} else if (n->kind == AST_TYPE_OPT) {
		put_type(w, n->type_opt.elem);
		putz(w, "?");
	} else if (n->kind == AST_NONE) {
		putz(w, "None");
	} else {
		put_error(w, n);
	}
}

/* A string whose single quotes begin at offset `at` of s, with double ones; plain: then a
 * single quote in it needs no backslash. */
static void put_requoted(struct writer *w, struct str s, size_t at, bool plain)
{
	size_t nquotes = at + 2 < s.n && s.n - at >= 6 && s.p[at + 1] == '\'' &&
					 s.p[at + 2] == '\''
				 ? 3 : 1;
	size_t end = s.n - nquotes, i, lo;
	const char *quotes = nquotes == 3 ? "\"\"\"" : "\"";

	putz(w, quotes);
	for (i = lo = at + nquotes; i < end; i += s.p[i] == '\\' ? 2 : 1) {
		if (plain && nquotes == 1 && s.p[i] == '\\' && s.p[i + 1] == '\'') {
			put(w, str_sub(s, lo, i));
			lo = i + 1;
		}
	}
	put(w, str_sub(s, lo, end));
	putz(w, quotes);
}

/* Strings stand as they were written, but for the letter of the prefix and for single
 * quotes where no double one is in the text. */
void put_string(struct writer *w, const struct node *n)
{
	struct str s = source(w, n->span);
	size_t at = 0;

	if (s.n && (s.p[0] | 32) >= 'a' && (s.p[0] | 32) <= 'z') {
		char letter = (char)(s.p[0] | 32);

		put(w, (struct str){&letter, 1});
		at = 1;
	}
	if (at < s.n && s.p[at] == '\'' && !memchr(s.p, '"', s.n))
		put_requoted(w, s, at, !at);
	else
		put(w, str_sub(s, at, s.n));
}
