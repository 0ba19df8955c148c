package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// A kind of object, as the API names it.
type resource struct {
	group, version, plural, kind string
}

var resources = []resource{
	{"", "v1", "pods", "Pod"},
	{"", "v1", "configmaps", "ConfigMap"},
	{"", "v1", "secrets", "Secret"},
	{"", "v1", "serviceaccounts", "ServiceAccount"},
	{"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"},
	{"", "v1", "namespaces", "Namespace"},
	{"", "v1", "events", "Event"},
	{"events.k8s.io", "v1", "events", "Event"},
	{"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"},
	{"coordination.k8s.io", "v1", "leases", "Lease"},
	{"rbac.authorization.k8s.io", "v1", "roles", "Role"},
	{"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"},
	{"argoproj.io", "v1alpha1", "workflows", "Workflow"},
	{"argoproj.io", "v1alpha1", "workflowtemplates", "WorkflowTemplate"},
	{"argoproj.io", "v1alpha1", "clusterworkflowtemplates", "ClusterWorkflowTemplate"},
	{"argoproj.io", "v1alpha1", "cronworkflows", "CronWorkflow"},
	{"argoproj.io", "v1alpha1", "workflowtasksets", "WorkflowTaskSet"},
	{"argoproj.io", "v1alpha1", "workflowtaskresults", "WorkflowTaskResult"},
	{"argoproj.io", "v1alpha1", "workflowartifactgctasks", "WorkflowArtifactGCTask"},
}

func (r *resource) apiVersion() string {
	if r.group == "" {
		return r.version
	}
	return r.group + "/" + r.version
}

func findResource(group, plural string) *resource {
	for i := range resources {
		if resources[i].group == group && resources[i].plural == plural {
			return &resources[i]
		}
	}
	return nil
}

func resourceOfKind(apiVersion, kind string) *resource {
	for i := range resources {
		if resources[i].apiVersion() == apiVersion && resources[i].kind == kind {
			return &resources[i]
		}
	}
	return nil
}

type object = unstructured.Unstructured

type key struct {
	res             *resource
	namespace, name string
}

type event struct {
	version int64
	kind    string // ADDED, MODIFIED, DELETED
	key     key
	object  *object
	old     *object // what it was before, or nil
}

// A store holds the objects of a cluster.  What it gives away is never changed again.
type store struct {
	mutex   sync.Mutex
	changed *sync.Cond
	version int64
	objects map[key]*object
	events  []event
	closed  bool
}

func newStore() *store {
	s := &store{objects: map[key]*object{}}
	s.changed = sync.NewCond(&s.mutex)
	return s
}

func (s *store) close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.closed = true
	s.changed.Broadcast()
}

// An apiError is an answer of the API other than what was asked for.
type apiError struct {
	code   int
	reason metav1.StatusReason
	text   string
}

func (e *apiError) Error() string { return e.text }

func notFound(k key) error {
	return &apiError{http.StatusNotFound, metav1.StatusReasonNotFound,
		fmt.Sprintf("%s %q not found", k.res.plural, k.name)}
}

// put is called with the mutex held.
func (s *store) put(kind string, k key, o *object) {
	s.version++
	old := s.objects[k]
	o.SetResourceVersion(strconv.FormatInt(s.version, 10))
	if kind == "DELETED" {
		delete(s.objects, k)
	} else {
		s.objects[k] = o
	}
	s.events = append(s.events, event{s.version, kind, k, o, old})
	s.changed.Broadcast()
}

func (s *store) create(res *resource, namespace string, o *object) (*object, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	o = o.DeepCopy()
	if o.GetName() == "" {
		o.SetName(o.GetGenerateName() + rand.String(5))
	}
	k := key{res, namespace, o.GetName()}
	if s.objects[k] != nil {
		return nil, &apiError{http.StatusConflict, metav1.StatusReasonAlreadyExists,
			fmt.Sprintf("%s %q already exists", res.plural, k.name)}
	}
	o.SetAPIVersion(res.apiVersion())
	o.SetKind(res.kind)
	o.SetNamespace(namespace)
	o.SetUID(uuid.NewUUID())
	o.SetCreationTimestamp(metav1.NewTime(time.Now()))
	if res.kind == "Pod" {
		o.Object["status"] = map[string]any{"phase": "Pending"}
	}
	s.put("ADDED", k, o)
	return o, nil
}

func (s *store) get(k key) (*object, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if o := s.objects[k]; o != nil {
		return o, nil
	}
	return nil, notFound(k)
}

// change replaces an object by what `by` makes of a copy of it.
func (s *store) change(k key, by func(o *object) (*object, error)) (*object, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	old := s.objects[k]
	if old == nil {
		return nil, notFound(k)
	}
	o, err := by(old.DeepCopy())
	if err != nil {
		return nil, err
	}
	if v := o.GetResourceVersion(); v != "" && v != old.GetResourceVersion() {
		return nil, &apiError{http.StatusConflict, metav1.StatusReasonConflict,
			"the object has been modified"}
	}
	o.SetUID(old.GetUID())
	o.SetCreationTimestamp(old.GetCreationTimestamp())
	if o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) == 0 {
		s.put("DELETED", k, o)
	} else {
		s.put("MODIFIED", k, o)
	}
	return o, nil
}

// remove deletes an object, or marks it where a finalizer holds it.
func (s *store) remove(k key) (*object, error) {
	return s.change(k, func(o *object) (*object, error) {
		now := metav1.Now()
		o.SetDeletionTimestamp(&now)
		return o, nil
	})
}

// A filter says which objects a list or a watch is about.
type filter struct {
	res       *resource
	namespace string
	labels    labels.Selector
	fields    fields.Selector
}

func (f *filter) matches(k key, o *object) bool {
	return k.res == f.res && (f.namespace == "" || f.namespace == k.namespace) &&
		f.labels.Matches(labels.Set(o.GetLabels())) &&
		f.fields.Matches(fields.Set{"metadata.name": k.name, "metadata.namespace": k.namespace})
}

func (s *store) list(f *filter) ([]*object, int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var found []*object
	for k, o := range s.objects {
		if f.matches(k, o) {
			found = append(found, o)
		}
	}
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i], found[j]
		return a.GetNamespace()+"/"+a.GetName() < b.GetNamespace()+"/"+b.GetName()
	})
	return found, s.version
}

// next waits for the next event after a version; false where the store was closed or stop says so.
func (s *store) next(after int64, stop func() bool) (event, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for !s.closed && !stop() {
		if i := sort.Search(len(s.events), func(i int) bool {
			return s.events[i].version > after
		}); i < len(s.events) {
			return s.events[i], true
		}
		s.changed.Wait()
	}
	return event{}, false
}

// wake lets those that wait look at their stop conditions.
func (s *store) wake() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.changed.Broadcast()
}

// merge applies a JSON merge patch.
func merge(into map[string]any, patch map[string]any) {
	for name, value := range patch {
		if value == nil {
			delete(into, name)
			continue
		}
		deeper, isMap := value.(map[string]any)
		if !isMap {
			into[name] = value
			continue
		}
		old, wasMap := into[name].(map[string]any)
		if !wasMap {
			old = map[string]any{}
			into[name] = old
		}
		merge(old, deeper)
	}
}

func toObject(v any) *object {
	bytes, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	o := &object{}
	if err := json.Unmarshal(bytes, &o.Object); err != nil {
		panic(err)
	}
	return o
}

func fromObject[T any](o *object) (*T, error) {
	v := new(T)
	bytes, err := json.Marshal(o.Object)
	if err == nil {
		err = json.Unmarshal(bytes, v)
	}
	return v, err
}
