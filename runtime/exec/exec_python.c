/* python: blocks and functions of Python files.  The interpreter runs task.py
 * (embedded here, kept in the user's cache so that it is compiled once), which reads
 * what to do from folder/task and leaves the outcome in folder/result. */
#include <config.h>

#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/base/sha256.h"
#include "runtime/exec/exec_int.h"
#include "runtime/exec/user.h"
#include "runtime/value/json.h"

#include "runtime/exec/task.py.h"

/* The folder that holds the helper as the module kfpc_task.  Interpreters that cannot
 * read it, because there is no place to write it, get the text itself. */
static struct str helper_folder(struct exec *e)
{
	struct str text = {(const char *)task_py, task_py_len}, folder, path;
	struct digest digest = sha256_of(text);
	struct err err = {0};

	folder = arena_printf(&e->scratch, "%s/helper/%.16s",
			      user_cache_folder(&e->scratch).p, digest.hex);
	path = arena_printf(&e->scratch, "%s/kfpc_task.py", folder.p);
	if (!access(path.p, R_OK))
		return folder;
	if (!io_mkdirs(folder.p, 0777, &err) &&
	    !io_write_file(path.p, text, 0666, false, &err))
		return folder;
	return (struct str){"", 0};
}

static void add_string(struct buf *b, struct str s)
{
	buf_addz(b, ", ");
	buf_add_json(b, s);
}

/* An artifact as [path, uri, metadata as text]. */
static void add_artifact(struct buf *b, struct value v, struct str path)
{
	bool is_handle = v.kind == VALUE_ARTIFACT;

	buf_addc(b, '[');
	buf_add_json(b, path);
	add_string(b, is_handle ? v.artifact->uri : STR(""));
	add_string(b, is_handle ? v.artifact->metadata : STR(""));
	buf_addc(b, ']');
}

static void add_artifacts(struct exec *e, struct buf *b, const struct exec_input *in)
{
	const struct value_list *l;

	if (in->value.kind != VALUE_LIST) {
		add_artifact(b, in->value, in->path);
		return;
	}
	l = in->value.list;
	buf_addc(b, '[');
	for (size_t i = 0; i < l->n; i++) {
		buf_addz(b, i ? ", " : "");
		add_artifact(b, l->at[i], arena_printf(&e->scratch, "%.*s/%zu",
						       STR_ARG(in->path), i));
	}
	buf_addc(b, ']');
}

static void add_input(struct exec *e, struct buf *b, const struct exec_input *in)
{
	bool is_files = in->value.kind != VALUE_NONE && type_holds_artifacts(in->type);

	buf_addc(b, '[');
	buf_add_json(b, in->name);
	buf_addz(b, ", ");
	json_write_type(in->type, b);
	buf_addz(b, ", ");
	if (is_files)
		add_artifacts(e, b, in);
	else
		json_write(in->value, b);
	add_string(b, in->path);
	buf_addc(b, ']');
}

static void add_output(struct exec *e, struct buf *b, const struct exec_output *o)
{
	struct str path = {"", 0};

	if (type_holds_artifacts(o->type))
		path = exec_path(e, exec_output_path(o, &e->scratch).p);
	else if (!exec_is_value(o))
		path = exec_value_path(e, o);
	buf_addc(b, '[');
	buf_add_json(b, o->name);
	buf_addz(b, ", ");
	json_write_type(o->type, b);
	add_string(b, path);
	buf_addc(b, ']');
}

static void add_task(struct exec *e, struct buf *b)
{
	const struct exec_spec *s = e->spec;

	buf_addz(b, "{\"name\": ");
	buf_add_json(b, s->code_name);
	buf_addf(b, ", \"line\": %u, \"limit\": %d, \"entry\": ",
		 s->code_line ? s->code_line : 1, LIMIT_VALUE_BYTES);
	buf_add_json(b, s->executor == EXECUTOR_PYTHON_FILE ? s->entry : STR(""));
	buf_addz(b, ", \"result\": ");
	buf_add_json(b, exec_path(e, "result"));
	buf_addz(b, ", \"code\": ");
	buf_add_json(b, s->code);
	buf_addz(b, ",\n\"inputs\": [");
	for (uint32_t i = 0; i < s->ninputs; i++) {
		buf_addz(b, i ? ",\n" : "");
		add_input(e, b, &s->inputs[i]);
	}
	buf_addz(b, "],\n\"outputs\": [");
	for (uint32_t i = 0; i < s->noutputs; i++) {
		buf_addz(b, i ? ",\n" : "");
		add_output(e, b, &s->outputs[i]);
	}
	buf_addz(b, "]}\n");
}

int exec_python_task(struct exec *e, struct err *err)
{
	struct buf b = {0};
	int rc;

	add_task(e, &b);
	rc = exec_put_task(e, buf_str(&b), err);
	buf_release(&b);
	return rc;
}

struct str exec_python_helper(void)
{
	return (struct str){(const char *)task_py, task_py_len};
}

int exec_python_command(struct exec *e, struct command *c, struct err *err)
{
	static const char import_helper[] =
		"import sys\n"
		"sys.path.insert(0, sys.argv[2])\n"
		"import kfpc_task\n"
		"del sys.path[0]\n"
		"kfpc_task.main(sys.argv[1])\n";
	struct str task = exec_path(e, "task"), folder = helper_folder(e);
	struct str text = exec_python_helper();

	if (exec_python_task(e, err))
		return -1;
	vec_push(&c->argv, exec_word(e, e->spec->python));
	vec_push(&c->argv, exec_word(e, STR("-c")));
	vec_push(&c->argv, exec_word(e, folder.n ? str_of(import_helper) :
		arena_printf(&e->scratch, "%.*s\nmain(sys.argv[1])\n", STR_ARG(text))));
	vec_push(&c->argv, exec_word(e, task));
	vec_push(&c->argv, exec_word(e, folder));
	return 0;
}

static struct str text_member(struct value dict, struct str key)
{
	const struct value *v = dict.kind == VALUE_DICT ? value_get(dict, key) : NULL;

	return v && v->kind == VALUE_STR ? *v->s : (struct str){"", 0};
}

static void collect_failure(struct exec *e, struct exec_result *r, struct value result)
{
	struct str error = text_member(result, STR("error"));
	const struct value *line =
		result.kind == VALUE_DICT ? value_get(result, STR("line")) : NULL;

	if (r->signal == 9)
		exec_fail(e, r,
			  "ended by signal 9 (Killed): perhaps it ran out of memory");
	else if (r->signal)
		exec_fail(e, r, "ended by signal %d (%s)", r->signal,
			  strsignal(r->signal));
	else if (error.n)
		exec_fail(e, r, "%.*s", STR_ARG(error));
	else if (r->exit_code)
		exec_fail(e, r, "exit status %d", r->exit_code);
	else
		exec_fail(e, r,
			  "the interpreter was ended before the outputs could be read");
	if (line && line->kind == VALUE_INT && line->i > 0 && line->i <= UINT32_MAX)
		r->line = (uint32_t)line->i;
}

static void collect_output(struct exec *e, struct exec_result *r, uint32_t i,
			   struct value result)
{
	const struct exec_output *o = &e->spec->outputs[i];
	const struct value *values = value_get(result, STR("values")), *v, *extra;
	struct err err = {0};

	if (exec_is_value(o)) {
		v = values && values->kind == VALUE_DICT ? value_get(*values, o->name)
							 : NULL;
		if (!v)
			exec_fail(e, r, "output '%.*s' was not assigned",
				  STR_ARG(o->name));
		else if (json_to_type(e->arena, *v, o->type, &r->outputs[i].value, &err))
			exec_fail(e, r, "output '%.*s': %s", STR_ARG(o->name), err.text);
		return;
	}
	extra = value_get(result, STR("metadata"));
	if (extra)
		r->outputs[i].metadata = text_member(*extra, o->name);
	extra = value_get(result, STR("structure"));
	if (extra)
		r->outputs[i].structure = text_member(*extra, o->name);
}

void exec_python_collect(struct exec *e, struct exec_result *r)
{
	size_t limit = (size_t)LIMIT_VALUE_BYTES * (e->spec->noutputs + 1);
	struct value result = VALUE_NONE_V;
	bool done = exec_read_result(e, limit, &result, NULL);

	if (!done || !value_get(result, STR("values")) || r->exit_code) {
		collect_failure(e, r, result);
		return;
	}
	for (uint32_t i = 0; i < e->spec->noutputs && r->state == EXEC_OK; i++)
		collect_output(e, r, i, result);
}
