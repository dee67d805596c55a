#include "directory-support.h"

#include "base/log.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene scene;

static char folder[64];

const char base_document[] =
	"partitions:\n"
	"  - id: P\n"
	"    departments: [{name: Service}]\n"
	"    permissions: [{name: a.read}, {name: a.onbehalfof.read}, {name: app.a.read}]\n"
	"    users:\n"
	"      - {id: u1, username: Pa, email: pa@example.com, roles: [partition_administrator], department: Service}\n"
	"      - {id: u2, username: agent}\n"
	"    customers: [{id: c1, email: jane@example.com}]\n"
	"    client_applications:\n"
	"      - {client_id: web, name: Portal, platform: web, permissions: [a.read], redirect_urls: [https://a.example/cb],\n"
	"         secrets: [{label: one, value: 1111111111111111111111111111111111111111}, {label: two, value: 2222222222222222222222222222222222222222}]}\n"
	"      - {client_id: spa, name: Browser, platform: spa, redirect_urls: ['com.example.app:/cb']}\n";

static void store_path(char *buffer, size_t size, const char *name)
{
	snprintf(buffer, size, "sqlite:%s/%s.db", folder, name);
}

struct store *scene_empty_store(const char *name)
{
	char url[128];
	struct store *store;
	struct problem problem;
	store_path(url, sizeof url, name);
	enum result result = store_open(slice_from(url), STORE_CREATE, &store, &problem);
	if (result != RESULT_OK)
		fail_msg("%s", problem.text);
	return store;
}

int scene_group_setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/writ-test-XXXXXX");
	if (sodium_init() < 0 || mkdtemp(folder) == NULL)
		return -1;
	log_level_set(LOG_ERROR);
	scene.master.secret = secret32_random();
	scene.arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	struct store *store = scene_empty_store("base");
	enum result result = apply_to(store, base_document, 0);
	store_close(store);
	if (result != RESULT_OK)
		print_error("%s\n", scene.problem.text);
	return result == RESULT_OK ? 0 : -1;
}

int scene_group_teardown(void **state)
{
	(void)state;
	char command[128];
	arena_free(scene.arena);
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

int scene_setup(void **state)
{
	(void)state;
	static int number;
	char command[256];
	struct problem problem;
	number++;
	snprintf(command, sizeof command, "cp '%s/base.db' '%s/test-%d.db'", folder, folder, number);
	if (system(command) != 0)
		return -1;
	snprintf(scene.url, sizeof scene.url, "sqlite:%s/test-%d.db", folder, number);
	scene.before_commit = NULL;
	return store_open(slice_from(scene.url), STORE_EXISTING, &scene.store, &problem) == RESULT_OK ? 0 : -1;
}

int scene_teardown(void **state)
{
	(void)state;
	store_close(scene.store);
	arena_reset(scene.arena);
	return 0;
}

static void append(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *buffer, size_t size, const char *format, ...)
{
	size_t len = strlen(buffer);
	va_list args;
	va_start(args, format);
	vsnprintf(buffer + len, size - len, format, args);
	va_end(args);
}

static void on_changed(void *context, const struct apply_change *change)
{
	struct scene *into = context;
	append(into->changes, sizeof into->changes, "%c %s %.*s (%.*s)%s%.*s\n", (char)change->what, change->kind, SLICE_ARGS(change->key),
	       SLICE_ARGS(change->name), change->fields.len > 0 ? ": " : "", SLICE_ARGS(change->fields));
}

static void on_secret(void *context, const struct apply_secret *secret)
{
	struct scene *into = context;
	append(into->secrets, sizeof into->secrets, "%.*s %.*s\n", SLICE_ARGS(secret->label), SLICE_ARGS(secret->value));
}

static void on_warned(void *context, const char *sentence)
{
	struct scene *into = context;
	append(into->warnings, sizeof into->warnings, "%s\n", sentence);
}

static void on_restarted(void *context)
{
	struct scene *into = context;
	into->restarts++;
	into->changes[0] = '\0';
}

static void on_progress(void *context, int64_t bytes, int64_t objects)
{
	struct scene *into = context;
	(void)bytes;
	(void)objects;
	if (into->before_commit != NULL)
		into->before_commit(into);
}

/* The document as a file, or as a pipe that is closed behind it. */
static int descriptor(const char *text, bool pipe_wanted)
{
	int ends[2];
	if (pipe_wanted) {
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
		close(ends[1]);
		return ends[0];
	}
	int fd = memfd_create("document", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

enum result apply_to(struct store *store, const char *text, int flags)
{
	scene.changes[0] = scene.warnings[0] = scene.secrets[0] = scene.problem.text[0] = '\0';
	scene.restarts = 0;
	scene.summary = (struct apply_summary) { 0 };
	const struct apply_options options = {
		.fd = descriptor(text, (flags & FLAG_PIPE) != 0),
		.file_name = "f",
		.dry_run = (flags & FLAG_DRY_RUN) != 0,
		.prune = (flags & FLAG_PRUNE) != 0,
		.reset_passwords = (flags & FLAG_RESET_PASSWORDS) != 0,
		.actor = SLICE_OF("test"),
		.context = &scene,
		.changed = on_changed,
		.secret = on_secret,
		.warned = on_warned,
		.restarted = on_restarted,
		.progress = on_progress,
	};
	enum result result = directory_apply(store, &scene.master, &options, &scene.summary, &scene.problem);
	close(options.fd);
	return result;
}

enum result apply_text(const char *text, int flags)
{
	return apply_to(scene.store, text, flags);
}

enum result apply_part(const char *text, int flags)
{
	char whole[8192];
	snprintf(whole, sizeof whole, "partitions:\n  - id: P\n    %s\n", text);
	return apply_text(whole, flags);
}

void assert_changes(const char *changes)
{
	if (strcmp(scene.changes, changes) != 0)
		fail_msg("%s%s", scene.problem.text, scene.changes);
}

void assert_refused(const char *text, int flags, const char *sentence)
{
	char *before = exported(scene.store, true, false);
	enum result result = apply_text(text, flags);
	char *after = exported(scene.store, true, false);
	if (result == RESULT_OK || strcmp(scene.problem.text, sentence) != 0)
		fail_msg("%d: %s", (int)result, scene.problem.text);
	assert_int_equal(result, RESULT_INVALID);
	assert_string_equal(before, after);
	assert_string_equal(scene.secrets, "");
	free(before);
	free(after);
}

void assert_part_refused(const char *text, const char *sentence)
{
	char whole[8192];
	snprintf(whole, sizeof whole, "partitions:\n  - id: P\n    %s\n", text);
	assert_refused(whole, 0, sentence);
}

static bool person(enum person_kind kind, const char *id, struct person *ret)
{
	struct partition_id partition;
	assert_true(partition_id_parse(SLICE_OF("P"), &partition));
	enum result result = store_person_read(scene.store, &partition, kind, PERSON_BY_ID, slice_from(id), scene.arena, ret);
	assert_true(result == RESULT_OK || result == RESULT_NOT_FOUND);
	return result == RESULT_OK;
}

bool user_read(const char *id, struct person *ret)
{
	return person(PERSON_USER, id, ret);
}

bool customer_read(const char *id, struct person *ret)
{
	return person(PERSON_CUSTOMER, id, ret);
}

bool application_by_id(const char *client_id, struct client_application *ret)
{
	struct partition_id partition;
	assert_true(partition_id_parse(SLICE_OF("P"), &partition));
	enum result result = store_client_application_read(scene.store, &partition, slice_from(client_id), scene.arena, ret);
	assert_true(result == RESULT_OK || result == RESULT_NOT_FOUND);
	return result == RESULT_OK;
}

char *exported(struct store *store, bool hashes, bool json)
{
	char *text = NULL;
	size_t size = 0;
	struct problem problem;
	const struct export_options options = { .hashes = hashes, .json = json, .out = open_memstream(&text, &size) };
	assert_non_null(options.out);
	enum result result = directory_export(store, &options, &problem);
	fclose(options.out);
	if (result != RESULT_OK)
		fail_msg("%s", problem.text);
	return text;
}
