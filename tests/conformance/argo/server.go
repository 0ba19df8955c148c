package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// The server speaks as much of the Kubernetes API over a store as Argo's controller needs.
type server struct {
	store *store
	http  http.Server
	exec  func(namespace, pod string) // a container of it is to end
}

// serve returns the address at which it listens.
func (s *server) serve() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.http.Handler = s
	go s.http.Serve(listener)
	return "http://" + listener.Addr().String(), nil
}

// A request names a kind of object, a namespace or all of them, and perhaps one object.
type request struct {
	res                        *resource
	namespace, name, operation string
}

func parsePath(path string) *request {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	group := ""
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		group = parts[1]
		parts = parts[3:]
	default:
		return nil
	}
	r := &request{}
	if parts[0] == "namespaces" && len(parts) > 2 {
		r.namespace = parts[1]
		parts = parts[2:]
	}
	parts = append(parts, "", "")
	r.res, r.name, r.operation = findResource(group, parts[0]), parts[1], parts[2]
	if r.res == nil {
		return nil
	}
	return r
}

func (s *server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	if strings.HasSuffix(hr.URL.Path, "/selfsubjectaccessreviews") {
		answer(w, map[string]any{"apiVersion": "authorization.k8s.io/v1",
			"kind": "SelfSubjectAccessReview", "status": map[string]any{"allowed": true}}, nil)
		return
	}
	r := parsePath(hr.URL.Path)
	switch {
	case r == nil:
		answer(w, nil, &apiError{404, metav1.StatusReasonNotFound, hr.URL.Path + " is not here"})
	case r.operation == "exec":
		s.exec(r.namespace, r.name)
		answer(w, nil, &apiError{400, metav1.StatusReasonBadRequest, "signals go to the process"})
	case hr.Method == http.MethodGet && r.name == "" && hr.URL.Query().Get("watch") != "":
		s.watch(w, hr, r)
	case hr.Method == http.MethodGet && r.name == "":
		v, err := s.list(hr, r)
		answer(w, v, err)
	default:
		v, err := s.object(hr, r)
		answer(w, v, err)
	}
}

func answer(w http.ResponseWriter, v any, err error) {
	code := http.StatusOK
	if err != nil {
		failure := &apiError{500, metav1.StatusReasonInternalError, err.Error()}
		errors.As(err, &failure)
		code = failure.code
		v = metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status: "Failure", Code: int32(code), Reason: failure.reason, Message: failure.text}
	}
	if o, ok := v.(*object); ok {
		v = o.Object
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v)
}

func (s *server) object(hr *http.Request, r *request) (any, error) {
	k := key{r.res, r.namespace, r.name}
	switch hr.Method {
	case http.MethodGet:
		return s.store.get(k)
	case http.MethodDelete:
		return s.store.remove(k)
	}
	var body map[string]any
	decoder := json.NewDecoder(hr.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil && err != io.EOF {
		return nil, err
	}
	body = plain(body).(map[string]any)
	switch hr.Method {
	case http.MethodPost:
		return s.store.create(r.res, r.namespace, &object{Object: body})
	case http.MethodPut:
		return s.store.change(k, func(*object) (*object, error) {
			return &object{Object: body}, nil
		})
	case http.MethodPatch:
		return s.store.change(k, func(o *object) (*object, error) {
			merge(o.Object, body)
			return o, nil
		})
	}
	return nil, &apiError{405, metav1.StatusReasonMethodNotAllowed, hr.Method}
}

// plain makes the numbers of decoded JSON what an unstructured object may hold.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, e := range v {
			v[name] = plain(e)
		}
	case []any:
		for i, e := range v {
			v[i] = plain(e)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

func newFilter(hr *http.Request, r *request) (*filter, error) {
	f := &filter{res: r.res, namespace: r.namespace}
	var err error
	if f.labels, err = labels.Parse(hr.URL.Query().Get("labelSelector")); err != nil {
		return nil, err
	}
	f.fields, err = fields.ParseSelector(hr.URL.Query().Get("fieldSelector"))
	return f, err
}

func (s *server) list(hr *http.Request, r *request) (any, error) {
	f, err := newFilter(hr, r)
	if err != nil {
		return nil, err
	}
	found, version := s.store.list(f)
	items := make([]any, len(found))
	for i, o := range found {
		items[i] = o.Object
	}
	return map[string]any{"apiVersion": r.res.apiVersion(), "kind": r.res.kind + "List",
		"metadata": map[string]any{"resourceVersion": strconv.FormatInt(version, 10)},
		"items":    items}, nil
}

func (s *server) watch(w http.ResponseWriter, hr *http.Request, r *request) {
	f, err := newFilter(hr, r)
	if err != nil {
		answer(w, nil, err)
		return
	}
	version, _ := strconv.ParseInt(hr.URL.Query().Get("resourceVersion"), 10, 64)
	gone := hr.Context()
	go func() {
		<-gone.Done()
		s.store.wake()
	}()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	for {
		e, ok := s.store.next(version, func() bool { return gone.Err() != nil })
		if !ok {
			return
		}
		version = e.version
		kind := f.kindOf(&e)
		if kind == "" {
			continue
		}
		line := map[string]any{"type": kind, "object": e.object.Object}
		if json.NewEncoder(w).Encode(line) != nil {
			return
		}
		w.(http.Flusher).Flush()
	}
}

// kindOf says what an event is to those that see only what the filter lets through.
func (f *filter) kindOf(e *event) string {
	is, was := f.matches(e.key, e.object), e.old != nil && f.matches(e.key, e.old)
	switch {
	case e.kind == "DELETED" && (is || was), was && !is:
		return "DELETED"
	case is && !was:
		return "ADDED"
	case is:
		return "MODIFIED"
	}
	return ""
}
