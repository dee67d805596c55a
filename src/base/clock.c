#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id, int64_t per_second)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * per_second + (int64_t)now.tv_nsec / (1000000000 / per_second);
}

int64_t clock_s(void)
{
	return read_clock(CLOCK_REALTIME, 1);
}

int64_t clock_ms(void)
{
	return read_clock(CLOCK_REALTIME, 1000);
}

int64_t clock_monotonic_ms(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000);
}

int64_t clock_monotonic_us(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000000);
}

bool clock_plausible(void)
{
	int64_t now = clock_s();
	return now > INT64_C(1704067200) && now < INT64_C(7258118400);
}

void clock_text(int64_t ms, char *text)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	size_t length = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, CLOCK_TEXT_SIZE - length, ".%03dZ", (int)(ms % 1000));
}
