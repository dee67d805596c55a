#include "cli/login/issuer_metadata.h"

#include "base/limits.h"
#include "cli/client_http.h"
#include "cli/json_fetch.h"
#include "cli/login/browser_open.h"
#include "cli/show.h"
#include "cli/token_verify.h"
#include "jose/json_strict.h"

#define SHOWN_MAX 200

/* NULL: the document has none; *ret_good tells whether the one it has will do. */
static const char *endpoint_read(const json_t *document, const char *name, struct arena *arena, bool *ret_good)
{
	struct slice url = arena_copy(arena, json_object_text(document, name));
	if (url.len == 0)
		return NULL;
	*ret_good = *ret_good && url.len <= LIMIT_URL && client_http_is_private(url.ptr);
	return url.ptr;
}

enum result issuer_metadata_judge(const json_t *document, const char *issuer, struct arena *arena, struct issuer_metadata *ret,
                                  struct problem *problem)
{
	struct slice named = json_object_text(document, "issuer");
	const char *shown_asked = show_text(arena, slice_from(issuer), SHOWN_MAX);
	if (!slice_is(named, issuer))
		return problem_set(problem, RESULT_INVALID,
		                   "the metadata of %s names another issuer, \"%s\": nothing was sent; if that is the one you mean, give it as --issuer",
		                   shown_asked, show_text(arena, named, SHOWN_MAX));
	bool good = true;
	struct issuer_metadata metadata = {
		.issuer = issuer,
		.authorization_endpoint = endpoint_read(document, "authorization_endpoint", arena, &good),
		.token_endpoint = endpoint_read(document, "token_endpoint", arena, &good),
		.revocation_endpoint = endpoint_read(document, "revocation_endpoint", arena, &good),
		.jwks_uri = endpoint_read(document, "jwks_uri", arena, &good),
		.userinfo_endpoint = endpoint_read(document, "userinfo_endpoint", arena, &good),
		.iss_promised = json_is_true(json_object_get(document, "authorization_response_iss_parameter_supported")),
	};
	if (arena_exhausted(arena))
		return problem_set(problem, RESULT_NO_MEMORY, "out of memory");
	if (metadata.authorization_endpoint == NULL || metadata.token_endpoint == NULL)
		return problem_set(problem, RESULT_INVALID, "the metadata of %s names no %s: people cannot sign in there", shown_asked,
		                   metadata.token_endpoint == NULL ? "token_endpoint" : "authorization_endpoint");
	if (!good || !browser_address_is_safe(metadata.authorization_endpoint))
		return problem_set(problem, RESULT_INVALID,
		                   "the metadata of %s names an endpoint that is neither https nor on this machine, or no plain address: "
		                   "what is sent there could be read on the way",
		                   shown_asked);
	*ret = metadata;
	return RESULT_OK;
}

static json_t *document_fetch(const char *issuer, const char *ca_file, struct arena *arena, const char **ret_why)
{
	const size_t len = strlen(issuer);
	const size_t base = len > 0 && issuer[len - 1] == '/' ? len - 1 : len;
	const char *url = arena_print(arena, "%.*s/.well-known/openid-configuration", (int)base, issuer).ptr;
	json_t *document = url == NULL ? NULL : json_fetch(url, ca_file, arena, ret_why);
	if (document != NULL)
		return document;
	const char *other_why;
	const char *other = issuer_metadata_url(arena, slice_from(issuer));
	return other == NULL ? NULL : json_fetch(other, ca_file, arena, &other_why);
}

enum result issuer_metadata_find(const char *issuer, const char *ca_file, struct arena *arena, struct issuer_metadata *ret,
                                 struct problem *problem)
{
	const char *shown = show_text(arena, slice_from(issuer), SHOWN_MAX);
	const char *why = "out of memory";
	if (issuer_metadata_url(arena, slice_from(issuer)) == NULL)
		return problem_set(problem, RESULT_INVALID, "the issuer is an https address without query and fragment, not \"%s\"", shown);
	if (!client_http_is_private(issuer))
		return problem_set(problem, RESULT_INVALID, "%s is neither https nor on this machine: a sign-in there could be read on the way", shown);
	json_t *document = document_fetch(issuer, ca_file, arena, &why);
	if (document == NULL)
		return problem_set(problem, RESULT_FAILED, "no metadata of %s: %s: is that an issuer, and reachable?", shown, why);
	enum result result = issuer_metadata_judge(document, issuer, arena, ret, problem);
	json_decref(document);
	return result;
}
