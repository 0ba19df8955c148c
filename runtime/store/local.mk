noinst_LIBRARIES += %D%/libstore.a
%C%_libstore_a_SOURCES = \
	%D%/cas.c %D%/cas_export.c %D%/cas_take.c %D%/follow.c %D%/follow.h \
	%D%/fsck.c %D%/fsck.h %D%/index.c %D%/index.h %D%/index_priv.h %D%/list.c \
	%D%/model.c %D%/model.h %D%/priv.h %D%/record.c %D%/record.h %D%/run.c \
	%D%/run.h %D%/run_log.c %D%/run_priv.h %D%/run_sync.c %D%/store.c %D%/store.h \
	%D%/tree.c %D%/tree.h %D%/uuid.c %D%/uuid.h %D%/view.c %D%/view.h \
	%D%/view_metrics.c %D%/view_priv.h %D%/event.def
EMBED += %D%/schema.sql
