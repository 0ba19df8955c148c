noinst_LIBRARIES += %D%/libexport.a
%C%_libexport_a_SOURCES = \
	%D%/argo/argo.c %D%/argo/argo_cond.c %D%/argo/argo_container.c \
	%D%/argo/argo_dag.c %D%/argo/argo_doc.c %D%/argo/argo_group.c \
	%D%/argo/argo_int.h %D%/argo/argo_kubernetes.c %D%/argo/argo_leaf.c \
	%D%/argo/argo_limit.c %D%/argo/argo_load.c %D%/argo/argo_loop.c \
	%D%/argo/argo_memo.c %D%/argo/argo_node.c %D%/argo/argo_part.c \
	%D%/argo/argo_pod.c %D%/argo/argo_pod.h %D%/argo/argo_readback.c \
	%D%/argo/argo_setting.c %D%/argo/argo_tell.c %D%/argo/argo_text.c \
	%D%/argo/argo_tidy.c %D%/argo/argo_write.c %D%/bake.c %D%/bake.h %D%/block.c \
	%D%/block.h %D%/component.c %D%/export.c %D%/export.h %D%/graph/dot.c \
	%D%/graph/graph.c %D%/graph/graph.h %D%/graph/graph_int.h \
	%D%/graph/graph_json.c %D%/graph/graph_make.c %D%/graph/graph_order.c \
	%D%/graph/graph_part.c %D%/graph/graph_run.c %D%/graph/graph_run.h \
	%D%/graph/mermaid.c %D%/image.c %D%/image.h %D%/kfp/kfp.c \
	%D%/kfp/kfp_branch.c %D%/kfp/kfp_cel.c %D%/kfp/kfp_component.c \
	%D%/kfp/kfp_container.c %D%/kfp/kfp_dag.c %D%/kfp/kfp_fate.c \
	%D%/kfp/kfp_header.c %D%/kfp/kfp_int.h %D%/kfp/kfp_kubernetes.c \
	%D%/kfp/kfp_load.c %D%/kfp/kfp_loop.c %D%/kfp/kfp_node.c \
	%D%/kfp/kfp_readback.c %D%/kfp/kfp_runtime.c %D%/kfp/kfp_setting.c \
	%D%/kfp/kfp_try.c %D%/kfp/kfp_type.c %D%/kfp/kfp_value.c \
	%D%/readback/readback.c %D%/readback/readback.h %D%/readback/readback_file.c \
	%D%/readback/readback_int.h %D%/readback/readback_module.c \
	%D%/readback/readback_text.c %D%/setting.c %D%/setting.h %D%/spec.c \
	%D%/spec.h %D%/tree_json.c %D%/tree_json.h %D%/yaml/yaml.c %D%/yaml/yaml.h \
	%D%/yaml/yaml_block.c %D%/yaml/yaml_check.c %D%/yaml/yaml_int.h \
	%D%/yaml/yaml_scalar.c %D%/export.def
EMBED += %D%/argo/argo_launch.py %D%/argo/argo_run.py %D%/kfp/kfp_fate.py \
	%D%/kfp/kfp_launch.py %D%/kfp/kfp_runtime.py %D%/launch/launch.py \
	%D%/launch/launch_code.py %D%/launch/launch_container.py \
	%D%/launch/launch_load.py %D%/launch/launch_notebook.py \
	%D%/launch/launch_tree.py
