#include "http/tls.h"

#include "base/limits.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEY_ID_SIZE 32 /* SHA-256 */
#define MOMENT_SIZE sizeof "2026-11-22 11:04 UTC"

const char tls_priorities[] =
	/* nothing but what follows: neither the library's version nor a policy file adds to it */
	"NONE"
	/* RFC 8996: what is older is broken */
	":+VERS-TLS1.3:+VERS-TLS1.2"
	/* forward secrecy under 1.2 too (1.3 has no other), without groups of primes that must be chosen well */
	":+ECDHE-ECDSA:+ECDHE-RSA"
	/* the modern ones, fastest first; 128 bits are enough */
	":+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"
	/* no CBC with its padding oracles */
	":+AEAD"
	/* what every client has, fastest first */
	":+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"
	/* for ECDSA certificates, under the names of 1.3 and of 1.2; no SHA-1 */
	":+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384"
	":+SIGN-EDDSA-ED25519"
	/* for RSA certificates: all that 1.3 allows, and what clients of 1.2 without PSS need */
	":+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-SHA256:+SIGN-RSA-PSS-SHA384"
	":+SIGN-RSA-SHA256:+SIGN-RSA-SHA384"
	/* no compression: its size tells of what was compressed (CRIME) */
	":+COMP-NULL"
	/* no bare public keys */
	":+CTYPE-X509"
	/* the orders above count, not the client's */
	":%SERVER_PRECEDENCE"
	/* RFC 5746, or no handshake; renegotiating itself is not done: libmicrohttpd ends the connection */
	":%SAFE_RENEGOTIATION";

struct tls_identity {
	_Atomic unsigned holders;
	int64_t begins_s, expires_s; /* of the whole chain */
	unsigned count;
	bool presentable; /* the members below are made */
	gnutls_privkey_t key;
	gnutls_pcert_st chain[LIMIT_TLS_CHAIN];
};

/* ---- files ------------------------------------------------------------------------------------------------------ */

static enum result file_judge(int fd, const char *file, bool secret, struct problem *problem)
{
	struct stat facts;
	if (fstat(fd, &facts) != 0)
		return problem_set(problem, RESULT_FAILED, "%s: %s", file, strerrordesc_np(errno));
	if (!S_ISREG(facts.st_mode))
		return problem_set(problem, RESULT_INVALID,
		                   "%s is not a file: name the certificate with --tls-certificate FILE and its key with --tls-key FILE", file);
	/* a group may read it: the certificate's renewal often belongs to somebody else than the server */
	if (secret && (facts.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		return problem_set(problem, RESULT_INVALID,
		                   "the TLS key file %s is open to other users: run chmod 600 %s, or 640 with a group of the server's own", file, file);
	return RESULT_OK;
}

static enum result file_take(int fd, const char *file, char text[LIMIT_TLS_FILE], size_t *ret_size, struct problem *problem)
{
	size_t size = 0;
	ssize_t got = 1;
	while (got > 0 && size < LIMIT_TLS_FILE) {
		got = read(fd, text + size, LIMIT_TLS_FILE - size);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			size += (size_t)got;
	}
	if (got < 0)
		return problem_set(problem, RESULT_FAILED, "%s cannot be read: %s", file, strerrordesc_np(errno));
	if (size == LIMIT_TLS_FILE)
		return problem_set(problem, RESULT_TOO_LARGE, "%s is no certificate or key: it is larger than %d KiB", file, LIMIT_TLS_FILE / 1024);
	*ret_size = size;
	return RESULT_OK;
}

static enum result file_read(const char *file, bool secret, char text[LIMIT_TLS_FILE], gnutls_datum_t *ret, struct problem *problem)
{
	size_t size = 0;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return problem_set(problem, errno == ENOENT ? RESULT_NOT_FOUND : RESULT_FAILED, "the TLS %s file %s cannot be read: %s",
		                   secret ? "key" : "certificate", file, strerrordesc_np(errno));
	enum result result = file_judge(fd, file, secret, problem);
	if (result == RESULT_OK)
		result = file_take(fd, file, text, &size, problem);
	close(fd);
	if (result == RESULT_OK)
		*ret = (gnutls_datum_t) { (unsigned char *)text, (unsigned)size };
	return result;
}

/* ---- the chain -------------------------------------------------------------------------------------------------- */

static void chain_dates(struct tls_identity *identity, const gnutls_x509_crt_t *chain, unsigned count)
{
	identity->begins_s = INT64_MIN;
	identity->expires_s = INT64_MAX;
	for (unsigned i = 0; i < count; i++) {
		int64_t begins_s = gnutls_x509_crt_get_activation_time(chain[i]);
		int64_t expires_s = gnutls_x509_crt_get_expiration_time(chain[i]);
		if (begins_s > identity->begins_s)
			identity->begins_s = begins_s;
		if (expires_s < identity->expires_s)
			identity->expires_s = expires_s;
	}
}

/* id receives what the certificate's key is known by. */
static enum result chain_import(struct tls_identity *identity, const gnutls_datum_t *pem, const char *file, unsigned char id[KEY_ID_SIZE],
                                struct problem *problem)
{
	gnutls_x509_crt_t *chain = NULL;
	unsigned count = 0;
	int code = gnutls_x509_crt_list_import2(&chain, &count, pem, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT);
	if (code < 0)
		return problem_set(problem, RESULT_INVALID, "%s holds no certificates in PEM form, the server's own first and then those above it: %s", file,
		                   gnutls_strerror(code));
	enum result result = RESULT_OK;
	size_t size = KEY_ID_SIZE;
	if (count > LIMIT_TLS_CHAIN)
		result = problem_set(problem, RESULT_TOO_LARGE, "%s holds more than %d certificates: keep the server's own and those above it", file,
		                     LIMIT_TLS_CHAIN);
	else if (gnutls_x509_crt_get_key_id(chain[0], GNUTLS_KEYID_USE_SHA256, id, &size) < 0)
		result = problem_set(problem, RESULT_INVALID,
		                     "the key of the certificate in %s is of a kind that is not known here: use RSA, ECDSA or Ed25519", file);
	identity->count = count;
	if (result == RESULT_OK && (code = gnutls_pcert_import_x509_list(identity->chain, chain, &identity->count, 0)) < 0)
		result = problem_set(problem, RESULT_INVALID, "the certificates of %s cannot be used: %s", file, gnutls_strerror(code));
	if (result == RESULT_OK) {
		identity->presentable = true;
		chain_dates(identity, chain, count);
	}
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	return result;
}

/* ---- the key ---------------------------------------------------------------------------------------------------- */

static enum result key_judge(gnutls_x509_privkey_t key, const char *file, const unsigned char certified[KEY_ID_SIZE], struct problem *problem)
{
	unsigned char id[KEY_ID_SIZE];
	size_t size = sizeof id;
	unsigned bits = 0;
	int kind = gnutls_x509_privkey_get_pk_algorithm2(key, &bits);
	bool known = kind == GNUTLS_PK_RSA || kind == GNUTLS_PK_RSA_PSS || kind == GNUTLS_PK_ECDSA || kind == GNUTLS_PK_EDDSA_ED25519;
	if (!known || gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id, &size) < 0)
		return problem_set(problem, RESULT_INVALID, "the TLS key in %s is of a kind that is not known here: use RSA, ECDSA or Ed25519", file);
	if (gnutls_pk_bits_to_sec_param((gnutls_pk_algorithm_t)kind, bits) < GNUTLS_SEC_PARAM_MEDIUM)
		return problem_set(problem, RESULT_INVALID, "the TLS key in %s is too short (%u bits): use ECDSA P-256, or RSA of at least 2048 bits", file,
		                   bits);
	if (memcmp(id, certified, sizeof id) != 0)
		return problem_set(problem, RESULT_INVALID, "the TLS key in %s is not that of the certificate: name the pair that was issued together", file);
	return RESULT_OK;
}

/* The key that signs keeps what it was made from. */
static enum result key_import(struct tls_identity *identity, const gnutls_datum_t *pem, const char *file, const unsigned char certified[KEY_ID_SIZE],
                              struct problem *problem)
{
	gnutls_x509_privkey_t key;
	if (gnutls_x509_privkey_init(&key) < 0)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory for the TLS key");
	enum result result = RESULT_OK;
	int code = gnutls_x509_privkey_import2(key, pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (code < 0)
		result = problem_set(problem, RESULT_INVALID, "%s holds no private key in PEM form without a password: %s", file, gnutls_strerror(code));
	if (result == RESULT_OK)
		result = key_judge(key, file, certified, problem);
	if (result == RESULT_OK && (code = gnutls_privkey_import_x509(identity->key, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE)) < 0)
		result = problem_set(problem, RESULT_INVALID, "the TLS key in %s cannot be used: %s", file, gnutls_strerror(code));
	if (result != RESULT_OK)
		gnutls_x509_privkey_deinit(key);
	return result;
}

/* ---- the pair --------------------------------------------------------------------------------------------------- */

static struct tls_identity *identity_new(void)
{
	struct tls_identity *identity = calloc(1, sizeof *identity);
	if (identity == NULL)
		return NULL;
	atomic_init(&identity->holders, 1);
	if (gnutls_privkey_init(&identity->key) < 0) {
		free(identity);
		return NULL;
	}
	return identity;
}

enum result tls_identity_load(const char *certificate_file, const char *key_file, struct tls_identity **ret, struct problem *problem)
{
	unsigned char id[KEY_ID_SIZE];
	gnutls_datum_t pem;
	struct tls_identity *identity = identity_new();
	char *text = malloc(LIMIT_TLS_FILE);
	enum result result = identity == NULL || text == NULL ? problem_set(problem, RESULT_NO_MEMORY, "no memory for the TLS certificate") : RESULT_OK;
	if (result == RESULT_OK)
		result = file_read(certificate_file, false, text, &pem, problem);
	if (result == RESULT_OK)
		result = chain_import(identity, &pem, certificate_file, id, problem);
	if (result == RESULT_OK)
		result = file_read(key_file, true, text, &pem, problem);
	if (result == RESULT_OK)
		result = key_import(identity, &pem, key_file, id, problem);
	if (text != NULL)
		wipe(text, LIMIT_TLS_FILE);
	free(text);
	if (result == RESULT_OK)
		*ret = identity;
	else
		tls_identity_release(identity);
	return result;
}

struct tls_identity *tls_identity_hold(struct tls_identity *identity)
{
	atomic_fetch_add(&identity->holders, 1);
	return identity;
}

void tls_identity_release(struct tls_identity *identity)
{
	if (identity == NULL || atomic_fetch_sub(&identity->holders, 1) != 1)
		return;
	/* wipes what it was made from */
	gnutls_privkey_deinit(identity->key);
	for (unsigned i = 0; i < identity->count && identity->presentable; i++)
		gnutls_pcert_deinit(&identity->chain[i]);
	free(identity);
}

int64_t tls_identity_expires_s(const struct tls_identity *identity)
{
	return identity->expires_s;
}

static void print_moment(int64_t moment_s, char text[MOMENT_SIZE])
{
	const time_t moment = moment_s;
	struct tm utc;
	if (gmtime_r(&moment, &utc) == NULL || strftime(text, MOMENT_SIZE, "%Y-%m-%d %H:%M UTC", &utc) == 0)
		text[0] = '\0';
}

enum tls_validity tls_identity_validity(const struct tls_identity *identity, int64_t now_s, struct problem *problem)
{
	char when[MOMENT_SIZE];
	bool early = now_s < identity->begins_s;
	print_moment(early ? identity->begins_s : identity->expires_s, when);
	if (early)
		snprintf(problem->text, sizeof problem->text, "the TLS certificate is not valid before %s, so clients refuse it: look at the clock, or wait",
		         when);
	else if (now_s >= identity->expires_s)
		snprintf(problem->text, sizeof problem->text, "the TLS certificate expired on %s, so clients refuse it: renew it and send SIGHUP", when);
	else if (identity->expires_s - now_s < LIMIT_TLS_EXPIRY_S)
		snprintf(problem->text, sizeof problem->text, "the TLS certificate expires on %s: renew it and send SIGHUP", when);
	else
		return TLS_VALID;
	return early || now_s >= identity->expires_s ? TLS_INVALID : TLS_ENDING;
}

/* ---- handshakes ------------------------------------------------------------------------------------------------- */

/* The library's callback has no argument of ours. A session has a pointer for a database of resumable sessions; there is
 * none here (every connection has a handshake and keys of its own), so it carries the identity. */
void tls_identity_give(struct tls_identity *identity, gnutls_session_t session)
{
	gnutls_db_set_ptr(session, identity);
}

int tls_identity_present(gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **certificates, unsigned *count,
                         gnutls_ocsp_data_st **ocsp, unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)
{
	(void)info;
	struct tls_identity *identity = gnutls_db_get_ptr(session);
	if (identity == NULL)
		return -1;
	*certificates = identity->chain;
	*count = identity->count;
	*ocsp = NULL;
	*ocsp_count = 0;
	*key = identity->key;
	*flags = 0; /* all of it stays ours */
	return 0;
}
