"""A client secret is on the screen once, and nowhere afterwards: not with the server, and not in the browser."""

import os
import shutil

import pytest
from desk import Desk, expect
from support import documents as d
from support import people as p
from support.admin import Administrator, done
from support.oauth import client_credentials, granted
from support.people import PA

# Everything that a page of this origin could have left behind.
LEFT_BEHIND = """async () => {
	const databases = await Promise.all((await indexedDB.databases()).map(async ({ name }) => {
		const database = await new Promise((good, bad) => Object.assign(indexedDB.open(name), { onsuccess: event => good(event.target.result), onerror: bad }))
		const stores = [...database.objectStoreNames]
		return Promise.all(stores.map(store => new Promise((good, bad) => Object.assign(database.transaction(store).objectStore(store).getAll(),
			{ onsuccess: event => good(event.target.result), onerror: bad }))))
	}))
	const kept = await Promise.all((await caches.keys()).map(async name => {
		const cache = await caches.open(name)
		return Promise.all((await cache.keys()).map(async request => [request.url, await (await cache.match(request)).text()]))
	}))
	return JSON.stringify({
		local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie, databases, kept,
		history: [location.href, history.state, history.length], visited: performance.getEntries().map(one => one.name),
		name: window.name, document: document.documentElement.outerHTML, values: [...document.querySelectorAll('input, textarea')].map(one => one.value),
		clipboardless: Object.keys(window).filter(key => typeof window[key] === 'string').map(key => window[key]),
	})
}"""


@pytest.fixture
def profile(chromium, tmp_path):
	"""A browser whose profile is a folder, so that its files can be looked through when it is closed."""
	options = ["--no-sandbox"] if os.geteuid() == 0 else []
	folder = tmp_path / "profile"
	context = chromium.browser_type.launch_persistent_context(folder, executable_path=shutil.which("chromium"), args=options, locale="en-GB")
	yield folder, context
	context.close()


def bytes_of(folder):
	return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file() and not file.is_symlink()}


def holders(files, secret):
	"""The files that hold it, in either width of character."""
	return [name for name, content in files.items() if secret.encode() in content or secret.encode("utf-16-le") in content]


def test_a_secret_is_nowhere_once_its_dialog_is_closed(site, profile):
	folder, context = profile
	replies = []
	tab = context.new_page()
	desk = Desk(tab, site)
	desk.sign_in(PA, f"integration/client-applications/{p.WEB.id}/secrets")
	secret = desk.new_secret("for the portal")
	granted(client_credentials(site, d.Client(p.WEB.id, secret), d.APP_READ))  # it is a real one

	# The page itself: where it was shown, after going on, and after coming back.
	tab.on("response", lambda reply: replies.append(reply))
	assert secret not in tab.evaluate(LEFT_BEHIND)
	desk.tab_of("general")
	desk.tab_of("secrets")
	expect(desk.row("for the portal")).to_be_visible()
	assert secret not in tab.evaluate(LEFT_BEHIND)
	desk.follow("audit")
	desk.at("audit").get_by_role("link", name="Client secret added").first.click()
	expect(desk.at("facts")).to_be_visible()
	tab.wait_for_load_state("networkidle")
	texts = [reply.text() for reply in replies if "/admin/v1/" in reply.url and reply.ok]
	assert texts and not [text for text in texts if secret in text]
	assert secret not in tab.evaluate(LEFT_BEHIND)
	tab.reload()
	desk.shows_title()
	tab.go_back()
	desk.shows_title()
	assert secret not in tab.evaluate(LEFT_BEHIND)
	assert secret not in str(context.storage_state(indexed_db=True)) + str(context.cookies())
	context.close()
	files = bytes_of(folder)
	assert any("Cookies" in name for name in files) and holders(files, secret) == []


def test_the_server_tells_a_secret_to_nobody_again(site, desk):
	one = desk(site, at=f"integration/client-applications/{p.WEB.id}/secrets")
	secret = one.new_secret("for the portal")
	granted(client_credentials(site, d.Client(p.WEB.id, secret), d.APP_READ))
	caller = Administrator(site)
	application = done(caller.get("client-applications", p.WEB.id))
	assert "for the portal" in [one["label"] for one in application["secrets"]] and secret not in str(application)
	events = caller.events()
	assert any(event["action"] == "secret.added" for event in events) and secret not in str(events)
	for names in (("client-applications",), ("client-applications", p.WEB.id, "metadata"), ("audit-events",), ("statistics",), ("grants",)):
		reply = caller.get(*names, **({"measure": "tokens_issued", "step": "hour", "from": "2026-01-01T00:00:00Z"} if names == ("statistics",) else {}),
		                   **({"realm": "user"} if names == ("grants",) else {}))
		assert secret not in reply.text
	lines = caller.get("audit-events", headers={"Accept": "application/jsonl"})
	assert lines.status_code == 200 and "secret.added" in lines.text and secret not in lines.text
	site.stop()
	exported = site.store.export_text()
	assert "for the portal" in exported and secret not in exported
	said = [*map(str, site.lines), *site.broken_lines, *site.output]
	assert any("secret.added" in line for line in said) and not [line for line in said if secret in line]
	assert holders(bytes_of(site.store.folder), secret) == []


def test_a_secret_that_try_it_made_is_gone_with_the_page(site, desk):
	one = desk(site, at=f"integration/client-applications/{p.WEB.id}/try-it")
	one.at("flow-client_credentials").click()
	one.at("make-try-secret").click()
	expect(one.at("client-secret")).not_to_have_value("")
	secret = one.at("client-secret").input_value()
	one.at("run").click()
	expect(one.at("access-token")).to_be_visible()
	assert secret not in one.tab.locator("body").inner_text()
	stored = one.tab.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state])")
	assert secret not in stored
	one.tab.reload()
	one.shows_title()
	one.at("flow-client_credentials").click()
	expect(one.at("client-secret")).to_have_value("")
	assert secret not in one.tab.evaluate(LEFT_BEHIND)
