include compiler/front/local.mk
include compiler/sema/local.mk
include compiler/ir/local.mk
include compiler/export/local.mk
include compiler/tool/local.mk
include compiler/lsp/local.mk
include compiler/repl/local.mk
include compiler/cli/local.mk
