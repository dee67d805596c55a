/* The claims parameter (OpenID Connect Core §5.5): JSON that anybody can send. */
#include "fuzz.h"

#include "oauth/authorize/claims_parameter.h"
#include "oauth/person_claims.h"

static void check_list(struct slice list)
{
	struct slice name;
	MUST_HOLD(list.ptr == NULL || list.len > 0);
	while (slice_word(&list, &name)) {
		MUST_HOLD(person_claim_is_known(name));
		MUST_HOLD(person_claim_scope(name).len > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(1024, 256 * 1024);
	struct claims_wanted wanted = { .acr_unmet = false };
	MUST_HOLD(arena != NULL);
	if (claims_parameter_read(arena, (struct slice) { (const char *)bytes, size }, &wanted) == RESULT_OK) {
		check_list(wanted.id_token);
		check_list(wanted.userinfo);
	} else {
		MUST_HOLD(wanted.id_token.ptr == NULL && wanted.userinfo.ptr == NULL && wanted.subject.ptr == NULL);
	}
	arena_free(arena);
	return 0;
}
