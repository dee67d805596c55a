#include "population.h"

#include <string.h>

uint64_t population_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint64_t word_of(enum population_text kind, uint32_t index, unsigned word)
{
	return population_mix(((uint64_t)index << 16) | ((uint64_t)kind << 8) | word);
}

static size_t write_uuid(enum population_text kind, uint32_t index, char *out)
{
	static const char template[] = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
	uint64_t bits = 0;
	unsigned word = 0, left = 0;
	for (size_t i = 0; i < sizeof template; i++) {
		out[i] = template[i];
		if (template[i] != 'x')
			continue;
		if (left == 0) {
			bits = word_of(kind, index, word++);
			left = 16;
		}
		out[i] = "0123456789abcdef"[bits & 15];
		bits >>= 4;
		left--;
	}
	return sizeof template - 1;
}

static size_t write_secret(uint32_t index, char *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	enum { PREFIX = 5, RANDOM = 43 };
	memcpy(out, "writ_", PREFIX);
	uint64_t bits = 0;
	for (unsigned i = 0; i < RANDOM; i++) {
		if (i % 10 == 0)
			bits = word_of(POPULATION_CLIENT_SECRET, index, i / 10);
		out[PREFIX + i] = alphabet[bits & 63];
		bits >>= 6;
	}
	out[PREFIX + RANDOM] = '\0';
	return PREFIX + RANDOM;
}

static size_t write_numbered(const char *before, uint32_t index, const char *after, char *out)
{
	enum { DIGITS = 8 };
	size_t before_len = strlen(before), after_len = strlen(after);
	memcpy(out, before, before_len);
	for (size_t i = DIGITS; i > 0; i--) {
		out[before_len + i - 1] = (char)('0' + index % 10);
		index /= 10;
	}
	memcpy(out + before_len + DIGITS, after, after_len + 1);
	return before_len + DIGITS + after_len;
}

size_t population_write(enum population_text kind, uint32_t index, char out[POPULATION_TEXT])
{
	switch (kind) {
	case POPULATION_CLIENT_SECRET: return write_secret(index, out);
	case POPULATION_USERNAME: return write_numbered("agent", index, "", out);
	case POPULATION_EMAIL: return write_numbered("customer", index, "@example.com", out);
	case POPULATION_CLIENT_ID:
	case POPULATION_USER_ID:
	case POPULATION_CUSTOMER_ID: break;
	}
	return write_uuid(kind, index, out);
}
