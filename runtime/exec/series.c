#include <config.h>

#include "runtime/exec/series.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/value/json.h"

enum {
	LINE_BYTES = 4096,		/* a longer line is no point */
	/* at one go, so that a flood does not stall the loop */
	READ_BYTES = 4 << 20,
};

int series_open(struct series_reader *s, struct str name, const char *path,
		struct err *err)
{
	*s = (struct series_reader){.name = name,
				    .sum = {0, (double)NAN, (double)NAN, (double)NAN}};
	s->fd = open(path, O_RDONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	return s->fd < 0 ? err_sys(err, "%s", path) : 0;
}

static void sum_point(struct series *sum, double v)
{
	sum->npoints++;
	sum->last = v;
	sum->min = isnan(sum->min) || v < sum->min ? v : sum->min;
	sum->max = isnan(sum->max) || v > sum->max ? v : sum->max;
}

static bool number_of(const struct value *v, double *out)
{
	static const struct type floating = {.kind = TYPE_FLOAT};
	struct value typed;
	struct arena a = {0};
	bool ok;

	if (!v)
		return false;
	arena_init(&a);
	ok = !json_to_type(&a, *v, &floating, &typed, NULL);
	if (ok)
		*out = typed.f;
	arena_release(&a);
	return ok;
}

static bool int_of(const struct value *v, int64_t otherwise, int64_t *out)
{
	*out = v && v->kind == VALUE_INT ? v->i : otherwise;
	return !v || v->kind == VALUE_INT;
}

static bool point_parse(struct series_reader *s, struct arena *a, struct str line,
			double *value, int64_t *time_ms)
{
	struct value v;

	if (json_parse(a, line, &v, NULL) || v.kind != VALUE_DICT)
		return false;
	return number_of(value_get(v, STR("value")), value) &&
	       int_of(value_get(v, STR("step")), s->next_step, &s->next_step) &&
	       int_of(value_get(v, STR("time")), io_now_ms(), time_ms);
}

static void line_end(struct series_reader *s, series_fn *fn, void *arg)
{
	struct str line = str_trim(buf_str(&s->line));
	struct arena a = {0};
	int64_t time_ms;
	double value;

	s->line_no++;
	arena_init(&a);
	if (line.n && line.n <= LINE_BYTES &&
	    point_parse(s, &a, line, &value, &time_ms)) {
		sum_point(&s->sum, value);
		fn(arg, s->name, s->next_step, value, time_ms);
		s->next_step += s->next_step < INT64_MAX;
	} else if (line.n && !s->bad_line) {
		s->bad_line = s->line_no;
	}
	arena_release(&a);
	buf_clear(&s->line);
}

static void bytes_add(struct series_reader *s, struct str bytes, series_fn *fn, void *arg)
{
	while (bytes.n) {
		size_t end = str_find(bytes, STR("\n"), 0);

		if (s->line.n <= LINE_BYTES)
			buf_add(&s->line, str_sub(bytes, 0, end));
		if (end < bytes.n)
			line_end(s, fn, arg);
		bytes = str_sub(bytes, end + 1, bytes.n);
	}
}

/* A file that shrank was written anew. */
static void check_truncated(struct series_reader *s)
{
	struct stat st;

	if (!fstat(s->fd, &st) && st.st_size < s->at) {
		s->at = 0;
		buf_clear(&s->line);
	}
}

static size_t read_some(struct series_reader *s, size_t limit, series_fn *fn, void *arg)
{
	char chunk[16 << 10];
	size_t total = 0;

	check_truncated(s);
	while (total < limit) {
		ssize_t n = pread(s->fd, chunk, sizeof chunk, s->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		s->at += n;
		total += (size_t)n;
		bytes_add(s, (struct str){chunk, (size_t)n}, fn, arg);
	}
	return total;
}

void series_read(struct series_reader *s, series_fn *fn, void *arg)
{
	read_some(s, READ_BYTES, fn, arg);
}

void series_end(struct series_reader *s, series_fn *fn, void *arg)
{
	read_some(s, SIZE_MAX, fn, arg);
	if (s->line.n)
		line_end(s, fn, arg);
}

void series_release(struct series_reader *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->line);
	s->fd = -1;
}
