/* A fuzzer is a file fuzz-NAME.c with the function below; its seeds stand in seeds/NAME, one file each. */
#ifndef WRIT_TESTS_FUZZ_H
#define WRIT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What must be true of every input: beyond "it does not crash". */
#define MUST_HOLD(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

#endif
