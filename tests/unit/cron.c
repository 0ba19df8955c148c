/* Times of schedules: what they mean, and where they are wrong. */
#include <config.h>

#include "runtime/bc/cron.h"

#include <stdio.h>

#include "tests/unit/tap.h"

/* The numbers of one field, "0 15 30". */
static void times(const char *text, enum cron_field field, const char *want)
{
	struct cron_fault fault = {.text = ""};
	struct cron c;
	char got[256] = "";
	size_t n = 0;

	if (cron_parse(str_of(text), &c, &fault)) {
		is_str(fault.text, "", text);
		return;
	}
	for (int i = 0; i < 64; i++)
		if (c.at[field] >> i & 1)
			n += (size_t)snprintf(got + n, sizeof got - n, "%s%d", n ? " " : "", i);
	is_str(got, want, text);
}

static void wrong(const char *text, size_t lo, size_t hi, const char *want)
{
	struct cron_fault fault = {0};
	struct cron c;

	if (!ok(cron_parse(str_of(text), &c, &fault) == -1, "'%s' is refused", text))
		return;
	is_str(fault.text, want, "with this reason");
	is_int((long long)fault.lo, (long long)lo, "from here");
	is_int((long long)fault.hi, (long long)hi, "to here");
}

static void never(const char *text, bool want)
{
	struct cron_fault fault;
	struct cron c;

	ok(!cron_parse(str_of(text), &c, &fault) && cron_never(&c) == want,
	   "'%s' is %sdue at some time", text, want ? "not " : "");
}

static void test_meaning(void)
{
	times("5 * * * *", CRON_MINUTE, "5");
	times("*/15 * * * *", CRON_MINUTE, "0 15 30 45");
	times("50/5 * * * *", CRON_MINUTE, "50 55");
	times("1-3,10,20-30/5 * * * *", CRON_MINUTE, "1 2 3 10 20 25 30");
	times("59 23 31 12 6", CRON_MINUTE, "59");
	times("59 23 31 12 6", CRON_HOUR, "23");
	times("59 23 31 12 6", CRON_DAY, "31");
	times("59 23 31 12 6", CRON_MONTH, "12");
	times("59 23 31 12 6", CRON_WEEKDAY, "6");
	times("0 0 * jan,Mar,DEC *", CRON_MONTH, "1 3 12");
	times("0 0 * * MON-FRI", CRON_WEEKDAY, "1 2 3 4 5");
	times("0 0 * * 5-7", CRON_WEEKDAY, "0 5 6");
	times("0 0 * * 7", CRON_WEEKDAY, "0");
	times("0 0 ? * *", CRON_DAY,
	      "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 "
	      "30 31");
	times("  0\t0  1 *   * ", CRON_DAY, "1");
	times("@weekly", CRON_WEEKDAY, "0");
	times(" @yearly ", CRON_MONTH, "1");
}

static void test_faults(void)
{
	wrong("60 * * * *", 0, 2, "the minute goes from 0 to 59");
	wrong("0 24 * * *", 2, 4, "the hour goes from 0 to 23");
	wrong("0 0 0 * *", 4, 5, "the day of the month goes from 1 to 31");
	wrong("0 0 1 13 *", 6, 8, "the month goes from 1 to 12");
	wrong("0 0 * * 8", 8, 9, "the day of the week goes from 0 to 6");
	wrong("0 0 99999999999999999999 * *", 4, 24, "the day of the month goes from 1 to 31");
	wrong("0 0 * * MO", 8, 10, "'MO' is no day of the week: a number or three letters");
	wrong("x 0 * * *", 0, 1, "'x' is no minute: a number is wanted");
	wrong("5x 0 * * *", 0, 2, "'5x' is no number");
	wrong("-1 * * * *", 0, 1, "the minute lacks a number here");
	wrong("1, * * * *", 2, 3, "the minute lacks a number here");
	wrong("1- * * * *", 2, 3, "the minute lacks a number here");
	wrong("*/0 * * * *", 2, 3, "a step is 1 or more");
	wrong("*/ * * * *", 2, 3, "a step is 1 or more");
	wrong("*/x * * * *", 2, 3, "a step is a number: '*/5'");
	wrong("5-1 * * * *", 0, 3, "the range goes backwards: write it as two, such as "
	      "'FRI-SAT,SUN-MON'");
	wrong("* * * *", 0, 7, "five fields are wanted, 'minute hour day month weekday': the day "
	      "of the week is missing");
	wrong("", 0, 0, "five fields are wanted, 'minute hour day month weekday': the minute is "
	      "missing");
	wrong("0 0 0 * * *", 4, 5, "the day of the month goes from 1 to 31");
	wrong("0 0 1 * * *", 10, 11, "there is more than the five fields 'minute hour day month "
	      "weekday' (no seconds, no year)");
	wrong("@every 1h", 0, 9, "there are @hourly, @daily, @midnight, @weekly, @monthly, "
	      "@yearly and @annually");
}

static void test_never(void)
{
	never("0 0 30 2 *", true);
	never("0 0 31 2,4,6,9,11 *", true);
	never("0 0 30,31 FEB *", true);
	never("0 0 29 2 *", false);
	never("0 0 31 * *", false);
	never("0 0 31 4,5 *", false);
	never("0 0 30 2 MON", false);
	never("* * * 2 *", false);
}

int main(void)
{
	test_meaning();
	test_faults();
	test_never();
	return done_testing();
}
