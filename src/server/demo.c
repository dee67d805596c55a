#include "server/demo.h"

#include "directory/apply.h"
#include "directory/document.h"

#include <sys/mman.h>
#include <unistd.h>

/* Made at build time from examples/demo.yaml. */
extern const char demo_document[];
extern const size_t demo_document_size;

#define DEMO_PARTITION "TMPRODB88619984"
#define DEMO_SECRETS_MAX 32

/* ---- reading our own document ----------------------------------------------------------------------------------- */

struct found {
	struct hash32 secrets[DEMO_SECRETS_MAX];
	size_t secret_count;
	char client_ids[DEMO_SECRETS_MAX][LIMIT_ID + 1];
	size_t client_count;
};

static void note(struct found *found, struct slice key, struct slice text)
{
	if ((slice_is(key, "value") || slice_is(key, "password")) && found->secret_count < DEMO_SECRETS_MAX)
		found->secrets[found->secret_count++] = hash32_of(text);
	if (slice_is(key, "client_id") && found->client_count < DEMO_SECRETS_MAX && text.len <= LIMIT_ID) {
		memcpy(found->client_ids[found->client_count], text.ptr, text.len);
		found->client_ids[found->client_count++][text.len] = '\0';
	}
}

static enum result walk(struct document *, struct arena *, struct slice key, struct found *);

static enum result walk_mapping(struct document *document, struct arena *arena, struct found *found)
{
	struct slice key;
	bool more;
	enum result result = document_mapping(document, "the demo");
	while (result == RESULT_OK && (result = document_key(document, &key, &more)) == RESULT_OK && more) {
		struct slice name = arena_copy(arena, key);
		result = walk(document, arena, name, found);
	}
	return result;
}

static enum result walk_list(struct document *document, struct arena *arena, struct found *found)
{
	bool more;
	enum result result = document_list(document, "the demo");
	while (result == RESULT_OK && (result = document_item(document, &more)) == RESULT_OK && more)
		result = walk(document, arena, (struct slice) { NULL, 0 }, found);
	return result;
}

/* As deep as document.h lets a document be. */
static enum result walk(struct document *document, struct arena *arena, struct slice key, struct found *found)
{
	enum document_kind kind;
	struct document_scalar scalar;
	enum result result = document_peek(document, &kind);
	if (result != RESULT_OK)
		return result;
	switch (kind) {
	case DOCUMENT_MAPPING: return walk_mapping(document, arena, found);
	case DOCUMENT_LIST: return walk_list(document, arena, found);
	case DOCUMENT_SCALAR:
		result = document_scalar(document, "the demo", &scalar);
		if (result == RESULT_OK)
			note(found, key, scalar.text);
		return result;
	case DOCUMENT_END: break;
	}
	return RESULT_INVALID;
}

static enum result read_demo(struct arena *arena, struct found *found)
{
	struct document *document = document_open_memory((struct slice) { demo_document, demo_document_size }, "demo.yaml");
	if (document == NULL)
		return RESULT_NO_MEMORY;
	enum result result = walk(document, arena, (struct slice) { NULL, 0 }, found);
	document_close(document);
	return result;
}

enum result demo_secret_hashes(struct arena *arena, const struct hash32 **ret, size_t *ret_count)
{
	struct found *found = arena_alloc(arena, sizeof *found);
	if (found == NULL)
		return RESULT_NO_MEMORY;
	enum result result = read_demo(arena, found);
	if (result == RESULT_OK) {
		*ret = found->secrets;
		*ret_count = found->secret_count;
	}
	return result;
}

static bool holds_one(const struct client_application *application, const struct hash32 *hashes, size_t count)
{
	for (size_t i = 0; i < application->secret_count; i++)
		for (size_t j = 0; j < count; j++)
			if (hash32_equal(&application->secrets[i].hash, &hashes[j]))
				return true;
	return false;
}

enum result demo_secrets_present(struct store *store, const struct hash32 *hashes, size_t count, bool *ret)
{
	struct partition_id partition;
	struct arena *arena = arena_new(4096, 1024 * 1024);
	struct found *found = arena == NULL ? NULL : arena_alloc(arena, sizeof *found);
	enum result result = found == NULL ? RESULT_NO_MEMORY : read_demo(arena, found);
	bool present = false;
	if (!partition_id_parse(SLICE_OF(DEMO_PARTITION), &partition))
		result = RESULT_INVALID;
	for (size_t i = 0; result == RESULT_OK && i < found->client_count && !present; i++) {
		struct client_application application;
		result = store_client_application_read(store, &partition, slice_from(found->client_ids[i]), arena, &application);
		if (result == RESULT_OK)
			present = holds_one(&application, hashes, count);
		else if (result == RESULT_NOT_FOUND)
			result = RESULT_OK;
	}
	arena_free(arena);
	if (result == RESULT_OK)
		*ret = present;
	return result;
}

/* ---- filling ---------------------------------------------------------------------------------------------------- */

static enum result apply_demo(struct store *store, const struct master_key *master_key, struct problem *problem)
{
	int fd = memfd_create("demo.yaml", MFD_CLOEXEC);
	if (fd < 0 || write(fd, demo_document, demo_document_size) != (ssize_t)demo_document_size || lseek(fd, 0, SEEK_SET) != 0) {
		if (fd >= 0)
			close(fd);
		return problem_set(problem, RESULT_FAILED, "the demo cannot be prepared in memory");
	}
	const struct apply_options options = {
		.fd = fd,
		.file_name = "demo.yaml",
		.size = (int64_t)demo_document_size,
		.actor = SLICE_OF("serve --demo"),
	};
	struct apply_summary summary;
	enum result result = directory_apply(store, master_key, &options, &summary, problem);
	close(fd);
	return result;
}

enum result demo_fill(struct store *store, const struct master_key *master_key, struct problem *problem)
{
	bool empty;
	enum result result = store_is_empty(store, &empty);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the store cannot be read: %s", result_text(result));
	return empty ? apply_demo(store, master_key, problem) : RESULT_OK;
}

/* ---- what to try ------------------------------------------------------------------------------------------------ */

#define GUIDE_CLIENT "b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f"
#define GUIDE_SECRET "hh2Y0UE8FmaFBBawzMUua1OB8Ks4QWHNUyhDyZj1X7c"
#define BROWSER_CLIENT "3f8d5c52-6f0e-4d0b-9a53-0d1c7be4a6f1"
#define ON_BEHALF_OF_CLIENT "7121f585-e403-4531-9a38-1826ebc7e7d8"
#define ON_BEHALF_OF_SECRET "writ_demo_on_behalf_of_secret_0123456789"

static void print_curl(FILE *out, const char *title, const char *auth_url, char realm, const char *client_id, const char *client_secret,
                       const char *grant_type, const char *scope, const char *subject)
{
	fprintf(out, "# %s\ncurl --location --request POST '%s/system/auth/" DEMO_PARTITION "-%c/oauth2/token' \\\n", title, auth_url, realm);
	fprintf(out, "--header 'Content-Type: application/x-www-form-urlencoded' \\\n--data-urlencode 'grant_type=%s' \\\n", grant_type);
	fprintf(out, "--data-urlencode 'client_id=%s' \\\n--data-urlencode 'client_secret=%s' \\\n", client_id, client_secret);
	fprintf(out, "--data-urlencode 'scope=%s'%s%s%s\n\n", scope, subject == NULL ? "" : " \\\n--data-urlencode '", subject == NULL ? "" : subject,
	        subject == NULL ? "" : "'");
}

void demo_print(struct store *store, const char *auth_url, const char *api_url, FILE *out)
{
	struct partition_id partition;
	struct arena *arena = arena_new(4096, 1024 * 1024);
	struct partition found;
	bool here = arena != NULL && partition_id_parse(SLICE_OF(DEMO_PARTITION), &partition) &&
	            store_partition_read(store, &partition, arena, &found) == RESULT_OK;
	arena_free(arena);
	if (!here) {
		fprintf(out, "The store holds other things than the demo, so the demo was left out. Use another --store for it.\n");
		return;
	}
	fprintf(out, "The demo is ready. Paste one of these into another terminal:\n\n");
	fprintf(out, "# Sign in as the user pa with the password demo-pa-password: opens the browser, explains the token\n");
	fprintf(out, "writ login --issuer %s/system/auth/" DEMO_PARTITION "-U --client-id " BROWSER_CLIENT
	             " --scope 'openid profile core.aiservices.read' --decode\n\n", auth_url);
	fprintf(out, "# The Administration Console: sign in as the user pa with the password demo-pa-password\n%s/console/\n\n", auth_url);
	fprintf(out, "# A person's own page, here of the customer jane@example.com with the password demo-jane-password\n"
	             "%s/system/auth/" DEMO_PARTITION "-C/account\n\n", auth_url);
	print_curl(out, "Client credentials: the application acts as itself", auth_url, 'U', GUIDE_CLIENT, GUIDE_SECRET, "client_credentials",
	           "knowledge.portalmgr.manage", NULL);
	print_curl(out, "On behalf of a user", auth_url, 'U', ON_BEHALF_OF_CLIENT, ON_BEHALF_OF_SECRET, "password",
	           "knowledge.portalmgr.onbehalfof.read", "subject_username=pa");
	print_curl(out, "On behalf of a customer", auth_url, 'C', ON_BEHALF_OF_CLIENT, ON_BEHALF_OF_SECRET, "password",
	           "knowledge.portalmgr.onbehalfof.read", "subject_email=jane@example.com");
	fprintf(out, "# A customer who is not signed in\n"
	             "writ token anonymous --server %s --partition " DEMO_PARTITION " --scope knowledge.portalmgr.read --decode\n\n", api_url);
	fprintf(out, "# The addresses of the partition, and the keys that verify its tokens\n"
	             "curl '%s/system/auth/" DEMO_PARTITION "/metadata'\n", auth_url);
	fprintf(out, "curl '%s/system/auth/" DEMO_PARTITION "-U/oauth2/jwks'\n\nStop with Ctrl-C.\n", auth_url);
	fflush(out);
}
