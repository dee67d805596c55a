#include "oauth/authorize/redirect_uri.h"

#include "base/text.h"
#include "directory/console_application.h"
#include "oauth/refusal_detail.h"

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
	/* On another port of this machine another program answers, and the console's consent is implied. */
	if (console_application_is(application->client_id))
		return slice_has_word(list, redirect_uri);
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

/* What is left of both from where they differ; the port of a loopback address, where it may vary, is no difference. */
static void cut_common(bool port_counts, struct slice *registered, struct slice *sent)
{
	struct slice host, rest, sent_host, sent_rest;
	if (!port_counts && loopback_cut(*registered, &host, &rest) && loopback_cut(*sent, &sent_host, &sent_rest) && slice_equal(host, sent_host)) {
		*registered = rest;
		*sent = sent_rest;
	}
	size_t same = common_start(*registered, *sent);
	*registered = slice_skip(*registered, same);
	*sent = slice_skip(*sent, same);
}

struct slice redirect_uri_nearest(const struct client_application *application, struct slice redirect_uri)
{
	struct slice list = application->redirect_urls;
	struct slice registered;
	struct slice nearest = { NULL, 0 };
	size_t likeness = 0;
	while (slice_word(&list, &registered)) {
		size_t same = detail_likeness(registered, redirect_uri);
		if (nearest.ptr != NULL && same <= likeness)
			continue;
		nearest = registered;
		likeness = same;
	}
	return nearest;
}

/* Everything behind the host, or behind the scheme where there is none. */
static struct slice behind_host(struct slice uri)
{
	const struct slice host = redirect_uri_destination(uri);
	return slice_skip(uri, (size_t)(host.ptr - uri.ptr) + host.len);
}

/* The usual ways to miss an address, in words; NULL: none of them. */
static const char *usual_difference(struct slice ours, struct slice theirs)
{
	const struct slice slash = SLICE("/");
	const bool same_path = slice_equal(behind_host(ours), behind_host(theirs));
	if ((ours.len == theirs.len + 1 && slice_starts_with(ours, theirs) && slice_ends_with(ours, slash)) ||
	    (theirs.len == ours.len + 1 && slice_starts_with(theirs, ours) && slice_ends_with(theirs, slash)))
		return "a slash at the end";
	if (text_equal_folded(ours, theirs))
		return "upper and lower case";
	if (same_path && slice_equal(redirect_uri_destination(ours), redirect_uri_destination(theirs)))
		return "the scheme";
	if (same_path)
		return "the host or its port";
	if (memchr(theirs.ptr, '?', theirs.len) != NULL && memchr(ours.ptr, '?', ours.len) == NULL)
		return "the query";
	return NULL;
}

struct slice redirect_uri_difference(struct arena *arena, const struct client_application *application, struct slice redirect_uri)
{
	const struct slice nearest = redirect_uri_nearest(application, redirect_uri);
	const struct slice sent = detail_shown_address(arena, redirect_uri);
	if (nearest.ptr == NULL)
		return arena_print(arena, "redirect_uri %.*s arrived; the application has no redirect address: register one", SLICE_ARGS(sent));
	struct slice ours = nearest;
	struct slice theirs = sent;
	cut_common(console_application_is(application->client_id), &ours, &theirs);
	const char *usual = usual_difference(nearest, redirect_uri);
	return arena_print(arena, "redirect_uri %.*s arrived; the nearest that is registered is %.*s; from byte %zu on they differ: %.*s%s "
	                          "arrived, %.*s%s is registered%s%s%s",
	                   SLICE_ARGS(sent), SLICE_ARGS(slice_first(nearest, DETAIL_SHOWN)), sent.len - theirs.len + 1, SLICE_ARGS(theirs),
	                   theirs.len == 0 ? "nothing" : "", SLICE_ARGS(slice_first(ours, DETAIL_SHOWN)), ours.len == 0 ? "nothing" : "",
	                   usual == NULL ? "" : " (", usual == NULL ? "" : usual, usual == NULL ? "" : ")");
}
