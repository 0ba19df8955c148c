/* What a machine has, read from a tree that a test lays out. */
#include <config.h>

#include "runtime/vm/machine.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "tests/unit/tap.h"

static void put(const char *path, const char *text)
{
	struct err err;
	struct str dir = io_dirname(str_of(path));
	struct arena a = {0};

	if (io_mkdirs(arena_str(&a, dir).p, 0755, &err) ||
	    io_write_file(path, str_of(text), 0644, false, &err))
		BUG("%s", err.text);
	arena_release(&a);
}

static const struct machine_opts NONE;

static void test_limits(void)
{
	struct arena a = {0};
	struct machine m;

	put("m/proc/meminfo", "MemTotal:        2048 kB\nMemFree:  1 kB\n");
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_MEMORY], 2048 * 1024, "all memory");
	ok(m.has[RESOURCE_CPU] >= CPU_UNIT, "at least one processor");
	put("m/proc/self/cgroup", "3:cpu:/x\n0::/a/b\n");
	put("m/sys/fs/cgroup/a/b/memory.max", "max\n");
	put("m/sys/fs/cgroup/a/memory.max", "1048576\n");
	put("m/sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
	put("m/sys/fs/cgroup/a/cpu.max", "max 100000\n");
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_MEMORY], 1048576, "the limit of a group around counts");
	is_int(m.has[RESOURCE_CPU], 500, "half a processor by quota");
	is_int(machine_jobs(&m), 1, "and one task at a time");
	put("m/proc/self/cgroup", "0::/\n");
	put("m/sys/fs/cgroup/memory.max", "garbage\n");
	put("m/sys/fs/cgroup/cpu.max", "0 0\n");
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_MEMORY], 2048 * 1024, "what is no number is no limit");
	put("m/proc/meminfo", "");
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_MEMORY] == INT64_MAX, 1, "unknown memory is no limit");
	arena_release(&a);
}

static void test_gpus(void)
{
	struct arena a = {0};
	struct machine m;

	put("m/dev/nvidia0", "");
	put("m/dev/nvidia1", "");
	put("m/dev/nvidiactl", "");
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_GPU], 2, "devices are counted");
	is_str(m.gpus[1].p, "1", "and have numbers");
	setenv("CUDA_VISIBLE_DEVICES", "3, GPU-ab,-1,7", 1);
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_GPU], 2, "those that are visible, up to a -1");
	is_str(m.gpus[1].p, "GPU-ab", "with their names");
	setenv("CUDA_VISIBLE_DEVICES", "", 1);
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_GPU], 0, "all hidden");
	setenv("KFPC_GPUS", "4", 1);
	setenv("KFPC_GPU_TYPE", "a100", 1);
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_GPU], 4, "KFPC_GPUS wins");
	is_str(m.gpu_type.p, "a100", "KFPC_GPU_TYPE");
	setenv("KFPC_GPUS", "many", 1);
	machine_find(&NONE, "m", &a, &m);
	is_int(m.has[RESOURCE_GPU], 0, "what is no number says nothing");
	unsetenv("KFPC_GPUS");
	unsetenv("KFPC_GPU_TYPE");
	unsetenv("CUDA_VISIBLE_DEVICES");
	arena_release(&a);
}

static void refused(enum resource r, const char *arg)
{
	struct machine_opts o = {0};
	struct err err;

	ok(machine_parse(r, arg, &o, &err) == -1 && err.kind == ERR_USAGE,
	   "--%s %s is refused", resource_name(r), arg);
}

static void test_given(void)
{
	struct machine_opts o = {0};
	struct arena a = {0};
	struct machine m;
	struct err err;

	ok(!machine_parse(RESOURCE_CPU, "1.5", &o, &err) &&
	   !machine_parse(RESOURCE_MEMORY, "3GiB", &o, &err) &&
	   !machine_parse(RESOURCE_GPU, "9", &o, &err), "all three are read");
	machine_find(&o, "m", &a, &m);
	is_int(m.has[RESOURCE_CPU], 1500, "--cpu");
	is_int(machine_jobs(&m), 2, "a part of a processor runs a task, too");
	is_int(m.has[RESOURCE_MEMORY], 3LL << 30, "--memory");
	is_int(m.has[RESOURCE_GPU], 9, "--gpu");
	is_str(m.gpus[8].p, "8", "devices beyond those that are there have numbers");
	refused(RESOURCE_CPU, "0");
	refused(RESOURCE_CPU, "nan");
	refused(RESOURCE_CPU, "1e300");
	refused(RESOURCE_CPU, "two");
	refused(RESOURCE_MEMORY, "8");
	refused(RESOURCE_MEMORY, "0GiB");
	refused(RESOURCE_GPU, "-1");
	refused(RESOURCE_GPU, "1025");
	is_str(resource_text(RESOURCE_CPU, 1000, &a).p, "1 processor", "one");
	is_str(resource_text(RESOURCE_CPU, 1500, &a).p, "1.5 processors", "some");
	is_str(resource_text(RESOURCE_MEMORY, 3LL << 29, &a).p, "1.5 GiB", "memory");
	is_str(resource_text(RESOURCE_GPU, 1, &a).p, "1 GPU", "a GPU");
	arena_release(&a);
}

int main(void)
{
	test_limits();
	test_gpus();
	test_given();
	return done_testing();
}
