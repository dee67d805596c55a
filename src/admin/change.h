/* Whatever changes directory objects: a body, judged, becomes a document of one object, and the directory makes it true (directory/apply.h),
 * with its audit event in the same transaction. So the rules of the Admin API are those of `writ apply`. */
#ifndef WRIT_ADMIN_CHANGE_H
#define WRIT_ADMIN_CHANGE_H

#include "admin/admin_call.h"
#include "admin/change_members.h"
#include "directory/apply.h"

/* ---- the handlers: change_objects.c, change_secrets.c, change_apis.c --------------------------------------------------------- */

admin_handler admin_partition_create, admin_partition_change, admin_partition_delete;
admin_handler admin_department_create, admin_department_delete;
admin_handler admin_permission_create, admin_permission_change, admin_permission_delete;
admin_handler admin_user_create, admin_user_change, admin_user_delete;
admin_handler admin_customer_create, admin_customer_change, admin_customer_delete;
admin_handler admin_application_create, admin_application_change, admin_application_delete;
admin_handler admin_provider_create, admin_provider_change, admin_provider_delete;
admin_handler admin_secret_create, admin_secret_change, admin_secret_delete;
admin_handler admin_api_put, admin_api_delete;

/* ---- one change: change.c ------------------------------------------------------------------------------------------------------ */

/* How often a change begins anew because somebody else changed the object meanwhile, where the caller asked for no version. */
enum { CHANGE_TRIES = 20 };

/* An object of any kind. */
union change_model {
	struct partition partition;
	struct department department;
	struct permission permission;
	struct person person;
	struct client_application application;
	struct identity_provider provider;
	struct api api;
};

/* As it is now, in scratch. key: as the Admin API names it. RESULT_NOT_FOUND. */
MUST_CHECK enum result change_model_read(const struct admin_call *, enum object_kind, struct slice key, union change_model *ret);
int64_t change_model_version(enum object_kind, const void *model);
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
	void (*unknown_scope)(void *context, const struct apply_unknown_scope *);
	void (*api)(void *context, const struct apply_api *);
	const struct writer *permissions_added; /* JSON texts of those that an API makes beside itself; NULL: none are made */
	/* what comes of it */
	enum refusal refused;    /* by judging what would be; REFUSAL_NONE: not so */
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

/* {"kind":…,"name":…,"by":…,"before":{…},"after":{…}}, only what differs: of the event. before or after NULL: it is made, or deleted.
 * Sets change->detail, key and differs. Pure but for the arena. */
void change_detail(struct change *, const void *before, const void *after);

/* Deletes, again and again while wanted is 0 and others change it. */
MUST_CHECK enum refusal change_delete(struct admin_call *, const struct change_shape *, struct slice key);

#endif
