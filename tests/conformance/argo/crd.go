package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// A crd checks objects of one kind as the API server does: fields, patterns, limits, rules.
type crd struct {
	structural *schema.Structural
	fields     validation.SchemaValidator
	rules      *cel.Validator
	mutex      sync.Mutex // of the rules
}

// crds are the kinds of a folder, and the JSON schema beside them.
type crds struct {
	kinds map[string]*crd
	json  map[string]*jsonschema.Schema
}

func loadCRDs(folder string) (*crds, error) {
	files, err := filepath.Glob(filepath.Join(folder, "crd-*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no crd-*.yaml", folder)
	}
	c := &crds{kinds: map[string]*crd{}, json: map[string]*jsonschema.Schema{}}
	for _, file := range files {
		if err := c.load(file); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	compiler := jsonschema.NewCompiler()
	for kind := range c.kinds {
		c.json[kind], err = compiler.Compile(filepath.Join(folder, "schema.json") +
			"#/definitions/io.argoproj.workflow.v1alpha1." + kind)
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *crds) load(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	outer, inner := &apiextensionsv1.CustomResourceDefinition{}, &apiextensions.JSONSchemaProps{}
	if err = yaml.Unmarshal(text, outer); err != nil {
		return err
	}
	for _, v := range outer.Spec.Versions {
		s := v.Schema.OpenAPIV3Schema
		err = apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(s, inner, nil)
		if err != nil {
			return err
		}
		k := &crd{}
		if k.structural, err = schema.NewStructural(inner); err != nil {
			return err
		}
		if k.fields, _, err = validation.NewSchemaValidator(inner); err != nil {
			return err
		}
		k.rules = cel.NewValidator(k.structural, true, celconfig.PerCallLimit)
		c.kinds[outer.Spec.Names.Kind] = k
	}
	return nil
}

// check returns what the API server would say against an object.
func (c *crds) check(o *object) []string {
	k := c.kinds[o.GetKind()]
	if k == nil {
		return nil
	}
	var found []string
	content := o.DeepCopy().Object
	unknown := pruning.PruneWithOptions(content, k.structural, true,
		schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		found = append(found, "unknown field "+path)
	}
	errors := validation.ValidateCustomResource(field.NewPath(""), o.Object, k.fields)
	k.mutex.Lock()
	rules, _ := k.rules.Validate(background(), field.NewPath(""), k.structural, o.Object, nil,
		math.MaxInt64)
	k.mutex.Unlock()
	for _, e := range append(errors, rules...) {
		found = append(found, strings.TrimPrefix(e.Error(), "."))
	}
	return append(found, c.schemaFindings(o)...)
}

func (c *crds) schemaFindings(o *object) []string {
	text, err := json.Marshal(o.Object)
	if err != nil {
		return []string{err.Error()}
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err == nil {
		err = c.json[o.GetKind()].Validate(v)
	}
	if err != nil {
		return []string{"schema.json: " + err.Error()}
	}
	return nil
}
