#include "admin/change.h"

#include "admin/access.h"
#include "admin/change_document.h"
#include "base/text.h"
#include "directory/audit.h"
#include "directory/rules.h"

#include <stdio.h>

enum { ACTION_SIZE = 64 };

/* ---- the body ---------------------------------------------------------------------------------------------------------------- */

struct wrongs {
	struct admin_call *call;
	enum refusal refusal;
};

static void wrong(void *context, struct slice pointer, const char *sentence)
{
	struct wrongs *wrongs = context;
	if (wrongs->refusal == REFUSAL_NONE)
		wrongs->refusal = admin_refuse_at(wrongs->call, REFUSAL_ADMIN_MEMBER, pointer, "%s", sentence);
	else if (wrongs->call->error_count < ADMIN_ERRORS) /* a body can have very many */
		admin_error_add(wrongs->call, "pointer", pointer, refusal_sentence(wrongs->call->arena, "%s", sentence));
}

enum refusal change_body_judge(struct admin_call *call, const struct change_shape *shape, const json_t *body, const json_t *present, struct slice key)
{
	struct wrongs wrongs = { .call = call, .refusal = REFUSAL_NONE };
	if (!change_judge(shape, body, present, key, wrong, &wrongs) && wrongs.refusal == REFUSAL_NONE)
		return admin_refuse(call, REFUSAL_ADMIN_MEMBER, "A member of the object is wrong.");
	return wrongs.refusal;
}

/* ---- what nobody may do to himself --------------------------------------------------------------------------------------------- */

static enum refusal person_lost(struct admin_call *call, const struct person *before, const struct person *after)
{
	const struct slice role = slice_is(partition_id_slice(&call->caller.partition), PARTITION_SYSTEM) ? SLICE_OF("system_administrator")
	                                                                                                 : SLICE_OF("partition_administrator");
	if (after == NULL)
		return admin_refuse(call, REFUSAL_ADMIN_SELF, "You would delete yourself: let another administrator do it.");
	if (before->enabled && !after->enabled)
		return admin_refuse_at(call, REFUSAL_ADMIN_SELF, SLICE_OF("/enabled"), "You would disable yourself: let another administrator do it.");
	if (slice_has_word(before->roles, role) && !slice_has_word(after->roles, role))
		return admin_refuse_at(call, REFUSAL_ADMIN_SELF, SLICE_OF("/roles"),
		                       "You would take the role %.*s from yourself: let another administrator do it.", SLICE_ARGS(role));
	if (before->password_hash.len > 0 && after->password_hash.len == 0)
		return admin_refuse_at(call, REFUSAL_ADMIN_SELF, SLICE_OF("/password"),
		                       "You would take your own password, and could not sign in again: let another administrator do it.");
	return REFUSAL_NONE;
}

static bool can_prove_itself(const struct client_application *application)
{
	return application->platform == PLATFORM_WEB && (application->secret_count > 0 || application->jwks.len > 0 || application->jwks_url.len > 0);
}

static enum refusal application_lost(struct admin_call *call, const struct client_application *before, const struct client_application *after)
{
	const struct slice permission = SLICE_OF("app.writ.admin.manage");
	if (after == NULL)
		return admin_refuse(call, REFUSAL_ADMIN_SELF, "This client application would delete itself: let an administrator do it.");
	if (before->enabled && !after->enabled)
		return admin_refuse_at(call, REFUSAL_ADMIN_SELF, SLICE_OF("/enabled"),
		                       "This client application would disable itself: let an administrator do it.");
	if (slice_has_word(before->permissions, permission) && !slice_has_word(after->permissions, permission))
		return admin_refuse_at(call, REFUSAL_ADMIN_SELF, SLICE_OF("/permissions"),
		                       "This client application would take %.*s from itself: let an administrator do it.", SLICE_ARGS(permission));
	if (can_prove_itself(before) && !can_prove_itself(after))
		return admin_refuse(call, REFUSAL_ADMIN_SELF,
		                    "This client application would take its own last secret or key, and could get no token again: let an administrator do it.");
	return REFUSAL_NONE;
}

/* Nobody locks himself out by accident. */
static enum refusal self_judge(struct change *change, const void *before, const void *after)
{
	struct admin_call *call = change->call;
	const enum object_kind kind = change->shape->kind;
	if (before == NULL || !slice_equal(partition_id_slice(&call->partition), partition_id_slice(&call->caller.partition)) ||
	    !slice_equal(change_model_key(kind, before), call->caller.id))
		return REFUSAL_NONE;
	if (kind == OBJECT_USER && call->caller.actor == API_ACTOR_USER)
		return person_lost(call, before, after);
	if (kind == OBJECT_APPLICATION && call->caller.actor == API_ACTOR_CLIENT)
		return application_lost(call, before, after);
	return REFUSAL_NONE;
}

/* ---- with the directory ---------------------------------------------------------------------------------------------------------- */

/* A change may wait for long: for passwords that are hashed, for the store. */
static enum result permitted(void *context, struct store_batch *batch, struct problem *problem)
{
	struct change *change = context;
	change->refused = access_judge_again(change->call, batch);
	return change->refused == REFUSAL_NONE ? RESULT_OK : problem_set(problem, RESULT_IN_USE, "refused");
}

static enum result staged(void *context, const struct partition_id *partition, const void *before, const void *after, struct problem *problem)
{
	struct change *change = context;
	(void)partition;
	change->refused = self_judge(change, before, after);
	if (change->refused != REFUSAL_NONE)
		return problem_set(problem, RESULT_IN_USE, "refused");
	change_detail(change, before, after);
	return change->detail.ptr == NULL ? problem_set(problem, RESULT_NO_MEMORY, "memory is out") : RESULT_OK;
}

/* What an API makes beside itself is known only now. */
static void permissions_tell(struct change *change)
{
	const struct writer *added = change->permissions_added;
	if (added == NULL || added->len == 0 || !writer_ok(added))
		return;
	const struct slice detail = arena_print(change->call->scratch, "%.*s,\"permissions_added\":[%.*s]}",
	                                        SLICE_ARGS(slice_first(change->detail, change->detail.len - 1)), SLICE_ARGS(writer_slice(added)));
	if (detail.ptr != NULL)
		change->detail = detail;
}

/* The event of a partition's own beginning and end belongs to it. */
static void audit(void *context, struct audit_event *event)
{
	struct change *change = context;
	struct admin_call *call = change->call;
	permissions_tell(change);
	*event = admin_event(call, change->shape->actions[change->what], change->key, change->detail);
	if (change->shape->kind == OBJECT_PARTITION)
		event->partition = change->key;
	change->event = *event;
}

static enum refusal member_refuse(struct change *change, enum refusal refusal, const struct apply_failure *failure)
{
	struct admin_call *call = change->call;
	if (failure->openapi && failure->line > 0)
		return admin_refuse_at(call, refusal, SLICE_OF("/openapi"), "Line %u: %s", failure->line, failure->sentence);
	if (failure->openapi)
		return admin_refuse_at(call, refusal, SLICE_OF("/openapi"), "%s", failure->sentence);
	struct slice pointer = change_document_pointer(change->object, failure->line, call->scratch);
	if (slice_is(pointer, "/password_hash"))
		pointer = SLICE_OF("/password");
	return admin_refuse_at(call, refusal, pointer, "%s", failure->sentence);
}

static enum refusal failure_refuse(struct change *change, enum result result, const struct apply_failure *failure)
{
	switch (result) {
	case RESULT_INVALID:
	case RESULT_TOO_LARGE: return member_refuse(change, REFUSAL_ADMIN_MEMBER, failure);
	case RESULT_EXISTS: return member_refuse(change, REFUSAL_ADMIN_EXISTS, failure);
	case RESULT_CONFLICT: return admin_refuse_result(change->call, RESULT_BUSY);
	default: return admin_refuse_result(change->call, result);
	}
}

/* Is he neither this server's operator nor somebody who tries it on his own machine (A17)? */
static bool is_foreign(const struct admin_call *call)
{
	return !call->caller.system && !rule_url_on_loopback(call->oauth.oauth->auth_url);
}

static struct apply_options options_of(struct change *change, const struct apply_sole *sole, struct slice text)
{
	return (struct apply_options) {
		.text = text,
		.file_name = "body",
		.dry_run = change->dry_run,
		.reset_passwords = true,
		.add_permissions = change->add_permissions,
		.foreign = is_foreign(change->call),
		.actor = change->call->caller.id,
		.sole = sole,
		.passwords = change->call->oauth.oauth->sign_in.passwords,
		.context = change->context,
		.secret = change->secret,
		.warned = change->warned,
		.restarted = change->restarted,
		.unknown_scope = change->unknown_scope,
		.api = change->api,
	};
}

enum result change_apply(struct change *change, int64_t version, enum refusal *ret)
{
	struct admin_call *call = change->call;
	struct apply_failure failure = { .line = 0 };
	const struct apply_sole sole = {
		.kind = change->shape->kind,
		.must = version == 0 ? SOLE_CREATE : SOLE_CHANGE,
		.version = version,
		.openapi = change->openapi,
		.context = change,
		.permitted = permitted,
		.staged = staged,
		.audit = audit,
		.failure = &failure,
	};
	struct apply_summary summary;
	struct problem problem;
	struct writer text = writer_new(call->scratch, 4096);
	change->event = (struct audit_event) { .at_ms = 0 };
	if (!change_document_write(&text, partition_id_slice(&call->partition), change->shape->section, change->object)) {
		*ret = admin_refuse(call, REFUSAL_ADMIN_JSON, "Lists and objects stand in each other more than %d deep.", CHANGE_DOCUMENT_DEPTH);
		return RESULT_INVALID;
	}
	if (!writer_ok(&text)) {
		*ret = admin_refuse_result(call, RESULT_NO_MEMORY);
		return RESULT_NO_MEMORY;
	}
	const struct apply_options options = options_of(change, &sole, writer_slice(&text));
	enum result result = directory_apply(admin_store(call), call->admin->master_key, &options, &summary, &problem);
	if (result == RESULT_OK && change->event.at_ms != 0)
		audit_line(&change->event);
	if (result == RESULT_OK || result == RESULT_STALE)
		return result;
	*ret = change->refused != REFUSAL_NONE ? change->refused : failure_refuse(change, result, &failure);
	return result;
}

/* ---- deleting --------------------------------------------------------------------------------------------------------------------- */

static enum refusal delete_once(struct change *change, struct slice key, int64_t version, enum result *ret_result)
{
	struct admin_call *call = change->call;
	struct problem problem = { "" };
	const struct apply_sole sole = {
		.kind = change->shape->kind, .must = SOLE_CHANGE, .version = version, .context = change, .permitted = permitted, .staged = staged,
		.audit = audit,
	};
	change->event = (struct audit_event) { .at_ms = 0 };
	*ret_result = directory_delete(admin_store(call), &call->partition, key, &sole, &problem);
	if (*ret_result == RESULT_OK)
		audit_line(&change->event);
	if (change->refused != REFUSAL_NONE)
		return change->refused;
	switch (*ret_result) {
	case RESULT_OK:
	case RESULT_STALE: return REFUSAL_NONE;
	case RESULT_IN_USE: return admin_refuse(call, REFUSAL_ADMIN_IN_USE, "%s", problem.text);
	case RESULT_CONFLICT: return admin_refuse_result(call, RESULT_BUSY);
	default: return admin_refuse_result(call, *ret_result);
	}
}

enum refusal change_delete(struct admin_call *call, const struct change_shape *shape, struct slice key)
{
	struct change change = { .call = call, .shape = shape, .what = CHANGE_DELETED };
	union directory_object present;
	int64_t wanted;
	enum result result = change_model_read(call, shape->kind, key, &present);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	enum refusal refusal = admin_if_match(call, &wanted);
	if (refusal == REFUSAL_NONE)
		refusal = admin_version_judge(call, wanted, directory_object_version(shape->kind, &present));
	if (refusal == REFUSAL_NONE)
		refusal = delete_once(&change, key, wanted, &result);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (result == RESULT_STALE)
		return admin_refuse(call, REFUSAL_ADMIN_STALE, "Somebody changed it meanwhile: read it again.");
	return admin_reply_nothing(call);
}
