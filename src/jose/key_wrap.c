/* Private keys at rest, wrapped by the master key. */
#include "jose/key_parts.h"

#include <openssl/x509.h>

/* What a wrapped key is bound to: it opens for no other partition, name or algorithm. */
static struct slice wrapping_label(const struct partition_id *partition, struct slice kid, enum signing_algorithm algorithm,
                                   struct arena *arena)
{
	return arena_print(arena, "%s|%.*s|%s", partition->text, SLICE_ARGS(kid), algorithm_name(algorithm));
}

static enum result pair_from_pkcs8(struct slice der, EVP_PKEY **ret)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);
	EVP_PKEY *pair = info != NULL && at == (const unsigned char *)der.ptr + der.len ? EVP_PKCS82PKEY(info) : NULL;
	PKCS8_PRIV_KEY_INFO_free(info);
	if (pair == NULL)
		return RESULT_INVALID;
	*ret = pair;
	return RESULT_OK;
}

static enum result pair_unwrap(const struct signing_key *stored, const struct partition_id *partition,
                               const struct master_key *master, EVP_PKEY **ret)
{
	struct arena *arena = arena_new(KEY_ARENA_FIRST, KEY_ARENA_MAX); /* wiped when freed: it holds the private key */
	if (arena == NULL)
		return RESULT_NO_MEMORY;
	struct slice label = wrapping_label(partition, stored->kid, stored->algorithm, arena);
	struct slice der;
	enum result result = label.ptr == NULL ? RESULT_NO_MEMORY : master_key_unwrap(master, label, stored->wrapped, arena, &der);
	if (result == RESULT_OK)
		result = pair_from_pkcs8(der, ret);
	arena_free(arena);
	return result;
}

enum result key_open(const struct signing_key *stored, const struct partition_id *partition, const struct master_key *master,
                     struct key **ret)
{
	EVP_PKEY *pair;
	enum result result = pair_unwrap(stored, partition, master, &pair);
	if (result != RESULT_OK)
		return result;
	struct key *key;
	result = key_from_pair(pair, stored->algorithm, &key);
	if (result != RESULT_OK)
		return result;
	if (!slice_equal(key->kid, stored->kid)) {
		key_free(key);
		return RESULT_INVALID;
	}
	*ret = key;
	return RESULT_OK;
}

static enum result pair_wrap(const struct key *key, const struct partition_id *partition, const struct master_key *master,
                             struct arena *arena, struct slice *ret)
{
	struct slice label = wrapping_label(partition, key->kid, key->algorithm, arena);
	if (label.ptr == NULL)
		return RESULT_NO_MEMORY;
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pair);
	unsigned char *der = NULL;
	int len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (len <= 0)
		return RESULT_FAILED;
	enum result result = master_key_wrap(master, label, (struct slice) { (const char *)der, (size_t)len }, arena, ret);
	OPENSSL_clear_free(der, (size_t)len);
	return result;
}

enum result key_to_store(const struct key *key, const struct partition_id *partition, const struct master_key *master,
                         struct arena *arena, struct signing_key *ret)
{
	struct slice wrapped;
	enum result result = pair_wrap(key, partition, master, arena, &wrapped);
	if (result != RESULT_OK)
		return result;
	struct signing_key stored = {
		.kid = arena_copy(arena, key->kid),
		.algorithm = key->algorithm,
		.wrapped = wrapped,
		.public_jwk = arena_copy(arena, key->public_jwk),
	};
	if (arena_exhausted(arena))
		return RESULT_NO_MEMORY;
	*ret = stored;
	return RESULT_OK;
}
