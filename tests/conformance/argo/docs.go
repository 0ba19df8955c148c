package main

import (
	"bytes"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// A document is one of the objects of a YAML file.
type document struct {
	file   string
	number int // from 1
	text   []byte
	object *object
}

func (d *document) String() string {
	if d.object == nil {
		return fmt.Sprintf("%s[%d]", d.file, d.number)
	}
	name := d.object.GetName()
	if name == "" {
		name = d.object.GetGenerateName()
	}
	return fmt.Sprintf("%s[%d] %s %s", d.file, d.number, d.object.GetKind(), name)
}

// splitYAML parts a file where a line is `---`, as Argo does.
func splitYAML(text []byte) [][]byte {
	var parts [][]byte
	for _, part := range bytes.Split(append([]byte("\n"), text...), []byte("\n---")) {
		if len(bytes.TrimSpace(part)) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// readDocuments also returns what is not YAML at all, as sentences.
func readDocuments(files []string) ([]*document, []string) {
	var docs []*document
	var findings []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			findings = append(findings, err.Error())
			continue
		}
		for i, part := range splitYAML(text) {
			d := &document{file: file, number: i + 1, text: part}
			o := &unstructured.Unstructured{}
			if err := yaml.UnmarshalStrict(part, &o.Object); err != nil {
				findings = append(findings, fmt.Sprintf("%s: %v", d, err))
				continue
			}
			if o.Object == nil {
				continue
			}
			o.Object = plain(o.Object).(map[string]any)
			d.object = o
			docs = append(docs, d)
		}
	}
	return docs, findings
}
