noinst_LIBRARIES += %D%/librepl.a
%C%_librepl_a_SOURCES = \
	%D%/command.c %D%/command.h %D%/command_edit.c %D%/command_look.c \
	%D%/command_run.c %D%/command_save.c %D%/command_text.c %D%/complete.c \
	%D%/edit.c %D%/edit.h %D%/edit_block.c %D%/edit_draw.c %D%/edit_find.c \
	%D%/edit_history.c %D%/edit_history.h %D%/edit_input.c %D%/edit_int.h \
	%D%/edit_plain.c %D%/program.c %D%/program.h %D%/program_change.c \
	%D%/program_input.c %D%/program_int.h %D%/program_make.c %D%/program_place.c \
	%D%/program_reads.c %D%/program_save.c %D%/program_save.h \
	%D%/program_save_edit.c %D%/program_save_path.c %D%/program_session.c \
	%D%/program_text.c %D%/repl.c %D%/repl.h %D%/repl_int.h %D%/script.c \
	%D%/script.h %D%/show.c %D%/show.h %D%/show_artifact.c %D%/show_csv.c \
	%D%/show_series.c %D%/step.c %D%/step_show.c %D%/talk.c %D%/command.def
