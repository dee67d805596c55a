#include "jose/public_jwk.h"

#include "jose/json_strict.h"

/* RFC 7518 §6.2.2, §6.3.2: whoever publishes these has no secret left. */
static bool is_private(const json_t *jwk)
{
	static const char *const members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (json_object_get(jwk, members[i]) != NULL)
			return true;
	return false;
}

bool public_jwk_may_verify(const json_t *jwk)
{
	const json_t *operations = json_object_get(jwk, "key_ops");
	const json_t *use = json_object_get(jwk, "use");
	if (is_private(jwk) || (use != NULL && !slice_is(json_object_text(jwk, "use"), "sig")))
		return false;
	for (size_t i = 0; i < json_array_size(operations); i++)
		if (json_is_string(json_array_get(operations, i)) && strcmp(json_string_value(json_array_get(operations, i)), "verify") == 0)
			return true;
	return operations == NULL;
}
