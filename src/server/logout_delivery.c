#include "server/logout_delivery.h"

#include "base/clock.h"
#include "base/log.h"
#include "directory/audit.h"
#include "oauth/logout_token.h"
#include "store/logouts.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_EVERY_MS 250
#define ARENA_FIRST (16 * 1024)
#define ARENA_MAX (256 * 1024)
#define FORM_NAME "logout_token="

static const int64_t delays_s[] = { 1, 5, 30, 120, 600 };
#define RETRIES ((int64_t)(sizeof delays_s / sizeof delays_s[0]))

struct logout_deliveries {
	struct oauth *oauth;
	const struct outbound *outbound;
	pthread_mutex_t looking; /* one looks for what is due; who found something lets the next one look */
	pthread_mutex_t lock;    /* of stop */
	pthread_cond_t stopped;
	bool stop;
	_Atomic int64_t delivered, failed, tried_again, dropped;
	size_t thread_count;
	pthread_t threads[LIMIT_LOGOUT_THREADS];
};

/* What one try came to. */
enum outcome { DELIVERED, FAILED, TRY_AGAIN, DROPPED };

struct posting {
	struct logout_deliveries *all;
	struct oauth_call call; /* nobody asked: it has what a token is made of */
	struct logout_delivery delivery;
	struct slice why;       /* for people, in the arena */
};

static struct store *store_of(const struct logout_deliveries *all)
{
	return directory_store(all->oauth->directory);
}

/* ---- one try ------------------------------------------------------------------------------------------------------------ */

static enum outcome judge(struct posting *posting, enum result result, const struct outbound_reply *reply, const struct problem *problem)
{
	struct arena *arena = posting->call.arena;
	if (result != RESULT_OK) {
		posting->why = arena_print(arena, "%s", problem->text);
		return result == RESULT_INVALID ? FAILED : TRY_AGAIN;
	}
	posting->why = arena_print(arena, "the application answered %ld", reply->status);
	if (reply->status == 200 || reply->status == 204)
		return DELIVERED;
	return reply->status == 400 ? FAILED : TRY_AGAIN; /* §2.8: it says that the token is not good */
}

static enum outcome post(struct posting *posting)
{
	static const struct outbound_limits limits = {
		.connect_ms = LIMIT_LOGOUT_CONNECT_MS, .total_ms = LIMIT_LOGOUT_MS, .reply_max = LIMIT_LOGOUT_REPLY,
	};
	const struct logout_delivery *delivery = &posting->delivery;
	struct oauth_call *call = &posting->call;
	struct outbound_reply reply = { .status = 0 };
	struct problem problem = { "" };
	struct writer form = writer_new(call->arena, 2048);
	writer_text(&form, FORM_NAME); /* a token has nothing that a form would encode */
	if (!clock_plausible() || logout_token_write(call, delivery->person_id, delivery->sid, clock_s(), &form) != RESULT_OK || !writer_ok(&form)) {
		posting->why = SLICE_OF("no token could be signed");
		return TRY_AGAIN;
	}
	enum result result = outbound_post_form(posting->all->outbound, call->application->registered.backchannel_logout_url, writer_slice(&form),
	                                        &limits, call->arena, &reply, &problem);
	return judge(posting, result, &reply, &problem);
}

/* To whom, as it is registered now. */
static enum outcome try_once(struct posting *posting)
{
	struct oauth_call *call = &posting->call;
	const struct logout_delivery *delivery = &posting->delivery;
	enum result result = directory_tenant(call->oauth->directory, &delivery->realm.partition, &call->tenant);
	if (result == RESULT_OK)
		result = directory_application(call->oauth->directory, &delivery->realm.partition, delivery->client_id, &call->application);
	if (result != RESULT_OK) {
		posting->why = SLICE_OF("the store or the signing keys cannot be used now");
		return result == RESULT_NOT_FOUND ? DROPPED : TRY_AGAIN;
	}
	const struct client_application *registered = &call->application->registered;
	return registered->enabled && registered->backchannel_logout_url.len > 0 ? post(posting) : DROPPED;
}

/* ---- what came of it ---------------------------------------------------------------------------------------------------- */

static void audit(const struct posting *posting, const char *action, const char *result)
{
	const struct logout_delivery *delivery = &posting->delivery;
	const struct audit_event event = {
		.partition = partition_id_slice(&delivery->realm.partition),
		.action = slice_from(action),
		.result = slice_from(result),
		.actor = delivery->person_id,
		.object = delivery->client_id,
		.detail = arena_print(posting->call.arena, "session %.*s, try %lld: %.*s", SLICE_ARGS(delivery->sid), (long long)delivery->tries,
		                      SLICE_ARGS(posting->why)),
	};
	audit_write(store_of(posting->all), &event);
}

static void try_later(const struct posting *posting)
{
	const struct logout_delivery *delivery = &posting->delivery;
	const int64_t delay_s = delays_s[delivery->tries - 1];
	LOG_LINE(LOG_DEBUG, "a logout token was not delivered and will be tried again", { "client_id", delivery->client_id }, { "why", posting->why });
	/* not stored: it is tried again when the claim lapses */
	(void)!store_logout_again(store_of(posting->all), delivery, clock_ms() + delay_s * 1000);
}

static void finish(struct posting *posting, enum outcome outcome)
{
	struct logout_deliveries *all = posting->all;
	if (outcome == TRY_AGAIN && posting->delivery.tries > RETRIES)
		outcome = FAILED;
	_Atomic int64_t *const counters[] = {
		[DELIVERED] = &all->delivered, [FAILED] = &all->failed, [TRY_AGAIN] = &all->tried_again, [DROPPED] = &all->dropped,
	};
	atomic_fetch_add_explicit(counters[outcome], 1, memory_order_relaxed);
	if (outcome == TRY_AGAIN) {
		try_later(posting);
		return;
	}
	if (outcome == DELIVERED)
		audit(posting, "logout.delivered", "ok");
	if (outcome == FAILED)
		audit(posting, "logout.failed", "failed");
	/* not stored: it is told once more, which does no harm */
	(void)!store_logout_done(store_of(all), &posting->delivery);
}

static void deliver(struct posting *posting)
{
	struct oauth_call *call = &posting->call;
	call->realm = posting->delivery.realm;
	finish(posting, try_once(posting));
	if (call->application != NULL)
		application_release(call->application);
	if (call->tenant != NULL)
		tenant_release(call->tenant);
}

/* ---- the threads ---------------------------------------------------------------------------------------------------------- */

static bool stopping_within(struct logout_deliveries *all, int64_t ms)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&all->lock);
	while (!all->stop && pthread_cond_timedwait(&all->stopped, &all->lock, &until) == 0)
		;
	bool stop = all->stop;
	pthread_mutex_unlock(&all->lock);
	return stop;
}

/* Waits until one is due and claims it; false: the server stops. */
static bool find(struct posting *posting)
{
	struct logout_deliveries *all = posting->all;
	bool found = false;
	pthread_mutex_lock(&all->looking);
	while (!found && !stopping_within(all, 0)) {
		const int64_t now_ms = clock_ms();
		arena_reset(posting->call.arena);
		found = store_logout_claim(store_of(all), now_ms, now_ms + LIMIT_LOGOUT_CLAIM_MS, posting->call.arena, &posting->delivery) == RESULT_OK;
		if (!found)
			(void)!stopping_within(all, LOOK_EVERY_MS);
	}
	pthread_mutex_unlock(&all->looking);
	return found;
}

static void *work(void *context)
{
	struct logout_deliveries *all = context;
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_MAX);
	struct posting posting = { .all = all, .call = { .oauth = all->oauth, .arena = arena } };
	const struct posting fresh = posting;
	while (arena != NULL && find(&posting)) {
		deliver(&posting);
		posting = fresh;
	}
	arena_free(arena);
	return NULL;
}

enum result logout_deliveries_start(struct oauth *oauth, const struct outbound *outbound, struct logout_deliveries **ret)
{
	struct logout_deliveries *all = calloc(1, sizeof *all);
	pthread_condattr_t attributes;
	if (all == NULL)
		return RESULT_NO_MEMORY;
	all->oauth = oauth;
	all->outbound = outbound;
	pthread_mutex_init(&all->looking, NULL);
	pthread_mutex_init(&all->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&all->stopped, &attributes);
	pthread_condattr_destroy(&attributes);
	for (size_t i = 0; i < LIMIT_LOGOUT_THREADS; i++) {
		if (pthread_create(&all->threads[i], NULL, work, all) != 0) {
			logout_deliveries_stop(all);
			return RESULT_FAILED;
		}
		all->thread_count++;
	}
	*ret = all;
	return RESULT_OK;
}

void logout_deliveries_stop(struct logout_deliveries *all)
{
	if (all == NULL)
		return;
	pthread_mutex_lock(&all->lock);
	all->stop = true;
	pthread_cond_broadcast(&all->stopped);
	pthread_mutex_unlock(&all->lock);
	for (size_t i = 0; i < all->thread_count; i++)
		pthread_join(all->threads[i], NULL);
	pthread_cond_destroy(&all->stopped);
	pthread_mutex_destroy(&all->lock);
	pthread_mutex_destroy(&all->looking);
	free(all);
}

void logout_deliveries_numbers(const struct logout_deliveries *all, struct logout_numbers *ret)
{
	*ret = (struct logout_numbers) { .delivered = 0 };
	if (all == NULL)
		return;
	ret->delivered = atomic_load_explicit(&all->delivered, memory_order_relaxed);
	ret->failed = atomic_load_explicit(&all->failed, memory_order_relaxed);
	ret->tried_again = atomic_load_explicit(&all->tried_again, memory_order_relaxed);
	ret->dropped = atomic_load_explicit(&all->dropped, memory_order_relaxed);
}
