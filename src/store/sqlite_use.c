/* When secrets were last used: noted in memory, folded into the store once a minute. */
#include "store/sqlite_store.h"

#include <stdlib.h>
#include <uthash.h>

#define NOTES_MAX 65536 /* beyond, a use is not noted: memory is bounded, the column is a courtesy */
#define FOLD_ROWS 1000  /* in one transaction: other writes do not wait for more */

struct secret_use {
	UT_hash_handle hh;
	int64_t at_s;
	unsigned short partition_len, client_id_len, label_len;
	char key[]; /* partition, NUL, client id, NUL, label: all known, none chosen by a stranger */
};

void use_notes_init(struct use_notes *notes)
{
	pthread_mutex_init(&notes->lock, NULL);
}

static void notes_clear(struct secret_use *first)
{
	struct secret_use *note, *next;
	HASH_ITER(hh, first, note, next) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the analyzer does not follow uthash */
		HASH_DEL(first, note);
		free(note);
	}
}

void use_notes_free(struct use_notes *notes)
{
	notes_clear(notes->first);
	notes->first = NULL;
	pthread_mutex_destroy(&notes->lock);
}

static struct secret_use *note_new(const char *key, size_t len, size_t partition_len, size_t client_id_len, size_t label_len)
{
	struct secret_use *note = calloc(1, sizeof(*note) + len);
	if (note == NULL)
		return NULL;
	memcpy(note->key, key, len);
	note->partition_len = (unsigned short)partition_len;
	note->client_id_len = (unsigned short)client_id_len;
	note->label_len = (unsigned short)label_len;
	return note;
}

void store_secret_used(struct store *store, const struct partition_id *partition, struct slice client_id, struct slice label,
                       int64_t at_s)
{
	char key[LIMIT_PARTITION_ID + LIMIT_ID + LIMIT_ID + 2];
	if (client_id.len > LIMIT_ID || label.len > LIMIT_ID || !store->writes.running)
		return;
	size_t len = partition->len;
	memcpy(key, partition->text, len);
	key[len++] = '\0';
	if (client_id.len > 0)
		memcpy(key + len, client_id.ptr, client_id.len);
	len += client_id.len;
	key[len++] = '\0';
	if (label.len > 0)
		memcpy(key + len, label.ptr, label.len);
	len += label.len;

	struct use_notes *notes = &store->uses;
	struct secret_use *note;
	pthread_mutex_lock(&notes->lock);
	HASH_FIND(hh, notes->first, key, len, note);
	if (note == NULL && notes->count < NOTES_MAX) {
		note = note_new(key, len, partition->len, client_id.len, label.len);
		if (note != NULL) {
			HASH_ADD_KEYPTR(hh, notes->first, note->key, len, note);
			notes->count++;
		}
	}
	if (note != NULL && note->at_s < at_s)
		note->at_s = at_s;
	pthread_mutex_unlock(&notes->lock);
}

struct fold {
	const struct secret_use *next;
};

static enum result fold_run(struct connection *connection, void *argument)
{
	enum result result = RESULT_OK;
	/* The application may be gone by now: then there is nothing to note it on. */
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO secret_use (partition, client_id, label, last_used_at) "
		            "SELECT ?1, ?2, ?3, ?4 FROM application WHERE partition = ?1 AND client_id = ?2 "
		            "ON CONFLICT (partition, client_id, label) "
		            "DO UPDATE SET last_used_at = max(last_used_at, excluded.last_used_at)");
	struct fold *fold = argument;
	const struct secret_use *note = fold->next;
	for (size_t i = 0; i < FOLD_ROWS && note != NULL && result == RESULT_OK; i++, note = note->hh.next) {
		const char *client_id = note->key + note->partition_len + 1;
		bind_text(statement, 1, (struct slice) { note->key, note->partition_len });
		bind_text(statement, 2, (struct slice) { client_id, note->client_id_len });
		bind_text(statement, 3, (struct slice) { client_id + note->client_id_len + 1, note->label_len });
		bind_int(statement, 4, note->at_s);
		result = statement_run(statement, NULL);
	}
	if (result == RESULT_OK)
		fold->next = note;
	return result;
}

/* Under the lock: notes that could not be written go back, unless newer ones came. */
static void notes_return(struct use_notes *notes, struct secret_use *kept)
{
	struct secret_use *note, *next, *newer;
	HASH_ITER(hh, kept, note, next) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the analyzer does not follow uthash */
		HASH_DEL(kept, note);
		size_t len = (size_t)note->partition_len + note->client_id_len + note->label_len + 2u;
		HASH_FIND(hh, notes->first, note->key, len, newer);
		if (newer != NULL || notes->count >= NOTES_MAX) {
			free(note);
			continue;
		}
		HASH_ADD_KEYPTR(hh, notes->first, note->key, len, note);
		notes->count++;
	}
}

enum result use_notes_fold(struct store *store)
{
	struct use_notes *notes = &store->uses;
	pthread_mutex_lock(&notes->lock);
	struct secret_use *taken = notes->first;
	notes->first = NULL;
	notes->count = 0;
	pthread_mutex_unlock(&notes->lock);
	if (taken == NULL)
		return RESULT_OK;
	struct fold fold = { taken };
	enum result result = RESULT_OK;
	while (result == RESULT_OK && fold.next != NULL)
		result = write_durably(store, fold_run, &fold);
	if (result == RESULT_OK) {
		notes_clear(taken);
		return RESULT_OK;
	}
	pthread_mutex_lock(&notes->lock);
	notes_return(notes, taken);
	pthread_mutex_unlock(&notes->lock);
	return result;
}
