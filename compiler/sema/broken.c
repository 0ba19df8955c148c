#include <config.h>

#include "compiler/sema/check.h"

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static size_t skip_blanks(struct str s, size_t at)
{
	while (at < s.n && s.p[at] == ' ')
		at++;
	return at;
}

/* The word that s has at *at, which moves behind it and the blanks that follow. */
static struct str next_word(struct str s, size_t *at)
{
	size_t lo = *at, hi = lo;

	while (hi < s.n && is_word(s.p[hi]))
		hi++;
	*at = skip_blanks(s, hi);
	return str_sub(s, lo, hi);
}

static struct symbol *error_symbol(struct sema *s, struct str name, struct span span)
{
	struct symbol *sym =
		symbol_new(s, SYMBOL_ERROR, sym_intern(s->parse.syms, name), span);

	sym->state = SYMBOL_DONE;
	return sym;
}

/* Where the names before a '=' or ':' end: `a, b = `; 0 if s does not begin so. */
static size_t names_end(struct str s)
{
	size_t at = 0;

	while (next_word(s, &at).n && at < s.n) {
		if (s.p[at] == '=' || s.p[at] == ':')
			return at;
		if (s.p[at] != ',')
			break;
		at = skip_blanks(s, at + 1);
	}
	return 0;
}

void broken_statement(struct scope *c, const struct node *error)
{
	struct str s = src_text(c->s->parse.src, error->span);
	size_t end = names_end(s);

	for (size_t at = 0; at < end; at = skip_blanks(s, at + 1)) {
		struct symbol *sym = error_symbol(c->s, next_word(s, &at), error->span);

		if (!map_get(&c->locals, sym_str(sym->name)))
			scope_bind(c, sym);
	}
}

void broken_declaration(struct sema *s, struct sema_file *file, const struct node *error)
{
	static const char *const WORDS[] = {
		"component", "pipeline", "environment", "enum",  "struct",
		"type",      "artifact", "config",      "const", "def"};
	struct str text = src_text(s->parse.src, error->span), first, name;
	struct symbol *sym;
	size_t at = 0;

	first = next_word(text, &at);
	name = next_word(text, &at);
	if (!name.n || map_get(&file->names, name))
		return;
	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
		if (!str_is(first, WORDS[i]))
			continue;
		sym = error_symbol(s, name, error->span);
		sym->file = file;
		map_set(&file->names, sym_str(sym->name), sym);
	}
}
