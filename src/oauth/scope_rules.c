#include "oauth/scope_rules.h"

#include "directory/rules.h"

/* The rows of the table: kinds of permission, and the scopes of OpenID Connect, which need no assignment. */
enum scope_kind {
	KIND_DELEGATED = PERMISSION_DELEGATED,
	KIND_ON_BEHALF_OF = PERMISSION_ON_BEHALF_OF,
	KIND_APPLICATION = PERMISSION_APPLICATION,
	KIND_OPENID,
	KIND_COUNT,
};

enum verdict { NO = 0, YES, IF_LISTED };

/* contract §3, "Which kind of permission a flow may carry". */
static const enum verdict carries[KIND_COUNT][FLOW_COUNT] = {
	[KIND_DELEGATED] = { [FLOW_PERSON] = YES, [FLOW_TOKEN_EXCHANGE] = YES, [FLOW_CLIENT_CREDENTIALS] = YES,
	                     [FLOW_ON_BEHALF_OF] = NO, [FLOW_ANONYMOUS] = IF_LISTED },
	[KIND_ON_BEHALF_OF] = { [FLOW_PERSON] = NO, [FLOW_TOKEN_EXCHANGE] = NO, [FLOW_CLIENT_CREDENTIALS] = NO,
	                        [FLOW_ON_BEHALF_OF] = YES, [FLOW_ANONYMOUS] = NO },
	[KIND_APPLICATION] = { [FLOW_PERSON] = NO, [FLOW_TOKEN_EXCHANGE] = NO, [FLOW_CLIENT_CREDENTIALS] = YES,
	                       [FLOW_ON_BEHALF_OF] = NO, [FLOW_ANONYMOUS] = NO },
	[KIND_OPENID] = { [FLOW_PERSON] = YES, [FLOW_TOKEN_EXCHANGE] = YES, [FLOW_CLIENT_CREDENTIALS] = NO,
	                  [FLOW_ON_BEHALF_OF] = NO, [FLOW_ANONYMOUS] = NO },
};

static const char *const kind_words[KIND_COUNT] = {
	[KIND_DELEGATED] = "a delegated permission",
	[KIND_ON_BEHALF_OF] = "an on-behalf-of permission",
	[KIND_APPLICATION] = "an application permission",
	[KIND_OPENID] = "an OpenID Connect scope",
};

static const char *const carrying_flow[KIND_COUNT] = {
	[KIND_DELEGATED] = "the authorization code flow (grant_type=authorization_code)",
	[KIND_ON_BEHALF_OF] = "the on behalf of flow (grant_type=password)",
	[KIND_APPLICATION] = "the client credentials flow (grant_type=client_credentials)",
	[KIND_OPENID] = "the authorization code flow (grant_type=authorization_code)",
};

static const char *const flow_words[FLOW_COUNT] = {
	[FLOW_PERSON] = "a sign-in",
	[FLOW_TOKEN_EXCHANGE] = "a token exchange",
	[FLOW_CLIENT_CREDENTIALS] = "client credentials",
	[FLOW_ON_BEHALF_OF] = "an on behalf of request",
	[FLOW_ANONYMOUS] = "an anonymous token",
};

/* RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) */
static bool scope_token(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] < 0x21 || name.ptr[i] > 0x7e || name.ptr[i] == '"' || name.ptr[i] == '\\')
			return false;
	return name.len > 0;
}

/* A request may name a permission with or without the partition's prefix. */
static struct slice without_prefix(const struct oauth_call *call, struct slice name)
{
	struct slice prefix = call->tenant->partition.permission_prefix;
	if (prefix.len > 0 && name.len > prefix.len && slice_starts_with(name, prefix))
		return slice_skip(name, prefix.len);
	return name;
}

/* address and phone are left out, not refused (contract §3). */
static bool left_out(const struct oauth_call *call, enum flow flow, struct slice name)
{
	if (slice_is(name, "address") || slice_is(name, "phone"))
		return true;
	return slice_is(name, "offline_access") && carries[KIND_OPENID][flow] == YES && !call->application->registered.refresh_tokens;
}

/* ---- for the administrator ---------------------------------------------------------------------------------------- */

static struct slice kind_name(enum scope_kind kind)
{
	return kind == KIND_OPENID ? SLICE_OF("openid") : slice_from(permission_kind_name((enum permission_kind)kind));
}

static const enum counted_flow carrier[KIND_COUNT] = {
	[KIND_DELEGATED] = COUNTED_AUTHORIZATION_CODE,
	[KIND_ON_BEHALF_OF] = COUNTED_ON_BEHALF_OF,
	[KIND_APPLICATION] = COUNTED_CLIENT_CREDENTIALS,
	[KIND_OPENID] = COUNTED_AUTHORIZATION_CODE,
};
static const enum counted_flow flow_names[FLOW_COUNT] = {
	[FLOW_PERSON] = COUNTED_AUTHORIZATION_CODE,
	[FLOW_TOKEN_EXCHANGE] = COUNTED_TOKEN_EXCHANGE,
	[FLOW_CLIENT_CREDENTIALS] = COUNTED_CLIENT_CREDENTIALS,
	[FLOW_ON_BEHALF_OF] = COUNTED_ON_BEHALF_OF,
	[FLOW_ANONYMOUS] = COUNTED_ANONYMOUS,
};

/* The permission of the catalogue that is most like this name; empty: none is alike. Bounded, for anybody can ask for what does not exist. */
static struct slice nearest_permission(const struct tenant *tenant, struct slice name)
{
	struct slice nearest = { NULL, 0 };
	size_t likeness = name.len * 2 / 3;
	for (size_t i = 0; i < tenant->permission_count && i < LIMIT_PERMISSIONS_COMPARED; i++) {
		const size_t same = detail_likeness(tenant->permissions[i].name, name);
		if (same <= likeness)
			continue;
		likeness = same;
		nearest = tenant->permissions[i].name;
	}
	return nearest;
}

/* One scope that was refused: its kind, whether it exists and is assigned, and which flow carries it. */
struct refused_scope {
	enum flow flow;
	struct slice name;
	enum scope_kind kind;
	bool known, assigned;
};

static void explain_unknown(struct oauth_call *call, struct slice shown, struct slice name)
{
	const struct slice nearest = nearest_permission(call->tenant, name);
	const char *partition = call->realm.partition.text;
	if (nearest.ptr == NULL) {
		detail_change(call, "There is no permission %.*s in %s: create it and assign it, or let the application not ask for it.", SLICE_ARGS(shown), partition);
		return;
	}
	detail_registered(call, "nearest", nearest);
	detail_change(call, "There is no permission %.*s in %s, but %.*s: let the application ask for that, or create the other and assign "
	                    "it.", SLICE_ARGS(shown),
	              partition, SLICE_ARGS(slice_first(nearest, DETAIL_SHOWN)));
}

static void explain(struct oauth_call *call, const struct refused_scope *refused)
{
	const struct slice shown = detail_shown(call->arena, refused->name);
	const bool carried = carries[refused->kind][refused->flow] != NO;
	const bool anonymous = refused->flow == FLOW_ANONYMOUS;
	detail_arrived(call, "scope", shown);
	detail_arrived(call, "flow", counted_flow_name(flow_names[refused->flow]));
	detail_registered_flag(call, "exists", refused->known);
	detail_registered(call, "kind", kind_name(refused->kind));
	if (refused->kind != KIND_OPENID && !anonymous)
		detail_registered_flag(call, "assigned", refused->assigned);
	detail_registered(call, "carried_by", counted_flow_name(carrier[refused->kind]));
	if (!refused->known)
		explain_unknown(call, shown, refused->name);
	else if (!carried || (permission_is_reserved(refused->name) && refused->flow != FLOW_PERSON && refused->kind == KIND_DELEGATED))
		detail_change(call, "Nothing can be assigned that makes %s carry %.*s: let the application ask for it with %s, or here for a "
		                    "permission of a kind that goes with it.",
		              flow_words[refused->flow], SLICE_ARGS(shown), carrying_flow[refused->kind]);
	else if (anonymous)
		detail_change(call, "Add %.*s to the permissions of anonymous customers of %s, if anybody at all may have it.", SLICE_ARGS(shown), call->realm.partition.text);
	else
		detail_change(call, "Assign %.*s to %.*s on its Permissions tab, or let the application not ask for it.", SLICE_ARGS(shown),
		              SLICE_ARGS(call->application->registered.name));
}

/* ---- the rules ---------------------------------------------------------------------------------------------------- */

/* Listed, and still there as what may be listed. */
static bool given_to_anonymous(const struct tenant *tenant, struct slice name)
{
	enum permission_kind kind;
	return tenant->partition.anonymous_enabled && slice_has_word(tenant->partition.anonymous_permissions, name) && !permission_is_reserved(name) &&
	       tenant_permission_kind(tenant, name, &kind) && carries[(enum scope_kind)kind][FLOW_ANONYMOUS] == IF_LISTED;
}

bool scope_rules_carries(enum flow flow, enum permission_kind kind, bool reserved)
{
	if (reserved && kind == PERMISSION_DELEGATED && flow != FLOW_PERSON)
		return false;
	return carries[(enum scope_kind)kind][flow] == YES;
}

bool scope_rules_anonymous(const struct tenant *tenant, struct slice names)
{
	struct slice name;
	bool any = false;
	while (slice_word(&names, &name)) {
		if (!given_to_anonymous(tenant, name))
			return false;
		any = true;
	}
	return any;
}

static enum refusal judge_name(struct oauth_call *call, enum flow flow, struct slice name)
{
	enum permission_kind permission = permission_kind_of_name(name);
	bool openid = scope_is_openid(name);
	bool known = openid || tenant_permission_kind(call->tenant, name, &permission);
	enum scope_kind kind = openid ? KIND_OPENID : (enum scope_kind)permission;
	struct slice shown = slice_first(name, LIMIT_PERMISSION_NAME);

	if (permission_is_reserved(name) && kind == KIND_DELEGATED && flow != FLOW_PERSON)
		return refuse(call, REFUSAL_SCOPE_ADMIN_CLOSED, "The scope %.*s is only for signed-in administrators: use %s.", SLICE_ARGS(shown),
		              carrying_flow[kind]);
	if (carries[kind][flow] == NO)
		return refuse(call, REFUSAL_SCOPE_WRONG_FLOW, "The scope %.*s is %s, which %s does not carry: use %s.", SLICE_ARGS(shown), kind_words[kind],
		              flow_words[flow], carrying_flow[kind]);
	if (carries[kind][flow] == IF_LISTED && !given_to_anonymous(call->tenant, name))
		return refuse(call, REFUSAL_SCOPE_NOT_ASSIGNED, "The scope %.*s is not among those that the partition gives to anonymous customers: use %s.",
		              SLICE_ARGS(shown), carrying_flow[kind]);
	bool assigned = openid || flow == FLOW_ANONYMOUS || (known && application_has_permission(call->application, name));
	if (!assigned)
		return refuse(call, REFUSAL_SCOPE_NOT_ASSIGNED,
		              "The scope %.*s is not assigned to this client application: assign it, then ask for it with %s.", SLICE_ARGS(shown),
		              flow == FLOW_CLIENT_CREDENTIALS && kind == KIND_DELEGATED ? carrying_flow[KIND_APPLICATION] : carrying_flow[kind]);
	return REFUSAL_NONE;
}

static enum refusal check_name(struct oauth_call *call, enum flow flow, struct slice name)
{
	enum refusal refusal = judge_name(call, flow, name);
	if (refusal == REFUSAL_NONE)
		return refusal;
	enum permission_kind kind = permission_kind_of_name(name);
	const bool openid = scope_is_openid(name);
	const bool known = openid || tenant_permission_kind(call->tenant, name, &kind);
	const struct refused_scope refused = {
		.flow = flow,
		.name = name,
		.known = known,
		.kind = openid ? KIND_OPENID : (enum scope_kind)kind,
		.assigned = call->application != NULL && application_has_permission(call->application, name),
	};
	explain(call, &refused);
	return refusal;
}

static void append_word(struct writer *list, struct slice word)
{
	if (list->len > 0)
		writer_byte(list, ' ');
	writer_put(list, word);
}

/* All permissions of a kind that are assigned, the reserved ones left out. Empty: none. */
static struct slice assigned_of_kind(struct oauth_call *call, enum permission_kind wanted)
{
	struct writer names = writer_new(call->arena, 256);
	for (size_t i = 0; i < call->application->permission_count; i++) {
		const struct slice name = call->application->permissions[i];
		enum permission_kind kind;
		if (!permission_is_reserved(name) && tenant_permission_kind(call->tenant, name, &kind) && kind == wanted)
			append_word(&names, name);
	}
	return writer_slice(&names);
}

/* .default: all application permissions assigned. */
static enum refusal check_default(struct oauth_call *call, enum flow flow, bool alone, struct granted_scope *ret)
{
	if (flow != FLOW_CLIENT_CREDENTIALS)
		return refuse(call, REFUSAL_SCOPE_DEFAULT, "The scope .default goes with %s only: name the permissions instead.",
		              carrying_flow[KIND_APPLICATION]);
	if (!alone)
		return refuse(call, REFUSAL_SCOPE_DEFAULT, "The scope .default goes alone, with %s: leave the other scopes out.",
		              carrying_flow[KIND_APPLICATION]);
	const struct slice names = assigned_of_kind(call, PERMISSION_APPLICATION);
	if (names.len == 0)
		return refuse(call, REFUSAL_SCOPE_DEFAULT, "The scope .default stands for nothing: no application permission is assigned; assign one for %s.",
		              carrying_flow[KIND_APPLICATION]);
	ret->names = names;
	ret->echoed = names;
	return REFUSAL_NONE;
}

/* contract §3: on token exchange the absence of scope means every delegated permission assigned. */
static enum refusal check_absent(struct oauth_call *call, enum flow flow, struct granted_scope *ret)
{
	if (flow != FLOW_TOKEN_EXCHANGE)
		return refuse(call, REFUSAL_SCOPE_MISSING, "The parameter scope is missing: name the permissions that the token shall carry.");
	const struct slice names = assigned_of_kind(call, PERMISSION_DELEGATED);
	if (names.len == 0)
		return refuse(call, REFUSAL_SCOPE_MISSING,
		              "The parameter scope is missing, and no delegated permission is assigned that it could stand for: "
		              "assign one, or name a scope.");
	*ret = (struct granted_scope) { .names = names, .echoed = names };
	return REFUSAL_NONE;
}

struct collected {
	struct writer names;
	struct writer echoed;
	bool admin; /* at least one reserved permission */
	bool other; /* at least one permission that is not */
};

static enum refusal take(struct oauth_call *call, enum flow flow, struct slice asked, struct collected *all, struct granted_scope *ret)
{
	if (!scope_token(asked))
		return refuse(call, REFUSAL_SCOPE_MALFORMED, "The scope %.*s has characters that a scope cannot have: use the name as the console shows it.",
		              SLICE_ARGS(slice_first(asked, LIMIT_PERMISSION_NAME)));
	struct slice name = without_prefix(call, asked);
	if (left_out(call, flow, name))
		return REFUSAL_NONE;
	enum refusal refusal = check_name(call, flow, name);
	if (refusal != REFUSAL_NONE || slice_has_word(writer_slice(&all->names), name))
		return refusal;
	if (permission_is_reserved(name))
		all->admin = true;
	else if (!scope_is_openid(name))
		all->other = true;
	if (all->admin && all->other)
		return refuse(call, REFUSAL_SCOPE_ADMIN_MIXED,
		              "The scope %.*s cannot be mixed with permissions of the Admin API (writ.admin) or these with it: "
		              "ask for them in separate requests (%s).",
		              SLICE_ARGS(slice_first(name, LIMIT_PERMISSION_NAME)),
		              flow == FLOW_CLIENT_CREDENTIALS ? carrying_flow[KIND_APPLICATION] : carrying_flow[KIND_DELEGATED]);
	append_word(&all->names, name);
	append_word(&all->echoed, asked);
	ret->openid |= slice_is(name, "openid");
	ret->offline_access |= slice_is(name, "offline_access");
	return REFUSAL_NONE;
}

enum refusal scope_rules_check(struct oauth_call *call, enum flow flow, struct slice scope, struct granted_scope *ret)
{
	struct slice rest = scope;
	struct slice asked;
	struct granted_scope granted = { .admin = false };
	size_t count = 0;
	bool wants_default = false;
	while (slice_word(&rest, &asked)) {
		if (++count > LIMIT_SCOPE_COUNT)
			return refuse(call, REFUSAL_SCOPE_MALFORMED, "The scope parameter names more than %d scopes: ask for fewer.", LIMIT_SCOPE_COUNT);
		wants_default |= slice_is(without_prefix(call, asked), ".default");
	}
	if (count == 0)
		return check_absent(call, flow, ret);
	enum refusal refusal = REFUSAL_NONE;
	if (wants_default) {
		refusal = check_default(call, flow, count == 1, &granted);
	} else {
		struct collected all = { writer_new(call->arena, scope.len + 1), writer_new(call->arena, scope.len + 1), false, false };
		rest = scope;
		while (refusal == REFUSAL_NONE && slice_word(&rest, &asked))
			refusal = take(call, flow, asked, &all, &granted);
		granted.names = writer_slice(&all.names);
		granted.echoed = writer_slice(&all.echoed);
		granted.admin = all.admin;
		if (refusal == REFUSAL_NONE && granted.names.len == 0)
			refusal = refuse(call, REFUSAL_SCOPE_MISSING, "Of the scope asked for nothing is left: name the permissions that the token shall carry.");
	}
	if (refusal == REFUSAL_NONE)
		*ret = granted;
	return refusal;
}

/* ---- what is left of a grant ------------------------------------------------------------------------------------ */

bool scope_rules_person_may_administer(const struct realm *realm, struct slice roles)
{
	if (realm->kind != PERSON_USER)
		return false;
	bool of_the_system = slice_is(partition_id_slice(&realm->partition), PARTITION_SYSTEM);
	return slice_has_word(roles, SLICE_OF("partition_administrator")) || (of_the_system && slice_has_word(roles, SLICE_OF("system_administrator")));
}

static bool still_carried(const struct oauth_call *call, const struct person *person, struct slice name)
{
	enum permission_kind kind;
	if (scope_is_openid(name))
		return !left_out(call, FLOW_PERSON, name);
	if (!tenant_permission_kind(call->tenant, name, &kind) || carries[(enum scope_kind)kind][FLOW_PERSON] != YES)
		return false;
	if (permission_is_reserved(name) && !scope_rules_person_may_administer(&call->realm, person->roles))
		return false;
	return application_has_permission(call->application, name);
}

static void keep(struct collected *all, struct slice name, struct slice echo, struct granted_scope *ret)
{
	if (slice_has_word(writer_slice(&all->names), name))
		return;
	append_word(&all->names, name);
	append_word(&all->echoed, echo);
	ret->admin |= permission_is_reserved(name);
	ret->openid |= slice_is(name, "openid");
	ret->offline_access |= slice_is(name, "offline_access");
}

enum refusal scope_rules_cut(struct oauth_call *call, const struct person *person, const struct grant_record *record, struct slice asked,
                             struct granted_scope *ret)
{
	struct slice word, echo, any = asked;
	const bool narrowed = slice_word(&any, &word);
	struct slice words = narrowed ? asked : record->scope;
	struct slice echoes = narrowed ? asked : record->echoed;
	struct granted_scope granted = { .admin = false };
	struct collected all = { writer_new(call->arena, words.len + 1), writer_new(call->arena, echoes.len + 1), false, false };
	struct slice lost = { NULL, 0 };
	while (slice_word(&words, &word) && slice_word(&echoes, &echo)) {
		struct slice name = narrowed ? without_prefix(call, word) : word;
		if (narrowed && left_out(call, FLOW_PERSON, name))
			continue;
		if (narrowed && !slice_has_word(record->scope, name))
			return refuse(call, REFUSAL_SCOPE_BEYOND_GRANT,
			              "The scope %.*s was not granted at the sign-in: leave it out, or send the person through %s again.",
			              SLICE_ARGS(slice_first(word, LIMIT_PERMISSION_NAME)), carrying_flow[KIND_DELEGATED]);
		if (still_carried(call, person, name))
			keep(&all, name, echo, &granted);
		else if (lost.ptr == NULL)
			lost = slice_first(name, LIMIT_PERMISSION_NAME);
	}
	granted.names = writer_slice(&all.names);
	granted.echoed = writer_slice(&all.echoed);
	if (granted.names.len == 0 && lost.ptr == NULL)
		return refuse(call, REFUSAL_SCOPE_MISSING, "Of the scope asked for nothing is left: leave it out, or name a part of what was granted.");
	if (granted.names.len == 0)
		return refuse(call, REFUSAL_SCOPE_GONE,
		              "The scope %.*s is not assigned to this client application any more, and nothing else is left: "
		              "assign it again, or ask for another.",
		              SLICE_ARGS(lost));
	*ret = granted;
	return REFUSAL_NONE;
}
