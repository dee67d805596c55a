#include "store/model.h"

bool partition_id_parse(struct slice text, struct partition_id *ret)
{
	if (text.len == 0 || text.len > LIMIT_PARTITION_ID)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
		if (!good)
			return false;
	}
	memcpy(ret->text, text.ptr, text.len);
	ret->text[text.len] = '\0';
	ret->len = (unsigned char)text.len;
	return true;
}

bool realm_parse(struct slice text, struct realm *ret)
{
	if (text.len < 3 || text.ptr[text.len - 2] != '-')
		return false;
	char kind = text.ptr[text.len - 1];
	if (kind != PERSON_USER && kind != PERSON_CUSTOMER)
		return false;
	struct realm realm = { .kind = (enum person_kind)kind };
	if (!partition_id_parse(slice_first(text, text.len - 2), &realm.partition))
		return false;
	*ret = realm;
	return true;
}

const char *platform_name(enum platform platform)
{
	return platform == PLATFORM_SPA ? "spa" : "web";
}

const char *permission_kind_name(enum permission_kind kind)
{
	switch (kind) {
	case PERMISSION_DELEGATED: return "delegated";
	case PERMISSION_ON_BEHALF_OF: return "on_behalf_of";
	case PERMISSION_APPLICATION: break;
	}
	return "application";
}

const char *person_kind_name(enum person_kind kind)
{
	return kind == PERSON_CUSTOMER ? "customer" : "user";
}

const char *provider_match_name(enum provider_match match)
{
	switch (match) {
	case MATCH_USERNAME: return "username";
	case MATCH_EMAIL: return "email";
	case MATCH_ID: break;
	}
	return "id";
}

const char *key_state_name(enum key_state state)
{
	switch (state) {
	case KEY_NEXT: return "next";
	case KEY_ACTIVE: return "active";
	case KEY_RETIRED: break;
	}
	return "retired";
}

static const char *const actor_names[] = {
	[API_ACTOR_USER] = "user",
	[API_ACTOR_CUSTOMER] = "customer",
	[API_ACTOR_USER_ON_BEHALF_OF] = "user_on_behalf_of",
	[API_ACTOR_CUSTOMER_ON_BEHALF_OF] = "customer_on_behalf_of",
	[API_ACTOR_ANONYMOUS_CUSTOMER] = "anonymous_customer",
	[API_ACTOR_CLIENT] = "client",
};
_Static_assert(sizeof(actor_names) / sizeof(actor_names[0]) == API_ACTOR_COUNT + 1, "every actor has a name");

const char *api_actor_name(enum api_actor actor)
{
	return actor >= API_ACTOR_USER && actor <= API_ACTOR_CLIENT ? actor_names[actor] : "";
}

bool api_actor_find(struct slice name, enum api_actor *ret)
{
	for (enum api_actor actor = API_ACTOR_USER; actor <= API_ACTOR_CLIENT; actor++) {
		if (slice_is(name, actor_names[actor])) {
			*ret = actor;
			return true;
		}
	}
	return false;
}

bool api_actor_acted_for(enum api_actor actor)
{
	return actor == API_ACTOR_USER_ON_BEHALF_OF || actor == API_ACTOR_CUSTOMER_ON_BEHALF_OF;
}

const char *api_actor_claim(enum api_actor actor)
{
	if (actor == API_ACTOR_USER_ON_BEHALF_OF)
		actor = API_ACTOR_USER;
	if (actor == API_ACTOR_CUSTOMER_ON_BEHALF_OF)
		actor = API_ACTOR_CUSTOMER;
	return api_actor_name(actor);
}

bool token_actor(struct slice claim, bool on_behalf_of, enum api_actor *ret)
{
	for (enum api_actor actor = API_ACTOR_USER; actor <= API_ACTOR_CLIENT; actor++) {
		if (api_actor_acted_for(actor) == on_behalf_of && slice_is(claim, api_actor_claim(actor))) {
			*ret = actor;
			return true;
		}
	}
	return false;
}

struct slice api_path_shape(struct slice path, char *buffer)
{
	size_t len = 0;
	bool named = false;
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == '}')
			named = false;
		if (!named)
			buffer[len++] = path.ptr[i];
		if (path.ptr[i] == '{')
			named = true;
	}
	return (struct slice) { buffer, len };
}
