/* What an administrative change did, for its audit event: the members that differ, as they are served; no secret, hash or password. */
#include "admin/change.h"

#include "admin/json.h"

enum { MEMBER_SHOWN_MAX = 4096 };

static bool is_in(const json_t *list, const json_t *value)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), value))
			return true;
	return false;
}

/* Of a long list only what the other has not. Borrowed entries, a list of its own. */
static json_t *list_difference(const json_t *list, const json_t *other)
{
	json_t *difference = json_array();
	for (size_t i = 0; difference != NULL && i < json_array_size(list); i++)
		if (!is_in(other, json_array_get(list, i)))
			(void)json_array_append(difference, json_array_get(list, i));
	return difference;
}

static void text_put(struct writer *out, struct arena *arena, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	const size_t len = text == NULL ? 0 : strlen(text);
	if (text == NULL || len > MEMBER_SHOWN_MAX)
		writer_json_string(out, arena_print(arena, "(%zu bytes)", len));
	else
		writer_put(out, (struct slice) { text, len });
	free(text);
}

static void member_put(struct writer *out, struct arena *arena, const char *name, const json_t *value, const json_t *other)
{
	writer_json_key(out, name);
	if (!json_is_array(value) || !json_is_array(other)) {
		text_put(out, arena, value);
		return;
	}
	char *text = json_dumps(value, JSON_COMPACT);
	const bool is_long = text == NULL || strlen(text) > MEMBER_SHOWN_MAX;
	free(text);
	json_t *shown = is_long ? list_difference(value, other) : NULL;
	text_put(out, arena, shown == NULL ? value : shown);
	json_decref(shown);
}

/* The members of one that the other has not, or has otherwise. True: there was one. */
static bool members_put(struct writer *out, struct arena *arena, const char *name, json_t *object, json_t *other)
{
	bool any = false;
	writer_json_key(out, name);
	writer_byte(out, '{');
	for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
		const char *key = json_object_iter_key(at);
		const json_t *value = json_object_iter_value(at), *beside = json_object_get(other, key);
		if (strcmp(key, "version") == 0 || strcmp(key, "last_used_at") == 0 || (beside != NULL && json_equal(value, beside)))
			continue;
		member_put(out, arena, key, value, beside);
		any = true;
	}
	return any;
}

/* What is not served, and so differs where nothing can be seen: in words. */
static const char *hidden_words(enum object_kind kind, const void *before, const void *after, const char **ret_name)
{
	const struct slice none = SLICE_OF("");
	struct slice was = none, is = none;
	if (kind == OBJECT_USER || kind == OBJECT_CUSTOMER) {
		*ret_name = "password";
		was = before == NULL ? none : ((const struct person *)before)->password_hash;
		is = after == NULL ? none : ((const struct person *)after)->password_hash;
	} else if (kind == OBJECT_API && before != NULL && after != NULL) {
		*ret_name = "operations";
		const struct api *old = before, *new = after;
		return hash32_equal(&old->digest, &new->digest) ? NULL : "changed";
	}
	if (slice_equal(was, is))
		return NULL;
	return was.len == 0 ? "set" : is.len == 0 ? "removed" : "changed";
}

/* A secret is shown alone, not the list that it stands in. */
static json_t *secret_parsed(struct change *change, const struct client_application *application)
{
	json_t *parsed = NULL;
	for (size_t i = 0; application != NULL && i < application->secret_count; i++)
		if (parsed == NULL && slice_equal(application->secrets[i].label, change->label))
			parsed = change_secret_parsed(change->call, &application->secrets[i]);
	return parsed;
}

static json_t *parsed(struct change *change, const void *model)
{
	if (change->label.len > 0)
		return secret_parsed(change, model);
	return model == NULL ? NULL : change_model_parsed(change->call, change->shape->kind, model);
}

static void both_put(struct change *change, struct writer *out, const void *before, const void *after)
{
	struct arena *arena = change->call->scratch;
	json_t *was = parsed(change, before), *is = parsed(change, after);
	const char *hidden = NULL, *hidden_name = NULL;
	if (change->label.len == 0)
		hidden = hidden_words(change->shape->kind, before, after, &hidden_name);
	bool any = members_put(out, arena, "before", was, is);
	writer_byte(out, '}');
	any |= members_put(out, arena, "after", is, was);
	if (hidden != NULL)
		writer_json_member(out, hidden_name, slice_from(hidden));
	writer_byte(out, '}');
	change->differs = any || hidden != NULL;
	json_decref(was);
	json_decref(is);
}

void change_detail(struct change *change, const void *before, const void *after)
{
	struct arena *arena = change->call->scratch;
	const enum object_kind kind = change->shape->kind;
	const void *model = after == NULL ? before : after;
	change->key = arena_copy(arena, change_model_key(kind, model));
	struct writer out = admin_detail_begin(change->call, arena, change->shape->word,
	                                       change->label.len > 0 ? change->label : change_model_name(kind, model));
	both_put(change, &out, before, after);
	writer_byte(&out, '}');
	change->detail = writer_ok(&out) ? writer_slice(&out) : (struct slice) { NULL, 0 };
}
