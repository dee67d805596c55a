#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/writer.h"
#include "signin/language.h"

#include <stdio.h>

struct choice {
	const char *ui_locales, *accept_language, *tag;
};

static void choices_hold(const struct choice *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *tag = language_tag(language_choose(slice_from(rows[i].ui_locales), slice_from(rows[i].accept_language)));
		if (strcmp(tag, rows[i].tag) != 0)
			fail_msg("ui_locales \"%s\", Accept-Language \"%s\": %s, not %s", rows[i].ui_locales, rows[i].accept_language, tag, rows[i].tag);
	}
}
#define CHOICES(...) \
	do { \
		const struct choice rows[] = { __VA_ARGS__ }; \
		choices_hold(rows, sizeof rows / sizeof rows[0]); \
	} while (0)

static void a_browser_gets_the_language_it_likes_best(void **state)
{
	(void)state;
	CHOICES({ "", "ar", "ar" }, { "", "AR", "ar" }, { "", "en", "en" }, { "", "de, ar;q=0.5, en;q=0.4", "ar" },
	        { "", "en;q=0.4,ar;q=0.5", "ar" }, { "", "ar;q=0.4,en;q=0.5", "en" }, { "", "ar;q=0.9, en;q=0.9", "ar" },
	        { "", "en, ar", "en" }, { "", "de, fr", "en" }, { "", "", "en" }, { NULL, NULL, "en" },
	        { "", " ar ; q=1.000 , en ; q=0.999 ", "ar" }, { "", "en;q=0.001,ar;Q=0.002", "ar" }, { "", ",, ar ,", "ar" });
}

static void a_longer_tag_finds_the_shorter_language(void **state)
{
	(void)state;
	CHOICES({ "", "ar-EG", "ar" }, { "", "ar-Arab-SA-x-what", "ar" }, { "", "ar-a-b-c", "ar" }, { "", "ara", "en" },
	        { "", "a, ar-DZ;q=0.1", "ar" }, { "", "en-GB;q=0.9, ar-EG", "ar" }, { "", "en-AR", "en" });
}

static void quality_zero_means_never(void **state)
{
	(void)state;
	CHOICES({ "", "ar;q=0", "en" }, { "", "ar-EG, ar;q=0", "en" }, { "", "*, ar;q=0", "en" }, { "", "*, en;q=0", "ar" },
	        { "", "en;q=0, ar;q=0.1", "ar" }, { "", "*;q=0, ar;q=0.1", "ar" }, { "", "*;q=0", "en" }, { "", "ar-EG;q=0, ar", "ar" },
	        { "", "ar;q=0.000, en;q=0.1", "en" }, { "", "*", "en" });
}

static void malformed_preferences_mean_english(void **state)
{
	(void)state;
	CHOICES({ "", "ar;", "en" }, { "", "ar;q", "en" }, { "", "ar;q=", "en" }, { "", "ar;q=2", "en" }, { "", "ar;q=1.001", "en" },
	        { "", "ar;q=0.1234", "en" }, { "", "ar;q=-1", "en" }, { "", "ar;q=.5", "en" }, { "", "ar;q=0,5", "en" },
	        { "", "ar;q=0.5;q=0.5", "en" }, { "", "ar;x=0.5", "en" }, { "", "ar-", "en" }, { "", "-ar", "en" }, { "", "ar--EG", "en" },
	        { "", "ar_EG", "en" }, { "", "ar, 4x", "en" }, { "", "ar-toolongsubtag", "en" }, { "", "ar, \xff", "en" }, { "", "ar de", "en" },
	        { "", "ar-*", "en" }, { "", "ar;q=1x", "en" }, { "", "ar;q=0x5", "en" });
}

static void ui_locales_come_before_the_browsers_languages(void **state)
{
	(void)state;
	CHOICES({ "ar", "en", "ar" }, { "en ar", "ar", "en" }, { "de ar-EG en", "en", "ar" }, { "de", "ar", "ar" }, { "  ar  ", "en", "ar" },
	        { "ar;q=1", "en", "en" }, { "*", "ar", "ar" }, { "ar,en", "en", "en" });
}

static void entries_beyond_the_limit_are_not_looked_at(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1024, 1024 * 1024);
	assert_non_null(arena);
	for (size_t before = LIMIT_LANGUAGES - 1; before <= LIMIT_LANGUAGES; before++) {
		struct writer list = writer_new(arena, 64);
		for (size_t i = 0; i < before; i++)
			writer_text(&list, "de,");
		writer_text(&list, "ar");
		const struct language *chosen = language_choose((struct slice) { NULL, 0 }, writer_slice(&list));
		assert_string_equal(language_tag(chosen), before < LIMIT_LANGUAGES ? "ar" : "en");
	}
	arena_free(arena);
}

static void every_language_has_every_text(void **state)
{
	(void)state;
	assert_true(language_key_at(0).len > 0);
	const struct language *language;
	size_t languages = 0, missing = 0;
	for (size_t i = 0; (language = language_at(i)) != NULL; i++, languages++)
		for (size_t k = 0; language_key_at(k).len > 0; k++)
			if (!language_has(language, language_key_at(k))) {
				print_message("%s.txt lacks %.*s\n", language_tag(language), SLICE_ARGS(language_key_at(k)));
				missing++;
			}
	assert_true(languages >= 2);
	assert_int_equal(missing, 0);
}

static size_t count_of(struct slice text, struct slice what)
{
	size_t count = 0;
	while (text.len >= what.len) {
		const char *at = memmem(text.ptr, text.len, what.ptr, what.len);
		if (at == NULL)
			break;
		count++;
		text = slice_skip(text, (size_t)(at - text.ptr) + what.len);
	}
	return count;
}

/* The next {{place}} of rest, braces included. */
static bool place_cut(struct slice *rest, struct slice *ret)
{
	const char *open = rest->len == 0 ? NULL : memmem(rest->ptr, rest->len, "{{", 2);
	if (open == NULL)
		return false;
	const char *close = memmem(open, rest->len - (size_t)(open - rest->ptr), "}}", 2);
	assert_non_null(close);
	*ret = (struct slice) { open, (size_t)(close - open) + 2 };
	*rest = slice_skip(*rest, (size_t)(close - rest->ptr) + 2);
	return true;
}

static void places_match(struct slice key, struct slice one, struct slice other, const char *tag)
{
	struct slice rest = one, place;
	while (place_cut(&rest, &place))
		if (count_of(one, place) != count_of(other, place))
			fail_msg("%s.txt: %.*s has not the same %.*s as English", tag, SLICE_ARGS(key), SLICE_ARGS(place));
}

static void every_language_has_the_same_places_in_each_text(void **state)
{
	(void)state;
	const struct language *language;
	for (size_t i = 1; (language = language_at(i)) != NULL; i++)
		for (size_t k = 0; language_key_at(k).len > 0; k++) {
			struct slice key = language_key_at(k), here = language_text(language, key), english = language_text(language_english(), key);
			places_match(key, english, here, language_tag(language));
			places_match(key, here, english, language_tag(language));
		}
}

/* Seconds are ours; every other value is somebody's name. */
static void every_name_in_a_text_stands_in_bdi(void **state)
{
	(void)state;
	const struct language *language;
	for (size_t i = 0; (language = language_at(i)) != NULL; i++)
		for (size_t k = 0; language_key_at(k).len > 0; k++) {
			struct slice rest = language_text(language, language_key_at(k)), place;
			const char *start = rest.ptr;
			while (place_cut(&rest, &place)) {
				bool isolated = place.ptr - start >= 5 && memcmp(place.ptr - 5, "<bdi>", 5) == 0 && slice_starts_with(rest, SLICE_OF("</bdi>"));
				if (!isolated && !slice_is(place, "{{seconds}}"))
					fail_msg("%s.txt: %.*s in %.*s does not stand in <bdi>", language_tag(language), SLICE_ARGS(place), SLICE_ARGS(language_key_at(k)));
			}
		}
}

/* The tags of texts are a closed list, and each is closed. */
static void texts_hold_no_markup_but_bdi_and_code(void **state)
{
	(void)state;
	const struct language *language;
	for (size_t i = 0; (language = language_at(i)) != NULL; i++)
		for (size_t k = 0; language_key_at(k).len > 0; k++) {
			struct slice text = language_text(language, language_key_at(k));
			size_t bdi = count_of(text, SLICE_OF("<bdi>")), code = count_of(text, SLICE_OF("<code>"));
			assert_int_equal(count_of(text, SLICE_OF("</bdi>")), bdi);
			assert_int_equal(count_of(text, SLICE_OF("</code>")), code);
			assert_int_equal(count_of(text, SLICE_OF("<")), 2 * (bdi + code));
			assert_int_equal(count_of(text, SLICE_OF(">")), 2 * (bdi + code));
			assert_int_equal(count_of(text, SLICE_OF("\"")), 0);
		}
}

/* A title is shown by the browser, an aria-label spoken: neither knows markup. */
static void titles_and_labels_are_plain(void **state)
{
	(void)state;
	const struct language *language;
	size_t titles = 0;
	for (size_t i = 0; (language = language_at(i)) != NULL; i++)
		for (size_t k = 0; language_key_at(k).len > 0; k++) {
			struct slice key = language_key_at(k);
			bool plain = count_of(key, SLICE_OF(".title")) > 0 || slice_is(key, "errors.list") || slice_is(key, "language.direction");
			titles += plain;
			if (plain && (memchr(language_text(language, key).ptr, '<', language_text(language, key).len) != NULL ||
			              count_of(language_text(language, key), SLICE_OF("{{")) > 0))
				fail_msg("%.*s is not plain", SLICE_ARGS(key));
		}
	assert_true(titles > 8);
}

static void english_has_no_other_languages_script_and_arabic_runs_from_right_to_left(void **state)
{
	(void)state;
	const struct language *arabic = language_choose(SLICE_OF("ar"), (struct slice) { NULL, 0 });
	assert_true(language_is_right_to_left(arabic));
	assert_false(language_is_right_to_left(language_english()));
	for (size_t k = 0; language_key_at(k).len > 0; k++) {
		struct slice key = language_key_at(k), text = language_text(language_english(), key);
		assert_int_equal(count_of(text, SLICE_OF("\xd8")) + count_of(text, SLICE_OF("\xd9")), 0); /* letters of Arabic begin so */
		if (!slice_is(key, "consent.permission") && !slice_is(key, "language.direction"))
			assert_false(slice_equal(text, language_text(arabic, key)));
	}
}

static void the_rule_for_passwords_names_the_limit_that_is_kept(void **state)
{
	(void)state;
	char number[8];
	snprintf(number, sizeof number, "%d", LIMIT_PASSWORD_MIN);
	const struct language *language;
	for (size_t i = 0; (language = language_at(i)) != NULL; i++) {
		assert_int_equal(count_of(language_text(language, SLICE_OF("account.password_rule")), slice_from(number)), 1);
		assert_int_equal(count_of(language_text(language, SLICE_OF("account.problem_short")), slice_from(number)), 1);
	}
}

static void an_unknown_key_has_no_text(void **state)
{
	(void)state;
	assert_null(language_text(language_english(), SLICE_OF("no.such.key")).ptr);
	assert_null(language_text(language_english(), SLICE_OF("")).ptr);
	assert_null(language_text(language_english(), SLICE_OF("sign_in.titl")).ptr);
	assert_null(language_text(language_english(), SLICE_OF("sign_in.title.x")).ptr);
	assert_false(language_has(language_english(), SLICE_OF("zzz")));
	assert_int_equal(language_text(language_english(), SLICE_OF("sign_in.title")).len, strlen("Sign in"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_browser_gets_the_language_it_likes_best),
		cmocka_unit_test(a_longer_tag_finds_the_shorter_language),
		cmocka_unit_test(quality_zero_means_never),
		cmocka_unit_test(malformed_preferences_mean_english),
		cmocka_unit_test(ui_locales_come_before_the_browsers_languages),
		cmocka_unit_test(entries_beyond_the_limit_are_not_looked_at),
		cmocka_unit_test(every_language_has_every_text),
		cmocka_unit_test(every_language_has_the_same_places_in_each_text),
		cmocka_unit_test(every_name_in_a_text_stands_in_bdi),
		cmocka_unit_test(texts_hold_no_markup_but_bdi_and_code),
		cmocka_unit_test(titles_and_labels_are_plain),
		cmocka_unit_test(english_has_no_other_languages_script_and_arabic_runs_from_right_to_left),
		cmocka_unit_test(the_rule_for_passwords_names_the_limit_that_is_kept),
		cmocka_unit_test(an_unknown_key_has_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
