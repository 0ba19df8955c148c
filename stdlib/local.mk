# The standard library: the program carries its files; a copy to read is installed.
noinst_LIBRARIES += %D%/libstdlib.a
%C%_libstdlib_a_SOURCES = \
	%D%/library.c %D%/library.h
STDLIB_FILES = \
	%D%/std/bundles.py %D%/std/csv.kfp %D%/std/data.kfp %D%/std/download.py \
	%D%/std/estimators.py %D%/std/http.kfp %D%/std/model.kfp %D%/std/notify.kfp \
	%D%/std/pages.py %D%/std/post.py %D%/std/report.kfp %D%/std/sklearn.kfp
EMBED += $(STDLIB_FILES)
stdlibdir = $(pkgdatadir)/stdlib/std
stdlib_DATA = $(STDLIB_FILES)

# Its parts in C: shared libraries that kfpc loads, not of its own code.
nativedir = $(pkglibdir)
native_PROGRAMS = %D%/native/kfpc_csv.so
AM_INSTALLCHECK_STD_OPTIONS_EXEMPT = $(native_PROGRAMS)
%C%_native_kfpc_csv_so_CFLAGS = $(AM_CFLAGS) -fPIC
%C%_native_kfpc_csv_so_LDFLAGS = $(AM_LDFLAGS) -shared
%C%_native_kfpc_csv_so_LDADD = -lm
%C%_native_kfpc_csv_so_SOURCES = \
	%D%/native/csv.h %D%/native/csv_describe.c %D%/native/csv_join.c \
	%D%/native/csv_read.c %D%/native/csv_rows.c %D%/native/csv_text.c \
	%D%/native/csv_write.c
