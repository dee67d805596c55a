/* Which members the objects of the Admin API have, of which type, and what may be sent: one table a kind, the same members as openapi.json.
 *
 * What is judged here is what the apply document cannot know: JSON's types, what is read-only, and that the key is the address's. The rules
 * of the values stand in directory/. Pure: no request, no store. */
#ifndef WRIT_ADMIN_CHANGE_MEMBERS_H
#define WRIT_ADMIN_CHANGE_MEMBERS_H

#include "base/slice.h"
#include "store/store.h"

#include <jansson.h>

enum member_type { MEMBER_TEXT, MEMBER_BOOL, MEMBER_INTEGER, MEMBER_LIST /* of texts */, MEMBER_OBJECT, MEMBER_TEXTS /* an object of texts */ };

enum {
	MEMBER_KEY = 1,        /* names the object: where it exists it stays */
	MEMBER_NEEDED = 2,     /* there is no new object without it */
	MEMBER_READ_ONLY = 4,  /* may come back as it was read */
	MEMBER_NULLABLE = 8,   /* null empties it, or makes it null_as */
	MEMBER_PASSWORD = 16,
	MEMBER_MERGED = 32,    /* an object that the apply document replaces whole: laid over the present one here (RFC 7396) */
	MEMBER_KIND = 64,      /* of a permission: null makes it what the name says */
};

struct change_member {
	const char *name;
	enum member_type type;
	unsigned flags;
	const char *null_as;                /* JSON of the value that null stands for; NULL: null itself */
	const struct change_member *inside; /* MEMBER_OBJECT: its members, ended by name NULL; NULL: whatever the rules say */
};

enum change_what { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_DELETED };

struct change_shape {
	enum object_kind kind;
	const char *noun;       /* "client application": in sentences */
	const char *word;       /* "client_application": in events */
	const char *actions[3]; /* of the events, by what is done */
	const char *section; /* list of the apply document; NULL: the partition itself */
	const struct change_member *members; /* ended by name NULL */
};

extern const struct change_shape change_partition, change_department, change_permission, change_user, change_customer, change_application,
	change_provider, change_api, change_secret;

/* Called for each wrong member. pointer: a JSON pointer, for the call. */
typedef void change_wrong(void *context, struct slice pointer, const char *sentence);

/* present   the object as it is served; NULL: it is to be made.
 * key       of the present one.
 * False when anything was wrong. */
bool change_judge(const struct change_shape *, const json_t *body, const json_t *present, struct slice key, change_wrong *, void *context);

/* The body as the object of an apply document: read-only members left out, null made what it stands for, merged members laid over the present
 * ones, the key put in. The caller decrefs. NULL: memory is out. */
json_t *change_object(const struct change_shape *, const json_t *body, const json_t *present, struct slice key);

#endif
