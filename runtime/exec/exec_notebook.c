/* Notebooks: notebook.py drives them in the component's environment.  The interpreter and
 * the kernel it starts both read the helper modules from the work folder. */
#include <config.h>

#include "runtime/base/io.h"
#include "runtime/exec/exec_int.h"

#include "runtime/exec/notebook.py.h"

struct str exec_notebook_driver(void)
{
	return (struct str){(const char *)notebook_py, notebook_py_len};
}

int exec_notebook_command(struct exec *e, struct command *c, struct err *err)
{
	static const char run[] =
		"import sys\n"
		"sys.path.insert(0, sys.argv[1])\n"
		"import kfpc_notebook\n"
		"sys.exit(kfpc_notebook.main(sys.argv[1]))\n";

	if (exec_python_task(e, err) ||
	    io_write_file(exec_path(e, "kfpc_task.py").p, exec_python_helper(), 0644,
			  false, err) ||
	    io_write_file(exec_path(e, "kfpc_notebook.py").p, exec_notebook_driver(), 0644,
			  false, err))
		return -1;
	vec_push(&c->argv, exec_word(e, e->spec->python));
	vec_push(&c->argv, exec_word(e, STR("-c")));
	vec_push(&c->argv, exec_word(e, str_of(run)));
	vec_push(&c->argv, exec_word(e, e->spec->folder));
	return 0;
}
