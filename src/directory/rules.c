#include "directory/rules.h"

#include "base/text.h"
#include "directory/console_application.h"

static const struct slice reserved_permissions[] = {
	SLICE("writ.admin.read"),
	SLICE("writ.admin.manage"),
	SLICE("app.writ.admin.manage"),
};

static const struct slice openid_scopes[] = {
	SLICE("openid"), SLICE("profile"), SLICE("email"), SLICE("offline_access"), SLICE("address"), SLICE("phone"),
};

static bool among(struct slice name, const struct slice *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(name, names[i]))
			return true;
	return false;
}

bool permission_is_reserved(struct slice name)
{
	return among(name, reserved_permissions, sizeof reserved_permissions / sizeof *reserved_permissions);
}

bool scope_is_openid(struct slice name)
{
	return among(name, openid_scopes, sizeof openid_scopes / sizeof *openid_scopes);
}

enum permission_kind permission_kind_of_name(struct slice name)
{
	const struct slice marker = SLICE(".onbehalfof.");
	if (slice_starts_with(name, SLICE_OF("app.")))
		return PERMISSION_APPLICATION;
	if (name.len > 0 && memmem(name.ptr, name.len, marker.ptr, marker.len) != NULL)
		return PERMISSION_ON_BEHALF_OF;
	return PERMISSION_DELEGATED;
}

static enum result length_check(const char *what, struct slice text, size_t max, struct problem *problem)
{
	if (text.len == 0)
		return problem_set(problem, RESULT_INVALID, "%s is empty: write one, or leave it out", what);
	if (text.len > max)
		return problem_set(problem, RESULT_INVALID, "%s is longer than %zu bytes: shorten it", what, max);
	return RESULT_OK;
}

/* RFC 6749 §3.3: scope-token. */
static bool is_scope_token(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c < 0x21 || c > 0x7e || c == '"' || c == '\\')
			return false;
	}
	return text.len > 0;
}

/* RFC 3986 §2.3: what needs no escape anywhere. */
static bool is_unreserved(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text_lower(text.ptr[i]);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '~' || c == '-'))
			return false;
	}
	return text.len > 0;
}

enum result rule_permission_name(struct slice name, struct problem *problem)
{
	enum result result = length_check("the permission's name", name, LIMIT_PERMISSION_NAME, problem);
	if (result != RESULT_OK)
		return result;
	if (!is_scope_token(name))
		return problem_set(problem, RESULT_INVALID,
		                   "a permission's name is printable ASCII without spaces, quotes and backslashes (RFC 6749 section 3.3)");
	if (scope_is_openid(name) || slice_is(name, ".default"))
		return problem_set(problem, RESULT_INVALID, "'%.*s' has a meaning of its own in requests: name the permission otherwise",
		                   SLICE_ARGS(name));
	bool reserved = slice_starts_with(name, SLICE_OF("writ.admin.")) || slice_starts_with(name, SLICE_OF("app.writ.admin."));
	if (reserved && !permission_is_reserved(name))
		return problem_set(problem, RESULT_INVALID,
		                   "names that start with writ.admin. or app.writ.admin. are kept for the Admin API: name the permission otherwise");
	return RESULT_OK;
}

enum result rule_client_id(struct slice id, struct problem *problem)
{
	enum result result = length_check("the client id", id, LIMIT_ID, problem);
	if (result != RESULT_OK)
		return result;
	if (!is_unreserved(id))
		return problem_set(problem, RESULT_INVALID, "a client id has only letters, digits and . _ ~ - in it");
	if (slice_starts_with(id, SLICE_OF("anon:")))
		return problem_set(problem, RESULT_INVALID, "ids that start with anon: are those of anonymous customers");
	if (console_application_is(id))
		return problem_set(problem, RESULT_INVALID, "the client id " CONSOLE_CLIENT_ID " is that of the Administration Console: choose another");
	if (slice_is(id, ANONYMOUS_CLIENT_ID))
		return problem_set(problem, RESULT_INVALID, "the client id " ANONYMOUS_CLIENT_ID " stands in tokens of anonymous customers: choose another");
	return RESULT_OK;
}

enum result rule_registration_id(struct slice id, struct problem *problem)
{
	enum result result = length_check("the registration id", id, LIMIT_ID, problem);
	if (result == RESULT_OK && !is_unreserved(id))
		return problem_set(problem, RESULT_INVALID, "a registration id has only letters, digits and . _ ~ - in it");
	return result;
}

enum result rule_claim_value(struct slice text, struct problem *problem)
{
	if (!text_is_printable_ascii(text) || memchr(text.ptr, ' ', text.len) != NULL)
		return problem_set(problem, RESULT_INVALID, "'%.*s' is not printable ASCII without spaces: write it as it stands in the tokens",
		                   SLICE_ARGS(slice_first(text, LIMIT_ID)));
	return RESULT_OK;
}

enum result rule_provider_issuer(const struct partition_id *partition, struct slice issuer, struct problem *problem)
{
	static const struct slice prefix = SLICE("/system/auth/");
	const size_t len = prefix.len + partition->len + 2;
	if (issuer.len < len)
		return RESULT_OK;
	struct realm realm;
	const struct slice end = slice_skip(issuer, issuer.len - len);
	if (slice_starts_with(end, prefix) && realm_parse(slice_skip(end, prefix.len), &realm) &&
	    slice_equal(partition_id_slice(&realm.partition), partition_id_slice(partition)))
		return problem_set(problem, RESULT_INVALID,
		                   "'%.*s' is a realm of this partition: any token of its own could be exchanged for another; name an issuer outside it",
		                   SLICE_ARGS(slice_first(issuer, LIMIT_ID)));
	return RESULT_OK;
}

enum result rule_person_id(struct slice id, struct problem *problem)
{
	enum result result = length_check("the person's id", id, LIMIT_ID, problem);
	if (result != RESULT_OK)
		return result;
	/* OpenID Connect Core §2: sub is ASCII. */
	if (!text_is_printable_ascii(id) || memchr(id.ptr, ' ', id.len) != NULL)
		return problem_set(problem, RESULT_INVALID, "a person's id is printable ASCII without spaces");
	if (slice_starts_with(id, SLICE_OF("anon:")))
		return problem_set(problem, RESULT_INVALID, "ids that start with anon: are those of anonymous customers: choose another id");
	if (console_application_is(id))
		return problem_set(problem, RESULT_INVALID, "the id is the client id of the Administration Console: choose another id");
	return RESULT_OK;
}

static enum result words_check(const char *what, struct slice text, size_t max, struct problem *problem)
{
	enum result result = length_check(what, text, max, problem);
	if (result != RESULT_OK)
		return result;
	if (!text_is_clean(text))
		return problem_set(problem, RESULT_INVALID, "%s has control characters or invalid UTF-8 in it", what);
	if (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ')
		return problem_set(problem, RESULT_INVALID, "%s starts or ends with a space: leave it away", what);
	return RESULT_OK;
}

enum result rule_username(struct slice username, struct problem *problem)
{
	return words_check("the username", username, LIMIT_USERNAME, problem);
}

enum result rule_email(struct slice email, struct problem *problem)
{
	enum result result = words_check("the e-mail address", email, LIMIT_EMAIL, problem);
	if (result != RESULT_OK)
		return result;
	const char *at = memrchr(email.ptr, '@', email.len);
	if (at == NULL || at == email.ptr || at == email.ptr + email.len - 1 || memchr(email.ptr, ' ', email.len) != NULL)
		return problem_set(problem, RESULT_INVALID, "'%.*s' is no e-mail address: write name@domain", SLICE_ARGS(email));
	return RESULT_OK;
}

enum result rule_name(struct slice name, struct problem *problem)
{
	return words_check("the name", name, LIMIT_NAME, problem);
}

/* People know the console by its name on the sign-in page. */
enum result rule_application_name(struct slice name, struct problem *problem)
{
	if (text_equal_folded(slice_trim(name), SLICE_OF(CONSOLE_NAME)))
		return problem_set(problem, RESULT_INVALID, "the name '" CONSOLE_NAME "' is that of the server's own: choose another");
	return rule_name(name, problem);
}

enum result rule_role(struct slice role, struct problem *problem)
{
	enum result result = length_check("the role", role, LIMIT_ID, problem);
	if (result != RESULT_OK)
		return result;
	if (!is_scope_token(role))
		return problem_set(problem, RESULT_INVALID, "a role is one word of printable ASCII, without quotes and backslashes");
	return RESULT_OK;
}

enum result rule_secret_value(struct slice value, struct problem *problem)
{
	/* The value itself never stands in the sentence: it is a secret. */
	if (value.len < LIMIT_SECRET_MIN || value.len > LIMIT_SECRET_SIZE)
		return problem_set(problem, RESULT_INVALID,
		                   "a client secret given by hand has %d to %d characters: write a longer one, or {generate: true}",
		                   LIMIT_SECRET_MIN, LIMIT_SECRET_SIZE);
	if (!is_unreserved(value))
		return problem_set(problem, RESULT_INVALID, "a client secret has only letters, digits and . _ ~ - in it");
	return RESULT_OK;
}
