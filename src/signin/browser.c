#include "signin/browser.h"

#include "base/text.h"
#include "base/writer.h"
#include "http/cookie.h"

#include <sodium.h>
#include <stdio.h>

/* __Host- (RFC 6265bis §4.1.3.2): no other host of the domain, and nothing without TLS, can set such a cookie. */
#define HOST_PREFIX "__Host-"
#define NAME_SIZE (sizeof HOST_PREFIX "writ-attempt" + LIMIT_PARTITION_ID)

static const char *prefix_of(const struct browser *browser)
{
	return browser->https ? HOST_PREFIX : "";
}

static void session_name(const struct browser *browser, char name[NAME_SIZE])
{
	const struct realm *realm = &browser->realm;
	snprintf(name, NAME_SIZE, "%swrit-%s-%c", prefix_of(browser), realm->partition.text, (char)realm->kind);
}

static void binding_name(const struct browser *browser, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%swrit-attempt", prefix_of(browser));
}

/* The value of a cookie if it is one that we could have set: base64url of 256 bits. */
static struct slice secret_read(const struct http_request *request, const char *name)
{
	struct slice value = cookie_read(request, name);
	struct secret32 secret;
	size_t len = 0;
	bool good = value.len == BROWSER_SECRET_SIZE &&
	            text_base64url_decode(value, secret.bytes, sizeof secret.bytes, &len) == RESULT_OK && len == sizeof secret.bytes;
	secret32_wipe(&secret);
	return good ? value : (struct slice) { NULL, 0 };
}

static struct slice bits_text(struct arena *arena, const uint8_t bits[32])
{
	struct writer text = writer_new(arena, BROWSER_SECRET_SIZE + 1);
	writer_base64url(&text, bits, 32);
	return writer_ok(&text) ? writer_slice(&text) : (struct slice) { NULL, 0 };
}

static struct slice secret_make(struct arena *arena)
{
	struct secret32 secret = secret32_random();
	struct slice text = bits_text(arena, secret.bytes);
	secret32_wipe(&secret);
	return text;
}

static void set(const struct browser *browser, const char *name, struct slice value, struct http_request *request, struct http_reply *reply)
{
	cookie_set(request, reply, &(struct cookie) { .name = name, .value = value, .secure = browser->https });
}

void browser_read(const struct http_request *request, const struct realm *realm, bool https, struct browser *ret)
{
	char name[NAME_SIZE];
	*ret = (struct browser) { .realm = *realm, .https = https };
	session_name(ret, name);
	ret->session = secret_read(request, name);
	if (ret->session.ptr != NULL)
		ret->session_hash = hash32_of_kind("session", ret->session);
	binding_name(ret, name);
	ret->attempts = secret_read(request, name);
}

struct slice browser_bind(struct browser *browser, struct http_request *request, struct http_reply *reply)
{
	if (browser->attempts.ptr != NULL)
		return browser->attempts;
	char name[NAME_SIZE];
	binding_name(browser, name);
	browser->attempts = secret_make(request->arena);
	if (browser->attempts.ptr != NULL)
		set(browser, name, browser->attempts, request, reply);
	return browser->attempts;
}

enum result browser_new_session(struct browser *browser, struct http_request *request, struct http_reply *reply, struct hash32 *ret_hash)
{
	char name[NAME_SIZE];
	struct slice session = secret_make(request->arena);
	if (session.ptr == NULL)
		return RESULT_NO_MEMORY;
	session_name(browser, name);
	set(browser, name, session, request, reply);
	browser->session = session;
	browser->session_hash = hash32_of_kind("session", session);
	*ret_hash = browser->session_hash;
	return RESULT_OK;
}

void browser_forget_session(struct browser *browser, struct http_request *request, struct http_reply *reply)
{
	char name[NAME_SIZE];
	session_name(browser, name);
	browser->session = (struct slice) { NULL, 0 };
	set(browser, name, browser->session, request, reply);
}

struct slice browser_anti_forgery(const struct browser *browser, struct arena *arena)
{
	if (browser->session.ptr == NULL)
		return (struct slice) { NULL, 0 };
	struct hash32 hash = hash32_of_kind("anti-forgery", browser->session);
	return bits_text(arena, hash.bytes);
}

bool browser_anti_forgery_holds(const struct browser *browser, struct arena *arena, struct slice presented)
{
	struct slice wanted = browser_anti_forgery(browser, arena);
	return wanted.ptr != NULL && presented.len == wanted.len && sodium_memcmp(wanted.ptr, presented.ptr, wanted.len) == 0;
}
