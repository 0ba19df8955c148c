// argojudge checks and runs workflows with Argo's own code: doc/internals/argo-judge.md.
//
//	argojudge run [-d FOLDER] [-p NAME=VALUE]... FILE...
//	argojudge batch [-d FOLDER] [-j PODS] <JOBS
//	argojudge lint [-crds FOLDER] FILE...
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	_ "argojudge/early"
)

func main() {
	commands := map[string]func([]string) int{"run": runCommand, "batch": batchCommand,
		"lint": lintCommand}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: argojudge run|batch|lint ...")
		os.Exit(2)
	}
	os.Exit(commands[os.Args[1]](os.Args[2:]))
}

type values map[string]string

func (v values) String() string { return "" }

func (v values) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("NAME=VALUE is wanted")
	}
	v[name] = value
	return nil
}

func runCommand(args []string) int {
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	given := values{}
	flags.Var(given, "p", "a parameter, NAME=VALUE")
	folder := flags.String("d", "argo-run", "for all that is written")
	flags.Parse(args)
	c, err := startCluster(*folder, besides(), 4)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	v := c.run(&job{Name: "run", Files: flags.Args(), Parameters: given}, 0)
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	out.Encode(v)
	if v.State != "succeeded" {
		return 1
	}
	return 0
}

// batchCommand reads jobs, one JSON object a line, and prints a verdict for each as it comes.
func batchCommand(args []string) int {
	flags := flag.NewFlagSet("batch", flag.ExitOnError)
	folder := flags.String("d", "argo-run", "for all that is written")
	slots := flags.Int("j", 4, "pods at a time")
	atOnce := flags.Int("w", 8, "workflows at a time")
	flags.Parse(args)
	c, err := startCluster(*folder, besides(), *slots)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	var group sync.WaitGroup
	var mutex sync.Mutex
	places := make(chan struct{}, *atOnce)
	in := json.NewDecoder(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for number := 0; in.More(); number++ {
		j := &job{}
		if err := in.Decode(j); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
		places <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			v := c.run(j, number)
			<-places
			mutex.Lock()
			defer mutex.Unlock()
			out.Encode(v)
		}()
	}
	group.Wait()
	return 0
}

// besides is the program pod in the folder of this one.
func besides() string {
	self, err := os.Executable()
	if err != nil {
		return "pod"
	}
	return filepath.Join(filepath.Dir(self), "pod")
}
