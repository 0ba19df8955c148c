/* shell: blocks, run by one /bin/sh under -eu.  Inputs are variables, outputs are
 * files. */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/base/utf8.h"
#include "runtime/exec/exec_int.h"
#include "runtime/value/json.h"

static int set_path(struct exec *e, struct command *c, struct str name, struct str path,
		    struct err *err)
{
	struct str var = arena_printf(&e->scratch, "%.*s_path", STR_ARG(name));

	return exec_setenv(e, c, var, path, err);
}

static int set_input(struct exec *e, struct command *c, const struct exec_input *in,
		     struct err *err)
{
	struct buf text = {0};
	int rc;

	if (in->value.kind == VALUE_NONE)
		return 0;
	if (type_holds_artifacts(in->type))
		return set_path(e, c, in->name, in->path, err);
	if (in->value.kind == VALUE_STR && type_strip(in->type)->kind != TYPE_JSON)
		return exec_setenv(e, c, in->name, *in->value.s, err);
	json_write(in->value, &text);
	rc = exec_setenv(e, c, in->name, buf_str(&text), err);
	buf_release(&text);
	return rc;
}

static int set_output(struct exec *e, struct command *c, const struct exec_output *o,
		      struct err *err)
{
	struct str path;

	if (type_holds_artifacts(o->type))
		path = exec_path(e, exec_output_path(o, &e->scratch).p);
	else
		path = exec_value_path(e, o);
	return set_path(e, c, o->name, path, err);
}

/* The script, with empty lines in front so that the shell counts as the .kfp file
 * does. */
static void script_add(struct exec *e, struct buf *script)
{
	if (e->spec->code_line > 1)
		buf_fill(script, '\n', e->spec->code_line - 1);
	buf_add(script, e->spec->code);
}

/* As an argument where it fits; the shell's $0 is what its messages begin with. */
static int set_script(struct exec *e, struct command *c, struct err *err)
{
	struct str file = exec_path(e, "script.sh");
	struct buf script = {0};
	int rc = 0;

	script_add(e, &script);
	if (memchr(buf_str(&script).p, '\0', script.n)) {
		rc = err_set(err, "the code holds a NUL byte");
	} else if (script.n <= LIMIT_ENV_BYTES) {
		vec_push(&c->argv, exec_word(e, STR("-c")));
		vec_push(&c->argv, exec_word(e, buf_str(&script)));
		vec_push(&c->argv, exec_word(e, e->spec->code_name));
	} else {
		rc = io_write_file(file.p, buf_str(&script), 0644, false, err);
		vec_push(&c->argv, exec_word(e, file));
	}
	buf_release(&script);
	return rc;
}

int exec_shell_command(struct exec *e, struct command *c, struct err *err)
{
	const struct exec_spec *s = e->spec;

	vec_push(&c->argv, exec_word(e, STR("/bin/sh")));
	vec_push(&c->argv, exec_word(e, STR("-eu")));
	if (set_script(e, c, err))
		return -1;
	for (uint32_t i = 0; i < s->ninputs; i++)
		if (set_input(e, c, &s->inputs[i], err))
			return -1;
	for (uint32_t i = 0; i < s->noutputs; i++)
		if (set_output(e, c, &s->outputs[i], err))
			return -1;
	return 0;
}

/* The line in the last message of the shell itself: "iris.kfp: 12: foo: not found" as
 * dash has it, "iris.kfp: line 12: ..." as bash has it. */
static uint32_t message_line(struct exec *e)
{
	struct str tail = {e->tail, e->ntail};
	struct str key = arena_printf(&e->scratch, "%.*s: ", STR_ARG(e->spec->code_name));
	uint32_t line = 0;

	for (size_t at = str_find(tail, key, 0); at < tail.n;
	     at = str_find(tail, key, at + 1)) {
		struct str rest = str_sub(tail, at + key.n, tail.n);
		uint32_t n = 0;
		size_t i;

		if (at && tail.p[at - 1] != '\n')
			continue;
		if (str_has_prefix(rest, STR("line ")))
			rest = str_sub(rest, 5, rest.n);
		for (i = 0; i < rest.n && i < 9 && rest.p[i] >= '0' && rest.p[i] <= '9';
		     i++)
			n = n * 10 + (uint32_t)(rest.p[i] - '0');
		if (i && i < rest.n && rest.p[i] == ':')
			line = n;
	}
	return line;
}

/* What other programs print for a float that JSON has no word for. */
static bool float_word(struct str s, const struct type *t, struct value *out)
{
	static const char *const words[] = {"nan",      "NaN",  "inf",
					    "Infinity", "-inf", "-Infinity"};

	if (t->kind != TYPE_FLOAT && t->kind != TYPE_METRIC)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(s, words[i])) {
			*out = value_float(strtod(words[i], NULL));
			return true;
		}
	return false;
}

enum { SHOWN_BYTES = 60 };	/* of a text that is no value of its type */

static int not_json(struct arena *a, struct str text, const struct type *t,
		    struct err *err)
{
	enum type_kind kind = type_strip(t)->kind;
	struct str name = type_name(t, a);
	struct str shown = str_sub(text, 0, text.n > SHOWN_BYTES ? SHOWN_BYTES : text.n);
	const char *more = text.n > SHOWN_BYTES ? "..." : "";

	if (kind < TYPE_JSON || kind == TYPE_METRIC)
		return err_set(err, "it is declared %.*s, and its file holds '%.*s%s'",
			       STR_ARG(name), STR_ARG(shown), more);
	return err_wrap(err, "it is declared %.*s, and its file is not JSON",
			STR_ARG(name));
}

static int value_of_text(struct arena *a, struct str text, const struct type *t,
			 struct value *out, struct err *err)
{
	const struct type *bare = type_strip(t);
	struct value json;

	if (bare->kind == TYPE_STR) {
		*out = value_str(
			a, str_sub(text, 0, text.n - str_has_suffix(text, STR("\n"))));
		return utf8_invalid_at(*out->s) < out->s->n
			       ? err_set(err, "not valid UTF-8")
			       : 0;
	}
	text = str_trim(text);
	if (float_word(text, bare, out))
		return 0;
	if (bare->kind == TYPE_ENUM && !str_has_prefix(text, STR("\"")))
		json = value_str(a, text);
	else if (json_parse(a, text, &json, err))
		return not_json(a, text, t, err);
	return json_to_type(a, json, t, out, err);
}

static void collect_value(struct exec *e, const struct exec_output *o, struct value *out,
			  struct exec_result *r)
{
	struct err err = {0};
	struct buf text = {0};
	int fd = exec_open_left(exec_value_path(e, o).p, &err);

	if (fd < 0 && !err.text[0]) {
		if (o->type->kind != TYPE_OPT)
			exec_fail(e, r,
				  "output '%.*s': nothing was written to %.*s",
				  STR_ARG(o->name), STR_ARG(exec_path_name(e, o)));
		return;
	}
	if (fd >= 0 && !io_read_fd(fd, "its file", LIMIT_VALUE_BYTES, &text, &err))
		value_of_text(e->arena, buf_str(&text), o->type, out, &err);
	if (err.text[0])
		exec_fail(e, r, "output '%.*s': %s", STR_ARG(o->name), err.text);
	buf_release(&text);
	if (fd >= 0)
		close(fd);
}

void exec_collect_values(struct exec *e, struct exec_result *r)
{
	for (uint32_t i = 0; i < e->spec->noutputs && r->state == EXEC_OK; i++)
		if (exec_is_value(&e->spec->outputs[i]))
			collect_value(e, &e->spec->outputs[i], &r->outputs[i].value, r);
}

void exec_shell_collect(struct exec *e, struct exec_result *r)
{
	if (r->signal) {
		exec_fail(e, r, "ended by signal %d (%s)", r->signal,
			  strsignal(r->signal));
		return;
	}
	if (r->exit_code) {
		exec_fail(e, r, "exit status %d", r->exit_code);
		r->line = message_line(e);
		return;
	}
	exec_collect_values(e, r);
}
