/* Wall-clock and monotonic time. All times of writ are int64_t since the epoch, in the unit of the name. */
#ifndef WRIT_BASE_CLOCK_H
#define WRIT_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_s(void);            /* seconds since the epoch */
int64_t clock_ms(void);           /* milliseconds since the epoch */
int64_t clock_monotonic_ms(void); /* never goes back; for durations */
int64_t clock_monotonic_us(void);

/* False when the wall clock cannot be right (before 2024 or after 2200): tokens must not be made. */
bool clock_plausible(void);

/* "2026-11-22T11:04:05.123Z" into a buffer of at least CLOCK_TEXT_SIZE bytes. */
#define CLOCK_TEXT_SIZE 32
void clock_text(int64_t ms, char *text);

#endif
