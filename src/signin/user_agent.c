#include "signin/user_agent.h"

struct sign {
	struct slice text;
	const char *name;
};

/* Each claims to be those below it as well: the first match counts. */
static const struct sign browsers[] = {
	{ SLICE("Edg/"), "Edge" },
	{ SLICE("EdgA/"), "Edge" },
	{ SLICE("EdgiOS/"), "Edge" },
	{ SLICE("OPR/"), "Opera" },
	{ SLICE("SamsungBrowser/"), "Samsung Internet" },
	{ SLICE("FxiOS/"), "Firefox" },
	{ SLICE("Firefox/"), "Firefox" },
	{ SLICE("CriOS/"), "Chrome" },
	{ SLICE("Chrome/"), "Chrome" },
	{ SLICE("Safari/"), "Safari" },
};
static const struct sign systems[] = {
	{ SLICE("iPhone"), "iPhone" },
	{ SLICE("iPad"), "iPad" },
	{ SLICE("Android"), "Android" },
	{ SLICE("Windows"), "Windows" },
	{ SLICE("CrOS"), "ChromeOS" },
	{ SLICE("Macintosh"), "macOS" },
	{ SLICE("Linux"), "Linux" },
};

static const char *find(const struct sign *signs, size_t count, struct slice user_agent)
{
	for (size_t i = 0; i < count; i++)
		if (user_agent.len > 0 && memmem(user_agent.ptr, user_agent.len, signs[i].text.ptr, signs[i].text.len) != NULL)
			return signs[i].name;
	return NULL;
}

struct slice user_agent_name(struct arena *arena, struct slice user_agent)
{
	const char *browser = find(browsers, sizeof browsers / sizeof browsers[0], user_agent);
	const char *system = find(systems, sizeof systems / sizeof systems[0], user_agent);
	if (browser != NULL && system != NULL)
		return arena_print(arena, "%s · %s", browser, system);
	return slice_from(browser != NULL ? browser : system);
}
