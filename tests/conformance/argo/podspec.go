package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	wfv1 "github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
	corev1 "k8s.io/api/core/v1"

	"argojudge/podjob"
)

// Where what Python compiled is kept for all pods: most run the same files.
const compiledPath = "/var/cache/pod-python"

const podPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

// job turns the pod that the controller made into what is to be done here.
func (p *podRun) job() (*podjob.Job, error) {
	var init, main *corev1.Container
	for i := range p.pod.Spec.InitContainers {
		if p.pod.Spec.InitContainers[i].Name == common.InitContainerName {
			init = &p.pod.Spec.InitContainers[i]
		}
	}
	for i := range p.pod.Spec.Containers {
		if p.pod.Spec.Containers[i].Name == common.MainContainerName {
			main = &p.pod.Spec.Containers[i]
		}
	}
	if init == nil || main == nil {
		return nil, fmt.Errorf("only templates of one container are run here")
	}
	if err := p.readTemplate(init); err != nil {
		return nil, err
	}
	root := filepath.Join(p.folder, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	j := &podjob.Job{Root: root, Log: filepath.Join(p.folder, "log"), Dir: main.WorkingDir}
	for _, step := range []func(*podjob.Job, *corev1.Container) error{
		p.environment, p.command, p.volumes, p.inputs, p.outputs} {
		if err := step(j, main); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// readTemplate takes what the executor is told from the environment of the init container.
func (p *podRun) readTemplate(init *corev1.Container) error {
	text := ""
	for _, e := range init.Env {
		if e.Name == common.EnvVarTemplate {
			text = e.Value
		}
	}
	if text == common.EnvVarTemplateOffloaded {
		data, err := p.data("configmaps", p.key.name)
		if err != nil {
			return err
		}
		text = data[common.EnvVarTemplate]
	}
	p.template = &wfv1.Template{}
	return json.Unmarshal([]byte(text), p.template)
}

// data is the contents of a ConfigMap or Secret of the pod's namespace.
func (p *podRun) data(plural, name string) (map[string]string, error) {
	o, err := p.store.get(key{findResource("", plural), p.key.namespace, name})
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, field := range []string{"data", "stringData", "binaryData"} {
		values, _ := o.Object[field].(map[string]any)
		for k, v := range values {
			text := fmt.Sprint(v)
			if field == "binaryData" || field == "data" && plural == "secrets" {
				bytes, err := base64.StdEncoding.DecodeString(text)
				if err != nil {
					return nil, fmt.Errorf("%s %s: %s is not base64", plural, name, k)
				}
				text = string(bytes)
			}
			found[k] = text
		}
	}
	return found, nil
}

func (p *podRun) environment(j *podjob.Job, main *corev1.Container) error {
	values := map[string]string{"PATH": podPath, "HOME": "/root", "HOSTNAME": p.key.name,
		"LANG": "C.UTF-8", "PYTHONPYCACHEPREFIX": compiledPath}
	for _, from := range main.EnvFrom {
		if err := p.envFrom(values, &from); err != nil {
			return err
		}
	}
	for _, e := range main.Env {
		value, found := expand(e.Value, values), true
		if e.ValueFrom != nil {
			var err error
			if value, found, err = p.envValue(e.ValueFrom); err != nil {
				return fmt.Errorf("environment variable %s: %w", e.Name, err)
			}
		}
		if found {
			values[e.Name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		j.Env = append(j.Env, name+"="+values[name])
	}
	return nil
}

func (p *podRun) envFrom(values map[string]string, from *corev1.EnvFromSource) error {
	plural, name, optional := "configmaps", "", false
	switch {
	case from.ConfigMapRef != nil:
		name = from.ConfigMapRef.Name
		optional = from.ConfigMapRef.Optional != nil && *from.ConfigMapRef.Optional
	case from.SecretRef != nil:
		plural, name = "secrets", from.SecretRef.Name
		optional = from.SecretRef.Optional != nil && *from.SecretRef.Optional
	}
	data, err := p.data(plural, name)
	if err != nil && !optional {
		return err
	}
	for k, v := range data {
		values[from.Prefix+k] = v
	}
	return nil
}

func (p *podRun) envValue(from *corev1.EnvVarSource) (string, bool, error) {
	switch {
	case from.SecretKeyRef != nil:
		r := from.SecretKeyRef
		return p.keyed("secrets", r.Name, r.Key, r.Optional)
	case from.ConfigMapKeyRef != nil:
		r := from.ConfigMapKeyRef
		return p.keyed("configmaps", r.Name, r.Key, r.Optional)
	case from.FieldRef != nil:
		switch from.FieldRef.FieldPath {
		case "metadata.name":
			return p.pod.Name, true, nil
		case "metadata.namespace":
			return p.pod.Namespace, true, nil
		case "metadata.uid":
			return string(p.pod.UID), true, nil
		}
		return "", false, fmt.Errorf("%s is not known here", from.FieldRef.FieldPath)
	}
	return "", false, fmt.Errorf("this source of a value is not known here")
}

func (p *podRun) keyed(plural, name, k string, optional *bool) (string, bool, error) {
	data, err := p.data(plural, name)
	value, found := data[k]
	if !found && err == nil {
		err = fmt.Errorf("%s %s has no key %s", plural, name, k)
	}
	if err != nil && optional != nil && *optional {
		err = nil
	}
	return value, found, err
}

// expand does what Kubernetes does to $(NAME) in commands, arguments and environments.
func expand(text string, values map[string]string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		end := strings.IndexByte(text[i:], ')')
		switch {
		case strings.HasPrefix(text[i:], "$$"):
			b.WriteByte('$')
			i++
		case strings.HasPrefix(text[i:], "$(") && end > 0:
			name := text[i+2 : i+end]
			if value, found := values[name]; found {
				b.WriteString(value)
			} else {
				b.WriteString(text[i : i+end+1])
			}
			i += end
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// command is what the controller told Argo's executor to start.
func (p *podRun) command(j *podjob.Job, main *corev1.Container) error {
	at := slices.Index(main.Command, "--")
	if at < 0 || at+1 == len(main.Command) {
		return fmt.Errorf("the container has no command")
	}
	args := main.Args
	for _, e := range main.Env {
		if e.Name == common.EnvVarContainerArgsFile {
			data, err := p.data("configmaps", p.key.name)
			if err != nil {
				return err
			}
			if err = json.Unmarshal([]byte(data[e.Name]), &args); err != nil {
				return err
			}
		}
	}
	values := map[string]string{}
	for _, e := range j.Env {
		name, value, _ := strings.Cut(e, "=")
		values[name] = value
	}
	for i, arg := range append(slices.Clone(main.Command[at+1:]), args...) {
		arg = expand(arg, values)
		if len(arg) > common.MaxEnvVarLen {
			file := fmt.Sprintf("/tmp/argo_arg_%d.txt", i)
			j.Inputs = append(j.Inputs, podjob.Input{Name: file, Path: file, Data: &arg})
			arg = "@" + file
		}
		j.Argv = append(j.Argv, arg)
	}
	return nil
}

// volumes are folders: empty ones, claims that stay, and what ConfigMaps and Secrets hold.
func (p *podRun) volumes(j *podjob.Job, main *corev1.Container) error {
	compiled := filepath.Join(p.kubelet.folder, "compiled")
	if err := os.MkdirAll(compiled, 0o755); err != nil {
		return err
	}
	j.Mounts = append(j.Mounts, podjob.Mount{Source: compiled, Target: compiledPath})
	p.mutex.Lock()
	for _, folder := range p.shared[p.key.namespace] {
		j.Mounts = append(j.Mounts, podjob.Mount{Source: folder, Target: folder})
	}
	p.mutex.Unlock()
	sources := map[string]corev1.VolumeSource{}
	for _, v := range p.pod.Spec.Volumes {
		sources[v.Name] = v.VolumeSource
	}
	for _, m := range main.VolumeMounts {
		source := sources[m.Name]
		if m.Name == "input-artifacts" || m.Name == "argo-staging" ||
			strings.HasPrefix(m.MountPath, "/var/run/") {
			continue // of the executor itself
		}
		folder, err := p.volume(m.Name, &source)
		if err != nil {
			return fmt.Errorf("volume %s: %w", m.Name, err)
		}
		if m.SubPath != "" {
			folder = filepath.Join(folder, m.SubPath)
		}
		j.Mounts = append(j.Mounts, podjob.Mount{Source: folder, Target: m.MountPath})
	}
	return nil
}

func (p *podRun) volume(name string, source *corev1.VolumeSource) (string, error) {
	folder := filepath.Join(p.folder, "volumes", name)
	switch {
	case source.EmptyDir != nil:
		return "", nil
	case source.PersistentVolumeClaim != nil:
		folder = filepath.Join(p.kubelet.folder, "claims", p.key.namespace,
			source.PersistentVolumeClaim.ClaimName)
		return folder, os.MkdirAll(folder, 0o755)
	case source.ConfigMap != nil:
		c := source.ConfigMap
		return folder, p.fill(folder, "configmaps", c.Name, c.Items, c.Optional)
	case source.Secret != nil:
		s := source.Secret
		return folder, p.fill(folder, "secrets", s.SecretName, s.Items, s.Optional)
	}
	return "", fmt.Errorf("this kind is not known here")
}

func (p *podRun) fill(folder, plural, name string, items []corev1.KeyToPath, optional *bool) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	data, err := p.data(plural, name)
	if err != nil {
		if optional != nil && *optional {
			return nil
		}
		return err
	}
	if items == nil {
		for k := range data {
			items = append(items, corev1.KeyToPath{Key: k, Path: k})
		}
	}
	for _, item := range items {
		value, found := data[item.Key]
		if !found {
			return fmt.Errorf("%s %s has no key %s", plural, name, item.Key)
		}
		file := filepath.Join(folder, item.Path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := writeOnce(file, value); err != nil {
			return err
		}
	}
	return nil
}

// writeOnce writes a file with a time that its contents decide, by which Python knows it again.
func writeOnce(file, text string) error {
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	sum := fnv.New32a()
	sum.Write([]byte(text))
	at := time.Unix(int64(sum.Sum32()), 0)
	return os.Chtimes(file, at, at)
}

func (p *podRun) inputs(j *podjob.Job, main *corev1.Container) error {
	if s := p.template.Script; s != nil {
		j.Inputs = append(j.Inputs, podjob.Input{Name: "script",
			Path: common.ExecutorScriptSourcePath, Data: &s.Source, Mode: 0o755})
	}
	if p.python != "" {
		text := "#!/bin/sh\nexec '" + p.python + "' \"$@\"\n"
		for _, name := range []string{"/usr/local/bin/python3", "/usr/local/bin/python"} {
			j.Inputs = append(j.Inputs, podjob.Input{Name: name, Path: name, Data: &text,
				Mode: 0o755})
		}
	}
	for _, a := range p.template.Inputs.Artifacts {
		in := podjob.Input{Name: a.Name, Path: a.Path, Optional: a.Optional,
			Unpack: a.GetArchive().None == nil}
		if a.Mode != nil {
			in.Mode = *a.Mode
		}
		switch k, err := a.GetKey(); {
		case a.Raw != nil:
			in.Data = &a.Raw.Data
		case a.Optional && !a.HasLocationOrKey():
			continue
		case err == nil && k != "":
			in.Source = p.bucket(k)
		default:
			return fmt.Errorf("input artifact %s has no place", a.Name)
		}
		j.Inputs = append(j.Inputs, in)
	}
	return nil
}

func (p *podRun) outputs(j *podjob.Job, main *corev1.Container) error {
	for _, e := range main.Env {
		if e.Name == common.EnvVarIncludeScriptOutput && e.Value == "true" {
			j.Result = true
		}
	}
	for _, o := range p.template.Outputs.Parameters {
		if o.ValueFrom == nil || o.ValueFrom.Path == "" {
			continue
		}
		param := podjob.Parameter{Name: o.Name, Path: o.ValueFrom.Path}
		if o.ValueFrom.Default != nil {
			text := o.ValueFrom.Default.String()
			param.Default = &text
		}
		j.Parameters = append(j.Parameters, param)
	}
	for _, a := range p.template.Outputs.Artifacts {
		j.Artifacts = append(j.Artifacts, podjob.Artifact{Name: a.Name, Path: a.Path,
			Target: p.bucket(p.outputKey(&a)), Optional: a.Optional,
			Pack: a.Archive == nil || a.Archive.None == nil})
	}
	return nil
}

// outputKey is the key that an artifact names, or one made of its pod's and its own.
func (p *podRun) outputKey(a *wfv1.Artifact) string {
	if k, err := a.GetKey(); err == nil && k != "" {
		return k
	}
	folder, _ := p.template.ArchiveLocation.GetKey()
	name := a.Name + ".tgz"
	if a.Archive != nil && a.Archive.None != nil {
		name = path.Base(a.Path)
	}
	return path.Join(folder, name)
}

// bucket is where a key of the artifact store is here.
func (k *kubelet) bucket(name string) string {
	return filepath.Join(k.folder, "bucket", filepath.Clean("/"+name))
}
