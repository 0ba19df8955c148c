# Unit tests (TAP programs), fuzz targets, the bench, and the one runner of all tests.

# Of every program here that says nothing else; its source is NAME.c.
LDADD = $(COMPILER_LIBS) $(RUNTIME_LIBS) $(DEPS_LIBS)

UNIT_TESTS = \
	%D%/unit/admit %D%/unit/base_diag %D%/unit/base_io %D%/unit/base_memory \
	%D%/unit/base_text %D%/unit/config %D%/unit/cron %D%/unit/env_build \
	%D%/unit/env_find %D%/unit/eval %D%/unit/exec_loop %D%/unit/exec_proc \
	%D%/unit/exec_python %D%/unit/exec_redact %D%/unit/exec_shell %D%/unit/json \
	%D%/unit/machine %D%/unit/module %D%/unit/ops %D%/unit/parse %D%/unit/program \
	%D%/unit/program_file %D%/unit/pycheck %D%/unit/readback \
	%D%/unit/readback_argo %D%/unit/sched %D%/unit/sched_call %D%/unit/sched_loop \
	%D%/unit/sched_random %D%/unit/sched_try %D%/unit/sema_load %D%/unit/session \
	%D%/unit/session_recall %D%/unit/session_run %D%/unit/store_cas \
	%D%/unit/store_fixture %D%/unit/store_run %D%/unit/uri %D%/unit/value \
	%D%/unit/vm_run
UNIT_SHARED = \
	%D%/unit/exec_harness.h %D%/unit/program_util.h %D%/unit/sample_module.h \
	%D%/unit/session_util.h %D%/unit/store_util.h %D%/unit/tap.h \
	%D%/unit/vm_build.h %D%/unit/vm_fake.h
check_PROGRAMS += $(UNIT_TESTS)

# make check TEST_FLAGS="-k iris"
check-local:
	$(AM_V_at)$(PYTHON3) $(top_srcdir)/%D%/run --build $(top_builddir) $(TEST_FLAGS)

# libFuzzer supplies main.  `make fuzz` gives each target FUZZ_SECONDS.
FUZZ_TARGETS = \
	%D%/fuzz/fuzz_export %D%/fuzz/fuzz_fmt %D%/fuzz/fuzz_module \
	%D%/fuzz/fuzz_parse %D%/fuzz/fuzz_program %D%/fuzz/fuzz_yaml
FUZZ_SECONDS = 20
if FUZZERS
noinst_PROGRAMS += $(FUZZ_TARGETS)
$(FUZZ_TARGETS): AM_LDFLAGS += $(FUZZ_LDFLAGS)
fuzz: $(FUZZ_TARGETS)
	$(SHELL) $(top_srcdir)/%D%/fuzz/run $(FUZZ_SECONDS) $(FUZZ_TARGETS)
else
fuzz:
	@echo "make fuzz: configure with CC=clang --enable-fuzzers --enable-sanitizers" >&2
	@exit 1
endif

# The limits that the bench measures against: a task that does nothing, a bare spawn loop.
EXTRA_PROGRAMS = %D%/bench/noop %D%/bench/bare %D%/bench/native %D%/bench/native_add.so
CLEANFILES += $(EXTRA_PROGRAMS)
%C%_bench_noop_LDFLAGS = -static
%C%_bench_noop_LDADD =
%C%_bench_bare_LDFLAGS = -static
%C%_bench_bare_LDADD =
%C%_bench_native_add_so_SOURCES = %D%/bench/native_add.c
%C%_bench_native_add_so_CFLAGS = $(AM_CFLAGS) -fPIC
%C%_bench_native_add_so_LDFLAGS = $(AM_LDFLAGS) -shared
%C%_bench_native_add_so_LDADD =
bench: all $(EXTRA_PROGRAMS)
	$(PYTHON3) $(top_srcdir)/%D%/bench/run --build $(top_builddir)

# Breaks every right program in one place: nothing crashes, and the place is found.
mutate: all
	$(PYTHON3) $(top_srcdir)/%D%/mutate/run --build $(top_builddir) --show

.PHONY: bench fuzz mutate

EXTRA_DIST += %D%/README.md %D%/run %D%/layers %D%/install-tools %D%/lib $(UNIT_SHARED) \
	%D%/parse %D%/check %D%/lang %D%/lower %D%/graph %D%/fmt %D%/cli %D%/term %D%/std \
	%D%/examples %D%/export %D%/parity %D%/conformance %D%/editors %D%/lsp \
	%D%/bench/run %D%/bench/generate.py %D%/bench/lsp.py \
	%D%/bench/repl.py %D%/fuzz/program1.txt %D%/fuzz/program2.txt %D%/fuzz/run %D%/mutate/run
