/* Pages of the directory. */
#include "store_test.h"

#include "store/listing.h"

/* What a page showed: "id id id". */
struct seen {
	char text[16384];
	size_t count, full_at; /* full_at: the visitor takes no more after so many; 0: all */
};

static enum result see(struct seen *seen, struct slice name)
{
	size_t len = strlen(seen->text);
	snprintf(seen->text + len, sizeof seen->text - len, "%s%.*s", len == 0 ? "" : " ", SLICE_ARGS(name));
	seen->count++;
	return seen->count == seen->full_at ? RESULT_TOO_LARGE : RESULT_OK;
}

static enum result see_person(void *context, const struct person *person)
{
	return see(context, person->id);
}

static enum result see_application(void *context, const struct client_application *application)
{
	return see(context, application->client_id);
}

static enum result see_partition(void *context, const struct partition *partition)
{
	return see(context, partition_id_slice(&partition->id));
}

static enum result see_department(void *context, const struct department *department)
{
	return see(context, department->name);
}

static enum result see_permission(void *context, const struct permission *permission)
{
	return see(context, permission->name);
}

static enum result see_provider(void *context, const struct identity_provider *provider)
{
	return see(context, provider->registration_id);
}

static enum result see_api(void *context, const struct api *api)
{
	return see(context, api->name);
}

static enum result see_operation(void *context, struct slice api, const struct api_operation *operation)
{
	char text[256];
	snprintf(text, sizeof text, "%.*s:%.*s:%.*s:%zu", SLICE_ARGS(api), SLICE_ARGS(operation->method), SLICE_ARGS(operation->path),
	         operation->alternative_count);
	return see(context, slice_from(text));
}

/* All pages of so many, one after the other, as one text; ret_pages: how many there were. */
static void people_all(struct place *place, struct store *store, enum person_kind kind, struct people_wish wish, struct seen *seen, size_t *ret_pages)
{
	struct partition_id id = partition_of("ONE");
	bool more = true;
	*ret_pages = 0;
	while (more) {
		size_t before = seen->count;
		assert_int_equal(RESULT_OK, store_people_page(store, &id, kind, &wish, see_person, seen, place->arena, &wish.page.after, &more));
		assert_true(seen->count - before <= wish.page.limit);
		assert_true(++*ret_pages < 1000);
	}
}

static void assert_people(struct place *place, struct store *store, enum person_kind kind, struct people_wish wish, const char *wanted)
{
	for (wish.page.limit = 1; wish.page.limit <= 5; wish.page.limit += 2) {
		struct seen seen = { .text = "" };
		size_t pages;
		people_all(place, store, kind, wish, &seen, &pages);
		assert_string_equal(wanted, seen.text);
		assert_true(pages <= seen.count / wish.page.limit + 1);
	}
}

static struct people_wish people_search(const char *search)
{
	return (struct people_wish) { .page.search = slice_from(search), .enabled = -1 };
}

static void put(struct store *store, const char *partition, struct person person)
{
	struct partition_id id = partition_of(partition);
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_person(batch, &id, &person));
	commit(batch);
}

static struct store *open_people(const struct place *place)
{
	struct store *store = open_store(place);
	fill_partition(store, "ONE"); /* 1001 Pa, c1 Jane@example.com, department Service */
	fill_partition(store, "TWO");
	struct person alice = a_user("b-2", "Alice"), anna = a_user("A-1", "anna"), bob = a_user("a-1", "Bob");
	alice.email = S("boss@example.com");
	alice.roles = S("partition_administrator other");
	anna.department = S("Service");
	bob.department = S("Service");
	bob.enabled = false;
	put(store, "ONE", alice);
	put(store, "ONE", anna);
	put(store, "ONE", bob);
	put(store, "ONE", a_customer("c0", "a@example.com"));
	put(store, "TWO", a_user("a-9", "alfred"));
	return store;
}

static void people_come_by_id_and_each_once(void **state)
{
	struct place *place = *state;
	struct store *store = open_people(place);
	struct people_wish all = { .enabled = -1 };
	assert_people(place, store, PERSON_USER, all, "1001 A-1 a-1 b-2");
	assert_people(place, store, PERSON_CUSTOMER, all, "c0 c1");
	store_close(store);
}

static void people_are_found_by_the_beginning_of_id_username_and_email(void **state)
{
	struct place *place = *state;
	struct store *store = open_people(place);
	/* the ids, then Alice by her username; anna's id was shown */
	assert_people(place, store, PERSON_USER, people_search("a"), "A-1 a-1 b-2");
	assert_people(place, store, PERSON_USER, people_search("A-"), "A-1 a-1");
	assert_people(place, store, PERSON_USER, people_search("AL"), "b-2");
	assert_people(place, store, PERSON_USER, people_search("BO"), "a-1 b-2"); /* Bob by username, Alice by e-mail */
	assert_people(place, store, PERSON_USER, people_search("b"), "b-2 a-1");  /* Alice by her id, once */
	assert_people(place, store, PERSON_USER, people_search("boss@EXAMPLE.com"), "b-2");
	assert_people(place, store, PERSON_USER, people_search("boss@example.com."), "");
	assert_people(place, store, PERSON_USER, people_search("lice"), "");
	assert_people(place, store, PERSON_USER, people_search("%"), "");
	assert_people(place, store, PERSON_USER, people_search("_"), "");
	assert_people(place, store, PERSON_CUSTOMER, people_search("JANE@"), "c1");
	assert_people(place, store, PERSON_CUSTOMER, people_search("pa"), "");
	char longer[LIMIT_EMAIL + 2];
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_people(place, store, PERSON_USER, people_search(longer), "");
	store_close(store);
}

static void a_search_ends_where_the_letters_do(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	put(store, "ONE", a_user("x1", "az"));
	put(store, "ONE", a_user("x2", "@home"));
	put(store, "ONE", a_user("x3", "[home"));
	put(store, "ONE", a_user("x4", "`home"));
	put(store, "ONE", a_user("x5", "\xc3\xbfmlaut"));
	put(store, "ONE", a_user("x6", "{home"));
	put(store, "ONE", a_user("x7", "b"));
	assert_people(place, store, PERSON_USER, people_search("@"), "x2");
	assert_people(place, store, PERSON_USER, people_search("`"), "x4");
	assert_people(place, store, PERSON_USER, people_search("AZ"), "x1");
	assert_people(place, store, PERSON_USER, people_search("a"), "x1");
	assert_people(place, store, PERSON_USER, people_search("\xc3\xbf"), "x5");
	assert_people(place, store, PERSON_USER, people_search("{"), "x6");
	store_close(store);
}

static void people_are_filtered(void **state)
{
	struct place *place = *state;
	struct store *store = open_people(place);
	assert_people(place, store, PERSON_USER, (struct people_wish) { .enabled = 1 }, "1001 A-1 b-2");
	assert_people(place, store, PERSON_USER, (struct people_wish) { .enabled = 0 }, "a-1");
	assert_people(place, store, PERSON_USER, (struct people_wish) { .enabled = -1, .department = S("Service") }, "A-1 a-1");
	assert_people(place, store, PERSON_USER, (struct people_wish) { .enabled = 1, .department = S("Service") }, "A-1");
	assert_people(place, store, PERSON_USER, (struct people_wish) { .enabled = -1, .department = S("service") }, "");
	assert_people(place, store, PERSON_USER, (struct people_wish) { .enabled = -1, .role = S("partition_administrator") }, "b-2");
	assert_people(place, store, PERSON_USER, (struct people_wish) { .enabled = -1, .role = S("partition") }, "");
	struct people_wish both = people_search("b");
	both.enabled = 0;
	assert_people(place, store, PERSON_USER, both, "a-1");
	both.department = S("Nowhere");
	assert_people(place, store, PERSON_USER, both, "");
	store_close(store);
}

static void a_page_that_the_visitor_ends_goes_on_behind_what_it_took(void **state)
{
	struct place *place = *state;
	struct store *store = open_people(place);
	struct partition_id id = partition_of("ONE");
	struct people_wish wish = people_search("a");
	wish.page.limit = 10;
	struct seen seen = { .full_at = 2 };
	bool more = false;
	assert_int_equal(RESULT_TOO_LARGE, store_people_page(store, &id, PERSON_USER, &wish, see_person, &seen, place->arena, &wish.page.after, &more));
	assert_string_equal("A-1 a-1", seen.text);
	assert_true(more);
	assert_int_equal(RESULT_OK, store_people_page(store, &id, PERSON_USER, &wish, see_person, &seen, place->arena, &wish.page.after, &more));
	assert_string_equal("A-1 a-1 b-2", seen.text);
	assert_false(more);
	store_close(store);
}

static void a_key_that_is_none_shows_nothing_foreign(void **state)
{
	struct place *place = *state;
	struct store *store = open_people(place);
	struct partition_id id = partition_of("ONE");
	static const char *const keys[] = { "9 1 a", "1 0 ", "2 99999999999999999999 z", "1 -1 a", "  ", "3 1 \xff\xff", "x", "2 5" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct people_wish wish = people_search("AL");
		wish.page.limit = 10;
		wish.page.after = slice_from(keys[i]);
		struct seen seen = { .text = "" };
		bool more = true;
		assert_int_equal(RESULT_OK, store_people_page(store, &id, PERSON_USER, &wish, see_person, &seen, place->arena, &wish.page.after, &more));
		assert_false(more);
		assert_true(strcmp(seen.text, "") == 0 || strcmp(seen.text, "b-2") == 0);
	}
	store_close(store);
}

/* Nobody fits, so that every row there is has to be looked at. */
static void a_page_looks_at_a_bounded_number_of_rows_and_the_next_goes_on(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id id = partition_of("ONE");
	enum { PEOPLE = 2 * LIMIT_PAGE_ROWS_LOOKED_AT + 500 };
	struct store_batch *batch = begin(store);
	char name[32];
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(name, sizeof name, "user-%06d", i);
		struct person person = a_user(name, name);
		person.enabled = i == PEOPLE - 1;
		person.roles = S("other");
		assert_int_equal(RESULT_OK, store_batch_person(batch, &id, &person));
	}
	commit(batch);
	struct people_wish wish = { .enabled = 1, .role = S("other"), .page.limit = 10 };
	struct seen seen = { .text = "" };
	bool more = false;
	for (int page = 0; page < 3; page++) {
		assert_int_equal(0, seen.count);
		assert_int_equal(RESULT_OK, store_people_page(store, &id, PERSON_USER, &wish, see_person, &seen, place->arena, &wish.page.after, &more));
		assert_int_equal(page < 2, more);
	}
	assert_string_equal("user-020499", seen.text);
	struct problem problem = { "" };
	expect(RESULT_OK, store_check(store, &problem), problem.text); /* so many came in at once that indices were made anew */
	store_close(store);
}

static void assert_applications(struct place *place, struct store *store, struct applications_wish wish, const char *wanted)
{
	struct partition_id id = partition_of("ONE");
	for (wish.page.limit = 1; wish.page.limit <= 5; wish.page.limit += 2) {
		struct seen seen = { .text = "" };
		bool more = true;
		wish.page.after = SLICE_OF("");
		while (more)
			assert_int_equal(RESULT_OK, store_applications_page(store, &id, &wish, see_application, &seen, place->arena, &wish.page.after, &more));
		assert_string_equal(wanted, seen.text);
	}
}

static void applications_come_by_name_and_are_found_and_filtered(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE"); /* client-1 Portal */
	fill_partition(store, "TWO");
	struct partition_id id = partition_of("ONE");
	struct store_batch *batch = begin(store);
	struct client_application spa = an_application("P-2", "browser"), off = an_application("c-3", "Portal 2");
	spa.platform = PLATFORM_SPA;
	spa.permissions = S("articles.read articles.write");
	off.enabled = false;
	off.permissions = S("articles.writer");
	assert_int_equal(RESULT_OK, store_batch_application(batch, &id, &spa));
	assert_int_equal(RESULT_OK, store_batch_application(batch, &id, &off));
	commit(batch);
	assert_applications(place, store, (struct applications_wish) { .enabled = -1 }, "P-2 client-1 c-3");
	assert_applications(place, store, (struct applications_wish) { .enabled = 0 }, "c-3");
	assert_applications(place, store, (struct applications_wish) { .enabled = 1 }, "P-2 client-1");
	assert_applications(place, store, (struct applications_wish) { .enabled = -1, .platform = PLATFORM_SPA }, "P-2");
	assert_applications(place, store, (struct applications_wish) { .enabled = -1, .platform = PLATFORM_WEB }, "client-1 c-3");
	assert_applications(place, store, (struct applications_wish) { .enabled = -1, .permission = S("articles.write") }, "P-2");
	assert_applications(place, store, (struct applications_wish) { .enabled = -1, .page.search = S("pOR") }, "client-1 c-3");
	assert_applications(place, store, (struct applications_wish) { .enabled = -1, .page.search = S("p") }, "client-1 c-3 P-2");
	assert_applications(place, store, (struct applications_wish) { .enabled = -1, .page.search = S("C") }, "c-3 client-1");
	assert_applications(place, store, (struct applications_wish) { .enabled = 1, .page.search = S("C") }, "client-1");
	store_close(store);
}

/* ---- what has a name ---- */

static void named_objects_come_by_name_page_by_page(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct partition_id id = partition_of("ONE");
	struct store_batch *batch = begin(store);
	static const char *const names[] = { "sales", "Support", "service" };
	for (size_t i = 0; i < 3; i++) {
		struct department department = { .name = slice_from(names[i]) };
		struct permission permission = { .name = slice_from(names[i]), .kind = i == 0 ? PERMISSION_APPLICATION : PERMISSION_DELEGATED };
		struct identity_provider provider = { .registration_id = slice_from(names[i]), .issuer = S("https://x"), .matches = MATCH_ID };
		assert_int_equal(RESULT_OK, store_batch_department(batch, &id, &department));
		assert_int_equal(RESULT_OK, store_batch_permission(batch, &id, &permission));
		assert_int_equal(RESULT_OK, store_batch_provider(batch, &id, &provider));
	}
	commit(batch);
	struct seen seen = { .text = "" };
	bool more = false;
	struct page_wish wish = { .limit = 2 };
	assert_int_equal(RESULT_OK, store_departments_page(store, &id, &wish, see_department, &seen, &more));
	assert_true(more);
	wish.after = S("Support");
	assert_int_equal(RESULT_OK, store_departments_page(store, &id, &wish, see_department, &seen, &more));
	assert_false(more);
	assert_string_equal("Service Support sales service", seen.text);

	struct page_wish search = { .limit = 10, .search = S("SE") };
	seen = (struct seen) { .text = "" };
	assert_int_equal(RESULT_OK, store_departments_page(store, &id, &search, see_department, &seen, &more));
	assert_int_equal(RESULT_OK, store_permissions_page(store, &id, &search, 0, see_permission, &seen, &more));
	assert_int_equal(RESULT_OK, store_providers_page(store, &id, &search, see_provider, &seen, &more));
	assert_string_equal("Service service service service", seen.text);
	assert_false(more);

	seen = (struct seen) { .text = "" };
	struct page_wish one = { .limit = 1 };
	assert_int_equal(RESULT_OK, store_permissions_page(store, &id, &one, PERMISSION_APPLICATION, see_permission, &seen, &more));
	assert_string_equal("sales", seen.text);
	assert_false(more);
	assert_int_equal(RESULT_OK, store_partitions_page(store, &one, see_partition, &seen, &more));
	assert_true(more);
	one.after = S("ONE");
	one.limit = 10;
	assert_int_equal(RESULT_OK, store_partitions_page(store, &one, see_partition, &seen, &more));
	assert_string_equal("sales ONE SYSTEM TWO", seen.text);
	one.search = S("exam"); /* by name */
	assert_int_equal(RESULT_OK, store_partitions_page(store, &one, see_partition, &seen, &more));
	assert_string_equal("sales ONE SYSTEM TWO TWO", seen.text);
	store_close(store);
}

static void operations_come_by_path_and_are_found_and_filtered(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id id = partition_of("ONE");
	static const struct api_alternative open[] = { { API_ACTOR_USER, SLICE("a.read b.read") }, { API_ACTOR_CLIENT, SLICE("app.a") } };
	const struct api_operation first[] = {
		{ S("GET"), S("/a"), S(""), S(""), open, 2 }, { S("POST"), S("/a"), S(""), S(""), NULL, 0 }, { S("GET"), S("/c/{id}"), S(""), S(""), open, 1 },
	};
	const struct api_operation second[] = { { S("GET"), S("/B"), S(""), S(""), open, 1 }, { S("GET"), S("/b/x"), S(""), S(""), NULL, 0 },
		                                    { S("PUT"), S("/b/X"), S(""), S(""), NULL, 0 } };
	const struct api apis[] = { { .name = S("one"), .operations = first, .operation_count = 3 },
		                    { .name = S("two"), .operations = second, .operation_count = 3 } };
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_api(batch, &id, &apis[0]));
	assert_int_equal(RESULT_OK, store_batch_api(batch, &id, &apis[1]));
	commit(batch);
	static const struct {
		const char *api, *scope, *search, *wanted;
	} rows[] = {
		{ "", "", "", "one:GET:/a:2 one:POST:/a:0 two:GET:/B:1 two:PUT:/b/X:0 two:GET:/b/x:0 one:GET:/c/{id}:1" },
		{ "one", "", "", "one:GET:/a:2 one:POST:/a:0 one:GET:/c/{id}:1" },
		{ "", "b.read", "", "one:GET:/a:2 two:GET:/B:1 one:GET:/c/{id}:1" },
		{ "", "app.a", "", "one:GET:/a:2" },
		{ "", "", "/b", "two:GET:/B:1 two:PUT:/b/X:0 two:GET:/b/x:0" },
		{ "two", "", "/B/", "two:PUT:/b/X:0 two:GET:/b/x:0" },
		{ "two", "", "/b%", "" },
		{ "three", "", "", "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t limit = 1; limit < 7; limit += 2) {
			struct seen seen = { .text = "" };
			struct page_wish wish = { .limit = limit, .search = slice_from(rows[i].search) };
			bool more = true;
			while (more)
				assert_int_equal(RESULT_OK, store_operations_page(store, &id, slice_from(rows[i].api), slice_from(rows[i].scope), &wish,
				                                                  see_operation, &seen, place->arena, &wish.after, &more));
			assert_string_equal(rows[i].wanted, seen.text);
		}
	}
	struct seen seen = { .text = "" };
	bool more = true;
	assert_int_equal(RESULT_OK, store_apis_page(store, &id, &(struct page_wish) { .limit = 5 }, see_api, &seen, &more));
	assert_string_equal("one two", seen.text);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(people_come_by_id_and_each_once),
		STORE_TEST(people_are_found_by_the_beginning_of_id_username_and_email),
		STORE_TEST(a_search_ends_where_the_letters_do),
		STORE_TEST(people_are_filtered),
		STORE_TEST(a_page_that_the_visitor_ends_goes_on_behind_what_it_took),
		STORE_TEST(a_key_that_is_none_shows_nothing_foreign),
		STORE_TEST(a_page_looks_at_a_bounded_number_of_rows_and_the_next_goes_on),
		STORE_TEST(applications_come_by_name_and_are_found_and_filtered),
		STORE_TEST(named_objects_come_by_name_page_by_page),
		STORE_TEST(operations_come_by_path_and_are_found_and_filtered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
