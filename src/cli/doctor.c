/* writ doctor: looks at a store and a configuration the way an experienced operator would. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/store_session.h"
#include "http/tls.h"
#include "jose/key_ring.h"
#include "server/config.h"
#include "server/demo.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define FREE_SPACE_MIN (256 * 1024 * 1024)

struct doctor_options {
	struct store_options store;
	const char *config_file;
	const char *auth_url;
	const char *tls_certificate;
	const char *tls_key;
};

static const struct option_spec specs[] = {
	STORE_OPTION(struct doctor_options, store),
	MASTER_KEY_OPTION(struct doctor_options, store),
	{ .name = "config", .value = "FILE", .help = "also judge this configuration file", .kind = OPTION_TEXT,
	  .offset = offsetof(struct doctor_options, config_file), .environment = "WRIT_CONFIG" },
	{ .name = "auth-url", .value = "URL", .help = "the public address, as for writ serve", .kind = OPTION_TEXT,
	  .offset = offsetof(struct doctor_options, auth_url), .environment = "WRIT_AUTH_URL" },
	{ .name = "tls-certificate", .value = "FILE", .help = "the certificate, as for writ serve", .kind = OPTION_TEXT,
	  .offset = offsetof(struct doctor_options, tls_certificate), .environment = "WRIT_TLS_CERTIFICATE" },
	{ .name = "tls-key", .value = "FILE", .help = "its private key, as for writ serve", .kind = OPTION_TEXT,
	  .offset = offsetof(struct doctor_options, tls_key), .environment = "WRIT_TLS_KEY" },
};

struct findings {
	int bad;
	int doubtful;
};

static void good(const char *what)
{
	printf("ok    %s\n", what);
}

static void say(struct findings *findings, bool bad, const char *format, ...) PRINTF_LIKE(3, 4);
static void say(struct findings *findings, bool bad, const char *format, ...)
{
	struct problem text;
	va_list args;
	va_start(args, format);
	vsnprintf(text.text, sizeof text.text, format, args);
	va_end(args);
	printf("%s  %s\n", bad ? "FAIL" : "warn", text.text);
	findings->bad += bad;
	findings->doubtful += !bad;
}

static void look_at_certificate(struct findings *findings, const struct config *config)
{
	struct tls_identity *identity;
	struct problem problem;
	if (config->tls_certificate == NULL)
		return;
	if (tls_identity_load(config->tls_certificate, config->tls_key, &identity, &problem) != RESULT_OK) {
		say(findings, true, "%s", problem.text);
		return;
	}
	enum tls_validity validity = tls_identity_validity(identity, clock_s(), &problem);
	if (validity == TLS_VALID)
		good("the TLS certificate and its key belong together and are good for more than 14 days");
	else
		say(findings, validity == TLS_INVALID, "%s", problem.text);
	if (config->auth_url != NULL && slice_starts_with(slice_from(config->auth_url), SLICE_OF("http://")))
		say(findings, false, "auth-url %s is not https, but with a certificate the listener speaks nothing else", config->auth_url);
	tls_identity_release(identity);
}

/* The file's values where the command line has none. */
static void look_at_config(struct findings *findings, struct doctor_options *options, struct arena *arena)
{
	struct config config;
	struct problem problem;
	config_init(&config);
	config.auth_url = options->auth_url;
	config.tls_certificate = options->tls_certificate;
	config.tls_key = options->tls_key;
	config.store = options->store.store;
	config.master_key = options->store.master_key;
	if (options->config_file != NULL && config_read_file(&config, options->config_file, arena, &problem) != RESULT_OK) {
		say(findings, true, "%s", problem.text);
		return;
	}
	if (config_finish(&config, arena, &problem) != RESULT_OK) {
		say(findings, true, "%s", problem.text);
		return;
	}
	good("the configuration is valid");
	options->store.store = config.store;
	options->store.master_key = config.master_key;
	if (config.auth_url == NULL && !address_is_loopback(config.listen))
		say(findings, false, "auth-url is not set although %s is not loopback: set the https address that clients use", config.listen);
	if (config.auth_url != NULL && slice_starts_with(slice_from(config.auth_url), SLICE_OF("http://")) && !address_is_loopback(config.auth_url + 7))
		say(findings, false, "auth-url %s is not https: tokens and secrets would travel in the clear", config.auth_url);
	look_at_certificate(findings, &config);
}

static void look_at_files(struct findings *findings, struct slice url)
{
	struct slice path = store_url_path(url);
	struct stat status;
	struct statvfs space;
	if (path.ptr == NULL || stat(path.ptr, &status) != 0)
		return;
	if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		say(findings, false, "%.*s can be read by other users: chmod 600 it", SLICE_ARGS(path));
	else
		good("the store file is private");
	if (statvfs(path.ptr, &space) == 0 && space.f_bavail * space.f_frsize < FREE_SPACE_MIN)
		say(findings, false, "less than 256 MiB are free where %.*s lives: make room before writes fail", SLICE_ARGS(path));
}

struct key_check {
	struct findings *findings;
	const struct store_session *session;
	int partitions;
};

static enum result look_at_keys(void *context, const struct partition *partition)
{
	struct key_check *check = context;
	struct key_ring *ring;
	check->partitions++;
	enum result result = key_ring_load(check->session->store, &check->session->master_key, &partition->id, &ring);
	if (result == RESULT_NOT_FOUND) {
		say(check->findings, false, "partition %s has no signing keys yet: writ serve makes those of SYSTEM, writ apply those of the others it names",
		    partition->id.text);
		return RESULT_OK;
	}
	if (result != RESULT_OK) {
		say(check->findings, true, "the signing keys of partition %s do not open: restore the store and its master key together", partition->id.text);
		return RESULT_OK;
	}
	if (key_ring_signer(ring, ALGORITHM_ES256) == NULL || key_ring_signer(ring, ALGORITHM_RS256) == NULL)
		say(check->findings, true, "partition %s lacks an active key: writ keys rotate --partition %s", partition->id.text, partition->id.text);
	key_ring_free(ring);
	return RESULT_OK;
}

static void look_at_store(struct findings *findings, const struct store_session *session, struct arena *arena)
{
	struct problem problem;
	if (store_check(session->store, &problem) != RESULT_OK)
		say(findings, true, "%s", problem.text);
	else
		good("the store is whole");
	struct key_check check = { findings, session, 0 };
	int before = findings->bad;
	if (store_partitions_each(session->store, look_at_keys, &check) != RESULT_OK)
		say(findings, true, "the partitions cannot be listed");
	else if (findings->bad == before)
		printf("ok    the signing keys of %d partition%s open\n", check.partitions, check.partitions == 1 ? "" : "s");
	const struct hash32 *hashes;
	size_t count;
	bool present = false;
	if (demo_secret_hashes(arena, &hashes, &count) == RESULT_OK && demo_secrets_present(session->store, hashes, count, &present) == RESULT_OK &&
	    present)
		say(findings, false, "the store holds the demo's published secrets: never let others reach it");
}

int command_doctor(int argc, char **argv)
{
	const struct option_set set = {
		.command = "doctor",
		.usage = "[OPTIONS]",
		.about = "Looks at the configuration, the TLS certificate, the store, the master key and the signing keys, changes nothing, and "
		         "says what to do. Exit 1 when something is broken.",
		.specs = specs,
		.count = sizeof specs / sizeof specs[0],
	};
	struct doctor_options options = { .config_file = NULL };
	struct findings findings = { 0, 0 };
	int code = options_parse(&set, argc, argv, &options, NULL);
	if (code != OPTIONS_GO)
		return code;
	struct arena *arena = arena_new(4096, LIMIT_CONFIG_SIZE * 2);
	if (arena == NULL)
		return command_fail("doctor", "no memory");
	look_at_config(&findings, &options, arena);
	if (clock_plausible())
		good("the clock is plausible");
	else
		say(&findings, true, "the clock is wrong: tokens would be refused everywhere; set the time");
	struct store_session session;
	struct problem problem;
	if (store_session_open(&session, &options.store, STORE_READ_ONLY, true, &problem) != RESULT_OK) {
		say(&findings, true, "%s", problem.text);
	} else {
		good("the store opens and the master key is its own");
		look_at_files(&findings, session.url);
		look_at_store(&findings, &session, arena);
	}
	store_session_close(&session);
	arena_free(arena);
	printf("%d broken, %d doubtful\n", findings.bad, findings.doubtful);
	return findings.bad > 0 ? EXIT_FAILED : EXIT_DONE;
}
