package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// podProgram builds the program that runs pods.
func podProgram(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "pod")
	build := exec.Command("go", "build", "-o", program, "./pod")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// Each file of testdata/run is a workflow, with comments that say what Argo must make of it.
func TestRun(t *testing.T) {
	files, _ := filepath.Glob("testdata/run/*.yaml")
	if len(files) == 0 {
		t.Fatal("there is nothing to run")
	}
	c, err := startCluster(t.TempDir(), podProgram(t), 8)
	if err != nil {
		t.Fatal(err)
	}
	for number, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, _ := os.ReadFile(file)
			j := &job{Name: file, Files: []string{file}, Parameters: map[string]string{}}
			wants := expectations(t, string(text), j)
			v := c.run(j, number)
			if v.Error != "" {
				t.Fatal(v.Error)
			}
			defer func() {
				if t.Failed() {
					text, _ := json.MarshalIndent(v, "", " ")
					t.Logf("%s", text)
				}
			}()
			for _, w := range wants {
				if problem := w.check(v); problem != "" {
					t.Error(problem)
				}
			}
		})
	}
}

// A want is a line `# WHAT NAME: VALUE`.
type want struct {
	what, name, value string
}

var wantLine = regexp.MustCompile(`(?m)^# (?:-p (\w+)=(.*)|(no output|no task) (\S+)|` +
	`(state|message|(?:output|task|attempts) [^:]+): (.*))$`)

func expectations(t *testing.T, text string, j *job) []want {
	var wants []want
	for _, m := range wantLine.FindAllStringSubmatch(text, -1) {
		what, name, _ := strings.Cut(m[5], " ")
		switch {
		case m[1] != "":
			j.Parameters[m[1]] = m[2]
		case m[3] != "":
			wants = append(wants, want{m[3], m[4], ""})
		default:
			wants = append(wants, want{what, name, m[6]})
		}
	}
	if len(wants) == 0 || strings.Count(text, "\n# ") != len(wants)+len(j.Parameters) {
		t.Fatal("some expectation is not understood")
	}
	return wants
}

func (w *want) check(v *verdict) string {
	got := w.find(v)
	wanted := w.value
	if unquoted, err := strconv.Unquote(w.value); err == nil {
		wanted = unquoted
	}
	if w.what == "message" && strings.Contains(got, wanted) || got == wanted {
		return ""
	}
	return fmt.Sprintf("%s %s is %q, not %q", w.what, w.name, got, wanted)
}

func (w *want) find(v *verdict) string {
	switch w.what {
	case "state":
		return v.State
	case "message":
		text := v.Message
		for _, n := range v.Tasks {
			text += n.Message
		}
		return text
	case "output", "no output":
		return outputText(v.Outputs, w.name)
	case "attempts":
		return fmt.Sprint(v.Tasks["/"+w.name].Attempts)
	}
	if n := findNode(v, w.name); n != nil {
		return n.State
	}
	at := strings.LastIndexByte(w.name, '.')
	if at < 0 {
		return ""
	}
	if n := findNode(v, w.name[:at]); n != nil {
		return outputText(n.Outputs, w.name[at+1:])
	}
	return ""
}

// findNode takes the end of an address where that is the only one.
func findNode(v *verdict, name string) *node {
	for _, nodes := range []map[string]*node{v.Tasks, v.Nodes} {
		for address, n := range nodes {
			if strings.HasSuffix("/"+address, "/"+name) {
				return n
			}
		}
	}
	return nil
}

// outputText is a value, or what is in a file; NAME/PATH is a file in a folder.
func outputText(outputs map[string]any, name string) string {
	name, inner, _ := strings.Cut(name, "/")
	switch value := outputs[name].(type) {
	case string:
		return value
	case map[string]any:
		text, err := os.ReadFile(filepath.Join(value["path"].(string), inner))
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	return ""
}
