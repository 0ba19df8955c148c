noinst_LIBRARIES += %D%/libexport.a
%C%_libexport_a_SOURCES = \
	%D%/dot.c %D%/export.c %D%/export.h %D%/graph.c %D%/graph.h %D%/graph_int.h \
	%D%/graph_json.c %D%/graph_make.c %D%/graph_order.c %D%/graph_run.c \
	%D%/graph_run.h %D%/mermaid.c %D%/export.def
