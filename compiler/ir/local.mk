noinst_LIBRARIES += %D%/libir.a
%C%_libir_a_SOURCES = \
	%D%/builder.c %D%/builder.h %D%/compile.c %D%/compile.h %D%/emit.c %D%/emit.h \
	%D%/fold.c %D%/fold.h %D%/known.c %D%/lower.c %D%/lower.h %D%/lower_comp.c \
	%D%/lower_config.c %D%/lower_container.c %D%/lower_decl.c %D%/lower_def.c \
	%D%/lower_expr.c %D%/lower_graph.c %D%/lower_int.h %D%/lower_load.c \
	%D%/lower_loop.c %D%/lower_notebook.c %D%/lower_schedule.c \
	%D%/lower_setting.c %D%/lower_struct.c %D%/lower_test.c %D%/lower_try.c \
	%D%/test.h
