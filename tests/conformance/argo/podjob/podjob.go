// Package podjob is what the judge tells the program that runs one pod, and what that answers.
package podjob

// A Mount makes a folder of the machine, or an empty one, a folder of the pod.
type Mount struct {
	Source string // "": an empty folder
	Target string
}

// An Input is put into the pod before its program starts.
type Input struct {
	Name, Path string
	Data       *string // what is in it, or else
	Source     string  // a file or folder of the machine
	Unpack     bool    // where it is a tar archive
	Optional   bool
	Mode       int32
}

// A Parameter is read from a file when the program has ended.
type Parameter struct {
	Name, Path string
	Default    *string
}

// An Artifact is taken out of the pod when the program has ended.
type Artifact struct {
	Name, Path, Target string
	Pack, Optional     bool
}

// A Job is a pod.
type Job struct {
	Root       string // an empty folder
	Mounts     []Mount
	Inputs     []Input
	Argv, Env  []string
	Dir        string
	Log        string // a file for what it prints
	Parameters []Parameter
	Artifacts  []Artifact
	Result     bool // what it prints is an output
}

// An Answer says what came of it: Init and Wait are errors before and after the program.
type Answer struct {
	Exit       int
	Init, Wait string
	Parameters map[string]string
	Artifacts  []string
	Result     *string
}
