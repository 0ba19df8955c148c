package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/util/logging"
	"github.com/argoproj/argo-workflows/v4/workflow/common"

	"argojudge/podjob"
)

// A job is a workflow to run: the objects of some files, in a namespace of their own.
type job struct {
	Name       string            `json:"name"`
	Files      []string          `json:"files"`
	Parameters map[string]string `json:"parameters"`
	Seconds    int               `json:"seconds"` // at most; 0: 60
	Shared     []string          `json:"shared"`  // folders of the machine that all pods see
}

// A node is what became of a node of a workflow.
type node struct {
	Type     string         `json:"type"`
	State    string         `json:"state"`
	Template string         `json:"template,omitempty"`
	Message  string         `json:"message,omitempty"`
	Outputs  map[string]any `json:"outputs,omitempty"`
	Attempts int            `json:"attempts,omitempty"`
	Log      string         `json:"log,omitempty"`
}

// A verdict is what became of a job.
type verdict struct {
	Name    string           `json:"name"`
	Error   string           `json:"error,omitempty"` // it could not be tried
	State   string           `json:"state"`
	Message string           `json:"message,omitempty"`
	Outputs map[string]any   `json:"outputs"`
	Tasks   map[string]*node `json:"tasks"` // what ran pods, or would have
	Nodes   map[string]*node `json:"nodes"` // the others: DAGs, loops
}

var workflows = findResource("argoproj.io", "workflows")

// run tries a job; number makes its namespace.
func (c *cluster) run(j *job, number int) *verdict {
	v := &verdict{Name: j.Name, State: "none"}
	namespace := fmt.Sprintf("n%d", number)
	c.kubelet.share(namespace, j.Shared)
	docs, findings := readDocuments(j.Files)
	if len(findings) > 0 {
		v.Error = strings.Join(findings, "\n")
		return v
	}
	wf, err := c.submit(docs, namespace, j)
	for try := 0; err == nil && try < 100 && (try == 0 || behind(v)); try++ {
		var created *object
		if created, err = c.store.create(workflows, namespace, wf); err == nil {
			err = c.finish(v, created.GetName(), namespace, j)
		}
	}
	if err != nil {
		v.Error = err.Error()
	}
	return v
}

// behind says that the controller had not yet heard of a workflow template that is there.
func behind(v *verdict) bool {
	return v.State == "error" && len(v.Nodes) == 0 &&
		strings.HasPrefix(v.Message, "workflowtemplates.argoproj.io ")
}

// submit creates all objects in the namespace but the workflow, which it returns.
func (c *cluster) submit(docs []*document, namespace string, j *job) (*object, error) {
	var wf *object
	for _, d := range docs {
		res := resourceOfKind(d.object.GetAPIVersion(), d.object.GetKind())
		if res == nil {
			return nil, fmt.Errorf("%s: kind is not known", d)
		}
		o := d.object.DeepCopy()
		isolate(o.Object, namespace)
		if err := decodes(o); err != nil {
			return nil, fmt.Errorf("%s: %w", d, err)
		}
		switch res.kind {
		case "Workflow":
			if wf != nil {
				return nil, fmt.Errorf("%s: a second workflow", d)
			}
			wf = o
			continue
		case "CronWorkflow":
			continue
		}
		if _, err := c.store.create(res, namespace, o); err != nil {
			return nil, err
		}
	}
	var err error
	if wf == nil {
		if wf, err = starter(docs, namespace); err != nil {
			return nil, err
		}
	}
	if wf.GetName() != "" {
		wf.SetGenerateName(wf.GetName() + "-")
		wf.SetName("")
	}
	return wf, parameters(wf, j.Parameters)
}

// decodes says whether an object of Argo has the types that it should: the API server would see
// to that, and the controller relies on it.
func decodes(o *object) error {
	var err error
	switch o.GetKind() {
	case "Workflow":
		_, err = fromObject[wfv1.Workflow](o)
	case "WorkflowTemplate":
		_, err = fromObject[wfv1.WorkflowTemplate](o)
	case "CronWorkflow":
		_, err = fromObject[wfv1.CronWorkflow](o)
	}
	return err
}

// starter makes a workflow that runs what is there: the only schedule, or the only template.
func starter(docs []*document, namespace string) (*object, error) {
	for _, kind := range []string{"CronWorkflow", "WorkflowTemplate"} {
		for _, d := range docs {
			if d.object.GetKind() != kind {
				continue
			}
			if kind == "WorkflowTemplate" {
				return toObject(common.NewWorkflowFromWorkflowTemplate(d.object.GetName(), false)), nil
			}
			cron, err := fromObject[wfv1.CronWorkflow](d.object)
			if err != nil {
				return nil, err
			}
			wf := toObject(common.ConvertCronWorkflowToWorkflow(cron))
			isolate(wf.Object, namespace)
			return wf, nil
		}
	}
	return nil, fmt.Errorf("there is nothing to run")
}

// isolate changes what would make runs wait or see each other: the time between tries, and the
// names of caches, which live in the controller's namespace.
func isolate(v any, namespace string) {
	switch v := v.(type) {
	case map[string]any:
		if backoff, ok := v["backoff"].(map[string]any); ok && backoff["duration"] != nil {
			backoff["duration"] = "1ms"
		}
		if memoize, ok := v["memoize"].(map[string]any); ok {
			cache, _ := memoize["cache"].(map[string]any)
			if cm, ok := cache["configMap"].(map[string]any); ok {
				cm["name"] = fmt.Sprintf("%s-%v", namespace, cm["name"])
			}
		}
		for _, e := range v {
			isolate(e, namespace)
		}
	case []any:
		for _, e := range v {
			isolate(e, namespace)
		}
	}
}

// parameters does what `argo submit -p` does, but an unknown name is an error.
func parameters(wf *object, given map[string]string) error {
	if len(given) == 0 {
		return nil
	}
	spec, _ := wf.Object["spec"].(map[string]any)
	arguments, _ := spec["arguments"].(map[string]any)
	if arguments == nil {
		arguments = map[string]any{}
		spec["arguments"] = arguments
	}
	list, _ := arguments["parameters"].([]any)
	rest := map[string]string{}
	for k, v := range given {
		rest[k] = v
	}
	for _, e := range list {
		p, _ := e.(map[string]any)
		name, _ := p["name"].(string)
		if value, found := rest[name]; found {
			p["value"] = value
			delete(p, "valueFrom")
			delete(rest, name)
		}
	}
	if len(rest) > 0 && spec["workflowTemplateRef"] == nil {
		return fmt.Errorf("no such parameters: %v", rest)
	}
	for k, v := range rest {
		list = append(list, map[string]any{"name": k, "value": v})
	}
	arguments["parameters"] = list
	return nil
}

// finish waits for the end of a workflow.
func (c *cluster) finish(v *verdict, name, namespace string, j *job) error {
	seconds := j.Seconds
	if seconds == 0 {
		seconds = 60
	}
	deadline := time.Now().Add(time.Duration(seconds) * time.Second)
	defer time.AfterFunc(time.Until(deadline), c.store.wake).Stop()
	k := key{workflows, namespace, name}
	for version := int64(0); ; {
		o, err := c.store.get(k)
		if err != nil {
			return err
		}
		done := o.GetLabels()[common.LabelKeyCompleted] == "true"
		if late := time.Now().After(deadline); done || late {
			wf, err := fromObject[wfv1.Workflow](o)
			if err == nil {
				err = c.judge(v, wf, late && !done)
			}
			return err
		}
		e, ok := c.store.next(version, func() bool { return time.Now().After(deadline) })
		if ok {
			version = e.version
		}
	}
}

var states = map[wfv1.NodePhase]string{wfv1.NodeSucceeded: "succeeded", wfv1.NodeFailed: "failed",
	wfv1.NodeError: "error", wfv1.NodeSkipped: "skipped", wfv1.NodeOmitted: "omitted",
	wfv1.NodeRunning: "running", wfv1.NodePending: "pending"}

// A judge turns the status of a workflow into a verdict.
type judge struct {
	*cluster
	wf        *wfv1.Workflow
	folder    string
	parents   map[string]string // of a node, where that is a loop or a task with tries
	addresses map[string]string
}

func (c *cluster) judge(v *verdict, wf *wfv1.Workflow, late bool) error {
	j := &judge{c, wf, filepath.Join(c.kubelet.folder, "artifacts", wf.Namespace),
		map[string]string{}, map[string]string{}}
	v.State, v.Message = states[wfv1.NodePhase(wf.Status.Phase)], wf.Status.Message
	if late {
		v.State, v.Message = "timeout", "it did not end: "+v.Message
	}
	v.Outputs, v.Tasks, v.Nodes = map[string]any{}, map[string]*node{}, map[string]*node{}
	if err := wfDecompress(wf); err != nil {
		return err
	}
	for id, n := range wf.Status.Nodes {
		if n.Type == wfv1.NodeTypeRetry || n.Type == wfv1.NodeTypeTaskGroup {
			for _, child := range n.Children {
				if wf.Status.Nodes[child].BoundaryID == n.BoundaryID {
					j.parents[child] = id
				}
			}
		}
	}
	for _, n := range wf.Status.Nodes {
		if err := j.node(v, &n); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) node(v *verdict, n *wfv1.NodeStatus) error {
	if parent, found := j.wf.Status.Nodes[j.parents[n.ID]]; found &&
		parent.Type == wfv1.NodeTypeRetry && isAttempt(&parent, n) {
		return nil
	}
	found := &node{Type: string(n.Type), State: states[n.Phase], Template: n.TemplateName,
		Message: n.Message}
	if n.TemplateRef != nil {
		found.Template = n.TemplateRef.Template
	}
	var err error
	if found.Outputs, err = j.outputs(n); err != nil {
		return err
	}
	leaf := n
	for _, child := range n.Children {
		c := j.wf.Status.Nodes[child]
		if n.Type == wfv1.NodeTypeRetry && isAttempt(n, &c) {
			found.Attempts++
			leaf = &c
		}
	}
	if leaf.Type == wfv1.NodeTypePod {
		found.Log = j.log(leaf)
	}
	address := j.address(n.ID)
	if n.Type == wfv1.NodeTypePod || n.Type == wfv1.NodeTypeRetry && leaf.Type == wfv1.NodeTypePod {
		v.Tasks[address] = found
	} else {
		v.Nodes[address] = found
	}
	if n.ID == j.wf.Name || n.Name == j.wf.Name {
		v.Outputs = found.Outputs
	}
	return nil
}

// isAttempt tells the tries of a task from what comes after it: they are called TASK(0), TASK(1).
func isAttempt(retry, n *wfv1.NodeStatus) bool {
	rest, found := strings.CutPrefix(n.Name, retry.Name+"(")
	return found && regexp.MustCompile(`^\d+\)$`).MatchString(rest)
}

var iteration = regexp.MustCompile(`(?s)^(.*?)\((\d+)(?::.*)?\)$`)

// address is the path of task names to a node, with [0] after what was repeated: a/loop[0]/b.
func (j *judge) address(id string) string {
	if known, found := j.addresses[id]; found {
		return known
	}
	n := j.wf.Status.Nodes[id]
	name := n.Name
	if outer, found := j.wf.Status.Nodes[n.BoundaryID]; found {
		name = strings.TrimPrefix(name, outer.Name+".")
	}
	if m := iteration.FindStringSubmatch(name); m != nil && j.parents[id] != "" {
		name = m[1] + "[" + m[2] + "]"
	}
	address := ""
	switch {
	case n.BoundaryID != "" && n.BoundaryID != id:
		address = j.address(n.BoundaryID) + "/" + name
	case n.Name != j.wf.Name:
		address = name
	}
	j.addresses[id] = address
	return address
}

func (j *judge) outputs(n *wfv1.NodeStatus) (map[string]any, error) {
	if n.Outputs == nil {
		return nil, nil
	}
	found := map[string]any{}
	for _, p := range n.Outputs.Parameters {
		if p.Value != nil {
			found[p.Name] = p.Value.String()
		}
	}
	for _, a := range n.Outputs.Artifacts {
		k, err := a.GetKey()
		if err != nil || k == "" {
			continue
		}
		path := filepath.Join(j.folder, n.ID, a.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		err = podjob.Load(j.kubelet.bucket(k), path, a.GetArchive().None == nil)
		if err != nil {
			return nil, fmt.Errorf("output %s of %s: %w", a.Name, n.Name, err)
		}
		found[a.Name] = map[string]any{"path": path}
	}
	return found, nil
}

func (j *judge) log(n *wfv1.NodeStatus) string {
	pods := filepath.Join(j.kubelet.folder, "pods", j.wf.Namespace)
	entries, _ := filepath.Glob(filepath.Join(pods, "*"+n.ID[strings.LastIndexByte(n.ID, '-'):], "log"))
	sort.Strings(entries)
	text := ""
	for _, e := range entries {
		data, _ := os.ReadFile(e)
		text += string(data)
	}
	if len(text) > 4000 {
		text = "..." + text[len(text)-4000:]
	}
	return text
}

func background() context.Context {
	logger := logging.NewSlogLoggerCustom(logging.Error, logging.Text, os.Stderr)
	return logging.WithLogger(context.Background(), logger)
}
