#include "secure.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static void complain(const char *what)
{
	char why[256];
	ERR_error_string_n(ERR_peek_last_error(), why, sizeof why);
	fprintf(stderr, "load: %s: %s\n", what, why);
	ERR_clear_error();
}

/* The two are OpenSSL's own under names that do not show it. */
static SSL_CTX *context_of(struct secure_client *client)
{
	return (SSL_CTX *)client;
}

static SSL *session_of(struct secure *secure)
{
	return (SSL *)secure;
}

struct secure_client *secure_client_new(const char *ca_file)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (context != NULL && SSL_CTX_load_verify_locations(context, ca_file, NULL) == 1) {
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
		return (struct secure_client *)context;
	}
	complain(ca_file);
	SSL_CTX_free(context);
	return NULL;
}

void secure_client_free(struct secure_client *client)
{
	SSL_CTX_free(context_of(client));
}

struct secure *secure_open(struct secure_client *client, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	SSL *session = SSL_new(context_of(client));
	if (session != NULL && flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && SSL_set_fd(session, fd) == 1 &&
	    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), "127.0.0.1") == 1) {
		SSL_set_connect_state(session);
		return (struct secure *)session;
	}
	SSL_free(session);
	return NULL;
}

void secure_close(struct secure *secure)
{
	if (secure == NULL)
		return;
	SSL_shutdown(session_of(secure));
	SSL_free(session_of(secure));
	ERR_clear_error();
}

/* As recv(2) says it: what is to be waited for is EAGAIN, the end is 0. */
static ssize_t result_of(SSL *session, int got)
{
	if (got > 0)
		return got;
	switch (SSL_get_error(session, got)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		ERR_clear_error();
		errno = errno == 0 || errno == EAGAIN ? EPROTO : errno;
		return -1;
	}
}

enum secure_state secure_handshake(struct secure *secure)
{
	int done = SSL_do_handshake(session_of(secure));
	if (done == 1)
		return SECURE_READY;
	int why = SSL_get_error(session_of(secure), done);
	if (why == SSL_ERROR_WANT_READ)
		return SECURE_WAITS;
	complain("the handshake failed");
	return SECURE_BROKEN;
}

ssize_t secure_send(struct secure *secure, const void *bytes, size_t size)
{
	return result_of(session_of(secure), SSL_write(session_of(secure), bytes, (int)size));
}

ssize_t secure_receive(struct secure *secure, void *bytes, size_t size)
{
	return result_of(session_of(secure), SSL_read(session_of(secure), bytes, (int)size));
}
