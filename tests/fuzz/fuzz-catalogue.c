/* The catalogue that libwrit is given: JSON text, and what it then lets in. */
#include "fuzz.h"

#include "gateway/decision.h"
#include "libwrit/rules.h"

/* Each operation is found by a call that it stands for, or gives way to one that is as concrete. */
static void operations_judge(const struct rules *rules)
{
	const struct token_facts nobody = { .actor = 0 };
	for (size_t i = 0; i < catalogue_count(rules->catalogue); i++) {
		const struct api_operation *operation = &catalogue_at(rules->catalogue, i)->operation;
		MUST_HOLD(operation->method.len > 0 && operation->path.len > 0 && operation->path.ptr[0] == '/' && operation->path.len <= LIMIT_URL);
		MUST_HOLD(decide_operation(catalogue_at(rules->catalogue, i), &nobody).verdict != VERDICT_ALLOWED);
		for (size_t each = 0; each < operation->alternative_count; each++) {
			const struct api_alternative *alternative = &operation->alternatives[each];
			const struct token_facts facts = { .actor = alternative->actor, .scope = alternative->scopes, .application_permission = true };
			MUST_HOLD(alternative->actor >= API_ACTOR_USER && alternative->actor <= API_ACTOR_CLIENT);
			MUST_HOLD(decide_operation(catalogue_at(rules->catalogue, i), &facts).verdict == VERDICT_ALLOWED);
		}
		if (memchr(operation->path.ptr, '{', operation->path.len) == NULL && memchr(operation->path.ptr, ';', operation->path.len) == NULL)
			MUST_HOLD(catalogue_find(rules->catalogue, operation->method, operation->path) == catalogue_at(rules->catalogue, i));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rules *rules = NULL;
	struct problem problem = { "" };
	if (rules_read((struct slice) { (const char *)bytes, size }, &rules, &problem) != RESULT_OK) {
		MUST_HOLD(rules == NULL && problem.text[0] != '\0');
		return 0;
	}
	MUST_HOLD(rules->partition.len > 0 && rules->tokens.audience.len > 0 && rules->tokens.users_issuer.len > 0 && rules->tokens.customers_issuer.len > 0);
	(void)rules_application_permission(rules, (struct slice) { (const char *)bytes, size });
	operations_judge(rules);
	rules_free(rules);
	return 0;
}
