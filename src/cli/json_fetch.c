#include "cli/json_fetch.h"

#include "cli/client_http.h"
#include "cli/show.h"
#include "jose/json_strict.h"

#define SHOWN_MAX 300

json_t *json_fetch(const char *url, const char *ca_file, struct arena *arena, const char **ret_why)
{
	static const char *const headers[] = { "Accept: application/json" };
	const struct client_http_request request = { .method = "GET", .url = url, .headers = headers, .header_count = 1, .ca_file = ca_file };
	struct client_http_reply reply;
	struct problem problem;
	json_t *object;
	if (client_http_send(&request, arena, &reply, &problem) != RESULT_OK) {
		*ret_why = show_text(arena, slice_from(problem.text), sizeof problem.text);
		return NULL;
	}
	if (reply.status != 200) {
		*ret_why = arena_print(arena, "%s answered %ld", show_text(arena, slice_from(url), SHOWN_MAX), reply.status).ptr;
		return NULL;
	}
	if (json_object_parse(reply.body, &object) != RESULT_OK) {
		*ret_why = arena_print(arena, "%s is not a JSON object", show_text(arena, slice_from(url), SHOWN_MAX)).ptr;
		return NULL;
	}
	return object;
}
