#include <config.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/exec/proc_int.h"

enum { PROC_FILE_BYTES = 4 << 20 };

/* Appends a file of /proc; false if it cannot be read. */
static bool proc_read(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	do {
		char *at = buf_reserve(out, 4096);

		n = read(fd, at, 4096);
		out->n += n > 0 ? (size_t)n : 0;
	} while (n > 0 && out->n < PROC_FILE_BYTES);
	close(fd);
	return n >= 0;
}

static bool is_known(pid_t pid)
{
	for (const struct proc *p = proc_all; p; p = p->next)
		if (p->pid == pid && !p->reaped)
			return true;
	return false;
}

/* Does the environment that pid was started with hold the mark? */
static bool has_mark(pid_t pid, const char *mark)
{
	struct buf env = {0};
	char path[48];
	bool found = false;

	snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
	buf_addc(&env, '\0');
	if (proc_read(path, &env)) {
		struct buf want = {0};

		buf_addc(&want, '\0');
		buf_addz(&want, mark);
		buf_addc(&want, '\0');
		found = str_find(buf_str(&env), buf_str(&want), 0) < env.n;
		buf_release(&want);
	}
	buf_release(&env);
	return found;
}

/* A child that another part of the program started is in our own session.  One that a
 * task started is not: its session is the task's or a later one.  Without a mark (it
 * may have cleaned its environment) it is kept only while another task runs that could
 * own it. */
static bool is_stray(pid_t pid, const struct proc *p)
{
	pid_t session = getsid(pid);

	if (session < 0 || session == getsid(0))
		return false;
	if (session == p->pid || has_mark(pid, p->mark))
		return true;
	return proc_all == p && !p->next;
}

/* Zombies have no environment any more, and nobody else will reap them. */
static bool stray_end(pid_t pid, const struct proc *p)
{
	if (is_known(pid) || getsid(pid) == getsid(0))
		return false;
	if (waitpid(pid, NULL, WNOHANG) == pid)
		return false;
	if (!is_stray(pid, p))
		return false;
	kill(pid, SIGKILL);
	return waitpid(pid, NULL, WNOHANG) != pid;
}

unsigned proc_end_strays(const struct proc *p)
{
	struct buf list = {0};
	char path[64];
	unsigned left = 0;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	if (proc_read(path, &list)) {
		const char *at = buf_cstr(&list);
		char *end;

		for (;; at = end) {
			long pid = strtol(at, &end, 10);

			if (end == at)
				break;
			left += stray_end((pid_t)pid, p);
		}
	}
	buf_release(&list);
	return left;
}
