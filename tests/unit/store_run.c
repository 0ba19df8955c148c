/* Runs: the journal and its end, logs, metrics, locks, crashes, a full disk. */
#include <config.h>

#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "runtime/store/fsck.h"
#include "runtime/store/index.h"
#include "runtime/store/priv.h"
#include "runtime/store/uuid.h"
#include "runtime/store/view.h"
#include "tests/unit/store_util.h"

#define HEADER "\"pipeline\":\"iris\",\"name\":\"밤 \\\"1\\\"\",\"config\":{}"

static struct store *s;

static void load(const char *id, struct run_view *v)
{
	struct err err;

	if (run_view_load(s, id, true, v, &err))
		die("run_view_load", &err);
}

static void test_uuid(void)
{
	char last[UUID_CHARS + 1] = "", id[UUID_CHARS + 1];
	int nwrong = 0;

	for (int i = 0; i < 20000; i++) {
		uuid_make(id);
		nwrong += !uuid_is_valid(id) || strcmp(last, id) >= 0 || id[14] != '7' ||
			  !strchr("89ab", id[19]);
		memcpy(last, id, sizeof id);
	}
	is_int(nwrong, 0, "20000 UUIDs are valid and in order");
	ok(llabs(uuid_time_ms(id) - io_now_ms()) < 10000, "they tell the time");
	ok(!uuid_is_valid("") && !uuid_is_valid("../../../../../../../etc/passwd....."),
	   "other text is none");
}

static void write_whole_run(struct run *r)
{
	struct err err;
	struct run_log *l;

	must_append(r, EVENT_RUN_STARTED, "\"pid\":1");
	must_append(r, EVENT_TASK_STARTED,
		    "\"task\":\"train/fit\",\"attempt\":1,\"component\":"
		    "\"fit\",\"inputs\":{\"c\":0.5}");
	l = run_log_begin(r, STR("train/fit"), 1);
	ok(!run_log_write(l, false, STR("out 1\n"), &err) &&
	   !run_log_write(l, false, STR("out 2\n"), &err) &&
	   !run_log_write(l, true, STR("err 1\n"), &err), "what a task writes is kept");
	ok(!run_log_end(l, &err), "a log ends");
	must_append(r, EVENT_TASK_RETRY,
		    "\"task\":\"train/fit\",\"attempt\":1,\"error\":\"no\","
		    "\"exit_code\":3,\"wait_ms\":10");
	must_append(r, EVENT_TASK_STARTED, "\"task\":\"train/fit\",\"attempt\":2");
	ok(!run_metric(r, STR("train/fit"), 2, STR("loss"), false, 0, 0.5, 11, &err) &&
		   !run_metric(r, STR("train/fit"), 2, STR("loss"), false, 1, (double)NAN,
			       12, &err) &&
		   !run_metric(r, STR("train/fit"), 2, STR("loss"), false, 2, 0.25, 13,
			       &err) &&
		   !run_metric(r, STR("train/fit"), 2, STR("손실 \"x\""), true, 0,
			       -(double)INFINITY, 14, &err),
	   "points of metrics are kept");
	must_append(r, EVENT_TASK_FINISHED,
		    "\"task\":\"train/fit\",\"attempt\":2,\"state\":"
		    "\"succeeded\",\"outputs\":{\"n\":7},\"exit_code\":0");
	must_append(r, EVENT_TASK_SKIPPED, "\"task\":\"deploy\",\"reason\":\"branch\","
		    "\"because\":\"if\"");
	must_append(r, EVENT_VALUE, "\"task\":\"x\",\"error\":\"division by zero\"");
}

static void check_task(const struct run_view *v)
{
	struct view_task *t = run_view_task(v, STR("train/fit"));

	if (!ok(t && t->attempts.n == 2, "a task with two attempts"))
		return;
	ok(str_is(t->state, "succeeded") && str_is(t->component, "fit"),
	   "its state, component");
	ok(str_is(t->attempts.at[0].state, "failed") &&
	   str_is(t->attempts.at[0].error, "no") &&
	   t->attempts.at[0].exit_code == 3, "its first attempt");
	ok(t->attempts.at[0].log.n == 2 && !t->attempts.at[0].log.at[0].is_stderr &&
	   t->attempts.at[0].log.at[0].length == 12 &&
	   t->attempts.at[0].log.at[1].is_stderr &&
	   t->attempts.at[0].log.at[1].offset == 12, "what was written to which stream");
	ok(t->outputs.n == 1 && t->outputs.at[0].value.i == 7 &&
	   !t->outputs.at[0].is_artifact, "its outputs");
	t = run_view_task(v, STR("deploy"));
	ok(t && str_is(t->state, "skipped") && str_is(t->reason, "branch") &&
	   str_is(t->because, "if"), "a skipped task says why");
	ok(v->values.n == 1 && str_is(v->values.at[0].error, "division by zero"),
	   "a binding that failed");
}

static void check_metrics(const struct run_view *v)
{
	const struct view_metric *m = v->metrics.at;

	if (!ok(v->metrics.n == 2, "two metrics"))
		return;
	ok(str_is(m->name, "loss") && !m->is_static && m->npoints == 3 &&
	   m->last == 0.25 &&
	   m->min == 0.25 && m->max == 0.5 && m->last_step == 2,
	   "a series, NaN passed over");
	ok(isnan(m->points.at[1].value) && m->points.at[1].time_ms == 12, "its points");
	m++;
	ok(str_is(m->name, "손실 \"x\"") && m->is_static && isinf(m->last) &&
	   m->attempt == 2, "a static metric with quotes in its name");
}

static void test_whole_run(void)
{
	struct run *r = must_create(s, HEADER);
	struct run_view v;
	struct err err;
	char id[RUN_ID_CHARS + 1], path[256];

	memcpy(id, run_id(r), sizeof id);
	load(id, &v);
	ok(str_is(v.state, "running") && v.is_live && str_is(v.name, "밤 \"1\""),
	   "a new run is running");
	run_view_release(&v);
	write_whole_run(r);
	ok(run_durable(r) <= 8, "records are counted");
	ok(!run_flush(r, &err) && run_durable(r) == 8, "and durable after a flush");
	ok(!run_finish(r, "succeeded", STR("\"outputs\":{\"n\":7},\"ms\":12"), &err),
	   "it ends");
	load(id, &v);
	ok(str_is(v.state, "succeeded") && !v.is_live && !v.damage.n && v.nrecords == 9,
	   "an ended run is read whole");
	ok(str_is(v.pipeline, "iris") && v.outputs.kind == VALUE_DICT,
	   "with header and outputs");
	check_task(&v);
	check_metrics(&v);
	run_view_release(&v);
	snprintf(path, sizeof path, "store/runs/%s/reserve", id);
	ok(!exists(path), "nothing is kept back any more");
}

static void test_durable_is_announced(void)
{
	struct run *r = must_create(s, HEADER);
	struct pollfd p = {.fd = run_sync_fd(r), .events = POLLIN};
	struct err err;
	int64_t n = must_append(r, EVENT_RUN_STARTED, "");

	while (run_durable(r) < n && poll(&p, 1, 10000) > 0)
		if (run_sync_result(r, &err))
			break;
	is_int(run_durable(r), n, "the descriptor tells when a record is durable");
	run_sync_result(r, NULL);
	is_int(poll(&p, 1, 0), 0, "and is quiet once that was taken note of");
	run_abandon(r);
}

/* Whatever the journal file holds at any moment, synced or not, may be what a power cut
 * leaves: the blobs that it speaks of must have been synced before. */
static void test_blobs_come_first(void)
{
	struct run *r = must_create(s, HEADER);
	struct blob b;
	struct err err = {0};
	struct run_view v;

	for (int i = 0; i < 2; i++) {
		char text[32];

		snprintf(text, sizeof text, "a blob, %d", i);
		cas_put(s, str_of(text), &b, &err);
		if (i)		/* as if its sync took very long */
			pthread_mutex_lock(&s->sync_lock);
		must_append(r, EVENT_TASK_FINISHED, "\"task\":\"a\",\"attempt\":1");
		if (!i)
			run_flush(r, &err);
	}
	usleep(30000);
	load(run_id(r), &v);
	is_int(v.nrecords, 1, "a record is not written before its blobs are synced");
	run_view_release(&v);
	pthread_mutex_unlock(&s->sync_lock);
	ok(!run_flush(r, &err), "and is written after that");
	load(run_id(r), &v);
	is_int(v.nrecords, 2, "as it was");
	run_view_release(&v);
	run_abandon(r);
}

/* A blob that is gone before it was synced: nothing after it counts as durable. */
static void test_sync_fails(void)
{
	struct run *r = must_create(s, HEADER);
	struct arena a = {0};
	struct run_view v;
	struct blob b;
	struct err err = {0};
	char id[RUN_ID_CHARS + 1];

	memcpy(id, run_id(r), sizeof id);
	cas_put(s, STR("about to vanish"), &b, &err);
	unlink(cas_path(s, &b.digest, &a).p);
	must_append(r, EVENT_RUN_STARTED, "");
	ok(run_flush(r, &err) == -1 && err.text[0], "a sync that fails is told");
	is_int(run_durable(r), 0, "nothing is durable");
	ok(run_sync_result(r, &err) == -1, "whoever asks is told too");
	ok(run_finish(r, "succeeded", STR(""), &err) == -1, "the run cannot end well");
	load(id, &v);
	ok(!v.damage.n, "and can be read");
	run_view_release(&v);
	cas_put(s, STR("about to vanish"), &b, &err);
	arena_release(&a);
}

static void test_folders(void)
{
	struct run *r = must_create(s, HEADER);
	struct arena a = {0};
	struct err err;
	struct str task = STR("train/fold[3]/적합");
	struct str p = run_work_folder(r, task, 2, true, true, &a, &err), q;
	char longer[600];

	ok(str_has_suffix(p, STR("/tasks/train~fold[3]~적합.2")) && exists(p.p),
	   "a work folder");
	ok(exists(io_join(&a, p, STR("in")).p) && exists(io_join(&a, p, STR("out")).p),
	   "in, out");
	run_remove_work_folder(r, task, 2);
	ok(!exists(p.p), "it is removed");
	memset(longer, 'x', sizeof longer);
	p = run_work_folder(r, (struct str){longer, 599}, 1, false, false, &a, &err);
	q = run_work_folder(r, (struct str){longer, 600}, 1, false, false, &a, &err);
	ok(p.n && q.n && !str_eq(p, q), "paths that are too long stay apart");
	run_abandon(r);
	arena_release(&a);
}

static void test_lost(void)
{
	struct run *r = must_create(s, HEADER);
	struct run_view v;
	struct err err;
	char id[RUN_ID_CHARS + 1];

	memcpy(id, run_id(r), sizeof id);
	must_append(r, EVENT_TASK_STARTED, "\"task\":\"a\",\"attempt\":1");
	run_flush(r, &err);
	run_abandon(r);
	load(id, &v);
	ok(str_is(v.state, "lost") && !v.damage.n, "a run whose owner is gone is lost");
	ok(str_is(v.tasks.at[0]->state, "cancelled"), "its tasks do not run any more");
	run_view_release(&v);
}

static void write_bytes(const char *path, const char *p, size_t n)
{
	struct err err;

	if (io_write_file(path, (struct str){p, n}, 0600, false, &err))
		die(path, &err);
}

/* The journal cut off at each byte: read as far as it goes, and no damage. */
static void test_truncated(const char *path, const char *id, const char *text, size_t n)
{
	int nwrong = 0;

	for (size_t cut = 0; cut <= n; cut++) {
		struct run_view v;

		write_bytes(path, text, cut);
		load(id, &v);
		nwrong += v.damage.n || v.journal_bytes + v.torn_bytes != (int64_t)cut ||
			  (cut < n && !str_is(v.state, "lost"));
		run_view_release(&v);
	}
	is_int(nwrong, 0, "a journal cut off anywhere is read up to there");
}

/* Each byte changed: the record is not believed. */
static void test_flipped(const char *path, const char *id, char *text, size_t n)
{
	int nwrong = 0;

	for (size_t at = 0; at < n; at++) {
		struct run_view v;

		text[at] ^= 4;
		write_bytes(path, text, n);
		load(id, &v);
		nwrong += !v.damage.n && !v.torn_bytes;
		run_view_release(&v);
		text[at] ^= 4;
	}
	is_int(nwrong, 0, "a changed byte is found wherever it is");
}

static void test_missing_record(const char *path, const char *id, const char *text,
				size_t n)
{
	size_t first = str_find((struct str){text, n}, STR("\n"), 0) + 1;
	struct run_view v;

	write_bytes(path, text + first, n - first);
	load(id, &v);
	ok(str_find(v.damage, STR("record 1 is missing"), 0) < v.damage.n,
	   "a lost record too");
	run_view_release(&v);
}

static void test_journal_damage(void)
{
	struct run *r = must_create(s, HEADER);
	struct buf text = {0};
	struct run_view v;
	struct err err;
	char id[RUN_ID_CHARS + 1], path[256], done[256];

	memcpy(id, run_id(r), sizeof id);
	snprintf(path, sizeof path, "store/runs/%s/journal", id);
	snprintf(done, sizeof done, "store/runs/%s/DONE", id);
	write_whole_run(r);
	run_finish(r, "succeeded", STR(""), &err);
	io_read_file(path, 1 << 20, &text, NULL);
	write_bytes(path, text.p, text.n - 5);
	load(id, &v);
	ok(v.damage.n, "a journal shorter than DONE says is damaged");
	run_view_release(&v);
	unlink(done);
	test_truncated(path, id, text.p, text.n);
	test_flipped(path, id, text.p, text.n);
	test_missing_record(path, id, text.p, text.n);
	write_bytes(path, "\0\0\0\0not a journal\n{}\n", 21);
	load(id, &v);
	ok(str_is(v.state, "lost") && v.torn_bytes == 21, "rubbish is no journal");
	run_view_release(&v);
	unlink(path);
	load(id, &v);
	ok(v.damage.n, "a missing journal is damage");
	run_view_release(&v);
	buf_release(&text);
}

/* Records with sound checksums that say what no kfpc says: read without harm. */
static void test_odd_records(void)
{
	static const char *const members[] = {
		"\"task\":5", "\"task\":\"\"", "\"task\":null,\"attempt\":[]", "",
		"\"task\":\"a\"", "\"task\":\"a\",\"attempt\":\"x\",\"parts\":7",
		"\"task\":\"a\",\"parts\":[1,[],[1,2],[1,-5,3],[1,2,\"x\"],[1,2,3,4]]",
		"\"task\":\"a\",\"parts\":[[2,9223372036854775807,9223372036854775807]]",
		"\"task\":\"a\",\"attempt\":-1,\"state\":{},\"outputs\":[1],\"error\":7",
		"\"task\":\"a\",\"outputs\":{\"x\":{\"$artifact\":1,\"digest\":\"..\"}}",
		"\"task\":\"a\",\"inputs\":{\"x\":{\"$artifact\":\"M\",\"size\":\"0\"}}",
		"\"state\":17,\"outputs\":\"x\",\"event\":\"run_finished\"",
	};
	struct run *r = must_create(s, HEADER);
	struct run_view v;
	struct err err;
	char id[RUN_ID_CHARS + 1];

	memcpy(id, run_id(r), sizeof id);
	for (int e = 0; e < EVENT_N; e++)
		for (size_t i = 0; i < sizeof members / sizeof *members; i++)
			if (e != EVENT_RUN_FINISHED)
				must_append(r, (enum event)e, members[i]);
	run_flush(r, &err);
	load(id, &v);
	ok(str_is(v.state, "running") && run_view_task(&v, STR("a")),
	   "odd records are read");
	run_view_release(&v);
	run_finish(r, "failed", STR(""), &err);
}

struct putter {
	pthread_t thread;
	int number, nbad;
};

static void *put_and_take(void *arg)
{
	struct putter *p = arg;

	for (int i = 0; i < 60; i++) {
		char text[64], name[32];
		struct blob b;

		snprintf(text, sizeof text, "thread %d, %d", i % 7 ? p->number : 0, i);
		snprintf(name, sizeof name, "taken-%d-%d", p->number, i);
		p->nbad += cas_put(s, str_of(text), &b, NULL) != 0;
		put_file(name, text);
		p->nbad += cas_take(s, AT_FDCWD, name, &b, NULL) != CAS_TAKEN;
	}
	return NULL;
}

/* Helper threads store while the one that decides appends and the run syncs. */
static void test_threads(void)
{
	struct run *r = must_create(s, HEADER);
	struct putter p[4] = {0};
	struct err err;
	int nbad = 0;

	for (int i = 0; i < 4; i++) {
		p[i].number = i;
		pthread_create(&p[i].thread, NULL, put_and_take, &p[i]);
	}
	for (int i = 0; i < 2000; i++) {
		must_append(r, EVENT_TASK_SKIPPED, "\"task\":\"x\"");
		nbad += run_metric(r, STR("x"), 1, STR("m"), false, i, i, i, &err) != 0;
		nbad += i % 100 == 0 && run_sync_result(r, &err) != 0;
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(p[i].thread, NULL);
		nbad += p[i].nbad;
	}
	nbad += run_finish(r, "succeeded", STR(""), &err) != 0;
	is_int(nbad, 0, "threads store while a run goes on");
}

/* Appends until it is killed; tells through the pipe what became durable. */
static void append_for_ever(int to)
{
	struct store *mine = must_open("killed");
	struct run *r = must_create(mine, HEADER);
	struct blob b;
	char text[200];

	if (write(to, run_id(r), RUN_ID_CHARS) < 0)
		_exit(1);
	for (int i = 0;; i++) {
		int64_t durable = run_durable(r);

		snprintf(text, sizeof text, "blob %d of %s", i, run_id(r));
		cas_put(mine, str_of(text), &b, NULL);
		snprintf(text, sizeof text, "\"task\":\"t%d\",\"attempt\":1,\"state\":"
			 "\"succeeded\",\"outputs\":{\"m\":{\"$artifact\":\"Model\","
			 "\"digest\":\"%s\"}}", i, b.digest.hex);
		must_append(r, EVENT_TASK_FINISHED, text);
		if (write(to, &durable, sizeof durable) < 0)
			_exit(1);
	}
}

static int kill_once(useconds_t after_us)
{
	char id[RUN_ID_CHARS + 1] = "";
	int64_t n, durable = 0;
	struct run_view v;
	struct err err;
	int fds[2], bad;
	pid_t pid;

	if (pipe(fds))
		die("pipe", NULL);
	pid = fork();
	if (!pid)
		append_for_ever(fds[1]);
	close(fds[1]);
	if (read(fds[0], id, RUN_ID_CHARS) != RUN_ID_CHARS)
		die("a child that says nothing", NULL);
	usleep(after_us);
	kill(pid, SIGKILL);
	while (read(fds[0], &n, sizeof n) == sizeof n)
		durable = n;
	close(fds[0]);
	waitpid(pid, NULL, 0);
	if (run_view_load(s, id, false, &v, &err))
		return 1;
	bad = !str_is(v.state, "lost") || v.damage.n || v.nrecords < durable;
	run_view_release(&v);
	return bad;
}

static void test_killed(void)
{
	struct store *before = s;
	struct fsck f;
	struct err err;
	int nbad = 0;

	s = must_open("killed");
	for (int i = 0; i < 30; i++)
		nbad += kill_once((useconds_t)(i * 700));
	is_int(nbad, 0, "killed 30 times: lost runs, nothing durable is gone");
	ok(!store_fsck(s, &f, &err) && !f.nproblems && f.nruns == 30,
	   "the store is clean");
	for (size_t i = 0; i < f.findings.n && f.nproblems; i++)
		printf("# %s: %s\n", f.findings.at[i].what.p, f.findings.at[i].text.p);
	fsck_release(&f);
	store_close(s);
	s = must_open("killed");
	is_int(system("test -z \"$(ls -A killed/tmp)\""), 0,
	       "folders of the dead are swept");
	store_close(s);
	s = before;
}

/* A child with a file system of its own that is nearly full. */
static int run_on_full_disk(void)
{
	char big[4096], members[5000];
	struct run_view v;
	struct run *r;
	struct run_log *l;
	struct err err = {0};
	char id[RUN_ID_CHARS + 1];
	int i, bad = 0;

	memset(big, 'x', sizeof big);
	s = must_open("full/store");
	r = must_create(s, HEADER);
	memcpy(id, run_id(r), sizeof id);
	l = run_log_begin(r, STR("a"), 1);
	for (i = 0; i < 5000; i++)
		if (run_log_write(l, false, (struct str){big, sizeof big}, &err))
			break;
	bad += err.sys != ENOSPC;
	snprintf(members, sizeof members,
		 "\"task\":\"a\",\"attempt\":1,\"state\":\"failed\","
		 "\"error\":\"%.3000s\"", big);
	bad += run_append(r, EVENT_TASK_FINISHED, str_of(members), &err) < 0;
	bad += run_log_end(l, &err) < 0;
	bad += run_finish(r, "failed", STR("\"error\":\"the disk is full\""), &err) < 0;
	bad += run_view_load(s, id, false, &v, &err) || !str_is(v.state, "failed") ||
		v.damage.n;
	run_view_release(&v);
	store_close(s);
	return bad;
}

static void test_full_disk(void)
{
	int status;
	pid_t pid;

	mkdir("full", 0700);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNS) ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("kfpc-test", "full", "tmpfs", 0, "size=1m"))
			_exit(77);
		_exit(run_on_full_disk());
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		ok(true, "a full disk # SKIP only root can mount one here");
	else
		is_int(status, 0,
		       "on a full disk the run ends as failed and can be read");
}

/* Where a file may not grow, as with a quota: the record that did not fit leaves no
 * trace. */
static void test_append_fails(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		struct run *r = must_create(s, HEADER);
		struct err err = {0};
		struct run_view v;
		int n = 0;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, 1000});
		while (run_append(r, EVENT_TASK_STARTED,
				  STR("\"task\":\"a\",\"attempt\":1"), &err) > 0 &&
		       !run_flush(r, &err))
			n++;
		_exit(run_view_load(s, run_id(r), false, &v, NULL) || v.damage.n ||
		      v.torn_bytes || v.nrecords != n || !n || !err.text[0] ||
		      run_append(r, EVENT_VALUE, STR(""), NULL) > 0);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "an append that fails leaves nothing behind");
}

static int count_runs(const struct store *st)
{
	struct run_list l;
	int n = 0;

	if (run_list_load(st, 0, &l, NULL))
		return -1;
	for (size_t i = 0; i < l.at.n; i++)
		n += str_is(l.at.at[i].state, "succeeded") && l.at.at[i].ntasks == 2 &&
		     l.at.at[i].nsucceeded == 1 && l.at.at[i].nskipped == 1;
	run_list_release(&l);
	return n;
}

static void test_index(void)
{
	struct store *before = s;
	char id[RUN_ID_CHARS + 1];
	struct err err;

	s = must_open("indexed");
	for (int i = 0; i < 3; i++) {
		struct run *r = must_create(s, HEADER);

		write_whole_run(r);
		run_finish(r, "succeeded", STR(""), &err);
	}
	is_int(count_runs(s), 3, "ended runs are listed");
	ok(exists("indexed/index.db"), "there is an index");
	unlink("indexed/index.db");
	is_int(count_runs(s), 3, "without an index they are listed too");
	ok(exists("indexed/index.db"), "and the index is there again");
	put_file("indexed/index.db",
		 "SQLite format 3\n and then rubbish that is long enough");
	is_int(count_runs(s), 3, "so with a damaged one");
	is_int(count_runs(s), 3, "which is made anew");
	if (system("command -v sqlite3 >/dev/null && sqlite3 indexed/index.db "
		   "'PRAGMA user_version = 99; DROP TABLE run'") == 0)
		is_int(count_runs(s), 3, "and with one of another version");
	if (system("command -v sqlite3 >/dev/null && sqlite3 indexed/index.db "
		   "'DROP TABLE run'") == 0) {
		is_int(count_runs(s), 3, "and with one that lacks its table");
		is_int(system("sqlite3 indexed/index.db 'SELECT COUNT(*) = 3 FROM run' "
			      "| grep -q 1"), 0, "which is filled again");
	}
	unlink("indexed/index.db");
	mkdir("indexed/index.db", 0700);
	is_int(count_runs(s), 3, "where there can be no index the journals do");
	ok(!run_resolve(s, STR("밤 \"1\""), id, &err), "a run is found by its name");
	store_close(s);
	s = before;
}

static void resolve_is(const char *spec, const char *want)
{
	char id[RUN_ID_CHARS + 1] = "";
	struct err err = {0};
	int rc = run_resolve(s, str_of(spec), id, &err);

	if (want)
		ok(!rc && !strcmp(id, want), "'%s' is found", spec);
	else
		ok(rc == -1 && err.kind == ERR_USAGE && err.text[0], "'%s' is not: %.*s",
		   spec, (int)strcspn(err.text, "\n"), err.text);
}

static void test_resolve(void)
{
	struct store *before = s;
	char ids[3][RUN_ID_CHARS + 1];

	s = must_open("named");
	resolve_is("@last", NULL);
	resolve_is("abcd", NULL);
	for (int i = 0; i < 3; i++) {
		static const char *const headers[] = {
			"\"pipeline\":\"p\",\"name\":\"other\"",
			"\"pipeline\":\"p\",\"name\":\"nightly\"",
		};
		struct run *r = must_create(s, headers[i == 1]);

		memcpy(ids[i], run_id(r), sizeof ids[i]);
		run_finish(r, "succeeded", STR(""), NULL);
	}
	resolve_is("@last", ids[2]);
	resolve_is("@-1", ids[2]);
	resolve_is("@-2", ids[1]);
	resolve_is("@-3", ids[0]);
	resolve_is("@-4", NULL);
	resolve_is("@-0", NULL);
	resolve_is("@-99999999999999999999", NULL);
	resolve_is("@first", NULL);
	resolve_is(ids[0], ids[0]);
	resolve_is(ids[1] + 28, ids[1]);
	resolve_is(ids[1] + 33, NULL);
	resolve_is("nightly", ids[1]);
	resolve_is("other", ids[2]);
	resolve_is("nightyl", NULL);
	resolve_is("", NULL);
	resolve_is("../../etc", NULL);
	store_close(s);
	s = before;
}

static void test_processes(void)
{
	int status, nbad = 0;

	fflush(stdout);
	for (int p = 0; p < 4; p++)
		if (!fork()) {
			struct store *mine = must_open("many");
			struct err err;

			for (int i = 0; i < 10; i++) {
				struct run *r = must_create(mine, HEADER);

				must_append(r, EVENT_TASK_SKIPPED, "\"task\":\"x\"");
				must_append(r, EVENT_TASK_FINISHED,
					    "\"task\":\"y\",\"state\":\"succeeded\"");
				if (run_finish(r, "succeeded", STR(""), &err))
					_exit(1);
			}
			store_close(mine);
			_exit(0);
		}
	while (wait(&status) > 0)
		nbad += status != 0;
	is_int(nbad, 0, "four processes make a store and run in it at once");
	{
		struct store *many = must_open("many");

		is_int(count_runs(many), 40, "all of their runs are there");
		store_close(many);
	}
}

static void test_open(void)
{
	struct err err;
	struct arena a = {0};

	ok(!store_open("absent", STORE_READ, &err) && strstr(err.text, "no store"),
	   "none is there");
	put_file("file", "");
	ok(!store_open("file", STORE_WRITE, &err), "a file is no store");
	mkdir("mine", 0755);
	put_file("mine/thesis.txt", "");
	ok(!store_open("mine", STORE_WRITE, &err) && !exists("mine/FORMAT"),
	   "a folder with other things in it is not made a store");
	mkdir("newer", 0755);
	put_file("newer/FORMAT", "kfpc store 2\n");
	ok(!store_open("newer", STORE_READ, &err) && strstr(err.text, "kfpc store 2"),
	   "a newer one");
	put_file("newer/FORMAT", "kfpc store 1\nrequired: sha256 packs\n");
	ok(!store_open("newer", STORE_READ, &err) && strstr(err.text, "'packs'"),
	   "an unknown need");
	put_file("newer/FORMAT", "kfpc store 1\nrequired: sha256\nnote: hello\n");
	ok(!store_open("newer", STORE_READ, &err) && strstr(err.text, "cas/sha256"),
	   "no folders");
	unsetenv("KFPC_STORE");
	mkdir("up", 0755);
	mkdir("up/.kfpc", 0755);
	mkdir("up/a", 0755);
	mkdir("up/a/b", 0755);
	if (chdir("up/a/b"))
		die("chdir", NULL);
	ok(str_has_suffix(store_locate(NULL, &a), STR("/up/.kfpc")),
	   "the nearest one above");
	setenv("KFPC_STORE", "elsewhere", 1);
	ok(str_has_suffix(store_locate(NULL, &a), STR("/up/a/b/elsewhere")),
	   "$KFPC_STORE");
	ok(str_is(store_locate("/x", &a), "/x"), "--store comes first");
	if (chdir("../../.."))
		die("chdir", NULL);
	arena_release(&a);
}

int main(void)
{
	test_open();
	s = must_open("store");
	test_uuid();
	test_whole_run();
	test_durable_is_announced();
	test_blobs_come_first();
	test_sync_fails();
	test_folders();
	test_lost();
	test_journal_damage();
	test_odd_records();
	test_threads();
	test_append_fails();
	test_killed();
	test_full_disk();
	test_index();
	test_resolve();
	test_processes();
	store_close(s);
	return done_testing();
}
