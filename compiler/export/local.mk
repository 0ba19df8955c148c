noinst_LIBRARIES += %D%/libexport.a
%C%_libexport_a_SOURCES = \
	%D%/argo.c %D%/argo_cond.c %D%/argo_container.c %D%/argo_dag.c %D%/argo_doc.c \
	%D%/argo_group.c %D%/argo_int.h %D%/argo_kubernetes.c %D%/argo_leaf.c \
	%D%/argo_limit.c %D%/argo_load.c %D%/argo_loop.c %D%/argo_memo.c \
	%D%/argo_node.c %D%/argo_part.c %D%/argo_pod.c %D%/argo_pod.h \
	%D%/argo_readback.c %D%/argo_setting.c %D%/argo_tell.c %D%/argo_text.c \
	%D%/argo_tidy.c %D%/argo_write.c %D%/bake.c %D%/bake.h %D%/block.c \
	%D%/block.h %D%/component.c %D%/dot.c %D%/export.c %D%/export.h %D%/graph.c \
	%D%/graph.h %D%/graph_int.h %D%/graph_json.c %D%/graph_make.c \
	%D%/graph_order.c %D%/graph_part.c %D%/graph_run.c %D%/graph_run.h \
	%D%/image.c %D%/image.h %D%/kfp.c %D%/kfp_branch.c %D%/kfp_cel.c \
	%D%/kfp_component.c %D%/kfp_container.c %D%/kfp_dag.c %D%/kfp_fate.c \
	%D%/kfp_header.c %D%/kfp_int.h %D%/kfp_kubernetes.c %D%/kfp_load.c \
	%D%/kfp_loop.c %D%/kfp_node.c %D%/kfp_readback.c %D%/kfp_runtime.c \
	%D%/kfp_setting.c %D%/kfp_try.c %D%/kfp_type.c %D%/kfp_value.c %D%/mermaid.c \
	%D%/readback.c %D%/readback.h %D%/readback_file.c %D%/readback_int.h \
	%D%/readback_module.c %D%/readback_text.c %D%/setting.c %D%/setting.h \
	%D%/spec.c %D%/spec.h %D%/tree_json.c %D%/tree_json.h %D%/yaml.c %D%/yaml.h \
	%D%/yaml_block.c %D%/yaml_check.c %D%/yaml_int.h %D%/yaml_scalar.c \
	%D%/export.def
EMBED += %D%/argo_launch.py %D%/argo_run.py %D%/kfp_fate.py %D%/kfp_launch.py \
	%D%/kfp_runtime.py %D%/launch.py %D%/launch_code.py %D%/launch_container.py \
	%D%/launch_load.py %D%/launch_notebook.py %D%/launch_tree.py
