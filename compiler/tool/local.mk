noinst_LIBRARIES += %D%/libtool.a
%C%_libtool_a_SOURCES = \
	%D%/diff.c %D%/diff.h %D%/fmt.c %D%/fmt.h %D%/reference.c %D%/reference.h \
	%D%/reference_print.c %D%/spark.c %D%/spark.h
