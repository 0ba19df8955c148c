/* `cpu_limit` and `memory_limit` without privileges.
 *
 * A task with a cpu_limit may run on that many processors (whole ones, those that the
 * fewest others are bound to), which its threads inherit and which programs that count
 * processors see.  The memory of a task with a memory_limit is looked at several times
 * a second, that of all processes of its session together; beyond the limit it is
 * killed.  A limit on its address space would hurt those that only reserve much. */
#include <config.h>

#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/vm/runner.h"

enum { STAT_BYTES = 4096, SESSION_FIELD = 6, RSS_FIELD = 24 };

struct watched {		/* one attempt, and what its session uses */
	struct attempt *at;
	int64_t session, bytes;
};

void run_limits_init(struct runner *r)
{
	CPU_ZERO(&r->limits.all);
	if (sched_getaffinity(0, sizeof r->limits.all, &r->limits.all))
		CPU_ZERO(&r->limits.all);
	r->limits.oom_kills = machine_oom_kills();
}

static void choose_cpus(struct runner *r, struct attempt *at, int n)
{
	cpu_set_t *set = ARENA_NEW(at->a, cpu_set_t);

	CPU_ZERO(set);
	for (; n > 0; n--) {
		size_t best = CPU_SETSIZE;

		for (size_t i = 0; i < CPU_SETSIZE; i++)
			if (CPU_ISSET(i, &r->limits.all) && !CPU_ISSET(i, set) &&
			    (best == CPU_SETSIZE ||
			     r->limits.used[i] < r->limits.used[best]))
				best = i;
		if (best == CPU_SETSIZE)
			break;
		CPU_SET(best, set);
		r->limits.used[best]++;
	}
	at->cpus = set;
}

void run_limits_enter(struct attempt *at)
{
	struct runner *r = at->r;
	struct value cpus = at->t->settings[SETTING_CPU_LIMIT];
	struct value memory = at->t->settings[SETTING_MEMORY_LIMIT];

	if (memory.kind == VALUE_INT) {
		at->memory_limit = memory.i;
		r->limits.nwatched++;
	}
	if (cpus.kind != VALUE_FLOAT || !(cpus.f < CPU_COUNT(&r->limits.all)))
		return;
	choose_cpus(r, at, (int)ceil(cpus.f));
	sched_setaffinity(0, sizeof *at->cpus, at->cpus);
}

void run_limits_leave(const struct attempt *at)
{
	if (at->cpus)
		sched_setaffinity(0, sizeof at->r->limits.all, &at->r->limits.all);
}

void run_limits_end(struct attempt *at)
{
	for (size_t i = 0; at->cpus && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, at->cpus))
			at->r->limits.used[i]--;
	at->cpus = NULL;
	if (at->memory_limit)
		at->r->limits.nwatched--;
	at->memory_limit = 0;
}

/* Fields of /proc/PID/stat; the name in the second one may have blanks and brackets. */
static bool read_stat(const char *pid, int64_t *session, int64_t *pages)
{
	char path[300], text[STAT_BYTES], *at, *next;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strrchr(text, ')');
	if (!at || strlen(at) < 5)
		return false;
	at += 3;		/* behind the state, the third field */
	*session = *pages = 0;
	for (int field = 4; field <= RSS_FIELD; field++, at = next) {
		long long x = strtoll(at, &next, 10);

		if (next == at)
			return false;
		if (field == SESSION_FIELD)
			*session = x;
		*pages = x;
	}
	return true;
}

/* What is shared counts in part, so that forks are not counted in full; -1: not told. */
static int64_t read_pss(const char *pid)
{
	char path[300], line[256];
	long long kib = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
	f = fopen(path, "re");
	while (f && kib < 0 && fgets(line, sizeof line, f))
		if (sscanf(line, "Pss: %lld", &kib) != 1)
			kib = -1;
	if (f)
		fclose(f);
	return kib < 0 ? -1 : kib * 1024;
}

static void add_process(struct watched *w, size_t n, const char *pid, bool exactly)
{
	int64_t session, pages, bytes, page = sysconf(_SC_PAGESIZE);

	if (pid[0] < '1' || pid[0] > '9' || !read_stat(pid, &session, &pages))
		return;
	for (size_t i = 0; i < n; i++) {
		if (w[i].session != session)
			continue;
		bytes = exactly ? read_pss(pid) : -1;
		w[i].bytes += bytes < 0 ? pages * page : bytes;
	}
}

static void add_all(struct watched *w, size_t n, bool exactly)
{
	struct dirent *e;
	DIR *d = opendir("/proc");

	while (d && (e = readdir(d)))
		add_process(w, n, e->d_name, exactly);
	if (d)
		closedir(d);
}

static void kill_task(struct attempt *at, int64_t bytes)
{
	struct str used = resource_text(RESOURCE_MEMORY, bytes, at->a);
	struct str limit = resource_text(RESOURCE_MEMORY, at->memory_limit, at->a);

	err_set(&at->err, "out of memory: it uses %.*s, and its memory_limit is %.*s",
		STR_ARG(used), STR_ARG(limit));
	at->has_failed = true;
	exec_cancel(at->exec, true);
}

void run_limits_watch(struct runner *r)
{
	struct arena a = {0};
	struct watched *w = ARENA_ARRAY(&a, r->limits.nwatched + 1, struct watched);
	size_t n = 0, nover = 0;

	for (struct sched_task *t = r->sched.running; t; t = t->next) {
		struct attempt *at = t->user;

		if (at && at->exec && at->memory_limit && !at->has_failed &&
		    n < r->limits.nwatched)
			w[n++] = (struct watched){at, exec_pid(at->exec), 0};
	}
	if (n)
		add_all(w, n, false);
	for (size_t i = 0; i < n; i++)
		if (w[i].session > 0 && w[i].bytes > w[i].at->memory_limit)
			w[nover++] = (struct watched){w[i].at, w[i].session, 0};
	if (nover)
		add_all(w, nover, true);
	for (size_t i = 0; i < nover; i++)
		if (w[i].bytes > w[i].at->memory_limit)
			kill_task(w[i].at, w[i].bytes);
	arena_release(&a);
}

struct str run_limits_explain(struct attempt *at)
{
	int64_t kills;

	if (at->result.state != EXEC_FAILED || at->result.signal != SIGKILL)
		return STR("");
	kills = machine_oom_kills();
	if (kills <= at->r->limits.oom_kills)
		return STR("");
	at->r->limits.oom_kills = kills;
	return arena_printf(
		at->a,
		"out of memory: there was none left, and the kernel killed it "
		"(it had used %.*s)",
		STR_ARG(resource_text(RESOURCE_MEMORY, at->result.max_rss_kib * 1024,
				      at->a)));
}
