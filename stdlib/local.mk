# The standard library: the program carries its files; a copy to read is installed.
noinst_LIBRARIES += %D%/libstdlib.a
%C%_libstdlib_a_SOURCES = \
	%D%/library.c %D%/library.h
STDLIB_FILES = \
	%D%/std/data.kfp %D%/std/download.py %D%/std/http.kfp %D%/std/notify.kfp \
	%D%/std/post.py %D%/std/sklearn.kfp
EMBED += $(STDLIB_FILES)
stdlibdir = $(pkgdatadir)/stdlib/std
stdlib_DATA = $(STDLIB_FILES)
