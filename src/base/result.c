#include "base/result.h"

#include <stdarg.h>
#include <stdio.h>

enum result problem_set(struct problem *problem, enum result result, const char *format, ...)
{
	if (problem != NULL) {
		va_list args;
		va_start(args, format);
		/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start stands above */
		vsnprintf(problem->text, sizeof problem->text, format, args);
		va_end(args);
	}
	return result;
}

const char *result_text(enum result result)
{
	switch (result) {
	case RESULT_OK: return "done";
	case RESULT_NOT_FOUND: return "not found";
	case RESULT_INVALID: return "invalid input";
	case RESULT_EXPIRED: return "expired";
	case RESULT_REPLAYED: return "used before";
	case RESULT_CONFLICT: return "changed by somebody else meanwhile";
	case RESULT_EXISTS: return "exists already";
	case RESULT_STALE: return "another version than asked for";
	case RESULT_IN_USE: return "in use";
	case RESULT_TOO_LARGE: return "too large";
	case RESULT_BUSY: return "busy";
	case RESULT_STORE_DOWN: return "the store does not answer";
	case RESULT_NO_MEMORY: return "out of memory";
	case RESULT_FAILED: return "failed";
	}
	return "unknown result";
}
