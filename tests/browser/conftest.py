"""A real browser before a real server: Chromium of the system, driven by Playwright. scripts/setup browser installs what is needed."""

import dataclasses
import os
import pathlib
import re
import shutil

import pytest
from house import CallbackServer, directory
from support.people import Site
from support.program import Store, find_binary

SCREENSHOTS = pathlib.Path(find_binary() or "build-test/writ").parent / "screenshots"


@pytest.fixture(scope="session")
def chromium():
	program = shutil.which("chromium")
	if program is None:
		pytest.skip("Chromium is missing: scripts/setup browser installs it")
	playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: tests/requirements.txt names it")
	with playwright.sync_playwright() as driver:
		# Chromium's own sandbox does not start for root.
		browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
		yield browser
		browser.close()


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory):
	"""A server of its own address, so that cookies, redirects and the content security policy are what people meet."""
	pictures = CallbackServer()
	store = Store(tmp_path_factory.mktemp("house"))
	store.apply(directory(pictures.url + "/logo.svg"))
	running = Site(store)
	yield running
	running.stop()
	pictures.stop()


@pytest.fixture
def callback():
	"""Where a client application waits for its answer."""
	server = CallbackServer()
	yield server
	server.stop()


@dataclasses.dataclass
class Visit:
	"""One browser of one person: its cookies, its tabs, and what the pages complained about."""

	context: object
	complaints: list

	def tab(self):
		page = self.context.new_page()
		page.on("console", lambda message: self._note(message.text))
		page.on("pageerror", lambda error: self.complaints.append(str(error)))
		return page

	def _note(self, text):
		if re.search("Content.Security.Policy|Refused to|Mixed Content", text):
			self.complaints.append(text)


@pytest.fixture
def visit(chromium):
	"""visit(language=…, script=…): a browser that nobody has used; its pages may break no policy of ours."""
	visits = []

	def begin(language="en-GB", script=True, **options):
		context = chromium.new_context(locale=language, java_script_enabled=script, **options)
		context.set_default_timeout(60_000)
		visits.append(Visit(context, []))
		return visits[-1]

	yield begin
	for one in visits:
		one.context.close()
		assert one.complaints == []


@pytest.fixture(scope="session")
def screenshots():
	SCREENSHOTS.mkdir(parents=True, exist_ok=True)
	return SCREENSHOTS
