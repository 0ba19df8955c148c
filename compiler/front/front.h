/* What the stages of the front end share: private to this folder.
 *
 *	flex (lex.l) -> lex_next -> layout_next -> bison (gram.y) -> build_* -> tree
 *
 * The layout stage owns brackets and indentation and may be told by the parser that it
 * met a syntax error (layout_recover).  docs_* keep the `##` comments until a node
 * takes them. */
#ifndef KFPC_FRONT_FRONT_H
#define KFPC_FRONT_FRONT_H

#include "compiler/front/parse.h"

/* One token.  Kinds are those of gram.h. */
struct token {
	int kind;
	struct span at;
	bool at_end;			/* made because the text ended */
	union {
		const struct sym *sym;	/* words */
		struct node *node;	/* literals, code blocks */
	};
};

/* An f-string that the lexer is inside of. */
struct fstring_level {
	char quote;
	bool triple;
	uint32_t lo;			/* where it began */
	uint32_t brackets, braces;	/* open in the field being read */
};

struct lexer {
	void *flex;			/* yyscan_t */
	const char *buf;		/* what flex reads: a copy of the text */
	const char *text;		/* the text itself, never written to */
	uint32_t base, end;		/* offsets of the whole text */
	VEC(struct fstring_level) fstrings;
	bool fstring_said;		/* the innermost f-string's error was reported */
	bool ended;
};

struct bracket {
	int closer;
	struct span at;
};

struct layout {
	struct token peeked[3];		/* read ahead, the next one last */
	unsigned npeeked;
	VEC(struct token) queue;	/* made, not yet given; from `head` */
	size_t head;
	VEC(struct bracket) open;
	VEC(uint32_t) indents;		/* columns of the blocks around; the first is 0 */
	struct token first;		/* of the logical line so far */
	struct token given_first;	/* of the line that the parser reads */
	struct token prev, last;	/* given to the parser, last of all */
	uint32_t ntokens;		/* of the logical line so far */
	uint32_t line_lo;		/* where the physical line begins */
	uint32_t raw_stop;		/* the line that ended the last code block */
	uint32_t odd;			/* 1 + a column that is said to fit no block */
	bool fresh;			/* the next token begins a physical line */
	bool colon;			/* a ':' stood in the line, outside brackets */
	bool repaired;			/* the line before lost an unclosed bracket */
	bool tab_said, deep_said, at_end;
};

struct doc {
	struct span span;
	uint32_t owner;			/* where the token begins that it stands before */
	bool used;
};

struct docs {
	VEC(struct doc) all;
	bool pending;			/* the last one has no owner yet */
	bool begun;			/* a token was seen */
};

struct parser {
	struct parse_ctx *ctx;
	const struct src_file *file;
	struct parse_result *result;
	struct lexer lex;
	struct layout layout;
	struct docs docs;
	bool height_said;		/* of the statement being built */
	const struct node *unsigned_least;	/* 2**63 without a sign so far, or NULL */
	const struct sym *word_true, *word_false, *word_null;
};

/* lex.l: words, numbers, strings, comments.  lex_next never fails: what is wrong is
 * said and the nearest sensible token given. */
void lex_open(struct parser *p);
void lex_close(struct parser *p);
void lex_next(struct parser *p, struct token *t);
/* Forgets the f-strings that it is inside of, when a bracket in one was never closed. */
void lex_leave_fstrings(struct parser *p);

/* layout.c */
void layout_init(struct parser *p);
void layout_release(struct parser *p);
void layout_next(struct parser *p, struct token *t);
/* Brackets that are open around the token given last. */
size_t layout_depth(const struct parser *p);
/* After a syntax error at the token given last: goes on at the end of the innermost
 * bracket.  False if that bracket turned out to be unclosed, which is then said. */
bool layout_recover(struct parser *p);
bool token_closes(int kind);
/* True for the first words of lines that end with ':' and have a block. */
bool token_begins_block(int kind);

/* number.c: what a word that begins with a digit means.  2**63 is read as INT64_MIN: it is
 * a number only below a '-', which number_negated tells; number_finish says the last that
 * met none. */
struct node *number_parse(struct parser *p, struct span at);
void number_negated(struct parser *p, const struct node *operand);
void number_finish(struct parser *p);

/* string.c.  text is what stands between the quotes, at the offset `at`. */
enum string_flags { STRING_RAW = 1, STRING_TRIPLE = 2 };
struct node *string_parse(struct parser *p, struct span whole, struct span inside,
			  unsigned flags);
/* Decodes the text parts of an f-string (STRINGs that have only a span so far). */
void fstring_decode(struct parser *p, struct node *fstring);

/* raw.c: the code block whose header begins at lo and whose lines begin at body.  NULL if
 * what follows is not indented; else a CODE whose span ends where the block does. */
struct node *raw_parse(struct parser *p, uint32_t lo, uint32_t body, struct str language);
/* Column that s, all white space, leads to: a tab goes to the next multiple of 8. */
uint32_t indent_width(struct str s);

/* words.c: spellings of other languages.  Each says what is wrong. */
/* A word with letters outside ASCII, or punctuation that is.  Sets t's kind (0:
 * nothing is to be read) and value, and returns where it ends. */
uint32_t word_foreign(struct parser *p, struct token *t, struct span at);
void word_prefix(struct parser *p, struct span at);
void word_conversion(struct parser *p, struct span at);
void word_debug_field(struct parser *p, struct span at);
void word_not(struct parser *p, struct span at);
/* The kind to read in place of the operator; 0 for none. */
int word_operator(struct parser *p, struct span at);
void word_backslash(struct parser *p, struct span at);
void word_stray(struct parser *p, struct span at);
void word_lone_brace(struct parser *p, struct span at);
void word_format_spec(struct parser *p, struct span at);

/* doc.c */
void docs_comment(struct parser *p, struct span at, bool own_line);
void docs_token(struct parser *p, const struct token *t);
/* The text of the doc comment before the token at lo; empty if there is none. */
struct str docs_take(struct parser *p, uint32_t lo);
void docs_finish(struct parser *p);
void docs_release(struct parser *p);

/* syntax.c: says what is wrong at the token given last, where a token of those kinds for
 * which expected[kind] is set could have stood. */
void syntax_error(struct parser *p, const bool *expected);

static inline struct str text_at(const struct parser *p, struct span at)
{
	return (struct str){p->lex.text + (at.lo - p->lex.base), at.hi - at.lo};
}

#endif
