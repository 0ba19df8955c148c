# The standard library: its texts are carried by the program; a copy to read is installed.
noinst_LIBRARIES += %D%/libstdlib.a
%C%_libstdlib_a_SOURCES = \
	%D%/library.c %D%/library.h
STDLIB_KFP = %D%/std/data.kfp
EMBED += $(STDLIB_KFP)
stdlibdir = $(pkgdatadir)/stdlib/std
stdlib_DATA = $(STDLIB_KFP)
