#include <config.h>

#include "runtime/exec/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/proc_int.h"
#include "runtime/exec/proc_spawn.h"

enum {
	SETTLE_MS = 10000,		/* how long a killed process may take to vanish */
	PAUSE_MAX_MS = 20,
	DRAIN_BYTES = 2 << 20,		/* more than any pipe holds */
};

struct proc *proc_all;
static int null_fd = -1;

/* What must hold once before the first child. */
static int proc_prepare(struct err *err)
{
	struct sigaction sa;
	int fd;

	if (null_fd >= 0)
		return 0;
	/* Where the parent left SIGCHLD ignored, children would vanish unseen. */
	if (!sigaction(SIGCHLD, NULL, &sa) && sa.sa_handler == SIG_IGN)
		signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "/dev/null");
	null_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return null_fd < 0 ? err_sys(err, "/dev/null") : 0;
}

/* Standard descriptors of ours may be closed: what comes from pipe2 must not take their
 * place, or dup2 in the child would lose it. */
static int fd_above_two(int fd)
{
	int high;

	if (fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return high;
}

static int pipe_open(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC))
		return -1;
	fds[0] = fd_above_two(fds[0]);
	fds[1] = fd_above_two(fds[1]);
	if (fds[0] < 0 || fds[1] < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK))
		return -1;
	return 0;
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void pipe_close(struct proc *p, struct proc_pipe *pipe)
{
	loop_remove(p->loop, pipe->source);
	pipe->source = NULL;
	fd_close(&pipe->fd);
}

/* Reads once; false at the end, or when there is nothing now. */
static bool pipe_read(struct proc *p, struct proc_pipe *pipe, size_t *n)
{
	static char chunk[PROC_CHUNK_BYTES];
	ssize_t got = pipe->fd < 0 ? 0 : read(pipe->fd, chunk, sizeof chunk);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0) {
		pipe_close(p, pipe);
		return false;
	}
	*n += (size_t)got;
	if (p->handler.output)
		p->handler.output(p->handler.arg, pipe == &p->pipes[1],
				  (struct str){chunk, (size_t)got});
	return true;
}

static void on_stdout(void *arg)
{
	struct proc *p = arg;
	size_t n = 0;

	pipe_read(p, &p->pipes[0], &n);
}

static void on_stderr(void *arg)
{
	struct proc *p = arg;
	size_t n = 0;

	pipe_read(p, &p->pipes[1], &n);
}

static void proc_unlink(struct proc *p)
{
	for (struct proc **at = &proc_all; *at; at = &(*at)->next)
		if (*at == p) {
			*at = p->next;
			return;
		}
}

static void proc_release(struct proc *p)
{
	proc_unlink(p);
	loop_remove(p->loop, p->exit_source);
	loop_remove(p->loop, p->timer);
	pipe_close(p, &p->pipes[0]);
	pipe_close(p, &p->pipes[1]);
	fd_close(&p->pidfd);
	free(p);
}

/* All writers that we know of are dead, so what they wrote is in the pipes.  A
 * stranger that holds one open is not waited for. */
static void proc_finish(struct proc *p)
{
	for (int i = 0; i < 2; i++) {
		size_t n = 0;

		while (n < DRAIN_BYTES && pipe_read(p, &p->pipes[i], &n))
			;
	}
	p->end.ms = io_monotonic_ms() - p->started_ms;
	if (p->handler.ended)
		p->handler.ended(p->handler.arg, &p->end);
	proc_release(p);
}

/* Reaps what the group left to us; false once it is empty. */
static bool group_lives(const struct proc *p)
{
	while (waitpid(-p->pid, NULL, WNOHANG) > 0)
		;
	return !kill(-p->pid, 0);
}

/* After the end of the leader: looks whether all that it started is gone, now and again.
 * A group that got SIGTERM keeps its grace. */
static void proc_settle(void *arg)
{
	struct proc *p = arg;
	int64_t now = io_monotonic_ms();
	bool lives = group_lives(p);

	p->timer = NULL;
	if (lives && (!p->terminating || now >= p->kill_at_ms))
		kill(-p->pid, SIGKILL);
	if (!lives && !proc_end_strays(p)) {
		proc_finish(p);
		return;
	}
	if (now >= p->settle_until_ms + (p->terminating ? KILL_GRACE_MS : 0)) {
		proc_finish(p);
		return;
	}
	p->timer = loop_add_timer(p->loop, p->pause_ms, proc_settle, p);
	p->pause_ms = p->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : p->pause_ms * 2;
}

static void proc_reap(struct proc *p)
{
	struct rusage ru = {0};
	int status = 0;

	/* While its zombie is there, nobody else can have the group's number. */
	if (!p->terminating)
		kill(-p->pid, SIGKILL);
	while (wait4(p->pid, &status, 0, &ru) < 0 && errno == EINTR)
		;
	p->reaped = true;
	p->end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	p->end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	p->end.max_rss_kib = ru.ru_maxrss;
}

static void on_exit_of(void *arg)
{
	struct proc *p = arg;

	loop_remove(p->loop, p->exit_source);
	p->exit_source = NULL;
	loop_remove(p->loop, p->timer);
	p->timer = NULL;
	proc_reap(p);
	p->settle_until_ms = io_monotonic_ms() + SETTLE_MS;
	p->pause_ms = 1;
	proc_settle(p);
}

static void on_grace_over(void *arg)
{
	struct proc *p = arg;

	p->timer = NULL;
	kill(-p->pid, SIGKILL);
}

pid_t proc_pid(const struct proc *p)
{
	return p->pid;
}

void proc_kill(struct proc *p, bool force)
{
	int64_t now = io_monotonic_ms();

	if (force) {
		p->terminating = true;
		p->kill_at_ms = now;
		if (!p->reaped)
			kill(-p->pid, SIGKILL);
		return;
	}
	if (p->terminating || p->reaped)
		return;
	p->terminating = true;
	p->kill_at_ms = now + KILL_GRACE_MS;
	kill(-p->pid, SIGTERM);
	kill(-p->pid, SIGCONT);
	p->timer = loop_add_timer(p->loop, KILL_GRACE_MS, on_grace_over, p);
}

void proc_free(struct proc *p)
{
	int64_t until = io_monotonic_ms() + SETTLE_MS;

	if (!p)
		return;
	p->terminating = false;
	if (!p->reaped)
		proc_reap(p);
	while ((group_lives(p) || proc_end_strays(p)) && io_monotonic_ms() < until) {
		kill(-p->pid, SIGKILL);
		usleep(1000);
	}
	proc_release(p);
}

static int start_failed(const struct proc_spec *spec, const struct spawn_failure *f,
			struct err *err)
{
	errno = f->sys;
	if (f->what == SPAWN_FOLDER)
		return err_sys(err, "cannot enter the folder %s", spec->folder);
	if (f->what == SPAWN_PROCESS && f->sys == EAGAIN)
		return err_sys(
			err, "cannot start %s: no more processes are allowed (ulimit -u)",
			spec->argv[0]);
	if (f->sys == E2BIG)
		return err_sys(
			err,
			"cannot start %s: its arguments and environment are too long",
			spec->argv[0]);
	return err_sys(err, "cannot start %s", spec->argv[0]);
}

/* The environment with the mark in front. */
static char **env_with_mark(const struct proc_spec *spec, char *mark)
{
	size_t n = 0;
	char **env;

	while (spec->envp[n])
		n++;
	env = calloc(n + 2, sizeof *env);
	if (!env)
		err_nomem();
	env[0] = mark;
	memcpy(env + 1, spec->envp, n * sizeof *env);
	return env;
}

static int spawn_piped(struct proc *p, const struct proc_spec *spec, struct err *err)
{
	int out[2] = {-1, -1}, errs[2] = {-1, -1}, rc = -1;
	struct spawn_failure failure = {SPAWN_PROCESS, 0};
	char **env = env_with_mark(spec, p->mark);

	if (pipe_open(out) || pipe_open(errs)) {
		err_sys(err, "cannot start %s", spec->argv[0]);
		goto out;
	}
	p->pid = spawn(&(struct spawn){spec->argv, env, spec->folder,
				       {null_fd, out[1], errs[1]}, &failure});
	if (failure.sys) {
		start_failed(spec, &failure, err);
		while (p->pid > 0 && waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
		goto out;
	}
	p->pipes[0].fd = out[0];
	p->pipes[1].fd = errs[0];
	out[0] = errs[0] = -1;
	rc = 0;
out:
	free(env);
	fd_close(&out[0]);
	fd_close(&out[1]);
	fd_close(&errs[0]);
	fd_close(&errs[1]);
	return rc;
}

static int proc_watch(struct proc *p, struct err *err)
{
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0u);
	if (p->pidfd >= 0)
		p->exit_source = loop_add_fd(p->loop, p->pidfd, on_exit_of, p);
	p->pipes[0].source = loop_add_fd(p->loop, p->pipes[0].fd, on_stdout, p);
	p->pipes[1].source = loop_add_fd(p->loop, p->pipes[1].fd, on_stderr, p);
	if (p->exit_source && p->pipes[0].source && p->pipes[1].source)
		return 0;
	return err_sys(err, "cannot watch a process");
}

struct proc *proc_start(struct loop *l, const struct proc_spec *spec,
			const struct proc_handler *h, struct err *err)
{
	static unsigned long count;
	struct proc *p;

	if (proc_prepare(err))
		return NULL;
	p = calloc(1, sizeof *p);
	if (!p)
		err_nomem();
	*p = (struct proc){
		.loop = l, .handler = *h, .pidfd = -1, .pipes = {{.fd = -1}, {.fd = -1}}};
	snprintf(p->mark, sizeof p->mark, "KFPC_PROC=%d.%lu", (int)getpid(), ++count);
	p->started_ms = io_monotonic_ms();
	if (spawn_piped(p, spec, err)) {
		free(p);
		return NULL;
	}
	p->next = proc_all;
	proc_all = p;
	if (proc_watch(p, err)) {
		proc_free(p);
		return NULL;
	}
	return p;
}
