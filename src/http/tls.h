/* A certificate with its private key, for a listener that speaks https. GnuTLS, which libmicrohttpd speaks TLS with, is
 * known here and nowhere else.
 *
 * An identity is read once and never changes; it is counted, because handshakes under way go on with the one they began
 * with while the next ones already get another. The last to let go frees it, and its private key is wiped. */
#ifndef WRIT_HTTP_TLS_H
#define WRIT_HTTP_TLS_H

#include "base/result.h"

#include <gnutls/abstract.h>
#include <stdint.h>

struct tls_identity;

/* TLS 1.2 and 1.3 with forward secrecy, in the server's order: tls.c gives the reason for each word. */
extern const char tls_priorities[];

/* certificate_file   PEM: the server's certificate first, then those between it and the root, in any order.
 * key_file           PEM, without a password: RSA of at least 2048 bits, ECDSA or Ed25519; not to be read by all users.
 * RESULT_INVALID, RESULT_NOT_FOUND, RESULT_FAILED, RESULT_NO_MEMORY: problem names the file and says what to do. An
 * expired certificate is no problem here: see tls_identity_validity. What was read of the key is wiped. */
MUST_CHECK enum result tls_identity_load(const char *certificate_file, const char *key_file, struct tls_identity **ret, struct problem *);

/* One more holder; gives the same back. */
struct tls_identity *tls_identity_hold(struct tls_identity *);
/* NULL is fine. */
void tls_identity_release(struct tls_identity *);

/* When the first certificate of the chain expires, in seconds since the epoch. */
int64_t tls_identity_expires_s(const struct tls_identity *);

enum tls_validity {
	TLS_VALID,
	TLS_ENDING,  /* within LIMIT_TLS_EXPIRY_S */
	TLS_INVALID, /* expired, or not valid yet: clients refuse it */
};
/* problem has a sentence for all but TLS_VALID. */
MUST_CHECK enum tls_validity tls_identity_validity(const struct tls_identity *, int64_t now_s, struct problem *);

/* The session is going to present this identity, which must be held until the session is over. */
void tls_identity_give(struct tls_identity *, gnutls_session_t);

/* For the library: presents what tls_identity_give gave. A session without one fails. */
int tls_identity_present(gnutls_session_t, const struct gnutls_cert_retr_st *, gnutls_pcert_st **certificates, unsigned *count,
                         gnutls_ocsp_data_st **, unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags);

#endif
