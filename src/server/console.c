#include "server/console.h"

#include "base/text.h"
#include "directory/console_application.h"
#include "server/server.h"

#define INDEX "index.html"
#define CALLBACK "callback"
#define CONFIGURATION "configuration.json"

/* The component library sets style attributes. The answer of a sign-in that is renewed in a frame may be framed, by the console itself;
 * everything that a click could do may not. */
#define POLICY(frame_ancestors) \
	"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data: https:; " \
	"font-src 'self'; frame-src 'self'; frame-ancestors " frame_ancestors "; base-uri 'none'; form-action 'self'"

/* ---- files ------------------------------------------------------------------------------------------------------ */

static const struct console_file *find_file(const struct console_file *files, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(files[i].name, name))
			return &files[i];
	return NULL;
}

static bool is_inside(struct slice path)
{
	struct slice rest = path, segment;
	if (slice_starts_with(path, SLICE_OF("assets/")))
		return false;
	while (slice_cut(&rest, '/', &segment))
		if (slice_is(segment, ".") || slice_is(segment, ".."))
			return false;
	return path.len == 0 || memchr(path.ptr, '.', path.len) == NULL || memchr(path.ptr, '/', path.len) != NULL;
}

/* RFC 9110 §12.5.3: gzip, or anything, with a weight that is not 0. */
static bool takes_gzip(struct slice accepted)
{
	struct slice coding;
	bool any = false;
	while (slice_cut(&accepted, ',', &coding)) {
		struct slice rest = coding, name, parameter;
		if (!slice_cut(&rest, ';', &name))
			continue;
		bool refused = false;
		while (slice_cut(&rest, ';', &parameter)) {
			struct slice weight = slice_trim(parameter);
			if (weight.len < 3 || text_lower(weight.ptr[0]) != 'q' || weight.ptr[1] != '=')
				continue;
			refused = true;
			for (size_t i = 2; i < weight.len; i++)
				refused &= weight.ptr[i] == '0' || weight.ptr[i] == '.';
		}
		if (text_equal_folded(slice_trim(name), SLICE_OF("gzip")))
			return !refused;
		any |= slice_is(slice_trim(name), "*") && !refused;
	}
	return any;
}

/* If-None-Match (RFC 9110 §13.1.2): weak comparison. */
static bool is_known(struct slice known, struct slice etag)
{
	struct slice one;
	while (slice_cut(&known, ',', &one)) {
		one = slice_trim(one);
		if (slice_starts_with(one, SLICE_OF("W/")))
			one = slice_skip(one, 2);
		if (slice_equal(one, etag) || slice_is(one, "*"))
			return true;
	}
	return false;
}

bool console_file_reply(const struct console_file *files, size_t count, struct slice path, const struct http_request *request,
                        struct http_reply *reply)
{
	const struct console_file *file = find_file(files, count, path);
	if (file == NULL && is_inside(path))
		file = find_file(files, count, SLICE_OF(INDEX));
	if (file == NULL)
		return false;
	const bool packed = file->gzip.len > 0 && takes_gzip(http_request_header(request, "Accept-Encoding"));
	const struct slice etag = packed ? file->gzip_etag : file->etag;
	http_reply_header(reply, "ETag", etag);
	http_reply_header(reply, "Cache-Control", file->immutable ? SLICE_OF("public, max-age=31536000, immutable") : SLICE_OF("no-cache"));
	if (file->gzip.len > 0)
		http_reply_header(reply, "Vary", SLICE_OF("Accept-Encoding"));
	const bool framed = slice_is(path, CALLBACK);
	http_reply_header(reply, "Content-Security-Policy", framed ? SLICE_OF(POLICY("'self'")) : SLICE_OF(POLICY("'none'")));
	http_reply_header(reply, "X-Frame-Options", framed ? SLICE_OF("SAMEORIGIN") : SLICE_OF("DENY"));
	if (is_known(http_request_header(request, "If-None-Match"), etag)) {
		reply->status = 304;
		return true;
	}
	reply->content_type = file->content_type;
	reply->body = packed ? file->gzip : file->bytes;
	if (packed)
		http_reply_header(reply, "Content-Encoding", SLICE_OF("gzip"));
	return true;
}

/* ---- the addresses ---------------------------------------------------------------------------------------------- */

/* Which partition does it sign in at? Public: says no more than /system/deploymentInfo does. */
static void configuration_reply(struct server *server, const struct http_request *request, struct http_reply *reply)
{
	struct partition_id partition;
	enum result result = store_partition_sole(server->store, &partition);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND && result != RESULT_CONFLICT) {
		oauth_refuse_http(&server->oauth, request, 503, "unavailable", "The store cannot answer now: try again later.", reply);
		http_reply_header(reply, "Retry-After", SLICE_OF("1"));
		return;
	}
	struct writer body = writer_new(request->arena, 512);
	writer_byte(&body, '{');
	writer_json_member(&body, "auth_url", server->oauth.auth_url);
	writer_json_member(&body, "client_id", SLICE_OF(CONSOLE_CLIENT_ID));
	writer_json_key(&body, "partition");
	if (result == RESULT_OK)
		writer_json_string(&body, partition_id_slice(&partition));
	else
		writer_text(&body, "null");
	writer_json_member(&body, "version", SLICE_OF(WRIT_VERSION));
	writer_byte(&body, '}');
	reply->status = writer_ok(&body) ? 200 : 500;
	reply->content_type = SLICE_OF("application/json");
	reply->body = writer_slice(&body);
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
}

void console_handle(struct server *server, struct http_request *request, struct http_reply *reply)
{
	const struct slice path = request->segments[0];
	if (slice_is(path, CONFIGURATION))
		configuration_reply(server, request, reply);
	else if (console_file_reply(console_files, console_file_count, path, request, reply))
		return;
	else if (console_file_count == 0)
		oauth_refuse_http_page(&server->oauth, request, 404, "console-left-out",
		                       "This server was built without its Administration Console.", reply);
	else
		oauth_refuse_http_page(&server->oauth, request, 404, "not-found",
		                       "There is no such file of the console: open " CONSOLE_PATH " instead.", reply);
}

/* With the slash, addresses in the files are relative to the console. */
void console_lead_in(struct server *server, struct http_request *request, struct http_reply *reply)
{
	(void)server;
	reply->status = 308;
	http_reply_header(reply, "Location", request->query.len > 0 ? arena_print(request->arena, CONSOLE_PATH "?%.*s", SLICE_ARGS(request->query))
	                                                            : SLICE_OF(CONSOLE_PATH));
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-cache"));
}
