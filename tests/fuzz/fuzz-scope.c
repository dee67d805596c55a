/* A scope list against the table, in every flow. */
#include "fuzz.h"

#include "../unit/oauth/rig.h"
#include "base/text.h"
#include "directory/rules.h"

static size_t words(struct slice list)
{
	size_t count = 0;
	struct slice word;
	while (slice_word(&list, &word))
		count++;
	return count;
}

/* What is granted is known, assigned, of a kind that the flow carries, named once, and echoed as often as granted. */
static void check_granted(struct rig *rig, enum flow flow, const struct granted_scope *granted)
{
	struct slice rest = granted->names;
	struct slice name;
	MUST_HOLD(granted->names.len > 0);
	MUST_HOLD(words(granted->names) == words(granted->echoed));
	bool admin = false;
	bool other = false;
	while (slice_word(&rest, &name)) {
		enum permission_kind kind = PERMISSION_DELEGATED;
		if (scope_is_openid(name)) {
			MUST_HOLD(flow == FLOW_PERSON || flow == FLOW_TOKEN_EXCHANGE);
			continue;
		}
		MUST_HOLD(tenant_permission_kind(&rig->tenant, name, &kind));
		MUST_HOLD(application_has_permission(&rig->application, name));
		MUST_HOLD(flow != FLOW_ON_BEHALF_OF || kind == PERMISSION_ON_BEHALF_OF);
		MUST_HOLD(flow == FLOW_ON_BEHALF_OF || kind != PERMISSION_ON_BEHALF_OF);
		MUST_HOLD((flow != FLOW_PERSON && flow != FLOW_TOKEN_EXCHANGE) || kind == PERMISSION_DELEGATED);
		*(permission_is_reserved(name) ? &admin : &other) = true;
	}
	MUST_HOLD(!(admin && other));
	MUST_HOLD(!admin || flow != FLOW_TOKEN_EXCHANGE);
	MUST_HOLD(admin == granted->admin);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const enum flow flows[] = { FLOW_PERSON, FLOW_TOKEN_EXCHANGE, FLOW_CLIENT_CREDENTIALS, FLOW_ON_BEHALF_OF };
	for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++) {
		struct rig rig;
		struct granted_scope granted = { .admin = false };
		rig_open(&rig);
		enum refusal refusal = scope_rules_check(&rig.call, flows[i], (struct slice) { (const char *)bytes, size }, &granted);
		if (refusal == REFUSAL_NONE) {
			check_granted(&rig, flows[i], &granted);
		} else {
			MUST_HOLD(rig.call.sentence.len > 0 && text_is_printable_ascii(rig.call.sentence));
			MUST_HOLD(memchr(rig.call.sentence.ptr, '"', rig.call.sentence.len) == NULL);
			MUST_HOLD(memmem(rig.call.sentence.ptr, rig.call.sentence.len, "scope", 5) != NULL);
		}
		rig_close(&rig);
	}
	return 0;
}
