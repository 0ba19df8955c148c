/* UTF-8 (RFC 3629): no overlong forms, no surrogates, at most U+10FFFF. */
#ifndef KFPC_BASE_UTF8_H
#define KFPC_BASE_UTF8_H

#include <stdint.h>

#include "runtime/base/str.h"

/* Bytes of the valid character that s begins with; 0 if it begins with none. */
size_t utf8_length(struct str s);

/* The code point of the valid character that s begins with; 0xfffd if there is none. */
uint32_t utf8_decode(struct str s);

/* Writes c to out (4 bytes of room) and returns how many bytes it took.  (Its natural
 * name is one of jansson's own, which a static link would find twice.) */
size_t utf8_write(uint32_t c, char *out);

/* The place of the first byte that is not part of valid UTF-8; s.n if all is valid. */
size_t utf8_invalid_at(struct str s);

/* Characters in s; each byte that is not valid counts as one. */
size_t utf8_count(struct str s);

/* The longest beginning of s that has at most n bytes and ends with a whole character. */
struct str utf8_cut(struct str s, size_t n);

/* Columns that s takes in a terminal: Hangul, kana, ideographs and emoji take two, marks
 * that combine take none, a tab counts as one. */
size_t utf8_width(struct str s);

#endif
