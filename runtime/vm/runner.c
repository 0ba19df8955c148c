#include <config.h>

#include "runtime/vm/runner.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/value/json.h"
#include "runtime/vm/admit.h"
#include "runtime/vm/eval.h"
#include "runtime/vm/recall.h"
#include "runtime/vm/run_result.h"
#include "runtime/vm/sched_settings.h"

enum {
	TICK_MS = 1000,		/* how soon `logs -f` sees what a silent task wrote */
	WATCH_MS = 200,		/* how often the memory of tasks is looked at */
};

static int64_t now_ms(void *ctx)
{
	(void)ctx;
	return io_monotonic_ms();
}

static const struct sched_ops OPS = {
	now_ms,		 run_task_prepare, run_task_start, run_task_cancel, run_changed,
	recall_number,	 recall_task,
};

/* Signals: the handler counts them in an eventfd, all else happens in the loop. */

static const int SIGNALS[RUNNER_NSIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t signal_fd = -1, last_signal;

static void on_signal(int number)
{
	uint64_t one = 1;
	int saved = errno;

	last_signal = number;
	ssize_t n = write(signal_fd, &one, sizeof one);

	(void)n;	/* a full counter has woken us already */
	errno = saved;
}

/* A program that was started with one of them ignored (nohup) goes on ignoring it. */
void runner_catch(struct runner *r)
{
	struct sigaction now = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	signal_fd = r->signal_fd;
	last_signal = 0;
	sigemptyset(&now.sa_mask);
	for (int i = 0; i < RUNNER_NSIGNALS; i++) {
		sigaction(SIGNALS[i], NULL, &r->before[i]);
		if (r->before[i].sa_handler != SIG_IGN)
			sigaction(SIGNALS[i], &now, NULL);
	}
}

/* What came too late is forgotten. */
void runner_uncatch(struct runner *r)
{
	uint64_t n;

	for (int i = 0; i < RUNNER_NSIGNALS; i++)
		sigaction(SIGNALS[i], &r->before[i], NULL);
	signal_fd = -1;
	while (read(r->signal_fd, &n, sizeof n) > 0)
		;
}

static void on_signal_fd(void *arg)
{
	struct runner *r = arg;
	uint64_t n = 0;

	if (read(r->signal_fd, &n, sizeof n) < 0)
		return;
	r->nsignals += (unsigned)n;
	r->signal = last_signal;
	envs_cancel(r->envs);
	sched_cancel(&r->sched, r->nsignals > 1);
	if (r->nsignals == 1)
		run_tell_now(r, &(struct run_event){.kind = RUN_EVENT_STOPPING});
}

static void on_synced(void *arg)
{
	struct runner *r = arg;
	struct err err;

	if (run_sync_result(r->run, &err))
		run_break(r, &err);
}

/* Before there is a run: everything that can be refused. */

static int find_params(struct runner *r, struct value **out, struct err *err)
{
	const struct module_pipeline *p = &r->m->pipelines[r->program->pipeline];
	const struct run_config *config = r->program->config;

	*out = ARENA_ARRAY(r->a, p->nparams, struct value);
	for (uint32_t i = 0; i < p->nparams; i++) {
		const struct config_value *set = NULL;

		/* The pipeline's own parameters come first in a config. */
		for (size_t k = 0; k < config->n && k < p->nparams && !set; k++)
			if (str_eq(config->at[k].address, p->params[i].name))
				set = &config->at[k];
		if (set && set->is_set) {
			(*out)[i] = set->value;
			continue;
		}
		if (!p->params[i].fallback)
			return err_setk(err, ERR_INPUT, "parameter '%.*s' has no value",
					STR_ARG(p->params[i].name));
		if (eval(r->m, p->params[i].fallback, NULL, r->a, &(*out)[i], err))
			return -1;
	}
	return 0;
}

static void find_platform(struct runner *r)
{
	struct utsname u;

	r->platform = STR("unknown");
	if (!uname(&u))
		r->platform = arena_printf(r->own, "linux-%s", u.machine);
}

/* "" as long as there is no run: nobody asks then. */
static void fill_run_values(struct runner *r)
{
	const char *id = r->run ? run_id(r->run) : "";

	r->sched.run_values[RUN_ID] = value_str(r->a, str_of(id));
	r->sched.run_values[RUN_NAME] = value_str(r->a, r->name);
	r->sched.run_values[RUN_STARTED] = value_str(r->a, r->started);
}

static int apply_settings(struct runner *r, struct err *err)
{
	struct sched *s = &r->sched;
	struct value parallelism, timeout, on_failure;

	if (sched_scope_setting(s, 0, SETTING_PARALLELISM, r->a, &parallelism, err) ||
	    sched_scope_setting(s, 0, SETTING_TIMEOUT, r->a, &timeout, err) ||
	    sched_scope_setting(s, 0, SETTING_ON_FAILURE, r->a, &on_failure, err))
		return -1;
	admit_init(s, &r->machine);
	s->jobs = r->opts->jobs ? r->opts->jobs : machine_jobs(&r->machine);
	if (parallelism.kind == VALUE_INT && parallelism.i > 0 &&
	    parallelism.i < (int64_t)s->jobs)
		s->jobs = (unsigned)parallelism.i;
	if (timeout.kind == VALUE_INT && timeout.i > 0 && timeout.i < INT64_MAX / 2000)
		s->deadline_ms = r->started_ms + timeout.i * 1000;
	s->stop_on_failure =
		on_failure.kind == VALUE_STR && str_is(*on_failure.s, "stop");
	return 0;
}

static int find_name(struct runner *r, struct err *err)
{
	struct value v;

	r->name = r->opts->name;
	if (r->name.n)
		return 0;
	if (sched_scope_setting(&r->sched, 0, SETTING_DISPLAY_NAME, r->a, &v, err))
		return -1;
	r->name = v.kind == VALUE_STR ? *v.s : r->m->pipelines[r->program->pipeline].name;
	r->name = arena_str(r->own, r->name);
	return 0;
}

int runner_open(struct runner *r, struct store *s, const struct run_opts *o,
		struct arena *own, struct err *err)
{
	*r = (struct runner){.opts = o, .store = s, .own = own, .signal_fd = -1,
			     .name = STR(""), .started = STR("")};
	r->loop = loop_new(err);
	if (!r->loop)
		return -1;
	r->work = work_new(r->loop, err);
	r->envs = envs_new(r->loop, r->opts->env_mode, err);
	if (!r->work || !r->envs)
		return -1;
	r->signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->signal_fd < 0)
		return err_sys(err, "cannot start a run");
	find_platform(r);
	run_limits_init(r);
	machine_find(&o->machine, "", own, &r->machine);
	return 0;
}

int runner_load(struct runner *r, const struct run_program *p, struct arena *a,
		struct err *err)
{
	struct value *params;

	r->program = p;
	r->m = p->m;
	r->a = a;
	r->started_ms = r->ticked_ms = r->logged_ms = io_monotonic_ms();
	r->nsignals = 0;
	r->signal = 0;
	if (plan_make(&r->plan, p->m, p->pipeline, p->wanted, err))
		return -1;
	r->codes = ARENA_ARRAY(a, p->m->ncomponents, struct run_code);
	run_env_init(r);
	if (find_params(r, &params, err))
		return -1;
	sched_init(&r->sched, &r->plan, params, p->config, &OPS, r);
	r->sched.arena = a;
	if (apply_settings(r, err) || admit_check_all(&r->sched, err) ||
	    run_library_check(r, err))
		return -1;
	return 0;
}

/* "settings":{...} of the run, for those who look at it and those who clean up. */
static int add_settings(struct runner *r, struct buf *out, struct err *err)
{
	struct value v;

	for (int id = 0; id < SETTING_N; id++) {
		if (!setting_allowed((enum setting)id, 'P'))
			continue;
		if (sched_scope_setting(&r->sched, 0, (enum setting)id, r->a, &v, err))
			return -1;
		if (v.kind == VALUE_NONE)
			continue;
		if (!out->n)
			buf_addz(out, "\"settings\":{");
		json_put_key(out, setting_name((enum setting)id));
		run_json_value(v, out);
	}
	if (out->n)
		buf_addc(out, '}');
	return 0;
}

static void note_start(struct runner *r)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&now, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	r->started = arena_str(r->own, str_of(text));
}

int runner_make_run(struct runner *r, struct err *err)
{
	struct buf header = {0}, settings = {0};

	if (!find_name(r, err) && !add_settings(r, &settings, err)) {
		run_json_header(r, buf_str(&settings), &header);
		r->run = run_create(r->store, buf_str(&header), r->program->module_bytes,
				    err);
	}
	buf_release(&header);
	buf_release(&settings);
	if (!r->run)
		return -1;
	note_start(r);
	return 0;
}

/* The run itself. */

/* Tells apart this start of the machine from others. */
static struct str boot_id(struct arena *a)
{
	struct buf b = {0};
	struct str s = STR("");

	if (!io_read_file("/proc/sys/kernel/random/boot_id", 100, &b, NULL))
		s = arena_str(a, str_trim(buf_str(&b)));
	buf_release(&b);
	return s;
}

void runner_begin(struct runner *r)
{
	struct utsname u;

	buf_clear(&r->record);
	json_put_int(&r->record, "pid", getpid());
	json_put_str(&r->record, "host", uname(&u) ? STR("") : str_of(u.nodename));
	json_put_str(&r->record, "boot", boot_id(r->a));
	run_record(r, EVENT_RUN_STARTED, buf_str(&r->record));
	run_tell(r, 0, &(struct run_event){
		.kind = RUN_EVENT_STARTED,
		.journal_event = EVENT_RUN_STARTED,
		.record = buf_str(&r->record),
		.task = r->name,
		.text = str_of(run_id(r->run)),
	});
}

static int64_t next_wait(const struct runner *r, int64_t now)
{
	int64_t wake = sched_wake_ms(&r->sched), tick = TICK_MS;

	if (r->opts->tick_ms && r->opts->tick_ms < tick)
		tick = r->opts->tick_ms;
	if (r->limits.nwatched && WATCH_MS < tick)
		tick = WATCH_MS;
	if (wake < 0 || wake - now > tick)
		return tick;
	return wake > now ? wake - now : 0;
}

/* What happens by the clock alone. */
static void tick(struct runner *r, int64_t now)
{
	struct err err;

	if (r->opts->tick_ms && now - r->ticked_ms >= r->opts->tick_ms) {
		r->ticked_ms = now;
		run_tell_now(r, &(struct run_event){.kind = RUN_EVENT_TICK});
	}
	if (r->limits.nwatched && now - r->limits.watched_ms >= WATCH_MS) {
		r->limits.watched_ms = now;
		run_limits_watch(r);
	}
	if (now - r->logged_ms < TICK_MS)
		return;
	r->logged_ms = now;
	if (r->run && !r->is_broken && run_log_tick(r->run, &err))
		run_break(r, &err);
}

static int go_on(struct runner *r, struct err *err)
{
	int64_t now;

	while (!sched_is_done(&r->sched)) {
		sched_step(&r->sched);
		run_tell_due(r);
		if (sched_is_done(&r->sched))
			break;
		now = io_monotonic_ms();
		if (loop_step(r->loop, next_wait(r, now), err))
			return -1;
		tick(r, now);
	}
	return 0;
}

/* All that was recorded is durable, and told. */
static void settle(struct runner *r)
{
	struct err err;

	if (r->run && !r->is_broken && run_durable(r->run) < r->recorded &&
	    run_flush(r->run, &err))
		run_break(r, &err);
	run_tell_due(r);
}

int runner_drive(struct runner *r, struct err *err)
{
	struct loop_source *signals, *synced = NULL;
	int rc;

	fill_run_values(r);
	signals = loop_add_fd(r->loop, r->signal_fd, on_signal_fd, r);
	if (r->run)
		synced = loop_add_fd(r->loop, run_sync_fd(r->run), on_synced, r);
	run_env_prefetch(r);
	rc = go_on(r, err);
	if (synced)
		loop_remove(r->loop, synced);
	loop_remove(r->loop, signals);
	if (!rc) {
		settle(r);
	} else {	/* what it works on is about to go */
		work_free(r->work);
		r->work = NULL;
	}
	return rc;
}

int runner_finish(struct runner *r, const struct run_result *result, struct err *err)
{
	struct buf members = {0};
	int rc;

	run_folder_release(r);
	run_result_members(result, &members);
	rc = run_finish(r->run, result->state.p, buf_str(&members), err);
	r->run = NULL;
	if (!rc)
		run_tell_now(r, &(struct run_event){
			.kind = RUN_EVENT_FINISHED,
			.journal_event = EVENT_RUN_FINISHED,
			.record = buf_str(&members),
			.text = result->error,
			.ms = result->ms,
		});
	else if (r->is_broken)
		*err = r->broken;
	buf_release(&members);
	return rc;
}

void runner_unload(struct runner *r)
{
	if (!r->program)
		return;
	sched_release(&r->sched);
	r->sched = (struct sched){0};
	run_env_release(r);
	run_tell_release(r);
	vec_clear(&r->facts);
	vec_clear(&r->in_loops);
	plan_release(&r->plan);
	r->program = NULL;
}

/* What runs is killed by the loop's end; what waits for the helper thread is left
 * alone. */
void runner_close(struct runner *r)
{
	work_free(r->work);
	runner_unload(r);
	if (r->envs)
		envs_free(r->envs);
	if (r->loop)
		loop_free(r->loop);
	if (r->signal_fd >= 0)
		close(r->signal_fd);
	vec_release(&r->facts);
	vec_release(&r->in_loops);
	run_folder_release(r);
	buf_release(&r->record);
	if (r->run)
		run_abandon(r->run);
}
