#include "libwrit/revocations.h"

#include "base/limits.h"
#include "base/random.h"

#include <sodium.h>
#include <stdlib.h>

#define CAPACITY_FIRST 64 /* slots; always a power of two, at most half of them taken */

_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == sizeof(((struct revocations *)0)->key), "the key fits");
_Static_assert(crypto_shorthash_siphashx24_BYTES == sizeof(((struct revocation_slot *)0)->hash), "a hash fits");

void revocations_begin(struct revocations *revocations)
{
	*revocations = (struct revocations) { .slots = NULL };
	random_bytes(revocations->key, sizeof revocations->key);
}

void revocations_end(struct revocations *revocations)
{
	free(revocations->slots);
	revocations->slots = NULL;
}

static bool is_free(const struct revocation_slot *slot)
{
	return (slot->hash[0] | slot->hash[1]) == 0;
}

/* False: it is no id. */
static bool revocation_hash(const struct revocations *revocations, enum revocation kind, struct slice id, uint64_t hash[2])
{
	unsigned char text[1 + LIMIT_ID];
	if (id.len == 0 || id.len > LIMIT_ID)
		return false;
	text[0] = (unsigned char)kind;
	memcpy(text + 1, id.ptr, id.len);
	crypto_shorthash_siphashx24((unsigned char *)hash, text, 1 + id.len, revocations->key);
	hash[0] |= (hash[0] | hash[1]) == 0;
	return true;
}

/* The slot of the hash, or the free one where it belongs. */
static struct revocation_slot *slot_of(struct revocation_slot *slots, size_t capacity, const uint64_t hash[2])
{
	size_t at = (size_t)hash[0] & (capacity - 1);
	while (!is_free(&slots[at]) && (slots[at].hash[0] != hash[0] || slots[at].hash[1] != hash[1]))
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

/* A new table without those that are over, with room for as many again. */
static enum result rebuild(struct revocations *revocations, int64_t now_s)
{
	size_t alive = 0, capacity = CAPACITY_FIRST;
	for (size_t i = 0; i < revocations->capacity; i++)
		alive += !is_free(&revocations->slots[i]) && revocations->slots[i].until > now_s;
	if (alive >= LIMIT_REVOCATIONS_FED)
		return RESULT_TOO_LARGE;
	while (capacity < (alive + 1) * 4)
		capacity *= 2;
	struct revocation_slot *slots = calloc(capacity, sizeof *slots);
	if (slots == NULL)
		return RESULT_NO_MEMORY;
	for (size_t i = 0; i < revocations->capacity; i++)
		if (!is_free(&revocations->slots[i]) && revocations->slots[i].until > now_s)
			*slot_of(slots, capacity, revocations->slots[i].hash) = revocations->slots[i];
	free(revocations->slots);
	revocations->slots = slots;
	revocations->capacity = capacity;
	revocations->count = alive;
	return RESULT_OK;
}

static struct revocation_slot *slot_known(const struct revocations *revocations, const uint64_t hash[2])
{
	struct revocation_slot *slot = revocations->count == 0 ? NULL : slot_of(revocations->slots, revocations->capacity, hash);
	return slot == NULL || is_free(slot) ? NULL : slot;
}

enum result revocations_add(struct revocations *revocations, enum revocation kind, struct slice id, int64_t until, int64_t now_s)
{
	uint64_t hash[2];
	if (!revocation_hash(revocations, kind, id, hash))
		return RESULT_INVALID;
	struct revocation_slot *known = slot_known(revocations, hash);
	if (known != NULL) {
		known->until = known->until < until ? until : known->until;
		return RESULT_OK;
	}
	if ((revocations->count + 1) * 2 > revocations->capacity || revocations->count >= LIMIT_REVOCATIONS_FED) {
		enum result result = rebuild(revocations, now_s);
		if (result != RESULT_OK)
			return result;
	}
	*slot_of(revocations->slots, revocations->capacity, hash) = (struct revocation_slot) { { hash[0], hash[1] }, until };
	revocations->count++;
	return RESULT_OK;
}

bool revocations_have(const struct revocations *revocations, enum revocation kind, struct slice id)
{
	uint64_t hash[2];
	return revocations->count > 0 && revocation_hash(revocations, kind, id, hash) && slot_known(revocations, hash) != NULL;
}
