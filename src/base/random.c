#include "base/random.h"

#include <sodium.h>
#include <string.h>

#define RESERVE_SIZE 1024

void random_bytes(void *bytes, size_t size)
{
	static _Thread_local unsigned char reserve[RESERVE_SIZE];
	static _Thread_local size_t left;
	if (size > RESERVE_SIZE) {
		randombytes_buf(bytes, size);
		return;
	}
	if (left < size) {
		randombytes_buf(reserve, sizeof reserve);
		left = RESERVE_SIZE;
	}
	left -= size;
	memcpy(bytes, reserve + left, size);
	sodium_memzero(reserve + left, size);
}
