/* The run of a session: what is kept of it, signals, and its ends. */
#include <config.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "runtime/store/fsck.h"
#include "runtime/store/index.h"
#include "tests/unit/session_util.h"

#define ADD                                        \
	"component add(x: int, y: int = 1) -> (sum: int):\n" \
	"    shell:\n"                                 \
	"        echo in $x\n"                         \
	"        echo $((x + y)) > $sum_path\n"
#define SESSION "pipeline session():\n"

static void load(const struct talk *w, struct run_view *v)
{
	struct err err;

	if (run_view_load(w->s, run_session_id(w->ss), true, v, &err))
		BUG("%s", err.text);
}

static int64_t nrecords(const struct talk *w)
{
	struct run_view v;
	int64_t n;

	load(w, &v);
	n = v.nrecords;
	run_view_release(&v);
	return n;
}

static bool is_clean(const struct talk *w)
{
	struct fsck f;
	struct err err;
	bool yes = !store_fsck(w->s, &f, &err) && !f.nproblems;

	fsck_release(&f);
	return yes;
}

/* What a list of runs says of the only one. */
static void is_listed(const struct talk *w, const char *state, size_t ntasks)
{
	struct run_list l;
	struct err err;

	if (run_list_load(w->s, 0, &l, &err))
		BUG("%s", err.text);
	is_int((long long)l.at.n, 1, "one run");
	is_str(l.at.at[0].state.p, state, "its state");
	is_int((long long)l.at.at[0].ntasks, (long long)ntasks, "its tasks");
	run_list_release(&l);
}

static void test_journal(void)
{
	const char *one = ADD SESSION "    a = add(x=1)\n    n = a.sum + 1\n";
	const char *two = ADD SESSION "    a = add(x=2)\n    n = a.sum + 1\n"
				      "    b = add(x=n)\n";
	struct talk w;
	struct run_view v;
	struct view_task *t;
	struct digest d;
	int64_t n;

	talk_init(&w);
	w.text = "a = add(x=1)";
	talk_step(&w, one, " n ");
	load(&w, &v);
	is_str(v.state.p, "running", "it goes on");
	ok(v.is_session && v.is_live, "a session that lives");
	is_int((long long)v.steps.n, 1, "one step");
	is_str(v.steps.at[0].text.p, "a = add(x=1)", "what was typed");
	ok(digest_parse(v.steps.at[0].module, &d) && cas_has(w.s, &d), "and its module");
	is_int((long long)v.values.n, 1, "one value");
	run_view_release(&v);
	n = nrecords(&w);
	talk_step(&w, one, " n ");
	talk_step(&w, ADD SESSION "    k = 1 + 2\n", NULL);
	is_int(nrecords(&w), n, "what is recalled, or needs no task, writes nothing");
	w.text = "a = add(x=2)";
	talk_step(&w, two, NULL);
	load(&w, &v);
	is_int((long long)v.steps.n, 2, "the next step that has something to say");
	is_int((long long)v.values.n, 1, "a value that is another one takes its place");
	is_int(v.values.at[0].value.i, 4, "and is the newer");
	t = run_view_task(&v, STR("a"));
	is_int((long long)t->attempts.n, 2, "two attempts of a task");
	ok(t->started_ms >= t->attempts.at[1].started_ms, "its time is that of the last");
	is_int(t->outputs.at[0].value.i, 3, "and so are its outputs");
	run_view_release(&v);
	w.text = "undone";
	talk_step(&w, one, NULL);
	load(&w, &v);
	t = run_view_task(&v, STR("a"));
	is_str(t->state.p, "cached", "what has an older result again");
	is_int(t->outputs.at[0].value.i, 2, "has its outputs");
	is_int(t->of_attempt, 1, "and says whose they are");
	is_int(v.values.at[0].value.i, 3, "so has what is computed from it");
	run_view_release(&v);
	ok(is_clean(&w), "fsck finds nothing");
	is_listed(&w, "running", 2);
	is_int(run_session_close(w.ss, &w.err), 0, "it ends");
	w.ss = NULL;
	is_listed(&w, "succeeded", 2);
	is_listed(&w, "succeeded", 2);
	ok(is_clean(&w), "fsck finds nothing");
	talk_release(&w);
}

/* Another task has the result: its logs and metrics too. */
static void test_borrowed(void)
{
	const char *fit = "component fit(n: int) -> (acc: Metric):\n"
			  "    shell:\n"
			  "        echo fitting\n"
			  "        echo 0.$n > $acc_path\n";
	struct talk w;
	struct run_view v;
	const struct view_task *t;
	struct buf p = {0};

	talk_init(&w);
	buf_addf(&p, "%s" SESSION "    a = fit(n=5)\n", fit);
	talk_step(&w, buf_cstr(&p), NULL);
	buf_clear(&p);
	buf_addf(&p, "%s" SESSION "    a = fit(n=7)\n    b = fit(n=5)\n", fit);
	talk_step(&w, buf_cstr(&p), NULL);
	load(&w, &v);
	t = run_view_task(&v, STR("b"));
	is_str(t->state.p, "cached", "a result that another task has");
	is_str(t->of.p, "a", "whose");
	ok(t->attempts.n == 1 && t->attempts.at[0].is_borrowed && t->attempts.at[0].log.n,
	   "with what that wrote");
	for (size_t i = 0, n = 0; i < v.metrics.n; i++) {
		const struct view_metric *m = &v.metrics.at[i];

		if (!m->is_current)
			continue;
		n++;
		ok((str_is(m->task, "a") && m->last > 0.6) ||
			   (str_is(m->task, "b") && m->last < 0.6),
		   "the metric of %s", n == 1 ? "the one" : "the other");
	}
	is_int((long long)v.metrics.n, 3, "all metrics");
	run_view_release(&v);
	buf_release(&p);
	talk_release(&w);
}

/* What needs no run leaves none; 64 KiB of what was typed are kept. */
static void test_ends(void)
{
	struct talk w;
	struct run_view v;
	struct run_list l;
	struct buf text = {0};
	struct err err;

	talk_init(&w);
	talk_step(&w, SESSION "    k = 1\n", NULL);
	is_int(run_session_close(w.ss, &err), 0, "a session that ran nothing ends");
	w.ss = NULL;
	run_list_load(w.s, 0, &l, &err);
	is_int((long long)l.at.n, 0, "and leaves no run");
	run_list_release(&l);
	talk_release(&w);

	talk_init(&w);
	buf_addz(&text, "xx");
	while (text.n < 100000)
		buf_addz(&text, "\xed\x95\x9c\n");
	w.text = buf_cstr(&text);
	talk_step(&w, ADD SESSION "    a = add(x=1)\n", NULL);
	is_int(run_session_close(w.ss, &err), 0, "it ends");
	w.ss = NULL;
	run_list_load(w.s, 0, &l, &err);
	run_view_load(w.s, l.at.at[0].id, false, &v, &err);
	run_list_release(&l);
	ok(!v.damage.n, "the journal is sound");
	is_int((long long)v.steps.at[0].text.n, 65534, "the text is cut between characters");
	run_view_release(&v);
	buf_release(&text);
	talk_release(&w);
}

static const char slow[] =
	ADD "component slow(s: int) -> (n: int):\n"
	    "    shell:\n"
	    "        sleep $s\n"
	    "        echo 1 > $n_path\n" SESSION
	    "    a = add(x=1)\n"
	    "    s = slow(s=30)\n";

static void on_alarm(int number)
{
	(void)number;
	kill(getpid(), SIGINT);
}

/* Ctrl-C while a task runs, as the terminal sends it. */
static void interrupt_soon(void)
{
	struct sigaction a = {.sa_handler = on_alarm};

	sigaction(SIGALRM, &a, NULL);
	ualarm(150000, 0);
}

static void on_int(int number)
{
	(void)number;
}

static void test_signals(void)
{
	struct sigaction mine = {.sa_handler = on_int}, after;
	struct talk w;

	talk_init(&w);
	sigaction(SIGINT, &mine, NULL);
	interrupt_soon();
	is_int(talk_step(&w, slow, NULL), 0, "a step that is interrupted");
	is_str(w.r.run.state.p, "cancelled", "is cancelled");
	is_int(w.r.signal, SIGINT, "by that signal");
	is_int(talk_task(&w, "s")->state, TASK_CANCELLED, "what ran");
	is_int(talk_task(&w, "a")->state, TASK_SUCCEEDED, "what had ended");
	sigaction(SIGINT, NULL, &after);
	ok(after.sa_handler == on_int, "the handler is the caller's again");
	is_int(talk_step(&w, slow, " a "), 0, "the session goes on");
	is_str(buf_cstr(&w.log), "a recalled;", "and knows what ended well");
	is_str(w.r.run.state.p, "succeeded", "nothing of the signal is left");
	is_int(w.r.signal, 0, "none came");
	interrupt_soon();
	is_int(talk_step(&w, slow, " s "), 0, "again");
	ok(strstr(buf_cstr(&w.log), "s running 2;") != NULL, "it is tried anew");
	is_str(w.r.run.state.p, "cancelled", "and interrupted");
	signal(SIGINT, SIG_DFL);
	is_int(run_session_close(w.ss, &w.err), 0, "it ends");
	w.ss = NULL;
	is_listed(&w, "succeeded", 2);
	talk_release(&w);
}

/* kill -9: what was committed is there. */
static void test_killed(void)
{
	struct talk w;
	struct run_view v;
	struct run_list l;
	struct err err;
	int status;
	pid_t child;

	talk_init(&w);
	fflush(stdout);
	child = fork();
	if (!child) {
		talk_step(&w, slow, " a ");
		talk_step(&w, ADD SESSION "    b = add(x=5)\n", NULL);
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status), "killed");
	if (run_list_load(w.s, 0, &l, &err) || l.at.n != 1)
		BUG("no run is left");
	is_str(l.at.at[0].state.p, "lost", "its run is lost");
	is_int(run_view_load(w.s, l.at.at[0].id, false, &v, &err), 0, "it can be read");
	is_int((long long)v.tasks.n, 2, "with all its tasks");
	is_int(run_view_task(&v, STR("b"))->outputs.at[0].value.i, 6, "and what they gave");
	ok(is_clean(&w), "fsck finds nothing");
	run_view_release(&v);
	run_list_release(&l);
	talk_release(&w);
}

/* The journal can grow no more: the session is over, and says so each time. */
static int use_full(struct talk *w)
{
	struct rlimit before, none = {0, RLIM_INFINITY};
	int wrong = 0;

	signal(SIGXFSZ, SIG_IGN);
	wrong += talk_step(w, ADD SESSION "    a = add(x=1)\n", NULL) != 0;
	getrlimit(RLIMIT_FSIZE, &before);
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	wrong += talk_step(w, ADD SESSION "    a = add(x=2)\n", NULL) != -1;
	setrlimit(RLIMIT_FSIZE, &before);
	wrong += talk_step(w, ADD SESSION "    a = add(x=1)\n", NULL) != -1;
	wrong += talk_step(w, SESSION "    k = 1\n", NULL) != -1;
	wrong += run_session_close(w->ss, &w->err) != -1 || !w->err.text[0];
	return wrong;
}

static void test_full(void)
{
	struct talk w;
	int status;
	pid_t child;

	talk_init(&w);
	fflush(stdout);
	child = fork();
	if (!child)
		_exit(use_full(&w));
	waitpid(child, &status, 0);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0,
	       "a run that cannot be kept ends the session");
	is_listed(&w, "lost", 1);
	ok(is_clean(&w), "fsck finds nothing");
	talk_release(&w);
}

int main(void)
{
	test_journal();
	test_borrowed();
	test_ends();
	test_signals();
	test_killed();
	test_full();
	return done_testing();
}
