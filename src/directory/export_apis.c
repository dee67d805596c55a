/* APIs as they are written back: each with an inline OpenAPI document that is reduced to what matters, its security schemes named by
 * their actors. It is streamed, an operation at a time, for it may be longer than any other object. What reading would take for something
 * else (${NAME}, the prefix of scopes) is written so that it comes back as it is. */
#include "directory/export_apis.h"

#include "base/text.h"

static const char apis_list[] = "apis";

struct api_writing {
	struct export_writer *export;
	const struct api *api;
	const struct api_operation *usual; /* NULL: none */
	struct slice prefix;
};

static void put(struct export_writer *export, const struct writer *writer)
{
	struct slice json = export_escaped(export, writer);
	if (json.len > 0)
		fwrite(json.ptr, 1, json.len, export->out);
	arena_reset(export->arena);
}

/* A line of its own, deeper than all that is around it, which YAML asks for. */
static const char line_break[] = "\n            ";

static bool has_placeholder(struct slice text)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.ptr[i] == '$' && text.ptr[i + 1] == '{')
			return true;
	return false;
}

/* With dollar in place of each '$' in front of a brace, which would begin a placeholder. */
static struct slice without_placeholders(struct export_writer *export, struct slice text, const char *dollar)
{
	if (!has_placeholder(text))
		return text;
	struct writer writer = writer_new(export->arena, text.len + 64);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '$' && i + 1 < text.len && text.ptr[i + 1] == '{')
			writer_text(&writer, dollar);
		else
			writer_byte(&writer, text.ptr[i]);
	}
	if (writer_ok(&writer))
		return writer_slice(&writer);
	export->failed = true;
	return SLICE_OF("");
}

static const char dollar_name[] = "DOLLAR", dollar_value[] = "${DOLLAR}", dollar_in_path[] = "%24";

static struct slice scope_whole(const struct api_writing *writing, struct slice scope)
{
	struct slice whole = scope;
	if (writing->prefix.len > 0 && slice_starts_with(scope, writing->prefix))
		whole = arena_print(writing->export->arena, "%.*s%.*s", SLICE_ARGS(writing->prefix), SLICE_ARGS(scope));
	if (whole.ptr != NULL)
		return without_placeholders(writing->export, whole, dollar_value);
	writing->export->failed = true;
	return SLICE_OF("");
}

static void security_write(const struct api_writing *writing, struct writer *writer, const struct api_operation *operation)
{
	writer_json_key(writer, "security");
	writer_byte(writer, '[');
	for (size_t i = 0; i < operation->alternative_count; i++) {
		writer_text(writer, i == 0 ? "" : ",");
		writer_text(writer, i % 16 == 15 ? line_break : ""); /* no line may be very long */
		writer_byte(writer, '{');
		writer_json_key(writer, api_actor_name(operation->alternatives[i].actor));
		writer_byte(writer, '[');
		struct slice scopes = operation->alternatives[i].scopes, scope;
		for (bool first = true; slice_word(&scopes, &scope); first = false) {
			writer_text(writer, first ? "" : ",");
			writer_json_string(writer, scope_whole(writing, scope));
		}
		writer_text(writer, "]}");
	}
	writer_byte(writer, ']');
}

static bool security_equal(const struct api_operation *a, const struct api_operation *b)
{
	if (a->alternative_count != b->alternative_count)
		return false;
	for (size_t i = 0; i < a->alternative_count; i++)
		if (a->alternatives[i].actor != b->alternatives[i].actor || !slice_equal(a->alternatives[i].scopes, b->alternatives[i].scopes))
			return false;
	return true;
}

/* One whose security most operations share, where more than half do (Boyer and Moore); NULL: the API has none. What it says
 * stands once, for the whole document. */
static const struct api_operation *usual_operation(const struct api *api)
{
	const struct api_operation *usual = NULL;
	size_t lead = 0;
	for (size_t i = 0; i < api->operation_count; i++) {
		if (lead == 0)
			usual = &api->operations[i];
		lead = security_equal(usual, &api->operations[i]) ? lead + 1 : lead - 1;
	}
	return usual;
}

static void operation_write(const struct api_writing *writing, const struct api_operation *operation)
{
	struct export_writer *export = writing->export;
	struct writer writer = writer_new(export->arena, 1024);
	char method[16];
	text_copy(method, sizeof method, operation->method);
	for (char *c = method; *c != '\0'; c++)
		*c = text_lower(*c);
	writer_json_string(&writer, slice_from(method));
	writer_text(&writer, ":{");
	if (operation->operation_id.len > 0)
		writer_json_member(&writer, "operationId", without_placeholders(export, operation->operation_id, dollar_value));
	if (operation->summary.len > 0)
		writer_json_member(&writer, "summary", without_placeholders(export, operation->summary, dollar_value));
	if (!security_equal(operation, writing->usual))
		security_write(writing, &writer, operation);
	writer_byte(&writer, '}');
	put(export, &writer);
}

/* Operations of one path stand together. */
static void paths_write(const struct api_writing *writing)
{
	struct export_writer *export = writing->export;
	const struct api *api = writing->api;
	for (size_t i = 0; i < api->operation_count; i++) {
		bool first = i == 0 || !slice_equal(api->operations[i - 1].path, api->operations[i].path);
		if (first) {
			struct writer writer = writer_new(export->arena, 256);
			writer_text(&writer, i == 0 ? "" : "},");
			writer_text(&writer, line_break);
			writer_json_string(&writer, without_placeholders(export, api->operations[i].path, dollar_in_path));
			writer_text(&writer, ":{");
			put(export, &writer);
		} else {
			fputs(",", export->out);
		}
		fputs(line_break, export->out);
		operation_write(writing, &api->operations[i]);
	}
	fputs(api->operation_count > 0 ? "}" : "", export->out);
}

static void actors_write(struct export_writer *export, const struct api *api)
{
	unsigned used = 0;
	struct writer writer = writer_new(export->arena, 256);
	for (size_t i = 0; i < api->operation_count; i++)
		for (size_t j = 0; j < api->operations[i].alternative_count; j++)
			used |= 1u << api->operations[i].alternatives[j].actor;
	writer_byte(&writer, '{');
	for (enum api_actor actor = API_ACTOR_USER; actor <= API_ACTOR_CLIENT; actor++)
		if ((used & 1u << actor) != 0)
			writer_json_member(&writer, api_actor_name(actor), slice_from(api_actor_name(actor)));
	writer_byte(&writer, '}');
	export_json(export, "actors", writer_slice(&writer));
}

static bool needs_dollar(const struct api_writing *writing)
{
	/* one that ends in it may make a placeholder of a scope */
	if (writing->prefix.len > 0 && memchr(writing->prefix.ptr, '$', writing->prefix.len) != NULL)
		return true;
	for (size_t i = 0; i < writing->api->operation_count; i++) {
		const struct api_operation *operation = &writing->api->operations[i];
		if (has_placeholder(operation->operation_id) || has_placeholder(operation->summary))
			return true;
		for (size_t j = 0; j < operation->alternative_count; j++)
			if (has_placeholder(operation->alternatives[j].scopes))
				return true;
	}
	return false;
}

static void values_write(const struct api_writing *writing)
{
	if (!needs_dollar(writing))
		return;
	struct writer writer = writer_new(writing->export->arena, 64);
	writer_byte(&writer, '{');
	writer_json_member(&writer, dollar_name, SLICE_OF("$"));
	writer_byte(&writer, '}');
	export_json(writing->export, "values", writer_slice(&writer));
}

enum result api_export(struct export_writer *export, struct slice permission_prefix, const struct api *api)
{
	const struct api_operation *usual = usual_operation(api);
	const struct api_writing writing = { export, api, usual, permission_prefix };
	arena_reset(export->arena);
	export_text(export, "name", api->name);
	actors_write(export, api);
	values_write(&writing);
	export_item_begin(export, apis_list, "openapi");
	struct writer writer = writer_new(export->arena, 256);
	writer_text(&writer, "{\"openapi\":\"3.1.0\",\"info\":{");
	writer_json_member(&writer, "title", api->name);
	writer_json_member(&writer, "version", SLICE_OF("exported"));
	writer_byte(&writer, '}');
	if (usual != NULL && usual->alternative_count > 0)
		security_write(&writing, &writer, usual);
	writer_text(&writer, ",\"paths\":{");
	put(export, &writer);
	paths_write(&writing);
	fputs("}}", export->out);
	return export_item_end(export) ? RESULT_OK : RESULT_FAILED;
}
