/* Values of the standard claims (OpenID Connect Core §5.1): what client applications parse. */
#include "directory/rules.h"

#include "base/text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(char c)
{
	char lower = text_lower(c);
	return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

/* Exactly that many digits at the start, cut off. */
static bool number_cut(struct slice *rest, size_t digits, int *ret)
{
	int number = 0;
	if (rest->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!is_digit(rest->ptr[i]))
			return false;
		number = number * 10 + (rest->ptr[i] - '0');
	}
	*rest = slice_skip(*rest, digits);
	*ret = number;
	return true;
}

static bool hyphen_cut(struct slice *rest)
{
	if (rest->len == 0 || rest->ptr[0] != '-')
		return false;
	*rest = slice_skip(*rest, 1);
	return true;
}

/* Year 0, where the year is not told, has every day that some year has. */
static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

enum result rule_birthdate(struct slice text, struct problem *problem)
{
	struct slice rest = text;
	int year = 0, month = 0, day = 0;
	bool good = number_cut(&rest, 4, &year);
	if (good && rest.len == 0)
		good = year > 0;
	else
		good = good && hyphen_cut(&rest) && number_cut(&rest, 2, &month) && hyphen_cut(&rest) && number_cut(&rest, 2, &day) && rest.len == 0 &&
		       month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
	return good ? RESULT_OK
	            : problem_set(problem, RESULT_INVALID, "a date is written YYYY-MM-DD, or 0000-MM-DD without the year, or YYYY alone");
}

enum result rule_zoneinfo(struct slice text, struct problem *problem)
{
	struct slice rest = text, part;
	bool good = text.len > 0;
	while (good && slice_cut(&rest, '/', &part)) {
		good = part.len > 0;
		for (size_t i = 0; i < part.len && good; i++)
			good = is_letter_or_digit(part.ptr[i]) || part.ptr[i] == '_' || part.ptr[i] == '-' || part.ptr[i] == '+';
	}
	return good ? RESULT_OK : problem_set(problem, RESULT_INVALID, "a time zone is a name of the IANA database, such as Europe/Berlin");
}

/* RFC 5646 §2.1, as far as shape goes: letters first, then parts of at most eight. */
enum result rule_locale(struct slice text, struct problem *problem)
{
	struct slice rest = text, part;
	bool good = text.len > 1 && !is_digit(text.ptr[0]);
	while (good && slice_cut(&rest, '-', &part)) {
		good = part.len > 0 && part.len <= 8;
		for (size_t i = 0; i < part.len && good; i++)
			good = is_letter_or_digit(part.ptr[i]);
	}
	return good ? RESULT_OK : problem_set(problem, RESULT_INVALID, "a language tag has hyphens, such as en or de-CH");
}

enum result rule_web_address(struct slice text, struct problem *problem)
{
	const struct slice schemes[] = { SLICE("https://"), SLICE("http://") };
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		struct slice start = slice_first(text, schemes[i].len);
		if (text.len > schemes[i].len && text_equal_folded(start, schemes[i]) && text_is_printable_ascii(text) &&
		    memchr(text.ptr, ' ', text.len) == NULL)
			return RESULT_OK;
	}
	return problem_set(problem, RESULT_INVALID, "an address begins with https:// or http://, and is ASCII without spaces");
}
