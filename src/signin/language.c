#include "signin/language.h"

#include "base/limits.h"
#include "base/text.h"
#include "signin/language_table.h"

#define SUBTAG_MAX 8 /* RFC 4647 §2.1 */
#define QUALITY_ONE 1000

/* What somebody prefers: one entry of Accept-Language. */
struct preference {
	struct slice range;
	int quality; /* thousandths */
};

struct preferences {
	struct preference entries[LIMIT_LANGUAGES];
	size_t count;
};

static bool is_letter(char c)
{
	c = text_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_wild(struct slice range)
{
	return slice_is(range, "*");
}

/* language-range = (1*8ALPHA *("-" 1*8alphanum)) / "*" (RFC 4647 §2.1) */
static bool range_is_good(struct slice range)
{
	if (is_wild(range))
		return true;
	struct slice rest = range, subtag;
	bool first = true;
	while (slice_cut(&rest, '-', &subtag)) {
		if (subtag.len == 0 || subtag.len > SUBTAG_MAX)
			return false;
		for (size_t i = 0; i < subtag.len; i++)
			if (!is_letter(subtag.ptr[i]) && (first || !is_digit(subtag.ptr[i])))
				return false;
		first = false;
	}
	return true;
}

/* weight = "q=" qvalue; qvalue = "0" ["." 0*3DIGIT] / "1" ["." 0*3("0")] (RFC 9110 §12.4.2) */
static bool quality_read(struct slice weight, int *ret)
{
	if (weight.len < 3 || weight.len > 7 || text_lower(weight.ptr[0]) != 'q' || weight.ptr[1] != '=')
		return false;
	struct slice value = slice_skip(weight, 2);
	if ((value.ptr[0] != '0' && value.ptr[0] != '1') || (value.len > 1 && value.ptr[1] != '.'))
		return false;
	int quality = value.ptr[0] == '1' ? QUALITY_ONE : 0, unit = QUALITY_ONE;
	for (size_t i = 2; i < value.len; i++) {
		if (!is_digit(value.ptr[i]))
			return false;
		unit /= 10;
		quality += unit * (value.ptr[i] - '0');
	}
	*ret = quality;
	return quality <= QUALITY_ONE;
}

/* An entry of Accept-Language; false when it is malformed. */
static bool preference_read(struct slice entry, struct preference *ret)
{
	struct slice rest = entry, range, weight, more;
	bool weighted = slice_cut(&rest, ';', &range) && slice_cut(&rest, ';', &weight);
	ret->range = slice_trim(range);
	ret->quality = QUALITY_ONE;
	return range_is_good(ret->range) && (!weighted || (quality_read(slice_trim(weight), &ret->quality) && !slice_cut(&rest, ';', &more)));
}

/* Behind all that are preferred as much: the order of the header is kept. */
static void preference_insert(struct preferences *all, struct preference one)
{
	size_t at = all->count++;
	for (; at > 0 && all->entries[at - 1].quality < one.quality; at--)
		all->entries[at] = all->entries[at - 1];
	all->entries[at] = one;
}

/* An entry of ui_locales is a tag alone: no weight, no wildcard. */
static bool locale_read(struct slice entry, struct preference *ret)
{
	*ret = (struct preference) { entry, QUALITY_ONE };
	return !is_wild(entry) && range_is_good(entry);
}

/* The first LIMIT_LANGUAGES entries of the list, best first; false when one of them is malformed. Empty elements are no
 * entries (RFC 9110 §5.6.1.2) but count towards the limit. */
static bool preferences_read(struct slice list, char separator, struct preferences *ret)
{
	struct slice rest = list, element;
	for (size_t i = 0; i < LIMIT_LANGUAGES && slice_cut(&rest, separator, &element); i++) {
		struct preference one;
		if (slice_trim(element).len == 0)
			continue;
		if (separator == ' ' ? !locale_read(element, &one) : !preference_read(slice_trim(element), &one))
			return false;
		preference_insert(ret, one);
	}
	return true;
}

/* Is the tag the range, or does it begin with it (RFC 4647 §3.3.1)? */
static bool range_covers(struct slice range, struct slice tag)
{
	return range.len <= tag.len && text_equal_folded(range, slice_first(tag, range.len)) && (range.len == tag.len || tag.ptr[range.len] == '-');
}

static bool is_named(const struct preferences *all, struct slice tag)
{
	for (size_t i = 0; i < all->count; i++)
		if (!is_wild(all->entries[i].range) && range_covers(all->entries[i].range, tag))
			return true;
	return false;
}

/* q=0 means "not acceptable"; on "*" it means all that no other entry names. */
static bool is_refused(const struct preferences *all, struct slice tag)
{
	for (size_t i = 0; i < all->count; i++) {
		struct slice range = all->entries[i].range;
		if (all->entries[i].quality == 0 && (is_wild(range) ? !is_named(all, tag) : range_covers(range, tag)))
			return true;
	}
	return false;
}

/* RFC 4647 §3.4: the range without its last subtag, and without a single letter or digit that is the last then. */
static struct slice range_shorten(struct slice range)
{
	size_t len = range.len;
	while (len > 0 && range.ptr[len - 1] != '-')
		len--;
	len = len > 0 ? len - 1 : 0;
	if (len >= 2 && range.ptr[len - 2] == '-')
		len -= 2;
	return slice_first(range, len);
}

static const struct language *lookup(const struct preferences *all, struct slice range)
{
	for (; range.len > 0; range = range_shorten(range)) {
		for (size_t i = 0; i < language_count; i++) {
			struct slice tag = slice_from(language_all[i].tag);
			if ((is_wild(range) || text_equal_folded(range, tag)) && !is_refused(all, tag))
				return &language_all[i];
		}
	}
	return NULL;
}

static const struct language *best_of(struct slice list, char separator)
{
	struct preferences all = { .count = 0 };
	if (list.len == 0 || !preferences_read(list, separator, &all))
		return NULL;
	const struct language *found = NULL;
	for (size_t i = 0; i < all.count && found == NULL; i++)
		if (all.entries[i].quality > 0)
			found = lookup(&all, all.entries[i].range);
	return found;
}

const struct language *language_choose(struct slice ui_locales, struct slice accept_language)
{
	const struct language *found = best_of(ui_locales, ' ');
	if (found == NULL)
		found = best_of(accept_language, ',');
	return found == NULL ? language_english() : found;
}

const struct language *language_english(void)
{
	return &language_all[0];
}

const struct language *language_at(size_t i)
{
	return i < language_count ? &language_all[i] : NULL;
}

const char *language_tag(const struct language *language)
{
	return language->tag;
}

bool language_is_right_to_left(const struct language *language)
{
	return slice_is(language_text(language, SLICE_OF("language.direction")), "rtl");
}

/* language_key_count: no such key. */
static size_t key_find(struct slice key)
{
	size_t from = 0, to = language_key_count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = slice_compare(key, language_keys[middle]);
		if (order == 0)
			return middle;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return language_key_count;
}

struct slice language_text(const struct language *language, struct slice key)
{
	size_t at = key_find(key);
	if (at == language_key_count)
		return (struct slice) { NULL, 0 };
	return language->texts[at].ptr != NULL ? language->texts[at] : language_english()->texts[at];
}

bool language_has(const struct language *language, struct slice key)
{
	size_t at = key_find(key);
	return at < language_key_count && language->texts[at].ptr != NULL;
}

struct slice language_key_at(size_t i)
{
	return i < language_key_count ? language_keys[i] : (struct slice) { NULL, 0 };
}
