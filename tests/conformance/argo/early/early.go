// Package early sets what Argo's controller reads from the environment while its packages are
// initialised: it must come before them.  Packages are initialised in the order of their import
// paths, and this one's path is before all of Argo's.
package early

import "os"

func init() {
	for name, value := range map[string]string{
		"DEFAULT_REQUEUE_TIME":                  "15ms", // else 10 s between two looks at a workflow
		"SEMAPHORE_NOTIFY_DELAY":                "20ms",
		"INFORMER_WRITE_BACK":                   "true",
		"ALL_POD_CHANGES_SIGNIFICANT":           "true",
		"POD_NAMES":                             "v2",
		"ARGO_PROGRESS_PATCH_TICK_DURATION":     "0",
		"WATCH_CONTROLLER_SEMAPHORE_CONFIGMAPS": "false",
		"KUBE_FEATURE_WatchListClient":          "false",
		"OTEL_SDK_DISABLED":                     "true",
		"LEADER_ELECTION_DISABLE":               "true",
		"TASK_RESULT_TIMEOUT_DURATION":          "5s",
		"RECENTLY_STARTED_POD_DURATION":         "5s",
		"EXPRESSION_TEMPLATES":                  "true",
		"HEALTHZ_AGE":                           "1h",
	} {
		if _, given := os.LookupEnv(name); !given {
			os.Setenv(name, value)
		}
	}
}
