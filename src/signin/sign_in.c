#include "signin/sign_in.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

/* Names longer than any that can exist are counted by their front. */
#define COUNTED_NAME (LIMIT_EMAIL + 1)

/* One account, however its name is written: guesses at "Agent" and "AGENT" are guesses at one person. */
static struct slice fold(struct slice name, char folded[COUNTED_NAME])
{
	struct slice front = slice_first(name, COUNTED_NAME);
	for (size_t i = 0; i < front.len; i++)
		folded[i] = text_lower(front.ptr[i]);
	return (struct slice) { folded, front.len };
}

static struct attempt attempt_of(const struct realm *realm, struct slice name, struct slice address, char folded[COUNTED_NAME])
{
	return (struct attempt) {
		.scope = partition_id_slice(&realm->partition),
		.kind = person_kind_name(realm->kind),
		.name = fold(name, folded),
		.address = address,
	};
}

/* Judges the password against the hash (empty: nobody's) and counts what comes of it. */
static enum sign_in_answer judge(const struct sign_in *sign_in, const struct attempt *attempt, struct slice password, struct slice hash,
                                 int64_t *ret_wait_s)
{
	enum result result = password_queue_verify(sign_in->passwords, password, hash);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return SIGN_IN_BUSY;
	/* Guesses made at the same time have all been let in: those that end after the account was closed learn nothing. */
	int64_t wait_s = failure_limits_wait_s(sign_in->failures, attempt, clock_monotonic_ms());
	if (wait_s == 0 && result == RESULT_OK) {
		failure_limits_succeeded(sign_in->failures, attempt, clock_monotonic_ms());
		return SIGN_IN_RIGHT;
	}
	if (wait_s == 0)
		wait_s = failure_limits_failed(sign_in->failures, attempt, clock_monotonic_ms());
	if (wait_s == 0)
		return SIGN_IN_WRONG;
	*ret_wait_s = wait_s;
	return SIGN_IN_WAIT;
}

/* RESULT_NOT_FOUND also for a name that nobody can have. */
static enum result find_person(const struct sign_in *sign_in, const struct realm *realm, struct slice name, struct arena *arena,
                               struct person *ret)
{
	const bool user = realm->kind == PERSON_USER;
	if (name.len == 0 || name.len > (user ? LIMIT_USERNAME : LIMIT_EMAIL))
		return RESULT_NOT_FOUND;
	return store_person_read(sign_in->store, &realm->partition, realm->kind, user ? PERSON_BY_USERNAME : PERSON_BY_EMAIL, name, arena, ret);
}

enum sign_in_answer sign_in_check(const struct sign_in *sign_in, const struct realm *realm, struct slice name, struct slice password,
                                  struct slice address, struct arena *arena, struct person *ret, int64_t *ret_wait_s)
{
	char folded[COUNTED_NAME];
	name = slice_trim(name);
	const struct attempt attempt = attempt_of(realm, name, address, folded);
	int64_t wait_s = failure_limits_wait_s(sign_in->failures, &attempt, clock_monotonic_ms());
	if (wait_s > 0) {
		*ret_wait_s = wait_s;
		return SIGN_IN_WAIT;
	}
	struct person person = { .enabled = false };
	enum result result = find_person(sign_in, realm, name, arena, &person);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return SIGN_IN_BUSY;
	const struct slice nobody = { NULL, 0 };
	const bool somebody = result == RESULT_OK && person.enabled;
	enum sign_in_answer answer = judge(sign_in, &attempt, password, somebody ? person.password_hash : nobody, ret_wait_s);
	if (answer == SIGN_IN_RIGHT)
		*ret = person;
	return answer;
}

enum sign_in_answer sign_in_confirm(const struct sign_in *sign_in, const struct realm *realm, const struct person *person, struct slice password,
                                    struct slice address, int64_t *ret_wait_s)
{
	char folded[COUNTED_NAME];
	const struct slice name = realm->kind == PERSON_USER ? person->username : person->email;
	const struct attempt attempt = attempt_of(realm, name, address, folded);
	int64_t wait_s = failure_limits_wait_s(sign_in->failures, &attempt, clock_monotonic_ms());
	if (wait_s > 0) {
		*ret_wait_s = wait_s;
		return SIGN_IN_WAIT;
	}
	const struct slice nobody = { NULL, 0 };
	return judge(sign_in, &attempt, password, person->enabled ? person->password_hash : nobody, ret_wait_s);
}
