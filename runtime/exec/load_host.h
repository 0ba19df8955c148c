/* load(): bringing an artifact in from a URI.  As with native tasks the process is the
 * program itself, started again with this option; libcurl is opened by that process
 * alone, so that starting kfpc does not pay for it. */
#ifndef KFPC_EXEC_LOAD_HOST_H
#define KFPC_EXEC_LOAD_HOST_H

#define LOAD_HOST_OPTION "--load-task"

/* Does the task that lies in folder/task, leaves folder/result; returns the exit
 * status. */
int load_host(const char *folder);

#endif
