package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"argojudge/podjob"
)

// The kubelet runs pods as processes of this machine, and is Argo's executor in them: it brings
// input artifacts, takes outputs, and reports them as a WorkflowTaskResult.
type kubelet struct {
	store   *store
	folder  string // of all that it writes
	program string // pod
	python  string
	slots   chan struct{}
	mutex   sync.Mutex
	running map[key]*os.Process
	shared  map[string][]string // of a namespace
}

func newKubelet(s *store, folder, program string, slots int) *kubelet {
	k := &kubelet{store: s, folder: folder, program: program,
		slots: make(chan struct{}, slots), running: map[key]*os.Process{},
		shared: map[string][]string{}}
	python := exec.Command("python3", "-c", "import sys; print(sys.executable)")
	if out, err := python.Output(); err == nil {
		k.python = string(bytes.TrimSpace(out))
	}
	return k
}

// share lets the pods of a namespace see folders of the machine where they are.
func (k *kubelet) share(namespace string, folders []string) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.shared[namespace] = folders
}

// watch starts pods as they come, and ends those that go.
func (k *kubelet) watch() {
	pods := findResource("", "pods")
	for version := int64(0); ; {
		e, ok := k.store.next(version, func() bool { return false })
		if !ok {
			return
		}
		version = e.version
		switch {
		case e.key.res != pods:
		case e.kind == "DELETED":
			k.kill(e.key)
		case e.kind == "ADDED":
			go k.runPod(e.key, e.object)
		}
	}
}

func (k *kubelet) kill(pod key) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if p := k.running[pod]; p != nil {
		syscall.Kill(-p.Pid, syscall.SIGKILL)
	}
}

func (k *kubelet) runPod(pk key, o *object) {
	k.slots <- struct{}{}
	defer func() { <-k.slots }()
	pod, err := fromObject[corev1.Pod](o)
	if err == nil {
		err = k.setStatus(pk, runningStatus(pod))
	}
	if err != nil {
		return // it has gone already
	}
	p := &podRun{kubelet: k, pod: pod, key: pk,
		folder: filepath.Join(k.folder, "pods", pk.namespace, pk.name)}
	status := p.run()
	k.setStatus(pk, status)
}

func (k *kubelet) setStatus(pod key, status *corev1.PodStatus) error {
	_, err := k.store.change(pod, func(o *object) (*object, error) {
		o.Object["status"] = toObject(status).Object
		return o, nil
	})
	return err
}

func runningStatus(pod *corev1.Pod) *corev1.PodStatus {
	status := &corev1.PodStatus{Phase: corev1.PodRunning}
	for _, c := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Ready: true,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}})
	}
	return status
}

// A podRun is one pod while it runs.
type podRun struct {
	*kubelet
	pod      *corev1.Pod
	key      key
	folder   string
	template *wfv1.Template // what the executor is told
	late     bool
}

func (p *podRun) run() *corev1.PodStatus {
	job, err := p.job()
	if err != nil {
		return p.ended(&podjob.Answer{Init: err.Error()})
	}
	p.announce()
	answer, err := p.process(job)
	if p.late {
		p.report(&podjob.Answer{})
		return &corev1.PodStatus{Phase: corev1.PodFailed, Reason: "DeadlineExceeded",
			Message: "Pod was active on the node longer than the specified deadline"}
	}
	if err != nil {
		answer = &podjob.Answer{Init: err.Error()}
	}
	p.report(answer)
	return p.ended(answer)
}

// process starts the program that runs the job, in namespaces of its own.
func (p *podRun) process(job *podjob.Job) (*podjob.Answer, error) {
	input, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	var out, errors bytes.Buffer
	c := exec.Command(p.program)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &out, &errors
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	p.mutex.Lock()
	p.running[p.key] = c.Process
	p.mutex.Unlock()
	if seconds := p.pod.Spec.ActiveDeadlineSeconds; seconds != nil {
		timer := time.AfterFunc(time.Duration(*seconds)*time.Second, func() {
			p.late = true
			p.kill(p.key)
		})
		defer timer.Stop()
	}
	err = c.Wait()
	p.mutex.Lock()
	delete(p.running, p.key)
	p.mutex.Unlock()
	answer := &podjob.Answer{}
	if err == nil {
		err = json.Unmarshal(out.Bytes(), answer)
	}
	if err != nil {
		return nil, fmt.Errorf("pod: %w %s", err, errors.String())
	}
	return answer, nil
}

// ended is the state of a pod that has ended.
func (p *podRun) ended(a *podjob.Answer) *corev1.PodStatus {
	status := &corev1.PodStatus{Phase: corev1.PodSucceeded}
	state := func(name string, code int, message string) corev1.ContainerStatus {
		reason := "Completed"
		if code != 0 {
			status.Phase, reason = corev1.PodFailed, "Error"
		}
		return corev1.ContainerStatus{Name: name, State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: int32(code), Reason: reason,
				Message: message}}}
	}
	if a.Init != "" {
		status.InitContainerStatuses = append(status.InitContainerStatuses,
			state(common.InitContainerName, 64, a.Init))
		return status
	}
	wait := 0
	if a.Wait != "" {
		wait = 64
	}
	status.ContainerStatuses = append(status.ContainerStatuses,
		state(common.MainContainerName, a.Exit, ""), state(common.WaitContainerName, wait, a.Wait))
	return status
}

// announce says that a result will come, as the executor does when it begins: else the
// controller may see the end of the pod before what it has made, and not wait.
func (p *podRun) announce() {
	result := &wfv1.WorkflowTaskResult{ObjectMeta: metav1.ObjectMeta{
		Name: p.pod.Annotations[common.AnnotationKeyNodeID],
		Labels: map[string]string{
			common.LabelKeyWorkflow:               p.pod.Labels[common.LabelKeyWorkflow],
			common.LabelKeyReportOutputsCompleted: "false"}}}
	if _, err := p.store.create(p.result().res, p.key.namespace, toObject(result)); err != nil {
		fmt.Fprintln(os.Stderr, "task result:", err)
	}
}

// result is where what a pod has made is told.
func (p *podRun) result() key {
	return key{findResource("argoproj.io", "workflowtaskresults"), p.key.namespace,
		p.pod.Annotations[common.AnnotationKeyNodeID]}
}

// report says what a pod has made, as the executor does.
func (p *podRun) report(a *podjob.Answer) {
	outputs := wfv1.Outputs{Result: a.Result}
	for _, param := range p.template.Outputs.Parameters {
		if value, found := a.Parameters[param.Name]; found {
			param.Value = wfv1.AnyStringPtr(value)
			outputs.Parameters = append(outputs.Parameters, param)
		}
	}
	saved := map[string]bool{}
	for _, name := range a.Artifacts {
		saved[name] = true
	}
	for _, artifact := range p.template.Outputs.Artifacts {
		if saved[artifact.Name] {
			artifact.S3 = &wfv1.S3Artifact{Key: p.outputKey(&artifact)}
			outputs.Artifacts = append(outputs.Artifacts, artifact)
		}
	}
	_, err := p.store.change(p.result(), func(o *object) (*object, error) {
		result, err := fromObject[wfv1.WorkflowTaskResult](o)
		if err != nil {
			return nil, err
		}
		result.Labels[common.LabelKeyReportOutputsCompleted] = "true"
		result.Outputs = &outputs
		return toObject(result), nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "task result:", err)
	}
}
