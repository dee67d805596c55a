#include "server/certificate.h"

#include "base/clock.h"

enum result certificate_read(const struct config *config, struct tls_identity **ret, struct problem *problem)
{
	if (config->tls_certificate != NULL)
		return tls_identity_load(config->tls_certificate, config->tls_key, ret, problem);
	*ret = NULL;
	return RESULT_OK;
}

enum result certificate_read_again(const struct config *config, const struct tls_identity *present, struct tls_identity **ret,
                                   struct problem *problem)
{
	if ((config->tls_certificate != NULL) != (present != NULL))
		return problem_set(problem, RESULT_INVALID, "a listener cannot change between https and plain HTTP while it runs: restart, or %s",
		                   present != NULL ? "name the certificate again" : "take tls-certificate away");
	return certificate_read(config, ret, problem);
}

void certificate_say(const struct tls_identity *identity, const char *file)
{
	struct problem problem;
	char expires[CLOCK_TEXT_SIZE];
	if (identity == NULL)
		return;
	clock_text(tls_identity_expires_s(identity) * 1000, expires);
	bool valid = tls_identity_validity(identity, clock_s(), &problem) == TLS_VALID;
	LOG_LINE(valid ? LOG_INFO : LOG_WARNING, valid ? "new connections get this TLS certificate" : problem.text, { "file", slice_from(file) },
	         { "expires", slice_from(expires) });
}
