#include "signin/page_fill.h"

#define KEY_MAX 128

struct filling {
	struct writer *out;
	const struct language *language;
	const struct page_value *values;
	size_t count;
	bool in_text; /* texts hold values only: no other texts, no sections */
};

static void fill(const struct filling *, struct slice source);

/* {NULL,0}: no such value. */
static struct page_value find_value(const struct filling *filling, struct slice name)
{
	for (size_t i = 0; i < filling->count; i++)
		if (slice_is(name, filling->values[i].name))
			return filling->values[i];
	return (struct page_value) { NULL, { NULL, 0 }, false };
}

static void put_value(const struct filling *filling, struct slice name)
{
	struct page_value value = find_value(filling, name);
	if (value.html)
		writer_put(filling->out, value.text);
	else
		writer_html(filling->out, value.text);
}

/* "key", or "key:name": the text of key.VALUE where there is one, else of key. */
static struct slice find_text(const struct filling *filling, struct slice reference)
{
	struct slice name = reference, key;
	if (!slice_cut(&name, ':', &key))
		return (struct slice) { NULL, 0 };
	struct slice value = find_value(filling, name).text;
	char special[KEY_MAX];
	if (name.len > 0 && value.len > 0 && key.len + 1 + value.len <= sizeof special) {
		memcpy(special, key.ptr, key.len);
		special[key.len] = '.';
		memcpy(special + key.len + 1, value.ptr, value.len);
		struct slice text = language_text(filling->language, (struct slice) { special, key.len + 1 + value.len });
		if (text.ptr != NULL)
			return text;
	}
	return language_text(filling->language, key);
}

static void put_text(const struct filling *filling, struct slice reference)
{
	struct filling inside = *filling;
	inside.in_text = true;
	fill(&inside, find_text(filling, reference));
}

/* {{#name}}…{{/name}} stands where the value is not empty, {{^name}}…{{/name}} where it is. Returns what is behind. */
static struct slice put_section(const struct filling *filling, struct slice tag, struct slice rest)
{
	struct slice name = slice_skip(tag, 1), scan = rest;
	for (;;) {
		const char *close = scan.len < name.len + 5 ? NULL : memmem(scan.ptr, scan.len, "{{/", 3);
		if (close == NULL)
			return (struct slice) { NULL, 0 }; /* never closed: nothing of it is shown */
		scan = slice_skip(scan, (size_t)(close - scan.ptr) + 3);
		if (!slice_starts_with(scan, name) || !slice_starts_with(slice_skip(scan, name.len), SLICE_OF("}}")))
			continue;
		if ((find_value(filling, name).text.len > 0) == (tag.ptr[0] == '#'))
			fill(filling, slice_first(rest, (size_t)(close - rest.ptr)));
		return slice_skip(scan, name.len + 2);
	}
}

static void fill(const struct filling *filling, struct slice source)
{
	static const struct slice text = SLICE("text:");
	struct slice rest = source;
	while (rest.len > 0) {
		const char *open = memmem(rest.ptr, rest.len, "{{", 2);
		const char *close = open == NULL ? NULL : memmem(open, rest.len - (size_t)(open - rest.ptr), "}}", 2);
		if (close == NULL) {
			writer_put(filling->out, rest);
			return;
		}
		writer_put(filling->out, slice_first(rest, (size_t)(open - rest.ptr)));
		struct slice tag = { open + 2, (size_t)(close - open) - 2 };
		rest = slice_skip(rest, (size_t)(close - rest.ptr) + 2);
		if (!filling->in_text && slice_starts_with(tag, text))
			put_text(filling, slice_skip(tag, text.len));
		else if (!filling->in_text && tag.len > 1 && (tag.ptr[0] == '#' || tag.ptr[0] == '^'))
			rest = put_section(filling, tag, rest);
		else
			put_value(filling, tag);
	}
}

void page_fill(struct writer *out, const struct language *language, struct slice source, const struct page_value *values, size_t count)
{
	fill(&(const struct filling) { out, language, values, count, false }, source);
}
