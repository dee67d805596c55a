/* Why a request is refused: one enum, one table (HTTP status, error, slug, page), one place that writes it.
 *
 * A rule returns an enum refusal and leaves the sentence for people in the call, made where the facts are. */
#ifndef WRIT_OAUTH_REFUSAL_H
#define WRIT_OAUTH_REFUSAL_H

#include "base/arena.h"
#include "base/result.h"

enum refusal {
	REFUSAL_NONE = 0,
	/* the form */
	REFUSAL_CONTENT_TYPE,
	REFUSAL_FORM_MALFORMED,
	REFUSAL_PARAMETER_REPEATED,
	REFUSAL_PARAMETER_TOO_LONG,
	REFUSAL_PARAMETER_MISSING,
	/* the client application */
	REFUSAL_CLIENT_METHODS_MIXED,
	REFUSAL_CLIENT_MISSING,
	REFUSAL_CLIENT_FAILED,
	REFUSAL_TOO_MANY_FAILURES,
	/* the grant */
	REFUSAL_GRANT_UNSUPPORTED,
	REFUSAL_GRANT_CLOSED,
	/* addresses that say by parameters whom they are about, and anonymous customers */
	REFUSAL_USER_TYPE,
	REFUSAL_ANONYMOUS_OFF,
	REFUSAL_TOO_MANY_ANONYMOUS,
	/* the scope */
	REFUSAL_SCOPE_MISSING,
	REFUSAL_SCOPE_MALFORMED,
	REFUSAL_SCOPE_WRONG_FLOW,
	REFUSAL_SCOPE_NOT_ASSIGNED,
	REFUSAL_SCOPE_ADMIN_MIXED,
	REFUSAL_SCOPE_ADMIN_CLOSED,
	REFUSAL_SCOPE_DEFAULT,
	/* the subject */
	REFUSAL_SUBJECT_MISSING,
	REFUSAL_SUBJECT_DOUBLED,
	REFUSAL_SUBJECT_OTHER_REALM,
	REFUSAL_SUBJECT_NOT_WANTED,
	REFUSAL_SUBJECT_UNKNOWN,
	/* token exchange (RFC 8693) */
	REFUSAL_EXCHANGE_PARAMETER, /* actor_token, another requested_token_type, a subject_token_type that there is not */
	REFUSAL_PROVIDER_UNKNOWN,
	REFUSAL_SUBJECT_TOKEN,      /* it proves nobody here, for whatever reason: the same words */
	/* tokens */
	REFUSAL_TOKEN_OF_ANOTHER,
	REFUSAL_INTROSPECTION_CLOSED,
	/* codes and refresh tokens, at the token endpoint */
	REFUSAL_CODE_UNKNOWN,    /* unknown, expired, of another application or realm, its person or application gone: the same words */
	REFUSAL_CODE_MISMATCH,   /* redirect_uri or code_verifier do not belong to it */
	REFUSAL_CODE_REPLAYED,
	REFUSAL_REFRESH_UNKNOWN,
	REFUSAL_REFRESH_REPLAYED,
	REFUSAL_REFRESH_CROWDED, /* LIMIT_REFRESH_SIBLINGS within the grace */
	REFUSAL_SCOPE_BEYOND_GRANT, /* a refresh asks for more than was granted */
	REFUSAL_SCOPE_GONE,      /* nothing of what was granted is assigned any more */
	/* userinfo: RFC 6750 §3.1 */
	REFUSAL_BEARER_MISSING,
	REFUSAL_BEARER_TWICE,
	REFUSAL_BEARER_INVALID,
	REFUSAL_BEARER_SCOPE,
	/* the authorization endpoint: pages, for the address to go back to cannot be trusted */
	REFUSAL_AUTHORIZE_CLIENT,       /* client_id missing, twice, malformed, unknown or disabled */
	REFUSAL_REDIRECT_URI_MISSING,
	REFUSAL_REDIRECT_URI_UNREGISTERED,
	/* the authorization endpoint: sent back to the redirect_uri */
	REFUSAL_RESPONSE_TYPE_MISSING,
	REFUSAL_RESPONSE_TYPE_UNSUPPORTED,
	REFUSAL_RESPONSE_MODE,
	REFUSAL_PKCE_MISSING,
	REFUSAL_PKCE_METHOD,
	REFUSAL_PKCE_CHALLENGE,
	REFUSAL_PROMPT,
	REFUSAL_MAX_AGE,
	REFUSAL_CLAIMS_PARAMETER,
	REFUSAL_ACR_UNMET,
	REFUSAL_REQUEST_OBJECT,
	REFUSAL_REQUEST_URI,
	REFUSAL_REGISTRATION,
	REFUSAL_LOGIN_REQUIRED,
	REFUSAL_CONSENT_REQUIRED,
	REFUSAL_ACCESS_DENIED,
	/* sign-in and consent: pages */
	REFUSAL_ATTEMPT_EXPIRED,
	REFUSAL_ATTEMPT_FOREIGN,  /* anti-forgery: not begun in this browser, or at this realm */
	REFUSAL_SIGN_IN_FAILED,
	REFUSAL_LOGOUT_HINT,      /* id_token_hint is none of this realm's, or of another application than client_id */
	REFUSAL_LOGOUT_ADDRESS,   /* post_logout_redirect_uri */
	REFUSAL_PASSWORD_UNFIT,   /* a new password that breaks a rule */
	/* the access decision (contract §5) */
	REFUSAL_CALL_SOURCE,
	REFUSAL_CALL_ADDRESS,
	REFUSAL_CALL_TOKEN_MISSING,
	REFUSAL_CALL_TOKEN,
	REFUSAL_CALL_NOT_LISTED,
	REFUSAL_CALL_CLOSED,
	REFUSAL_CALL_ACTOR,
	REFUSAL_CALL_SCOPE,
	REFUSAL_CALL_ALLOWED,     /* asked why not, but it is allowed */
	/* the Admin API (RFC 9457) */
	REFUSAL_ADMIN_TOKEN_MISSING,
	REFUSAL_ADMIN_TOKEN,
	REFUSAL_ADMIN_ACTOR,         /* a token of a kind that administers nothing */
	REFUSAL_ADMIN_SCOPE,
	REFUSAL_ADMIN_RIGHT_GONE,    /* the token is good, but person or client application may not administer (any more) */
	REFUSAL_ADMIN_SYSTEM,        /* only for system administrators */
	REFUSAL_ADMIN_NOT_FOUND,
	REFUSAL_ADMIN_METHOD,
	REFUSAL_ADMIN_ADDRESS,       /* a segment of the path that cannot be decoded */
	REFUSAL_ADMIN_PARAMETER,
	REFUSAL_ADMIN_CONTENT_TYPE,
	REFUSAL_ADMIN_JSON,
	REFUSAL_ADMIN_MEMBER,        /* a member is wrong */
	REFUSAL_ADMIN_EXISTS,        /* an object of that key or name is there */
	REFUSAL_ADMIN_IN_USE,        /* others refer to it */
	REFUSAL_ADMIN_RESERVED,      /* it is the server's own */
	REFUSAL_ADMIN_SELF,          /* an administrator would lock himself out */
	REFUSAL_ADMIN_ROTATION,      /* signing keys cannot be rotated now */
	REFUSAL_ADMIN_ROTATION_EARLY, /* caches do not have the next key yet */
	REFUSAL_ADMIN_UNCONDITIONAL, /* If-Match is missing */
	REFUSAL_ADMIN_STALE,         /* If-Match names another version */
	/* the server */
	REFUSAL_CONSOLE_LEFT_OUT,
	REFUSAL_NO_SUCH_REALM,
	REFUSAL_UNAVAILABLE,
	/* what http/ refuses before a request is anybody's: the same table explains it (refusal_by_slug) */
	REFUSAL_HTTP_NOT_FOUND,
	REFUSAL_HTTP_WRONG_METHOD,
	REFUSAL_HTTP_BODY_TOO_LARGE,
	REFUSAL_HTTP_BODY_NOT_WANTED,
	REFUSAL_HTTP_ADDRESS_TOO_LONG,
	REFUSAL_HTTP_BAD_ADDRESS,
	REFUSAL_HTTP_HEADERS_TOO_LARGE,
	REFUSAL_HTTP_TOO_MANY_HEADERS,
	REFUSAL_HTTP_BAD_HEADER,
	REFUSAL_HTTP_REPEATED_HEADER,
	REFUSAL_HTTP_TWO_LENGTHS,
	REFUSAL_HTTP_BAD_TRANSFER_CODING,
	REFUSAL_HTTP_NO_HOST,
	REFUSAL_HTTP_TOO_COMPLEX,
	REFUSAL_HTTP_BUSY,
	REFUSAL_COUNT,
};

struct refusal_entry {
	unsigned status;
	const char *error; /* RFC 6749 §5.2, RFC 6750 §3.1; empty: none is said */
	const char *slug;  /* {auth_url}/errors/{slug} */
	const char *title;
	const char *what; /* what happened, for the page */
	const char *fix;  /* what to do, for the page */
};

/* Never NULL: what is not in the table is REFUSAL_UNAVAILABLE. */
const struct refusal_entry *refusal_entry(enum refusal);
/* NULL when there is no such slug. */
const struct refusal_entry *refusal_by_slug(struct slice slug);

/* The place of an entry in the table. */
enum refusal refusal_of_entry(const struct refusal_entry *);

/* A sentence fit for error_description: printable ASCII without " and \ (anything else becomes ?), in the arena. */
struct slice refusal_sentence(struct arena *, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
