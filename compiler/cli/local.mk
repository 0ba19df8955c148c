noinst_LIBRARIES += %D%/libcli.a
%C%_libcli_a_SOURCES = \
	%D%/cli.c %D%/cli.h %D%/cmd_artifacts.c %D%/cmd_build.c %D%/cmd_check.c \
	%D%/cmd_completion.c %D%/cmd_config.c %D%/cmd_dis.c %D%/cmd_doc.c \
	%D%/cmd_explain.c %D%/cmd_export.c %D%/cmd_fmt.c %D%/cmd_fsck.c %D%/cmd_get.c \
	%D%/cmd_logs.c %D%/cmd_lsp.c %D%/cmd_metrics.c %D%/cmd_repl.c %D%/cmd_run.c \
	%D%/cmd_runs.c %D%/cmd_show.c %D%/cmd_test.c %D%/cmd_version.c \
	%D%/config_args.c %D%/config_args.h %D%/export_argo.c %D%/export_argo.h \
	%D%/fix.c %D%/fix.h %D%/live.c %D%/live.h %D%/live_draw.c %D%/live_plan.c \
	%D%/look.c %D%/look.h %D%/output.c %D%/output.h %D%/progress.c %D%/progress.h \
	%D%/progress_loop.c %D%/progress_text.c %D%/progress_tty.c %D%/pyrun.c \
	%D%/pyrun.h %D%/run_summary.c %D%/run_summary.h %D%/schema.c %D%/schema.h \
	%D%/show_json.c %D%/show_json.h %D%/show_tasks.c %D%/show_tasks.h \
	%D%/show_values.c %D%/show_values.h %D%/source.c %D%/source.h %D%/target.c \
	%D%/target.h %D%/test_result.c %D%/test_result.h %D%/watch.c %D%/watch.h \
	%D%/cmd.def
EMBED += %D%/completion.bash %D%/completion.fish %D%/completion.zsh %D%/explain.md

bin_PROGRAMS += kfpc
kfpc_SOURCES = %D%/main.c
kfpc_LDADD = $(COMPILER_LIBS) $(RUNTIME_LIBS) $(DEPS_LIBS)

# The manual pages.
noinst_PROGRAMS += manpage
manpage_SOURCES = %D%/manpage.c
manpage_LDADD = $(RUNTIME_LIBS) $(DEPS_LIBS)
man_MANS = doc/kfpc.1 doc/kfp.5
doc/kfpc.1: manpage$(EXEEXT) $(top_srcdir)/doc/commands.md
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	./manpage kfpc $(top_srcdir)/doc/commands.md >$@.tmp && mv -f $@.tmp $@
doc/kfp.5: manpage$(EXEEXT) $(top_srcdir)/doc/language.md
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	./manpage kfp $(top_srcdir)/doc/language.md >$@.tmp && mv -f $@.tmp $@
CLEANFILES += doc/kfpc.1 doc/kfp.5
