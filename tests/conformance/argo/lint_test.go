package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var findsLine = regexp.MustCompile(`(?m)^# finds: (.*)$`)

// Each file has comments that say what is found in it, and nothing else may be.
func lintFiles(t *testing.T, pattern string, l *linter) {
	files, _ := filepath.Glob(pattern)
	if len(files) == 0 {
		t.Fatal("there is nothing to lint")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, _ := os.ReadFile(file)
			findings := l.lint([]string{file})
			for _, m := range findsLine.FindAllStringSubmatch(string(text), -1) {
				rest := findings[:0:0]
				for _, f := range findings {
					if !strings.Contains(f, m[1]) {
						rest = append(rest, f)
					}
				}
				if len(rest) == len(findings) {
					t.Errorf("%q is not found", m[1])
				}
				findings = rest
			}
			for _, f := range findings {
				t.Errorf("%s", f)
			}
		})
	}
}

func TestLint(t *testing.T) {
	lintFiles(t, "testdata/bad/*.yaml", &linter{ctx: background()})
}

func TestCRDs(t *testing.T) {
	folder := os.Getenv("KFPC_CONFORMANCE")
	if folder == "" {
		t.Skip("KFPC_CONFORMANCE is not set")
	}
	c, err := loadCRDs(filepath.Join(folder, "argo"))
	if err != nil {
		t.Fatal(err)
	}
	lintFiles(t, "testdata/crd/*.yaml", &linter{ctx: background(), crds: c})
}

// What is run is right, as far as the linter knows, but for what it is there to show.
func TestRunLints(t *testing.T) {
	files, _ := filepath.Glob("testdata/run/*.yaml")
	l := &linter{ctx: background()}
	for _, file := range files {
		for _, f := range l.lint([]string{file}) {
			if !strings.Contains(f, ": silent: ") && !strings.Contains(f, "was invalid JSON") {
				t.Error(f)
			}
		}
	}
}
