noinst_LIBRARIES += %D%/librepl.a
%C%_librepl_a_SOURCES = \
	%D%/command.c %D%/command.h %D%/program.h %D%/repl.h %D%/command.def
