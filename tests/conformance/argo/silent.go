package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
)

const maxObject = 1 << 20 // bytes of JSON that a workflow may have

// silent finds what Argo's linter lets pass and a run then does wrong, or not as it is read.
func silent(docs []*document, t templates) []string {
	s := &silence{templates: t, seen: map[string]bool{}}
	for _, d := range docs {
		s.place = d.String()
		switch d.object.GetKind() {
		case "Workflow", "WorkflowTemplate":
			if w, err := fromObject[wfv1.Workflow](d.object); err == nil {
				s.spec(&w.Spec)
			}
		case "CronWorkflow":
			if w, err := fromObject[wfv1.CronWorkflow](d.object); err == nil {
				s.spec(&w.Spec.WorkflowSpec)
			}
		default:
			continue
		}
		if text, _ := json.Marshal(d.object.Object); len(text) > maxObject {
			s.say("the object has %d bytes, Argo takes %d", len(text), maxObject)
		}
	}
	s.accounts(docs)
	return s.findings
}

// A silence collects findings; place says where the next one is.
type silence struct {
	templates templates
	place     string
	findings  []string
	seen      map[string]bool
	workflow  *wfv1.WorkflowSpec
}

func (s *silence) say(form string, args ...any) {
	text := s.place + ": silent: " + fmt.Sprintf(form, args...)
	if !s.seen[text] {
		s.seen[text] = true
		s.findings = append(s.findings, text)
	}
}

// in names a part of the object while f looks at it.
func (s *silence) in(part string, f func()) {
	old := s.place
	s.place += ": " + part
	f()
	s.place = old
}

func (s *silence) spec(spec *wfv1.WorkflowSpec) {
	s.workflow = spec
	if ref := spec.WorkflowTemplateRef; ref != nil && !ref.ClusterScope {
		if w := s.templates[ref.Name]; w != nil {
			s.workflowArguments(spec, &w.Spec)
			s.workflow = &w.Spec
		}
	}
	if gc := spec.PodGC; gc != nil && gc.DeleteDelayDuration != "" {
		s.duration("podGC.deleteDelayDuration", gc.DeleteDelayDuration)
	}
	for name, h := range spec.Hooks {
		if s.find(h.Template, h.TemplateRef) == nil {
			s.say("hook %s names no template", name)
		}
	}
	for i := range spec.Templates {
		s.in("template "+spec.Templates[i].Name, func() { s.template(&spec.Templates[i]) })
	}
}

func (s *silence) workflowArguments(spec, of *wfv1.WorkflowSpec) {
	for _, p := range spec.Arguments.Parameters {
		if of.Arguments.GetParameterByName(p.Name) == nil {
			s.say("argument %s is no parameter of the workflow template", p.Name)
		}
	}
}

func (s *silence) duration(what, text string) {
	if _, err := time.ParseDuration(text); err != nil {
		s.say("%s %q is no duration", what, text)
	}
}

// find looks a template up in the object or in those that are referred to.
func (s *silence) find(name string, ref *wfv1.TemplateRef) *wfv1.Template {
	spec := s.workflow
	if ref != nil {
		name = ref.Template
		w := s.templates[ref.Name]
		if w == nil {
			return nil
		}
		spec = &w.Spec
	}
	for i := range spec.Templates {
		if spec.Templates[i].Name == name {
			return &spec.Templates[i]
		}
	}
	return nil
}

func (s *silence) template(t *wfv1.Template) {
	for _, p := range t.Inputs.Parameters {
		if len(p.Enum) > 0 && t.Suspend == nil {
			s.say("enum of input %s is never looked at", p.Name)
		}
	}
	s.memoize(t)
	s.retry(t)
	switch {
	case t.DAG != nil:
		s.dag(t)
	case t.Container != nil:
		if len(t.Container.Command) == 0 {
			s.say("container has no command")
		}
		s.code(append(slices.Clone(t.Container.Command), t.Container.Args...))
	case t.Script != nil:
		if len(t.Script.Command) == 0 {
			s.say("script has no command")
		}
		if strings.Contains(t.Script.Source, "{{") {
			s.say("a value is put into code: script")
		}
	}
	if t.DAG == nil && t.Steps == nil {
		s.tags(t, &scope{template: t, roots: leafRoots})
	}
}

// code finds values that are put into code: the word after -c and the like.
func (s *silence) code(words []string) {
	for i, w := range words {
		if i > 0 && (words[i-1] == "-c" || words[i-1] == "-e" || words[i-1] == "-ec" ||
			words[i-1] == "-euc") && valueTag.MatchString(w) {
			s.say("a value is put into code: %s", w)
		}
	}
}

var valueTag = regexp.MustCompile(`\{\{=?\s*(inputs\.parameters|workflow\.parameters|item|tasks|steps)`)

var memoKey = regexp.MustCompile(`^[a-zA-Z0-9][-a-zA-Z0-9]*$`)

func (s *silence) memoize(t *wfv1.Template) {
	m := t.Memoize
	if m == nil {
		return
	}
	if k := anyTag.ReplaceAllString(m.Key, "x"); !memoKey.MatchString(k) {
		s.say("key of the cache %q has characters that are refused at run time", m.Key)
	}
	for _, tag := range anyTag.FindAllString(m.Key, -1) {
		if !strings.Contains(tag, "sha256sum") && !strings.HasPrefix(tag, "{{workflow.") {
			s.say("key of the cache holds %s, which may be anything", tag)
		}
	}
	if m.MaxAge != "" {
		s.duration("maxAge", m.MaxAge)
	}
}

func (s *silence) retry(t *wfv1.Template) {
	r := t.RetryStrategy
	if r == nil {
		return
	}
	if r.Limit != nil && r.Limit.StrVal != "" && !regexp.MustCompile(`^\d+$`).MatchString(r.Limit.StrVal) &&
		!strings.Contains(r.Limit.StrVal, "{{") {
		s.say("retry limit %q is no number", r.Limit.StrVal)
	}
	if b := r.Backoff; b != nil {
		if b.Duration == "" {
			s.say("backoff has no duration")
		} else if !regexp.MustCompile(`^(\d+|\{\{[^{}]+\}\})$`).MatchString(b.Duration) {
			s.duration("backoff.duration", b.Duration)
		}
	}
	if r.Expression != "" {
		s.expression(r.Expression, &scope{template: t, roots: append(leafRoots, "lastRetry"),
			values: map[string]any{"lastRetry": map[string]string{}}})
	}
}

// accounts looks after the rights of pods, where the files say anything of rights.
func (s *silence) accounts(docs []*document) {
	names, granted := map[string]bool{}, false
	for _, d := range docs {
		switch d.object.GetKind() {
		case "ServiceAccount":
			names[d.object.GetName()] = true
		case "Role":
			granted = granted || grants(d.object)
		}
	}
	if len(names) == 0 {
		return
	}
	if !granted {
		s.findings = append(s.findings, "silent: no role may create and patch workflowtaskresults")
	}
	for _, d := range docs {
		account, found, _ := nestedString(d.object, "spec", "serviceAccountName")
		if found && !names[account] {
			s.findings = append(s.findings,
				fmt.Sprintf("%s: silent: there is no service account %s", d, account))
		}
	}
}

func grants(role *object) bool {
	text, _ := json.Marshal(role.Object["rules"])
	for _, word := range []string{`"argoproj.io"`, `"workflowtaskresults"`, `"create"`, `"patch"`} {
		if !strings.Contains(string(text), word) {
			return false
		}
	}
	return true
}

// A dagScope says which tasks there are, and which come before which.
type dagScope struct {
	tasks map[string]*wfv1.DAGTask
	time  time.Time
}

func (d *dagScope) GetTask(ctx ctxType, name string) *wfv1.DAGTask { return d.tasks[name] }

func (d *dagScope) GetTaskDependencies(ctx ctxType, name string) []string {
	found, _ := d.depends(name)
	return found
}

func (d *dagScope) GetTaskFinishedAtTime(ctx ctxType, name string) time.Time { return d.time }

// depends returns the tasks that one waits for, and the condition in full.
func (d *dagScope) depends(name string) ([]string, string) {
	task := d.tasks[name]
	if task == nil {
		return nil, ""
	}
	for _, word := range regexp.MustCompile(`[a-zA-Z0-9][-a-zA-Z0-9]*`).FindAllString(task.Depends, -1) {
		if d.tasks[word] == nil && !resultWord[word] {
			return nil, task.Depends // Argo's linter says so
		}
	}
	found, logic := common.GetTaskDependencies(background(), task, d)
	var names []string
	for n := range found {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, logic
}

// before returns the tasks that have ended when one begins.  Argo's own function for it does not
// return where there is a cycle, which its linter reports.
func (d *dagScope) before(name string) []string {
	seen := map[string]bool{}
	next, _ := d.depends(name)
	for len(next) > 0 {
		n := next[0]
		next = next[1:]
		if !seen[n] {
			seen[n] = true
			more, _ := d.depends(n)
			next = append(next, more...)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

var resultWord = map[string]bool{"Succeeded": true, "Failed": true, "Errored": true, "Skipped": true,
	"Omitted": true, "Daemoned": true, "AnySucceeded": true, "AllFailed": true}

func (s *silence) dag(t *wfv1.Template) {
	d := &dagScope{tasks: map[string]*wfv1.DAGTask{}}
	for i := range t.DAG.Tasks {
		d.tasks[t.DAG.Tasks[i].Name] = &t.DAG.Tasks[i]
	}
	for i := range t.DAG.Tasks {
		task := &t.DAG.Tasks[i]
		s.in("task "+task.Name, func() { s.task(t, d, task) })
	}
	all := &scope{template: t, dag: d, roots: []string{"inputs", "tasks", "workflow", "steps"}}
	s.in("outputs", func() { s.dagOutputs(t, all) })
}

func (s *silence) task(t *wfv1.Template, d *dagScope, task *wfv1.DAGTask) {
	s.condition(d, task)
	called := task.Inline
	if called == nil {
		called = s.find(task.Template, task.TemplateRef)
	}
	s.arguments(&task.Arguments, called)
	own := &scope{template: t, dag: d, task: task,
		before: d.before(task.Name),
		roots:  []string{"inputs", "tasks", "workflow", "node"}}
	if task.ShouldExpand() {
		own.roots = append(own.roots, "item")
		if task.When != "" {
			s.say("a loop with `when` counts as succeeded when it is skipped")
		}
	}
	if task.When != "" {
		s.when(task.When)
	}
	body := *task
	body.Inline, body.Hooks = nil, nil
	s.tags(&body, own)
	for name, h := range task.Hooks {
		s.in("hook "+string(name), func() { s.hook(string(name), &h, own) })
	}
}

// condition compiles `depends` as the controller does, where a `-` in a name becomes `_`.
func (s *silence) condition(d *dagScope, task *wfv1.DAGTask) {
	names, logic := d.depends(task.Name)
	if logic == "" {
		return
	}
	results := map[string]any{}
	for _, n := range names {
		states := map[string]bool{}
		for word := range resultWord {
			states[word] = true
		}
		results[strings.ReplaceAll(n, "-", "_")] = states
	}
	if err := compile(strings.ReplaceAll(logic, "-", "_"), results, true); err != nil {
		s.say("depends %q: %s", task.Depends, firstLine(err))
	}
}

func (s *silence) arguments(args *wfv1.Arguments, called *wfv1.Template) {
	if called == nil {
		s.say("the template that it calls is not here")
		return
	}
	for _, p := range args.Parameters {
		if called.Inputs.GetParameterByName(p.Name) == nil {
			s.say("argument %s is no input of template %s", p.Name, called.Name)
		}
	}
	for _, a := range args.Artifacts {
		if called.Inputs.GetArtifactByName(a.Name) == nil {
			s.say("artifact %s is no input of template %s", a.Name, called.Name)
		}
	}
}

func (s *silence) hook(name string, h *wfv1.LifecycleHook, own *scope) {
	if name != "exit" && h.Expression == "" {
		s.say("it has no expression")
	}
	called := s.find(h.Template, h.TemplateRef)
	if called == nil {
		s.say("it names no template")
		return
	}
	s.arguments(&h.Arguments, called)
	with := *own
	with.before = append(slices.Clone(own.before), own.task.Name)
	if h.Expression != "" {
		s.expression(h.Expression, &with)
	}
	s.tags(h.Arguments, &with)
}

func (s *silence) dagOutputs(t *wfv1.Template, all *scope) {
	for _, p := range t.Outputs.Parameters {
		if p.ValueFrom == nil {
			continue
		}
		if p.ValueFrom.Expression != "" {
			s.expression(p.ValueFrom.Expression, all)
		}
		if p.ValueFrom.Default == nil && p.ValueFrom.Parameter != "" {
			s.mayBeSkipped(p.ValueFrom.Parameter, all, "output "+p.Name+" has no default and")
		}
	}
	for _, a := range t.Outputs.Artifacts {
		if a.FromExpression != "" {
			s.expression(a.FromExpression, all)
		}
		if !a.Optional && a.From != "" {
			s.mayBeSkipped(a.From, all, "output "+a.Name+" is not optional and")
		}
	}
	s.tags(t.Outputs, all)
}

// mayBeSkipped finds what is read from a task that may make nothing.
func (s *silence) mayBeSkipped(text string, c *scope, what string) {
	for _, m := range taskTag.FindAllStringSubmatch(text, -1) {
		if task := c.dag.tasks[m[1]]; task != nil && (task.When != "" || task.WithParam != "") {
			s.say("%s reads task %s, which may be skipped", what, m[1])
		}
	}
}

var taskTag = regexp.MustCompile(`\{\{tasks\.([-a-zA-Z0-9]+)\.outputs\.`)

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
