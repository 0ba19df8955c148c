package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"

	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
	"github.com/argoproj/argo-workflows/v4/workflow/templateresolution"
	"github.com/argoproj/argo-workflows/v4/workflow/validate"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// A linter says what Argo's linter, its CRDs and our own checks find in objects.
type linter struct {
	ctx  context.Context
	crds *crds // or nil
}

// lint looks at files that belong together: references are looked up among them.
func (l *linter) lint(files []string) []string {
	docs, findings := readDocuments(files)
	if len(docs) == 0 {
		return append(findings, fmt.Sprintf("%v: nothing to lint", files))
	}
	t := templates{}
	for _, d := range docs {
		if w, err := fromObject[wfv1.WorkflowTemplate](d.object); err == nil &&
			d.object.GetKind() == "WorkflowTemplate" {
			t[w.Name] = w
		}
	}
	for _, d := range docs {
		if err := l.argo(d, t); err != nil {
			findings = append(findings, fmt.Sprintf("%s: %v", d, err))
		}
		if l.crds != nil {
			for _, f := range l.crds.check(d.object) {
				findings = append(findings, fmt.Sprintf("%s: crd: %s", d, f))
			}
		}
	}
	return append(findings, silent(docs, t)...)
}

// argo does what `argo lint --offline --strict` does, and no less for the objects beside.
func (l *linter) argo(d *document, t templates) error {
	if resourceOfKind(d.object.GetAPIVersion(), d.object.GetKind()) == nil {
		return fmt.Errorf("no such kind: %s %s", d.object.GetAPIVersion(), d.object.GetKind())
	}
	if d.object.GroupVersionKind().Group != "argoproj.io" {
		return strictCore(d)
	}
	options := validate.ValidateOpts{Lint: true}
	for _, r := range common.ParseObjects(l.ctx, d.text, true) {
		if r.Err != nil {
			return r.Err
		}
		var err error
		switch o := r.Object.(type) {
		case *wfv1.Workflow:
			t.submit(o)
			err = validate.ValidateWorkflow(l.ctx, t, noClusterTemplates{}, o, nil, options)
		case *wfv1.WorkflowTemplate:
			err = validate.ValidateWorkflowTemplate(l.ctx, t, noClusterTemplates{}, o, nil, options)
		case *wfv1.CronWorkflow:
			err = validate.ValidateCronWorkflow(l.ctx, t, noClusterTemplates{}, o, nil)
		default:
			err = fmt.Errorf("%T is not linted", o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// strictCore decodes an object of Kubernetes itself: no field may be unknown or twice.
func strictCore(d *document) error {
	var o any
	switch d.object.GetKind() {
	case "ConfigMap":
		o = &corev1.ConfigMap{}
	case "Secret":
		o = &corev1.Secret{}
	case "ServiceAccount":
		o = &corev1.ServiceAccount{}
	case "PersistentVolumeClaim":
		o = &corev1.PersistentVolumeClaim{}
	case "Role":
		o = &rbacv1.Role{}
	case "RoleBinding":
		o = &rbacv1.RoleBinding{}
	default:
		return fmt.Errorf("%s is not expected here", d.object.GetKind())
	}
	if d.object.GetName() == "" {
		return fmt.Errorf("metadata.name is missing")
	}
	text, err := yaml.YAMLToJSONStrict(d.text)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(o)
}

// templates are those of the files that are linted together.
type templates map[string]*wfv1.WorkflowTemplate

var _ templateresolution.WorkflowTemplateNamespacedGetter = templates{}

func (t templates) Get(_ context.Context, name string) (*wfv1.WorkflowTemplate, error) {
	if w := t[name]; w != nil {
		return w.DeepCopy(), nil
	}
	return nil, fmt.Errorf("WorkflowTemplate %q is not in these files", name)
}

// submit gives a value to what has none, as `argo submit -p` will.
func (t templates) submit(wf *wfv1.Workflow) {
	wanted := wf.Spec.Arguments.Parameters
	if ref := wf.Spec.WorkflowTemplateRef; ref != nil && t[ref.Name] != nil {
		wanted = append(slices.Clone(wanted), t[ref.Name].Spec.Arguments.Parameters...)
		t.submitArtifacts(wf, t[ref.Name])
	}
	rest := wf.Spec.Arguments.Parameters[:0:0]
	for _, p := range wanted {
		if slices.ContainsFunc(rest, func(o wfv1.Parameter) bool { return o.Name == p.Name }) {
			continue
		}
		if p.Value == nil && p.ValueFrom == nil {
			p.Value = wfv1.AnyStringPtr("given")
		}
		rest = append(rest, p)
	}
	wf.Spec.Arguments.Parameters = rest
}

// submitArtifacts brings what a pipeline takes from outside.
func (t templates) submitArtifacts(wf *wfv1.Workflow, of *wfv1.WorkflowTemplate) {
	main := of.GetTemplateByName(of.Spec.Entrypoint)
	if main == nil {
		return
	}
	for _, a := range main.Inputs.Artifacts {
		if wf.Spec.Arguments.GetArtifactByName(a.Name) == nil && !a.Optional {
			a.ArtifactLocation = wfv1.ArtifactLocation{Raw: &wfv1.RawArtifact{Data: "given"}}
			wf.Spec.Arguments.Artifacts = append(wf.Spec.Arguments.Artifacts, a)
		}
	}
}

type noClusterTemplates struct{}

func (noClusterTemplates) Get(_ context.Context, name string) (*wfv1.ClusterWorkflowTemplate, error) {
	return nil, fmt.Errorf("ClusterWorkflowTemplate %q is not in these files", name)
}

// lintCommand reads lists of files, one JSON list a line, where no files are given, and prints
// a JSON list of what was found for each; else it prints what was found, a line each.
func lintCommand(args []string) int {
	flags := flag.NewFlagSet("lint", flag.ExitOnError)
	folder := flags.String("crds", "", "folder of the full CRDs")
	flags.Parse(args)
	l := &linter{ctx: background()}
	if *folder != "" {
		var err error
		if l.crds, err = loadCRDs(*folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
	}
	if flags.NArg() == 0 {
		return l.batch()
	}
	findings := l.lint(flags.Args())
	for _, f := range findings {
		fmt.Println(f)
	}
	if len(findings) > 0 {
		return 1
	}
	return 0
}

func (l *linter) batch() int {
	in := json.NewDecoder(os.Stdin)
	var group sync.WaitGroup
	var results []*[]string
	places := make(chan struct{}, 2)
	for in.More() {
		var files []string
		if err := in.Decode(&files); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		found := &[]string{}
		results = append(results, found)
		places <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			*found = append(*found, l.lint(files)...)
			<-places
		}()
	}
	group.Wait()
	for _, r := range results {
		json.NewEncoder(os.Stdout).Encode(*r)
	}
	return 0
}
