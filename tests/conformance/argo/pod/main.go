// pod runs one pod: it reads a podjob.Job from its standard input and prints an Answer.
//
// It must begin in a mount namespace of its own.  The program of the pod sees the machine's files
// with a layer above them that takes all changes, as an image has one, and an empty /tmp.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"argojudge/podjob"
)

const maxResult = 256 << 10 // of what a program prints, the end

type pod struct {
	podjob.Job
	top     string // where the pod's files are
	printed string
}

func main() {
	p := &pod{}
	if err := json.NewDecoder(os.Stdin).Decode(&p.Job); err != nil {
		fmt.Fprintln(os.Stderr, "pod:", err)
		os.Exit(2)
	}
	json.NewEncoder(os.Stdout).Encode(p.run())
}

func (p *pod) run() *podjob.Answer {
	a := &podjob.Answer{Parameters: map[string]string{}}
	err := p.mounts()
	for i := 0; err == nil && i < len(p.Inputs); i++ {
		err = p.input(&p.Inputs[i])
	}
	if err != nil {
		a.Init = err.Error()
		return a
	}
	a.Exit, err = p.program()
	if err != nil {
		a.Init = err.Error()
		return a
	}
	if err := p.outputs(a); err != nil {
		a.Wait = err.Error()
	}
	return a
}

func (p *pod) inside(path string) string {
	return filepath.Join(p.top, path)
}

// mounts makes the pod's files: a layer in memory above those of the machine.
func (p *pod) mounts() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts cannot be private: %w", err)
	}
	if err := syscall.Mount("pod", p.Root, "tmpfs", 0, ""); err != nil {
		return fmt.Errorf("tmpfs: %w", err)
	}
	p.top = filepath.Join(p.Root, "top")
	upper, work := filepath.Join(p.Root, "upper"), filepath.Join(p.Root, "work")
	for _, folder := range []string{p.top, upper, work} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
	}
	options := "lowerdir=/,upperdir=" + upper + ",workdir=" + work
	if err := syscall.Mount("overlay", p.top, "overlay", 0, options); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	for _, folder := range []string{"/proc", "/dev"} {
		err := syscall.Mount(folder, p.inside(folder), "", syscall.MS_BIND|syscall.MS_REC, "")
		if err != nil {
			return err
		}
	}
	for _, m := range append([]podjob.Mount{{Target: "/tmp"}}, p.Mounts...) {
		if err := p.mount(m); err != nil {
			return fmt.Errorf("%s: %w", m.Target, err)
		}
	}
	return nil
}

func (p *pod) mount(m podjob.Mount) error {
	if m.Source == "" {
		var err error
		if m.Source, err = os.MkdirTemp(p.Root, "empty"); err != nil {
			return err
		}
		if err = os.Chmod(m.Source, 0o777|os.ModeSticky); err != nil {
			return err
		}
	}
	target := p.inside(m.Target)
	if info, err := os.Stat(m.Source); err != nil {
		return err
	} else if info.IsDir() {
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
	} else if err := write(target, nil, 0o644); err != nil {
		return err
	}
	return syscall.Mount(m.Source, target, "", syscall.MS_BIND, "")
}

func write(path string, data []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

func (p *pod) input(in *podjob.Input) error {
	target := p.inside(in.Path)
	if in.Data != nil {
		mode := os.FileMode(0o644)
		if in.Mode != 0 {
			mode = os.FileMode(in.Mode)
		}
		return write(target, []byte(*in.Data), mode)
	}
	err := os.MkdirAll(filepath.Dir(target), 0o755)
	if err == nil {
		err = podjob.Load(in.Source, target, in.Unpack)
	}
	if errors.Is(err, os.ErrNotExist) && in.Optional {
		return nil
	}
	if err == nil && in.Mode != 0 {
		err = os.Chmod(target, os.FileMode(in.Mode))
	}
	if err != nil {
		return fmt.Errorf("artifact %s: %w", in.Name, err)
	}
	return nil
}

func (p *pod) program() (int, error) {
	log, err := os.Create(p.Log)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	printed := &tail{}
	c := &exec.Cmd{Args: p.Argv, Env: p.Env, Dir: p.Dir, Stdout: io.MultiWriter(log, printed),
		Stderr: log, SysProcAttr: &syscall.SysProcAttr{Chroot: p.top, Pdeathsig: syscall.SIGKILL}}
	if c.Dir == "" {
		c.Dir = "/"
	}
	if c.Path, err = p.find(p.Argv[0]); err != nil {
		return 0, err
	}
	if err = c.Start(); errors.Is(err, syscall.E2BIG) {
		fmt.Fprintf(log, "%s: %v\n", p.Argv[0], err)
		return 64, nil
	} else if err != nil {
		return 0, err
	}
	c.Wait()
	p.printed = strings.TrimSuffix(string(printed.bytes), "\n")
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return c.ProcessState.ExitCode(), nil
}

// find looks a command up in the PATH of the pod.
func (p *pod) find(name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, e := range p.Env {
		path, found := strings.CutPrefix(e, "PATH=")
		for _, folder := range filepath.SplitList(path) {
			if info, err := os.Stat(p.inside(folder + "/" + name)); found && err == nil &&
				info.Mode()&0o111 != 0 && !info.IsDir() {
				return folder + "/" + name, nil
			}
		}
	}
	return "", fmt.Errorf("%s: not found in PATH", name)
}

type tail struct {
	bytes []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.bytes = append(t.bytes, b...)
	if extra := len(t.bytes) - maxResult; extra > 0 {
		t.bytes = t.bytes[extra:]
	}
	return len(b), nil
}

// outputs takes what there is; the first thing that should be there and is not is the error.
func (p *pod) outputs(a *podjob.Answer) error {
	var first error
	if p.Result {
		a.Result = &p.printed
	}
	for _, out := range p.Parameters {
		data, err := os.ReadFile(p.inside(out.Path))
		if err == nil {
			a.Parameters[out.Name] = strings.TrimSuffix(string(data), "\n")
		} else if out.Default != nil {
			a.Parameters[out.Name] = *out.Default
		} else if first == nil {
			first = fmt.Errorf("output parameter %s: %w", out.Name, err)
		}
	}
	for _, out := range p.Artifacts {
		err := podjob.Save(p.inside(out.Path), out.Target, out.Pack)
		if err == nil {
			a.Artifacts = append(a.Artifacts, out.Name)
		} else if first == nil && !(out.Optional && errors.Is(err, os.ErrNotExist)) {
			first = fmt.Errorf("output artifact %s: %w", out.Name, err)
		}
	}
	return first
}
