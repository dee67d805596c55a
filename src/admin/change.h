/* Whatever changes directory objects: a body, judged, becomes a document of one object, and the directory makes it true (directory/apply.h),
 * with its audit event in the same transaction. So the rules of the Admin API are those of `writ apply`. */
#ifndef WRIT_ADMIN_CHANGE_H
#define WRIT_ADMIN_CHANGE_H

#include "admin/admin_call.h"
#include "admin/change_members.h"
#include "directory/apply.h"
#include "directory/object.h"

/* ---- the handlers: change_objects.c, change_secrets.c, change_apis.c --------------------------------------------------------- */

admin_handler admin_object_create, admin_object_change, admin_object_delete; /* by call->row->shape */
admin_handler admin_partition_change, admin_partition_delete;
admin_handler admin_permission_create, admin_permission_change, admin_permission_delete;
admin_handler admin_secret_create, admin_secret_change, admin_secret_delete;
admin_handler admin_api_put;

/* ---- one change: change.c ------------------------------------------------------------------------------------------------------ */

/* How often a change begins anew because somebody else changed the object meanwhile, where the caller asked for no version. */
enum { CHANGE_TRIES = 20 };

/* As it is now, in scratch. key: as the Admin API names it. RESULT_NOT_FOUND. */
MUST_CHECK enum result change_model_read(const struct admin_call *, enum object_kind, struct slice key, union directory_object *ret);
struct slice change_model_key(enum object_kind, const void *model);
struct slice change_model_name(enum object_kind, const void *model); /* what people call it */
void change_model_json(struct writer *, enum object_kind, const void *model);

/* On its way to the directory. */
struct change {
	struct admin_call *call;
	const struct change_shape *shape;
	enum change_what what;
	struct slice label;      /* of the secret that is changed; empty: the object itself is */
	json_t *object;          /* of the document; owned */
	struct slice openapi;    /* as in struct apply_sole */
	bool dry_run, add_permissions;
	void *context;           /* of what is told of APIs and secrets; see struct apply_options */
	void (*secret)(void *context, const struct apply_secret *);
	void (*warned)(void *context, const char *sentence);
	void (*restarted)(void *context);
	void (*unknown_scope)(void *context, const struct apply_unknown_scope *);
	void (*api)(void *context, const struct apply_api *);
	const struct writer *permissions_added; /* JSON texts of those that an API makes beside itself; NULL: none are made */
	/* what comes of it */
	enum refusal refused;    /* by judging who asks and what would be; REFUSAL_NONE: not so */
	bool differs;
	struct slice key;        /* of the object, in scratch */
	struct slice detail;     /* of the event */
	struct audit_event event;
};

/* version   that the object must have; 0: it is to be made.
 * RESULT_OK; RESULT_STALE: read it again; anything else: *ret is the refusal, filled in the call. */
MUST_CHECK enum result change_apply(struct change *, int64_t version, enum refusal *ret);
/* The body against the object as it is served (NULL: new): REFUSAL_ADMIN_MEMBER with every wrong place. */
MUST_CHECK enum refusal change_body_judge(struct admin_call *, const struct change_shape *, const json_t *body, const json_t *present,
                                          struct slice key);
/* The model as it is served; to be given back with json_decref; NULL: memory is out. */
json_t *change_model_parsed(const struct admin_call *, enum object_kind, const void *model);
json_t *change_secret_parsed(const struct admin_call *, const struct client_secret *);

/* {"kind":…,"name":…,"by":…,"before":{…},"after":{…}}, only what differs: of the event. before or after NULL: it is made, or deleted.
 * Sets change->detail, key and differs. Pure but for the arena. */
void change_detail(struct change *, const void *before, const void *after);

/* Deletes, again and again while wanted is 0 and others change it. */
MUST_CHECK enum refusal change_delete(struct admin_call *, const struct change_shape *, struct slice key);

#endif
