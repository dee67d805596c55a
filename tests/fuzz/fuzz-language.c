/* What somebody prefers (Accept-Language, and ui_locales in front of the first line break): some language comes of it, and the
 * same one however the letters are written. */
#include "fuzz.h"

#include "base/text.h"
#include "signin/language.h"

#define INPUT_MAX 4096

static bool is_ours(const struct language *language)
{
	for (size_t i = 0; language_at(i) != NULL; i++)
		if (language_at(i) == language)
			return true;
	return false;
}

static bool has(struct slice text, char byte)
{
	return text.len > 0 && memchr(text.ptr, byte, text.len) != NULL;
}

/* The letters of one of our languages' tags stand somewhere in what asks for it. */
static bool is_named(struct slice text, const char *tag)
{
	const size_t len = strlen(tag);
	for (size_t i = 0; text.len >= len && i <= text.len - len; i++)
		if (text_equal_folded((struct slice) { text.ptr + i, len }, slice_from(tag)))
			return true;
	return false;
}

static void check_upper_case(struct slice locales, struct slice accept, const struct language *found)
{
	char upper[2][INPUT_MAX];
	if (locales.len > INPUT_MAX || accept.len > INPUT_MAX)
		return;
	for (size_t i = 0; i < locales.len; i++)
		upper[0][i] = (char)(locales.ptr[i] >= 'a' && locales.ptr[i] <= 'z' ? locales.ptr[i] - 'a' + 'A' : locales.ptr[i]);
	for (size_t i = 0; i < accept.len; i++)
		upper[1][i] = (char)(accept.ptr[i] >= 'a' && accept.ptr[i] <= 'z' ? accept.ptr[i] - 'a' + 'A' : accept.ptr[i]);
	MUST_HOLD(language_choose((struct slice) { upper[0], locales.len }, (struct slice) { upper[1], accept.len }) == found);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice accept = { (const char *)bytes, size };
	struct slice locales = { NULL, 0 };
	if (has(accept, '\n') && !slice_cut(&accept, '\n', &locales))
		return 0;
	const struct language *found = language_choose(locales, accept);
	MUST_HOLD(found != NULL && is_ours(found));
	MUST_HOLD(found == language_english() || has(accept, '*') || is_named(locales, language_tag(found)) || is_named(accept, language_tag(found)));
	/* ui_locales goes before the header, whatever that says */
	if (language_choose(locales, (struct slice) { NULL, 0 }) != language_english())
		MUST_HOLD(language_choose(locales, (struct slice) { NULL, 0 }) == found);
	check_upper_case(locales, accept, found);
	return 0;
}
