#include "oauth/refusal_detail.h"

#include "base/text.h"
#include "oauth/oauth.h"

#include <stdarg.h>
#include <stdio.h>

#define WORDS_SHOWN 8
#define SECRET_FRONT 8
#define CHANGE_MAX 1024

static struct writer *begun(struct oauth_call *call, struct writer *object)
{
	if (object->arena == NULL) {
		*object = writer_new(call->arena, 512);
		writer_byte(object, '{');
	}
	return object;
}

void detail_arrived(struct oauth_call *call, const char *name, struct slice value)
{
	writer_json_member(begun(call, &call->detail.arrived), name, detail_shown(call->arena, detail_without_proof(call, value)));
}

void detail_registered(struct oauth_call *call, const char *name, struct slice value)
{
	writer_json_member(begun(call, &call->detail.registered), name, slice_first(value, DETAIL_SHOWN));
}

void detail_registered_flag(struct oauth_call *call, const char *name, bool value)
{
	writer_json_member_bool(begun(call, &call->detail.registered), name, value);
}

void detail_registered_words(struct oauth_call *call, const char *name, struct slice words)
{
	struct writer *object = begun(call, &call->detail.registered);
	struct slice word;
	int64_t count = 0;
	writer_json_key(object, name);
	writer_byte(object, '[');
	for (; slice_word(&words, &word); count++) {
		if (count >= WORDS_SHOWN)
			continue;
		if (count > 0)
			writer_byte(object, ',');
		writer_json_string(object, slice_first(word, DETAIL_SHOWN));
	}
	writer_byte(object, ']');
	if (count > WORDS_SHOWN)
		writer_json_member_int(object, arena_print(call->arena, "%s_count", name).ptr, count);
}

void detail_change(struct oauth_call *call, const char *format, ...)
{
	char text[CHANGE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	call->detail.change = detail_without_proof(call, arena_copy(call->arena, slice_from(text)));
}

/* ---- what may be kept of what arrived ----------------------------------------------------------------------------- */

static bool is_plain(char c)
{
	char folded = text_lower(c);
	return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '~';
}

static bool is_uuid(struct slice run)
{
	return run.len == UUID_TEXT_SIZE - 1 && run.ptr[8] == '-' && run.ptr[13] == '-' && run.ptr[18] == '-' && run.ptr[23] == '-';
}

struct slice detail_without_secrets(struct arena *arena, struct slice text)
{
	struct writer shown = writer_new(arena, text.len + 1);
	while (text.len > 0) {
		size_t len = 0;
		while (len < text.len && is_plain(text.ptr[len]))
			len++;
		const struct slice run = slice_first(text, len);
		const bool secret = len >= LIMIT_SECRET_MIN && !is_uuid(run);
		writer_put(&shown, slice_first(run, secret ? SECRET_FRONT : len));
		if (secret)
			writer_text(&shown, "...");
		text = slice_skip(text, len);
		len = 0;
		while (len < text.len && !is_plain(text.ptr[len]))
			len++;
		writer_put(&shown, slice_first(text, len));
		text = slice_skip(text, len);
	}
	return writer_slice(&shown);
}

struct slice detail_shown(struct arena *arena, struct slice text)
{
	return slice_first(detail_without_secrets(arena, text), DETAIL_SHOWN);
}

struct slice detail_without_proof(const struct oauth_call *call, struct slice text)
{
	const struct slice proof = call->proof;
	if (proof.len == 0 || text.len == 0 || memmem(text.ptr, text.len, proof.ptr, proof.len) == NULL)
		return text;
	struct writer kept = writer_new(call->arena, text.len);
	const char *found;
	while (text.len > 0 && (found = memmem(text.ptr, text.len, proof.ptr, proof.len)) != NULL) {
		const size_t before = (size_t)(found - text.ptr);
		writer_put(&kept, slice_first(text, before));
		writer_text(&kept, "***");
		text = slice_skip(text, before + proof.len);
	}
	writer_put(&kept, text);
	return writer_ok(&kept) ? writer_slice(&kept) : SLICE_OF("");
}

static bool is_called_like_a_secret(struct slice name)
{
	static const char *const words[] = { "code", "key", "pass", "pwd", "secret", "token", "assertion", "session" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		for (size_t at = 0; at + strlen(words[i]) <= name.len; at++)
			if (text_equal_folded(slice_first(slice_skip(name, at), strlen(words[i])), slice_from(words[i])))
				return true;
	return false;
}

/* What stands behind '?' or '#'. */
static void show_parameters(struct writer *shown, struct slice parameters)
{
	struct slice one;
	bool first = true;
	while (slice_cut(&parameters, '&', &one)) {
		struct slice value = one, name;
		if (!first)
			writer_byte(shown, '&');
		first = false;
		if (!slice_cut(&value, '=', &name))
			continue;
		writer_put(shown, is_called_like_a_secret(name) && value.ptr != NULL ? name : one);
		if (is_called_like_a_secret(name) && value.ptr != NULL)
			writer_text(shown, "=***");
	}
}

struct slice detail_shown_address(struct arena *arena, struct slice address)
{
	struct writer shown = writer_new(arena, address.len + 16);
	size_t end = 0, user = 0, begin = 0;
	const struct slice slashes = SLICE("//");
	while (end < address.len && address.ptr[end] != '?' && address.ptr[end] != '#')
		end++;
	const char *at = memmem(address.ptr, end, slashes.ptr, slashes.len);
	if (at != NULL)
		begin = (size_t)(at - address.ptr) + slashes.len;
	for (size_t i = begin; at != NULL && i < end && address.ptr[i] != '/'; i++)
		if (address.ptr[i] == '@')
			user = i;
	writer_put(&shown, slice_first(address, user > 0 ? begin : end));
	if (user > 0) {
		writer_text(&shown, "***");
		writer_put(&shown, slice_first(slice_skip(address, user), end - user));
	}
	if (end < address.len) {
		writer_byte(&shown, address.ptr[end]);
		show_parameters(&shown, slice_skip(address, end + 1));
	}
	return detail_shown(arena, writer_slice(&shown));
}

size_t detail_likeness(struct slice a, struct slice b)
{
	const size_t most = a.len < b.len ? a.len : b.len;
	size_t front = 0, back = 0;
	while (front < most && a.ptr[front] == b.ptr[front])
		front++;
	while (back < most - front && a.ptr[a.len - 1 - back] == b.ptr[b.len - 1 - back])
		back++;
	return front + back;
}

/* ---- the event ---------------------------------------------------------------------------------------------------- */

static void put_object(struct writer *out, const char *name, const struct writer *object)
{
	writer_json_key(out, name);
	writer_put(out, object->arena == NULL ? SLICE_OF("{") : writer_slice(object));
	writer_byte(out, '}');
}

struct slice detail_text(const struct oauth_call *call, struct slice sentence)
{
	const struct refusal_detail *detail = &call->detail;
	if (detail->change.ptr == NULL)
		return sentence;
	struct writer text = writer_new(call->arena, 1024);
	writer_byte(&text, '{');
	writer_json_member(&text, "sentence", sentence);
	put_object(&text, "arrived", &detail->arrived);
	put_object(&text, "registered", &detail->registered);
	writer_json_member(&text, "change", detail->change);
	writer_byte(&text, '}');
	return writer_ok(&text) ? writer_slice(&text) : sentence;
}
