#include "signin/failure_limits.h"

#include "base/limits.h"
#include "base/random.h"
#include "http/address.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define WAYS 8 /* neighbours among which an entry may stand */
#define SETS (LIMIT_FAILURE_ENTRIES / WAYS)
#define MINUTE_MS 60000
#define FORGET_MS (15 * 60 * 1000)           /* a count nobody adds to is forgotten */
#define KNOWN_ADDRESS_MS (24 * 3600 * 1000)  /* an address that opened the account rightly keeps its own count */

struct entry {
	uint64_t key; /* 0: free */
	int64_t last_ms;
	int64_t closed_until_ms; /* accounts */
	int64_t window_ms;       /* addresses, anonymous tokens: when the minute began; known addresses: when the account was last opened from there */
	int64_t failures;        /* anonymous tokens: how many in the minute */
};

struct failure_limits {
	pthread_mutex_t lock;
	struct failure_limits_options options;
	unsigned char hash_key[crypto_shorthash_KEYBYTES];
	struct entry *entries;
};

struct failure_limits *failure_limits_new(const struct failure_limits_options *options)
{
	struct failure_limits *limits = calloc(1, sizeof *limits);
	if (limits == NULL)
		return NULL;
	/* untouched pages of a calloc cost no memory */
	limits->entries = calloc(LIMIT_FAILURE_ENTRIES, sizeof *limits->entries);
	if (limits->entries == NULL) {
		free(limits);
		return NULL;
	}
	pthread_mutex_init(&limits->lock, NULL);
	random_bytes(limits->hash_key, sizeof limits->hash_key);
	limits->options = *options;
	return limits;
}

void failure_limits_free(struct failure_limits *limits)
{
	if (limits == NULL)
		return;
	pthread_mutex_destroy(&limits->lock);
	free(limits->entries);
	free(limits);
}

void failure_limits_configure(struct failure_limits *limits, const struct failure_limits_options *options)
{
	pthread_mutex_lock(&limits->lock);
	limits->options = *options;
	pthread_mutex_unlock(&limits->lock);
}

/* ---- keys ------------------------------------------------------------------------------------------------------- */

#define KEY_TEXT_MAX (2 * LIMIT_LONG_PARAMETER)

static size_t add_part(unsigned char *text, size_t at, struct slice part)
{
	size_t len = part.len < KEY_TEXT_MAX - 1 - at ? part.len : KEY_TEXT_MAX - 1 - at;
	if (len > 0)
		memcpy(text + at, part.ptr, len);
	text[at + len] = '\0';
	return at + len + 1 < KEY_TEXT_MAX ? at + len + 1 : KEY_TEXT_MAX - 1;
}

static uint64_t hash_parts(const struct failure_limits *limits, const struct slice *parts, size_t count)
{
	unsigned char text[KEY_TEXT_MAX];
	size_t len = 0;
	for (size_t i = 0; i < count; i++)
		len = add_part(text, len, parts[i]);
	uint64_t key;
	crypto_shorthash((unsigned char *)&key, text, len, limits->hash_key);
	return key == 0 ? 1 : key;
}

struct keys {
	uint64_t account;
	uint64_t pair; /* this account from this address */
	uint64_t address;
};

static struct keys keys_of(const struct failure_limits *limits, const struct attempt *attempt)
{
	struct in6_addr buffer;
	struct slice address = address_client(attempt->address, &buffer);
	const struct slice parts[] = { slice_from(attempt->kind), attempt->scope, attempt->name, address };
	const struct slice from[] = { SLICE("address"), address };
	return (struct keys) {
		.account = hash_parts(limits, parts, 3),
		.pair = hash_parts(limits, parts, 4),
		.address = hash_parts(limits, from, 2),
	};
}

/* ---- table ------------------------------------------------------------------------------------------------------ */

static struct entry *find(struct failure_limits *limits, uint64_t key, int64_t now_ms, int64_t keep_ms)
{
	struct entry *set = &limits->entries[key % SETS * WAYS];
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key != key)
			continue;
		if (now_ms - set[i].last_ms <= keep_ms)
			return &set[i];
		set[i].key = 0;
	}
	return NULL;
}

/* What is given up first: a free place, then one that counts no failures, then the least recently used. */
static bool goes_before(const struct entry *a, const struct entry *b)
{
	if ((a->key == 0) != (b->key == 0))
		return a->key == 0;
	if ((a->failures == 0) != (b->failures == 0))
		return a->failures == 0;
	return a->last_ms < b->last_ms;
}

static struct entry *find_or_make(struct failure_limits *limits, uint64_t key, int64_t now_ms, int64_t keep_ms)
{
	struct entry *entry = find(limits, key, now_ms, keep_ms);
	if (entry != NULL)
		return entry;
	struct entry *set = &limits->entries[key % SETS * WAYS];
	entry = &set[0];
	for (size_t i = 1; i < WAYS; i++)
		if (goes_before(&set[i], entry))
			entry = &set[i];
	*entry = (struct entry) { .key = key, .last_ms = now_ms, .window_ms = now_ms };
	return entry;
}

/* Notes that the account was opened rightly from here, unless that would push out a count of failures. */
static void remember_success(struct failure_limits *limits, uint64_t pair, int64_t now_ms)
{
	const struct entry *set = &limits->entries[pair % SETS * WAYS];
	bool room = find(limits, pair, now_ms, KNOWN_ADDRESS_MS) != NULL;
	for (size_t i = 0; i < WAYS && !room; i++)
		room = set[i].key == 0 || set[i].failures == 0;
	if (!room)
		return;
	struct entry *own = find_or_make(limits, pair, now_ms, KNOWN_ADDRESS_MS);
	own->failures = 0;
	own->closed_until_ms = 0;
	own->last_ms = now_ms;
	own->window_ms = now_ms;
}

/* The count that this attempt belongs to: the known address's own, or the account's. */
static struct entry *account_entry(struct failure_limits *limits, const struct keys *keys, int64_t now_ms, bool make)
{
	struct entry *own = find(limits, keys->pair, now_ms, KNOWN_ADDRESS_MS);
	if (own != NULL && now_ms - own->window_ms <= KNOWN_ADDRESS_MS)
		return own;
	return make ? find_or_make(limits, keys->account, now_ms, FORGET_MS) : find(limits, keys->account, now_ms, FORGET_MS);
}

static int64_t seconds_until(int64_t then_ms, int64_t now_ms)
{
	return then_ms <= now_ms ? 0 : (then_ms - now_ms + 999) / 1000;
}

int64_t failure_limits_wait_s(struct failure_limits *limits, const struct attempt *attempt, int64_t now_ms)
{
	struct keys keys = keys_of(limits, attempt);
	int64_t wait_s = 0;
	pthread_mutex_lock(&limits->lock);
	const struct entry *account = account_entry(limits, &keys, now_ms, false);
	if (account != NULL)
		wait_s = seconds_until(account->closed_until_ms, now_ms);
	const struct entry *address = find(limits, keys.address, now_ms, MINUTE_MS);
	if (address != NULL && now_ms - address->window_ms < MINUTE_MS && address->failures >= limits->options.address_per_minute) {
		int64_t minute_s = seconds_until(address->window_ms + MINUTE_MS, now_ms);
		wait_s = minute_s > wait_s ? minute_s : wait_s;
	}
	pthread_mutex_unlock(&limits->lock);
	return wait_s;
}

/* The count of a minute, made or begun anew where the last one is over. */
static struct entry *minute_entry(struct failure_limits *limits, uint64_t key, int64_t now_ms)
{
	struct entry *entry = find_or_make(limits, key, now_ms, MINUTE_MS);
	if (now_ms - entry->window_ms >= MINUTE_MS) {
		entry->window_ms = now_ms;
		entry->failures = 0;
	}
	entry->last_ms = now_ms;
	return entry;
}

int64_t failure_limits_take_anonymous(struct failure_limits *limits, struct slice address, int64_t now_ms)
{
	struct in6_addr buffer;
	const struct slice parts[] = { SLICE("anonymous"), address_client(address, &buffer) };
	int64_t wait_s = 0;
	pthread_mutex_lock(&limits->lock);
	struct entry *entry = minute_entry(limits, hash_parts(limits, parts, 2), now_ms);
	if (entry->failures < limits->options.anonymous_per_minute)
		entry->failures++;
	else
		wait_s = seconds_until(entry->window_ms + MINUTE_MS, now_ms);
	pthread_mutex_unlock(&limits->lock);
	return wait_s;
}

int64_t failure_limits_failed(struct failure_limits *limits, const struct attempt *attempt, int64_t now_ms)
{
	struct keys keys = keys_of(limits, attempt);
	int64_t closed_s = 0;
	pthread_mutex_lock(&limits->lock);
	minute_entry(limits, keys.address, now_ms)->failures++;
	struct entry *account = account_entry(limits, &keys, now_ms, true);
	account->failures++;
	account->last_ms = now_ms;
	int64_t beyond = account->failures - limits->options.account_failures;
	if (beyond > 0) {
		closed_s = beyond > 16 ? limits->options.account_delay_max_s : INT64_C(1) << (beyond - 1);
		if (closed_s > limits->options.account_delay_max_s)
			closed_s = limits->options.account_delay_max_s;
		account->closed_until_ms = now_ms + closed_s * 1000;
	}
	pthread_mutex_unlock(&limits->lock);
	return closed_s;
}

void failure_limits_succeeded(struct failure_limits *limits, const struct attempt *attempt, int64_t now_ms)
{
	struct keys keys = keys_of(limits, attempt);
	pthread_mutex_lock(&limits->lock);
	struct entry *account = find(limits, keys.account, now_ms, FORGET_MS);
	const struct entry *own = find(limits, keys.pair, now_ms, KNOWN_ADDRESS_MS);
	/* The owner's success from a known address does not pardon strangers; from a new one it does. */
	if (account != NULL && own == NULL)
		account->key = 0;
	remember_success(limits, keys.pair, now_ms);
	pthread_mutex_unlock(&limits->lock);
}
