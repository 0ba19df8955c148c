/* bare [-m] N JOBS COMMAND [ARG...]: spawns the command N times, JOBS at a time, taking
 * its output from a pipe, with no graph and no books.  The limit of any task runner.
 *
 * -m prints the peak memory of the largest child in KiB.  (A parent as large as Python
 * would count as the child's own: Linux counts what was there before exec, too.) */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct slot {
	pid_t pid;
	int out;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void spawn(struct slot *s, char **argv)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		die("pipe2");
	s->pid = vfork();
	if (s->pid < 0)
		die("vfork");
	if (!s->pid) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		execvpe(argv[0], argv, environ);
		_exit(127);
	}
	close(fds[1]);
	s->out = fds[0];
}

static void drain(struct slot *s, int status)
{
	char bytes[4096];

	while (read(s->out, bytes, sizeof bytes) > 0)
		;
	close(s->out);
	s->pid = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bare: a command failed\n");
		exit(1);
	}
}

static struct slot *find(struct slot *slots, long n, pid_t pid)
{
	for (long i = 0; i < n; i++)
		if (slots[i].pid == pid)
			return &slots[i];
	return NULL;
}

static void run_all(long n, long jobs, char **command)
{
	struct slot *slots = calloc((size_t)jobs, sizeof *slots), *s;
	long started = 0, running = 0;
	int status;

	if (!slots)
		die("calloc");
	while (started < n || running) {
		for (; started < n && running < jobs; started++, running++)
			spawn(find(slots, jobs, 0), command);
		s = find(slots, jobs, waitpid(-1, &status, 0));
		if (!s)
			die("waitpid");
		drain(s, status);
		running--;
	}
	free(slots);
}

int main(int argc, char **argv)
{
	bool memory = argc > 1 && !strcmp(argv[1], "-m");
	struct rusage usage;
	long n, jobs;

	argc -= memory;
	argv += memory;
	n = argc > 3 ? atol(argv[1]) : 0;
	jobs = argc > 3 ? atol(argv[2]) : 0;
	if (n < 1 || jobs < 1 || jobs > 1000) {
		fprintf(stderr, "usage: bare [-m] N JOBS COMMAND [ARG...]\n");
		return 2;
	}
	run_all(n, jobs, argv + 3);
	if (memory && !getrusage(RUSAGE_CHILDREN, &usage))
		printf("%ld\n", usage.ru_maxrss);
	return 0;
}
