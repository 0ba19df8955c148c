noinst_LIBRARIES += %D%/libbc.a
%C%_libbc_a_SOURCES = \
	%D%/code.c %D%/code.h %D%/config.c %D%/config.h %D%/config_field.c \
	%D%/config_field.h %D%/cron.c %D%/cron.h %D%/dis.c %D%/dis.h %D%/dis_expr.c \
	%D%/explain.c %D%/explain.h %D%/format.h %D%/link.c %D%/load.c \
	%D%/load_section.c %D%/load_section.h %D%/module.c %D%/module.h %D%/save.c \
	%D%/save.h %D%/tree.c %D%/tree.h %D%/verify.c %D%/verify.h %D%/verify_block.c \
	%D%/verify_graph.c %D%/verify_site.c %D%/wire.c %D%/wire.h %D%/expr.def \
	%D%/node.def %D%/ops.def %D%/setting.def
