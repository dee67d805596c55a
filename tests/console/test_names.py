"""Objects with names that an address finds hard to bear: each has an address of its own, at which it opens, and which leads nowhere else."""

import json
import urllib.parse

import pytest
from desk import expect
from support.admin import Administrator, automation_token, done

HARD = ["new", "a/b", "a%2Fb", "?", "#", "%", "~2F", "..."]
HARDER = ["ü & co", "a\\b", "<b>\"'"]  # that no permission may have
DOTS = [".", ".."]


def document(path):
	return {"openapi": "3.0.3", "info": {"title": "Search", "version": "4"}, "servers": [{"url": "https://api.example.test/search"}],
	        "paths": {path: {"get": {"responses": {"200": {"description": "Found"}}, "security": [{"user": []}]}}},
	        "components": {"securitySchemes": {"user": {"type": "http", "scheme": "bearer"}}}}


@pytest.fixture
def caller(site):
	return Administrator(site, automation_token(site), "ACME")


def make_permission(caller, name):
	done(caller.post({"name": name, "kind": "delegated", "description": f"Opens {name}"}, "permissions"), 201)


def import_api(caller, name, path):
	body = {"openapi": json.dumps(document(path)), "actors": {"user": "user"}}
	done(caller.put(body, "apis", name, headers={"If-None-Match": "*"}), 201)


def opened_from_its_row(desk, list_, name):
	"""By its link, and by the address that the link led to; gives the address."""
	desk.follow(list_)
	desk.fill(f"{list_}-search", name)
	desk.row(name).get_by_role("link").first.click()
	desk.shows_title(name)
	expect(desk.at("crumbs").locator("[aria-current]")).to_have_text(name)
	address = desk.tab.url
	desk.tab.reload()
	desk.shows_title(name)
	return address


def test_an_object_named_new_is_no_form(desk, site):
	"""Made by the forms, and opened: a department, an API, a permission."""
	one = desk(site)
	one.follow("departments")
	one.create()
	one.fill("field-name", "new")
	one.at("save").click()
	one.row("new").get_by_role("link", name="Users of new").click()
	one.shows_title("Users")
	expect(one.at("department")).to_have_text("new")

	one.follow("apis")
	one.create()
	one.fill("field-name", "new")
	one.fill("field-openapi", json.dumps(document("/articles")))
	one.at("check").click()
	expect(one.at("report-operations")).to_contain_text("1 operation")
	one.at("save").click()
	expect(one.at("imported")).to_be_visible()
	opened_from_its_row(one, "apis", "new")
	expect(one.at("operations")).to_contain_text("/search/articles")

	one.follow("permissions")
	one.create()
	one.fill("field-name", "new")
	one.at("save").click()
	one.shows_title("new")
	opened_from_its_row(one, "permissions", "new")
	one.tab_of("operations")
	expect(one.at("empty")).to_be_visible()


def test_the_form_of_a_new_object_is_in_the_breadcrumbs_and_the_navigation(desk, site):
	one = desk(site)
	one.follow("identity-providers")
	one.create()
	one.shows_title("New identity provider")
	crumbs = one.at("crumbs").get_by_role("link").all_inner_texts()
	assert crumbs == ["Partition", "Integration", "Identity providers"]
	expect(one.at("nav-identity-providers")).to_have_attribute("aria-current", "page")


def test_hard_names_open_from_their_lists_and_by_their_addresses(desk, site, caller):
	for name in HARD:
		make_permission(caller, name)
	for number, name in enumerate(HARDER):
		import_api(caller, name, f"/articles/{number}")
	for name in (*HARD, *HARDER):
		done(caller.post({"name": name}, "departments"), 201)
	one = desk(site)
	addresses = {opened_from_its_row(one, "permissions", name) for name in HARD}
	assert len(addresses) == len(HARD)
	assert {done(caller.get("permissions", name))["description"] for name in HARD} == {f"Opens {name}" for name in HARD}
	addresses |= {opened_from_its_row(one, "apis", name) for name in HARDER}
	assert len(addresses) == len(HARD) + len(HARDER)
	assert not [address for address in addresses if "%2F" in address or "%5C" in address]  # what proxies rewrite
	one.follow("departments")
	for name in (*HARD, *HARDER):
		one.row(name).get_by_test_id("delete").click()
		one.fill("confirm-name", name)
		one.at("confirm").click()
		expect(one.row(name)).to_have_count(0)
		assert caller.get("departments", name).status_code == 404


def test_a_name_of_dots_reaches_nothing_else(desk, site, caller):
	"""A browser takes .. in an address for a step up, to the partition itself: such an object is said to be out of reach, and nothing is asked."""
	for name in DOTS:
		make_permission(caller, name)
		done(caller.post({"name": name}, "departments"), 201)
	one = desk(site)
	asked = []
	one.tab.on("request", lambda request: asked.append((request.method, urllib.parse.urlsplit(request.url).path)))
	for name in DOTS:
		one.open("people", "departments", search=name)
		one.row(name).get_by_test_id("delete").click()
		one.fill("confirm-name", name)
		one.at("confirm").click()
		expect(one.at("problem")).to_contain_text("--path-as-is")
		one.open("integration", "permissions", search=name)
		one.row(name).get_by_role("link").first.click()
		expect(one.at("problem")).to_contain_text("--path-as-is")
		expect(one.at("crumbs").locator("[aria-current]")).to_have_text(name)
		one.tab.reload()
		expect(one.at("problem")).to_contain_text("--path-as-is")
	assert not [path for method, path in asked if method == "DELETE" or path.endswith(("/departments/", "/permissions/", "/ACME/"))]
	assert done(caller.get())["id"] == "ACME"


def test_a_form_refuses_a_name_that_could_not_be_opened(desk, site):
	one = desk(site, at="people/new-department")
	one.fill("field-name", "..")
	one.at("save").click()
	expect(one.at("field-name")).to_have_attribute("aria-invalid", "true")
	expect(one.at("field-name")).to_be_focused()
	one.shows_title("New department")
