#include <config.h>

#include "runtime/exec/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/vec.h"

enum { EVENTS_PER_STEP = 64 };

enum source_kind {
	SOURCE_FD,
	SOURCE_TIMER,
	/* removed while a step runs: its event may still be in the batch */
	SOURCE_GONE,
};

struct loop_source {
	enum source_kind kind;
	int fd;
	loop_fn *fn;
	void *arg;
	int64_t due_ns;
	/* timers that are due together fire in the order of their birth */
	uint64_t seq;
	size_t heap_at;
	/* all descriptors, or those that are gone */
	struct loop_source *prev, *next;
};

struct loop {
	int epfd;
	bool stepping;
	uint64_t seq;
	VEC(struct loop_source *) heap;
	struct loop_source *fds, *gone;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct loop *loop_new(struct err *err)
{
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	struct loop *l;

	if (epfd < 0) {
		err_sys(err, "cannot make an event loop");
		return NULL;
	}
	l = calloc(1, sizeof *l);
	if (!l)
		err_nomem();
	l->epfd = epfd;
	return l;
}

static void list_free(struct loop_source *s)
{
	while (s) {
		struct loop_source *next = s->next;

		free(s);
		s = next;
	}
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->heap.n; i++)
		free(l->heap.at[i]);
	vec_release(&l->heap);
	list_free(l->fds);
	list_free(l->gone);
	close(l->epfd);
	free(l);
}

static struct loop_source *source_new(enum source_kind kind, loop_fn *fn, void *arg)
{
	struct loop_source *s = calloc(1, sizeof *s);

	if (!s)
		err_nomem();
	s->kind = kind;
	s->fn = fn;
	s->arg = arg;
	return s;
}

static void list_push(struct loop_source **list, struct loop_source *s)
{
	s->prev = NULL;
	s->next = *list;
	if (s->next)
		s->next->prev = s;
	*list = s;
}

struct loop_source *loop_add_fd(struct loop *l, int fd, loop_fn *fn, void *arg)
{
	struct loop_source *s = source_new(SOURCE_FD, fn, arg);
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = s};

	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev)) {
		free(s);
		return NULL;
	}
	s->fd = fd;
	list_push(&l->fds, s);
	return s;
}

static bool timer_before(const struct loop_source *a, const struct loop_source *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->seq < b->seq;
}

static void heap_put(struct loop *l, size_t i, struct loop_source *s)
{
	l->heap.at[i] = s;
	s->heap_at = i;
}

static void heap_up(struct loop *l, size_t i, struct loop_source *s)
{
	while (i > 0 && timer_before(s, l->heap.at[(i - 1) / 2])) {
		heap_put(l, i, l->heap.at[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_put(l, i, s);
}

static void heap_down(struct loop *l, size_t i, struct loop_source *s)
{
	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid + 1 < l->heap.n &&
		    timer_before(l->heap.at[kid + 1], l->heap.at[kid]))
			kid++;
		if (kid >= l->heap.n || !timer_before(l->heap.at[kid], s))
			break;
		heap_put(l, i, l->heap.at[kid]);
		i = kid;
	}
	heap_put(l, i, s);
}

static void heap_remove(struct loop *l, struct loop_source *s)
{
	size_t i = s->heap_at;
	struct loop_source *last = vec_pop(&l->heap);

	if (last == s)
		return;
	if (timer_before(last, s))
		heap_up(l, i, last);
	else
		heap_down(l, i, last);
}

struct loop_source *loop_add_timer(struct loop *l, int64_t after_ms, loop_fn *fn,
				   void *arg)
{
	struct loop_source *s = source_new(SOURCE_TIMER, fn, arg);
	int64_t longest = INT64_MAX / 4 / 1000000;

	after_ms = after_ms < 0 ? 0 : after_ms > longest ? longest : after_ms;
	s->due_ns = now_ns() + after_ms * 1000000;
	s->seq = l->seq++;
	vec_push(&l->heap, s);
	heap_up(l, l->heap.n - 1, s);
	return s;
}

static void fd_remove(struct loop *l, struct loop_source *s)
{
	epoll_ctl(l->epfd, EPOLL_CTL_DEL, s->fd, NULL);
	if (s->next)
		s->next->prev = s->prev;
	if (s->prev)
		s->prev->next = s->next;
	else
		l->fds = s->next;
}

void loop_remove(struct loop *l, struct loop_source *s)
{
	if (!s)
		return;
	if (s->kind == SOURCE_TIMER)
		heap_remove(l, s);
	else
		fd_remove(l, s);
	if (!l->stepping) {
		free(s);
		return;
	}
	s->kind = SOURCE_GONE;
	list_push(&l->gone, s);
}

static int wait_ms(const struct loop *l, int64_t timeout_ms)
{
	int64_t ms = timeout_ms;

	if (l->heap.n) {
		int64_t left = l->heap.at[0]->due_ns - now_ns();
		int64_t due_ms = left <= 0 ? 0 : (left + 999999) / 1000000;

		ms = ms < 0 || due_ms < ms ? due_ms : ms;
	}
	return ms > INT_MAX ? INT_MAX : ms < 0 ? -1 : (int)ms;
}

/* Timers that callbacks add are for the next step, so that one which adds itself again
 * with no delay cannot starve the rest. */
static void timers_fire(struct loop *l)
{
	uint64_t born_before = l->seq;
	int64_t now = l->heap.n ? now_ns() : 0;

	while (l->heap.n) {
		struct loop_source *s = l->heap.at[0];

		if (s->due_ns > now || s->seq >= born_before)
			break;
		heap_remove(l, s);
		s->kind = SOURCE_GONE;
		list_push(&l->gone, s);
		s->fn(s->arg);
	}
}

int loop_step(struct loop *l, int64_t timeout_ms, struct err *err)
{
	struct epoll_event ev[EVENTS_PER_STEP];
	int n = epoll_wait(l->epfd, ev, EVENTS_PER_STEP, wait_ms(l, timeout_ms));

	if (n < 0 && errno != EINTR)
		return err_sys(err, "waiting for events");
	l->stepping = true;
	for (int i = 0; i < n; i++) {
		struct loop_source *s = ev[i].data.ptr;

		if (s->kind == SOURCE_FD)
			s->fn(s->arg);
	}
	timers_fire(l);
	l->stepping = false;
	list_free(l->gone);
	l->gone = NULL;
	return 0;
}
