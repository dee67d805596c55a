/* Results: what a function that can fail says to its caller.
 *
 * Zero is good. A function marked MUST_CHECK is a compile error to ignore. Outputs named ret are left
 * untouched on anything but RESULT_OK. */
#ifndef WRIT_BASE_RESULT_H
#define WRIT_BASE_RESULT_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(template, first) __attribute__((format(printf, template, first)))

enum result {
	RESULT_OK = 0,
	RESULT_NOT_FOUND,  /* no such thing (in this partition) */
	RESULT_INVALID,    /* the input breaks a rule; a struct problem says which */
	RESULT_EXPIRED,    /* it was good once */
	RESULT_REPLAYED,   /* a single-use thing was used before */
	RESULT_CONFLICT,   /* somebody else changed it meanwhile, or the name is taken */
	RESULT_EXISTS,     /* one with this key or unique name is there already */
	RESULT_STALE,      /* it has another version than the one that was asked for */
	RESULT_IN_USE,     /* others refer to it */
	RESULT_TOO_LARGE,  /* a named limit of base/limits.h was reached */
	RESULT_BUSY,       /* a queue or lock stayed full for its whole bound: try again later */
	RESULT_STORE_DOWN, /* the store cannot answer: refuse, never guess */
	RESULT_NO_MEMORY,
	RESULT_FAILED, /* the world outside (file, network, key) failed; a struct problem says how */
};

/* A sentence for people about what went wrong and what to do, made where the facts are. */
struct problem {
	char text[640];
};

/* Fills problem (which may be NULL) and gives back the result, so that failing is one line:
 *     return problem_set(problem, RESULT_INVALID, "line %d: name is missing", line);                   */
MUST_CHECK enum result problem_set(struct problem *, enum result, const char *format, ...) PRINTF_LIKE(3, 4);

/* The fixed English words of a result, for a log line when no problem was filled. */
const char *result_text(enum result);

#endif
