"""Two administrators change one client application at once: the second is told and sees what the first one did; nothing is lost."""

import pytest
from desk import expect
from support import documents as d
from support import people as p
from support.admin import Administrator, done

GENERAL = f"integration/client-applications/{p.WEB.id}"


@pytest.fixture
def both(desk, site):
	"""Two browsers that show the same application."""
	def sit_down(tab=""):
		return desk(site, at=GENERAL + tab), desk(site, at=GENERAL + tab)

	return sit_down


def application(site):
	return done(Administrator(site).get("client-applications", p.WEB.id))


def rows_of(desk):
	"""What the question shows: field, before, theirs, yours."""
	expect(desk.at("conflict")).to_be_visible()
	return {cells[0]: cells[1:] for cells in desk.at("conflict").locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))")}


def test_the_second_is_told_and_overwrites_only_what_they_changed(site, both):
	first, second = both()
	first.fill("field-name", "Portal of the first")
	first.save()
	second.fill("field-backchannel_logout_url", "https://www.example.com/second")
	second.at("save").click()
	rows = rows_of(second)
	assert rows["Name"] == ["Portal", "Portal of the first", "unchanged"]
	assert rows["Back-channel logout URL"] == ["—", "—", "https://www.example.com/second"]
	expect(second.at("conflict")).to_contain_text("different things")
	second.at("overwrite").click()
	expect(second.at("conflict")).to_have_count(0)
	expect(second.at("field-name")).to_have_value("Portal of the first")
	expect(second.at("unsaved")).to_have_count(0)
	now = application(site)
	assert (now["name"], now["backchannel_logout_url"]) == ("Portal of the first", "https://www.example.com/second")


def test_the_second_sees_theirs_and_leaves_it_at_that(site, both):
	first, second = both()
	first.fill("field-name", "Portal of the first")
	first.save()
	second.fill("field-name", "Portal of the second")
	second.at("save").click()
	assert rows_of(second)["Name"] == ["Portal", "Portal of the first", "Portal of the second"]
	expect(second.at("conflict")).to_contain_text("both changed Name")
	assert application(site)["name"] == "Portal of the first"
	second.at("see-theirs").click()
	expect(second.at("field-name")).to_have_value("Portal of the first")
	expect(second.at("unsaved")).to_have_count(0)
	assert application(site)["name"] == "Portal of the first"


def test_closing_the_question_keeps_what_the_second_typed(site, both):
	first, second = both()
	first.fill("field-name", "Portal of the first")
	first.save()
	second.fill("field-name", "Portal of the second")
	second.at("save").click()
	expect(second.at("conflict")).to_be_visible()
	second.tab.keyboard.press("Escape")
	expect(second.at("conflict")).to_have_count(0)
	expect(second.at("field-name")).to_have_value("Portal of the second")
	second.at("save").click()  # and is told again
	expect(second.at("conflict")).to_be_visible()
	second.at("overwrite").click()
	expect(second.at("unsaved")).to_have_count(0)
	assert application(site)["name"] == "Portal of the second"


def test_of_two_who_assign_permissions_none_loses_the_other_s(site, both):
	first, second = both("/permissions")
	before = set(application(site)["permissions"])
	first.tick(f"permission-{d.UNASSIGNED['delegated']}")
	first.save()
	second.tick(f"permission-{d.UNASSIGNED['application']}")
	second.at("save").click()
	expect(second.at("conflict")).to_be_visible()
	second.at("see-theirs").click()
	expect(second.at(f"permission-{d.UNASSIGNED['delegated']}")).to_be_checked()
	second.tick(f"permission-{d.UNASSIGNED['application']}")
	second.save()
	assert set(application(site)["permissions"]) == before | {d.UNASSIGNED["delegated"], d.UNASSIGNED["application"]}


def test_two_who_make_secrets_at_once_have_one_each(site, both):
	first, second = both("/secrets")
	secrets = [first.new_secret("of the first"), second.new_secret("of the second")]
	assert secrets[0] != secrets[1]
	assert {one["label"] for one in application(site)["secrets"]} == {"first", "of the first", "of the second"}


def test_who_saves_what_somebody_else_deleted_is_told(site, both):
	first, second = both()
	first.delete("Portal")
	first.shows_title("Client Application")
	second.fill("field-name", "Portal of the second")
	second.at("save").click()
	expect(second.at("problem")).to_be_visible()
	expect(second.at("field-name")).to_have_value("Portal of the second")
