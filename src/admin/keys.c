/* Signing keys: a list, and rotation. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "directory/audit.h"
#include "jose/json_strict.h"

static enum result show_key(void *context, const struct signing_key *key)
{
	struct admin_page *page = context;
	admin_page_item(page);
	signing_key_json(&page->out, key);
	return admin_page_key(page, key->kid);
}

/* All of them: LIMIT_PUBLISHED_KEYS at most. */
enum refusal admin_keys_list(struct admin_call *call)
{
	struct admin_page page;
	admin_page_begin(call, &page);
	const enum result result = store_keys_each(admin_store(call), &call->partition, show_key, &page);
	return admin_page_end(&page, result, (struct slice) { NULL, 0 }, false);
}

/* The one that signs now. */
struct signer_reading {
	struct writer body;
	enum signing_algorithm algorithm;
};

static enum result show_signer(void *context, const struct signing_key *key)
{
	struct signer_reading *reading = context;
	if (key->state == KEY_ACTIVE && key->algorithm == reading->algorithm)
		signing_key_json(&reading->body, key);
	return RESULT_OK;
}

struct rotation_wish {
	enum signing_algorithm algorithm;
	bool force; /* though caches of the key set may not know the next key yet */
};

static enum refusal wish_read(struct admin_call *call, struct rotation_wish *ret)
{
	json_t *body;
	enum refusal refusal = admin_body_read(call, false, &body);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const char *name;
	json_t *member;
	const json_t *force = NULL;
	struct slice text = { NULL, 0 };
	json_object_foreach(body, name, member) {
		if (strcmp(name, "algorithm") == 0)
			text = json_object_text(body, name);
		else if (strcmp(name, "force") == 0)
			force = member;
		else
			refusal = admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, admin_pointer(call, name),
			                          "There is no such member here: a rotation has algorithm, and may have force.");
	}
	if (refusal == REFUSAL_NONE && !slice_is(text, "ES256") && !slice_is(text, "RS256"))
		refusal = admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/algorithm"), "The algorithm is ES256 or RS256.");
	if (refusal == REFUSAL_NONE && force != NULL && !json_is_boolean(force))
		refusal = admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/force"), "force is true or false.");
	*ret = (struct rotation_wish) { .algorithm = slice_is(text, "RS256") ? ALGORITHM_RS256 : ALGORITHM_ES256, .force = json_is_true(force) };
	json_decref(body);
	return refusal;
}

static enum refusal rotate(struct admin_call *call, const struct rotation_wish *wish)
{
	int64_t age_s;
	const struct slice name = slice_from(algorithm_name(wish->algorithm));
	struct writer detail = admin_detail_begin(call, call->arena, "signing_key", name);
	writer_byte(&detail, '}');
	const struct audit_event event = admin_event(call, "signing_key.rotated", name, writer_slice(&detail));
	const struct master_key *master = call->admin->master_key;
	switch (key_ring_rotate(admin_store(call), master, &call->partition, wish->algorithm, LIMIT_ACCESS_TOKEN_SECONDS,
	                        wish->force ? INT64_MIN : LIMIT_JWKS_CACHE_S, &event, &age_s)) {
	case RESULT_OK: break;
	case RESULT_NOT_FOUND:
	case RESULT_CONFLICT:
		return admin_refuse(call, REFUSAL_ADMIN_ROTATION,
		                    "The keys were rotated by somebody else at the same moment, or there are none yet: look at the list.");
	case RESULT_STALE:
		return admin_refuse(call, REFUSAL_ADMIN_ROTATION_EARLY,
		                    "The next key is younger than %d seconds: who keeps the key set does not have it. Wait, or send force: true where a key "
		                    "must go now.",
		                    LIMIT_JWKS_CACHE_S);
	case RESULT_TOO_LARGE:
		return admin_refuse(call, REFUSAL_ADMIN_ROTATION, "There are %d published keys, which is the most: wait until retired ones expire.",
		                    LIMIT_PUBLISHED_KEYS);
	default: return admin_refuse(call, REFUSAL_UNAVAILABLE, "The new key could not be made or stored, so nothing was changed: try again.");
	}
	audit_line(&event);
	return REFUSAL_NONE;
}

enum refusal admin_keys_rotate(struct admin_call *call)
{
	struct rotation_wish wish;
	enum refusal refusal = wish_read(call, &wish);
	if (refusal == REFUSAL_NONE)
		refusal = rotate(call, &wish);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct signer_reading reading = { .body = writer_new(call->scratch, 1024), .algorithm = wish.algorithm };
	refusal = admin_refuse_result(call, store_keys_each(admin_store(call), &call->partition, show_signer, &reading));
	return refusal == REFUSAL_NONE ? admin_reply_json(call, 201, &reading.body, 0) : refusal;
}
