/* load(T, "uri"): the parameters are uri, metadata and digest, the one output is the
 * artifact. */
#include <config.h>

#include <stdlib.h>
#include <unistd.h>

#include "runtime/exec/exec_int.h"
#include "runtime/exec/load_host.h"
#include "runtime/value/json.h"

enum { RESULT_BYTES = 1 << 20 };

static const struct value *input(const struct exec *e, const char *name)
{
	for (uint32_t i = 0; i < e->spec->ninputs; i++)
		if (str_is(e->spec->inputs[i].name, name))
			return &e->spec->inputs[i].value;
	return NULL;
}

static void add_input(struct exec *e, struct buf *b, const char *key)
{
	const struct value *v = input(e, key);

	if (v && v->kind == VALUE_STR)
		json_put_str(b, key, *v->s);
}

/* The process has another current folder. */
static struct str absolute(struct exec *e, struct str folder)
{
	char *real = realpath(exec_word(e, folder), NULL);
	struct str s = real ? arena_str(&e->scratch, str_of(real)) : folder;

	free(real);
	return s;
}

int exec_load_command(struct exec *e, struct command *c, struct err *err)
{
	struct buf b = {0};
	int rc;

	if (e->spec->noutputs != 1)
		BUG("load() with another output");
	buf_addc(&b, '{');
	json_put_str(&b, "to",
		 exec_path(e, exec_output_path(&e->spec->outputs[0], &e->scratch).p));
	json_put_str(&b, "base", absolute(e, e->spec->code));
	add_input(e, &b, "uri");
	add_input(e, &b, "digest");
	buf_addz(&b, "}\n");
	rc = exec_put_task(e, buf_str(&b), err);
	buf_release(&b);
	exec_run_self(e, c, LOAD_HOST_OPTION);
	return rc;
}

/* What the call says of it, and where it came from. */
static void set_metadata(struct exec *e, struct exec_result *r, const struct value *from)
{
	const struct value *given = input(e, "metadata");
	struct buf b = {0};

	if (!given || given->kind != VALUE_DICT) {
		exec_fail(e, r, "the metadata of an artifact is a JSON object");
		return;
	}
	json_write(*given, &b);
	if (from && from->kind == VALUE_STR && !value_get(*given, STR("loaded_from"))) {
		b.n--; /* the brace */
		json_put_str(&b, "loaded_from", *from->s);
		buf_addc(&b, '}');
	}
	r->outputs[0].metadata = arena_str(e->arena, buf_str(&b));
	buf_release(&b);
}

void exec_load_collect(struct exec *e, struct exec_result *r)
{
	struct value result = VALUE_NONE_V;
	const struct value *error;

	if (!exec_read_result(e, RESULT_BYTES, &result, NULL)) {
		if (r->signal)
			exec_fail(e, r, "loading was ended by signal %d (%s)", r->signal,
				  strsignal(r->signal));
		else
			exec_fail(e, r, "loading ended with exit status %d",
				  r->exit_code);
		return;
	}
	error = value_get(result, STR("error"));
	if (error && error->kind == VALUE_STR)
		exec_fail(e, r, "%.*s", STR_ARG(*error->s));
	else
		set_metadata(e, r, value_get(result, STR("from")));
}
