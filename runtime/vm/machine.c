#include <config.h>

#include "runtime/vm/machine.h"

#include <dirent.h>
#include <sched.h>
#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/value/number.h"

enum {
	MAX_CPUS = 1 << 20,
	MAX_GPUS = 1024,
	FILE_BYTES = 1 << 20,
};

const char *resource_name(enum resource r)
{
	static const char *const names[] = {"cpu", "memory", "gpu"};

	return names[r];
}

struct str resource_text(enum resource r, int64_t n, struct arena *a)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double x = (double)n;
	int unit = 0;

	if (r == RESOURCE_CPU)
		return arena_printf(a, "%.10g processor%s", x / CPU_UNIT,
				    n == CPU_UNIT ? "" : "s");
	if (r == RESOURCE_GPU)
		return arena_printf(a, "%lld GPU%s", (long long)n, n == 1 ? "" : "s");
	for (; x >= 1024 && unit < 5; unit++)
		x /= 1024;
	return arena_printf(a, "%.4g %s", x, units[unit]);
}

int machine_parse(enum resource r, const char *arg, struct machine_opts *o,
		  struct err *err)
{
	struct str s = str_of(arg);
	int64_t n;
	double x;

	if (r == RESOURCE_CPU) {
		if (!number_float(s, &x) || !(x > 0 && x <= MAX_CPUS))
			return err_setk(err, ERR_USAGE,
					"--cpu wants a number of processors, not '%s'",
					arg);
		n = (int64_t)(x * CPU_UNIT + 0.5);
	} else if (r == RESOURCE_MEMORY) {
		if (!number_quantity(s, NUMBER_SIZE, &n) || n <= 0)
			return err_setk(err, ERR_USAGE,
					"--memory wants a size such as 8GiB, not '%s'",
					arg);
	} else if (!number_int(s, &n) || n < 0 || n > MAX_GPUS) {
		return err_setk(err, ERR_USAGE, "--gpu wants a number from 0 to %d, "
				"not '%s'", MAX_GPUS, arg);
	}
	o->is_given[r] = true;
	o->given[r] = n;
	return 0;
}

/* The text of a small file; false if there is none. */
static bool read_text(const char *root, struct str path, struct buf *out)
{
	struct buf name = {0};
	bool ok;

	buf_addf(&name, "%s%.*s", root, STR_ARG(path));
	buf_clear(out);
	ok = !io_read_file(buf_cstr(&name), FILE_BYTES, out, NULL) && out->n;
	buf_release(&name);
	return ok;
}

/* The number behind `key` at the beginning of a line; -1 if there is none. */
static int64_t line_number(struct str text, struct str key)
{
	for (size_t at = 0; at < text.n; at = str_find(text, STR("\n"), at) + 1) {
		struct str line = str_sub(text, at, str_find(text, STR("\n"), at));
		struct str word;
		int64_t n;

		if (!str_has_prefix(line, key))
			continue;
		word = str_trim(str_sub(line, key.n, line.n));
		word = str_sub(word, 0, str_find(word, STR(" "), 0));
		return number_int(word, &n) ? n : -1;
	}
	return -1;
}

/* The folder of our control group (version 2), "" if there is none. */
static struct str find_cgroup(const char *root, struct arena *a)
{
	struct buf text = {0};
	struct str path = STR("");
	size_t at;

	if (read_text(root, STR("/proc/self/cgroup"), &text)) {
		struct str s = buf_str(&text);

		at = str_has_prefix(s, STR("0::")) ? 0 : str_find(s, STR("\n0::"), 0) + 1;
		if (at < s.n)
			path = str_sub(s, at + 3, str_find(s, STR("\n"), at));
		path = arena_printf(a, "/sys/fs/cgroup%.*s",
				    str_is(path, "/") ? 0 : (int)path.n, path.p);
	}
	buf_release(&text);
	return path;
}

/* "max 100000" or "150000 100000": what part of the processors it is. */
static int64_t parse_quota(struct str s)
{
	size_t space = str_find(s, STR(" "), 0);
	int64_t quota, period;

	if (!number_int(str_sub(s, 0, space), &quota) || quota <= 0 ||
	    !number_int(str_trim(str_sub(s, space + 1, s.n)), &period) || period <= 0 ||
	    quota > INT64_MAX / CPU_UNIT)
		return INT64_MAX;
	return quota * CPU_UNIT / period;
}

/* The least limit of the group and of those around it. */
static void apply_cgroups(const char *root, struct arena *a, struct machine *m)
{
	struct str dir = find_cgroup(root, a), top = STR("/sys/fs/cgroup");
	struct buf text = {0};
	int64_t n;

	for (; dir.n >= top.n; dir = io_dirname(dir)) {
		if (read_text(root, arena_printf(a, "%.*s/cpu.max", STR_ARG(dir)),
			       &text)) {
			n = parse_quota(buf_str(&text));
			if (n < m->has[RESOURCE_CPU])
				m->has[RESOURCE_CPU] = n > 0 ? n : 1;
		}
		if (read_text(root, arena_printf(a, "%.*s/memory.max", STR_ARG(dir)),
			       &text) &&
		    number_int(str_trim(buf_str(&text)), &n) && n > 0 &&
		    n < m->has[RESOURCE_MEMORY])
			m->has[RESOURCE_MEMORY] = n;
	}
	buf_release(&text);
}

static void find_memory(const char *root, struct machine *m)
{
	struct buf text = {0};
	int64_t kib = -1;

	if (read_text(root, STR("/proc/meminfo"), &text))
		kib = line_number(buf_str(&text), STR("MemTotal:"));
	m->has[RESOURCE_MEMORY] = kib > 0 ? kib * 1024 : INT64_MAX;
	buf_release(&text);
}

/* The names in CUDA_VISIBLE_DEVICES: "0,3" or "GPU-..."; what follows a -1 is hidden. */
static void list_visible(struct str s, struct arena *a, struct machine *m)
{
	struct str *names = ARENA_ARRAY(a, MAX_GPUS, struct str);
	int64_t n = 0;

	for (size_t at = 0; at < s.n && n < MAX_GPUS;) {
		size_t end = str_find(s, STR(","), at);
		struct str name = str_trim(str_sub(s, at, end));

		if (!name.n || str_is(name, "-1"))
			break;
		names[n++] = arena_str(a, name);
		at = end + 1;
	}
	m->gpus = names;
	m->has[RESOURCE_GPU] = n;
}

static void number_gpus(int64_t n, struct arena *a, struct machine *m)
{
	struct str *names = ARENA_ARRAY(a, (size_t)n + 1, struct str);

	for (int64_t i = 0; i < n; i++)
		names[i] = arena_printf(a, "%lld", (long long)i);
	m->gpus = names;
	m->has[RESOURCE_GPU] = n;
}

/* /dev/nvidia0, /dev/nvidia1, ... */
static int64_t count_devices(const char *root, struct arena *a)
{
	DIR *d = opendir(arena_printf(a, "%s/dev", root).p);
	struct dirent *e;
	int64_t n = 0, number;

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, "nvidia", 6) &&
		    number_int(str_of(e->d_name + 6), &number) && n < MAX_GPUS)
			n++;
	if (d)
		closedir(d);
	return n;
}

static void find_gpus(const char *root, struct arena *a, struct machine *m)
{
	const char *visible = getenv("CUDA_VISIBLE_DEVICES"), *told = getenv("KFPC_GPUS");
	int64_t n;

	if (told && number_int(str_of(told), &n) && n >= 0 && n <= MAX_GPUS)
		number_gpus(n, a, m);
	else if (visible)
		list_visible(str_of(visible), a, m);
	else
		number_gpus(count_devices(root, a), a, m);
}

void machine_find(const struct machine_opts *o, const char *root, struct arena *a,
		  struct machine *out)
{
	const char *type = getenv("KFPC_GPU_TYPE");
	cpu_set_t set;

	*out = (struct machine){.gpu_type = type ? arena_str(a, str_of(type)) : STR("")};
	out->has[RESOURCE_CPU] = CPU_UNIT;
	if (!sched_getaffinity(0, sizeof set, &set))
		out->has[RESOURCE_CPU] = (int64_t)CPU_COUNT(&set) * CPU_UNIT;
	find_memory(root, out);
	apply_cgroups(root, a, out);
	find_gpus(root, a, out);
	for (int r = 0; r < RESOURCE_N; r++) {
		if (!o->is_given[r])
			continue;
		out->is_given[r] = true;
		if (r == RESOURCE_GPU && o->given[r] > out->has[r])
			number_gpus(o->given[r], a, out);
		out->has[r] = o->given[r];
	}
}

unsigned machine_jobs(const struct machine *m)
{
	int64_t n = (m->has[RESOURCE_CPU] + CPU_UNIT - 1) / CPU_UNIT;

	return n < 1 ? 1 : n > 4096 ? 4096 : (unsigned)n;
}

int64_t machine_oom_kills(void)
{
	struct buf text = {0};
	int64_t n = 0;

	if (read_text("", STR("/proc/vmstat"), &text))
		n = line_number(buf_str(&text), STR("oom_kill "));
	buf_release(&text);
	return n < 0 ? 0 : n;
}
