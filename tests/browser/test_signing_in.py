"""What people do with the pages: with a mouse, with keys alone, without script, in two tabs."""

import re
from urllib.parse import urlsplit

import pytest
from house import PARTITION, CallbackServer, account_url, authorize_url, somebody
from test_pages import sign_in

STATE = "a1b2c3d4e5f67890"


def issuer(site):
	return f"{site.url}/system/auth/{PARTITION}-U"


def code_of(answer, site, state=STATE):
	assert set(answer) == {"code", "state", "iss"} and answer["state"] == state and answer["iss"] == issuer(site), answer
	assert re.fullmatch(r"[A-Za-z0-9_-]{43}", answer["code"])
	return answer["code"]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_wrong_password_then_the_right_one(site, callback, visit, script):
	tab, person = visit(script=script).tab(), somebody()
	tab.goto(authorize_url(site, callback))
	sign_in(tab, person, "not the password")
	assert "username or password is wrong" in tab.locator("[role=alert]").inner_text()
	assert tab.locator("#username").input_value() == person.name
	assert tab.locator("#password").input_value() == ""
	tab.fill("#password", person.password)
	tab.click("#submit")
	tab.click("#allow")
	[(method, answer)] = callback.wait()
	assert method == "GET" and code_of(answer, site)
	tab.wait_for_selector("#arrived")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_consent_denied_goes_back_as_access_denied(site, callback, visit, script):
	tab = visit(script=script).tab()
	tab.goto(authorize_url(site, callback))
	sign_in(tab, somebody())
	tab.click("#deny")
	[(_, answer)] = callback.wait()
	assert answer["error"] == "access_denied" and answer["state"] == STATE and "code" not in answer


def test_consent_is_asked_once_and_remembered(site, callback, visit):
	tab = visit().tab()
	tab.goto(authorize_url(site, callback))
	sign_in(tab, somebody())
	tab.click("#allow")
	callback.wait()
	tab.wait_for_selector("#arrived")
	tab.goto(authorize_url(site, callback, state="again"))
	tab.wait_for_selector("#arrived")
	assert code_of(callback.wait(2)[1][1], site, "again")


def test_form_post_goes_on_by_itself_and_wherever_the_application_leads(site, callback, visit):
	"""Browsers hold form-action against redirects behind a form: the page must not stop the application's own."""
	beyond = CallbackServer()
	callback.leads_on_to = beyond.url + "/home"
	tab = visit().tab()
	tab.goto(authorize_url(site, callback, response_mode="form_post"))
	sign_in(tab, somebody())
	tab.click("#allow")
	[(method, answer)] = callback.wait()
	assert method == "POST" and code_of(answer, site)
	beyond.wait()
	tab.wait_for_selector("#arrived")
	beyond.stop()


def test_form_post_has_a_button_where_no_script_runs(site, callback, visit):
	tab = visit(script=False).tab()
	tab.goto(authorize_url(site, callback, response_mode="form_post"))
	sign_in(tab, somebody())
	tab.click("#allow")
	assert callback.arrived == []
	tab.click("#continue")
	[(method, answer)] = callback.wait()
	assert method == "POST" and code_of(answer, site)


def focused(tab):
	return tab.evaluate("document.activeElement.id")


def press_until(tab, wanted, presses=12):
	for _ in range(presses):
		if focused(tab) == wanted:
			return
		tab.keyboard.press("Tab")
	raise AssertionError(f"{wanted} is not reached by Tab; {focused(tab)} is")


def test_keys_alone_lead_through_sign_in_and_consent(site, callback, visit):
	tab, person = visit().tab(), somebody()
	tab.goto(authorize_url(site, callback))
	assert focused(tab) == "username"
	tab.keyboard.type(person.name)
	tab.keyboard.press("Tab")
	assert focused(tab) == "password"
	tab.keyboard.type("not the password")
	tab.keyboard.press("Enter")
	tab.wait_for_selector("[role=alert]")
	assert focused(tab) == "password"
	tab.keyboard.type(person.password)
	press_until(tab, "submit")
	tab.keyboard.press("Enter")
	tab.wait_for_selector("#allow")
	press_until(tab, "allow")
	assert float(tab.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")) >= 2
	tab.keyboard.press("Enter")
	assert code_of(callback.wait()[0][1], site)


def test_not_you_leads_to_another_account(site, callback, visit):
	tab, first, second = visit().tab(), somebody(), somebody()
	tab.goto(authorize_url(site, callback))
	sign_in(tab, first)
	tab.click("#other")
	sign_in(tab, second)
	tab.wait_for_selector("#allow")
	assert second.name.replace("-", " ") in tab.locator(".who").inner_text().lower().replace("-", " ")
	tab.click("#allow")
	assert code_of(callback.wait()[0][1], site)


def test_the_language_is_the_applications_wish_or_else_the_browsers(site, callback, visit):
	tab = visit("ar-EG").tab()
	tab.goto(authorize_url(site, callback))
	assert tab.locator("html").get_attribute("dir") == "rtl"
	tab.goto(authorize_url(site, callback, ui_locales="fr en"))
	assert tab.locator("html").get_attribute("dir") == "ltr"
	tab = visit("en-GB").tab()
	tab.goto(authorize_url(site, callback, ui_locales="ar-MA"))
	assert tab.locator("html").get_attribute("lang") == "ar"


# ---- dead ends


def test_a_wrong_redirect_address_ends_on_a_page_without_a_way_to_it(site, callback, visit):
	tab = visit().tab()
	reply = tab.goto(authorize_url(site, callback, redirect_uri="https://evil.example/callback"))
	assert reply.status == 400 and urlsplit(tab.url).netloc == urlsplit(site.url).netloc
	assert tab.locator("a, form, input, button").count() == 0
	facts = tab.locator(".facts").inner_text()
	assert "redirect-uri-unregistered" in facts and reply.headers["x-request-id"] in facts
	assert "egist" in facts  # what to do: register it


def test_an_unknown_client_application_ends_on_a_page(site, callback, visit):
	tab = visit().tab()
	reply = tab.goto(authorize_url(site, callback, client_id="nobody"))
	assert reply.status == 400 and tab.locator("a, form").count() == 0
	assert "authorize-client" in tab.locator(".facts").inner_text()


def test_a_form_that_another_browser_began_is_shown_anew_and_signs_nobody_in(site, callback, visit):
	"""A13; tabs that began before this browser had its cookie come home all the same."""
	tab = visit().tab()
	tab.goto(authorize_url(site, callback))
	tab.context.clear_cookies()
	sign_in(tab, somebody())
	tab.wait_for_selector("[role=alert]")
	assert "enter your password again" in tab.locator("[role=alert]").inner_text() and tab.locator("#password").input_value() == ""
	assert callback.arrived == []
	sign_in(tab, somebody())
	tab.wait_for_selector("#allow")


def test_our_pages_stay_out_of_frames(site, callback, visit):
	"""A13."""
	browser = visit()
	tab = browser.tab()
	tab.goto(callback.url + "/frame")
	tab.evaluate("""url => new Promise(done => {
		const frame = document.createElement('iframe'); frame.onload = done; frame.src = url; document.body.append(frame) })""", authorize_url(site, callback))
	[frame] = [frame for frame in tab.frames if frame != tab.main_frame]
	assert frame.locator("#username").count() == 0
	assert browser.complaints, "the browser did not say that it refused"
	browser.complaints.clear()


# ---- two tabs


def test_two_tabs_do_not_disturb_each_other(site, callback, visit):
	browser, person = visit(), somebody()
	first, second = browser.tab(), browser.tab()
	first.goto(authorize_url(site, callback, state="first"))
	second.goto(authorize_url(site, callback, state="second"))
	sign_in(second, person)
	second.click("#allow")
	second.wait_for_selector("#arrived")
	sign_in(first, person)
	first.wait_for_selector("#arrived, #allow")
	if first.locator("#allow").count():
		first.click("#allow")
	answers = {answer["state"]: answer for _, answer in callback.wait(2)}
	assert code_of(answers["first"], site, "first") != code_of(answers["second"], site, "second")


def test_a_tab_whose_person_was_replaced_asks_who_is_there(site, callback, visit):
	"""A18: the first tab's consent never speaks for the second person."""
	browser, first_person, second_person = visit(), somebody(), somebody()
	first, second = browser.tab(), browser.tab()
	first.goto(authorize_url(site, callback, state="first"))
	sign_in(first, first_person)
	first.wait_for_selector("#allow")
	second.goto(authorize_url(site, callback, state="second", prompt="login"))
	sign_in(second, second_person)
	second.wait_for_selector("#allow")
	first.click("#allow")
	first.wait_for_selector("#username")
	assert "somebody else" in first.locator("[role=alert]").inner_text()
	assert callback.arrived == []


# ---- the person's own page


def at_own_page(tab, site, person):
	tab.goto(account_url(site))
	sign_in(tab, person)
	tab.wait_for_selector("#sign-out-button")


def change_password(tab, current, new, again=None):
	tab.fill("#current", current)
	tab.fill("#new", new)
	tab.fill("#again", again or new)
	tab.click("#change-password")
	tab.wait_for_selector("[role=alert]")
	return tab.locator("[role=alert]").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_password_is_changed_by_its_owner(site, callback, visit, script):
	tab, person = visit(script=script).tab(), somebody()
	at_own_page(tab, site, person)
	assert "current password is wrong" in change_password(tab, "not the password", "a new long password")
	assert "not the same" in change_password(tab, person.password, "a new long password", "another one")
	assert "too short" in change_password(tab, person.password, "short")
	assert "must not be your username" in change_password(tab, person.password, person.name)
	assert "has been changed" in change_password(tab, person.password, "a new long password")
	other = visit().tab()
	other.goto(account_url(site))
	sign_in(other, person)
	assert "password is wrong" in other.locator("[role=alert]").inner_text()
	sign_in(other, person, "a new long password")
	other.wait_for_selector("#sign-out-button")


def test_a_session_elsewhere_is_ended_by_its_owner(site, callback, visit):
	here, there, person = visit().tab(), visit().tab(), somebody()
	at_own_page(there, site, person)
	at_own_page(here, site, person)
	assert here.locator(".entry").count() == 2 and here.locator(".entry.present").count() == 1
	assert "This browser" in here.locator(".entry.present").inner_text()
	here.locator(".entry:not(.present) button").click()
	assert "has been ended" in here.locator("[role=alert]").inner_text()
	assert here.locator(".entry").count() == 1
	there.reload()
	there.wait_for_selector("#username")


def test_access_is_withdrawn_by_its_owner(site, callback, visit):
	tab, person = visit().tab(), somebody()
	tab.goto(authorize_url(site, callback))
	sign_in(tab, person)
	tab.click("#allow")
	tab.wait_for_selector("#arrived")
	tab.goto(account_url(site))
	applications = tab.locator("section[aria-labelledby=applications] .entry")
	assert applications.count() == 1 and "Customer Portal" in applications.inner_text()
	applications.locator("summary").click()
	assert "Read articles of the knowledge base" in applications.inner_text()
	applications.get_by_role("button", name="Withdraw access from Customer Portal").click()
	assert "has been withdrawn" in tab.locator("[role=alert]").inner_text()
	assert applications.count() == 0
	tab.goto(authorize_url(site, callback))
	tab.wait_for_selector("#allow")


def test_signing_out_ends_the_session_of_this_browser(site, callback, visit):
	tab, person = visit().tab(), somebody()
	at_own_page(tab, site, person)
	tab.click("#sign-out-button")
	tab.wait_for_selector("h1:has-text('You are signed out')")
	tab.click("#again")
	tab.wait_for_selector("#username")
	another = tab.context.new_page()
	another.goto(account_url(site))
	another.wait_for_selector("#username")
	assert another.locator("#change-password").count() == 0
