/* The JSON of what sign-ins leave behind, of keys and of events: read-only. */
#include "admin/json.h"

#include "base/limits.h"
#include "directory/apply_time.h"
#include "jose/json_strict.h"

void session_json(struct writer *writer, enum person_kind kind, const struct session *session)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "sid", session->sid);
	writer_json_member(writer, "realm", slice_from(person_kind_name(kind)));
	writer_json_member(writer, "person_id", session->person_id);
	json_member_time(writer, "auth_time", session->auth_time);
	json_member_time(writer, "created_at", session->created_at);
	json_member_time(writer, "last_used_at", session->last_used_at);
	json_member_time(writer, "expires_at", session->expires_at);
	writer_json_member(writer, "user_agent", session->user_agent);
	writer_json_member(writer, "address", session->address);
	writer_byte(writer, '}');
}

void grant_json(struct writer *writer, enum person_kind kind, const struct listed_grant *listed)
{
	const struct grant_record *grant = &listed->grant;
	writer_byte(writer, '{');
	writer_json_member(writer, "gid", grant->gid);
	writer_json_member(writer, "realm", slice_from(person_kind_name(kind)));
	writer_json_member(writer, "client_id", grant->client_id);
	writer_json_member(writer, "person_id", grant->person_id);
	json_member_or_null(writer, "sid", grant->sid);
	json_member_words(writer, "scope", grant->scope);
	json_member_time(writer, "granted_at", grant->granted_ms / 1000);
	json_member_time_or_null(writer, "auth_time", grant->auth_time);
	writer_json_member_bool(writer, "offline", grant->offline);
	writer_json_member_bool(writer, "refreshable", listed->refreshable);
	json_member_time_or_null(writer, "last_used_at", listed->last_used_at);
	json_member_time(writer, "expires_at", listed->expires_at);
	writer_byte(writer, '}');
}

void connected_json(struct writer *writer, const struct connected_application *connected)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "client_id", connected->client_id);
	json_member_words(writer, "scope", connected->scope);
	json_member_time(writer, "since", connected->since);
	json_member_time_or_null(writer, "last_used_at", connected->last_used_at);
	writer_json_member_bool(writer, "offline", connected->offline);
	writer_byte(writer, '}');
}

void signing_key_json(struct writer *writer, const struct signing_key *key)
{
	writer_byte(writer, '{');
	writer_json_member(writer, "kid", key->kid);
	writer_json_member(writer, "algorithm", slice_from(algorithm_name(key->algorithm)));
	writer_json_member(writer, "state", slice_from(key_state_name(key->state)));
	json_member_time(writer, "created_at", key->created_at);
	json_member_time_or_null(writer, "published_until", key->published_until);
	writer_json_key(writer, "public_jwk");
	writer_put(writer, key->public_jwk);
	writer_byte(writer, '}');
}

/* One JSON object on one line goes in as it is; anything else is a sentence. */
static void detail_write(struct writer *writer, struct slice detail)
{
	json_t *object;
	if (detail.len > 0 && detail.ptr[0] == '{' && memchr(detail.ptr, '\n', detail.len) == NULL && json_object_parse(detail, &object) == RESULT_OK) {
		json_decref(object);
		writer_json_key(writer, "detail");
		writer_put(writer, detail);
		return;
	}
	json_member_or_null(writer, "detail", detail);
}

/* With its milliseconds: "2027-01-31T12:00:00.250Z". */
static void time_write(struct writer *writer, int64_t at_ms)
{
	char time[APPLY_TIME_SIZE];
	apply_time_print(at_ms / 1000, time);
	writer_json_key(writer, "at");
	writer_print(writer, "\"%.19s.%03dZ\"", time, (int)(at_ms % 1000));
}

void event_json(struct writer *writer, const struct stored_event *stored)
{
	const struct audit_event *event = &stored->event;
	writer_byte(writer, '{');
	writer_json_key(writer, "id");
	writer_print(writer, "\"%lld\"", (long long)stored->number);
	time_write(writer, event->at_ms);
	json_member_or_null(writer, "partition", event->partition);
	json_member_or_null(writer, "request_id", event->request_id);
	writer_json_member(writer, "action", event->action);
	writer_json_member(writer, "result", event->result);
	json_member_or_null(writer, "actor", event->actor);
	json_member_or_null(writer, "object", event->object);
	json_member_or_null(writer, "address", event->address);
	detail_write(writer, event->detail);
	writer_byte(writer, '}');
}
