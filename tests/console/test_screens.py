"""Every screen of the console: three widths, light and dark, judged by axe-core and by eye (build-test/screenshots/console)."""

import re

import pytest
from desk import Desk, expect, give_password
from support import documents as d
from support import people as p
from support.admin import ROOT_PERSON
from support.chromium import grave_violations, is_wider_than_its_window, visiting
from support.people import PA, Site

WIDTHS = {360: 760, 1024: 768, 1920: 1080}
JUDGED = (360, 1920)  # by axe-core: rows as cards, and rows as rows
WEB = ("integration", "client-applications", p.WEB.id)

# name: parts of the address, below the partition
SCREENS = {
	"overview": (),
	"settings": ("settings",),
	"integration": ("integration",),
	"client-applications": WEB[:2],
	"client-application-new": ("integration", "new-client-application"),
	"client-application": WEB,
	"client-application-secrets": (*WEB, "secrets"),
	"client-application-permissions": (*WEB, "permissions"),
	"client-application-try-it": (*WEB, "try-it"),
	"client-application-long": (*WEB[:2], "long-0001"),
	"apis": ("integration", "apis"),
	"api-new": ("integration", "import-api"),
	"api": ("integration", "apis", "k"),
	"api-import": ("integration", "apis", "k", "import"),
	"permissions": ("integration", "permissions"),
	"permission-new": ("integration", "new-permission"),
	"permission": ("integration", "permissions", d.READ),
	"permission-operations": ("integration", "permissions", d.READ, "operations"),
	"permission-applications": ("integration", "permissions", d.READ, "client-applications"),
	"permission-slashes": ("integration", "permissions", "https://api.example/a/b"),
	"identity-providers": ("integration", "identity-providers"),
	"identity-provider-new": ("integration", "new-identity-provider"),
	"identity-provider": ("integration", "identity-providers", "okta"),
	"people": ("people",),
	"users": ("people", "users"),
	"user-new": ("people", "new-user"),
	"user": ("people", "users", p.SMITH.id),
	"user-sessions": ("people", "users", p.SMITH.id, "sessions"),
	"user-applications": ("people", "users", p.SMITH.id, "applications"),
	"customers": ("people", "customers"),
	"customer-new": ("people", "new-customer"),
	"customer": ("people", "customers", p.JANE.id),
	"departments": ("people", "departments"),
	"department-new": ("people", "new-department"),
	"security": ("security",),
	"sessions": ("security", "sessions"),
	"grants": ("security", "grants"),
	"signing-keys": ("security", "signing-keys"),
	"audit": ("security", "audit"),
	"not-here": ("nowhere", "at", "all"),
}


@pytest.fixture(scope="module")
def lived(has_console, lived_store, tmp_path_factory):
	running = Site(lived_store.copy_to(tmp_path_factory.mktemp("lived-site")), "--address-failures", "1000000")
	yield running
	running.stop()


@pytest.fixture(scope="module")
def seat(chromium, lived):
	"""seat(person, partition): a browser in which that person has signed in; the tests open tabs in it."""
	with visiting(chromium) as begin:
		visits = {}

		def sit_down(person=PA, partition="ACME"):
			if person not in visits:
				visits[person] = begin()
				first = visits[person].tab()
				Desk(first, lived, partition).sign_in(person)
				first.close()
			return visits[person]

		yield sit_down


@pytest.fixture
def there(seat, lived):
	"""there(*parts, person=…, partition=…, search…): a new tab at that screen, whatever it reads being there; it may say nothing in its console."""
	tabs, said = [], []

	def open_it(*parts, person=PA, at=None, partition="ACME", **search):
		desk = Desk(seat(person, at or partition).tab(), lived, partition)
		desk.tab.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
		tabs.append(desk.tab)
		desk.open(*parts, **search)
		settled(desk)
		return desk

	yield open_it
	for tab in tabs:
		tab.close()
	assert [text for text in said if not re.search("responded with a status of 4(04|09|22)", text)] == []


def settled(desk):
	"""Nothing is being waited for any more."""
	expect(desk.at("loading")).to_have_count(0)
	desk.tab.wait_for_load_state("networkidle")


# Two frames after the last thing that moved.
STILL = """async () => {
	const frame = () => new Promise(requestAnimationFrame)
	for (let quiet = 0; quiet < 2; quiet = document.getAnimations().some(one => one.playState === 'running') ? 0 : quiet + 1) await frame()
}"""


# Tables that are wider than where they stand (those that are only there to be listened to stand in one pixel).
CUT_OFF = """[...document.querySelectorAll('table')].map(one => [one, one.parentElement.clientWidth])
	.filter(([one, room]) => room > 1 && one.scrollWidth > room + 1).map(([one]) => one.getAttribute('aria-label'))"""


def judge(desk, screenshots, name, full_page=True):
	for scheme in ("light", "dark"):
		desk.tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is judged halfway
		for width, height in WIDTHS.items():
			desk.tab.set_viewport_size({"width": width, "height": height})
			desk.tab.evaluate(STILL)
			desk.tab.screenshot(path=screenshots / f"{name}-{scheme}-{width}.png", full_page=full_page)
			assert not is_wider_than_its_window(desk.tab), f"{scheme}, {width} px: the page scrolls sideways"
			assert desk.tab.evaluate(CUT_OFF) == [], f"{scheme}, {width} px: tables with parts that are out of sight"
			if width in JUDGED:
				assert grave_violations(desk.tab) == [], f"{scheme}, {width} px"


@pytest.mark.parametrize("name", list(SCREENS))
def test_a_screen_is_good_at_every_width_in_light_and_dark(there, screenshots, name):
	desk = there(*SCREENS[name])
	assert desk.tab.locator("h1").count() == 1 and desk.tab.locator("main").count() == 1
	expect(desk.at("problem")).to_have_count(0)
	judge(desk, screenshots, name)


@pytest.mark.parametrize("name,place", [("partitions", "all-partitions"), ("partition-new", "new-partition")])
def test_the_screens_of_system_administrators_are_good(there, screenshots, name, place):
	desk = there(person=ROOT_PERSON, at="SYSTEM", partition=place)
	judge(desk, screenshots, name)


def test_the_audit_log_of_all_partitions_is_good(there, screenshots):
	desk = there("security", "audit", person=ROOT_PERSON, partition="SYSTEM", all=1)
	expect(desk.at("audit").get_by_text("ACME").first).to_be_visible()
	judge(desk, screenshots, "audit-all")


def test_the_event_of_a_refused_request_is_good(there, screenshots):
	desk = there("security", "audit", action="authorization.refused")
	desk.at("audit").get_by_role("link", name="Authorization refused").first.click()
	expect(desk.at("refused")).to_be_visible()
	settled(desk)
	judge(desk, screenshots, "audit-event-refused")


def test_the_event_of_a_change_is_good(there, screenshots):
	desk = there("security", "audit", action="client_application.")
	desk.at("audit").get_by_role("link", name="Client application changed").first.click()
	expect(desk.at("difference")).to_be_visible()
	settled(desk)
	judge(desk, screenshots, "audit-event-change")


def test_the_metadata_sheet_is_good(there, screenshots):
	desk = there(*WEB, metadata="")
	expect(desk.at("metadata-sheet")).to_be_visible()
	judge(desk, screenshots, "metadata", full_page=False)


def test_dialogs_are_good(there, screenshots):
	desk = there(*WEB, "secrets")
	desk.at("new-secret").click()
	expect(desk.at("secret-label")).to_be_visible()
	judge(desk, screenshots, "dialog-new-secret", full_page=False)
	desk.tab.keyboard.press("Escape")
	desk.at("delete").click()
	expect(desk.at("confirm-name")).to_be_visible()
	judge(desk, screenshots, "dialog-delete", full_page=False)


def test_the_navigation_opens_on_a_phone(there, screenshots):
	desk = there()
	desk.tab.set_viewport_size({"width": 360, "height": 760})
	expect(desk.at("nav-users")).not_to_be_in_viewport()
	desk.at("burger").click()
	expect(desk.at("nav-users")).to_be_in_viewport()
	desk.tab.emulate_media(reduced_motion="reduce")
	desk.tab.screenshot(path=screenshots / "navigation-light-360.png")
	assert grave_violations(desk.tab) == []
	desk.at("nav-users").click()
	desk.shows_title("Users")
	expect(desk.at("nav-users")).not_to_be_in_viewport()


EMPTY_LISTS = [("integration", "client-applications"), ("integration", "apis"), ("integration", "identity-providers"), ("people", "customers"),
               ("people", "departments"), ("security", "grants")]


@pytest.mark.parametrize("parts", EMPTY_LISTS, ids="/".join)
def test_a_list_with_nothing_in_it_says_what_it_would_be_and_how_to_begin(there, screenshots, parts):
	# a system administrator sees every partition from where they signed in
	desk = there(*parts, person=ROOT_PERSON, at="SYSTEM", partition="EMPTY", **({"realm": "customer"} if parts[1] == "grants" else {}))
	expect(desk.at("empty")).to_be_visible()
	assert len(desk.at("empty").inner_text()) > 30
	if parts[0] != "security":
		assert desk.at("create").count() == 2  # beside the title, and where one looks
	judge(desk, screenshots, "empty-" + parts[1])


# ---- manners


def test_a_search_that_finds_nothing_says_so_and_stands_in_the_address(there):
	desk = there("people", "users")
	desk.at("users-search").fill("nobody-is-called-this")
	expect(desk.at("empty")).to_contain_text("Nothing fits")
	assert desk.tab.url.endswith("?search=nobody-is-called-this")
	desk.tab.reload()
	expect(desk.at("users-search")).to_have_value("nobody-is-called-this")
	expect(desk.at("empty")).to_be_visible()


def test_pages_of_a_list_can_be_gone_through_linked_and_gone_back_from(there):
	desk = there("people", "users")
	first = desk.at("users").locator("tbody tr").first.get_attribute("data-testid")
	desk.at("page-next").click()
	expect(desk.at(first)).to_have_count(0)
	expect(desk.at("page-previous")).to_be_enabled()
	second = desk.at("users").locator("tbody tr").first.get_attribute("data-testid")
	address = desk.tab.url
	assert "cursor=" in address
	desk.tab.go_back()
	expect(desk.at(first)).to_be_visible()
	desk.tab.goto(address)
	expect(desk.at(second)).to_be_visible()
	desk.at("page-first").click()
	expect(desk.at(first)).to_be_visible()


def test_the_browsers_back_and_forward_go_through_the_screens(there):
	desk = there()
	desk.follow("integration", "client-applications")
	desk.row(p.WEB.id).get_by_role("link").click()
	desk.tab_of("permissions")
	expect(desk.at("permissions-search")).to_be_visible()
	desk.at("metadata").click()
	expect(desk.at("metadata-sheet")).to_be_visible()
	desk.tab.go_back()
	expect(desk.at("metadata-sheet")).to_have_count(0)
	expect(desk.at("tab-permissions")).to_have_attribute("aria-selected", "true")
	desk.tab.go_back()
	expect(desk.at("tab-general")).to_have_attribute("aria-selected", "true")
	desk.tab.go_back()
	desk.shows_title("Client Application")
	desk.tab.go_forward()
	expect(desk.at("tab-general")).to_have_attribute("aria-selected", "true")


def test_a_deep_link_leads_through_the_sign_in_to_its_place(visit, lived):
	tab = visit().tab()
	tab.goto(f"{lived.url}/console/ACME/people/users?search=agent")
	give_password(tab, PA)
	desk = Desk(tab, lived)
	expect(desk.row(p.SMITH.id)).to_be_visible()
	expect(desk.at("users-search")).to_have_value("agent")
	assert re.fullmatch(r".*/console/ACME/people/users\?search=agent", tab.url)


def test_unsaved_changes_are_asked_about_on_every_way_out(there):
	desk = there("people", "users")
	desk.row(p.SMITH.id).get_by_role("link").first.click()
	desk.fill("field-email", "else@example.com")
	expect(desk.at("unsaved")).to_be_visible()
	desk.at("nav-customers").click()
	expect(desk.at("leaving")).to_be_visible()
	desk.button("Stay").click()
	expect(desk.at("field-email")).to_have_value("else@example.com")
	desk.tab.go_back()
	expect(desk.at("leaving")).to_be_visible()
	desk.button("Stay").click()
	asked = []
	with desk.tab.expect_event("dialog") as dialog:
		desk.tab.on("dialog", lambda one: (asked.append(one.type), one.dismiss()))
		desk.tab.evaluate("setTimeout(() => location.reload())")
	assert dialog.value.type == "beforeunload" and asked == ["beforeunload"]
	expect(desk.at("field-email")).to_have_value("else@example.com")
	desk.at("nav-customers").click()
	desk.button("Leave without saving").click()
	desk.shows_title("Customers")


def test_what_was_saved_is_left_without_a_question(there):
	desk = there("people", "users", p.ZOE.id)
	desk.fill("field-email", "zoe@example.com")
	desk.save()
	expect(desk.at("unsaved")).to_have_count(0)
	desk.at("nav-customers").click()
	desk.shows_title("Customers")


def focused(tab):
	return tab.evaluate("document.activeElement?.dataset.testid ?? document.activeElement?.getAttribute('href') ?? document.activeElement?.innerText ?? ''")


def walk_to(desk, wanted, key="Tab", most=80):
	"""Presses the key until that control has the focus; each stop on the way can be seen."""
	for _ in range(most):
		if focused(desk.tab) == wanted:
			return
		desk.tab.keyboard.press(key)
		seen = desk.tab.evaluate("""() => { const one = document.activeElement
			if (one === document.body || one.tagName === 'INPUT') return true
			const style = getComputedStyle(one)
			return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || one.tabIndex < 0 }""")
		assert seen, f"no one sees that {focused(desk.tab)!r} has the focus"
	raise AssertionError(f"{wanted} is not reached by {key}: last at {focused(desk.tab)!r}")


def test_an_application_is_registered_by_the_keyboard_alone(there):
	desk = there()
	press = desk.tab.keyboard.press
	press("Tab")
	assert focused(desk.tab) == "#main"  # past the navigation at once
	walk_to(desk, "department")
	press("Enter")
	expect(desk.at("department-option").first).to_be_visible()
	press("ArrowDown")
	press("Enter")
	desk.shows_title("Overview")
	walk_to(desk, "nav-client-applications")
	press("Enter")
	desk.shows_title("Client Application")
	assert focused(desk.tab) == "page-title"  # a screen reader says where one is
	walk_to(desk, "create")
	press("Enter")
	desk.shows_title("New client application")
	walk_to(desk, "field-name")
	desk.tab.keyboard.type("By keyboard")
	walk_to(desk, "platform-web")
	press("ArrowDown")
	expect(desk.at("platform-spa")).to_be_checked()
	walk_to(desk, "field-redirect_urls-0")
	desk.tab.keyboard.type("https://app.example.com/callback")
	press("Enter")  # as in any form
	desk.shows_title("By keyboard")
	walk_to(desk, "metadata")
	press("Enter")
	expect(desk.at("metadata-sheet")).to_be_visible()
	press("Escape")
	expect(desk.at("metadata-sheet")).to_have_count(0)
	expect(desk.at("metadata")).to_be_focused()  # back where one was


def test_the_tabs_name_of_the_browser_says_the_screen(there):
	assert there("people", "users").tab.title() == "Users · Administration Console"


def test_a_person_chooses_light_or_dark(there):
	desk = there()
	for label, scheme in (("Dark", "dark"), ("Light", "light")):
		desk.at("scheme").click()
		desk.tab.get_by_role("menuitem", name=label).click()
		expect(desk.tab.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)


def test_a_list_says_that_the_server_is_away_and_goes_on_when_it_is_back(desk, open_site, lived_store, screenshots):
	site = open_site(lived_store)
	one = desk(site, at="people/users")
	expect(one.row(p.SMITH.id)).to_be_visible()
	listen = site.url.removeprefix("http://")
	site.stop()
	one.at("users-search").fill("agent")
	expect(one.at("problem")).to_be_visible()
	expect(one.at("problem")).to_contain_text(re.compile("reach", re.IGNORECASE))
	one.tab.screenshot(path=screenshots / "server-away-light-1280.png")
	assert grave_violations(one.tab) == []
	with Site(site.store, "--address-failures", "1000000", listen=listen):
		one.button("Try again").click()
		expect(one.row(p.SMITH.id)).to_be_visible()


def test_what_was_typed_is_kept_when_the_server_is_away(desk, open_site, lived_store):
	site = open_site(lived_store)
	one = desk(site, at=f"people/users/{p.SMITH.id}")
	one.fill("field-email", "kept@example.com")
	listen = site.url.removeprefix("http://")
	site.stop()
	one.at("save").click()
	expect(one.at("problem")).to_be_visible()
	expect(one.at("field-email")).to_have_value("kept@example.com")
	with Site(site.store, "--address-failures", "1000000", listen=listen):
		one.save()
	assert [user["email"] for user in d.partition_of(site.store.export())["users"] if user["id"] == p.SMITH.id] == ["kept@example.com"]


def test_a_refusal_stands_at_its_field_and_takes_the_focus(there):
	desk = there("people", "new-user")
	desk.fill("field-username", PA.name)
	desk.at("save").click()
	expect(desk.at("field-username")).to_have_attribute("aria-invalid", "true")
	expect(desk.at("field-username")).to_be_focused()
