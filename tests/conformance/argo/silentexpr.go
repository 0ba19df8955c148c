package main

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/Knetic/govaluate"
	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	exprenv "github.com/argoproj/argo-workflows/v4/util/expr/env"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type ctxType = context.Context

func nestedString(o *object, fields ...string) (string, bool, error) {
	return unstructured.NestedString(o.Object, fields...)
}

// A scope is what a text may name.
type scope struct {
	template *wfv1.Template
	dag      *dagScope
	task     *wfv1.DAGTask // whose arguments these are, or nil
	before   []string      // the tasks that have ended then
	roots    []string
	values   map[string]any // of known type
}

var leafRoots = []string{"inputs", "outputs", "workflow", "pod", "node", "retries",
	"duration", "status", "exitCode"}

var anyTag = regexp.MustCompile(`(?s)\{\{.*?\}\}`)

// tags looks at every tag in every text of an object.
func (s *silence) tags(v any, c *scope) {
	bytes, err := json.Marshal(v)
	if err != nil {
		return
	}
	var plainValue any
	if json.Unmarshal(bytes, &plainValue) == nil {
		s.tagsIn(plainValue, c)
	}
}

func (s *silence) tagsIn(v any, c *scope) {
	switch v := v.(type) {
	case string:
		for _, tag := range anyTag.FindAllString(v, -1) {
			s.tag(strings.TrimSpace(tag[2:len(tag)-2]), c)
		}
	case []any:
		for _, e := range v {
			s.tagsIn(e, c)
		}
	case map[string]any:
		for _, e := range v {
			s.tagsIn(e, c)
		}
	}
}

func (s *silence) tag(text string, c *scope) {
	if code, isExpression := strings.CutPrefix(text, "="); isExpression {
		s.expression(code, c)
		return
	}
	path := strings.Split(text, ".")
	switch {
	case !slices.Contains(c.roots, path[0]) && path[0] == "item":
		s.say("{{%s}} is not in a loop", text)
	case !slices.Contains(c.roots, path[0]):
		s.say("{{%s}} is no variable", text)
	default:
		s.path(path, "{{"+text+"}}", c)
	}
}

// path looks at a name as far as it is known what may stand there.
func (s *silence) path(path []string, text string, c *scope) {
	part := func(i int) string {
		if i < len(path) {
			return path[i]
		}
		return ""
	}
	switch path[0] {
	case "inputs":
		s.inputPath(part(1), part(2), text, c)
	case "workflow":
		if part(1) == "parameters" && part(2) != "" && part(2) != "json" && s.workflow != nil &&
			s.workflow.Arguments.GetParameterByName(part(2)) == nil {
			s.say("%s: the workflow has no such parameter", text)
		}
	case "tasks":
		if c.dag == nil {
			s.say("%s is not in a DAG", text)
		} else if part(1) != "" && part(1) != "name" {
			s.taskPath(path, text, c)
		}
	}
}

func (s *silence) inputPath(kind, name, text string, c *scope) {
	known := kind == "" || name == "" ||
		kind == "parameters" && c.template.Inputs.GetParameterByName(name) != nil ||
		kind == "artifacts" && c.template.Inputs.GetArtifactByName(name) != nil
	if kind != "" && kind != "parameters" && kind != "artifacts" || !known {
		s.say("%s: the template has no such input", text)
	}
}

func (s *silence) taskPath(path []string, text string, c *scope) {
	task := c.dag.tasks[path[1]]
	if task == nil {
		s.say("%s: there is no task %s", text, path[1])
		return
	}
	if c.task != nil && !slices.Contains(c.before, path[1]) {
		s.say("%s: %s does not depend on %s", text, c.task.Name, path[1])
	}
	if len(path) < 5 || path[2] != "outputs" {
		return
	}
	called := task.Inline
	if called == nil {
		called = s.find(task.Template, task.TemplateRef)
	}
	if called == nil {
		return
	}
	known := path[3] == "parameters" && hasOutput(called, path[4]) ||
		path[3] == "artifacts" && called.Outputs.GetArtifactByName(path[4]) != nil
	if !known {
		s.say("%s: template %s has no such output", text, called.Name)
	}
	if c.task != nil && strings.HasPrefix(text, "{{") {
		s.mayBeSkipped(text, c, text)
	}
}

func hasOutput(t *wfv1.Template, name string) bool {
	return slices.ContainsFunc(t.Outputs.Parameters, func(p wfv1.Parameter) bool {
		return p.Name == name
	})
}

// expression looks at code of the language expr.
func (s *silence) expression(code string, c *scope) {
	tree, err := parser.Parse(code)
	if err != nil {
		s.say("expression %q: %s", code, firstLine(err))
		return
	}
	v := &names{local: map[string]bool{}}
	ast.Walk(&tree.Node, v)
	functions := exprenv.GetFuncMap(map[string]any{})
	for _, path := range v.found {
		s.exprPath(path, code, c, functions)
	}
	env := map[string]any{}
	for name, f := range functions {
		env[name] = f
	}
	for _, root := range c.roots {
		env[root] = map[string]any{}
	}
	for name, value := range c.values {
		env[name] = value
	}
	if err := compile(code, env, false); err != nil && !strings.Contains(err.Error(), "unknown name") {
		s.say("expression %q: %s", code, firstLine(err))
	}
}

func (s *silence) exprPath(path []string, code string, c *scope, functions map[string]any) {
	switch {
	case path[0] == "sprig" && len(path) > 1:
		if sprig, ok := functions["sprig"].(map[string]any); ok && sprig[path[1]] == nil {
			s.say("expression %q: sprig has no function %s", code, path[1])
		}
	case functions[path[0]] != nil:
	case !slices.Contains(c.roots, path[0]):
		s.say("expression %q: %s is no variable", code, path[0])
	default:
		s.path(path, strconv.Quote(code), c)
	}
}

// names collects what an expression names: paths of constant steps from a variable.
type names struct {
	found [][]string
	local map[string]bool
}

func (n *names) Visit(node *ast.Node) {
	switch v := (*node).(type) {
	case *ast.VariableDeclaratorNode:
		n.local[v.Name] = true
	case *ast.IdentifierNode, *ast.MemberNode:
		if path := memberPath(v.(ast.Node)); path != nil && !n.local[path[0]] {
			n.found = append(n.found, path)
		}
	}
}

func memberPath(node ast.Node) []string {
	switch v := node.(type) {
	case *ast.IdentifierNode:
		return []string{v.Value}
	case *ast.ChainNode:
		return memberPath(v.Node)
	case *ast.MemberNode:
		base := memberPath(v.Node)
		step, ok := v.Property.(*ast.StringNode)
		if base == nil || !ok {
			return nil
		}
		return append(slices.Clone(base), step.Value)
	}
	return nil
}

func compile(code string, env map[string]any, isBool bool) error {
	options := []expr.Option{expr.Env(env)}
	if isBool {
		options = append(options, expr.AsBool())
	}
	_, err := expr.Compile(code, options...)
	return err
}

// when parses a condition of the other language, govaluate, with a word for every tag.
func (s *silence) when(text string) {
	if whole := anyTag.FindString(text); whole == text && strings.HasPrefix(whole, "{{=") {
		return // `true` or `false` stands there then
	}
	if _, err := govaluate.NewEvaluableExpression(anyTag.ReplaceAllString(text, "x")); err != nil {
		s.say("when %q: %s", text, firstLine(err))
	}
}
