#include "directory/apply_state.h"

#include "base/clock.h"

static const struct slice secrets_field = SLICE("secrets");

static const struct client_secret *secret_find(const struct client_application *application, struct slice label)
{
	for (size_t i = 0; i < application->secret_count; i++)
		if (slice_equal(application->secrets[i].label, label))
			return &application->secrets[i];
	return NULL;
}

static void note(struct difference *difference, bool *noted, char sign, struct slice label)
{
	if (!*noted)
		difference_field(difference, secrets_field);
	else
		writer_byte(&difference->words, ' ');
	*noted = true;
	writer_byte(&difference->words, sign);
	writer_put(&difference->words, label);
}

/* contract §4: "writ_" and base64url of 256 random bits, shown once. It waits in apply->kept for the commit. */
static enum result secret_make(struct apply *apply, const struct partition_id *partition, const struct client_application *application,
                               struct client_secret *secret)
{
	struct made_secret *made = arena_alloc(apply->kept, sizeof *made);
	struct writer writer = writer_new(apply->kept, 64);
	struct secret32 bits = secret32_random();
	writer_text(&writer, "writ_");
	writer_base64url(&writer, bits.bytes, sizeof bits.bytes);
	secret32_wipe(&bits);
	struct slice copies[] = { partition_id_slice(partition), application->client_id, application->name, secret->label };
	for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
		copies[i] = arena_copy(apply->kept, copies[i]);
	if (arena_exhausted(apply->kept))
		return document_fail(apply->document, 0, RESULT_INVALID, "too many secrets are to be made at once: divide the document");
	made->secret = (struct apply_secret) { copies[0], copies[1], copies[2], copies[3], writer_slice(&writer), secret->created_at };
	*apply->made_end = made;
	apply->made_end = &made->next;
	secret->hash = hash32_of(made->secret.value);
	return RESULT_OK;
}

/* A new value for the label: as one that was never there. */
static enum result secret_new(struct apply *apply, const struct partition_id *partition, const struct secret_reading *given,
                              const struct client_application *application, struct client_secret *secret)
{
	*secret = (struct client_secret) { .label = given->label, .created_at = clock_s() };
	if (reading_has(&given->reading, SECRET_HASH)) {
		secret->hash = given->hash;
		if (given->created_at > 0)
			secret->created_at = given->created_at;
	} else if (given->value.len > 0) {
		secret->hash = hash32_of(given->value);
	} else if (given->generate) {
		return apply->options->dry_run ? RESULT_OK : secret_make(apply, partition, application, secret);
	} else {
		return document_fail(apply->document, given->reading.line, RESULT_INVALID,
		                     "there is no secret '%.*s' to keep: give a value, or {label: %.*s, generate: true}", SLICE_ARGS(given->label),
		                     SLICE_ARGS(given->label));
	}
	return RESULT_OK;
}

static bool is_other_value(const struct secret_reading *given, const struct client_secret *present)
{
	struct hash32 hash = given->hash;
	if (given->value.len > 0)
		hash = hash32_of(given->value);
	else if (!reading_has(&given->reading, SECRET_HASH))
		return false;
	return !hash32_equal(&hash, &present->hash);
}

static enum result secret_overlay(struct apply *apply, const struct partition_id *partition, const struct secret_reading *given,
                                  const struct client_application *application, struct client_secret *secret, char *ret_sign)
{
	const struct client_secret *present = secret_find(application, given->label);
	enum result result = RESULT_OK;
	*ret_sign = '\0';
	if (present == NULL || is_other_value(given, present)) {
		*ret_sign = present == NULL ? '+' : '~';
		result = secret_new(apply, partition, given, application, secret);
	} else {
		*secret = *present;
		if (given->created_at > 0 && given->created_at != secret->created_at) {
			secret->created_at = given->created_at;
			*ret_sign = '~';
		}
	}
	if (reading_has(&given->reading, SECRET_EXPIRES) && given->expires_at != secret->expires_at) {
		secret->expires_at = given->expires_at;
		*ret_sign = *ret_sign == '+' ? '+' : '~';
	}
	return result;
}

static bool is_listed(const struct application_reading *reading, struct slice label)
{
	for (size_t i = 0; i < reading->secret_count; i++)
		if (slice_equal(reading->secrets[i].label, label))
			return true;
	return false;
}

enum result apply_secrets(struct apply *apply, const struct partition_id *partition, const struct application_reading *reading,
                          struct client_application *application, struct difference *difference)
{
	bool noted = false;
	if (!reading_has(&reading->reading, APPLICATION_SECRETS))
		return RESULT_OK;
	struct client_secret *secrets = arena_array(apply->object, reading->secret_count + 1, sizeof *secrets);
	if (secrets == NULL)
		return apply_no_memory(apply);
	for (size_t i = 0; i < reading->secret_count; i++) {
		char sign;
		enum result result = secret_overlay(apply, partition, &reading->secrets[i], application, &secrets[i], &sign);
		if (result != RESULT_OK)
			return result;
		if (sign != '\0')
			note(difference, &noted, sign, secrets[i].label);
	}
	for (size_t i = 0; i < application->secret_count; i++)
		if (!is_listed(reading, application->secrets[i].label))
			note(difference, &noted, '-', application->secrets[i].label);
	application->secrets = secrets;
	application->secret_count = reading->secret_count;
	return RESULT_OK;
}
