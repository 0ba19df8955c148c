/* Text of several lines as a literal block, and text in comments. */
#include <config.h>

#include "compiler/export/yaml/yaml_int.h"

#include "runtime/base/utf8.h"

bool yaml_is_printable(uint32_t c)
{
	if (c < 0xa0)
		return c >= 0x20 && c <= 0x7e;
	if (c == 0x2028 || c == 0x2029 || c == 0xfeff || (c & 0xfffe) == 0xfffe)
		return false;
	return true;
}

bool yaml_is_block(struct str s)
{
	size_t len;

	if (!s.n || s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n' ||
	    !memchr(s.p, '\n', s.n))
		return false;
	for (size_t i = 0; i < s.n; i += len) {
		len = utf8_length(str_sub(s, i, s.n));
		if (!len)
			return false;
		if (s.p[i] != '\n' && s.p[i] != '\t' &&
		    !yaml_is_printable(utf8_decode(str_sub(s, i, s.n))))
			return false;
	}
	return true;
}

/* How many newlines at the end belong to the text: none, one, all of them. */
static struct str chomping(struct str s)
{
	if (s.p[s.n - 1] != '\n')
		return STR("|-");
	return s.n > 1 && s.p[s.n - 2] == '\n' ? STR("|+") : STR("|");
}

void yaml_write_block(struct yaml_out *o, struct str s, unsigned indent)
{
	struct str body = s.p[s.n - 1] == '\n' ? str_sub(s, 0, s.n - 1) : s;
	size_t end;

	yaml_out_add(o, chomping(s));
	for (size_t at = 0; at <= body.n; at = end + 1) {
		end = str_find(body, STR("\n"), at);
		if (end > at)
			yaml_out_line(o, indent);
		else
			buf_addc(o->b, '\n');
		yaml_out_add(o, str_sub(body, at, end));
	}
}

void yaml_add_comment(struct str s, struct buf *out)
{
	for (size_t i = 0, len; i < s.n; i += len) {
		struct str rest = str_sub(s, i, s.n);
		uint32_t c;

		len = utf8_length(rest);
		c = len ? utf8_decode(rest) : (unsigned char)s.p[i];
		len = len ? len : 1;
		if (c == '\t' || yaml_is_printable(c))
			buf_add(out, str_sub(s, i, i + len));
		else
			buf_addf(out, c <= 0xff ? "\\x%02x" : "\\u%04x", c);
	}
}
