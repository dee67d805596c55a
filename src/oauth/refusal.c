#include "oauth/refusal.h"

#include <stdarg.h>
#include <stdio.h>

#define SENTENCE_MAX 640

static const struct refusal_entry entries[REFUSAL_COUNT] = {
	[REFUSAL_CONTENT_TYPE] = { 400, "invalid_request", "content-type", "Wrong content type",
	        "The request body was not sent as a form, or there was none.",
	        "Send the parameters in the body, with Content-Type: application/x-www-form-urlencoded." },
	[REFUSAL_FORM_MALFORMED] = { 400, "invalid_request", "form-malformed", "The form cannot be read",
	        "A name or value in the form has a stray %, a NUL, a control character or bytes that are not UTF-8, or there are too many parameters.",
	        "Encode every name and value as application/x-www-form-urlencoded; most HTTP libraries do it when they are given the parameters one by one." },
	[REFUSAL_PARAMETER_REPEATED] = { 400, "invalid_request", "parameter-repeated", "A parameter was sent twice",
	        "A parameter stood more than once in the form. Which of the two was meant cannot be known, so neither is used.",
	        "Send each parameter once (RFC 6749, section 3.2). Several scopes go into one scope parameter, separated by spaces." },
	[REFUSAL_PARAMETER_TOO_LONG] = { 400, "invalid_request", "parameter-too-long", "A parameter is too long",
	        "A parameter was longer than it can be.", "Check what was put into the parameter that the error names." },
	[REFUSAL_PARAMETER_MISSING] = { 400, "invalid_request", "parameter-missing", "A parameter is missing",
	        "A parameter that this request needs was not sent, or was sent without a value.",
	        "Add the parameter that the error names. Parameters are read from the body only, never from the address." },
	[REFUSAL_CLIENT_METHODS_MIXED] = { 400, "invalid_request", "client-authentication-mixed", "Two ways of client authentication",
	        "The client application was named or authenticated in two ways in one request: in the Authorization header and in the form.",
	        "Use one: either the Authorization: Basic header, or client_id and client_secret in the form." },
	[REFUSAL_CLIENT_MISSING] = { 401, "invalid_client", "client-missing", "No client application named",
	        "The request does not say which client application sends it.",
	        "Send client_id and client_secret in the form, or both in an Authorization: Basic header." },
	[REFUSAL_CLIENT_FAILED] = { 401, "invalid_client", "client-authentication-failed", "Client authentication failed",
	        "The client id and the way it was authenticated do not fit together: the client application is unknown in this partition or disabled, its secret is missing, wrong or expired, or a secret was sent for a single page application. The reply is the same for all of these.",
	        "Check that the address names the right partition, that client_id is the one of the console, and that the secret is a present one (it is shown only once: make a new one when in doubt). A web application sends its secret, a single page application none." },
	[REFUSAL_TOO_MANY_FAILURES] = { 429, "temporarily_unavailable", "too-many-failures", "Too many failed attempts",
	        "There were too many wrong secrets or passwords in a row for this account, or from this address in a minute.",
	        "Wait for as many seconds as the Retry-After header says, then try again with the right secret. Nothing is locked for good." },
	[REFUSAL_GRANT_UNSUPPORTED] = { 400, "unsupported_grant_type", "grant-type-unsupported", "Unsupported grant type",
	        "The grant_type is not one that this server knows.",
	        "Use one of grant_types_supported in the realm's metadata." },
	[REFUSAL_GRANT_CLOSED] = { 400, "unauthorized_client", "grant-closed", "This client application may not use this grant",
	        "The grant needs a client application that can keep a secret, and this one is a single page application; or it was not enabled for this application.",
	        "Register a web application for server-to-server calls, or use a flow that is open to this platform." },
	[REFUSAL_SCOPE_MISSING] = { 400, "invalid_scope", "scope-missing", "No scope asked for",
	        "The request asks for no scope. A token carries only what is both assigned and asked for.",
	        "Add scope with the permissions that are needed, separated by spaces." },
	[REFUSAL_SCOPE_MALFORMED] = { 400, "invalid_scope", "scope-malformed", "A scope name cannot be read",
	        "A scope holds characters that RFC 6749 section 3.3 does not allow, or there are too many scopes.",
	        "Send names of printable ASCII characters without quotes and backslashes, separated by single spaces." },
	[REFUSAL_SCOPE_WRONG_FLOW] = { 400, "invalid_scope", "scope-wrong-flow", "This flow does not carry this scope",
	        "Each kind of permission goes with some flows only: delegated permissions with a sign-in, on-behalf-of permissions with the on behalf of flow, application permissions with client credentials.",
	        "Use the flow that the error names for this scope, or ask for the scope of the kind that this flow carries." },
	[REFUSAL_SCOPE_NOT_ASSIGNED] = { 400, "invalid_scope", "scope-not-assigned", "This scope is not assigned",
	        "The client application asked for a permission that does not exist in the partition or is not assigned to it.",
	        "Assign the permission on the application's Permissions tab, or leave it out of the request. Names compare exactly." },
	[REFUSAL_SCOPE_ADMIN_MIXED] = { 400, "invalid_scope", "scope-admin-mixed", "Administration scopes stand alone",
	        "A permission of the Admin API was asked for together with others. Tokens for the Admin API are good for nothing else.",
	        "Ask for the writ.admin permissions in a request of their own." },
	[REFUSAL_SCOPE_ADMIN_CLOSED] = { 400, "invalid_scope", "scope-admin-closed", "Administration needs a signed-in administrator",
	        "Delegated permissions of the Admin API are given only to a signed-in user with the role partition_administrator.",
	        "Sign in with the authorization code flow; a program without a person uses app.writ.admin.manage with client credentials." },
	[REFUSAL_SCOPE_DEFAULT] = { 400, "invalid_scope", "scope-default", "The .default scope cannot be used like this",
	        "The scope .default stands for all application permissions assigned. It goes alone, with client credentials only, and something must be assigned.",
	        "Send scope=.default alone with grant_type=client_credentials, or name the permissions." },
	[REFUSAL_SUBJECT_MISSING] = { 400, "invalid_request", "subject-missing", "No subject",
	        "An on behalf of request must say on whose behalf.",
	        "Add subject_username or subject_userid in the realm of users (-U), subject_email in the realm of customers (-C)." },
	[REFUSAL_SUBJECT_DOUBLED] = { 400, "invalid_request", "subject-doubled", "Two subjects",
	        "An on behalf of request names exactly one person, in one way.",
	        "Send either subject_username or subject_userid, not both." },
	[REFUSAL_SUBJECT_OTHER_REALM] = { 400, "invalid_request", "subject-other-realm", "A subject of the other realm",
	        "Users are named by subject_username or subject_userid at the address with -U, customers by subject_email at the address with -C.",
	        "Use the token URL of the realm the person belongs to." },
	[REFUSAL_SUBJECT_NOT_WANTED] = { 400, "invalid_request", "subject-not-wanted", "This grant names no subject",
	        "A subject was sent with a grant that gives a token for the client application itself. It is refused so that nobody takes that token for the person's.",
	        "Use grant_type=password to act on behalf of a person, or leave the subject out." },
	[REFUSAL_SUBJECT_UNKNOWN] = { 400, "invalid_grant", "subject-unknown", "No such subject",
	        "There is no enabled person of that name in this realm.",
	        "Check the spelling and the realm, and in the console whether the person exists and is enabled." },
	[REFUSAL_TOKEN_OF_ANOTHER] = { 400, "invalid_request", "token-of-another", "The token belongs to another client application",
	        "A client application can revoke only tokens that were issued to itself.",
	        "Revoke the token with the credentials of the application that got it." },
	[REFUSAL_INTROSPECTION_CLOSED] = { 400, "unauthorized_client", "introspection-closed", "Introspection needs a web application",
	        "Only a client application that authenticates with a secret may ask about tokens.",
	        "Use the credentials of a web application of the partition." },
	[REFUSAL_NO_SUCH_REALM] = { 404, "invalid_request", "no-such-realm", "No such realm",
	        "The address names a partition that does not exist here. A realm is the partition id with -U for users or -C for customers behind it.",
	        "Copy the token URL from the application's metadata." },
	[REFUSAL_UNAVAILABLE] = { 503, "temporarily_unavailable", "unavailable", "The server cannot answer now",
	        "The server could not reach its store or its keys, or is too busy. Nothing was issued.",
	        "Try again after the time in the Retry-After header; the operator finds the cause in the log under the request id." },
	[REFUSAL_HTTP_NOT_FOUND] = { 404, "invalid_request", "not-found", "Nothing at this address",
	        "The address is not one of the server's.", "Copy the address from the metadata of the partition; addresses compare exactly, without a slash at the end." },
	[REFUSAL_HTTP_WRONG_METHOD] = { 405, "invalid_request", "wrong-method", "Wrong method",
	        "The address exists, but does not take this method.", "Use one of the methods in the Allow header; the token endpoint takes POST only." },
	[REFUSAL_HTTP_BODY_TOO_LARGE] = { 413, "invalid_request", "body-too-large", "The body is too large",
	        "The body is larger than this address takes: a form may have 64 KiB.", "Send less; token requests are far smaller." },
	[REFUSAL_HTTP_BODY_NOT_WANTED] = { 413, "invalid_request", "body-not-wanted", "No body is taken here",
	        "The request carries a body, and this address takes none.", "Send the request without a body." },
	[REFUSAL_HTTP_ADDRESS_TOO_LONG] = { 414, "invalid_request", "address-too-long", "The address is too long",
	        "The request target is longer than 8 KiB.", "Send parameters in the body of a POST." },
	[REFUSAL_HTTP_BAD_ADDRESS] = { 400, "invalid_request", "bad-address", "The address is malformed",
	        "The request target is not a path that starts with a slash, or holds characters that must be percent-encoded.",
	        "Percent-encode special characters, and send the path rather than the whole URL." },
	[REFUSAL_HTTP_HEADERS_TOO_LARGE] = { 431, "invalid_request", "headers-too-large", "The headers are too large",
	        "Request line and headers together are larger than 16 KiB.", "Send fewer or shorter headers; large cookies of other applications are a common cause." },
	[REFUSAL_HTTP_TOO_MANY_HEADERS] = { 431, "invalid_request", "too-many-headers", "Too many headers",
	        "The request has more than 100 header lines.", "Send fewer headers; proxies in front may add some." },
	[REFUSAL_HTTP_BAD_HEADER] = { 400, "invalid_request", "bad-header", "A header is malformed",
	        "A header name or value holds characters that it cannot have.", "Send names of letters, digits and hyphens, and values without control characters." },
	[REFUSAL_HTTP_REPEATED_HEADER] = { 400, "invalid_request", "repeated-header", "A header came twice",
	        "A header that two readers could understand differently was sent more than once: Host, Content-Length, Transfer-Encoding, Authorization, X-Original-* or X-Forwarded-*.",
	        "Send each once. A reverse proxy must replace such headers rather than add its own." },
	[REFUSAL_HTTP_TWO_LENGTHS] = { 400, "invalid_request", "two-lengths", "Two lengths",
	        "The request has both Content-Length and Transfer-Encoding: where it ends is ambiguous.", "Send either a length or chunks, not both." },
	[REFUSAL_HTTP_BAD_TRANSFER_CODING] = { 400, "invalid_request", "bad-transfer-coding", "Unknown transfer coding",
	        "The body has a transfer coding other than chunked.", "Send Content-Length, or chunked in HTTP/1.1." },
	[REFUSAL_HTTP_NO_HOST] = { 400, "invalid_request", "no-host", "No Host header",
	        "The request has no Host header, which HTTP/1.1 requires.", "Send it; every HTTP library does." },
	[REFUSAL_HTTP_TOO_COMPLEX] = { 500, "temporarily_unavailable", "too-complex", "The request needs too much memory",
	        "Answering would need more memory than one request may use.", "Ask for less at once." },
	[REFUSAL_HTTP_BUSY] = { 503, "temporarily_unavailable", "busy", "The server is busy",
	        "All workers are busy and their queue is full. Nothing was done.", "Try again after the time in the Retry-After header." },
};

const struct refusal_entry *refusal_entry(enum refusal refusal)
{
	return refusal > REFUSAL_NONE && refusal < REFUSAL_COUNT ? &entries[refusal] : &entries[REFUSAL_UNAVAILABLE];
}

const struct refusal_entry *refusal_by_slug(struct slice slug)
{
	for (size_t i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
		if (slice_is(slug, entries[i].slug))
			return &entries[i];
	return NULL;
}

enum refusal refusal_of_entry(const struct refusal_entry *entry)
{
	return (enum refusal)(entry - entries);
}

struct slice refusal_sentence(struct arena *arena, const char *format, ...)
{
	char text[SENTENCE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (char *c = text; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e || *c == '"' || *c == '\\')
			*c = '?';
	return arena_copy(arena, slice_from(text));
}
