noinst_LIBRARIES += %D%/libexec.a
%C%_libexec_a_SOURCES = \
	%D%/artifact.c %D%/artifact.h %D%/engine.c %D%/engine.h %D%/env.c %D%/env.h \
	%D%/env_build.c %D%/env_find.c %D%/env_host.c %D%/env_int.h %D%/exec.c \
	%D%/exec.h %D%/exec_container.c %D%/exec_env.c %D%/exec_int.h %D%/exec_load.c \
	%D%/exec_native.c %D%/exec_notebook.c %D%/exec_python.c %D%/exec_shell.c \
	%D%/ffi.c %D%/ffi.h %D%/load_file.c %D%/load_host.c %D%/load_host.h \
	%D%/load_http.c %D%/load_int.h %D%/loop.c %D%/loop.h %D%/native.h \
	%D%/native_host.c %D%/native_host.h %D%/native_task.c %D%/native_task.h \
	%D%/proc.c %D%/proc.h %D%/proc_int.h %D%/proc_run.c %D%/proc_spawn.c \
	%D%/proc_spawn.h %D%/proc_stray.c %D%/redact.c %D%/redact.h %D%/secret.c \
	%D%/secret.h %D%/series.c %D%/series.h %D%/solib.c %D%/solib.h %D%/user.c \
	%D%/user.h %D%/executor.def
EMBED += %D%/host.py %D%/notebook.py %D%/task.py
