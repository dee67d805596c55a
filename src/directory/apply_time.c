#include "directory/apply_time.h"

#include "base/text.h"

#include <stdio.h>
#include <time.h>

static const int64_t TIME_MAX = 253402300799; /* 9999-12-31T23:59:59Z */

/* Digits of text from at on, and the byte that must follow them ('\0': anything). */
static bool part(struct slice text, size_t at, size_t digits, char behind, int *ret)
{
	int64_t value;
	if (text.len < at + digits + (behind != '\0') || text_to_int(slice_first(slice_skip(text, at), digits), 9999, &value) != RESULT_OK)
		return false;
	if (behind != '\0' && text.ptr[at + digits] != behind)
		return false;
	*ret = (int)value;
	return true;
}

/* "Z", "+02:00", "-00:30": what is to be taken from the time to have UTC. */
static bool offset_parse(struct slice text, int64_t *ret)
{
	int hours, minutes;
	if (slice_is(text, "Z") || slice_is(text, "z")) {
		*ret = 0;
		return true;
	}
	if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-'))
		return false;
	if (!part(text, 1, 2, ':', &hours) || !part(text, 4, 2, '\0', &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret = (text.ptr[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

static bool rfc3339_parse(struct slice text, int64_t *ret)
{
	struct tm tm = { .tm_isdst = 0 };
	int year, month;
	if (text.len < 20 || (text.ptr[10] != 'T' && text.ptr[10] != 't' && text.ptr[10] != ' '))
		return false;
	bool good = part(text, 0, 4, '-', &year) && part(text, 5, 2, '-', &month) && part(text, 8, 2, '\0', &tm.tm_mday) &&
	            part(text, 11, 2, ':', &tm.tm_hour) && part(text, 14, 2, ':', &tm.tm_min) && part(text, 17, 2, '\0', &tm.tm_sec);
	if (!good || month < 1 || month > 12 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
		return false;
	size_t at = 19;
	if (text.ptr[at] == '.') {
		at++;
		while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
			at++;
	}
	int64_t offset;
	if (!offset_parse(slice_skip(text, at), &offset))
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	int day = tm.tm_mday;
	int64_t seconds = timegm(&tm);
	/* a day that the month does not have was moved into the next one */
	if (tm.tm_mday != day || tm.tm_mon != month - 1)
		return false;
	*ret = seconds - offset;
	return true;
}

enum result apply_time_parse(struct slice text, int64_t *ret)
{
	int64_t seconds;
	if (text_to_int(text, TIME_MAX, &seconds) != RESULT_OK && !rfc3339_parse(text, &seconds))
		return RESULT_INVALID;
	if (seconds < 0 || seconds > TIME_MAX)
		return RESULT_INVALID;
	*ret = seconds;
	return RESULT_OK;
}

void apply_time_print(int64_t seconds, char text[APPLY_TIME_SIZE])
{
	time_t time = (time_t)seconds;
	struct tm tm;
	bool good = seconds >= 0 && seconds <= TIME_MAX && gmtime_r(&time, &tm) != NULL;
	if (!good || strftime(text, APPLY_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
}
