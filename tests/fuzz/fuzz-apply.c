/* An apply document: the reader of events and the readers of all its objects, without a store. */
#include "fuzz.h"

#include "base/limits.h"
#include "base/text.h"
#include "directory/apply_read.h"
#include "directory/document_input.h"

#include <string.h>

static const struct slice lists[] = { SLICE("departments"), SLICE("permissions"), SLICE("users"), SLICE("customers"), SLICE("client_applications"),
	                                  SLICE("apis") };

static void judge_person(const struct person_reading *reading)
{
	const struct person *person = &reading->person;
	MUST_HOLD(person->id.len <= LIMIT_ID && text_is_printable_ascii(person->id) && !slice_starts_with(person->id, SLICE_OF("anon:")));
	MUST_HOLD(person->username.len <= LIMIT_USERNAME && text_is_clean(person->username));
	MUST_HOLD(person->email.len <= LIMIT_EMAIL && text_is_clean(person->email));
	MUST_HOLD(text_is_printable_ascii(person->roles));
	MUST_HOLD(person->claims.len <= LIMIT_CLAIMS_SIZE);
	MUST_HOLD(reading->password.len == 0 || reading->password_hash.len == 0);
	if (person->claims.len > 0) {
		json_t *claims = json_loadb(person->claims.ptr, person->claims.len, JSON_REJECT_DUPLICATES, NULL);
		MUST_HOLD(json_is_object(claims));
		json_decref(claims);
	}
}

static void judge_application(const struct application_reading *reading)
{
	const struct client_application *application = &reading->application;
	struct slice rest = application->permissions, name;
	struct problem problem;
	MUST_HOLD(reading->secret_count <= LIMIT_SECRETS);
	while (slice_word(&rest, &name))
		MUST_HOLD(rule_permission_name(name, &problem) == RESULT_OK);
	for (size_t i = 0; i < reading->secret_count; i++)
		MUST_HOLD(reading->secrets[i].label.len > 0 && reading->secrets[i].label.len <= LIMIT_ID);
	MUST_HOLD(text_is_clean(application->redirect_urls));
	MUST_HOLD(application->jwks.len <= LIMIT_JWKS_SIZE);
}

static enum result object_read(struct document *document, size_t list, struct arena *arena)
{
	static struct person_reading person;
	static struct application_reading application;
	struct department_reading department;
	struct permission_reading permission;
	enum result result;
	arena_reset(arena);
	switch (list) {
	case 0: return department_read(document, arena, &department);
	case 1: return permission_read(document, arena, &permission);
	case 2:
	case 3:
		result = person_read(document, list == 2 ? PERSON_USER : PERSON_CUSTOMER, arena, &person);
		if (result == RESULT_OK)
			judge_person(&person);
		return result;
	case 4:
		result = application_read(document, arena, &application);
		if (result == RESULT_OK)
			judge_application(&application);
		return result;
	default: return document_skip(document, "api");
	}
}

static enum result list_read(struct document *document, size_t list, struct arena *arena)
{
	bool more = true;
	enum result result = document_list(document, "list");
	while (result == RESULT_OK) {
		result = document_item(document, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = object_read(document, list, arena);
	}
	return result;
}

static enum result partition_read(struct document *document, struct arena *head, struct arena *object)
{
	static struct partition_reading reading;
	const size_t count = sizeof lists / sizeof *lists;
	bool more = true;
	memset(&reading, 0, sizeof reading);
	arena_reset(head);
	enum result result = document_mapping(document, "partition");
	while (result == RESULT_OK) {
		struct slice key;
		size_t list = 0;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		while (list < count && !slice_equal(key, lists[list]))
			list++;
		result = list < count ? list_read(document, list, object)
		                      : field_read_key(document, "partition", key, partition_fields, partition_field_count, lists, count, head, &reading.reading);
	}
	return result;
}

static enum result document_read(struct document *document, struct arena *head, struct arena *object)
{
	struct slice key;
	bool more = true;
	enum result result = document_mapping(document, "document");
	if (result == RESULT_OK)
		result = document_key(document, &key, &more);
	if (result == RESULT_OK && more)
		result = document_list(document, "partitions");
	while (result == RESULT_OK && more) {
		result = document_item(document, &more);
		if (result == RESULT_OK && more)
			result = partition_read(document, head, object);
	}
	return result;
}

/* What reaches the parser is the document and nothing but breaks behind commas, whatever the size of the pieces. */
static void check_input(struct slice text)
{
	static struct document_input input;
	static char piece[4096];
	size_t size = text.len % 3 == 0 ? 1 : text.len % 3 == 1 ? 7 : sizeof piece;
	size_t at = 0;
	char last = '\0';
	char before = '\0';
	ssize_t got;
	document_input_open_memory(&input, text.ptr, text.len);
	while ((got = document_input_read(&input, piece, size)) > 0) {
		for (size_t i = 0; i < (size_t)got; i++) {
			bool same = at < text.len && piece[i] == text.ptr[at];
			/* behind a comma that ends its line anyway, the document's own break is taken for ours first */
			MUST_HOLD(same || (piece[i] == '\n' && (last == ',' || (last == '\n' && before == ','))));
			at += same;
			before = last;
			last = piece[i];
		}
	}
	MUST_HOLD(input.failed != RESULT_OK || at == text.len);
	document_input_close(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice text = { (const char *)bytes, size };
	struct document *document = document_open_memory(text, "f");
	struct arena *head = arena_new(4096, LIMIT_APPLY_OBJECT_SIZE);
	struct arena *object = arena_new(4096, LIMIT_APPLY_OBJECT_SIZE);
	if (document != NULL && head != NULL && object != NULL) {
		enum result result = document_read(document, head, object);
		if (result == RESULT_OK)
			result = document_finish(document);
		/* a refusal has a sentence that starts with the file, and nothing good has one */
		const char *sentence = document_problem(document)->text;
		MUST_HOLD((result == RESULT_OK) == (sentence[0] == '\0'));
		MUST_HOLD(result == RESULT_OK || strncmp(sentence, "f:", 2) == 0);
	}
	document_close(document);
	arena_free(head);
	arena_free(object);
	check_input(text);
	return 0;
}
