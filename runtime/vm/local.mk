noinst_LIBRARIES += %D%/libvm.a
%C%_libvm_a_SOURCES = \
	%D%/admit.c %D%/admit.h %D%/eval.c %D%/eval.h %D%/machine.c %D%/machine.h \
	%D%/plan.c %D%/plan.h %D%/plan_look.c %D%/plan_shape.c %D%/plan_shape.h \
	%D%/recall.c %D%/recall.h %D%/run.c %D%/run.h %D%/run_args.c %D%/run_args.h \
	%D%/run_bundle.c %D%/run_container.c %D%/run_env.c %D%/run_folder.c \
	%D%/run_inputs.c %D%/run_journal.c %D%/run_json.c %D%/run_key.c \
	%D%/run_library.c %D%/run_limits.c %D%/run_outputs.c %D%/run_result.c \
	%D%/run_result.h %D%/run_stub.c %D%/run_stub.h %D%/run_task.c %D%/runconfig.c \
	%D%/runconfig_check.c %D%/runconfig_check.h %D%/runner.c %D%/runner.h \
	%D%/sched.c %D%/sched.h %D%/sched_call.c %D%/sched_call.h %D%/sched_decide.c \
	%D%/sched_int.h %D%/sched_loop.c %D%/sched_settings.c %D%/sched_settings.h \
	%D%/sched_try.c %D%/sched_values.c %D%/sched_values.h %D%/session.c \
	%D%/session.h %D%/session_want.c %D%/session_want.h %D%/snapshot.c \
	%D%/where.c %D%/where.h %D%/work.c %D%/work.h %D%/task.def
