#include "oauth/authorize/redirect_uri.h"

#include "base/text.h"

/* What stands behind "http://127.0.0.1" or "http://[::1]" and a port, if one is there. */
static bool loopback_cut(struct slice uri, struct slice *ret_host, struct slice *ret_rest)
{
	static const struct slice hosts[] = { SLICE("http://127.0.0.1"), SLICE("http://[::1]") };
	enum { PORT_MAX = 65535 };
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		if (!slice_starts_with(uri, hosts[i]))
			continue;
		struct slice rest = slice_skip(uri, hosts[i].len);
		size_t digits = 0;
		while (rest.len > digits + 1 && rest.ptr[0] == ':' && rest.ptr[digits + 1] >= '0' && rest.ptr[digits + 1] <= '9')
			digits++;
		int64_t port;
		if (digits > 0 && text_to_int(slice_first(slice_skip(rest, 1), digits), PORT_MAX, &port) != RESULT_OK)
			return false;
		if (digits > 0)
			rest = slice_skip(rest, digits + 1);
		if (rest.len > 0 && rest.ptr[0] != '/' && rest.ptr[0] != '?')
			return false;
		*ret_host = hosts[i];
		*ret_rest = rest;
		return true;
	}
	return false;
}

static bool matches(struct slice registered, struct slice sent)
{
	struct slice host, rest, sent_host, sent_rest;
	if (slice_equal(registered, sent))
		return true;
	return loopback_cut(registered, &host, &rest) && loopback_cut(sent, &sent_host, &sent_rest) && slice_equal(host, sent_host) &&
	       slice_equal(rest, sent_rest);
}

bool redirect_uri_registered(const struct client_application *application, struct slice redirect_uri)
{
	struct slice list = application->redirect_urls;
	struct slice registered;
	while (slice_word(&list, &registered))
		if (matches(registered, redirect_uri))
			return true;
	return false;
}

bool redirect_uri_is_native(struct slice redirect_uri)
{
	/* What is registered is https, loopback http or a private-use scheme (directory/rules.h). */
	return !slice_starts_with(redirect_uri, SLICE_OF("https://"));
}

struct slice redirect_uri_destination(struct slice redirect_uri)
{
	const char *colon = memchr(redirect_uri.ptr, ':', redirect_uri.len);
	if (colon == NULL)
		return redirect_uri;
	struct slice scheme = slice_first(redirect_uri, (size_t)(colon - redirect_uri.ptr));
	struct slice rest = slice_skip(redirect_uri, scheme.len + 1);
	if (!slice_starts_with(rest, SLICE_OF("//")) || (!slice_is(scheme, "https") && !slice_is(scheme, "http")))
		return scheme;
	rest = slice_skip(rest, 2);
	size_t len = 0;
	while (len < rest.len && rest.ptr[len] != '/' && rest.ptr[len] != '?')
		len++;
	return slice_first(rest, len);
}

/* ---- for the administrator ---------------------------------------------------------------------------------------- */

static size_t common_start(struct slice a, struct slice b)
{
	size_t len = 0;
	while (len < a.len && len < b.len && a.ptr[len] == b.ptr[len])
		len++;
	return len;
}

static size_t common_end(struct slice a, struct slice b)
{
	size_t len = 0;
	while (len < a.len && len < b.len && a.ptr[a.len - 1 - len] == b.ptr[b.len - 1 - len])
		len++;
	return len;
}

/* What is left of both from where they differ; the port of a loopback address, which may vary, is no difference. */
static void cut_common(struct slice *registered, struct slice *sent)
{
	struct slice host, rest, sent_host, sent_rest;
	if (loopback_cut(*registered, &host, &rest) && loopback_cut(*sent, &sent_host, &sent_rest) && slice_equal(host, sent_host)) {
		*registered = rest;
		*sent = sent_rest;
	}
	size_t same = common_start(*registered, *sent);
	*registered = slice_skip(*registered, same);
	*sent = slice_skip(*sent, same);
}

static struct slice find_nearest(struct slice list, struct slice redirect_uri)
{
	struct slice registered;
	struct slice nearest = { NULL, 0 };
	size_t likeness = 0;
	while (slice_word(&list, &registered)) {
		size_t same = common_start(registered, redirect_uri) + common_end(registered, redirect_uri);
		if (nearest.ptr != NULL && same <= likeness)
			continue;
		nearest = registered;
		likeness = same;
	}
	return nearest;
}

struct slice redirect_uri_difference(struct arena *arena, const struct client_application *application, struct slice redirect_uri)
{
	enum { SHOWN = 200 };
	struct slice nearest = find_nearest(application->redirect_urls, redirect_uri);
	struct slice sent = slice_first(redirect_uri, SHOWN);
	if (nearest.ptr == NULL)
		return arena_print(arena, "redirect_uri %.*s arrived; the application has no redirect address: register one", SLICE_ARGS(sent));
	struct slice ours = nearest;
	struct slice theirs = redirect_uri;
	cut_common(&ours, &theirs);
	return arena_print(arena, "redirect_uri %.*s arrived; the nearest that is registered is %.*s; from byte %zu on they differ: %.*s%s arrived, %.*s%s is registered",
	                   SLICE_ARGS(sent), SLICE_ARGS(slice_first(nearest, SHOWN)), redirect_uri.len - theirs.len + 1, SLICE_ARGS(slice_first(theirs, SHOWN)),
	                   theirs.len == 0 ? "nothing" : "", SLICE_ARGS(slice_first(ours, SHOWN)), ours.len == 0 ? "nothing" : "");
}
