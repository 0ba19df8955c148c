/* The process of a native task is the program that runs the pipeline, started again.  So
 * a program that runs pipelines begins its main with
 *
 *	if (argc == 3 && !strcmp(argv[1], NATIVE_HOST_OPTION))
 *		return native_host(argv[2]); */
#ifndef KFPC_EXEC_NATIVE_HOST_H
#define KFPC_EXEC_NATIVE_HOST_H

#define NATIVE_HOST_OPTION "--native-task"

/* Does the task that lies in folder/task, leaves folder/result; returns the exit
 * status. */
int native_host(const char *folder);

#endif
