#include <config.h>

#include "runtime/vm/work.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct work {
	struct loop *loop;
	struct loop_source *source;
	int fd;
	bool has_thread, is_ending;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct work_job *first, **last;		/* to be run */
	struct work_job *ready, **ready_last;	/* run */
};

static void on_done(void *arg)
{
	struct work *w = arg;
	struct work_job *j, *next;
	uint64_t n;

	if (read(w->fd, &n, sizeof n) < 0)
		return;
	pthread_mutex_lock(&w->lock);
	j = w->ready;
	w->ready = NULL;
	w->ready_last = &w->ready;
	pthread_mutex_unlock(&w->lock);
	for (; j; j = next) {
		next = j->next;
		j->done(j);
	}
}

struct work *work_new(struct loop *l, struct err *err)
{
	struct work *w;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0) {
		err_sys(err, "cannot start a run");
		return NULL;
	}
	w = calloc(1, sizeof *w);
	if (!w)
		err_nomem();
	w->loop = l;
	w->fd = fd;
	w->last = &w->first;
	w->ready_last = &w->ready;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	w->source = loop_add_fd(l, fd, on_done, w);
	if (!w->source) {
		err_sys(err, "cannot start a run");
		work_free(w);
		return NULL;
	}
	return w;
}

static void finish_job(struct work *w, struct work_job *j)
{
	uint64_t one = 1;

	j->next = NULL;
	*w->ready_last = j;
	w->ready_last = &j->next;
	while (write(w->fd, &one, sizeof one) < 0)
		;
}

static void *work_main(void *arg)
{
	struct work *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->is_ending) {
		struct work_job *j = w->first;

		if (!j) {
			pthread_cond_wait(&w->wake, &w->lock);
			continue;
		}
		w->first = j->next;
		if (!w->first)
			w->last = &w->first;
		pthread_mutex_unlock(&w->lock);
		j->run(j);
		pthread_mutex_lock(&w->lock);
		finish_job(w, j);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Signals are for the thread that decides. */
static bool start_thread(struct work *w)
{
	sigset_t all, before;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = !pthread_create(&w->thread, NULL, work_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

void work_add(struct work *w, struct work_job *j)
{
	if (!w->has_thread)
		w->has_thread = start_thread(w);
	j->next = NULL;
	if (!w->has_thread) {		/* no more threads: then it takes its time here */
		j->run(j);
		pthread_mutex_lock(&w->lock);
		finish_job(w, j);
		pthread_mutex_unlock(&w->lock);
		return;
	}
	pthread_mutex_lock(&w->lock);
	*w->last = j;
	w->last = &j->next;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

void work_free(struct work *w)
{
	if (!w)
		return;
	if (w->has_thread) {
		pthread_mutex_lock(&w->lock);
		w->is_ending = true;
		pthread_cond_signal(&w->wake);
		pthread_mutex_unlock(&w->lock);
		pthread_join(w->thread, NULL);
	}
	loop_remove(w->loop, w->source);
	close(w->fd);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	free(w);
}
