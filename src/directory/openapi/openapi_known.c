/* Documents say the same security for operation after operation: each is kept once. */
#include "directory/openapi/openapi_raw.h"

#include "base/writer.h"

/* Lengths stand in front, so that no two that differ read alike. */
static void put_counted(struct writer *writer, struct slice text)
{
	writer_print(writer, "%zu:", text.len);
	writer_put(writer, text);
}

static struct slice text_of(const struct raw_alternative *alternatives, struct arena *arena)
{
	struct writer writer = writer_new(arena, 512);
	for (; alternatives != NULL; alternatives = alternatives->next) {
		writer_byte(&writer, '|');
		for (const struct raw_scheme *scheme = alternatives->schemes; scheme != NULL; scheme = scheme->next) {
			writer_byte(&writer, '+');
			put_counted(&writer, scheme->name);
			for (const struct raw_scope *scope = scheme->scopes; scope != NULL; scope = scope->next)
				put_counted(&writer, scope->name);
		}
	}
	return writer_ok(&writer) ? writer_slice(&writer) : (struct slice) { NULL, 0 };
}

/* FNV-1a. Buckets are for speed alone: what is found is compared. */
static size_t bucket_of(struct slice text)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * UINT64_C(1099511628211);
	return hash % SECURITY_BUCKETS;
}

static struct raw_scope *scopes_copy(const struct raw_scope *scopes, struct arena *arena)
{
	struct raw_scope *first = NULL, **end = &first;
	for (; scopes != NULL; scopes = scopes->next) {
		struct raw_scope *copy = arena_alloc(arena, sizeof *copy);
		if (copy == NULL)
			return NULL;
		*copy = (struct raw_scope) { .name = arena_copy(arena, scopes->name), .line = scopes->line };
		*end = copy;
		end = &copy->next;
	}
	return first;
}

static struct raw_scheme *schemes_copy(const struct raw_scheme *schemes, struct arena *arena)
{
	struct raw_scheme *first = NULL, **end = &first;
	for (; schemes != NULL; schemes = schemes->next) {
		struct raw_scheme *copy = arena_alloc(arena, sizeof *copy);
		if (copy == NULL)
			return NULL;
		*copy = (struct raw_scheme) { .name = arena_copy(arena, schemes->name), .scopes = scopes_copy(schemes->scopes, arena) };
		*end = copy;
		end = &copy->next;
	}
	return first;
}

static struct raw_alternative *alternatives_copy(const struct raw_alternative *alternatives, struct arena *arena)
{
	struct raw_alternative *first = NULL, **end = &first;
	for (; alternatives != NULL; alternatives = alternatives->next) {
		struct raw_alternative *copy = arena_alloc(arena, sizeof *copy);
		if (copy == NULL)
			return NULL;
		*copy = (struct raw_alternative) { .schemes = schemes_copy(alternatives->schemes, arena), .line = alternatives->line };
		*end = copy;
		end = &copy->next;
	}
	return first;
}

struct raw_security *openapi_security_known(struct openapi *openapi, const struct raw_alternative *alternatives)
{
	struct slice text = text_of(alternatives, openapi->scratch);
	if (text.ptr == NULL)
		return NULL;
	struct raw_security **bucket = &openapi->known[bucket_of(text)];
	for (struct raw_security *known = *bucket; known != NULL; known = known->next)
		if (slice_equal(known->text, text))
			return known;
	struct raw_security *security = arena_alloc(openapi->arena, sizeof *security);
	if (security == NULL)
		return NULL;
	*security = (struct raw_security) {
		.next = *bucket, .text = arena_copy(openapi->arena, text), .alternatives = alternatives_copy(alternatives, openapi->arena),
	};
	if (arena_exhausted(openapi->arena))
		return NULL;
	*bucket = security;
	return security;
}
