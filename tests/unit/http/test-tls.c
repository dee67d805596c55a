#include "http/tls.h"
#include "toy.h"

#include "base/clock.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/x509.h>

#define HOST "Host: localhost\r\n"
#define ECHO_REQUEST "GET /echo HTTP/1.1\r\n" HOST "\r\n"
#define DAY_S 86400
#define SERIAL_SIZE 4

static struct toy toy;
static char folder[] = "/tmp/writ-test-tls-XXXXXX";
static char certificate[64], key[64];
static unsigned char next_serial = 1;

/* ---- pairs ------------------------------------------------------------------------------------------------------ */

static void write_file(const char *path, const void *bytes, size_t size, mode_t mode)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

struct kind {
	gnutls_pk_algorithm_t algorithm;
	unsigned bits;
	int64_t begins_s, ends_s; /* from now */
};
static const struct kind usual = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), -DAY_S, 90 * DAY_S };

/* A certificate signed by its own key, and the key, into the two files. */
static void make_pair(const struct kind *kind)
{
	gnutls_x509_privkey_t made;
	gnutls_x509_crt_t signed_by_itself;
	gnutls_datum_t pem;
	const unsigned char serial[SERIAL_SIZE] = { 1, 2, 3, next_serial++ };
	assert_int_equal(gnutls_x509_privkey_init(&made), 0);
	assert_int_equal(gnutls_x509_privkey_generate(made, kind->algorithm, kind->bits, 0), 0);
	assert_int_equal(gnutls_x509_crt_init(&signed_by_itself), 0);
	assert_int_equal(gnutls_x509_crt_set_version(signed_by_itself, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(signed_by_itself, serial, sizeof serial), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(signed_by_itself, clock_s() + kind->begins_s), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(signed_by_itself, clock_s() + kind->ends_s), 0);
	assert_int_equal(gnutls_x509_crt_set_dn(signed_by_itself, "CN=localhost", NULL), 0);
	assert_int_equal(gnutls_x509_crt_set_key(signed_by_itself, made), 0);
	assert_int_equal(gnutls_x509_crt_sign2(signed_by_itself, signed_by_itself, made, GNUTLS_DIG_UNKNOWN, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(signed_by_itself, GNUTLS_X509_FMT_PEM, &pem), 0);
	write_file(certificate, pem.data, pem.size, 0644);
	gnutls_free(pem.data);
	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(made, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem), 0);
	write_file(key, pem.data, pem.size, 0600);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(signed_by_itself);
	gnutls_x509_privkey_deinit(made);
}

static struct tls_identity *load(void)
{
	struct tls_identity *identity = NULL;
	struct problem problem = { "" };
	if (tls_identity_load(certificate, key, &identity, &problem) != RESULT_OK)
		fail_msg("%s", problem.text);
	return identity;
}

/* The files must be refused in a sentence with these words. */
static void refused(enum result expected, const char *words)
{
	struct tls_identity *identity = NULL;
	struct problem problem = { "" };
	assert_int_equal(tls_identity_load(certificate, key, &identity, &problem), expected);
	assert_null(identity);
	if (strstr(problem.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, problem.text);
}

static int prepare(void **state)
{
	(void)state;
	toy_prepare(&toy);
	make_pair(&usual);
	return 0;
}

static void start(void)
{
	toy.options.tls = load();
	toy_start(&toy);
}

static void stop(void)
{
	toy_stop(&toy, 1);
	tls_identity_release(toy.options.tls);
}

/* ---- a client --------------------------------------------------------------------------------------------------- */

struct client {
	int socket;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
};

static int client_shake(struct client *client)
{
	int code;
	do
		code = gnutls_handshake(client->session);
	while (code < 0 && !gnutls_error_is_fatal(code));
	return code;
}

/* The server's certificate is not judged here: the flow tests do. Gives the handshake's result. */
static int client_open_by(struct client *client, const char *priorities)
{
	client->socket = wire_connect(&toy);
	assert_int_equal(gnutls_certificate_allocate_credentials(&client->credentials), 0);
	assert_int_equal(gnutls_init(&client->session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL), 0);
	assert_int_equal(gnutls_priority_set_direct(client->session, priorities, NULL), 0);
	assert_int_equal(gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials), 0);
	gnutls_transport_set_int(client->session, client->socket);
	gnutls_handshake_set_timeout(client->session, 10000);
	return client_shake(client);
}

static int client_open(struct client *client)
{
	return client_open_by(client, "NORMAL");
}

static void client_close(struct client *client)
{
	gnutls_deinit(client->session);
	gnutls_certificate_free_credentials(client->credentials);
	close(client->socket);
}

/* The status of one reply; 0 when none came whole. */
static int client_ask(struct client *client, const char *text, char *reply, size_t size)
{
	size_t len = 0;
	gnutls_record_set_timeout(client->session, 10000);
	if (gnutls_record_send(client->session, text, strlen(text)) < 0)
		return 0;
	while (len + 1 < size) {
		ssize_t got = gnutls_record_recv(client->session, reply + len, size - 1 - len);
		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
			continue;
		if (got <= 0)
			return 0;
		len += (size_t)got;
		reply[len] = '\0';
		const char *end = strstr(reply, "\r\n\r\n");
		const char *length = strstr(reply, "Content-Length: ");
		if (end != NULL && length != NULL && len - (size_t)(end + 4 - reply) == strtoul(length + 16, NULL, 10))
			return (int)strtol(reply + strlen("HTTP/1.1 "), NULL, 10);
	}
	return 0;
}

static unsigned char client_sees_serial(const struct client *client)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(client->session, &count);
	gnutls_x509_crt_t first;
	unsigned char serial[SERIAL_SIZE];
	size_t size = sizeof serial;
	assert_int_equal(count, 1);
	assert_int_equal(gnutls_x509_crt_init(&first), 0);
	assert_int_equal(gnutls_x509_crt_import(first, &chain[0], GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_serial(first, serial, &size), 0);
	gnutls_x509_crt_deinit(first);
	return serial[SERIAL_SIZE - 1];
}

static struct http_numbers numbers(void)
{
	struct http_numbers now;
	http_server_numbers(toy.server, &now);
	return now;
}

/* ---- pairs that are refused ------------------------------------------------------------------------------------- */

static void the_priorities_are_known_to_the_library(void **state)
{
	(void)state;
	gnutls_priority_t made;
	const char *wrong = NULL;
	if (gnutls_priority_init(&made, tls_priorities, &wrong) != 0)
		fail_msg("not known from here on: %s", wrong);
	gnutls_priority_deinit(made);
}

static void keys_of_every_usual_kind_are_taken(void **state)
{
	(void)state;
	const struct kind kinds[] = {
		{ GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), -DAY_S, 90 * DAY_S },
		{ GNUTLS_PK_RSA, 2048, -DAY_S, 90 * DAY_S },
		{ GNUTLS_PK_EDDSA_ED25519, 256, -DAY_S, 90 * DAY_S },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		make_pair(&kinds[i]);
		start();
		struct client client;
		char reply[4096];
		assert_int_equal(client_open(&client), 0);
		assert_int_equal(client_ask(&client, ECHO_REQUEST, reply, sizeof reply), 200);
		client_close(&client);
		stop();
	}
}

static void a_key_that_is_too_short_is_refused(void **state)
{
	(void)state;
	const struct kind kind = { GNUTLS_PK_RSA, 1024, -DAY_S, 90 * DAY_S };
	make_pair(&kind);
	refused(RESULT_INVALID, "too short");
}

static void a_key_that_others_may_read_is_refused(void **state)
{
	(void)state;
	static const mode_t open[] = { 0604, 0644, 0666, 0602, 0620, 0660 };
	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
		assert_int_equal(chmod(key, open[i]), 0);
		refused(RESULT_INVALID, "open to other users: run chmod 600");
	}
	assert_int_equal(chmod(key, 0640), 0);
	tls_identity_release(load());
}

static void the_key_of_another_certificate_is_refused(void **state)
{
	(void)state;
	char former[80];
	snprintf(former, sizeof former, "%s.former", key);
	assert_int_equal(rename(key, former), 0);
	make_pair(&usual);
	assert_int_equal(rename(former, key), 0);
	refused(RESULT_INVALID, "not that of the certificate");
}

static void what_is_no_certificate_or_key_is_refused(void **state)
{
	(void)state;
	static char much[LIMIT_TLS_FILE];
	memset(much, 'A', sizeof much);
	write_file(key, "", 0, 0600);
	refused(RESULT_INVALID, "no private key");
	write_file(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 58, 0600);
	refused(RESULT_INVALID, "no private key");
	unlink(key);
	refused(RESULT_NOT_FOUND, "the TLS key file");
	write_file(certificate, "", 0, 0644);
	refused(RESULT_INVALID, "no certificates");
	write_file(certificate, much, sizeof much, 0644);
	refused(RESULT_TOO_LARGE, "larger than 64 KiB");
	unlink(certificate);
	refused(RESULT_NOT_FOUND, "the TLS certificate file");
	assert_int_equal(mkdir(certificate, 0700), 0);
	refused(RESULT_INVALID, "is not a file");
	assert_int_equal(rmdir(certificate), 0);
}

static void a_key_with_a_password_is_refused(void **state)
{
	(void)state;
	gnutls_x509_privkey_t made;
	char text[4096];
	size_t size = sizeof text;
	assert_int_equal(gnutls_x509_privkey_init(&made), 0);
	assert_int_equal(gnutls_x509_privkey_generate(made, usual.algorithm, usual.bits, 0), 0);
	assert_int_equal(gnutls_x509_privkey_export_pkcs8(made, GNUTLS_X509_FMT_PEM, "secret", GNUTLS_PKCS_PBES2_AES_256, text, &size), 0);
	gnutls_x509_privkey_deinit(made);
	write_file(key, text, size, 0600);
	refused(RESULT_INVALID, "without a password");
}

static void validity_is_judged_by_the_clock(void **state)
{
	(void)state;
	struct problem problem = { "" };
	struct tls_identity *identity = load();
	int64_t expires_s = tls_identity_expires_s(identity);
	assert_int_equal(tls_identity_validity(identity, clock_s(), &problem), TLS_VALID);
	assert_int_equal(tls_identity_validity(identity, expires_s - LIMIT_TLS_EXPIRY_S, &problem), TLS_VALID);
	assert_int_equal(tls_identity_validity(identity, expires_s - LIMIT_TLS_EXPIRY_S + 1, &problem), TLS_ENDING);
	assert_non_null(strstr(problem.text, "expires on 20"));
	assert_int_equal(tls_identity_validity(identity, expires_s, &problem), TLS_INVALID);
	assert_non_null(strstr(problem.text, "expired on 20"));
	assert_int_equal(tls_identity_validity(identity, clock_s() - 2 * DAY_S, &problem), TLS_INVALID);
	assert_non_null(strstr(problem.text, "not valid before 20"));
	tls_identity_release(identity);
}

/* ---- connections ------------------------------------------------------------------------------------------------ */

static void requests_are_answered_on_event_threads_and_on_workers(void **state)
{
	(void)state;
	struct client client;
	char reply[4096];
	start();
	assert_int_equal(client_open(&client), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(client_ask(&client, ECHO_REQUEST, reply, sizeof reply), 200);
		assert_int_equal(client_ask(&client, "POST /work HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nfour", reply, sizeof reply), 200);
		assert_non_null(strstr(reply, "worked four"));
	}
	client_close(&client);
	stop();
}

static void a_new_identity_is_for_new_connections(void **state)
{
	(void)state;
	struct client former, later;
	char reply[4096];
	start();
	assert_int_equal(client_open(&former), 0);
	unsigned char serial = client_sees_serial(&former);
	make_pair(&usual);
	struct tls_identity *fresh = load();
	http_server_identify(toy.server, fresh);
	tls_identity_release(fresh);
	assert_int_equal(client_open(&later), 0);
	assert_int_equal(client_sees_serial(&later), serial + 1);
	assert_int_equal(client_ask(&former, ECHO_REQUEST, reply, sizeof reply), 200);
	assert_int_equal(client_ask(&later, ECHO_REQUEST, reply, sizeof reply), 200);
	client_close(&former);
	client_close(&later);
	stop();
}

static void a_handshake_that_never_ends_is_cut(void **state)
{
	(void)state;
	/* well before the library's own timeout of whole seconds */
	toy.options.silence_ms = 400;
	toy.options.request_ms = 200;
	start();
	/* a record that announces 512 bytes, which then come one at a time */
	const unsigned char first[] = { 0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc };
	int opened = wire_connect(&toy);
	int64_t before = clock_monotonic_ms();
	wire_send_bytes(opened, first, sizeof first);
	for (int i = 0; i < 200 && send(opened, "\x03", 1, MSG_NOSIGNAL) == 1; i++)
		usleep(50000);
	int64_t took = clock_monotonic_ms() - before;
	close(opened);
	int64_t deadlines = numbers().deadlines;
	stop();
	assert_true(took >= 300);
	assert_true(took < 4000);
	assert_int_equal(deadlines, 1);
}

static void who_says_nothing_at_all_is_cut(void **state)
{
	(void)state;
	toy.options.silence_ms = 1000;
	start();
	int opened = wire_connect(&toy);
	int64_t before = clock_monotonic_ms();
	/* it may say goodbye first */
	for (int i = 0; i < 100 && !wire_is_closed(opened); i++)
		continue;
	int64_t took = clock_monotonic_ms() - before;
	close(opened);
	stop();
	assert_true(took >= 500);
	assert_true(took < 5000);
}

static void a_slow_request_over_tls_is_cut(void **state)
{
	(void)state;
	struct client client;
	toy.options.silence_ms = 1000;
	toy.options.request_ms = 600;
	start();
	assert_int_equal(client_open(&client), 0);
	int64_t before = clock_monotonic_ms();
	const char *text = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\n";
	assert_int_equal(gnutls_record_send(client.session, text, strlen(text)), strlen(text));
	for (int i = 0; i < 200 && gnutls_record_send(client.session, "x", 1) == 1; i++)
		usleep(50000);
	int64_t took = clock_monotonic_ms() - before;
	client_close(&client);
	assert_true(took >= 500);
	assert_true(took < 4000);
	assert_int_equal(numbers().deadlines, 1);
	stop();
}

static void a_renegotiation_ends_the_connection(void **state)
{
	(void)state;
	struct client client;
	char reply[4096];
	start();
	assert_int_equal(client_open_by(&client, "NORMAL:-VERS-ALL:+VERS-TLS1.2"), 0);
	assert_int_equal(client_ask(&client, ECHO_REQUEST, reply, sizeof reply), 200);
	int64_t before = clock_monotonic_ms();
	assert_true(client_shake(&client) < 0);
	assert_true(clock_monotonic_ms() - before < 5000);
	assert_int_equal(client_ask(&client, ECHO_REQUEST, reply, sizeof reply), 0);
	client_close(&client);
	stop();
}

static void older_versions_find_no_way_in(void **state)
{
	(void)state;
	static const char *const old[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.1", "NORMAL:-VERS-ALL:+VERS-TLS1.0", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-AEAD",
		                           "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA" };
	struct client client;
	start();
	for (size_t i = 0; i < sizeof old / sizeof old[0]; i++) {
		assert_true(client_open_by(&client, old[i]) < 0);
		client_close(&client);
	}
	stop();
}

static void plain_http_is_not_answered(void **state)
{
	(void)state;
	struct client client;
	start();
	int opened = wire_connect(&toy);
	wire_send(opened, ECHO_REQUEST);
	assert_int_equal(wire_read(opened, false).status, 0);
	close(opened);
	assert_int_equal(atomic_load(&toy.handler_runs), 0);
	assert_int_equal(client_open(&client), 0);
	client_close(&client);
	stop();
}

static void connections_without_a_handshake_are_shed(void **state)
{
	(void)state;
	enum {
		COUNT = 400
	};
	static int sockets[COUNT];
	struct client regular, late;
	char reply[4096];
	toy.options.connections_max = 50;
	start();
	assert_int_equal(client_open(&regular), 0);
	for (int i = 0; i < COUNT; i++) {
		sockets[i] = wire_connect(&toy);
		if (i % 20 == 0)
			assert_int_equal(client_ask(&regular, ECHO_REQUEST, reply, sizeof reply), 200);
	}
	assert_int_equal(client_open(&late), 0);
	assert_int_equal(client_ask(&late, ECHO_REQUEST, reply, sizeof reply), 200);
	assert_int_equal(client_ask(&regular, ECHO_REQUEST, reply, sizeof reply), 200);
	for (int i = 0; i < 1000 && numbers().connections > 50; i++)
		usleep(10000);
	assert_true(numbers().connections <= 50);
	for (int i = 0; i < COUNT; i++)
		close(sockets[i]);
	client_close(&regular);
	client_close(&late);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_priorities_are_known_to_the_library, prepare),
		cmocka_unit_test_setup(keys_of_every_usual_kind_are_taken, prepare),
		cmocka_unit_test_setup(a_key_that_is_too_short_is_refused, prepare),
		cmocka_unit_test_setup(a_key_that_others_may_read_is_refused, prepare),
		cmocka_unit_test_setup(the_key_of_another_certificate_is_refused, prepare),
		cmocka_unit_test_setup(what_is_no_certificate_or_key_is_refused, prepare),
		cmocka_unit_test_setup(a_key_with_a_password_is_refused, prepare),
		cmocka_unit_test_setup(validity_is_judged_by_the_clock, prepare),
		cmocka_unit_test_setup(requests_are_answered_on_event_threads_and_on_workers, prepare),
		cmocka_unit_test_setup(a_new_identity_is_for_new_connections, prepare),
		cmocka_unit_test_setup(a_handshake_that_never_ends_is_cut, prepare),
		cmocka_unit_test_setup(who_says_nothing_at_all_is_cut, prepare),
		cmocka_unit_test_setup(a_slow_request_over_tls_is_cut, prepare),
		cmocka_unit_test_setup(a_renegotiation_ends_the_connection, prepare),
		cmocka_unit_test_setup(older_versions_find_no_way_in, prepare),
		cmocka_unit_test_setup(plain_http_is_not_answered, prepare),
		cmocka_unit_test_setup(connections_without_a_handshake_are_shed, prepare),
	};
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
	snprintf(key, sizeof key, "%s/key.pem", folder);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(certificate);
	unlink(key);
	rmdir(folder);
	return failed;
}
