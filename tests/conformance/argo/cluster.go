package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	wfclientset "github.com/argoproj/argo-workflows/v4/pkg/client/clientset/versioned"
	"github.com/argoproj/argo-workflows/v4/util/logging"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
	"github.com/argoproj/argo-workflows/v4/workflow/controller"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

const argoNamespace = "argo"

// The controller's own configuration: where artifacts go that name no place, and no server.
const controllerConfig = `
artifactRepository:
  s3: {bucket: bucket, endpoint: "127.0.0.1:9", insecure: true}
metricsConfig: {enabled: false}
telemetryConfig: {enabled: false}
nodeEvents: {enabled: false}
workflowEvents: {enabled: false}
`

// A cluster is Argo's own controller, an API server that knows just what it asks for, and a
// kubelet that runs pods as processes.
type cluster struct {
	store   *store
	kubelet *kubelet
	stop    context.CancelFunc
}

// startCluster starts one that keeps what it writes in a folder; the controller's log goes there.
func startCluster(folder, program string, slots int) (*cluster, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "controller.log"))
	if err != nil {
		return nil, err
	}
	klog.LogToStderr(false)
	klog.SetOutput(log)
	c := &cluster{store: newStore()}
	c.kubelet = newKubelet(c.store, folder, program, slots)
	go c.kubelet.watch()
	s := &server{store: c.store, exec: func(namespace, pod string) {
		c.kubelet.kill(key{findResource("", "pods"), namespace, pod})
	}}
	address, err := s.serve()
	if err == nil {
		err = c.control(address, log)
	}
	return c, err
}

func (c *cluster) control(address string, log io.Writer) error {
	_, err := c.store.create(findResource("", "configmaps"), argoNamespace, toObject(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: common.ConfigMapName},
		Data:       map[string]string{"config": controllerConfig}}))
	if err != nil {
		return err
	}
	logger := logging.NewSlogLoggerCustom(logging.Info, logging.Text, log)
	ctx, stop := context.WithCancel(logging.WithLogger(context.Background(), logger))
	c.stop = stop
	json := rest.ContentConfig{ContentType: "application/json", AcceptContentTypes: "application/json"}
	config := &rest.Config{Host: address, QPS: 10000, Burst: 10000, ContentConfig: json}
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	argo, err := wfclientset.NewForConfig(config)
	if err != nil {
		return err
	}
	wfc, err := controller.NewWorkflowController(ctx, config, kube, argo, argoNamespace, "",
		"argoexec:none", "", "text", common.ConfigMapName, false)
	if err != nil {
		return err
	}
	go wfc.Run(ctx, 4, 1, 2, 1, 1)
	return nil
}
