"""Each page as people see it: three widths, light and dark, two languages; judged by axe-core and by eye (build-test/screenshots)."""

import pytest
from house import HOSTILE, PLAIN, UNNAMED, account_url, authorize_url, somebody
from support.chromium import grave_violations, is_wider_than_its_window

WIDTHS = {360: 760, 768: 1024, 1440: 900}
LANGUAGES = {"en": ("en-GB", "ltr"), "ar": ("ar-EG", "rtl")}
MOUSE_TARGET = 44


def sign_in(tab, person, password=None):
	tab.fill("#username", person.name)
	tab.fill("#password", password or person.password)
	tab.click("#submit")


def at_sign_in(tab, site, callback):
	tab.goto(authorize_url(site, callback))


def at_plain_sign_in(tab, site, callback):
	tab.goto(authorize_url(site, callback, where=PLAIN))


def at_wrong_password(tab, site, callback):
	tab.goto(authorize_url(site, callback))
	sign_in(tab, somebody(), "not the password")
	tab.wait_for_selector("[role=alert]")


def at_customers_sign_in(tab, site, callback):
	tab.goto(account_url(site, realm="C"))


def at_consent(tab, site, callback):
	tab.goto(authorize_url(site, callback))
	sign_in(tab, somebody())
	tab.wait_for_selector("#allow")


def at_hostile_consent(tab, site, callback):
	tab.goto(authorize_url(site, callback, HOSTILE, scope="openid"))
	sign_in(tab, somebody())
	tab.wait_for_selector("#allow")


def at_form_post(tab, site, callback):
	"""The client application answers with nothing, so the browser stays where it is."""
	tab.route(callback.url + "/**", lambda route: route.fulfill(status=204))
	tab.goto(authorize_url(site, callback, response_mode="form_post"))
	sign_in(tab, somebody())
	tab.click("#allow")
	tab.wait_for_selector("#continue")


def at_dead_end(tab, site, callback):
	tab.goto(authorize_url(site, callback, redirect_uri="https://evil.example/" + "a" * 200))


def at_foreign_attempt(tab, site, callback):
	tab.goto(authorize_url(site, callback))
	tab.context.clear_cookies()
	sign_in(tab, somebody())
	tab.wait_for_selector("main:has(form) [role=alert]")


def at_account(tab, site, callback):
	person = somebody()
	other = tab.context.browser.new_context(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1")
	elsewhere = other.new_page()
	elsewhere.goto(account_url(site))
	sign_in(elsewhere, person)
	elsewhere.wait_for_selector("#sign-out-button")
	other.close()
	tab.goto(authorize_url(site, callback))
	sign_in(tab, person)
	tab.click("#allow")
	callback.wait()
	tab.goto(account_url(site))
	tab.wait_for_selector("#sign-out-button")


def at_refused_password(tab, site, callback):
	tab.goto(account_url(site))
	sign_in(tab, somebody())
	tab.fill("#current", "not the password")
	tab.fill("#new", "a new long password")
	tab.fill("#again", "a new long password")
	tab.click("#change-password")
	tab.wait_for_selector("[role=alert]")


def at_signed_out(tab, site, callback):
	tab.goto(account_url(site))
	sign_in(tab, somebody())
	tab.click("#sign-out-button")
	tab.wait_for_selector("#again[href]")


def at_logout(tab, site, callback):
	tab.goto(account_url(site))
	sign_in(tab, somebody())
	tab.wait_for_selector("#sign-out-button")
	tab.goto(account_url(site).removesuffix("/account") + "/oauth2/logout")
	tab.wait_for_selector("#confirm-logout")


def at_errors(tab, site, callback):
	tab.goto(site.url + "/errors")


def at_error(tab, site, callback):
	tab.goto(site.url + "/errors/redirect-uri-unregistered")


def at_front(tab, site, callback):
	tab.goto(site.url + "/")


FOR_PEOPLE = [at_sign_in, at_plain_sign_in, at_wrong_password, at_customers_sign_in, at_consent, at_hostile_consent, at_form_post, at_dead_end, at_foreign_attempt,
              at_account, at_refused_password, at_logout, at_signed_out]
FOR_DEVELOPERS = [at_errors, at_error, at_front]  # English only
CASES = [(at, language) for at in FOR_PEOPLE for language in LANGUAGES] + [(at, "en") for at in FOR_DEVELOPERS]


def small_targets(tab):
	"""Buttons and fields that a finger would miss (WCAG 2.1, 2.5.5)."""
	return tab.evaluate("""least => [...document.querySelectorAll('button, input, summary, .button')]
		.filter(one => one.type !== 'hidden' && one.checkVisibility())
		.map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
		.filter(([, box]) => box.height < least || box.width < least).map(([html]) => html)""", MOUSE_TARGET)


@pytest.mark.parametrize("at,language", CASES, ids=[f"{at.__name__[3:]}-{language}" for at, language in CASES])
def test_a_page_is_good_at_every_width_in_light_and_dark(site, callback, visit, screenshots, at, language):
	locale, direction = LANGUAGES[language]
	tab = visit(locale).tab()
	at(tab, site, callback)
	assert tab.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [language, direction]
	assert tab.locator("h1").count() == 1 and tab.locator("main").count() == 1
	for scheme in ("light", "dark"):
		tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is judged halfway
		for width, height in WIDTHS.items():
			tab.set_viewport_size({"width": width, "height": height})
			tab.screenshot(path=screenshots / f"{at.__name__[3:]}-{language}-{scheme}-{width}.png", full_page=True)
			assert not is_wider_than_its_window(tab), f"{scheme}, {width} px: the page scrolls sideways"
			assert small_targets(tab) == [], f"{scheme}, {width} px"
			assert grave_violations(tab) == [], f"{scheme}, {width} px"


@pytest.mark.parametrize("at", [at_wrong_password, at_consent, at_dead_end, at_account], ids=lambda at: at.__name__[3:])
def test_text_of_twice_the_size_fits_a_phone(site, callback, visit, screenshots, at):
	"""WCAG 2.1, 1.4.4."""
	tab = visit(viewport={"width": 360, "height": 760}).tab()
	at(tab, site, callback)
	before = tab.evaluate("getComputedStyle(document.querySelector('h1')).fontSize")
	tab.evaluate("document.documentElement.style.fontSize = '200%'")
	assert float(tab.evaluate("getComputedStyle(document.querySelector('h1')).fontSize")[:-2]) == 2 * float(before[:-2])
	tab.screenshot(path=screenshots / f"{at.__name__[3:]}-en-light-360-text-200.png", full_page=True)
	assert not is_wider_than_its_window(tab)


def test_forced_colours_leave_every_control_an_edge(site, callback, visit, screenshots):
	tab = visit(forced_colors="active").tab()
	at_consent(tab, site, callback)
	tab.screenshot(path=screenshots / "consent-en-forced-colors-1280.png", full_page=True)
	edges = tab.evaluate("""[...document.querySelectorAll('main, button')].map(one => [getComputedStyle(one).borderTopColor,
		getComputedStyle(one).backgroundColor, parseFloat(getComputedStyle(one).borderTopWidth)])""")
	assert len(edges) == 4 and all(edge != ground and width >= 1 for edge, ground, width in edges), edges


def test_nothing_moves_for_those_who_want_no_motion(site, callback, visit):
	for motion, moves in (("reduce", False), ("no-preference", True)):
		tab = visit(reduced_motion=motion).tab()
		at_sign_in(tab, site, callback)
		assert (tab.evaluate("parseFloat(getComputedStyle(document.querySelector('#submit')).transitionDuration)") > 0) == moves


def test_a_partition_shows_its_logo_and_its_colour(site, callback, visit):
	tab = visit().tab()
	at_sign_in(tab, site, callback)
	assert tab.evaluate("[...document.images].map(one => [one.alt, one.complete && one.naturalWidth > 0])") == [["Northwind Service", True]]
	assert tab.evaluate("getComputedStyle(document.querySelector('#submit')).backgroundColor") == "rgb(122, 46, 142)"
	at_plain_sign_in(tab, site, callback)
	assert tab.locator("img").count() == 0
	assert tab.locator(".brand-name").inner_text() == "Plain & Co" and tab.locator(".mark").inner_text() == "P"


def test_a_permission_is_explained_in_words_with_its_name_beneath(site, callback, visit):
	tab = visit().tab()
	at_consent(tab, site, callback)
	items = dict(reversed(item.split("\n")) for item in tab.locator(".permissions li").all_inner_texts())
	assert set(items) == {"openid", "profile", "email", "offline_access", "knowledge.portalmgr.read", UNNAMED}
	assert items["knowledge.portalmgr.read"] == "Read articles of the knowledge base"
	assert UNNAMED in items[UNNAMED] and items[UNNAMED] != UNNAMED
	assert all(len(items[name].split()) > 3 for name in items)


def test_markup_in_the_name_of_an_application_stays_text(site, callback, visit):
	"""A15, and names that run from right to left: the words around them stay in order."""
	tab = visit().tab()
	at_hostile_consent(tab, site, callback)
	assert "taken" not in tab.title() and tab.locator("script, main b").count() == 0
	heading = tab.locator("h1").inner_text()
	assert heading.startswith("Allow \"><script>") and heading.endswith("access to your account?")
	assert tab.evaluate("getComputedStyle(document.querySelector('h1 bdi')).unicodeBidi") == "isolate"
