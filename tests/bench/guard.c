/* guard KIND OPERATIONS SECONDS: decisions a second of libwrit, on one core and without HTTP. Prints one JSON line.
 *
 * KIND is "any": calls drawn at random from all operations of the catalogue, with tokens that were seen before; "one": the same call again and
 * again, in a catalogue of that many; "new": tokens that were never seen. */
#include "base/text.h"
#include "jose/key.h"
#include "jose/jws.h"
#include "libwrit/writ.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS = 16384, TOKENS = 64, NEW_TOKENS = 2000, BETWEEN_CLOCKS = 256, TEXT_MAX = 256 * 1024 * 1024, HEADER_SIZE = 1200, TARGET_SIZE = 96 };

#define AUDIENCE "https://api.bench.example"
#define ISSUER "https://auth.bench.example/system/auth/BENCH-U"

struct bench {
	struct arena *arena;
	struct key *key;
	struct slice jwks;
	struct writ *guard;
	char (*headers)[HEADER_SIZE];
	char (*targets)[TARGET_SIZE];
	long operations;
};

static void fail(const char *what)
{
	fprintf(stderr, "guard: %s\n", what);
	exit(1);
}

static double seconds_of(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- what is decided about ---------------------------------------------------------------------------------------- */

/* Four operations on each of so many resources, in groups of a hundred. */
static int path_print(char *path, size_t size, long index, const char *id)
{
	static const char *const behind[] = { "", "/comments", "/attachments/{name}", "/related" };
	const char *last = index % 4 == 2 && id[0] != '{' ? "/attachments/plan-3" : behind[index % 4];
	return snprintf(path, size, "/bench/api/v4/group-%ld/resource-%ld/%s%s", index / 400, index / 4, id, last);
}

static struct slice catalogue_write(struct bench *bench)
{
	char path[TARGET_SIZE];
	struct writer json = writer_new(bench->arena, 4096);
	writer_print(&json, "{\"writ_catalogue\":1,\"partition\":\"BENCH\",\"audience\":\"%s\",\"issuers\":[\"%s\",\"%s\"],\"application_permissions\":[],\"operations\":[",
	             AUDIENCE, ISSUER, ISSUER "2");
	for (long i = 0; i < bench->operations; i++) {
		path_print(path, sizeof path, i, "{id}");
		writer_print(&json, "%s{\"api\":\"bench\",\"method\":\"GET\",\"path\":\"%s\",\"operation_id\":\"operation%ld\",\"allow\":["
		                    "{\"actor\":\"client\",\"scopes\":[\".default\"]},{\"actor\":\"user\",\"scopes\":[\"bench.read\"]},{\"actor\":\"customer\",\"scopes\":[\"bench.read\"]}]}",
		             i > 0 ? "," : "", path, i);
	}
	writer_text(&json, "]}");
	if (!writer_ok(&json))
		fail("no memory for the catalogue");
	return writer_slice(&json);
}

static void header_write(struct bench *bench, size_t index)
{
	char jti[UUID_TEXT_SIZE], gid[UUID_TEXT_SIZE];
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	text_uuid7((int64_t)now.tv_sec * 1000, jti);
	text_uuid7((int64_t)now.tv_sec * 1000, gid);
	struct slice claims = arena_print(bench->arena,
	                                  "{\"iss\":\"%s\",\"sub\":\"user-%zu\",\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld,\"jti\":\"%s\","
	                                  "\"client_id\":\"b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f\",\"scope\":\"openid bench.manage bench.read\",\"actor\":\"user\","
	                                  "\"partition\":\"BENCH\",\"gid\":\"%s\",\"auth_time\":%lld,\"acr\":\"urn:writ:acr:password\",\"amr\":[\"pwd\"]}",
	                                  ISSUER, index, AUDIENCE, (long long)now.tv_sec, (long long)now.tv_sec + 3600, jti, gid, (long long)now.tv_sec);
	struct writer token = writer_new(bench->arena, HEADER_SIZE);
	writer_text(&token, "Bearer ");
	if (claims.ptr == NULL || jws_sign(bench->key, TOKEN_ACCESS, claims, &token) != RESULT_OK || !writer_ok(&token) || token.len >= HEADER_SIZE)
		fail("no token could be signed");
	memcpy(bench->headers[index], token.bytes, token.len);
	bench->headers[index][token.len] = '\0';
}

static void prepare(struct bench *bench, size_t tokens)
{
	struct writ_problem problem;
	if (sodium_init() < 0 || (bench->arena = arena_new(1024 * 1024, TEXT_MAX)) == NULL || key_generate(ALGORITHM_ES256, &bench->key) != RESULT_OK)
		fail("no key could be made");
	bench->headers = calloc(tokens, sizeof *bench->headers);
	bench->targets = calloc(CALLS, sizeof *bench->targets);
	if (bench->headers == NULL || bench->targets == NULL)
		fail("no memory");
	struct slice catalogue = catalogue_write(bench), jwk = key_public_jwk(bench->key);
	bench->jwks = arena_print(bench->arena, "{\"keys\":[%.*s]}", SLICE_ARGS(jwk));
	if (writ_open(catalogue.ptr, catalogue.len, bench->jwks.ptr, bench->jwks.len, &bench->guard, &problem) != WRIT_OK)
		fail(problem.text);
	for (size_t i = 0; i < tokens; i++)
		header_write(bench, i);
	uint64_t drawn = 1;
	for (size_t i = 0; i < CALLS; i++) {
		drawn = drawn * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		path_print(bench->targets[i], sizeof bench->targets[i], (long)((drawn >> 33) % (uint64_t)bench->operations), "4711");
	}
}

/* ---- measuring ---------------------------------------------------------------------------------------------------- */

static void report(const char *kind, unsigned long count, double start, double busy)
{
	const double took = seconds_of(CLOCK_MONOTONIC) - start, used = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - busy;
	printf("{\"kind\": \"%s\", \"rate\": %.1f, \"busy\": %.3f, \"ns\": %.1f}\n", kind, (double)count / took, used / took, used / (double)count * 1e9);
}

static void decide_once(struct bench *bench, const char *target, const char *header)
{
	static struct writ_decision decision; /* 32 KiB */
	const struct writ_call call = { .method = "GET", .target = target, .authorization = header };
	if (writ_decide(bench->guard, &call, &decision) != WRIT_ALLOWED)
		fail(decision.error_description);
}

static void measure_remembered(struct bench *bench, const char *kind, bool one, double seconds)
{
	prepare(bench, TOKENS);
	path_print(bench->targets[0], sizeof bench->targets[0], 2, "4711"); /* whatever was drawn: of each catalogue the same */
	for (size_t i = 0; i < CALLS; i++)
		decide_once(bench, bench->targets[i], bench->headers[i % TOKENS]);
	unsigned long count = 0;
	const double start = seconds_of(CLOCK_MONOTONIC), busy = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	while (seconds_of(CLOCK_MONOTONIC) - start < seconds) {
		for (int i = 0; i < BETWEEN_CLOCKS; i++, count++)
			decide_once(bench, bench->targets[one ? 0 : count % CALLS], bench->headers[count % TOKENS]);
	}
	report(kind, count, start, busy);
}

/* Loading the keys anew makes the guard forget what it has seen. */
static void measure_new(struct bench *bench, const char *kind, double seconds)
{
	prepare(bench, NEW_TOKENS);
	unsigned long count = 0;
	const double start = seconds_of(CLOCK_MONOTONIC), busy = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	while (seconds_of(CLOCK_MONOTONIC) - start < seconds) {
		if (writ_load_keys(bench->guard, bench->jwks.ptr, bench->jwks.len, NULL) != WRIT_OK)
			fail("the keys could not be loaded again");
		for (size_t i = 0; i < NEW_TOKENS; i++, count++)
			decide_once(bench, bench->targets[i % CALLS], bench->headers[i]);
	}
	report(kind, count, start, busy);
}

int main(int argc, char **argv)
{
	struct bench bench = { .operations = argc == 4 ? strtol(argv[2], NULL, 10) : 0 };
	const double seconds = argc == 4 ? strtod(argv[3], NULL) : 0;
	const char *kind = argc == 4 ? argv[1] : "";
	if (bench.operations < 1 || bench.operations > 200000 || !(seconds > 0 && seconds <= 600)) {
		fprintf(stderr, "usage: guard any|one|new OPERATIONS SECONDS\n");
		return 2;
	}
	if (strcmp(kind, "new") == 0)
		measure_new(&bench, kind, seconds);
	else if (strcmp(kind, "any") == 0 || strcmp(kind, "one") == 0)
		measure_remembered(&bench, kind, kind[0] == 'o', seconds);
	else
		fail("the kind is none of any, one, new");
	writ_close(bench.guard);
	key_free(bench.key);
	arena_free(bench.arena);
	free(bench.headers);
	free(bench.targets);
	return 0;
}
