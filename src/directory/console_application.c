#include "directory/console_application.h"

#define ARENA_FIRST 1024
/* Short, for its tokens live in a browser and open everything: the console renews them in a frame while the session lasts. */
#define TOKEN_SECONDS 900

static const struct slice permissions[] = { SLICE("writ.admin.read"), SLICE("writ.admin.manage") };
#define PERMISSION_WORDS "writ.admin.read writ.admin.manage"
enum { PERMISSION_COUNT = sizeof permissions / sizeof permissions[0] };

static void console_free(struct cached *cached)
{
	struct application *application = (struct application *)cached;
	struct arena *arena = application->arena; /* which holds the application itself */
	arena_free(arena);
}

struct application *console_application_new(struct slice auth_url)
{
	struct arena *arena = arena_new(ARENA_FIRST, ARENA_FIRST + 4 * LIMIT_URL);
	struct application *application = arena == NULL ? NULL : arena_alloc(arena, sizeof *application);
	if (application == NULL) {
		arena_free(arena);
		return NULL;
	}
	atomic_init(&application->cached.references, 1);
	application->cached.free = console_free;
	application->arena = arena;
	application->registered = (struct client_application) {
		.client_id = SLICE_OF(CONSOLE_CLIENT_ID),
		.name = SLICE_OF(CONSOLE_NAME),
		.platform = PLATFORM_SPA,
		.enabled = true,
		.redirect_urls = arena_print(arena, "%.*s" CONSOLE_CALLBACK_PATH, SLICE_ARGS(auth_url)),
		.post_logout_redirect_urls = arena_print(arena, "%.*s" CONSOLE_PATH, SLICE_ARGS(auth_url)),
		.permissions = SLICE_OF(PERMISSION_WORDS),
		.access_token_seconds = TOKEN_SECONDS,
		.refresh_tokens = false,
		.consent = CONSENT_IMPLIED,
		.id_token_algorithm = ALGORITHM_RS256,
	};
	application->permissions = arena_array(arena, PERMISSION_COUNT, sizeof *application->permissions);
	if (arena_exhausted(arena)) {
		arena_free(arena);
		return NULL;
	}
	memcpy(application->permissions, permissions, sizeof permissions);
	application->permission_count = PERMISSION_COUNT;
	return application;
}
