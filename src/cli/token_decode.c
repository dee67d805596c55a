#include "cli/token_decode.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/show.h"
#include "jose/json_strict.h"

#include <stdlib.h>

#define SHOWN_MAX 2000
#define VALUE_WIDTH 44

/* ---- taking apart ------------------------------------------------------------------------------------------ */

static json_t *part_parse(struct slice part, struct arena *arena)
{
	size_t size = part.len / 4 * 3 + 3;
	size_t len;
	json_t *object;
	char *text = arena_alloc(arena, size);
	if (text == NULL || text_base64url_decode(part, text, size, &len) != RESULT_OK)
		return NULL;
	return json_object_parse((struct slice) { text, len }, &object) == RESULT_OK ? object : NULL;
}

void token_take_apart(struct slice token, struct arena *arena, struct decoded_token *ret)
{
	struct slice parts[6];
	struct slice rest = token;
	size_t count = 0;
	while (count < 6 && slice_cut(&rest, '.', &parts[count]))
		count++;
	*ret = (struct decoded_token) { .form = TOKEN_FORM_OPAQUE };
	if ((count != 3 && count != 5) || token.len > LIMIT_FETCH_SIZE)
		return;
	ret->header = part_parse(parts[0], arena);
	if (ret->header == NULL)
		return;
	if (count == 5) {
		ret->form = TOKEN_FORM_ENCRYPTED;
		return;
	}
	ret->claims = part_parse(parts[1], arena);
	if (ret->claims != NULL)
		ret->form = TOKEN_FORM_JWT;
}

void decoded_token_free(struct decoded_token *token)
{
	json_decref(token->header);
	json_decref(token->claims);
	*token = (struct decoded_token) { .form = TOKEN_FORM_OPAQUE };
}

/* ---- in words ---------------------------------------------------------------------------------------------- */

enum meaning {
	MEANING_FIXED,
	MEANING_EXPIRY,
	MEANING_START,
	MEANING_MOMENT,
	MEANING_TYPE,
	MEANING_ACTOR
};

static const struct {
	const char *name;
	enum meaning meaning;
	const char *words;
} meanings[] = {
	{ "alg", MEANING_FIXED, "how it is signed" },
	{ "typ", MEANING_TYPE, NULL },
	{ "kid", MEANING_FIXED, "which of the issuer's keys signed it" },
	{ "iss", MEANING_FIXED, "who issued it" },
	{ "sub", MEANING_FIXED, "whom it speaks for" },
	{ "aud", MEANING_FIXED, "which API it is meant for" },
	{ "iat", MEANING_MOMENT, "issued" },
	{ "nbf", MEANING_START, NULL },
	{ "exp", MEANING_EXPIRY, NULL },
	{ "jti", MEANING_FIXED, "its own number" },
	{ "client_id", MEANING_FIXED, "the client application that asked for it" },
	{ "azp", MEANING_FIXED, "the client application that asked for it" },
	{ "scope", MEANING_FIXED, "what it permits" },
	{ "scp", MEANING_FIXED, "what it permits" },
	{ "actor", MEANING_ACTOR, NULL },
	{ "act", MEANING_FIXED, "who acts on behalf of the subject" },
	{ "partition", MEANING_FIXED, "the tenant" },
	{ "gid", MEANING_FIXED, "the grant it belongs to, which revocation names" },
	{ "auth_time", MEANING_MOMENT, "signed in" },
	{ "acr", MEANING_FIXED, "how strongly the person signed in" },
	{ "amr", MEANING_FIXED, "by which methods the person signed in" },
	{ "sid", MEANING_FIXED, "the session it belongs to" },
	{ "nonce", MEANING_FIXED, "what the client application sent to recognise it by" },
	{ "at_hash", MEANING_FIXED, "ties it to its access token" },
	{ "name", MEANING_FIXED, "the person's name" },
	{ "email", MEANING_FIXED, "the person's e-mail" },
	{ "email_verified", MEANING_FIXED, "whether that e-mail was proven" },
	{ "preferred_username", MEANING_FIXED, "the person's username" },
	{ "roles", MEANING_FIXED, "the person's roles" },
};

static const char *type_words(const json_t *value)
{
	static const char *const words[][2] = {
		{ "at+jwt", "an access token (RFC 9068)" },
		{ "application/at+jwt", "an access token (RFC 9068)" },
		{ "JWT", "a JWT: often an ID token" },
		{ "logout+jwt", "a logout token" },
		{ "dpop+jwt", "a DPoP proof (RFC 9449)" },
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (json_is_string(value) && strcmp(json_string_value(value), words[i][0]) == 0)
			return words[i][1];
	return "what kind of token it is";
}

static const char *actor_words(const json_t *value)
{
	static const char *const words[][2] = {
		{ "user", "it speaks for a user" },
		{ "customer", "it speaks for a customer" },
		{ "anonymous_customer", "it speaks for a customer who is not signed in" },
		{ "client", "it speaks for the client application itself, and names no person" },
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (json_is_string(value) && strcmp(json_string_value(value), words[i][0]) == 0)
			return words[i][1];
	return "whom it speaks for";
}

/* "expires in 59 min (2026-11-22T12:00:00Z)" */
static const char *moment_words(enum meaning meaning, const char *words, const json_t *value, int64_t now_s, struct arena *arena)
{
	if (!json_is_number(value))
		return "not a time: it must be a number of seconds";
	double seconds = json_number_value(value);
	if (!(seconds > 0 && seconds < 253402300800.0))
		return "an impossible time";
	int64_t moment = (int64_t)seconds;
	if (meaning == MEANING_EXPIRY)
		words = moment > now_s ? "expires" : "EXPIRED";
	else if (meaning == MEANING_START)
		words = moment > now_s ? "NOT YET good, only" : "became good";
	char text[CLOCK_TEXT_SIZE];
	clock_text(moment * 1000, text);
	text_copy(text + strlen("2026-11-22T12:00:00"), 2, SLICE_OF("Z")); /* no milliseconds */
	return arena_print(arena, "%s %s (%s)", words, show_moment(arena, moment, now_s), text).ptr;
}

static const char *member_words(const char *name, const json_t *value, int64_t now_s, struct arena *arena)
{
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
		if (strcmp(name, meanings[i].name) != 0)
			continue;
		switch (meanings[i].meaning) {
		case MEANING_FIXED: return meanings[i].words;
		case MEANING_TYPE: return type_words(value);
		case MEANING_ACTOR: return actor_words(value);
		case MEANING_EXPIRY:
		case MEANING_START:
		case MEANING_MOMENT: return moment_words(meanings[i].meaning, meanings[i].words, value, now_s, arena);
		}
	}
	return NULL;
}

/* Columns are counted in characters: a byte that continues one (10xxxxxx) has no width. */
static int width_of(const char *text)
{
	int width = 0;
	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void members_explain(const char *title, const json_t *object, int64_t now_s, struct arena *arena, FILE *out)
{
	int column = 4;
	const char *name;
	json_t *value;
	fprintf(out, "%s\n", title);
	for (void *at = json_object_iter((json_t *)object); at != NULL; at = json_object_iter_next((json_t *)object, at)) {
		int width = width_of(show_text(arena, slice_from(json_object_iter_key(at)), SHOWN_MAX));
		column = width > column && width <= VALUE_WIDTH ? width : column;
	}
	for (void *at = json_object_iter((json_t *)object); at != NULL; at = json_object_iter_next((json_t *)object, at)) {
		name = json_object_iter_key(at);
		value = json_object_iter_value(at);
		const char *shown_name = show_text(arena, slice_from(name), SHOWN_MAX);
		const char *shown = show_json(arena, value, SHOWN_MAX);
		const char *words = member_words(name, value, now_s, arena);
		int gap = column - width_of(shown_name), filler = VALUE_WIDTH - width_of(shown);
		fprintf(out, "  %s%*s  %s", shown_name, gap > 0 ? gap : 0, "", shown);
		if (words != NULL)
			fprintf(out, "%*s  %s", filler > 0 ? filler : 0, "", words);
		fputc('\n', out);
	}
}

void token_explain(const struct decoded_token *token, const struct token_verification *verification, int64_t now_s,
                   struct arena *arena, FILE *out)
{
	if (token->form == TOKEN_FORM_OPAQUE) {
		fprintf(out, "not a JWT: an opaque token; only its issuer can say what it means (introspection, RFC 7662)\n");
		return;
	}
	members_explain("header", token->header, now_s, arena, out);
	if (token->form == TOKEN_FORM_ENCRYPTED) {
		fprintf(out, "an encrypted JWT (JWE): only the API that it is meant for can read it\n");
		return;
	}
	members_explain("claims", token->claims, now_s, arena, out);
	if (verification->state == SIGNATURE_GOOD)
		fprintf(out, "signature: good (kid %s, %s)\n", verification->kid, verification->alg);
	else
		fprintf(out, "signature: NOT verified: %s\n", verification->why);
}

static void token_print_json(const struct decoded_token *token, const struct token_verification *verification)
{
	static const char *const states[] = { "good", "not verified", "bad" };
	static const char *const forms[] = { "jwt", "encrypted", "opaque" };
	json_t *object = json_pack("{s:s, s:O?, s:O?}", "form", forms[token->form], "header", token->header, "claims", token->claims);
	if (object == NULL)
		return;
	if (token->form == TOKEN_FORM_JWT) {
		json_object_set_new(object, "signature", json_string(states[verification->state]));
		if (verification->state != SIGNATURE_GOOD)
			json_object_set_new(object, "reason", json_string(verification->why));
	}
	json_dumpf(object, stdout, JSON_INDENT(2));
	fputc('\n', stdout);
	json_decref(object);
}

enum signature_state token_decode(struct slice token, const struct token_decode_options *options, struct arena *arena,
                                  enum token_form *ret_form)
{
	struct decoded_token decoded;
	struct token_verification verification = { SIGNATURE_UNKNOWN, "nobody was asked (--offline)", "", "" };
	token_take_apart(token, arena, &decoded);
	if (decoded.form == TOKEN_FORM_JWT && !options->offline)
		token_verify(token, decoded.header, decoded.claims, options->jwks_url, options->ca_file, arena, &verification);
	if (options->json)
		token_print_json(&decoded, &verification);
	else
		token_explain(&decoded, &verification, clock_s(), arena, stdout);
	*ret_form = decoded.form;
	decoded_token_free(&decoded);
	return verification.state;
}
