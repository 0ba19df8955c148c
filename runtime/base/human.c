#include <config.h>

#include "runtime/base/human.h"

#include <time.h>

void human_duration(struct buf *out, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (ms < 1000)
		buf_addf(out, "%d ms", (int)ms);
	else if (ms < 60000)
		buf_addf(out, "%d.%d s", (int)(ms / 1000), (int)(ms % 1000 / 100));
	else if (ms < 3600000)
		buf_addf(out, "%d min %02d s", (int)(ms / 60000),
			 (int)(ms % 60000 / 1000));
	else
		buf_addf(out, "%lld h %02d min", (long long)(ms / 3600000),
			 (int)(ms % 3600000 / 60000));
}

void human_size(struct buf *out, int64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	double n = (double)bytes / 1024;
	unsigned u = 0;

	if (bytes < 1024) {
		buf_addf(out, "%lld B", (long long)bytes);
		return;
	}
	for (; n >= 1024 && u + 1 < sizeof units / sizeof *units; u++)
		n /= 1024;
	buf_addf(out, n < 10 ? "%.1f %s" : "%.0f %s", n, units[u]);
}

void human_time(struct buf *out, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[32];

	if (!localtime_r(&t, &tm) ||
	    !strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm))
		text[0] = '\0';
	buf_addz(out, text);
}
