package main

import (
	"encoding/json"

	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/util/file"
)

// wfDecompress unpacks the nodes of a workflow with many.
func wfDecompress(wf *wfv1.Workflow) error {
	if wf.Status.CompressedNodes == "" {
		return nil
	}
	text, err := file.DecodeDecompressString(background(), wf.Status.CompressedNodes)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), &wf.Status.Nodes)
}
