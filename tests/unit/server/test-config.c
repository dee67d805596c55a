#include "server/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rig {
	struct arena *arena;
	struct config config;
	struct problem problem;
};

static int open_rig(void **state)
{
	static struct rig rig;
	memset(&rig, 0, sizeof rig);
	rig.arena = arena_new(4096, 1024 * 1024);
	config_init(&rig.config);
	*state = &rig;
	return rig.arena == NULL;
}

static int close_rig(void **state)
{
	arena_free(((struct rig *)*state)->arena);
	return 0;
}

static enum result read_text(struct rig *rig, const char *text)
{
	char path[] = "/tmp/writ-test-config-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	enum result result = config_read_file(&rig->config, path, rig->arena, &rig->problem);
	unlink(path);
	return result;
}

static void defaults_are_loopback_and_quiet(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_OK);
	assert_string_equal(rig->config.listen, "127.0.0.1:8080");
	assert_string_equal(rig->config.management_listen, "127.0.0.1:9080");
	assert_string_equal(rig->config.store, "sqlite:data/writ.db");
	assert_int_equal(config_default_urls(&rig->config, "127.0.0.1:8080", rig->arena, &rig->problem), RESULT_OK);
	assert_string_equal(rig->config.auth_url, "http://127.0.0.1:8080");
	assert_string_equal(rig->config.api_url, "http://127.0.0.1:8080");
}

static void flags_win_over_the_file(void **state)
{
	struct rig *rig = *state;
	rig->config.listen = "127.0.0.1:1";
	rig->config.workers = 7;
	assert_int_equal(read_text(rig, "listen: 127.0.0.1:2\nworkers: 9\nlog_level: debug\ntrusted_proxies: [127.0.0.1, 10.0.0.0/8]\n"), RESULT_OK);
	assert_string_equal(rig->config.listen, "127.0.0.1:1");
	assert_int_equal(rig->config.workers, 7);
	assert_string_equal(rig->config.log_level, "debug");
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_OK);
}

static void an_unknown_key_is_an_error_that_names_the_nearest(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(read_text(rig, "listen: 127.0.0.1:2\nlog_levle: debug\n"), RESULT_INVALID);
	assert_non_null(strstr(rig->problem.text, ":2:"));
	assert_non_null(strstr(rig->problem.text, "log_level?"));
	assert_null(rig->config.listen);
}

static void values_of_the_wrong_kind_are_refused(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(read_text(rig, "workers: many\n"), RESULT_INVALID);
	assert_int_equal(read_text(rig, "demo: maybe\n"), RESULT_INVALID);
	assert_int_equal(read_text(rig, "- listen\n"), RESULT_INVALID);
	assert_int_equal(read_text(rig, "workers: 100000\n"), RESULT_INVALID);
	assert_int_equal(read_text(rig, "workers: 2\nworkers: 2\n"), RESULT_INVALID);
}

static void addresses_and_urls_are_judged(void **state)
{
	struct rig *rig = *state;
	static const char *const bad_urls[] = { "ftp://x", "https://", "https://x/?a=1", "https://x/#f", "https://u@x", "https://x/\"", "//x", "", "https://x/path" };
	for (size_t i = 0; i < sizeof bad_urls / sizeof bad_urls[0]; i++) {
		config_init(&rig->config);
		rig->config.auth_url = bad_urls[i];
		assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_INVALID);
		assert_non_null(strstr(rig->problem.text, "auth-url"));
	}
	config_init(&rig->config);
	rig->config.listen = "nowhere";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_INVALID);
	config_init(&rig->config);
	rig->config.listen = "127.0.0.1:70000";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_INVALID);
	config_init(&rig->config);
	rig->config.log_level = "loud";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_INVALID);
	config_init(&rig->config);
	rig->config.trusted_proxies = "10.0.0.0/99";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_INVALID);
}

static void a_slash_at_the_end_of_an_url_goes(void **state)
{
	struct rig *rig = *state;
	rig->config.auth_url = "https://auth.example.com/";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_OK);
	assert_string_equal(rig->config.auth_url, "https://auth.example.com");
}

static void a_certificate_and_its_key_make_https(void **state)
{
	struct rig *rig = *state;
	rig->config.tls_certificate = "chain.pem";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_INVALID);
	assert_non_null(strstr(rig->problem.text, "tls-certificate and tls-key"));
	rig->config.tls_key = "";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_INVALID);
	rig->config.tls_key = "key.pem";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_OK);
	assert_int_equal(config_default_urls(&rig->config, "0.0.0.0:8443", rig->arena, &rig->problem), RESULT_OK);
	assert_string_equal(rig->config.auth_url, "https://127.0.0.1:8443");
	config_init(&rig->config);
	rig->config.tls_certificate = rig->config.tls_key = "";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_OK);
	assert_null(rig->config.tls_certificate);
}

static void loopback_is_told_from_the_world(void **state)
{
	(void)state;
	assert_true(address_is_loopback("127.0.0.1:8080"));
	assert_true(address_is_loopback("127.9.9.9:1"));
	assert_true(address_is_loopback("[::1]:8080"));
	assert_true(address_is_loopback("localhost:8080"));
	assert_false(address_is_loopback("0.0.0.0:8080"));
	assert_false(address_is_loopback("[::]:8080"));
	assert_false(address_is_loopback("127.evil.example:8080"));
	assert_false(address_is_loopback("192.0.2.1:8080"));
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, open_rig, close_rig)

static void a_deployment_is_told_by_the_host_of_auth_url_unless_the_operator_says_another(void **state)
{
	struct rig *rig = *state;
	rig->config.auth_url = "https://auth.example.com:8443";
	assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), RESULT_OK);
	assert_int_equal(config_default_urls(&rig->config, "127.0.0.1:8080", rig->arena, &rig->problem), RESULT_OK);
	assert_string_equal(rig->config.deployment_domain, "auth.example.com:8443");
	assert_null(rig->config.deployment_partition);
	assert_int_equal(rig->config.anonymous_tokens, 60);
	rig->config.deployment_domain = "www.example.com";
	assert_int_equal(config_default_urls(&rig->config, "127.0.0.1:8080", rig->arena, &rig->problem), RESULT_OK);
	assert_string_equal(rig->config.deployment_domain, "www.example.com");
}

static void a_deployment_that_cannot_be_is_refused(void **state)
{
	struct rig *rig = *state;
	static const struct {
		const char *partition, *client, *domain;
		enum result result;
	} rows[] = {
		{ "ACME", "spa-1", "www.example.com", RESULT_OK },
		{ "", "", "", RESULT_OK }, /* of a variable that is set to nothing */
		{ "A-B", NULL, NULL, RESULT_INVALID },
		{ NULL, "spa-1", NULL, RESULT_INVALID },
		{ "ACME", "a b", NULL, RESULT_INVALID },
		{ "ACME", "anonymous", NULL, RESULT_INVALID },
		{ NULL, NULL, "https://www.example.com", RESULT_INVALID },
		{ NULL, NULL, "a\"b", RESULT_INVALID },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rig->config.deployment_partition = rows[i].partition;
		rig->config.deployment_client = rows[i].client;
		rig->config.deployment_domain = rows[i].domain;
		assert_int_equal(config_finish(&rig->config, rig->arena, &rig->problem), rows[i].result);
		assert_true(rows[i].result == RESULT_OK || strstr(rig->problem.text, "deployment-") != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(defaults_are_loopback_and_quiet),
		RIGGED(flags_win_over_the_file),
		RIGGED(an_unknown_key_is_an_error_that_names_the_nearest),
		RIGGED(values_of_the_wrong_kind_are_refused),
		RIGGED(addresses_and_urls_are_judged),
		RIGGED(a_slash_at_the_end_of_an_url_goes),
		RIGGED(a_certificate_and_its_key_make_https),
		RIGGED(loopback_is_told_from_the_world),
		RIGGED(a_deployment_is_told_by_the_host_of_auth_url_unless_the_operator_says_another),
		RIGGED(a_deployment_that_cannot_be_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
