# kfpvm links the runtime alone: what it does needs no compiler.
bin_PROGRAMS += kfpvm
kfpvm_SOURCES = %D%/kfpvm.c %D%/rt.h
kfpvm_LDADD = $(RUNTIME_LIBS) $(DEPS_LIBS)
# For the authors of native components.
pkginclude_HEADERS = %D%/exec/native.h

include runtime/base/local.mk
include runtime/value/local.mk
include runtime/bc/local.mk
include runtime/store/local.mk
include runtime/exec/local.mk
include runtime/vm/local.mk
