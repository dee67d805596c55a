/* The secrets of an application in one column: for each the label's length and text, the hash, and
 * the two times, numbers in little-endian order. */
#include "store/sqlite.h"

static void put_int(char **to, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		*(*to)++ = (char)(unsigned char)(value >> (8 * i));
}

enum result secrets_pack(const struct client_secret *secrets, size_t count, char *buffer, size_t *ret_len)
{
	if (count > LIMIT_SECRETS)
		return RESULT_TOO_LARGE;
	char *to = buffer;
	for (size_t i = 0; i < count; i++) {
		const struct client_secret *secret = &secrets[i];
		if (secret->label.len > LIMIT_ID)
			return RESULT_TOO_LARGE;
		put_int(&to, secret->label.len, 2);
		if (secret->label.len > 0)
			memcpy(to, secret->label.ptr, secret->label.len);
		to += secret->label.len;
		memcpy(to, secret->hash.bytes, sizeof(secret->hash.bytes));
		to += sizeof(secret->hash.bytes);
		put_int(&to, (uint64_t)secret->created_at, 8);
		put_int(&to, (uint64_t)secret->expires_at, 8);
	}
	*ret_len = (size_t)(to - buffer);
	return RESULT_OK;
}

static bool take(struct slice *rest, size_t len, struct slice *ret)
{
	if (rest->len < len)
		return false;
	*ret = slice_first(*rest, len);
	*rest = slice_skip(*rest, len);
	return true;
}

static bool take_int(struct slice *rest, size_t bytes, uint64_t *ret)
{
	struct slice from;
	if (!take(rest, bytes, &from))
		return false;
	*ret = 0;
	for (size_t i = 0; i < bytes; i++)
		*ret |= (uint64_t)(unsigned char)from.ptr[i] << (8 * i);
	return true;
}

enum result secrets_unpack(struct slice packed, struct client_secret secrets[LIMIT_SECRETS], size_t *ret_count)
{
	size_t count = 0;
	while (packed.len > 0) {
		struct client_secret secret = { 0 };
		uint64_t label_len, created_at, expires_at;
		struct slice hash;
		bool whole = count < LIMIT_SECRETS && take_int(&packed, 2, &label_len) && take(&packed, label_len, &secret.label) &&
		             take(&packed, sizeof(secret.hash.bytes), &hash) && take_int(&packed, 8, &created_at) &&
		             take_int(&packed, 8, &expires_at);
		if (!whole)
			return RESULT_STORE_DOWN;
		memcpy(secret.hash.bytes, hash.ptr, sizeof(secret.hash.bytes));
		secret.created_at = (int64_t)created_at;
		secret.expires_at = (int64_t)expires_at;
		secrets[count++] = secret;
	}
	*ret_count = count;
	return RESULT_OK;
}
