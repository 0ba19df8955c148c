/* Processes: ends, groups, those that fork away, floods of output, and what is
 * inherited. */
#include <config.h>

#include "runtime/exec/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/io.h"
#include "tests/unit/tap.h"

static struct loop *l;
static struct buf out;
static size_t total, biggest;
static struct proc_end end;
static int running;
extern char **environ;

static void on_output(void *arg, bool is_stderr, struct str bytes)
{
	(void)arg;
	(void)is_stderr;
	total += bytes.n;
	biggest = bytes.n > biggest ? bytes.n : biggest;
	if (out.n < 1 << 20)
		buf_add(&out, bytes);
}

static void on_ended(void *arg, const struct proc_end *e)
{
	(void)arg;
	end = *e;
	running--;
}

static struct proc *start(const char *script)
{
	static char sh[] = "/bin/sh", c[] = "-c";
	static char *argv[4] = {sh, c, NULL, NULL};
	struct err err = {0};
	struct proc *p;

	argv[2] = strdup(script);
	buf_clear(&out);
	total = biggest = 0;
	p = proc_start(l, &(struct proc_spec){argv, environ, "/"},
		       &(struct proc_handler){on_output, on_ended, NULL}, &err);
	free(argv[2]);
	running += p != NULL;
	if (!p)
		printf("# %s\n", err.text);
	return p;
}

static int64_t wait_all(void)
{
	int64_t from = io_monotonic_ms();
	struct err err = {0};

	while (running)
		loop_step(l, 60000, &err);
	return io_monotonic_ms() - from;
}

static void run(const char *script)
{
	start(script);
	wait_all();
}

/* The pid that a script left in the output. */
static bool is_alive(void)
{
	pid_t pid = (pid_t)strtol(buf_cstr(&out), NULL, 10);

	return pid > 1 && !kill(pid, 0);
}

static void ends(void)
{
	struct err err = {0};
	char *missing[] = {(char[]){"/nonexistent/program"}, NULL};
	char *script[] = {(char[]){"/dev/null"}, NULL};
	struct proc_handler h = {on_output, on_ended, NULL};

	run("echo hello; exit 3");
	is_str(buf_cstr(&out), "hello\n", "output arrives");
	is_int(end.exit_code, 3, "exit status");
	ok(end.max_rss_kib > 0, "peak memory is known");
	run("kill -SEGV $$");
	is_int(end.signal, SIGSEGV, "the signal that ended it");
	is_int(end.exit_code, -1, "no exit status then");
	ok(!proc_start(l, &(struct proc_spec){missing, environ, NULL}, &h, &err),
	   "no such program");
	is_int(err.sys, ENOENT, "says so");
	is_str(err.text, "cannot start /nonexistent/program: No such file or directory",
	       "in words");
	ok(!proc_start(l, &(struct proc_spec){script, environ, NULL}, &h, &err),
	   "not executable");
	is_int(err.sys, EACCES, "says so");
	ok(!proc_start(l, &(struct proc_spec){script, environ, "/nonexistent"}, &h, &err),
	   "no such folder");
	is_str(err.text,
	       "cannot enter the folder /nonexistent: No such file or directory",
	       "in words");
}

static void inheritance(void)
{
	/* not close-on-exec, as a careless parent's */
	int leak = open("/dev/null", O_RDONLY);
	sigset_t usr1;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	run("ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0; "
	    /* less signals 32 and 33, glibc's own, which a careless parent may have ignored */
	    "grep -E 'SigBlk|SigIgn' /proc/self/status | sed s/[01]80000000$/000000000/ "
	    "| "
	    "tr -d '\\n\\t'");
	is_str(buf_cstr(&out),
	       "0 1 2 3 /dev/null\nSigBlk:0000000000000000SigIgn:0000000000000000",
	       "three descriptors (and that of ls), no blocked, no ignored signal");
	run("ps -o sid= -p $$ | tr -d ' '; echo $$");
	ok(strtol(buf_cstr(&out), NULL, 10) ==
		   strtol(strchr(buf_cstr(&out), '\n'), NULL, 10),
	   "it leads a session");
	run("exec 2>/dev/null; (: </dev/tty) && echo tty || echo none");
	is_str(buf_cstr(&out), "none\n", "without a terminal");
	close(leak);
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
}

static void kills(void)
{
	struct proc *p;
	int64_t ms;

	p = start("echo on; sleep 100 & sleep 100");
	while (!out.n)
		loop_step(l, 1000, NULL);
	proc_kill(p, false);
	ok(wait_all() < 2000, "SIGTERM ends the group at once");
	is_int(end.signal, SIGTERM, "by that signal");

	p = start("trap '' TERM; echo on; while :; do sleep 0.05; done");
	while (!out.n)
		loop_step(l, 1000, NULL);
	proc_kill(p, false);
	ms = wait_all();
	ok(ms >= KILL_GRACE_MS - 100 && ms < KILL_GRACE_MS + 2000,
	   "what ignores SIGTERM is killed after the grace");
	is_int(end.signal, SIGKILL, "by SIGKILL");

	p = start("echo on; kill -STOP $$; sleep 100");
	while (!out.n)
		loop_step(l, 1000, NULL);
	loop_step(l, 50, NULL);
	proc_kill(p, false);
	ok(wait_all() < 2000, "a stopped one is woken to die");

	p = start("(trap 'sleep 0.3; echo saved; exit' TERM; echo on; while :; do sleep "
		  "0.05; done) & "
		  "wait");
	while (!out.n)
		loop_step(l, 1000, NULL);
	proc_kill(p, false);
	wait_all();
	ok(strstr(buf_cstr(&out), "saved"),
	   "children have the grace too, after their leader died");

	p = start("trap '' TERM; echo on; sleep 100");
	while (!out.n)
		loop_step(l, 1000, NULL);
	proc_kill(p, false);
	proc_kill(p, true);
	ok(wait_all() < 2000, "force does not wait for the grace");
	p = start("sleep 100");
	proc_free(p);
	running--;
	ok(true, "proc_free ends one in the middle");
}

static void strays(void)
{
	pid_t own;

	run("sleep 100 & echo $!");
	ok(!is_alive(), "a background child dies with its leader");
	run("setsid sh -c 'echo $$; exec sleep 100' & sleep 0.1");
	ok(!is_alive(), "one in a session of its own too");
	run("setsid sh -c '(setsid sh -c \"echo \\$\\$; exec sleep 100\" &) ; exit' & "
	    "sleep 0.2");
	ok(!is_alive(), "a daemon that forked twice too");
	run("setsid sh -c '(env -i setsid sh -c \"echo \\$\\$; exec sleep 100\" &) ; "
	    "exit' & sleep 0.2");
	ok(!is_alive(),
	   "and one that cleaned its environment, as nobody else could own it");
	own = fork();
	if (!own) {
		pause();
		_exit(0);
	}
	run("(setsid sleep 100 &)");
	ok(!kill(own, 0) && waitpid(own, NULL, WNOHANG) == 0,
	   "other children of ours are left alone");
	kill(own, SIGKILL);
	ok(waitpid(own, NULL, 0) == own, "and left to be reaped by their owner");
}

/* A daemon of a task that still runs must survive the end of another task. */
static void strays_of_others(void)
{
	struct proc *p = start("setsid sh -c 'echo $$; exec sleep 100' & sleep 100");
	static char sh[] = "/bin/true";
	char *argv[] = {sh, NULL};
	struct proc_handler h = {NULL, on_ended, NULL};

	while (!out.n)
		loop_step(l, 1000, NULL);
	running++;
	proc_start(l, &(struct proc_spec){argv, environ, NULL}, &h, NULL);
	while (running > 1)
		loop_step(l, 1000, NULL);
	ok(is_alive(), "the daemon of one task survives the end of another");
	proc_kill(p, true);
	wait_all();
	ok(!is_alive(), "and dies with its own");
}

static void floods(void)
{
	struct rusage before, after;
	struct proc *p;

	getrusage(RUSAGE_SELF, &before);
	run("head -c 200000000 /dev/zero");
	getrusage(RUSAGE_SELF, &after);
	is_int((long long)total, 200000000, "200 MB arrive");
	ok(biggest <= PROC_CHUNK_BYTES, "in chunks of at most 64 KiB");
	ok(after.ru_maxrss - before.ru_maxrss < 16 << 10, "without taking memory");
	p = start("yes");
	while (total < 1 << 20)
		loop_step(l, 1000, NULL);
	proc_kill(p, false);
	ok(wait_all() < 3000, "an endless writer is ended");
	run("head -c 60000 /dev/zero; exit 1");
	is_int((long long)total, 60000, "what is in the pipe at the end is read");
}

static void limits(void)
{
	struct err err = {0};
	static char big[200 << 10];
	char *argv[] = {(char[]){"/bin/true"}, big, NULL};
	struct proc_handler h = {on_output, on_ended, NULL};

	memset(big, 'x', sizeof big - 1);
	ok(!proc_start(l, &(struct proc_spec){argv, environ, NULL}, &h, &err),
	   "too long an argument");
	is_int(err.sys, E2BIG, "says so");
}

static void many(void)
{
	static char path[] = "/bin/true";
	char *argv[] = {path, NULL};
	struct proc_handler h = {on_output, on_ended, NULL};
	int fds = open("/dev/null", O_RDONLY), after;

	close(fds);
	for (int i = 0; i < 300; i++) {
		running++;
		if (!proc_start(l, &(struct proc_spec){argv, environ, NULL}, &h, NULL))
			break;
		while (running >= 8)
			loop_step(l, 1000, NULL);
	}
	wait_all();
	after = open("/dev/null", O_RDONLY);
	is_int(after, fds, "300 processes, eight at a time, leave no descriptor behind");
	close(after);
	ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "and no zombie");
}

int main(void)
{
	struct err err = {0};

	l = loop_new(&err);
	ends();
	inheritance();
	kills();
	strays();
	strays_of_others();
	floods();
	limits();
	many();
	loop_free(l);
	buf_release(&out);
	return done_testing();
}
