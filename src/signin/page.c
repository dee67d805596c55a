#include "signin/page.h"

#include "base/text.h"
#include "base/url.h"
#include "signin/page_fill.h"

#include <sodium.h>

/* Made at build time from pages/ by scripts/embed.py. */
#define TEMPLATE(name) extern const char page_##name[]; extern const size_t page_##name##_size;
TEMPLATE(frame)
TEMPLATE(sign_in)
TEMPLATE(consent)
TEMPLATE(consent_item)
TEMPLATE(form_post)
TEMPLATE(form_field)
TEMPLATE(dead_end)
TEMPLATE(account)
TEMPLATE(account_session)
TEMPLATE(account_application)
TEMPLATE(logout)
TEMPLATE(signed_out)
TEMPLATE(error)
TEMPLATE(errors)
TEMPLATE(front)
#undef TEMPLATE
extern const char page_style_sheet[];
extern const size_t page_style_sheet_size;

#define ORIGIN_MAX 300

struct page_template {
	const char *name;
	const char *bytes;
	const size_t *size;
};

#define TEMPLATE(name) { #name, page_##name, &page_##name##_size }
static const struct page_template templates[] = {
	TEMPLATE(frame), TEMPLATE(sign_in), TEMPLATE(consent), TEMPLATE(consent_item), TEMPLATE(form_post), TEMPLATE(form_field),
	TEMPLATE(dead_end), TEMPLATE(account), TEMPLATE(account_session), TEMPLATE(account_application), TEMPLATE(logout), TEMPLATE(signed_out),
	TEMPLATE(error), TEMPLATE(errors), TEMPLATE(front),
};

static struct slice find_template(const char *name)
{
	for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++)
		if (strcmp(templates[i].name, name) == 0)
			return (struct slice) { templates[i].bytes, *templates[i].size };
	return (struct slice) { NULL, 0 };
}

static const struct page_look plain_look;

static const struct language *language_of(const struct page_look *look)
{
	return look->language == NULL ? language_english() : look->language;
}

static struct slice brand_name(const struct partition *partition)
{
	if (partition->branding_name.len > 0)
		return partition->branding_name;
	return partition->name.len > 0 ? partition->name : partition_id_slice(&partition->id);
}

/* The first character, for the mark of a partition without a logo. */
static struct slice brand_letter(struct slice name, char buffer[1])
{
	struct slice letter = slice_first(name, text_utf8_length(name));
	if (letter.len != 1 || letter.ptr[0] < 'a' || letter.ptr[0] > 'z')
		return letter;
	buffer[0] = (char)(letter.ptr[0] - 'a' + 'A');
	return (struct slice) { buffer, 1 };
}

/* The logo's origin, for the content security policy; false: no logo. Of what stands in a policy between two spaces, only
 * what cannot end it: a host's letters and a port. */
static bool logo_origin(const struct partition *partition, char *buffer, size_t size)
{
	if (partition == NULL || partition->branding_logo_url.len == 0 || !url_origin(partition->branding_logo_url, buffer, size))
		return false;
	for (const char *c = buffer; *c != '\0'; c++)
		if ((*c < 'a' || *c > 'z') && (*c < '0' || *c > '9') && strchr(".-:/", *c) == NULL)
			return false;
	return true;
}

/* A source with the given values, and {{partition}}, which every page may name. */
static void fill(struct writer *out, const struct page_look *look, struct slice source, const struct page_value *values, size_t count)
{
	struct page_value all[PAGE_VALUES_MAX + 1];
	size_t all_count = count < PAGE_VALUES_MAX ? count : PAGE_VALUES_MAX;
	if (all_count > 0)
		memcpy(all, values, all_count * sizeof *values);
	if (look->partition != NULL)
		all[all_count++] = (struct page_value) { "partition", brand_name(look->partition), false };
	page_fill(out, language_of(look), source, all, all_count);
}

void page_append(struct writer *out, const char *name, const struct page_look *look, const struct page_value *values, size_t count)
{
	fill(out, look == NULL ? &plain_look : look, find_template(name), values, count);
}

struct slice page_text(struct arena *arena, const struct page_look *look, const char *key, const struct page_value *values, size_t count)
{
	bool problem = strstr(key, ".problem_") != NULL;
	struct writer text = writer_new(arena, 256);
	if (problem)
		writer_text(&text, "<span class=\"problem\">");
	fill(&text, look == NULL ? &plain_look : look, arena_print(arena, "{{text:%s}}", key), values, count);
	if (problem)
		writer_text(&text, "</span>");
	return writer_ok(&text) ? writer_slice(&text) : (struct slice) { NULL, 0 };
}

/* {{text:NAME.title}}, by its code on dead ends; else the value "title". */
static struct slice title_of(struct arena *arena, const char *name, const struct page_look *look, const struct page_value *values, size_t count)
{
	struct writer title = writer_new(arena, 128);
	fill(&title, look, arena_print(arena, "{{text:%s.title:code}}", name), values, count);
	if (writer_ok(&title) && title.len == 0)
		fill(&title, look, SLICE_OF("{{title}}"), values, count);
	return writer_slice(&title);
}

/* The script that stands in the template, as the policy names it (CSP Level 3 §8.3): so that it and no other runs. */
static void put_script_hash(struct writer *policy, struct slice page)
{
	static const struct slice begin = SLICE("<script>"), end = SLICE("</script>");
	const char *open = memmem(page.ptr, page.len, begin.ptr, begin.len);
	struct slice script = open == NULL ? (struct slice) { NULL, 0 } : slice_skip(page, (size_t)(open - page.ptr) + begin.len);
	const char *close = open == NULL ? NULL : memmem(script.ptr, script.len, end.ptr, end.len);
	if (close == NULL)
		return;
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	crypto_hash_sha256(hash, (const unsigned char *)script.ptr, (unsigned long long)(close - script.ptr));
	sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
	writer_print(policy, "; script-src 'sha256-%s'", text);
}

/* Nothing but our own stylesheet and the partition's logo; no frame around us; no form to anywhere else, unless it leads away. */
static struct slice policy_of(struct arena *arena, const char *name, const struct page_look *look)
{
	struct writer policy = writer_new(arena, 384);
	writer_text(&policy, "default-src 'none'; style-src 'self'; base-uri 'none'");
	if (!look->may_be_framed)
		writer_text(&policy, "; frame-ancestors 'none'");
	if (!look->posts_lead_away && !look->posts_to_client)
		writer_text(&policy, "; form-action 'self'");
	char origin[ORIGIN_MAX];
	if (logo_origin(look->partition, origin, sizeof origin))
		writer_print(&policy, "; img-src %s", origin);
	if (look->posts_to_client)
		put_script_hash(&policy, find_template(name));
	return writer_ok(&policy) ? writer_slice(&policy) : SLICE_OF("default-src 'none'; frame-ancestors 'none'");
}

static void put_frame(struct writer *page, const char *name, const struct page_look *look, struct slice title, struct slice content)
{
	struct slice partition = { NULL, 0 }, letter = { NULL, 0 }, logo = { NULL, 0 }, realm = { NULL, 0 };
	char capital[1], origin[ORIGIN_MAX];
	if (look->partition != NULL) {
		partition = brand_name(look->partition);
		letter = brand_letter(partition, capital);
		realm = look->realm;
		if (logo_origin(look->partition, origin, sizeof origin))
			logo = look->partition->branding_logo_url;
	}
	const struct page_value values[] = {
		{ "lang", slice_from(language_tag(language_of(look))), false },
		{ "name", slice_from(name), false },
		{ "title", title, true },
		{ "content", content, true },
		{ "partition", partition, false },
		{ "letter", letter, false },
		{ "logo", logo, false },
		{ "realm", realm, false },
		/* Without it browsers send a client that looks at the Origin of the post "null". */
		{ "referrer", look->posts_to_client ? SLICE_OF("1") : SLICE_OF(""), false },
	};
	page_fill(page, language_of(look), find_template("frame"), values, sizeof values / sizeof values[0]);
}

void page_reply(struct http_request *request, struct http_reply *reply, unsigned status, const char *name, const struct page_look *look,
                const struct page_value *values, size_t count)
{
	if (look == NULL)
		look = &plain_look;
	size_t expected = 4096;
	for (size_t i = 0; i < count; i++)
		expected += values[i].text.len;
	struct writer content = writer_new(request->arena, expected);
	fill(&content, look, find_template(name), values, count);
	struct slice title = title_of(request->arena, name, look, values, count);
	struct writer page = writer_new(request->arena, content.len + 2048);
	put_frame(&page, name, look, title, writer_slice(&content));
	bool good = writer_ok(&content) && writer_ok(&page);
	reply->status = good ? status : 503;
	reply->content_type = SLICE_OF("text/html; charset=utf-8");
	reply->body = good ? writer_slice(&page) : (struct slice) { NULL, 0 };
	http_reply_header(reply, "Content-Security-Policy", policy_of(request->arena, name, look));
	if (!look->may_be_framed)
		http_reply_header(reply, "X-Frame-Options", SLICE_OF("DENY"));
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
}

void page_style(struct http_request *request, struct http_reply *reply)
{
	(void)request;
	reply->content_type = SLICE_OF("text/css; charset=utf-8");
	reply->body = (struct slice) { page_style_sheet, page_style_sheet_size };
	http_reply_header(reply, "Cache-Control", SLICE_OF("public, max-age=3600"));
}
