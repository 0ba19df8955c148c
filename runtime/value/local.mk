noinst_LIBRARIES += %D%/libvalue.a
%C%_libvalue_a_SOURCES = \
	%D%/arith.c %D%/arith.h %D%/builtin.c %D%/builtin_int.h %D%/builtin_list.c \
	%D%/builtin_text.c %D%/format.c %D%/json.c %D%/json.h %D%/json_type.c \
	%D%/number.c %D%/number.h %D%/ops.c %D%/ops.h %D%/print.c %D%/type.c \
	%D%/type.h %D%/type_json.c %D%/value.c %D%/value.h %D%/yaml_plain.c \
	%D%/yaml_read.c %D%/yaml_read.h %D%/builtin.def %D%/ops.def %D%/type.def
