/* listing STORE ROUNDS: how long pages of lists take (store/listing.h), each from a place at random; a JSON object on standard output. The store
 * is one of tests/bench/listing.py. */
#include "base/clock.h"
#include "population.h"
#include "store/listing.h"
#include "store/statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ARENA_MAX ((size_t)64 * 1024 * 1024)
enum { PAGE = 50, TIMES_MAX = 4096 };

struct bench {
	struct store *store;
	struct partition_id partition;
	struct realm realm;
	struct arena *arena;
	int64_t now;
	uint64_t random;
	char text[POPULATION_TEXT]; /* a key or a search */
	size_t shown;
};

/* ---- visitors ---- */

static enum result show(void *context)
{
	struct bench *bench = context;
	bench->shown++;
	return RESULT_OK;
}
static enum result show_person(void *context, const struct person *person)
{
	return person->id.len > 0 ? show(context) : RESULT_FAILED;
}
static enum result show_application(void *context, const struct client_application *application)
{
	return application->client_id.len > 0 ? show(context) : RESULT_FAILED;
}
static enum result show_session(void *context, const struct session *session)
{
	return session->sid.len > 0 ? show(context) : RESULT_FAILED;
}
static enum result show_grant(void *context, const struct listed_grant *listed)
{
	return listed->grant.gid.len > 0 ? show(context) : RESULT_FAILED;
}
static enum result show_event(void *context, const struct stored_event *stored)
{
	return stored->number > 0 ? show(context) : RESULT_FAILED;
}
static enum result show_statistic(void *context, const struct statistic *statistic)
{
	return statistic->count > 0 ? show(context) : RESULT_FAILED;
}

/* ---- one page of each kind ---- */

static struct slice any_hex(struct bench *bench, int digits)
{
	bench->random = population_mix(bench->random);
	snprintf(bench->text, sizeof bench->text, "%0*llx", digits, (unsigned long long)(bench->random >> (64 - 4 * digits)));
	return slice_from(bench->text);
}

static struct slice any_numbered(struct bench *bench, const char *before, int digits)
{
	unsigned long long most = 1;
	for (int i = 0; i < digits; i++)
		most *= 10;
	bench->random = population_mix(bench->random);
	snprintf(bench->text, sizeof bench->text, "%s%0*llu", before, digits, bench->random % most);
	return slice_from(bench->text);
}

static enum result people(struct bench *bench, enum person_kind kind, struct people_wish wish)
{
	struct slice last;
	bool more;
	wish.page.limit = PAGE;
	return store_people_page(bench->store, &bench->partition, kind, &wish, show_person, bench, bench->arena, &last, &more);
}

static enum result applications(struct bench *bench, struct applications_wish wish)
{
	struct slice last;
	bool more;
	wish.page.limit = PAGE;
	return store_applications_page(bench->store, &bench->partition, &wish, show_application, bench, bench->arena, &last, &more);
}

static enum result sessions(struct bench *bench, struct slice person, struct slice after)
{
	struct slice last;
	bool more;
	struct page_wish wish = { .limit = PAGE, .after = after };
	return store_sessions_page(bench->store, &bench->realm, person, &wish, bench->now, LIMIT_SESSION_IDLE_S, show_session, bench, bench->arena, &last,
	                           &more);
}

static enum result grants(struct bench *bench, struct slice person, struct slice client, struct slice after)
{
	struct slice last;
	bool more;
	struct page_wish wish = { .limit = PAGE, .after = after };
	return store_grants_page(bench->store, &bench->realm, person, client, &wish, bench->now, show_grant, bench, bench->arena, &last, &more);
}

static enum result events(struct bench *bench, struct events_wish wish)
{
	int64_t last;
	wish.limit = PAGE;
	wish.partition = &bench->partition;
	return store_events_page(bench->store, &wish, show_event, bench, &last);
}

#define S SLICE_OF
#define PEOPLE(...) people(bench, PERSON_USER, (struct people_wish) { __VA_ARGS__ })
#define CUSTOMERS(...) people(bench, PERSON_CUSTOMER, (struct people_wish) { __VA_ARGS__ })
#define APPLICATIONS(...) applications(bench, (struct applications_wish) { __VA_ARGS__ })
#define EVENTS(...) events(bench, (struct events_wish) { __VA_ARGS__ })
#define ROW(name, expression) static enum result name(struct bench *bench) { return expression; }

ROW(users_from_anywhere, PEOPLE(.enabled = -1, .page.after = any_hex(bench, 8)))
ROW(users_by_id, PEOPLE(.enabled = -1, .page.search = any_hex(bench, 4)))
ROW(users_by_one_letter, PEOPLE(.enabled = -1, .page.search = any_hex(bench, 1)))
ROW(users_by_username, PEOPLE(.enabled = -1, .page.search = any_numbered(bench, "AGENT00", 3)))
ROW(users_by_email, PEOPLE(.enabled = -1, .page.search = S("agent00004711@EX")))
ROW(users_that_all_begin_so, PEOPLE(.enabled = -1, .page.search = S("agent")))
ROW(users_that_none_begin_so, PEOPLE(.enabled = -1, .page.search = S("nobody")))
ROW(users_of_a_department, PEOPLE(.enabled = -1, .department = S("Service"), .page.after = any_hex(bench, 8)))
ROW(users_with_a_role, PEOPLE(.enabled = -1, .role = S("partition_administrator")))
ROW(users_disabled, PEOPLE(.enabled = 0))
ROW(users_disabled_in_no_department, PEOPLE(.enabled = 0, .department = S("Nowhere")))
ROW(users_enabled_searched_for_disabled, PEOPLE(.enabled = 0, .page.search = S("agent")))
ROW(customers_from_anywhere, CUSTOMERS(.enabled = -1, .page.after = any_hex(bench, 8)))
ROW(customers_by_email, CUSTOMERS(.enabled = -1, .page.search = any_numbered(bench, "Customer00", 3)))
ROW(applications_from_anywhere, APPLICATIONS(.enabled = -1, .page.after = any_numbered(bench, "application ", 3)))
ROW(applications_by_name, APPLICATIONS(.enabled = -1, .page.search = any_numbered(bench, "application ", 3)))
ROW(applications_by_client_id, APPLICATIONS(.enabled = -1, .page.search = any_hex(bench, 4)))
ROW(applications_that_none_begin_so, APPLICATIONS(.enabled = -1, .page.search = S("zzz")))
ROW(applications_disabled, APPLICATIONS(.enabled = 0))
ROW(applications_public, APPLICATIONS(.enabled = -1, .platform = PLATFORM_SPA))
ROW(applications_with_a_permission, APPLICATIONS(.enabled = -1, .permission = S("knowledge.portalmgr.read")))
ROW(applications_with_a_permission_that_none_has, APPLICATIONS(.enabled = -1, .permission = S("nothing.read")))
ROW(sessions_from_anywhere, sessions(bench, S(""), any_hex(bench, 8)))
ROW(sessions_of_a_person, sessions(bench, S("somebody"), S("")))
ROW(grants_from_anywhere, grants(bench, S(""), S(""), any_hex(bench, 8)))
ROW(grants_of_a_person, grants(bench, S("somebody"), S(""), S("")))
ROW(grants_of_an_application, grants(bench, S(""), S("busy"), any_hex(bench, 8)))
ROW(events_newest, EVENTS(.limit = PAGE))
ROW(events_from_anywhere, EVENTS(.before = 1 + (int64_t)((bench->random = population_mix(bench->random)) % 1000000)))
/* The newest events are of when the store was filled, the oldest of days before. */
ROW(events_of_an_hour, EVENTS(.from_ms = (bench->now - 9 * STEP_DAY) * 1000, .to_ms = (bench->now - 9 * STEP_DAY + STEP_HOUR) * 1000))
ROW(events_by_action, EVENTS(.action = S("user.changed")))
ROW(events_by_rare_action, EVENTS(.action = S("partition.changed")))
ROW(events_by_actions, EVENTS(.action = S("token.")))
ROW(events_by_rare_actions, EVENTS(.action = S("partition.")))
ROW(events_by_result, EVENTS(.result = S("invalid-scope")))
ROW(events_by_actor, EVENTS(.actor = S("actor-77")))
ROW(events_by_object, EVENTS(.object = S("object-7")))
ROW(events_by_request, EVENTS(.request_id = S("request-777")))
ROW(events_that_none_are, EVENTS(.actor = S("actor-77"), .object = S("object-8"), .result = S("nothing")))
ROW(events_that_none_are_by_two, EVENTS(.result = S("invalid-scope"), .action = S("user.")))

static enum result count_references(struct bench *bench, enum object_kind kind, struct slice key)
{
	size_t count = 0;
	enum result result = store_references_count(bench->store, &bench->partition, kind, key, 10, &count);
	bench->shown += count;
	return result;
}
ROW(references_to_a_department, count_references(bench, OBJECT_DEPARTMENT, S("Nowhere")))

static enum result statistics(struct bench *bench, enum statistic_step step, enum statistic_by by)
{
	const struct statistics_wish wish = { STATISTIC_TOKENS_ISSUED, step, by, bench->now - 30 * STEP_DAY, bench->now };
	return store_statistics_each(bench->store, &bench->partition, &wish, show_statistic, bench);
}
ROW(statistics_of_a_month_by_hours, statistics(bench, STEP_HOUR, BY_FLOW))
ROW(statistics_of_a_month_by_days_and_application, statistics(bench, STEP_DAY, BY_CLIENT))

static const struct {
	const char *name;
	enum result (*page)(struct bench *);
	bool empty; /* nothing is to be found */
} rows[] = {
#define NAMED(name) { #name, name, false }
#define EMPTY(name) { #name, name, true }
	NAMED(users_from_anywhere), NAMED(users_by_id), NAMED(users_by_one_letter), NAMED(users_by_username), NAMED(users_by_email),
	NAMED(users_that_all_begin_so), EMPTY(users_that_none_begin_so), NAMED(users_of_a_department), NAMED(users_with_a_role), NAMED(users_disabled),
	EMPTY(users_disabled_in_no_department), NAMED(users_enabled_searched_for_disabled), NAMED(customers_from_anywhere), NAMED(customers_by_email),
	NAMED(applications_from_anywhere), NAMED(applications_by_name), NAMED(applications_by_client_id), EMPTY(applications_that_none_begin_so),
	NAMED(applications_disabled), NAMED(applications_public), NAMED(applications_with_a_permission),
	EMPTY(applications_with_a_permission_that_none_has), NAMED(sessions_from_anywhere), NAMED(sessions_of_a_person), NAMED(grants_from_anywhere),
	NAMED(grants_of_a_person), NAMED(grants_of_an_application), NAMED(events_newest), NAMED(events_from_anywhere), NAMED(events_of_an_hour),
	NAMED(events_by_action), NAMED(events_by_rare_action), NAMED(events_by_actions), NAMED(events_by_rare_actions), NAMED(events_by_result),
	NAMED(events_by_actor), NAMED(events_by_object), NAMED(events_by_request), EMPTY(events_that_none_are), EMPTY(events_that_none_are_by_two),
	EMPTY(references_to_a_department), NAMED(statistics_of_a_month_by_hours),
	NAMED(statistics_of_a_month_by_days_and_application),
};

/* ---- measuring ---- */

static double now_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_time(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;
	return first < second ? -1 : first > second;
}

static int measure(struct bench *bench, size_t row, size_t rounds)
{
	static double times[TIMES_MAX];
	bench->shown = 0;
	double processor = now_ms(CLOCK_THREAD_CPUTIME_ID);
	for (size_t i = 0; i < rounds; i++) {
		arena_reset(bench->arena);
		double began = now_ms(CLOCK_MONOTONIC);
		enum result result = rows[row].page(bench);
		times[i] = now_ms(CLOCK_MONOTONIC) - began;
		if (result != RESULT_OK) {
			fprintf(stderr, "listing: %s: %s\n", rows[row].name, result_text(result));
			return 1;
		}
	}
	if (rows[row].empty != (bench->shown == 0)) {
		fprintf(stderr, "listing: %s showed %zu objects\n", rows[row].name, bench->shown);
		return 1;
	}
	processor = (now_ms(CLOCK_THREAD_CPUTIME_ID) - processor) / (double)rounds;
	qsort(times, rounds, sizeof times[0], by_time);
	printf("%s\"%s\": {\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"most_ms\": %.3f, \"processor_ms\": %.3f, \"shown\": %zu}", row == 0 ? "" : ", ", rows[row].name,
	       times[rounds / 2], times[rounds * 99 / 100], times[rounds - 1], processor, bench->shown / rounds);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	struct bench bench = { .random = 1, .now = clock_s(), .arena = arena_new(1 << 20, ARENA_MAX) };
	struct problem problem = { "" };
	if (rounds == 0 || rounds > TIMES_MAX || bench.arena == NULL) {
		fprintf(stderr, "usage: listing STORE ROUNDS (1 to %d)\n", TIMES_MAX);
		return 2;
	}
	if (store_open(slice_from(argv[1]), STORE_EXISTING, &bench.store, &problem) != RESULT_OK) {
		fprintf(stderr, "listing: %s\n", problem.text);
		return 1;
	}
	int code = partition_id_parse(S(POPULATION_PARTITION), &bench.partition) ? 0 : 1;
	bench.realm = (struct realm) { bench.partition, PERSON_USER };
	putchar('{');
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && code == 0; i++)
		code = measure(&bench, i, rounds);
	puts("}");
	store_close(bench.store);
	arena_free(bench.arena);
	return code;
}
