#include <config.h>

#include "compiler/repl/script.h"

#include <errno.h>
#include <unistd.h>

#include "compiler/repl/program.h"

enum {
	CHUNK = 64 << 10,
	GROWTH = 32,	/* a block is looked at again when it has grown by 1/32 */
};

void script_init(struct script *s, int fd)
{
	*s = (struct script){.fd = fd};
}

void script_init_text(struct script *s, struct str text)
{
	*s = (struct script){.fd = -1, .at_end = true};
	buf_add(&s->text, text);
}

void script_release(struct script *s)
{
	buf_release(&s->text);
}

static int read_more(struct script *s, struct err *err)
{
	ssize_t n;

	if (s->at) {
		memmove(s->text.p, s->text.p + s->at, s->text.n - s->at);
		s->text.n -= s->at;
		s->at = 0;
	}
	do
		n = read(s->fd, buf_reserve(&s->text, CHUNK), CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, "standard input");
	s->at_end = n == 0;
	s->text.n += (size_t)n;
	return 0;
}

/* The place behind the line that begins at `at`; reads on where its end is not there. */
static int line_end(struct script *s, size_t at, size_t *end, struct err *err)
{
	size_t from = at;

	for (;;) {
		*end = str_find(buf_str(&s->text), STR("\n"), s->at + from);
		if (*end < s->text.n || s->at_end)
			break;
		if (s->text.n - s->at > PROGRAM_TEXT_MAX)
			return err_setk(err, ERR_INPUT, "a block of more than %d bytes",
					PROGRAM_TEXT_MAX);
		from = s->text.n - s->at;
		if (read_more(s, err))
			return -1;
	}
	*end = (*end < s->text.n ? *end + 1 : s->text.n) - s->at;
	return 0;
}

static bool is_blank(struct str line)
{
	return !str_trim(line).n;
}

static bool is_comment(struct str line)
{
	return line.n && line.p[0] == '#';
}

/* Lines that do not end the block before them. */
static bool goes_on(struct str line)
{
	static const char *const words[] = {"elif", "else", "except", "finally"};
	struct str s = str_trim(line);
	size_t n = 0;

	if (is_blank(line) || is_comment(line) || line.p[0] == ' ' || line.p[0] == '\t')
		return true;
	while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
		n++;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(str_sub(s, 0, n), words[i]))
			return true;
	return false;
}

/* Does it need no more lines?  after: what is taken to come behind it. */
static bool is_whole(struct script *s, size_t n, const char *after, size_t *look_at)
{
	struct buf text = {0};
	bool whole;

	if (n < *look_at)
		return false;
	buf_add(&text, str_sub(buf_str(&s->text), s->at, s->at + n));
	buf_addz(&text, after);
	whole = program_look(buf_str(&text)) != PROGRAM_INCOMPLETE;
	buf_release(&text);
	if (!whole)
		*look_at = n + n / GROWTH;
	return whole;
}

static void skip_blank_lines(struct script *s)
{
	while (s->at < s->text.n) {
		size_t end = str_find(buf_str(&s->text), STR("\n"), s->at);

		if (end == s->text.n ||
		    !is_blank(str_sub(buf_str(&s->text), s->at, end)))
			break;
		s->at = end + 1;
	}
}

int script_next(struct script *s, struct str *block, struct err *err)
{
	size_t n = 0, end, code_end = 0, look_at[2] = {0};
	bool has_code = false;

	skip_blank_lines(s);
	for (;;) {
		struct str line;

		if (line_end(s, n, &end, err))
			return -1;
		line = str_sub(buf_str(&s->text), s->at + n, s->at + end);
		if (!line.n || (has_code && !goes_on(line) &&
				is_whole(s, n, "\n\n", &look_at[0]))) {
			/* Comments behind a block are the next one's. */
			n = code_end;
			break;
		}
		if (!has_code && line.p[0] == ':') {
			/* Comments before a command are nobody's. */
			s->at += n;
			n = end - n;
			break;
		}
		n = end;
		if (!is_blank(line) && !is_comment(line)) {
			has_code = true;
			code_end = end;
		}
		/* One line, or one that closes a bracket: the writer may wait for what
		 * comes of it. */
		if (has_code && !goes_on(line) && is_whole(s, n, "", &look_at[1]))
			break;
		if (n > PROGRAM_TEXT_MAX)
			return err_setk(err, ERR_INPUT, "a block of more than %d bytes",
					PROGRAM_TEXT_MAX);
	}
	*block = str_sub(buf_str(&s->text), s->at, s->at + n);
	s->at += n;
	return 0;
}
