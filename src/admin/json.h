/* The JSON of each object of the Admin API: the members of the apply document, and read-only ones (openapi.json, components).
 *
 * Never a secret, a hash or a password. Each writes one JSON value; nothing fails (a writer's overflow is sticky). */
#ifndef WRIT_ADMIN_JSON_H
#define WRIT_ADMIN_JSON_H

#include "base/writer.h"
#include "jose/key.h"
#include "store/listing.h"

void partition_json(struct writer *, const struct partition *);
void department_json(struct writer *, const struct department *);
void permission_json(struct writer *, const struct permission *);
void person_json(struct writer *, const struct person *); /* a user or a customer */
void application_json(struct writer *, const struct client_application *);
void secret_json(struct writer *, const struct client_secret *);
void provider_json(struct writer *, const struct identity_provider *);
void api_json(struct writer *, const struct api *); /* operation_count must be known */
void operation_json(struct writer *, struct slice api, const struct api_operation *);
/* "alternatives":[…] as a value */
void alternatives_json(struct writer *, const struct api_alternative *, size_t count);
void session_json(struct writer *, enum person_kind, const struct session *);
void grant_json(struct writer *, enum person_kind, const struct listed_grant *);
void connected_json(struct writer *, const struct connected_application *);
void signing_key_json(struct writer *, const struct signing_key *);
void event_json(struct writer *, const struct stored_event *);

/* ,"name":"2027-01-31T12:00:00Z"; 0 is null where nullable, else the epoch. */
void json_member_time(struct writer *, const char *name, int64_t seconds);
void json_member_time_or_null(struct writer *, const char *name, int64_t seconds);
/* ,"name":"…" or null where it is empty */
void json_member_or_null(struct writer *, const char *name, struct slice value);
/* ,"name":["…"] */
void json_member_words(struct writer *, const char *name, struct slice words);
/* ,"name":null */
void json_member_null(struct writer *, const char *name);

/* One more step of a JSON pointer: "/", and the name escaped (RFC 6901 §3). */
void json_pointer_add(struct writer *, struct slice name);

#endif
