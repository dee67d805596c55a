/* A store of its own for each test, copied from one that was made once, and documents applied to it in-process. */
#ifndef WRIT_TEST_DIRECTORY_SUPPORT_H
#define WRIT_TEST_DIRECTORY_SUPPORT_H

#include "directory/apply.h"
#include "directory/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { FLAG_DRY_RUN = 1, FLAG_PRUNE = 2, FLAG_RESET_PASSWORDS = 4, FLAG_PIPE = 8 };

struct scene {
	struct store *store;
	struct master_key master;
	struct arena *arena;
	char url[128];
	/* of the apply that was done last */
	struct problem problem;
	struct apply_summary summary;
	char changes[16 * 1024];  /* "+ user 1 (pa)\n" */
	char warnings[1024];
	char secrets[2048];       /* "label value\n" */
	int restarts;
	void (*before_commit)(struct scene *);
};

extern struct scene scene;

/* For cmocka: the folder with the first store, holding base_document; then a fresh copy for each test. */
int scene_group_setup(void **state);
int scene_group_teardown(void **state);
int scene_setup(void **state);
int scene_teardown(void **state);
extern const char base_document[];

/* A store beside the others that holds nothing. */
struct store *scene_empty_store(const char *name);

enum result apply_to(struct store *, const char *text, int flags);
enum result apply_text(const char *text, int flags);
/* The same inside partition P: "users: [...]". */
enum result apply_part(const char *text, int flags);
void assert_changes(const char *changes);
/* The document is refused with this sentence. */
void assert_refused(const char *text, int flags, const char *sentence);
void assert_part_refused(const char *text, const char *sentence);

bool user_read(const char *id, struct person *ret);
bool customer_read(const char *id, struct person *ret);
bool application_by_id(const char *client_id, struct client_application *ret);
/* The export with hashes; to be freed. */
char *exported(struct store *, bool hashes, bool json);

#endif
