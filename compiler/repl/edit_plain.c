/* Terminals that cannot move their cursor: the system edits lines, and we put them
 * together. */
#include <config.h>

#include <unistd.h>

#include "compiler/repl/edit_int.h"
#include "runtime/base/io.h"

static bool is_over(struct edit *e, struct str line)
{
	bool was_blank = e->text.n > 1 && e->text.p[e->text.n - 2] == '\n';

	if (!e->opts.is_open)
		return true;
	if (!str_trim(line).n && was_blank)
		return true;
	return !e->opts.is_open(e->opts.ctx, buf_str(&e->text));
}

enum edit_end plain_read(struct edit *e)
{
	struct buf line = {0};
	enum edit_end end = EDIT_TEXT;
	int got;

	buf_clear(&e->text);
	if (e->menu.n) {
		buf_addc(&e->menu, '\n');
		io_write_all(e->opts.out, buf_str(&e->menu));
	}
	for (;;) {
		io_write_all(e->opts.out, e->text.n ? e->opts.more : e->opts.prompt);
		got = input_line(&e->input, &line);
		if (got <= 0) {
			end = got ? EDIT_INTERRUPTED : EDIT_END;
			io_write_all(e->opts.out, STR("\n"));
			break;
		}
		if (e->text.n + line.n < EDIT_TEXT_MAX)
			buf_add(&e->text, buf_str(&line));
		buf_addc(&e->text, '\n');
		if (is_over(e, buf_str(&line)))
			break;
	}
	buf_release(&line);
	return end;
}
