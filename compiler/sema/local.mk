noinst_LIBRARIES += %D%/libsema.a
%C%_libsema_a_SOURCES = \
	%D%/allow.c %D%/allow.h %D%/branch.c %D%/broken.c %D%/builtin.c %D%/call.c \
	%D%/check.h %D%/collect.c %D%/component.c %D%/comprehension.c %D%/config.c \
	%D%/container.c %D%/declare.c %D%/def.c %D%/environment.c %D%/expr.c \
	%D%/fit.c %D%/flow.h %D%/iterate.c %D%/kubernetes.c %D%/lint.c %D%/literal.c \
	%D%/load.c %D%/load_call.c %D%/loop.c %D%/narrow.c %D%/operator.c \
	%D%/pipeline.c %D%/pycheck.c %D%/pycheck.h %D%/pycheck_job.h \
	%D%/pycheck_reply.c %D%/pycheck_request.c %D%/recursion.c %D%/resolve.c \
	%D%/schedule.c %D%/scope.c %D%/search.c %D%/search.h %D%/sema.h %D%/setting.c \
	%D%/shell.c %D%/struct.c %D%/test.c %D%/try.c %D%/type.c
EMBED += %D%/pycheck.py %D%/pycheck_cache.py %D%/pycheck_hints.py %D%/pycheck_names.py \
	%D%/pycheck_packages.py
