#include "cli/challenge.h"

#include "base/text.h"
#include "base/writer.h"
#include "cli/show.h"

#define PARAMETERS_MAX 32
#define SHOWN_MAX 600

static void spaces_skip(struct slice *rest)
{
	while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t' || rest->ptr[0] == ','))
		*rest = slice_skip(*rest, 1);
}

/* A token of RFC 9110: letters, digits and some signs; here all but separators. */
static struct slice word_take(struct slice *rest)
{
	size_t len = 0;
	while (len < rest->len && strchr(" \t,=\"", rest->ptr[len]) == NULL)
		len++;
	struct slice word = slice_first(*rest, len);
	*rest = slice_skip(*rest, len);
	return word;
}

static struct slice value_take(struct slice *rest, struct arena *arena)
{
	if (rest->len == 0 || rest->ptr[0] != '"')
		return word_take(rest);
	struct writer value = writer_new(arena, 64);
	size_t at = 1;
	while (at < rest->len && rest->ptr[at] != '"') {
		if (rest->ptr[at] == '\\' && at + 1 < rest->len)
			at++;
		writer_byte(&value, rest->ptr[at++]);
	}
	*rest = slice_skip(*rest, at < rest->len ? at + 1 : at);
	return writer_ok(&value) ? writer_slice(&value) : (struct slice) { NULL, 0 };
}

void challenge_read(struct slice www_authenticate, struct arena *arena, struct challenge *ret)
{
	const struct {
		const char *name;
		struct slice *target;
	} known[] = {
		{ "realm", &ret->realm },
		{ "error", &ret->error },
		{ "error_description", &ret->error_description },
		{ "scope", &ret->scope },
	};
	struct slice rest = www_authenticate;
	bool bearer = false;
	*ret = (struct challenge) { .bearer = false };
	for (int count = 0; count < PARAMETERS_MAX; count++) {
		spaces_skip(&rest);
		struct slice name = word_take(&rest);
		if (name.len == 0)
			return;
		if (rest.len == 0 || rest.ptr[0] != '=') {
			bearer = text_equal_folded(name, SLICE_OF("Bearer")); /* the next scheme begins */
			ret->bearer = ret->bearer || bearer;
			continue;
		}
		rest = slice_skip(rest, 1);
		struct slice value = value_take(&rest, arena);
		for (size_t i = 0; i < sizeof known / sizeof known[0] && bearer; i++)
			if (text_equal_folded(name, slice_from(known[i].name)))
				*known[i].target = value;
	}
}

const char *challenge_explain(const struct challenge *challenge, bool token_sent, struct arena *arena)
{
	const char *error = show_text(arena, challenge->error, SHOWN_MAX);
	const char *description = show_text(arena, challenge->error_description, SHOWN_MAX);
	const char *scope = show_text(arena, challenge->scope, SHOWN_MAX);
	const char *what = "";
	if (slice_is(challenge->error, "invalid_token"))
		what = "the token is expired, revoked or not for this API: get a new one";
	else if (slice_is(challenge->error, "insufficient_scope"))
		what = "the token does not permit this call";
	else if (challenge->error.len == 0)
		what = token_sent ? "the token was not accepted" : "the API wants a token: give --token-file, WRIT_TOKEN or the options that get one";
	struct slice text = arena_print(arena, "%s%s%s%s%s%s", error, error[0] != '\0' ? ": " : "",
	                                description[0] != '\0' ? description : what, scope[0] != '\0' ? " (a token with the scope " : "",
	                                scope, scope[0] != '\0' ? " is needed)" : "");
	return text.ptr == NULL ? "" : text.ptr;
}
